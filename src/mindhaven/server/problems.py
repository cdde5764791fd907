"""Problems: the one map from errors and refusals to HTTP, as application/problem+json (RFC 9457).

Guarantees: an answer tells a stable code, a safe sentence and a hint; nothing of an unexpected error leaves the server.
No I/O.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from mindhaven.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    NotFoundError,
    UnavailableError,
)
from mindhaven.kernel.outcome import Denied

MEDIA: Final = "application/problem+json"

FAMILIES: Final[Mapping[type[MindhavenError], int]] = {
    InvalidInputError: 400,
    DeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    IntegrityError: 422,
    UnavailableError: 503,
}
"""Status of each family of errors; anything else is 500 and says nothing."""


BY_CODE: Final[Mapping[str, int]] = {"too-many-tries": 429, "too-many-streams": 429}
"""Codes that HTTP has a status of its own for."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every answer that is not a good one."""

    type: str
    title: str
    status: int
    code: str
    hint: str | None = None


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """An answer that HTTP itself asks for: 404, 405, 413, 415, 429 ..."""

    def __init__(
        self, status: int, code: str, title: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.problem = problem(status, code, title, hint)
        self.headers = dict(headers or {})


def problem(status: int, code: str, title: str, hint: str | None = None) -> Problem:
    """Return a problem; its type is a URN made of the code."""
    return Problem(type=f"urn:mindhaven:problem:{code}", title=title, status=status, code=code, hint=hint)


def of_error(error: MindhavenError) -> tuple[Problem, dict[str, str]]:
    """Return the problem of an error, and the headers that go with it."""
    status = next((status for family, status in FAMILIES.items() if isinstance(error, family)), 500)
    if status == 500:
        return unexpected(), {}
    if status == 503:
        status = BY_CODE.get(error.reason, status)
    headers = {"retry-after": str(error.retry_after_seconds)} if isinstance(error, UnavailableError) else {}
    return problem(status, error.reason, error.message, error.hint), headers


def of_denied(denied: Denied, refuses: Mapping[str, int]) -> Problem:
    """Return the problem of a refusal; its status is what the operation declares for the reason, else 403."""
    return problem(refuses.get(denied.reason, 403), denied.reason, denied.message, denied.hint)


def unexpected() -> Problem:
    """Return what is said of an error that nobody expected."""
    return problem(
        500, "unexpected", "Something failed on the server.", "It is in the server's log; nothing was stored."
    )
