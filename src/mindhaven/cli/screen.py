"""What is written and asked: data, messages, tables, questions. I/O: the standard streams and the terminal.

Guarantees: data on standard output, messages on standard error; no colour outside a terminal or under NO_COLOR; nothing
is asked without a terminal. Does not: write what a person wrote with control signs in it: they are shown as `?`.
"""

import getpass
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.progress import Progress

MAX_WIDTH: Final = 100
"""Longer lines are hard to read, however wide the window is."""
PREFIX: Final = "mindhaven: "


def plain(text: str) -> str:
    """Return `text` on one line without control signs, so that no entry can steer a terminal."""
    return "".join(
        sign if sign.isprintable() else ("?" if ord(sign) < 32 or sign == "\x7f" else " ")
        for sign in " ".join(text.split())
    )


def block(text: str) -> str:
    """Return `text` with its lines kept and control signs replaced."""
    return "\n".join(
        "".join(sign if sign.isprintable() or sign == "\t" else "?" for sign in line) for line in text.splitlines()
    )


def terminal() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


class Screen:
    """One command's output and questions."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose

    # -- writing

    @property
    def width(self) -> int:
        """Columns to fill."""
        return min(shutil.get_terminal_size((MAX_WIDTH, 24)).columns, MAX_WIDTH)

    def data(self, text: str = "") -> None:
        """Write one line of data."""
        sys.stdout.write(text + "\n")

    def json(self, value: Any) -> None:
        """Write `value` as JSON."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def give(self, value: Any, text: str) -> None:
        """Write `value` if JSON was asked for, else `text`."""
        if self.as_json:
            self.json(value)
        else:
            self.data(text)

    def say(self, text: str) -> None:
        """Tell something, unless --quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Tell something, also under --quiet."""
        wrapped = textwrap.wrap(
            text, self.width - 1, initial_indent=PREFIX, subsequent_indent=" " * len(PREFIX), break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip
        sys.stderr.write("\n".join(wrapped or [PREFIX]) + "\n")

    def note(self, text: str = "") -> None:
        """Write a line to standard error as it is: part of a question or of help."""
        sys.stderr.write(text + "\n")

    def paragraph(self, text: str, *, indent: str = "", hang: str | None = None) -> None:
        """Write text to standard error, wrapped."""
        later = indent if hang is None else hang
        for line in textwrap.wrap(text, self.width - 1, initial_indent=indent, subsequent_indent=later):
            self.note(line)

    def bold(self, text: str) -> str:
        """Return `text` in bold where standard output is a terminal that may show it."""
        return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and not _plain() else text

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write aligned columns; the last one is cut to the width when a terminal shows it."""
        cells = [[plain(cell) for cell in row] for row in rows]
        widths = [max([len(head), *(len(row[n]) for row in cells)]) for n, head in enumerate(heads)]
        self.data(self.bold(self._row(list(heads), widths).rstrip()))
        for row in cells:
            self.data(self._row(row, widths).rstrip())

    def _row(self, row: list[str], widths: list[int]) -> str:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if sys.stdout.isatty() and len(line) > self.width:
            return line[: self.width - 1].rstrip() + "…"
        return line

    def progress(self, what: str) -> Progress | None:
        """Return what shows how far something is, or None where nobody watches."""
        if self.quiet or not sys.stderr.isatty():
            return None

        def show(done: int, of: int) -> None:
            end = "\n" if done >= of else ""
            sys.stderr.write(f"\r{PREFIX}{what}: {done:,} of {of:,}{end}")
            sys.stderr.flush()

        return show

    # -- asking

    def need_terminal(self, instead: str) -> None:
        """Raise `InvalidInputError` (no-terminal) if nobody can be asked; `instead` says which option to give."""
        if not terminal():
            raise InvalidInputError(
                "There is no terminal to ask in, so nothing was done.", hint=instead, code="no-terminal"
            )

    def ask(self, question: str, *, instead: str) -> str:
        """Ask for a line; raise `InvalidInputError` if there is no terminal."""
        self.need_terminal(instead)
        sys.stderr.write(f"{question} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            sys.stderr.write("\n")
            raise KeyboardInterrupt
        return line.strip()

    def yes(self, question: str, *, instead: str, default: bool = False) -> bool:
        """Ask a yes-or-no question; Enter is the default, and anything but yes is no."""
        answer = self.ask(f"{question} {'[Y/n]' if default else '[y/N]'}", instead=instead).lower()
        return default if not answer else answer in {"y", "yes"}

    def choose(self, question: str, choices: Sequence[str], *, instead: str) -> str:
        """Ask until one of `choices` is typed."""
        while True:
            answer = self.ask(question, instead=instead).lower()
            if answer in choices:
                return answer
            self.note(f"Please type one of: {', '.join(choices)}.")

    def secret(self, question: str, *, instead: str) -> str:
        """Ask for a passphrase, without showing it."""
        self.need_terminal(instead)
        try:
            return getpass.getpass(f"{question} ", stream=sys.stderr)
        except EOFError:
            raise KeyboardInterrupt from None


def _plain() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
