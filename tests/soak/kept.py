"""What must have been kept after a kill: of an import, and of a backup."""

import random
import shutil
from collections import Counter
from pathlib import Path

import apsw
import asyncpg
from tests.soak import older
from tests.soak.device import PASS
from tests.soak.world import World

from mindhaven.crypto import age
from mindhaven.errors import MindhavenError, NotFoundError
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.keeping import Asked, put_back
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES

_IDENTITY = age.generate_identity()


async def imported(world: World, home: Path, expected: list[str]) -> list[str]:
    """Say which rows of an import are not there exactly once, on the device and on the server."""
    async with AsyncMindhaven.open(home, passphrase=PASS) as eve:
        for device in (world.phone,):  # its patience: the server may have fallen again
            await device.insist(eve.sync, "sync of the importing device")
        if waiting := len(eve.store.queued()):
            return [f"{waiting} imported records never left"]
        found = Counter(
            str(one.record.body["note"]) for one in eve.entries(kind="mindhaven/mood") if one.record is not None
        )
    return [f"the imported {text} stands {found[text]} times" for text in expected if found[text] != 1]


def backup_arguments(world: World) -> tuple[str, ...]:
    """Return the command that backs the server up."""
    return ("backup", str(world.folder / "backups"), "--recipient", age.recipient_of(_IDENTITY), "--keep", "3")


async def commits(world: World) -> int:
    """Return how many commits are stored now."""
    sql = "SELECT COUNT(*) FROM vault_commit"
    if world.database.startswith("sqlite:"):
        db = apsw.Connection(world.database.removeprefix("sqlite://"))
        db.set_busy_timeout(10_000)
        try:
            return int(db.execute(sql).fetchall()[0][0])
        finally:
            db.close()
    connection = await asyncpg.connect(world.database)
    try:
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


async def restored(world: World, dice: random.Random, *, at_least: int, there: bool) -> list[str]:
    """Put the newest backup back in a fresh place and check all of it; `there`: there must be one."""
    main, side = world.folder / "backups", world.folder / "backups-side"
    faults = []
    if len(list(side.glob("side-*.age"))) > 1 and there:
        faults.append("two side copies stand")
    if not main.exists() or not list(main.glob("mindhaven-*")):
        return [*faults, "there is no backup"] if there else faults
    place = world.folder / f"restored-{dice.randrange(10**9)}"
    database = await older.new_database(world.database, place, f"r{dice.randrange(10**9)}", make=False)
    settings = load_server(SLICES, environment={}, overrides={"server.data": str(place), "server.database": database})
    asked = Asked(folder=main, side=side, keys=world.folder / "data", opens=lambda _: _IDENTITY)
    try:
        found = await put_back(settings, asked)
    except NotFoundError as error:
        return [*faults, f"a backup does not restore: {error.message}"] if there else faults
    except MindhavenError as error:
        return [*faults, f"a backup does not restore: {error.reason}: {error.message}"]
    finally:
        shutil.rmtree(place, ignore_errors=True)
        await older.drop_database(database)
    faults += [f"restored: {one.code} in a collection's commit {one.seq}" for one in found.checked.faults]
    if found.checked.commits < at_least:
        faults.append(f"a backup holds {found.checked.commits} commits, and {at_least} stood before it began")
    return faults
