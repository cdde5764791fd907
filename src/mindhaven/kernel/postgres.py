"""PostgreSQL: a pool, serializable works that run again on conflict.

Guarantees: works are SERIALIZABLE and re-run (with a fresh coroutine) on a serialization failure or deadlock; looks are
one REPEATABLE READ snapshot, read only; a use case that awaits anything but its work is refused.
Does not: notice a blocking call. I/O: the database, through asyncpg; NOTIFY is a hint and may be lost.
"""

import asyncio
import contextlib
import logging
import random as jitter
import time
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import asyncpg

from mindhaven.errors import UnavailableError
from mindhaven.kernel.database import LONG_WORK_SECONDS, Schema
from mindhaven.kernel.drive import Guarded
from mindhaven.kernel.postgres_work import PostgresLook, PostgresSchema, PostgresWork
from mindhaven.kernel.recording import write_events
from mindhaven.kernel.sources import Clock, Random, system_clock, system_random
from mindhaven.kernel.work import Actor, ConstraintViolatedError, Glance, Look, Work

T = TypeVar("T")
_LOG: Final = logging.getLogger("mindhaven.kernel.postgres")

TRIES: Final = 24
"""Runs of one work before it is given up with `UnavailableError`."""
DUPLICATE_TRIES: Final = 3
"""Further runs of a work that met a duplicate key, which may come from a work at the same time."""
WAITING_LIMIT: Final = 512
"""Works that may run or wait for a connection; one more is refused with `UnavailableError`."""
POOL_SIZE: Final = 10
_SESSION: Final = {"enable_seqscan": "off"}
"""A scan of a whole table, which the planner prefers while it is small, locks all of it against every other work under
SERIALIZABLE: two writers of different collections then conflict. By an index only what was looked at is locked."""
_CHANNEL: Final = "mindhaven_stream"
_UPGRADE_LOCK: Final = 0x6D696E64
_CONFLICTS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_UNREACHABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)
"""A database that is away, and one that is going or just coming: to whom it serves all are the same, not now."""


class PostgresDatabase:
    """A PostgreSQL database, or an engine compatible with it. Open with `await PostgresDatabase.open(url)`."""

    dialect = "postgres"

    def __init__(self, pool: Any, *, clock: Clock, random: Random, waiting_limit: int) -> None:
        self._pool = pool
        self._clock = clock
        self._random = random
        self._limit = waiting_limit
        self._waiting = 0
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._lane = asyncio.Lock()
        self._lanes: weakref.WeakValueDictionary[bytes, asyncio.Lock] = weakref.WeakValueDictionary()
        self._told: list[Callable[[bool], None]] = []
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        clock: Clock = system_clock,
        random: Random = system_random,
        pool_size: int = POOL_SIZE,
        waiting_limit: int = WAITING_LIMIT,
    ) -> "PostgresDatabase":
        """Connect; raise `UnavailableError` if the database is out of reach."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=pool_size,
                reset=_keep_session,
                statement_cache_size=512,
                server_settings=_SESSION,
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise UnavailableError(
                f"The database is out of reach: {_why(error)}.",
                hint="Check server.database (postgresql://user:password@host:port/name), and that it runs there.",
                code="database-open",
            ) from error
        return cls(pool, clock=clock, random=random, waiting_limit=waiting_limit)

    # -- what use cases call ---------------------------------------------------------------------------------------

    async def act(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str | None = None
    ) -> T:
        """Run `use_case` in a serializable transaction, again on conflict; return after its commit."""
        return await self._admitted(actor, use_case, upkeep, "serializable")

    async def act_in_turn(self, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str) -> T:
        """Run a kernel work that locks a row first: READ COMMITTED, so that it sees what is committed at its turn."""
        return await self._admitted(Actor("job"), use_case, upkeep, "read_committed")

    async def look(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` on one read-only snapshot."""
        if self._closing:
            raise _closing()
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                look = PostgresLook(connection, self._clock())
                return await Guarded(use_case(look), look)
        except _UNREACHABLE as error:
            raise _unreachable() from error

    async def glance(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` of one statement: two round trips less than a transaction takes."""
        if self._closing:
            raise _closing()
        try:
            async with self._pool.acquire() as connection:
                look = PostgresLook(connection, self._clock())
                return await Guarded(use_case(Glance(look)), look)
        except _UNREACHABLE as error:
            raise _unreachable() from error

    async def upgrade(self, use_case: Callable[[Schema], Coroutine[Any, Any, T]]) -> T:
        """Run a migration alone in one transaction, under an advisory lock."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _UPGRADE_LOCK)
            result = await use_case(PostgresSchema(connection, self._clock()))
        await self._pool.expire_connections()
        return result

    async def columns(self) -> list[tuple[str, str]]:
        """Return every (table, column) of the schema."""

        async def read(look: Look) -> list[tuple[str, str]]:
            found = await look.rows(
                "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c"
                " JOIN information_schema.tables t USING (table_schema, table_name)"
                " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY 1, 2"
            )
            return [(table, column) for table, column in found]

        return await self.look(read)

    def on_recorded(self, told: Callable[[bool], None]) -> None:
        """Call `told(urgent)` after every commit of this process that holds events."""
        self._told.append(told)

    def on_hint(self, told: Callable[[str], None]) -> None:
        """Call `told` with each hint of any process, this one's own too."""
        self._listener = asyncio.create_task(self._listen(told), name="mindhaven-hints")

    async def hint(self, what: str) -> None:
        """Tell every process `what`: after the commit, since a NOTIFY inside it would make all commits queue."""
        with contextlib.suppress(*_UNREACHABLE, asyncpg.PostgresError):
            await self._pool.execute("SELECT pg_notify($1, $2)", _CHANNEL, what)

    async def close(self) -> None:
        """Wait for what runs, then close."""
        self._closing = True
        await self._idle.wait()
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        await self._pool.close()

    # -- one work --------------------------------------------------------------------------------------------------

    async def _admitted(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], upkeep: str | None, isolation: str
    ) -> T:
        if self._closing:
            raise _closing()
        if self._waiting >= self._limit:
            raise UnavailableError(
                "More is being written than the database takes.", hint="Try again shortly.", code="queue-full"
            )
        self._waiting += 1
        self._idle.clear()
        try:
            async with self._lane_of(actor):
                return await self._again_on_conflict(actor, use_case, upkeep, isolation)
        finally:
            self._waiting -= 1
            if self._waiting == 0:
                self._idle.set()

    def _lane_of(self, actor: Actor) -> asyncio.Lock:
        """Return the lock of this actor: one person's works would meet at the end of that person's chain of events."""
        if actor.uid is None:
            return asyncio.Lock()
        lane = self._lanes.get(actor.uid)
        if lane is None:
            lane = self._lanes[actor.uid] = asyncio.Lock()
        return lane

    async def _again_on_conflict(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], upkeep: str | None, isolation: str
    ) -> T:
        for attempt in range(TRIES):
            try:
                if attempt < 2:
                    return await self._once(actor, use_case, upkeep, isolation)
                # Works that keep meeting each other go one at a time in this process.
                async with self._lane:
                    return await self._once(actor, use_case, upkeep, isolation)
            except (*_CONFLICTS, ConstraintViolatedError) as error:
                # Two works that insert the same key at once meet as a duplicate; run again, the later one sees it.
                if isinstance(error, ConstraintViolatedError) and (
                    attempt >= DUPLICATE_TRIES or not isinstance(error.__cause__, asyncpg.UniqueViolationError)
                ):
                    raise
                await asyncio.sleep(jitter.uniform(0, 0.002 * 2 ** min(attempt, 4)))  # noqa: S311 - spreads retries
            except _UNREACHABLE as error:
                raise _unreachable() from error
        raise UnavailableError(
            "Too many others write to the same place.", hint="Try again shortly.", code="write-conflict"
        )

    async def _once(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], upkeep: str | None, isolation: str
    ) -> T:
        async with self._pool.acquire() as connection:
            work = PostgresWork(connection, self._clock(), actor)
            begun = time.monotonic()
            async with connection.transaction(isolation=isolation):
                result = await Guarded(use_case(work), work)
                events = work.close(upkeep)
                if events:
                    work.recorded += await write_events(work.reopened(), events, random=self._random, heads={})
        took = time.monotonic() - begun
        if took > LONG_WORK_SECONDS:
            name = getattr(use_case, "__qualname__", type(use_case).__name__)
            _LOG.warning("a work held its transaction for %d ms: %s", int(took * 1000), name)
        if events:
            urgent = any(event.URGENT for event in events)
            for call in self._told:
                call(urgent)
        return result

    async def _listen(self, told: Callable[[str], None]) -> None:
        """Hold one connection that listens for hints; connect again when it is lost."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    lost = asyncio.Event()
                    connection.add_termination_listener(lambda *_, lost=lost: lost.set())

                    def heard(*given: Any) -> None:
                        told(given[3])

                    await connection.add_listener(_CHANNEL, heard)
                    try:
                        await lost.wait()
                    finally:
                        if not connection.is_closed():
                            await connection.remove_listener(_CHANNEL, heard)
            except (*_UNREACHABLE, asyncpg.PostgresError):
                _LOG.warning("the connection that listens for hints was lost")
            await asyncio.sleep(1.0)


async def _keep_session(connection: Any) -> None:
    """Reset nothing when a connection returns to the pool: no work leaves state, and the reset is a round trip."""


def _why(error: Exception) -> str:
    """Return why a connection was not made, without anything of its URL."""
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return "there is no database of that name"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return "it refuses this user or password"
    return "it refuses the connection" if isinstance(error, asyncpg.PostgresError) else "nothing answers there"


def _closing() -> UnavailableError:
    return UnavailableError("The server is closing.", hint="Try again in a moment.", code="closing")


def _unreachable() -> UnavailableError:
    return UnavailableError("The database is out of reach.", hint="Try again in a moment.", code="database-unreachable")
