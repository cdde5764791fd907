"""Running a server, and its operator's console. I/O: the data directory; the socket.

The server is imported only here and only when one of these commands runs, since it is an extra.
"""

import argparse
import asyncio
import base64
import importlib.util
import os
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mindhaven import __version__
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.called import called
from mindhaven.cli.exits import Exit
from mindhaven.cli.home import CLIENT_VARIABLES, NAMES
from mindhaven.cli.screen import Screen
from mindhaven.cli.times import seconds_text
from mindhaven.errors import InvalidInputError
from mindhaven.sdk.local import LocalStore

if TYPE_CHECKING:
    from mindhaven.server.build import Server
    from mindhaven.server.serve import Started

T = TypeVar("T")

NEEDED: Final = ("uvicorn", "uvloop", "asyncpg", "httptools")
ROLES: Final = {"person": "a person", "clinician": "a clinician", "officer": "a privacy or security officer"}
CODE_BYTES: Final = 20
"""160 bits: nobody guesses one."""
DATABASE: Final = "mindhaven.db"
_LOST: Final = {
    "master.key": "without it the server does not start",
    "salt.key": "without it no record on this server opens for anybody",
    "log.key": "without it the public logs go on under another key, and every device warns",
}


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("serve", "run a server", serve)
    server_options(made)
    made.add_argument("--bind", metavar="HOST:PORT", help="address and port; port 0 picks a free one")
    invite = adder.group("invite", "operator: make a sign-up code for someone")
    for role, about in ROLES.items():
        made = invite.add(role, f"operator: make a sign-up code for {about}, good for 7 days", invite_one)
        made.set_defaults(role=role)
        server_options(made)
    for name, about, suspended in (
        ("suspend", "operator: sign an account out everywhere and keep it out; its records stay", True),
        ("resume", "operator: let a suspended account in again", False),
    ):
        made = adder.add(name, about, suspend)
        made.set_defaults(suspended=suspended)
        made.add_argument("handle", metavar="HANDLE", help="the account's handle")
        server_options(made)
    keys = adder.group("keys", "operator: the server's own keys")
    made = keys.add("rotate", "operator: start a new key for the server's own fields", rotate)
    server_options(made)
    made = keys.add("turn", "operator: make backups forget what was erased: new peppers, a new salt key", turn)
    server_options(made)
    made = adder.add("settings", "show each setting and where it came from", settings)
    made.add_argument("--server", dest="of_server", action="store_true", help="the server's settings")
    server_options(made)
    adder.add("version", "show the version", version)


def server_options(made: argparse.ArgumentParser) -> None:
    """Add --data and --config."""
    made.add_argument("--data", metavar="DIR", help="the server's directory: database, blobs and keys")
    made.add_argument("--config", metavar="FILE", help="the server's settings file (TOML)")


def need_server_parts() -> None:
    """Raise `InvalidInputError` (server-extra) if the server's libraries are not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidInputError(
            f"The server's parts are not installed here ({', '.join(missing)}).",
            hint="In a clone of Mindhaven: make run; or pip install '.[server]' into this environment.",
            code="server-extra",
        )


def server_settings(command: Command) -> Any:
    """Return the server's settings: defaults, file, environment, command line."""
    need_server_parts()
    from mindhaven.server.settings import load_server
    from mindhaven.server.slices import SLICES

    given = {"server.data": command.option("data"), "server.bind": command.option("bind")}
    config = command.option("config")
    return load_server(
        SLICES,
        file=None if config is None else Path(config),
        environment={name: value for name, value in os.environ.items() if _ours(name)},
        overrides={name: value for name, value in given.items() if value is not None},
    )


def _ours(variable: str) -> bool:
    """Tell whether a variable is not the client's nor a witness's, which may run from the same shell."""
    from mindhaven.witness.settings import VARIABLES

    return variable not in CLIENT_VARIABLES and not variable.startswith(VARIABLES)


def serve(command: Command) -> int:
    """Serve until told to stop."""
    settings = server_settings(command)
    from mindhaven.server.serve import say_listening
    from mindhaven.server.serve import serve as run

    screen, contact = command.screen, bool(settings["server.security-contact"])

    def started(now: "Started") -> None:
        say_listening(now)
        if now.drawn:
            _tell_drawn(screen, now.drawn)
        if not contact:
            screen.say("security.txt answers 404: set server.security-contact to say whom to tell of a weakness.")
        screen.say(f"Next, in another terminal: {called()} signup --server {now.address}")

    return run(settings, started=started)


def _tell_drawn(screen: Screen, drawn: Sequence[Path]) -> None:
    """Say which files hold keys that were drawn just now, and what becomes of them: also under --quiet."""
    screen.warn("Keys were drawn just now; they are nowhere else yet:")
    for path in drawn:
        screen.note(f"    {path}  ({_LOST[path.name]})")
    screen.warn("Copy them before anybody signs up: each to another place, apart from the database's backups.")


def operate(command: Command, act: Callable[["Server"], Coroutine[Any, Any, T]], *, given: Any = None) -> T:
    """Open the server's database on this machine, do one thing, close it; `given`: its settings, if they are known."""
    given = given or server_settings(command)
    if not given["server.database"] and not (Path(given["server.data"]) / DATABASE).exists():
        raise InvalidInputError(
            f"There is no server's data in {given['server.data']}.", hint="Give --data DIR.", code="no-data"
        )
    from mindhaven.server.build import build

    async def run() -> T:
        server = await build(given)
        try:
            return await act(server)
        finally:
            await server.close()

    return asyncio.run(run())


def invite_one(command: Command) -> None:
    """Make a sign-up code."""
    code = base64.b32encode(os.urandom(CODE_BYTES)).decode().rstrip("=").lower()

    async def act(server: "Server") -> int:
        from mindhaven import accounts
        from mindhaven.crypto.encoding import labelled_hash
        from mindhaven.kernel import Actor

        expires_at: int = server.host.clock() + accounts.INVITATION_SECONDS
        await server.host.db.act(
            Actor("operator"),
            lambda work: accounts.invite(
                work,
                code_hash=labelled_hash("account-invitation", code.encode()),
                role=accounts.Role(command.args.role),
                expires_at=expires_at,
            ),
        )
        return expires_at

    expires_at = operate(command, act)
    command.screen.give({"code": code, "role": command.args.role, "expires_at": expires_at}, code)
    command.screen.say(f"Works once, until {seconds_text(expires_at)}: mindhaven signup --invitation {code}")


def suspend(command: Command) -> int:
    """Suspend or resume an account."""
    args, screen = command.args, command.screen

    async def act(server: "Server") -> Any:
        from mindhaven import accounts
        from mindhaven.kernel import Actor

        return await server.host.db.act(
            Actor("operator"),
            lambda work: accounts.suspend(work, handle=args.handle, suspended=args.suspended),
        )

    found = operate(command, act)
    if not isinstance(found, bytes):
        screen.warn(found.message)
        screen.warn(found.hint or "Check the handle.")
        return Exit.FAILED
    if screen.as_json:
        screen.json({"handle": args.handle, "uid": found.hex(), "suspended": args.suspended})
    screen.say(f"{args.handle} is suspended: signed out everywhere; its records stay." if args.suspended
               else f"{args.handle} can sign in again.")  # fmt: skip
    return Exit.OK


def rotate(command: Command) -> None:
    """Start a new data key."""
    number = operate(command, lambda server: server.host.secrets.rotate())
    command.screen.give({"key": number}, f"key {number}")
    command.screen.say(
        "A server that runs takes it up within an hour, without a restart, and then moves what lies under older keys."
    )


def turn(command: Command) -> int:
    """Turn the salt key now."""

    async def act(server: "Server") -> Any:
        from mindhaven import vault

        return await vault.turn_now(server.host), server.host.clock()

    (turned, now), screen = operate(command, act), command.screen
    if turned is None:
        screen.warn("The running server is turning the salt key just now; it goes on by itself.")
        return Exit.REFUSED
    from mindhaven.vault import SALT_KEY_KEPT_SECONDS, salt_key_file

    file = salt_key_file(turned.generation)
    screen.give(
        {"key": file, "collections": turned.collections, "salts": turned.salts, "peppers": turned.peppers,
         "destroyed": turned.destroyed},
        file,
    )  # fmt: skip
    screen.say(
        f"{turned.collections} collections got a new pepper, {turned.salts} salts moved, {turned.peppers} peppers lie"
        f" under {file}. The former key is destroyed after {seconds_text(now + SALT_KEY_KEPT_SECONDS)}."
    )
    screen.say("Back up now: a side copy from before it can't open what is written from now on.")
    return Exit.OK


def settings(command: Command) -> None:
    """Show the client's settings, or the server's."""
    screen = command.screen
    if command.option("of_server"):
        rows = [tuple(row) for row in server_settings(command).show()]
    else:
        found = {name: command.home.setting(name) for name in NAMES}
        rows = [(name, str(one.value) if one.value != "" else "-", one.origin) for name, one in found.items()]
        has = LocalStore.exists(command.home.path)
        rows.append(("account", "on this device" if has else "none yet", "this machine"))
    if screen.as_json:
        screen.json({name: {"value": value, "origin": origin} for name, value, origin in rows})
    else:
        screen.table(("SETTING", "VALUE", "FROM"), rows)


def version(command: Command) -> None:
    """Show the version."""
    command.screen.give({"version": __version__}, __version__)
