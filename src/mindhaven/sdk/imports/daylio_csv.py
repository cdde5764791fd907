"""Reads the CSV export of Daylio: moods with activities, own scales and notes.

Guarantees: every column layout listed in docs/reference/imports.md, found by name; 12- and 24-hour times;
default moods in the languages of `daylio_moods.toml`; own mood names are asked for. Mood 1..5 becomes valence
-1, -.5, 0, .5, 1 and the word stays in `raw`.
Does not: know a time zone (the file has none; `Options.zone` says it). I/O: reads the given file.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, Record
from mindhaven.sdk.imports.model import (
    NO_NUMBER,
    Imported,
    Keys,
    NeedsMoodNames,
    Options,
    Preview,
    Problem,
    imported,
    preview_of,
    wrong_header,
)
from mindhaven.sdk.imports.text import (
    Row,
    clock,
    day,
    head_text,
    header_of,
    local_ms,
    number,
    parts,
    prose,
    read_table,
)

KNOWN: Final = (
    "full_date",
    "year",
    "date",
    "weekday",
    "time",
    "mood",
    "activities",
    "scales",
    "note_title",
    "note",
)
VALENCE: Final = {1: -1, 2: -0.5, 3: 0, 4: 0.5, 5: 1}
"""Five faces to -1..1 (reference: mental-health data types, mood and valence)."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH: Final = re.compile(r"(?:(\d{1,2})\s+([A-Za-z]{3,9})|([A-Za-z]{3,9})\s+(\d{1,2}))")


@cache
def default_moods() -> Mapping[str, int]:
    """Return Daylio's own mood names, folded, to 1..5."""
    data = tomllib.loads(resources.files(__package__).joinpath("daylio_moods.toml").read_text("utf-8"))
    return {name.casefold(): 5 - place for entry in data["languages"] for place, name in enumerate(entry["names"])}


def mood_levels(options: Options) -> dict[str, int]:
    """Return every known mood name, folded, to 1..5; the person's own win over the defaults.

    Raises `InvalidInputError` (`import-mood-level`) for a level outside 1..5.
    """
    own = {name.strip().casefold(): level for name, level in options.moods.items()}
    if any(type(level) is not int or level not in VALENCE for level in own.values()):
        raise InvalidInputError("A mood is mapped to a whole number from 1 to 5.", code="import-mood-level")
    return {**default_moods(), **own}


class DaylioCsv:
    """The importer; see the module."""

    name = "daylio-csv"
    title = "Daylio CSV export"

    def detects(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Return whether `head` is a Daylio header."""
        first = head_text(head).split("\n", 1)[0].lower()
        columns = set(re.split(r"[,;\t]", first.replace('"', "").strip()))
        return {"time", "mood", "activities"} <= columns and bool({"full_date", "year"} & columns)

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give, and the mood names that it would ask for."""
        options = options or Options()
        return preview_of(self.name, self._rows(source, options), self._unknown(source, options))

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:
        """Yield the moods of the file; raise `NeedsMoodNames`, `InvalidInputError` (`import-header`)."""
        options = options or Options()
        unknown = self._unknown(source, options)
        if unknown:
            raise NeedsMoodNames(unknown)
        return self._rows(source, options)

    def _table(self, source: Path) -> tuple[list[str], Iterator[Row]]:
        rows = read_table(source)
        header = header_of(rows)
        dated = "full_date" in header or {"year", "date"} <= set(header)
        if not dated or not {"time", "mood"} <= set(header) or not set(header) <= set(KNOWN):
            raise wrong_header(self.title, header, KNOWN)
        return header, rows

    def _unknown(self, source: Path, options: Options) -> list[str]:
        levels = mood_levels(options)
        header, rows = self._table(source)
        place = header.index("mood")
        names = dict.fromkeys(row.cells[place].strip() for row in rows if len(row.cells) == len(header))
        return [name for name in names if name and name.casefold() not in levels]

    def _rows(self, source: Path, options: Options) -> Iterator[Imported | Problem]:
        levels = mood_levels(options)
        header, rows = self._table(source)
        keys = Keys(self.name)
        for row in rows:
            if row.fault or len(row.cells) != len(header):
                why = row.fault or f"it has {len(row.cells)} cells, not {len(header)}"
                yield Problem(line=row.line, field="row", message=f"This row cannot be split into columns: {why}.")
                continue
            yield self._entry(row.line, dict(zip(header, row.cells, strict=True)), levels, keys, options)

    def _entry(
        self, line: int, cells: Mapping[str, str], levels: Mapping[str, int], keys: Keys, options: Options
    ) -> Imported | Problem:
        when, at, mood = _day_of(cells), clock(cells["time"]), cells["mood"].strip()
        if when is None:
            return Problem(line=line, field="full_date", message="This date cannot be read.")
        if at is None:
            return Problem(line=line, field="time", message="This time cannot be read.")
        level = levels.get(mood.casefold())
        if level is None:
            if not mood:
                return Problem(line=line, field="mood", message="This row has no mood.")
            return Problem(line=line, field="mood", message="This mood name has no number yet.", code=NO_NUMBER)
        body: dict[str, JsonValue] = {
            "valence": VALENCE[level],
            "raw": {"scale": "daylio-5", "value": level, "name": mood},
        }
        lists: dict[str, list[JsonValue]] = {
            "activities": list(parts(cells.get("activities", ""))),
            "scales": [_scale(part) for part in parts(cells.get("scales", ""))],
        }
        body |= {name: found for name, found in lists.items() if found}
        for name, column in (("title", "note_title"), ("note", "note")):
            if text := prose(cells.get(column, "")):
                body[name] = text
        written = [cells.get(name, "") for name in ("activities", "scales", "note_title", "note")]
        key = keys.key(when.isoformat(), at.isoformat("minutes"), mood, *written)
        record = Record(
            kind="mindhaven/mood",
            version=1,
            created_at=local_ms(when, at, options.zone),
            zone=options.zone,
            body=body,
        )
        return imported(self.name, key, line, record)


def _day_of(cells: Mapping[str, str]) -> date | None:
    if "full_date" in cells:
        return day(cells["full_date"])
    found = _DAY_MONTH.fullmatch(cells["date"].strip())
    if found is None or not re.fullmatch(r"\d{4}", cells["year"].strip()):
        return None
    month = (found[2] or found[3])[:3].lower()
    if month not in _MONTHS:
        return None
    try:
        return date(int(cells["year"]), _MONTHS.index(month) + 1, int(found[1] or found[4]))
    except ValueError:
        return None


def _scale(part: str) -> JsonValue:
    name, _, written = part.replace("\xa0", " ").rpartition(":")
    value = number(written)
    if not name:
        return {"name": written.strip()}
    return (
        {"name": name.strip(), "value": value}
        if value is not None
        else {"name": name.strip(), "amount": written.strip()}
    )
