"""What a command is given: its arguments, the screen, the home; how it is added. I/O: through `Session`."""

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mindhaven.cli.home import Home
from mindhaven.cli.screen import Screen

if TYPE_CHECKING:
    from mindhaven.cli.session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """One run of one command."""

    args: Namespace
    screen: Screen
    home: Home

    def open(self) -> "Session":
        """Open the account of this home."""
        from mindhaven.cli.session import Session  # brings the whole SDK, which a server starts without

        return Session.open(self.home, self.args, self.screen)

    def option(self, name: str) -> Any:
        """Return an option's value, None where it was not given."""
        return getattr(self.args, name, None)


class Adder:
    """Adds commands below one parser."""

    def __init__(self, below: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
        self._below = below
        self._shared = shared

    def add(self, name: str, summary: str, run: Callable[[Command], int | None] | None) -> argparse.ArgumentParser:
        """Add a command; `run` None: it only groups others."""
        made: argparse.ArgumentParser = self._below.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            parents=[self._shared],
            allow_abbrev=False,
        )
        made.set_defaults(run=run, parser=made)
        return made

    def group(
        self,
        name: str,
        summary: str,
        run: Callable[[Command], int | None] | None = None,
        options: Callable[[argparse.ArgumentParser], object] | None = None,
    ) -> "Adder":
        """Add a command with commands below it; `options` adds those of the command itself."""
        made = self.add(name, summary, run)
        if options is not None:
            options(made)
        below = made.add_subparsers(metavar="COMMAND", dest=f"{name}_command")
        return Adder(below, self._shared)
