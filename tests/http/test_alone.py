"""Two servers on one SQLite database: the second is refused by name; a killed one leaves nothing in the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.simulators.server import start, stop


def serve(*arguments: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """Run `mindhaven serve`, which must end by itself."""
    environment = os.environ | ({"MINDHAVEN_SERVER_DATABASE": database} if database else {})
    command = [sys.executable, "-m", "mindhaven", "serve", "--bind", "127.0.0.1:0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment, check=False)


def operator(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mindhaven", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_second_server_is_refused_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(data)
    try:
        second = serve("--data", str(data))
        said = " ".join(second.stderr.split())
        assert second.returncode == 4
        assert second.stdout == ""
        assert f"Another server runs on {data}/mindhaven.db already (process {first.process.pid})." in said
        assert "Stop that one first" in said
        # Another directory and another path to the same database: the same refusal.
        (tmp_path / "link").symlink_to(data)
        linked = serve("--data", str(tmp_path / "other"), database=f"sqlite:///{tmp_path}/link/mindhaven.db")
        assert (linked.returncode, "already (process" in " ".join(linked.stderr.split())) == (4, True)
        # The operator's commands work beside it.
        for command in (("invite", "officer"), ("keys", "rotate")):
            done = operator(*command, "--data", str(data))
            assert done.returncode == 0, done.stderr
        assert operator("suspend", "nobody-000000", "--data", str(data)).returncode == 1
        assert (data / "mindhaven.db.lock").stat().st_mode & 0o777 == 0o600
    finally:
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(timeout=30)
        if first.process.stdout is not None:
            first.process.stdout.close()
    again = start(data)
    assert stop(again) == 0
    last = start(data)
    assert stop(last) == 0
