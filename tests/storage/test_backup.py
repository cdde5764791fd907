"""Backup and restore, on both databases and from one to the other: what was erased stays erased, the odd is refused."""

import asyncio
import fcntl
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, SPARE, Time, mood, world

from mindhaven import vault
from mindhaven.crypto import age
from mindhaven.errors import MindhavenError
from mindhaven.ledger import publishing
from mindhaven.ledger.keys import _seed as own_key
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.server.build import Server
from mindhaven.server.keeping import Asked, make_backup, put_back
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.upkeep.archive import identity_of_passphrase
from mindhaven.upkeep.backup import Made, Target
from mindhaven.upkeep.restore import Restored
from mindhaven.wire.ids import to_text

IDENTITY = age.generate_identity()
RECIPIENT = age.recipient_of(IDENTITY)


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(e.record.body.get("note")) for e in client.entries() if e.record)


async def backed(server: Server, tmp: Path, **more: Any) -> Made:
    target = Target(main=tmp / "backups", side=tmp / "side", **({"recipient": RECIPIENT} | more))
    return await make_backup(server, target)


async def restored(tmp: Path, moment: Time, url: str = "", name: str = "new", **more: Any) -> Restored:
    overrides = {"server.data": str(tmp / name / "data"), "server.database": url}
    given: dict[str, Any] = {
        "folder": tmp / "backups",
        "side": tmp / "side",
        "keys": tmp / "data",
        "opens": lambda _: IDENTITY,
    }
    return await put_back(load_server(SLICES, overrides=overrides), Asked(**(given | more)), clock=moment)


async def peopled(home: Any, tmp: Path) -> AsyncMindhaven:
    """Somebody with moods, one erased, a file, a collection of their own, and a share with somebody else."""
    ana, ben = home("ana"), home("ben")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    await ben.sign_up(PASS, word="ben")
    ana.add(mood("one"))
    ana.add(mood("gone"))
    await ana.sync()
    ana.erase(next(e for e in ana.entries() if e.record and e.record.body["note"] == "gone"))
    (tmp / "file").write_bytes(bytes(range(256)) * 5000)
    file = await ana.attach("mood", tmp / "file", media_type="image/png")
    ana.add(mood("with a file"), notes=Notes(files=(file,)))
    ana.add(mood("drawn"), collection="drawings")
    await ana.sync()
    await ana.sharing.add_contact(Card(ben.me.handle, ben.me.uid), name="Ben", checked="card")
    await ana.share("mood", "Ben", role=Role.READER)
    return ana  # type: ignore[no-any-return]


def opened(path: Path) -> bytes:
    out = io.BytesIO()
    with path.open("rb") as file:
        age.decrypt(file, out, IDENTITY)
    return out.getvalue()


WAYS = [("sqlite", "sqlite"), ("postgres", "postgres"), ("sqlite", "postgres"), ("postgres", "sqlite")]


@pytest.mark.parametrize(("source", "target"), WAYS)
async def test_a_backup_made_while_people_write_comes_back_whole(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, source: str, target: str
) -> None:
    from_url = request.getfixturevalue(f"{source}_url")
    to_url = "" if target == "sqlite" else request.getfixturevalue("other_postgres_url")
    async with world(tmp_path, moment, **{"server.database": from_url}) as (server, home):
        ana = await peopled(home, tmp_path)

        async def write() -> None:
            for number in range(8):
                ana.add(mood(f"w{number}"))
                await ana.sync()

        made, _ = await asyncio.gather(backed(server, tmp_path), write())
        assert made.blobs > 0
        made = await backed(server, tmp_path, keep=1)  # the last one, of everything
        assert made.removed == 1
        assert list((tmp_path / "backups").iterdir()) == [made.folder]
        assert len(list((tmp_path / "side").glob("*.age"))) == 1
        of_people = (
            "SELECT subject, seq, commitment FROM event WHERE name NOT LIKE 'upkeep.%' AND name <> 'vault.window.set'"
        )
        events = await server.host.db.look(lambda look: look.rows(of_people))
        handle, uid = ana.me.handle, ana.me.uid
    found = await restored(tmp_path, moment, to_url)
    assert found.checked.faults == []
    assert (found.rows, found.blobs) == (made.rows, made.blobs)
    assert not (tmp_path / "new" / "data" / "restore.unfinished").exists()
    async with world(tmp_path / "new", moment, **{"server.database": to_url}) as (server, home):
        assert await server.host.db.look(lambda look: look.rows(of_people)) == events
        laptop = home("laptop")
        await laptop.log_in(handle, PASS)
        await laptop.sync()
        assert notes(laptop) == sorted(["one", "with a file", "drawn", *(f"w{n}" for n in range(8))])
        assert laptop.me.uid == uid
        laptop.add(mood("after"))
        await laptop.sync()
        assert (await vault.check_all(server.host)).faults == []


async def test_what_a_killed_backup_left_is_cleared(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        await peopled(home, tmp_path)
        first = await backed(server, tmp_path)
        side = next((tmp_path / "side").glob("*.age"))
        (tmp_path / "backups" / ".unfinished-x").mkdir()
        (tmp_path / "side" / ".unfinished-x.age").write_bytes(b"half")
        shutil.copy(side, tmp_path / "side" / "side-20200101T000000Z.age")  # killed before the former was destroyed
        made = await backed(server, tmp_path)
        assert sorted((tmp_path / "backups").iterdir()) == [first.folder, made.folder]
        assert len(list((tmp_path / "side").iterdir())) == 2
        assert not side.exists()
        lock = os.open(tmp_path / "data" / "backup.lock", os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(MindhavenError) as refused:
            await backed(server, tmp_path)
        assert refused.value.reason == "backup-running"
        os.close(lock)
    assert (await restored(tmp_path, moment)).checked.faults == []


async def test_no_key_and_no_salt_is_in_the_main_part(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        await peopled(home, tmp_path)
        assert await vault.turn_now(server.host) is not None
        made = await backed(server, tmp_path)
        main, side = opened(made.folder / "main.age"), opened(next((tmp_path / "side").glob("*.age")))
        for path in (tmp_path / "data").glob("*.key"):
            assert path.read_bytes().strip() not in main
            assert (path.read_bytes() in side) == path.name.startswith("salt")
        salts = await server.host.db.look(lambda look: look.rows("SELECT masked FROM vault_salt"))
        peppers = await server.host.db.look(lambda look: look.rows("SELECT wrapped FROM vault_pepper"))
        for (value,) in [*salts, *peppers]:
            assert value not in main
            assert value in side
        assert {path.stat().st_mode & 0o777 for path in made.folder.iterdir()} == {0o600}


@pytest.mark.shows("restore-revives-nothing")
async def test_what_was_erased_since_does_not_come_back(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await peopled(home, tmp_path)
        await backed(server, tmp_path)
        gone = next(e for e in ana.entries() if e.record and e.record.body["note"] == "with a file")
        ana.erase(gone)
        await ana.sync()
        drawings = next(one.id for one in ana.collections() if one.name == "drawings")
        await ana.access.open_way(passphrase=PASS)
        await ana.transport.call("DELETE", f"/v1/collections/{to_text(drawings)}")
        uid = ana.me.uid
    found = await restored(tmp_path, moment)
    assert (found.collections_erased, found.records_erased, found.checked.erased) == (1, 1, 1)
    assert found.checked.faults == []
    async with world(tmp_path / "new", moment) as (server, _):
        host = server.host
        assert await host.blobs.keys(gone.collection.hex()) == []
        (row,) = await host.db.look(
            lambda look: look.rows("SELECT envelope FROM vault_item WHERE item = $1", gone.item)
        )
        for table in ("vault_envelope", "vault_salt"):
            at = f"SELECT 1 FROM {table} WHERE id = $1"
            assert await host.db.look(lambda look, at=at: look.rows(at, row[0])) == []
        assert await host.db.look(lambda look: vault.left(look, collection=drawings)) == []
        told = await host.db.look(lambda look: look.rows("SELECT name FROM event WHERE subject = $1 ORDER BY seq", uid))
        assert ("vault.records.erased-again",) in told
        assert host.erasures.read().collection(drawings)


async def test_an_account_that_left_since_does_not_come_back(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await peopled(home, tmp_path)
        await backed(server, tmp_path)
        uid = ana.me.uid
        await ana.delete_account(PASS, recovery_key=SPARE)
    found = await restored(tmp_path, moment)
    assert found.accounts_erased == 1
    assert found.checked.faults == []
    async with world(tmp_path / "new", moment) as (server, _):
        assert await server.host.db.look(lambda look: vault.left(look, uid=uid)) == []
        assert await server.host.db.look(vault.orphans) == []
        assert await server.host.blobs.keys() == []


async def test_an_older_main_part_opens_with_the_newest_side_copy(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await peopled(home, tmp_path)
        first = await backed(server, tmp_path)
        drawings = next(one.id for one in ana.collections() if one.name == "drawings")
        await ana.access.open_way(passphrase=PASS)
        await ana.transport.call("DELETE", f"/v1/collections/{to_text(drawings)}")
        cem = home("cem")  # gets the numbers of what was erased
        await cem.sign_up(PASS, word="cem")
        cem.add(mood("theirs"))
        await cem.sync()
        moment.now += 60
        assert await vault.turn_now(server.host) is not None
        await backed(server, tmp_path)
        assert len(list((tmp_path / "side").glob("*.age"))) == 1
        handle = ana.me.handle
    found = await restored(tmp_path, moment, folder=first.folder)
    assert found.collections_erased == 1
    assert found.peppers_odd == 1  # the number of what was erased is somebody else's now
    assert found.checked.faults == []
    assert found.checked.records > 3
    async with world(tmp_path / "new", moment) as (_, home):
        laptop = home("laptop")
        await laptop.log_in(handle, PASS)
        synced = await laptop.sync()
        assert synced.behind == (drawings,)  # the list of that day still names what was erased since
        moment.now += 86_400 * vault.WINDOW_DAYS
        await laptop.log_in(handle, PASS)
        with pytest.raises(MindhavenError) as told:
            await laptop.sync()
        assert told.value.reason == "collection-withheld"


async def test_a_passphrase_opens_its_backup_and_no_other_does(tmp_path: Path, moment: Time) -> None:
    salt = b"0123456789abcdef"
    identity = identity_of_passphrase("four herons", salt)
    async with world(tmp_path, moment) as (server, home):
        await peopled(home, tmp_path)
        await backed(server, tmp_path, recipient=age.recipient_of(identity), salt=salt)
    with pytest.raises(MindhavenError) as refused:
        await restored(tmp_path, moment, opens=lambda salt: identity_of_passphrase("five herons", salt or b""))
    assert refused.value.reason == "age-no-match"
    assert not (tmp_path / "new" / "data").exists()
    found = await restored(tmp_path, moment, opens=lambda salt: identity_of_passphrase("four herons", salt or b""))
    assert found.checked.faults == []


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def _older_side(tmp: Path) -> None:
    note = next((tmp / "side").glob("*.json"))
    note.write_text(note.read_text().replace('"made_at": 1', '"made_at": '))


REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "main changed": (lambda tmp: _flip(next((tmp / "backups").glob("*/main.age")), -100), "backup-damaged"),
    "side cut": (lambda tmp: next((tmp / "side").glob("*.age")).write_bytes(b"age"), "backup-damaged"),
    "side older": (_older_side, "side-older"),
    "no side": (lambda tmp: shutil.rmtree(tmp / "side"), "backup-absent"),
    "no journal": (lambda tmp: (tmp / "data" / "erasures.log").unlink(), "journal-absent"),
    "no master key": (lambda tmp: (tmp / "data" / "master.key").unlink(), "restore-keys"),
    "not fresh": (lambda tmp: (tmp / "new" / "data" / "x").mkdir(parents=True), "restore-not-fresh"),
}


async def test_what_is_not_sound_is_refused_by_name(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        await peopled(home, tmp_path)
        await backed(server, tmp_path)
    for name, (spoil, reason) in REFUSED.items():
        copy = tmp_path / name.replace(" ", "-")
        for folder in ("backups", "side", "data"):
            shutil.copytree(tmp_path / folder, copy / folder)
        spoil(copy)
        with pytest.raises(MindhavenError) as refused:
            await restored(copy, moment)
        assert refused.value.reason == reason, name
        assert refused.value.hint, name
        assert name == "not fresh" or not (copy / "new" / "data").exists()


async def test_a_database_with_tables_is_not_written_over(tmp_path: Path, moment: Time, postgres_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": postgres_url}) as (server, home):
        await peopled(home, tmp_path)
        await backed(server, tmp_path)
        with pytest.raises(MindhavenError) as refused:
            await restored(tmp_path, moment, postgres_url)
        assert refused.value.reason == "restore-not-fresh"
        assert (await vault.check_all(server.host)).faults == []


async def test_places_that_are_not_apart_are_refused(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, _):
        for main, side in (("b", "b"), ("b", "b/side"), ("data/b", "side"), ("b", "data")):
            target = Target(main=tmp_path / main, side=tmp_path / side, recipient=RECIPIENT)
            with pytest.raises(MindhavenError) as refused:
                await make_backup(server, target)
            assert refused.value.reason == "backup-places"
        (tmp_path / "open").mkdir(mode=0o755)
        with pytest.raises(MindhavenError) as refused:
            await make_backup(server, Target(main=tmp_path / "open", side=tmp_path / "s", recipient=RECIPIENT))
        assert refused.value.reason == "backup-mode"


async def test_what_is_changed_in_the_store_is_found_by_the_check(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await peopled(home, tmp_path)
        host = server.host
        one = next(e for e in ana.entries() if e.record and e.record.body["note"] == "one")
        sql = "SELECT envelope FROM vault_item WHERE item = $1"
        (row,) = await host.db.look(lambda look: look.rows(sql, one.item))
        blob = (await host.blobs.keys())[0]

        async def spoil(change: str, *args: Any) -> set[str]:
            async def run(schema: Any) -> None:
                await schema.run(change, *args)

            await host.db.upgrade(run)
            return {fault.code for fault in (await vault.check_all(host)).faults}

        assert (await vault.check_all(host)).faults == []
        await host.blobs.put(blob, b"other bytes")
        assert {fault.code for fault in (await vault.check_all(host)).faults} == {"blob-mismatch"}
        await host.blobs.delete(blob)
        assert {fault.code for fault in (await vault.check_all(host)).faults} == {"blob-missing"}
        found = await spoil("UPDATE vault_salt SET masked = $2 WHERE id = $1", row[0], bytes(32))
        assert "salt-mismatch" in found
        found = await spoil("UPDATE vault_envelope SET envelope = $2 WHERE id = $1", row[0], b"\x80")
        assert "envelope-mismatch" in found
        assert "envelope-missing" in await spoil("DELETE FROM vault_envelope WHERE id = $1", row[0])
        assert "item-differs" in await spoil("UPDATE vault_item SET revision = 7 WHERE item = $1", one.item)
        assert "head-differs" in await spoil("UPDATE vault_collection SET seq = seq + 1 WHERE id = $1", one.collection)
        assert "chain-order" in await spoil("DELETE FROM vault_commit WHERE seq = 1")


async def signed(server: Server) -> int:
    """Let the log of events grow and be signed; return its signed size."""
    await publishing.begin(server.host)
    await server.host.stream.number()
    while await server.host.stream.read("ledger.audit"):
        pass
    note = await publishing.publish(server.host, "audit", now=True)
    assert note is not None
    return note.size


async def test_a_restored_log_goes_on_or_signs_nothing(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await peopled(home, tmp_path)
        before = await signed(server)
        await backed(server, tmp_path)
        keys = tmp_path / "kept"
        shutil.copytree(tmp_path / "data", keys, ignore=shutil.ignore_patterns("blobs", "*.db*"))
        ana.add(mood("later"))
        await ana.sync()
        assert await signed(server) > before
    await restored(tmp_path, moment, keys=keys)  # nothing was signed since the backup, as far as these keys know
    async with world(tmp_path / "new", moment) as (server, _):
        assert await signed(server) > before
    await restored(tmp_path, moment, name="behind")
    async with world(tmp_path / "behind", moment) as (server, _):
        with pytest.raises(MindhavenError) as refused:
            await signed(server)
        assert refused.value.reason == "log-behind"
    for name in ("log.key", "log.signed"):
        (tmp_path / "behind" / "data" / name).unlink()
    own_key.cache_clear()
    async with world(tmp_path / "behind", moment) as (server, _):
        assert await signed(server) > before
