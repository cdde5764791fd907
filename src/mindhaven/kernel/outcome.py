"""Outcomes of a decision: `Allowed`, or `Denied` with its reason.

Guarantees: a refusal is an ordinary value, so the work that met it commits, and its event with it: the reason is
evidence. Does not: know HTTP; `reason` is a stable code that an operation maps to a status. No I/O.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Allowed:
    """The act may go on."""


@dataclass(frozen=True)
class Denied:
    """The act may not go on: a stable `reason`, a sentence safe to show, and what to do next if there is something."""

    reason: str
    message: str
    hint: str | None = None


ALLOWED: Final = Allowed()
