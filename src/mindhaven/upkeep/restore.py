"""Putting a server back from a backup, into a fresh place. I/O: the backup's folders, a new database, a new directory.

Guarantees: nothing is written over; a restore that was cut short is not served (`restore-unfinished`); what was erased
since the backup, as the journal of erasures says, is erased again before anybody is served; every chain, envelope, salt
and attachment is checked. Does not: put back `master.key`, `log.key` or `log.signed` by itself: the operator names
where they are kept.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven import accounts, rights, vault
from mindhaven.errors import IntegrityError, InvalidInputError, NotFoundError
from mindhaven.kernel import Actor, Blobs, Database, Denied, Erased, Host, Journal, Migration, Work, migrate
from mindhaven.kernel.durable import write_whole
from mindhaven.kernel.journal import FILE as JOURNAL
from mindhaven.kernel.tables import clear, settle_counters
from mindhaven.protocol.event import HOST
from mindhaven.upkeep import archive
from mindhaven.upkeep.backup import FORMAT, MAIN, NOTE, SIDE
from mindhaven.upkeep.model import RestoreDone

UNFINISHED: Final = "restore.unfinished"
TESTED: Final = "tested.json"
KEYS: Final = ("master.key", "log.key", "log.signed")
AT_ONCE: Final = 500
_OPERATOR: Final = Actor(kind="operator")
Opens: Any = Callable[[bytes | None], str]
"""Returns the identity that opens a part; given the salt of its passphrase, if it has one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A backup that was found: both parts, when they were made, and the salts of their passphrase."""

    main: Path
    side: Path
    made_at: int
    side_made_at: int
    main_salt: bytes | None
    side_salt: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a restore brought back, erased again, and found."""

    made_at: int
    rows: int
    blobs: int
    accounts_erased: int
    collections_erased: int
    records_erased: int
    peppers_odd: int
    checked: vault.Checked


def find(folder: Path, side: Path) -> Source:
    """Return the backup in `folder` (its newest main part, or that part itself) with its side copy.

    Raises `NotFoundError` (backup-absent); `IntegrityError`: backup-damaged, side-older.
    """
    mains = [folder] if (folder / MAIN).exists() else sorted(path.parent for path in folder.glob(f"mindhaven-*/{MAIN}"))
    sides = sorted(side.glob(SIDE))
    if not mains or not sides:
        what = "main part" if not mains else "side copy"
        raise NotFoundError(
            f"There is no {what} of a backup in {folder if not mains else side}.",
            hint="Name the folder given to `mindhaven backup`, and its side copy by --side.",
            code="backup-absent",
        )
    main_note, side_note = _note(mains[-1] / NOTE), _note(sides[-1].with_suffix(".json"))
    for path, note in ((mains[-1] / MAIN, main_note), (sides[-1], side_note)):
        if archive.file_sha256(path) != (note["bytes"], note["sha256"]):
            raise IntegrityError(f"{path} is not as it was written.", hint="Use another backup.", code="backup-damaged")
    if side_note["made_at"] < main_note["made_at"]:
        raise IntegrityError(
            "The side copy is older than the backup: records written in between would open for nobody.",
            hint="Use the side copy of that backup, or an older backup.",
            code="side-older",
        )
    return Source(
        main=mains[-1] / MAIN,
        side=sides[-1],
        made_at=main_note["made_at"],
        side_made_at=side_note["made_at"],
        main_salt=_salt(main_note),
        side_salt=_salt(side_note),
    )


def _note(path: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads(path.read_text())
        if note["format"] != FORMAT:
            raise InvalidInputError(
                f"{path} is of a newer format.", hint="Use the version that wrote it.", code="backup-format"
            )
        return {name: note[name] for name in ("bytes", "sha256", "made_at", "passphrase_salt")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{path} is missing or damaged.", hint="Use another backup.", code="backup-damaged"
        ) from error


def _salt(note: dict[str, Any]) -> bytes | None:
    return None if note["passphrase_salt"] is None else bytes.fromhex(note["passphrase_salt"])


def begin(data: Path, keys: Path, *, master_given: bool) -> None:
    """Make the new directory, mark it unfinished, and copy the keys that no backup holds.

    Raises `InvalidInputError`: restore-not-fresh, restore-keys.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise InvalidInputError(
            f"{data} is not empty: a restore goes into a fresh place only.",
            hint="Name a directory that is not there yet (--data DIR).",
            code="restore-not-fresh",
        )
    if not master_given and not (keys / KEYS[0]).is_file():
        raise InvalidInputError(
            f"{keys} has no {KEYS[0]}, without which the server does not start.",
            hint="--keys DIR names where you keep the server's keys: master.key, log.key, log.signed, erasures.log.",
            code="restore-keys",
        )
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    write_whole(data / UNFINISHED, b"")
    for name in KEYS:
        if (keys / name).is_file():
            write_whole(data / name, (keys / name).read_bytes())


def journal(keys: Path, named: Path | None) -> Erased | None:
    """Return what the journal of erasures remembers: as named, or beside the keys; None if there is none."""
    found = [path for path in (named, keys / JOURNAL) if path is not None and path.is_file()]
    if not found:
        return None
    whole = Erased()
    for path in found:
        whole |= Journal(path).read()
    return whole


async def load(
    source: Source,
    opens: Callable[[bytes | None], str],
    db: Database,
    blobs: Blobs,
    data: Path,
    known: Sequence[Migration],
) -> tuple[int, int]:
    """Fill an empty database, the blobs and the salt keys' files; return how many rows and blobs.

    Raises `InvalidInputError` (restore-not-fresh) if the database has tables.
    """
    if await db.columns():
        raise InvalidInputError(
            "The database is not empty: a restore goes into a fresh one only.",
            hint="Name an empty database in server.database.",
            code="restore-not-fresh",
        )
    loading = _Loading(db, blobs, data, known)
    for path, salt in ((source.main, source.main_salt), (source.side, source.side_salt)):
        await loading.part(path, opens(salt))
    await settle_counters(db)
    return loading.rows, loading.blobs


class _Loading:
    """Both parts, one after the other, frame by frame."""

    def __init__(self, db: Database, blobs: Blobs, data: Path, known: Sequence[Migration]) -> None:
        self._db, self._blobs, self._data, self._known = db, blobs, data, known
        self._ran: set[tuple[str, str]] = set()
        self.rows = self.blobs = 0

    async def part(self, path: Path, identity: str) -> None:
        """Load one part."""
        insert, blob, held, left = "", "", bytearray(), 0
        for kind, *values in archive.frames(path, identity):
            if kind == archive.HEAD:
                await self._migrate(values[2])
            elif kind == archive.TABLE:
                table, columns = values
                insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
                await clear(self._db, [table])
            elif kind == archive.ROWS:
                await self._insert(insert, [tuple(row) for row in values[0]])
            elif kind == archive.KEY:
                write_whole(self._data / Path(values[0]).name, values[1])
            elif kind == archive.BLOB:
                (blob, left), held = values, bytearray()
                if left == 0:
                    await self._blob(blob, b"")
            elif kind == archive.PIECE:
                held += values[0]
                left -= len(values[0])
                if left == 0:
                    await self._blob(blob, bytes(held))

    async def _migrate(self, ran: list[list[str]]) -> None:
        """Bring the schema to where it stood when this part was written; later migrations run at the start."""
        self._ran |= {(slice_name, name) for slice_name, name, _ in ran}
        unknown = self._ran - {(one.slice, one.name) for one in self._known}
        digests = {(one.slice, one.name): one.sha256 for one in self._known}
        if unknown or any(digests[one[0], one[1]] != one[2] for one in ran):
            raise IntegrityError(
                "The backup is of another version of Mindhaven than this one knows.",
                hint="Restore with the version that wrote it, or a newer one.",
                code="migration-unknown",
            )
        await migrate(self._db, [one for one in self._known if (one.slice, one.name) in self._ran])

    async def _insert(self, insert: str, rows: list[tuple[Any, ...]]) -> None:
        await self._db.act(_OPERATOR, lambda work: work.run_many(insert, rows), upkeep="a restore")
        self.rows += len(rows)

    async def _blob(self, key: str, data: bytes) -> None:
        await self._blobs.put(key, data)
        self.blobs += 1


async def mend(host: Host, source: Source, erased: Erased, loaded: tuple[int, int], *, window_seconds: int) -> Restored:
    """Fit the salts, erase again what was erased since, check everything, and say so in an event.

    For `window_seconds` from now people's devices may offer what is missing.
    """
    odd = await vault.fit_salts(host)
    gone = await _accounts(host, erased)
    collections, records = await vault.erase_again(host, erased)
    await asyncio.to_thread(host.erasures.begin)  # also an empty one: the next restore needs to find that none was lost
    await host.erasures.note(sorted(erased.marks - host.erasures.read().marks))

    async def tell(work: Work) -> None:
        await vault.set_window(work, seconds=window_seconds)
        work.record(
            RestoreDone(
                subject=HOST,
                backup_at=source.made_at,
                collections_erased=collections,
                accounts_erased=gone,
                records_erased=records,
            )
        )

    await host.db.act(_OPERATOR, tell)
    return Restored(
        made_at=source.made_at,
        rows=loaded[0],
        blobs=loaded[1],
        accounts_erased=gone,
        collections_erased=collections,
        records_erased=records,
        peppers_odd=odd,
        checked=await vault.check_all(host, erased=erased.item),
    )


async def _accounts(host: Host, erased: Erased) -> int:
    gone, after = 0, b""
    while True:
        found = await host.db.look(
            lambda look, after=after: accounts.here(look, after=after, limit=AT_ONCE)  # type: ignore[misc]
        )
        for uid in found:
            if not erased.account(uid):
                continue
            told = await host.db.act(
                _OPERATOR,
                lambda work, uid=uid: rights.erase_account(work, uid=uid, clinician=False),  # type: ignore[misc]
            )
            if not isinstance(told, Denied):
                for collection, blobs in told.collections:
                    await vault.drop_blobs(host, collection, blobs)
                gone += 1
        if len(found) < AT_ONCE:
            return gone
        after = found[-1]


def finish(data: Path, source: Source, *, tested_at: int, whole: bool) -> None:
    """Let the new place be served; note beside the backup that it was tried, if it was whole."""
    (data / UNFINISHED).unlink()
    if whole:
        with contextlib.suppress(OSError):  # a backup on a disk that can only be read
            write_whole(source.main.parent / TESTED, json.dumps({"tested_at": tested_at}).encode() + b"\n")


def abandon(data: Path) -> None:
    """Remove what a failed restore made, keys and all: the directory was empty before."""
    shutil.rmtree(data, ignore_errors=True)
