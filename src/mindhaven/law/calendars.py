"""Working days: which days a law does not count. Data in `data/calendars`, no holiday in the code. Pure.

Easter is reckoned by the anonymous Gregorian rule (Nature, 20 April 1876), as every civil calendar takes it.
"""

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law.model import Data


class Holiday(Data, frozen=True, kw_only=True):
    """A day off each year: `day` of `month`, or the `nth` `weekday` of a `month` (-1: last; with a `day`: from
    that day on), or days from Easter.

    `observed` (weekend of two days): `nearest` is Friday for a Saturday and Monday for a Sunday, `after` the next
    working day on which no other holiday is. `since`: the first year.
    """

    name: str
    month: int = 0
    day: int = 0
    nth: int = 0
    weekday: int = 0
    easter: int | None = None
    observed: Literal["", "nearest", "after"] = ""
    since: int = 0


class Calendar(Data, frozen=True, kw_only=True):
    """A file: its weekend (Monday is 0), its holidays, and the years in which it is known to be right."""

    id: str
    cite: str
    first_year: int
    last_year: int
    weekend: tuple[int, ...]
    holiday: tuple[Holiday, ...]

    def is_working(self, day: date) -> bool:
        """Tell whether a day is a working day; raise `InvalidInputError` (calendar-years) where nobody has looked."""
        if not self.first_year <= day.year <= self.last_year:
            raise InvalidInputError(
                f"The calendar {self.id} is known from {self.first_year} to {self.last_year}.",
                hint="Bring its file up to date.",
                code="calendar-years",
            )
        return day.weekday() not in self.weekend and day not in _off(self, day.year)

    def next_working(self, day: date) -> date:
        """Return the day itself, or the first working day after it."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date, count: int) -> date:
        """Return the working day that is the `count`th after `day`."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day


@cache
def _off(calendar: Calendar, year: int) -> frozenset[date]:
    years = (year - 1, year, year + 1)  # a day of next year may be observed in this one
    falls = [(one, _falls(one, each)) for each in years for one in calendar.holiday if each >= one.since]
    found = {day for one, day in falls if not _moves(calendar, one, day)}  # first, so that none is moved onto them
    for one, day in falls:
        if _moves(calendar, one, day):
            found.add(_observed(calendar, one, day, found))
    return frozenset(day for day in found if day.year == year)


def _falls(holiday: Holiday, year: int) -> date:
    if holiday.easter is not None:
        return easter(year) + timedelta(days=holiday.easter)
    if not holiday.nth:
        return date(year, holiday.month, holiday.day)
    if holiday.nth < 0:
        last = date(year + holiday.month // 12, holiday.month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - holiday.weekday) % 7)
    first = date(year, holiday.month, holiday.day or 1)
    return first + timedelta(days=(holiday.weekday - first.weekday()) % 7 + 7 * (holiday.nth - 1))


def _moves(calendar: Calendar, holiday: Holiday, day: date) -> bool:
    return bool(holiday.observed) and day.weekday() in calendar.weekend


def _observed(calendar: Calendar, holiday: Holiday, day: date, taken: set[date]) -> date:
    if holiday.observed == "nearest":
        return day + timedelta(days=-1 if day.weekday() == min(calendar.weekend) else 1)
    while day.weekday() in calendar.weekend or day in taken:
        day += timedelta(days=1)
    return day


def easter(year: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    wait = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * wait) // 451
    month, day = divmod(h + wait - 7 * m + 114, 31)
    return date(year, month, day + 1)


def parse(text: str, name: str) -> Calendar:
    """Return the calendar that a file says; raise `InvalidInputError` (law-file)."""
    try:
        return msgspec.convert(tomllib.loads(text), Calendar)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(f"The calendar {name} is not as it should be: {error}", code="law-file") from error


@cache
def calendar(name: str) -> Calendar:
    """Return a shipped calendar; raise `NotFoundError` (calendar-unknown)."""
    file = resources.files(__package__) / "data" / "calendars" / f"{name}.toml"
    if not name.replace("-", "").isalpha() or not file.is_file():
        raise NotFoundError(f"There is no calendar called {name}.", code="calendar-unknown")
    return parse(file.read_text("utf-8"), name)
