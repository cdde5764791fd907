"""A passphrase that was changed on one device lets the others back in."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulators.server import running_server

from mindhaven.sdk import Mindhaven

OLD, NEW = "seven quiet herons at dusk", "another five words for now"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mindhaven", *words],
        cwd=folder,
        env={**os.environ, "MINDHAVEN_HOME": str(folder / "laptop"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_device_signs_in_again_after_the_passphrase_was_changed_elsewhere(tmp_path: Path) -> None:
    for name, words in (("old", OLD), ("new", NEW)):
        (tmp_path / name).write_text(words + "\n")
    with running_server(tmp_path / "server") as server:
        with Mindhaven.create(tmp_path / "phone", server.url, passphrase=OLD) as phone:
            phone.sign_up(OLD, word="ana")
            handle = phone.card.handle
            first = run(tmp_path, "login", handle, "--server", server.url, "--passphrase-file", "old")
            assert first.returncode == 0, first.stderr
            phone.change_passphrase(OLD, NEW)
        refused = run(tmp_path, "login", "--passphrase-file", "old")
        assert refused.returncode != 0
        assert "--account-passphrase-file" in refused.stderr
        back = run(tmp_path, "login", "--passphrase-file", "old", "--account-passphrase-file", "new")
        assert back.returncode == 0, back.stderr
        assert run(tmp_path, "devices", "--passphrase-file", "new").returncode == 0
