"""Writes that can't be sent, and what to do with them. I/O: the store; the server, if it answers."""

from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import find_id, named, people, short, short_kind, when
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.kinds import summary
from mindhaven.sdk.held import HeldWrite


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    held = adder.group("held", "show what you wrote that can't be sent, and why; move or drop it", show)
    made = held.add("move", "move what can't be sent into your own entries", move)
    made.add_argument("id", nargs="*", metavar="ID", help="which, or how they begin (default: all)")
    made.add_argument("--collection", metavar="NAME", help="into this collection of yours (default: by kind)")
    made = held.add("drop", "drop what can't be sent, for good", drop)
    made.add_argument("id", nargs="*", metavar="ID", help="which, or how they begin (default: all)")
    made.add_argument("--yes", action="store_true", help="do not ask")


def _for(known: dict[bytes, str], one: HeldWrite) -> str:
    return one.collection_name if one.owner is None else f"{named(known, one.owner)}: {one.collection_name}"


def _what(one: HeldWrite) -> str:
    return "(an erasure)" if one.record is None else plain(summary(one.record))


def _json(known: dict[bytes, str], one: HeldWrite) -> dict[str, Any]:
    return {
        "id": one.item.hex(),
        "collection": one.collection_name,
        "of": None if one.owner is None else named(known, one.owner),
        "kind": None if one.record is None else one.record.kind,
        "at": None if one.record is None else one.record.local_time().isoformat(),
        "summary": None if one.record is None else summary(one.record),
        "reason": one.reason,
        "why": one.why,
        "can_move": one.movable,
        "files": list(one.files),
    }


def show(command: Command) -> None:
    """List what is held."""
    screen = command.screen
    with command.open() as session:
        found, known = session.client.held(), people(session)
        if screen.as_json:
            screen.json([_json(known, one) for one in found])
            return
        for place, why in dict.fromkeys((_for(known, one), one.why) for one in found):
            screen.data(screen.bold(f"For {plain(place)}. {why}"))
            screen.table(("ID", "WHEN", "KIND", "WHAT"), [_row(one) for one in found
                                                          if (_for(known, one), one.why) == (place, why)])  # fmt: skip
            screen.data()
        if not found:
            screen.say("Nothing is held: all that you wrote was sent, or waits for the server.")
            return
        screen.say(
            "It stays readable on this device. mindhaven held move puts it into your own entries, mindhaven held drop"
            " ends it. If it is shared with you again, it is sent by itself."
        )


def _row(one: HeldWrite) -> tuple[str, str, str, str]:
    record = one.record
    return (
        short(one.item),
        "" if record is None else when(record),
        "" if record is None else short_kind(record.kind),
        _what(one),
    )


def _picked(command: Command, session: Session) -> list[HeldWrite]:
    found = session.client.held()
    picked = [find_id(found, text, "mindhaven held shows them.") for text in command.args.id]
    return list({one.item: one for one in picked}.values()) if picked else found


def move(command: Command) -> None:
    """Move held writes into collections of one's own."""
    screen = command.screen
    with command.open() as session:
        asked = [one.item for one in _picked(command, session)] if command.args.id else None
        moved = session.client.move_held(asked, collection=command.option("collection"))
        if screen.as_json:
            screen.json([
                {"was": one.was.hex(), "id": one.item.hex(), "collection": one.collection_name,
                 "files_left_behind": list(one.files)}
                for one in moved
            ])  # fmt: skip
        count = len(moved)
        places = ", ".join(sorted({one.collection_name for one in moved}))
        screen.say(
            f"Moved {count:,} {'entry' if count == 1 else 'entries'} into {places}, your own."
            if count
            else "There is nothing to move."
        )
        for one in moved:
            for name in one.files:
                screen.warn(f"{name} did not move with {short(one.item)}: attach it again from where you have it.")
        if count:
            session.after_write()


def drop(command: Command) -> None:
    """Drop held writes, after asking."""
    screen = command.screen
    with command.open() as session:
        picked = _picked(command, session)
        if not picked:
            if command.screen.as_json:
                screen.json({"dropped": 0})
            screen.say("There is nothing to drop.")
            return
        if not command.option("yes"):
            for one in picked:
                screen.note(f"  {short(one.item)}  {_what(one)}")
            if not screen.yes("Drop this for good? It is nowhere else.", instead="Give --yes."):
                screen.say("Nothing was dropped.")
                return
        count = session.client.drop_held([one.item for one in picked])
        if screen.as_json:
            screen.json({"dropped": count})
        screen.say(f"Dropped {count:,} {'write' if count == 1 else 'writes'}.")
