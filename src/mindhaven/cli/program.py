"""The program: its parser, its areas, and the one place where errors become messages and exit codes."""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import Final, NoReturn

from mindhaven import __version__
from mindhaven.cli.area import Adder, Command
from mindhaven.cli.areas import AREAS, Area
from mindhaven.cli.editor import leftovers
from mindhaven.cli.exits import Exit, exit_of
from mindhaven.cli.home import Home
from mindhaven.cli.screen import Screen
from mindhaven.cli.stopping import EndedError
from mindhaven.errors import InvalidInputError, MindhavenError

INTERRUPTED: Final = 130
"""What shells expect after Ctrl-C."""
FEW: Final = 8
"""Choices that one line can name."""
MEANT: Final = {
    "mood": "log mood", "write": "journal add", "delete": "erase", "remove": "erase", "change": "edit",
    "signin": "login", "signout": "logout", "register": "signup", "backup": "export", "undo": "undo-import",
}  # fmt: skip
"""Words that people try, and the command that does it."""
_VALUED: Final = ("--home", "--passphrase-file")
_FLAGS: Final = ("--keyring", "--offline", "--json", "--quiet", "--verbose")
"""Options of every command, which may stand before it."""
SIGNALLED: Final = 128
"""What shells add to the number of the signal that ended a command."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors look like every other message."""

    def error(self, message: str) -> NoReturn:
        message, _, choices = message.partition(" (choose from ")
        typed, known = message.split("'")[1:2], re.findall(r"[\w-]+", choices)
        if typed and known:
            command = message.startswith("argument COMMAND:")
            name = message.removeprefix("argument ").partition(":")[0]
            from mindhaven.cli.present import nearest  # knows every kind of record, which no other start waits for

            message = f"There is no command {typed[0]}." if command else f"{name} can't be {typed[0]}."
            if near := nearest(typed[0], known) or (MEANT.get(typed[0].lower()) if command else None):
                message += f" Did you mean {near}?"
            elif len(known) <= FEW:
                message += f" There are: {', '.join(known)}."
        sys.stderr.write(f"mindhaven: {message}\nmindhaven: See {self.prog} --help\n")
        sys.exit(Exit.USAGE)


def common() -> argparse.ArgumentParser:
    """Return the options that every command takes."""
    parent = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parent.add_argument_group("options of every command")
    group.add_argument("--home", metavar="DIR", help="folder of this device's entries (MINDHAVEN_HOME, ~/.mindhaven)")
    group.add_argument("--passphrase-file", metavar="PATH", help="file whose first line is the passphrase")
    group.add_argument("--keyring", action="store_true", help="keep the key in the operating system's keyring")
    group.add_argument("--offline", action="store_true", help="do not contact the server; writes wait here")
    group.add_argument("--json", action="store_true", help="write data as JSON")
    group.add_argument("--quiet", action="store_true", help="only data and errors")
    group.add_argument("--verbose", action="store_true", help="show the cause of an error")
    return parent


@cache
def parser(areas: tuple[Area, ...] = AREAS) -> argparse.ArgumentParser:
    """Return the parser of these areas; made once, since the whole one takes longer than most commands."""
    shared = common()
    top = _Parser(
        prog="mindhaven",
        parents=[shared],
        description="The private home for mental-health records. Only you can read them, and the people you choose.",
        epilog="In an emergency: mindhaven crisis. All commands: docs/reference/cli.md",
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(metavar="COMMAND", dest="command", parser_class=_Parser)
    for area in areas:
        area.register(Adder(commands, shared))
    made = Adder(commands, shared).add("help", "show what a command takes", show_help)
    made.add_argument("words", nargs="*", metavar="COMMAND", help="such as journal add; without it, all commands")
    return top


def _areas_of(arguments: Sequence[str]) -> tuple[Area, ...]:
    """Return the area of the command that is run; all of them where that takes a parser to tell."""
    words = iter(arguments)
    for word in words:
        if word in _VALUED:
            next(words, None)
        elif not word.startswith(tuple(f"{option}=" for option in _VALUED)) and word not in _FLAGS:
            return tuple(area for area in AREAS if word in area.commands) or AREAS
    return AREAS


def show_help(command: Command) -> int:
    """Show the help of a command, as `--help` does."""
    try:
        parser().parse_args([*command.args.words, "--help"])
    except SystemExit as stop:  # argparse ends itself after it
        return int(stop.code or 0)
    return Exit.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    made = parser(_areas_of(given))
    try:
        args = made.parse_args(given)
    except SystemExit as stop:  # argparse ends itself: --help is 0, a slip is 2
        return int(stop.code or 0)
    screen = Screen(
        as_json=getattr(args, "json", False),
        quiet=getattr(args, "quiet", False),
        verbose=getattr(args, "verbose", False),
    )
    run = getattr(args, "run", None)
    if run is None:
        getattr(args, "parser", made).print_help(sys.stderr)
        return Exit.USAGE
    try:
        return _run(Command(args, screen, Home(vars(args))))
    except MindhavenError as error:
        return _failed(screen, error)
    except EndedError as ended:
        return SIGNALLED + ended.number
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        screen.warn("Stopped. What was saved before stays saved.")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read our output has enough
        return Exit.OK
    except OSError as error:
        return _failed(screen, InvalidInputError(_of_file(error), code="file"), cause=error)


def _run(command: Command) -> int:
    try:
        return _finished(command.args.run(command))
    finally:
        if command.args.command != "crisis" and leftovers(command.home.path):  # nothing else stands beside that help
            command.screen.warn(
                "A text that you were writing is still readable in memory, since Mindhaven was stopped. To seal it and"
                " go on with it: mindhaven list, or any command that opens your entries."
            )


def _finished(code: int | None) -> int:
    sys.stdout.flush()  # a reader that is gone is noticed here, and not when Python ends
    return int(code or Exit.OK)


def _of_file(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or 'this file could not be used'}."


def _failed(screen: Screen, error: MindhavenError, *, cause: BaseException | None = None) -> int:
    screen.warn(error.message)
    if error.hint:
        screen.warn(error.hint)
    if screen.verbose:
        screen.note(f"code: {error.reason}")
        traceback.print_exception(cause or error, file=sys.stderr)
    return exit_of(error)
