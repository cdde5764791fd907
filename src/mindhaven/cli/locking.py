"""A second unlock: entries under a passphrase of their own. I/O: the store; the server for a lock's making."""

import contextlib
from collections.abc import Callable
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.entries import write_entry
from mindhaven.cli.keytext import key_text
from mindhaven.cli.present import as_json, find, find_id, line, people, short, when
from mindhaven.cli.session import Session, ask_passphrase
from mindhaven.cli.signing import new_passphrase
from mindhaven.errors import NotFoundError, UnavailableError
from mindhaven.protocol import recovery
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.locks import OpenedLock

WHAT: Final = (
    "A locked entry is sealed once more, under its own passphrase. No device and nobody whom you share with can read it"
    " without that. It stands in no list, search or export."
)
_LIST: Final = "mindhaven lock list shows them."


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    lock = adder.group("lock", "entries under a passphrase of their own", show)
    made = lock.add("new", "make a lock", new)
    made.add_argument("--lock-file", metavar="PATH", help="file whose first line is the lock's passphrase")
    for name, summary, run, one in (
        ("add", "lock an entry of yours", add, "its id, or how it begins"),
        ("list", "list what is locked", listed, None),
        ("show", "show a locked entry", show_one, "its id, or how it begins"),
        ("undo", "make a locked entry an ordinary one again", undo, "its id, or how it begins"),
        ("passphrase", "give the lock another passphrase", change, None),
        ("remove", "unlock everything, and end the lock", remove, None),
    ):
        made = lock.add(name, summary, run)
        if one is not None:
            made.add_argument("id", metavar="ID", help=one)
        made.add_argument("--lock-file", metavar="PATH", help="file whose first line is the lock's passphrase")
        made.add_argument("--recovery-file", metavar="PATH", help="open it with the recovery key instead")
        if name == "passphrase":
            made.add_argument("--new-lock-file", metavar="PATH", help="file whose first line is the new one")


def show(command: Command) -> None:
    """Say whether there is a lock, and what it does."""
    with command.open() as session:
        there = session.client.locks.exists()
        if command.screen.as_json:
            command.screen.json({"exists": there})
            return
        command.screen.say(WHAT)
        command.screen.say("You have a lock: mindhaven lock list" if there else "You have none: mindhaven lock new")


def new(command: Command) -> None:
    """Make a lock."""
    screen = command.screen
    with command.open() as session:
        screen.say(WHAT)
        typed = new_passphrase(screen, command.option("lock_file"), "passphrase for the lock")
        session.call_online(lambda m: m.sync())  # another device may have made one
        session.call_online(lambda m: m.make_lock(typed))
        screen.say(
            "The lock is made. Your recovery key opens it too. If you lose both, nobody can open what is locked: not"
            " you, and not the people who run the server."
        )
        screen.say("Now lock an entry: mindhaven lock add ID")
        session.after_write()


def _opened(command: Command, session: Session) -> OpenedLock:
    locks = session.client.locks
    if not locks.exists():
        raise NotFoundError("You have no lock.", hint="mindhaven lock new makes one.", code="lock-none")
    file = command.option("recovery_file")
    if file is not None:
        lock = locks.open_by_spare_key(recovery.parse(key_text(command, file)))
    else:
        lock = locks.open(ask_passphrase(command.screen, command.option("lock_file"), "The lock's passphrase:"))
    if not session.offline:
        with contextlib.suppress(UnavailableError, SignedOutError):  # the recovery key of today is to open it too
            session.call(lambda m: m.renew_lock(lock))
    return lock


def _with_lock(command: Command, act: Callable[[Session, OpenedLock], None]) -> None:
    with command.open() as session:
        act(session, _opened(command, session))


def add(command: Command) -> None:
    """Lock an entry."""
    with command.open() as session:
        session.try_sync()  # what was changed elsewhere is to be locked as it is now
        entry = find(session.client.entries(), command.args.id)
        item = _opened(command, session).lock(entry)
        command.screen.say(
            f"Locked {short(item)}. Back-ups and devices that have not synced may hold it unlocked a while longer,"
            " and so may whoever could read it until now."
        )
        session.after_write()


def listed(command: Command) -> None:
    """List what is locked."""

    def act(session: Session, lock: OpenedLock) -> None:
        found = lock.entries()
        if command.screen.as_json:
            command.screen.json([as_json(entry, people(session)) for entry in found])
            return
        if not found:
            command.screen.say("Nothing is locked. mindhaven lock add ID locks an entry.")
            return
        rows = [(short(one.item), "" if one.record is None else when(one.record), line(one)) for one in reversed(found)]
        command.screen.table(("ID", "WHEN", "WHAT"), rows)

    _with_lock(command, act)


def show_one(command: Command) -> None:
    """Show a locked entry."""

    def act(session: Session, lock: OpenedLock) -> None:
        entry = find_id(lock.entries(), command.args.id, _LIST)
        if command.screen.as_json:
            command.screen.json(as_json(entry, people(session)))
            return
        write_entry(command.screen, entry, people(session))

    _with_lock(command, act)


def undo(command: Command) -> None:
    """Make a locked entry an ordinary one again."""

    def act(session: Session, lock: OpenedLock) -> None:
        item = lock.unlock(find_id(lock.entries(), command.args.id, _LIST))
        command.screen.say(f"Unlocked {short(item)}: it stands among your entries again.")
        session.after_write()

    _with_lock(command, act)


def change(command: Command) -> None:
    """Give the lock another passphrase."""

    def act(session: Session, lock: OpenedLock) -> None:
        typed = new_passphrase(command.screen, command.option("new_lock_file"), "passphrase for the lock")
        session.call_online(lambda _: lock.change(typed))
        command.screen.say("The lock has another passphrase now. Your other devices learn it when they sync.")
        session.after_write()

    _with_lock(command, act)


def remove(command: Command) -> None:
    """Unlock everything and end the lock."""

    def act(session: Session, lock: OpenedLock) -> None:
        count = lock.remove()
        which = "1 entry is" if count == 1 else f"{count:,} entries are"
        command.screen.say(f"The lock is gone. {which} unlocked and stand among the others again.")
        session.after_write()

    _with_lock(command, act)
