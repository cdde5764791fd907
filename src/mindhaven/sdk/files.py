"""Attachments: sealed and sent part by part, resumed where they broke off. I/O: files and the server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from mindhaven.crypto.secrets import FileKey
from mindhaven.errors import InvalidInputError
from mindhaven.protocol.attachment import MAX_FILE_BYTES, AttachmentRef, blob_hash, open_file, seal_file
from mindhaven.sdk.transport import Transport
from mindhaven.wire.ids import to_text

READ_BYTES: Final = 1024 * 1024


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(READ_BYTES):
            yield part


class Files:
    """Attachments of one account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, collection: bytes, path: Path, *, media_type: str) -> AttachmentRef:
        """Seal the file at `path` under a fresh key and send its parts; memory stays flat."""
        size = (await asyncio.to_thread(path.stat)).st_size
        if size > MAX_FILE_BYTES:
            raise InvalidInputError("This file is larger than an attachment may be (4 GiB).", code="file-too-large")
        key = FileKey.fresh()
        hashes = []
        for blob in seal_file(key, _parts(path), size):
            digest = blob_hash(blob)
            await self._transport.blob("PUT", self._address(collection, digest), blob)
            hashes.append(digest)
        return AttachmentRef(path.name, media_type, size, key, tuple(hashes))

    @staticmethod
    def _address(collection: bytes, blob: bytes) -> str:
        return f"/v1/collections/{to_text(collection)}/blobs/{to_text(blob)}"

    async def get(self, collection: bytes, reference: AttachmentRef) -> AsyncIterator[bytes]:
        """Yield a file's plaintext; a changed, cut or missing part raises before its bytes are given."""
        held: list[bytes] = [
            await self._transport.blob("GET", self._address(collection, blob)) for blob in reference.blobs
        ]
        for chunk in open_file(reference, held):
            yield chunk
