"""What a witness remembers: who it is, which logs it watches, the newest checkpoint of each. I/O: one SQLite file.

Guarantees: a commit is on the disk when it returns (WAL, synchronous FULL); a log's memory moves by compare-and-set on
what was seen, so that of two requests at once, in two processes even, one finds it moved.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from mindhaven.crypto.derive import sha256
from mindhaven.errors import UnavailableError
from mindhaven.kernel.sqlite import connect
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import VerifierKey
from mindhaven.tlog.witness import Seen

FILE: Final = "witness.db"
MAX_FORKS: Final = 100
"""Contradictions that are kept of one log: one is proof enough, and a hostile log could make them without end."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS witness_self (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, vkey TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS witness_log (
    origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB, cosigned_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS witness_key (
    origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS witness_fork (
    origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (origin, size, root)
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A log that is witnessed; `cosigned_at` is None before the first time, `forks` counts contradictions."""

    origin: str
    keys: tuple[VerifierKey, ...]
    size: int
    cosigned_at: int | None
    forks: int


class Store:
    """One connection; use it from one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._db = connection

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- who

    def who(self) -> tuple[str, str] | None:
        """Return this witness's name and key (a vkey), None before its first start."""
        row = self._db.execute("SELECT name, vkey FROM witness_self").fetchone()
        return None if row is None else (row[0], row[1])

    def begin(self, name: str, vkey: str) -> None:
        """Write down who this witness is, once."""
        self._db.execute("INSERT INTO witness_self (one, name, vkey) VALUES (1, ?, ?)", (name, vkey))

    # -- which logs

    def add(self, origin: str, key: VerifierKey) -> bool:
        """Witness a log, or take one more key for it; return False if it was there already."""
        self._db.execute(
            "INSERT INTO witness_log (origin, size, root) VALUES (?, ?, ?) ON CONFLICT (origin) DO NOTHING",
            (origin, Seen().size, Seen().root),
        )
        self._db.execute(
            "INSERT INTO witness_key (origin, vkey) VALUES (?, ?) ON CONFLICT DO NOTHING", (origin, str(key))
        )
        return self._db.changes() > 0

    def stop(self, origin: str) -> bool:
        """Witness a log no longer; its memory stays, for when it is added again. Return False if it was not."""
        self._db.execute("DELETE FROM witness_key WHERE origin = ?", (origin,))
        return self._db.changes() > 0

    def keys(self, origin: str) -> list[VerifierKey]:
        """Return the keys that may sign for a log; none for a log that is not witnessed."""
        rows = self._db.execute("SELECT vkey FROM witness_key WHERE origin = ? ORDER BY vkey", (origin,))
        return [VerifierKey.parse(text) for (text,) in rows]

    def logs(self) -> list[Watched]:
        """Return the logs, by their origins."""
        rows: list[Any] = self._db.execute(
            "SELECT origin, size, cosigned_at, (SELECT count(*) FROM witness_fork f WHERE f.origin = l.origin)"
            " FROM witness_log l ORDER BY origin"
        ).fetchall()
        return [Watched(origin, tuple(self.keys(origin)), size, at, forks) for origin, size, at, forks in rows]

    # -- what was seen

    def seen(self, origin: str) -> Seen:
        """Return the newest checkpoint that was cosigned."""
        row = self._db.execute("SELECT size, root FROM witness_log WHERE origin = ?", (origin,)).fetchone()
        return Seen() if row is None else Seen(row[0], row[1])

    def advance(self, seen: Seen, after: Checkpoint, note: bytes, at: int) -> bool:
        """Move a log's memory from `seen` to `after`, durably; return False if it is not at `seen` any more."""
        self._db.execute(
            "UPDATE witness_log SET size = ?, root = ?, note = ?, cosigned_at = ?"
            " WHERE origin = ? AND size = ? AND root = ?",
            (after.size, after.root, note, at, after.origin, seen.size, seen.root),
        )
        return self._db.changes() > 0

    def cosigned(self, origin_hash: str) -> bytes | None:
        """Return the newest cosigned note of the log whose origin has that SHA-256 (64 hex digits), None without."""
        for origin, note in self._db.execute("SELECT origin, note FROM witness_log WHERE note IS NOT NULL"):
            if sha256(origin.encode()).hex() == origin_hash:
                return bytes(note)
        return None

    def keep_fork(self, forged: Checkpoint, note: bytes, at: int) -> bool:
        """Keep what contradicts a checkpoint that was cosigned; return False if it is known, or enough are kept."""
        self._db.execute(
            "INSERT INTO witness_fork (origin, size, root, note, at) SELECT ?, ?, ?, ?, ?"
            " WHERE (SELECT count(*) FROM witness_fork WHERE origin = ?) < ? ON CONFLICT DO NOTHING",
            (forged.origin, forged.size, forged.root, note, at, forged.origin, MAX_FORKS),
        )
        return self._db.changes() > 0


def open_store(data: Path) -> Store:
    """Open a witness's memory, made if it is not there; raise `UnavailableError` (witness-database)."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        connection = connect(data / FILE)
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
    except apsw.Error as error:
        raise UnavailableError(
            f"The memory of this witness ({data / FILE}) can't be opened.", code="witness-database"
        ) from error
    (data / FILE).chmod(0o600)
    return Store(connection)
