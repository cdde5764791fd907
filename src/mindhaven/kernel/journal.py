"""The journal of erasures: what was erased, remembered outside the database and its backups.

Guarantees: what `note` returned from is on the disk, also after a loss of power; what was noted twice counts once; a
line that a crash cut short is passed over. What was erased is written down before its eraser is told; should the
server fall in between, the row in the outbox, which the erasure itself wrote, brings the line later.
Does not: say whose or what it was: a line is a letter and a hash of ids.
I/O: one append-only file, by default beside the keys.
"""

import asyncio
import fcntl
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mindhaven.crypto.encoding import labelled_hash
from mindhaven.errors import UnavailableError
from mindhaven.kernel.durable import sync_directory
from mindhaven.kernel.outbox import Sender, send_later
from mindhaven.kernel.work import Work

if TYPE_CHECKING:
    from mindhaven.kernel.host import Host

FILE: Final = "erasures.log"
TOPIC: Final = "erasure-journal"
RECENT: Final = 1000
"""Lines that a process need not write twice: those whose row in the outbox it sends a moment later."""
_COLLECTION: Final = "c"
_ACCOUNT: Final = "a"
_ITEM: Final = "i"
_HASH_DIGITS: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What a journal remembers, as hashes."""

    marks: frozenset[str] = field(default_factory=frozenset)

    def collection(self, collection: bytes) -> bool:
        """Tell whether this collection was erased."""
        return collection_mark(collection) in self.marks

    def account(self, uid: bytes) -> bool:
        """Tell whether this account was erased."""
        return account_mark(uid) in self.marks

    def item(self, collection: bytes, item: bytes) -> bool:
        """Tell whether this record was erased."""
        return item_mark(collection, item) in self.marks

    def __or__(self, other: "Erased") -> "Erased":
        return Erased(marks=self.marks | other.marks)


def collection_mark(collection: bytes) -> str:
    """Return the line of an erased collection."""
    return f"{_COLLECTION} {labelled_hash('ended-collection', collection).hex()}"


def account_mark(uid: bytes) -> str:
    """Return the line of an erased account."""
    return f"{_ACCOUNT} {labelled_hash('ended-account', uid).hex()}"


def item_mark(collection: bytes, item: bytes) -> str:
    """Return the line of an erased record."""
    return f"{_ITEM} {labelled_hash('ended-item', collection + item).hex()}"


class Journal:
    """The journal of one server; its processes may write to it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._recent: deque[str] = deque(maxlen=RECENT)

    async def note(self, marks: Sequence[str]) -> None:
        """Write down what was erased; return once it is on the disk.

        Raises `UnavailableError` (erasure-journal): what was erased stays erased, and is not acknowledged.
        """
        marks = [mark for mark in marks if mark not in self._recent]
        if not marks:
            return
        try:
            await asyncio.to_thread(self._append, marks)
        except OSError as error:
            raise UnavailableError(
                "What was erased is gone, but the journal that outlives backups could not be written.",
                hint="Try again. To the host: see the free space and the rights of server.erasure-journal.",
                code="erasure-journal",
            ) from error
        self._recent.extend(marks)

    def begin(self) -> None:
        """Make an empty journal where none is: at a first start, so that a later restore knows that none was lost."""
        self._append(())

    def read(self) -> Erased:
        """Return all that was noted; nothing without a file."""
        try:
            lines = self.path.read_text("ascii", errors="replace").split("\n")
        except FileNotFoundError:
            return Erased()
        return Erased(marks=frozenset(line for line in lines if _whole(line)))

    def _append(self, marks: Sequence[str]) -> None:
        fresh = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            data = ("\n" if cut else "").encode() + "".join(f"{mark}\n" for mark in marks).encode("ascii")
            while data:
                data = data[os.write(handle, data) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if fresh:
            sync_directory(self.path.parent)


def _whole(line: str) -> bool:
    kind, _, digits = line.partition(" ")
    return kind in {_COLLECTION, _ACCOUNT, _ITEM} and len(digits) == _HASH_DIGITS


async def note_later(work: Work, marks: Sequence[str]) -> None:
    """Put the lines into the outbox, in the work that erases: whatever happens, they will be written."""
    if marks:
        await send_later(work, topic=TOPIC, body="\n".join(marks).encode("ascii"))


async def _send(host: "Host", body: bytes) -> None:
    await host.erasures.note(body.decode("ascii").split("\n"))


SENDER: Final = Sender(topic=TOPIC, send=_send)
