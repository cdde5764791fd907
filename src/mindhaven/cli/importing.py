"""Importing files of other apps: look first, then ask, then read. I/O: the file (only read), the store, the server.

Guarantees: nothing is written before the preview was shown; what was imported before is skipped by its key; a row that
can't be read is told by its line and the rest go on. The file never leaves this machine.
"""

from pathlib import Path
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.present import own, short_kind, when
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.session import Session, sync_own
from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kinds import Record, kind_named, summary
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.imports import (
    Imported,
    Importer,
    NeedsMoodNames,
    Options,
    Preview,
    Problem,
    detect,
    importer_named,
)

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
    only_preview = command.option("preview")
    if screen.as_json and only_preview:
        screen.json(_json(preview))
    else:
        show_preview(screen, preview, options)
    if preview.unknown_moods:
        raise ask_for_moods(preview.unknown_moods)
    if only_preview:
        return None
    if not preview.by_kind:
        _problems(screen, list(preview.problems), preview.problem_count)
        screen.warn("Nothing in this file could be read, so nothing was imported.")
        return Exit.FAILED
    if not command.option("yes") and not screen.yes("Import this?", instead="Give --yes, or --preview to only look."):
        screen.say("Nothing was imported.")
        return None
    with command.open() as session:
        return _import(command, session, importer, path, options, preview)


def ask_for_moods(names: tuple[str, ...]) -> InvalidInputError:
    """Return the error that asks for mood names, with the exact options to add."""
    wanted = " ".join(f'--mood "{plain(name)}=N"' for name in names)
    return InvalidInputError(
        f"This file uses {len(names)} mood {'name' if len(names) == 1 else 'names'} of your own."
        " Say what each means, from 1 (worst) to 5 (best).",
        hint=f"Add, with a number in place of N: {wanted}",
        code="import-mood-names",
    )


def _json(preview: Preview) -> dict[str, object]:
    return {
        "importer": preview.importer,
        "by_kind": dict(preview.by_kind),
        "first_day": None if preview.first_day is None else preview.first_day.isoformat(),
        "last_day": None if preview.last_day is None else preview.last_day.isoformat(),
        "first": [{"at": one.record.local_time().isoformat(), "summary": summary(one.record)} for one in preview.first],
        "unknown_moods": list(preview.unknown_moods),
        "problem_count": preview.problem_count,
        "problems": [{"line": one.line, "field": one.field, "message": one.message} for one in preview.problems],
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
    if preview.problem_count:
        count = preview.problem_count
        screen.note(f"  {count:>7,}  {'row' if count == 1 else 'rows'} can't be read and will be left out")


def _import(
    command: Command, session: Session, importer: Importer, path: Path, options: Options, preview: Preview
) -> int:
    screen = command.screen
    known = {key for entry in own(session) if entry.record is not None and (key := _key(entry.record))}
    problems: list[Problem] = []
    batch: list[Record] = []
    imported = skipped = 0
    expected = sum(preview.by_kind.values())
    progress = screen.progress("Importing")

    def land() -> None:
        nonlocal imported
        session.client.add_all(batch)
        imported += len(batch)
        batch.clear()
        if progress is not None:
            progress(imported + skipped, expected)

    for row in importer.read(path, options):
        if isinstance(row, Problem):
            problems.append(row)
        elif row.key in known:
            skipped += 1
        else:
            _take(row, known, batch)
            if len(batch) >= BATCH:
                land()
    land()
    _send(session)
    if screen.as_json:
        screen.json({"importer": importer.name, "imported": imported, "already_here": skipped,
                     "unreadable": len(problems)})  # fmt: skip
    if not imported and skipped:
        screen.say(f"Nothing new: all {skipped:,} were here already.")
    else:
        already = f" {skipped:,} were here already." if skipped else ""
        screen.say(f"Imported {imported:,} {'entry' if imported == 1 else 'entries'}.{already}")
    _problems(screen, problems, len(problems))
    return Exit.OK if imported or skipped else Exit.FAILED


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


def _key(record: Record) -> str:
    source = record.body.get("source")
    return str(source.get("key") or "") if isinstance(source, dict) else ""


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
