"""Running a witness for others' logs. I/O: its folder; the socket.

The server's parts are imported only when one of these commands runs, since they are an extra.
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.operating import need_server_parts
from mindhaven.cli.times import seconds_text
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.tlog.note import Algorithm, VerifierKey, check_name

if TYPE_CHECKING:
    from mindhaven.tlog.cosignature import Cosigner


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("witness", "run a witness: it vouches that others' logs only grow")
    made = group.add("serve", "run the witness", serve)
    _options(made)
    made.add_argument("--name", metavar="NAME", help="its name, such as witness.example/practice; at the first start")
    made.add_argument("--bind", metavar="HOST:PORT", help="address and port; port 0 picks a free one")
    made = group.add("add-log", "witness one more log", add_log)
    _options(made)
    made.add_argument("vkey", metavar="VKEY", help="the log's key, as its server shows it")
    made.add_argument("--origin", metavar="ORIGIN", help="the log's origin (default: the key's name)")
    made = group.add("remove-log", "witness a log no longer; what was seen of it is remembered", remove_log)
    _options(made)
    made.add_argument("origin", metavar="ORIGIN", help="the log's origin, as the list shows it")
    made = group.add("list", "list the logs that are witnessed", show)
    _options(made)


def _options(made: argparse.ArgumentParser) -> None:
    made.add_argument("--data", metavar="DIR", help="the witness's directory: its key and its memory")
    made.add_argument("--config", metavar="FILE", help="the witness's settings file (TOML)")


def _settings(command: Command) -> Any:
    need_server_parts()
    from mindhaven.witness import load_witness

    given = {f"witness.{name}": command.option(name) for name in ("data", "bind", "name")}
    config = command.option("config")
    return load_witness(
        file=None if config is None else Path(config),
        environment=os.environ,
        overrides={name: value for name, value in given.items() if value is not None},
    )


def serve(command: Command) -> int:
    """Witness until told to stop."""
    settings = _settings(command)
    from mindhaven.witness import serve as run
    from mindhaven.witness.serve import say_started

    screen = command.screen

    def started(url: str, keys: "list[Cosigner]") -> None:
        say_started(url, keys)
        screen.say("For a policy file of those who are to ask this witness (with the address that they reach it at):")
        if not screen.quiet:
            screen.note(f"    witness NAME {keys[0].vkey} {url}")
        screen.say("Logs are added with: mindhaven witness add-log VKEY. Never restore this folder from a backup.")

    return run(settings, started=started)


def add_log(command: Command) -> None:
    """Witness one more log."""
    settings = _settings(command)
    from mindhaven.witness import open_store

    key = VerifierKey.parse(command.args.vkey)
    if key.algorithm is not Algorithm.ED25519:
        raise InvalidInputError("This is a witness's key, not a log's.", code="vkey")
    origin = check_name(command.option("origin") or key.name)
    store = open_store(Path(settings["witness.data"]))
    try:
        added = store.add(origin, key)
    finally:
        store.close()
    command.screen.give({"origin": origin, "vkey": str(key), "added": added}, origin)
    command.screen.say(
        "It is witnessed from now on, by a running witness too." if added else "It was witnessed with this key already."
    )


def remove_log(command: Command) -> None:
    """Witness a log no longer."""
    settings = _settings(command)
    from mindhaven.witness import open_store

    store, origin = open_store(Path(settings["witness.data"])), command.args.origin
    try:
        removed = store.stop(origin)
    finally:
        store.close()
    if not removed:
        raise NotFoundError(f"{origin} is not witnessed here.", hint="mindhaven witness list", code="log-unknown")
    command.screen.give({"origin": origin, "removed": True}, origin)
    command.screen.say(
        "It is witnessed no longer, by a running witness either. What was seen of it stays in memory: if it is added"
        " again, it must go on from there."
    )


def show(command: Command) -> None:
    """List the logs."""
    settings = _settings(command)
    from mindhaven.witness import open_store

    data = Path(settings["witness.data"])
    if not data.exists():
        raise InvalidInputError(f"There is no witness in {data}.", hint="Give --data DIR.", code="no-data")
    store = open_store(data)
    try:
        logs, who = store.logs(), store.who()
    finally:
        store.close()
    screen = command.screen
    if screen.as_json:
        screen.json({
            "vkey": who[1] if who else None,
            "logs": [{"origin": one.origin, "keys": [str(key) for key in one.keys], "size": one.size,
                      "cosigned_at": one.cosigned_at, "forks": one.forks} for one in logs],
        })  # fmt: skip
        return
    rows = [
        (one.origin, f"{one.size:,}", "never" if one.cosigned_at is None else seconds_text(one.cosigned_at),
         "watched" if one.keys else "no longer witnessed")
        for one in logs
    ]  # fmt: skip
    screen.table(("LOG", "ENTRIES", "COSIGNED", "STATE"), rows)
    for one in logs:
        if one.forks:
            screen.warn(
                f"{one.origin} signed two different states of one size ({one.forks} times). Both signed texts are kept"
                " in witness.db, as proof. Tell the people who use that server."
            )
