"""Reads any table by a column map that the person writes.

The map is a list of pairs `COLUMN=TARGET`, separated by commas. COLUMN is a name of the first line (in double
quotes if it holds a comma or `=`). TARGET is `created_at`, `date` or `time`, with an optional `:FORMAT` of
strptime for `created_at` and `date`; or `KIND.FIELD` with an optional conversion:

    Date=date, Hour=time, Feeling=mood.valence:1..10, Words=mood.labels:|, Slept=sleep.quality:1..5,
    Note=mood.note

`A..B` says which numbers of the file are the worst and the best (10..1 turns a scale round); `:|` (or any
other single sign) splits a list. KIND without a slash is one of Mindhaven's. A row gives one record for each
kind that has a value.

Guarantees: a wrong map is refused with the pair that is wrong, before anything is read. I/O: reads the given
file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Field, JsonValue, Record, kind_named
from mindhaven.kinds.record import zone_named
from mindhaven.sdk.imports.model import (
    Imported,
    Keys,
    Options,
    Preview,
    Problem,
    imported,
    preview_of,
    wrong_header,
)
from mindhaven.sdk.imports.text import Row, clock, day, header_of, local_ms, number, parts, prose, read_table

_PAIR: Final = re.compile(
    r'\s*(?:"([^"]+)"|([^",=]+?))\s*=\s*([a-z_./-]+(?:\.[a-z_]+)?)(?::((?:[^,"]|"[^"]*")+))?\s*(?:,|$)'
)
_RANGE: Final = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_YES: Final = frozenset({"yes", "true", "1", "y", "x"})
_NO: Final = frozenset({"no", "false", "0", "n"})
_SIMPLE: Final = frozenset({"text", "texts", "number", "integer", "flag"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One pair of the map: `kind` and `field` are None for the three targets of time."""

    name: str
    target: str
    kind: str | None = None
    field: Field | None = None
    how: str = ""


def parse_map(text: str) -> tuple[Column, ...]:
    """Return the columns of the map `text`; raise `InvalidInputError` (`import-map`) naming the wrong
    pair."""
    columns: list[Column] = []
    place = 0
    while place < len(text.rstrip()):
        found = _PAIR.match(text, place)
        if found is None:
            raise _wrong(text[place : place + 40].strip(), "is not COLUMN=TARGET")
        columns.append(_column((found[1] or found[2]).strip(), found[3], (found[4] or "").strip().strip('"')))
        place = found.end()
    targets = [column.target for column in columns]
    if len(set(targets)) != len(targets):
        raise _wrong(max(targets, key=targets.count), "is filled twice")
    if not {"created_at", "date"} & set(targets):
        raise _wrong(text[:40], "says no created_at and no date")
    if not any(column.kind for column in columns):
        raise _wrong(text[:40], "fills no field of a record")
    _check_required(columns)
    return tuple(columns)


def _column(name: str, target: str, how: str) -> Column:
    if target in {"created_at", "date", "time"}:
        _check_pattern(target, how)
        return Column(name=name.lower(), target=target, how=how)
    kind_name, _, field_name = target.rpartition(".")
    full = kind_name if "/" in kind_name else f"mindhaven/{kind_name}"
    kind = kind_named(full)
    field = next((field for field in kind.fields if field.name == field_name), None) if kind else None
    if field is None or field.type not in _SIMPLE:
        raise _wrong(target, "is no field that a column can fill")
    if field.type == "number" and how and not _RANGE.fullmatch(how):
        raise _wrong(f"{target}:{how}", "needs a range such as 1..10")
    ends = _RANGE.fullmatch(how)
    if ends and (float(ends[1]) == float(ends[2]) or field.low is None or field.high is None):
        raise _wrong(f"{target}:{how}", "cannot be stretched to this field")
    return Column(name=name.lower(), target=target, kind=full, field=field, how=how)


def _check_pattern(target: str, how: str) -> None:
    """Refuse a FORMAT that strptime itself does not read; a text that does not fit it is another matter."""
    try:
        datetime.strptime("", how)  # noqa: DTZ007 - only the pattern is looked at
    except (re.error, IndexError) as error:
        raise _wrong(f"{target}:{how}", "is no format of a date") from error
    except ValueError as error:
        if not str(error).startswith("time data"):
            raise _wrong(f"{target}:{how}", "is no format of a date") from error


def _check_required(columns: list[Column]) -> None:
    for name in {column.kind for column in columns if column.kind}:
        kind = kind_named(name)
        filled = {column.field.name for column in columns if column.kind == name and column.field}
        lacking = [field.name for field in kind.fields if field.required and field.name not in filled] if kind else []
        if lacking:
            raise _wrong(name, f"also needs a column for {', '.join(lacking)}")


def _wrong(pair: str, why: str) -> InvalidInputError:
    return InvalidInputError(
        f"In the column map, {pair!r} {why}.",
        code="import-map",
        hint="For example: Date=date, Feeling=mood.valence:1..10, Note=mood.note",
    )


class CsvMap:
    """The importer; see the module. It recognises nothing by itself: it is chosen by giving a map."""

    name = "csv-map"
    title = "table"

    def detects(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Return False: only a person can say what the columns of an unknown table mean."""
        return False

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give."""
        return preview_of(self.name, self.read(source, options))

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:
        """Yield one record for each row and kind; raise `InvalidInputError` (`import-map`,
        `import-header`)."""
        options = options or Options()
        columns = parse_map(options.columns)
        rows = read_table(source)
        header = header_of(rows)
        if not {column.name for column in columns} <= set(header):
            raise wrong_header("table with the columns of your map", header, [column.name for column in columns])
        return self._rows(rows, header, columns, options.zone)

    def _rows(
        self, rows: Iterator[Row], header: list[str], columns: tuple[Column, ...], zone: str
    ) -> Iterator[Imported | Problem]:
        keys = Keys(self.name)
        for row in rows:
            if row.fault or len(row.cells) != len(header):
                why = row.fault or f"it has {len(row.cells)} cells, not {len(header)}"
                yield Problem(line=row.line, field="row", message=f"This row cannot be split into columns: {why}.")
                continue
            cells = dict(zip(header, row.cells, strict=True))
            created_at = _moment(cells, columns, zone)
            if created_at is None:
                yield Problem(line=row.line, field="created_at", message="This date or time cannot be read.")
                continue
            yield from self._records(row.line, cells, columns, created_at, zone, keys)

    def _records(
        self,
        line: int,
        cells: Mapping[str, str],
        columns: tuple[Column, ...],
        created_at: int,
        zone: str,
        keys: Keys,
    ) -> Iterator[Imported | Problem]:
        bodies: dict[str, dict[str, JsonValue]] = {}
        for column in columns:
            written = cells[column.name].strip()
            if column.kind is None or column.field is None or not written:
                continue
            value = _value(written, column.field, column.how)
            if value is None:
                yield Problem(line=line, field=column.name, message=f"This cell is no value for {column.target}.")
                return
            body = bodies.setdefault(column.kind, {})
            body[column.field.name] = value
            if column.target == "mood.valence":
                body["raw"] = {"scale": column.how or "valence", "value": number(written)}
        for kind, body in bodies.items():
            record = Record(kind=kind, version=1, created_at=created_at, zone=zone, body=body)
            # The cells as they are written, the moment among them: another zone must find the same row.
            yield imported(self.name, keys.key(kind, *(cells[c.name] for c in columns)), line, record)


def _value(written: str, field: Field, how: str) -> JsonValue:
    if field.type == "text":
        return prose(written)
    if field.type == "texts":
        return list(parts(written, how or "|"))
    if field.type == "flag":
        folded = written.lower()
        return True if folded in _YES else False if folded in _NO else None
    value = number(written)
    if value is None or (field.type == "integer" and not isinstance(value, int)):
        return None
    ends = _RANGE.fullmatch(how)
    if ends is None or field.low is None or field.high is None:
        return value
    worst, best = float(ends[1]), float(ends[2])
    share = (value - worst) / (best - worst)
    return round(field.low + share * (field.high - field.low), 4) if 0 <= share <= 1 else None


def _moment(cells: Mapping[str, str], columns: tuple[Column, ...], zone: str) -> int | None:
    by_target = {column.target: column for column in columns}
    try:
        if column := by_target.get("created_at"):
            return _instant(cells[column.name].strip(), column.how, zone)
        on = by_target["date"]
        when = _day(cells[on.name].strip(), on.how)
        at = clock(cells[by_target["time"].name]) if "time" in by_target else time(12)
    except (ValueError, OverflowError):
        return None
    return None if when is None or at is None else local_ms(when, at, zone)


def _day(text: str, pattern: str) -> date | None:
    return datetime.strptime(text, pattern).date() if pattern else day(text)  # noqa: DTZ007 - a day has no zone


def _instant(text: str, pattern: str, zone: str) -> int:
    moment = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_named(zone))
    return round(moment.timestamp() * 1000)
