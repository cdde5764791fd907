"""One socket and what answers on it, for each role that serves: the server, a witness.

Guarantees: SIGTERM and SIGINT finish the requests in flight; SIGHUP reads the TLS certificate anew, and a faulty one
leaves the old one in use; no access log. I/O: the socket, signals.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import uvicorn

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kernel import Settings
from mindhaven.server.connection import Connection
from mindhaven.server.files import CIPHERS, load_tls, tls_fault
from mindhaven.server.overriding import override
from mindhaven.server.settings import address

_LOG: Final = logging.getLogger("mindhaven.server")
GRACE_SECONDS: Final = 25
BACKLOG: Final = 1024
KEEP_ALIVE_SECONDS: Final = 15


def listen(settings: Settings, role: str = "server") -> tuple[socket.socket, str]:
    """Return the socket of a role's `bind`, and its address; raise `UnavailableError` (bind) if it is taken."""
    listener = _listen(*address(settings, role), f"{role}.bind")
    scheme = "https" if settings[f"{role}.tls-certificate"] else "http"
    host, port = listener.getsockname()[:2]
    return listener, f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


async def answer(
    app: Any,
    settings: Settings,
    listener: socket.socket,
    ready: Callable[[], None],
    *,
    role: str = "server",
    start: Callable[[], None] | None = None,
    stopping: Callable[[], None] | None = None,
    parent: int | None = None,
) -> None:
    """Answer by an ASGI application until a signal, or until the pipe `parent` closes.

    `start` is called before the first request is taken, `ready` once they are answered, `stopping` when the end was
    asked for and requests in flight are about to be waited for.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
        ssl_certfile=settings[f"{role}.tls-certificate"] or None,
        ssl_keyfile=settings[f"{role}.tls-key"] or None,
        ssl_ciphers=CIPHERS,
    )
    config.load()
    running = _Uvicorn(config, ready)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        running.should_exit = True
        if stopping is not None:
            stopping()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, _reload_certificate, config, settings, role)
    if parent is not None:
        loop.add_reader(parent, stop)
    if start is not None:
        start()
    await running.serve(sockets=[listener])


class _Uvicorn(uvicorn.Server):
    """uvicorn that leaves signals to us and tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _reload_certificate(config: uvicorn.Config, settings: Settings, role: str) -> None:
    """Read certificate and key anew; new connections use them. A faulty file leaves the old ones in use.

    They are tried apart first: a key that does not fit would leave the running context half changed.
    """
    if config.ssl is None:
        return
    fault = tls_fault(settings, role)
    if fault is None:
        try:
            load_tls(config.ssl, settings, role)
        except (OSError, ValueError):
            fault = "they changed meanwhile"
    if fault is None:
        _LOG.info("the certificate was read anew")
    else:
        _LOG.warning("the certificate was not read anew, the old one stays in use: %s", fault)


def _listen(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except PermissionError as error:
        raise InvalidInputError(f"{setting} is not permitted.", hint="Use a port of 1024 or more.") from error
    except OSError as error:
        raise UnavailableError(
            f"The port of {setting} is taken or the address is not this machine's.",
            hint="Is another Mindhaven running?",
            code="bind",
        ) from error
    listener.listen(BACKLOG)
    listener.setblocking(False)  # noqa: FBT003 - has no other form
    return listener
