"""Moods and journal entries. I/O: the store; the server, if it answers; an editor for journal text."""

import argparse
import math
import mimetypes
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mindhaven.cli import drafts
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.editor import edit
from mindhaven.cli.exits import Exit
from mindhaven.cli.present import own, short, when
from mindhaven.cli.screen import terminal
from mindhaven.cli.session import Session, own_first
from mindhaven.cli.times import moment_of, month_text, now_ms
from mindhaven.errors import DeniedError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.kinds import JsonValue, Record, check
from mindhaven.kinds.moods import FACES, VALENCES, face_of
from mindhaven.kinds.record import zone_named
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.sharing import Shared

MOOD: Final = "mindhaven/mood"
JOURNAL: Final = "mindhaven/journal"
COLLECTION: Final = "journal"
SCALE: Final = "mindhaven-5"
VERY_LOW: Final = -0.75
ONE: Final = re.compile(r"1\.0*")
"""Could be the lowest face or the highest value, so it is asked about."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    log = adder.group("log", "write down how you are")
    made = log.add("mood", "write down a mood", log_mood)
    made.add_argument(
        "value", nargs="*", metavar="VALUE",
        help="1 to 5, a face (very-low, low, so-so, good, very-good) or a word like it, or a number with a sign from"
        " -1.0 to +1.0",
    )  # fmt: skip
    made.add_argument("--note", metavar="TEXT", help="a few words about it")
    made.add_argument("--activity", metavar="TEXT", action="append", help="what you did; may be given again")
    moment_options(made)
    journal = adder.group("journal", "write a journal")
    made = journal.add("add", "add a journal entry, from TEXT, from standard input (-) or in your editor", journal_add)
    made.add_argument("text", nargs="*", metavar="TEXT", help="the entry; - reads it from standard input")
    made.add_argument("--title", metavar="TEXT", help="a title")
    made.add_argument("--attach", metavar="FILE", action="append", help="seal a file with the entry; needs the server")
    moment_options(made)


def moment_options(made: argparse.ArgumentParser) -> None:
    """Add --at, --zone and --into."""
    made.add_argument("--at", metavar="TIME", help='when it was, such as "2026-11-20 21:30" or "yesterday 22:00"')
    made.add_argument("--zone", metavar="ZONE", help="where you were, such as Europe/Berlin")
    made.add_argument(
        "--into", metavar="NAME", help='write into what someone shares with you, such as mood or "Ana: mood"'
    )


def destination(command: Command, session: Session, kind: str) -> Shared | None:
    """Return the collection of another that --into names, None without it; raise what `writable` raises.

    Asks the server once if this device does not know it yet. Call it before anything is asked or typed. Raises
    `InvalidInputError` (month-not-entitled) for a moment before the share begins.
    """
    name = command.option("into")
    if name is None:
        return None
    try:
        found = session.client.writable(name)
    except (NotFoundError, DeniedError):
        if session.offline or session.try_sync() is None:
            raise
        found = session.client.writable(name)
    month = record_of(command, kind, {}).month()
    if month and month < found.since:
        raise InvalidInputError(
            f"{found.who} shares {found.name} with you from {month_text(found.since)} on.",
            hint="Give a later --at, or leave --into out.",
            code="month-not-entitled",
        )
    return found


def mood_of(text: str) -> tuple[float, dict[str, JsonValue]]:
    """Return the valence and the raw value that `text` says; raise `InvalidInputError` (mood)."""
    clean = text.strip()
    number = face_of(clean)
    if number is not None:
        name = FACES[number - 1] if clean.isdigit() else " ".join(clean.lower().replace("-", " ").split())
        name = FACES[number - 1] if name == FACES[number - 1].replace("-", " ") else name
        return VALENCES[number - 1], {"scale": SCALE, "value": number, "name": name}
    try:
        valence = math.nan if ONE.fullmatch(clean) else float(clean)
    except ValueError:
        valence = math.nan
    if not -1 <= valence <= 1:
        raise InvalidInputError(
            "This could be the lowest face or the highest number." if ONE.fullmatch(clean)
            else "A mood is a number from 1 to 5 or a face.",
            hint="1 very-low, 2 low, 3 so-so, 4 good, 5 very-good; or a number with a sign, from -1.0 to +1.0.",
            code="mood",
        )  # fmt: skip
    return valence, {"scale": "valence", "value": valence}


def log_mood(command: Command) -> None:
    """Write one mood down."""
    check(record_of(command, MOOD, {"valence": 0}))  # --at and --zone, before anything is asked
    valence, raw = _mood_asked(command, " ".join(command.args.value))
    body: dict[str, JsonValue] = {"valence": valence, "span": "moment", "raw": raw}
    if command.option("note"):
        body["note"] = command.args.note
    if command.option("activity"):
        body["activities"] = list(command.args.activity)
    record = record_of(command, MOOD, body)
    with command.open() as session:
        into = destination(command, session, MOOD)
        first_low = valence <= VERY_LOW and not _low_before(session, record)
        save(command, session, record, into=into)
        if first_low:
            command.screen.say("Sorry it is this hard right now. You can open your plan (mindhaven plan show), or talk"
                               " to someone (mindhaven crisis).")  # fmt: skip


def _mood_asked(command: Command, text: str) -> tuple[float, dict[str, JsonValue]]:
    """Return the mood that was given; in a terminal, ask for one until it is understood."""
    screen = command.screen
    if not text:
        screen.need_terminal("mindhaven log mood good, or a number from 1 to 5.")
        screen.note("How are you right now?")
        screen.note("  " + "   ".join(f"{number} {name}" for number, name in enumerate(FACES, 1)))
        text = screen.ask(">", instead="")
    while True:
        try:
            return mood_of(text)
        except InvalidInputError as error:
            if not terminal():
                raise
            screen.paragraph(error.diagnostics())
            text = screen.ask(">", instead="")


def _low_before(session: Session, record: Record) -> bool:
    """Whether an earlier entry of the same day was as low: the line stands once a day. Nothing is recorded for it."""
    for entry in own(session, kind=MOOD):
        valence = None if entry.record is None else entry.record.body.get("valence")
        low = entry.mine and isinstance(valence, int | float) and valence <= VERY_LOW
        if low and entry.record is not None and entry.record.local_day() == record.local_day():
            return True
    return False


def record_of(command: Command, kind: str, body: dict[str, JsonValue]) -> Record:
    """Return a record of the moment and zone that the command names, else of now and here."""
    zone = command.option("zone") or command.home.zone
    zone_named(zone)
    at = command.option("at")
    return Record(
        kind=kind, version=1, created_at=now_ms() if at is None else moment_of(at, zone), zone=zone, body=body
    )


def save(
    command: Command,
    session: Session,
    record: Record,
    *,
    notes: Notes | None = None,
    tell: bool = True,
    into: Shared | None = None,
    landed: Callable[[], None] | None = None,
) -> None:
    """Write a record, say so, and send it if the server answers; `tell`: also as JSON where that was asked for.

    `into` is another's collection; None: one's own. `landed` is called once the record is kept on this device.
    """
    item = session.client.add(record, collection=None if into is None else into.id, notes=notes)
    if landed is not None:
        landed()
    if tell and command.screen.as_json:
        told = {"id": item.hex(), "kind": record.kind, "at": record.local_time().isoformat()}
        command.screen.json(told if into is None else told | {"into": into.name, "of": into.who})
    where = "" if into is None else f" for {into.title}. {into.who} can read it"
    command.screen.say(f"Saved {when(record)}, sealed on this device ({short(item)}){where}.")
    session.after_write()


def journal_add(command: Command) -> int | None:
    """Write one journal entry."""
    screen, text = command.screen, " ".join(command.args.text)
    if not text:
        screen.need_terminal("Give the text, or - to read it from standard input.")
    paths = [Path(name) for name in command.option("attach") or ()]
    for path in paths:
        if not path.is_file():
            raise InvalidInputError(f"There is no file {path}.", hint="Check the path.", code="file")
    body: dict[str, JsonValue] = {"title": command.args.title} if command.option("title") else {}
    check(record_of(command, JOURNAL, body | {"text": "-"}))  # before anything is typed
    written = sys.stdin.read() if text == "-" else text
    with command.open() as session:  # before the editor: no text is lost to a wrong passphrase
        into = destination(command, session, JOURNAL)
        if text:
            return _keep_journal(command, session, body | {"text": written}, paths, into)
        written = _from_editor(command, session)
        try:
            return _keep_journal(command, session, body | {"text": written}, paths, into)
        except BaseException:
            if drafts.kept(session.client.store, drafts.JOURNAL) and written.strip():
                drafts.say_kept(screen, drafts.JOURNAL)
            raise


def _from_editor(command: Command, session: Session) -> str:
    store = session.client.store
    draft = drafts.offer(command.screen, store, drafts.JOURNAL)
    over = None if draft is None else draft.text
    return edit(command.screen, store, command.home.path, over or "", name="entry.txt", draft=drafts.JOURNAL, over=over)


def _keep_journal(
    command: Command, session: Session, body: dict[str, JsonValue], paths: list[Path], into: Shared | None
) -> int | None:
    written = str(body["text"])
    if not written.strip():
        raise InvalidInputError("Nothing was written, so nothing was saved.", code="empty")
    record = record_of(command, JOURNAL, body | {"text": written.rstrip("\n")})
    check(record)
    files = _attached(session, paths, into)
    notes = Notes(files=files) if files else None
    store = session.client.store
    save(command, session, record, notes=notes, into=into, landed=lambda: drafts.drop(store, drafts.JOURNAL, written))
    if len(files) < len(paths):
        command.screen.warn("The text is saved, the file is not: a file needs the server.")
        return Exit.OFFLINE
    return None


def _attached(session: Session, paths: list[Path], into: Shared | None) -> tuple[AttachmentRef, ...]:
    async def send(m: AsyncMindhaven) -> list[AttachmentRef]:
        if into is None:
            await own_first(m, {COLLECTION})
        place = COLLECTION if into is None else into.id
        return [await m.attach(place, path, media_type=_media(path)) for path in paths]

    try:
        return tuple(session.call_online(send)) if paths else ()
    except (UnavailableError, SignedOutError):
        return ()


def _media(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
