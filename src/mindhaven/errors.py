"""The error tree.

    MindhavenError
    ├── InvalidInputError    what was given cannot be taken as it is
    ├── DeniedError          understood, and not allowed (raised by clients; the server returns `Denied` values)
    ├── NotFoundError        no such thing, or none that the asker may know of
    ├── ConflictError        true when it was written, overtaken since
    ├── IntegrityError       bytes are not what a signature, hash or chain says they must be
    └── UnavailableError     not now: full, closing, locked, or out of reach

Guarantees: every error has a stable `code`, a message that is safe to show and log (no personal data, key or
token, ever), and where there is one, a hint that says what to do next.
Slices know nothing of HTTP; one map in `mindhaven.server` turns families into statuses.
"""

from typing import ClassVar


class MindhavenError(Exception):
    """The root of every error that Mindhaven raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = code or type(self).code

    def diagnostics(self) -> str:
        """Return the message, and the hint on a line of its own if there is one."""
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"


class InvalidInputError(MindhavenError):
    """What was given cannot be taken as it is."""

    code = "invalid-input"


class DeniedError(MindhavenError):
    """Understood, and not allowed."""

    code = "denied"


class NotFoundError(MindhavenError):
    """No such thing, or none that the asker may know of."""

    code = "not-found"


class ConflictError(MindhavenError):
    """True when it was written, overtaken since."""

    code = "conflict"


class IntegrityError(MindhavenError):
    """Bytes are not what a signature, hash or chain says they must be."""

    code = "integrity"


class UnavailableError(MindhavenError):
    """Not now: full, closing, locked, or out of reach. `retry_after_seconds` says when to try again."""

    code = "unavailable"

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None, retry_after_seconds: int = 1
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry_after_seconds = retry_after_seconds
