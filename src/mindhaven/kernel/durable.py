"""Files that must be whole and durable, or surely gone.

Guarantees: what `write_whole` wrote is there after a loss of power, whole or not at all; what `destroy` returned from
is overwritten and unlinked. Does not: reach copies that a journalling disk or a snapshot of it keeps.
I/O: the files named.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

_PIECE: Final = 1024 * 1024


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes, *, by_way_of: Path | None = None) -> None:
    """Put `data` in the place of a file, for us alone (0600): whole and durable.

    It is written in `by_way_of` first (the same file system; without it, beside the file).
    """
    handle, name = tempfile.mkstemp(dir=by_way_of or path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def destroy(path: Path) -> bool:
    """Overwrite a file, then remove it; return whether it was there."""
    try:
        handle = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return False
    try:
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, bytes(min(left, _PIECE)))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True
