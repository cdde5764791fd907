"""A real server in a process of its own, on a port of its own, checked to be ours."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 20


@dataclass(frozen=True)
class Running:
    """A running server: its address, its process, its data directory."""

    url: str
    process: subprocess.Popen[str]
    data: Path


_MAIN = """
import sys
from pathlib import Path
from mindhaven.server.serve import serve
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
import os
ours = ("MINDHAVEN_SERVER_", "MINDHAVEN_REGISTER_", "MINDHAVEN_ACCOUNTS_", "MINDHAVEN_LEDGER_", "MINDHAVEN_PUSH_")
mine = {k: v for k, v in os.environ.items() if k.startswith(ours)}
given = {"server.data": sys.argv[1], "server.bind": "127.0.0.1:" + sys.argv[2]}
sys.exit(serve(load_server(SLICES, environment=mine, overrides=given)))
"""


def start(
    data: Path, *, port: int = 0, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Running:
    """Start a server; return once it answers. `log`: where what it writes to standard error goes."""
    with contextlib.ExitStack() as opened:
        process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, str(data), str(port)],
            stdout=subprocess.PIPE,
            stderr=None if log is None else opened.enter_context(log.open("wb")),
            text=True,
            env={**os.environ, **(environment or {})},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:"), line
    url = line.split()[-1]
    answer = httpx.get(f"{url}/healthz", timeout=START_SECONDS, trust_env=False)
    assert answer.status_code == 200, answer.text
    return Running(url, process, data)


def stop(server: Running) -> int:
    """Stop a server as an operator would; return its exit code."""
    server.process.send_signal(signal.SIGTERM)
    try:
        return server.process.wait(timeout=30)
    finally:
        if server.process.stdout is not None:
            server.process.stdout.close()


@contextmanager
def running_server(
    data: Path, *, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[Running]:
    """Run a server for a while; `log` as in `start`."""
    server = start(data, environment=environment, log=log)
    try:
        yield server
    finally:
        stop(server)
