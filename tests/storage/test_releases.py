"""A release of the web app is recorded once, however many processes start with it, on both databases."""

import asyncio

import cbor2

from mindhaven.kernel import Actor, Database, Look, Work, kernel_migrations, migrate
from mindhaven.kernel.migrate import load
from mindhaven.ledger.model import CoverAdded
from mindhaven.protocol.event import HOST
from mindhaven.server.build import all_migrations
from mindhaven.upkeep.service import record, served

JOB = Actor(kind="job")
RELEASE = b"r" * 32
AT_ONCE = 8


async def start(database: Database, release: bytes) -> None:
    await database.act(JOB, lambda work: record(work, release), upkeep="a test")


async def count(look: Look) -> int:
    row = await look.row("SELECT COUNT(*) FROM event WHERE name = 'upkeep.release.served'")
    assert row is not None
    return int(row[0])


async def test_processes_that_start_at_once_record_it_once_and_know_its_place(database: Database) -> None:
    await migrate(database, all_migrations())

    async def cover(work: Work) -> None:
        work.record(CoverAdded(subject=HOST))

    async def meanwhile() -> None:
        await database.act(JOB, cover)

    await asyncio.gather(*[act for _ in range(AT_ONCE) for act in (start(database, RELEASE), meanwhile())])
    assert await database.look(count) == 1
    found = await database.look(served)
    assert found is not None
    assert found[1].body is not None
    name, _, _, seq, _, _, values = cbor2.loads(found[1].body)
    assert (name, seq, values) == ("upkeep.release.served", found[0].seq, [RELEASE])


async def test_before_upkeep_0002_no_release_was_recorded(database: Database) -> None:
    migrations = load("upkeep", "mindhaven.upkeep.migrations")
    await migrate(database, [*kernel_migrations(), *migrations[:1]])
    assert await migrate(database, [*kernel_migrations(), *migrations[:2]]) == ["upkeep/0002_release"]
    assert await database.look(served) is None
    await start(database, RELEASE)
    await start(database, b"s" * 32)
    await start(database, RELEASE)
    assert await database.look(count) == 3
