"""Processes of the soak: servers and commands, each a process (and group) of its own that may be killed at any moment.

They are forked by one process that has imported everything and holds nothing open, so that a start costs no imports:
two hundred rounds begin some thousand processes.
"""

import multiprocessing
import os
import sys
from pathlib import Path

from tests.soak import dying

from mindhaven.cli.areas import AREAS

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["httpx", "mindhaven.server.serve", "mindhaven.server.slices", "mindhaven.server.keeping", "mindhaven.sdk.blocking",
     "mindhaven.cli.program", *(f"mindhaven.cli.{area.module}" for area in AREAS), "tests.soak.spawn"]
)  # fmt: skip


class Spawned:
    """A process that runs, or ran: `what` is `server`, `command` or `opening`; its output goes to the two files."""

    def __init__(
        self, what: str, arguments: tuple[str, ...], environment: dict[str, str], out: Path, err: Path
    ) -> None:
        self._process = _CONTEXT.Process(
            target=_run, args=(what, arguments, environment, str(out), str(err)), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number, which is its group's, too."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code (negative: killed), or None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """Wait for its end; return its exit code. Raises `TimeoutError`."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode


def _run(what: str, arguments: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    os.setsid()
    for number, file in ((1, out), (2, err)):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    os.environ.clear()
    os.environ.update(environment)
    dying.armed_by_environment()
    if "POWER" in environment:
        from tests.soak.power import Forgetful

        _KEPT.append(Forgetful())  # before anything is opened
    sys.exit({"server": _serve, "command": _command, "opening": _open}[what](arguments))


_KEPT: list[object] = []


def _serve(_arguments: tuple[str, ...]) -> int:
    from mindhaven.kernel import Limit, limits
    from mindhaven.server.serve import serve
    from mindhaven.server.settings import load_server
    from mindhaven.server.slices import SLICES

    for name in limits.DEFAULT_LIMITS:
        limits.DEFAULT_LIMITS[name] = Limit(burst=10**9, per_minute=10**9)
    mine = {name: value for name, value in os.environ.items() if name.startswith("MINDHAVEN_")}
    return serve(load_server(SLICES, environment=mine))


def _command(arguments: tuple[str, ...]) -> int:
    from mindhaven.cli import main

    return main(list(arguments))


def _open(arguments: tuple[str, ...]) -> int:
    """Open everything as a start does, and close it."""
    import asyncio

    from mindhaven.server.build import build
    from mindhaven.server.settings import load_server
    from mindhaven.server.slices import SLICES

    data, database = arguments

    async def opened() -> None:
        settings = load_server(SLICES, environment={}, overrides={"server.data": data, "server.database": database})
        await (await build(settings, environment={})).close()

    asyncio.run(opened())
    return 0
