"""What doctor says of what was found: pure decisions; a finding has a name, how bad it is, and its mend. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from mindhaven.kernel import ReaderState
from mindhaven.upkeep.model import SECONDS_A_DAY, SIDE_KEPT_SECONDS, Backup
from mindhaven.vault import SaltKeyRow

BACKUP_STALE_SECONDS: Final = 2 * SECONDS_A_DAY
"""A daily backup that failed once is told the day after."""
TESTED_SECONDS: Final = 90 * SECONDS_A_DAY
"""A restore is tried each quarter: a backup that nobody ever restored is a hope."""
TURN_LATE_SECONDS: Final = 8 * SECONDS_A_DAY
"""Six days from turn to turn, seven until a key is destroyed: past eight, the fourteen of the receipts are at risk."""
SKEW_SECONDS: Final = 5
SKEW_DANGER_SECONDS: Final = 60
"""Leases, waits and log-ins allow a minute between clocks."""
LAG: Final = 10_000
"""Events that a reader may be behind: a busy hour."""
LEAST_PASSWORD: Final = 12
COMMON: Final = frozenset({"postgres", "postgresql", "password", "mindhaven", "changeme", "secret", "administrator"})
"""What is tried first; anything shorter than `LEAST_PASSWORD` is refused by its length."""
LEAST_DIFFERENT: Final = 12
"""Different bytes in a drawn key of 32: fewer happen once in 10^13 draws."""


class Severity(IntEnum):
    """How bad a finding is: `DANGER` makes doctor refuse."""

    NOTE = 0
    WARNING = 1
    DANGER = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding: a stable name, how bad it is, what is so, and how to mend it."""

    name: str
    severity: Severity
    says: str
    mend: str


def _danger(name: str, says: str, mend: str) -> Finding:
    return Finding(name=name, severity=Severity.DANGER, says=says, mend=mend)


def _warning(name: str, says: str, mend: str) -> Finding:
    return Finding(name=name, severity=Severity.WARNING, says=says, mend=mend)


def backups(made: Sequence[Backup], *, now: int, tested_at: int | None) -> list[Finding]:
    """Judge the backups that were made, the newest first; `tested_at`: when a restore was last tried and whole."""
    if not made:
        return [
            _warning(
                "backup-none",
                "No backup was made yet.",
                "mindhaven backup DIR --recipient KEY, daily; see docs/howto/back-up-and-restore.md.",
            )
        ]
    found, age = [], now - made[0].made_at
    if age > SIDE_KEPT_SECONDS:
        found.append(
            _danger(
                "side-copy-stale",
                f"The side copy in {made[0].side} is {age // SECONDS_A_DAY} days old: it opens what was erased since.",
                "mindhaven backup, which destroys it and writes a new one; or destroy it by hand.",
            )
        )
    elif age > BACKUP_STALE_SECONDS:
        found.append(
            _warning(
                "backup-stale",
                f"The newest backup is {age // SECONDS_A_DAY} days old.",
                "mindhaven backup, daily, by a timer.",
            )
        )
    if tested_at is None or now - tested_at > TESTED_SECONDS:
        found.append(
            _warning(
                "backup-untested",
                "No restore was tried in the last 90 days (or the backup's folder is not here to tell).",
                "mindhaven restore DIR --data NEWDIR, on another machine; it checks every record.",
            )
        )
    return found


def salt_keys(generations: Sequence[SaltKeyRow], *, now: int) -> list[Finding]:
    """Judge the salt key's turns, the oldest first."""
    late = now - generations[-1].begun_at > TURN_LATE_SECONDS if generations and generations[-1].begun_at else False
    kept = any(
        one.retired_at and not one.destroyed_at and now - one.retired_at > TURN_LATE_SECONDS for one in generations
    )
    if not late and not kept:
        return []
    return [
        _danger(
            "salt-key-overdue",
            "The salt key was not turned, or a former one not destroyed, in time: backups do not forget.",
            "Let the server run, or mindhaven keys turn; the log says why the job vault.turn-salts failed.",
        )
    ]


def erasures(faulty: int) -> list[Finding]:
    """Judge the erasures that were measured and are not complete."""
    if not faulty:
        return []
    return [
        _danger(
            "erasure-incomplete",
            f"Of {faulty} erasures something is left: the log names what (an erasure is not complete).",
            "Destroy the salt keys and side copies that it names; report anything else as a fault of Mindhaven.",
        )
    ]


def readers(states: Iterable[ReaderState]) -> list[Finding]:
    """Judge the readers of the event stream."""
    found = []
    for one in states:
        if one.stopped_at is not None:
            found.append(
                _danger(
                    "reader-stopped",
                    f"The reader {one.name} stopped ({one.error}); {one.lag} events wait for it.",
                    "Mend what its log line names, then restart the server.",
                )
            )
        elif one.lag > LAG:
            found.append(
                _warning(
                    "reader-behind",
                    f"The reader {one.name} is {one.lag} events behind.",
                    "Let the server run; if it goes on, its log says why.",
                )
            )
    return found


def clock(skew: float) -> list[Finding]:
    """Judge how many seconds the database's clock is off this machine's."""
    if abs(skew) <= SKEW_SECONDS:
        return []
    severe = abs(skew) > SKEW_DANGER_SECONDS
    return [
        Finding(
            name="clock-skew",
            severity=Severity.DANGER if severe else Severity.WARNING,
            says=f"The database's clock is {skew:+.0f} s off this machine's.",
            mend="Let both follow a time server (chrony, systemd-timesyncd).",
        )
    ]


def weak_password(password: str, user: str) -> bool:
    """Tell whether a database's password is one that is tried first."""
    return password.lower() in COMMON or password == user or len(password) < LEAST_PASSWORD


def weak_key(key: bytes) -> bool:
    """Tell whether 32 bytes were surely not drawn at random."""
    return len(set(key)) < LEAST_DIFFERENT


def dependencies(installed: Mapping[str, str | None], wanted: Mapping[str, str]) -> list[Finding]:
    """Judge installed versions (None: not there) against the locked ones."""
    other = sorted(name for name, version in wanted.items() if installed.get(name) not in {version, None})
    if not other:
        return []
    return [
        _warning(
            "dependencies-differ",
            f"Installed otherwise than locked: {', '.join(other)}.",
            "pip install --require-hashes -r requirements/server.txt, then restart.",
        )
    ]


def worst(found: Iterable[Finding]) -> Severity:
    """Return the worst severity; a note if nothing was found."""
    return max((one.severity for one in found), default=Severity.NOTE)
