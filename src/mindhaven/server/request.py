"""One HTTP request as operations see it; bodies are read under a limit while they stream in.

Guarantees: never more than the operation's limit is kept; a slow body ends after `BODY_SECONDS`.
I/O: the ASGI channel that is given.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from mindhaven.server.headers import Proxies, prefix
from mindhaven.server.problems import Refusal

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS: Final = 60.0
"""A body, or the next piece of a streamed one, must have arrived by then."""


class DisconnectedError(Exception):
    """The peer went away; nobody is left to answer."""


class HttpRequest:
    """A request; see `mindhaven.kernel.operation.Request`."""

    __slots__ = (
        "_headers",
        "_limit",
        "_proxies",
        "_receive",
        "_scope",
        "body",
        "method",
        "params",
        "path",
        "query",
        "session",
    )

    def __init__(self, scope: Scope, receive: Receive, proxies: Proxies, params: Mapping[str, Any], limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._proxies = proxies
        self._limit = limit
        self._headers: dict[bytes, bytes] | None = None
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.params = params
        self.query: Any = None
        self.body: Any = None
        self.session: Any = None

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name; of a repeated one, all values joined by a comma."""
        if self._headers is None:
            headers: dict[bytes, bytes] = {}
            for key, value in self._scope["headers"]:
                headers[key] = headers[key] + b", " + value if key in headers else value
            self._headers = headers
        found = self._headers.get(name.encode())
        return None if found is None else found.decode("latin-1")

    @property
    def client(self) -> str:
        """The peer's address, through trusted proxies only."""
        peer = self._scope.get("client")
        address = peer[0] if peer else ""
        if not self._proxies.trusts(address):
            return address
        return self._proxies.client(address, self.header("x-forwarded-for"))

    @property
    def network(self) -> bytes:
        """What stands for the peer in rate limits: an IPv4 address, or the /56 of an IPv6 address."""
        return prefix(self.client)

    @property
    def secure(self) -> bool:
        """Whether the person's side of the connection is encrypted."""
        peer = self._scope.get("client")
        if peer and self._proxies.trusts(peer[0]):
            return self.header("x-forwarded-proto") == "https"
        return bool(self._scope.get("scheme") == "https")

    async def read(self) -> bytes:
        """Return the whole body; raise a 413 refusal as soon as it is over the limit."""
        self._announced()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                first, more = await self._piece()
                if not more:
                    self._check(len(first))
                    return first
                pieces, size = [first], len(first)
                while more:
                    self._check(size)
                    piece, more = await self._piece()
                    pieces.append(piece)
                    size += len(piece)
                self._check(size)
                return b"".join(pieces)
        except TimeoutError:
            raise Refusal(408, "body-timeout", "The body did not arrive in time.") from None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Read the body piece by piece, under the same limit."""
        self._announced()
        size, more = 0, True
        while more:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    piece, more = await self._piece()
            except TimeoutError:
                raise Refusal(408, "body-timeout", "The body did not arrive in time.") from None
            size += len(piece)
            self._check(size)
            if piece:
                yield piece

    async def gone(self) -> None:
        """Wait until the peer went away, or the answer is complete."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _piece(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        return message.get("body", b""), message.get("more_body", False)

    def _announced(self) -> None:
        length = self.header("content-length")
        if length is not None and length.isascii() and length.isdigit():
            self._check(int(length))

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise Refusal(
                413,
                "body-too-large",
                "The body is larger than this operation takes.",
                hint=f"At most {self._limit} bytes.",
                headers={"connection": "close"},
            )
