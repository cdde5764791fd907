"""The salt key and the peppers it wraps. I/O: the salt key's file, outside the database and its backups."""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from mindhaven.crypto.peppers import unwrap_pepper
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Row, keep_once

SALT_KEY_FILE: Final = "salt.key"
KEY_BYTES: Final = 32


@lru_cache(maxsize=8)
def load_salt_key(data: Path) -> SealKey:
    """Return the salt key of a data directory, made if there is none.

    Raises `InvalidInputError` (salt-key) if the file is not 32 bytes or others may read it.
    """
    path = data / SALT_KEY_FILE
    there = keep_once(path, lambda: os.urandom(KEY_BYTES))
    if path.stat().st_mode & 0o077:
        raise InvalidInputError(
            f"Others may read {path.name}.",
            hint=f"Run: chmod 600 {path.name} (in the data directory).",
            code="salt-key",
        )
    if len(there) != KEY_BYTES:
        raise InvalidInputError(
            f"{path} is not a salt key: it has {len(there)} bytes instead of {KEY_BYTES}.",
            hint=f"Put the copy of this server's {SALT_KEY_FILE} back.",
            code="salt-key",
        )
    return SealKey(there)


def check_salt_key(data: Path, peppers: Iterable[Row]) -> None:
    """Read the salt key anew and open `peppers` (collection's id, number, wrapped) with it; draw it if there are none.

    Raises `InvalidInputError`: salt-key-missing, salt-key-other, salt-key. A new key beside records that lie under
    another one would take writes, and open nothing that was there before: so none is drawn then.
    """
    load_salt_key.cache_clear()
    path, peppers = data / SALT_KEY_FILE, list(peppers)
    if peppers and not path.exists():
        raise InvalidInputError(
            f"The database holds records, and {path} is not there: without it none of them opens for anybody.",
            hint=f"Put the copy of this server's {SALT_KEY_FILE} into {data} (chmod 600), or name the right data"
            " directory (--data DIR). A new key would not open them, so none was drawn.",
            code="salt-key-missing",
        )
    key = load_salt_key(data)
    for collection, number, wrapped in peppers:
        try:
            unwrap_pepper(key, collection, number, wrapped)
        except IntegrityError as error:
            raise InvalidInputError(
                f"{path} is not the key under which the records of this database lie: with it they open for nobody.",
                hint=f"Put the {SALT_KEY_FILE} that belongs to this database into {data} (chmod 600), or name the"
                " right data directory (--data DIR).",
                code="salt-key-other",
            ) from error
