"""What fits into a window of 80 columns."""

import re

import pytest
from tests.cli.conftest import Person
from tests.cli.terminal import Terminal

NAME = "Dr Wilhelmina Featherstonehaugh-Cholmondeley of the practice by the river"


def at(person: Person, terminals: list[Terminal], *arguments: str) -> Terminal:
    terminal = Terminal(
        "--home", str(person.home), "--passphrase-file", str(person.file), *arguments, COLUMNS="80", NO_COLOR="1"
    )
    terminals.append(terminal)
    return terminal


def lines(terminal: Terminal) -> list[str]:
    return [line.rstrip() for line in terminal.seen.replace("\r\n", "\n").split("\n")]


@pytest.mark.parametrize("name", ["Ben", NAME])
def test_shares_are_whole_at_80_columns(somebody: Person, friend: Person, terminals: list[Terminal], name: str) -> None:
    somebody.sign_up("wide")
    somebody("log", "mood", "good")
    somebody("contacts", "add", friend.card, "--name", name)
    somebody("share", "--yes", "mood", name, "--from", "all", "--until", "2099-12-31", "--write")
    shown = at(somebody, terminals, "shares")
    assert shown.ends() == 0, shown.seen
    assert max(len(line) for line in lines(shown)) <= 80
    assert "…" not in shown.seen
    for word in ("you share", "mood", name, "read and add", "the beginning", "2099-12-31"):
        assert word in shown.words, word
    assert len(re.findall(r"\bfrom\b", shown.seen, re.IGNORECASE)) == 1  # a heading, not in the cell again
    assert len(re.findall("until", shown.seen, re.IGNORECASE)) == 1


def test_a_long_entry_wraps_below_its_column(somebody: Person, terminals: list[Terminal]) -> None:
    somebody.sign_up("long")
    note = " ".join(f"word{number}" for number in range(18))
    somebody("log", "mood", "good", "--note", note)
    shown = at(somebody, terminals, "list")
    assert shown.ends() == 0, shown.seen
    assert max(len(line) for line in lines(shown)) <= 80
    assert note in shown.words
    table = [line for line in lines(shown) if "word" in line]
    column = lines(shown)[0].index("WHAT")
    assert all(line[:column].strip() == "" for line in table[1:])


def test_a_question_breaks_between_words(somebody: Person, friend: Person, terminals: list[Terminal]) -> None:
    somebody.sign_up("ask")
    somebody("log", "mood", "good")
    somebody("contacts", "add", friend.card, "--name", NAME)
    asked = at(somebody, terminals, "logout", "--erase", "--home", str(somebody.home))
    asked.until("[y/N] ")
    asked.type("n")
    assert asked.ends() == 0, asked.seen
    plan = at(somebody, terminals, "plan", "edit", "--ask")
    plan.until("  > ")
    for terminal in (asked, plan):
        for line in lines(terminal):
            assert len(line) < 80 or " " not in line.strip(), line


def test_progress_does_not_run_into_other_lines(somebody: Person, terminals: list[Terminal]) -> None:
    somebody.sign_up("prog")
    for _ in range(3):
        somebody("--offline", "log", "mood", "good")
    shown = at(somebody, terminals, "sync")
    assert shown.ends() == 0, shown.seen
    for line in lines(shown):
        last = line.split("\r")[-1]  # what stands on the line in the end
        assert not re.search(r"\d of \d+.*mindhaven", last), line
        assert last == "" or last.startswith(("mindhaven: ", "           ")), line
