"""Taking an import back: look first, then ask, then erase. I/O: the store; the server, if it answers.

Guarantees: only what that import added and nobody changed since is erased, unless the person says otherwise. Does not:
know of imports on other devices; the notes stay on the device that imported.
"""

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import own, when
from mindhaven.cli.screen import Screen, plain
from mindhaven.cli.times import seconds_text
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.kinds import summary
from mindhaven.sdk import Entry
from mindhaven.sdk.imports.batches import Batch, Batches, digest

FIRST = 3
"""Entries that the preview shows."""


def register(adder: Adder) -> None:
    """Add the command of this area."""
    made = adder.add("undo-import", "take back what an import on this device added", undo)
    made.add_argument(
        "number", nargs="?", metavar="NUMBER", help="which import, as --list shows it (default: the last)"
    )
    made.add_argument("--list", action="store_true", help="only list the imports that can be taken back")
    made.add_argument("--also-changed", action="store_true", help="also entries that you changed since")
    made.add_argument("--yes", action="store_true", help="do not ask")


def undo(command: Command) -> None:
    """Take an import back."""
    screen = command.screen
    with command.open() as session:
        batches = Batches(session.client.store)
        if command.option("list"):
            _list(screen, batches)
            return
        batch = _picked(batches.all(), command.option("number"))
        noted = batches.items(batch.number)
        there = [entry for entry in own(session) if entry.item in noted and entry.mine and entry.record is not None]
        same = [one for one in there if one.record is not None and digest(one.record) == noted[one.item]]
        changed = [one for one in there if one not in same]
        erased = there if command.option("also_changed") else same
        _preview(screen, batch, erased, changed, gone=len(noted) - len(there))
        if not command.option("yes") and not screen.yes(
            "Take these back? They are erased for good.", instead="Give --yes, or --list to only look."
        ):
            screen.say("Nothing was erased.")
            return
        with session.client.store.batch():
            for entry in erased:
                session.client.erase(entry)
            batches.forget(batch.number)
        kept = 0 if command.option("also_changed") else len(changed)
        if screen.as_json:
            screen.json({"number": batch.number, "erased": len(erased), "kept": kept})
        screen.say(f"Took back {_entries(len(erased))}. Importing the file again brings them anew.")
        session.after_write()


def _picked(found: list[Batch], number: str | None) -> Batch:
    if not found:
        raise NotFoundError(
            "No import is noted on this device.", hint="Only the device that imported can take it back.", code="import"
        )
    if number is None:
        return found[-1]
    for one in found:
        if str(one.number) == number:
            return one
    raise InvalidInputError("There is no such import.", hint="mindhaven undo-import --list shows them.", code="import")


def _list(screen: Screen, batches: Batches) -> None:
    found = batches.all()
    if screen.as_json:
        screen.json([
            {"number": one.number, "at": one.at_ms, "importer": one.importer, "file": one.file,
             "entries": len(batches.items(one.number))}
            for one in found
        ])  # fmt: skip
    elif not found:
        screen.say("No import is noted on this device.")
    else:
        rows = [(str(one.number), seconds_text(one.at_ms // 1000), one.importer, str(len(batches.items(one.number))),
                 one.file) for one in found]  # fmt: skip
        screen.table(("NUMBER", "WHEN", "READ AS", "ENTRIES", "FILE"), rows)


def _preview(screen: Screen, batch: Batch, erased: list[Entry], changed: list[Entry], *, gone: int) -> None:
    screen.say(f"Import {batch.number}: {plain(batch.file)}, on {seconds_text(batch.at_ms // 1000)}.")
    screen.note(f"  {len(erased):>7,}  to take back")
    for entry in erased[:FIRST]:
        if entry.record is not None:
            text = f"    {when(entry.record)}  {plain(summary(entry.record))}"
            screen.note(text if len(text) <= screen.width else text[: screen.width - 1] + "…")
    if changed:
        stay = "" if changed[0] in erased else ", and stay (--also-changed takes them too)"
        screen.note(f"  {len(changed):>7,}  you changed since{stay}")
    if gone:
        screen.note(f"  {gone:>7,}  are not here any more")


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
