"""Only the area of the command that is run is loaded; what people see is the same as from the whole parser."""

import argparse
import subprocess
import sys

import pytest
from tests.cli.conftest import run

from mindhaven.cli.area import Adder
from mindhaven.cli.areas import AREAS, Area
from mindhaven.cli.program import common, parser


@pytest.mark.parametrize("area", AREAS, ids=[area.module for area in AREAS])
def test_an_area_adds_the_commands_that_the_list_names(area: Area) -> None:
    below = argparse.ArgumentParser().add_subparsers()
    area.register(Adder(below, common()))
    assert tuple(below.choices) == area.commands


def test_a_command_is_of_one_area_and_help_shows_all() -> None:
    named = [command for area in AREAS for command in area.commands]
    (below,) = [one for one in parser()._actions if isinstance(one, argparse._SubParsersAction)]
    assert list(below.choices) == [*named, "help"]


@pytest.mark.parametrize("command", ["serve", "log", "crisis"])
def test_a_command_alone_says_what_the_whole_parser_says(command: str) -> None:
    (below,) = [one for one in parser()._actions if isinstance(one, argparse._SubParsersAction)]
    whole = below.choices[command].format_help()
    for before in ([], ["--json"], ["--home", "serve"], ["--home=log", "--quiet"]):
        assert run(*before, command, "--help").out == whole
    # An option that only argparse understands (here a shortened one) takes the whole parser.
    assert run("--passphrase", "words", command, "--help").out == whole


@pytest.mark.parametrize("arguments", [("serv",), ("--json", "serv"), (), ("--home",)])
def test_what_is_no_command_is_answered_as_before(arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    if "serv" in arguments:
        assert "Did you mean serve?" in ran.err


@pytest.mark.parametrize(("command", "spared"), [("serve", "httpx"), ("crisis", "httpx"), ("settings", "rich")])
def test_what_a_command_does_not_need_is_not_loaded(command: str, spared: str) -> None:
    program = (
        f"import sys; from mindhaven.cli import main; main(['{command}', '--help']); print('{spared}' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert told.startswith(f"usage: mindhaven {command}")
    assert told.endswith("\nFalse\n")
