"""Following: a device hears that something moved on, and syncs then. I/O: a stream of the server, the syncs.

Guarantees: a hint decides when to look, never what is true; a server that streams nothing, or hides hints, only makes
this slower: it is asked at a calm pace, and after every stream's end. Ending it at any moment loses nothing.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from mindhaven.errors import MindhavenError, UnavailableError
from mindhaven.sdk.errors import ClosedError, SignedOutError
from mindhaven.sdk.hints import Hint, hints
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.syncing import Synced
from mindhaven.sdk.transport import Transport

PATH: Final = "/v1/live"
SILENCE_SECONDS: Final = 65.0
"""The server says something every 25 s: after two and a half of them the connection counts as lost."""
OPENING_SECONDS: Final = 10.0
"""A stream whose first byte takes longer is kept back by something in between: it is as good as none."""
POLL_SECONDS: Final = 60.0
"""How often a server that does not stream is asked."""
NO_STREAM_SECONDS: Final = 300.0
"""How long until a stream is tried again where there was none."""
FIRST_SECONDS: Final = 2.0
"""The first sync waits so long for the stream to open, since a sync follows that anyway."""
PAUSE_SECONDS: Final = 0.5
"""Between two syncs at least: a server that hints without end costs no more than this."""
HINTED_MOST: Final = 1_000
"""Collections that wait for the next sync, which looks at all of them anyway."""
FULL: Final = frozenset({"too-many-streams", "live-full", "rate-limited"})
"""What a server says that gives no stream for now."""
BACKOFF_SECONDS: Final = 1.0
BACKOFF_MOST_SECONDS: Final = 60.0

Away = Callable[[UnavailableError], None]
"""Called once when the server can't be reached any more."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A sync that was due: what it did, which collections moved on, and whether the server streams hints now."""

    synced: Synced
    changed: tuple[bytes, ...]
    live: bool


class Following:
    """One device that follows its server; `follow` it once."""

    def __init__(self, store: LocalStore, transport: Transport, sync: Callable[[], Awaitable[Synced]]) -> None:
        self._store = store
        self._transport = transport
        self._sync = sync
        self._seen: dict[bytes, int] = {}
        self._hinted: dict[bytes, int] = {}
        self._all = False
        self._live = False
        self._wake = asyncio.Event()
        self._jitter = random.Random()  # noqa: S311 - spreads clients, keeps nothing secret

    async def follow(self, *, away: Away | None = None) -> AsyncGenerator[Followed]:
        """Sync now and whenever something moved on; yield after the first sync, and after each that found something.

        Goes on while the server is away; `away` is told once. Raises what a sync raises otherwise: `SignedOutError`,
        `IntegrityError` and others; follow again once that is dealt with.
        """
        ear = asyncio.create_task(self._listen(), name="mindhaven-follow")
        failures, said = 0, None
        self._seen = self._heads()
        try:
            await self._until_due(FIRST_SECONDS)
            while True:
                self._hinted.clear()
                self._all = False
                try:
                    synced = await self._sync()
                except UnavailableError as error:
                    if failures == 0 and away is not None:
                        away(error)
                    await asyncio.sleep(self._backoff(failures))
                    failures += 1
                    continue
                failures = 0
                before, self._seen = self._seen, self._heads()
                changed = tuple(sorted(one for one, seq in self._seen.items() if before.get(one) != seq))
                now = (synced.held, synced.offered, synced.alerts.waiting, synced.log_fault and synced.log_fault.reason)
                if changed or synced.sent or synced.shared_with_me or synced.alerts.acts or now != said:
                    said = now
                    yield Followed(synced, changed, self._live)
                if ear.done():
                    ear.result()
                await asyncio.sleep(PAUSE_SECONDS)
                await self._until_due()
        finally:
            ear.cancel()
            with contextlib.suppress(asyncio.CancelledError, MindhavenError):
                await ear

    async def _until_due(self, seconds: float | None = None) -> None:
        """Wait until there is news; while nothing is streamed, until it is time to ask."""
        while not self._due():
            asked = POLL_SECONDS * self._jitter.uniform(0.75, 1.25)
            try:
                async with asyncio.timeout(seconds or (None if self._live else asked)):
                    await self._wake.wait()
            except TimeoutError:
                return
            self._wake.clear()

    def _due(self) -> bool:
        return self._all or any(self._seen.get(one, -1) < seq for one, seq in self._hinted.items())

    def _heads(self) -> dict[bytes, int]:
        return {one: self._store.seq(one) for one in self._store.collections()}

    def _backoff(self, failures: int) -> float:
        """Return how long to wait after that many failures in a row, spread out: all lost it at the same moment."""
        most: float = min(BACKOFF_SECONDS * 2 ** min(failures, 10), BACKOFF_MOST_SECONDS)
        return most * self._jitter.uniform(0.5, 1.0)

    # -- listening

    async def _listen(self) -> None:
        """Keep a stream open, and note what it says."""
        failures = 0
        while True:
            pause = NO_STREAM_SECONDS * self._jitter.uniform(0.75, 1.25)
            try:
                if await self._hear():
                    failures, pause = 0, self._jitter.uniform(0, BACKOFF_SECONDS)
            except ClosedError:
                return
            except MindhavenError as error:
                # What is wrong beside that, the next sync says.
                if isinstance(error, UnavailableError | SignedOutError) and error.reason not in FULL:
                    pause = self._backoff(failures)
                    failures += 1
                self._all = True
            self._live = False
            self._wake.set()
            await asyncio.sleep(pause)

    async def _hear(self) -> bool:
        """Take in one stream to its end; return False if none opens in time."""
        try:
            async with (
                asyncio.timeout(OPENING_SECONDS) as opening,
                self._transport.listen(PATH, silence_seconds=SILENCE_SECONDS) as pieces,
            ):
                async for hint in hints(pieces):
                    if hint.opening:
                        opening.reschedule(None)
                        self._live = True
                    self._note(hint)
        except TimeoutError:
            self._all = True
            return False
        return True

    def _note(self, hint: Hint) -> None:
        if hint.collection is None or len(self._hinted) >= HINTED_MOST:
            self._all = True  # also at the opening: something may have moved on before
            self._hinted.clear()
        else:
            self._hinted[hint.collection] = hint.seq
        self._wake.set()
