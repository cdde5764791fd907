"""Snapshots: a new device shows the newest entries at once, and verifies the whole history behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import PASS, Hostile, Time, mood, world

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import ConflictError, DeniedError, IntegrityError, MindhavenError
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.protocol.snapshot import LiveList
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.snapshots import Snapshots, aside
from mindhaven.vault.jobs import PIECE_KEPT_SECONDS, sweep_pieces
from mindhaven.wire.ids import to_text

EVERY = 6


class Scene:
    def __init__(self, server: Any, homes: Any, made: list[Hostile]) -> None:
        self.server, self.homes, self.made = server, homes, made

    def home(self, name: str) -> AsyncMindhaven:
        client: AsyncMindhaven = self.homes(name)
        client.snapshots.every = EVERY
        return client

    async def begin(self) -> AsyncMindhaven:
        """Ana's phone with a history long enough for a snapshot, and some entries after it."""
        phone = self.home("phone")
        await phone.sign_up(PASS, word="ana")
        for number in range(8):
            phone.add(mood(f"entry {number}"))
            await phone.sync()
        gone = next(e for e in phone.entries() if e.record and e.record.body["note"] == "entry 1")
        phone.erase(gone)
        first = next(e for e in phone.entries() if e.record and e.record.body["note"] == "entry 0")
        phone.revise(first, mood("entry 0, edited"))
        await phone.sync()
        self.mood = phone.index.named("mood").id  # type: ignore[union-attr]
        return phone


@asynccontextmanager
async def scene(tmp: Path, moment: Time, url: str = "") -> AsyncIterator[Scene]:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp, moment, between=between, **{"server.database": url}) as (server, homes):
        yield Scene(server, homes, made)


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(e.record.body["note"]) for e in client.entries() if e.record)


ALL = sorted(["entry 0, edited", *(f"entry {n}" for n in range(2, 8))])


def cut(collection: bytes) -> Any:
    """Answer no pull of the whole history: what is shown came from the snapshot."""

    def change(request: httpx.Request, _content: bytes) -> httpx.Response | None:
        if request.url.path.endswith(f"{to_text(collection)}/commits") and "since=-1" in str(request.url):
            raise httpx.ConnectError("cut")
        return None

    return change


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_the_newest_entries_are_there_before_the_history_was_verified(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    async with scene(tmp_path, moment, request.getfixturevalue(f"{database}_url")) as s:
        phone = await s.begin()
        snapshots = await s.server.host.db.look(lambda look: look.rows("SELECT seq FROM vault_snapshot"))
        assert len(snapshots) == 1
        laptop = s.home("laptop")
        await laptop.log_in(phone.me.handle, PASS)
        told: list[int] = []
        s.made[-1].change = cut(s.mood)
        with pytest.raises(MindhavenError):
            await laptop.sync(shown_first=told.append)
        assert told == [len(ALL)]
        assert laptop.vault.state(s.mood) is None, "nothing of it counts as verified"
        assert notes(laptop) == ALL
        assert {entry.checked for entry in laptop.entries()} == {False}
        phone.add(mood("later"))
        await phone.sync()
        s.made[-1].change = None
        await laptop.sync(shown_first=told.append)
        assert told == [len(ALL)], "it is shown first once"
        assert notes(laptop) == sorted([*ALL, "later"])
        assert {entry.checked for entry in laptop.entries()} == {True}
        assert laptop.store.items(aside(s.mood)) == []
        assert not laptop.snapshots.glanced(s.mood)
        laptop.add(mood("from the laptop"))
        await laptop.sync()
        await phone.sync()
        assert "from the laptop" in notes(phone)


async def test_whoever_reads_another_s_collection_sees_its_newest_entries_first(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        phone = await s.begin()
        doctor = s.home("doctor")
        await doctor.sign_up(PASS, word="doc")
        await phone.sharing.add_contact(Card(doctor.me.handle, doctor.me.uid), name="Doc", checked="card")
        await doctor.sharing.add_contact(Card(phone.me.handle, phone.me.uid), name="Ana", checked="card")
        await phone.share("mood", "Doc", role=Role.READER)
        s.made[-1].change = cut(s.mood)
        with pytest.raises(MindhavenError):
            await doctor.sync()
        assert notes(doctor) == ALL
        assert {entry.checked for entry in doctor.entries()} == {False}
        s.made[-1].change = None
        await doctor.sync()
        assert notes(doctor) == ALL
        assert {entry.checked for entry in doctor.entries()} == {True}


async def test_a_new_snapshot_takes_the_place_of_the_last(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        phone = await s.begin()

        async def kept() -> tuple[int, int, int]:
            return await s.server.host.db.look(  # type: ignore[no-any-return]
                lambda look: look.row(
                    "SELECT (SELECT seq FROM vault_snapshot), COUNT(*), CAST(SUM(LENGTH(data)) AS BIGINT)"
                    " FROM vault_snapshot_piece"
                )
            )

        seq, pieces, _ = await kept()
        assert pieces == 2
        for number in range(EVERY):
            phone.add(mood(f"more {number}"))
            await phone.sync()
        later, pieces, size = await kept()
        assert later > seq
        assert pieces == 2
        assert size > 0
        await phone.vault.pull(s.mood)
        assert not await phone.snapshots.make_if_due(s.mood), "not before it is due again"


async def test_only_the_owner_makes_one_and_only_of_its_place(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        phone = await s.begin()
        doctor = s.home("doctor")
        await doctor.sign_up(PASS, word="doc")
        await phone.sharing.add_contact(Card(doctor.me.handle, doctor.me.uid), name="Doc", checked="card")
        await doctor.sharing.add_contact(Card(phone.me.handle, phone.me.uid), name="Ana", checked="card")
        await phone.share("mood", "Doc", role=Role.WRITER)
        await doctor.sync()
        doctor.snapshots.every = 1
        assert not await doctor.snapshots.make_if_due(s.mood)
        state = phone.vault.state(s.mood)
        assert state is not None
        listed, parts = phone.snapshots.build(state)
        address = f"/v1/collections/{to_text(s.mood)}/snapshots"
        with pytest.raises(DeniedError) as refused:
            await doctor.transport.blob("PUT", f"{address}/{to_text(listed.parts[0])}", parts[0])
        assert refused.value.reason == "not-the-owner"
        with pytest.raises(MindhavenError) as odd:
            await phone.transport.blob("PUT", f"{address}/{to_text(bytes(32))}", parts[0])
        assert odd.value.reason == "snapshot-part"
        phone.snapshots.every = 1000
        whole = Snapshots._prepare

        async def without_a_part(self: Any, state: Any) -> Any:
            listed, _ = self.build(state)
            data = listed.encode()
            from mindhaven.protocol.collection import Snapshot
            from mindhaven.protocol.snapshot import root

            await self._transport.blob("PUT", f"{address}/{to_text(root(data))}", data)
            return [Snapshot(root(data))], {}

        phone.add(mood("so that the parts differ"))
        await phone.sync()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Snapshots, "_prepare", without_a_part)
            with pytest.raises(ConflictError) as missing:
                await phone.vault.change(s.mood, phone.snapshots._prepare)
            assert missing.value.reason == "snapshot-missing"

            async def of_another_place(self: Any, state: Any) -> Any:
                before = state.__class__.decode(state.encode())
                return await whole(self, before.__class__(**{**_fields(before), "seq": before.seq - 1}))

            patch.setattr(Snapshots, "_prepare", of_another_place)
            with pytest.raises(MindhavenError) as place:
                await phone.vault.change(s.mood, phone.snapshots._prepare)
            assert place.value.reason == "snapshot-place"


def _fields(state: Any) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.__dataclass_fields__}


async def test_pieces_whose_commit_never_came_are_swept(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        phone = s.home("phone")
        await phone.sign_up(PASS, word="ana")
        phone.add(mood("one"))
        await phone.sync()
        collection = phone.index.named("mood").id  # type: ignore[union-attr]
        state = phone.vault.state(collection)
        assert state is not None
        await phone.snapshots._prepare(state)

        async def count() -> int:
            row = await s.server.host.db.look(lambda look: look.row("SELECT COUNT(*) FROM vault_snapshot_piece"))
            return row[0]  # type: ignore[no-any-return]

        assert await count() == 2
        await sweep_pieces(s.server.host, None)  # type: ignore[arg-type]
        assert await count() == 2
        moment.now += PIECE_KEPT_SECONDS + 1
        await sweep_pieces(s.server.host, None)  # type: ignore[arg-type]
        assert await count() == 0


async def first_sync(s: Scene, phone: AsyncMindhaven, change: Any) -> Any:
    """A new device's first sync with a server that changes what it gives."""
    laptop = s.home("laptop")
    await laptop.log_in(phone.me.handle, PASS)
    s.made[-1].change = change
    told: list[int] = []
    synced = await laptop.sync(shown_first=told.append)
    return laptop, synced, told


def on(path: str, change: Any) -> Any:
    return lambda request, content: encode(change(decode(content))) if request.url.path.endswith(path) else None


def another_list(found: list[Any]) -> list[Any]:
    fields = decode(found[1])
    fields[9] += 1
    return [found[0], encode(fields)]


def another_commit(found: list[Any]) -> list[Any]:
    return [[found[0][0], [found[0][1][0][::-1], *found[0][1][1:]]], found[1]]


def other_records(found: list[Any]) -> list[Any]:
    for entry in found:
        for item in entry[1]:
            if item is not None:
                item[0] = item[0][:-1] + bytes([item[0][-1] ^ 1])
    return found


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("/snapshot", another_list, "not the one that its owner signed"),
        ("/snapshot", another_commit, "signature"),
        ("/named", other_records, "another record than the snapshot names"),
        ("/named", lambda found: [], "withholds commits"),
        ("/named", lambda found: found[::-1] if len(found) > 1 else found, "another commit than was asked for"),
    ],
)
async def test_a_lie_about_a_snapshot_shows_nothing_early_and_is_told(
    tmp_path: Path, moment: Time, path: str, change: Any, says: str
) -> None:
    async with scene(tmp_path, moment) as s:
        phone = await s.begin()
        laptop, synced, told = await first_sync(s, phone, on(path, change))
        assert told == []
        (held,) = synced.noted
        assert "not shown before they are checked" in held
        assert says in held
        assert notes(laptop) == ALL, "the history itself was verified"
        assert {entry.checked for entry in laptop.entries()} == {True}


async def test_a_snapshot_of_another_owner_is_refused(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as s:
        phone = await s.begin()
        laptop = s.home("laptop")
        await laptop.log_in(phone.me.handle, PASS)
        await laptop.vault.pull(laptop.index.id or b"")
        with pytest.raises(IntegrityError) as caught:
            await laptop.snapshots.glance(s.mood, owner=b"e" * 32, seq=100)
        assert caught.value.reason == "snapshot-owner"


async def test_a_snapshot_that_the_history_contradicts_is_named_and_the_history_counts(
    tmp_path: Path, moment: Time
) -> None:
    whole = Snapshots.build

    def without_one(self: Any, state: Any) -> Any:
        """As a broken or bribed device of the owner would sign it: one record is left out."""
        from mindhaven.protocol.snapshot import build

        listed, parts = whole(self, state)
        live = [one for number, part in enumerate(parts) for one in listed.part(number, part)]
        return build(state, listed.wraps_at, [*live[:2], *live[3:]])

    async with scene(tmp_path, moment) as s:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Snapshots, "build", without_one)
            phone = await s.begin()
        laptop, synced, told = await first_sync(s, phone, None)
        assert told != []
        (caught,) = synced.noted
        assert "not what its history says" in caught
        assert notes(laptop) == ALL
        assert {entry.checked for entry in laptop.entries()} == {True}
        assert (await laptop.sync()).noted == ()


def test_the_test_lies_about_real_fields() -> None:
    assert LiveList.__slots__[2] == "records"
