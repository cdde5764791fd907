"""Migrations and holdings, on both databases."""

import asyncio
from typing import Any

import pytest
from things import THINGS

from mindhaven.errors import IntegrityError
from mindhaven.kernel import (
    STRUCTURAL,
    Database,
    Holding,
    Migration,
    check_declared,
    kernel_migrations,
    migrate,
    open_database,
)
from mindhaven.kernel.holdings import HOLDINGS

THING = Holding(
    table="thing", person=None, columns={"id": STRUCTURAL, "body": "test", "note": "test"}, why="A test.", keep="test"
)


async def test_the_kernel_declares_every_column_of_its_own(database: Database) -> None:
    await check_declared(database, HOLDINGS)


async def test_an_undeclared_column_fails_by_name(database: Database) -> None:
    await migrate(database, [*kernel_migrations(), THINGS])
    with pytest.raises(IntegrityError, match=r"thing\.body is in the database and not declared"):
        await check_declared(database, HOLDINGS)
    await check_declared(database, [*HOLDINGS, THING])
    more = Migration("things", "0002_more", "ALTER TABLE thing ADD COLUMN extra TEXT;")
    await migrate(database, [*kernel_migrations(), THINGS, more])
    with pytest.raises(IntegrityError, match=r"thing\.extra is in the database and not declared"):
        await check_declared(database, [*HOLDINGS, THING])


async def test_a_declared_column_that_is_missing_fails_by_name(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"thing\.body is declared and not in the database"):
        await check_declared(database, [*HOLDINGS, THING])


async def test_a_migration_runs_once_and_one_that_changed_is_refused_by_name(database: Database) -> None:
    assert await migrate(database, [*kernel_migrations(), THINGS]) == ["things/0001_things"]
    assert await migrate(database, [*kernel_migrations(), THINGS]) == []
    changed = THINGS._replace(text=THINGS.text + " ")
    with pytest.raises(IntegrityError, match="things/0001_things was changed"):
        await migrate(database, [*kernel_migrations(), changed])
    with pytest.raises(IntegrityError, match="things/0001_things, which this version does not know"):
        await migrate(database, kernel_migrations())


async def test_a_failing_migration_leaves_nothing(database: Database) -> None:
    bad = Migration("bad", "0001_bad", "CREATE TABLE good (id {BIGINT}) {STRICT}; CREATE TABLE good (id {BIGINT});")
    with pytest.raises(Exception, match="good"):
        await migrate(database, [*kernel_migrations(), THINGS, bad])
    assert {table for table, _ in await database.columns()} == {holding.table for holding in HOLDINGS}


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    handles: list[Any] = [await open_database(database_url) for _ in range(3)]
    try:
        ran = await asyncio.gather(*(migrate(one, [*kernel_migrations(), THINGS]) for one in handles))
        assert sorted(map(len, ran)) == [0, 0, len(kernel_migrations()) + 1]
    finally:
        for one in handles:
            await one.close()
