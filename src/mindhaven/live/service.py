"""The board: who listens in this process, and what each was not told yet. I/O: looks, a task that follows the stream.

Guarantees: memory is bounded whatever a reader does: of a collection only the newest number waits. Who may hear of a
collection is looked up after the commit that is told of; what waits for somebody who lost membership is taken back.
Does not: write anything. Counts are this process's own; behind a proxy each process has its own board.
"""

import asyncio
import contextlib
import logging
import resource
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from mindhaven import vault
from mindhaven.accounts import SignedIn
from mindhaven.errors import MindhavenError, UnavailableError
from mindhaven.kernel import Denied, Host, Request, Watch
from mindhaven.live import rules
from mindhaven.live.model import (
    AGAIN_SECONDS,
    HEADS_MOST,
    KEEP_ALIVE_SECONDS,
    READY_SECONDS,
    STREAMS_PER_ACCOUNT,
    STREAMS_PER_DEVICE,
    STREAMS_PER_PROCESS,
    News,
)
from mindhaven.wire import live as wire

_LOG: Final = logging.getLogger("mindhaven.live")
_KEEP_ALIVE: Final = b": still here\n\n"
_ACCOUNT: Final = f"event: {wire.ACCOUNT}\ndata: {{}}\n\n".encode()


class Listener:
    """One open stream of a device: what it was not told yet."""

    def __init__(self, request: Request) -> None:
        me: SignedIn = request.session
        self.uid = me.uid
        self.device = me.session
        self.ends_at = me.token_ends_at
        self.request = request
        self.ended = False
        self._heads: dict[bytes, int] = {}
        self._account = False
        self._wake = asyncio.Event()

    def tell(self, collection: bytes, seq: int) -> None:
        """Note that a collection moved on."""
        if len(self._heads) >= HEADS_MOST and collection not in self._heads:
            self._heads.clear()
            self.tell_account()
            return
        self._heads[collection] = seq
        self._wake.set()

    def tell_account(self) -> None:
        """Note that the account changed."""
        self._account = True
        self._wake.set()

    def forget(self, collection: bytes) -> None:
        """Take back what was noted of a collection."""
        self._heads.pop(collection, None)

    def end(self) -> None:
        """End the stream; what was noted is not told any more."""
        self.ended = True
        self._wake.set()

    async def next(self) -> bytes:
        """Wait for something to tell; return it, or after a while what keeps the connection open; b"" at the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                await self._wake.wait()
        self._wake.clear()
        if self.ended:
            return b""
        heads, self._heads = self._heads, {}
        account, self._account = self._account, False
        told = [_moved(collection, seq) for collection, seq in heads.items()] + ([_ACCOUNT] if account else [])
        return b"".join(told) or _KEEP_ALIVE


def _moved(collection: bytes, seq: int) -> bytes:
    data = msgspec.json.encode(wire.Moved(collection=collection, seq=seq))
    return b"event: %s\ndata: %s\n\n" % (wire.COLLECTION.encode(), data)


class Board:
    """Everybody who listens in this process."""

    def __init__(self) -> None:
        self._listeners: dict[bytes, list[Listener]] = {}
        self._count = 0
        self._most = min(STREAMS_PER_PROCESS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._following: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._closing = False

    def __len__(self) -> int:
        return self._count

    @asynccontextmanager
    async def listening(self, host: Host, request: Request) -> AsyncIterator[Listener]:
        """Let a device listen until its token ends or it goes away; what is committed from now on is told.

        Raises `UnavailableError`: too-many-streams, live-full, live-not-ready.
        """
        listener = self._admit(request)
        gone = asyncio.ensure_future(request.gone())
        gone.add_done_callback(lambda _: listener.end())
        left = max(0, listener.ends_at - host.clock())
        over = asyncio.get_running_loop().call_later(left, listener.end)
        try:
            await self._follows(host)
            yield listener
        finally:
            over.cancel()
            gone.cancel()
            self._leave(listener)

    def end_all(self) -> None:
        """End every stream, and each that is opened from now on."""
        self._closing = True
        for listener in self._all():
            listener.end()

    def _all(self) -> list[Listener]:
        return [one for listeners in self._listeners.values() for one in listeners]

    def _of(self, uids: Iterable[bytes]) -> list[Listener]:
        return [one for uid in uids for one in self._listeners.get(uid, ())]

    def _admit(self, request: Request) -> Listener:
        listener = Listener(request)
        theirs = self._listeners.get(listener.uid, [])
        same = [one for one in theirs if one.device == listener.device and not one.ended]
        if len(same) >= STREAMS_PER_DEVICE:
            same[0].end()
        elif len(theirs) >= STREAMS_PER_ACCOUNT:
            raise UnavailableError(
                "This account listens on many devices already.",
                hint="Ask from time to time instead.",
                code="too-many-streams",
                retry_after_seconds=300,
            )
        if self._count >= self._most:
            raise UnavailableError(
                "Many listen already.", hint="Ask from time to time instead.", code="live-full", retry_after_seconds=300
            )
        self._listeners.setdefault(listener.uid, []).append(listener)
        self._count += 1
        if self._closing:
            listener.end()
        return listener

    def _leave(self, listener: Listener) -> None:
        theirs = self._listeners[listener.uid]
        theirs.remove(listener)
        self._count -= 1
        if not theirs:
            del self._listeners[listener.uid]
        if not self._count and self._following is not None:
            self._following.cancel()  # nobody listens: the events are looked at by nobody
            self._following = None

    async def _follows(self, host: Host) -> None:
        """Wait until the board follows the stream: only then is nothing missed that is committed from now on."""
        if self._following is None:
            self._ready.clear()
            self._following = asyncio.create_task(self._follow(host), name="mindhaven-live")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise UnavailableError("The database is out of reach.", code="live-not-ready") from None

    async def _follow(self, host: Host) -> None:
        watch: Watch | None = None
        while True:
            try:
                if watch is None:
                    watch = await Watch.begin(host.stream, rules.WANTED)
                    self._ready.set()
                await self._tell(host, rules.news(await watch.next()))
                watch.done()
            except Exception as error:  # noqa: BLE001 - streams must outlive any failure of the database
                what = error.reason if isinstance(error, MindhavenError) else type(error).__name__
                _LOG.warning("what is new could not be told and is tried again: %s", what)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _tell(self, host: Host, news: News) -> None:
        # Who may not listen any more goes first: nothing of what follows reaches them.
        for listener in self._of(news.access):
            if isinstance(await host.authenticate(host, listener.request), Denied):
                listener.end()
        if news.collections:
            wanted = sorted(news.collections)
            heads = await host.db.look(lambda look: vault.heads(look, collections=wanted))
            for collection in wanted:
                seq, members = heads.get(collection, (0, set()))
                if collection in news.members:
                    for listener in self._all():
                        if listener.uid not in members:
                            listener.forget(collection)
                for listener in self._of(members):
                    listener.tell(collection, seq)
        for listener in self._of(news.accounts):
            listener.tell_account()


_BOARDS: Final[WeakKeyDictionary[Host, Board]] = WeakKeyDictionary()


def board(host: Host) -> Board:
    """Return the host's board."""
    found = _BOARDS.get(host)
    if found is None:
        found = _BOARDS[host] = Board()
    return found


def end_streams(host: Host) -> None:
    """End every stream of this process: it is about to end."""
    board(host).end_all()
