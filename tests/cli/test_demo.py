"""`mindhaven demo`: made-up people on a real server, and the commands that it prints work."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.simulators.server import running_server


def run(folder: Path, *words: str, home: str = "none") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mindhaven", *words],
        cwd=folder,
        env={**os.environ, "MINDHAVEN_HOME": home, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_fills_a_server_and_says_how_to_look(tmp_path: Path) -> None:
    with running_server(tmp_path / "server") as server:
        told = json.loads(run(tmp_path, "demo", "--server", server.url, "--into", "homes", "--json"))
        assert told["records"] > 200
        looks = {Path(one["home"]).name: one for one in told["looks"]}
        listed = {}
        for name, words in (("person", ["list"]), ("therapist", ["shared"])):
            one = looks[name]
            out = run(tmp_path, *words, "--json", "--passphrase-file", one["passphrase_file"], home=one["home"])
            listed[name] = json.loads(out)
        assert len(listed["person"]) == told["records"]
        assert "made-up" in json.dumps(listed["person"])
        text = json.dumps(listed["therapist"])
        assert "phq9" in text
        assert "journal" not in text
