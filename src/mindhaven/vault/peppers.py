"""The salt key and the peppers it wraps. I/O: the salt key's file, outside the database and its backups."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import keep_once

SALT_KEY_FILE: Final = "salt.key"


@lru_cache(maxsize=8)
def load_salt_key(data: Path) -> SealKey:
    """Return the salt key of a data directory, made on first use.

    Raises `InvalidInputError` if the file is not 32 bytes or others may read it.
    """
    path = data / SALT_KEY_FILE
    there = keep_once(path, lambda: os.urandom(32))
    if path.stat().st_mode & 0o077:
        raise InvalidInputError(
            f"Others may read {path.name}.",
            hint=f"Run: chmod 600 {path.name} (in the data directory).",
            code="salt-key",
        )
    return SealKey(there)
