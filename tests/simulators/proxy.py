"""A small TCP proxy: each new connection goes to the next server in turn that takes it. I/O: sockets on loopback.

It knows nothing of HTTP but how a call for the live stream begins, so that a test can tell which server a device
listens to. A server that was killed is passed over, as a real proxy's health check would have it.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from mindhaven.sdk.following import PATH

LINGER_SECONDS = 1.0
_LISTENS = f"GET {PATH} ".encode()


@dataclass
class Carried:
    """One connection of a client: which server has it, and whether a live stream was asked for on it."""

    server: int
    listens: bool = False
    open: bool = True


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection for good; what waits to be sent still goes out, for as long as somebody takes it."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            await writer.wait_closed()
    writer.transport.abort()


class Proxy:
    """A proxy before `servers` (host, port); `async with Proxy(servers) as proxy:` listens on a port of its own.

    In turn (round robin), or with `first` always to the first server that takes it: the others are only stand-ins.
    """

    def __init__(self, servers: Sequence[tuple[str, int]], *, first: bool = False) -> None:
        self._servers = list(servers)
        self._first = first
        self._turn: Iterator[int] = itertools.cycle(range(len(self._servers)))
        self._tasks: set[asyncio.Task[None]] = set()
        self._peers: set[object] = set()
        self.carried: list[Carried] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._take, "127.0.0.1", 0)
        host, port = self._listener.sockets[0].getsockname()
        # Whoever answers at that port must be this listener, and not something that had it before.
        _, writer = await asyncio.open_connection(host, port)
        for _ in range(200):
            if writer.get_extra_info("sockname") in self._peers:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("another listener has the proxy's port")
        await _closed(writer)
        self.carried.clear()
        self._turn = itertools.cycle(range(len(self._servers)))
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        await asyncio.sleep(0.01)  # who was taken in this very moment has a task that has not begun: let it begin
        while self._tasks:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def listening(self) -> list[int]:
        """Return the servers to which live streams are open, one entry a stream."""
        return [one.server for one in self.carried if one.open and one.listens]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peers.add(writer.get_extra_info("peername"))
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy ends; whoever made this task would take its cancellation for a fault
        finally:
            await _closed(writer)
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(len(self._servers)):
            server = number if self._first else next(self._turn)
            try:
                there, back = await asyncio.open_connection(*self._servers[server])
                break
            except OSError:
                continue
        else:
            return
        one = Carried(server)
        self.carried.append(one)
        both = [
            asyncio.ensure_future(self._copy(reader, back, one)),
            asyncio.ensure_future(self._copy(there, writer, None)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            one.open = False
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            await _closed(back)

    @staticmethod
    async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, one: Carried | None) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if one is not None and piece.startswith(_LISTENS):
                    one.listens = True
                target.write(piece)
                await target.drain()
