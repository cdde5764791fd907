"""What is wrong with law files, in plain words. Pure but for the calendars, which are this package's own files."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from mindhaven.errors import NotFoundError
from mindhaven.law.book import Book
from mindhaven.law.calendars import calendar
from mindhaven.law.model import AnyRule, Breach, Clock, Consent, Extension, Law, Right, Said, Unit

LONGEST_YEARS: Final = 100
"""Longer is a slip of the hand: no law that we know keeps or waits longer than a life."""
LONGEST: Final[dict[Unit, int]] = {
    "hours": LONGEST_YEARS * 366 * 24, "days": LONGEST_YEARS * 366, "business-days": LONGEST_YEARS * 366,
    "months": LONGEST_YEARS * 12, "years": LONGEST_YEARS,
}  # fmt: skip
MOST_PEOPLE: Final = 10_000_000_000
"""More people do not live."""
MOST_TIMES: Final = 100
"""A time that is extended more often has no end; a number above is a slip of the hand."""
_PLACE: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
"""As ISO 3166 writes a country, and a part of one."""


def complaints(book: Book) -> list[str]:
    """Return every fault of the laws in a book; none: they are as they should be."""
    found = [f"{law.id}: it stands twice." for place, law in enumerate(book.laws) if law.id in _ids(book.laws[:place])]
    for law in book.laws:
        found += [f"{law.id}: {text}" for text in of_law(book, law)]
    return found


def new_roles(law: Law, known: Book) -> list[str]:
    """Return the roles of a law that no law of a book knows: no fault, and worth a second look."""
    said = [role for one in law.applies for role in one.roles]
    said += [role for rule in law.rule if isinstance(rule, Breach) for role in rule.role]
    return sorted(set(said) - set(known.roles()))


def _ids(laws: tuple[Law, ...]) -> set[str]:
    return {law.id for law in laws}


def of_law(book: Book, law: Law) -> Iterator[str]:
    """Yield the faults of one law of a book."""
    for way in law.gives_way:
        if way.to not in _ids(book.laws):
            yield f"it gives way to {way.to}, which is not there."
    if not law.applies:
        yield "nothing says when it applies."
    for place in _named(law):
        if place not in book.groups and not _PLACE.fullmatch(place):
            yield f"{place or 'nothing'} is no place: write a country as DE, a part of one as US-CA, or a known group."
    for rule in law.rule:
        if not rule.id.startswith(f"{law.id}."):
            yield f"{rule.id} does not begin with the law's id."
        if rule.status == "scheduled" and rule.since is None:
            yield f"{rule.id} is scheduled for no day."
        if rule.since is not None and rule.until is not None and rule.until <= rule.since:
            yield f"{rule.id} ends before it begins."
        for code in listed_twice(rule):
            yield f"{rule.id} lists {code} twice."
        for name, clock in clocks(rule):
            yield from (f"{rule.id}, {name}: {text}" for text in _of_clock(clock))
        yield from (f"{rule.id}, {text}" for text in _of_numbers(rule))
        if isinstance(rule, Breach) and not all((rule.to, *rule.to)):
            yield f"{rule.id} says nobody to tell."
    yield from _overlaps(law)


def clocks(rule: AnyRule) -> Iterator[tuple[str, Clock]]:
    """Yield the clocks of a rule by the names of their fields."""
    for name in ("clock", "expires", "refresh"):
        clock = getattr(rule, name, None)
        if clock is not None:
            yield name, clock
    if isinstance(rule, Right) and rule.extension is not None and rule.clock is None:
        yield "extension", Clock(starts=())


def _of_clock(clock: Clock) -> Iterator[str]:
    if not clock.starts:
        yield "it begins at nothing."
    if clock.n is not None:
        yield from _of_length(clock.n, clock.unit)
    if clock.unit == "hours" and (clock.roll or clock.year_end or clock.counts_start):
        yield "hours are counted between instants: they do not roll, and no day counts."
    if (clock.roll or clock.unit == "business-days") and not clock.calendar:
        yield "it needs a calendar."
    if clock.calendar:
        try:
            calendar(clock.calendar)
        except NotFoundError as error:
            yield error.message


def _of_length(n: int, unit: Unit) -> Iterator[str]:
    if n <= 0:
        yield "its length is no length."
    if n > LONGEST[unit]:
        yield f"its length is more than {LONGEST_YEARS} years, which no law asks for."


def _of_numbers(rule: AnyRule) -> Iterator[str]:
    if isinstance(rule, Right):
        if rule.extension is not None and rule.clock is not None:
            yield from (f"extension: {text}" for text in _of_extension(rule.extension, rule.clock))
        if rule.look_back_years is not None and not 0 < rule.look_back_years <= LONGEST_YEARS:
            yield f"look_back_years: it is from 1 to {LONGEST_YEARS}."
    if isinstance(rule, Breach) and rule.threshold is not None and not 0 < rule.threshold.n <= MOST_PEOPLE:
        yield f"threshold: it is from 1 to {MOST_PEOPLE} people, and more do not live."
    if isinstance(rule, Consent):
        for age in (*rule.ages.values(), *(() if rule.age is None else (rule.age,))):
            if not 0 < age <= LONGEST_YEARS:
                yield f"age: it is from 1 to {LONGEST_YEARS}."


def _of_extension(extension: Extension, clock: Clock) -> Iterator[str]:
    yield from _of_length(extension.n, extension.unit)
    if not 0 < extension.times <= MOST_TIMES:
        yield f"how often is from 1 to {MOST_TIMES}."
    if clock.n is None:
        yield "a clock without a number has nothing to extend."
    if (extension.unit == "hours") is not (clock.unit == "hours"):
        yield "hours are extended by hours, and nothing else is."
    if extension.unit != clock.unit and extension.counts_from == "start":
        yield "counted from the start, it needs the unit of the clock."
    if extension.unit == "business-days" and not clock.calendar:
        yield "it needs a calendar, which stands in the clock."


def _named(law: Law) -> Iterator[str]:
    """Yield each place that a law names, once."""
    ages = [place for rule in law.rule if isinstance(rule, Consent) for place in rule.ages]
    yield from dict.fromkeys(
        (law.place, *(place for one in law.applies for place in (*one.people, *one.not_people)), *ages)
    )


def _overlaps(law: Law) -> Iterator[str]:
    for place, rule in enumerate(law.rule):
        for other in law.rule[:place]:
            if rule.id == other.id and _meet(rule, other):
                yield f"{rule.id} stands twice at the same time."


def _meet(rule: AnyRule, other: AnyRule) -> bool:
    return (rule.since or date.min) < (other.until or date.max) and (other.since or date.min) < (rule.until or date.max)


def listed_twice(rule: AnyRule) -> list[str]:
    """Return the codes that stand twice in one list of a rule."""
    names = ("content", "method", "exceptions", "denial", "elements", "clauses")
    lists: list[tuple[Said, ...]] = [getattr(rule, name, ()) for name in names]
    codes = [[one.code for one in made] for made in lists]
    return sorted({code for made in codes for code in made if made.count(code) > 1})
