"""The operation of live: a stream of hints, as server-sent events (WHATWG HTML, section 9.2)."""

from collections.abc import AsyncIterator
from typing import Final

from mindhaven.kernel import EVENT_STREAM, Answer, Host, Operation, Request
from mindhaven.live.service import board

_OPENING: Final = b": listening\n\n"
"""Sent at once: so a client knows that nothing between it and the server keeps what is sent, and that from here on
nothing is missed."""
_HEADERS: Final = {
    "cache-control": "no-store, no-transform",  # no-transform: no proxy may compress it, which would mean to collect it
    "x-accel-buffering": "no",
}


async def listen(host: Host, request: Request) -> Answer:
    """Open the stream."""
    body = b"" if request.method == "HEAD" else _told(host, request)
    return Answer(body=body, media=EVENT_STREAM, headers=_HEADERS)


async def _told(host: Host, request: Request) -> AsyncIterator[bytes]:
    async with board(host).listening(host, request) as listener:
        yield _OPENING
        while piece := await listener.next():
            yield piece


OPERATIONS: Final = (
    Operation(
        name="live",
        method="GET",
        path="/v1/live",
        run=listen,
        who="session",
        summary="Listen for hints that a collection or one's account moved on, until the access token ends",
        gives=bytes,
        media=EVENT_STREAM,
        limit="live",
    ),
)
