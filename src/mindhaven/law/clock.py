"""When something is due: docs/reference/law-data.md, "How time is counted". Pure; the numbers below are its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.law.calendars import calendar
from mindhaven.law.model import Clock, Extension, Pause, Start, Unit

MARKS: Final = (50, 80, 95)
"""Per cent of the way at which an officer is warned: half, nearly, now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paused:
    """A pause: from the day of asking to the day of the answer, both as instants; `until` None: it has not ended."""

    kind: Pause
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When it is due. `last_day` None: a clock of hours. `late_at`: the first instant at which it is late, UTC.

    `open`: a pause goes on, and this is what would hold if it ended now.
    """

    started_at: datetime
    last_day: date | None
    late_at: datetime
    open: bool = False

    def marks(self) -> tuple[datetime, ...]:
        """Return the instants at 50, 80 and 95 of a hundred of the way (step 10)."""
        length = self.late_at - self.started_at
        return tuple(self.started_at + length * share / 100 for share in MARKS)


def due(
    clock: Clock,
    happened: Mapping[Start, datetime],
    zone: tzinfo,
    *,
    now: datetime,
    paused: Sequence[Paused] = (),
    extension: Extension | None = None,
    times: int = 0,
) -> Due | None:
    """Return when a clock runs out, `extension` used `times` times; None for one without a number: it is due now.

    `happened` has the instants of starts with their offsets, `zone` is the seat's. Raises `InvalidInputError`:
    start-missing (the first start has not happened), moment-naive, extension-none, moment-edge.
    """
    start = _started(clock, happened)
    if times < 0:
        raise InvalidInputError("A time can't be extended less than not at all.", code="extension-none")
    if clock.n is None:
        return None
    if times and (extension is None or times > extension.times):
        raise InvalidInputError("The law does not allow this extension.", code="extension-none")
    try:
        found = _reckoned(clock, clock.n, start, zone, now, paused, extension, times)
        found.late_at.astimezone(zone)  # so that whoever shows it can
    except (OverflowError, ValueError) as error:
        raise InvalidInputError(
            "This lies at the edge of the calendar, which has the years 1 to 9999.", code="moment-edge"
        ) from error
    return found


def _reckoned(
    clock: Clock,
    length: int,
    start: datetime,
    zone: tzinfo,
    now: datetime,
    paused: Sequence[Paused],
    extension: Extension | None,
    times: int,
) -> Due:
    if clock.unit == "hours":  # 5
        n = length + (times * extension.n if extension is not None and times else 0)
        at = start.astimezone(UTC) + timedelta(hours=n)
        return Due(started_at=start.astimezone(UTC), last_day=None, late_at=at)
    first = start.astimezone(zone).date()  # 1
    if clock.year_end:
        first = date(first.year, 12, 31)  # 6
    day = _counted(first, length, clock.unit, clock.counts_start, clock.calendar)
    if extension is not None and times:  # 9
        if extension.counts_from == "start":
            n = length + times * extension.n
            day = _counted(first, n, extension.unit, clock.counts_start, clock.calendar)
        else:
            for _ in range(times):
                day = _counted(day, extension.n, extension.unit, False, clock.calendar)  # noqa: FBT003
    counted = [one for one in paused if one.kind in clock.pauses]
    day = _paused(first, day, counted, zone, now)  # 7
    if clock.roll:
        day = calendar(clock.calendar).next_working(day)  # 8
    late = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)  # 2
    return Due(
        started_at=start.astimezone(UTC), last_day=day, late_at=late, open=any(one.until is None for one in counted)
    )


def _paused(first: date, day: date, paused: Sequence[Paused], zone: tzinfo, now: datetime) -> date:
    """Step 7: the last day, moved by every day of a pause once. What lies before the start or after the end is none."""
    reached = first
    for one in sorted(paused, key=lambda one: one.since):
        begun = max(one.since.astimezone(zone).date(), reached)
        ended = (now if one.until is None else one.until).astimezone(zone).date()
        if begun <= day and ended > begun:
            day += ended - begun
            reached = ended
    return day


_DUTY: Final = {
    "cap": "without delay, at the latest {}", "by": "within {}", "not-before": "not before {}",
    "norm": "no law fixes it; as a rule {}", "at-least": "at least {}", "at-most": "at most {}",
}  # fmt: skip


def length(n: int, unit: Unit) -> str:
    """Return a length in words: `1 month`, `10 working days`."""
    word = "working days" if unit == "business-days" else unit
    return f"{n} {word[:-1] if n == 1 else word}"


def in_words(clock: Clock) -> str:
    """Return a clock in words, with what it begins at and how it is counted."""
    first, *more = clock.starts
    begins = f"the latest of {', '.join(clock.starts)} that happened" if more else first
    if clock.n is None:
        return f"without delay, from {begins} on"
    told = [f"{_DUTY[clock.duty].format(length(clock.n, clock.unit))}, from {begins} on"]
    if clock.year_end:
        told.append("counted from the end of that year")
    if clock.counts_start:
        told.append("the day it begins on is day 1")
    if clock.roll:
        told.append("a last day that is no working day moves to the next one")
    if clock.calendar:
        told.append(f"working days of the calendar {clock.calendar}")
    if clock.pauses:
        told.append(f"days do not count while it waits for: {', '.join(clock.pauses)}")
    return "; ".join(told)


def look_back(years: int, on: date) -> date:
    """Return the first day of the last `years` years, as somebody asks on a day."""
    return _counted(on, -years, "years", False, "")  # noqa: FBT003


def _started(clock: Clock, happened: Mapping[Start, datetime]) -> datetime:
    """Step 1: the latest of the clock's starts that happened."""
    if clock.starts[0] not in happened:
        raise InvalidInputError(
            f"This clock begins at {clock.starts[0]}, and nothing says when that was.", code="start-missing"
        )
    found = [happened[one] for one in clock.starts if one in happened]
    if any(one.tzinfo is None for one in found):
        raise InvalidInputError("A moment needs its offset, such as +01:00.", code="moment-naive")
    return max(found)


def _counted(first: date, n: int, unit: Unit, counts_start: bool, name: str) -> date:  # noqa: FBT001
    """Steps 2 to 4: the last day of `n` units from the day of the start."""
    before = first - timedelta(days=1) if counts_start else first
    if unit == "days":
        return before + timedelta(days=n)
    if unit == "business-days":
        return calendar(name).after(before, n)
    months = before.year * 12 + before.month - 1 + (n if unit == "months" else 12 * n)
    return date(months // 12, months % 12 + 1, min(before.day, _length(months)))


def _length(months: int) -> int:
    """Return how many days a month (counted from year 0) has."""
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return (following - timedelta(days=1)).day
