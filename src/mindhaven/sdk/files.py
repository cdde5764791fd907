"""Attachments: sealed and sent part by part, resumed where they broke off. I/O: files, the server, the local store."""

import asyncio
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from mindhaven.crypto.derive import sha256
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import IntegrityError, InvalidInputError, NotFoundError
from mindhaven.protocol.attachment import (
    BLOB_BYTES,
    MAX_FILE_BYTES,
    AttachmentRef,
    FileOpener,
    blob_hash,
    padded_size,
    seal_file,
)
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.transport import Transport
from mindhaven.wire.ids import to_text

READ_BYTES: Final = 1024 * 1024


def file_parts(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes; raise `InvalidInputError` (file-unreadable)."""
    try:
        with path.open("rb") as file:
            while part := file.read(READ_BYTES):
                yield part
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> InvalidInputError:
    """Return what a person is told of a file that can't be read."""
    return InvalidInputError(
        f"The file {path} can't be read: {error.strerror or 'the disk refuses'}.",
        hint="Check the path, and that you may read it.",
        code="file-unreadable",
    )


def attached_name(reference: AttachmentRef) -> str:
    """Return the name under which this device keeps which collection a file's parts were sent to."""
    return f"attached/{reference.blobs[0].hex()}"


KEEP_NOTHING: Final = "Keep nothing of what arrived. Ask the people who run the server; whoever added it may have it."


PART_UNKNOWN: Final = "blob-unknown"
GIVE_BACK: Final = (
    "After a restore whoever still has the file can give it back: mindhaven give-back FILE. Else ask the people who run"
    " the server."
)


class Files:
    """Attachments of one account."""

    def __init__(self, transport: Transport, store: LocalStore) -> None:
        self._transport = transport
        self._store = store

    async def send(
        self, collection: bytes, path: Path, *, media_type: str, progress: Progress | None = None
    ) -> AttachmentRef:
        """Seal the file at `path` and send its parts; memory stays flat.

        A transfer that broke off goes on where it stopped: its key and the number of parts that arrived are kept,
        sealed, until it is done; the file must be the same (size and time of change).
        Raises `InvalidInputError`: file-unreadable, file-too-large.
        """
        path = await asyncio.to_thread(path.absolute)
        try:
            found = await asyncio.to_thread(path.stat)
        except OSError as error:
            raise unreadable(path, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise InvalidInputError(f"{path} is no file.", hint="Name a single file.", code="file-unreadable")
        if found.st_size > MAX_FILE_BYTES:
            raise InvalidInputError("This file is larger than an attachment may be (4 GiB).", code="file-too-large")
        about = encode([collection, str(path), found.st_size, found.st_mtime_ns])
        name = f"upload/{sha256(about).hex()}"
        kept = self._store.meta(name)
        raw, arrived = (bytes(FileKey.fresh()), 0) if kept is None else decode(kept)
        key = FileKey(raw)
        hashes = []
        parts = -(-padded_size(found.st_size) // BLOB_BYTES)
        for number, blob in enumerate(seal_file(key, file_parts(path), found.st_size)):
            digest = blob_hash(blob)
            hashes.append(digest)
            if number >= arrived:
                await self._transport.blob("PUT", self._address(collection, digest), blob)
                self._store.put_meta(name, encode([bytes(key), number + 1]))
            if progress is not None:
                progress(number + 1, max(parts, number + 1))
        reference = AttachmentRef(path.name, media_type, found.st_size, key, tuple(hashes))
        with self._store.batch():
            self._store.drop_meta(name)
            self._store.put_meta(attached_name(reference), collection)
        return reference

    @staticmethod
    def _address(collection: bytes, blob: bytes) -> str:
        return f"/v1/collections/{to_text(collection)}/blobs/{to_text(blob)}"

    async def get(self, collection: bytes, reference: AttachmentRef) -> AsyncIterator[bytes]:
        """Yield a file's plaintext, one part in memory at a time.

        A changed, cut or missing part raises; keep what was yielded only when the iterator ended without an error.
        """
        opener = FileOpener(reference)
        try:
            for blob in reference.blobs:
                yield opener.feed(await self._transport.blob("GET", self._address(collection, blob)))
            yield opener.finish()
        except IntegrityError as error:
            error.hint = error.hint or KEEP_NOTHING
            raise
        except NotFoundError as error:
            if error.reason != PART_UNKNOWN:
                raise
            raise NotFoundError(
                f"The server does not have all parts of {reference.name}.", hint=GIVE_BACK, code=PART_UNKNOWN
            ) from error
