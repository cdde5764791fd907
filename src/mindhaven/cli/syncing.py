"""Sending and fetching; the devices of an account. I/O: the server and the store."""

from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.exits import Exit
from mindhaven.cli.following import follow
from mindhaven.cli.session import Session, ask_passphrase, sync_own
from mindhaven.cli.times import seconds_text
from mindhaven.errors import InvalidInputError
from mindhaven.sdk import AsyncMindhaven, Synced
from mindhaven.sdk.devices import Device


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("sync", "send what waits, and fetch and check what is new", sync)
    made.add_argument("--follow", action="store_true", help="go on, with a line for each change, until Ctrl-C")
    devices = adder.group("devices", "list the devices that are signed in", devices_list)
    made = devices.add("lost", "sign a lost or stolen device out, and make new keys", devices_lost)
    made.add_argument("id", metavar="DEVICE", help="its id, or how it begins, or what it calls itself")
    made = devices.add("end", "sign a device out", devices_end)
    made.add_argument("id", metavar="DEVICE", help="its id, or how it begins, or what it calls itself")


def _told(session: Session, synced: Synced) -> dict[str, Any]:
    """Return what a sync did, for programs."""
    return {"sent": synced.sent, "collections": synced.collections, "held": list(synced.held),
            "new": len(synced.shared_with_me), "waiting": len(session.client.store.queued()),
            "given_back": synced.given_back.commits, "split": [one.hex() for one in synced.split],
            "behind": [one.hex() for one in synced.behind],
            "log_fault": None if synced.log_fault is None else synced.log_fault.reason,
            "lacking": [one.file.name for one in synced.lacking],
            "noted": list(synced.noted), "stale_since": synced.stale_since,
            "alerts": [{"what": act.what, "at": act.at} for act in synced.alerts.acts]}  # fmt: skip


def sync(command: Command) -> int:
    """Sync now, or now and from now on."""
    if command.args.follow:
        follow(command, _told)
        return Exit.OK
    screen = command.screen
    with command.open() as session:
        progress = screen.progress("Syncing")

        def shown_first(count: int) -> None:
            screen.note(
                f"Your newest {count:,} entries are here already: mindhaven list. Now their whole history is being"
                " verified. You can stop this (Ctrl-C) and go on later: mindhaven sync"
            )

        synced = session.call_online(lambda m: sync_own(m, progress, shown_first))
        changed = session.call_online(lambda m: m.choices.policy_news())
        if screen.as_json:
            screen.json({**_told(session, synced), "policy_changed": changed})
        session.say_synced(synced)
        if changed:
            screen.warn(
                "What this server says it does with your data has changed. What it says now: mindhaven policy show."
                f" What changed, and when: {session.client.transport.origin}/policy/en/changes"
            )
        sent = f"Sent {synced.sent:,}. " if synced.sent else ""
        if synced.split or synced.behind:
            screen.say(f"{sent}The rest was checked and is up to date.")
        elif synced.log_fault is None:
            screen.say(f"{sent}Everything that the server shows was checked. This device is up to date.")
        else:
            screen.say(
                f"{sent}Your entries were checked and are up to date. The server's logs are not sound: see above."
            )
        if synced.shared_with_me:
            screen.say("Something new is shared with you: mindhaven shared")
        return Exit.INTEGRITY if synced.split or synced.behind else Exit.OK


def devices_list(command: Command) -> None:
    """List the signed-in devices."""
    with command.open() as session:
        found = session.call_online(lambda m: m.devices())
        if command.screen.as_json:
            command.screen.json([
                {"id": one.id.hex(), "name": one.name, "first_seen_at": one.first_seen_at,
                 "last_seen_at": one.last_seen_at, "here": one.here}
                for one in found
            ])  # fmt: skip
            return
        rows = [
            (one.id.hex()[:8], (one.name or "-") + (" (this one)" if one.here else ""),
             seconds_text(one.first_seen_at), seconds_text(one.last_seen_at))
            for one in found
        ]  # fmt: skip
        command.screen.table(("ID", "CALLS ITSELF", "FIRST SEEN", "LAST SEEN"), rows)


def devices_end(command: Command) -> None:
    """Sign another device out."""
    with command.open() as session:
        picked = _other_device(command, session)
        typed = _passphrase_of(command, session)

        async def end(m: AsyncMindhaven) -> None:
            await m.access.open_way(passphrase=typed)
            await m.end_device(picked.id)

        session.call_online(end)
        command.screen.say(f"{picked.name or 'The device'} is signed out. What it has stored stays on it, locked.")


def devices_lost(command: Command) -> None:
    """Sign a lost device out and make new keys."""
    with command.open() as session:
        picked = _other_device(command, session)
        typed = _passphrase_of(command, session)
        session.call_online(lambda m: m.lost_device(picked.id, typed))
        command.screen.say(
            f"{picked.name or 'The device'} is signed out, and your account has new keys: what lies on it can't read or"
            " write anything new. Your other devices ask for the passphrase once. If somebody may know your passphrase,"
            " change it now: mindhaven passphrase"
        )


def _passphrase_of(command: Command, session: Session) -> str:
    return session.passphrase or ask_passphrase(command.screen, command.option("passphrase_file"))


def _other_device(command: Command, session: Session) -> Device:
    found = session.call_online(lambda m: m.devices())
    typed = str(command.args.id).strip()
    picked = [one for one in found if one.name.casefold() == typed.casefold()]
    picked = picked or [one for one in found if one.id.hex().startswith(typed.lower())]
    if len(picked) > 1:
        ids = ", ".join(one.id.hex()[:8] for one in picked)
        raise InvalidInputError(
            f"{len(picked)} devices go by {typed}.", hint=f"Give the id of one: {ids}. mindhaven devices says when each"
            " was seen.", code="device",
        )  # fmt: skip
    if not picked:
        names = ", ".join(one.name or one.id.hex()[:8] for one in found if not one.here)
        raise InvalidInputError(
            "No device has this id or name.", hint=f"There are: {names}." if names else "No other device is signed in.",
            code="device",
        )  # fmt: skip
    if picked[0].here:
        raise InvalidInputError("That is this device.", hint="mindhaven logout signs it out.", code="device-here")
    return picked[0]
