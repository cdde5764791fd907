"""A real server in this process, on a real database, with clients that reach it without a socket; one clock for all.

`Hostile` stands between the real SDK and the real server and changes what it is told to change.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from mindhaven.crypto.secrets import SealKey, SlotSecret
from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server, build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES

PASS = "seven quiet herons at dusk"
SPARE = SlotSecret(b"a spare key on paper, 32 bytes..")
"""A recovery key for tests that need both ways in; one account a server."""
START = 1_795_437_296
DAY = 86_400


class Time:
    """One clock for server and client."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


CLOCKS = ("access", "transport", "pulling", "vault", "index", "vouching", "heads", "receipts", "choices")
"""The modules of the SDK that read a clock."""


class Frozen:
    """Stands in for the module `time` in the SDK."""

    def __init__(self, here: Time) -> None:
        self._here = here

    def time(self) -> float:
        return float(self._here.now)

    def monotonic(self) -> float:
        return time.monotonic()


Homes = Callable[[str], AsyncMindhaven]


@asynccontextmanager
async def world(
    tmp: Path,
    moment: Time,
    *,
    between: Callable[[Any], Any] | None = None,
    homes: Path | None = None,
    store_key: SealKey | None = None,
    **overrides: Any,
) -> AsyncIterator[tuple[Server, Homes]]:
    """Run a server and give it with a maker of clients; `store_key`: what their stores lie under (else PASS)."""
    settings = load_server(SLICES, overrides={"server.data": str(tmp / "data"), **overrides})
    server = await build(settings, environment={}, clock=moment)
    made: list[AsyncMindhaven] = []

    def home(name: str) -> AsyncMindhaven:
        transport = httpx.ASGITransport(app=server.app, client=("192.0.2.1", 1234))  # type: ignore[arg-type]
        http = httpx.AsyncClient(transport=between(transport) if between else transport)
        kept = (homes or tmp) / name
        opened = (
            AsyncMindhaven.open(kept, passphrase=PASS, key=store_key, http=http)
            if (kept / "store.db").exists()
            else AsyncMindhaven.create(
                kept, "https://mindhaven.test", passphrase=None if store_key else PASS, key=store_key, http=http
            )
        )
        made.append(opened)
        return opened

    try:
        yield server, home
    finally:
        for client in made:
            await client.close()
        await server.close()


def mood(note: str, *, at: int = START) -> Record:
    """Return a mood entry."""
    return Record(
        kind="mindhaven/mood", version=1, created_at=at * 1000, zone="UTC", body={"valence": 0.0, "note": note}
    )


Change = Callable[[httpx.Request, bytes], bytes | httpx.Response | None]


class Hostile(httpx.AsyncBaseTransport):
    """A transport that hands each answer to `change`, which returns other bytes, another response, or None."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.change: Change | None = None
        self.bodies: list[tuple[str, bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.bodies.append((request.url.path, body))
        response = await self.inner.handle_async_request(request)
        content = await response.aread()
        if self.change is None:
            return httpx.Response(response.status_code, headers=response.headers, content=content)
        changed = self.change(request, content)
        if isinstance(changed, httpx.Response):
            return changed
        headers = {"content-type": response.headers.get("content-type", "")}
        return httpx.Response(response.status_code, headers=headers, content=content if changed is None else changed)
