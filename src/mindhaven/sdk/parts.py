"""After a server's restore: which attached files it lacks parts of, and giving those back. I/O: files, server, store.

Guarantees: nothing of a file is sent before the whole of it was sealed anew and is, part by part, what its record
names; a part is sent only where the server lacks it. Does not: keep copies of files, or say which history stands.
Implements spec/transfer.md step 14.
"""

import asyncio
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.archive import MAGIC
from mindhaven.protocol.attachment import AttachmentRef, blob_hash, seal_file
from mindhaven.protocol.collection import MAX_BLOBS_PER_ITEM
from mindhaven.protocol.envelope import ITEM_ID_BYTES
from mindhaven.sdk.entries import Entries
from mindhaven.sdk.errors import OfflineError, SignedOutError
from mindhaven.sdk.files import file_parts, unreadable
from mindhaven.sdk.index import Index
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.moving import archived_blobs
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.transport import Transport
from mindhaven.wire.ids import to_text

LACKING: Final = "lacking"
"""The name under which the local store keeps, for which window, at which seq it asked, and what was missing then."""
MOST_GAPS: Final = 10_000
"""Records of one answer; a server tells a hundred at a time."""
_GENERAL: Final = (OfflineError, SignedOutError)


@dataclass(frozen=True, slots=True)
class Lacking:
    """An attached file of which the server lacks `parts` (their hashes), of which entry."""

    collection: bytes
    item: bytes
    file: AttachmentRef
    parts: tuple[bytes, ...]


Gaps = dict[bytes, frozenset[bytes]]
"""Which parts are missing of which item."""


class Parts:
    """What a restored server lacks of attachments, as one device sees it."""

    def __init__(self, store: LocalStore, index: Index, entries: Entries, transport: Transport) -> None:
        self._store = store
        self._index = index
        self._entries = entries
        self._transport = transport

    # -- asking

    async def look(self, since: int, seqs: Mapping[bytes, int]) -> tuple[Lacking, ...]:
        """Ask about the collections that moved on in the window opened at `since`, or lacked something; 0: no window.

        What the server refuses to answer is passed over: it is asked again.
        """
        if not since:
            self._store.drop_meta(LACKING)
            return ()
        window, kept = self._kept()
        kept = kept if window == since else {}
        asked: dict[bytes, tuple[int, Gaps]] = {}
        for collection, seq in seqs.items():
            known = kept.get(collection)
            if known is not None and known[0] == seq and not known[1]:
                asked[collection] = known
                continue
            try:
                asked[collection] = (seq, await self._ask(collection))
            except _GENERAL:
                raise
            except MindhavenError:
                continue
        self._keep(since, asked)
        return self.known()

    def known(self) -> tuple[Lacking, ...]:
        """Return what the server lacked when it was last asked."""
        found: list[Lacking] = []
        for collection, (_, gaps) in self._kept()[1].items():
            found += self.named(collection, gaps)
        return tuple(found)

    def named(self, collection: bytes, gaps: Gaps) -> list[Lacking]:
        """Return the files that are concerned, of the entries that this device can open."""
        return [one for one in self.without(collection, frozenset().union(*gaps.values())) if one.item in gaps]

    def without(self, collection: bytes, blobs: Collection[bytes]) -> list[Lacking]:
        """Return the files of a collection that have any of these parts, of the entries that this device can open."""
        listed = self._index.listed(collection)
        found = []
        for entry in [] if listed is None or not blobs else self._entries.stored(listed):
            for file in entry.notes.files:
                parts = tuple(blob for blob in file.blobs if blob in blobs)
                found += [Lacking(collection, entry.item, file, parts)] if parts else []
        return found

    async def _ask(self, collection: bytes) -> Gaps:
        address, after = f"/v1/collections/{to_text(collection)}/missing-parts", b""
        gaps: Gaps = {}
        while True:
            raw = await self._transport.cbor("GET", address + (f"?after={after.hex()}" if after else ""))
            entries, following = shape.fields(decode(raw), 2, "What is missing")
            for entry in shape.items(entries, "The gaps", most=MOST_GAPS):
                item, _, blobs = shape.fields(entry, 3, "A gap")
                gaps[shape.raw(item, "An item id", length=ITEM_ID_BYTES)] = frozenset(
                    shape.raw(blob, "A blob hash", length=32)
                    for blob in shape.items(blobs, "The parts", most=MAX_BLOBS_PER_ITEM)
                )
            if following is None:
                return gaps
            before, after = after, shape.raw(following, "An item id", length=ITEM_ID_BYTES)
            if after <= before:
                raise IntegrityError("The server's list of what is missing does not go on.", code="shape")

    def _kept(self) -> tuple[int, dict[bytes, tuple[int, Gaps]]]:
        raw = self._store.meta(LACKING)
        since, rows = (0, []) if raw is None else decode(raw)
        return since, {
            collection: (seq, {item: frozenset(blobs) for item, blobs in gaps}) for collection, seq, gaps in rows
        }

    def _keep(self, since: int, asked: Mapping[bytes, tuple[int, Gaps]]) -> None:
        rows: list[Any] = [
            [collection, seq, [[item, sorted(blobs)] for item, blobs in sorted(gaps.items())]]
            for collection, (seq, gaps) in sorted(asked.items())
        ]
        self._store.put_meta(LACKING, encode([since, rows]))

    # -- giving back

    async def give_back(
        self, path: Path, since: int, seqs: Mapping[bytes, int], *, progress: Progress | None = None
    ) -> tuple[Lacking, ...]:
        """Give back, from a file or an archive that this person still has, what the server lacks; return what was sent.

        Raises `InvalidInputError`: file-unreadable; file-differs, where no file that lacks a part is this one. Nothing
        was sent then.
        """
        lacking = await self.look(since, seqs)
        size = await asyncio.to_thread(_size, path)
        if await asyncio.to_thread(_is_archive, path):
            given = await self._from_archive(path, lacking, progress)
        else:
            fitting = [one for one in lacking if one.file.size == size and await asyncio.to_thread(_same, path, one)]
            if lacking and not fitting:
                raise _differs(path, lacking)
            for one in fitting:
                await self._send_file(path, one, progress)
            given = fitting
        if given:
            await self.look(since, seqs)
        return tuple(given)

    async def _send_file(self, path: Path, one: Lacking, progress: Progress | None) -> None:
        sent = 0
        for number, blob in enumerate(_sealed(path, one.file)):
            if blob_hash(blob) != one.file.blobs[number]:
                raise _differs(path, (one,))  # it was changed since the whole of it was compared
            if one.file.blobs[number] in one.parts:
                await self._send(one.collection, one.file.blobs[number], blob)
                sent += 1
                if progress is not None:
                    progress(sent, len(one.parts))

    async def _from_archive(self, path: Path, lacking: Collection[Lacking], progress: Progress | None) -> list[Lacking]:
        wanted = {(one.collection, part) for one in lacking for part in one.parts}
        count, sent = len(wanted), set[tuple[bytes, bytes]]()
        for _ in archived_blobs(path):  # to its end first: a cut or changed archive is refused before anything is sent
            pass
        for collection, blob, data in archived_blobs(path):
            if (collection, blob) in wanted - sent and blob_hash(data) == blob:
                await self._send(collection, blob, data)
                sent.add((collection, blob))
                if progress is not None:
                    progress(len(sent), count)
        given = [(one, tuple(part for part in one.parts if (one.collection, part) in sent)) for one in lacking]
        return [Lacking(one.collection, one.item, one.file, parts) for one, parts in given if parts]

    async def _send(self, collection: bytes, blob: bytes, data: bytes) -> None:
        address = f"/v1/collections/{to_text(collection)}/given-back/{to_text(blob)}"
        await self._transport.blob("PUT", address, data)


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise InvalidInputError(f"{path} is no file.", hint="Name a single file.", code="file-unreadable")
    return found.st_size


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise unreadable(path, error) from error


def _sealed(path: Path, file: AttachmentRef) -> Iterator[bytes]:
    """Seal a file with the key of one that was attached: the same file gives the same bytes, spec/attachment.md.

    Of another file nothing may leave this device: two files under one key and the same nonces would show each other.
    """
    return seal_file(file.key, file_parts(path), file.size)


def _same(path: Path, one: Lacking) -> bool:
    """Return whether the file at `path` is the one that was attached, byte for byte."""
    number = 0
    try:
        for blob in _sealed(path, one.file):
            if number >= len(one.file.blobs) or blob_hash(blob) != one.file.blobs[number]:
                return False
            number += 1
    except IntegrityError:  # its size changed while it was read
        return False
    return number == len(one.file.blobs)


def _differs(path: Path, lacking: Collection[Lacking]) -> InvalidInputError:
    names = ", ".join(sorted({f"{one.file.name} ({one.file.size:,} bytes)" for one in lacking}))
    return InvalidInputError(
        f"{path} is none of the files that the server lacks, byte for byte. Nothing of it was sent.",
        hint=f"It lacks parts of {names}. A file that was changed since it was attached does not fit.",
        code="file-differs",
    )
