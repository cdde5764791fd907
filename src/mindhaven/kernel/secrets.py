"""Secrets of the server: a master key outside the database wraps data keys inside it.

Guarantees: the database alone opens no field; a sealed value names its data key's number in its first 8 bytes, so that
`rotate` starts a new key at once; jobs of those who keep sealed fields move them. A secret's `repr` shows nothing.
Does not: protect a running server from its operator. I/O: the master key's file (0600) or MINDHAVEN_MASTER_KEY, and the
table kernel_data_key.
"""

import base64
import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mindhaven.crypto import fields
from mindhaven.errors import IntegrityError, InvalidInputError, UnavailableError
from mindhaven.kernel.database import Database
from mindhaven.kernel.durable import sync_directory
from mindhaven.kernel.sources import Random
from mindhaven.kernel.work import Actor, Look, Row, Work

VARIABLE: Final = "MINDHAVEN_MASTER_KEY"
FILE: Final = "master.key"
FIELD: Final = "field"
INDEX: Final = "index"
_NUMBER_BYTES: Final = 8
_LEAST_DIFFERENT: Final = 12
"""Different bytes in a drawn key: 32 drawn bytes have fewer once in 10^13 draws; typed and example keys do."""


_DRAW: Final = "Draw one: python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"


class MasterKey:
    """The 32-byte key that wraps the data keys."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != fields.KEY_BYTES:
            raise InvalidInputError("The master key has 32 bytes.", code="master-key")
        self._key = key

    def __repr__(self) -> str:
        return "MasterKey(...)"

    def wrap(self, key: bytes, *, nonce: bytes, purpose: str, number: int) -> bytes:
        """Wrap a data key."""
        return fields.wrap_key(self._key, key, nonce=nonce, purpose=purpose, number=number)

    def unwrap(self, wrapped: bytes, *, purpose: str, number: int) -> bytes:
        """Unwrap a data key; raise `IntegrityError` if this is not the master key that wrapped it."""
        return fields.unwrap_key(self._key, wrapped, purpose=purpose, number=number)


def load_master_key(data: Path, environment: Mapping[str, str], random: Random, *, draw: bool = True) -> MasterKey:
    """Return the master key from the environment (base64url) or from `data`/master.key, made there if neither is.

    Raises `InvalidInputError` on a malformed key, a file that others may read, or (master-key-missing) where there is
    none and `draw` forbids to make one, since the database has keys that another one wrapped.
    """
    text = environment.get(VARIABLE)
    if text is not None:
        return MasterKey(_decoded(text, VARIABLE))
    file = data / FILE
    if not draw and not file.exists():
        raise InvalidInputError(
            f"The database's own keys are wrapped under a master key, and {file} is not there.",
            hint=f"Put the copy of this server's {FILE} into {data} (chmod 600), or give it as {VARIABLE}, or name the"
            " right data directory (--data DIR). A new key would open nothing, so none was drawn.",
            code="master-key-missing",
        )
    if file.exists() and file.stat().st_mode & 0o077:
        raise InvalidInputError(
            f"The master key's file {FILE} can be read by others.", hint=f"chmod 600 {FILE}", code="master-key-mode"
        )
    there = keep_once(file, lambda: base64.urlsafe_b64encode(random(fields.KEY_BYTES)) + b"\n")
    return MasterKey(_decoded(there.decode("ascii", "replace"), FILE))


def keep_once(file: Path, make: Callable[[], bytes]) -> bytes:
    """Return what `file` holds; make it first if it is not there: whole, durable, for us alone, by one process only."""
    if not file.exists():
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(make())
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(name, file)
        finally:
            Path(name).unlink()
        sync_directory(file.parent)
    return file.read_bytes()


async def has_data_keys(db: Database) -> bool:
    """Tell whether the database has data keys, which some master key wrapped."""

    async def read(look: Look) -> bool:
        return await look.row("SELECT 1 FROM kernel_data_key LIMIT 1") is not None

    return await db.look(read)


class Secrets:
    """Field encryption under the data keys. Use after `await secrets.open()`."""

    def __init__(self, db: Database, master: MasterKey, random: Random) -> None:
        self._db = db
        self._master = master
        self._random = random
        self._keys: dict[tuple[str, int], bytes] = {}
        self._newest: dict[str, int] = {}

    def __repr__(self) -> str:
        return "Secrets(...)"

    async def open(self) -> None:
        """Unwrap every data key; make the first of each purpose.

        Raises `IntegrityError` (master-key-other) under a wrong master key.
        """
        try:
            await self._load()
        except IntegrityError as error:
            raise IntegrityError(
                "This master key is not the one under which the keys in this database are wrapped.",
                hint=f"Put the {FILE} that belongs to this database into the data directory (chmod 600), or give it as"
                f" {VARIABLE} (which is used where it is set), or name the right data directory (--data DIR).",
                code="master-key-other",
            ) from error
        for purpose in (FIELD, INDEX):
            if purpose not in self._newest:
                await self._make(purpose, first=True)

    async def rotate(self) -> int:
        """Start a new field key; return its number. Older ones stay until no row names them."""
        return await self._make(FIELD)

    async def rewrap(self, master: MasterKey) -> None:
        """Wrap every data key under another master key, in one work."""
        old = self._master

        async def store(work: Work) -> None:
            # Every key that stands, also one that another process has made since.
            for number, purpose, wrapped in await work.rows("SELECT id, purpose, wrapped FROM kernel_data_key"):
                key = old.unwrap(wrapped, purpose=purpose, number=number)
                nonce = self._random(fields.NONCE_BYTES)
                anew = master.wrap(key, nonce=nonce, purpose=purpose, number=number)
                await work.run("UPDATE kernel_data_key SET wrapped = $1 WHERE id = $2", anew, number)

        await self._db.act(Actor("operator"), store, upkeep="master key changed")
        self._master = master

    async def learn(self, sealed: bytes | None = None) -> None:
        """Read the data keys again if `sealed` names one that another process made since; or in any case."""
        if sealed is None or (FIELD, self.key_number(sealed)) not in self._keys:
            await self._load()

    def seal(self, plain: bytes, *, table: str, column: str, row: bytes) -> bytes:
        """Return `plain` sealed for its place under the newest key: 8 bytes of key number, then the sealed field."""
        number = self._newest.get(FIELD)
        if number is None:
            raise UnavailableError("The data keys are not open yet.", code="secrets-closed")
        nonce = self._random(fields.NONCE_BYTES)
        sealed = fields.seal_field(self._keys[FIELD, number], plain, nonce=nonce, table=table, column=column, row=row)
        return number.to_bytes(_NUMBER_BYTES, "big") + sealed

    def open_sealed(self, sealed: bytes, *, table: str, column: str, row: bytes) -> bytes:
        """Return the plain bytes; raise `IntegrityError` if changed, moved, or sealed under a key that is gone."""
        key = self._keys.get((FIELD, self.key_number(sealed)))
        if key is None:
            raise IntegrityError("A sealed field names a data key that is gone.", code="field-key-gone")
        return fields.open_field(key, sealed[_NUMBER_BYTES:], table=table, column=column, row=row)

    def stale(self, sealed: bytes) -> bool:
        """Tell whether `sealed` should be sealed anew because a newer key stands."""
        return self.key_number(sealed) != self._newest.get(FIELD)

    def key_number(self, sealed: bytes) -> int:
        """Return the number of the key that sealed it."""
        return int.from_bytes(sealed[:_NUMBER_BYTES], "big")

    def index(self, value: bytes, *, table: str, column: str) -> bytes:
        """Return the blind index of `value` (32 bytes); normalise the value first."""
        return fields.blind_index(self._keys[INDEX, self._newest[INDEX]], value, table=table, column=column)

    async def _load(self) -> None:
        async def read(look: Look) -> list[Row]:
            return await look.rows("SELECT id, purpose, wrapped FROM kernel_data_key ORDER BY id")

        for number, purpose, wrapped in await self._db.look(read):
            self._keys[purpose, number] = self._master.unwrap(wrapped, purpose=purpose, number=number)
            self._newest[purpose] = number

    async def _make(self, purpose: str, *, first: bool = False) -> int:
        """Make a key; `first`: only if there is none yet, since two processes may start at once."""
        key = self._random(fields.KEY_BYTES)
        nonce = self._random(fields.NONCE_BYTES)

        async def store(work: Work) -> None:
            if first and await work.row("SELECT 1 FROM kernel_data_key WHERE purpose = $1", purpose):
                return
            row = await work.row("SELECT MAX(id) FROM kernel_data_key")
            number = (row[0] or 0) + 1 if row else 1
            await work.run("UPDATE kernel_data_key SET retired_at = $1 WHERE purpose = $2", work.now, purpose)
            await work.run(
                "INSERT INTO kernel_data_key (id, purpose, wrapped, created_at) VALUES ($1, $2, $3, $4)",
                number,
                purpose,
                self._master.wrap(key, nonce=nonce, purpose=purpose, number=number),
                work.now,
            )

        await self._db.act(Actor("operator"), store, upkeep="data key")
        await self._load()
        return self._newest[purpose]


def _decoded(text: str, where: str) -> bytes:
    text = text.strip()
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        key = b""
    if len(key) != fields.KEY_BYTES:
        raise InvalidInputError(
            f"The master key in {where} is not 32 bytes in base64url.", hint=_DRAW, code="master-key"
        )
    if len(set(key)) < _LEAST_DIFFERENT:
        raise InvalidInputError(
            f"The master key in {where} was not drawn at random: it repeats itself.", hint=_DRAW, code="master-key-weak"
        )
    return key
