"""What becomes of an erasure, on both databases: its journal, and the second receipt, which is measured."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import DAY, PASS, SPARE, Time, mood, world

from mindhaven import vault
from mindhaven.crypto.encoding import decode, labelled_hash
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Journal, run_once
from mindhaven.kernel.journal import SENDER
from mindhaven.kernel.openings import openings
from mindhaven.kernel.outbox import outbox_job
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.server.build import Server
from mindhaven.upkeep.jobs import JOBS
from mindhaven.vault.jobs import TURN
from mindhaven.wire.ids import to_text

(MEASURE,) = JOBS


def marks(data: Path) -> list[str]:
    return (data / "erasures.log").read_text().splitlines()


def mark(kind: str, label: str, *ids: bytes) -> str:
    return f"{kind} {labelled_hash(label, b''.join(ids)).hex()}"


async def completed(server: Server, uid: bytes) -> list[list[Any]]:
    """Return the fields of every `upkeep.erasure.completed` in a person's own events."""
    kept = await server.host.db.look(lambda look: openings(look, subject=uid, first=0, limit=1000))
    opened = [decode(one.body) for one in kept if one.body is not None]
    return [body[6] for body in opened if body[0] == "upkeep.erasure.completed"]


async def follow(server: Server) -> None:
    await server.host.stream.number()
    while await server.host.stream.read("upkeep.erasures"):
        pass


async def pass_days(server: Server, moment: Time, days: int, *, turning: bool = True) -> None:
    for _ in range(days):
        moment.now += DAY
        if turning:
            await run_once(server.host, TURN)
        await run_once(server.host, MEASURE)


async def with_file(home: Any, picture: Path) -> tuple[AsyncMindhaven, bytes]:
    ana: AsyncMindhaven = home("ana")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    ana.add(mood("stays"))
    ana.add(mood("first"), collection="drawings")
    await ana.sync()
    picture.write_bytes(b"a picture" * 1000)
    file = await ana.attach("drawings", picture, media_type="image/png")
    ana.add(mood("goes"), collection="drawings", notes=Notes(files=(file,)))
    await ana.sync()
    drawings = next(one.id for one in ana.collections() if one.name == "drawings")
    return ana, drawings


async def erase_collection(client: AsyncMindhaven, collection: bytes) -> None:
    await client.access.open_way(passphrase=PASS)
    await client.transport.call("DELETE", f"/v1/collections/{to_text(collection)}")


async def test_an_erased_collection_is_complete_once_no_key_is_left(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await run_once(server.host, TURN)
        ana, drawings = await with_file(home, tmp_path / "p.png")
        assert await server.host.blobs.keys(drawings.hex())
        await erase_collection(ana, drawings)
        assert await server.host.blobs.keys(drawings.hex()) == []
        assert mark("c", "ended-collection", drawings) in marks(tmp_path / "data")
        await follow(server)
        await pass_days(server, moment, 14)
        assert await completed(server, ana.me.uid) == []  # the receipt's day is not over yet
        await pass_days(server, moment, 1)
        (fields,) = await completed(server, ana.me.uid)
        assert fields[:2] == ["collection", drawings]
        assert not (tmp_path / "data" / "salt.key").exists()
        await pass_days(server, moment, 1)
        assert len(await completed(server, ana.me.uid)) == 1


@pytest.mark.parametrize("left", ["salt.key", "blobs", "vault_salt"])
async def test_an_erasure_of_which_something_is_left_is_not_called_complete(
    tmp_path: Path, moment: Time, database_url: str, left: str
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await run_once(server.host, TURN)
        ana, drawings = await with_file(home, tmp_path / "p.png")
        await erase_collection(ana, drawings)
        await follow(server)

        async def plant(work: Any) -> None:
            await work.run("INSERT INTO vault_salt (id, pepper, masked) VALUES ($1, 1, $2)", 999 << 32, bytes(32))

        if left == "blobs":
            await server.host.blobs.put(drawings.hex() + "00" * 32, b"left behind")
        if left == "vault_salt":
            await server.host.db.upgrade(plant)
        await pass_days(server, moment, 15, turning=left != "salt.key")
        assert await completed(server, ana.me.uid) == []
        (row,) = await server.host.db.look(lambda look: look.rows("SELECT faults FROM upkeep_erasure"))
        assert row[0] == left
        if left == "blobs":
            await server.host.blobs.delete(drawings.hex() + "00" * 32)
            await pass_days(server, moment, 1)
            assert len(await completed(server, ana.me.uid)) == 1


async def test_an_erased_account_is_measured_too(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await run_once(server.host, TURN)
        ana, drawings = await with_file(home, tmp_path / "p.png")
        uid = ana.me.uid
        receipt = await ana.delete_account(PASS, recovery_key=SPARE)
        written = marks(tmp_path / "data")
        assert mark("a", "ended-account", uid) in written
        assert mark("c", "ended-collection", drawings) in written
        await follow(server)
        await pass_days(server, moment, receipt.backups_until_day - receipt.at // DAY + 1)
        found = await completed(server, uid)
        assert [fields[:2] for fields in found if fields[0] == "account"] == [["account", uid]]
        assert drawings in [fields[1] for fields in found]


async def test_an_erasure_that_the_journal_did_not_take_is_not_acknowledged_and_follows(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    data = tmp_path / "data"
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        ana.add(mood("goes"))
        await ana.sync()
        gone = next(iter(ana.entries()))
        (data / "erasures.log").unlink(missing_ok=True)
        (data / "erasures.log").mkdir()  # the disk does not take it: the erasure stands, and is not acknowledged
        ana.erase(gone)
        with pytest.raises(MindhavenError) as refused:
            await ana.sync()
        assert refused.value.reason == "erasure-journal"
        (data / "erasures.log").rmdir()
        await ana.sync()  # the device sees by its chain that it landed, and repeats nothing
        assert not (data / "erasures.log").exists()
        await run_once(server.host, outbox_job([SENDER]))
        assert mark("i", "ended-item", gone.collection, gone.item) in marks(data)
        assert (data / "erasures.log").stat().st_mode & 0o777 == 0o600
        assert (await vault.check_all(server.host)).faults == []


async def test_a_line_that_a_crash_cut_short_is_written_again(tmp_path: Path, moment: Time, database_url: str) -> None:
    given = {"server.database": database_url, "server.erasure-journal": str(tmp_path / "elsewhere.log")}
    async with world(tmp_path, moment, **given) as (_, home):
        ana, drawings = await with_file(home, tmp_path / "p.png")
        await erase_collection(ana, drawings)
    line = mark("c", "ended-collection", drawings)
    assert (tmp_path / "elsewhere.log").read_text() == line + "\n"
    (tmp_path / "elsewhere.log").write_text(line[:40])  # cut short by a crash
    async with world(tmp_path, moment, **given) as (server, _):
        assert not server.host.erasures.read().collection(drawings)
        moment.now += 60
        await run_once(server.host, outbox_job([SENDER]))
        assert server.host.erasures.read().collection(drawings)
    assert (tmp_path / "elsewhere.log").read_text() == f"{line[:40]}\n{line}\n"


async def test_many_writers_of_a_journal_lose_nothing(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / "erasures.log") for _ in range(4)]
    ids = [os.urandom(32) for _ in range(40)]
    for number, one in enumerate(ids):
        await journals[number % 4].note([mark("c", "ended-collection", one)])
    read = journals[0].read()
    assert all(read.collection(one) for one in ids)
    assert not read.collection(bytes(32))
    assert not read.account(ids[0])
