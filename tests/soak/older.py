"""Older databases: made by the first migrations of each slice, brought up to date by a process that is killed in it."""

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from tests.soak import dying
from tests.soak.spawn import Spawned

from mindhaven.kernel import Actor, Migration, Work, migrate, open_database
from mindhaven.kernel.database import Database
from mindhaven.server.build import all_migrations, build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES

if TYPE_CHECKING:
    from tests.soak.world import World

PENDING = (b"p" * 16, b"u" * 32)


async def new_database(url: str, folder: Path, name: str, *, make: bool = True) -> str:
    """Return the URL of a new, empty database beside `url`; `make`: make its folder, too."""
    if url.startswith("sqlite:"):
        if make:
            (folder / "data").mkdir(mode=0o700, parents=True)
        return f"sqlite://{folder}/data/mindhaven.db" if make else f"sqlite://{folder}/mindhaven.db"
    parts = urlsplit(url)
    made = f"{parts.path.strip('/').partition('_')[0]}_{name}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {made} TEMPLATE template0")
    finally:
        await connection.close()
    # `urlunsplit` drops an empty host's slashes.
    return urlunsplit(parts._replace(path=f"/{made}")).replace("postgresql:/", "postgresql:/", 1)


async def drop_database(url: str) -> None:
    """Drop a database of PostgreSQL that `new_database` made."""
    if url.startswith("sqlite:"):
        return
    name = urlsplit(url).path.strip("/")
    connection = await asyncpg.connect(url.replace(f"/{name}", "/postgres", 1))
    try:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


def first_of_each(dice: random.Random) -> list[Migration]:
    """Return the first migrations of each slice, at least one of each and not all of all, as one release had them."""
    whole = all_migrations()
    lengths = {name: sum(one.slice == name for one in whole) for name in {one.slice for one in whole}}
    keep = {name: dice.randint(1, length) for name, length in lengths.items()}
    if keep == lengths:
        keep["vault"] = 1
    taken = dict.fromkeys(keep, 0)
    found = []
    for one in whole:
        if taken[one.slice] < keep[one.slice]:
            taken[one.slice] += 1
            found.append(one)
    return found


async def _state(db: Database) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    ran = await db.look(lambda look: look.rows("SELECT slice, name FROM kernel_migration ORDER BY slice, name"))
    return sorted((row[0], row[1]) for row in ran), sorted(await db.columns())


async def _wait(work: Work) -> None:
    """Keep a change that waits, as the first version kept it."""
    await work.run(
        "INSERT INTO accounts_pending (id, uid, keys, statement, seq, asked_at, due_at)"
        " VALUES ($1, $2, $3, $4, 3, 5, 7)",
        *PENDING,
        b"{}",
        b"s" * 32,
    )


async def killed(world: "World", dice: random.Random) -> list[str]:
    """Bring an older database up to date, killed on the way: it is the old or the new one whole, and then starts."""
    place = world.folder / f"older-{dice.randrange(10**9)}"
    place.mkdir()
    url = await new_database(world.database, place, f"o{dice.randrange(10**9)}")
    data = place / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    old, whole = first_of_each(dice), all_migrations()
    db = await open_database(url)
    await migrate(db, old)
    await db.act(Actor(kind="job"), _wait, upkeep="an older database")
    before = await _state(db)
    await db.close()
    arm = place / "arm"
    faults: list[str] = []
    codes: list[int] = []
    for _ in range(dice.choice((1, 2, 3))):
        environment = {"PATH": "/usr/bin:/bin"}
        if world.power:
            environment["POWER"] = "fails"
        if dice.random() < 0.75:
            arm.write_text(f"{dice.choice(('schema', 'schema', 'mindhaven.'))} inside {dice.choice((1, 2, 4, 7, 11))}")
            environment[dying.VARIABLE] = str(arm)
        process = Spawned("opening", (str(data), url), environment, place / "said", place / "said")
        try:
            await asyncio.to_thread(process.wait, dice.uniform(0.5, 1.5) if not arm.exists() else 30)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.to_thread(process.wait, 30)
        codes.append(process.wait(1))
        arm.unlink(missing_ok=True)
        if process.poll() not in {0, -signal.SIGKILL}:
            faults.append(f"the start on an older database ended with {process.poll()}")
        db = await open_database(url)
        ran, columns = await _state(db)
        await db.close()
        if ran == before[0] and columns != before[1]:
            faults.append("migrations are half there: none is noted, and the tables are others")
        if ran not in (before[0], sorted((one.slice, one.name) for one in whole)):
            faults.append(f"migrations are half there: {len(ran)} are noted")
    for code in codes:
        world.told.done[f"start on an older database ended with {code}"] += 1
    settings = load_server(SLICES, environment={}, overrides={"server.data": str(data), "server.database": url})
    server = await build(settings, environment={})
    try:
        found = await _state(server.host.db)
        waiting = await server.host.db.look(lambda look: look.rows("SELECT id, uid FROM accounts_pending"))
    finally:
        await server.close()
    if found[0] != sorted((one.slice, one.name) for one in whole):
        faults.append("not every migration ran")
    if [tuple(map(bytes, row)) for row in waiting] != [PENDING]:
        faults.append("a change that waited in the older database is gone")
    await drop_database(url)
    return faults
