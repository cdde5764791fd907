"""What the queries of vault share: rows and lists of placeholders. No I/O."""

from collections.abc import Iterable, Sequence

from mindhaven.kernel import Row
from mindhaven.vault.model import CollectionRow

COLLECTION = "c.no, c.id, c.owner, c.seq, c.head, c.state, c.pepper, c.next_envelope, c.stored_bytes, c.moving"
CHUNK = 200
"""Values of one IN list: under every variable limit, and few enough statement texts to cache."""


def row_of(row: Row | None) -> CollectionRow | None:
    """Return a row of `COLLECTION` as what it means."""
    if row is None:
        return None
    no, collection, owner, seq, head, state, pepper, next_envelope, stored, moving = row
    return CollectionRow(
        no=no,
        id=collection,
        owner=owner,
        seq=seq,
        head=head,
        state=state,
        pepper=pepper,
        next_envelope=next_envelope,
        stored_bytes=stored,
        moving=bool(moving),
    )


def marks(count: int, first: int) -> str:
    """Return `count` placeholders from `$first` on."""
    return ", ".join(f"${number}" for number in range(first, first + count))


def chunks(values: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """Yield `values` in lists of few lengths, the last value repeated: few statement texts."""
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        size = 1 << (len(part) - 1).bit_length()
        yield [*part, *([part[-1]] * (size - len(part)))]
