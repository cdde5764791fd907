"""Round trips that are saved, on both databases: several inserts in one, and one statement without a transaction."""

import pytest
from things import PERSON, THINGS

from mindhaven.kernel import (
    ConstraintViolatedError,
    Database,
    Look,
    Migration,
    Row,
    Work,
    WorkError,
    kernel_migrations,
    migrate,
)
from mindhaven.kernel.postgres_work import ROWS_PER_INSERT

OTHERS = Migration(
    "others", "0001_others", "CREATE TABLE other (name TEXT NOT NULL, id {BIGINT} NOT NULL PRIMARY KEY) {STRICT};"
)
THING = "INSERT INTO thing (id, body, note) VALUES"
OTHER = "INSERT INTO other (name, id) VALUES"


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, [*kernel_migrations(), THINGS, OTHERS])
    return database


async def insert(db: Database, *inserts: tuple[str, list[Row]]) -> None:
    async def act(work: Work) -> None:
        await work.run_together(inserts)

    await db.act(PERSON, act, upkeep="test")


async def stored(db: Database) -> tuple[list[Row], list[Row]]:
    async def look(look: Look) -> tuple[list[Row], list[Row]]:
        things = await look.rows("SELECT id, body, note FROM thing ORDER BY id")
        return things, await look.rows("SELECT name, id FROM other ORDER BY id")

    return await db.look(look)


@pytest.mark.parametrize("many", [1, 300, ROWS_PER_INSERT + 1])
async def test_inserts_that_go_together_store_what_each_would(db: Database, many: int) -> None:
    things: list[Row] = [(number, bytes([number % 256]), None if number % 2 else "a note") for number in range(many)]
    others: list[Row] = [(f"name {number}", number) for number in range(3)]
    await insert(db, (THING, things), (OTHER, others))
    assert await stored(db) == (things, others)
    await insert(db, (THING, []), (OTHER, [("one more", 3)]))
    await insert(db, (OTHER, []), (THING, []))
    assert await stored(db) == (things, [*others, ("one more", 3)])


@pytest.mark.parametrize("twice", ["thing", "other"])
async def test_a_key_that_is_there_undoes_all_of_them(db: Database, twice: str) -> None:
    await insert(db, (THING, [(1, b"x", None)]), (OTHER, [("a", 1)]))
    before = await stored(db)
    number = {"thing": (1, 2), "other": (2, 1)}[twice]
    with pytest.raises(ConstraintViolatedError):
        await insert(db, (THING, [(number[0], b"y", None)]), (OTHER, [("b", number[1])]))
    assert await stored(db) == before


async def test_rows_that_go_together_need_an_event_or_a_reason_too(db: Database) -> None:
    async def act(work: Work) -> None:
        await work.run_together([(THING, [(1, b"x", None)]), (OTHER, [("a", 1)])])

    with pytest.raises(WorkError) as refused:
        await db.act(PERSON, act)
    assert refused.value.reason == "work-without-event"
    assert await stored(db) == ([], [])


async def test_a_glance_asks_one_statement_and_writes_nothing(db: Database) -> None:
    await insert(db, (THING, [(1, b"x", "seen")]))

    async def once(look: Look) -> Row | None:
        assert look.now > 0
        return await look.row("SELECT note FROM thing WHERE id = $1", 1)

    assert await db.glance(once) == ("seen",)

    async def rows(look: Look) -> list[Row]:
        return await look.rows("SELECT note FROM thing")

    assert await db.glance(rows) == [("seen",)]

    async def twice(look: Look) -> list[Row]:
        await look.rows("SELECT 1")
        return await look.rows("SELECT 2")

    async def write(look: Look) -> list[Row]:
        return await look.rows("DELETE FROM thing RETURNING id")

    for refused in (twice, write):
        with pytest.raises(WorkError) as caught:
            await db.glance(refused)
        assert caught.value.reason == "glance-twice"
    assert len((await stored(db))[0]) == 1
