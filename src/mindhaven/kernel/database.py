"""The database as the rest of the kernel and every use case sees it.

Guarantees: `act` returns only after its transaction is durable; `look` sees one snapshot.
Does not: say which database it is; `open_database` picks by URL. I/O: in `sqlite` and `postgres`.
"""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from mindhaven.errors import InvalidInputError
from mindhaven.kernel.sources import Clock, Random, system_clock, system_random
from mindhaven.kernel.work import Actor, Look, Row, Work

T = TypeVar("T")

LONG_WORK_SECONDS: Final = 0.05
"""A work that holds its transaction longer is logged."""
WAITING: Final = "waiting"
"""The hint that committed events wait for a number."""
NUMBERED: Final = "numbered"
"""The hint that events were numbered."""


class Schema(Protocol):
    """The transaction of a migration: statements of any kind, no events."""

    now: int
    dialect: str

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Return every row of the statement."""
        ...

    async def run(self, sql: str, *args: Any) -> int:
        """Run the statement; return the number of rows that it changed."""
        ...

    async def script(self, sql: str) -> None:
        """Run statements without arguments, separated by semicolons."""
        ...


class Database(Protocol):
    """A database: works, looks, and what migrations and the sequencer need."""

    dialect: str

    async def act(
        self, actor: Actor, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str | None = None
    ) -> T:
        """Run `use_case` in one serializable transaction and return its value once that is durable.

        A returned `Denied` commits; an exception rolls this work back and no other. `use_case` may run more than
        once. `upkeep` is the reason for rows that no event tells of.
        """
        ...

    async def act_in_turn(self, use_case: Callable[[Work], Coroutine[Any, Any, T]], *, upkeep: str) -> T:
        """Run a kernel work that takes a row lock first, so that it sees what is committed when it gets its turn."""
        ...

    async def look(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case` on one read-only snapshot."""
        ...

    async def glance(self, use_case: Callable[[Look], Coroutine[Any, Any, T]]) -> T:
        """Run `use_case`, which asks one statement, and so sees one snapshot without a transaction around it.

        Raises `WorkError` (glance-twice) at a second statement.
        """
        ...

    async def upgrade(self, use_case: Callable[[Schema], Coroutine[Any, Any, T]]) -> T:
        """Run a migration alone in one transaction, under a lock that keeps other processes out."""
        ...

    async def columns(self) -> list[tuple[str, str]]:
        """Return every (table, column) of the schema."""
        ...

    def on_recorded(self, told: Callable[[bool], None]) -> None:
        """Call `told(urgent)` on the event loop after every commit that holds events."""
        ...

    def on_hint(self, told: Callable[[str], None]) -> None:
        """Call `told` with each hint of any process, this one's own too; may be lost."""
        ...

    async def hint(self, what: str) -> None:
        """Tell every process `WAITING` or `NUMBERED`; may be lost."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then close."""
        ...


async def open_database(url: str, *, clock: Clock = system_clock, random: Random = system_random) -> "Database":
    """Open `sqlite:///path` or `postgresql://...`; raise `InvalidInputError` on another scheme."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        from mindhaven.kernel.sqlite import SqliteDatabase

        return await SqliteDatabase.open(Path(unquote(parts.path)), clock=clock, random=random)
    if parts.scheme in {"postgresql", "postgres"}:
        from mindhaven.kernel.postgres import PostgresDatabase

        return await PostgresDatabase.open(url, clock=clock, random=random)
    raise InvalidInputError(
        "The database URL must begin with sqlite:/// or postgresql://.",
        code="database-url",
        hint="sqlite:////path/to.db",
    )
