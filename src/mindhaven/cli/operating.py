"""Running a server, and its operator's console. I/O: the data directory; the socket.

The server is imported only here and only when one of these commands runs, since it is an extra.
"""

import contextlib
import importlib.util
import io
import os
import sys
from pathlib import Path
from typing import Any, Final, TextIO

from mindhaven import __version__
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.home import CLIENT_VARIABLES
from mindhaven.cli.screen import Screen
from mindhaven.errors import InvalidInputError

NEEDED: Final = ("starlette", "uvicorn", "uvloop", "asyncpg", "httptools")


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    made = adder.add("serve", "run a server", serve)
    made.add_argument("--data", metavar="DIR", help="directory of the database, blobs and keys")
    made.add_argument("--bind", metavar="HOST:PORT", help="address and port; port 0 picks a free one")
    made.add_argument("--config", metavar="FILE", help="settings file (TOML)")
    adder.add("version", "show the version", version)


def need_server_parts() -> None:
    """Raise `InvalidInputError` (server-extra) if the server's libraries are not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidInputError(
            f"The server's parts are not installed here ({', '.join(missing)}).",
            hint="pip install 'mindhaven[server]'",
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
        environment={name: value for name, value in os.environ.items() if name not in CLIENT_VARIABLES},
        overrides={name: value for name, value in given.items() if value is not None},
    )


def serve(command: Command) -> int:
    """Serve until told to stop."""
    settings = server_settings(command)
    from mindhaven.server.serve import serve as run

    with contextlib.redirect_stdout(_Announcing(sys.stdout, command.screen)):
        return run(settings)


class _Announcing(io.TextIOBase):
    """Standard output that says the next step once the address has been printed."""

    def __init__(self, out: TextIO, screen: Screen) -> None:
        self._out = out
        self._screen = screen

    def write(self, text: str) -> int:
        """Pass `text` on."""
        written = self._out.write(text)
        if text.startswith("listening on "):
            self._out.flush()
            self._screen.say(f"Next, in another terminal: mindhaven signup --server {text.split()[-1]}")
        return written

    def flush(self) -> None:
        """Pass it on."""
        self._out.flush()


def version(command: Command) -> None:
    """Show the version."""
    command.screen.give({"version": __version__}, __version__)
