"""Opening zip files that come from elsewhere.

Guarantees: members are streamed and never written to disk, so no path in the archive is ever used; what
unpacks to far more than it should is refused before it fills the memory.
I/O: reads the file that it is given.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from mindhaven.errors import InvalidInputError

_PACKING: Final = (zlib.error, lzma.LZMAError, UnicodeDecodeError)
"""What the packers under `zipfile` raise themselves (bzip2's is an `OSError`), and what a damaged name raises."""

MAX_RATIO: Final = 300
"""Unpacked to packed size: repeated XML records pack to about 60:1; bombs start at 1,000:1."""

MAX_MEMBERS: Final = 200_000
"""Files in one archive: an export with ten years of photos and routes has some ten thousand."""


def is_zip(head: bytes) -> bool:
    """Return whether a file that begins with `head` is a zip archive."""
    return head.startswith(b"PK\x03\x04")


def members(path: Path) -> list[zipfile.ZipInfo]:
    """Return the files in the archive at `path`; raise `InvalidInputError` (`import-archive`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _unreadable() from error
    if len(found) > MAX_MEMBERS:
        raise InvalidInputError("This archive holds too many files.", code="import-archive-bomb")
    return found


@contextmanager
def opened(path: Path, member: zipfile.ZipInfo, *, limit_bytes: int | None = None) -> Iterator[IO[bytes]]:
    """Give the content of `member` as a stream.

    Raises `InvalidInputError`: `import-archive-bomb` where it unpacks to more than `MAX_RATIO` times its
    packed size or more than `limit_bytes`; `import-archive` where it is damaged or locked.
    """
    if member.file_size > MAX_RATIO * max(member.compress_size, 1) or (
        limit_bytes is not None and member.file_size > limit_bytes
    ):
        raise InvalidInputError(
            "A file in this archive unpacks to far more than it should.", code="import-archive-bomb"
        )
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream  # zipfile itself stops at the size that the directory states
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, *_PACKING) as error:
        raise _unreadable() from error


def _unreadable() -> InvalidInputError:
    return InvalidInputError("This archive is damaged or locked.", code="import-archive", hint="Export it again.")
