"""Importing files of other apps: look first, then ask, then read. I/O: the file (only read), the store, the server.

Guarantees: nothing is written before the preview was shown; what was imported before is skipped by its key, or, with
another --zone, corrected where the person has not changed it since; a row that can't be read is told by its line and
the rest go on. The file never leaves this machine.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.present import own, short_kind, when
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.session import Session, sync_own
from mindhaven.cli.times import now_ms
from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kinds import Record, kind_named, summary
from mindhaven.sdk import Entry
from mindhaven.sdk.errors import SignedOutError, WrongPassphraseError
from mindhaven.sdk.imports import (
    Imported,
    Importer,
    NeedsMoodNames,
    Options,
    Preview,
    Problem,
    compare,
    detect,
    importer_named,
    key_of,
)
from mindhaven.sdk.imports.batches import Batches
from mindhaven.sdk.imports.model import NO_NUMBER
from mindhaven.sdk.local import LocalStore

BATCH: Final = 500
"""Records that land on the device together: few commits, and a stop loses none of them."""
SHOWN: Final = 20
"""Unreadable rows that are listed; --verbose lists all."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("import", "import a file of another app; see docs/reference/imports.md", run)
    made.add_argument("file", metavar="FILE", help="Daylio, Bearable, Apple Health, or any table with --map")
    made.add_argument("--preview", action="store_true", help="only show what would be imported")
    made.add_argument("--mood", metavar="NAME=N", action="append", help='what a mood of yours means, such as "meh=3"')
    made.add_argument(
        "--map", metavar="MAP", help='columns of any table, such as "Day=date,Feeling=mood.valence:1..10"'
    )
    made.add_argument("--zone", metavar="ZONE", help="where you were, such as Europe/Berlin, if the file does not say")
    made.add_argument("--importer", metavar="NAME", help="take this importer instead of looking at the file")
    made.add_argument("--yes", action="store_true", help="do not ask")


def options_of(command: Command) -> Options:
    """Return what the command line says of the file; raise `InvalidInputError` (import-mood-level)."""
    moods = {}
    for pair in command.option("mood") or ():
        name, _, level = pair.rpartition("=")
        if not name or level.strip() not in {"1", "2", "3", "4", "5"}:
            raise InvalidInputError(
                "A mood is given as NAME=N, from 1 (worst) to 5 (best).",
                hint='For example --mood "meh=3".',
                code="import-mood-level",
            )
        moods[name.strip()] = int(level)
    return Options(zone=command.option("zone") or command.home.zone, moods=moods, columns=command.option("map") or "")


def run(command: Command) -> int | None:
    """Preview, ask, import, sync."""
    screen, path = command.screen, Path(command.args.file)
    if not path.is_file():
        raise InvalidInputError(f"There is no file {path}.", hint="Check the path.", code="file")
    options = options_of(command)
    name = command.option("importer") or ("csv-map" if options.columns else None)
    importer = importer_named(name) if name else detect(path)
    try:
        preview = importer.preview(path, options)
    except NeedsMoodNames as needed:
        raise ask_for_moods(needed.names) from needed
    if command.option("preview"):
        _preview(command, importer, path, options, preview)
        return None
    show_preview(screen, preview, options)
    if preview.unknown_moods:
        raise ask_for_moods(preview.unknown_moods)
    if not preview.by_kind:
        _problems(screen, list(preview.problems), preview.problem_count)
        screen.warn("Nothing in this file could be read, so nothing was imported.")
        return Exit.FAILED
    with command.open() as session:
        found = _Found.of(command, session, importer, path, options, preview)
        show_found(screen, found)
        if not command.option("yes") and (found.new or found.corrections):
            question = "Import this?" if found.new else "Correct this?"
            if not screen.yes(question, instead="Give --yes, or --preview to only look."):
                screen.say("Nothing was imported.")
                return None
        return _import(screen, session, importer, path, options, found)


def _preview(command: Command, importer: Importer, path: Path, options: Options, preview: Preview) -> None:
    """Only show what would happen; with what is here already, if this device's entries can be opened."""
    screen, found = command.screen, None
    if LocalStore.exists(command.home.path) and not preview.unknown_moods:
        try:
            with command.open() as session:
                found = _Found.of(command, session, importer, path, options, preview)
        except WrongPassphraseError:
            screen.say("Your entries are locked, so this does not say which of these are here already.")
    if screen.as_json:
        screen.json(_json(preview, found))
    else:
        show_preview(screen, preview, options)
        if found is not None:
            show_found(screen, found)
    if preview.unknown_moods:
        raise ask_for_moods(preview.unknown_moods)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the file comes to beside what is here: keys that are here, counts, and what is to be corrected."""

    known: frozenset[str]
    new: int
    here: int
    corrections: tuple[tuple[Entry, Record], ...]
    edited: int
    zone: str

    @classmethod
    def of(
        cls, command: Command, session: Session, importer: Importer, path: Path, options: Options, preview: Preview
    ) -> "_Found":
        """Compare the file with one's own entries; only a zone that was given corrects, never a machine's own."""
        kept = [entry for entry in own(session) if entry.record is not None and entry.mine and key_of(entry.record)]
        records = [entry.record for entry in kept if entry.record is not None]
        known = frozenset(key_of(record) for record in records) | session.client.locks.known()
        if command.option("zone") is None:
            new = sum(1 for row in importer.read(path, options) if isinstance(row, Imported) and row.key not in known)
            return cls(known, new, sum(preview.by_kind.values()) - new, (), 0, options.zone)
        again = compare(importer, path, options, records)
        corrections = tuple((kept[place], record) for place, record in again.corrections)
        return cls(known, again.new, again.here, corrections, again.edited, options.zone)


def show_found(screen: Screen, found: _Found) -> None:
    """Say what is here already, and what an earlier import with another zone makes wrong."""
    if found.here:
        screen.note(f"  {found.here:>7,}  {'is' if found.here == 1 else 'are'} here already")
    if found.corrections:
        count = len(found.corrections)
        screen.note(
            f"  {count:>7,}  {'entry' if count == 1 else 'entries'} will be corrected: their time zone becomes"
            f" {plain(found.zone)}"
        )
    if found.edited:
        count = found.edited
        screen.note(f"  {count:>7,}  {'differs' if count == 1 else 'differ'} from the file in more than the zone (you"
                    " changed them since), and stay as they are")  # fmt: skip


def ask_for_moods(names: tuple[str, ...]) -> InvalidInputError:
    """Return the error that asks for mood names, with the exact options to add."""
    wanted = " ".join(f'--mood "{plain(name)}=N"' for name in names)
    return InvalidInputError(
        f"This file uses {len(names)} mood {'name' if len(names) == 1 else 'names'} of your own."
        " Say what each means, from 1 (worst) to 5 (best).",
        hint=f"Add, with a number in place of N: {wanted}",
        code="import-mood-names",
    )


def _json(preview: Preview, found: _Found | None) -> dict[str, object]:
    return {
        "new": None if found is None else found.new,
        "already_here": None if found is None else found.here,
        "to_correct": None if found is None else len(found.corrections),
        "changed_since": None if found is None else found.edited,
        "importer": preview.importer,
        "by_kind": dict(preview.by_kind),
        "first_day": None if preview.first_day is None else preview.first_day.isoformat(),
        "last_day": None if preview.last_day is None else preview.last_day.isoformat(),
        "first": [{"at": one.record.local_time().isoformat(), "summary": summary(one.record)} for one in preview.first],
        "unknown_moods": list(preview.unknown_moods),
        "asked_for": preview.asked_count,
        "problem_count": preview.problem_count - preview.asked_count,
        "problems": [
            {"line": one.line, "field": one.field, "message": one.message}
            for one in preview.problems
            if one.code != NO_NUMBER
        ],
    }


def show_preview(screen: Screen, preview: Preview, options: Options) -> None:
    """Say what is in the file, on standard error: it is what the question is about."""
    days = ""
    if preview.first_day is not None and preview.last_day is not None:
        days = f", {preview.first_day} to {preview.last_day}"
    screen.say(f"Read as {preview.importer}{days}. Times without a zone count as {options.zone}.")
    for kind, count in sorted(preview.by_kind.items(), key=lambda one: -one[1]):
        known = kind_named(kind)
        screen.note(f"  {count:>7,}  {known.title.lower() if known is not None else short_kind(kind)}")
    if preview.first:
        screen.note("  The first of them:")
    for one in preview.first:
        text = f"    {when(one.record)}  {plain(summary(one.record))}"
        screen.note(text if len(text) <= screen.width else text[: screen.width - 1] + "…")
    if preview.asked_count:
        count = preview.asked_count
        screen.note(f"  {count:>7,}  {'row waits' if count == 1 else 'rows wait'} for what your own mood names mean")
    if preview.problem_count > preview.asked_count:
        count = preview.problem_count - preview.asked_count
        screen.note(f"  {count:>7,}  {'row' if count == 1 else 'rows'} can't be read and will be left out")


def _import(screen: Screen, session: Session, importer: Importer, path: Path, options: Options, found: _Found) -> int:
    known = set(found.known)
    problems: list[Problem] = []
    batch: list[Record] = []
    imported = 0
    progress = screen.progress("Importing")

    batches = Batches(session.client.store)
    number = batches.begin(at_ms=now_ms(), importer=importer.name, file=path.name)

    def land() -> None:
        nonlocal imported
        with session.client.store.batch():
            batches.add(number, session.client.add_all(batch), batch)
        imported += len(batch)
        batch.clear()
        if progress is not None:
            progress(imported, found.new)

    for row in importer.read(path, options):
        if isinstance(row, Problem):
            problems.append(row)
        elif row.key not in known:
            _take(row, known, batch)
            if len(batch) >= BATCH:
                land()
    land()
    if not imported:
        batches.forget(number)
    with session.client.store.batch():
        became = session.client.revise_all(found.corrections)
        batches.corrected({
            entry.item: (item, record) for (entry, record), item in zip(found.corrections, became, strict=True)
        })  # fmt: skip
    _send(session)
    corrected = len(found.corrections)
    if screen.as_json:
        screen.json({"importer": importer.name, "imported": imported, "already_here": found.here,
                     "corrected": corrected, "changed_since": found.edited, "unreadable": len(problems)})  # fmt: skip
    screen.say(_result(imported, found))
    if imported:
        screen.say("To take this import back: mindhaven undo-import")
    _problems(screen, problems, len(problems))
    return Exit.OK if imported or found.here or corrected or found.edited else Exit.FAILED


def _result(imported: int, found: _Found) -> str:
    said = []
    corrected = len(found.corrections)
    if imported:
        said.append(f"Imported {imported:,} {'entry' if imported == 1 else 'entries'}.")
    if corrected:
        said.append(f"Corrected the time zone of {corrected:,} {'entry' if corrected == 1 else 'entries'}.")
    if found.here:
        said.append(
            f"{found.here:,} were here already." if said else f"Nothing new: all {found.here:,} were here already."
        )
    if found.edited:
        said.append(f"{found.edited:,} that you changed since stay as they are.")
    return " ".join(said) or "Nothing was imported."


def _take(row: Imported, known: set[str], batch: list[Record]) -> None:
    known.add(row.key)
    batch.append(row.record)


def _send(session: Session) -> None:
    progress = session.screen.progress("Sending")
    if session.offline or progress is None:
        session.after_write()
        return
    try:
        session.call(lambda m: sync_own(m, progress))
    except (SignedOutError, UnavailableError):
        session.after_write()


def _problems(screen: Screen, problems: list[Problem], count: int) -> None:
    if not problems:
        return
    screen.say(f"{count:,} {'row was' if count == 1 else 'rows were'} left out:")
    shown = problems if screen.verbose else problems[:SHOWN]
    for one in shown:
        where = "the file" if one.line is None else f"line {one.line}"
        screen.note(f"  {where}, {one.field}: {one.message}")
    if count > len(shown):
        screen.note(f"  and {count - len(shown):,} more; --verbose lists them")
