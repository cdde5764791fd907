"""What is wrong with law files, in plain words. Pure but for the calendars, which are this package's own files."""

from collections.abc import Iterator
from datetime import date

from mindhaven.errors import NotFoundError
from mindhaven.law.book import Book
from mindhaven.law.calendars import calendar
from mindhaven.law.model import AnyRule, Clock, Law, Right, Said


def complaints(book: Book) -> list[str]:
    """Return every fault of the laws in a book; none: they are as they should be."""
    found = [f"{law.id}: it stands twice." for place, law in enumerate(book.laws) if law.id in _ids(book.laws[:place])]
    for law in book.laws:
        found += [f"{law.id}: {text}" for text in of_law(book, law)]
    return found


def _ids(laws: tuple[Law, ...]) -> set[str]:
    return {law.id for law in laws}


def of_law(book: Book, law: Law) -> Iterator[str]:
    """Yield the faults of one law of a book."""
    for way in law.gives_way:
        if way.to not in _ids(book.laws):
            yield f"it gives way to {way.to}, which is not there."
    if not law.applies:
        yield "nothing says when it applies."
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
    if clock.n is not None and clock.n <= 0:
        yield "its length is no length."
    if clock.unit == "hours" and (clock.roll or clock.year_end or clock.counts_start):
        yield "hours are counted between instants: they do not roll, and no day counts."
    if (clock.roll or clock.unit == "business-days") and not clock.calendar:
        yield "it needs a calendar."
    if clock.calendar:
        try:
            calendar(clock.calendar)
        except NotFoundError as error:
            yield error.message


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
