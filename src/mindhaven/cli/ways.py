"""Ways in: recovery key, passphrase, leaving. I/O: the server, the store, the recovery file."""

from pathlib import Path
from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.keytext import key_text
from mindhaven.cli.receipts import count, say_kept
from mindhaven.cli.screen import plain
from mindhaven.cli.session import DEVICE_META, Session, ask_passphrase
from mindhaven.cli.signing import (
    NO_RESET,
    confirm_rows,
    forget,
    need_server,
    new_passphrase,
    sign_in,
    write_key,
)
from mindhaven.cli.times import day_text, seconds_text
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.slots import SlotKind
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.wire.accounts import KeysChanged

HAPPENED = {
    "device": "a device signed in for the first time",
    "keys": "keys or ways in were changed",
    "waiting": "a change of ways in was asked for",
    "cancelled": "a change of ways in was cancelled",
    "code": "the code of an authenticator app was turned on or off",
    "passkey-added": "a passkey was added",
    "passkey-removed": "a passkey was removed",
    "passkey-factor": "a passkey is asked for beside the passphrase, or no longer",
    "passkey-noticed": "a passkey may have been copied",
}
NAMES = {SlotKind.PASSPHRASE: "passphrase", SlotKind.RECOVERY_KEY: "recovery key", SlotKind.PASSKEY: "passkey"}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    ways = adder.group("recovery", "show your ways in; make or use a recovery key", show)
    made = ways.add("new", "make a new recovery key; the old one stops working", new)
    made.add_argument("--recovery-file", metavar="PATH", help="write the new key to a new file (mode 0600)")
    made.add_argument("--old-recovery-file", metavar="PATH", help="file with the old key: then there is no wait")
    made = ways.add("use", "sign in on this device with the recovery key alone", use)
    made.add_argument("--recovery-file", metavar="PATH", help="file with the key, or - for standard input")
    made.add_argument("--server", metavar="URL", help="the server's address (MINDHAVEN_SERVER)")
    made.add_argument("--code", metavar="CODE", help="code from your authenticator app, if you use one")
    made.add_argument("--device", metavar="NAME", help="what this device calls itself; only your devices see it")
    made.add_argument("--mend", action="store_true", help="open the keys from before, if somebody spoiled the newest")
    made = ways.add("cancel", "cancel a change of ways in that waits", cancel)
    made.add_argument("id", metavar="ID", help="its id, or how it begins")
    made = adder.add("passphrase", "change your passphrase; signs every other device out", passphrase)
    made.add_argument("--new-passphrase-file", metavar="PATH", help="file whose first line is the new passphrase")
    made.add_argument(
        "--recovery-file", metavar="PATH", help="you forgot the passphrase: the recovery key, or - for standard input"
    )
    made.add_argument(
        "--also-recovery-file", metavar="PATH", help="file with the recovery key too: then nothing has to wait"
    )
    factor = adder.group("second-factor", "also ask for a code from an authenticator app when signing in")
    for name, about, on in (("on", "turn the code on", True), ("off", "turn the code off", False)):
        made = factor.add(name, about, second_factor)
        made.set_defaults(on=on)
        if not on:
            made.add_argument("--recovery-file", metavar="PATH", help="use the recovery key instead of the passphrase")
    made = adder.add("delete-account", "erase the account on the server, for good", delete)
    made.add_argument("--yes", action="store_true", help="do not ask")
    made.add_argument("--recovery-file", metavar="PATH", help="file with the recovery key: erasing takes both ways in")
    made.add_argument("--keep-local", action="store_true", help="keep the entries on this device, locked")


def show(command: Command) -> None:
    """Show the ways in, changes that wait, and what happened to them and to devices within thirty days."""
    screen = command.screen
    with command.open() as session:
        uid = session.client.me.uid
        _, _, listed = session.call_online(lambda m: m.access.shown(uid))
        recent = session.call(lambda m: m.recent())
        names = session.device_names(act.about for act in recent.acts)
        kinds = [NAMES.get(one.kind, "another way in") for one in listed.slots]
        if screen.as_json:
            screen.json({
                "ways_in": kinds,
                "waiting": [
                    {"id": one.id.hex(), "asked_at": one.asked_at, "due_at": one.due_at} for one in recent.waiting
                ],
                "recent": [{"what": act.what, "about": act.about.hex(), "device": names.get(act.about),
                            "at": act.at} for act in recent.acts],
            })  # fmt: skip
            return
        for kind in kinds:
            screen.data(kind)
        for one in recent.waiting:
            screen.data(f"A change waits until {seconds_text(one.due_at)}  ({one.id.hex()[:8]})")
            screen.say(f"If that was not you: mindhaven recovery cancel {one.id.hex()[:8]}")
        for act in recent.acts:
            name = f": {plain(names[act.about])}" if act.about in names else ""
            screen.data(f"{seconds_text(act.at)}  {HAPPENED[act.what]}{name}")
        if recent.acts:
            screen.say(
                "Times are by the hour. If something was not you: mindhaven devices lost NAME for a device, and a new"
                " passphrase with both your ways in: mindhaven passphrase --also-recovery-file PATH."
                " If your passphrase no longer works: mindhaven recovery use."
            )
        screen.say(NO_RESET)


def cancel(command: Command) -> None:
    """Cancel a waiting change."""
    with command.open() as session:
        found = session.call_online(lambda m: m.pending())
        picked = [one for one in found if one.id.hex().startswith(command.args.id.lower())]
        if len(picked) != 1:
            raise InvalidInputError(
                "No single change has this id.", hint="mindhaven recovery lists them.", code="pending"
            )
        session.call(lambda m: m.cancel_pending(picked[0].id))
        command.screen.say("Cancelled. Your ways in stay as they were. Consider a new passphrase: mindhaven passphrase")


def _passphrase_of(command: Command, session: Session) -> str:
    """The passphrase that opened this store, or (after a keyring) asked for: it is a way in, not only a lock."""
    return session.passphrase or ask_passphrase(command.screen, command.option("passphrase_file"))


def new(command: Command) -> None:
    """Make a new recovery key; it is shown and confirmed before it counts."""
    screen, kept, old = command.screen, command.option("recovery_file"), command.option("old_recovery_file")
    if kept is None:
        screen.need_terminal("Give --recovery-file PATH, and keep that file off this machine.")
    old_key = None if old is None else recovery.parse(key_text(command, old))
    with command.open() as session:
        typed, before = _passphrase_of(command, session), count(session)
        key = SlotSecret.fresh()
        if kept is None:
            confirm_rows(screen, recovery.rows(key))
        else:
            write_key(Path(kept), key, session.client.transport.origin)

        async def change(m: AsyncMindhaven) -> KeysChanged:
            _, root = await m.access.open_way(passphrase=typed)
            if old_key is not None:
                _, root = await m.access.open_way(recovery_key=old_key)
            _, _, listed = await m.access.shown(m.me.uid)
            there = [one.id for one in listed.slots if one.kind is SlotKind.RECOVERY_KEY]
            slot = NewSlot.recovery_key(key)
            if not there:
                return await m.access.change(root, add=[slot], new=New.NOTHING)
            changed = await m.access.change(root, replace=(there[0], slot), new=New.ROOT)
            if changed.applied:
                await m.replace_keys()
            return changed

        try:
            changed = session.call_online(change)
        except MindhavenError:
            if kept is not None:
                Path(kept).unlink(missing_ok=True)
            raise
        _tell_change(command, changed, "recovery key")
        say_kept(command, session, before)


def _tell_change(command: Command, changed: KeysChanged, what: str) -> None:
    screen = command.screen
    if screen.as_json:
        screen.json({"applied": changed.applied, "due_at": changed.due_at})
    if changed.applied:
        screen.say(f"The new {what} counts from now on. The old one no longer opens anything new.")
    else:
        screen.say(
            f"The new {what} counts from {seconds_text(changed.due_at or 0)} on. Until then the old one works,"
            " and any of your devices can cancel this: mindhaven recovery"
        )


def use(command: Command) -> None:
    """Sign in by recovery key: on a device that has nothing yet, or again on one that is signed out."""
    screen, mend = command.screen, bool(command.args.mend)
    if LocalStore.exists(command.home.path):
        with command.open() as session:
            text = key_text(command, command.option("recovery_file"))
            kept = session.client.store.meta(DEVICE_META)
            device = "" if kept is None else kept.decode()
            session.with_code(
                lambda code: session.call(lambda m: m.recover(text, device=device, code=code, mend=command.args.mend)),
                command.option("code"),
            )
            screen.say(f"Signed in as {session.client.me.handle}.")
            session.after_write()
        return
    server = need_server(command)
    text = key_text(command, command.option("recovery_file"))
    recovery.parse(text)  # a slip is told before anything is asked or made
    locked_by = new_passphrase(screen, command.option("passphrase_file"), "passphrase for this device")
    sign_in(command, server, locked_by, lambda s, device, code: s.call(
        lambda m: m.recover(text, device=device, code=code, mend=mend)))  # fmt: skip
    screen.say("This passphrase locks this device. Your account keeps its own. Did you forget that one?"
               " mindhaven passphrase --recovery-file PATH sets a new one.")  # fmt: skip


def second_factor(command: Command) -> None:
    """Turn the code of an authenticator app on or off."""
    screen, on = command.screen, command.args.on
    if on:
        screen.need_terminal("Run this in a terminal: it shows a secret and asks for a code.")
    by_key = None if on else command.option("recovery_file")
    key = None if by_key is None else recovery.parse(key_text(command, by_key))
    with command.open() as session:
        typed = None if key is not None else _passphrase_of(command, session)

        def confirm(secret: str) -> str:
            screen.note(f"Add this secret to your authenticator app:  {secret}")
            screen.note(f"  otpauth://totp/{session.client.me.handle}?secret={secret}")
            return screen.ask("Code that the app shows:", instead="")

        if on:
            session.call_online(lambda m: m.totp_on(typed or "", confirm))
            screen.say("Signing in with your passphrase now also asks for a code from your app.")
        else:
            session.call_online(lambda m: m.totp_off(typed, recovery_key=key))
            screen.say("Signing in asks for no code now.")


def passphrase(command: Command) -> None:
    """Change the passphrase of the account and of this device."""
    screen, file = command.screen, command.option("new_passphrase_file")
    by_key = command.option("recovery_file")
    if file is None:
        screen.need_terminal("Give --new-passphrase-file PATH.")
    key = None if by_key is None else recovery.parse(key_text(command, by_key))
    also = command.option("also_recovery_file")
    both = None if also is None else recovery.parse(key_text(command, also))
    with command.open() as session:
        old = None if key is not None else _passphrase_of(command, session)
        new_one, before = new_passphrase(screen, file), count(session)
        if key is None:
            due_at = session.call_online(lambda m: m.change_passphrase(old or "", new_one, recovery_key=both))
            session.passphrase = new_one
            if screen.as_json:
                screen.json({"applied": True, "due_at": None, "root_due_at": due_at})
            screen.say("Your new passphrase counts from now on. Every other device was signed out.")
            if due_at is not None:
                screen.say(
                    f"What your old passphrase opened is made new on {seconds_text(due_at)}. Do you fear that somebody"
                    " knows the old one? With your recovery key it is made new at once:"
                    " mindhaven passphrase --also-recovery-file PATH"
                )
            say_kept(command, session, before)
            return

        async def change(m: AsyncMindhaven) -> KeysChanged:
            _, root = await m.access.open_way(recovery_key=key)
            shown, _, listed = await m.access.shown(m.me.uid)
            there = next(one for one in listed.slots if one.kind is SlotKind.PASSPHRASE)
            slot = NewSlot.passphrase(new_one, handle=shown.handle, server_salt=there.passphrase_params().server_salt)
            changed = await m.access.change(root, replace=(there.id, slot), new=New.ROOT)
            m.store.lock_with(new_one)
            if changed.applied:
                await m.replace_keys()
            return changed

        changed = session.call_online(change)
        _tell_change(command, changed, "passphrase")
        screen.say("This device opens with the new passphrase already.")
        say_kept(command, session, before)


def delete(command: Command) -> None:
    """Erase the account at the server, and by default the store on this device."""
    screen = command.screen
    with command.open() as session:
        typed = _passphrase_of(command, session)
        me = session.client.me
        _, _, listed = session.call_online(lambda m: m.access.shown(me.uid))
        two = len(listed.slots) > 1
        if two:
            screen.say("Erasing an account takes both its ways in, so that nobody with only one of them can do it.")
        if not command.option("yes"):
            screen.paragraph(
                f"This erases the account {me.handle} and all its entries, on the server and on this device"
                " (--keep-local keeps them here). Nobody can bring them back."
                " mindhaven export --format archive takes everything with you first."
            )
            answer = screen.ask(f"To go on, type {me.handle}:", instead="Give --yes.")
            if answer != me.handle:
                screen.say("Nothing was erased.")
                return
        key = recovery.parse(key_text(command, command.option("recovery_file"))) if two else None
        receipt = session.call_online(lambda m: m.delete_account(typed, recovery_key=key))
    told: dict[str, Any] = {
        "what": receipt.what,
        "subject": receipt.subject.hex(),
        "at": receipt.at,
        "commitment": receipt.commitment.hex(),
        "position": receipt.position,
        "backups_until": day_text(receipt.backups_until_day) if receipt.backups_until_day else None,
        "kept": list(receipt.kept),
    }
    text = [
        f"Receipt: {receipt.what} erased at {seconds_text(receipt.at)}",
        f"  number      {receipt.subject.hex()}",
        f"  commitment  {receipt.commitment.hex()}",
        f"  place       {'-' if receipt.position is None else receipt.position} in the log audit",
    ]
    if told["backups_until"]:
        text.append(f"  back-ups of the server can hold sealed copies until {told['backups_until']}")
    text += [f"  kept: {one}" for one in receipt.kept]
    screen.give(told, "\n".join(text))
    screen.say(
        "Copies on your other devices stay there, locked. To remove one, on that device: mindhaven logout --erase"
    )
    if command.option("keep_local"):
        screen.say(f"Your entries are still on this device, locked: {command.home.path}")
        return
    if command.home.setting("keyring").value:
        command.home.keyring_put(None)
    forget(command)
    screen.say("The entries on this device are erased too.")
