"""Readers: what follows from events.

Guarantees: a reader sees numbered events only, in their order, each exactly once, because its cursor moves in the same
work as its effects. Does not: let one failing reader hold up another (see `mindhaven.kernel.stream`). No I/O here.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from mindhaven.kernel.event import Event, event, reopen
from mindhaven.kernel.work import Work

COLUMNS: Final = "position, subject, seq, name, version, at, commitment, body"


@dataclass(frozen=True)
class Numbered:
    """A committed event with its position; `body` is None once its opening was erased."""

    position: int
    subject: bytes
    seq: int
    name: str
    version: int
    at: int
    commitment: bytes
    body: bytes | None

    @cached_property
    def event(self) -> Event | None:
        """The typed event; None if its opening was erased or its version is not known here."""
        return None if self.body is None else reopen(self.body)


Take = Callable[[Work, Numbered], Coroutine[Any, Any, None]]
TakeAll = Callable[[Work, Sequence[Numbered]], Coroutine[Any, Any, None]]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Follows the events named in `wants` (None: all), one by one (`take`) or a batch at a time (`take_all`)."""

    name: str
    wants: frozenset[str] | None
    take: Take | None = None
    take_all: TakeAll | None = None
    batch: int = 128

    def __post_init__(self) -> None:
        if (self.take is None) == (self.take_all is None):
            raise TypeError(f"The reader {self.name} must have either take or take_all.")

    async def apply(self, work: Work, events: Sequence[Numbered]) -> None:
        """Hand `events` to the reader inside `work`."""
        if self.take_all is not None:
            await self.take_all(work, events)
        elif self.take is not None:
            for one in events:
                await self.take(work, one)


@dataclass(frozen=True, kw_only=True)
class ReaderState:
    """Where a reader stands: `position` is the next event's, `lag` how many numbered ones wait."""

    name: str
    position: int
    lag: int
    stopped_at: int | None
    error: str | None


@event("kernel.reader.skipped", version=1, keep="operations")
@dataclass(frozen=True, kw_only=True)
class ReaderSkipped(Event):
    """An operator made a reader leave out events: those from `first` up to and without `after`."""

    reader: str
    first: int
    after: int
    reason: str
