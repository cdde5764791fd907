"""Padding: Padme with a floor, over `u32 length | content | zeros`. Implements spec/envelope.md step 2. No I/O."""

from typing import Final

from mindhaven.errors import IntegrityError, InvalidInputError

FLOOR_BYTES: Final = 1024
"""Every item is at least this long, so that no small record shows its kind or score by its size."""
MAX_CONTENT_BYTES: Final = 4 * 1024 * 1024
"""The largest content of one item; larger things are attachments."""


def padme(length: int) -> int:
    """Return the padded size for `length` bytes: at most 11.6 % more, few sizes (Nikitin et al. 2019)."""
    if not length:
        return 0
    exponent = length.bit_length() - 1
    kept = exponent.bit_length()
    mask = (1 << (exponent - kept)) - 1
    return (length + mask) & ~mask


def pad(content: bytes, *, floor: int = FLOOR_BYTES) -> bytes:
    """Return `u32 big-endian length | content | zeros`, sized by Padme and never under `floor` bytes."""
    if len(content) > MAX_CONTENT_BYTES:
        raise InvalidInputError(
            "This record is too long to keep as one item (4 MiB).",
            code="item-too-large",
            hint="Attach it as a file instead.",
        )
    size = max(padme(len(content) + 4), floor)
    return len(content).to_bytes(4, "big") + content + bytes(size - 4 - len(content))


def unpad(padded: bytes, *, floor: int = FLOOR_BYTES) -> bytes:
    """Return the content of `padded`; raise `IntegrityError` (padding-malformed) unless `pad` gave it."""
    length = int.from_bytes(padded[:4], "big")
    content = padded[4 : 4 + length]
    if len(padded) < 4 or length > MAX_CONTENT_BYTES or len(content) != length:
        raise IntegrityError("A record's padding is malformed.", code="padding-malformed")
    if len(padded) != max(padme(length + 4), floor) or padded.count(0, 4 + length) != len(padded) - 4 - length:
        raise IntegrityError("A record's padding is malformed.", code="padding-malformed")
    return content
