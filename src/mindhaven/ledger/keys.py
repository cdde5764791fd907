"""The logs' own key, and what this machine remembers of the largest log it signed. I/O: two files beside the database.

Guarantees: a database that was put back to an earlier state signs nothing: the file remembers more. Both files lie
outside the database and its backups.
"""

import fcntl
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from mindhaven.crypto.derive import derive
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import keep_once
from mindhaven.kernel.durable import write_whole
from mindhaven.tlog.note import LogSigner

KEY_FILE: Final = "log.key"
MEMORY_FILE: Final = "log.signed"


@lru_cache(maxsize=8)
def _seed(data: Path) -> bytes:
    path = data / KEY_FILE
    there = keep_once(path, lambda: os.urandom(32))
    if path.stat().st_mode & 0o077 or len(there) != 32:
        raise InvalidInputError(
            f"{path.name} must be 32 bytes that nobody else may read.",
            hint=f"Run: chmod 600 {path.name} (in the data directory).",
            code="log-key",
        )
    return there


def signer(data: Path, origin: str) -> LogSigner:
    """Return the signer of a log, made on first use; each log's key is derived from the one file."""
    return LogSigner(origin, Seed(derive(_seed(data), "log-key", origin.encode())))


def draw(data: Path) -> None:
    """Draw the logs' key if there is none: at the first start it is told and copied with the others."""
    _seed(data)


def default_place(data: Path) -> str:
    """Return the place of logs on a server without a public address: a name that only these logs have."""
    return f"localhost/{derive(_seed(data), 'log-place', length=8).hex()}"


def remembered(data: Path) -> dict[str, tuple[int, bytes]]:
    """Return, for each origin, size and root of the largest checkpoint that was ever signed here."""
    path = data / MEMORY_FILE
    if not path.exists():
        return {}
    try:
        return {name: (int(size), bytes.fromhex(root)) for name, (size, root) in json.loads(path.read_text()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise IntegrityError(
            f"{MEMORY_FILE} is damaged: it can't be told whether this log was rolled back.",
            hint="Restore the file from where you keep the server's keys.",
            code="log-memory",
        ) from error


def remember(data: Path, origin: str, size: int, root: bytes) -> None:
    """Write down that this checkpoint is about to be signed: whole and durable, before it leaves.

    Never goes back: raises `IntegrityError` (log-behind) for less than was signed, or another root of the same size,
    as a process that slept through a take-over would bring.
    """
    with (data / KEY_FILE).open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two processes may sign two logs at once
        kept = remembered(data)
        known = kept.get(origin)
        if known is not None and (known[0] > size or (known[0] == size and known[1] != root)):
            raise IntegrityError("More of this log was signed already, or another state of it.", code="log-behind")
        kept[origin] = (size, root)
        told = {name: [count, value.hex()] for name, (count, value) in kept.items()}
        write_whole(data / MEMORY_FILE, json.dumps(told).encode())
