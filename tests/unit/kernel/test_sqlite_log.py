"""The write-ahead log is copied off the writer's path and stays short; nothing that was acknowledged depends on it."""

import asyncio
import threading
from pathlib import Path

import apsw
import pytest

from mindhaven.kernel import Actor, Work, open_database, sqlite_log
from mindhaven.kernel.sqlite import SqliteDatabase

JOB = Actor("job")


async def opened(path: Path) -> SqliteDatabase:
    db = await open_database(f"sqlite:///{path}")
    assert isinstance(db, SqliteDatabase)

    async def make(work: Work) -> None:
        await work.run("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")

    await db.act(JOB, make, upkeep="test")
    return db


async def fill(db: SqliteDatabase, count: int) -> None:
    async def put(work: Work) -> None:
        await work.run("INSERT INTO t (b) VALUES ($1)", bytes(20_000))

    for start in range(0, count, 100):
        await asyncio.gather(*(db.act(JOB, put, upkeep="test") for _ in range(start, min(start + 100, count))))


async def test_the_log_stays_short_and_every_row_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_log, "COPY_PAGES", 100)
    monkeypatch.setattr(sqlite_log, "MOST_PAGES", 1_000)
    path = tmp_path / "a.db"
    db = await opened(path)
    await fill(db, 3_000)
    # 3,000 rows of five pages each: 60 MiB went through the log; a group may hold 128 of them past the bound.
    assert (tmp_path / "a.db-wal").stat().st_size < 16 * 1024 * 1024
    assert path.stat().st_size > 40 * 1024 * 1024
    await db.close()
    assert not (tmp_path / "a.db-wal").exists()
    assert apsw.Connection(str(path)).execute("SELECT COUNT(*) FROM t").fetchone() == (3_000,)
    assert "mindhaven-checkpoints" not in {thread.name for thread in threading.enumerate()}


async def test_a_copy_that_fails_loses_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_log, "COPY_PAGES", 10)
    db = await opened(tmp_path / "a.db")
    tries = []
    real = db._log._connect

    def failing() -> apsw.Connection:
        tries.append(1)
        if len(tries) < 3:
            raise apsw.FullError("planted")
        return real()

    db._log._connect = failing
    for _ in range(8):
        await fill(db, 10)
        await asyncio.sleep(0.02)
    assert len(tries) == 3
    await db.close()
    assert apsw.Connection(str(tmp_path / "a.db")).execute("SELECT COUNT(*) FROM t").fetchone() == (80,)
