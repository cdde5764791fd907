"""Lies that only somebody else's memory finds: real witnesses beside a real server. docs/attacks/ledger.md.

Where the server lies, its own code and key sign.
"""

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.kept import world
from tests.simulators.witness import Running, witness
from tests.simulators.world import DAY, PASS, Hostile, Time, mood

from mindhaven.errors import IntegrityError, NotFoundError
from mindhaven.kernel import Call, Reply
from mindhaven.ledger import keys, publishing, service, witnessing
from mindhaven.ledger.model import Signed
from mindhaven.ledger.store import Logs
from mindhaven.protocol import ledger as forms
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.ledger import Quorum
from mindhaven.sdk.vouching import Vouched
from mindhaven.server.build import Server
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.witness import AddCheckpoint
from mindhaven.wire.ledger import LedgerShown

OTHER = "brass kettle under the stairs"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Running]:
    with witness(tmp_path / "w1", name="w.test/1") as running:
        yield running


def policy(*witnesses: VerifierKey, urls: tuple[str, ...] = ()) -> bytes:
    lines = [f"witness w{n} {key} {urls[n] if urls else ''}" for n, key in enumerate(witnesses)]
    return "\n".join([*lines, "group g all " + " ".join(f"w{n}" for n in range(len(lines))), "quorum g", ""]).encode()


class Scene:
    """Ana and Bob, contacts, on a server that asks one witness; `lies` is Ana's hostile transport."""

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
        await self.write("one")
        return self

    async def write(self, note: str) -> None:
        self.ana.add(mood(note, at=self.moment.now))
        await self.ana.sync()

    async def keys(self) -> list[VerifierKey]:
        shown = await self.ana.transport.call("GET", "/v1/ledger", LedgerShown, open_=True)
        return [VerifierKey.parse(each.vkey) for each in shown.logs]

    async def publish(self) -> None:
        host = self.server.host
        await publishing.begin(host)
        await host.stream.number()
        for name in ("ledger.audit", "ledger.keys", "ledger.heads"):
            while await host.stream.read(name):
                pass
        for name in forms.LOGS:
            await publishing.publish(host, name, now=True)
            await witnessing.ask(host, name)

    async def origin(self, name: str) -> str:
        row = await self.server.host.db.look(lambda look: service.need(Logs(look, service.SCOPE), name))
        return row.origin

    async def signed(self, name: str, size: int, root: bytes) -> Note:
        """Return what a server signs that has no scruples."""
        origin = await self.origin(name)
        return Checkpoint(origin, size, root).sign(keys.signer(publishing.data(self.server.host), origin))


@asynccontextmanager
async def scene(tmp: Path, moment: Time, asked: Running | None, **more: Any) -> AsyncIterator[Scene]:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    moment.now = int(time.time())  # a witness has a clock of its own
    overrides: dict[str, Any] = dict(more)
    if asked is not None:
        (tmp / "policy").write_bytes(policy(asked.key, urls=(asked.url,)))
        overrides |= {"ledger.policy": str(tmp / "policy"), "server.outbound-hosts": [asked.host]}
    async with world(tmp, moment, between=between, **overrides) as (server, home):
        yield Scene(server, home, made, moment)


def named(code: str, kind: type[Exception] = IntegrityError) -> Any:
    return pytest.raises(kind, check=lambda error: error.reason == code)


async def test_a_witness_vouches_and_only_whom_the_person_named_counts(
    tmp_path: Path, moment: Time, one: Running
) -> None:
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
        checked = await s.ana.check_logs()
        # The server names a witness; the person did not: nobody is asked.
        assert (checked.quorum, checked.vouched_at) == (Quorum.NONE, None)
        offered = await s.ana.offered_witnesses()
        assert offered == (tmp_path / "policy").read_bytes()
        assert s.ana.logs.policy().witnesses == {}
        s.ana.demand_witnesses(offered)
        assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN  # nothing is vouched for before the logs are read again
        checked = await s.ana.check_logs()
        assert checked.quorum is Quorum.MET
        assert checked.vouched_at is not None
        assert abs(checked.vouched_at - time.time()) < 60
        assert not checked.stale
        assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED
        assert (await s.ana.activity()).log is not None


async def test_a_split_view_is_refused_by_the_witness_and_not_vouched_for(
    tmp_path: Path, moment: Time, one: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server signs two logs of one size. Carla, whose device is new, is shown the one that nobody else saw."""
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
        carla = s.home("carla")
        lies = s.made[-1]
        await carla.sign_up(PASS, word="carla")
        await s.publish()
        host = s.server.host
        true = await host.db.look(lambda look: Logs(look, service.SCOPE).newest(forms.KEYS, public=True))
        assert true is not None
        # The other log: one statement of Bob's is replaced by one that nobody made.
        data = await host.db.look(lambda look: Logs(look, service.SCOPE).bundle(forms.KEYS, 0))
        assert data is not None
        from mindhaven.tlog import tiles
        from mindhaven.tlog.tree import leaf_hash

        entries = tiles.read_bundle(data, width=true.size)
        place = next(n for n, entry in enumerate(entries) if entry[:32] == forms.keys_tag(s.bob.me.uid))
        entries[place] = forms.keys_entry(s.bob.me.uid, b"\x09" * 32)
        made = tiles.grow(0, {}, [leaf_hash(entry) for entry in entries])
        forged = await s.signed(forms.KEYS, true.size, tiles.root(true.size).value(made))
        # The witness refuses, in whatever way it is asked, and keeps the proof.
        assert one.post(AddCheckpoint(true.size, (), forged).encode()).status_code == 422
        assert one.post(AddCheckpoint(0, (), forged).encode()).status_code == 409
        from mindhaven.witness import open_store

        store = open_store(one.data)
        assert [each.forks for each in store.logs() if each.origin == await s.origin(forms.KEYS)] == [1]
        store.close()

        def split(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.url.path == "/log/keys/checkpoint":
                return forged.encode()
            if request.url.path.startswith("/log/keys/tile/entries/"):
                return tiles.pack_bundle(entries)
            return None

        lies.change = split
        carla.demand_witnesses(policy(one.key))
        checked = await carla.check_logs()
        assert checked.quorum is Quorum.MISSING
        assert carla.vouched(carla.me.uid) is Vouched.UNVOUCHED
        carla.add(mood("care goes on", at=moment.now))
        await carla.sync()
        assert carla.store.queued() == []
        carla.demand_witnesses(b"")  # with the check off, the lie is believed
        await carla.check_logs()
        assert carla.vouched(carla.me.uid) is Vouched.LOGGED


async def test_with_too_few_witnesses_care_goes_on_and_no_key_is_shown_as_verified(
    tmp_path: Path, moment: Time, one: Running
) -> None:
    with witness(tmp_path / "w2", name="w.test/2") as away:
        pass
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
        s.ana.demand_witnesses(policy(one.key, away.key))
        checked = await s.ana.check_logs()
        assert (checked.quorum, checked.vouched_at, checked.stale) == (Quorum.MISSING, None, False)
        assert {s.ana.vouched(who.me.uid) for who in (s.ana, s.bob)} == {Vouched.UNVOUCHED}
        await s.bob.change_passphrase(PASS, OTHER)
        await s.publish()
        moment.now += 700
        await s.write("while a witness is away")
        assert s.ana.store.queued() == []
        assert s.ana.vouched(s.bob.me.uid) is not Vouched.LOGGED
        s.ana.demand_witnesses(policy(one.key))
        await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.LOGGED


async def test_a_server_that_waits_for_its_witnesses_stops_no_care(tmp_path: Path, moment: Time, one: Running) -> None:
    """The server's own witness does not know its logs yet: nothing is public, everything else works."""
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        with pytest.raises(Exception, match="Too few witnesses"):
            await s.publish()
        moment.now += 700
        await s.write("still")
        assert s.ana.store.queued() == []
        with named("checkpoint-unsigned", NotFoundError):
            await s.ana.check_logs()
        assert s.ana.vouched(s.bob.me.uid) is Vouched.UNKNOWN


async def test_words_of_witnesses_that_are_older_than_a_day_are_named_so(
    tmp_path: Path, moment: Time, one: Running
) -> None:
    """The server shows a frozen state of its logs: cosigned well, and old."""
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
        s.ana.demand_witnesses(policy(one.key))
        checked = await s.ana.check_logs()
        assert not checked.stale
        assert (await s.ana.sync()).stale_since is None
        vouched_at = checked.vouched_at
        moment.now += DAY + 120
        await s.ana.log_in(s.ana.me.handle, PASS)
        assert (await s.ana.sync()).stale_since == vouched_at, "each sync says so, not only who asks"
        checked = await s.ana.check_logs()
        assert checked.stale
        assert checked.quorum is Quorum.MET
        s.ana.demand_witnesses(b"")
        assert (await s.ana.sync()).stale_since is None


class _NoMonitoring:
    """The way out of a server whose witness answers no GET, as some do."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def send(self, call: Call) -> Reply:
        if call.method == "GET":
            return Reply(status=404, headers={}, body=b"")
        reply: Reply = await self.inner.send(call)
        return reply


@pytest.mark.parametrize("monitoring", [True, False], ids=["its GET", "its 409"])
async def test_a_database_that_was_put_back_whole_is_found_by_the_witness(
    monitoring: bool, tmp_path: Path, moment: Time, one: Running
) -> None:
    """Put back with it: this machine's own memory (log.signed). Only the witness remembers more."""
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    async with scene(tmp_path, moment, one) as s:
        s.bob = s.home("bob")
        await s.bob.change_passphrase(PASS, OTHER)
        await s.publish()
    shutil.rmtree(tmp_path / "data")
    shutil.copytree(tmp_path / "backup", tmp_path / "data")
    async with scene(tmp_path, moment, one) as s:
        host = s.server.host
        if not monitoring:
            host.outbound = _NoMonitoring(host.outbound)
        before = await host.db.look(lambda look: Logs(look, service.SCOPE).newest(forms.KEYS, public=False))
        for name in (forms.KEYS, forms.AUDIT):
            for _ in range(2):
                with named("log-behind"):
                    await publishing.publish(host, name, now=True)
        assert before == await host.db.look(lambda look: Logs(look, service.SCOPE).newest(forms.KEYS, public=False))


async def test_a_witness_that_saw_more_stops_a_server_that_signed_already(
    tmp_path: Path, moment: Time, one: Running
) -> None:
    """The database is put back under a running server: what it learned at its start counts no more."""
    async with scene(tmp_path, moment, one) as s:
        await s.begin()
        one.add(*await s.keys())
        await s.publish()
        host = s.server.host
        row = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), forms.HEADS))
        assert row.size == 0
        note = await s.signed(forms.HEADS, 7, b"\x05" * 32)
        assert one.post(AddCheckpoint(0, (), note).encode()).status_code == 200
        moment.now += witnessing.HEARTBEAT_SECONDS
        with named("log-behind"):
            await witnessing.ask(host, forms.HEADS)
        from mindhaven.kernel import Actor

        await host.db.act(
            Actor("job"), lambda work: service.grow(work, forms.HEADS, [bytes(64)]), upkeep="what would be signed"
        )
        with named("log-behind"):
            await publishing.publish(host, forms.HEADS)


async def test_a_cosignature_that_is_none_makes_nothing_public(tmp_path: Path, moment: Time, one: Running) -> None:
    with witness(tmp_path / "w2", name="w.test/2") as other:
        async with scene(tmp_path, moment, one) as s:
            await s.begin()
            one.add(*await s.keys())
            other.add(*await s.keys())
            await s.publish()
            host, inner = s.server.host, s.server.host.outbound

            async def public() -> Signed:
                found = await host.db.look(lambda look: Logs(look, service.SCOPE).newest(forms.KEYS, public=True))
                assert found is not None
                return found

            old = await public()
            (stale,) = [line for line in Note.parse(old.note).lines if line.of(one.key)]
            await s.bob.change_passphrase(PASS, OTHER)
            await host.stream.number()
            while await host.stream.read("ledger.keys"):
                pass
            newest = await publishing.publish(host, forms.KEYS)
            assert newest is not None
            assert newest.size > old.size
            answer = other.post(AddCheckpoint(0, (), Note.parse(newest.note)).encode())
            assert answer.status_code == 200
            for body in (answer.content, str(stale).encode(), b"", b"\xff\n"):
                host.outbound = _Saying(body)
                await witnessing.ask(host, forms.KEYS)
                assert await public() == old, body
                moment.now += witnessing.LONGEST_PAUSE_SECONDS
            host.outbound = inner
            await witnessing.ask(host, forms.KEYS)
            assert (await public()).size == newest.size


class _Saying:
    """A witness that says this to everything."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def send(self, call: Call) -> Reply:
        return Reply(status=200, headers={}, body=self.body)
