"""Keeping a server: back up, restore, check. I/O: the server's data, the backup's folders.

The server is imported only when one of these commands runs, since it is an extra.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.operating import operate, server_options, server_settings
from mindhaven.cli.screen import Screen
from mindhaven.cli.times import seconds_text
from mindhaven.crypto import age
from mindhaven.errors import InvalidInputError

SALT_BYTES = 16


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("backup", "operator: back a server up, sealed and verified, while it runs", back_up)
    server_options(made)
    made.add_argument("folder", metavar="DIR", help="folder of the backups, on another disk than the data")
    made.add_argument("--side", metavar="DIR", help="folder of the side copy (salts and salt keys); default: DIR-side")
    made.add_argument("--recipient", metavar="KEY", help="who can open it (age1pq1...); else --passphrase-file")
    made.add_argument("--keep", metavar="N", type=int, help="how many backups stay in DIR; 0: all (7)")
    made = adder.add("restore", "operator: put a server back from a backup, into a fresh place, and check it", put_back)
    server_options(made)
    made.add_argument("folder", metavar="DIR", help="folder of the backups; the newest is taken, or one of them")
    made.add_argument("--side", metavar="DIR", help="folder of the side copy; default: DIR-side")
    made.add_argument("--keys", metavar="DIR", help="where you keep master.key, log.key, log.signed and erasures.log")
    made.add_argument("--identity", metavar="FILE", help="file of the key that opens it; else --passphrase-file")
    made.add_argument("--journal", metavar="FILE", help="the journal of erasures, if it is not beside the keys")
    made.add_argument("--without-journal", action="store_true", help="there is none: what was erased may be back")
    made.add_argument(
        "--window", metavar="DAYS", type=int, help="how long devices may offer what is missing; 0: not at all (30)"
    )
    made = adder.add("reoffer", "operator: show, open or close the time in which devices may offer what a restore lost",
                     reoffer)  # fmt: skip
    server_options(made)
    made.add_argument("--days", metavar="N", type=int, help="open it for so many days from now; 0 closes it")
    made = adder.add("check", "operator: check every chain, record and attachment of a server", check)
    server_options(made)
    made = adder.add("doctor", "operator: say what is not sound about a server, and how to mend it", doctor)
    server_options(made)
    made.add_argument("--url", metavar="URL", help="look at a server from outside instead")
    made = adder.add(
        "backup-key", "operator: make the key that opens backups, and show whom to seal them to", backup_key
    )
    made.add_argument("file", metavar="FILE", help="the file to write; keep it away from the server")


def _folder(command: Command) -> tuple[Path, Path]:
    folder = Path(command.args.folder)
    base = folder.parent if (folder / "main.age").exists() else folder
    side = command.option("side")
    return folder, Path(side) if side is not None else base.with_name(base.name + "-side")


def _passphrase(command: Command) -> str:
    file = command.option("passphrase_file")
    words = "" if file is None else Path(file).read_text("utf-8").partition("\n")[0].strip()
    if not words:
        raise InvalidInputError(
            "Nothing says who can open the backup.",
            hint="Give --recipient KEY (--identity FILE to restore), see `mindhaven backup-key`, or"
            " --passphrase-file FILE.",
            code="backup-for-whom",
        )
    return words


def back_up(command: Command) -> None:
    """Back a server up."""
    folder, side = _folder(command)
    keep, recipient, salt = command.option("keep"), command.option("recipient"), None
    settings = server_settings(command)
    from mindhaven.server.keeping import make_backup
    from mindhaven.upkeep.archive import identity_of_passphrase
    from mindhaven.upkeep.backup import KEPT, Target

    if recipient is None:
        salt = os.urandom(SALT_BYTES)
        recipient = age.recipient_of(identity_of_passphrase(_passphrase(command), salt))
    if keep is not None and keep < 0:
        raise InvalidInputError("--keep is 0 or more.", hint="0 keeps all.", code="backup-keep")
    target = Target(main=folder, side=side, recipient=recipient, salt=salt, keep=KEPT if keep is None else keep)
    made = operate(command, lambda server: make_backup(server, target), given=settings)
    command.screen.give(
        {
            "folder": str(made.folder),
            "side": str(made.side),
            "rows": made.rows,
            "blobs": made.blobs,
            "bytes": made.bytes,
            "side_bytes": made.side_bytes,
            "removed": made.removed,
        },
        str(made.folder),
    )
    command.screen.say(
        f"{made.rows} rows, {made.blobs} parts of attachments, {made.bytes + made.side_bytes} bytes: sealed, read back"
        " and opened."
    )
    command.screen.say(
        f"The side copy in {made.side} opens the records and lives 7 days at most: never keep it beside the backup,"
        " and back up again before then."
    )


def put_back(command: Command) -> int:
    """Restore into a fresh place."""
    folder, side = _folder(command)
    if command.option("keys") is None:
        raise InvalidInputError(
            "A restore needs the server's keys, which no backup holds.",
            hint="--keys DIR names where you keep master.key, log.key, log.signed and erasures.log.",
            code="restore-keys",
        )
    if command.option("data") is None:
        raise InvalidInputError(
            "Say where to: --data NEWDIR.", hint="A directory that is not there yet.", code="no-data"
        )
    settings = server_settings(command)
    from mindhaven.server.keeping import Asked, put_back
    from mindhaven.vault import WINDOW_DAYS

    journal = command.option("journal")
    asked = Asked(
        folder=folder,
        side=side,
        keys=Path(command.args.keys),
        opens=_opens(command),
        journal=None if journal is None else Path(journal),
        without_journal=command.option("without_journal") or False,
        window_days=_days(command.option("window"), "--window", WINDOW_DAYS),
    )
    found = asyncio.run(put_back(settings, asked))
    screen = command.screen
    told = {
        "made_at": found.made_at,
        "rows": found.rows,
        "blobs": found.blobs,
        "accounts_erased": found.accounts_erased,
        "collections_erased": found.collections_erased,
        "records_erased": found.records_erased,
    }
    if screen.as_json:
        screen.json({**told, **_checked(found.checked)})
    screen.say(f"Put back as of {seconds_text(found.made_at)}: {found.rows} rows, {found.blobs} parts of attachments.")
    screen.say(
        f"Erased again, by the journal: {found.accounts_erased} accounts, {found.collections_erased} collections,"
        f" {found.records_erased} records."
    )
    if asked.window_days:
        screen.say(
            f"For {asked.window_days} days people's devices bring back, by themselves, what was written after the"
            " backup: mindhaven reoffer."
        )
    screen.say("Read docs/howto/back-up-and-restore.md before you serve: people's devices will notice.")
    return _tell_checked(screen, found.checked)


def _days(given: int | None, option: str, otherwise: int) -> int:
    from mindhaven.vault import MAX_WINDOW_DAYS

    if given is not None and not 0 <= given <= MAX_WINDOW_DAYS:
        raise InvalidInputError(f"{option} is 0 to {MAX_WINDOW_DAYS} days.", hint="0 closes it.", code="window-days")
    return otherwise if given is None else given


def reoffer(command: Command) -> None:
    """Show, open or close the window."""
    settings = server_settings(command)
    from mindhaven.server.keeping import offers

    given = command.option("days")
    days = None if given is None else _days(given, "--days", 0)
    found = operate(command, lambda server: offers(server, days), given=settings)
    is_open = found.open(int(time.time()))
    told = {"open": is_open, "opened_at": found.opened_at, "until": found.until}
    said = f"open until {seconds_text(found.until)}" if is_open else "closed"
    command.screen.give(told, said)
    if is_open:
        command.screen.say("Devices that have seen more than this server bring it back by themselves when they sync.")
    else:
        command.screen.say("After a restore, mindhaven reoffer --days 30 lets devices bring back what was lost.")


def _opens(command: Command) -> Callable[[bytes | None], str]:
    """Return what gives the identity of a part: the file's, or the passphrase's."""
    file = command.option("identity")
    if file is not None:
        lines = [line.strip() for line in Path(file).read_text("utf-8").splitlines()]
        identity = next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
        return lambda _salt: identity
    words = _passphrase(command)

    def opens(salt: bytes | None) -> str:
        from mindhaven.upkeep.archive import identity_of_passphrase

        if salt is None:
            raise InvalidInputError(
                "This backup is sealed to a key, not by a passphrase.",
                hint="Give --identity FILE.",
                code="backup-for-whom",
            )
        return identity_of_passphrase(words, salt)

    return opens


def check(command: Command) -> int:
    """Check everything that is stored."""
    settings = server_settings(command)
    from mindhaven.server.keeping import check as run

    found = operate(command, lambda server: run(server, settings), given=settings)
    if command.screen.as_json:
        command.screen.json(_checked(found))
    return _tell_checked(command.screen, found)


def _checked(found: Any) -> dict[str, Any]:
    faults = [
        {"code": one.code, "collection": one.collection.hex(), "seq": one.seq, "item": one.item.hex()}
        for one in found.faults
    ]
    return {
        "collections": found.collections,
        "commits": found.commits,
        "records": found.records,
        "attachment_parts": found.blobs,
        "attachment_parts_missing": found.blobs_missing,
        "erased": found.erased,
        "faults": faults,
    }


def _tell_checked(screen: Screen, found: Any) -> int:
    screen.say(
        f"Checked {found.collections} collections, {found.commits} commits, {found.records} records,"
        f" {found.blobs} parts of attachments; {found.erased} records are gone as the journal says."
    )
    if not found.faults:
        screen.say("All of it is as the chains say.")
        return Exit.OK
    for one in found.faults:
        where = f"collection {one.collection.hex()[:16]}" + (f", commit {one.seq}" if one.seq >= 0 else "")
        screen.warn(f"{one.code}: {where}" + (f", record {one.item.hex()}" if one.item else ""))
    if found.blobs_missing:
        screen.warn(
            f"{found.blobs_missing:,} {'part' if found.blobs_missing == 1 else 'parts'} of attachments"
            f" {'is' if found.blobs_missing == 1 else 'are'} missing. Whoever still has the file can give it back"
            " (mindhaven give-back FILE) while devices may offer what was lost: mindhaven reoffer."
        )
    screen.warn("Members' devices may still have what is missing; see docs/howto/back-up-and-restore.md.")
    return Exit.INTEGRITY


def doctor(command: Command) -> int:
    """Examine a server from inside, or from outside."""
    url, screen = command.option("url"), command.screen
    if url is not None:
        from mindhaven.cli import outside

        found = outside.examine(url)
    else:
        settings = server_settings(command)
        from mindhaven.server.doctor import examine

        found = [(one.name, int(one.severity), one.says, one.mend) for one in asyncio.run(examine(settings))]
    words = ("note", "warning", "danger")
    rows = [
        {"name": name, "severity": words[severity], "says": says, "mend": mend} for name, severity, says, mend in found
    ]
    if screen.as_json:
        screen.json(rows)
    else:
        for row in rows:
            screen.data(f"{row['severity']}  {row['name']}: {row['says']}")
            screen.data(f"    {row['mend']}")
    worst = max((severity for _, severity, _, _ in found), default=0)
    screen.say(("All is well.", "Some things should be mended.", "Mend what is marked as danger first.")[worst])
    return (Exit.OK, Exit.FAILED, Exit.REFUSED)[worst]


def backup_key(command: Command) -> None:
    """Make the key pair of backups."""
    path = Path(command.args.file)
    identity = age.generate_identity()
    recipient = age.recipient_of(identity)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidInputError(f"{path} is there already.", hint="Name another file.", code="file-exists") from None
    with os.fdopen(handle, "w") as out:
        out.write(f"# public key: {recipient}\n{identity}\n")
    command.screen.give({"file": str(path), "recipient": recipient}, recipient)
    command.screen.say(f"{path} opens every backup that is sealed to this recipient: keep it away from the server.")
