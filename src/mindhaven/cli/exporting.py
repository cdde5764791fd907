"""Exporting one's own entries in open formats. I/O: the store; the server for an archive; the file that is written.

This is the one command that writes readable text to the disk, and it says so.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import named, own, people
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.cli.times import now_ms
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.sdk import Entry
from mindhaven.sdk.exports import Exported, Owner, write_archive, write_csv_zip, write_fhir, write_html, write_sealed
from mindhaven.sdk.files import GIVE_BACK

FORMATS: Final = ("fhir", "csv", "html", "age", "archive")
SEALED: Final = frozenset({"age", "archive"})


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("export", "write your entries, or what someone shares with you, to a file in an open format", run)
    made.add_argument("--format", choices=FORMATS, required=True, help="html to read, csv for tables (zip), fhir for a"
                      " clinic, age sealed to a key, archive to move to another server")  # fmt: skip
    made.add_argument("path", metavar="PATH", help="the file to write")
    made.add_argument("--shared-by", metavar="NAME", help="what this contact shares with you, instead of your own")
    made.add_argument("--recipient", metavar="KEY", action="append", help="for age: who can open it (age1pq1...)")
    made.add_argument("--include-journal", action="store_true", help="for fhir and age: also your journal in FHIR")
    made.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def run(command: Command) -> None:
    """Write the export."""
    args, screen = command.args, command.screen
    path = zip_path(Path(args.path)) if args.format == "csv" else Path(args.path)
    shared_by = command.option("shared_by")
    if args.format == "archive" and shared_by is not None:
        raise InvalidInputError(
            "An archive moves your own account, so it holds nothing of others.", hint="Choose another format.",
            code="archive-shared",
        )  # fmt: skip
    recipients = list(command.option("recipient") or ())
    if (args.format == "age") != bool(recipients):
        raise InvalidInputError(
            "--recipient and --format age go together.", hint="Give --recipient age1pq1...", code="recipient"
        )
    if path.exists() and not args.overwrite:
        raise InvalidInputError(
            f"{path} is there already.", hint="Choose another path, or --overwrite.", code="file-exists"
        )
    with command.open() as session:
        if args.format == "archive":
            progress = screen.progress("Writing")
            count = session.call_online(lambda m: m.export_archive(path, progress=progress))
            path.chmod(0o600)
            lacking = session.client.not_exported
            told = {"path": str(path), "format": args.format, "commits": count,
                    "lacking": [one.file.name for one in lacking]}  # fmt: skip
            said = f"Wrote {path}: everything with its history, sealed. Your passphrase opens it on another server."
            if lacking:
                names = ", ".join(sorted({plain(one.file.name) for one in lacking}))
                screen.warn(f"The server does not have all parts of {names}, so not all of them is in it. {GIVE_BACK}")
        else:
            items = exported(session) if shared_by is None else shared_items(session, shared_by)
            title = "My records" if shared_by is None else f"Records of {session.client.contact(shared_by).name}"
            left_out = _write(path, lambda file: _render(file, items, command, recipients, title))
            told = {"path": str(path), "format": args.format, "entries": len(items) - left_out,
                    "journal_left_out": left_out}  # fmt: skip
            count = len(items) - left_out
            said = f"Wrote {count:,} {'entry' if count == 1 else 'entries'} to {path}."
            if args.format == "csv":
                said += " It is a zip with one table for each kind."
            if left_out:
                said += f" {left_out:,} journal entries were left out: --include-journal takes them in."
            if shared_by is None and session.client.locks.exists():
                said += " Locked entries are not in it: mindhaven lock show, or lock undo."
    if screen.as_json:
        screen.json(told)
    screen.say(said)
    if args.format not in SEALED:
        screen.say("This file is not sealed: whoever has it can read all of it. Keep it where you would keep a diary.")


def zip_path(path: Path) -> Path:
    """Return the path for tables: they stand in one zip, and the name says so."""
    if path.suffix.lower() == ".zip":
        return path
    return path.with_suffix(".zip") if path.suffix.lower() == ".csv" else path.with_name(path.name + ".zip")


def exported(session: Session) -> list[Exported]:
    """Return one's own entries as exports take them, and what others added to one's collections."""
    return _items(session, own(session), None)


def shared_items(session: Session, who: str) -> list[Exported]:
    """Return what a contact shares with this person now; raise `NotFoundError` (contact-unknown)."""
    contact = session.client.contact(who)
    session.try_sync()
    standing = {one.id for one in session.client.shared() if one.owner == contact.uid and one.stands}
    if not standing:
        raise NotFoundError(
            f"{contact.name} shares nothing with you now.", hint="mindhaven shares shows it.", code="share-ended"
        )
    found = [entry for entry in session.client.entries() if entry.collection in standing and not entry.held]
    return _items(session, found, Owner(contact.uid, contact.name))


def _items(session: Session, entries: list[Entry], owner: Owner | None) -> list[Exported]:
    me = session.client.me
    known = people(session) | {me.uid: me.handle}
    subject = me.uid if owner is None else owner.uid
    return [
        Exported(
            record=entry.record,
            item=entry.item,
            revision=entry.revision,
            collection_name=entry.collection_name,
            author=entry.author,
            conflict_of=entry.notes.conflict_of,
            author_name="" if entry.author == subject else named(known, entry.author),
            owner=owner,
        )
        for entry in entries
        if entry.record is not None
    ]


def _render(file: BinaryIO, items: list[Exported], command: Command, recipients: list[str], title: str) -> int:
    journal, now = bool(command.option("include_journal")), now_ms()
    if command.args.format == "fhir":
        return write_fhir(items, file, made_at=now, include_journal=journal)["journal-left-out"]
    if command.args.format == "csv":
        write_csv_zip(items, file)
    elif command.args.format == "html":
        write_html(items, file, made_at=now, title=title)
    else:
        plain = io.BytesIO()  # in memory only: no readable copy touches the disk
        write_archive(items, plain, made_at=now, include_journal=journal, title=title)
        plain.seek(0)
        write_sealed(plain, file, recipients)
    return 0


def _write(path: Path, render: Callable[[BinaryIO], int]) -> int:
    """Write to a file beside it, readable by its owner only, and put it in place when it is whole."""
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            count = render(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count
