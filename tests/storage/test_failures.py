"""What happens when the disk or the commit fails: SQLite, whose writer is ours."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import apsw
import pytest
from things import PERSON, SUBJECT, THINGS, Made, put

from mindhaven.errors import UnavailableError
from mindhaven.kernel import Database, ForeignAwaitError, Look, Migration, Work, kernel_migrations, migrate

CHILD = Migration(
    "child",
    "0001_child",
    "CREATE TABLE child (id {BIGINT} NOT NULL PRIMARY KEY,"
    " thing {BIGINT} NOT NULL REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED) {STRICT};",
)


@pytest.fixture
async def db(sqlite_db: Database) -> Database:
    await migrate(sqlite_db, [*kernel_migrations(), THINGS, CHILD])
    return sqlite_db


async def in_one_group(db: Database, acts: list[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Hold the writer until every act is queued, so that all of them share one commit."""
    go = threading.Event()

    async def hold(work: Work) -> None:
        go.wait(10)

    holding = asyncio.ensure_future(db.act(PERSON, hold))
    await asyncio.sleep(0.05)
    waiting = [asyncio.ensure_future(act()) for act in acts]
    await asyncio.sleep(0.05)
    go.set()
    await holding
    return await asyncio.gather(*waiting, return_exceptions=True)


async def numbers(db: Database) -> list[int]:
    async def look(look: Look) -> list[int]:
        return [row[0] for row in await look.rows("SELECT id FROM thing ORDER BY id")]

    return await db.look(look)


async def events(db: Database) -> int:
    row = await db.look(lambda look: look.row("SELECT COUNT(*) FROM event"))
    assert row is not None
    return row[0]


async def test_a_failed_commit_fails_every_member_and_acknowledges_nothing(db: Database) -> None:
    async def orphan(work: Work) -> None:
        await work.run("INSERT INTO child (id, thing) VALUES (1, 999)")
        work.record(Made(subject=SUBJECT, thing=999))

    acts = [lambda n=number: db.act(PERSON, lambda work: put(work, n)) for number in range(6)]
    results = await in_one_group(db, [*acts[:3], lambda: db.act(PERSON, orphan), *acts[3:]])
    assert all(isinstance(result, UnavailableError) and result.reason == "commit-failed" for result in results)
    assert len({id(result) for result in results}) == 7, "each waiter gets an exception of its own"
    assert await numbers(db) == []
    assert await events(db) == 0
    assert await db.act(PERSON, lambda work: put(work, 50)) == 50
    rows = await db.look(lambda look: look.rows("SELECT seq FROM event"))
    assert rows == [(0,)], "the cache of chain ends was dropped with the group"


async def test_members_of_a_good_group_share_one_commit(db: Database) -> None:
    commits: list[int] = []

    async def watch(work: Work) -> None:
        work._connection.set_commit_hook(lambda: bool(commits.append(1)))  # type: ignore[attr-defined]

    await db.act(PERSON, watch)
    commits.clear()
    acts = [lambda n=number: db.act(PERSON, lambda work: put(work, n)) for number in range(20)]
    assert await in_one_group(db, acts) == list(range(20))
    assert len(commits) <= 2


@pytest.mark.parametrize("rows", [1, 200])
async def test_a_full_disk_in_mid_group_keeps_only_what_it_acknowledged(db: Database, rows: int) -> None:
    """SQLite rolls back the whole transaction for one large row, but only the statement for many rows."""
    await db.act(PERSON, lambda work: put(work, 0))

    async def limit(work: Work, pages: int) -> int:
        connection = work._connection  # type: ignore[attr-defined]
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now + pages}")
        return now

    async def big(work: Work) -> None:
        await work.run_many(
            "INSERT INTO thing (id, body) VALUES", [(1000 + n, bytes(600_000 // rows)) for n in range(rows)]
        )
        work.record(Made(subject=SUBJECT, thing=1000))

    await db.act(PERSON, lambda work: limit(work, 12))
    lost_before: list[bool] = []

    async def caught(work: Work) -> None:
        try:
            await big(work)
        except apsw.FullError:
            lost_before.append(not work._connection.in_transaction)  # type: ignore[attr-defined]
            raise

    acts = [lambda n=number: db.act(PERSON, lambda work: put(work, n)) for number in range(1, 7)]
    results = await in_one_group(db, [*acts[:3], lambda: db.act(PERSON, caught), *acts[3:]])
    stored = await numbers(db)
    acknowledged = [result for result in results if isinstance(result, int)]
    assert stored == sorted([0, *acknowledged]), "what was acknowledged is stored, and nothing else is"
    assert lost_before == [rows == 1], "SQLite rolls back as this test supposes, or it shows nothing"
    if rows == 1:
        assert all(isinstance(result, UnavailableError) for result in results[:4])
    else:
        assert results[:3] == [1, 2, 3]
    await db.act(PERSON, lambda work: limit(work, 100_000))
    await db.act(PERSON, lambda work: put(work, 77))
    rows = await db.look(lambda look: look.rows("SELECT seq FROM event WHERE subject = $1 ORDER BY seq", SUBJECT))
    assert [row[0] for row in rows] == list(range(len(rows)))


async def test_a_cancelled_act_is_skipped_and_harms_nobody(db: Database) -> None:
    ran: list[int] = []

    async def note(work: Work, number: int) -> int:
        ran.append(number)
        return await put(work, number)

    go = threading.Event()

    async def hold(work: Work) -> None:
        go.wait(10)

    holding = asyncio.ensure_future(db.act(PERSON, hold))
    await asyncio.sleep(0.05)
    acts = [asyncio.ensure_future(db.act(PERSON, lambda work, n=number: note(work, n))) for number in range(3)]
    await asyncio.sleep(0.02)
    acts[1].cancel()
    await asyncio.sleep(0.02)
    go.set()
    await holding
    results = await asyncio.gather(*acts, return_exceptions=True)
    assert results[0] == 0
    assert isinstance(results[1], asyncio.CancelledError)
    assert results[2] == 2
    assert ran == [0, 2]


async def test_the_writer_survives_a_foreign_await_and_a_thread_killer(db: Database) -> None:
    async def killer(work: Work) -> None:
        raise SystemExit

    async def strays(work: Work) -> None:
        await asyncio.sleep(0)

    results = await in_one_group(
        db,
        [
            lambda: db.act(PERSON, lambda work: put(work, 1)),
            lambda: db.act(PERSON, killer),
            lambda: db.act(PERSON, strays),
            lambda: db.act(PERSON, lambda work: put(work, 2)),
        ],
    )
    assert (results[0], results[3]) == (1, 2)
    assert results[1].reason == "use-case-exit"
    assert isinstance(results[2], ForeignAwaitError)


async def test_a_writer_that_broke_starts_anew(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    async def saw(work: Work) -> None:
        work._connection.close()  # type: ignore[attr-defined]

    with pytest.raises(Exception):  # noqa: B017
        await asyncio.wait_for(db.act(PERSON, saw), 5)
    for _ in range(50):
        try:
            assert await db.act(PERSON, lambda work: put(work, 5)) == 5
            break
        except UnavailableError:
            await asyncio.sleep(0.05)
    assert await numbers(db) == [5]


async def test_a_work_that_holds_the_writer_is_logged_by_name_only(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def dawdle(work: Work) -> None:
        threading.Event().wait(0.08)

    await db.act(PERSON, dawdle)
    assert [record for record in caplog.records if "held the writer" in record.message and "dawdle" in record.message]
