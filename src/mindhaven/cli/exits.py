"""Exit codes, and which error ends in which. No I/O."""

from enum import IntEnum
from typing import Final

from mindhaven.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    UnavailableError,
)
from mindhaven.sdk.errors import SignedOutError, WrongPassphraseError


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    LOCKED = 3
    OFFLINE = 4
    INTEGRITY = 5
    REFUSED = 6


MEANINGS: Final = {
    Exit.OK: "done",
    Exit.FAILED: "it did not work; the message says why",
    Exit.USAGE: "the command was not understood, or something typed does not fit",
    Exit.LOCKED: "not signed in, or still locked: wrong or missing passphrase",
    Exit.OFFLINE: "the server can't be reached or is busy; what you wrote waits on this device",
    Exit.INTEGRITY: "something is wrong with what the server shows; nothing of it was taken over",
    Exit.REFUSED: "understood, and not allowed",
}

_LOCKED: Final = frozenset(
    {"no-store", "slot-refused", "login-refused", "totp-needed", "totp-refused", "totp-or-passkey-needed"}
    | {"passkey-needed", "unfinished"}
)


def exit_of(error: MindhavenError) -> Exit:
    """Return the exit code that `error` ends in."""
    if isinstance(error, SignedOutError | WrongPassphraseError) or error.reason in _LOCKED:
        return Exit.LOCKED
    if isinstance(error, IntegrityError):
        return Exit.INTEGRITY
    if isinstance(error, UnavailableError):
        return Exit.OFFLINE
    if isinstance(error, DeniedError | ConflictError):
        return Exit.REFUSED
    return Exit.USAGE if isinstance(error, InvalidInputError) else Exit.FAILED
