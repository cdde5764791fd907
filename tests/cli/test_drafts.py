"""What was written is not lost: a refused argument, an editor that fails, a killed process, Ctrl-C."""

import os
import signal
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Person
from tests.cli.terminal import Terminal

MEMORY = Path("/dev/shm")


@pytest.fixture
def drafter(somebody: Person) -> Person:
    return somebody.sign_up("draft")


def at(person: Person, *arguments: str, **environment: str) -> Terminal:
    return Terminal("--home", str(person.home), "--passphrase-file", str(person.file), *arguments, **environment)


def script(folder: Path, text: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def texts(person: Person) -> list[str]:
    return [one["body"]["text"] for one in person.entries("--kind", "journal")]


def in_the_clear(canary: str) -> list[Path]:
    return [one for one in MEMORY.glob("text-*/*") if one.is_file() and canary.encode() in one.read_bytes()]


@pytest.mark.parametrize(
    "wrong", [("--at", "sometime"), ("--zone", "Nowhere/Town"), ("--title", "t" * 20_000)], ids=["at", "zone", "title"]
)
def test_an_argument_is_checked_before_the_editor_opens(
    drafter: Person, terminals: list[Terminal], tmp_path: Path, wrong: tuple[str, str]
) -> None:
    opened = tmp_path / "opened"
    terminal = at(drafter, "journal", "add", *wrong, EDITOR=script(tmp_path, f"touch {opened}"))
    terminals.append(terminal)
    assert terminal.ends() == 2, terminal.seen
    assert not opened.exists()


def test_what_an_editor_wrote_before_it_failed_is_offered_again(
    drafter: Person, terminals: list[Terminal], tmp_path: Path
) -> None:
    failing = script(tmp_path, 'echo a long evening of words > "$1"; exit 3')
    broken = at(drafter, "journal", "add", EDITOR=failing)
    terminals.append(broken)
    assert broken.ends() == 2, broken.seen
    assert "mindhaven journal add" in broken.words
    assert texts(drafter) == []
    for file in drafter.home.iterdir():
        assert b"evening of words" not in file.read_bytes()
    assert in_the_clear("evening of words") == []
    again = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'echo and one line more >> "$1"'))
    terminals.append(again)
    again.until("a long evening of words")
    again.until("> ")
    again.type("g")
    assert again.ends() == 0, again.seen
    assert texts(drafter) == ["a long evening of words\nand one line more"]
    fresh = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'echo anew > "$1"'))
    terminals.append(fresh)
    assert fresh.ends() == 0, fresh.seen
    assert "not saved yet" not in fresh.words
    assert texts(drafter)[-1] == "anew"


def test_a_text_that_is_too_long_is_kept(drafter: Person, terminals: list[Terminal], tmp_path: Path) -> None:
    long = script(tmp_path, 'head -c 1100000 /dev/zero | tr "\\0" x > "$1"')
    terminal = at(drafter, "journal", "add", EDITOR=long)
    terminals.append(terminal)
    assert terminal.ends() == 2, terminal.seen
    assert "is kept, sealed" in terminal.words
    again = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'head -c 5 "$1" > "$1.x"; mv "$1.x" "$1"'))
    terminals.append(again)
    again.until("> ")
    again.type("g")
    assert again.ends() == 0, again.seen
    assert texts(drafter) == ["xxxxx"]


def test_a_draft_can_wait_or_be_dropped(drafter: Person, terminals: list[Terminal], tmp_path: Path) -> None:
    broken = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'echo first words > "$1"; exit 1'))
    terminals.append(broken)
    broken.ends()
    for answer, saved in (("n", ["other words"]), ("d", ["other words"] * 2)):
        asked = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'echo other words > "$1"'))
        terminals.append(asked)
        asked.until("first words")
        asked.until("> ")
        asked.type(answer)
        assert asked.ends() == 0, asked.seen
        assert texts(drafter) == saved
    last = at(drafter, "journal", "add", EDITOR=script(tmp_path, 'echo last words > "$1"'))
    terminals.append(last)
    assert last.ends() == 0
    assert "first words" not in last.words


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_window_seals_and_deletes(
    drafter: Person, terminals: list[Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    canary = f"canary-{os.getpid()}-{number}"  # what another run left behind is not ours
    terminal = at(drafter, "journal", "add", EDITOR=script(tmp_path, f'echo {canary} > "$1"; echo up; sleep 60'))
    terminals.append(terminal)
    terminal.until("up")
    assert len(in_the_clear(canary)) == 1
    terminal.signal(number)
    assert terminal.ends() == 128 + number
    assert in_the_clear(canary) == []
    again = at(drafter, "journal", "add", EDITOR="true")
    terminals.append(again)
    again.until(canary)
    again.until("> ")
    again.type("g")
    assert again.ends() == 0, again.seen
    assert texts(drafter) == [canary]


def test_what_a_killed_process_left_is_taken_in_by_the_next_command(
    drafter: Person, ben: Person, terminals: list[Terminal], tmp_path: Path
) -> None:
    pids = tmp_path / "pid"
    editor = script(tmp_path, f'trap "" HUP; echo canary-of-a-kill > "$1"; echo $$ > {pids}; echo up; exec sleep 60')
    terminal = at(drafter, "journal", "add", EDITOR=editor)
    terminals.append(terminal)
    terminal.until("up")
    drafter("list")  # the editor is still open: nothing is taken from under it
    assert len(in_the_clear("canary-of-a-kill")) == 1
    terminal.signal(signal.SIGKILL)
    terminal.process.wait()
    drafter("list")
    assert len(in_the_clear("canary-of-a-kill")) == 1  # the editor lives on
    os.kill(int(pids.read_text()), signal.SIGKILL)
    end = time.monotonic() + 5
    while "still readable in memory" not in drafter("version").err:
        assert time.monotonic() < end
    assert "still readable" not in drafter("crisis").err
    assert "still readable" not in ben("list").err  # another home's text is not this one's
    assert len(in_the_clear("canary-of-a-kill")) == 1
    said = " ".join(drafter("list").err.split())
    assert "is sealed on this device now, and the readable copy is deleted" in said
    assert "mindhaven journal add" in said
    assert in_the_clear("canary-of-a-kill") == []
    assert drafter("list").err.count("readable") == 0
    again = at(drafter, "journal", "add", EDITOR="true")
    terminals.append(again)
    again.until("canary-of-a-kill")
    again.until("> ")
    again.type("g")
    assert again.ends() == 0, again.seen
    assert texts(drafter) == ["canary-of-a-kill"]


def test_a_plan_is_not_lost_to_ctrl_c(drafter: Person, terminals: list[Terminal]) -> None:
    asked = at(drafter, "plan", "edit", "--ask")
    terminals.append(asked)
    asked.until("  > ")
    asked.type("I stop answering")
    asked.until("  > ")
    asked.type("")
    asked.until("on my own")
    asked.until("  > ")
    asked.type("a slow walk")
    asked.until("  > ")
    asked.press("c")
    assert asked.ends() == 130, asked.seen
    assert "mindhaven plan edit" in asked.words
    assert "You have no plan yet" in drafter("plan", "show").err
    again = at(drafter, "plan", "edit", "--ask")
    terminals.append(again)
    again.until("not saved yet")
    again.until("> ")
    again.type("g")
    again.until("has: I stop answering")
    again.until("  > ")
    again.type("")
    again.until("has: a slow walk")
    again.press("d")
    assert again.ends() == 130, again.seen
    last = at(drafter, "plan", "edit", EDITOR="true")
    terminals.append(last)
    last.until("> ")
    last.type("g")
    assert last.ends() == 0, last.seen
    body = drafter("plan", "show", "--json").told["body"]
    assert (body["signs"], body["helps"]) == (["I stop answering"], ["a slow walk"])


def test_enter_opens_the_editor_again(drafter: Person, terminals: list[Terminal], tmp_path: Path) -> None:
    editor = script(
        tmp_path, 'if grep -q Nonsense "$1"; then sed -i "s/# Nonsense/# My reasons for living/" "$1";'
        ' else printf "# Nonsense\\nmy cat\\n" > "$1"; fi')  # fmt: skip
    terminal = at(drafter, "plan", "edit", EDITOR=editor)
    terminals.append(terminal)
    terminal.until("[Y/n]")
    terminal.type("")
    assert terminal.ends() == 0, terminal.seen
    assert drafter("plan", "show", "--json").told["body"]["reasons"] == ["my cat"]
    slip = at(drafter, "plan", "edit", EDITOR=script(tmp_path, 'printf "# Nonsense\\nmy dog\\n" > "$1"'))
    terminals.append(slip)
    slip.until("[Y/n]")
    slip.type("n")
    assert slip.ends() == 2, slip.seen
    assert "is kept, sealed" in slip.words
    fixed = at(drafter, "plan", "edit", EDITOR=script(tmp_path, 'sed -i "s/# Nonsense/# My reasons for living/" "$1"'))
    terminals.append(fixed)
    fixed.until("my dog")
    fixed.until("> ")
    fixed.type("g")
    assert fixed.ends() == 0, fixed.seen
    assert drafter("plan", "show", "--json").told["body"]["reasons"] == ["my dog"]


def test_ctrl_c_keeps_the_answers_of_a_check_up(drafter: Person, terminals: list[Terminal]) -> None:
    stopped = at(drafter, "checkup", "gad7")
    terminals.append(stopped)
    for _ in range(3):
        stopped.until("> ")
        stopped.type("1")
    stopped.until("4 of 7")
    stopped.until("> ")
    stopped.press("c")
    assert stopped.ends() == 130, stopped.seen
    assert "mindhaven checkup gad7" in stopped.words
    assert drafter.entries("--kind", "checkup") == []
    again = at(drafter, "checkup", "gad7")
    terminals.append(again)
    again.until("> ")
    again.type("g")
    again.until("4 of 7")
    for number in range(5, 9):
        again.until("> ")
        again.type("2")
        if number < 8:
            again.until(f"{number} of 7")
    assert again.ends() == 0, again.seen
    assert [one["body"]["score"] for one in drafter.entries("--kind", "checkup")] == [3 * 1 + 4 * 2]
    fresh = at(drafter, "checkup", "gad7")
    terminals.append(fresh)
    fresh.until("> ")
    assert "not saved yet" not in fresh.words
