"""Two people and three devices live at random with a server that loses answers and lies, against a small model.

The model knows which texts were written, on which record, in whose stead, and which of them were acknowledged. A lie
may be named or come to nothing; no device ever shows what nobody wrote, forgets a commit it has seen, or loses a write
that was taken; none takes keys or a way in that the server made, or forgets a statement of keys; and when the lies
stop, everything is the same everywhere without a hand.

MINDHAVEN_LIVED_EXAMPLES: how many lives (a few in the suite, more in a night).
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.simulators.kept import kept
from tests.simulators.logged import publish
from tests.simulators.world import CLOCKS, PASS, SPARE, Frozen, Homes, Hostile, Time, mood
from tests.soak import check
from tests.soak.device import Erasure, Mark, Told

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import RootKey
from mindhaven.errors import MindhavenError, NotFoundError
from mindhaven.kernel import Limit
from mindhaven.kinds import Record
from mindhaven.protocol.account import Identity, genesis, succeed, verify_chain
from mindhaven.protocol.collection import Role
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.slots import SlotList
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.client import Entry
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.ways import New
from mindhaven.server.build import Server
from mindhaven.wire.accounts import AccountShown, ChainShown, ChangeKeys

EXAMPLES = int(os.environ.get("MINDHAVEN_LIVED_EXAMPLES", "8"))
STEPS = 24
NAMES = ("phone", "laptop", "ben")
DEVICE = st.sampled_from(NAMES)
PICK = st.integers(0, 30)


async def _lives(_: Server, home: Homes) -> tuple[bytes, str]:
    phone, laptop, ben = (home(name) for name in NAMES)
    await phone.sign_up(PASS, word="ana", recovery_key=SPARE)
    await ben.sign_up(PASS, word="ben")
    await phone.add_contact(ben.card, name="Ben")
    await ben.add_contact(phone.card, name="Ana")
    phone.add(mood("start"))
    await phone.sync()
    listed = phone.index.named("mood")
    assert listed is not None
    await phone.share("mood", "Ben", role=Role.WRITER)
    await laptop.log_in(phone.me.handle, PASS)
    await laptop.sync()
    await ben.sync()
    await phone.sync()
    return listed.id, phone.me.handle


# -- lies: each changes one answer, or gives None where it does not fit

Lie = Callable[[list[Any], int], list[Any] | None]


def _without_commit(page: list[Any], n: int) -> list[Any] | None:
    if not page[2]:
        return None
    del page[2][n % len(page[2])]
    return page


def _withheld(page: list[Any], n: int) -> list[Any] | None:
    having = [entry for entry in page[2] if any(entry[1])]
    if not having:
        return None
    having[n % len(having)][1] = [None] * len(having[n % len(having)][1])
    return page


def _swapped(page: list[Any], n: int) -> list[Any] | None:
    having = [entry for entry in page[2] if any(entry[1])]
    if len(having) < 2:
        return None
    first, second = having[n % len(having)], having[(n + 1) % len(having)]
    first[1][0], second[1][0] = second[1][0], first[1][0]
    return page


def _less(page: list[Any], n: int) -> list[Any] | None:
    """Show less than there is, with a head that fits."""
    keep = page[2][: n % (len(page[2]) + 1)]
    if not keep or len(keep) == len(page[2]):
        return None
    body = Signed.of(keep[-1][0])
    return [decode(body.body)[2], body.hash("commit"), keep]


# -- lies about accounts: each changes a chain of statements, or what is shown of one's own account


def _cut(chain: list[bytes], n: int, _liar: "Liar") -> list[bytes] | None:
    """Show a chain without its end."""
    return chain[: 1 + n % (len(chain) - 1)] if len(chain) > 1 else None


def _gap(chain: list[bytes], n: int, _liar: "Liar") -> list[bytes] | None:
    at = n % (len(chain) - 1) if len(chain) > 1 else 0
    return [*chain[:at], *chain[at + 1 :]] if len(chain) > 1 else None


def _followed(chain: list[bytes], n: int, liar: "Liar") -> list[bytes]:
    """Go on from some statement with one that the server signed by a root of its own."""
    kept_ = [Signed.decode(one) for one in chain[: 1 + n % len(chain)]]
    before = verify_chain(decode(kept_[0].body)[0], kept_)
    root = RootKey.fresh()
    made = succeed(before, root, root, Identity.fresh(before.generation + 1), bytes(32)).encode()
    liar.forged.add(Signed.decode(made).body)
    return [*(one.encode() for one in kept_), made]


def _begun(chain: list[bytes], _n: int, liar: "Liar") -> list[bytes]:
    """Show an account of the server's making in the place of the one."""
    made = genesis(RootKey.fresh(), Identity.fresh(1), bytes(32)).encode()
    liar.forged.add(Signed.decode(made).body)
    return [made, *chain[1:]]


def _of_another(chain: list[bytes], n: int, liar: "Liar") -> list[bytes] | None:
    """Put a statement of the other person in the place of one."""
    public = [chains[-1] for path, chains in liar.chains.items() if path.startswith("/v1/accounts/")]
    others = [one for other in public for one in other if one not in chain]
    if not others:
        return None
    at = n % len(chain)
    return [*chain[:at], others[n % len(others)], *chain[at + 1 :]]


def _older(_chain: list[bytes], n: int, liar: "Liar") -> list[bytes] | None:
    seen = liar.chains.get(liar.path, [])
    return seen[n % len(seen)] if seen else None


CHAINS: dict[str, Callable[[list[bytes], int, "Liar"], list[bytes] | None]] = {
    "cut": _cut, "gap": _gap, "followed": _followed, "begun": _begun, "of another": _of_another, "older": _older,
}  # fmt: skip
ACCOUNT_LIES = (*CHAINS, "added slot", "older account", "lost answer")
LOG_LIES = (*CHAINS, "older log", "spoiled log", "away")


PAGES: dict[str, Lie] = {"without": _without_commit, "withheld": _withheld, "swapped": _swapped, "less": _less}
LIES = (*PAGES, "older page", "older list", "lost answer", "away", "lost answer", "away")


class Liar(httpx.AsyncBaseTransport):
    """What stands between one device and the server: it remembers honest answers, and lies when it is told to."""

    def __init__(self, wire: Hostile) -> None:
        self._server, wire.inner = wire.inner, self
        wire.change = self._answer
        self.lie: str | None = None
        self.number = 0
        self.told = False
        self._pages: dict[str, list[bytes]] = {}
        self._lists: list[bytes] = []
        self._logs: dict[str, list[bytes]] = {}
        self._accounts: list[bytes] = []
        self.path = ""
        self.chains: dict[str, list[list[bytes]]] = {}
        """Every chain of statements that was honestly shown, by its path."""
        self.forged: set[bytes] = set()
        """The bodies of the statements, and the keys of the ways in, that the server made."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; `away`: what would change something does not arrive."""
        if self.lie == "away" and request.method != "GET":
            self.told = True
            raise httpx.ConnectError("the server is away")
        return await self._server.handle_async_request(request)

    def _answer(self, request: httpx.Request, content: bytes) -> bytes | httpx.Response | None:
        path = request.url.path
        lie, self_told = self.lie, self.told
        if request.method == "GET" and path.endswith("/commits"):
            kept_pages = self._pages.setdefault(path, [])
            changed: bytes | None = None
            if lie == "older page" and kept_pages:
                changed = kept_pages[self.number % len(kept_pages)]
            elif lie in PAGES:
                page = PAGES[lie](decode(content), self.number)
                changed = None if page is None else encode(page)
            kept_pages.append(content)
            self.told = self_told or (changed is not None and changed != content)
            return changed
        if request.method == "GET" and path == "/v1/collections":
            older = self._lists[self.number % len(self._lists)] if lie == "older list" and self._lists else None
            self._lists.append(content)
            self.told = self_told or (older is not None and older != content)
            return older
        if request.method == "GET" and (path == "/v1/account" or path.startswith("/v1/accounts/")):
            return self._account(path, content)
        if request.method == "GET" and path.startswith("/log/"):
            return self._log(path, content)
        if lie == "lost answer" and request.method != "GET":
            self.told, self.lie = True, None
            raise httpx.ReadError("the answer was lost")
        return None

    def _account(self, path: str, content: bytes) -> bytes | None:
        try:
            kind = AccountShown if path == "/v1/account" else ChainShown
            shown: Any = msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError:  # a refusal
            return None
        honest, self.path = list(shown.statements), path
        changed: bytes | None = None
        if self.lie in CHAINS:
            lied = CHAINS[self.lie](honest, self.number, self)
            if lied is not None and lied != honest:
                changed = msgspec.json.encode(msgspec.structs.replace(shown, statements=lied))
        elif self.lie == "added slot" and path == "/v1/account":
            listed = SlotList.decode(shown.slots)
            added = replace(listed.slots[0], id=bytes([self.number]) * 16, xwing=Identity.fresh(1).public.xwing)
            self.forged.add(added.xwing)
            slots = SlotList(listed.salt, (*listed.slots, added)).encode()
            entries = [*shown.entries, msgspec.structs.replace(shown.entries[0], id=added.id)]
            changed = msgspec.json.encode(msgspec.structs.replace(shown, slots=slots, entries=entries))
        elif self.lie == "older account" and path == "/v1/account" and self._accounts:
            older = self._accounts[self.number % len(self._accounts)]
            changed = older if older != content else None
        if path == "/v1/account":
            self._accounts.append(content)
        self.chains.setdefault(path, []).append(honest)
        self.told = self.told or changed is not None
        return changed

    def _log(self, path: str, content: bytes) -> bytes | None:
        changed: bytes | None = None
        seen = self._logs.setdefault(path, [])
        if self.lie == "older log" and seen:
            changed = seen[self.number % len(seen)]
        elif self.lie == "spoiled log" and content:
            at = self.number * 37 % len(content)
            changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        seen.append(content)
        changed = None if changed == content else changed
        self.told = self.told or changed is not None
        return changed


class Lives(RuleBasedStateMachine):
    """The machine."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mh-lived-"))
        self.moment = Time()
        self.patches = [mock.patch(f"mindhaven.sdk.{module}.time", Frozen(self.moment)) for module in CLOCKS]
        for patch in self.patches:
            patch.start()
        self.loop = asyncio.new_event_loop()
        self.world = kept("lived", self.folder, self.moment, _lives)
        server, self.home, self.made, (self.mood, self.handle) = self.run(self.world.__aenter__())
        server.host.limits._limits = dict.fromkeys(server.host.limits._limits, Limit(burst=10**9, per_minute=10**9))
        self.clients: dict[str, AsyncMindhaven] = {}
        self.liars: dict[str, Liar] = {}
        self.told = Told()
        self.mine: dict[str, list[Mark]] = {name: [] for name in NAMES}
        self.gone: dict[str, list[Erasure]] = {name: [] for name in NAMES}
        self.seen: dict[tuple[bytes, int], str] = {}
        self.chains: dict[tuple[str, bytes], dict[int, bytes]] = {}
        self.truth: dict[tuple[bytes, int], bytes] = {}
        self.count = 0
        self.server = server
        self.forged: set[bytes] = set()
        self.statements: dict[tuple[str, bytes], list[bytes]] = {}
        self.stated: dict[tuple[bytes, int], bytes] = {}
        self.doubts: set[str] = set()
        """Who was lied to when they last read the logs: what they found wrong stays until they read them again."""
        for name in NAMES:
            self.open(name)
        self.uids = [self.clients[name].me.uid for name in ("phone", "ben")]
        (start,) = [one for one in self.clients["phone"].entries() if one.record]
        self.told.marks["start"] = Mark("start", start.item, acked=True)

    def run(self, awaited: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(awaited)

    def open(self, name: str) -> None:
        self.clients[name] = self.home(name)
        self.liars[name] = Liar(self.made[-1])
        self.liars[name].forged = self.forged

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if self.clients:
                self.converges()
        finally:
            self.run(self.world.__aexit__(None, None, None))
            self.loop.close()
            for patch in self.patches:
                patch.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- what people do

    def text(self, name: str) -> str:
        self.count += 1
        return f"{name} {self.count}"

    @rule(name=DEVICE)
    def writes(self, name: str) -> None:
        text = self.text(name)
        mark = Mark(text, self.clients[name].add(mood(text), collection=self.mood if name == "ben" else None))
        self.told.marks[text] = mark
        self.mine[name].append(mark)

    def own(self, name: str, pick: int) -> Entry | None:
        found = [one for one in self.clients[name].entries() if one.record and one.mine]
        return found[pick % len(found)] if found else None

    @rule(name=DEVICE, pick=PICK)
    def edits(self, name: str, pick: int) -> None:
        entry = self.own(name, pick)
        if entry is None or entry.record is None:
            return
        text, old = self.text(name), entry.record
        record = Record(kind=old.kind, version=old.version, created_at=old.created_at, zone=old.zone,
                        body=dict(old.body) | {"note": text})  # fmt: skip
        self.clients[name].revise(entry, record)
        mark = Mark(text, entry.item, base=str(old.body["note"]))
        self.told.marks[text] = mark
        self.mine[name].append(mark)

    @rule(name=DEVICE, pick=PICK)
    def erases(self, name: str, pick: int) -> None:
        entry = self.own(name, pick)
        if entry is None or entry.record is None:
            return
        erasure = Erasure(entry.item, str(entry.record.body["note"]))
        self.told.erasures.append(erasure)
        self.gone[name].append(erasure)
        self.clients[name].erase(entry)

    @rule(name=DEVICE)
    def reopens(self, name: str) -> None:
        """The program ends and begins again; nothing was said to the server."""
        self.run(self.clients[name].close())
        self.open(name)

    @rule()
    def shares(self) -> None:
        self.tries("phone", lambda ana: ana.share("mood", "Ben", role=Role.WRITER))

    @rule()
    def stops_sharing(self) -> None:
        self.tries("phone", lambda ana: ana.stop_sharing("mood", "Ben"))

    @rule()
    def rotates(self) -> None:
        """New keys, as after a lost device: Ana's laptop is signed out."""

        async def change(ana: AsyncMindhaven) -> None:
            _, root = await ana.access.open_way(passphrase=PASS)
            await ana.access.change(root, new=New.KEYS)
            await ana.replace_keys()

        self.tries("phone", change)

    @rule(name=DEVICE)
    def syncs(self, name: str) -> None:
        self.tries(name, AsyncMindhaven.sync)

    @rule(name=DEVICE, lie=st.sampled_from(LIES), number=st.integers(0, 12), act=st.integers(0, 3))
    def syncs_with_a_liar(self, name: str, lie: str, number: int, act: int) -> None:
        """Most often with something to send."""
        if act < 2:
            self.writes(name)
        elif act == 2:
            self.edits(name, number)
        self.liars[name].lie, self.liars[name].number = lie, number
        self.tries(name, AsyncMindhaven.sync)

    @rule(lie=st.sampled_from(LIES), number=st.integers(0, 12), stop=st.booleans())
    def shares_with_a_liar(self, lie: str, number: int, stop: bool) -> None:
        self.liars["phone"].lie, self.liars["phone"].number = lie, number
        self.stops_sharing() if stop else self.shares()

    def at_a_liar(self, name: str, lie: str, number: int, act: Callable[[AsyncMindhaven], Awaitable[Any]]) -> None:
        self.liars[name].lie, self.liars[name].number = lie or None, number
        self.tries(name, act)

    @rule(name=DEVICE, number=st.integers(0, 12), whose=st.integers(0, 1))
    def asks_a_liar_for_keys(self, name: str, number: int, whose: int) -> None:
        """Once for each lie: it is one request. What is honestly shown of the other person is at hand for some."""
        self.at_a_liar(name, "", 0, lambda client: client.people.fetch(self.uids[1 - whose]))
        for lie in CHAINS:
            self.at_a_liar(name, lie, number, lambda client: client.people.fetch(self.uids[whose]))

    @rule(name=DEVICE, lie=st.sampled_from(ACCOUNT_LIES), number=st.integers(0, 12))
    def signs_in_at_a_liar(self, name: str, lie: str, number: int) -> None:
        for one in ("followed", lie):
            self.at_a_liar(name, one, number, lambda client: client.log_in(self.handle_of(name), PASS))

    @rule(lie=st.sampled_from(ACCOUNT_LIES), number=st.integers(0, 12))
    def rotates_with_a_liar(self, lie: str, number: int) -> None:
        for one in ("added slot", lie):
            self.liars["phone"].lie, self.liars["phone"].number = one, number
            self.rotates()

    @rule()
    def is_logged(self) -> None:
        """The hour is over: what happened stands in the logs, and they are signed."""
        self.run(publish(self.server))

    @rule(name=DEVICE, number=st.integers(0, 12))
    def reads_the_logs_of_a_liar(self, name: str, number: int) -> None:
        """Once for each lie, in the logs and in the chains that they speak of; then what is right is found right."""
        self.is_logged()
        for lie in LOG_LIES:
            self.at_a_liar(name, lie, number, self.reads)
        self.reads_the_logs(name)

    @rule(name=DEVICE)
    def reads_the_logs(self, name: str) -> None:
        self.at_a_liar(name, "", 0, self.reads)

    async def reads(self, client: AsyncMindhaven) -> None:
        """Read the logs; none may have been signed yet."""
        name = next(name for name, one in self.clients.items() if one is client)
        self.doubts.discard(name)
        try:
            await client.check_logs()
        except NotFoundError:
            return
        except MindhavenError:
            self.doubts.add(name)
            raise

    def handle_of(self, name: str) -> str:
        return self.handle if name != "ben" else self.clients[name].me.handle

    def tries(self, name: str, act: Callable[[AsyncMindhaven], Awaitable[Any]]) -> bool:
        """Do something with the server; a lie may be named, an honest answer never is one."""
        client, liar = self.clients[name], self.liars[name]
        for _ in range(3):
            try:
                done = self.run(act(client))
            except SignedOutError:
                liar_now, liar.lie = liar.lie, None
                self.run(client.log_in(self.handle_of(name), PASS))
                liar.lie = liar_now
                continue
            except MindhavenError as error:
                if not liar.told and name not in self.doubts and error.reason not in {"not-shared", "share-ended"}:
                    raise AssertionError(f"{name} met {error.reason} without a lie: {error.message}") from error
                break
            if getattr(done, "log_fault", None) is not None:
                assert liar.told or name in self.doubts, done.log_fault
                self.doubts.add(name)
            break
        liar.lie, liar.told = None, False
        self.settle(name)
        return True

    def settle(self, name: str) -> None:
        waiting = Counter(decode(value)[1] for _, value in self.clients[name].store.queued())
        for one in (*self.mine[name], *self.gone[name]):
            one.acked = one.acked or not waiting[one.item]

    # -- what holds at every moment

    @invariant()
    def nobody_shows_what_nobody_wrote(self) -> None:
        for name, client in getattr(self, "clients", {}).items():
            for entry in client.entries():
                if entry.record is None:
                    continue
                text = str(entry.record.body["note"])
                mark = self.told.marks[text]
                assert mark.item == entry.item or entry.item not in {one.item for one in self.told.marks.values()}, (
                    name, text)  # fmt: skip

    @invariant()
    def nobody_forgets_or_takes_another_history(self) -> None:
        for name, client in getattr(self, "clients", {}).items():
            for collection in client.store.collections():
                bodies = {seq: Signed.decode(signed).body for seq, signed in client.store.commits(collection)}
                assert sorted(bodies) == list(range(len(bodies))), name
                before = self.chains.get((name, collection), {})
                assert before.items() <= bodies.items(), f"{name} forgot what it had seen"
                self.chains[name, collection] = bodies
                for seq, body in bodies.items():
                    assert self.truth.setdefault((collection, seq), body) == body, f"{name} has another history"

    @invariant()
    def nobody_takes_keys_of_the_servers_making(self) -> None:
        for name, client in getattr(self, "clients", {}).items():
            for uid in self.uids:
                bodies = [Signed.decode(one).body for one in client.people.statements(uid)]
                assert not self.forged & set(bodies), f"{name} took a statement that the server made"
                before = self.statements.get((name, uid), [])
                assert bodies[: len(before)] == before, f"{name} forgot a statement that it had seen"
                self.statements[name, uid] = bodies
                for seq, body in enumerate(bodies):
                    assert self.stated.setdefault((uid, seq), body) == body, f"{name} has another account"

    @invariant()
    def no_root_is_wrapped_to_a_way_in_of_the_servers_making(self) -> None:
        for wire in getattr(self, "made", []):
            for path, body in wire.bodies:
                if path == "/v1/account/keys":
                    slots = msgspec.json.decode(body, type=ChangeKeys).keys.slots
                    assert not self.forged & {one.xwing for one in SlotList.decode(slots).slots}

    @invariant()
    def what_lacks_is_counted(self) -> None:
        """A live record without its content is one that a device knows to be withheld."""
        for client in getattr(self, "clients", {}).values():
            lacking = [one for one in client.entries() if one.record is None and one.error is None]
            assert not lacking

    # -- when the lies stop

    def converges(self) -> None:
        for liar in self.liars.values():
            liar.lie = None
        for name in NAMES:
            self.reads_the_logs(name)
        assert not self.doubts
        self.shares()
        for _ in range(3):
            for name in NAMES:
                self.syncs(name)
        for name in NAMES:
            held = self.clients[name].held()
            assert not self.clients[name].store.queued(), (name, [one.why for one in held])
        there = check.texts(self.clients["phone"])
        assert check.landed_once(self.told, there) == []
        assert check.erased_gone(self.told, self.clients.values()) == []
        assert check.same_chains(self.clients) == []
        for name in ("laptop", "ben"):
            assert check.texts(self.clients[name]) == there, name
        for uid in self.uids:
            for client in self.clients.values():
                self.run(client.people.fetch(uid))
            self.nobody_takes_keys_of_the_servers_making()
            assert len({len(client.people.statements(uid)) for client in self.clients.values()}) == 1


Lives.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="MINDHAVEN_LIVED_EXAMPLES" not in os.environ,
    print_blob=True,
    database=None,
    phases=[Phase.generate],  # a life takes a second: making a failing one shorter would take an hour
    suppress_health_check=list(HealthCheck),
)
TestLives = Lives.TestCase
