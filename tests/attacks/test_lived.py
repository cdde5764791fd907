"""Two people and three devices live at random with a server that loses answers and lies, against a small model.

The model knows which texts were written, on which record, in whose stead, and which of them were acknowledged. A lie
may be named or come to nothing; no device ever shows what nobody wrote, forgets a commit it has seen, or loses a write
that was taken; and when the lies stop, everything is the same everywhere without a hand.

MINDHAVEN_LIVED_EXAMPLES: how many lives (a few in the suite, more in a night).
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.simulators.kept import kept
from tests.simulators.world import CLOCKS, PASS, SPARE, Frozen, Homes, Hostile, Time, mood
from tests.soak import check
from tests.soak.device import Erasure, Mark, Told

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Limit
from mindhaven.kinds import Record
from mindhaven.protocol.collection import Role
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.client import Entry
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.ways import New
from mindhaven.server.build import Server

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
        if lie == "lost answer" and request.method != "GET":
            self.told, self.lie = True, None
            raise httpx.ReadError("the answer was lost")
        return None


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
        for name in NAMES:
            self.open(name)
        (start,) = [one for one in self.clients["phone"].entries() if one.record]
        self.told.marks["start"] = Mark("start", start.item, acked=True)

    def run(self, awaited: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(awaited)

    def open(self, name: str) -> None:
        self.clients[name] = self.home(name)
        self.liars[name] = Liar(self.made[-1])

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

    def tries(self, name: str, act: Callable[[AsyncMindhaven], Awaitable[Any]]) -> bool:
        """Do something with the server; a lie may be named, an honest answer never is one."""
        client, liar = self.clients[name], self.liars[name]
        for _ in range(3):
            try:
                done = self.run(act(client))
            except SignedOutError:
                liar_now, liar.lie = liar.lie, None
                self.run(client.log_in(self.handle if name != "ben" else client.me.handle, PASS))
                liar.lie = liar_now
                continue
            except MindhavenError as error:
                if not liar.told and error.reason not in {"not-shared", "share-ended"}:
                    raise AssertionError(f"{name} met {error.reason} without a lie: {error.message}") from error
                break
            if getattr(done, "log_fault", None) is not None:
                assert liar.told, done.log_fault
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
    def what_lacks_is_counted(self) -> None:
        """A live record without its content is one that a device knows to be withheld."""
        for client in getattr(self, "clients", {}).values():
            lacking = [one for one in client.entries() if one.record is None and one.error is None]
            assert not lacking

    # -- when the lies stop

    def converges(self) -> None:
        for liar in self.liars.values():
            liar.lie = None
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
