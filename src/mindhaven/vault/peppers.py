"""The salt keys and the peppers that they wrap. I/O: the salt keys' files, outside the database and its backups.

The first generation lies in `salt.key`, the later ones in `salt-2.key`, `salt-3.key` and so on. A file is written
before the database names its generation, and destroyed after no pepper lies under it; so whichever step a crash meets,
what the database names is there.
"""

import os
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from mindhaven.crypto.peppers import Pepper, unwrap_pepper, wrap_pepper
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Row, keep_once
from mindhaven.kernel.durable import destroy

KEY_BYTES: Final = 32
LEAST_DIFFERENT: Final = 12
"""Different bytes in a drawn key: 32 drawn bytes have fewer once in 10^13 draws; typed and example keys do."""
REREAD_SECONDS: Final = 3600
"""How long a process keeps a key in memory after another one may have destroyed its file."""


def salt_key_file(generation: int) -> str:
    """Return the name of a generation's file."""
    return "salt.key" if generation == 1 else f"salt-{generation}.key"


class SaltKeys:
    """The salt keys of one data directory, read when they are needed."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._known: dict[int, SealKey] = {}
        self._read_at = time.monotonic()

    def __repr__(self) -> str:
        return "SaltKeys(...)"

    def path(self, generation: int) -> Path:
        """Return where a generation's key lies."""
        return self._data / salt_key_file(generation)

    def key(self, generation: int) -> SealKey:
        """Return a generation's key.

        Raises `InvalidInputError`: salt-key-missing, or salt-key if it is not 32 bytes or others may read it.
        """
        if time.monotonic() - self._read_at > REREAD_SECONDS:
            self.forget()
        known = self._known.get(generation)
        if known is None:
            known = self._known[generation] = self._read(generation)
        return known

    def draw(self, generation: int) -> SealKey:
        """Return a generation's key, drawn if it is not there: only before anything lies under it."""
        keep_once(self.path(generation), lambda: os.urandom(KEY_BYTES))
        return self.key(generation)

    def destroy(self, generation: int) -> bool:
        """Overwrite and remove a generation's key; return whether it was there."""
        self._known.pop(generation, None)
        return destroy(self.path(generation))

    def forget(self) -> None:
        """Read every key anew when it is needed next."""
        self._known.clear()
        self._read_at = time.monotonic()

    def wrap(self, generation: int, collection: bytes, number: int, pepper: Pepper) -> bytes:
        """Return a pepper sealed under a generation's key."""
        return wrap_pepper(self.key(generation), collection, number, pepper)

    def unwrap(self, generation: int, collection: bytes, number: int, wrapped: bytes) -> Pepper:
        """Return the pepper that `wrap` sealed."""
        return unwrap_pepper(self.key(generation), collection, number, wrapped)

    def _read(self, generation: int) -> SealKey:
        path = self.path(generation)
        try:
            there = path.read_bytes()
        except FileNotFoundError:
            raise InvalidInputError(
                f"The database holds records, and {path} is not there: without it none of them opens for anybody.",
                hint=f"Put the copy of this server's {path.name} into {self._data} (chmod 600), or name the right data"
                " directory (--data DIR). A new key would not open them, so none was drawn. If the database was put"
                " back to an earlier state, restore the side copy with it: see docs/howto/back-up-and-restore.md.",
                code="salt-key-missing",
            ) from None
        if path.stat().st_mode & 0o077:
            raise InvalidInputError(
                f"Others may read {path.name}.",
                hint=f"Run: chmod 600 {path.name} (in the data directory).",
                code="salt-key",
            )
        if len(there) != KEY_BYTES:
            raise InvalidInputError(
                f"{path} is not a salt key: it has {len(there)} bytes instead of {KEY_BYTES}.",
                hint=f"Put the copy of this server's {path.name} back.",
                code="salt-key",
            )
        if len(set(there)) < LEAST_DIFFERENT:
            raise InvalidInputError(
                f"{path} was not drawn at random: it repeats itself.",
                hint="Put the key back that this server drew.",
                code="salt-key-weak",
            )
        return SealKey(there)


@lru_cache(maxsize=8)
def keys_of(data: Path) -> SaltKeys:
    """Return the salt keys of a data directory: one object for all of this process."""
    return SaltKeys(data)


def check_salt_keys(keys: SaltKeys, newest: int, peppers: Iterable[Row]) -> None:
    """Read the salt keys anew and open `peppers` (collection's id, number, wrapped, generation) with them; draw the
    newest generation's if nothing lies under it.

    Raises `InvalidInputError`: salt-key-missing, salt-key-other, salt-key. A new key beside records that lie under
    another one would take writes, and open nothing that was there before: so none is drawn then.
    """
    keys.forget()
    named = set()
    for collection, number, wrapped, generation in peppers:
        named.add(generation)
        try:
            keys.unwrap(generation, collection, number, wrapped)
        except IntegrityError as error:
            path = keys.path(generation)
            raise InvalidInputError(
                f"{path} is not the key under which the records of this database lie: with it they open for nobody.",
                hint=f"Put the {path.name} that belongs to this database into {path.parent} (chmod 600), or name the"
                " right data directory (--data DIR).",
                code="salt-key-other",
            ) from error
    if newest not in named:
        keys.draw(newest)
