"""Whom to tell of a breach, and by when: one table, with what is not known yet. I/O: the package's own files."""

import re
import zoneinfo
from datetime import UTC, datetime
from typing import Final

import msgspec

from mindhaven.cli.area import Command
from mindhaven.cli.lawtimes import moments_told, starts_of, unreviewed_in_data, zone_of
from mindhaven.cli.screen import plain
from mindhaven.errors import InvalidInputError
from mindhaven.law import UNREVIEWED, Case, Due, Judged, due, in_words, judged, shipped
from mindhaven.law.breach import Turns
from mindhaven.law.model import Start

NOTICED: Final[tuple[Start, ...]] = ("awareness", "discovery")
PLACE: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
"""A country, or a part of one, as ISO 3166 writes them."""
COUNT: Final = re.compile(r"[1-9][0-9]{0,10}")
NOT: Final[dict[Turns, str]] = {
    "role": "only for {roles}", "sealed": "all was sealed", "risk": "the risk is too low",
    "number": "the number of people is not reached or passed", "place": "nobody lives in {place}",
}  # fmt: skip
TURNS: Final[dict[Turns, str]] = {
    "role": "it turns on your role ({roles})", "sealed": "it turns on whether all was sealed",
    "risk": "it turns on the risk", "number": "it turns on how many people live in {place}, or in one part of it",
    "place": "it turns on where people live ({place})",
}  # fmt: skip


def _known(given: list[str]) -> dict[Start, datetime]:
    """Return what began when; `noticed` stands for both words of laws for that."""
    found = starts_of([text for text in given if not text.startswith("noticed=")])
    for text in given:
        if text.startswith("noticed="):
            both = starts_of([text.replace("noticed", name, 1) for name in NOTICED])
            if both.keys() & found.keys():
                raise InvalidInputError(
                    "noticed stands for awareness and discovery, and one of them is given twice.", code="start-twice"
                )
            found |= both
    return found


def _people(texts: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        place, _, number = text.partition("=")
        if not (PLACE.fullmatch(place) and COUNT.fullmatch(number)) or place in shipped().groups:
            raise InvalidInputError(
                "Where people live is a country or a part of one, and how many.", hint="DE=40, US-CA=700", code="place"
            )
        if place.partition("-")[0] == "UK":
            raise InvalidInputError("The United Kingdom is written GB.", hint=f"GB={number}", code="place")
        if place in found:
            raise InvalidInputError(f"{place} is given twice, and can be only once.", code="place")
        found[place] = int(number)
    return found


def _roles(given: list[str] | None) -> tuple[str, ...] | None:
    """Return what a host says it is: None if it says nothing, empty if it is none of what the laws know."""
    unknown = [role for role in given or () if role not in {*shipped().roles(), "none"}]
    if unknown:
        raise InvalidInputError(
            f"No law knows the role {plain(unknown[0])}.", hint=f"One of: none, {', '.join(shipped().roles())}.",
            code="role-unknown",
        )  # fmt: skip
    return None if given is None else tuple(role for role in given if role != "none")


def breach(command: Command) -> None:
    """Say whom to tell of a breach, what is due first first, what is not asked and why, and what is not known yet."""
    args, screen, now = command.args, command.screen, datetime.now(UTC)
    zone = zone_of(command.option("zone") or command.home.zone)
    starts, people = _known(args.start), args.people
    if people < 1:
        raise InvalidInputError("A breach is about one person or more.", code="people-none")
    on = min(starts.values()).astimezone(zone).date()
    case = Case(
        affected=people, places=_people(args.places), risk=args.risk, sealed=args.sealed, roles=_roles(args.role),
        record=args.record,
    )  # fmt: skip
    rows = sorted((_Asked(one, starts, zone, now) for one in judged(shipped(), case, on)), key=_Asked.order)
    unknown = _unknown(case, rows)
    laws = list({row.judged.law.id: row.judged.law for row in rows}.values())
    if screen.as_json:
        screen.json({"duties": [row.told() for row in rows], "unknown": unknown,
                     "note": UNREVIEWED if any(not law.reviewed for law in laws) else None})  # fmt: skip
    else:
        screen.table(
            ("BY WHEN", "TO WHOM", "LAW", "RULE", "WHETHER"),
            [
                (row.when(), ", ".join(row.judged.rule.to), row.judged.law.id, row.judged.rule.id, row.whether())
                for row in rows
            ],
        )
        for text in unknown:
            screen.data(f"Not known: {text}")
        if not rows:
            screen.say(
                "No law that is known here asks for anything then. That does not mean that none does. Those that are"
                " known: mindhaven law show"
            )
    unreviewed_in_data(command, laws)


class _Asked:
    """A rule about breaches with its moment: one row."""

    def __init__(self, one: Judged, starts: dict[Start, datetime], zone: zoneinfo.ZoneInfo, now: datetime) -> None:
        self.judged, self.zone = one, zone
        self.clock = one.rule.clock
        self.missing = self.clock.starts[0] if self.clock is not None and self.clock.starts[0] not in starts else None
        self.found: Due | None = None
        self.fault, self.now = "", now
        if self.clock is not None and not self.missing:
            try:
                self.found = due(self.clock, starts, zone, now=now)
            except InvalidInputError as error:  # a calendar that nobody has looked at: the others are told nevertheless
                self.fault = error.message

    def order(self) -> tuple[int, datetime, str]:
        """Return what it is sorted by: asked now, at a moment, at none that is known, not at all."""
        last = datetime.max.replace(tzinfo=UTC)
        if self.judged.stands is False:
            return 3, last, self.judged.rule.id
        if self.missing or self.fault:
            return 2, last, self.judged.rule.id
        return (0, last, self.judged.rule.id) if self.found is None else (1, self.found.late_at, self.judged.rule.id)

    @property
    def late(self) -> bool:
        """Whether its moment has passed."""
        return self.found is not None and self.found.late_at <= self.now

    @property
    def without_delay(self) -> bool:
        """Whether the law asks for haste, with a number or without."""
        return self.clock is None or self.clock.n is None or self.clock.duty == "cap"

    def when(self) -> str:
        """Return by when, in local time; of what does not stand nothing."""
        if self.judged.stands is False:
            return "-"
        if self.fault:
            return self.fault
        if self.missing and self.clock is not None:
            return in_words(self.clock).partition(";")[0]
        if self.found is None:
            return "now, without delay"
        at = self.found.late_at.astimezone(self.zone)
        day = self.found.last_day
        told = f"{at:%a %Y-%m-%d %H:%M}" if day is None else f"{day:%a %Y-%m-%d}, the whole day"
        told += " (late)" if self.late else ""
        return f"without delay, at the latest {told}" if self.without_delay else told

    def whether(self) -> str:
        """Return whether it stands, and why not or what it turns on."""
        one = self.judged
        if one.stands:
            return "stands"
        roles = {*one.rule.role} or {role for each in one.law.applies for role in each.roles}
        say = TURNS if one.stands is None else NOT
        told = "; ".join(say[why].format(roles=" or ".join(sorted(roles)), place=one.law.place) for why in one.why)
        return f"may stand: {told}" if one.stands is None else f"does not stand: {told}"

    def told(self) -> dict[str, object]:
        """Return it for a program."""
        one, rule = self.judged, self.judged.rule
        return {
            "law": one.law.id, "to": list(rule.to), "rule": rule.id, "cite": rule.cite, "says": rule.says,
            "stands": one.stands, "why": list(one.why), "whether": self.whether(), **moments_told(self.found),
            "late": self.late, "without_delay": self.without_delay, "counts_from": self.missing,
            "clock": None if self.clock is None else in_words(self.clock),
            "fault": self.fault or None, "evidence": msgspec.to_builtins(rule.evidence),
            "reviewed": one.law.reviewed or None,
        }  # fmt: skip


def _unknown(case: Case, rows: list[_Asked]) -> list[str]:
    """Return what nobody has said and what turns on it."""
    found = []
    missing: dict[str, list[str]] = {}
    for row in rows:
        if row.missing and row.judged.stands is not False:
            missing.setdefault(row.missing, []).append(row.judged.rule.id)
    for start, rules in missing.items():
        found.append(f"when {start} was. From then on counts: {', '.join(rules)}. Give it as --start {start}=TIME.")
    if case.nowhere:
        found.append(f"where {case.nowhere:,} people live (--in): they are taken to live everywhere.")
    if case.risk is None:
        found.append("how likely harm is (--risk).")
    if case.roles is None:
        found.append("what you are before the law (--role): every law for some kind of host is looked at.")
    return found
