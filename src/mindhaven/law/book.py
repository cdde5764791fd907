"""The laws that are shipped, and which rules bind on a day. I/O: this package's own files."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec

from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law.model import AnyRule, Applies, Law, RecordClass, Rule

BINDING: Final = frozenset({"in-force", "scheduled"})
_SAID: Final = (
    (r"Object contains unknown field `(.*)`", "there is no field called {}"),
    (r"Object missing required field `(.*)`", "{} is missing"),
    (r"Expected `(.*)`, got `(.*)`", "it should be {}, and is {}"),
    (r"Invalid (?:enum )?value ('.*')", "{} is none of the words that may stand there"),
    (r"Invalid RFC3339 encoded date", "a day is written yyyy-mm-dd, without quotation marks"),
)
_TYPES: Final = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing",
    "array": "a list", "object": "a table", "date": "a day",
}  # fmt: skip


def binds(rule: Rule, on: date) -> bool:
    """Tell whether a rule binds on a day: enacted, begun, and not ended."""
    begun = rule.since is None or rule.since <= on
    return rule.status in BINDING and begun and (rule.until is None or on < rule.until)


@dataclass(frozen=True, slots=True)
class Book:
    """Laws by id. `groups` maps a group of places to its places."""

    laws: tuple[Law, ...]
    groups: dict[str, tuple[str, ...]]

    def rules(self) -> Iterator[AnyRule]:
        """Yield every version of every rule."""
        for law in self.laws:
            yield from law.rule

    def versions(self, rule_id: str) -> tuple[AnyRule, ...]:
        """Return every version of a rule; raise `NotFoundError` (rule-unknown)."""
        found = tuple(rule for rule in self.rules() if rule.id == rule_id)
        if not found:
            raise NotFoundError(f"There is no rule called {rule_id}.", code="rule-unknown")
        return found

    def rule(self, rule_id: str, on: date) -> AnyRule | None:
        """Return the version of a rule that binds on a day, None if none does."""
        return next((rule for rule in self.versions(rule_id) if binds(rule, on)), None)

    def law_of(self, rule_id: str) -> Law:
        """Return the law that a rule stands in; raise `NotFoundError` (rule-unknown)."""
        found = next((law for law in self.laws for rule in law.rule if rule.id == rule_id), None)
        if found is None:
            raise NotFoundError(f"There is no rule called {rule_id}.", code="rule-unknown")
        return found

    def roles(self) -> tuple[str, ...]:
        """Return every role of a host that a law turns on."""
        found = {role for law in self.laws for one in law.applies for role in one.roles}
        return tuple(sorted(found | {role for rule in self.rules() for role in getattr(rule, "role", ())}))

    def applying(self, *, roles: Sequence[str], record: RecordClass, people: Sequence[str] | None) -> tuple[Law, ...]:
        """Return the laws that apply to a record of that class about somebody who lives in one of `people`.

        `people` None: they have not said where, so every place counts. A law that gives way to one that applies is left
        out.
        """
        found = [law for law in self.laws if any(self._matches(one, roles, record, people) for one in law.applies)]
        ids = {law.id for law in found}
        return tuple(law for law in found if not any(one.to in ids for one in law.gives_way))

    def _matches(self, one: Applies, roles: Sequence[str], record: RecordClass, people: Sequence[str] | None) -> bool:
        if one.roles and not set(one.roles) & set(roles):
            return False
        if one.classes and record not in one.classes:
            return False
        if people is None:
            return True
        wanted, left_out = self.places(one.people), self.places(one.not_people)
        return not (one.people or left_out) or any(
            not any(lies_in(place, here) for here in left_out)
            and (not wanted or any(lies_in(place, here) or lies_in(here, place) for here in wanted))
            for place in people
        )

    def places(self, names: Sequence[str]) -> set[str]:
        """Return places, with the places of a group in its stead."""
        return {place for name in names for place in self.groups.get(name, (name,))}


def lies_in(place: str, other: str) -> bool:
    """Tell whether a place is another or a part of it."""
    return place == other or place.startswith(f"{other}-")


def parse(text: str, name: str) -> Law:
    """Return the law that a file says; raise `InvalidInputError` (law-file)."""
    made: dict[str, Any] = {}
    try:
        made = tomllib.loads(text)
        return msgspec.convert(made, Law)
    except RecursionError as error:
        raise InvalidInputError(
            f"The law file {name} is not as it should be: one thing lies in another too deep to read.", code="law-file"
        ) from error
    except (msgspec.ValidationError, ValueError) as error:  # of TOML, too, and of a number too long to read
        raise InvalidInputError(
            f"The law file {name} is not as it should be: {'; '.join(_faults(made) or [_plain(str(error))])}.",
            code="law-file",
        ) from error


def _faults(made: dict[str, Any]) -> list[str]:
    """Return the first fault of a file's head and the first of each of its rules, so that one look shows them all."""
    rules = made.get("rule")
    if not isinstance(rules, list):
        return []
    found = []
    for at, value, kind in (
        ("", {**made, "rule": []}, Law),
        *((f".rule[{number}]", rule, AnyRule) for number, rule in enumerate(rules)),
    ):
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            said, _, path = str(error).partition(" - at `$")
            found.append(_plain(f"{said} - at `${at}{path.rstrip('`')}`" if at or path else said))
    return found


def _plain(said: str) -> str:
    """Return what is wrong with a file in plain words, with the place counted from 1: `rule 2, clock, n`."""
    what, _, path = said.partition(" - at `$.")
    for pattern, text in _SAID:
        if found := re.fullmatch(pattern, what):
            what = text.format(
                *(" or ".join(_TYPES.get(one, one) for one in each.split(" | ")) for each in found.groups())
            )
            break
    place = re.sub(r"\[(\d+)\]", lambda number: f" {int(number[1]) + 1}", path.rstrip("`")).replace(".", ", ")
    return f"{place}: {what}" if place else what


@cache
def shipped() -> Book:
    """Return what this package ships."""
    data = resources.files(__package__) / "data"
    files = sorted((file for file in data.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    laws = tuple(parse(file.read_text("utf-8"), file.name) for file in files if file.name != "places.toml")
    groups = tomllib.loads((data / "places.toml").read_text("utf-8"))["groups"]
    return Book(laws, {name: tuple(places) for name, places in groups.items()})
