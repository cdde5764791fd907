"""Tables: one CSV file for each kind, in a zip or a directory.

Guarantees: UTF-8 with a byte-order mark, commas, CRLF (what spreadsheets read); a text cell that a
spreadsheet would run as a formula is written with a leading apostrophe, and README.txt in the export says so;
kinds that nobody knows, newer versions and what does not fit its kind are written with their whole body as JSON; no two
columns of a file have one name, also not to readers that ignore case.
Does not: use the clock (zip dates are fixed). I/O: the file object or directory it is given.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from mindhaven.kinds import Field, JsonValue, Kind, encode_body
from mindhaven.sdk.exports.model import Exported, in_order, kind_of, local_text

RISKY_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First signs that make a spreadsheet read a cell as a formula (OWASP, CSV injection)."""

FIXED_DATE: Final = (2020, 1, 1, 0, 0, 0)
"""The date written into zip entries: the same records give the same bytes, and no clock is told."""

COMMON: Final = (
    "when", "zone", "collection", "item", "revision", "author", "conflict_of", "version", "author_name", "owner_name"
)  # fmt: skip

README: Final = """Your records as tables

One file for each kind of record. "when" is the time on your clock, with its offset from UTC.
"author_name" says who wrote a row, where that is somebody else than the person whose records these are; "owner_name" is
that person, where these are not your own.
Lists stand in one cell, separated by " | "; parts with more in them stand as JSON.
A text that begins with = + - @ or a tab is written with an apostrophe (') before it, because spreadsheets
would otherwise run it as a formula. A text that begins with an apostrophe gets one more. Take the first away
to have the text as it was.
Records of kinds that Mindhaven does not know stand in full in the column "body", as JSON.
A column "body.NAME" is the record's own field NAME, where a column of every file has that name already: "version" is
the version of the kind, "body.version" the one that a check-up names.
"""


def write_csv_zip(items: Iterable[Exported], target: BinaryIO) -> None:
    """Write a zip with one CSV for each kind of `items`, and README.txt, to `target`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(items):
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), data, zipfile.ZIP_DEFLATED)


def write_csv_directory(items: Iterable[Exported], target: Path) -> list[Path]:
    """Write the same files into the directory `target`, which must exist; return their paths."""
    written = []
    for name, data in _files(items):
        path = target / name
        path.write_bytes(data)
        written.append(path)
    return written


def defused(text: str) -> str:
    """Return `text` so that no spreadsheet runs it: an apostrophe before a risky start, or before an
    apostrophe."""
    return f"'{text}" if text.startswith((*RISKY_STARTS, "'")) else text


def _files(items: Iterable[Exported]) -> Iterator[tuple[str, bytes]]:
    groups: dict[tuple[str, Kind | None], list[Exported]] = {}
    for item in in_order(items):
        groups.setdefault((item.record.kind, kind_of(item.record)), []).append(item)
    used: set[str] = set()
    for (name, kind), rows in groups.items():
        yield _file_name(name, used), _table(kind, rows)
    yield "README.txt", README.encode()


def _file_name(kind: str, used: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9.-]", "-", kind.removeprefix("mindhaven/").lower()).strip(".") or "kind"
    name, count = f"{plain}.csv", 2
    while name in used:
        name, count = f"{plain}-{count}.csv", count + 1
    used.add(name)
    return name


def _table(kind: Kind | None, rows: list[Exported]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    fields = [] if kind is None else list(_columns(kind.fields))
    writer.writerow(headers(fields) if kind else [*COMMON, "body"])
    for row in rows:
        record = row.record
        common = [
            local_text(record),
            record.zone,
            row.collection_name,
            row.item.hex(),
            row.revision,
            row.author.hex(),
            row.conflict_of.hex() if row.conflict_of else "",
            record.version,
            row.author_name,
            row.owner.name if row.owner else "",
        ]
        values = [_at(record.body, path) for path in fields] if kind else [encode_body(record.body).decode()]
        writer.writerow([_cell(value) for value in [*common, *values]])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def headers(fields: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the column names of a table: those of every file, then one for each field path, all distinct.

    A path is written with dots; one whose name is taken gets `body.` before it, as often as it takes.
    """
    made = list(COMMON)
    taken = {name.casefold() for name in made}
    for path in fields:
        name = ".".join(path)
        while name.casefold() in taken:
            name = f"body.{name}"
        taken.add(name.casefold())
        made.append(name)
    return made


def _columns(fields: tuple[Field, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for field in fields:
        if field.type == "object":
            yield from _columns(field.fields, (*above, field.name))
        else:
            yield (*above, field.name)


def _at(body: object, path: tuple[str, ...]) -> JsonValue:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body  # type: ignore[return-value]


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return encode_body({"n": value}).decode()[5:-1]  # numbers stay numbers: no apostrophe before a minus
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return defused(" | ".join(str(entry) for entry in value))
    return defused(value if isinstance(value, str) else encode_body({"v": value}).decode()[5:-1])
