"""What the law asks, as far as the files know it: rules, and when something is due. I/O: the package's own files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, get_args

import msgspec

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.breaches import breach
from mindhaven.cli.exits import Exit
from mindhaven.cli.lawtimes import moments_told, say_unreviewed, span, starts_of, unreviewed_in_data, zone_of
from mindhaven.cli.screen import plain
from mindhaven.cli.times import day_of
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law import (
    UNREVIEWED,
    AnyRule,
    Book,
    Change,
    Due,
    Law,
    binds,
    changes,
    complaints,
    due,
    in_words,
    length,
    new_roles,
    parse,
    proposals,
    shipped,
)
from mindhaven.law.breach import RISKS
from mindhaven.law.model import Clock, Consent, Control, Extension, Ground, RecordClass, Said

HOUR_SECONDS: Final = 3600


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
        unreviewed_in_data(command, laws)
        return
    say_unreviewed(command, laws)


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


def when_due(command: Command) -> None:
    """Say when a rule's clock runs out: local, UTC, and how long it is until then."""
    args, screen, now = command.args, command.screen, datetime.now(UTC)
    zone = zone_of(command.option("zone") or command.home.zone)
    starts = starts_of(args.start)
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
        screen.data(f"left      {span(left)}" if left > timedelta() else f"late by   {span(-left)}")
        if clock.duty == "cap":
            screen.data("That is the latest. The law asks you to act without delay.")
    unreviewed_in_data(command, [law])


def _due_told(law: Law, rule: AnyRule, found: Due | None, now: datetime) -> dict[str, object]:
    """Return what `law due` says, for a program; a duty without a number has no moment."""
    told = moments_told(found)
    left = None if found is None else (found.late_at - now).total_seconds() / HOUR_SECONDS
    return {
        "rule": rule.id, **told, "hours_left": None if left is None else round(left, 1),
        "marks": [] if found is None else [mark.isoformat() for mark in found.marks()],
        "evidence": msgspec.to_builtins(rule.evidence), "reviewed": law.reviewed or None,
        "note": None if law.reviewed else UNREVIEWED,
    }  # fmt: skip


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
    say_unreviewed(command, laws)


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
