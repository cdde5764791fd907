"""What the law asks, as far as the files know it: rules, and when something is due. I/O: the package's own files."""

import re
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, cast, get_args

import msgspec

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.screen import plain
from mindhaven.cli.times import day_of
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law import (
    UNREVIEWED,
    AnyRule,
    Book,
    Case,
    Change,
    Due,
    Judged,
    Law,
    binds,
    changes,
    complaints,
    due,
    in_words,
    judged,
    length,
    new_roles,
    parse,
    proposals,
    shipped,
)
from mindhaven.law.breach import RISKS, Turns
from mindhaven.law.model import Clock, Consent, Control, Extension, Ground, RecordClass, Said, Start

HOUR_SECONDS: Final = 3600
DAY_HOURS: Final = 24
IN_HOURS: Final = 72
"""Up to so many hours nothing is told in days: laws that ask for haste count so."""

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

CLOCKS: Final = {"clock": "time", "expires": "ends", "refresh": "looked at again"}
FROM: Final = {">=": "from", ">": "above", "<": "below"}
WORDS: Final = {
    "act": "asked for", "to": "to", "role": "only for", "risk": "how bad it must be", "sealed": "if all was sealed",
    "classes": "only for records", "purpose": "purpose", "apart": "stands apart from other consents",
    "express": "must be express", "age": "age", "of": "of", "verify": "who asks is verified", "fee": "fee",
    "look_back_years": "years back", "same_as": "the same as",
}  # fmt: skip
MEANS: Final = {
    "any": "any", "unless-unlikely": "a risk that is not unlikely", "likely-high": "a high risk that is likely",
    "serious-harm": "serious harm that is likely", "exempt": "no breach under this law",
    "no-notice": "these are not told", "weighs": "it counts in the test of the risk", "nothing": "all the same",
    "cost-based": "what it costs", "free-first": "the first is free",
}  # fmt: skip
LISTS: Final = {
    "content": "must say", "method": "how", "exceptions": "grounds to refuse", "denial": "a refusal must say",
    "elements": "must hold", "clauses": "clauses",
}  # fmt: skip


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("law", "what the law asks, as far as the files know it")
    made = group.add("show", "show laws and rules, or one of them", show)
    made.add_argument(
        "rule",
        nargs="?",
        metavar="ID",
        help="a law, such as gdpr, a rule, such as gdpr.requests, or how ids of rules begin, such as gdpr.breach",
    )
    made.add_argument("--on", metavar="DAY", help="as it stands on that day, yyyy-mm-dd (default: today)")
    made = group.add("due", "say when something is due", when_due)
    made.add_argument("rule", metavar="RULE", help="a rule, such as gdpr.breach.authority")
    made.add_argument(
        "--start", metavar="WHAT=TIME", action="append", required=True,
        help="when the clock began, with its offset, such as awareness=2026-11-27T17:00+01:00; may be given again",
    )  # fmt: skip
    made.add_argument("--zone", metavar="ZONE", help="where you have your seat, such as Europe/Berlin (default: here)")
    made.add_argument("--extended", metavar="N", type=int, default=0, help="how often the time was extended")
    made = group.add("breach", "say whom to tell of a breach, and by when", breach)
    made.add_argument(
        "--start", metavar="WHAT=TIME", action="append", required=True,
        help="when you knew, with its offset, such as noticed=2026-11-27T17:00+01:00; may be given again",
    )  # fmt: skip
    made.add_argument("--people", metavar="N", type=int, required=True, help="how many people it is about")
    made.add_argument(
        "--in", dest="places", metavar="PLACE=N", action="append", default=[],
        help="how many of them live there, such as DE=40 or US-CA=700; may be given again",
    )  # fmt: skip
    made.add_argument("--role", metavar="ROLE", action="append", help="what you are, such as eu-controller, or none")
    made.add_argument("--risk", choices=RISKS, help="how likely it harms people (default: not known yet)")
    made.add_argument("--sealed", action="store_true", help="all that got out was encrypted, and no key with it")
    made.add_argument("--record", choices=get_args(RecordClass), default="health", help="what got out")
    made.add_argument("--zone", metavar="ZONE", help="where you have your seat, such as Europe/Berlin (default: here)")
    made = group.add("diff", "show what of a law begins, ends or changes between two days", diff)
    made.add_argument("law", metavar="LAW", help="a law, such as gdpr, or all")
    made.add_argument("since", metavar="FROM", help="what holds on this day is compared, yyyy-mm-dd")
    made.add_argument("until", metavar="TO", help="with what holds on this one")
    made = group.add("check", "check the files of the laws", check)
    made.add_argument("file", nargs="*", metavar="FILE", help="a law file of your own; may be given again")


def _on(command: Command) -> date:
    given = command.option("on")
    return datetime.now(UTC).date() if given is None else day_of(given)


def show(command: Command) -> None:
    """Show what binds on a day; what does not is named with why. A rule, or all that begin so, with all of it."""
    screen, on, asked = command.screen, _on(command), command.option("rule")
    laws = [law for law in shipped().laws if asked in {None, law.id}]
    rules = [(law, rule) for law in laws for rule in law.rule]
    whole = not laws
    if whole:
        rules = _beginning(str(asked))
        laws = [rules[0][0]]
    if screen.as_json:
        screen.json([_told(law, rule, on) for law, rule in rules])
    elif asked is None:
        screen.table(("LAW", "NAME", "RULES"), [(law.id, law.name, str(len(law.rule))) for law in laws])
    else:
        _law_shown(command, laws[0])
        for law, rule in rules:
            screen.data(screen.bold(rule.id) + f"  {law.cite}, {rule.cite}")
            screen.data(f"  {rule.says}")
            state = "binds" if binds(rule, on) else f"does not bind ({rule.status})"
            screen.data(f"  {state}; {rule.evidence.confidence} confidence, {rule.evidence.source}")
            if whole:
                for line in _asks(law, rule):
                    screen.data(f"  {line}")
        _unreviewed_in_data(command, laws)
        return
    _unreviewed(command, laws)


def _beginning(asked: str) -> list[tuple[Law, AnyRule]]:
    """Return a rule's versions, or else every rule whose id begins with these words; raise `NotFoundError`."""
    every = [(law, rule) for law in shipped().laws for rule in law.rule]
    found = [one for one in every if one[1].id == asked] or [one for one in every if one[1].id.startswith(f"{asked}.")]
    if not found:
        raise NotFoundError(f"There is no rule called {plain(asked)}.", hint="mindhaven law show", code="rule-unknown")
    return found


def _law_shown(command: Command, law: Law) -> None:
    command.screen.data(command.screen.bold(law.id) + f"  {law.name}, {law.place}")
    command.screen.data(f"  known up to {law.read_on.isoformat()}")
    if law.authority:
        command.screen.data(f"  complaints go to: {law.authority}")


def _asks(law: Law, rule: AnyRule) -> Iterator[str]:
    """Yield what a rule asks for, a line each: what its file says of it in fields, in words."""
    for name, said in (("from", rule.since), ("until the day before", rule.until)):
        if said is not None:
            yield f"{name} {said.isoformat()}"
    for name in ("clock", "expires", "refresh"):
        if clock := getattr(rule, name, None):
            yield f"{CLOCKS[name]}: {in_words(clock)}"
    if extension := getattr(rule, "extension", None):
        yield f"more time: {_extension(extension)}"
    if threshold := getattr(rule, "threshold", None):
        whose = {"all": "", "one-state": f" in one part of {law.place}", "residents": f" in {law.place}"}
        people = "1 person" if threshold.n == 1 else f"{threshold.n:,} people"
        yield f"stands only {FROM[threshold.op]} {people}{whose[threshold.scope]}"
    for name, words in WORDS.items():
        said = getattr(rule, name, None)
        if said in {None, "", (), False}:
            continue
        text = ", ".join(said) if isinstance(said, tuple) else str(said)
        yield words if said is True else f"{words}: {MEANS.get(text, text)}"
    if isinstance(rule, Control) and not rule.required:
        yield "or something equal, or why not is written down"
    if isinstance(rule, Consent) and rule.ages:
        yield f"age elsewhere: {', '.join(f'{place} {age}' for place, age in rule.ages.items())}"
    for name, words in LISTS.items():
        listed: tuple[Said, ...] = getattr(rule, name, ())
        if listed:
            yield f"{words}:"
        for one in listed:
            again = " Somebody else looks again if asked." if isinstance(one, Ground) and one.reviewable else ""
            yield f"  {one.code}: {one.says}{again}" + (f" ({one.cite})" if one.cite else "")
    if rule.note:
        yield f"note: {rule.note}"


def _extension(extension: Extension) -> str:
    often = "once" if extension.times == 1 else f"{extension.times} times"
    after = "the last day" if extension.counts_from == "due" else "the beginning"
    told = "; the person is told before, with reasons" if extension.notice else ""
    return f"{often} {length(extension.n, extension.unit)}, counted from {after}{told}"


def _told(law: Law, rule: AnyRule, on: date) -> dict[str, object]:
    words = {
        name: in_words(clock) for name in CLOCKS if (clock := getattr(rule, name, None)) is not None
    }  # fmt: skip
    return {
        **msgspec.to_builtins(rule), "law": law.id, "binds": binds(rule, on),
        "confidence": rule.evidence.confidence, "source": rule.evidence.source, "in_words": words,
        "asks": list(_asks(law, rule)), "authority": law.authority or None, "read_on": law.read_on.isoformat(),
        "reviewed": law.reviewed or None,
    }  # fmt: skip


def _unreviewed(command: Command, laws: list[Law]) -> None:
    if any(not law.reviewed for law in laws):
        command.screen.say(UNREVIEWED)


def when_due(command: Command) -> None:
    """Say when a rule's clock runs out: local, UTC, and how long it is until then."""
    args, screen, now = command.args, command.screen, datetime.now(UTC)
    zone = _zone(command.option("zone") or command.home.zone)
    starts = _starts(args.start)
    on = min(starts.values()).astimezone(zone).date()
    rule, law = shipped().rule(args.rule, on), shipped().law_of(args.rule)
    clock: Clock | None = getattr(rule, "clock", None)
    if rule is None or clock is None:
        raise InvalidInputError(
            f"{args.rule} has no clock that binds on {on.isoformat()}.", hint="mindhaven law show", code="rule-no-clock"
        )
    extension: Extension | None = getattr(rule, "extension", None)
    found = due(clock, starts, zone, now=now, extension=extension, times=args.extended)
    if screen.as_json:
        screen.json(_due_told(law, rule, found, now))
    elif found is None:
        screen.data("now: without delay, and no number of days")
    else:
        local = found.late_at.astimezone(zone)
        if found.last_day is not None:
            screen.data(f"last day  {found.last_day.strftime('%A')} {found.last_day.isoformat()}, the whole day")
        screen.data(f"late at   {local.isoformat(timespec='minutes')} ({found.late_at.isoformat(timespec='minutes')})")
        left = found.late_at - now
        screen.data(f"left      {_span(left)}" if left > timedelta() else f"late by   {_span(-left)}")
        if clock.duty == "cap":
            screen.data("That is the latest. The law asks you to act without delay.")
    _unreviewed_in_data(command, [law])


def _due_told(law: Law, rule: AnyRule, found: Due | None, now: datetime) -> dict[str, object]:
    """Return what `law due` says, for a program; a duty without a number has no moment."""
    told = _moments_told(found)
    left = None if found is None else (found.late_at - now).total_seconds() / HOUR_SECONDS
    return {
        "rule": rule.id, **told, "hours_left": None if left is None else round(left, 1),
        "marks": [] if found is None else [mark.isoformat() for mark in found.marks()],
        "evidence": msgspec.to_builtins(rule.evidence), "reviewed": law.reviewed or None,
        "note": None if law.reviewed else UNREVIEWED,
    }  # fmt: skip


def _moments_told(found: Due | None) -> dict[str, object]:
    return {
        "last_day": None if found is None or found.last_day is None else found.last_day.isoformat(),
        "late_at": None if found is None else found.late_at.isoformat(),
    }


def _span(length: timedelta) -> str:
    """Return a length of time in words, rounded down to minutes."""
    minutes = int(length.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    if hours <= IN_HOURS:
        parts = [(hours, "h"), (minutes, "min")]
    else:
        days, hours = divmod(hours, DAY_HOURS)
        parts = [(days, "days"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "less than a minute"


def _unreviewed_in_data(command: Command, laws: list[Law]) -> None:
    """Say it as the last line of the data, so that a file has it; where both streams are one terminal, once."""
    screen = command.screen
    if not screen.as_json and any(not law.reviewed for law in laws):
        screen.data(UNREVIEWED)
        if sys.stdout.isatty():
            return
    _unreviewed(command, laws)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(f"There is no time zone called {name}.", hint="Europe/Berlin", code="zone") from error


def _starts(texts: list[str]) -> dict[Start, datetime]:
    """Return what began when; each may begin once."""
    found: dict[Start, datetime] = {}
    for text in texts:
        name, at = _start(text)
        if name in found:
            raise InvalidInputError(f"{name} is given twice, and can be only once.", code="start-twice")
        found[name] = at
    return found


def _start(text: str) -> tuple[Start, datetime]:
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


def _known(given: list[str]) -> dict[Start, datetime]:
    """Return what began when; `noticed` stands for both words of laws for that."""
    found = _starts([text for text in given if not text.startswith("noticed=")])
    for text in given:
        if text.startswith("noticed="):
            both = _starts([text.replace("noticed", name, 1) for name in NOTICED])
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
    zone = _zone(command.option("zone") or command.home.zone)
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
    _unreviewed_in_data(command, laws)


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
            "stands": one.stands, "why": list(one.why), "whether": self.whether(), **_moments_told(self.found),
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


def diff(command: Command) -> None:
    """Show what of a law, or of all, begins, ends or changes between two days, and how much is only proposed."""
    screen, args = command.screen, command.args
    laws = [law for law in shipped().laws if args.law in {law.id, "all"}]
    if not laws:
        raise NotFoundError(f"There is no law called {plain(args.law)}.", hint="mindhaven law show", code="law-unknown")
    since, until = day_of(args.since), day_of(args.until)
    found = sorted(((law, one) for law in laws for one in changes(law, since, until)), key=lambda pair: pair[1].on)
    if screen.as_json:
        screen.json([{"law": law.id, **_change_told(one)} for law, one in found])
    else:
        for _, one in found:
            screen.data(f"{one.on.isoformat()}  " + screen.bold(one.rule) + f" {one.what}")
            if not one.fields:
                screen.data(f"  {one.says}")
            for field in one.fields:
                screen.data(f"  {field.words}: from {_quoted(field.before)} to {_quoted(field.after)}")
        if not found:
            whose = "any law" if args.law == "all" else laws[0].id
            screen.say(f"Nothing of {whose} begins, ends or changes between these days.")
    if left_out := sum(proposals(law) for law in laws):
        screen.say("1 proposal is left out." if left_out == 1 else f"{left_out} proposals are left out.")
    _unreviewed(command, laws)


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text or "nothing"


def _change_told(one: Change) -> dict[str, object]:
    return {
        "on": one.on.isoformat(), "rule": one.rule, "what": one.what, "says": one.says,
        "fields": [
            {"field": field.name, "words": field.words, "from": field.before, "to": field.after} for field in one.fields
        ],
    }  # fmt: skip


def _own(files: list[str]) -> tuple[list[Law], list[str]]:
    """Return the laws that a host's own files say, and what is wrong with those that say none."""
    laws, found = [], []
    for file in files:
        try:
            laws.append(parse(Path(file).read_bytes().decode(), Path(file).name))
        except UnicodeDecodeError:
            found.append(f"The law file {Path(file).name} is no text in UTF-8.")
        except InvalidInputError as error:
            found.append(error.message)
    return laws, found


def check(command: Command) -> int:
    """Check the shipped files, and a host's own beside them. What only seems odd is told, and is no fault."""
    screen = command.screen
    own, found = _own(command.args.file)
    book = Book((*shipped().laws, *own), shipped().groups)
    found = [plain(one) for one in (*found, *complaints(book))]
    if screen.as_json:
        screen.json(found)
    for one in found:
        screen.warn(one)
    for law in own:
        for role in new_roles(law, shipped()):
            screen.say(
                f"Note: {plain(law.id)} has the role {plain(role)}, which no shipped law knows. If it is meant, "
                "it binds whoever says so of itself; if it is a slip, it binds nobody."
            )
    if not found:
        screen.say(f"{len(book.laws)} laws, {sum(1 for _ in book.rules())} rules: as they should be.")
    return Exit.FAILED if found else Exit.OK
