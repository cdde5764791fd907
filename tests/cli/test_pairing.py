"""A new device is let in by the link that it shows: two commands at once, as two hands would run them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import PASSPHRASE, Person, Serving


def waiting(home: Path, words: Path, url: str) -> "subprocess.Popen[str]":
    """Start `mindhaven pair` in a process of its own."""
    # Without PYTHONUNBUFFERED, as a person has it: the link must come through a pipe while the command still waits.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MINDHAVEN_") and name != "PYTHONUNBUFFERED"
    }
    command = [sys.executable, "-m", "mindhaven", "--home", str(home), "--passphrase-file", str(words), "pair"]
    return subprocess.Popen(
        [*command, "--server", url, "--device", "tablet"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def test_a_new_device_is_let_in_and_has_everything(server: Serving, tmp_path: Path) -> None:
    ana = Person(tmp_path / "ana", PASSPHRASE, server.url).sign_up("ana")
    ana("log", "mood", "good", "--note", "written before")
    tablet = Person(tmp_path / "tablet", "another lock for this tablet", server.url)
    with waiting(tablet.home, tablet.file, server.url) as process:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        assert link.startswith(f"{server.url}/#pair=")
        slip = ana("let-in", link[:-8], code=None)
        assert slip.code != 0
        ana("let-in", link)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "1 entry is on this device now." in said
    assert [one["body"]["note"] for one in tablet.entries()] == ["written before"]
    assert "tablet" in ana("devices").out
    # Once used, the link opens nothing more.
    assert "pairing-unknown" in ana("let-in", link, "--json", code=None).out or ana("let-in", link, code=None).code != 0
    second = tablet("pair", "--server", server.url, code=None)
    assert second.code != 0
    assert "already has an account" in second.err
