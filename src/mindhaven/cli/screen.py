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
GAP: Final = 2
NARROWEST: Final = 24
"""Columns that text needs to be read with ease."""


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
        self._progress = 0
        """Columns that an unfinished progress line takes now."""

    # -- writing

    @property
    def width(self) -> int:
        """Columns to fill."""
        return min(shutil.get_terminal_size((MAX_WIDTH, 24)).columns, MAX_WIDTH)

    def data(self, text: str = "", *, at_once: bool = False) -> None:
        """Write one line of data; `at_once`: somebody waits for it while this goes on, also behind a pipe."""
        self._clear_progress()
        sys.stdout.write(text + "\n")
        if at_once:
            sys.stdout.flush()

    def json(self, value: Any) -> None:
        """Write `value` as JSON."""
        self._clear_progress()
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def json_line(self, value: Any) -> None:
        """Write a value as one line, at once: for what goes on and on."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

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
        wrapped = self._wrapped(text, PREFIX, " " * len(PREFIX))
        self._clear_progress()
        sys.stderr.write("\n".join(wrapped or [PREFIX]) + "\n")

    def note(self, text: str = "") -> None:
        """Write a line to standard error, part of a question or of help; where it is too long it breaks at a word."""
        self._clear_progress()
        sys.stderr.write(self._fitted(text) + "\n")

    def _fitted(self, text: str) -> str:
        if len(text) < self.width or not sys.stderr.isatty():
            return text
        indent = text[: len(text) - len(text.lstrip())]
        return "\n".join(self._wrapped(text.strip(), indent, indent))

    def _wrapped(self, text: str, first: str, later: str) -> list[str]:
        """Return lines that break between words, never inside one."""
        return textwrap.wrap(
            text, self.width - 1, initial_indent=first, subsequent_indent=later, break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip

    def paragraph(self, text: str, *, indent: str = "", hang: str | None = None) -> None:
        """Write text to standard error, wrapped."""
        for line in self._wrapped(text, indent, indent if hang is None else hang):
            self.note(line)

    def bold(self, text: str) -> str:
        """Return `text` in bold where standard output is a terminal that may show it."""
        return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and not _plain() else text

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write aligned columns; where a terminal is too narrow the last one wraps, or each row is written by itself.

        Nothing is cut.
        """
        cells = [[plain(cell) for cell in row] for row in rows]
        widths = [max([len(head), *(len(row[n]) for row in cells)]) for n, head in enumerate(heads)]
        before = sum(widths[:-1]) + GAP * (len(widths) - 1)
        if sys.stdout.isatty() and before + widths[-1] > self.width:
            if self.width - before < NARROWEST:
                self._stacked(heads, cells)
                return
            widths[-1] = self.width - before
        self.data(self.bold(self._row(heads, widths)))
        for row in cells:
            last = textwrap.wrap(row[-1], widths[-1], break_on_hyphens=False) or [""]
            self.data(self._row([*row[:-1], last[0]], widths))
            for more in last[1:]:
                self.data(" " * before + more)

    def _row(self, row: Sequence[str], widths: Sequence[int]) -> str:
        return (" " * GAP).join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    def _stacked(self, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        wide = max(len(head) for head in heads)
        for number, row in enumerate(cells):
            if number:
                self.data()
            for head, cell in zip(heads, row, strict=True):
                lines = textwrap.wrap(cell, max(self.width - wide - GAP, NARROWEST), break_on_hyphens=False) or [""]
                self.data(f"{self.bold(head.ljust(wide))}{' ' * GAP}{lines[0]}".rstrip())
                for more in lines[1:]:
                    self.data(" " * (wide + GAP) + more)

    def progress(self, what: str) -> Progress | None:
        """Return what shows how far something is, or None where nobody watches."""
        if self.quiet or not sys.stderr.isatty():
            return None
        told: tuple[int, int] | None = None

        def show(done: int, of: int) -> None:
            nonlocal told
            if (done, of) == told or not of:
                return
            told = (done, of)
            text = f"{PREFIX}{what}: {done:,} of {of:,}"
            sys.stderr.write(f"\r{text.ljust(self._progress)}" + ("\n" if done >= of else ""))
            sys.stderr.flush()
            self._progress = 0 if done >= of else len(text)

        return show

    def _clear_progress(self) -> None:
        """Take an unfinished progress line away, so that what follows stands on a line of its own."""
        if self._progress:
            sys.stderr.write("\r" + " " * self._progress + "\r")
            sys.stderr.flush()
            self._progress = 0

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
        self._clear_progress()
        sys.stderr.write(f"{self._fitted(question)} ")
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
            *above, last = self._fitted(question).splitlines()
            for line in above:
                self.note(line)
            self._clear_progress()
            return getpass.getpass(f"{last} ", stream=sys.stderr)
        except EOFError:
            raise KeyboardInterrupt from None


def _plain() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
