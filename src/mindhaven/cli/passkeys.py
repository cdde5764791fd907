"""Passkeys that the server knows: list, remove, second factor. Only the app in a browser can make or use one."""

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.keytext import key_text
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session, ask_passphrase
from mindhaven.cli.times import seconds_text
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError
from mindhaven.protocol import recovery
from mindhaven.sdk.passkeys import Passkey

ALERTS = {
    "counter-back": "its counter went back: somebody may have copied it",
    "eligibility-changed": "it says otherwise than at first whether it can be backed up: it may be another one",
}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("passkeys", "show the passkeys that the server knows", show)
    made = group.add("remove", "remove a passkey; one that opens your account goes with that way in", remove)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made.add_argument("--recovery-file", metavar="PATH", help="use the recovery key instead of the passphrase")
    made.add_argument(
        "--also-recovery-file", metavar="PATH", help="file with the recovery key too: then nothing has to wait"
    )
    for name, about, on in (
        ("ask", "also ask for this passkey when signing in with the passphrase", True),
        ("ask-not", "ask for this passkey no more when signing in with the passphrase", False),
    ):
        made = group.add(name, about, factor)
        made.add_argument("id", metavar="ID", help="its id, or how it begins")
        made.add_argument("--recovery-file", metavar="PATH", help="use the recovery key instead of the passphrase")
        made.set_defaults(on=on)


def show(command: Command) -> None:
    """Show the passkeys, what they are for, and what was noticed of them."""
    screen = command.screen
    with command.open() as session:
        found = session.call_online(lambda m: m.passkeys())
    if screen.as_json:
        screen.json([
            {"id": one.id.hex(), "name": one.name, "created_at": one.created_at, "used_at": one.used_at,
             "eligible": one.eligible, "backed_up": one.backed_up, "unlocks": one.unlocks,
             "second_factor": one.second_factor, "alerts": list(one.alerts)}
            for one in found
        ])  # fmt: skip
        return
    for one in found:
        uses = [
            *(["opens your account"] if one.unlocks else []),
            *(["asked for with the passphrase"] if one.second_factor else []),
        ]
        used = "never used" if one.used_at is None else f"used {seconds_text(one.used_at)}"
        screen.data(f"{one.id.hex()[:8]}  {plain(one.name) or '?'}  {used}  {', '.join(uses) or 'not asked for'}")
        for alert in one.alerts:
            screen.say(f"{plain(one.name) or '?'}: {ALERTS.get(alert, alert)}. If that was not you, remove it.")
    if not found:
        screen.say("The server knows no passkey of yours. The app in a browser makes them.")


def _picked(session: Session, beginning: str) -> Passkey:
    found = [one for one in session.call_online(lambda m: m.passkeys()) if one.id.hex().startswith(beginning.lower())]
    if len(found) != 1:
        raise InvalidInputError("No single passkey has this id.", hint="mindhaven passkeys lists them.", code="passkey")
    return found[0]


def _key(command: Command, option: str) -> SlotSecret | None:
    file = command.option(option)
    return None if file is None else recovery.parse(key_text(command, file))


def remove(command: Command) -> None:
    """Remove a passkey."""
    screen, key, also = command.screen, _key(command, "recovery_file"), _key(command, "also_recovery_file")
    with command.open() as session:
        one = _picked(session, command.args.id)
        typed = None if key else session.passphrase or ask_passphrase(screen, command.option("passphrase_file"))
        due_at = session.call_online(lambda m: m.remove_passkey(one.id, typed, recovery_key=key or also))
    if screen.as_json:
        screen.json({"applied": due_at is None, "due_at": due_at})
    if due_at is None:
        screen.say("Removed. Signing in asks for it no more.")
    else:
        screen.say(
            f"It opens your account, so it goes on {seconds_text(due_at)}. Until then any of your devices can cancel"
            " this: mindhaven recovery. With both your ways in it goes at once: --also-recovery-file PATH"
        )


def factor(command: Command) -> None:
    """Ask for a passkey beside the passphrase, or no more."""
    screen, on, key = command.screen, bool(command.args.on), _key(command, "recovery_file")
    with command.open() as session:
        one = _picked(session, command.args.id)
        typed = None if key else session.passphrase or ask_passphrase(screen, command.option("passphrase_file"))
        session.call_online(lambda m: m.passkey_as_second_factor(one.id, typed, on=on, recovery_key=key))
    if on:
        screen.say(
            "Signing in with your passphrase now also asks for this passkey. This program can't use one: here sign in"
            " with your recovery key, or turn a code on as well: mindhaven second-factor on"
        )
    else:
        screen.say("Signing in with your passphrase no longer asks for this passkey.")
