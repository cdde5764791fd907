"""Which entries an import added, so that it can be taken back. I/O: the sealed local store.

Guarantees: the notes stay on this device, sealed; nothing of them stands in a record or is sent. An entry that was
changed since is told from one that still is as it came in.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.kinds import Record, encode_body
from mindhaven.sdk.local import LocalStore

_HEADS: Final = "imports"
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """One import: its number on this device, when (unix milliseconds), by which importer, from which file."""

    number: int
    at_ms: int
    importer: str
    file: str


def digest(record: Record) -> bytes:
    """Return what tells whether a record still is what it was."""
    head = encode([record.kind, record.version, record.created_at, record.zone])
    return hashlib.sha256(head + encode_body(record.body)).digest()[:_DIGEST_BYTES]


class Batches:
    """The imports that this device has noted."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def _heads(self) -> list[list[Any]]:
        box = self._store.meta(_HEADS)
        return [] if box is None else list(decode(box))

    def all(self) -> list[Batch]:
        """Return the imports that can be taken back, the oldest first."""
        return [Batch(number, at, importer, file) for number, at, importer, file, _ in self._heads()]

    def begin(self, *, at_ms: int, importer: str, file: str) -> int:
        """Note an import that begins; return its number."""
        heads = self._heads()
        number = max((head[0] for head in heads), default=0) + 1
        self._store.put_meta(_HEADS, encode([*heads, [number, at_ms, importer, file, 0]]))
        return number

    def add(self, number: int, items: Sequence[bytes], records: Sequence[Record]) -> None:
        """Note what the import added."""
        if not items:
            return
        heads = self._heads()
        head = next(one for one in heads if one[0] == number)
        noted = [[item, digest(record)] for item, record in zip(items, records, strict=True)]
        with self._store.batch():
            self._store.put_meta(f"{_HEADS}/{number}/{head[4]}", encode(noted))
            head[4] += 1
            self._store.put_meta(_HEADS, encode(heads))

    def items(self, number: int) -> dict[bytes, bytes]:
        """Return the items of an import and the digest of each as it came in."""
        found: dict[bytes, bytes] = {}
        for head in self._heads():
            for part in range(head[4]) if head[0] == number else ():
                box = self._store.meta(f"{_HEADS}/{number}/{part}")
                found |= {} if box is None else dict(decode(box))
        return found

    def corrected(self, changes: Mapping[bytes, tuple[bytes, Record]]) -> None:
        """Note that a later import corrected entries: from which item to which, and what it is now."""
        with self._store.batch():
            for head in self._heads() if changes else ():
                for part in range(head[4]):
                    place = f"{_HEADS}/{head[0]}/{part}"
                    noted = decode(self._store.meta(place) or encode([]))
                    now = [changes.get(item, (item, None)) for item, _ in noted]
                    after = [
                        [item, kept if record is None else digest(record)]
                        for (item, record), (_, kept) in zip(now, noted, strict=True)
                    ]
                    if after != noted:
                        self._store.put_meta(place, encode(after))

    def forget(self, number: int) -> None:
        """Forget an import: it was taken back, or it added nothing."""
        heads = self._heads()
        with self._store.batch():
            for head in heads:
                for part in range(head[4]) if head[0] == number else ():
                    self._store.drop_meta(f"{_HEADS}/{number}/{part}")
            self._store.put_meta(_HEADS, encode([head for head in heads if head[0] != number]))
