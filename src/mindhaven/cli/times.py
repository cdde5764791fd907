"""Times as people write and read them, and where this machine is. I/O: TZ, LANG, /etc/localtime, zone.tab."""

import os
import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kinds.record import zone_named

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")


def system_zone() -> str:
    """Return this machine's time zone: TZ, else /etc/localtime, else the offset that holds now."""
    for name in (os.environ.get("TZ", "").removeprefix(":"), _linked_zone()):
        if name:
            try:
                zone_named(name)
            except InvalidInputError:
                continue
            return name
    offset = datetime.now().astimezone().strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}" if offset else "UTC"


def _linked_zone() -> str:
    try:
        target = str(Path("/etc/localtime").resolve(strict=True))
    except OSError:
        return ""
    name = target.partition("zoneinfo/")[2]
    return "UTC" if name in {"Etc/UTC", "Etc/UCT", "UCT", "Etc/Universal", "Zulu"} else name


def now_ms() -> int:
    """Return the moment, unix milliseconds."""
    return (datetime.now(UTC) - _EPOCH) // timedelta(milliseconds=1)


def moment_of(text: str, zone: str) -> int:
    """Return unix milliseconds of `text` on the clock of `zone`.

    `2026-11-20 21:30`, `21:30` (today), `yesterday 21:30`, `2026-11-20` (noon), or with its own offset.
    Raises `InvalidInputError` (moment).
    """
    here = zone_named(zone)
    today = datetime.now(here).date()
    words = text.strip().lower().replace("today", today.isoformat())
    words = words.replace("yesterday", (today - timedelta(days=1)).isoformat()).replace("t", " ", 1)
    if found := _CLOCK.fullmatch(words):
        words = f"{today.isoformat()} {int(found[1]):02d}:{found[2]}"
    try:
        if len(words) <= 10:
            when = datetime.combine(date.fromisoformat(words), datetime.min.time().replace(hour=12))
        else:
            when = datetime.fromisoformat(words.upper())
    except ValueError:
        raise InvalidInputError(
            "This is no day and time that Mindhaven can read.", hint='Write it like "2026-11-20 21:30".', code="moment"
        ) from None
    return ((when if when.tzinfo else when.replace(tzinfo=here)) - _EPOCH) // timedelta(milliseconds=1)


def day_of(text: str) -> date:
    """Return the day that `text` writes; raise `InvalidInputError` (day)."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError("A day is written yyyy-mm-dd.", hint="For example 2026-11-20.", code="day") from None


def month_of(text: str) -> int:
    """Return a month as yyyymm, 0 for `all`; raise `InvalidInputError` (month)."""
    if text.strip().lower() == "all":
        return 0
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        raise InvalidInputError("A month is written yyyy-mm.", hint="For example 2026-11, or all.", code="month")
    return int(found[1]) * 100 + int(found[2])


def month_text(month: int) -> str:
    """Return a month yyyymm as yyyy-mm; 0 is the beginning."""
    return f"{month // 100:04d}-{month % 100:02d}" if month else "the beginning"


_LAST_DAY: Final = (date.max - date(1970, 1, 1)).days


def day_text(day: int) -> str:
    """Return a day counted from 1970 as yyyy-mm-dd; 0 is open, and a day that no calendar has is told as such."""
    if not day:
        return "you stop it"
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat() if day <= _LAST_DAY else "after the year 9999"


def day_number(day: date) -> int:
    """Return `day` as days since 1970."""
    return (day - date(1970, 1, 1)).days


def later_by_months(day: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def seconds_text(seconds: int) -> str:
    """Return a moment in seconds on this machine's clock."""
    return datetime.fromtimestamp(seconds, zone_named(system_zone())).strftime("%Y-%m-%d %H:%M")


def country_here() -> str:
    """Return the country of this machine's zone, else of its language, as two letters; empty if neither tells."""
    zone = system_zone()
    for folder in (*zoneinfo.TZPATH, "/usr/share/zoneinfo"):
        table = Path(folder) / "zone.tab"
        if not table.is_file():
            continue
        for line in table.read_text("utf-8").splitlines():
            parts = line.split("\t")
            if not line.startswith("#") and len(parts) >= 3 and parts[2] == zone:
                return parts[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if found := re.match(r"[a-z]{2,3}_([A-Z]{2})\b", os.environ.get(variable, "")):
            return found[1]
    return ""
