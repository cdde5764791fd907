"""Doctor from inside: what is not sound about this installation, by name. I/O: reads settings, files, the database.

Guarantees: nothing is changed, drawn, migrated or started; what a start would refuse is a finding of the same name.
"""

import asyncio
import importlib.metadata
import ipaddress
import json
import os
import re
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import asyncpg

import mindhaven
from mindhaven import vault
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Clock, Database, Erased, HostScope, Look, Settings, Stream, open_database, system_clock
from mindhaven.kernel.secrets import VARIABLE, load_master_key
from mindhaven.kernel.sources import system_random
from mindhaven.server.files import check_files
from mindhaven.server.settings import address, check_shape, database_url, is_local, journal_path
from mindhaven.server.slices import SLICES
from mindhaven.upkeep import restore, rules
from mindhaven.upkeep.model import Backup
from mindhaven.upkeep.restore import TESTED
from mindhaven.upkeep.rules import Finding, Severity
from mindhaven.upkeep.store import Chores

CONNECT_SECONDS: Final = 5
_LOCKED: Final = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def _find(name: str, severity: Severity, says: str, mend: str) -> Finding:
    return Finding(name=name, severity=severity, says=says, mend=mend)


async def examine(settings: Settings, *, clock: Clock = system_clock) -> list[Finding]:
    """Return what was found, the worst first."""
    found = refusals(settings) + shape(settings) + _files(settings) + _versions()
    found += await _database(settings, clock)
    unique = {(one.name, one.says): one for one in found}
    return sorted(unique.values(), key=lambda one: (-one.severity, one.name))


def refusals(settings: Settings) -> list[Finding]:
    """Return what a start would refuse before it opens anything."""
    found = []
    for check in (check_shape, check_files, _master_key):
        try:
            check(settings)
        except MindhavenError as error:
            found.append(_find(error.reason, Severity.DANGER, error.message, error.hint or "See the message."))
    return found


def _master_key(settings: Settings) -> None:
    """Read the master key if there is one, as a start would; draw none."""
    data = Path(settings["server.data"])
    if VARIABLE in os.environ or (data / "master.key").exists():
        load_master_key(data, os.environ, system_random, draw=False)


def shape(settings: Settings) -> list[Finding]:
    """Return what the settings alone show."""
    found = []
    if not settings["ledger.policy"]:
        found.append(
            _find(
                "witnesses-none",
                Severity.WARNING,
                "No witness cosigns the logs: who runs the server could show two people two histories.",
                "Ask somebody outside to run a witness, and name it in ledger.policy: docs/howto/run-a-witness.md",
            )
        )
    try:
        host = ipaddress.ip_address(address(settings)[0])
        if host.is_unspecified:
            says = f"server.bind {host} takes calls on every network of this machine."
            found.append(_find("bind-open", Severity.NOTE, says, "Bind to one address, if that is meant."))
        if not host.is_loopback and settings["accounts.signup"] == "open":
            says = "Whoever reaches this server may sign up."
            found.append(_find("signup-open", Severity.NOTE, says, "accounts.signup = 'invitation', if that is meant."))
    except MindhavenError:
        pass  # a refusal, told above
    if not settings["server.security-contact"]:
        says = "security.txt names nobody."
        found.append(_find("security-contact-unset", Severity.NOTE, says, "Set server.security-contact."))
    if not settings["server.exit-page"]:
        says = "The app's Exit leads to a blank page, which looks like something was hidden."
        mend = "server.exit-page = 'https://...': an ordinary page, such as the weather where your people live."
        found.append(_find("exit-page-unset", Severity.NOTE, says, mend))
    if not settings["register.name"] or not settings["register.contact"]:
        says = "The policy at /policy does not say who runs this server, or how people reach them."
        found.append(_find("host-unnamed", Severity.NOTE, says, "Set register.name and register.contact."))
    if os.geteuid() == 0:
        says = "This runs as root: a fault in it would be a fault of the whole machine."
        found.append(_find("runs-as-root", Severity.WARNING, says, "Run it as a user of its own; deploy/ shows how."))
    return found


def _files(settings: Settings) -> list[Finding]:
    data = Path(settings["server.data"])
    found = []
    if not data.is_dir():
        says = f"There is no server's data in {data}."
        return [_find("no-data", Severity.WARNING, says, "Give --data DIR, or start the server once.")]
    exposed = [path.name for path in sorted(data.iterdir()) if path.is_file() and path.stat().st_mode & 0o077]
    if exposed:
        says = f"Others may read or write {', '.join(exposed)} in {data}."
        found.append(_find("data-exposed", Severity.DANGER, says, f"chmod 700 {data}; chmod 600 {data}/*"))
    for path in [*sorted(data.glob("salt*.key")), data / "log.key"]:
        if path.is_file() and os.access(path, os.R_OK) and rules.weak_key(path.read_bytes()):
            says = f"{path.name} was not drawn at random: it repeats itself."
            mend = "Move everybody to a server whose keys it draws itself; a known key protects nothing."
            found.append(_find("key-weak", Severity.DANGER, says, mend))
    journal = journal_path(settings)
    if journal.parent.is_dir() and journal.parent.stat().st_dev == data.stat().st_dev:
        says = "The journal of erasures lies on the disk of the data: lost with it, a restore would bring erased back."
        found.append(_find("journal-same-disk", Severity.NOTE, says, "Set server.erasure-journal to another disk."))
    return found


def _versions() -> list[Finding]:
    locked = Path(mindhaven.__file__).resolve().parents[2] / "requirements" / "server.txt"
    if not locked.is_file():
        return []
    wanted = dict(_LOCKED.findall(locked.read_text()))
    return rules.dependencies({name: _installed(name) for name in wanted}, wanted)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


# -- the database ------------------------------------------------------------------------------------------------------


async def _database(settings: Settings, clock: Clock) -> list[Finding]:
    url = database_url(settings)
    if url.startswith("sqlite") and not await asyncio.to_thread(os.path.exists, unquote(urlsplit(url).path)):
        return []
    found = _database_url(url)
    try:
        db = await open_database(url, clock=clock)
    except MindhavenError as error:
        return [*found, _find("database-unreachable", Severity.DANGER, error.message, error.hint or "Start it.")]
    try:
        if db.dialect == "postgres":
            found += await _postgres(db, url)
        if not any(table == "upkeep_backup" for table, _ in await db.columns()):
            says = "The database is not of this version yet."
            return [*found, _find("not-migrated", Severity.NOTE, says, "Start the server once, then ask again.")]
        return found + await _state(db, settings, clock())
    finally:
        await db.close()


def _database_url(url: str) -> list[Finding]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if not parts.scheme.startswith("postgres") or not parts.hostname:
        return []
    found = []
    if parts.password is not None and rules.weak_password(parts.password, parts.username or ""):
        says = "The database's password is short, or one that is tried first."
        mend = "Set one of 20 drawn characters, in the database and in server.database."
        found.append(_find("database-password-weak", Severity.DANGER, says, mend))
    if not is_local(parts.hostname) and query.get("sslmode", [""])[0] not in {"require", "verify-ca", "verify-full"}:
        says = "The way to the database is not surely encrypted."
        found.append(_find("database-plain", Severity.DANGER, says, "Add ?sslmode=verify-full to server.database."))
    return found


async def _postgres(db: Database, url: str) -> list[Finding]:
    async def look_up(look: Look) -> tuple[float, str]:
        row = await look.row(
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION),"
            " current_setting('listen_addresses')"
        )
        assert row is not None
        return float(row[0]), str(row[1])

    theirs, listens = await db.look(look_up)
    found = rules.clock(theirs - time.time())
    parts = urlsplit(url)
    here = not parts.hostname or is_local(parts.hostname)
    addresses = [one.strip() for one in listens.split(",") if one.strip()]
    if here and any(one == "*" or not is_local(one) for one in addresses):
        says = f"The database on this machine also listens to the network (listen_addresses = {listens})."
        mend = "listen_addresses = 'localhost' in postgresql.conf, or a firewall."
        found.append(_find("database-reachable", Severity.WARNING, says, mend))
    if parts.hostname and await _lets_in(_without_password(url)):
        says = "The database lets this user in without a password."
        mend = "scram-sha-256 in the place of trust in pg_hba.conf, and a password in server.database."
        found.append(_find("database-passwordless", Severity.DANGER, says, mend))
    return found


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return urlunsplit(parts._replace(netloc=f"{user}{host}{port}"))


async def _lets_in(url: str) -> bool:
    try:
        connection: Any = await asyncpg.connect(url, password="", passfile=os.devnull, timeout=CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
        return False
    await connection.close()
    return True


async def _state(db: Database, settings: Settings, now: int) -> list[Finding]:
    scope = HostScope(reason="doctor")

    async def look_up(look: Look) -> tuple[list[Backup], int, list[Any]]:
        chores = Chores(look, scope)
        return await chores.backups(), await chores.faulty(), await vault.salt_generations(look)

    made, faulty, generations = await db.look(look_up)
    tested = await asyncio.to_thread(_tested, made)
    found = rules.backups(made, now=now, tested_at=tested)
    found += rules.erasures(faulty) + rules.salt_keys(generations, now=now)
    found += await _parts(db, settings)
    stream = Stream(db, [reader for one in SLICES for reader in one.readers], random=system_random)
    found += rules.readers(await stream.states())
    data = Path(settings["server.data"])
    together = await asyncio.to_thread(_same_disk, data, Path(made[0].place)) if made else False
    if together:
        says = "The newest backup lies on the disk of the data: lost together."
        found.append(_find("backup-same-disk", Severity.WARNING, says, "Name a folder on another disk or machine."))
    return found


async def _parts(db: Database, settings: Settings) -> list[Finding]:
    """Return whether parts of attachments that records hold are not here."""
    there = await asyncio.to_thread(_blob_names, Path(settings["server.data"]) / "blobs")
    journal = restore.journal(Path(settings["server.data"]), journal_path(settings)) or Erased()
    count = await db.look(lambda look: vault.parts_missing(look, there, erased=journal.item))
    if not count:
        return []
    says = f"Parts of attachments that records hold are not here: {count:,}."
    mend = "mindhaven reoffer --days 30, and ask people to sync: who still has a file gives it back."
    return [_find("parts-missing", Severity.WARNING, says, mend)]


def _blob_names(blobs: Path) -> set[str]:
    if not blobs.is_dir():
        return set()
    return {file for folder in blobs.iterdir() if len(folder.name) == 2 for file in os.listdir(folder)}


def _tested(made: list[Backup]) -> int | None:
    """Return when a restore of one of these backups was last tried, as noted beside it."""
    times = []
    for one in made:
        try:
            times.append(int(json.loads((Path(one.place) / TESTED).read_text())["tested_at"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return max(times, default=None)


def _same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False
