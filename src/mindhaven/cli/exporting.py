"""Exporting one's own entries in open formats. I/O: the store; the server for an archive; the file that is written.

This is the one command that writes readable text to the disk, and it says so.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import own
from mindhaven.cli.session import Session
from mindhaven.cli.times import now_ms
from mindhaven.errors import InvalidInputError
from mindhaven.sdk.exports import Exported, write_archive, write_csv_zip, write_fhir, write_html, write_sealed

FORMATS: Final = ("fhir", "csv", "html", "age", "archive")
SEALED: Final = frozenset({"age", "archive"})


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("export", "write your entries to a file, in an open format", run)
    made.add_argument("--format", choices=FORMATS, required=True, help="html to read, csv for tables (zip), fhir for a"
                      " clinic, age sealed to a key, archive to move to another server")  # fmt: skip
    made.add_argument("path", metavar="PATH", help="the file to write")
    made.add_argument("--recipient", metavar="KEY", action="append", help="for age: who can open it (age1pq1...)")
    made.add_argument("--include-journal", action="store_true", help="for fhir and age: also your journal in FHIR")
    made.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def run(command: Command) -> None:
    """Write the export."""
    args, screen, path = command.args, command.screen, Path(command.args.path)
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
            told = {"path": str(path), "format": args.format, "commits": count}
            said = f"Wrote {path}: everything with its history, sealed. Your passphrase opens it on another server."
        else:
            items = exported(session)
            left_out = _write(path, lambda file: _render(file, items, command, recipients))
            told = {"path": str(path), "format": args.format, "entries": len(items) - left_out,
                    "journal_left_out": left_out}  # fmt: skip
            count = len(items) - left_out
            said = f"Wrote {count:,} {'entry' if count == 1 else 'entries'} to {path}."
            if left_out:
                said += f" {left_out:,} journal entries were left out: --include-journal takes them in."
    if screen.as_json:
        screen.json(told)
    screen.say(said)
    if args.format not in SEALED:
        screen.say("This file is not sealed: whoever has it can read all of it. Keep it where you would keep a diary.")


def exported(session: Session) -> list[Exported]:
    """Return one's own entries as exports take them."""
    return [
        Exported(
            record=entry.record,
            item=entry.item,
            revision=entry.revision,
            collection_name=entry.collection_name,
            author=entry.author,
            conflict_of=entry.notes.conflict_of,
        )
        for entry in own(session)
        if entry.record is not None
    ]


def _render(file: BinaryIO, items: list[Exported], command: Command, recipients: list[str]) -> int:
    journal, now = bool(command.option("include_journal")), now_ms()
    if command.args.format == "fhir":
        return write_fhir(items, file, made_at=now, include_journal=journal)["journal-left-out"]
    if command.args.format == "csv":
        write_csv_zip(items, file)
    elif command.args.format == "html":
        write_html(items, file, made_at=now)
    else:
        plain = io.BytesIO()  # in memory only: no readable copy touches the disk
        write_archive(items, plain, made_at=now, include_journal=journal)
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
