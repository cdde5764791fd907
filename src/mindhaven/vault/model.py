"""Types, limits and events of vault. No I/O."""

from dataclasses import dataclass
from typing import Final

from mindhaven.kernel import Event, event
from mindhaven.protocol.chain import ItemState
from mindhaven.protocol.collection import Commit, Put
from mindhaven.protocol.encoding import Signed

MAX_PUSH_BYTES: Final = 16 * 1024 * 1024
"""One push: a thousand usual items, or three of the largest."""
MAX_PULL_COMMITS: Final = 1000
MAX_PULL_BYTES: Final = 8 * 1024 * 1024
"""One page of a pull; a longer pull asks again, so the server's memory stays flat."""
MAX_COLLECTIONS: Final = 1000
"""Collections that one person owns: one a month for a lifetime."""
MAX_STORED_BYTES: Final = 20 * 1024**3
"""Sealed bytes of one collection: five of the largest attachments, or two million entries."""
TURN_SECONDS: Final = 6 * 86400
"""From one salt key to the next: weekly, less a day for a machine that is down over night."""
SALT_KEY_KEPT_SECONDS: Final = 7 * 86400
"""A retired salt key is kept this long, for the backup that still needs it. With the turn: 13 days; receipts say 14."""
BACKUP_DAYS: Final = 14
"""By then every backup's salt key is destroyed (PROTOCOL section 7): a turn each week, one generation kept."""
WINDOW_DAYS: Final = 30
"""How long devices may offer what a restore lost, unless the operator says otherwise: a device that lay in a drawer
over a holiday still gets its turn."""
MAX_WINDOW_DAYS: Final = 366
MAX_MISSING: Final = 1000
"""Records of one list of what is missing; who gave those back asks again."""
MAX_ATTACHED: Final = 100
"""Records with attachments that one question about missing parts looks through: a hundred of the largest files name a
hundred thousand parts, 3.5 MB of hashes."""
ENVELOPE_BITS: Final = 32
"""An envelope's row id is collection number << 32 | its number there: new rows of one collection lie together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionRow:
    """A collection at its head."""

    no: int
    id: bytes
    owner: bytes
    seq: int
    head: bytes
    state: bytes
    pepper: int
    next_envelope: int
    stored_bytes: int
    moving: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredItem:
    """An item's state and the row of its newest envelope."""

    state: ItemState
    envelope: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """A commit whose author, day and hashes were verified, with the (envelope, salt) of each put in order."""

    commit: Commit
    signed: Signed
    hash: bytes
    puts: tuple[Put, ...]
    items: tuple[tuple[bytes, bytes] | None, ...]
    session: bytes

    @property
    def all_new(self) -> bool:
        """Whether every change says to begin an item that never was."""
        return len(self.puts) == len(self.commit.changes) and all(put.revision == 1 for put in self.puts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Landed:
    """Where the collection stands now; `orphans` are blobs that no item holds any more."""

    seq: int
    head: bytes
    orphans: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Overtaken:
    """The push did not follow the head: pull from `since` and try again."""

    seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Since when and until when devices may offer what a restore lost (seconds since 1970); zeros: never yet."""

    opened_at: int = 0
    until: int = 0

    def open(self, now: int) -> bool:
        """Return whether it is open at `now`."""
        return now < self.until


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A live record of which the store lacks the envelope, the salt, or both; `row` is where they belong."""

    item: bytes
    revision: int
    row: int
    envelope: bool
    salt: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """A live record whose newest revision names parts of attachments; `noted` are those that the store has a row of."""

    item: bytes
    revision: int
    blobs: tuple[bytes, ...]
    noted: frozenset[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class SaltKeyRow:
    """One generation of the salt key; a time of 0 is still to come."""

    generation: int
    begun_at: int
    retired_at: int
    destroyed_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """A pepper that is left for the next: each as (wrapped, generation); salts of commits up to `swept` were moved."""

    no: int
    number: int
    collection: bytes
    old: tuple[bytes, int]
    swept: int
    next_number: int
    next: tuple[bytes, int]


@event("vault.collection.created", version=1, keep="account", urgent=True)
class CollectionCreated(Event):
    """A collection began."""

    collection: bytes
    head: bytes


@event("vault.collection.pushed", version=1, keep="access-log")
class CollectionPushed(Event):
    """A commit that puts or erases was accepted."""

    collection: bytes
    by: bytes
    seq: int
    head: bytes
    puts: int
    erases: int


@event("vault.collection.rekeyed", version=1, keep="account", urgent=True)
class CollectionRekeyed(Event):
    """A commit that opens epochs or changes members, keys or the owner was accepted."""

    collection: bytes
    by: bytes
    seq: int
    head: bytes
    puts: int
    erases: int


@event("vault.collection.pulled", version=1, keep="access-log")
class CollectionPulled(Event):
    """A member's device was given commits; for the owner one a device and day."""

    collection: bytes
    by: bytes
    session: bytes
    first: int
    last: int


@event("vault.collection.opened", version=1, keep="access-log")
class CollectionOpened(Event):
    """A reader's app reports that it showed a collection, once a device and day; none can prove it, or be made to."""

    collection: bytes
    by: bytes
    session: bytes


@event("vault.collection.refused", version=1, keep="access-log")
class PushRefused(Event):
    """A push was refused for the reason named."""

    collection: bytes
    by: bytes
    reason: str


@event("vault.collection.erased", version=1, keep="always", urgent=True)
class CollectionErased(Event):
    """A collection was erased whole: keys, salts and envelopes are gone from the live store."""

    collection: bytes
    head: bytes


@event("vault.blob.fetched", version=1, keep="access-log")
class BlobFetched(Event):
    """Another member's device was given a part of an attachment."""

    collection: bytes
    by: bytes
    blob: bytes


@event("vault.salt-key.turned", version=1, keep="operations")
class SaltKeyTurned(Event):
    """Every pepper lies under a new salt key; the former is destroyed a week later."""

    generation: int


@event("vault.salt-key.destroyed", version=1, keep="operations")
class SaltKeyDestroyed(Event):
    """A former salt key is destroyed: what lay under it alone, in a backup or a replica, opens for nobody."""

    generation: int


@event("vault.records.erased-again", version=1, keep="always", urgent=True)
class RecordsErasedAgain(Event):
    """A restore brought records back that had been erased; the host erased them again, by its journal."""

    collection: bytes
    records: int


@event("vault.collection.offered", version=1, keep="account")
class CollectionOffered(Event):
    """After a restore a member's device brought commits that were lost."""

    collection: bytes
    by: bytes
    first: int
    last: int


@event("vault.records.given-back", version=1, keep="account")
class RecordsGivenBack(Event):
    """After a restore a member's device brought sealed records that were lost."""

    collection: bytes
    by: bytes
    records: int


@event("vault.blob.given-back", version=1, keep="account")
class BlobGivenBack(Event):
    """After a restore a member's device brought a part of an attachment that was lost."""

    collection: bytes
    by: bytes
    blob: bytes


@event("vault.window.set", version=1, keep="operations")
class WindowSet(Event):
    """The operator opened, or closed, the time in which devices may offer what a restore lost."""

    until: int
