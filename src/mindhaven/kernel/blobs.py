"""Blobs: sealed attachments as files, addressed by the caller's key.

Guarantees: a finished blob is whole and durable (temporary file, fsync, rename, fsync of the directory); a partial
upload can be resumed where it stopped; a disk that is full, fails or does not answer is told as such, and holds up
nothing but attachments. Does not: read or check what is in it. I/O: files under one directory, on a small thread pool.
"""

import asyncio
import concurrent.futures
import contextlib
import errno
import io
import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from mindhaven.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.kernel.durable import sync_directory, write_whole

T = TypeVar("T")

PIECE_BYTES: Final = 256 * 1024
SLOW_SECONDS: Final = 20.0
"""A device waits half a minute for an answer: before that it is told what is slow."""
LATER_SECONDS: Final = 30
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_KEY: Final = re.compile(r"[0-9a-f]{16,128}")


class Blobs(Protocol):
    """Where attachments lie: files here, S3 by an extra. Keys are 16 to 128 lower-case hex digits."""

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` whole."""
        ...

    async def append(self, key: str, offset: int, data: bytes) -> int:
        """Add to a partial upload at `offset`; return its new size. Raises `ConflictError` at another offset."""
        ...

    async def partial_size(self, key: str) -> int:
        """Return how many bytes of a partial upload are durable, 0 if there is none."""
        ...

    async def finish(self, key: str) -> int:
        """Make a partial upload a blob; return its size."""
        ...

    async def size(self, key: str) -> int:
        """Return a blob's size; raise `NotFoundError` if there is none."""
        ...

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Read a blob, or a range of it, piece by piece."""
        ...

    async def delete(self, key: str) -> bool:
        """Remove a blob and its partial upload; return whether there was one."""
        ...

    async def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all blobs and partial uploads that begin with `prefix`, in order."""
        ...


class FileBlobs:
    """Blobs under a directory: `ab/abcdef...`, partial ones under `partial/`."""

    def __init__(self, root: Path, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self._root = root
        self._slow_seconds = slow_seconds
        self._partial = root / "partial"
        for directory in (root, self._partial):  # `parents=True` would make the upper one with the umask's mode
            directory.mkdir(exist_ok=True, mode=0o700)
        self._pool = concurrent.futures.ThreadPoolExecutor(4, thread_name_prefix="mindhaven-blobs")

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` whole."""
        await self._run(self._put, key, data)

    async def append(self, key: str, offset: int, data: bytes) -> int:
        """Add to a partial upload at `offset`; return its new size. Raises `ConflictError` at another offset."""
        return await self._run(self._append, key, offset, data)

    async def partial_size(self, key: str) -> int:
        """Return how many bytes of a partial upload are durable, 0 if there is none."""
        return await self._run(self._size, self._partial_path(key))

    async def finish(self, key: str) -> int:
        """Make a partial upload a blob; return its size."""
        return await self._run(self._finish, key)

    async def size(self, key: str) -> int:
        """Return a blob's size; raise `NotFoundError` if there is none."""
        path = self._path(key)
        if not await self._run(path.exists):
            raise _absent()
        return await self._run(self._size, path)

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Read a blob, or a range of it, piece by piece."""
        path = self._path(key)
        try:
            file = await self._run(io.FileIO, path, "rb")  # closes itself, should nobody wait for it any more
        except FileNotFoundError:
            raise _absent() from None
        try:
            left = length
            while left is None or left > 0:
                piece = await self._run(
                    os.pread, file.fileno(), PIECE_BYTES if left is None else min(left, PIECE_BYTES), start
                )
                if not piece:
                    return
                start += len(piece)
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()

    async def delete(self, key: str) -> bool:
        """Remove a blob and its partial upload; return whether there was one."""
        return await self._run(self._delete, key)

    async def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all blobs and partial uploads that begin with `prefix`, in order."""
        return await self._run(self._keys, prefix)

    async def close(self) -> None:
        """Wait for what runs."""
        await asyncio.to_thread(self._pool.shutdown)

    # -- on the pool -----------------------------------------------------------------------------------------------

    async def _run(self, call: Callable[..., T], *args: Any) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._pool, call, *args)
        try:
            return await asyncio.wait_for(running, self._slow_seconds)  # what has begun goes on: repeating is harmless
        except TimeoutError:
            raise _away("The server's disk for attachments does not answer in time.", "blobs-slow") from None
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in _FULL:
                raise _away("The server's disk for attachments is full.", "blobs-full") from error
            raise _away("The server's disk for attachments fails.", "blobs-failed") from error

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise InvalidInputError("A blob's key is 16 to 128 lower-case hex digits.", code="blob-key")
        return self._root / key[:2] / key

    def _partial_path(self, key: str) -> Path:
        return self._partial / self._path(key).name

    def _put(self, key: str, data: bytes) -> None:
        path = self._path(key)
        _make_directory(path.parent)
        write_whole(path, data, by_way_of=self._partial)

    def _append(self, key: str, offset: int, data: bytes) -> int:
        path = self._partial_path(key)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            there = os.fstat(handle).st_size
            if offset > there:
                raise ConflictError(
                    "The upload goes on at another place.",
                    hint="Ask for its size and resume there.",
                    code="blob-offset",
                )
            written = 0
            view = memoryview(data)
            while written < len(data):
                written += os.pwrite(handle, view[written:], offset + written)
            os.ftruncate(handle, offset + written)
            os.fsync(handle)
        finally:
            os.close(handle)
        return offset + written

    def _size(self, path: Path) -> int:
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return 0

    def _finish(self, key: str) -> int:
        source, path = self._partial_path(key), self._path(key)
        _make_directory(path.parent)
        try:
            source.replace(path)
        except FileNotFoundError:
            if not path.exists():
                raise _absent() from None
        sync_directory(path.parent)
        sync_directory(self._partial)
        return path.stat().st_size

    def _delete(self, key: str) -> bool:
        there = False
        for path in (self._path(key), self._partial_path(key)):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                sync_directory(path.parent)
                there = True
        return there

    def _keys(self, prefix: str) -> list[str]:
        found: set[str] = set()
        for folder in self._root.iterdir():
            if folder.is_dir() and (folder == self._partial or folder.name.startswith(prefix[:2])):
                found.update(name for name in os.listdir(folder) if name.startswith(prefix) and _KEY.fullmatch(name))
        return sorted(found)


def _make_directory(path: Path) -> None:
    if not path.is_dir():
        path.mkdir(mode=0o700, exist_ok=True)
        sync_directory(path.parent)


def _away(message: str, code: str) -> UnavailableError:
    return UnavailableError(
        message,
        hint="Nothing is lost: the file is still on your device. Try again later, and tell the people who run the"
        " server.",
        code=code,
        retry_after_seconds=LATER_SECONDS,
    )


def _absent() -> NotFoundError:
    return NotFoundError("There is no such blob.", code="blob-absent")
