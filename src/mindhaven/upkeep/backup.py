"""Making a backup: the main part, and the side copy apart from it. I/O: the database, the blobs, the two folders.

Guarantees: both parts are of one snapshot, while the server goes on; salts, peppers and salt keys are in the side copy
only, and no other key is in either; a part counts once it was read back; the former side copy is destroyed after the
new one stands, so that there is one generation, as fresh as the newest main part. Does not: copy `master.key`,
`log.key`, `log.signed` or the journal of erasures: those the operator keeps, each where it can be put back from.

Rows, not pages: see docs/adr/0008-backups-are-rows.md.
"""

import asyncio
import calendar
import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven import vault
from mindhaven.errors import ConflictError, InvalidInputError, NotFoundError
from mindhaven.kernel import Actor, Holding, Host, Look, Row, Work
from mindhaven.kernel.durable import destroy, sync_directory, write_whole
from mindhaven.kernel.tables import OWN, page, primary_keys
from mindhaven.protocol.event import HOST
from mindhaven.upkeep import archive
from mindhaven.upkeep.archive import Sealer
from mindhaven.upkeep.model import Backup, BackupMade
from mindhaven.upkeep.readers import SCOPE
from mindhaven.upkeep.store import ChoresChange

FORMAT: Final = 1
MAIN: Final = "main.age"
SIDE: Final = "side-*.age"
NOTE: Final = "backup.json"
SALTS: Final = "salts"
KEPT: Final = 7
"""Main parts that stay: a week of daily ones. Older ones still name accounts that have left."""
LOCK: Final = "backup.lock"
FIRST_ROWS: Final = 32
MOST_ROWS: Final = 500
PAGE_BYTES: Final = 4 * 1024 * 1024
_NAME: Final = re.compile(r"mindhaven-\d{8}T\d{6}Z")
_TIME: Final = "%Y%m%dT%H%M%SZ"
_SKIPPED: Final = frozenset({OWN, "lease"})
"""Which process runs what is of no use elsewhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where to and for whom: folders of main parts and of the side copy; a recipient, or a passphrase's salt."""

    main: Path
    side: Path
    recipient: str
    salt: bytes | None = None
    keep: int = KEPT


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a backup wrote: its folder, rows, blobs, bytes of both parts; main parts that were removed as too old."""

    folder: Path
    side: Path
    rows: int
    blobs: int
    missing: int
    bytes: int
    side_bytes: int
    removed: int


def check_target(data: Path, target: Target) -> None:
    """Raise `InvalidInputError` (backup-places, backup-mode) on folders that are not apart, or open to others."""
    main, side, home = target.main.resolve(), target.side.resolve(), data.resolve()
    for one, other in ((main, side), (side, main), (main, home), (side, home), (home, main), (home, side)):
        if one == other or one.is_relative_to(other):
            raise InvalidInputError(
                f"{one} and {other} are not apart.",
                hint="The backup, its side copy (--side DIR) and the server's data are three folders, best on three"
                " disks: together, backup and side copy undo erasure.",
                code="backup-places",
            )
    for one in (main, side):
        if one.exists() and (not one.is_dir() or one.stat().st_mode & 0o077):
            raise InvalidInputError(f"Others may read {one}.", hint=f"chmod 700 {one}", code="backup-mode")


async def make(host: Host, target: Target, *, holdings: Sequence[Holding]) -> Made:
    """Write and verify a backup. Raises `ConflictError` (backup-running) while another one is made."""
    check_target(Path(host.settings["server.data"]), target)
    lock = os.open(Path(host.settings["server.data"]) / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # gone with the process, however that ends
        return await _Making(host, target, holdings).run()
    except BlockingIOError:
        raise ConflictError(
            "Another backup of this server is being made.", hint="Wait for it.", code="backup-running"
        ) from None
    finally:
        os.close(lock)


class _Making:
    """One backup."""

    def __init__(self, host: Host, target: Target, holdings: Sequence[Holding]) -> None:
        self._host, self._target = host, target
        self._holdings = sorted(
            (one for one in holdings if one.table not in _SKIPPED), key=lambda holding: holding.table
        )
        self._now = host.clock()
        self._data = Path(host.settings["server.data"])
        self._rows = 0

    async def run(self) -> Made:
        """Write both parts, verify both, put them in place."""
        for folder in (self._target.main, self._target.side):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clean(self._target)
        stamp = _stamp(self._target, self._now)
        unfinished = self._target.main / f".unfinished-{stamp}"
        unfinished.mkdir(mode=0o700)
        side = self._target.side / f".unfinished-{stamp}.age"
        recipient = self._target.recipient
        try:
            with Sealer(unfinished / MAIN, recipient) as main_part, Sealer(side, recipient) as side_part:
                blobs, missing = await self._write(main_part, side_part)
                main_told = await asyncio.to_thread(main_part.done)
                side_told = await asyncio.to_thread(side_part.done)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        write_whole(unfinished / NOTE, self._note(main_told))
        folder = self._target.main / f"mindhaven-{stamp}"
        _replace_side(side, self._target.side / f"side-{stamp}.age", self._note(side_told))
        unfinished.rename(folder)
        sync_directory(self._target.main)
        size = main_told["bytes"] + side_told["bytes"]
        await self._host.db.act(Actor("operator"), lambda work: self._remember(work, folder, size))
        return Made(
            folder=folder,
            side=self._target.side,
            rows=self._rows,
            blobs=blobs,
            missing=missing,
            bytes=main_told["bytes"],
            side_bytes=side_told["bytes"],
            removed=_remove_old(self._target),
        )

    def _note(self, told: dict[str, Any]) -> bytes:
        salt = self._target.salt
        note = {"format": FORMAT, "made_at": self._now, **told, "passphrase_salt": None if salt is None else salt.hex()}
        return json.dumps(note, indent=1).encode() + b"\n"

    async def _write(self, main: Sealer, side: Sealer) -> tuple[int, int]:
        await self._host.db.look(lambda look: self._tables(look, main, side))
        for key in await self._host.db.look(vault.salt_generations):
            path = vault.salt_keys(self._host).path(key.generation)
            with contextlib.suppress(FileNotFoundError):
                side.frame(archive.KEY, path.name, path.read_bytes())
        side.frame(archive.END, 0)
        blobs, missing = await self._blobs(main)
        main.frame(archive.END, blobs)
        return blobs, missing

    async def _tables(self, look: Look, main: Sealer, side: Sealer) -> None:
        keys = await primary_keys(look, self._host.db.dialect)
        ran = await page(look, OWN, ("slice", "name", "sha256"), ("slice", "name"), None, 100_000)
        for part in (main, side):
            part.frame(archive.HEAD, FORMAT, self._now, [list(row) for row in ran])
        for holding in self._holdings:
            part = side if holding.backup == SALTS else main
            part.frame(archive.TABLE, holding.table, list(holding.columns))
            await self._table(look, part, holding, keys[holding.table])

    async def _table(self, look: Look, part: Sealer, holding: Holding, key: list[str]) -> None:
        columns = list(holding.columns)
        places = [columns.index(column) for column in key]
        after: Row | None = None
        limit = FIRST_ROWS
        while rows := await page(look, holding.table, columns, key, after, limit):
            size = _frames(part, rows)
            self._rows += len(rows)
            after = tuple(rows[-1][place] for place in places)
            limit = max(1, min(MOST_ROWS, PAGE_BYTES * len(rows) // max(size, 1), limit * 4))

    async def _blobs(self, part: Sealer) -> tuple[int, int]:
        """Write the blobs that are there; one that was erased meanwhile is left out."""
        blobs = missing = 0
        for key in await self._host.blobs.keys():
            try:
                size = await self._host.blobs.size(key)
            except NotFoundError:  # a partial upload, or erased meanwhile
                missing += 1
                continue
            part.frame(archive.BLOB, key, size)
            async for piece in self._host.blobs.read(key):
                part.frame(archive.PIECE, piece)
            blobs += 1
        return blobs, missing

    async def _remember(self, work: Work, folder: Path, size: int) -> None:
        row = Backup(made_at=self._now, place=_absolute(folder), side=_absolute(self._target.side), bytes=size)
        await ChoresChange(work, SCOPE).add_backup(row)
        work.record(BackupMade(subject=HOST, bytes=size))


def _absolute(path: Path) -> str:
    return str(path.absolute())


def _frames(part: Sealer, rows: Sequence[Row]) -> int:
    """Write rows, a frame each time enough bytes are together; return their bytes, about."""
    whole, size, kept = 0, 0, list[list[Any]]()
    for row in rows:
        kept.append(list(row))
        size += sum(len(value) if isinstance(value, bytes | str) else 9 for value in row)
        if size >= archive.FRAME_BYTES:
            part.frame(archive.ROWS, kept)
            whole, size, kept = whole + size, 0, []
    if kept:
        part.frame(archive.ROWS, kept)
    return whole + size


def _stamp(target: Target, now: int) -> str:
    """Return the name of a time that is later than every backup's that is there, also where a clock went back."""
    there = {path.name.partition("-")[2].removesuffix(".age") for path in target.side.glob(SIDE)}
    there |= {path.name.partition("-")[2] for path in target.main.iterdir() if _NAME.fullmatch(path.name)}
    while (stamp := time.strftime(_TIME, time.gmtime(now))) in there or (there and stamp < max(there)):
        newest = calendar.timegm(time.strptime(max(there), _TIME))
        now = max(now, newest) + 1
    return stamp


def _clean(target: Target) -> None:
    """Remove what a backup left that was killed: its unfinished parts, and a former side copy."""
    for path in target.main.glob(".unfinished-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in target.side.glob(".unfinished-*"):
        destroy(path)
    _one_generation(target.side)


def _replace_side(fresh: Path, place: Path, note: bytes) -> None:
    """Put a new side copy in its place, then destroy the former; killed anywhere in between, one of them is whole."""
    write_whole(place.with_suffix(".json"), note)
    fresh.rename(place)
    sync_directory(place.parent)
    _one_generation(place.parent)


def _one_generation(folder: Path) -> None:
    """Destroy every side copy but the newest."""
    for path in sorted(folder.glob(SIDE))[:-1]:
        destroy(path)
        path.with_suffix(".json").unlink(missing_ok=True)


def _remove_old(target: Target) -> int:
    """Remove main parts beyond the newest `keep`; nothing that does not look like one."""
    parts = sorted(path for path in target.main.iterdir() if _NAME.fullmatch(path.name) and (path / MAIN).exists())
    old = parts[: -target.keep] if target.keep else []
    for path in old:
        shutil.rmtree(path)
    return len(old)
