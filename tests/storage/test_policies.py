"""A policy is recorded once, however many processes start with it, and each later one under the next number."""

import asyncio

import cbor2

from mindhaven.kernel import STRUCTURAL, Actor, Database, Look, Migration, Work, kernel_migrations, migrate
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.kernel.migrate import load
from mindhaven.ledger.model import CoverAdded
from mindhaven.protocol.event import HOST
from mindhaven.register import cover
from mindhaven.register.model import entries
from mindhaven.register.policy import digest_of
from mindhaven.register.service import record, shown
from mindhaven.server.build import all_migrations
from mindhaven.server.slices import SLICES

JOB = Actor(kind="job")
FIRST, SECOND = b'{"en":"first"}', b'{"en":"second"}'
AT_ONCE = 8


async def start(database: Database, told: bytes) -> None:
    await database.act(JOB, lambda work: record(work, told), upkeep="a test")


async def count(look: Look) -> int:
    row = await look.row("SELECT COUNT(*) FROM event WHERE name = 'register.policy.published'")
    assert row is not None
    return int(row[0])


async def test_processes_that_start_at_once_publish_it_once_and_know_its_place(database: Database) -> None:
    await migrate(database, all_migrations())

    async def cover(work: Work) -> None:
        work.record(CoverAdded(subject=HOST))

    async def meanwhile() -> None:
        await database.act(JOB, cover)

    await asyncio.gather(*[act for _ in range(AT_ONCE) for act in (start(database, FIRST), meanwhile())])
    assert await database.look(count) == 1
    await start(database, SECOND)
    await start(database, FIRST)  # it comes back: that is a change, too
    assert await database.look(count) == 3
    for number, told in ((1, FIRST), (2, SECOND), (3, FIRST), (None, FIRST)):
        found = await database.look(lambda look, number=number: shown(look, number))
        assert found is not None
        one, kept = found
        assert (one.version, one.texts, one.digest) == (number or 3, told, digest_of(told))
        assert kept.body is not None
        name, _, subject, seq, _, _, values = cbor2.loads(kept.body)
        assert (name, subject, seq, values) == ("register.policy.published", HOST, one.seq, [one.version, one.digest])
    assert await database.look(lambda look: shown(look, 4)) is None


async def test_before_register_0001_nothing_was_published(database: Database) -> None:
    migrations = load("register", "mindhaven.register.migrations")
    assert await migrate(database, [*kernel_migrations(), *migrations]) != []
    assert await database.look(lambda look: shown(look, None)) is None


async def test_the_schema_has_no_column_of_people_that_no_entry_names(database: Database) -> None:
    await migrate(database, all_migrations())
    held = [*HOLDINGS, *(one for each in SLICES for one in each.holdings)]
    structural = {(one.table, column) for one in held for column, entry in one.columns.items() if entry == STRUCTURAL}

    async def stray() -> list[str]:
        tables: dict[str, list[str]] = {}
        for table, column in sorted(set(await database.columns()) - structural):
            tables.setdefault(table, []).append(column)
        there = cover.Fields(columns=tables)
        idle = [name for name in cover.unused(entries(), there) if name.startswith("column")]
        return cover.uncovered(entries(), there) + idle

    assert await stray() == []
    more = Migration("reminders", "0099_more", "ALTER TABLE reminders_device ADD COLUMN mood TEXT;")
    await migrate(database, [*all_migrations(), more])
    assert await stray() == ["column reminders_device.mood belongs to no entry"]
