"""Work: one transaction, as a use case sees it; and Look: one read-only snapshot.

Guarantees: what a use case wrote and the events that it recorded are committed together or not at all; rows written
without an event and without an upkeep reason are refused; an await of anything but the work itself is refused.
Does not: notice a blocking call (a work over 50 ms is logged). I/O: none here; `sqlite` and `postgres` do it.

SQL text is the same for both databases: `$1` ... `$n`; flags are 0/1 in {BIGINT} columns, since SQLite knows no
booleans; `SUM` of {BIGINT} is a decimal in PostgreSQL, so write `CAST(SUM(x) AS BIGINT)`.
A statement that fails ends the work: use `ON CONFLICT`, do not catch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from mindhaven.errors import ConflictError, MindhavenError
from mindhaven.kernel.event import Event
from mindhaven.kernel.statements import statement

Row: TypeAlias = tuple[Any, ...]


class WorkError(MindhavenError):
    """A use case broke a rule of its work: rows without an event, or a work used after its end."""

    code = "work-without-event"


class ForeignAwaitError(MindhavenError):
    """A use case awaited something other than its work, inside a transaction."""

    code = "foreign-await"


class ConstraintViolatedError(ConflictError):
    """A statement broke a constraint of the schema: a duplicate key, a missing parent, a null."""

    code = "constraint-violated"


@dataclass(frozen=True)
class Actor:
    """Who acts. `kind`: person, device, officer, operator, job, reader or anonymous."""

    kind: str
    uid: bytes | None = None
    session: bytes | None = None


@dataclass(frozen=True)
class Recorded:
    """Where an event of this work stands in its subject's chain; filled in when the use case has returned."""

    name: str
    subject: bytes
    seq: int
    commitment: bytes
    urgent: bool


class Look(Protocol):
    """One snapshot, read only; `now` in seconds since 1970 UTC."""

    now: int

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        ...

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        ...


class Glance:
    """A look that lets one reading statement through: one statement is one snapshot by itself."""

    __slots__ = ("_asked", "_look", "now")

    def __init__(self, look: Look) -> None:
        self._look = look
        self._asked = False
        self.now = look.now

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        self._once(sql)
        return await self._look.rows(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        self._once(sql)
        return await self._look.row(sql, *args)

    def _once(self, sql: str) -> None:
        if self._asked or statement(sql).writes:
            raise WorkError("A glance asks one statement, which reads.", hint="Use `look`.", code="glance-twice")
        self._asked = True


class Work(Look, Protocol):
    """One transaction. `recorded` is filled after the use case returned; hand the list out to learn positions."""

    actor: Actor
    recorded: list[Recorded]

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        ...

    async def run_many(self, insert: str, rows: Sequence[Row]) -> None:
        """Insert all rows with few statements; `insert` reads `INSERT INTO t (a, b) VALUES`."""
        ...

    async def run_together(self, inserts: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Insert into several tables as `run_many` would one after the other, in as few round trips as there can be."""
        ...

    def record(self, event: Event) -> None:
        """Record an event, committed with this work's rows."""
        ...
