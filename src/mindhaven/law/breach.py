"""Whom a breach must be told, by what happened: thresholds, risk, and whether what got out was sealed. Pure."""

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from mindhaven.errors import InvalidInputError
from mindhaven.law.book import Book, binds, lies_in
from mindhaven.law.model import Breach, Law, RecordClass, Threshold

_OPS: Final = {">=": operator.ge, ">": operator.gt, "<": operator.lt}

Risk = Literal["unlikely", "some", "high"]
Why = Literal["stands", "role", "sealed", "risk", "number"]
Turns = Literal["role", "sealed", "risk", "number", "place"]
RISKS: Final[tuple[Risk, ...]] = ("unlikely", "some", "high")


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """What happened: how many people, the most of them in one State, how many live where the law is, how bad it may be.

    `sealed`: all that got out was encrypted, and no key got out with it.
    """

    affected: int
    one_state: int
    residents: int
    risk: Risk
    sealed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A rule about breaches, and whether it asks for something now: `why` says what it turned on."""

    law: str
    rule: Breach
    why: Why

    @property
    def stands(self) -> bool:
        """Whether somebody must be told."""
        return self.why == "stands"


def judge(rule: Breach, incident: Incident, roles: Sequence[str] | None = None) -> Why:
    """Return whether a rule asks for something of a host with these roles (None: of any) after this incident, or why
    not.
    """
    if rule.role and roles is not None and not set(rule.role) & set(roles):
        return "role"
    if incident.sealed and rule.sealed in {"exempt", "no-notice"}:
        return "sealed"
    needed: dict[str, set[Risk]] = {
        "any": {"unlikely", "some", "high"},
        "unless-unlikely": {"some", "high"},
        "likely-high": {"high"},
        "serious-harm": {"high"},
    }
    if incident.risk not in needed[rule.risk]:
        return "risk"
    if rule.threshold is not None and not _reached(rule.threshold, incident):
        return "number"
    return "stands"


def _reached(threshold: Threshold, incident: Incident) -> bool:
    counted = {"all": incident.affected, "one-state": incident.one_state, "residents": incident.residents}
    return bool(_OPS[threshold.op](counted[threshold.scope], threshold.n))


def duties(
    book: Book, laws: Sequence[Law], incident: Incident, on: date, roles: Sequence[str] | None = None
) -> tuple[Duty, ...]:
    """Return what each of these laws asks for of a breach on a day, those that do not stand included, with why."""
    wanted = {law.id for law in laws}
    return tuple(
        Duty(law=law.id, rule=rule, why=judge(rule, incident, roles))
        for law in book.laws
        if law.id in wanted
        for rule in law.rule
        if isinstance(rule, Breach) and binds(rule, on)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What is known of an incident. `risk` and `roles` None: nobody has said; `places`: how many people live where.

    A place may be a country and a part of one; the people of the part are among those of the country.
    """

    affected: int
    places: Mapping[str, int] = field(default_factory=dict)
    risk: Risk | None = None
    sealed: bool = False
    roles: tuple[str, ...] | None = None
    record: RecordClass = "health"

    @property
    def nowhere(self) -> int:
        """How many people live where nobody has said; raise `InvalidInputError` (people-more) if less than none."""
        whole = sum(self._alone(place) for place in self.places)
        if whole > self.affected:
            raise InvalidInputError(
                f"More people live in these places ({whole}) than there are ({self.affected}).", code="people-more"
            )
        return self.affected - whole

    def _alone(self, place: str) -> int:
        """Return how many live in a place and in no named part of it; raise `InvalidInputError` (people-more)."""
        parts = [one for one in self.places if one != place and lies_in(one, place)]
        within = sum(self.places[one] for one in parts if not any(one != two and lies_in(one, two) for two in parts))
        if within > self.places[place]:
            raise InvalidInputError(
                f"More people live in the parts of {place} ({within}) than in it ({self.places[place]}).",
                code="people-more",
            )
        return self.places[place] - within

    def incidents(self, wanted: set[str]) -> Iterator[Incident]:
        """Yield what may have happened, seen from the places where a law is law: the least people there, and the most.

        Whose place is not said, or only the country of it, may live in each part.
        """
        alone = {place: self._alone(place) for place in self.places}
        inside = {place for place in alone if any(lies_in(place, here) for here in wanted)}
        around = {place for place in alone if any(lies_in(here, place) for here in wanted)} - inside
        parts = inside - wanted
        loose = self.nowhere + sum(alone[place] for place in around)
        living, most = sum(alone[place] for place in inside), max((self.places[place] for place in parts), default=0)
        whole = loose + sum(alone[place] for place in inside - parts)
        for risk in RISKS if self.risk is None else (self.risk,):
            for more, more_of_one in ((0, 0), (loose, whole)):
                yield Incident(
                    affected=self.affected, one_state=most + more_of_one, residents=living + more, risk=risk,
                    sealed=self.sealed,
                )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A rule about breaches after an incident. `stands` None: that turns on what nobody has said yet.

    `why`: what it turns on, or why it does not stand.
    """

    law: Law
    rule: Breach
    stands: bool | None
    why: tuple[Turns, ...]


def judged(book: Book, case: Case, on: date) -> tuple[Judged, ...]:
    """Return every rule about breaches of the laws that apply, or may, on a day: it stands, it does not, or it may.

    Raises `InvalidInputError` (people-more).
    """
    found = []
    for law, open_ in _laws(book, case):
        each = [duties(book, (law,), one, on, case.roles) for one in case.incidents(book.places((law.place,)))]
        for same in zip(*each, strict=True):
            rule = same[0].rule
            if rule.classes and case.record not in rule.classes:
                continue
            turns: set[Turns] = {one.why for one in same if one.why != "stands"}
            stands: bool | None = None
            if not any(one.stands for one in same):
                stands = False
                if case.risk is None:
                    turns.discard("risk")  # how bad it is, nobody has said: it is no reason yet
            else:
                turns |= open_ | ({"role"} if rule.role and case.roles is None else set())
                stands = None if turns else True
            found.append(Judged(law=law, rule=rule, stands=stands, why=tuple(sorted(turns))))
    return tuple(found)


def _laws(book: Book, case: Case) -> Iterator[tuple[Law, set[Turns]]]:
    """Yield the laws that apply, or may, and what it turns on whether they do."""
    kinds: list[tuple[str, ...]] = [(), *((role,) for role in book.roles())] if case.roles is None else [case.roles]
    where: list[Sequence[str] | None] = [None] if case.nowhere else []
    where += [tuple(case.places)] if case.places else []
    applying = [
        [{law.id for law in book.applying(roles=kind, record=case.record, people=people)} for people in where]
        for kind in kinds
    ]
    for law in book.laws:
        table = [[law.id in ids for ids in row] for row in applying]
        turns: set[Turns] = set()
        if any(len(set(row)) > 1 for row in table):
            turns.add("place")
        if any(len(set(column)) > 1 for column in zip(*table, strict=True)):
            turns.add("role")
        if any(any(row) for row in table):
            yield law, turns
