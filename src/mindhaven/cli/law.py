"""What the law asks, as far as the files know it: rules, and when something is due. I/O: the package's own files."""

import sys
import zoneinfo
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, cast, get_args

import msgspec

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.times import day_of
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.law import UNREVIEWED, AnyRule, Book, Change, Due, Law, binds, changes, complaints, due, parse, shipped
from mindhaven.law.model import Clock, Extension, Start

HOUR_SECONDS: Final = 3600
DAY_HOURS: Final = 24
IN_HOURS: Final = 72
"""Up to so many hours nothing is told in days: laws that ask for haste count so."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("law", "what the law asks, as far as the files know it")
    made = group.add("show", "show laws and rules, or one of them", show)
    made.add_argument("rule", nargs="?", metavar="ID", help="a law, such as gdpr, or a rule, such as gdpr.requests")
    made.add_argument("--on", metavar="DAY", help="as it stands on that day, yyyy-mm-dd (default: today)")
    made = group.add("due", "say when something is due", when_due)
    made.add_argument("rule", metavar="RULE", help="a rule, such as gdpr.breach.authority")
    made.add_argument(
        "--start", metavar="WHAT=TIME", action="append", required=True,
        help="when the clock began, with its offset, such as awareness=2026-11-27T17:00+01:00; may be given again",
    )  # fmt: skip
    made.add_argument("--zone", metavar="ZONE", help="where you have your seat, such as Europe/Berlin (default: here)")
    made.add_argument("--extended", metavar="N", type=int, default=0, help="how often the time was extended")
    made = group.add("diff", "show what of a law begins, ends or changes between two days", diff)
    made.add_argument("law", metavar="LAW", help="a law, such as gdpr")
    made.add_argument("since", metavar="FROM", help="what holds on this day is compared, yyyy-mm-dd")
    made.add_argument("until", metavar="TO", help="with what holds on this one")
    made = group.add("check", "check the files of the laws", check)
    made.add_argument("file", nargs="*", metavar="FILE", help="a law file of your own; may be given again")


def _on(command: Command) -> date:
    given = command.option("on")
    return datetime.now(UTC).date() if given is None else day_of(given)


def show(command: Command) -> None:
    """Show what binds on a day; what does not is named with why."""
    screen, on, asked = command.screen, _on(command), command.option("rule")
    laws = [law for law in shipped().laws if asked in {None, law.id}]
    rules = [(law, rule) for law in laws for rule in law.rule]
    if asked is not None and not laws:
        law = shipped().law_of(asked)
        rules = [(law, rule) for rule in shipped().versions(asked)]
    if screen.as_json:
        screen.json([_told(law, rule, on) for law, rule in rules])
    elif asked is None:
        screen.table(("LAW", "NAME", "RULES"), [(law.id, law.name, str(len(law.rule))) for law in laws])
    else:
        for law, rule in rules:
            screen.data(screen.bold(rule.id) + f"  {law.cite}, {rule.cite}")
            screen.data(f"  {rule.says}")
            state = "binds" if binds(rule, on) else f"does not bind ({rule.status})"
            screen.data(f"  {state}; {rule.evidence.confidence} confidence, {rule.evidence.source}")
    _unreviewed(command, laws or [shipped().law_of(str(asked))])


def _told(law: Law, rule: AnyRule, on: date) -> dict[str, object]:
    return {
        "id": rule.id, "law": law.id, "cite": rule.cite, "says": rule.says, "status": rule.status,
        "binds": binds(rule, on),
        "confidence": rule.evidence.confidence, "source": rule.evidence.source, "reviewed": law.reviewed or None,
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


def diff(command: Command) -> None:
    """Show what of a law begins, ends or changes between two days."""
    screen, args = command.screen, command.args
    law = next((law for law in shipped().laws if law.id == args.law), None)
    if law is None:
        raise NotFoundError(f"There is no law called {args.law}.", hint="mindhaven law show", code="law-unknown")
    found = changes(law, day_of(args.since), day_of(args.until))
    if screen.as_json:
        screen.json([_change_told(one) for one in found])
    else:
        for one in found:
            screen.data(f"{one.on.isoformat()}  " + screen.bold(one.rule) + f" {one.what}")
            if not one.fields:
                screen.data(f"  {one.says}")
            for field in one.fields:
                screen.data(f"  {field.name}: from {_quoted(field.before)} to {_quoted(field.after)}")
        if not found:
            screen.say(f"Nothing of {law.id} begins, ends or changes between these days.")
    _unreviewed(command, [law])


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text or "nothing"


def _change_told(one: Change) -> dict[str, object]:
    return {
        "on": one.on.isoformat(), "rule": one.rule, "what": one.what, "says": one.says,
        "fields": [{"field": field.name, "from": field.before, "to": field.after} for field in one.fields],
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
    """Check the shipped files, and a host's own beside them."""
    own, found = _own(command.args.file)
    book = Book((*shipped().laws, *own), shipped().groups)
    found += complaints(book)
    if command.screen.as_json:
        command.screen.json(found)
    for one in found:
        command.screen.warn(one)
    if not found:
        command.screen.say(f"{len(book.laws)} laws, {sum(1 for _ in book.rules())} rules: as they should be.")
    return Exit.FAILED if found else Exit.OK
