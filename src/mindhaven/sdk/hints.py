"""Reading server-sent events (WHATWG HTML, section 9.2), as far as hints need them. No I/O; memory is bounded.

Nothing here is believed: a hint says where to look, and what is found there is verified.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec

from mindhaven.wire import live as wire

MAX_LINE_BYTES: Final = 4096
"""No hint is longer; what is cut off is passed over."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A collection is at `seq`, or (None) something else of the account changed; `opening`: the stream is open."""

    collection: bytes | None = None
    seq: int = 0
    opening: bool = False


OPENING: Final = Hint(opening=True)
CHANGED: Final = Hint()


async def hints(pieces: AsyncIterator[bytes]) -> AsyncIterator[Hint]:
    """Yield `OPENING` at the first byte, then each hint; what is not understood is passed over."""
    event, data, opened = b"", b"", False
    async for line in _lines(pieces):
        if not opened:
            opened = True
            yield OPENING
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            event = value
        elif name == b"data":
            data = value
        elif not line:
            hint = _hint(event, data)
            event, data = b"", b""
            if hint is not None:
                yield hint


def _hint(event: bytes, data: bytes) -> Hint | None:
    if event == wire.ACCOUNT.encode():
        return CHANGED
    if event != wire.COLLECTION.encode():
        return None
    try:
        moved = msgspec.json.decode(data, type=wire.Moved)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return Hint(moved.collection, moved.seq)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Split at line feeds; of a longer line only the beginning is kept."""
    rest = b""
    async for piece in pieces:
        *whole, last = piece.split(b"\n")
        for part in whole:
            yield (rest + part)[:MAX_LINE_BYTES].rstrip(b"\r")
            rest = b""
        rest = (rest + last)[:MAX_LINE_BYTES]
