"""What a work promises, on both databases."""

import asyncio
import contextlib

import pytest
from things import PERSON, SUBJECT, THINGS, Made, Refused, put

from mindhaven.errors import UnavailableError
from mindhaven.kernel import (
    ConstraintViolatedError,
    Database,
    Denied,
    ForeignAwaitError,
    Look,
    Work,
    WorkError,
    kernel_migrations,
    migrate,
    open_database,
)
from mindhaven.protocol import event as wire


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, [*kernel_migrations(), THINGS])
    return database


async def count(db: Database, table: str) -> int:
    async def look(look: Look) -> int:
        row = await look.row(f"SELECT COUNT(*) FROM {table}")
        assert row is not None
        return row[0]

    return await db.look(look)


async def test_a_work_commits_rows_and_events_together(db: Database) -> None:
    assert await db.act(PERSON, lambda work: put(work, 1)) == 1
    assert await count(db, "thing") == 1
    assert await count(db, "event") == 1


@pytest.mark.parametrize("wait", ["sleep0", "sleep", "future", "gather"])
async def test_a_foreign_await_is_refused_and_rolls_back(db: Database, wait: str) -> None:
    loop = asyncio.get_running_loop()

    async def strays(work: Work) -> None:
        await put(work, 1)
        if wait == "sleep0":
            await asyncio.sleep(0)
        elif wait == "sleep":
            await asyncio.sleep(0.001)
        elif wait == "future":
            await asyncio.wait([loop.create_future()], timeout=0.01)
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop))

    with pytest.raises(ForeignAwaitError):
        await db.act(PERSON, strays)
    assert await count(db, "thing") == 0
    assert await count(db, "event") == 0
    await db.act(PERSON, lambda work: put(work, 2))
    assert await count(db, "thing") == 1


async def test_a_use_case_that_clings_to_its_foreign_await_is_refused_too(db: Database) -> None:
    async def clings(work: Work) -> None:
        await put(work, 1)
        try:
            await asyncio.sleep(0)
        finally:
            await asyncio.sleep(0)

    with pytest.raises(ForeignAwaitError):
        await db.act(PERSON, clings)
    assert await count(db, "thing") == 0


async def test_a_foreign_await_in_a_look_is_refused(db: Database) -> None:
    async def strays(look: Look) -> None:
        await look.row("SELECT 1 FROM thing")
        await asyncio.sleep(0)

    with pytest.raises(ForeignAwaitError):
        await db.look(strays)


async def test_rows_without_an_event_are_refused(db: Database) -> None:
    async def silent(work: Work) -> None:
        await work.run("INSERT INTO thing (id, body) VALUES ($1, $2)", 1, b"x")

    async def silent_many(work: Work) -> None:
        await work.run_many("INSERT INTO thing (id, body) VALUES", [(1, b"x")])

    async def silent_returning(work: Work) -> None:
        await work.rows("INSERT INTO thing (id, body) VALUES ($1, $2) RETURNING id", 1, b"x")

    for use_case in (silent, silent_many, silent_returning):
        with pytest.raises(WorkError) as caught:
            await db.act(PERSON, use_case)
        assert caught.value.reason == "work-without-event"
    assert await count(db, "thing") == 0
    await db.act(PERSON, silent, upkeep="test")
    assert await count(db, "thing") == 1


async def test_a_work_that_changed_no_row_needs_no_event(db: Database) -> None:
    async def nothing(work: Work) -> int:
        return await work.run("UPDATE thing SET body = $1 WHERE id = $2", b"y", 99)

    assert await db.act(PERSON, nothing) == 0


async def test_denied_commits_its_event_and_an_exception_rolls_back(db: Database) -> None:
    async def refuse(work: Work) -> Denied:
        work.record(Refused(subject=SUBJECT, thing=1))
        return Denied("not-yours", "This is not yours.")

    async def fail(work: Work) -> None:
        await put(work, 1)
        raise ValueError

    assert await db.act(PERSON, refuse) == Denied("not-yours", "This is not yours.")
    assert await count(db, "event") == 1
    with pytest.raises(ValueError):
        await db.act(PERSON, fail)
    assert await count(db, "event") == 1
    assert await count(db, "thing") == 0


async def test_only_the_failing_member_of_a_group_is_rolled_back(db: Database) -> None:
    async def fail(work: Work) -> int:
        await put(work, 100)
        raise ValueError

    results = await asyncio.gather(
        *(db.act(PERSON, fail if number == 3 else lambda work, n=number: put(work, n)) for number in range(8)),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(ValueError) == 1
    assert await count(db, "thing") == 7
    assert await count(db, "event") == 7


async def test_a_broken_constraint_is_a_conflict_and_cannot_be_swallowed(db: Database) -> None:
    await db.act(PERSON, lambda work: put(work, 1))
    with pytest.raises(ConstraintViolatedError):
        await db.act(PERSON, lambda work: put(work, 1))

    async def swallows(work: Work) -> None:
        try:
            await put(work, 1)
        except ConstraintViolatedError:
            work.record(Refused(subject=SUBJECT, thing=1))

    async def swallows_in_silence(work: Work) -> None:
        with contextlib.suppress(ConstraintViolatedError):
            await put(work, 1)

    async def writes_on(work: Work) -> None:
        with contextlib.suppress(ConstraintViolatedError):
            await put(work, 1)
        await put(work, 2)

    for use_case in (swallows, swallows_in_silence, writes_on):
        with pytest.raises(WorkError) as caught:
            await db.act(PERSON, use_case)
        assert caught.value.reason == "work-went-on"
    assert await count(db, "thing") == 1
    assert await count(db, "event") == 1


async def test_a_work_cannot_be_used_after_its_end(db: Database) -> None:
    kept: list[Work] = []

    async def keep(work: Work) -> None:
        kept.append(work)

    await db.act(PERSON, keep)
    with pytest.raises(WorkError):
        kept[0].record(Made(subject=SUBJECT, thing=1))
    with pytest.raises(WorkError):
        await kept[0].run("DELETE FROM thing")


async def test_arguments_bind_by_number_not_by_appearance(db: Database) -> None:
    async def swapped(work: Work) -> None:
        await work.run("INSERT INTO thing (body, id) VALUES ($2, $1)", 7, b"seven")
        work.record(Made(subject=SUBJECT, thing=7))

    await db.act(PERSON, swapped)
    assert await db.look(lambda look: look.row("SELECT id, body FROM thing WHERE id = $1 OR id = $1", 7)) == (
        7,
        b"seven",
    )


@pytest.mark.parametrize("rows", [1, 10, 500, 2500])
async def test_run_many_stores_every_row(db: Database, rows: int) -> None:
    values = [(number, number.to_bytes(4, "big") * 50, None if number % 2 else "n") for number in range(rows)]

    async def many(work: Work) -> None:
        await work.run_many("INSERT INTO thing (id, body, note) VALUES", values)
        work.record(Made(subject=SUBJECT, thing=0))

    await db.act(PERSON, many)
    assert await db.look(lambda look: look.rows("SELECT id, body, note FROM thing ORDER BY id")) == values


async def test_run_many_takes_the_same_number_of_statements_for_10_and_500_rows(
    db: Database,
) -> None:
    statements: list[str] = []
    watched: set[int] = set()

    async def many(work: Work, first: int, rows: int) -> None:
        if db.dialect == "sqlite":
            connection = work._connection  # type: ignore[attr-defined]
            connection.trace_v2(1, lambda event: statements.append(event["sql"]) if not event["trigger"] else None)
        elif id(work._connection._con) not in watched:  # type: ignore[attr-defined]
            watched.add(id(work._connection._con))  # type: ignore[attr-defined]
            work._connection.add_query_logger(lambda query: statements.append(query.query))  # type: ignore[attr-defined]
        await work.run_many("INSERT INTO thing (id, body) VALUES", [(first + n, b"x") for n in range(rows)])
        work.record(Made(subject=SUBJECT, thing=0))

    async def statements_of(first: int, rows: int) -> int:
        statements.clear()
        await db.act(PERSON, lambda work: many(work, first, rows))
        await asyncio.sleep(0.05)  # asyncpg tells its loggers later
        return len([sql for sql in statements if sql.startswith("INSERT INTO thing")])

    ten = await statements_of(0, 10)
    five_hundred = await statements_of(1000, 500)
    assert ten == five_hundred == 1


async def test_event_chains_are_unbroken_under_16_writers(db: Database) -> None:
    subjects = [bytes([number]) * 32 for number in range(3)]

    async def writer(number: int) -> None:
        for turn in range(6):
            await db.act(
                PERSON,
                lambda work, n=number * 100 + turn, s=subjects[(number + turn) % 3]: put(work, n, subject=s),
            )

    await asyncio.gather(*(writer(number) for number in range(16)))
    total = 0
    for subject in subjects:
        rows = await db.look(
            lambda look, s=subject: look.rows(
                "SELECT seq, salt, commitment, body FROM event WHERE subject = $1 ORDER BY seq", s
            )
        )
        prev = wire.NO_PREVIOUS
        for expected, (seq, salt, commitment, body) in enumerate(rows):
            assert seq == expected
            assert wire.commitment(salt, body) == commitment
            from mindhaven.crypto.encoding import decode

            name, version, of, own_seq, own_prev, at, values = decode(body)
            assert (name, version, of, own_seq, own_prev) == ("things.thing.made", 1, subject, seq, prev)
            assert at % 3600 == 0
            assert len(values) == 1
            prev = commitment
        total += len(rows)
    assert total == 96


async def test_counters_lose_no_update_under_16_writers(db: Database) -> None:
    await db.act(PERSON, lambda work: put(work, 0, body=(0).to_bytes(4, "big")))

    async def bump(work: Work) -> int:
        row = await work.row("SELECT body FROM thing WHERE id = 0")
        assert row is not None
        value = int.from_bytes(row[0], "big") + 1
        await work.run("UPDATE thing SET body = $1 WHERE id = 0", value.to_bytes(4, "big"))
        work.record(Made(subject=SUBJECT, thing=0))
        return value

    values = await asyncio.gather(*(db.act(PERSON, bump) for _ in range(48)))
    assert sorted(values) == list(range(1, 49))


async def test_works_that_make_the_same_thing_at_once_are_run_again(db: Database) -> None:
    async def make_once(work: Work) -> bool:
        """Read one table, write another first: PostgreSQL reports the meeting as a duplicate key, not a conflict."""
        if await work.row("SELECT position FROM cursor WHERE reader = 'thing'") is not None:
            return False
        await work.run("INSERT INTO thing (id, body) VALUES ($1, $2)", 1000, b"part")
        await work.run("INSERT INTO cursor (reader, position) VALUES ('thing', 0)")
        work.record(Made(subject=SUBJECT, thing=0))
        return True

    made = await asyncio.gather(*(db.act(PERSON, make_once) for _ in range(16)))
    assert sorted(made) == [False] * 15 + [True]


async def test_a_look_sees_one_snapshot_and_cannot_write(db: Database) -> None:
    async def writes(look: Look) -> None:
        await look.rows("INSERT INTO thing (id, body) VALUES (1, $1) RETURNING id", b"x")

    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await db.look(writes)
    assert await count(db, "thing") == 0


async def test_a_full_queue_is_unavailable(database_url: str) -> None:
    from mindhaven.kernel.postgres import PostgresDatabase
    from mindhaven.kernel.sqlite import SqliteDatabase

    plain = await open_database(database_url)
    await migrate(plain, [*kernel_migrations(), THINGS])
    await plain.close()
    if plain.dialect == "sqlite":
        from pathlib import Path

        db: Database = await SqliteDatabase.open(Path(database_url.removeprefix("sqlite:///")), queue_limit=4)
    else:
        db = await PostgresDatabase.open(database_url, waiting_limit=4)
    results = await asyncio.gather(
        *(db.act(PERSON, lambda work, n=number: put(work, n)) for number in range(10)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, UnavailableError)]
    assert len(refused) == 6
    assert all(error.reason == "queue-full" and error.retry_after_seconds >= 1 for error in refused)
    assert await count(db, "thing") == 4
    await db.close()


async def test_after_close_everything_is_refused_and_what_was_accepted_is_stored(database_url: str) -> None:
    db = await open_database(database_url)
    await migrate(db, [*kernel_migrations(), THINGS])
    acts = [asyncio.ensure_future(db.act(PERSON, lambda work, n=number: put(work, n))) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*acts) == list(range(20))
    with pytest.raises(UnavailableError):
        await db.act(PERSON, lambda work: put(work, 99))
    with pytest.raises(UnavailableError):
        await db.look(lambda look: look.row("SELECT 1 FROM thing"))
