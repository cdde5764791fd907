"""A server that lies with its logs: each lie is named, or succeeds with its check off. docs/attacks/ledger.md.

A hostile transport stands between the real SDK and a real server; where the server itself lies, its own code signs.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.world import DAY, PASS, Hostile, Time, mood, world

from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor
from mindhaven.ledger import keys, publishing, service
from mindhaven.ledger.store import LogsChange
from mindhaven.protocol import ledger as forms
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk import activity as sdk_activity
from mindhaven.sdk import heads as sdk_heads
from mindhaven.sdk import ledger as sdk_ledger
from mindhaven.sdk import vouching as sdk_vouching
from mindhaven.sdk.activity import Proof
from mindhaven.sdk.vouching import Vouched
from mindhaven.server.build import Server
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Note
from mindhaven.wire.accounts import ChainShown
from mindhaven.wire.ids import to_text
from mindhaven.wire.ledger import ActivityPage, LedgerShown

Change = Callable[[Any], Any]
OTHER = "brass kettle under the stairs"


class Scene:
    """Ana and Bob, contacts of each other, both in the logs; `lies` is Ana's hostile transport."""

    def __init__(
        self, server: Server, home: Callable[[str], AsyncMindhaven], made: list[Hostile], moment: Time
    ) -> None:
        self.server, self.home, self.made, self.moment = server, home, made, moment

    async def begin(self) -> "Scene":
        self.ana = self.home("ana")
        self.lies = self.made[-1]
        self.bob = self.home("bob")
        await self.ana.sign_up(PASS, word="ana")
        await self.bob.sign_up(PASS, word="bob")
        await self.ana.add_contact(Card(self.bob.me.handle, self.bob.me.uid), name="Bob")
        self.ana.add(mood("one"))
        await self.ana.sync()
        await self.publish()
        return self

    async def publish(self) -> None:
        """Number what happened, let the logs follow, and sign them."""
        host = self.server.host
        await publishing.begin(host)
        await host.stream.number()
        for name in ("ledger.audit", "ledger.keys", "ledger.heads"):
            while await host.stream.read(name):
                pass
        await publishing.write_heads(host)
        for name in forms.LOGS:
            await publishing.publish(host, name, now=True)

    async def write(self, note: str = "more") -> None:
        self.ana.add(mood(note, at=self.moment.now))
        await self.ana.sync()

    async def tomorrow(self, days: int = 1) -> None:
        self.moment.now += days * DAY
        for client in (self.ana, self.bob):
            await client.log_in(client.me.handle, PASS)

    def on(self, path: str, gives: Any, change: Change) -> None:
        """Change the answers of one JSON operation."""

        def hook(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != path or b"urn:mindhaven:problem" in content:
                return None
            return msgspec.json.encode(change(msgspec.json.decode(content, type=gives)))

        self.lies.change = hook

    def on_activity(self, change: Change) -> None:
        self.on("/v1/activity", ActivityPage, change)


@asynccontextmanager
async def scene(tmp: Path, moment: Time) -> AsyncIterator[Scene]:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp, moment, between=between) as (server, home):
        yield await Scene(server, home, made, moment).begin()


def named(code: str) -> Any:
    return pytest.raises(IntegrityError, check=lambda error: error.reason == code)


def changed(struct: Any, **values: Any) -> Any:
    return msgspec.structs.replace(struct, **values)


# -- honest


@pytest.mark.shows("who-touched-is-told")
async def test_an_honest_server_proves_everything(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        found = await s.ana.activity()
        assert [act.seq for act in found.acts] == list(range(len(found.acts)))
        assert {act.proof for act in found.acts} == {Proof.PROVEN}
        assert {"accounts.account.created", "vault.collection.pushed"} <= {act.name for act in found.acts}
        assert found.log is not None
        assert found.log.checkpoint.size % 64 == 0
        await s.write()
        later = await s.ana.activity()
        assert later.acts[: len(found.acts)] == found.acts
        assert {act.proof for act in later.acts[len(found.acts) :]} == {Proof.WAITING}
        await s.publish()
        last = await s.ana.activity()
        assert {act.proof for act in last.acts} == {Proof.PROVEN}
        assert len(last.acts) >= len(later.acts)
        checked = await s.ana.check_logs()
        assert (checked.keys, checked.heads) == (4, 0)  # a sign-up states twice: the account, then its index
        assert {s.ana.vouched(one.me.uid) for one in (s.ana, s.bob)} == {Vouched.LOGGED}
        await s.tomorrow()
        await s.publish()
        assert (await s.ana.check_logs()).heads > 0
        await s.write("tomorrow")
        await s.tomorrow(3)
        await s.publish()
        await s.ana.sync()
        await s.ana.check_logs()


async def test_a_log_that_cant_be_read_stops_no_care(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:

        def gone(request: httpx.Request, _content: bytes) -> httpx.Response | None:
            return httpx.Response(503) if request.url.path.startswith("/log/") else None

        s.lies.change = gone
        s.moment.now += 700
        await s.write("while the log is away")
        assert s.ana.store.queued() == []
        assert s.ana.vouched(s.bob.me.uid) in {Vouched.UNKNOWN, Vouched.LOGGED}


# -- own events


def without(page: ActivityPage, seq: int) -> ActivityPage:
    return changed(page, entries=[one for one in page.entries if one.seq != seq], total=page.total - 1)


def renumbered(page: ActivityPage, seq: int) -> ActivityPage:
    left = [one for one in page.entries if one.seq != seq]
    return changed(page, entries=[changed(one, seq=n) for n, one in enumerate(left)], total=page.total - 1)


def entry_changed(page: ActivityPage, seq: int, **values: Any) -> ActivityPage:
    return changed(page, entries=[changed(one, **values) if one.seq == seq else one for one in page.entries])


LIES: dict[str, tuple[str, Change, list[tuple[Any, str, Any]]]] = {
    "an event is left out": (
        "activity-gap",
        lambda page: renumbered(page, 2),
        [(forms.Place, "follow", lambda place, opening: (forms.Place(place.subject, opening.seq + 1), None))],
    ),
    "an event is told otherwise": (
        "activity-commitment",
        lambda page: entry_changed(page, 2, body=page.entries[2].body.replace(b"accounts.", b"accountz.")),
        [(forms.event, "commitment", lambda _salt, _body: None)],
    ),
    "an event was never logged": (
        "proof-mismatch",
        lambda page: entry_changed(page, len(page.entries) - 1, position=0, proof=page.entries[0].proof),
        [(sdk_activity, "verify_inclusion", lambda *_: None)],
    ),
    "a proof is withheld": (
        "proof-missing",
        lambda page: entry_changed(page, 2, proof=None),
        [(sdk_activity.ActivityReader, "_proven", staticmethod(lambda *_: True))],
    ),
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_is_told_of_me_is_what_was_recorded(
    lie: str, tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, change, check = LIES[lie]
    async with scene(tmp_path, moment) as s:
        s.on_activity(change)
        with named(code):
            await s.ana.activity()
        with monkeypatch.context() as off:
            for where, name, value in check:
                if name == "commitment":  # the check compares; without it, whatever is given is taken
                    off.setattr(forms.Place, "follow", _follow_without_commitment)
                else:
                    off.setattr(where, name, value)
            await s.ana.activity()
        s.ana.store.drop_meta("activity/place")
        s.lies.change = None
        assert {act.proof for act in (await s.ana.activity()).acts} == {Proof.PROVEN}


def _follow_without_commitment(place: forms.Place, opening: forms.Opening) -> tuple[forms.Place, forms.Told | None]:
    assert opening.body is not None
    return forms.Place(place.subject, place.next_seq + 1, opening.commitment), forms.Told.decode(opening.body)


async def test_the_newest_events_are_not_hidden_again(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        before = await s.ana.activity()
        s.on_activity(lambda page: changed(page, entries=[], total=len(before.acts) - 1))
        with named("activity-gap"):
            await s.ana.activity()
        s.on_activity(lambda page: changed(page, entries=[], total=len(before.acts) + 1))
        with named("activity-gap"):
            await s.ana.activity()


# -- checkpoints


async def signed_by_the_server(s: Scene, name: str, size: int, root: bytes) -> bytes:
    """Return what a server signs that has no scruples."""
    log = await s.server.host.db.look(lambda look: service.need(service.Logs(look, service.SCOPE), name))
    checkpoint = Checkpoint(log.origin, size, root)
    return checkpoint.sign(keys.signer(publishing.data(s.server.host), log.origin)).encode()


@pytest.mark.parametrize(("grow", "code"), [(0, "log-fork"), (64, "log-rewritten"), (-64, "log-shrunk")])
async def test_a_log_only_grows(
    grow: int, code: str, tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path, moment) as s:
        await s.publish()
        found = await s.ana.activity()
        assert found.log is not None
        size = found.log.checkpoint.size + grow
        await s.publish()  # there are tiles for a longer log
        note = await signed_by_the_server(s, forms.AUDIT, size, b"\x07" * 32)
        s.on_activity(lambda page: changed(page, checkpoint=note))
        with named(code):
            await s.ana.activity()
        assert s.ana.logs.kept(forms.AUDIT) == found.log.checkpoint
        off: dict[str, Callable[..., Any]] = {"_extends": _nothing}
        for name, value in off.items():
            monkeypatch.setattr(sdk_ledger.Logs, name, value)
        with contextlib.suppress(IntegrityError):  # the proofs of a made-up root fail; its checkpoint was taken
            await s.ana.activity()
        kept = s.ana.logs.kept(forms.AUDIT)
        assert kept is not None
        assert kept.root == b"\x07" * 32


async def _nothing(*_: Any) -> None:
    return None


async def test_a_checkpoint_that_the_log_did_not_sign(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        good = (await s.ana.activity()).log
        assert good is not None
        forged = Note(Checkpoint(good.checkpoint.origin, 640, bytes(32)).text, ()).text + "\n\u2014 x AAAAAAAA\n"
        s.on_activity(lambda page: changed(page, checkpoint=forged.encode()))
        with named("note-unsigned"):
            await s.ana.activity()


async def test_the_logs_keys_never_change_in_silence(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.activity()
        again = s.home("ana")  # the same store, opened anew
        other = keys.signer(tmp_path, "localhost/other/log/audit").vkey
        s.lies = s.made[-1]
        s.on(
            "/v1/ledger",
            LedgerShown,
            lambda shown: changed(
                shown, logs=[changed(one, vkey=str(other)) if one.name == "audit" else one for one in shown.logs]
            ),
        )
        with named("log-key-changed"):
            await again.activity()


# -- keys


@pytest.mark.shows("keys-are-public-record")
async def test_a_hidden_newer_statement_of_a_contact_is_found(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        before = s.ana.people.statements(s.bob.me.uid)
        await s.bob.change_passphrase(PASS, OTHER)
        await s.publish()
        s.on(f"/v1/accounts/{to_text(s.bob.me.uid)}", ChainShown, lambda shown: changed(shown, statements=before))
        for _ in range(2):  # it is named until it is right, not once; and meanwhile nothing is vouched for
            with named("statement-hidden"):
                await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN
        with monkeypatch.context() as off:
            off.setattr(sdk_vouching, "check_statements", lambda known, _logged: len(known))
            await s.ana.check_logs()
            assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED  # the lie
        s.lies.change = None
        await s.ana.check_logs()
        assert len(s.ana.people.statements(s.bob.me.uid)) > len(before)
        assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


async def test_new_keys_that_the_log_does_not_have_are_not_vouched_for(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.bob.change_passphrase(PASS, OTHER)
        await s.ana.people.fetch(s.bob.me.uid)
        assert s.ana.vouched(s.bob.me.uid) is Vouched.WAITING
        await s.publish()
        await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


async def test_a_statement_that_nobody_made(tmp_path: Path, moment: Time) -> None:
    """The server logs one statement of Bob's for others, and shows Ana another chain."""
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        await into_log(s, forms.KEYS, forms.keys_entry(s.bob.me.uid, b"\x09" * 32))
        with named("statement-hidden"):
            await s.ana.check_logs()


async def into_log(s: Scene, name: str, entry: bytes) -> None:
    await s.server.host.db.act(Actor("job"), lambda work: service.grow(work, name, [entry]), upkeep="a lie")
    await publishing.publish(s.server.host, name, now=True)


# -- heads


async def mood_of(s: Scene) -> bytes:
    mine = s.ana.index.named("mood")
    assert mine is not None
    return mine.id


@pytest.mark.parametrize(
    ("lies", "code"),
    [((b"\x01",), "head-unknown"), ((b"good", b"good"), "head-double"), ((b"good", b"\x02"), "head-double")],
)
async def test_others_are_shown_another_history(
    lies: tuple[bytes, ...], code: str, tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        collection = await mood_of(s)
        state = s.ana.vault.state(collection)
        assert state is not None
        day = s.moment.now // DAY + 1
        await s.tomorrow(2)
        for lie in lies:
            head = state.head if lie == b"good" else lie * 32
            await into_log(s, forms.HEADS, forms.heads_entry(collection, day, head))
        with named(code):
            await s.ana.check_logs()
        with named(code):  # it is named until it is right, not once
            await s.ana.check_logs()
        monkeypatch.setattr(sdk_heads, "check_heads", lambda wanted, _logged: set(wanted))
        monkeypatch.setattr(sdk_heads, "_named", lambda *_: True)
        await s.ana.check_logs()


async def test_a_change_that_is_missing_in_the_log_of_heads(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.write("not for the log")
        await s.ana.check_logs()
        await s.publish()
        collection = await mood_of(s)
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(collection), upkeep="a lie"
        )
        await s.tomorrow()
        await s.publish()
        await s.ana.check_logs()  # a day later it may still come
        await s.tomorrow()
        await s.publish()
        for _ in range(2):
            with named("head-missing"):
                await s.ana.check_logs()


async def test_a_log_that_lies_is_told_at_every_sync_and_stops_no_care(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        await s.ana.share("mood", "Bob")
        await s.ana.check_logs()
        await into_log(s, forms.KEYS, forms.keys_entry(s.bob.me.uid, b"\x09" * 32))
        s.moment.now += 700
        for _ in range(2):
            synced = await s.ana.sync()
            assert synced.log_fault is not None
            assert synced.log_fault.reason == "statement-hidden"
        await s.write("written all the same")
        await s.ana.stop_sharing("mood", "Bob")
        assert s.ana.store.queued() == []
        again = s.home("ana")  # the same device, opened anew
        told = (await again.sync()).log_fault
        assert told is not None
        assert (told.reason, told.message) == (synced.log_fault.reason, synced.log_fault.message)


async def test_a_change_at_midnight_is_found_on_either_day(tmp_path: Path, moment: Time) -> None:
    """The device's clock and the server's differ by some seconds; nobody is frightened by it."""
    async with scene(tmp_path, moment) as s:
        await s.ana.check_logs()
        await s.write("near midnight")
        await s.ana.check_logs()
        await s.publish()
        collection = await mood_of(s)
        state = s.ana.vault.state(collection)
        assert state is not None
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(collection), upkeep="another clock"
        )
        await s.tomorrow(2)
        await into_log(s, forms.HEADS, forms.heads_entry(collection, s.moment.now // DAY - 1, state.head))
        await s.publish()
        await s.ana.check_logs()


async def test_an_older_head_does_not_stand_for_a_newer_change(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        collection = await mood_of(s)
        before = s.ana.vault.state(collection)
        assert before is not None
        await s.ana.check_logs()
        await s.write("kept from others")
        await s.ana.check_logs()
        await s.publish()
        await s.server.host.db.act(
            Actor("job"), lambda work: LogsChange(work, service.SCOPE).forget(collection), upkeep="a lie"
        )
        await into_log(s, forms.HEADS, forms.heads_entry(collection, s.moment.now // DAY, before.head))
        await s.tomorrow(2)
        await s.publish()
        with named("head-missing"):
            await s.ana.check_logs()


async def test_what_the_log_says_of_a_share_that_could_not_be_pulled_is_judged_later(
    tmp_path: Path, moment: Time
) -> None:
    async with scene(tmp_path, moment) as s:
        await s.bob.add_contact(s.ana.card, name="Ana")
        await s.ana.share("mood", "Bob")
        await s.bob.sync()
        await s.bob.check_logs()
        collection = await mood_of(s)
        day = s.moment.now // DAY
        await s.tomorrow()
        await into_log(s, forms.HEADS, forms.heads_entry(collection, day, b"\x01" * 32))
        shown = [one.id for one in await s.bob.vault.listed()]
        await s.bob._vouching.check([one for one in shown if one != collection], shown)  # its pull failed just now
        with named("head-unknown"):
            await s.bob.check_logs()


async def test_an_entry_that_was_changed_after_it_was_signed(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        other = bytes(66)

        def swap(request: httpx.Request, content: bytes) -> bytes | None:
            if not request.url.path.startswith("/log/keys/tile/entries/"):
                return None
            return b"\x00\x40" + other[:64] + content[66:]

        s.lies.change = swap
        with named("log-rewritten"):
            await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN


# -- the server's own memory


async def test_a_database_that_was_put_back_signs_nothing(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        data = publishing.data(s.server.host)
        log = await s.server.host.db.look(lambda look: service.need(service.Logs(look, service.SCOPE), forms.AUDIT))
        keys.remember(data, log.origin, log.size + 64, b"\x01" * 32)
        with named("log-behind"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)
        (data / keys.MEMORY_FILE).write_text(json.dumps({log.origin: [64, "01" * 32]}))
        with named("log-behind"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)
        (data / keys.MEMORY_FILE).write_text("{")
        with named("log-memory"):
            await publishing.publish(s.server.host, forms.AUDIT, now=True)


async def test_what_was_signed_is_never_forgotten_for_less(tmp_path: Path, moment: Time) -> None:
    """A process that slept through a take-over wakes up before its signature."""
    async with scene(tmp_path, moment) as s:
        data = publishing.data(s.server.host)
        before = keys.remembered(data)
        origin, (size, root) = next((name, known) for name, known in before.items() if name.endswith("/audit"))
        for less, other in ((size - 64, root), (size, b"\x02" * 32)):
            with named("log-behind"):
                keys.remember(data, origin, less, other)
        assert keys.remembered(data) == before
        keys.remember(data, origin, size, root)
        assert keys.remembered(data) == before


async def test_two_roots_of_one_size_are_never_kept(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        newest = await publishing.publish(s.server.host, forms.KEYS)
        assert newest is not None
        forged = service.Signed(size=newest.size, root=bytes(32), note=b"x", signed_at=0, public=True)
        with named("log-fork"):
            await s.server.host.db.act(
                Actor("job"), lambda work: service.keep_signed(work, forms.KEYS, forged), upkeep="a lie"
            )
