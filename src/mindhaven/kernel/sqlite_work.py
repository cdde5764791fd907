"""Work, Look and Schema on one apsw connection.

Guarantees: every method ends without suspending, so that one `send` drives a use case to its end.
I/O: SQLite, on the thread that owns the connection.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import apsw

from mindhaven.kernel.event import Event
from mindhaven.kernel.recording import Heads
from mindhaven.kernel.sources import Clock, Random
from mindhaven.kernel.statements import insert, statement, values_text
from mindhaven.kernel.work import Actor, ConstraintViolatedError, Recorded, Row, WorkError


class WriterState(NamedTuple):
    """What the writer thread keeps between works."""

    connection: apsw.Connection
    clock: Clock
    random: Random
    heads: Heads


class SqliteLook:
    """A snapshot; see `mindhaven.kernel.work.Look`."""

    __slots__ = ("_execute", "now")

    def __init__(self, connection: apsw.Connection, now: int) -> None:
        self.now = now
        self._execute: Callable[..., Any] = connection.execute

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        return self._execute(statement(sql).sqlite, args).fetchall()  # type: ignore[no-any-return]

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        return self._execute(statement(sql).sqlite, args).fetchone()  # type: ignore[no-any-return]


class SqliteWork:
    """One work inside the group's transaction; see `mindhaven.kernel.work.Work`."""

    __slots__ = ("_broken", "_closed", "_connection", "_events", "_wrote", "actor", "now", "recorded")

    def __init__(self, connection: apsw.Connection, now: int, actor: Actor) -> None:
        self._connection = connection
        self.now = now
        self.actor = actor
        self.recorded: list[Recorded] = []
        self._events: list[Event] = []
        self._wrote = False
        self._closed = False
        self._broken: BaseException | None = None

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        return self._rows(sql, args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        found = self._rows(sql, args)
        return found[0] if found else None

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        self._open()
        text, writes = statement(sql)
        try:
            self._connection.execute(text, args)
        except apsw.Error as error:
            self._stop(error)
        if not writes:
            return 0
        changed = self._connection.changes()
        if changed:
            self._wrote = True
        return changed

    async def run_many(self, insert_text: str, rows: Sequence[Row]) -> None:
        """Insert all rows, one statement per chunk."""
        self._open()
        if not rows:
            return
        head, columns, chunk = insert(insert_text)
        self._wrote = True
        execute = self._connection.execute
        try:
            for start in range(0, len(rows), chunk):
                part = rows[start : start + chunk]
                execute(values_text(head, columns, len(part)), [value for row in part for value in row])
        except apsw.Error as error:
            self._stop(error)

    async def run_together(self, inserts: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Insert into several tables; here there are no round trips to save."""
        for insert_text, rows in inserts:
            await self.run_many(insert_text, rows)

    def record(self, event: Event) -> None:
        """Record an event, committed with this work's rows."""
        self._open()
        self._events.append(event)

    def close(self, upkeep: str | None) -> list[Event]:
        """End the use case's part; return its events; raise `WorkError` on rows that no event tells of."""
        self._closed = True
        return check_end(events=self._events, wrote=self._wrote, broken=self._broken, upkeep=upkeep)

    def reopened(self) -> "SqliteWork":
        """Return this work for the kernel's own writing."""
        self._closed = False
        return self

    def _rows(self, sql: str, args: tuple[Any, ...]) -> list[Row]:
        self._open()
        text, writes = statement(sql)
        try:
            found: list[Row] = self._connection.execute(text, args).fetchall()
        except apsw.Error as error:
            self._stop(error)
        if writes and self._connection.changes():
            self._wrote = True
        return found

    def _open(self) -> None:
        if self._closed or self._broken is not None:
            raise unusable(self._broken)

    def _stop(self, error: apsw.Error) -> NoReturn:
        self._broken = error
        if isinstance(error, apsw.ConstraintError):
            raise ConstraintViolatedError("What was written contradicts what is stored.") from error
        raise error


class SqliteSchema:
    """The transaction of a migration; see `mindhaven.kernel.database.Schema`."""

    dialect = "sqlite"

    def __init__(self, connection: apsw.Connection, now: int) -> None:
        self._connection = connection
        self.now = now

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        return self._connection.execute(statement(sql).sqlite, args).fetchall()

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        self._connection.execute(statement(sql).sqlite, args)
        return self._connection.changes()

    async def script(self, sql: str) -> None:
        """Run statements without arguments, separated by semicolons."""
        self._connection.execute(sql)


def unusable(broken: BaseException | None) -> WorkError:
    """Return what the use of an ended or broken work raises; after a failure the transaction may be gone."""
    if broken is None:
        return WorkError("A work was used after its end.", code="work-ended")
    return WorkError("A use case went on after a statement had failed.", hint="Use ON CONFLICT.", code="work-went-on")


def check_end(*, events: list[Event], wrote: bool, broken: BaseException | None, upkeep: str | None) -> list[Event]:
    """Return `events`, or raise because a statement failed unheeded or rows were written that no event tells of."""
    if broken is not None:
        raise unusable(broken) from broken
    if wrote and not events and not upkeep:
        raise WorkError(
            "A use case wrote rows and recorded no event.",
            hint="Record an event that tells of it, or give `act` an upkeep reason.",
        )
    return events
