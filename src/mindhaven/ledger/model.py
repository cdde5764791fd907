"""What the ledger keeps, and its events. No I/O."""

from dataclasses import dataclass
from typing import Final

from mindhaven.kernel import Event, event

PUBLISH_SECONDS: Final = 3600
"""How often `audit` shows its growth: by the hour, so that nobody sees when somebody wrote."""
SOON_SECONDS: Final = 2
"""How often `keys` and `heads` show theirs: new keys should be vouched for before somebody asks."""
FORGET_AT_ONCE: Final = 500
"""Openings that one work erases: some ten milliseconds."""
MAX_ACTIVITY: Final = 200
"""Own events of one answer: with proofs of 20 hashes each about 250 kB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogRow:
    """One log: its origin ("" before it was first signed) and how many entries it has, shown or not."""

    name: str
    origin: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """One signed checkpoint; `public` once as many witnesses cosigned as the policy wants."""

    size: int
    root: bytes
    note: bytes
    signed_at: int
    public: bool


@event("ledger.openings.erased", version=1, keep="always")
class OpeningsErased(Event):
    """The contents of so many events were erased, by which authority; whose they were is not told."""

    count: int
    authority: str


@event("ledger.cover.added", version=1, keep="always")
class CoverAdded(Event):
    """An entry that means nothing, so that the log's growth tells nobody when something happened."""
