"""The reading threads: errors reach who asked, a cancelled look harms nobody, closing finishes what was asked."""

import asyncio
from pathlib import Path

import apsw
import pytest

from mindhaven.errors import UnavailableError
from mindhaven.kernel import ForeignAwaitError, Look, open_database


async def one(look: Look) -> int:
    row = await look.row("SELECT 1")
    assert row is not None
    value: int = row[0]
    return value


async def test_errors_reach_who_asked_and_the_thread_goes_on(tmp_path: Path) -> None:
    db = await open_database(f"sqlite:///{tmp_path}/a.db")

    async def broken(look: Look) -> None:
        await look.rows("SELECT nothing FROM nowhere")

    async def writing(look: Look) -> None:
        await look.rows("CREATE TABLE t (id INTEGER)")

    async def foreign(look: Look) -> None:
        await asyncio.sleep(0)

    async def leaving(look: Look) -> None:
        raise SystemExit

    for _ in range(4):
        with pytest.raises(apsw.SQLError):
            await db.look(broken)
        with pytest.raises(apsw.ReadOnlyError):
            await db.look(writing)
        with pytest.raises(ForeignAwaitError):
            await db.look(foreign)
        with pytest.raises(RuntimeError):
            await db.look(leaving)
        assert await db.look(one) == 1
    await db.close()


async def test_a_cancelled_look_harms_nobody_and_closing_finishes_the_others(tmp_path: Path) -> None:
    db = await open_database(f"sqlite:///{tmp_path}/a.db")
    tasks = [asyncio.create_task(db.look(one)) for _ in range(60)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    await db.close()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert {value for value in found if not isinstance(value, asyncio.CancelledError)} == {1}
    assert sum(isinstance(value, asyncio.CancelledError) for value in found) == 20
    with pytest.raises(UnavailableError):
        await db.look(one)
    await db.close()
