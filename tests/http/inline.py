"""The real application on a loop of its own thread, so that tests without a loop (Hypothesis) can call it.

`Inline` holds a signed-up person with a token and a collection; `send` takes one request and returns its answer.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from tests.simulators.world import PASS, Homes, Time, world

from mindhaven.kernel import Limit, Limits, Look, Operation, system_random
from mindhaven.kernel.limits import DEFAULT_LIMITS
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server
from mindhaven.server.own import own_operations
from mindhaven.server.slices import SLICES

T = TypeVar("T")
ORIGIN = "https://mindhaven.test"


def operations() -> list[Operation]:
    """Return every operation that the server answers."""
    theirs = [operation for one in SLICES for operation in one.operations]
    return [*own_operations(theirs), *theirs]


def no_limits(server: Server) -> None:
    """Let the tests call as often as they like."""
    server.host.limits = Limits({name: Limit(burst=10**9, per_minute=10**9) for name in DEFAULT_LIMITS}, system_random)


class Inline:
    """A server, a client and a person; `with Inline(tmp_path) as here:`."""

    server: Server
    person: AsyncMindhaven
    token: str
    home: Homes

    def __init__(self, tmp: Path, **overrides: Any) -> None:
        self._tmp = tmp
        self._overrides = overrides
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._ready = threading.Event()
        self._failed: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._done = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        self._ready.wait(60)
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._done.result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _live(self) -> None:
        self._end = asyncio.Event()
        moment = Time()
        moment.now = int(time.time())
        try:
            async with world(self._tmp, moment, **self._overrides) as (server, home):
                self.server, self.home = server, home
                no_limits(server)
                server.stopping()  # a live stream opens and ends at once: what is called here must come to its end
                self.person = home("person")
                await self.person.sign_up(PASS, word="ana")
                self.token = await self.person.transport._current()
                transport = httpx.ASGITransport(app=server.app, client=("192.0.2.1", 1234))  # type: ignore[arg-type]
                async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as self.http:
                    self._ready.set()
                    await self._end.wait()
        except BaseException as error:  # told to whoever waits
            self._failed = error
            self._ready.set()
            raise

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def send(self, method: str, url: str, *, session: bool = False, **more: Any) -> httpx.Response:
        """Send one request; with the person's token if `session`."""
        headers = dict(more.pop("headers", None) or {})
        if session:
            headers["authorization"] = f"Bearer {self.token}"
        return self.run(self.http.request(method, url, headers=headers, **more))

    def rows(self) -> dict[str, int]:
        """Return how many rows each table has; nonces for one signature do not count."""

        async def tables() -> dict[str, int]:
            names = sorted({table for table, _ in await self.server.host.db.columns()} - {"accounts_challenge"})

            async def look_up(look: Look) -> dict[str, int]:
                return {name: (await look.row(f"SELECT COUNT(*) FROM {name}") or (0,))[0] for name in names}

            return await self.server.host.db.look(look_up)

        return self.run(tables())
