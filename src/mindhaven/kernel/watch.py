"""Following the stream in one process's memory, for what is lost with the process anyway: who listens now.

Guarantees: what was numbered after the beginning is given in its order, and again if it was not dealt with.
Does not: remember anything over a restart; what must not be lost is a `Reader`. I/O: looks at the table event.
"""

from typing import TYPE_CHECKING, Final

from mindhaven.kernel.reader import Numbered

if TYPE_CHECKING:
    from mindhaven.kernel.stream import Stream

BATCH: Final = 512
"""Events of one look: a few hundred KiB at most."""


class Watch:
    """Where one process stands. `next` waits for events; `done` moves on."""

    def __init__(self, stream: "Stream", wants: frozenset[str], position: int) -> None:
        self._stream = stream
        self._wants = wants
        self._position = self._after = position

    @classmethod
    async def begin(cls, stream: "Stream", wants: frozenset[str]) -> "Watch":
        """Follow the events named in `wants` that are numbered from now on."""
        return cls(stream, wants, await stream.end())

    async def next(self) -> list[Numbered]:
        """Wait until more events are numbered; return those that are wanted, perhaps none."""
        self._after, found = await self._stream.since(self._wants, self._position, BATCH)
        return found

    def done(self) -> None:
        """Count what `next` gave as dealt with."""
        self._position = self._after
