"""Signing up, in and out. I/O: the server, the store, the recovery file."""

import asyncio
import os
import platform
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.screen import Screen, terminal
from mindhaven.cli.session import DEVICE_META, HOW_TO_UNLOCK, IF_ERASED, Session, ask_passphrase, passphrase_from
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.card import Card
from mindhaven.protocol.encoding import ZERO32
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.access import Me
from mindhaven.sdk.address import server_origin
from mindhaven.sdk.local import FILE, LocalStore
from mindhaven.sdk.passphrases import GOOD_WORDS, MIN_PASSPHRASE_CHARACTERS, check_new, is_easy
from mindhaven.sdk.ways import New
from mindhaven.wire.accounts import HANDLE_WORD_PATTERN

NO_RESET: Final = (
    "Nobody can reset your passphrase: not us, not the people who run the server. Without your passphrase and without"
    " your recovery key, nobody can open your entries again."
)
KEYRING: Final = (
    "To type no passphrase on this device from now on, add --keyring to a command once: its keyring then keeps the key."
    " Whoever can use this device can read your entries then."
)
ROWS_TO_TYPE: Final = 2
DEVICE: Final = f"{platform.system()} command line"
"""What a device calls itself if nothing is said: the machine's own name would tell the server too much."""
LogIn: TypeAlias = Callable[[Session, str, str | None], None]


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("signup", "make an account on a server, with two ways in", signup)
    made.add_argument("--server", metavar="URL", help="the server's address (MINDHAVEN_SERVER)")
    made.add_argument("--word", metavar="WORD", help="first part of your handle, such as heron; not your real name")
    made.add_argument("--invitation", metavar="CODE", help="code that the people of a closed server gave you")
    made.add_argument("--recovery-file", metavar="PATH", help="write the recovery key to a new file (mode 0600)")
    made.add_argument("--device", metavar="NAME", help="what this device calls itself; only your devices see it")
    made = adder.add("login", "sign this device in, with your handle and passphrase", login)
    made.add_argument("handle", nargs="?", metavar="HANDLE", help="such as heron-123456; known on a signed-out device")
    made.add_argument(
        "--account-passphrase-file", metavar="PATH", help="the account's passphrase, if it was changed elsewhere"
    )
    made.add_argument("--server", metavar="URL", help="the server's address (MINDHAVEN_SERVER)")
    made.add_argument("--code", metavar="CODE", help="code from your authenticator app, if you use one")
    made.add_argument("--device", metavar="NAME", help="what this device calls itself; only your devices see it")
    made.add_argument("--mend", action="store_true", help="open the keys from before, if somebody spoiled the newest")
    made = adder.add("move-in", "bring an archived account to another server, on this device", move_in)
    made.add_argument("archive", metavar="ARCHIVE", help="file that mindhaven export --format archive wrote")
    made.add_argument("--server", metavar="URL", help="the new server's address (MINDHAVEN_SERVER)")
    made.add_argument("--device", metavar="NAME", help="what this device calls itself; only your devices see it")


def signup(command: Command) -> None:
    """Make the account: passphrase, recovery key, handle."""
    screen = command.screen
    if LocalStore.exists(command.home.path):
        finish(command)
        return
    server = need_server(command)
    word = command.option("word")
    if word is not None and not re.fullmatch(HANDLE_WORD_PATTERN, word):
        raise InvalidInputError(
            "The first part of a handle has 2 to 24 small letters and digits, and begins with a letter.",
            hint="Such as heron. Not your real name.",
            code="handle-word",
        )
    if not _agreed(command, server):
        screen.say("No account was made, and nothing was sent. The web app can keep entries on a device alone.")
        return
    passphrase = new_passphrase(screen, command.option("passphrase_file"))
    key = SlotSecret.fresh()
    kept = command.option("recovery_file")
    if kept is None:
        screen.need_terminal("Give --recovery-file PATH, and keep that file off this machine.")
        confirm_rows(screen, recovery.rows(key))
    else:
        write_key(Path(kept), key, server)
    device = command.option("device") or DEVICE
    session = None
    try:
        session = begin(command, server, passphrase, device)
        with session:
            session.call(
                lambda m: m.sign_up(
                    passphrase,
                    word=command.option("word"),
                    device=device,
                    invitation=command.option("invitation"),
                    recovery_key=key,
                )
            )
            me = session.client.me
    except BaseException:
        if session is None or session.client.access.me is None:  # no account was made: leave nothing behind
            forget(command)
            if kept is not None:
                Path(kept).unlink(missing_ok=True)
        else:
            screen.warn(f"The account {session.client.me.handle} was made, and is not finished. Run signup again.")
        raise
    _tell(command, me, kept)


def _agreed(command: Command, server: str) -> bool:
    """Say what a server keeps before anything goes there; in a terminal, ask. In a script the command is the yes."""
    screen = command.screen
    screen.say(
        f"This keeps a sealed copy of what you write on {server}, for your other devices and for those you choose. Who"
        " runs it can't read it. They see when something comes, how big it is, and its month. You can delete it all at"
        f" any time: mindhaven delete-account. What else it does with data: {server}/policy"
    )
    return not terminal() or screen.yes("Keep a sealed copy there?", instead="Run it as a script.")


def _tell(command: Command, me: Me, kept: str | None) -> None:
    screen = command.screen
    card = Card(me.handle, me.uid).text()
    told = {"handle": me.handle, "uid": me.uid.hex(), "card": card, "role": me.role, "recovery_file": kept}
    screen.give(told, me.handle)
    screen.say(f"Your account is ready. Your handle is {me.handle}: you need it to sign in on another device.")
    if kept is not None:
        screen.say(f"Your recovery key is in {kept}. Keep it on paper or on another device, then delete the file.")
    screen.say(NO_RESET)
    say_keyring(command)
    screen.say("What this server does with data: mindhaven policy show. What you let it do: mindhaven choices.")
    screen.say("Next: mindhaven log mood good")


def say_keyring(command: Command) -> None:
    """Say once that this machine can keep the key, where it can."""
    if not command.home.setting("keyring").value and command.home.keyring_there():
        command.screen.say(KEYRING)


def finish(command: Command) -> None:
    """Finish a sign-up that was broken off after the account was made; else raise as `refuse_second`."""
    with command.open() as session:
        me = session.client.access.me
        if me is None or me.bundle.index != ZERO32:
            refuse_second(command)
        passphrase = session.passphrase or ask_passphrase(command.screen, command.option("passphrase_file"))

        async def begin_index(m: AsyncMindhaven) -> None:
            _, root = await m.access.open_way(passphrase=passphrase)
            m.index.id = await m.vault.create()
            await m.access.change(root, new=New.NOTHING, index=m.index.id)

        session.call_online(begin_index)
        _tell(command, session.client.me, None)


def begin(command: Command, server: str, passphrase: str, device: str) -> Session:
    """Make the local store, with the key in the keyring if that was asked for."""
    session = Session.new(command.home, server, command.screen, passphrase=passphrase)
    session.client.store.put_meta(DEVICE_META, device.encode())
    if command.option("keyring"):
        try:
            command.home.keyring_put(bytes(session.client.store.key))
        except MindhavenError:
            session.close()
            raise
        command.home.keep_keyring()
    return session


def forget(command: Command) -> None:
    """Take away a store that was just made and never used."""
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (command.home.path / name).unlink(missing_ok=True)


def refuse_second(command: Command) -> None:
    """Raise `InvalidInputError` (store-exists) if this home has an account already."""
    if LocalStore.exists(command.home.path):
        raise InvalidInputError(
            "This device already has an account here.",
            hint="For another account use another folder: --home DIR. To sign in again: mindhaven login",
            code="store-exists",
        )


def need_server(command: Command) -> str:
    """Return the server's address, checked before anything is asked; raise `InvalidInputError` (server-needed)."""
    server = str(command.home.setting("server").value)
    if not server:
        raise InvalidInputError(
            "Which server?", hint="Give --server https://..., or set MINDHAVEN_SERVER.", code="server-needed"
        )
    return server_origin(server)


def new_passphrase(screen: Screen, file: str | None, what: str = "passphrase") -> str:
    """Return a new passphrase: from the file, or typed twice."""
    if file is not None:
        given = passphrase_from(file)
        check_new(given)
        return given
    screen.need_terminal(HOW_TO_UNLOCK)
    screen.note(f"Choose a {what} of at least {MIN_PASSPHRASE_CHARACTERS} characters.")
    screen.paragraph(GOOD_WORDS)
    while True:
        first = screen.secret(f"New {what}:", instead=HOW_TO_UNLOCK)
        if len(first) < MIN_PASSPHRASE_CHARACTERS:
            screen.note(f"That has {len(first)} characters. Please use at least {MIN_PASSPHRASE_CHARACTERS}.")
            continue
        if is_easy(first):
            screen.paragraph(f"That is among the first that anybody would try. {GOOD_WORDS}")
            continue
        if first == screen.secret("Once more:", instead=HOW_TO_UNLOCK):
            return first
        screen.note("The two were not the same. Please try again.")


def confirm_rows(screen: Screen, rows: list[str]) -> None:
    """Show the recovery key, and have two rows typed back."""
    screen.note()
    screen.paragraph(
        "This is your recovery key. If you lose this device or forget your passphrase, it opens your entries. Nobody"
        " here has a copy, so we can't send you another. Please write it on paper."
    )
    screen.note()
    for number, row in enumerate(rows, 1):
        screen.note(f"   {number}   {row[:4]} {row[4:]}")
    screen.note()
    for index in sorted(random.SystemRandom().sample(range(recovery.ROWS), ROWS_TO_TYPE)):
        while True:
            typed = screen.ask(f"Type row {index + 1} from your paper:", instead="Give --recovery-file PATH.")
            if recovery.check_row(index, typed) and _same(typed, rows[index]):
                break
            screen.note(f"That is not row {index + 1} yet. Small and capital letters count the same.")
    screen.note("Thank you. Keep the paper where only you find it.")


def _same(typed: str, row: str) -> bool:
    clean = "".join(sign for sign in typed.upper() if sign.isalnum())
    return clean.translate(str.maketrans("OIL", "011")) == row


def write_key(path: Path, key: SlotSecret, server: str) -> None:
    """Write the recovery key to a new file that only its owner reads; a neutral title, no name."""
    lines = [f"{number}  {row[:4]} {row[4:]}" for number, row in enumerate(recovery.rows(key), 1)]
    text = "\n".join(["Spare key", "", server, "", *lines, ""])
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidInputError(
            f"{path} is there already, and a recovery key never overwrites a file.",
            hint="Choose another path.",
            code="file-exists",
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def login(command: Command) -> None:
    """Sign in: on a new device with the handle, on a signed-out one again."""
    screen, given = command.screen, command.option("handle")
    if LocalStore.exists(command.home.path):
        with command.open() as session:
            me = session.client.me
            if given is not None and given != me.handle:
                raise InvalidInputError(
                    f"This device belongs to {me.handle}.", hint="Use another folder: --home DIR.", code="store-exists"
                )
            passphrase = session.passphrase or ask_passphrase(screen, command.option("passphrase_file"))
            sign_in_again(command, session, passphrase)
            screen.say(f"Signed in as {me.handle}.")
            session.after_write()
        return
    if given is None:
        raise InvalidInputError(
            "Which account?", hint="mindhaven login HANDLE, such as heron-123456.", code="handle-needed"
        )
    server = need_server(command)
    passphrase = ask_passphrase(screen, command.option("passphrase_file"))
    sign_in(command, server, passphrase, lambda s, device, code: s.call(
        lambda m: m.log_in(given, passphrase, device=device, code=code, mend=command.args.mend)))  # fmt: skip


def sign_in_again(command: Command, session: Session, passphrase: str) -> None:
    """Sign in with the store's passphrase; if it was changed on another device, with the account's, and relock."""
    code = command.option("code")
    try:
        session.log_in_again(passphrase, code)
    except MindhavenError as error:
        if error.reason != "login-refused":
            raise
        given = command.option("account_passphrase_file")
        if given is None:
            command.screen.say("This passphrase opens this device, but not the account: was it changed elsewhere?")
            command.screen.say(IF_ERASED)
            newer = command.screen.secret("Your account's passphrase:", instead="Give --account-passphrase-file PATH.")
        else:
            newer = ask_passphrase(command.screen, given)
        session.log_in_again(newer, code)
        session.client.store.lock_with(newer)
        command.screen.say("This device opens with that passphrase from now on.")


def sign_in(command: Command, server: str, passphrase: str, log_in: LogIn) -> None:
    """Make a store, sign it in and bring the entries; leave nothing behind if that is refused."""
    device = command.option("device") or DEVICE
    session = begin(command, server, passphrase, device)
    with session:
        try:
            session.with_code(lambda code: log_in(session, device, code), command.option("code"))
        except BaseException:
            forget(command)
            raise
        me = session.client.me
        command.screen.say(f"Signed in as {me.handle}. Fetching your entries.")
        synced = session.try_sync()
        count = len(session.client.entries())
        if synced is not None:
            command.screen.say(f"{count:,} {'entry is' if count == 1 else 'entries are'} on this device now.")
        told = {"handle": me.handle, "uid": me.uid.hex(), "role": me.role, "entries": count}
        command.screen.give(told, me.handle)
        say_keyring(command)


def move_in(command: Command) -> None:
    """Bring an archive to a server."""
    screen, archive = command.screen, Path(command.args.archive)
    refuse_second(command)
    server = need_server(command)
    if not archive.is_file():
        raise InvalidInputError(f"There is no file {archive}.", hint="Check the path.", code="file")
    passphrase = ask_passphrase(screen, command.option("passphrase_file"))
    device = command.option("device") or DEVICE
    progress = screen.progress("Moving in")

    async def move() -> tuple[Me, int]:
        client = await AsyncMindhaven.move_in(
            command.home.path, archive, server, passphrase=passphrase, device=device, progress=progress
        )
        async with client:
            client.store.put_meta(DEVICE_META, device.encode())
            await client.sync()
            return client.me, len(client.entries())

    try:
        me, count = asyncio.run(move())
    except BaseException:
        forget(command)
        raise
    screen.give({"handle": me.handle, "uid": me.uid.hex(), "entries": count}, me.handle)
    screen.say(f"{count:,} entries moved to {server}, with their history. Your ways in are the same."
               " On the old server: mindhaven delete-account")  # fmt: skip
