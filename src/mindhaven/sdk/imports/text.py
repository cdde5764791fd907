"""Reading text as apps write it: encodings, tables, times, numbers and notes.

Guarantees: memory is bounded by one row; limits are refused by name; line numbers are those of the file.
Does not: guess a date order or a time zone. I/O: reads the file that it is given.
"""

import codecs
import csv
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, TextIO

from mindhaven.errors import InvalidInputError
from mindhaven.kinds.record import zone_named

MAX_FIELD_CHARS: Final = 1_000_000
"""Longest cell: five times the longest text that a record may hold; a longer one is a lost quotation mark."""

MAX_LINE_CHARS: Final = 8_000_000
"""Longest physical line: several full cells; it bounds memory for a file without line ends."""

HEAD_BYTES: Final = 8_192
"""What is read to recognise a file: every known header is far shorter."""

csv.field_size_limit(MAX_FIELD_CHARS)  # the module's own limit is lower than the longest note; it is process-wide

_TIME: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?(?:\s*([ap])\.?\s?m\.?)?", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])\s*>", re.IGNORECASE)
_ENDLESS: Final = re.compile(r"&#[0-9]{4301}")
"""More digits than Python reads as a number: no sign has such a one, so the text stays as it is."""
_ITEM: Final = re.compile(r"<li\b[^<>]{0,200}>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?(?:b|i|u|s|p|div|ul|ol|li|em|strong|span|font|h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts on, its cells, or why it could not be split."""

    line: int
    cells: list[str]
    fault: str = ""


def encoding_of(head: bytes) -> str:
    """Return the codec for a text that begins with `head`: UTF-16 by its mark or its zero bytes, else
    UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) >= 4 and not head[1] and not head[3] and head[0] and head[2]:
        return "utf-16-le"
    if len(head) >= 4 and not head[0] and not head[2] and head[1] and head[3]:
        return "utf-16-be"
    return "utf-8-sig"


def head_text(head: bytes) -> str:
    """Return the readable part of `head`, for recognising a file."""
    return head.decode(encoding_of(head), "ignore").lstrip("\ufeff")


def read_table(path: Path) -> Iterator[Row]:
    """Yield the rows of the table at `path`, blank ones left out; the first is the header.

    The separator (comma, semicolon or tab) is the one that the first line holds most of. Raises
    `InvalidInputError`: `import-not-text`, `import-line-length`.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    first = head_text(head).split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    with path.open(encoding=encoding_of(head), newline="") as text:
        reader = csv.reader(_lines(text), delimiter=separator, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                fault = "a cell is too long" if "limit" in str(error) else "a quotation mark is out of place"
                yield Row(line, [], fault)
                continue
            except UnicodeError as error:
                raise InvalidInputError(
                    "This file is not readable text.",
                    code="import-not-text",
                    hint="Save it as CSV in UTF-8 and try again.",
                ) from error
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield Row(line, cells)


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(MAX_LINE_CHARS):
        if len(line) == MAX_LINE_CHARS and not line.endswith("\n"):
            raise InvalidInputError("A line of this file is too long to be a table.", code="import-line-length")
        yield line


def header_of(rows: Iterator[Row]) -> list[str]:
    """Return the column names of a table, trimmed and in small letters; empty for an empty file."""
    first = next(rows, None)
    return [] if first is None else [cell.strip().lstrip("\ufeff").lower() for cell in first.cells]


def day(text: str) -> date | None:
    """Return the day that `text` writes as YYYY-MM-DD, or None."""
    plain = text.strip()
    try:
        return date.fromisoformat(plain) if re.fullmatch(r"\d{4}-\d\d-\d\d", plain) else None
    except ValueError:
        return None


def clock(text: str) -> time | None:
    """Return the time that `text` writes in 24 hours (`21:35`, `21.35`) or 12 (`9:35 pm`), or None."""
    found = _TIME.fullmatch(text.replace("\u202f", " ").replace("\xa0", " ").strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] in "pP" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def local_ms(when: date, at: time, zone: str) -> int:
    """Return unix milliseconds of a local day and time in `zone`; an hour that summer time doubles is the
    first."""
    return round(datetime.combine(when, at, zone_named(zone)).timestamp() * 1000)


def number(text: str) -> float | None:
    """Return the finite number that `text` writes, with a point or one comma before the decimals, or None."""
    plain = text.strip().replace("\xa0", "")
    if "," in plain and "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,15})?", plain):
        return None
    value = float(plain)
    return int(value) if value.is_integer() else value


def prose(text: str) -> str:
    """Return a note as plain text: line breaks for `<br>` and blocks, known formatting tags off, entities
    read."""
    if "<" in text:
        text = _TAG.sub("", _ITEM.sub("• ", _BREAK.sub("\n", text)))
    if "&" in text and not _ENDLESS.search(text):
        text = html.unescape(text)
    return text.strip()


def parts(text: str, separator: str = "|") -> list[str]:
    """Return the non-empty parts of a list cell, each once, in order."""
    return list(dict.fromkeys(part.strip() for part in text.split(separator) if part.strip()))
