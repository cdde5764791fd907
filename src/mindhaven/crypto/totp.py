"""Time-based one-time codes (RFC 6238: HMAC-SHA1, 30 seconds, 6 digits). No I/O."""

import base64
import hmac
from typing import Final

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""Codes of the step before and after pass too: phones drift by seconds, people type slowly."""
SECRET_BYTES: Final = 20


def code(secret: bytes, step: int) -> str:
    """Return the six digits of `step` (seconds since 1970 UTC divided by 30)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def matching_step(secret: bytes, given: str, *, now: int, after_step: int) -> int | None:
    """Return the step whose code `given` is, later than `after_step` so that no code works twice, or None."""
    here = now // STEP_SECONDS
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(code(secret, step), given) and step > after_step:
            found = step
    return found


def shown(secret: bytes) -> str:
    """Return the secret as people type it into an app: base32 without padding."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")
