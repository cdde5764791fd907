"""The vault archive: an account with history, chains and signatures, as one file. Implements spec/archive.md.

Guarantees: a cut, reordered or changed file is found before anything of its end is believed; what was sealed stays
sealed. Does not: hold any key in the clear. I/O: only the binary files that it is given.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, BinaryIO, Final

from mindhaven.crypto.encoding import Value, decode, encode
from mindhaven.errors import IntegrityError, InvalidInputError

MAGIC: Final = b"mindhaven-archive/1\n"
MAX_RECORD_BYTES: Final = 64 * 1024 * 1024
"""One record: four times the largest push."""


class RecordType(IntEnum):
    """What a record of the file is."""

    ACCOUNT = 1
    KEYS = 2
    CHAIN = 3
    COLLECTION = 4
    COMMIT = 5
    BLOB = 6
    END = 7


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """One record: its type and its fields."""

    type: RecordType
    fields: list[Any]


class ArchiveWriter:
    """Writes an archive to a binary file, record by record; `finish` closes it with its count and hash."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._digest = hashlib.sha256(MAGIC)
        self._count = 0
        target.write(MAGIC)

    def write(self, kind: RecordType, fields: list[Value]) -> None:
        """Append one record: spec/archive.md step 2."""
        data = encode([int(kind), *fields])
        framed = len(data).to_bytes(4, "big") + data
        self._target.write(framed)
        self._digest.update(framed)
        self._count += 1

    def finish(self) -> None:
        """Append the end record: how many came before it, and SHA-256 over every byte before it."""
        self.write(RecordType.END, [self._count, self._digest.digest()])


def read_archive(source: BinaryIO) -> Iterator[ArchiveRecord]:
    """Yield the records before the end record, which is checked last.

    Raises `InvalidInputError` (archive-magic, archive-record) and `IntegrityError` (archive-cut, archive-changed).
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise InvalidInputError("This is not a Mindhaven archive.", code="archive-magic")
    digest = hashlib.sha256(MAGIC)
    count = 0
    while True:
        before = digest.copy()
        prefix = source.read(4)
        size = int.from_bytes(prefix, "big")
        if len(prefix) == 4 and size > MAX_RECORD_BYTES:
            raise InvalidInputError("A record of this archive is too large.", code="archive-record")
        data = source.read(size) if len(prefix) == 4 else b""
        if len(prefix) != 4 or len(data) != size:
            raise IntegrityError("This archive was cut short.", code="archive-cut", hint="Copy or export it again.")
        digest.update(prefix + data)
        kind, fields = _parse(data)
        if kind is RecordType.END:
            same = len(fields) == 2 and type(fields[0]) is int and fields == [count, before.digest()]
            if not same or source.read(1):
                raise IntegrityError("This archive was changed.", code="archive-changed", hint="Export it again.")
            return
        count += 1
        yield ArchiveRecord(kind, fields)


def _parse(data: bytes) -> tuple[RecordType, list[Any]]:
    value = decode(data)
    if not isinstance(value, list) or not value or type(value[0]) is not int:
        raise InvalidInputError("A record of this archive is malformed.", code="archive-record")
    try:
        return RecordType(value[0]), value[1:]
    except ValueError as error:
        raise InvalidInputError(
            "This archive holds something that this program does not know.",
            code="archive-record",
            hint="Update Mindhaven, then try again.",
        ) from error
