"""Power loss for SQLite: a VFS that keeps what was written in memory until it is synced, so that SIGKILL forgets it.

A killed process leaves its writes in the page cache, so killing alone never shows a missing sync. Under this VFS what
was not synced is gone with the process, as it is when the power fails.
Does not: forget what other files (blobs, keys) hold unsynced; those are written by rename after fsync.
"""

import threading
from typing import Any, Final

import apsw

BASE: Final = "unix"
BLOCK: Final = 4096


class Pending:
    """What was written to one file and not synced: whole blocks, and the file's size (None: as it is on disk)."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.blocks: dict[int, bytearray] = {}
        self.size: int | None = None


class Forgetful(apsw.VFS):
    """The VFS; `made` is what all connections of this process share, by path."""

    def __init__(self) -> None:
        self.made: dict[str, Pending] = {}
        super().__init__("forgetful", BASE, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> "ForgetfulFile":
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return ForgetfulFile(self.made.setdefault(str(path), Pending()), name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.made.pop(filename, None)
        super().xDelete(filename, syncdir)


class ForgetfulFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, pending: Pending, name: Any, flags: list[int]) -> None:
        self._pending = pending
        super().__init__(BASE, name, flags)

    def _disk(self, amount: int, offset: int) -> bytes:
        there = super().xFileSize()
        return super().xRead(min(amount, there - offset), offset) if offset < there else b""

    def _block(self, number: int) -> bytearray:
        kept = self._pending.blocks.get(number)
        if kept is None:
            kept = self._pending.blocks[number] = bytearray(self._disk(BLOCK, number * BLOCK).ljust(BLOCK, b"\0"))
        return kept

    def xFileSize(self) -> int:
        with self._pending.lock:
            return super().xFileSize() if self._pending.size is None else self._pending.size

    def xRead(self, amount: int, offset: int) -> bytes:
        with self._pending.lock:
            if not self._pending.blocks and self._pending.size is None:
                return super().xRead(amount, offset)
            amount = max(0, min(amount, self.xFileSize() - offset))
            data = bytearray(self._disk(amount, offset).ljust(amount, b"\0"))
            for number in range(offset // BLOCK, (offset + amount + BLOCK - 1) // BLOCK):
                kept = self._pending.blocks.get(number)
                if kept is not None:
                    start, end = max(offset, number * BLOCK), min(offset + amount, (number + 1) * BLOCK)
                    data[start - offset : end - offset] = kept[start - number * BLOCK : end - number * BLOCK]
            return bytes(data)

    def xWrite(self, data: bytes, offset: int) -> None:
        with self._pending.lock:
            size, at = self.xFileSize(), 0
            while at < len(data):
                number, inside = divmod(offset + at, BLOCK)
                part = data[at : at + BLOCK - inside]
                self._block(number)[inside : inside + len(part)] = part
                at += len(part)
            self._pending.size = max(size, offset + len(data))

    def xTruncate(self, newsize: int) -> None:
        with self._pending.lock:
            for number in [one for one in self._pending.blocks if one * BLOCK >= newsize]:
                del self._pending.blocks[number]
            if newsize % BLOCK and newsize // BLOCK in self._pending.blocks:
                block = self._pending.blocks[newsize // BLOCK]
                block[newsize % BLOCK :] = bytes(BLOCK - newsize % BLOCK)
            if newsize < super().xFileSize():  # what lies behind on disk must not come back as it was
                for number in range(newsize // BLOCK, -(-super().xFileSize() // BLOCK)):
                    block = self._block(number)
                    first = max(0, newsize - number * BLOCK)
                    block[first:] = bytes(BLOCK - first)
            self._pending.size = newsize

    def xSync(self, flags: int) -> bool:
        with self._pending.lock:
            size = self.xFileSize()
            for number, block in sorted(self._pending.blocks.items()):
                part = bytes(block[: max(0, min(BLOCK, size - number * BLOCK))])
                if part:
                    super().xWrite(part, number * BLOCK)
            if super().xFileSize() > size:
                super().xTruncate(size)
            self._pending.blocks.clear()
            self._pending.size = None
            return bool(super().xSync(flags))
