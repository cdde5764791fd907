"""The snapshot: the owner's signed list of what lives in a collection. Implements spec/snapshot.md.

Guarantees: a list has one meaning and one root; what a part holds is bound to it. No I/O.
Does not: prove that the list is true. The chain does, and whoever shows a snapshot verifies the chain behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from mindhaven.crypto.encoding import Value, decode, encode, labelled_hash
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape
from mindhaven.protocol.chain import MAX_STATE_EPOCHS, ChainState
from mindhaven.protocol.collection import MAX_BLOBS_PER_ITEM, MAX_EPOCHS, Commit, Key, Member, Settings, Snapshot
from mindhaven.protocol.encoding import SUITE
from mindhaven.protocol.envelope import ITEM_ID_BYTES, MAX_REVISION
from mindhaven.protocol.epoch import MAX_MEMBERS, Epoch, check_month

EVERY_COMMITS: Final = 4096
"""Commits between two snapshots: a new device verifies at most so many before it shows records."""
PART_RECORDS: Final = 4096
"""Records of one part: about 600 KB, one request."""
MAX_PARTS: Final = 4096
"""Parts of one list: sixteen million records, more than a collection may hold."""
MAX_WRAP_PLACES: Final = 10_000
"""Commits that hold wraps of one epoch: its `open`, and a grant or two for each member."""


@dataclass(frozen=True, slots=True)
class Live:
    """One live record: what the chain names of its newest revision, and the seq of the commit that put it."""

    item: bytes
    revision: int
    epoch: int
    author: bytes
    seq: int
    envelope_hash: bytes
    salt_hash: bytes
    blobs: tuple[bytes, ...] = ()

    def value(self) -> list[Value]:
        """Return the CBOR value of this record."""
        blobs: list[Value] = list(self.blobs)
        return [self.item, self.revision, self.epoch, self.author, self.seq, self.envelope_hash, self.salt_hash, blobs]

    @classmethod
    def of(cls, value: object) -> "Live":
        """Return the record that a decoded list holds."""
        item, revision, epoch, author, seq, envelope, salt, blobs = shape.fields(value, 8, "A live record")
        return cls(
            shape.raw(item, "An item id", length=ITEM_ID_BYTES),
            shape.number(revision, "A revision", least=1, most=MAX_REVISION),
            shape.number(epoch, "An epoch", least=1, most=MAX_EPOCHS),
            shape.raw(author, "An author", length=32),
            shape.number(seq, "A seq"),
            shape.raw(envelope, "An envelope hash", length=32),
            shape.raw(salt, "A salt hash", length=32),
            tuple(
                shape.raw(blob, "A blob hash", length=32)
                for blob in shape.items(blobs, "The blobs", most=MAX_BLOBS_PER_ITEM)
            ),
        )


@dataclass(frozen=True, slots=True)
class LiveList:
    """What a snapshot says of a collection: the chain's state, where each epoch's wraps are, and the parts' hashes."""

    state: ChainState
    wraps_at: Mapping[int, tuple[int, ...]]
    records: int
    parts: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the list's bytes, of which `root` is the root: spec/snapshot.md steps 1-3."""
        state = self.state
        epochs: list[Value] = [
            [
                epoch.number,
                epoch.month,
                epoch.commitment,
                epoch.author,
                _pairs(epoch.holders),
                list(self.wraps_at[number]),
            ]
            for number, epoch in sorted(state.epochs.items())
        ]
        return encode(
            [
                SUITE,
                state.collection,
                state.seq,
                state.head,
                [member.value() for member in state.members.values()],
                state.settings.value(),
                epochs,
                _pairs(state.known_keys),
                _pairs(state.signed_keys),
                self.records,
                list(self.parts),
            ]
        )

    @classmethod
    def decode(cls, data: bytes, *, root: bytes) -> "LiveList":
        """Return the list whose root is `root`.

        Raises `IntegrityError`: snapshot-differs, suite, snapshot-order; `InvalidInputError` for a malformed one.
        """
        if _root(data) != root:
            raise IntegrityError("The list is not the one that its owner signed.", code="snapshot-differs")
        suite, collection, seq, head, members, settings, epochs, known, signed, records, parts = shape.fields(
            decode(data), 11, "A snapshot's list"
        )
        if shape.number(suite, "A suite") != SUITE:
            raise IntegrityError("This snapshot is of a suite that this client does not accept.", code="suite")
        found = [Member.of(one) for one in shape.items(members, "The members", most=MAX_MEMBERS)]
        listed = [_epoch(one) for one in shape.items(epochs, "The epochs", most=MAX_STATE_EPOCHS)]
        _check_rising([epoch.number for epoch, _ in listed])
        state = ChainState(
            collection=shape.raw(collection, "A collection id", length=32),
            seq=shape.number(seq, "A seq"),
            head=shape.raw(head, "A head", length=32),
            members={member.uid: member for member in found},
            settings=Settings.of(settings),
            epochs={epoch.number: epoch for epoch, _ in listed},
            known_keys=_keys(known),
            signed_keys=_keys(signed),
        )
        count = shape.number(records, "A number of records", most=MAX_PARTS * PART_RECORDS)
        hashes = [shape.raw(one, "A part's hash", length=32) for one in shape.items(parts, "The parts", most=MAX_PARTS)]
        if len(hashes) != -(-count // PART_RECORDS):
            raise IntegrityError("A list has another number of parts than its records fill.", code="snapshot-part")
        return cls(state, {epoch.number: places for epoch, places in listed}, count, tuple(hashes))

    def part(self, number: int, data: bytes) -> tuple[Live, ...]:
        """Return the records of part `number` (from 0): spec/snapshot.md step 4.

        Raises `IntegrityError` (snapshot-part) if it is not the listed part or names an epoch that is not listed.
        """
        if part_hash(data) != self.parts[number]:
            raise IntegrityError("A part of the list is not the one that its owner signed.", code="snapshot-part")
        found = tuple(Live.of(one) for one in shape.items(decode(data), "A part", most=PART_RECORDS))
        left = self.records - number * PART_RECORDS
        places = [one.seq for one in found]
        if (
            len(found) != min(left, PART_RECORDS)
            or places != sorted(places)
            or any(one.epoch not in self.state.epochs for one in found)
        ):
            raise IntegrityError("A part of the list is not as a snapshot's parts are.", code="snapshot-part")
        return found

    def check_place(self, commit: Commit) -> None:
        """Check that this is the list of what stands before `commit`, which bears it: spec/snapshot.md step 2.

        Raises `IntegrityError` (snapshot-place).
        """
        changes = commit.changes[1:] if isinstance(commit.changes[0], Key) else commit.changes
        alone = len(changes) == 1 and isinstance(changes[0], Snapshot)
        state = self.state
        if not alone or (commit.collection, commit.seq - 1, commit.prev) != (state.collection, state.seq, state.head):
            raise IntegrityError("A snapshot is of another place than its commit's.", code="snapshot-place")


def root(data: bytes) -> bytes:
    """Return the root (32 bytes) of a list's bytes."""
    return labelled_hash("snapshot-root", data)


_root = root
"""The same, where an argument has that name."""


def part_hash(data: bytes) -> bytes:
    """Return the hash (32 bytes) of a part's bytes."""
    return labelled_hash("snapshot-part", data)


def build(
    state: ChainState, wraps_at: Mapping[int, Sequence[int]], live: Iterable[Live]
) -> tuple[LiveList, list[bytes]]:
    """Return the list of `state` and the bytes of its parts; `live` comes in the order of step 4."""
    records, parts, waiting = 0, list[bytes](), list[Value]()
    for one in live:
        waiting.append(one.value())
        records += 1
        if len(waiting) == PART_RECORDS:
            parts.append(encode(waiting))
            waiting = []
    if waiting:
        parts.append(encode(waiting))
    places = {number: tuple(sorted(set(wraps_at[number]))) for number in state.epochs}
    return LiveList(state, places, records, tuple(map(part_hash, parts))), parts


def _pairs(by_uid: Mapping[bytes, int]) -> list[Value]:
    return [[uid, number] for uid, number in sorted(by_uid.items())]


def _check_rising(values: Sequence[int] | Sequence[bytes]) -> None:
    if any(one >= other for one, other in pairwise(values)):  # type: ignore[operator]
        raise IntegrityError("A snapshot's list is out of order.", code="snapshot-order")


def _keys(value: object) -> dict[bytes, int]:
    pairs = [shape.fields(one, 2, "A key") for one in shape.items(value, "The keys", most=MAX_STATE_EPOCHS)]
    found = {shape.raw(uid, "A uid", length=32): shape.number(key_id, "A key id", least=1) for uid, key_id in pairs}
    _check_rising([pair[0] for pair in pairs])
    return found


def _epoch(value: object) -> tuple[Epoch, tuple[int, ...]]:
    number, month, commitment, author, holders, places = shape.fields(value, 6, "An epoch")
    found = [shape.number(one, "A seq") for one in shape.items(places, "The places", most=MAX_WRAP_PLACES)]
    _check_rising(found)
    epoch = Epoch(
        shape.number(number, "An epoch", least=1, most=MAX_EPOCHS),
        check_month(shape.number(month, "A month")),
        shape.raw(commitment, "A commitment", length=32),
        shape.raw(author, "An author", length=32),
        _keys(holders),
    )
    return epoch, tuple(found)
