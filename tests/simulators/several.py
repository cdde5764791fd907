"""Several `mindhaven serve` processes on one PostgreSQL and one data directory, each on a port of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TAKEN_OVER = "this process numbers the events from now on"


@dataclass
class Process:
    """One of them: where it listens, and where its log goes."""

    popen: "subprocess.Popen[str]"
    url: str
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.partition("://")[2].rpartition(":")
        return host, int(port)

    def sequences(self) -> bool:
        """Whether this process said that it numbers the events."""
        return TAKEN_OVER in self.log.read_text()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)


@contextlib.contextmanager
def processes(folder: Path, database: str, count: int, **environment: str) -> Iterator[list[Process]]:
    """Run them for a while; those that were not killed must end with 0."""
    started: list[Process] = []
    data = folder / "data"
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "MINDHAVEN_SERVER_DATABASE": database,
        "MINDHAVEN_SERVER_LOG_LEVEL": "info",
        **environment,
    }
    try:
        for number in range(count):
            log = folder / f"log-{number}"
            with log.open("ab") as out:
                popen = subprocess.Popen(
                    [sys.executable, "-m", "mindhaven", "serve", "--data", str(data), "--bind", "127.0.0.1:0"],
                    stdout=subprocess.PIPE,
                    stderr=out,
                    text=True,
                    env=given,
                )
            assert popen.stdout is not None
            line = popen.stdout.readline()
            assert line.startswith("listening on http://127.0.0.1:"), log.read_text()
            started.append(Process(popen, line.split()[-1], log))
        yield started
        for one in started:
            if one.popen.poll() is None:
                one.popen.send_signal(signal.SIGTERM)
        assert {one.popen.wait(30) for one in started} <= {0, -signal.SIGKILL}
    finally:
        for one in started:
            if one.popen.poll() is None:
                one.popen.kill()
                one.popen.wait(10)
            assert one.popen.stdout is not None
            one.popen.stdout.close()
