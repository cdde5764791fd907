"""The event stream: one sequencer numbers committed events, readers follow.

Guarantees: positions are 0, 1, 2 ... without gaps, given only to committed events and only by the holder of the lease
`stream`; an event of a subject never precedes its predecessor; since a position is given after the commit, a late
commit loses nothing. Urgent events are numbered at once, others within about a second. Every process hears of it, or
looks by itself each second, so that a lost hint only delays.
A failing reader is retried with back-off, then stops alone and keeps its error; the others go on.
I/O: the tables event, event_sequence, cursor, lease; background tasks between `start` and `stop`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.errors import MindhavenError, NotFoundError
from mindhaven.kernel import lease as leases
from mindhaven.kernel.database import NUMBERED, WAITING, Database
from mindhaven.kernel.reader import COLUMNS, Numbered, Reader, ReaderSkipped, ReaderState
from mindhaven.kernel.sources import Random, system_random
from mindhaven.kernel.work import Actor, Look, Recorded, Row, Work
from mindhaven.protocol.event import HOST

_LOG: Final = logging.getLogger("mindhaven.kernel.stream")
LEASE: Final = "stream"
_NUMBER: Final = (
    "UPDATE event SET position = waiting.position FROM ("
    "SELECT id, CAST($1 AS BIGINT) - 1 + row_number() OVER (ORDER BY id) AS position FROM"
    " (SELECT id FROM event WHERE position IS NULL ORDER BY id LIMIT $2) AS found"
    ") AS waiting WHERE event.id = waiting.id"
)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the stream turns; all in seconds, but for the counts."""

    plain_seconds: float = 0.1  # who listens hears of a write this much later; writers at once share a numbering
    idle_seconds: float = 1.0
    lease_seconds: int = 15
    keep_seconds: float = 5.0  # how often the lease is prolonged with nothing to number
    numbers: int = 2_000
    attempts: int = 6
    backoff_seconds: float = 0.5
    backoff_most_seconds: float = 30.0


SEVERAL: Final = Pace(lease_seconds=4, keep_seconds=1.0)
"""Where several processes share a database: one that was killed is replaced within five seconds.

How short a lease is decides nothing but that: each numbering checks the lease's fence under a lock on its row, so that
one whose lease was taken over, however slow it is or wrong its clock, numbers nothing. What it costs is a write each
second with nothing to do; a database of one process, which may lie on a small card, is spared that."""


class Stream:
    """The sequencer and the readers of one process."""

    def __init__(
        self, db: Database, readers: Sequence[Reader] = (), *, random: Random = system_random, pace: Pace | None = None
    ) -> None:
        self._db = db
        self._readers = {reader.name: reader for reader in readers}
        self._pace = pace or (SEVERAL if db.dialect == "postgres" else Pace())
        self._holder = random(16)
        self._lease: leases.Lease | None = None
        self._one = asyncio.Lock()
        self._wake = asyncio.Event()
        self._asked = False
        self._kept_at = 0.0
        self._end = self._read_end = -1
        self._moved: dict[str, asyncio.Event] = {name: asyncio.Event() for name in self._readers}
        self._numbered = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._soon: asyncio.TimerHandle | None = None

    # -- numbering -------------------------------------------------------------------------------------------------

    async def number(self) -> int:
        """Number what is committed, as the lease's holder; return how many, 0 if another process holds it."""
        async with self._one:  # of two that try for the lease at once, the second is refused it by the first
            if self._lease is None:
                self._lease = await self._db.act_in_turn(self._take_lease, upkeep="stream lease")
                if self._lease is None:
                    return 0
                _LOG.info("this process numbers the events from now on")
            self._kept_at = time.monotonic()
            try:
                return await self.number_under(self._lease)
            except leases.LeaseLostError:
                self._lease = None
                return 0

    async def number_under(self, lease: leases.Lease) -> int:
        """Number what is committed under `lease`; raise `LeaseLostError` if it was taken over."""
        count = 0
        while True:
            got = await self._db.act_in_turn(lambda work: self._number(work, lease), upkeep="numbering")
            count += got
            if got < self._pace.numbers:
                return count

    async def _take_lease(self, work: Work) -> leases.Lease | None:
        return await leases.take(work, name=LEASE, holder=self._holder, seconds=self._pace.lease_seconds)

    async def _number(self, work: Work, lease: leases.Lease) -> int:
        await leases.keep(work, lease, seconds=self._pace.lease_seconds)
        row = await work.row("SELECT next FROM event_sequence WHERE name = 'event'")
        start: int = row[0] if row else 0
        count = await work.run(_NUMBER, start, self._pace.numbers)
        if count:
            await work.run("UPDATE event_sequence SET next = $1 WHERE name = 'event'", start + count)
        return count

    # -- reading ---------------------------------------------------------------------------------------------------

    async def read(self, name: str, *, batch: int | None = None) -> int:
        """Let the reader take its next events in one work; return how many it took, 0 if stopped or at the end."""
        reader = self._reader(name)
        size = batch or reader.batch

        async def peek(look: Look) -> bool:
            position, stopped = await _cursor(look, name)
            return stopped is None and position < await _next(look)

        if not await self._db.look(peek):
            return 0

        async def advance(work: Work) -> int:
            position, stopped = await _cursor(work, name)
            end = await _next(work)
            if stopped is not None or position >= end:
                return 0
            found = await _events(work, reader.wants, position, end, size)
            after = end if len(found) < size else found[-1].position + 1
            if found:
                await reader.apply(work, found)
            await _move(work, name, after)
            return len(found)

        return await self._db.act(Actor("reader"), advance, upkeep=f"reader {name}")

    async def states(self) -> list[ReaderState]:
        """Return where every reader stands."""

        async def look_up(look: Look) -> list[ReaderState]:
            end = await _next(look)
            rows = await look.rows("SELECT reader, position, stopped_at, error FROM cursor")
            known: dict[str, Row] = {row[0]: row for row in rows}
            states = []
            for name in sorted(self._readers):
                _, position, stopped, error = known.get(name, (name, 0, None, None))
                states.append(
                    ReaderState(name=name, position=position, lag=end - position, stopped_at=stopped, error=error)
                )
            return states

        return await self._db.look(look_up)

    async def lag(self, name: str) -> int:
        """Return how many numbered events the reader has not passed."""
        self._reader(name)
        return next(state.lag for state in await self.states() if state.name == name)

    async def resume(self, name: str) -> None:
        """Let a stopped reader try again."""
        self._reader(name)

        async def clear(work: Work) -> None:
            await work.run("UPDATE cursor SET stopped_at = NULL, error = NULL WHERE reader = $1", name)

        await self._db.act(Actor("operator"), clear, upkeep=f"resume {name}")
        self._moved[name].set()

    async def skip(self, name: str, count: int, reason: str, *, actor: Actor | None = None) -> int:
        """Make the reader leave out its next `count` events and go on; itself an event. Returns its new position."""
        reader = self._reader(name)

        async def leave_out(work: Work) -> int:
            position, _ = await _cursor(work, name)
            end = await _next(work)
            found = await _events(work, reader.wants, position, end, count)
            after = found[-1].position + 1 if found else position
            await _move(work, name, after)
            work.record(ReaderSkipped(subject=HOST, reader=name, first=position, after=after, reason=reason))
            return after

        after = await self._db.act(actor or Actor("operator"), leave_out)
        self._moved[name].set()
        return after

    async def positions(self, recorded: Sequence[Recorded], *, wait_seconds: float = 2.0) -> list[int | None]:
        """Return the position of each recorded event, waiting up to `wait_seconds`; None where it is not numbered.

        Where nothing numbers in the background of this process, it is done here first.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_seconds

        async def look_up(look: Look) -> list[int | None]:
            found: list[int | None] = []
            for one in recorded:
                row = await look.row("SELECT position FROM event WHERE subject = $1 AND seq = $2", one.subject, one.seq)
                found.append(row[0] if row else None)
            return found

        if not self._tasks:
            await self.number()
        while True:
            seen = self._end
            found = await self._db.look(look_up)
            left = until - loop.time()
            if None not in found or left <= 0:
                return found
            async with self._numbered:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, 0.1)):
                        await self._numbered.wait_for(lambda: self._end != seen)  # noqa: B023 - waited for here

    async def end(self) -> int:
        """Return the position that the next event will have."""
        return await self._db.look(_next)

    async def since(self, wants: frozenset[str], position: int, size: int) -> tuple[int, list[Numbered]]:
        """Wait until events after `position` are numbered; return where to go on, and those that are wanted."""
        async with self._numbered:
            await self._numbered.wait_for(lambda: self._end > position)

        async def look_up(look: Look) -> tuple[int, list[Numbered]]:
            end = await _next(look)
            found = await _events(look, wants, position, end, size)
            return (end if len(found) < size else found[-1].position + 1), found

        return await self._db.look(look_up)

    # -- the background --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start numbering and reading in the background."""
        self._db.on_recorded(self._recorded)
        self._db.on_hint(self._heard)
        self._tasks.append(asyncio.create_task(self._sequence(), name="mindhaven-sequencer"))
        for name in self._readers:
            self._tasks.append(asyncio.create_task(self._follow(name), name=f"mindhaven-reader-{name}"))

    async def stop(self) -> None:
        """Number what is committed, then end the background and give the lease back."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        self._tasks.clear()
        if self._soon is not None:
            self._soon.cancel()
        if self._lease is not None:
            held, self._lease = self._lease, None
            with contextlib.suppress(MindhavenError):
                await self.number_under(held)
                await self._db.act_in_turn(lambda work: leases.release(work, held, done=False), upkeep="stream lease")

    def _recorded(self, urgent: bool) -> None:  # noqa: FBT001 - the shape of Database.on_recorded
        self._asked = True
        if urgent:
            self._wake.set()
        elif self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(self._pace.plain_seconds, self._soon_due)

    def _soon_due(self) -> None:
        self._soon = None
        self._wake.set()

    def _heard(self, what: str) -> None:
        """Wake up for a hint that concerns this process: what waits is the sequencer's, what is numbered the others'.

        Who holds no lease does not pass on what it heard, and does not try for the lease: with the sequencer gone,
        processes that woke each other would turn round and round until the lease is free.
        """
        if (what == WAITING) == (self._lease is not None):
            self._wake.set()

    async def _sequence(self) -> None:
        while True:
            woken = await _within(self._wake, self._pace.idle_seconds)
            self._wake.clear()
            asked, self._asked = self._asked, False
            try:
                waiting, end = await self._db.look(_waiting)
                if waiting or self._lease_ages() if self._lease is not None else (waiting and asked) or not woken:
                    if await self.number():
                        end = await self._db.look(_next)
                        await self._db.hint(NUMBERED)
                    elif waiting and asked:
                        await self._db.hint(WAITING)
                await self._tell(end, readers=self._lease is not None or not woken)
            except Exception as error:  # noqa: BLE001 - the sequencer must outlive any failure of the database
                _LOG.warning("numbering failed and is tried again: %s", type(error).__name__)
                await asyncio.sleep(self._pace.backoff_seconds)

    def _lease_ages(self) -> bool:
        """Whether to prolong the lease with nothing to number, so that the sequencer stays the same while it lives."""
        return time.monotonic() - self._kept_at >= self._pace.keep_seconds

    async def _tell(self, end: int, *, readers: bool) -> None:
        """Wake who waits for numbers. The readers of the other processes are left to their pace: all would run for the
        same cursors, and one of them moves each."""
        if end != self._end:
            self._end = end
            async with self._numbered:
                self._numbered.notify_all()
        if readers and end != self._read_end:
            self._read_end = end
            for moved in self._moved.values():
                moved.set()

    async def _follow(self, name: str) -> None:
        pace, moved, failures = self._pace, self._moved[name], 0
        while True:
            try:
                if not await self.read(name, batch=1 if failures else None):
                    failures = 0
                    await _within(moved, pace.idle_seconds * 5)
                    moved.clear()
                else:
                    failures = 0
            except Exception as error:  # noqa: BLE001 - a reader's failure is its own
                failures += 1
                if failures >= pace.attempts:
                    await self._stop_reader(name, error)
                    failures = 0
                else:
                    wait = min(pace.backoff_seconds * 2 ** (failures - 1), pace.backoff_most_seconds)
                    await asyncio.sleep(wait)

    async def _stop_reader(self, name: str, error: Exception) -> None:
        """Keep the kind of failure (never its text, which might hold data of a person) and stop the reader."""
        what = error.reason if isinstance(error, MindhavenError) else type(error).__name__
        _LOG.error("the reader %s stopped: %s", name, what)

        async def mark(work: Work) -> None:
            await work.run(
                "INSERT INTO cursor (reader, position, stopped_at, error) VALUES ($1, 0, $2, $3)"
                " ON CONFLICT (reader) DO UPDATE SET stopped_at = excluded.stopped_at, error = excluded.error",
                name,
                work.now,
                what,
            )

        with contextlib.suppress(MindhavenError):
            await self._db.act(Actor("reader"), mark, upkeep=f"stop {name}")

    def _reader(self, name: str) -> Reader:
        try:
            return self._readers[name]
        except KeyError:
            raise NotFoundError("There is no reader of this name.", code="reader-unknown") from None


async def _within(happened: asyncio.Event, seconds: float) -> bool:
    """Wait for the event; return whether it came in time. (`wait_for` of Python 3.11 can swallow a cancellation.)"""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await happened.wait()
    return happened.is_set()


async def _cursor(look: Look, name: str) -> tuple[int, int | None]:
    row = await look.row("SELECT position, stopped_at FROM cursor WHERE reader = $1", name)
    return (row[0], row[1]) if row else (0, None)


async def _next(look: Look) -> int:
    row = await look.row("SELECT next FROM event_sequence WHERE name = 'event'")
    return row[0] if row else 0


async def _waiting(look: Look) -> tuple[bool, int]:
    row = await look.row("SELECT 1 FROM event WHERE position IS NULL LIMIT 1")
    return row is not None, await _next(look)


async def _move(work: Work, name: str, position: int) -> None:
    await work.run(
        "INSERT INTO cursor (reader, position, stopped_at, error) VALUES ($1, $2, NULL, NULL)"
        " ON CONFLICT (reader) DO UPDATE SET position = excluded.position, stopped_at = NULL, error = NULL",
        name,
        position,
    )


async def _events(look: Look, wants: frozenset[str] | None, position: int, end: int, size: int) -> list[Numbered]:
    """Return up to `size` events that are wanted (None: all), from `position` on and before `end`."""
    args: list[Any] = [position, end, size]
    wanted = ""
    if wants is not None:
        args += sorted(wants)
        wanted = f" AND name IN ({', '.join(f'${number}' for number in range(4, len(args) + 1))})"
    rows = await look.rows(
        f"SELECT {COLUMNS} FROM event WHERE position >= $1 AND position < $2{wanted} ORDER BY position LIMIT $3",  # noqa: S608 - only numbers of arguments are put in
        *args,
    )
    return [Numbered(*row) for row in rows]
