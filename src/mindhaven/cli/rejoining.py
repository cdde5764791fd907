"""After a server's restore: two histories of a collection, shown, and one gone on from. I/O: server and store."""

from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.present import YOU, named, people, short, short_kind, when
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session
from mindhaven.errors import NotFoundError
from mindhaven.kinds import summary
from mindhaven.sdk.local import LocalItem
from mindhaven.sdk.rejoining import Split

LIST: Final = "your list of collections and contacts"


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("rejoin", "after a server's restore: see what it lacks, and go on from what it has", rejoin)
    made.add_argument("--yes", action="store_true", help="do not ask")


def rejoin(command: Command) -> None:
    """Show what is split, ask, and go on."""
    screen = command.screen
    with command.open() as session:
        found: list[Split] = session.call_online(lambda m: m.splits())
        if not found:
            if screen.as_json:
                screen.json([])
            screen.say("The server has the same history as this device. There is nothing to decide.")
            return
        told = [_json(session, one) for one in found]
        for one in found if not screen.as_json else ():
            _show(session, one)
        ready = [one for one in found if one.can != "wait"]
        if not ready:
            if screen.as_json:
                screen.json(told)
            screen.say("Others decide how these go on. Your entries here stay as they are until then.")
            return
        if not _agreed(command):
            screen.say("Nothing was changed. Your entries here stay as they are; mindhaven rejoin shows this again.")
            return
        for one in ready:
            session.call(lambda m, one=one: m.rejoin(one.collection))  # type: ignore[misc]
        synced = session.call(lambda m: m.sync())
        if screen.as_json:
            screen.json(told)
        session.say_synced(synced)
        screen.say(f"Done. {_times(sum(len(one.mine) for one in ready), 'entry', 'entries')} of yours written again.")


def _agreed(command: Command) -> bool:
    return bool(command.option("yes")) or command.screen.yes("Go on from the server's history?", instead="Give --yes.")


def _name(session: Session, one: Split) -> str:
    client = session.client
    if one.collection == client.index.id:
        return LIST
    listed = client.index.listed(one.collection)
    if listed is None:
        return f"a shared collection ({one.collection.hex()[:8]})"
    if client.index.is_own(one.collection):
        return listed.name
    return f"{named(people(session), listed.owner)}: {listed.name}"


def _json(session: Session, one: Split) -> dict[str, Any]:
    return {
        "collection": one.collection.hex(),
        "name": _name(session, one),
        "can": one.can,
        "lost": [item.item.hex() for item in one.lost],
        "written_again": [item.item.hex() for item in one.mine],
        "erased_again": one.erased,
    }


def _show(session: Session, one: Split) -> None:
    screen, known = session.screen, people(session)
    screen.data(screen.bold(f"{plain(_name(session, one)).capitalize()}: the server goes on differently."))
    mine = {item.item for item in one.mine}
    if one.collection == session.client.index.id:
        screen.data(
            f"{_times(len(mine), 'change', 'changes')} of this device will be made again."
            if mine
            else "Nothing of yours is missing there; only this device's own notes differ."
        )
    else:
        rows = [_row(session, known, item, again=item.item in mine) for item in one.lost]
        if rows:
            screen.data("Here, and not on the server:")
            screen.table(("ID", "WHEN", "KIND", "WHAT", "THEN"), rows)
        if one.erased:
            screen.data(f"{_times(one.erased, 'entry', 'entries')} that you erased will be erased again.")
        if not rows and not one.erased:
            screen.data("No entry is missing there; who may read it, or its keys, differs.")
    if one.can == "wait":
        screen.data("Its owner decides. Until then your entries here stay, and nothing is sent there.")
    elif len(one.lost) > len(one.mine) and one.collection != session.client.index.id:
        screen.data("What others wrote leaves this device until theirs writes it again; export it first to keep it.")
    screen.data()


def _row(session: Session, known: dict[bytes, str], item: LocalItem, *, again: bool) -> tuple[str, str, str, str, str]:
    who = named(known, item.state.author)
    then = "written again" if again else "not written again" if who == YOU else f"{plain(who)}'s device writes it again"
    try:
        record = session.client.entry(item.item).record
    except NotFoundError:
        record = None
    if record is None:
        return short(item.item), "-", "-", "(does not open here)", then
    return short(item.item), when(record), short_kind(record.kind), plain(summary(record)), then


def _times(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
