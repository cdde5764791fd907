"""What of a law begins, ends or changes between two days: which rule, which fields, from what to what. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import msgspec

from mindhaven.errors import InvalidInputError
from mindhaven.law.book import binds
from mindhaven.law.model import AnyRule, Law

_UNCOMPARED: Final = frozenset({"id", "since", "until", "status", "evidence", "note"})
"""What tells two versions of a rule apart, or what we know of them, and not what they ask for."""


_WHOSE: Final = {
    "clock": "the clock", "expires": "the clock to its end", "refresh": "the clock to the next look",
    "extension": "the extension",
}  # fmt: skip
_PART: Final = {
    "n": "the length of {}", "unit": "the unit of {}", "duty": "what the length of {} is", "starts": "what begins {}",
    "year_end": "whether {} counts from the end of the year", "counts_start": "whether the first day of {} counts",
    "roll": "whether the last day of {} moves to a working day", "calendar": "the calendar of {}",
    "pauses": "what pauses {}", "times": "how often {} may be used", "counts_from": "what {} counts from",
    "notice": "whether {} must be told",
}  # fmt: skip
_NAMED: Final = {
    "cite": "where it stands", "says": "what it says", "classes": "for which records", "to": "whom to tell",
    "risk": "how bad it must be", "sealed": "what it does that all was sealed", "role": "which hosts owe it",
    "age": "the age", "threshold.n": "the number of people", "threshold.op": "from or above that number",
    "threshold.scope": "which people count", "look_back_years": "how many years back", "fee": "the fee",
    "verify": "whether who asks is verified", "required": "whether it is required",
}  # fmt: skip
_LISTED: Final = {
    "content": "what it must say", "method": "how it is told", "exceptions": "grounds to refuse",
    "denial": "what a refusal must say", "elements": "what it must hold", "clauses": "clauses", "ages": "the age in",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a rule, such as `clock.n`, and what it says before and after; empty: nothing."""

    name: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """What the field is, in words; its name where there are none."""
        if self.name in _NAMED:
            return _NAMED[self.name]
        first, _, rest = self.name.partition(".")
        if first in _WHOSE and rest in _PART:
            return _PART[rest].format(_WHOSE[first])
        if first in _LISTED and rest:
            return f"{_LISTED[first]} {rest.removesuffix('.says')}"
        return self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What happens to a rule on a day. `fields`: of a rule that changes, those that do."""

    on: date
    rule: str
    what: Literal["begins", "ends", "changes"]
    says: str
    fields: tuple[Field, ...] = ()


def changes(law: Law, since: date, until: date) -> tuple[Change, ...]:
    """Return what of a law's rules begins, ends or changes after `since` and up to `until`, by day.

    Only what binds counts: a proposal neither begins nor ends. Raises `InvalidInputError` (days-order).
    """
    if until < since:
        raise InvalidInputError("The first day must come before the second.", code="days-order")
    found: list[Change] = []
    for name in dict.fromkeys(rule.id for rule in law.rule):
        versions = [rule for rule in law.rule if rule.id == name]
        days = {
            day for rule in versions for day in (rule.since, rule.until) if day is not None and since < day <= until
        }
        for day in sorted(days):
            before, after = (_standing(versions, on) for on in (day - timedelta(days=1), day))
            found += _changed(day, before, after)
    return tuple(sorted(found, key=lambda one: one.on))


def proposals(law: Law) -> int:
    """Return how many rules of a law are only proposed: what `changes` leaves out."""
    return len({rule.id for rule in law.rule if rule.status == "proposed"})


def _standing(versions: list[AnyRule], on: date) -> AnyRule | None:
    return next((rule for rule in versions if binds(rule, on)), None)


def _changed(on: date, before: AnyRule | None, after: AnyRule | None) -> Iterator[Change]:
    if after is None:
        if before is not None:
            yield Change(on=on, rule=before.id, what="ends", says=before.says)
    elif before is None:
        yield Change(on=on, rule=after.id, what="begins", says=after.says)
    elif fields := _fields(before, after):
        yield Change(on=on, rule=after.id, what="changes", says=after.says, fields=fields)


def _fields(before: AnyRule, after: AnyRule) -> tuple[Field, ...]:
    old, new = (_compared(rule) for rule in (before, after))
    names = dict.fromkeys((*old, *new))
    pairs = [Field(name=name, before=old.get(name, ""), after=new.get(name, "")) for name in names]
    return tuple(one for one in pairs if one.before != one.after)


def _compared(rule: AnyRule) -> dict[str, str]:
    made = msgspec.to_builtins(rule)
    found = dict(_flat({key: value for key, value in made.items() if key not in _UNCOMPARED}, ""))
    if not found.get("clock.n"):  # "without delay" is counted in nothing
        found.pop("clock.unit", None)
    return found


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield every field by its whole name; what a list holds by code is named by its code."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        value = {one["code"]: {key: said for key, said in one.items() if key != "code"} for one in value}
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _flat(one, f"{name}.{key}" if name else key)
    elif isinstance(value, list | tuple):
        yield name, ", ".join(value)
    elif isinstance(value, bool):
        yield name, "yes" if value else ""
    else:
        yield name, "" if value is None else str(value)
