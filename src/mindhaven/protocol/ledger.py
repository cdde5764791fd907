"""The logs of a server: their entries, and what a reader checks. Implements spec/ledger.md.

Guarantees: an entry says nothing to whom does not know what it is about: tags are hashes of random ids.
Does not: read or write a log (`mindhaven.tlog` has the forms). No I/O.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, labelled_hash
from mindhaven.errors import IntegrityError
from mindhaven.protocol import event, shape

AUDIT: Final = "audit"
KEYS: Final = "keys"
HEADS: Final = "heads"
LOGS: Final = (AUDIT, KEYS, HEADS)
ENTRY_BYTES: Final = 64
AUDIT_ENTRY_BYTES: Final = 32
COVER_MULTIPLE: Final = 64
"""The public size of `audit` is a multiple of this: an hour in which one person wrote looks like any quiet hour."""
MAX_FIELDS: Final = 32


def origin(place: str, log: str) -> str:
    """Return a log's origin, which is its key's name too: step 1."""
    return f"{place}/log/{log}"


def keys_tag(uid: bytes) -> bytes:
    """Return the tag of an account's statements: step 3."""
    return labelled_hash("keys-tag", uid)


def keys_entry(uid: bytes, statement: bytes) -> bytes:
    """Return the entry of a statement, given its hash: step 3."""
    return keys_tag(uid) + statement


def heads_tag(collection: bytes, day: int) -> bytes:
    """Return the tag of a collection's head on a day (days since 1970 UTC): step 4."""
    return labelled_hash("heads-tag", collection, day.to_bytes(8, "big"))


def head_hash(head: bytes) -> bytes:
    """Return what `heads` says of a commit's hash: step 4."""
    return labelled_hash("heads-head", head)


def heads_entry(collection: bytes, day: int, head: bytes) -> bytes:
    """Return the entry of a collection's head on a day: step 4."""
    return heads_tag(collection, day) + head_hash(head)


def split(entry: bytes) -> tuple[bytes, bytes]:
    """Return an entry's tag and what stands under it; raise `IntegrityError` (ledger-entry): step 5."""
    if len(entry) != ENTRY_BYTES:
        raise IntegrityError("An entry of a log has another length than its form has.", code="ledger-entry")
    return entry[:32], entry[32:]


# -- a person's own events


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its body tells it; `at` is an hour (seconds since 1970 UTC), `fields` in the type's order."""

    name: str
    version: int
    subject: bytes
    seq: int
    prev: bytes
    at: int
    fields: tuple[Any, ...]

    @classmethod
    def decode(cls, body: bytes) -> "Told":
        """Read an event's body; raise `InvalidInputError` (shape and what encodings raise)."""
        name, version, subject, seq, prev, at, fields = shape.fields(decode(body), 7, "An event")
        return cls(
            shape.text(name, "An event's name"),
            shape.number(version, "An event's version", least=1),
            shape.raw(subject, "An event's subject", length=32),
            shape.number(seq, "An event's seq"),
            shape.raw(prev, "An event's prev", length=32),
            shape.number(at, "An event's time"),
            tuple(shape.items(fields, "An event's fields", most=MAX_FIELDS)),
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """One own event as the server gives it: its commitment, with salt and body unless they were erased."""

    seq: int
    commitment: bytes
    salt: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """How far a person's chain of events was checked: the next seq, and the commitment before it."""

    subject: bytes
    next_seq: int = 0
    prev: bytes = event.NO_PREVIOUS

    def follow(self, opening: Opening) -> tuple["Place", Told | None]:
        """Return the place after `opening` and what it tells (None: erased); raise `IntegrityError`: step 7."""
        if opening.seq != self.next_seq:
            raise _gap()
        after = Place(self.subject, self.next_seq + 1, opening.commitment)
        if opening.body is None or opening.salt is None:
            return after, None
        told = Told.decode(opening.body)
        if told.subject != self.subject:
            raise IntegrityError("An entry of the access record is about somebody else.", code="activity-subject")
        if (told.seq, told.prev) != (self.next_seq, self.prev):
            raise _gap()
        if event.commitment(opening.salt, opening.body) != opening.commitment:
            raise IntegrityError(
                "An entry of the access record is not the one that was recorded.", code="activity-commitment"
            )
        return after, told


def _gap() -> IntegrityError:
    return IntegrityError("Something is missing in the record of who touched your data.", code="activity-gap")


# -- statements and heads


def check_statements(known: Sequence[bytes], logged: Iterable[bytes]) -> int:
    """Return how many of an account's statements the log has; raise `IntegrityError`: step 9.

    `known` are the hashes of the chain's statements in their order, `logged` what stands under the account's tag.
    """
    places = {statement: seq for seq, statement in enumerate(known)}
    last = -1
    for statement in logged:
        seq = places.get(statement)
        if seq is None:
            raise IntegrityError(
                "The log of keys names a statement of this account that was not shown.",
                code="statement-hidden",
                hint="Do not share anything with this person before you compared safety words.",
            )
        if seq <= last:
            raise IntegrityError("The log of keys names a statement twice, or out of order.", code="statement-double")
        last = seq
    return last + 1


def check_heads(wanted: Mapping[bytes, Collection[bytes]], logged: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """Return the tags that the log has; raise `IntegrityError`: step 10.

    `wanted` gives, for each tag of own collections, the hashes (`head_hash`) of the commits that this device verified;
    `logged` are entries of the log as `split` gives them, of any collection.
    """
    found: set[bytes] = set()
    for tag, head in logged:
        if tag not in wanted:
            continue
        if tag in found:
            raise IntegrityError("The log of heads has two heads of one collection and day.", code="head-double")
        if head not in wanted[tag]:
            raise IntegrityError(
                "The server shows others another history of a collection than it shows this device.",
                code="head-unknown",
            )
        found.add(tag)
    return found
