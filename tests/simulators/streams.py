"""One call of an ASGI application whose answer goes on and on; what came so far can be looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

PATIENCE_SECONDS = 20.0


class Streamed:
    """The call: its status and headers, what was sent so far, and whether it came to its end."""

    def __init__(self, app: Any, token: str, path: str = "/v1/live", method: str = "GET") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sent = b""
        self.ended = False
        self._gone = asyncio.Event()
        self._asked = False
        headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept-encoding", b"gzip, br")]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers,
                 "client": ("192.0.2.1", 1), "scheme": "https"}  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.sent += message.get("body", b"")
            self.ended = not message.get("more_body", False)

    def leave(self) -> None:
        """Go away, as a device that closed its connection."""
        self._gone.set()

    async def until(self, holds: "Callable[[Streamed], object]") -> None:
        """Wait until it holds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(self):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def streamed(app: Any, token: str) -> AsyncIterator[Streamed]:
    """Listen for a while."""
    one = Streamed(app, token)
    await one.until(lambda s: b": listening" in s.sent)
    try:
        yield one
    finally:
        one.leave()
        await asyncio.wait_for(one.task, PATIENCE_SECONDS)
