"""What a person meets in a terminal: real processes on a pseudo-terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import PASSPHRASE, Person

WAIT_SECONDS = 15


class Terminal:
    """A command on a pseudo-terminal: wait for a text, type a line."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MINDHAVEN_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mindhaven", *arguments], stdin=slave, stdout=slave, stderr=slave,
            env=kept | {"TERM": "xterm", "COLUMNS": "90"} | environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self.place = 0

    def until(self, text: str) -> str:
        """Read on until `text` stands there; return what came before it since the last time."""
        end = time.monotonic() + WAIT_SECONDS
        while (found := self.seen.find(text, self.place)) < 0:
            assert time.monotonic() < end, self.seen
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode()
                except OSError:
                    raise AssertionError(self.seen) from None
        before = self.seen[self.place : found]
        self.place = found + len(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.master, (text + "\n").encode())

    def ends(self) -> int:
        """Read to the end; return the exit code."""
        while True:
            try:
                part = os.read(self.master, 65536)
            except OSError:
                break
            if not part:
                break
            self.seen += part.decode()
        return self.process.wait(timeout=WAIT_SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Terminals to close at the end."""
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()


def test_sign_up_in_a_terminal(somebody: Person, terminals: list[Terminal]) -> None:
    terminal = Terminal("--home", str(somebody.home), "signup", "--server", somebody.url, "--word", "wren")
    terminals.append(terminal)
    terminal.until("New passphrase: ")
    terminal.type("short")
    terminal.until("That has 5 characters.")
    terminal.until("New passphrase: ")
    terminal.type(PASSPHRASE)
    terminal.until("Once more: ")
    terminal.type(PASSPHRASE)
    shown = terminal.until("Type row ")
    rows = dict(re.findall(r"   (\d)   (\S{4} \S{4})", shown))
    assert len(rows) == 8
    assert PASSPHRASE not in terminal.seen
    first = terminal.until(" from your paper:")
    terminal.type("0000 0000")
    terminal.until(f"That is not row {first} yet.")
    terminal.until(f"Type row {first} from your paper:")
    terminal.type(rows[first].lower())
    terminal.until("Type row ")
    second = terminal.until(" from your paper:")
    assert second != first
    terminal.type(rows[second].replace(" ", ""))
    assert terminal.ends() == 0, terminal.seen
    assert "wren-" in terminal.seen
    assert "Nobody can reset your passphrase" in terminal.seen
    somebody("log", "mood", "good")


def test_a_check_up_in_a_terminal(ana: Person, terminals: list[Terminal]) -> None:
    before = len(ana.entries("--kind", "checkup"))
    terminal = Terminal(
        "--home", str(ana.home), "--passphrase-file", str(ana.file), "checkup", "phq9", "--country", "DE"
    )
    terminals.append(terminal)
    terminal.until("1 of 9")
    terminal.until("> ")
    terminal.type("9")
    terminal.until("Please type one of: 0, 1, 2, 3, q.")
    for number in range(1, 9):
        terminal.type("1" if number < 8 else "0")
        terminal.until(f"{number + 1} of 9")
        terminal.until("> ")
    terminal.type("b")
    terminal.until("8 of 9")
    terminal.until("0  Not at all (your answer)")
    terminal.until("> ")
    terminal.type("0")
    terminal.until("9 of 9")
    terminal.until("> ")
    terminal.type("2")
    terminal.until("TelefonSeelsorge")
    terminal.until("Are you safe")
    terminal.until("not stored and not sent")
    terminal.until("> ")
    terminal.type("n")
    terminal.until("Please call 112 now.")
    assert "PHQ-9: 9" not in terminal.seen
    terminal.until("Press Enter to carry on.")
    terminal.type("")
    terminal.until("not counted")
    terminal.until("> ")
    terminal.type("1")
    assert terminal.ends() == 0, terminal.seen
    assert "PHQ-9: 9 of 27" in terminal.seen
    newest = ana.entries("--kind", "checkup")
    assert len(newest) == before + 1
    assert "safe" not in str(newest[-1]).lower()

    stopped = Terminal("--home", str(ana.home), "--passphrase-file", str(ana.file), "checkup", "gad7")
    terminals.append(stopped)
    stopped.until("> ")
    stopped.type("q")
    stopped.until("nothing is kept")
    stopped.type("d")
    assert stopped.ends() == 0
    assert "Nothing was kept." in stopped.seen
    assert len(ana.entries("--kind", "checkup")) == before + 1


def test_the_editor_and_the_questions(ana: Person, terminals: list[Terminal], tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\necho "$1" > "$WHERE"\nstat -c %a "$(dirname "$1")" >> "$WHERE"\necho from the editor > "$1"\n'
    )
    editor.chmod(0o700)
    terminal = Terminal("--home", str(ana.home), "journal", "add", EDITOR=str(editor), WHERE=str(tmp_path / "where"))
    terminals.append(terminal)
    terminal.until("Passphrase: ")
    terminal.type("wrong the first time")
    terminal.until("The passphrase is not right.")
    terminal.until("Passphrase: ")
    terminal.type(PASSPHRASE)
    assert terminal.ends() == 0, terminal.seen
    assert ana.entries("--kind", "journal")[-1]["body"]["text"] == "from the editor"
    where, mode = (tmp_path / "where").read_text().split()
    assert mode == "700"
    assert not Path(where).parent.exists()
    item = ana.entries("--kind", "journal")[-1]["id"]
    asked = Terminal("--home", str(ana.home), "--passphrase-file", str(ana.file), "erase", item, NO_COLOR="1")
    terminals.append(asked)
    asked.until("[y/N]")
    asked.type("")
    assert asked.ends() == 0
    assert "Nothing was erased." in asked.seen
    assert "\x1b[" not in asked.seen
    assert ana("show", item)
