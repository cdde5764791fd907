"""Serving: one process, or several behind one socket.

Guarantees: `listening on ...` is printed once requests are answered, not before; what keeps a start from being sound is
raised by `serve` itself, however many workers; SIGTERM and SIGINT finish the requests
in flight, then write what was accepted, then close the database; SIGHUP reads the TLS certificate anew; workers end
with their parent, even one that was killed.
I/O: the socket, signals, standard output.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from mindhaven import accounts
from mindhaven.errors import MindhavenError, UnavailableError
from mindhaven.kernel import Settings, Slice
from mindhaven.kernel.host import Authenticate
from mindhaven.server import logs
from mindhaven.server.alone import hold_alone
from mindhaven.server.answering import answer, listen
from mindhaven.server.build import Server, build
from mindhaven.server.files import check_files
from mindhaven.server.settings import check_shape
from mindhaven.server.slices import SLICES

_LOG: Final = logging.getLogger("mindhaven.server")
FALLEN_SECONDS: Final = 60.0
"""Workers that fall five times each within so long will go on falling: the server gives up."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A server that answers now: where it listens, the address for people, the keys' files that this start made."""

    listening: str
    address: str
    drawn: tuple[Path, ...]


def say_listening(started: Started) -> None:
    """Print where the server listens."""
    sys.stdout.write(f"listening on {started.listening}\n")
    sys.stdout.flush()


def serve(
    settings: Settings,
    *,
    slices: Sequence[Slice] = SLICES,
    authenticate: Authenticate = accounts.authenticate,
    started: Callable[[Started], None] = say_listening,
) -> int:
    """Serve until told to stop; return the exit code. `started` is called once requests are answered.

    Raises `InvalidInputError` on a shape that is refused, `UnavailableError` if another server has the database
    (server-running), the port is taken (bind) or workers go on falling (workers-fell), and whatever `build` does.
    """
    check_shape(settings)
    check_files(settings)
    os.umask(0o077)
    logs.configure(settings["server.log-level"])
    alone = hold_alone(settings)
    try:
        return _listening(settings, slices, authenticate, started)
    finally:
        if alone is not None:
            alone.close()


def _listening(
    settings: Settings, slices: Sequence[Slice], authenticate: Authenticate, started: Callable[[Started], None]
) -> int:
    listener, url = listen(settings)

    def tell(drawn: tuple[Path, ...]) -> None:
        # Log-ins are signed for the origin, if one is set: any other address would be refused.
        people = settings["server.origin"].rstrip("/") or url
        started(Started(listening=url, address=people, drawn=drawn))

    if settings["server.workers"] == 1:
        uvloop.run(_serve(settings, slices, authenticate, listener, lambda server: tell(server.drawn)))
        return 0
    # Once here, for all: a worker that can't start has nobody to tell, and would be started again and again.
    drawn = uvloop.run(_tried(settings, slices, authenticate))
    return _workers(settings, slices, authenticate, listener, lambda: tell(drawn))


async def _tried(settings: Settings, slices: Sequence[Slice], authenticate: Authenticate) -> tuple[Path, ...]:
    """Open everything and close it again; return the keys' files that this made."""
    server = await build(settings, slices=slices, authenticate=authenticate)
    await server.close()
    return server.drawn


async def _serve(
    settings: Settings,
    slices: Sequence[Slice],
    authenticate: Authenticate,
    listener: socket.socket,
    ready: Callable[[Server], None],
    parent: int | None = None,
) -> None:
    """Serve until a signal, or until the pipe `parent` closes."""
    server = await build(settings, slices=slices, authenticate=authenticate)
    try:
        await server.record()
        await answer(
            server.app,
            settings,
            listener,
            lambda: ready(server),
            start=server.start,
            stopping=server.stopping,
            parent=parent,
        )
    finally:
        await server.close()


def _workers(
    settings: Settings,
    slices: Sequence[Slice],
    authenticate: Authenticate,
    listener: socket.socket,
    tell: Callable[[], None],
) -> int:
    """Fork the workers, start a fallen one anew, pass signals on; raise `UnavailableError` if they go on falling."""
    reader, writer = os.pipe()
    # A parent that is killed can't pass anything on: its end of this pipe closes with it, and the workers end. Left
    # behind, they would hold the port, and no server could start anew.
    alive, held = os.pipe()
    children: set[int] = set()
    ending = gave_up = told = False

    def start() -> None:
        child = os.fork()
        if child:
            children.add(child)
            return
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.close(held)
        code = 1
        try:
            uvloop.run(_serve(settings, slices, authenticate, listener, lambda _: _ready(writer), parent=alive))
            code = 0
        except MindhavenError as error:
            _LOG.error("a worker fell: %s", error.message, extra={"code": error.reason})
        except Exception as error:  # noqa: BLE001 - its text might hold data of a person
            _LOG.error("a worker fell", extra={"error": type(error).__name__})
        finally:
            os._exit(code)

    def pass_on(number: int, _frame: object) -> None:
        nonlocal ending
        ending = ending or number != signal.SIGHUP
        for child in list(children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)

    for _ in range(settings["server.workers"]):
        start()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    ready, fallen = 0, list[float]()
    os.set_blocking(reader, False)
    while children:
        with contextlib.suppress(BlockingIOError):
            ready += len(os.read(reader, 64)) if ready < settings["server.workers"] else 0
            if ready >= settings["server.workers"] and not told:
                tell()
                told = True
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            signal.sigtimedwait([], 0.05)
            continue
        children.discard(child)
        if status and not ending:
            now = time.monotonic()
            fallen = [moment for moment in fallen if moment > now - FALLEN_SECONDS] + [now]
            if len(fallen) > 5 * settings["server.workers"]:
                gave_up = True
                pass_on(signal.SIGTERM, None)
                continue
            start()
    if gave_up:
        raise UnavailableError(
            "The server's workers fell again and again, so it gave up.",
            hint="The log says why (a worker fell). Mend that, then start anew.",
            code="workers-fell",
        )
    return 0


def _ready(writer: int) -> None:
    os.write(writer, b".")
