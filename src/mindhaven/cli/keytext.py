"""The recovery key as it is given to a command: a file, standard input, or row by row. I/O: those."""

import re
import sys
from pathlib import Path
from typing import Final

from mindhaven.cli.area import Command
from mindhaven.cli.screen import terminal
from mindhaven.protocol import recovery

_ROW: Final = re.compile(r"^\s*(?:[1-8][.:)]?\s+)?([0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4})\s*$")


def key_text(command: Command, file: str | None) -> str:
    """Return the recovery key from a file, standard input or, where somebody can be asked, row by row."""
    if file == "-" and not terminal():
        return read_key(sys.stdin.read())
    if file not in (None, "-"):
        return read_key(Path(str(file)).read_text("utf-8"))
    screen = command.screen
    screen.need_terminal("Give --recovery-file PATH, or - for standard input.")
    screen.note("Type your recovery key, row by row. Capital letters, spaces, 0 or O, 1 or I do not matter.")
    rows = []
    for index in range(recovery.ROWS):
        while not recovery.check_row(index, row := screen.ask(f"  row {index + 1}:", instead="")):
            screen.note(f"  Row {index + 1} has a slip in it. Compare it with your paper.")
        rows.append(row)
    return "\n".join(rows)


def read_key(text: str) -> str:
    """Return the recovery key's rows out of a file or of what was typed."""
    rows = [found[1] for line in text.splitlines() if (found := _ROW.match(line))]
    return "\n".join(rows) if len(rows) == recovery.ROWS else text
