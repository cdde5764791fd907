"""Collections on both databases, through the real SDK: conflicts, erasure, history, holds, roles, attachments."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import DAY, PASS, SPARE, START, Time, mood, world

from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import DeniedError, IntegrityError, MindhavenError, NotFoundError
from mindhaven.kinds import Record
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Erase, History, Members, Role, Settings
from mindhaven.sdk import AsyncMindhaven, Entry
from mindhaven.sdk.content import Notes
from mindhaven.sdk.vault import today
from mindhaven.sdk.ways import New
from mindhaven.server.build import Server

Homes = Callable[[str], AsyncMindhaven]


@asynccontextmanager
async def here(tmp: Path, moment: Time, url: str) -> AsyncIterator[tuple[Server, Homes]]:
    async with world(tmp, moment, **{"server.database": url}) as made:
        yield made


def notes(client: AsyncMindhaven, **which: Any) -> list[str]:
    return sorted(
        str(e.record.body.get("note", e.record.body.get("text"))) for e in client.entries(**which) if e.record
    )


def entry(client: AsyncMindhaven, note: str) -> Entry:
    return next(e for e in client.entries() if e.record and e.record.body.get("note") == note)


async def two_people(home: Homes, *, role: Role = Role.READER, **more: Any) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    ana, b = home("ana"), home("b")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    await b.sign_up(PASS, word="drb")
    ana.add(mood("one"))
    await ana.sync()
    await ana.sharing.add_contact(Card(b.me.handle, b.me.uid), name="Dr B", checked="card")
    await ana.share("mood", "Dr B", role=role, **more)
    await b.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
    await b.sync()
    return ana, b


async def count(server: Server, table: str) -> int:
    row = await server.host.db.look(lambda look: look.row(f"SELECT COUNT(*) FROM {table}"))
    assert row is not None
    return int(row[0])


async def test_an_edit_that_lost_the_race_becomes_an_item_of_its_own(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        phone, laptop = home("phone"), home("laptop")
        await phone.sign_up(PASS, word="ana")
        phone.add(mood("first"))
        await phone.sync()
        await laptop.log_in(phone.me.handle, PASS)
        await laptop.sync()
        for client, note in ((phone, "phone's words"), (laptop, "laptop's words")):
            one = entry(client, "first")
            assert one.record is not None
            client.revise(one, replace(one.record, body={**one.record.body, "note": note}))
        original = entry(phone, "phone's words").item
        await phone.sync()
        await laptop.sync()
        await phone.sync()
        for client in (phone, laptop):
            assert notes(client) == ["laptop's words", "phone's words"]
            assert entry(client, "laptop's words").notes.conflict_of == original


async def test_sixteen_writers_on_one_collection_lose_nothing(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        first = home("d0")
        await first.sign_up(PASS, word="ana")
        first.add(mood("start"))
        await first.sync()
        devices = [first]
        for number in range(1, 16):
            device = home(f"d{number}")
            await device.log_in(first.me.handle, PASS)
            await device.sync()
            devices.append(device)
        mine = first.index.named("mood")
        assert mine is not None
        for number, device in enumerate(devices):
            device.add(mood(f"from {number}"))
        await asyncio.gather(*(device.syncing.flush() for device in devices))
        await first.sync()
        assert notes(first) == sorted(["start", *(f"from {number}" for number in range(16))])
        refused = await server.host.db.look(
            lambda look: look.rows("SELECT name FROM event WHERE name = 'vault.collection.refused'")
        )
        assert refused == []


async def test_erasing_takes_envelope_and_salt_and_the_id_never_comes_back(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana, b = await two_people(home)
        ana.add(mood("two"))
        await ana.sync()
        await b.sync()
        before = await count(server, "vault_salt")
        gone = entry(ana, "one")
        ana.erase(gone)
        await ana.sync()
        await b.sync()
        assert await count(server, "vault_salt") == before - 1
        assert await count(server, "vault_envelope") == before - 1
        assert notes(ana) == ["two"]
        assert notes(b) == ["two"]
        collection = gone.collection
        assert collection is not None

        async def again(_state: Any) -> Any:
            return [Erase(gone.item)], {}

        with pytest.raises(DeniedError) as refused:
            await ana.vault.change(collection, again)
        assert refused.value.reason == "item-not-live"


async def test_history_is_dropped_by_default_and_kept_where_a_collection_says_so(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        await ana.ensure("notes", settings=Settings(history=History.KEEP))
        base = await count(server, "vault_envelope")
        ana.add(mood("a"))
        ana.add(mood("kept a"), collection="notes")
        await ana.sync()
        for note in ("a", "kept a"):
            one = entry(ana, note)
            assert one.record is not None
            ana.revise(one, replace(one.record, body={**one.record.body, "note": f"{note}, revised"}))
        await ana.sync()
        rows = await server.host.db.look(
            lambda look: look.rows(
                "SELECT c.id, COUNT(*) FROM vault_envelope e JOIN vault_collection c ON c.no = e.id / 4294967296"
                " GROUP BY c.id"
            )
        )
        by_collection = {bytes(row[0]): row[1] for row in rows}
        kept, dropped = ana.index.named("notes"), ana.index.named("mood")
        assert kept is not None
        assert dropped is not None
        assert by_collection[kept.id] == 2
        assert by_collection[dropped.id] == 1
        assert base > 0


async def test_a_hold_keeps_records_until_its_day(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        until = START // DAY + 10
        await ana.ensure("record", settings=Settings(history=History.KEEP, hold_until=until))
        ana.add(mood("held"), collection="record")
        await ana.sync()
        ana.erase(entry(ana, "held"))
        held = (await ana.sync()).held
        assert len(held) == 1
        assert "law" in held[0]
        moment.now += 11 * DAY
        await ana.log_in(ana.me.handle, PASS)
        assert (await ana.sync()).held == ()
        assert notes(ana) == []


async def test_a_reader_may_not_write_and_a_writer_may_only_change_their_own(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        theirs_id = ana.index.named("mood").id  # type: ignore[union-attr]
        b.add(mood("by a reader"), collection=theirs_id)
        held = (await b.sync()).held
        assert len(held) == 1
        b.store.unqueue([number for number, _ in b.store.queued()])
        await ana.share("mood", "Dr B", role=Role.WRITER)
        await b.sync()
        b.add(mood("by a writer"), collection=theirs_id)
        await b.sync()
        await ana.sync()
        assert notes(ana) == ["by a writer", "one"]
        theirs = entry(b, "one")
        assert not theirs.mine
        with pytest.raises(DeniedError):
            b.revise(theirs, mood("not mine to change"))
        collection = theirs.collection
        assert collection is not None

        async def erase_other(_state: Any) -> Any:
            return [Erase(theirs.item)], {}

        with pytest.raises(DeniedError) as refused:
            await b.vault.change(collection, erase_other)
        assert refused.value.reason == "not-the-author"
        ana.erase(entry(ana, "by a writer"))
        await ana.sync()
        assert notes(ana) == ["one"]


async def test_a_grant_covers_its_months_and_ends_with_no_device_online(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = home("ana"), home("b")
        await ana.sign_up(PASS, word="ana")
        await b.sign_up(PASS, word="drb")
        ana.add_all([mood("in june", at=START - 160 * DAY), mood("in november", at=START)])
        await ana.sync()
        await ana.sharing.add_contact(Card(b.me.handle, b.me.uid), name="Dr B", checked="card")
        await ana.share("mood", "Dr B", since=202611, until=today() + 5)
        await b.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
        await b.sync()
        assert notes(b) == ["in november"]
        assert len(b.entries()) == 2
        sealed = next(one for one in b.entries() if one.record is None)
        assert sealed.error == "no-key"
        # A back-dated entry stays in its month.
        ana.add(mood("also june", at=START - 161 * DAY))
        await ana.sync()
        await b.sync()
        assert notes(b) == ["in november"]
        moment.now += 6 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await b.log_in(b.me.handle, PASS)
        mine = ana.index.named("mood")
        assert mine is not None
        with pytest.raises(DeniedError) as ended:
            await b.vault.pull(mine.id)
        assert ended.value.reason == "share-ended"
        ana.add(mood("after the end", at=START + 6 * DAY))
        await ana.sync()
        state = ana.vault.state(mine.id)
        assert state is not None
        newest = max(state.epochs)
        assert b.me.uid not in state.epochs[newest].holders


async def test_a_revoked_reader_is_out_at_once_and_learns_no_new_key(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        mine = ana.index.named("mood")
        assert mine is not None
        await ana.stop_sharing("mood", "Dr B")
        with pytest.raises(NotFoundError):
            await b.vault.pull(mine.id)
        ana.add(mood("after"))
        await ana.sync()
        state = ana.vault.state(mine.id)
        assert state is not None
        key = ana.vault.epoch_key(mine.id, max(state.epochs))
        assert isinstance(key, EpochKey)
        assert key not in [b.vault.epoch_key(mine.id, number) for number in state.epochs]
        (share,) = await b.sharing.shares()
        assert share.ended_at is not None


async def test_nobody_gains_without_a_consent_that_says_exactly_that(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        mine = ana.index.named("mood")
        assert mine is not None
        await ana.stop_sharing("mood", "Dr B")

        def plain(consent: bytes | None) -> Any:
            async def make(state: Any) -> Any:
                from mindhaven.protocol.collection import Member

                return [
                    Members((*state.members.values(), Member(b.me.uid, Role.READER, 0, 0)), state.settings, consent)
                ], {}

            return make

        with pytest.raises(DeniedError) as refused:
            await ana.vault.change(mine.id, plain(None))
        assert refused.value.reason == "consent-missing"
        with pytest.raises(DeniedError) as refused:
            await ana.vault.change(mine.id, plain(bytes(32)))
        assert refused.value.reason == "consent-elsewhere"


async def test_ownership_passes_to_one_who_holds_every_key(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        mine = ana.index.named("mood")
        assert mine is not None
        with pytest.raises(DeniedError) as refused:
            await ana.sharing.hand_over(mine.id, b.me.uid)
        assert refused.value.reason == "owner-silent"
        b.add(mood("by the next owner"), collection=mine.id)
        await b.sync()
        await ana.sharing.hand_over(mine.id, b.me.uid)
        await b.vault.pull(mine.id)
        assert b.vault.role(mine.id) is Role.OWNER
        assert ana.vault.role(mine.id) is Role.WRITER
        await ana.sharing.leave(mine.id)
        with pytest.raises(NotFoundError):
            await ana.vault.pull(mine.id)


async def test_who_leaves_ends_the_consent_too(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        await b.sharing.leave(ana.index.named("mood").id)  # type: ignore[union-attr]
        (share,) = await ana.sharing.shares()
        assert share.ended_at is not None


async def test_ones_own_words_never_land_in_anothers_collection_of_the_same_name(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home, role=Role.WRITER)
        b.add(mood("b's own"))
        await b.sync()
        await ana.sync()
        assert notes(ana) == ["one"]
        assert notes(b) == ["b's own", "one"]
        await ana.stop_sharing("mood", "Dr B")
        b.add(mood("b's own again"))
        assert (await b.sync()).held == ()


async def test_edits_that_never_left_are_one_edit(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("draft"))
        for note in ("second draft", "third draft"):
            (one,) = ana.entries()
            ana.revise(one, mood(note))
        ana.add(mood("never mind"))
        ana.erase(entry(ana, "never mind"))
        await ana.sync()
        assert notes(ana) == ["third draft"]
        ana.revise(entry(ana, "third draft"), mood("fourth"))
        ana.revise(entry(ana, "fourth"), mood("fifth"))
        await ana.sync()
        assert notes(ana) == ["fifth"]
        ana.revise(entry(ana, "fifth"), mood("sixth"))
        ana.erase(entry(ana, "sixth"))
        await ana.sync()
        assert notes(ana) == []
        assert await count(server, "vault_item") == len(ana.index._entries("mindhaven/index.collection")) + 2


async def test_what_stands_beside_the_heads_is_carried_along(tmp_path: Path, moment: Time, database_url: str) -> None:
    """A browser keeps there what was decided of what others ask: this client writes heads, and loses none of it."""
    async with here(tmp_path, moment, database_url) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("one"))
        await ana.sync()
        kind = "mindhaven/index.heads"
        ((item, revision, body),) = ana.index._entries(kind)
        await ana.index._put(kind, {**body, "settled": "ab" * 256}, item=item, revision=revision + 1)
        ana.add(mood("two"))
        await ana.sync()
        ((_, _, after),) = ana.index._entries(kind)
        assert after["settled"] == "ab" * 256
        assert after["heads"] != body["heads"]


async def test_an_attachment_travels_sealed_and_a_cut_one_is_refused(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana, b = await two_people(home)
        file = tmp_path / "song.bin"
        file.write_bytes(b"la" * 3_000_000)
        reference = await ana.attach("mood", file, media_type="audio/ogg")
        assert len(reference.blobs) == 2
        ana.add(mood("with a song"), notes=Notes(files=(reference,)))
        await ana.sync()
        await b.sync()
        got = b"".join([part async for part in b.read_file(entry(b, "with a song"))])
        assert got == file.read_bytes()
        events = await server.host.db.look(
            lambda look: look.rows("SELECT name FROM event WHERE name = 'vault.blob.fetched'")
        )
        assert len(events) == 2
        short = replace(reference, blobs=reference.blobs[:1])
        with pytest.raises(IntegrityError):
            _ = [part async for part in b.files.get(entry(b, "with a song").collection or b"", short)]
        # Erased with its entry: the parts are gone too.
        ana.erase(entry(ana, "with a song"))
        await ana.sync()
        assert await count(server, "vault_blob") == 0
        with pytest.raises(NotFoundError):
            _ = [part async for part in b.files.get(ana.index.named("mood").id, reference)]  # type: ignore[union-attr]


async def test_a_transfer_that_broke_off_goes_on_where_it_stopped(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        file = tmp_path / "film.bin"
        file.write_bytes(b"frame" * 2_000_000)
        sent: list[str] = []
        real = ana.transport.blob

        async def cut(method: str, path: str, content: bytes | None = None) -> bytes:
            if len(sent) == 2:
                raise ConnectionError("cut")
            sent.append(path)
            return await real(method, path, content)

        ana.transport.blob = cut  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await ana.attach("mood", file, media_type="video/x")
        again: list[str] = []

        async def watched(method: str, path: str, content: bytes | None = None) -> bytes:
            again.append(path)
            return await real(method, path, content)

        ana.transport.blob = watched  # type: ignore[method-assign]
        reference = await ana.attach("mood", file, media_type="video/x")
        assert len(reference.blobs) == 3
        assert len(again) == 1
        assert not set(again) & set(sent)
        ana.add(mood("with a film"), notes=Notes(files=(reference,)))
        await ana.sync()
        got = b"".join([part async for part in ana.read_file(entry(ana, "with a film"))])
        assert got == file.read_bytes()


async def test_anothers_collection_is_as_unknown_as_one_that_never_was(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, c = home("ana"), home("c")
        await ana.sign_up(PASS, word="ana")
        await c.sign_up(PASS, word="c1")
        ana.add(mood("mine"))
        await ana.sync()
        mine = ana.index.named("mood")
        assert mine is not None
        seen = []
        for collection in (mine.id, bytes(32)):
            with pytest.raises(MindhavenError) as refused:
                await c.vault.pull(collection)
            seen.append((refused.value.reason, refused.value.message))
        assert seen[0] == seen[1]


async def test_a_replaced_key_is_refused_and_the_new_one_announced(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        _, root = await ana.access.open_way(passphrase=PASS)
        old = ana.me.bundle
        await ana.access.change(root, new=New.KEYS)
        new, ana.me.bundle = ana.me.bundle, old
        ana.add(mood("written with the old key"))
        (held,) = (await ana.sync()).held
        assert "replaced" in held
        ana.me.bundle = new
        await ana.replace_keys()
        assert (await ana.sync()).held == ()
        await b.sync()
        assert notes(b) == ["one", "written with the old key"]


async def test_leaving_takes_everything_in_one_work(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (server, home):
        ana, b = await two_people(home)
        receipt = await ana.delete_account(PASS, recovery_key=SPARE)
        assert receipt.backups_until_day == START // DAY + 14
        for table in ("vault_envelope", "vault_salt", "vault_commit"):
            rows = await server.host.db.look(
                lambda look, table=table: look.rows(f"SELECT COUNT(*) FROM {table}")  # type: ignore[misc]
            )
            assert rows[0][0] > 0  # B's own index stays
        owners = await server.host.db.look(lambda look: look.rows("SELECT DISTINCT owner FROM vault_collection"))
        assert [bytes(row[0]) for row in owners] == [b.me.uid]
        with pytest.raises(MindhavenError):
            await ana.sync()
        with pytest.raises(NotFoundError):
            await b.vault.pull(ana.index.named("mood").id)  # type: ignore[union-attr]
        await b.sync()


async def test_kinds_that_nobody_here_knows_are_kept_and_given_back(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        odd = Record(
            kind="org.example/odd",
            version=7,
            created_at=START * 1000,
            zone="+05:30",
            body={"a": [1, {"b": None}], "z": 0.5},
        )
        ana.add(odd)
        await ana.sync()
        other = home("other")
        await other.log_in(ana.me.handle, PASS)
        await other.sync()
        assert [e.record for e in other.entries()] == [odd]
