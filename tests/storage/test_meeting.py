"""Works that would meet on PostgreSQL, and what keeps them apart."""

import asyncio

from things import PERSON, THINGS, put

from mindhaven.kernel import Actor, Database, Look, Work, kernel_migrations, migrate
from mindhaven.kernel.migrate import load
from mindhaven.kernel.statements import ddl

WORKS = 24


async def _runs(database: Database, actors: list[Actor]) -> int:
    """Let each actor record about itself, all at once; return how often their works ran."""
    runs = 0

    async def one(number: int, actor: Actor) -> None:
        async def act(work: Work) -> int:
            nonlocal runs
            runs += 1
            assert actor.uid is not None
            return await put(work, number, subject=actor.uid)

        await database.act(actor, act)

    await asyncio.gather(*(one(number, actor) for number, actor in enumerate(actors)))
    return runs


async def test_one_persons_works_wait_for_each_other_instead_of_running_again(database: Database) -> None:
    await migrate(database, [*kernel_migrations(), THINGS])
    assert await _runs(database, [PERSON] * WORKS) == WORKS


async def test_a_small_table_is_not_locked_whole_by_who_reads_it(postgres_db: Database) -> None:
    """Each reads its own row of a small table and changes it: nobody has to run again for another."""
    await migrate(postgres_db, [*kernel_migrations(), THINGS])
    people = [Actor("person", bytes([number]) * 32) for number in range(8)]
    await _runs(postgres_db, people)
    # Once it knows how small the table is, the planner would rather scan it.
    await postgres_db.upgrade(lambda schema: schema.script("ANALYZE thing"))
    runs = 0

    async def one(number: int, actor: Actor) -> None:
        async def act(work: Work) -> None:
            nonlocal runs
            runs += 1
            assert await work.row("SELECT body FROM thing WHERE id = $1", number) is not None
            await work.run("UPDATE thing SET note = 'n' WHERE id = $1", number)

        await postgres_db.act(actor, act, upkeep="test")

    for _ in range(4):
        await asyncio.gather(*(one(number, actor) for number, actor in enumerate(people)))
    assert runs < 4 * len(people) * 1.2


async def test_rows_that_every_work_changes_have_room_on_their_page(postgres_db: Database) -> None:
    await migrate(postgres_db, [*kernel_migrations(), *load("vault", "mindhaven.vault.migrations")])

    async def options(look: Look) -> dict[str, list[str]]:
        rows = await look.rows("SELECT relname::text, reloptions FROM pg_class WHERE reloptions IS NOT NULL")
        return {row[0]: row[1] for row in rows}

    found = await postgres_db.look(options)
    assert found["event_subject"] == found["vault_collection"] == ["fillfactor=25"]


def test_a_line_for_postgresql_is_a_comment_to_sqlite() -> None:
    text = "--postgres ALTER {BIGINT};\nSELECT 1;"
    assert ddl(text, "postgres") == "ALTER BIGINT;\nSELECT 1;"
    assert ddl(text, "sqlite") == "--postgres ALTER INTEGER;\nSELECT 1;"
