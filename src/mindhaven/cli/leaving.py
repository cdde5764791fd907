"""Signing a device out, with or without its copy of the entries. I/O: the server, if it answers; the store."""

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.signing import forget
from mindhaven.errors import DeniedError, InvalidInputError, UnavailableError
from mindhaven.sdk.errors import WrongPassphraseError
from mindhaven.sdk.local import LocalStore


def register(adder: Adder) -> None:
    """Add the command of this area."""
    made = adder.add("logout", "sign this device out; its entries stay here, locked", logout)
    made.add_argument("--erase", action="store_true", help="also erase the entries on this device")
    made.add_argument("--yes", action="store_true", help="with --erase: do not ask")


def logout(command: Command) -> None:
    """End this device's session; with --erase, also take its copy of the entries away."""
    if not command.option("erase"):
        with command.open() as session:
            session.call_online(lambda m: m.log_out())
            command.screen.say("Signed out. Your entries stay on this device, locked. mindhaven login signs in again.")
        return
    screen = command.screen
    if not LocalStore.exists(command.home.path):
        raise InvalidInputError("There are no entries on this device.", code="no-store")
    try:
        with command.open() as session:
            waiting = len(session.client.store.queued())
            if not _erase_here(command, waiting):
                return
            try:
                session.call_online(lambda m: m.log_out())
            except (DeniedError, UnavailableError):  # signed out already, or out of reach: the copy goes all the same
                screen.say("The server was not told that this device is signed out.")
    except WrongPassphraseError as error:
        screen.warn(error.message)
        if not _erase_here(command, None):
            return
        screen.say("The server was not told. On another device: mindhaven devices end ID")
    if command.home.setting("keyring").value:
        command.home.keyring_put(None)
    forget(command)
    screen.say("The entries on this device are erased. Those on the server and on other devices are as they were.")


def _erase_here(command: Command, waiting: int | None) -> bool:
    screen = command.screen
    if waiting:
        one = waiting == 1
        screen.warn(f"{waiting:,} {'change was' if one else 'changes were'} never sent, and would be lost.")
    elif waiting is None:
        screen.warn("Whether something here was never sent can't be seen without the passphrase.")
    if command.option("yes") or screen.yes(
        f"Erase all entries on this device ({command.home.path})?", instead="Give --yes."
    ):
        return True
    screen.say("Nothing was erased.")
    return False
