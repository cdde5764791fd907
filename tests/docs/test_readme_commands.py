"""The commands of the README's transcript, line by line, against a real server."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.simulators.server import running_server

from mindhaven.sdk import Mindhaven

ROOT = Path(__file__).resolve().parents[2]
EXTRA = {
    "signup": ["--recovery-file", "spare.txt"],
    "checkup": ["--answers", "1,1,0,1,0,0,1,0,0"],
    "share": ["--yes"],
    "import": ["--yes", "--zone", "Europe/Berlin"],
}
"""What a person types at a prompt, given as options, since a test has no terminal."""


def commands(of: str = "signup") -> list[list[str]]:
    block = next(
        part for part in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S) if of in part
    )
    lines = [line.split(" #")[0].strip() for line in block.splitlines() if line.startswith(".venv/bin/mindhaven")]
    return [shlex.split(line)[1:] for line in lines]


def test_every_command_of_the_readme_works_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "pass").write_text("seven quiet herons at dusk\n")
    (tmp_path / "pass").chmod(0o600)
    shutil.copy(ROOT / "vectors/imports/daylio-csv/english-12h.csv", tmp_path / "my-daylio.csv")
    with running_server(tmp_path / "server") as server:
        with Mindhaven.create(tmp_path / "b", server.url, passphrase="brass kettle under the stairs") as other:
            other.sign_up("brass kettle under the stairs", word="drb")
            card = other.card.text()
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "MINDHAVEN_SERVER": server.url,
            "MINDHAVEN_HOME": str(tmp_path / "ana"),
            "NO_COLOR": "1",
        }
        seen: dict[str, str] = {}
        for words in commands():
            given = [card if word.startswith("mindhaven-card-1:") else word for word in words]
            given = [str(tmp_path) + word.removeprefix("~") if word.startswith("~/") else word for word in given]
            line = [*given, *EXTRA.get(words[0], []), "--passphrase-file", str(tmp_path / "pass")]
            done = subprocess.run(
                [sys.executable, "-m", "mindhaven", *line],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            seen[words[0]] = done.stdout
    assert "slept well" in seen["list"]
    assert "PHQ-9: 4" in seen["list"]
    assert "slept well" in (tmp_path / "my-records.html").read_text()
    assert "not asked yet" in seen["choices"]
    assert "What you write is locked on your device" in seen["policy"]


def test_what_the_readme_tells_people_who_run_a_server_works(tmp_path: Path) -> None:
    with running_server(tmp_path / "server"):
        for words in commands("law due"):
            more = ["--data", str(tmp_path / "server")] if words[0] == "register" else []
            done = subprocess.run(
                [sys.executable, "-m", "mindhaven", *words, *more],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, (words, done.stdout, done.stderr)
            assert done.stdout.strip()
