"""Work, Look and Schema on one asyncpg connection.

Guarantees: `pending` is above zero exactly while a statement of this work is on its way, so that `Guarded` can tell its
waits from foreign ones. I/O: PostgreSQL.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import asyncpg

from mindhaven.kernel.event import Event
from mindhaven.kernel.sqlite_work import check_end, unusable
from mindhaven.kernel.statements import insert, statement
from mindhaven.kernel.work import Actor, ConstraintViolatedError, Recorded, Row

ROWS_PER_INSERT: Final = 5_000


class PostgresLook:
    """A snapshot; see `mindhaven.kernel.work.Look`."""

    __slots__ = ("_connection", "now", "pending")

    def __init__(self, connection: Any, now: int) -> None:
        self._connection = connection
        self.now = now
        self.pending = 0

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        self.pending += 1
        try:
            return [tuple(record) for record in await self._connection.fetch(sql, *args)]
        finally:
            self.pending -= 1

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        self.pending += 1
        try:
            record = await self._connection.fetchrow(sql, *args)
        finally:
            self.pending -= 1
        return None if record is None else tuple(record)


class PostgresWork:
    """One transaction; see `mindhaven.kernel.work.Work`."""

    __slots__ = ("_broken", "_closed", "_connection", "_events", "_wrote", "actor", "now", "pending", "recorded")

    def __init__(self, connection: Any, now: int, actor: Actor) -> None:
        self._connection = connection
        self.now = now
        self.actor = actor
        self.pending = 0
        self.recorded: list[Recorded] = []
        self._events: list[Event] = []
        self._wrote = False
        self._closed = False
        self._broken: BaseException | None = None

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        self._enter()
        try:
            found = [tuple(record) for record in await self._connection.fetch(sql, *args)]
        except asyncpg.PostgresError as error:
            self._stop(error)
        finally:
            self.pending -= 1
        if found and statement(sql).writes:
            self._wrote = True
        return found

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Return the first row of the statement, or None."""
        found = await self.rows(sql, *args)
        return found[0] if found else None

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        self._enter()
        try:
            status: str = await self._connection.execute(sql, *args)
        except asyncpg.PostgresError as error:
            self._stop(error)
        finally:
            self.pending -= 1
        if not statement(sql).writes:
            return 0
        changed = _changed(status)
        if changed:
            self._wrote = True
        return changed

    async def run_many(self, insert_text: str, rows: Sequence[Row]) -> None:
        """Insert all rows from one array per column: one constant statement text, whatever their number."""
        if not rows:
            if self._closed:
                self._enter()
            return
        head, columns, _ = insert(insert_text)
        self._enter()
        try:
            text = await _unnest(self._connection, head, columns)
            for start in range(0, len(rows), ROWS_PER_INSERT):
                part = rows[start : start + ROWS_PER_INSERT]
                await self._connection.execute(text, *map(list, zip(*part, strict=True)))
        except asyncpg.PostgresError as error:
            self._stop(error)
        finally:
            self.pending -= 1
        self._wrote = True

    async def run_together(self, inserts: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Insert into several tables by one statement, in which each but the last is a part of its own."""
        given = [(text, rows) for text, rows in inserts if rows]
        if len(given) < 2 or any(len(rows) > ROWS_PER_INSERT for _, rows in given):
            for text, rows in given:
                await self.run_many(text, rows)
            return
        self._enter()
        try:
            statement_text = await _together(self._connection, tuple(text for text, _ in given))
            arrays = [list(column) for _, rows in given for column in zip(*rows, strict=True)]
            await self._connection.execute(statement_text, *arrays)
        except asyncpg.PostgresError as error:
            self._stop(error)
        finally:
            self.pending -= 1
        self._wrote = True

    def record(self, event: Event) -> None:
        """Record an event, committed with this work's rows."""
        if self._closed or self._broken is not None:
            raise unusable(self._broken)
        self._events.append(event)

    def close(self, upkeep: str | None) -> list[Event]:
        """End the use case's part; return its events; raise `WorkError` on rows that no event tells of."""
        self._closed = True
        return check_end(events=self._events, wrote=self._wrote, broken=self._broken, upkeep=upkeep)

    def reopened(self) -> "PostgresWork":
        """Return this work for the kernel's own writing."""
        self._closed = False
        return self

    def _enter(self) -> None:
        if self._closed or self._broken is not None:
            raise unusable(self._broken)
        self.pending += 1

    def _stop(self, error: asyncpg.PostgresError) -> NoReturn:
        self._broken = error
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            raise ConstraintViolatedError("What was written contradicts what is stored.") from error
        raise error


class PostgresSchema:
    """The transaction of a migration; see `mindhaven.kernel.database.Schema`."""

    dialect = "postgres"

    def __init__(self, connection: Any, now: int) -> None:
        self._connection = connection
        self.now = now

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        return [tuple(record) for record in await self._connection.fetch(sql, *args)]

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        return _changed(await self._connection.execute(sql, *args))

    async def script(self, sql: str) -> None:
        """Run statements without arguments, separated by semicolons."""
        await self._connection.execute(sql)


_ARGUMENT: Final = re.compile(r"\$(\d+)")
_UNNEST: Final[dict[str, str]] = {}


async def _unnest(connection: Any, head: str, columns: int) -> str:
    """Return the insert's text with the arrays' types, which the database itself tells once per insert."""
    known = _UNNEST.get(head)
    if known is not None:
        return known
    marks = ", ".join(f"${number}" for number in range(1, columns + 1))
    prepared = await connection.prepare(f"{head}({marks})")
    arrays = ", ".join(
        f"${number}::{kind.schema}.{kind.name}[]" for number, kind in enumerate(prepared.get_parameters(), 1)
    )
    text = f"{head.removesuffix('VALUES ')}SELECT * FROM unnest({arrays})"  # noqa: S608 - names from the source code
    _UNNEST[head] = text
    return text


_TOGETHER: Final[dict[tuple[str, ...], str]] = {}


async def _together(connection: Any, texts: tuple[str, ...]) -> str:
    """Return one statement for several inserts, their arguments numbered on from each to the next."""
    known = _TOGETHER.get(texts)
    if known is not None:
        return known
    parts, before = [], 0
    for text in texts:
        head, columns, _ = insert(text)
        one = await _unnest(connection, head, columns)
        parts.append(_ARGUMENT.sub(lambda found, before=before: f"${int(found.group(1)) + before}", one))  # type: ignore[misc]
        before += columns
    *first, last = parts
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(first))
    _TOGETHER[texts] = f"WITH {named} {last}"
    return _TOGETHER[texts]


def _verb_has_count(verb: str) -> bool:
    return verb in {"INSERT", "UPDATE", "DELETE"}


def _changed(status: str) -> int:
    parts = status.split()
    return int(parts[-1]) if parts and _verb_has_count(parts[0]) else 0
