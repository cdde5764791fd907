"""The commit: one signed change of a collection. Implements spec/collection.md steps 1-6 (the rules: `chain.py`).

Guarantees: a body has one meaning; an unknown change is told apart from a broken chain. No I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from mindhaven.crypto.encoding import Value, decode, encode, labelled_hash
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.account import Identity
from mindhaven.protocol.encoding import SUITE, ZERO32, Signed
from mindhaven.protocol.envelope import ITEM_ID_BYTES, MAX_REVISION
from mindhaven.protocol.epoch import MAX_MEMBERS, Wrap, check_month, parse_wraps

TYPE: Final = "commit"
MAX_CHANGES: Final = 1000
"""Changes of one commit: ten batches of the usual size; bounds the work of one verification."""
MAX_BLOBS_PER_ITEM: Final = 1100
"""A 4 GiB file in 4 MiB blobs, padding included."""
MAX_EPOCHS: Final = 100_000


class ClientTooOldError(MindhavenError):
    """The collection uses something that this client does not know; it is not broken, the client is old."""

    code = "client-too-old"


class Role(IntEnum):
    """What a member may sign."""

    READER = 1
    WRITER = 2
    OWNER = 3


class History(IntEnum):
    """What becomes of superseded envelopes and salts."""

    DROP = 0
    KEEP = 1


@dataclass(frozen=True, slots=True)
class Member:
    """`[uid, role, from, until]`: `since` is the first month (0: all), `until` the last day (0: open)."""

    uid: bytes
    role: Role
    since: int
    until: int

    def value(self) -> list[Value]:
        """Return the CBOR value of this member."""
        return [self.uid, int(self.role), self.since, self.until]

    @classmethod
    def of(cls, value: object) -> "Member":
        """Return the member that a decoded list holds."""
        uid, role, since, until = shape.fields(value, 4, "A member")
        return cls(
            shape.raw(uid, "A member's uid", length=32),
            Role(shape.number(role, "A role", least=1, most=3)),
            check_month(shape.number(since, "A first month")),
            shape.number(until, "A last day", most=10_000_000),
        )

    def entitled(self, month: int, day: int) -> bool:
        """Return whether this member may hold the key of `month` on `day`: spec/epoch.md step 6."""
        if self.role is Role.OWNER:
            return True
        return (month == 0 or month >= self.since) and self.active(day)

    def active(self, day: int) -> bool:
        """Return whether this membership still runs on `day` (the last day included)."""
        return self.until == 0 or day <= self.until


@dataclass(frozen=True, slots=True)
class Settings:
    """`[history, hold until day, processing entry or null]`."""

    history: History = History.DROP
    hold_until: int = 0
    processing_entry: str | None = None

    def value(self) -> list[Value]:
        """Return the CBOR value of these settings."""
        return [int(self.history), self.hold_until, self.processing_entry]

    @classmethod
    def of(cls, value: object) -> "Settings":
        """Return the settings that a decoded list holds."""
        history, hold_until, entry = shape.fields(value, 3, "The settings")
        return cls(
            History(shape.number(history, "The history setting", most=1)),
            shape.number(hold_until, "A hold", most=10_000_000),
            None if entry is None else shape.text(entry, "A processing entry", most=64),
        )


@dataclass(frozen=True, slots=True)
class Put:
    """A new item, or the next revision of one."""

    item: bytes
    revision: int
    epoch: int
    envelope_hash: bytes
    salt_hash: bytes
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Erase:
    """The end of an item; its id is never used again."""

    item: bytes


@dataclass(frozen=True, slots=True)
class Open:
    """A new epoch of a month, wrapped to everyone entitled to it."""

    epoch: int
    month: int
    commitment: bytes
    wraps: tuple[Wrap, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """The new list of members, with past epochs wrapped to those who gain them."""

    members: tuple[Member, ...]
    settings: Settings
    consent: bytes | None
    wraps: tuple[tuple[int, tuple[Wrap, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """The author's new generation, proven by its account chain."""

    generation: int
    statement: bytes


@dataclass(frozen=True, slots=True)
class Leave:
    """The author leaves."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Ownership passes to `uid`; the former owner stays as a writer."""

    uid: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The hash of the live list, reserved for the ledger."""

    root: bytes


@dataclass(frozen=True, slots=True)
class Rejoin:
    """After a restore: the last common commit."""

    seq: int
    hash: bytes


Change: TypeAlias = Put | Erase | Open | Members | Key | Leave | Owner | Snapshot | Rejoin


def _value(change: Change) -> list[Value]:
    match change:
        case Put(item, revision, epoch, envelope, salt, blobs):
            return [1, item, revision, epoch, envelope, salt, list(blobs)]
        case Erase(item):
            return [2, item]
        case Open(epoch, month, commitment, wraps):
            return [3, epoch, month, commitment, [entry.value() for entry in wraps]]
        case Members(members, settings, consent, epochs):
            return [
                4,
                [member.value() for member in members],
                settings.value(),
                consent,
                [[number, [entry.value() for entry in wraps]] for number, wraps in epochs],
            ]
        case Key(generation, statement):
            return [5, generation, statement]
        case Leave():
            return [6]
        case Owner(uid):
            return [7, uid]
        case Snapshot(root):
            return [8, root]
        case Rejoin(seq, commit_hash):
            return [9, seq, commit_hash]


_PUT_LENGTHS: Final = (ITEM_ID_BYTES, 32, 32)


def _hash(value: object, what: str) -> bytes:
    return shape.raw(value, what, length=32)


def _epoch(value: object) -> int:
    return shape.number(value, "An epoch", least=1, most=MAX_EPOCHS)


def _parse(value: object) -> Change:
    if not isinstance(value, list) or not value or type(value[0]) is not int:
        raise InvalidInputError("A change has the wrong shape.", code="shape")
    if (
        len(value) == 7
        and value[0] == 1
        and type(value[1]) is type(value[4]) is type(value[5]) is bytes
        and (len(value[1]), len(value[4]), len(value[5])) == _PUT_LENGTHS
        and type(value[2]) is type(value[3]) is int
        and 1 <= value[2] <= MAX_REVISION
        and 1 <= value[3] <= MAX_EPOCHS
        and value[6] == []
    ):  # a put without attachments, which most changes are, in one look; what fails here is named below
        return Put(value[1], value[2], value[3], value[4], value[5])
    code, *rest = value
    if code == 1:
        item, revision, epoch, envelope, salt, blobs = shape.fields(rest, 6, "A put")
        return Put(
            shape.raw(item, "An item id", length=ITEM_ID_BYTES),
            shape.number(revision, "A revision", least=1, most=MAX_REVISION),
            _epoch(epoch),
            _hash(envelope, "An envelope hash"),
            _hash(salt, "A salt hash"),
            tuple(_hash(blob, "A blob hash") for blob in shape.items(blobs, "The blobs", most=MAX_BLOBS_PER_ITEM)),
        )
    if code == 2:
        (item,) = shape.fields(rest, 1, "An erase")
        return Erase(shape.raw(item, "An item id", length=ITEM_ID_BYTES))
    if code == 3:
        epoch, month, commitment, wraps = shape.fields(rest, 4, "An open")
        return Open(
            _epoch(epoch),
            check_month(shape.number(month, "A month")),
            _hash(commitment, "A commitment"),
            parse_wraps(wraps),
        )
    if code == 4:
        members, settings, consent, epochs = shape.fields(rest, 4, "A members change")
        parsed = tuple(Member.of(member) for member in shape.items(members, "The members", most=MAX_MEMBERS))
        pairs = [shape.fields(pair, 2, "Past wraps") for pair in shape.items(epochs, "Past epochs", most=MAX_EPOCHS)]
        return Members(
            parsed,
            Settings.of(settings),
            None if consent is None else _hash(consent, "A consent hash"),
            tuple((_epoch(number), parse_wraps(wraps)) for number, wraps in pairs),
        )
    if code == 5:
        generation, statement = shape.fields(rest, 2, "A key change")
        return Key(shape.number(generation, "A generation", least=1), _hash(statement, "A statement hash"))
    if code == 6:
        shape.fields(rest, 0, "A leave")
        return Leave()
    if code == 7:
        (uid,) = shape.fields(rest, 1, "An owner change")
        return Owner(shape.raw(uid, "A uid", length=32))
    if code == 8:
        (root,) = shape.fields(rest, 1, "A snapshot")
        return Snapshot(_hash(root, "A snapshot root"))
    if code == 9:
        seq, commit_hash = shape.fields(rest, 2, "A rejoin")
        return Rejoin(shape.number(seq, "A seq"), _hash(commit_hash, "A commit hash"))
    raise ClientTooOldError(
        "This collection holds a change of a newer kind than this program knows.",
        hint="Update Mindhaven, then sync again. Nothing is lost.",
    )


_FAST: Final = frozenset({Put, Erase})


@dataclass(frozen=True, slots=True)
class Commit:
    """`[suite, collection, seq, prev_hash, author uid + key id, day, [change, ...]]`; `day` is days since 1970 UTC."""

    collection: bytes
    seq: int
    prev: bytes
    author: bytes
    key_id: int
    day: int
    changes: tuple[Change, ...]

    def encode(self) -> bytes:
        """Return the body bytes of this commit."""
        return encode(
            [
                SUITE,
                self.collection,
                self.seq,
                self.prev,
                [self.author, self.key_id],
                self.day,
                [_value(change) for change in self.changes],
            ]
        )

    @classmethod
    def decode(cls, body: bytes) -> "Commit":
        """Return the commit that `body` encodes.

        Raises `InvalidInputError` for a malformed one, `IntegrityError` (suite) for another suite, and
        `ClientTooOldError` for a change of an unknown kind.
        """
        suite, collection, seq, prev, author, day, changes = shape.fields(decode(body), 7, "A commit")
        if shape.number(suite, "A suite") != SUITE:
            raise IntegrityError("This commit is of a suite that this client does not accept.", code="suite")
        uid, key_id = shape.fields(author, 2, "A commit's author")
        parsed = tuple(_parse(change) for change in shape.items(changes, "The changes", most=MAX_CHANGES))
        if not parsed:
            raise InvalidInputError("A commit changes nothing.", code="commit-empty")
        return cls(
            _hash(collection, "A collection id"),
            shape.number(seq, "A seq"),
            _hash(prev, "A prev hash"),
            shape.raw(uid, "An author", length=32),
            shape.number(key_id, "A key id", least=1),
            shape.number(day, "A day", most=10_000_000),
            parsed,
        )

    @property
    def wraps(self) -> list[Wrap]:
        """Every wrap of this commit, in order."""
        found: list[Wrap] = []
        for change in self.changes:
            if isinstance(change, Open):
                found += change.wraps
            elif isinstance(change, Members):
                found += [entry for _, wraps in change.wraps for entry in wraps]
        return found

    @property
    def fast(self) -> bool:
        """Whether this commit only puts or erases, and so carries one signature."""
        return _FAST.issuperset(map(type, self.changes))

    def sign(self, identity: Identity) -> Signed:
        """Return this commit signed: one signature if it only puts or erases, two otherwise."""
        body = self.encode()
        sign = identity.signer.sign_fast if self.fast else identity.signer.sign
        return Signed(body, tuple(sign(TYPE, body)))


def genesis(
    *, author: bytes, identity: Identity, nonce: bytes, day: int, settings: Settings, changes: Sequence[Change] = ()
) -> tuple[bytes, Signed]:
    """Return the id and the signed first commit of a new collection: spec/collection.md step 4.

    `nonce` is 32 fresh random bytes; `changes` follow the owner's `members` change in the same commit.
    """
    first = Members((Member(author, Role.OWNER, 0, 0),), settings, None)
    empty = Commit(ZERO32, 0, nonce, author, identity.generation, day, (first, *changes))
    collection = labelled_hash("collection-id", empty.encode())
    commit = Commit(collection, 0, nonce, author, identity.generation, day, (first, *changes))
    return collection, commit.sign(identity)


def genesis_id(commit: Commit) -> bytes:
    """Return the id that a genesis commit should carry."""
    return labelled_hash(
        "collection-id",
        Commit(ZERO32, 0, commit.prev, commit.author, commit.key_id, commit.day, commit.changes).encode(),
    )
