"""Attachments: files sealed in 64 KiB chunks, cut into blobs. Implements spec/attachment.md.

Guarantees: a cut, added, moved or changed part is found; the server learns a padded size only.
Does not: hold a whole file in memory. No I/O: bytes come and go through iterators.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import labelled_hash
from mindhaven.crypto.padding import padme
from mindhaven.crypto.seal import CHUNK_BYTES, SEALED_CHUNK_BYTES, StreamOpener, seal_stream
from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import IntegrityError

CHUNKS_PER_BLOB: Final = 64
BLOB_BYTES: Final = CHUNKS_PER_BLOB * SEALED_CHUNK_BYTES
"""4 MiB and 1 KiB: the unit that a broken transfer repeats."""
FLOOR_BYTES: Final = 4096
"""The smallest padded file: a voice note and a scribble look alike."""
MAX_FILE_BYTES: Final = 4 * 1024**3
"""The largest file: a long session recording; above it people keep a link."""


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """What the sealed item says of a file: name, media type, true size in bytes, key, blob hashes in order."""

    name: str
    media_type: str
    size: int
    key: FileKey
    blobs: tuple[bytes, ...]


def blob_hash(blob: bytes) -> bytes:
    """Return the labelled SHA-256 of a blob, which is also its id within its collection (32 bytes)."""
    return labelled_hash("blob-hash", blob)


def padded_size(size: int) -> int:
    """Return the padded plaintext size of a file of `size` bytes."""
    return max(padme(size), FLOOR_BYTES)


def _padded_chunks(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    held = bytearray()
    seen = 0
    for part in parts:
        held += part
        seen += len(part)
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if seen != size:
        raise IntegrityError("The file changed while it was read.", code="attachment-size")
    missing = padded_size(size) - size
    while missing or held:
        add = min(missing, CHUNK_BYTES - len(held))
        held += bytes(add)
        missing -= add
        yield bytes(held)
        held.clear()


def seal_file(key: FileKey, parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the blobs of a file of `size` bytes read from `parts`; `key` must be fresh for each file."""
    blob = bytearray()
    for chunk in seal_stream(key, _padded_chunks(parts, size)):
        blob += chunk
        if len(blob) >= BLOB_BYTES:
            yield bytes(blob)
            blob.clear()
    if blob:
        yield bytes(blob)


class FileOpener:
    """Opens a file blob by blob, holding one blob at most.

    Bytes given before a later error are authentic but incomplete: write to a temporary place and keep it only after
    `finish` returned.
    """

    def __init__(self, reference: AttachmentRef) -> None:
        self._reference = reference
        self._cipher = StreamOpener(reference.key)
        self._next = 0
        self._left = reference.size
        self._total = 0

    def feed(self, blob: bytes) -> bytes:
        """Return the plaintext that the next blob completes; raise `IntegrityError` (blob-mismatch, stream-changed)."""
        if self._next >= len(self._reference.blobs) or blob_hash(blob) != self._reference.blobs[self._next]:
            raise IntegrityError("A part of an attachment is not the one that was sealed.", code="blob-mismatch")
        self._next += 1
        opened = [
            self._cipher.feed(blob[start : start + SEALED_CHUNK_BYTES])
            for start in range(0, len(blob), SEALED_CHUNK_BYTES)
        ]
        return self._take(b"".join(opened))

    def finish(self) -> bytes:
        """Return the last plaintext; raise `IntegrityError` if a part is missing or the size is another."""
        if self._next != len(self._reference.blobs):
            raise IntegrityError("A part of an attachment is missing.", code="blob-mismatch")
        last = self._take(self._cipher.finish())
        if self._total != padded_size(self._reference.size):
            raise IntegrityError("An attachment's size is not the one that was sealed.", code="attachment-size")
        return last

    def _take(self, opened: bytes) -> bytes:
        self._total += len(opened)
        given = opened[: self._left]
        self._left -= len(given)
        return given


def open_file(reference: AttachmentRef, blobs: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the plaintext of a file from its blobs in order, without its padding; see `FileOpener`.

    Raises `IntegrityError`: blob-mismatch, stream-changed, attachment-size.
    """
    opener = FileOpener(reference)
    for blob in blobs:
        yield opener.feed(blob)
    yield opener.finish()
