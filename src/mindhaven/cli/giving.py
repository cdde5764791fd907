"""After a server's restore: attached files of which it lacks parts, and giving them back. I/O: files, server, store."""

from pathlib import Path
from typing import Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.screen import plain
from mindhaven.cli.session import Session, parts_of, say_lacking
from mindhaven.sdk.parts import Lacking
from mindhaven.sdk.progress import Progress


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("give-back", "after a server's restore: give it an attached file again that it lost", give_back)
    made.add_argument(
        "file",
        nargs="*",
        metavar="FILE",
        help="the file, as it was attached, or an archive; none: list what is lacking",
    )


def give_back(command: Command) -> None:
    """List what the server lacks, or give it back."""
    screen = command.screen
    with command.open() as session:
        given: list[Lacking] = []
        for name in command.args.file:
            found = _give(session, Path(name), screen.progress("Sending"))
            for one in found:
                screen.say(f"Gave back {parts_of(one)}.")
            if not found:
                screen.say(f"The server lacks nothing that is in {plain(name)}.")
            given += found
        if not command.args.file:
            session.call_online(lambda m: m.sync())
        left = session.client.lacking()
        if screen.as_json:
            screen.json({"given": [_json(one) for one in given], "lacking": [_json(one) for one in left]})
        if not left:
            screen.say("The server has every part of the files that this device knows of.")
        say_lacking(screen, left)


def _give(session: Session, path: Path, progress: Progress | None) -> tuple[Lacking, ...]:
    return session.call_online(lambda m: m.give_back(path, progress=progress))


def _json(one: Lacking) -> dict[str, Any]:
    return {
        "collection": one.collection.hex(),
        "item": one.item.hex(),
        "name": one.file.name,
        "parts": len(one.parts),
        "of": len(one.file.blobs),
    }
