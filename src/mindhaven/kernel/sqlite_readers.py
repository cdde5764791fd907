"""The threads that read: each with its own connection, fed by one queue.

Guarantees: a look gets one snapshot and answers on the loop that asked; `stop` finishes what was asked before it.
Does not: use an executor, whose two futures and their chaining cost 40 microseconds of the 140 that a look takes.
I/O: the database file, from threads named mindhaven-reader.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

import apsw

from mindhaven.kernel.drive import drive
from mindhaven.kernel.sources import Clock
from mindhaven.kernel.sqlite_work import SqliteLook
from mindhaven.kernel.work import Look

T = TypeVar("T")
_UseCase: TypeAlias = Callable[[Look], Coroutine[Any, Any, Any]]


class Readers:
    """The reading threads of one database; belongs to the loop that made it."""

    def __init__(self, connect: Callable[[], apsw.Connection], clock: Clock, count: int) -> None:
        self._connect = connect
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[tuple[_UseCase, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"mindhaven-reader_{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    async def look(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` on one snapshot; raise what it raises."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((use_case, future))
        return await future

    def stop(self) -> None:
        """Finish what was asked, then end the threads; called from another thread than the loop's."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        connection: apsw.Connection | None = None
        try:
            while (asked := self._queue.get()) is not None:
                use_case, future = asked
                if future.cancelled():
                    continue
                result, error = None, None
                try:
                    if connection is None:
                        connection = self._connect()
                        connection.execute("PRAGMA query_only = ON")
                    result = self._look(connection, use_case)
                except BaseException as raised:  # noqa: BLE001 - it belongs to whoever asked
                    error = raised
                with contextlib.suppress(RuntimeError):  # the loop is gone, and with it who asked
                    self._loop.call_soon_threadsafe(_settle, future, result, error)
        finally:
            if connection is not None:
                connection.close()

    def _look(self, connection: apsw.Connection, use_case: _UseCase) -> Any:
        connection.execute("BEGIN")
        try:
            return drive(use_case(SqliteLook(connection, self._clock())))
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, Exception) and not isinstance(error, StopIteration):
        future.set_exception(error)
    else:
        future.set_exception(RuntimeError(f"A look ended with {type(error).__name__}."))
