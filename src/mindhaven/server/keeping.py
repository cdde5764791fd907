"""Backup, restore and check of one server, wired. I/O: as `mindhaven.upkeep.backup` and `.restore` say."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mindhaven import vault
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Actor, Clock, Erased, FileBlobs, Settings, open_database, system_clock
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.kernel.secrets import VARIABLE
from mindhaven.server.build import Server, all_migrations, build
from mindhaven.server.settings import database_url, journal_path
from mindhaven.server.slices import SLICES
from mindhaven.upkeep import backup, restore

SECONDS_A_DAY: Final = 86400


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an operator asks of a restore: the backup's folders, where the keys are kept, the journal of erasures.

    `without_journal`: go on where there is none, so that what was erased since the backup may be back.
    `window_days`: how long people's devices may offer what is missing; 0: not at all.
    """

    folder: Path
    side: Path
    keys: Path
    opens: Callable[[bytes | None], str]
    journal: Path | None = None
    without_journal: bool = False
    window_days: int = vault.WINDOW_DAYS


async def make_backup(server: Server, target: backup.Target) -> backup.Made:
    """Back a server up, beside its running processes."""
    return await backup.make(server.host, target, holdings=[*HOLDINGS, *(one for s in SLICES for one in s.holdings)])


async def put_back(settings: Settings, asked: Asked, *, clock: Clock = system_clock) -> restore.Restored:
    """Restore into the fresh place that the settings name; raise what keeps it from being sound, and leave nothing.

    Raises `InvalidInputError` (journal-absent) if there is no journal of erasures and `without_journal` is not set.
    """
    data = Path(settings["server.data"])
    source = restore.find(asked.folder, asked.side)
    erased = restore.journal(asked.keys, asked.journal)
    if erased is None and not asked.without_journal:
        raise InvalidInputError(
            "There is no journal of erasures: what was erased since the backup would be back.",
            hint="Name it by --journal FILE, or the folder where it is kept by --keys DIR (erasures.log). If it is"
            " lost, --without-journal goes on, and people must be told.",
            code="journal-absent",
        )
    restore.begin(data, asked.keys, master_given=VARIABLE in os.environ)
    try:
        found = await _filled(settings, asked, source, erased or Erased(), clock)
    except BaseException:
        restore.abandon(data)
        raise
    restore.finish(data, source, tested_at=clock(), whole=not found.checked.faults)
    return found


async def _filled(
    settings: Settings, asked: Asked, source: restore.Source, erased: Erased, clock: Clock
) -> restore.Restored:
    data = Path(settings["server.data"])
    blobs = FileBlobs(data / "blobs")
    db = await open_database(database_url(settings), clock=clock)
    try:
        loaded = await restore.load(source, asked.opens, db, blobs, data, all_migrations())
    finally:
        await db.close()
        await blobs.close()
    # The salts are made to fit first: until then the start of the vault would refuse them.
    server = await build(settings, slices=[replace(one, opens=None) for one in SLICES], clock=clock)
    try:
        vault.salt_keys(server.host).forget()
        found = await restore.mend(
            server.host, source, erased, loaded, window_seconds=asked.window_days * SECONDS_A_DAY
        )
    finally:
        await server.close()
    # As a start would: it raises what would keep this place from being served.
    await (await build(settings, clock=clock)).close()
    return found


async def offers(server: Server, days: int | None) -> vault.Window:
    """Return the time in which devices may offer what a restore lost; `days`: open it from now on, or close it (0)."""
    if days is None:
        return await server.host.db.look(vault.window)
    return await server.host.db.act(
        Actor(kind="operator"), lambda work: vault.set_window(work, seconds=days * SECONDS_A_DAY)
    )


async def check(server: Server, settings: Settings) -> vault.Checked:
    """Check every chain, record and attachment of a server; what the journal says was erased may be missing."""
    erased = restore.journal(Path(settings["server.data"]), journal_path(settings)) or Erased()
    return await vault.check_all(server.host, erased=erased.item)
