"""docs/reference/cli.md names every command, option and exit code, and nothing that there is not."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mindhaven.cli.exits import MEANINGS
from mindhaven.cli.program import common, parser

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-week.md"


def commands(made: argparse.ArgumentParser, name: str = "mindhaven") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    below = [action for action in made._actions if isinstance(action, argparse._SubParsersAction)]
    yield name, made
    for action in below:
        for word, one in action.choices.items():
            yield from commands(one, f"{name} {word}")


ALL = dict(commands(parser()))
COMMON = {word for action in common()._actions for word in action.option_strings}


def section(name: str) -> str:
    found = re.search(rf"^#+ `?{re.escape(name)}`?\n(.*?)(?=^#|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/reference/cli.md has no section {name}"
    return found[1]


@pytest.mark.parametrize("name", [name for name, made in ALL.items() if made.get_default("run")])
def test_command(name: str) -> None:
    text = section(name)
    for action in ALL[name]._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        for word in action.option_strings or [str(action.metavar)]:
            assert word in COMMON or f"`{word}" in text, f"{name}: {word} is not documented"


def test_common_options_and_exit_codes() -> None:
    text = PAGE.read_text()
    for word in COMMON | {"--version"}:
        assert f"`{word}" in text
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in text


@pytest.mark.parametrize("page", [PAGE, TUTORIAL], ids=["reference", "tutorial"])
def test_nothing_is_named_that_is_not_there(page: Path) -> None:
    text = page.read_text()
    words = {name.split(" ", 1)[1] for name in ALL if " " in name}
    for line in re.findall(
        r"mindhaven ([a-z][a-z0-9 _-]*)", "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    ):
        parts = line.split()
        assert any(" ".join(parts[:count]) in words for count in (1, 2)), line
    known = (
        COMMON
        | {"--version", "--help"}
        | {word for made in ALL.values() for action in made._actions for word in action.option_strings}
    )
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
        assert option in known, option
