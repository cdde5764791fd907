"""Parts of attachments that a restore lost: told by name, given back by whoever has the file, and by nobody else."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import PASS, SPARE, Time, mood, world
from tests.storage.test_backup import backed, notes
from tests.storage.test_offering import again, sound

from mindhaven.crypto.encoding import decode
from mindhaven.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    NotFoundError,
)
from mindhaven.kernel import Actor
from mindhaven.protocol.attachment import BLOB_BYTES, blob_hash
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven, Entry, Notes
from mindhaven.server.build import Server
from mindhaven.server.keeping import check, offers
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.wire.ids import to_text

SMALL = b"a page, scanned" * 100
LARGE = bytes(range(256)) * (BLOB_BYTES // 256) + b"and the second part" * 1000
"""Two parts."""


async def two(home: Any, tmp: Path) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    """Ana, who shares her moods with Ben to read; the file `before` hangs on one of them."""
    ana, ben = home("ana"), home("ben")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    await ben.sign_up(PASS, word="ben")
    await attach(ana, tmp, "before", SMALL)
    await ana.sharing.add_contact(Card(ben.me.handle, ben.me.uid), name="Ben", checked="card")
    await ben.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
    await ana.share("mood", "Ben", role=Role.READER)
    await ben.sync()
    return ana, ben


async def attach(client: AsyncMindhaven, tmp: Path, name: str, data: bytes) -> None:
    (tmp / name).write_bytes(data)
    file = await client.attach("mood", tmp / name, media_type="image/png")
    client.add(mood(name), notes=Notes(files=(file,)))
    await client.sync()


def of(client: AsyncMindhaven, note: str) -> Entry:
    return next(e for e in client.entries() if e.record and e.record.body["note"] == note)


async def fetched(client: AsyncMindhaven, note: str) -> bytes:
    return b"".join([part async for part in client.read_file(of(client, note))])


def lacking(client: AsyncMindhaven) -> dict[str, int]:
    return {one.file.name: len(one.parts) for one in client.lacking()}


def lose(data: Path) -> None:
    """Lose the bytes of every attachment; their rows stay."""
    for folder in (data / "blobs").iterdir():
        if folder.name != "partial":
            shutil.rmtree(folder)


async def missing(server: Server, data: Path, url: str = "") -> tuple[int, set[str]]:
    settings = load_server(SLICES, overrides={"server.data": str(data), "server.database": url})
    found = await check(server, settings)
    return found.blobs_missing, {one.code for one in found.faults}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_parts_that_a_restore_lost_are_told_by_name_and_given_back_from_the_file(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    from_url = request.getfixturevalue(f"{database}_url")
    to_url = "" if database == "sqlite" else request.getfixturevalue("other_postgres_url")
    async with world(tmp_path, moment, **{"server.database": from_url}) as (server, home):
        ana, ben = await two(home, tmp_path)
        await backed(server, tmp_path)
        await attach(ana, tmp_path, "after", LARGE)  # the backup has neither this record nor its parts
        await ben.sync()
        assert (await ana.sync()).lacking == ()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment, to_url) as (server, home):
        data = tmp_path / "new" / "data"
        lose(data)  # of `before` the row is there, and the bytes are not
        ana, ben = home("ana"), home("ben")
        synced = await ana.sync()
        assert synced.given_back.commits > 0
        assert {one.file.name: len(one.parts) for one in synced.lacking} == {"before": 1, "after": 2}
        assert await missing(server, data, to_url) == (3, {"blob-missing"})
        with pytest.raises(NotFoundError, match="does not have all parts of before") as absent:
            await fetched(ana, "before")
        assert absent.value.reason == "blob-unknown"
        assert "mindhaven give-back" in (absent.value.hint or "")
        # Nothing of another file leaves the device.
        wire: list[tuple[str, str]] = []
        ana.transport._http.event_hooks["request"] = [note_into(wire)]
        (tmp_path / "other").write_bytes(SMALL[:-1] + b"!")
        with pytest.raises(InvalidInputError, match="none of the files that the server lacks") as refused:
            await ana.give_back(tmp_path / "other")
        assert refused.value.reason == "file-differs"
        assert "after (" in (refused.value.hint or "")
        assert not [path for method, path in wire if method == "PUT"]
        # The file under another name is the same file.
        (tmp_path / "after").rename(tmp_path / "renamed")
        (given,) = await ana.give_back(tmp_path / "renamed")
        assert (given.file.name, len(given.parts)) == ("after", 2)
        assert len([path for method, path in wire if method == "PUT"]) == 2
        assert lacking(ana) == {"before": 1}
        assert await fetched(ana, "after") == LARGE
        # Whoever may read can give back, too: the chain says what fits.
        assert {one.file.name for one in (await ben.sync()).lacking} == {"before"}
        (given,) = await ben.give_back(tmp_path / "before")
        assert given.file.name == "before"
        assert await fetched(ben, "before") == SMALL
        assert (await ana.sync()).lacking == ()
        assert await ana.give_back(tmp_path / "before") == (), "nothing is sent where nothing is lacking"
        await sound(server, data, to_url)
        told = await server.host.db.look(
            lambda look: look.rows("SELECT name FROM event WHERE name = 'vault.blob.given-back'")
        )
        assert len(told) == 3


def note_into(wire: list[tuple[str, str]]) -> Any:
    async def note(request: httpx.Request) -> None:
        wire.append((request.method, request.url.path))

    return note


async def test_an_archive_gives_parts_back_and_leaves_out_what_is_lost(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await two(home, tmp_path)
        await attach(ana, tmp_path, "large", LARGE)
        await ana.export_archive(tmp_path / "whole.archive")
        assert ana.not_exported == ()
        await backed(server, tmp_path)
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        data = tmp_path / "new" / "data"
        lose(data)
        ana = home("ana")
        await ana.sync()
        assert lacking(ana) == {"before": 1, "large": 2}
        await ana.export_archive(tmp_path / "torn.archive")
        assert {one.file.name: len(one.parts) for one in ana.not_exported} == {"before": 1, "large": 2}
        assert await ana.give_back(tmp_path / "torn.archive") == ()
        cut = tmp_path / "cut.archive"
        cut.write_bytes((tmp_path / "whole.archive").read_bytes()[:-1])
        with pytest.raises(IntegrityError) as refused:
            await ana.give_back(cut)
        assert refused.value.reason == "archive-cut"
        assert lacking(ana) == {"before": 1, "large": 2}, "nothing of a cut archive was sent"
        given = await ana.give_back(tmp_path / "whole.archive")
        assert {one.file.name: len(one.parts) for one in given} == {"before": 1, "large": 2}
        assert (await fetched(ana, "before"), await fetched(ana, "large")) == (SMALL, LARGE)
        await sound(server, data)


async def test_nothing_is_taken_but_what_a_live_record_lacks(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await two(home, tmp_path)
        await backed(server, tmp_path)
        await attach(ana, tmp_path, "secret", LARGE)
        await ben.sync()  # Ben's device has it, and is away when Ana erases it
        secret = of(ana, "secret")
        assert secret.collection is not None
        stolen = [
            await ana.transport.blob("GET", f"/v1/collections/{to_text(secret.collection)}/blobs/{to_text(blob)}")
            for blob in secret.notes.files[0].blobs
        ]
        ana.erase(secret)
        await ana.sync()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        data = tmp_path / "new" / "data"
        collection = secret.collection
        assert collection is not None
        address = f"/v1/collections/{to_text(collection)}"
        ben, cleo = home("ben"), home("cleo")
        await cleo.sign_up(PASS, word="cleo")

        async def refused(client: AsyncMindhaven, blob: bytes, data: bytes, kind: type[MindhavenError]) -> str:
            with pytest.raises(kind) as caught:
                await client.transport.blob("PUT", f"{address}/given-back/{to_text(blob)}", data)
            return caught.value.reason

        # Ben's device brings the commit that put it; its erasure stands in the journal alone.
        assert (await ben.sync()).given_back.commits > 0
        assert lacking(ben) == {}
        for data_of_part in stolen:
            assert await refused(ben, blob_hash(data_of_part), data_of_part, ConflictError) == "blob-unwanted"
        (gaps, following) = decode(await ben.transport.cbor("GET", f"{address}/missing-parts"))
        assert (gaps, following) == ([], None)
        lose(data)
        (gaps, _) = decode(await ben.transport.cbor("GET", f"{address}/missing-parts"))
        kept = of(ben, "before").notes.files[0].blobs
        assert [one[2] for one in gaps] == [list(kept)], "the erased record's parts are not asked for"
        junk = b"what no record names"
        assert await refused(ben, blob_hash(junk), junk, ConflictError) == "blob-unwanted"
        assert await refused(ben, kept[0], junk, IntegrityError) == "blob-mismatch"
        assert await refused(cleo, kept[0], junk, IntegrityError) == "blob-mismatch"
        assert await refused(cleo, blob_hash(junk), junk, NotFoundError) == "collection-unknown"
        assert not [path for path in (data / "blobs").rglob("*") if path.is_file()], "nothing of it was kept"
        # Erased in the chain too, it is as unwanted.
        ana = home("ana")
        await ana.sync()
        assert notes(ana) == ["before"]
        assert await refused(ana, blob_hash(stolen[0]), stolen[0], ConflictError) == "blob-unwanted"
        # Out of the window nobody is heard; who is out of the share, neither.
        await ana.stop_sharing("mood", "Ben")
        assert await refused(ben, blob_hash(junk), junk, NotFoundError) == "collection-unknown"
        await offers(server, 0)
        assert await refused(ana, blob_hash(junk), junk, ConflictError) == "offer-closed"
        with pytest.raises(ConflictError) as closed:
            await ana.give_back(tmp_path / "before")
        assert closed.value.reason == "offer-closed"
        assert (await ana.sync()).lacking == ()


async def test_a_share_that_ran_out_gives_nothing_back(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await two(home, tmp_path)
        collection = of(ana, "before").collection
        assert collection is not None
        await server.host.db.act(
            Actor(kind="operator"),
            lambda work: work.run("UPDATE vault_member SET until = 1 WHERE uid = $1", ben.me.uid),
            upkeep="a test",
        )
        await offers(server, 1)
        junk = b"junk"
        for method, path, body in (
            ("GET", "missing-parts", None),
            ("PUT", f"given-back/{to_text(blob_hash(junk))}", junk),
        ):
            with pytest.raises(DeniedError) as refused:
                await ben.transport.blob(method, f"/v1/collections/{to_text(collection)}/{path}", body)
            assert refused.value.reason == "share-ended"
