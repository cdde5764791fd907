"""The local store: everything a device keeps, encrypted. I/O: one SQLite file.

Guarantees: no plaintext reaches the disk; a batch of changes lands whole or not at all; what a failed check would
have changed stays as it was.
Does not: keep the passphrase or the root. Ids and numbers that the server knows too stand in the clear.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from mindhaven.crypto.derive import passphrase_secret
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol.chain import ItemState
from mindhaven.protocol.slots import PassphraseParams
from mindhaven.sdk.errors import ClosedError, WrongPassphraseError

FORMAT: Final = 1
FILE: Final = "store.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS lock (id INTEGER PRIMARY KEY, format INTEGER, params BLOB, wrapped BLOB) STRICT;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS account (uid BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS collection (id BLOB PRIMARY KEY, seq INTEGER NOT NULL, head BLOB NOT NULL,
    value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS chain (collection BLOB NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    signed BLOB NOT NULL, PRIMARY KEY (collection, seq)) STRICT;
CREATE TABLE IF NOT EXISTS epoch_key (collection BLOB NOT NULL, epoch INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (collection, epoch)) STRICT;
CREATE TABLE IF NOT EXISTS item (collection BLOB NOT NULL, item BLOB NOT NULL, revision INTEGER NOT NULL,
    epoch INTEGER NOT NULL, author BLOB NOT NULL, month INTEGER NOT NULL, erased INTEGER NOT NULL,
    seq INTEGER NOT NULL, given INTEGER NOT NULL, value BLOB, salt BLOB, PRIMARY KEY (collection, item)) STRICT;
CREATE TABLE IF NOT EXISTS queue (id INTEGER PRIMARY KEY AUTOINCREMENT, value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""


_ITEMS: Final = "SELECT item, revision, epoch, author, month, erased, seq, value, salt FROM item WHERE collection = ? "


@dataclass(frozen=True, slots=True)
class LocalItem:
    """One item as this device knows it; `value` is its opened content (CBOR), or None if it can't be opened here.

    `salt` is the salt that its envelope was sealed with, to seal the same again after a server's restore; None where
    this device does not know it.
    """

    item: bytes
    state: ItemState
    seq: int
    value: bytes | None
    salt: bytes | None = None


def _connect(path: Path) -> apsw.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = not path.exists()
    db = apsw.Connection(str(path))
    if fresh:
        os.chmod(path, 0o600)
    db.set_busy_timeout(5000)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "secure_delete=ON"):
        db.execute(f"PRAGMA {pragma}")
    db.execute(_SCHEMA)
    if not any(row[1] == "salt" for row in db.execute("PRAGMA table_info(item)")):  # a store of before salts were kept
        db.execute("ALTER TABLE item ADD COLUMN salt BLOB")
    return db


class LocalStore:
    """An open local store. Every value is sealed under the store's key, bound to the place where it stands."""

    def __init__(self, db: apsw.Connection, key: SealKey) -> None:
        self._file: apsw.Connection | None = db
        self._key = key
        self._thread = threading.RLock()

    @property
    def _db(self) -> apsw.Connection:
        """The open file; raise `ClosedError` after `close`."""
        if self._file is None:
            raise ClosedError
        return self._file

    # -- opening

    @staticmethod
    def exists(home: Path) -> bool:
        """Return whether a store was made in `home`."""
        return (home / FILE).exists()

    @classmethod
    def create(cls, home: Path, *, passphrase: str | None, key: SealKey | None = None) -> "LocalStore":
        """Make a new store in `home`, locked by a passphrase; without one, whoever holds `key` opens it (a keyring)."""
        if cls.exists(home):
            raise InvalidInputError(
                "There is a Mindhaven store here already.", hint="Use another MINDHAVEN_HOME.", code="store-exists"
            )
        store_key = key or SealKey.fresh()
        db = _connect(home / FILE)
        store = cls(db, store_key)
        store.lock_with(passphrase)
        store.put_meta("format", encode(FORMAT))
        return store

    @classmethod
    def open(cls, home: Path, *, passphrase: str | None = None, key: SealKey | None = None) -> "LocalStore":
        """Open the store in `home` by passphrase or key; raise `WrongPassphraseError` if it does not open."""
        if not cls.exists(home):
            raise InvalidInputError(
                "There is no Mindhaven store here.", hint="Sign up or log in first.", code="no-store"
            )
        db = _connect(home / FILE)
        row = db.execute("SELECT format, params, wrapped FROM lock WHERE id = 1").get
        if row is None or row[0] != FORMAT:
            raise InvalidInputError("This store is of another version.", hint="Update Mindhaven.", code="store-version")
        if key is None:
            if passphrase is None or not row[2]:
                raise WrongPassphraseError("This store needs its passphrase.", hint="Give it, or use the keyring.")
            key = cls._unlock(row[1], row[2], passphrase)
        store = cls(db, key)
        try:
            store.meta("format")
        except IntegrityError as error:
            raise WrongPassphraseError("This key does not open the store.") from error
        return store

    @staticmethod
    def _unlock(params: bytes, wrapped: bytes, passphrase: str) -> SealKey:
        secret = PassphraseParams.of(decode(params)).secret(passphrase)
        try:
            return SealKey(open_box(secret, "store-key", b"", wrapped))
        except IntegrityError as error:
            raise WrongPassphraseError(
                "The passphrase is not right.", hint="Check capital letters and spaces, and try again."
            ) from error

    def lock_with(self, passphrase: str | None) -> None:
        """Lock the store with a (new) passphrase, or with none."""
        params = PassphraseParams.fresh("local-store", os.urandom(16))
        wrapped = b""
        if passphrase is not None:
            secret = passphrase_secret(
                passphrase,
                name=params.name,
                server_salt=params.server_salt,
                memory_kib=params.memory_kib,
                passes=params.passes,
                lanes=params.lanes,
            )
            wrapped = seal_box(secret, "store-key", b"", self._key)
        with self._thread:
            self._db.execute(
                "INSERT INTO lock VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET params = ?2, wrapped = ?3",
                (FORMAT, encode(params.value()), wrapped),
            )

    @property
    def key(self) -> SealKey:
        """The store's key, for an operating system's keyring."""
        return self._key

    def close(self) -> None:
        """Close the file; what is asked of this store from then on is a `ClosedError`."""
        with self._thread:
            if self._file is not None:
                self._file.close()
            self._file = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all changes inside land whole or not at all; may be nested.

        What is read inside holds to its end: no other program on this device changes anything meanwhile.
        """
        with self._thread:
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
                return
            with self._db:
                yield

    # -- sealing

    def _seal(self, place: str, value: bytes) -> bytes:
        return seal_box(self._key, "store", place.encode(), value)

    def _open(self, place: str, box: bytes) -> bytes:
        return open_box(self._key, "store", place.encode(), box)

    def _one(self, sql: str, *args: Any) -> Any:
        with self._thread:
            return self._db.execute(sql, args).get

    def _all(self, sql: str, *args: Any) -> list[Any]:
        with self._thread:
            return list(self._db.execute(sql, args))

    def _run(self, sql: str, *args: Any) -> None:
        with self._thread:
            self._db.execute(sql, args)

    # -- small values

    def put_meta(self, key: str, value: bytes) -> None:
        """Keep a value under a name."""
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, self._seal(f"meta/{key}", value))

    def meta(self, key: str) -> bytes | None:
        """Return the value under a name, or None."""
        box = self._one("SELECT value FROM meta WHERE key = ?", key)
        return None if box is None else self._open(f"meta/{key}", box)

    def drop_meta(self, key: str) -> None:
        """Forget the value under a name."""
        self._run("DELETE FROM meta WHERE key = ?", key)

    # -- accounts

    def put_chain(self, uid: bytes, value: bytes) -> None:
        """Keep an account's verified chain."""
        self._run("INSERT OR REPLACE INTO account VALUES (?, ?)", uid, self._seal(f"account/{uid.hex()}", value))

    def chain(self, uid: bytes) -> bytes | None:
        """Return an account's verified chain."""
        box = self._one("SELECT value FROM account WHERE uid = ?", uid)
        return None if box is None else self._open(f"account/{uid.hex()}", box)

    # -- collections

    def collections(self) -> list[bytes]:
        """Return the ids of the collections kept here."""
        return [row[0] if isinstance(row, tuple) else row for row in self._all("SELECT id FROM collection ORDER BY id")]

    def put_state(self, collection: bytes, seq: int, head: bytes, value: bytes) -> None:
        """Keep a collection's verified state."""
        self._run(
            "INSERT OR REPLACE INTO collection VALUES (?, ?, ?, ?)",
            collection,
            seq,
            head,
            self._seal(f"state/{collection.hex()}", value),
        )

    def state(self, collection: bytes) -> bytes | None:
        """Return a collection's verified state."""
        box = self._one("SELECT value FROM collection WHERE id = ?", collection)
        return None if box is None else self._open(f"state/{collection.hex()}", box)

    def put_commit(self, collection: bytes, seq: int, commit: bytes, signed: bytes) -> None:
        """Keep a verified commit, to compare heads with and to offer again after a restore."""
        self._run("INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?)", collection, seq, commit, signed)

    def commit_hash(self, collection: bytes, seq: int) -> bytes | None:
        """Return the hash of the commit at `seq`."""
        found: bytes | None = self._one("SELECT hash FROM chain WHERE collection = ? AND seq = ?", collection, seq)
        return found

    def seq(self, collection: bytes) -> int:
        """Return the seq of the head that this device verified, -1 if it keeps nothing of the collection."""
        found = self._one("SELECT seq FROM collection WHERE id = ?", collection)
        return -1 if found is None else int(found)

    def commit_hashes(self, collection: bytes) -> list[tuple[int, bytes]]:
        """Return (seq, hash) of all commits kept of a collection."""
        return self._all("SELECT seq, hash FROM chain WHERE collection = ?", collection)

    def commits(self, collection: bytes) -> list[tuple[int, bytes]]:
        """Return (seq, signed commit) in order."""
        return self._all("SELECT seq, signed FROM chain WHERE collection = ? ORDER BY seq", collection)

    def signed_after(self, collection: bytes, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """Return (seq, signed commit) of up to `limit` commits after `seq`, in order."""
        return self._all(
            "SELECT seq, signed FROM chain WHERE collection = ? AND seq > ? ORDER BY seq LIMIT ?",
            collection,
            seq,
            limit,
        )

    def put_epoch_key(self, collection: bytes, epoch: int, key: bytes) -> None:
        """Keep an epoch key."""
        place = f"epoch/{collection.hex()}/{epoch}"
        self._run("INSERT OR REPLACE INTO epoch_key VALUES (?, ?, ?)", collection, epoch, self._seal(place, key))

    def epoch_key(self, collection: bytes, epoch: int) -> bytes | None:
        """Return an epoch key."""
        box = self._one("SELECT value FROM epoch_key WHERE collection = ? AND epoch = ?", collection, epoch)
        return None if box is None else self._open(f"epoch/{collection.hex()}/{epoch}", box)

    def drop_collection(self, collection: bytes) -> None:
        """Forget a collection whole."""
        with self.batch():
            for table, column in (("collection", "id"), ("chain", "collection"), ("epoch_key", "collection")):
                self._run(f"DELETE FROM {table} WHERE {column} = ?", collection)  # noqa: S608 - constants
            self._run("DELETE FROM item WHERE collection = ?", collection)

    # -- items

    def put_item(
        self,
        collection: bytes,
        item: bytes,
        state: ItemState,
        seq: int,
        value: bytes | None,
        *,
        given: bool = True,
        salt: bytes | None = None,
    ) -> None:
        """Keep an item's state, content and salt; `given`: False while the server withholds the newest revision."""
        place = f"item/{collection.hex()}/{item.hex()}"
        self._run(
            "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            collection,
            item,
            state.revision,
            state.epoch,
            state.author,
            state.month,
            int(state.erased),
            seq,
            int(given),
            None if value is None else self._seal(place, value),
            None if salt is None else self._seal(f"salt/{collection.hex()}/{item.hex()}", salt),
        )

    def item_state(self, collection: bytes, item: bytes) -> ItemState | None:
        """Return what the chain says of an item."""
        row = self._one(
            "SELECT revision, epoch, author, month, erased FROM item WHERE collection = ? AND item = ?",
            collection,
            item,
        )
        return None if row is None else ItemState(row[0], row[1], row[2], row[3], bool(row[4]))

    def item(self, collection: bytes, item: bytes) -> LocalItem | None:
        """Return one item."""
        rows = self._items("AND item = ?", collection, item)
        return rows[0] if rows else None

    def items(self, collection: bytes) -> list[LocalItem]:
        """Return the live items of a collection in the order in which they last changed."""
        return self._items("AND erased = 0", collection)

    def _items(self, where: str, collection: bytes, *args: Any) -> list[LocalItem]:
        rows = self._all(
            _ITEMS + where + " ORDER BY seq, item",
            collection,
            *args,
        )
        return [
            LocalItem(
                item,
                ItemState(revision, epoch, author, month, bool(erased)),
                seq,
                None if box is None else self._open(f"item/{collection.hex()}/{item.hex()}", box),
                None if salt is None else self._open(f"salt/{collection.hex()}/{item.hex()}", salt),
            )
            for item, revision, epoch, author, month, erased, seq, box, salt in rows
        ]

    def withheld(self, collection: bytes) -> int:
        """Return how many live items the server has not given in their newest revision."""
        found: int = self._one(
            "SELECT COUNT(*) FROM item WHERE collection = ? AND erased = 0 AND given = 0", collection
        )
        return found

    def withheld_items(self, collection: bytes) -> set[bytes]:
        """Return the live items that the server has not given in their newest revision."""
        rows = self._all("SELECT item FROM item WHERE collection = ? AND erased = 0 AND given = 0", collection)
        return {row[0] if isinstance(row, tuple) else row for row in rows}

    def withheld_seqs(self, collection: bytes) -> tuple[int, int]:
        """Return the first and last commit of what the server has not given."""
        row = self._one(
            "SELECT MIN(seq), MAX(seq) FROM item WHERE collection = ? AND erased = 0 AND given = 0", collection
        )
        return int(row[0]), int(row[1])

    def live_epochs(self, collection: bytes) -> list[int]:
        """Return the epochs in which a live item's newest revision is sealed."""
        rows = self._all("SELECT DISTINCT epoch FROM item WHERE collection = ? AND erased = 0", collection)
        return [row[0] if isinstance(row, tuple) else row for row in rows]

    # -- queue

    def enqueue(self, value: bytes) -> None:
        """Add a write that waits for the server."""
        with self.batch():
            self._run("INSERT INTO queue (value) VALUES (?)", b"")
            number = self._db.last_insert_rowid()
            self._run("UPDATE queue SET value = ? WHERE id = ?", self._seal(f"queue/{number}", value), number)

    def queued(self) -> list[tuple[int, bytes]]:
        """Return (number, value) of what waits, in order."""
        return [
            (number, self._open(f"queue/{number}", box))
            for number, box in self._all("SELECT id, value FROM queue ORDER BY id")
        ]

    def unqueue(self, numbers: list[int]) -> None:
        """Drop what has landed, or what is not wanted any more."""
        with self.batch():
            for number in numbers:
                self._run("DELETE FROM queue WHERE id = ?", number)
                self._run("DELETE FROM held WHERE id = ?", number)

    def mark_tried(self, numbers: Sequence[int]) -> None:
        """Keep that these writes are being sent: until they are answered they may or may not stand at the server."""
        self.put_meta("tried", encode(sorted({*self.tried(), *numbers})))

    def tried(self) -> set[int]:
        """Return the numbers of waiting writes that were sent and never answered."""
        raw = self.meta("tried")
        numbers = [] if raw is None else decode(raw)  # few: those of the last batches, not the whole queue
        return {number for number in numbers if self._one("SELECT 1 FROM queue WHERE id = ?", number) is not None}

    def put_held(self, reasons: Mapping[int, bytes]) -> None:
        """Keep why queued writes (by number) can't be sent; what is not named is held no longer."""
        with self.batch():
            self._run("DELETE FROM held")
            for number, value in reasons.items():
                self._run("INSERT INTO held VALUES (?, ?)", number, self._seal(f"held/{number}", value))

    def held(self) -> dict[int, bytes]:
        """Return why writes are held, by their number in the queue."""
        return {number: self._open(f"held/{number}", box) for number, box in self._all("SELECT id, value FROM held")}
