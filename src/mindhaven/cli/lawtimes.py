"""Moments, lengths and the standing note of the commands about law. I/O: the screen."""

import sys
import zoneinfo
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Final, cast, get_args

from mindhaven.cli.area import Command
from mindhaven.errors import InvalidInputError
from mindhaven.law import UNREVIEWED, Due, Law
from mindhaven.law.model import Start

DAY_HOURS: Final = 24
IN_HOURS: Final = 72
"""Up to so many hours nothing is told in days: laws that ask for haste count so."""


def say_unreviewed(command: Command, laws: list[Law]) -> None:
    """Say that no lawyer reviewed one of these laws, if so."""
    if any(not law.reviewed for law in laws):
        command.screen.say(UNREVIEWED)


def moments_told(found: Due | None) -> dict[str, object]:
    """Return a last day and the first moment of being late for a program (ISO 8601; null: none)."""
    return {
        "last_day": None if found is None or found.last_day is None else found.last_day.isoformat(),
        "late_at": None if found is None else found.late_at.isoformat(),
    }


def span(length: timedelta) -> str:
    """Return a length of time in words, rounded down to minutes."""
    minutes = int(length.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    if hours <= IN_HOURS:
        parts = [(hours, "h"), (minutes, "min")]
    else:
        days, hours = divmod(hours, DAY_HOURS)
        parts = [(days, "days"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "less than a minute"


def unreviewed_in_data(command: Command, laws: list[Law]) -> None:
    """Say it as the last line of the data, so that a file has it; where both streams are one terminal, once."""
    screen = command.screen
    if not screen.as_json and any(not law.reviewed for law in laws):
        screen.data(UNREVIEWED)
        if sys.stdout.isatty():
            return
    say_unreviewed(command, laws)


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its name; raise `InvalidInputError` (zone)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(f"There is no time zone called {name}.", hint="Europe/Berlin", code="zone") from error


def starts_of(texts: list[str]) -> dict[Start, datetime]:
    """Return what began when; each may begin once."""
    found: dict[Start, datetime] = {}
    for text in texts:
        name, at = start_of(text)
        if name in found:
            raise InvalidInputError(f"{name} is given twice, and can be only once.", code="start-twice")
        found[name] = at
    return found


def start_of(text: str) -> tuple[Start, datetime]:
    """Return what `WHAT=TIME` says; raise `InvalidInputError` (start-unknown, moment, moment-edge)."""
    name, _, moment = text.partition("=")
    if name not in get_args(Start):
        raise InvalidInputError(
            f"No clock begins at {name}.", hint=f"One of: {', '.join(get_args(Start))}.", code="start-unknown"
        )
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidInputError(
            "A start needs its moment with its offset.", hint=f"{name}=2026-11-27T17:00+01:00", code="moment"
        )
    if not MINYEAR < at.year < MAXYEAR:
        raise InvalidInputError(
            f"{name} lies at the edge of the calendar, which has the years 1 to 9999.", code="moment-edge"
        )
    return cast("Start", name), at
