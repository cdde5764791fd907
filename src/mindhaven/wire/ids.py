"""Ids as text: 32 bytes in base64url without padding (43 characters). No I/O."""

import base64
import binascii

from mindhaven.errors import InvalidInputError


def to_text(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def from_text(text: str, *, length: int = 32) -> bytes:
    """Return the bytes that `text` writes; raise `InvalidInputError` (id) unless it is well formed."""
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise InvalidInputError("This is not an id.", code="id") from error
    if len(value) != length or to_text(value) != text:
        raise InvalidInputError("This is not an id.", code="id")
    return value
