"""What a person meets in a terminal: real processes on a pseudo-terminal."""

import re
from pathlib import Path

import pytest
from tests.cli.conftest import PASSPHRASE, Person
from tests.cli.terminal import Terminal


def test_sign_up_in_a_terminal(somebody: Person, terminals: list[Terminal]) -> None:
    terminal = Terminal("--home", str(somebody.home), "signup", "--server", somebody.url, "--word", "wren")
    terminals.append(terminal)
    terminal.until("Keep a sealed copy there? [y/N]")
    terminal.type("y")
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


def test_who_does_not_want_a_copy_has_sent_nothing(somebody: Person, terminals: list[Terminal]) -> None:
    terminal = Terminal("--home", str(somebody.home), "signup", "--server", somebody.url, "--word", "wren")
    terminals.append(terminal)
    terminal.until("Keep a sealed copy there? [y/N]")
    terminal.type("")
    assert terminal.ends() == 0, terminal.seen
    assert "No account was made, and nothing was sent." in terminal.seen
    assert not (somebody.home / "store.db").exists()


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


@pytest.mark.parametrize("option", ["--recovery-file", "--also-recovery-file"])
def test_a_recovery_key_is_asked_for_row_by_row(somebody: Person, terminals: list[Terminal], option: str) -> None:
    somebody.sign_up("rows")
    rows = [line[3:] for line in somebody.recovery.read_text().splitlines() if re.match(r"[1-8]  ", line)]
    assert len(rows) == 8
    changed = somebody.file.with_name("new.passphrase")
    changed.write_text("brown shoes beside the lake\n")
    terminal = Terminal(
        "--home", str(somebody.home), "--passphrase-file", str(somebody.file),
        "passphrase", option, "-", "--new-passphrase-file", str(changed),
    )  # fmt: skip
    terminals.append(terminal)
    terminal.until("Type your recovery key, row by row.")
    terminal.until("row 1: ")
    terminal.type("0000 0000")
    terminal.until("Row 1 has a slip in it.")
    for number, row in enumerate(rows, 1):
        terminal.until(f"row {number}: ")
        terminal.type(row)
    assert terminal.ends() == 0, terminal.seen
    assert "new passphrase" in terminal.words


def test_a_mood_that_is_not_understood_is_asked_for_again(ana: Person, terminals: list[Terminal]) -> None:
    terminal = Terminal(
        "--home", str(ana.home), "--passphrase-file", str(ana.file), "log", "mood", "purple", "--note", "asked twice"
    )
    terminals.append(terminal)
    terminal.until("A mood is a number from 1 to 5 or a face.")
    terminal.until("> ")
    terminal.type("also purple")
    terminal.until("> ")
    terminal.type("terrible")
    assert terminal.ends() == 0, terminal.seen
    (entry,) = [one for one in ana.entries("--kind", "mood") if one["body"].get("note") == "asked twice"]
    assert entry["body"]["raw"] == {"scale": "mindhaven-5", "value": 1, "name": "terrible"}


@pytest.mark.parametrize("key", ["c", "d"])
def test_stopping_is_calm(ana: Person, terminals: list[Terminal], key: str) -> None:
    terminal = Terminal("--home", str(ana.home), "log", "mood", "good")
    terminals.append(terminal)
    terminal.until("Passphrase: ")
    terminal.press(key)
    assert terminal.ends() == 130, terminal.seen
    assert "Stopped. What was saved before stays saved." in terminal.words
    assert "Traceback" not in terminal.seen
