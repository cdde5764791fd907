"""SQLite: one writer thread with group commit, a few reader threads.

Guarantees: WAL and full sync; many works share one COMMIT, each inside its own savepoint, and none is acknowledged
before it; if SQLite itself rolled back (a full disk does), or the COMMIT failed, every work of the group fails.
Does not: serve two processes (a server with more than one worker is refused by `mindhaven.server`).
I/O: the database file, from threads named mindhaven-writer and mindhaven-reader.
"""

import asyncio
import contextlib
import functools
import logging
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw

from mindhaven.errors import MindhavenError, UnavailableError
from mindhaven.kernel.database import LONG_WORK_SECONDS, Schema
from mindhaven.kernel.drive import drive
from mindhaven.kernel.recording import write_events
from mindhaven.kernel.sources import Clock, Random, system_clock, system_random
from mindhaven.kernel.sqlite_readers import Readers
from mindhaven.kernel.sqlite_work import SqliteSchema, SqliteWork, WriterState
from mindhaven.kernel.work import Actor, Glance, Look, Work

T = TypeVar("T")
_LOG: Final = logging.getLogger("mindhaven.kernel.sqlite")

QUEUE_LIMIT: Final = 512
"""Works that may wait; one more is refused with `UnavailableError`."""
GROUP_LIMIT: Final = 128
GROUP_SECONDS: Final = 0.025
"""A group takes no further work after this many works or this long."""
READERS: Final = 3
_HEADS_LIMIT: Final = 20_000


class _Item:
    """One accepted work on its way through the writer thread."""

    __slots__ = ("actor", "error", "future", "result", "run", "told", "upkeep", "urgent")

    def __init__(
        self, future: "asyncio.Future[Any]", run: Callable[[Any], Any], actor: Actor, upkeep: str | None
    ) -> None:
        self.future = future
        self.run = run
        self.actor = actor
        self.upkeep = upkeep
        self.result: Any = None
        self.error: BaseException | None = None
        self.told = False
        self.urgent = False


class _Alone:
    """A migration: runs in a transaction of its own."""

    __slots__ = ("future", "run")

    def __init__(self, future: "asyncio.Future[Any]", run: Callable[[Schema], Any]) -> None:
        self.future = future
        self.run = run


class SqliteDatabase:
    """The embedded database. Open with `await SqliteDatabase.open(path)`; belongs to the loop that opened it."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, clock: Clock, random: Random, queue_limit: int, readers: int) -> None:
        self._path = path
        self._clock = clock
        self._random = random
        self._limit = queue_limit
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Item | _Alone | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closing = False
        self._seen_version: tuple[Any, ...] | None = None
        self._told: list[Callable[[bool], None]] = []
        self._readers = Readers(functools.partial(connect, path), clock, readers)
        self._writer = threading.Thread(target=self._supervise, name="mindhaven-writer", daemon=True)

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        clock: Clock = system_clock,
        random: Random = system_random,
        queue_limit: int = QUEUE_LIMIT,
        readers: int = READERS,
    ) -> "SqliteDatabase":
        """Open or create the file and start the threads; raise `UnavailableError` if it can't be opened."""
        self = cls(path, clock=clock, random=random, queue_limit=queue_limit, readers=readers)
        try:
            await asyncio.to_thread(lambda: connect(path).close())
        except apsw.Error as error:
            raise UnavailableError("The database file can't be opened.", code="database-open") from error
        self._writer.start()
        self._readers.start()
        return self

    # -- what use cases call ---------------------------------------------------------------------------------------

    async def act(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str | None = None
    ) -> T:
        """Run `use_case` on the writer thread; return after the group's commit."""
        return await self._submit(_Item(self._loop.create_future(), use_case, actor, upkeep))  # type: ignore[no-any-return]

    async def act_in_turn(self, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str) -> T:
        """As `act`: the sole writer always takes its turn."""
        return await self.act(Actor("job"), use_case, upkeep=upkeep)

    async def upgrade(self, use_case: Callable[[Schema], Coroutine[Any, Any, T]]) -> T:
        """Run a migration alone in one transaction."""
        return await self._submit(_Alone(self._loop.create_future(), use_case))  # type: ignore[no-any-return]

    async def look(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` on a reader thread, on one snapshot."""
        if self._closing:
            raise _closing()
        return await self._readers.look(use_case)

    async def glance(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` of one statement on a reader thread."""
        return await self.look(lambda look: use_case(Glance(look)))

    async def columns(self) -> list[tuple[str, str]]:
        """Return every (table, column) of the schema."""

        async def read(look: Look) -> list[tuple[str, str]]:
            found = await look.rows(
                "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p"
                " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY 1, 2"
            )
            return [(table, column) for table, column in found]

        return await self.look(read)

    def on_recorded(self, told: Callable[[bool], None]) -> None:
        """Call `told(urgent)` after every commit that holds events."""
        self._told.append(told)

    def on_hint(self, told: Callable[[str], None]) -> None:
        """Nothing: there is no other process."""

    async def hint(self, what: str) -> None:
        """Nothing: there is no other process."""

    async def close(self) -> None:
        """Finish every accepted work, then close; further works are refused."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.stop)

    async def _submit(self, item: _Item | _Alone) -> Any:
        if self._closing:
            raise _closing()
        if self._waiting >= self._limit:
            raise UnavailableError(
                "More is being written than the disk takes.", hint="Try again shortly.", code="queue-full"
            )
        self._waiting += 1
        self._queue.put(item)
        return await item.future

    # -- the writer thread -----------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        """Keep a writer running until the queue is closed: a failure outside a work costs its connection, no more."""
        while True:
            connection = None
            try:
                connection = connect(self._path)
                self._serve(connection)
            except Exception:  # noqa: BLE001 - whatever it was, the next writer starts clean
                _LOG.exception("the writer stopped and starts anew")
                if self._refuse_waiting():
                    return
                time.sleep(0.1)
            else:
                return
            finally:
                if connection is not None:
                    with contextlib.suppress(apsw.Error):
                        connection.close()
            if self._closing and self._queue.empty():
                return

    def _refuse_waiting(self) -> bool:
        """Fail what waits, since nobody knows when a writer stands again; return whether the queue was closed."""
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return False
            if item is None:
                return True
            self._tell(functools.partial(self._settle_one, item, None, lost()))

    def _serve(self, connection: apsw.Connection) -> None:
        heads: dict[bytes, tuple[int, bytes]] = {}
        while True:
            first = self._queue.get()
            if first is None:
                return
            if isinstance(first, _Alone):
                self._alone(connection, first)
                heads.clear()
                continue
            group: list[_Item] = []
            after: list[_Alone | None] = []
            try:
                self._group(connection, first, group, after, heads)
            except BaseException as error:
                heads.clear()
                self._fail(connection, group, error)
                if not isinstance(error, apsw.Error):
                    for other in after:
                        self._queue.put(other)
                    raise
            else:
                self._tell(functools.partial(self._settle, group))
            if len(heads) > _HEADS_LIMIT:
                heads.clear()
            for other in after:
                if other is None:
                    return
                self._alone(connection, other)
                heads.clear()

    def _group(
        self,
        connection: apsw.Connection,
        first: _Item,
        group: list[_Item],
        after: list[_Alone | None],
        heads: dict[bytes, tuple[int, bytes]],
    ) -> None:
        """Run `first` and whatever arrives meanwhile, then commit; raise if the transaction is lost."""
        item: _Item | _Alone | None = first
        state = WriterState(connection, self._clock, self._random, heads)
        begun = time.monotonic()
        group.append(first)
        connection.execute("BEGIN IMMEDIATE")
        # Another process (a CLI command on the machine) may have written since: its events are not in our cache.
        version = connection.execute("PRAGMA data_version").fetchone()
        if version != self._seen_version:
            self._seen_version = version
            heads.clear()
        while True:
            if not isinstance(item, _Item):
                after.append(item)
                break
            if item is not first:
                group.append(item)
            if not item.future.cancelled():
                self._one(state, item)
            if len(group) >= GROUP_LIMIT or time.monotonic() - begun > GROUP_SECONDS:
                break
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
        connection.execute("COMMIT")

    def _one(self, state: WriterState, item: _Item) -> None:
        connection = state.connection
        work = SqliteWork(connection, state.clock(), item.actor)
        begun = time.monotonic()
        connection.execute("SAVEPOINT one")
        try:
            item.result = drive(item.run(work))
            events = work.close(item.upkeep)
            if events:
                work.recorded += drive(write_events(work.reopened(), events, random=state.random, heads=state.heads))
                item.told = True
                item.urgent = any(event.URGENT for event in events)
        except BaseException as error:
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            state.heads.clear()
            item.told = item.urgent = False
            item.error = error
        else:
            connection.execute("RELEASE one")
        took = time.monotonic() - begun
        if took > LONG_WORK_SECONDS:
            name = getattr(item.run, "__qualname__", type(item.run).__name__)
            _LOG.warning("a work held the writer for %d ms: %s", int(took * 1000), name)

    def _alone(self, connection: apsw.Connection, item: _Alone) -> None:
        error: BaseException | None = None
        result = None
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = drive(item.run(SqliteSchema(connection, self._clock())))
            connection.execute("COMMIT")
        except BaseException as raised:  # noqa: BLE001 - it belongs to whoever asked
            error = raised
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        self._tell(functools.partial(self._settle_one, item, result, error))

    def _fail(self, connection: apsw.Connection, group: list[_Item], cause: BaseException) -> None:
        """Roll back explicitly (a failed COMMIT leaves the transaction open) and fail every member afresh."""
        if connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                connection.execute("ROLLBACK")
        _LOG.error("a group of %d works was rolled back: %s", len(group), type(cause).__name__)
        for item in group:
            item.error = lost()
            item.error.__cause__ = cause
            item.told = False
        self._tell(functools.partial(self._settle, group))

    def _tell(self, settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it everybody who waited
            self._loop.call_soon_threadsafe(settle)

    # -- back on the loop ------------------------------------------------------------------------------------------

    def _settle(self, group: list[_Item]) -> None:
        told = urgent = False
        for item in group:
            self._settle_one(item, item.result, item.error)
            told = told or item.told
            urgent = urgent or item.urgent
        if told:
            for call in self._told:
                call(urgent)

    def _settle_one(self, item: _Item | _Alone, result: Any, error: BaseException | None) -> None:
        self._waiting -= 1
        if item.future.done():
            return
        if error is None:
            item.future.set_result(result)
        elif isinstance(error, Exception) and not isinstance(error, StopIteration):
            item.future.set_exception(error)
        else:
            item.future.set_exception(MindhavenError("A use case ended its thread.", code="use-case-exit"))


def connect(path: Path) -> apsw.Connection:
    """Return a connection with the settings that every connection has."""
    connection = apsw.Connection(str(path), statementcachesize=512)
    connection.set_busy_timeout(5000)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -32768",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def lost() -> UnavailableError:
    """Return what a member of a lost group is told."""
    return UnavailableError(
        "The database could not store this; nothing of it was kept.",
        hint="Try again; if it goes on, see the free space and `mindhaven doctor`.",
        code="commit-failed",
    )


def _closing() -> UnavailableError:
    return UnavailableError("The server is closing.", hint="Try again in a moment.", code="closing")
