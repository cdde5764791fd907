"""Changing an entry of one's own: a next version, the one before is replaced. I/O: the store; the server; an editor."""

import sys
from typing import Any, Final

from mindhaven.cli import drafts
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.editor import edit as open_editor
from mindhaven.cli.present import find, short, short_kind, when
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.cli.times import moment_of
from mindhaven.cli.writing import JOURNAL, MOOD, mood_of
from mindhaven.errors import DeniedError, InvalidInputError
from mindhaven.kinds import JsonValue, Record, check
from mindhaven.kinds.record import zone_named
from mindhaven.sdk import Entry

OPTIONS: Final = {MOOD: ("value", "note", "at", "zone"), JOURNAL: ("text", "title", "at", "zone")}
"""What can be changed of which kind."""
LONGEST: Final = 60


def register(adder: Adder) -> None:
    """Add the command of this area."""
    made = adder.add("edit", "change a mood or journal entry of yours", edit)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made.add_argument("--value", metavar="VALUE", help="of a mood: 1 to 5, or a word such as good")
    made.add_argument("--note", metavar="TEXT", help='of a mood: a few words about it; "" takes them away')
    made.add_argument("--text", metavar="TEXT", help="of a journal entry: the new text; - reads it from standard input")
    made.add_argument("--title", metavar="TEXT", help='of a journal entry; "" takes it away')
    made.add_argument("--at", metavar="TIME", help='when it was, such as "2026-11-20 21:30" or "yesterday 22:00"')
    made.add_argument("--zone", metavar="ZONE", help="where you were, such as Europe/Berlin")


def edit(command: Command) -> None:
    """Write a next version of an entry."""
    screen = command.screen
    with command.open() as session:
        entry = find(session.client.entries(), command.args.id)
        old = _editable(command, entry)
        new, draft = _changed(command, session, entry, old)
        changes = _differences(old, new)
        if not changes:
            drafts.drop(session.client.store, f"edit/{short(entry.item)}", draft)
            screen.say("Nothing was changed.")
            return
        try:
            check(new)
            item = session.client.revise(entry, new)
        except BaseException:
            if draft is not None:
                drafts.say_kept(screen, f"edit/{short(entry.item)}")
            raise
        drafts.drop(session.client.store, f"edit/{short(entry.item)}", draft)
        if screen.as_json:
            screen.json({"id": item.hex(), "changed": {name: {"was": was, "is": now} for name, was, now in changes}})
        else:
            for name, was, now in changes:
                screen.data(f"{name}: {_short(was)} -> {_short(now)}")
        moved = "" if item == entry.item else " It is in another month now, so its id is new."
        screen.say(f"Changed {short(item)}.{moved}")
        session.after_write()


def _editable(command: Command, entry: Entry) -> Record:
    record = entry.record
    if record is None:
        raise InvalidInputError(
            "This entry can't be opened on this device.", hint="mindhaven sync may bring what is missing.",
            code="entry-closed",
        )  # fmt: skip
    if not entry.mine:
        raise DeniedError(
            "Nobody edits another's entry.", hint="Write an entry of your own instead.", code="not-the-author"
        )
    known = OPTIONS.get(record.kind)
    if known is None:
        other = "mindhaven plan edit" if record.kind == "mindhaven/plan" else f"mindhaven erase {short(entry.item)}"
        raise InvalidInputError(
            f"mindhaven edit changes moods and journal entries, not {short_kind(record.kind)} entries.",
            hint=f"Use {other}, and write it anew." if "erase" in other else f"Use {other}.",
            code="edit-kind",
        )
    given = [name for name in ("value", "note", "text", "title") if command.option(name) is not None]
    for name in given:
        if name not in known:
            raise InvalidInputError(
                f"--{name} does not go with a {short_kind(record.kind)} entry.",
                hint=f"There are: {', '.join('--' + one for one in known)}.",
                code="edit-option",
            )
    return record


def _changed(command: Command, session: Session, entry: Entry, old: Record) -> tuple[Record, str | None]:
    """Return the new record, and the text that an editor gave (a draft until it is saved)."""
    body: dict[str, JsonValue] = dict(old.body)
    asked = any(command.option(name) is not None for name in OPTIONS[old.kind])
    if command.option("value") is not None:
        valence, raw = mood_of(command.args.value)
        body |= {"valence": valence, "raw": raw}
    for name in ("note", "title", "text"):
        given = command.option(name)
        if given is not None:
            body[name] = sys.stdin.read().rstrip("\n") if (name, given) == ("text", "-") else given
            if not given:
                del body[name]
    zone = command.option("zone") or old.zone
    zone_named(zone)
    at = command.option("at")
    if at is None:
        at_ms = (
            old.created_at if zone == old.zone else moment_of(old.local_time().replace(tzinfo=None).isoformat(), zone)
        )
    else:
        at_ms = moment_of(at, zone)
    written = None
    if not asked:
        written = _from_editor(command, session, entry, old)
        if not written.strip():
            raise InvalidInputError(
                "Nothing was written, so nothing was changed.", hint="mindhaven erase erases it.", code="empty"
            )
        body["text"] = written.rstrip("\n")
    return Record(kind=old.kind, version=old.version, created_at=at_ms, zone=zone, body=body), written


def _from_editor(command: Command, session: Session, entry: Entry, old: Record) -> str:
    if old.kind != JOURNAL:
        raise InvalidInputError(
            "Say what to change.",
            hint="Such as --value good, --note TEXT, --at TIME or --zone ZONE.",
            code="edit-option",
        )
    command.screen.need_terminal("Give --text TEXT, or --text - to read it from standard input.")
    store, name = session.client.store, f"edit/{short(entry.item)}"
    draft = drafts.offer(command.screen, store, name)
    over = None if draft is None else draft.text
    begun = str(old.body.get("text", "")) + "\n" if over is None else over
    return open_editor(command.screen, store, command.home.path, begun, name="entry.txt", draft=name, over=over)


def _differences(old: Record, new: Record) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    if (old.created_at, old.zone) != (new.created_at, new.zone):
        found.append(("when", f"{when(old)} {old.zone}", f"{when(new)} {new.zone}"))
    names = {"raw": "value"}
    for name in sorted({*old.body, *new.body} - {"valence"}):
        was, now = old.body.get(name), new.body.get(name)
        if was != now:
            found.append((names.get(name, name), _said(was), _said(now)))
    return found


def _said(value: JsonValue) -> JsonValue:
    return (value.get("name") or value.get("value")) if isinstance(value, dict) else value


def _short(value: object) -> str:
    text = "(nothing)" if value in (None, "") else plain(str(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
