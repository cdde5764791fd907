"""Attachments: sealed and sent part by part, resumed where they broke off. I/O: files, the server, the local store."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from mindhaven.crypto.derive import sha256
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import InvalidInputError
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


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(READ_BYTES):
            yield part


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
        """
        path = await asyncio.to_thread(path.absolute)
        found = await asyncio.to_thread(path.stat)
        if found.st_size > MAX_FILE_BYTES:
            raise InvalidInputError("This file is larger than an attachment may be (4 GiB).", code="file-too-large")
        about = encode([collection, str(path), found.st_size, found.st_mtime_ns])
        name = f"upload/{sha256(about).hex()}"
        kept = self._store.meta(name)
        raw, arrived = (bytes(FileKey.fresh()), 0) if kept is None else decode(kept)
        key = FileKey(raw)
        hashes = []
        parts = -(-padded_size(found.st_size) // BLOB_BYTES)
        for number, blob in enumerate(seal_file(key, _parts(path), found.st_size)):
            digest = blob_hash(blob)
            hashes.append(digest)
            if number >= arrived:
                await self._transport.blob("PUT", self._address(collection, digest), blob)
                self._store.put_meta(name, encode([bytes(key), number + 1]))
            if progress is not None:
                progress(number + 1, max(parts, number + 1))
        self._store.drop_meta(name)
        return AttachmentRef(path.name, media_type, found.st_size, key, tuple(hashes))

    @staticmethod
    def _address(collection: bytes, blob: bytes) -> str:
        return f"/v1/collections/{to_text(collection)}/blobs/{to_text(blob)}"

    async def get(self, collection: bytes, reference: AttachmentRef) -> AsyncIterator[bytes]:
        """Yield a file's plaintext, one part in memory at a time.

        A changed, cut or missing part raises; keep what was yielded only when the iterator ended without an error.
        """
        opener = FileOpener(reference)
        for blob in reference.blobs:
            yield opener.feed(await self._transport.blob("GET", self._address(collection, blob)))
        yield opener.finish()
