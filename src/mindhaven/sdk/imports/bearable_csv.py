"""Reads the CSV export of Bearable: one row is one reading (a mood, a symptom, a night, a dose ...).

Guarantees: the columns listed in docs/reference/imports.md, found by name; a category without a kind of its
own is kept as a factor, so nothing is lost.
Does not: guess the scale of the file. Moods are mapped only once `--map` style knowledge is there: the file
does not say whether its scale ends at 5 or 10, so the highest mood in the file decides (above 5: 0..10, else
0..5) and the number stays in `raw`. I/O: reads the given file, twice.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Final

from mindhaven.kinds import JsonValue, Record
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
from mindhaven.sdk.imports.text import Row, clock, day, head_text, header_of, local_ms, number, prose, read_table

KNOWN: Final = (
    "date",
    "date formatted",
    "weekday",
    "time of day",
    "category",
    "rating/amount",
    "detail",
    "notes",
)
_NEEDED: Final = {"category", "rating/amount"}

PARTS_OF_DAY: Final = {"pre": time(3), "am": time(9), "mid": time(15), "pm": time(21), "all day": time(12)}
"""The middle of Bearable's named parts of the day: pre 0-6, am 6-12, mid 12-18, pm 18-24."""

_ORDINAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?\s+(\d{4})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPAN: Final = re.compile(r"Asleep\s+(\d{1,2}:\d{2})\s*(?:-|–|to)\s*(\d{1,2}:\d{2})", re.IGNORECASE)
_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})")


class BearableCsv:
    """The importer; see the module."""

    name = "bearable-csv"
    title = "Bearable CSV export"

    def detects(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Return whether `head` is a Bearable header."""
        first = head_text(head).split("\n", 1)[0].lower().replace('"', "").strip()
        columns = {name.strip() for name in re.split(r"[,;\t]", first)}
        return columns >= {*_NEEDED, "time of day"}

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give."""
        return preview_of(self.name, self.read(source, options))

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:
        """Yield one record for each reading; raise `InvalidInputError` (`import-header`)."""
        return self._rows(source, options or Options(), self._highest_mood(source))

    def _table(self, source: Path) -> tuple[list[str], Iterator[Row]]:
        rows = read_table(source)
        header = header_of(rows)
        dated = {"date", "date formatted"} & set(header)
        if not dated or not set(header) >= _NEEDED or not set(header) <= set(KNOWN):
            raise wrong_header(self.title, header, KNOWN)
        return header, rows

    def _highest_mood(self, source: Path) -> float:
        header, rows = self._table(source)
        at, what = header.index("rating/amount"), header.index("category")
        ratings = (
            number(row.cells[at])
            for row in rows
            if len(row.cells) == len(header) and row.cells[what].strip().lower() == "mood"
        )
        return max((rating for rating in ratings if rating is not None), default=0)

    def _rows(self, source: Path, options: Options, highest: float) -> Iterator[Imported | Problem]:
        header, rows = self._table(source)
        keys = Keys(self.name)
        top = 10 if highest > 5 else 5
        for row in rows:
            if row.fault or len(row.cells) != len(header):
                why = row.fault or f"it has {len(row.cells)} cells, not {len(header)}"
                yield Problem(line=row.line, field="row", message=f"This row cannot be split into columns: {why}.")
                continue
            yield self._reading(row.line, dict(zip(header, row.cells, strict=True)), top, keys, options)

    def _reading(
        self, line: int, cells: Mapping[str, str], top: int, keys: Keys, options: Options
    ) -> Imported | Problem:
        when = day(cells.get("date formatted", "")) or _ordinal_day(cells.get("date", ""))
        if when is None:
            return Problem(line=line, field="date", message="This date cannot be read.")
        part = cells.get("time of day", "").strip()
        at = clock(part) if part else time(12)
        at = at or PARTS_OF_DAY.get(part.lower(), time(12))
        category, detail = cells["category"].strip(), prose(cells.get("detail", ""))
        amount, note = cells["rating/amount"].strip(), prose(cells.get("notes", ""))
        if not category:
            return Problem(line=line, field="category", message="This row has no category.")
        kind, body = _record_of(category.lower(), category, amount, detail, top)
        if kind is None:
            return Problem(line=line, field="rating/amount", message="This rating is not a number of the scale.")
        created_at = local_ms(when, at, options.zone)
        if kind == "mindhaven/sleep":
            span = _SPAN.search(detail)
            night = _night(when, span, amount, options.zone)
            if night is None:
                return Problem(line=line, field="rating/amount", message="This length of sleep cannot be read.")
            body["start"], body["end"] = night
            created_at = night[1]
        elif kind in {"mindhaven/symptom", "mindhaven/factor"} and part and clock(part) is None:
            body["part_of_day"] = part
        if note:
            body["note"] = note
        key = keys.key(when.isoformat(), part, category, amount, detail, note)
        record = Record(kind=kind, version=1, created_at=created_at, zone=options.zone, body=body)
        return imported(self.name, key, line, record)


def _record_of(
    folded: str, category: str, amount: str, detail: str, top: int
) -> tuple[str | None, dict[str, JsonValue]]:
    value = number(amount)
    if folded == "mood":
        if value is None or not 0 <= value <= top:
            return None, {}
        body: dict[str, JsonValue] = {
            "valence": round(2 * value / top - 1, 4),
            "raw": {"scale": f"bearable-0-{top}", "value": value},
        }
        labels: list[JsonValue] = [word.strip() for word in re.split(r"[|,]", detail) if word.strip()]
        return "mindhaven/mood", body | ({"labels": labels} if labels else {})
    if folded == "sleep":
        return "mindhaven/sleep", {}
    if folded == "meds/supplements":
        body = {"name": detail or category}
        if amount:
            body |= {"dose": amount, "taken": True}
        return "mindhaven/medication", body
    symptom = folded == "symptom"
    body = {"name": detail or category, "category": category, "scale": f"bearable {folded}"}
    if value is not None:
        body["value"] = value
    elif amount:
        body["amount"] = amount
    return ("mindhaven/symptom" if symptom else "mindhaven/factor"), body


def _ordinal_day(text: str) -> date | None:
    found = _ORDINAL.fullmatch(text.strip())
    month = found[2][:3].lower() if found else ""
    if found is None or month not in _MONTHS:
        return day(text)
    try:
        return date(int(found[3]), _MONTHS.index(month) + 1, int(found[1]))
    except ValueError:
        return None


def _night(when: date, span: re.Match[str] | None, amount: str, zone: str) -> tuple[int, int] | None:
    """Return start and end of a night that ended on `when`, by its clock times or, without, by its length
    till 8."""
    if span is not None:
        asleep, awake = clock(span[1]), clock(span[2])
        if asleep is not None and awake is not None and when > date.min:
            began = when - timedelta(days=1) if asleep >= awake else when
            return local_ms(began, asleep, zone), local_ms(when, awake, zone)
    length = _HOURS.fullmatch(amount)
    if length is None:
        return None
    end = local_ms(when, time(8), zone)
    return end - (int(length[1]) * 60 + int(length[2])) * 60_000, end
