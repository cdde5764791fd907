"""Whom a breach must be told, by what happened: thresholds, risk, and whether what got out was sealed. Pure."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from mindhaven.law.book import Book, binds
from mindhaven.law.model import Breach, Law, Threshold

_OPS: Final = {">=": operator.ge, ">": operator.gt, "<": operator.lt}

Risk = Literal["unlikely", "some", "high"]
Why = Literal["stands", "role", "sealed", "risk", "number"]


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
