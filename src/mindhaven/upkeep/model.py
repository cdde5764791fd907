"""Types, limits and events of upkeep. No I/O."""

from dataclasses import dataclass
from typing import Final

from mindhaven.kernel import Event, event

COLLECTION: Final = "collection"
ACCOUNT: Final = "account"
SECONDS_A_DAY: Final = 86400
SIDE_KEPT_SECONDS: Final = 7 * SECONDS_A_DAY
"""A side copy is written anew and the former destroyed at least this often (PROTOCOL section 7)."""
WEB: Final = "web"
"""The one web app that a server serves now; others would have rows of their own."""
BACKUPS_NAMED: Final = 20
"""Backups that the database remembers, the newest: enough to see a rhythm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """An erasure whose end is still to be measured: what, whose, when, and the newest salt key of that time."""

    id: int
    subject: bytes
    what: str
    thing: bytes
    erased_at: int
    generation: int
    faults: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup that was made and verified: when, where, how large."""

    made_at: int
    place: str
    side: str
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """The release of the web app that was recorded last: its hash, and which event about the host says so."""

    release: bytes
    seq: int


@event("upkeep.erasure.completed", version=1, keep="always")
class ErasureCompleted(Event):
    """Measured: nothing is left of what was erased, and no backup of this server can open it."""

    what: str
    thing: bytes
    erased_at: int


@event("upkeep.backup.made", version=1, keep="operations")
class BackupMade(Event):
    """A backup was written and verified, and the former side copy destroyed."""

    bytes: int


@event("upkeep.restore.done", version=1, keep="operations")
class RestoreDone(Event):
    """This server was put back from a backup; what was erased since was erased again."""

    backup_at: int
    collections_erased: int
    accounts_erased: int
    records_erased: int


@event("upkeep.release.served", version=1, keep="always")
class ReleaseServed(Event):
    """This server began to serve a release of its web app; `release` is the SHA-256 of its list of files."""

    release: bytes
