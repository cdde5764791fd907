"""Letting a new device in by a link, with no passphrase typed on it. I/O: the server, the store, the terminal."""

from pathlib import Path

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.keytext import read_key
from mindhaven.cli.session import DEVICE_META, ask_passphrase
from mindhaven.cli.signing import DEVICE, begin, forget, need_server, new_passphrase, refuse_second
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.protocol import recovery
from mindhaven.protocol.pairing import PairingLink
from mindhaven.sdk.local import LocalStore


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("pair", "new device: show a link, and wait for a signed-in device to let this one in", pair)
    made.add_argument("--server", metavar="URL", help="the server's address (MINDHAVEN_SERVER)")
    made.add_argument("--device", metavar="NAME", help="what this device calls itself; only your devices see it")
    made = adder.add("let-in", "let a new device in, by the link that it shows", let_in)
    made.add_argument("link", metavar="LINK", help="the whole line that mindhaven pair shows on the new device")
    made.add_argument("--recovery-file", metavar="PATH", help="use the recovery key instead of the passphrase")


def pair(command: Command) -> None:
    """Wait to be let in; then fetch the entries."""
    screen = command.screen
    if LocalStore.exists(command.home.path):
        refuse_second(command)
    server = need_server(command)
    screen.say("This passphrase locks this device only. It may be the same as your account's.")
    passphrase = new_passphrase(screen, command.option("passphrase_file"))
    device = command.option("device") or DEVICE
    session = begin(command, server, passphrase, device)
    with session:
        try:
            new = session.call(lambda m: m.begin_pairing())
            link = new.link.text(session.client.transport.origin)
            screen.data(link, at_once=True)
            screen.say(
                "On a device where you are signed in, within ten minutes: mindhaven let-in LINK, with the line above."
                " Who reads this line, and has your passphrase, could let it in as well: show it to nobody else."
            )
            session.call(lambda m: m.wait_for_pairing(new, device=device))
        except BaseException:
            forget(command)
            raise
        session.client.store.put_meta(DEVICE_META, device.encode())
        screen.say(f"This device was let in, as {session.client.me.handle}. Fetching your entries.")
        session.try_sync()
        count = len(session.client.entries())
        screen.say(f"{count:,} {'entry is' if count == 1 else 'entries are'} on this device now.")


def let_in(command: Command) -> None:
    """Let a new device in: it gets this account's keys, and no way in."""
    screen = command.screen
    link = command.args.link
    PairingLink.parse(link)  # a slip is told before a passphrase is asked for
    with command.open() as session:
        kept = command.option("recovery_file")
        key: SlotSecret | None = None if kept is None else recovery.parse(read_key(Path(kept).read_text("utf-8")))
        passphrase = None
        if key is None:
            passphrase = session.passphrase or ask_passphrase(screen, command.option("passphrase_file"))
        session.call_online(lambda m: m.let_in(link, passphrase, recovery_key=key))
        screen.say("The device was let in. It shows among your devices: mindhaven devices")
        screen.say("If that was not you: mindhaven devices lost NAME, now.")
