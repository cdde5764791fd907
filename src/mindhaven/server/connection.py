"""uvicorn's HTTP connection with the limits that it lacks.

Guarantees: a request's head that is not complete within `HEAD_SECONDS`, or is larger than `HEAD_BYTES`, closes the
connection; a malformed request is answered with the security headers too; a reader that takes nothing of its answer
for `STALLED_SECONDS` is dropped, so that nobody holds memory by not reading. I/O: the connection.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mindhaven.server.headers import raw_headers
from mindhaven.server.overriding import override
from mindhaven.server.problems import MEDIA

HEAD_SECONDS: Final = 20.0
HEAD_BYTES: Final = 64 * 1024
STALLED_SECONDS: Final = 60.0
"""A phone on a bad line takes something within a minute; its connection is as good as lost otherwise."""
_MALFORMED: Final = (
    b'{"type":"urn:mindhaven:problem:request-malformed","title":"This is not a valid HTTP request.",'
    b'"status":400,"code":"request-malformed"}'
)
_HEAD_TOO_LARGE: Final = (
    b'{"type":"urn:mindhaven:problem:head-too-large","title":"The head of this request is too large.",'
    b'"status":431,"code":"head-too-large"}'
)


class Connection(HttpToolsProtocol):
    """One connection; a timer runs while a head is incomplete."""

    head_seconds: float = HEAD_SECONDS
    stalled_seconds: float = STALLED_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._stall_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first head."""
        super().connection_made(transport)
        self._start_timer()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._stop_timer()
        self._stop_stall_timer()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        """Start to watch whether the reader takes what waits for it."""
        super().pause_writing()
        self._watch_stall(self.transport.get_write_buffer_size())

    @override
    def resume_writing(self) -> None:
        """Stop watching: the reader took it."""
        self._stop_stall_timer()
        super().resume_writing()

    @override
    def data_received(self, data: bytes) -> None:
        """Count what belongs to an incomplete head, and refuse one that grows too large."""
        if self._head_timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._answer_and_close(b"431 Request Header Fields Too Large", _HEAD_TOO_LARGE)

    @override
    def on_message_begin(self) -> None:
        """Start the timer of the next head."""
        super().on_message_begin()
        if self._head_timer is None:
            self._start_timer()

    @override
    def on_headers_complete(self) -> None:
        """Stop the timer: the head is whole."""
        self._stop_timer()
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the base's shape; our sentence is fixed
        """Answer a malformed request with a problem."""
        self._answer_and_close(b"400 Bad Request", _MALFORMED)

    def _start_timer(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self.head_seconds, self._too_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _watch_stall(self, size: int) -> None:
        self._stall_timer = self.loop.call_later(self.stalled_seconds, self._still_stalled, size)

    def _still_stalled(self, before: int) -> None:
        now = self.transport.get_write_buffer_size()
        if now < before:
            self._watch_stall(now)
        else:
            self.transport.abort()  # to close it would be to wait for the reader

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _too_late(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _answer_and_close(self, status: bytes, body: bytes) -> None:
        self._stop_timer()
        lines = [b"HTTP/1.1 " + status]
        lines += [name + b": " + value for name, value in raw_headers(MEDIA, len(body), {"connection": "close"})]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.transport.close()
