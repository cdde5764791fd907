"""Looking at entries and erasing them. I/O: the store; the server when something is erased or a file is fetched."""

import json
import re
import textwrap
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import (
    as_json,
    find,
    line,
    named,
    own,
    people,
    short,
    short_kind,
    when,
    zone_mark,
)
from mindhaven.cli.screen import Screen, block, plain
from mindhaven.cli.session import Session
from mindhaven.cli.times import day_of
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, kind_named, summary
from mindhaven.kinds.instruments import load
from mindhaven.sdk import Entry
from mindhaven.sdk.exports.model import local_time

HIDDEN: Final = frozenset({"source", "title"})
"""Told elsewhere: the title stands in the first line, where an import came from is for programs."""


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("list", "list your entries on this device, oldest first", show_list)
    made.add_argument("--kind", metavar="KIND", help="only one kind, such as mood, journal, checkup")
    made.add_argument("--collection", metavar="NAME", help="only one collection, such as mood or checkups")
    made.add_argument("--since", metavar="DAY", help="only from this day on, yyyy-mm-dd")
    made.add_argument("--last", metavar="N", type=int, help="only the newest N")
    made = adder.add("show", "show one entry in full", show_one)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made.add_argument("--save-files", metavar="DIR", help="write its attached files, readable, into a folder")
    made = adder.add("erase", "erase one entry for good, here and on the server", erase)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made.add_argument("--yes", action="store_true", help="do not ask")


def show_list(command: Command) -> None:
    """List one's own entries."""
    last = command.option("last")
    if last is not None and last < 1:
        raise InvalidInputError("--last is a number from 1 on.", hint="Such as --last 10.", code="last")
    with command.open() as session:
        entries = own(session, collection=command.option("collection"), kind=command.option("kind"))
        if command.option("since"):
            since = day_of(command.args.since)
            entries = [one for one in entries if one.record is not None and local_time(one.record).date() >= since]
        if last is not None:
            entries = entries[-last:]
        known = people(session)
        if command.screen.as_json:
            command.screen.json([as_json(entry, known) for entry in entries])
            return
        table(command, entries, known)
        waits = sum(entry.waits for entry in entries)
        if waits:
            command.screen.say(f"{waits} {'entry waits' if waits == 1 else 'entries wait'} on this device (marked *).")
        if not all(entry.checked for entry in entries):
            command.screen.say(CHECKED_BEHIND)
        if not entries:
            command.screen.say(_nothing(command, session))


CHECKED_BEHIND: Final = (
    "The newest entries come first on a new device (marked ~): they are being verified, and older ones follow."
    " mindhaven sync goes on with it."
)


def _nothing(command: Command, session: Session) -> str:
    everything = own(session)
    if not everything:
        return "Nothing here yet. mindhaven log mood writes the first entry."
    names = sorted({one.collection_name for one in everything})
    more = f" Your collections: {', '.join(names)}." if command.option("collection") not in (None, *names) else ""
    return f"None of your {len(everything):,} entries fits.{more}"


def table(command: Command, entries: list[Entry], known: Mapping[bytes, str]) -> None:
    """Write entries as aligned lines: id, when, kind, by whom (where any is not one's own), what."""
    if not entries:
        return
    here = command.home.zone
    others = not all(entry.mine for entry in entries)
    rows = []
    for entry in entries:
        record = entry.record
        mark = ("!" if entry.held else "*") if entry.waits else "" if entry.checked else "~"
        other = entry.notes.conflict_of
        version = "" if other is None else f" [another version of {short(other)}]"
        zone = "" if record is None else zone_mark(record, here)
        moment = "" if record is None else when(record) + (f" {zone}" if zone else "")
        kind = "" if record is None else short_kind(record.kind)
        by = (named(known, entry.author),) if others else ()
        rows.append((f"{short(entry.item)}{mark}", moment, kind, *by, line(entry) + version))
    command.screen.table(("ID", "WHEN", "KIND", *(("BY",) if others else ()), "WHAT"), rows)


def show_one(command: Command) -> None:
    """Show one entry, one's own or shared."""
    with command.open() as session:
        entry = find(session.client.entries(), command.args.id)
        if command.screen.as_json:
            command.screen.json(as_json(entry, people(session)))
        else:
            lacking = {one.file.blobs[:1] for one in session.client.lacking()}
            write_entry(command.screen, entry, people(session), lacking)
        folder = command.option("save_files")
        if folder is None:
            return
        for number, file in enumerate(entry.notes.files):
            target = Path(folder) / saved_as(file.name)

            async def save(_: object, number: int = number, target: Path = target) -> None:
                await save_file(session.client.read_file(entry, number), target)

            session.call_online(save)
            command.screen.say(f"Wrote {plain(str(target))}. It is not sealed: whoever has it can read it.")


def saved_as(name: str) -> str:
    """Return what a file is called here that somebody else named: in no other folder, without control signs, not
    hidden."""
    return plain(re.split(r"[/\\]", name)[-1]).lstrip(". ") or "file"


async def save_file(parts: AsyncIterator[bytes], target: Path) -> None:
    """Write a file that is not there yet; if it does not arrive whole, as it was sealed, nothing of it stays."""
    with target.open("xb") as out:
        try:
            async for part in parts:
                out.write(part)
        except BaseException:
            target.unlink()  # noqa: ASYNC240 - nothing else runs here meanwhile
            raise


def write_entry(
    screen: Screen, entry: Entry, known: Mapping[bytes, str], lacking: Collection[tuple[bytes, ...]] = ()
) -> None:
    """Write an entry in full; `lacking` are the first parts of files that the server does not have whole."""
    record = entry.record
    if record is None:
        raise InvalidInputError(
            "This entry can't be opened on this device.",
            hint=f"The reason is: {entry.error}. mindhaven sync may bring what is missing.",
            code="entry-closed",
        )
    screen.data(screen.bold(plain(summary(record))))
    kind = kind_named(record.kind)
    rows = [] if kind is not None and kind.timeless else [("when", f"{when(record)}  ({record.zone})")]
    rows.append(("in", entry.collection_name))
    if not entry.mine:
        rows.append(("by", named(known, entry.author)))
    rows.append(("id", entry.item.hex()))
    if entry.revision > 1:
        rows.append(("revision", str(entry.revision)))
    if entry.held is not None:
        rows.append(("state", "can't be sent; mindhaven held says why"))
    elif entry.waits:
        rows.append(("state", "waits on this device"))
    elif not entry.checked:
        rows.append(("state", "being verified; mindhaven sync goes on with it"))
    if entry.notes.conflict_of is not None:
        rows.append(("other version of", short(entry.notes.conflict_of)))
    for one in entry.notes.files:
        rows.append(("file", f"{one.name} ({one.size:,} bytes)"))
        if one.blobs[:1] in lacking:
            rows.append(("", "the server lost a part of it; whoever has the file: mindhaven give-back FILE"))
    for name, value in rows:
        screen.data(f"  {name:<16}  {plain(value)}")
    if record.kind == "mindhaven/checkup":
        _answers(screen, dict(record.body))
    else:
        _body(screen, dict(record.body))


def _body(screen: Screen, body: dict[str, JsonValue]) -> None:
    for name, value in body.items():
        if name in HIDDEN or value in (None, "", []):
            continue
        text = value if isinstance(value, str) else _text(value)
        if "\n" in text or len(text) > screen.width - 20:
            screen.data(f"  {name}:")
            for one in block(text).splitlines():
                for part in textwrap.wrap(one, screen.width - 5) or [""]:
                    screen.data(f"    {part}")
        else:
            screen.data(f"  {name:<16}  {plain(text)}")


def _text(value: JsonValue) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return f"{value['name']} ({value.get('value')}, {value.get('scale')})"
    return json.dumps(value, ensure_ascii=False)


def _answers(screen: Screen, body: dict[str, JsonValue]) -> None:
    answers = body.get("answers")
    try:
        instrument = load(str(body.get("instrument")))
    except Exception:  # noqa: BLE001 - a questionnaire that a newer client knows is shown as it is stored
        _body(screen, body)
        return
    for number, item in enumerate(instrument.items, 1):
        code = answers.get(item.link_id) if isinstance(answers, dict) else None
        said = next((one.text for one in instrument.options_of(item) if one.code == code), "no answer")
        for line_number, text in enumerate(textwrap.wrap(plain(item.text), screen.width - 8)):
            screen.data(f"  {number:>2}. {text}" if line_number == 0 else f"      {text}")
        screen.data(f"      {said}")


def erase(command: Command) -> None:
    """Erase an entry of one's own, or one that somebody added to a collection of one's own."""
    with command.open() as session:
        entry = find(session.client.entries(), command.args.id)
        what = "an entry" if entry.record is None else plain(f"{when(entry.record)}  {summary(entry.record)}")
        may = entry.mine or (entry.collection is not None and session.client.index.is_own(entry.collection))
        if may and not command.option("yes"):  # what is refused anyway is not asked about
            command.screen.note(f"  {what}")
            if not command.screen.yes("Erase this for good? It can't be brought back.", instead="Give --yes."):
                command.screen.say("Nothing was erased.")
                return
        session.client.erase(entry)
        command.screen.say(f"Erased {short(entry.item)}. What others have read or copied by now, they may keep.")
        session.after_write()
