"""The plan for hard times: one sealed entry, edited as text or part by part. I/O: the store, the editor, the server."""

import sys
from pathlib import Path
from typing import Any, Final

from mindhaven.cli import drafts
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.editor import edit
from mindhaven.cli.present import as_json, own, people
from mindhaven.cli.screen import Screen, block, plain
from mindhaven.cli.session import Session
from mindhaven.cli.stopping import EndedError, ended_softly
from mindhaven.cli.times import now_ms
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, Record
from mindhaven.kinds.catalogue import PLAN as KIND_OF_PLAN
from mindhaven.sdk import Entry
from mindhaven.sdk.local import LocalStore

PLAN: Final = KIND_OF_PLAN.name
PEOPLE: Final = ("people", "professionals")
TITLES: Final = {
    field.name: field.about[0].upper() + field.about[1:]
    for field in KIND_OF_PLAN.fields
    if field.name not in {"note", "source"}
} | {"note": "Anything else"}
"""The headings of a plan: those of the kind."""
PERSON_FIELDS: Final = ("name", "contact", "hours", "note")
HELP: Final = """; My plan for hard times. Write one thing on each line below a heading; leave out what you like.
; People: Name | number or address | hours | note. Lines that begin with ; are not kept.
"""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    plan = adder.group("plan", "your own plan for hard times", show)
    plan.add("show", "show your plan; works offline", show)
    made = plan.add("edit", "write or change your plan, in your editor or question by question", change)
    made.add_argument("file", nargs="?", metavar="FILE", help="take the text from a file, or - from standard input")
    made.add_argument("--ask", action="store_true", help="ask for each part instead of opening an editor")


def newest(session: Session) -> Entry | None:
    """Return the plan, or None; never one that somebody else wrote into a collection of one's own."""
    found = [entry for entry in own(session, kind=PLAN) if entry.record is not None and entry.mine]
    return max(found, key=lambda one: (one.record.created_at if one.record else 0, one.revision)) if found else None


def show(command: Command) -> None:
    """Show the plan."""
    screen = command.screen
    with command.open() as session:
        entry = newest(session)
        if screen.as_json:
            screen.json(None if entry is None else as_json(entry, people(session)))
        elif entry is None or entry.record is None:
            screen.say("You have no plan yet. mindhaven plan edit makes one.")
        else:
            for line in text_lines(dict(entry.record.body)):
                screen.data(screen.bold(line[2:]) if line.startswith("# ") else line)


def text_lines(body: dict[str, JsonValue]) -> list[str]:
    """Return a plan as lines, headings begin with `# `; empty parts left out."""
    told: list[str] = []
    for name, title in TITLES.items():
        lines = _lines(name, body.get(name))
        if lines:
            told += [f"# {title}", *(f"  {line}" for line in lines), ""]
    return told[:-1]


def _lines(name: str, value: JsonValue) -> list[str]:
    if name == "note":
        return block(str(value)).splitlines() if value else []
    if not isinstance(value, list):
        return []
    if name in PEOPLE:
        return [plain(_person(one)) for one in value if isinstance(one, dict)]
    return [plain(str(one)) for one in value]


def _person(person: dict[str, Any]) -> str:
    parts = [str(person.get(name) or "") for name in PERSON_FIELDS]
    return " | ".join(parts).rstrip(" |")


def to_text(body: dict[str, JsonValue]) -> str:
    """Return a plan as the text that is edited: every heading stands, also over nothing."""
    parts = [HELP]
    for name, title in TITLES.items():
        parts.append(f"# {title}\n" + "".join(f"{line}\n" for line in _lines(name, body.get(name))))
    return "\n".join(parts)


def from_text(text: str) -> dict[str, JsonValue]:
    """Return the plan that `text` writes; raise `InvalidInputError` (plan-heading) for an unknown heading."""
    names = {title.lower(): name for name, title in TITLES.items()}
    found: dict[str, list[str]] = {}
    part: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        clean = line.strip()
        if clean.startswith("#"):
            name = names.get(clean.lstrip("# ").lower())
            if name is None:
                raise InvalidInputError(
                    f"Line {number} is a heading that a plan does not have.",
                    hint=f"There are: {'; '.join(TITLES.values())}.",
                    code="plan-heading",
                )
            part = found.setdefault(name, [])
        elif clean and not clean.startswith(";"):
            if part is None:
                raise InvalidInputError(
                    f"Line {number} stands before the first heading.", hint="Put it below one.", code="plan-heading"
                )
            part.append(clean.removeprefix("- "))
    return _body(found)


def _body(found: dict[str, list[str]]) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {}
    for name, lines in found.items():
        if not lines:
            continue
        if name == "note":
            body[name] = "\n".join(lines)
        elif name in PEOPLE:
            body[name] = [_as_person(line) for line in lines]
        else:
            body[name] = list(lines)
    return body


def _as_person(line: str) -> dict[str, JsonValue]:
    parts = [part.strip() for part in line.split("|", len(PERSON_FIELDS) - 1)]
    return {name: value for name, value in zip(PERSON_FIELDS, parts, strict=False) if value or name == "name"}


def change(command: Command) -> None:
    """Write or change the plan."""
    screen, file = command.screen, command.option("file")
    if file is None:
        screen.need_terminal("Give a file: mindhaven plan edit FILE, or - for standard input.")
    text = None if file is None else (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8"))
    with command.open() as session:
        entry = newest(session)
        old: dict[str, JsonValue] = {} if entry is None or entry.record is None else dict(entry.record.body)
        written: str | None = None
        if text is not None:
            body = from_text(text)
        else:
            body, written = _written(command, session, old)
        if not body:
            drafts.drop(session.client.store, drafts.PLAN, written)
            raise InvalidInputError("Nothing was written, so nothing was saved.", code="empty")
        record = Record(kind=PLAN, version=1, created_at=now_ms(), zone=command.home.zone, body=body)
        try:
            if entry is None:
                session.client.add(record)
            else:
                session.client.revise(entry, record)
        except BaseException:
            if written is not None:
                drafts.say_kept(screen, drafts.PLAN)
            raise
        drafts.drop(session.client.store, drafts.PLAN, written)
        screen.say("Your plan is saved, sealed on this device. mindhaven plan show opens it, also offline.")
        session.after_write()


def _written(command: Command, session: Session, old: dict[str, JsonValue]) -> tuple[dict[str, JsonValue], str]:
    """Return the plan that was typed, and its text: a draft until the plan is saved."""
    screen, store = command.screen, session.client.store
    draft = drafts.offer(screen, store, drafts.PLAN)
    over = None if draft is None else draft.text
    if not command.option("ask"):
        return _edited(command, session, to_text(old) if over is None else over, over)
    try:
        return _asked(screen, store, old if over is None else from_text(over), over)
    except InvalidInputError as error:  # a draft from the editor, not yet in order
        screen.warn(error.diagnostics())
        return _edited(command, session, over or "", over)


def _edited(command: Command, session: Session, text: str, over: str | None) -> tuple[dict[str, JsonValue], str]:
    screen, store = command.screen, session.client.store
    while True:
        text = edit(screen, store, command.home.path, text, name="plan.txt", draft=drafts.PLAN, over=over)
        try:
            return from_text(text), text
        except InvalidInputError as error:
            over = text
            screen.warn(error.diagnostics())
            if not screen.yes("Open the editor again?", instead="", default=True):
                drafts.say_kept(screen, drafts.PLAN)
                raise


def _asked(
    screen: Screen, store: LocalStore, old: dict[str, JsonValue], over: str | None
) -> tuple[dict[str, JsonValue], str]:
    found = {name: _lines(name, old.get(name)) for name in TITLES}
    screen.note("One thing on each line. An empty line goes on to the next part; - alone empties a part.")
    screen.note("Ctrl-C stops; what you have typed by then is kept.")
    try:
        with ended_softly():
            for name in TITLES:
                _ask_part(screen, name, found[name])
    finally:
        body = _body(found)
        text = to_text(body)
        if text != to_text(old):
            drafts.keep(store, drafts.PLAN, text, instead_of=over)
            if isinstance(sys.exception(), KeyboardInterrupt) and not isinstance(sys.exception(), EndedError):
                screen.note()
                drafts.say_kept(screen, drafts.PLAN)
    return body, text


def _ask_part(screen: Screen, name: str, lines: list[str]) -> None:
    screen.note()
    screen.note(TITLES[name] + ("   (Name | number | hours | note)" if name in PEOPLE else ""))
    for line in lines:
        screen.note(f"  has: {line}")
    while line := screen.ask("  >", instead=""):
        if line == "-":
            lines.clear()
        else:
            lines.append(line)
