"""The real server, all slices, as a process of its own whose output a test can read."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MAIN = """
import os, sys
from mindhaven.server.connection import Connection
from mindhaven.server.serve import serve
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
if "TEST_HEAD_SECONDS" in os.environ:
    Connection.head_seconds = float(os.environ["TEST_HEAD_SECONDS"])
if "TEST_STALLED_SECONDS" in os.environ:
    Connection.stalled_seconds = float(os.environ["TEST_STALLED_SECONDS"])
if "TEST_NO_WEB" in os.environ:
    from mindhaven.server import build
    build.WebApp.load = classmethod(lambda cls: None)
if "TEST_NO_LIMITS" in os.environ:
    from mindhaven.kernel import Limit, limits
    for name in limits.DEFAULT_LIMITS:
        limits.DEFAULT_LIMITS[name] = Limit(burst=10**9, per_minute=10**9)
sys.exit(serve(load_server(SLICES, environment=os.environ)))
"""


@dataclass
class Real:
    """A running server: `url`, its process, its data directory, and where its log goes."""

    url: str
    process: "subprocess.Popen[str]"
    data: Path
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.partition("://")[2].rpartition(":")
        return host, int(port)

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def real_server(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Real]:
    """Run a server for a while; its data lie in `folder`/data, its log in `folder`/log."""
    data, log = folder / "data", folder / "log"
    theirs = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "MINDHAVEN_SERVER_DATA": str(data),
        "MINDHAVEN_SERVER_BIND": "127.0.0.1:0",
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _MAIN],
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            env=theirs | (environment or {}),
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on "), log.read_text()
        yield Real(line.split()[-1], process, data, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        process.stdout.close()
