"""Reads a Daylio backup (`.daylio`): a zip whose file `backup.daylio` is base64 of JSON.

Guarantees: each entry keeps its own time-zone offset; the person's own moods count through the group that
they put them in (1 best .. 5 worst), so nothing is asked for; `Options.moods` still wins.
Does not: take photos, goals, reminders or the PIN that the file holds in the clear. I/O: reads the given
file.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, Record
from mindhaven.sdk.imports.archive import is_zip, members, opened
from mindhaven.sdk.imports.daylio_csv import VALENCE, mood_levels
from mindhaven.sdk.imports.model import Imported, Keys, Options, Preview, Problem, imported, preview_of
from mindhaven.sdk.imports.text import prose

INNER: Final = "backup.daylio"

MAX_BACKUP_BYTES: Final = 512 * 1024 * 1024
"""Largest inner file: twenty years of ten long entries a day are under 100 MB; it is decoded in memory."""

_PREDEFINED: Final = {1: "rad", 2: "good", 3: "meh", 4: "bad", 5: "awful"}
_MAX_OFFSET_MS: Final = 14 * 3_600_000


class DaylioBackup:
    """The importer; see the module."""

    name = "daylio-backup"
    title = "Daylio backup"

    def detects(self, path: Path, head: bytes) -> bool:
        """Return whether the file is a zip that holds `backup.daylio`."""
        return is_zip(head) and any(member.filename == INNER for member in members(path))

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give."""
        return preview_of(self.name, self.read(source, options))

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:
        """Yield the moods of the backup; raise `InvalidInputError` (`import-backup`, and as
        `archive.opened`)."""
        options = options or Options()
        return self._entries(_load(source), mood_levels(options) if options.moods else {})

    def _entries(self, data: Mapping[str, Any], own: Mapping[str, int]) -> Iterator[Imported | Problem]:
        moods = _by_id(data["customMoods"])
        tags = {number: str(tag.get("name", "")) for number, tag in _by_id(data["tags"]).items()}
        keys = Keys(self.name)
        for place, entry in enumerate(data["dayEntries"], 1):
            if not isinstance(entry, dict):
                yield Problem(line=place, field="dayEntries", message="This entry is not an object.")
                continue
            yield self._entry(place, entry, moods, tags, own, keys)

    def _entry(
        self,
        place: int,
        entry: Mapping[str, Any],
        moods: Mapping[int, Mapping[str, Any]],
        tags: Mapping[int, str],
        own: Mapping[str, int],
        keys: Keys,
    ) -> Imported | Problem:
        at, offset = entry.get("datetime"), entry.get("timeZoneOffset", 0)
        if type(at) is not int:
            return Problem(line=place, field="datetime", message="This entry has no moment.")
        if type(offset) is not int or abs(offset) > _MAX_OFFSET_MS:
            return Problem(line=place, field="timeZoneOffset", message="This time zone cannot be read.")
        chosen = entry.get("mood")
        mood = moods.get(chosen, {}) if type(chosen) is int else {}
        group = mood.get("mood_group_id")
        given = mood.get("predefined_name_id")
        predefined = _PREDEFINED.get(given, "") if type(given) is int else ""
        name = str(mood.get("custom_name") or predefined).strip()
        level = own.get(name.casefold(), 6 - group if type(group) is int and 1 <= group <= 5 else None)
        if level is None:
            return Problem(line=place, field="mood", message="This entry's mood is not in the file's list of moods.")
        body: dict[str, JsonValue] = {
            "valence": VALENCE[level],
            "raw": {"scale": "daylio-5", "value": level, "name": name},
        }
        listed = entry.get("tags")
        picked = [tag for tag in listed if type(tag) is int] if isinstance(listed, list) else []
        activities: list[JsonValue] = [tags[tag] for tag in picked if tags.get(tag)]
        if activities:
            body["activities"] = activities
        for field, column in (("title", "note_title"), ("note", "note")):
            if text := prose(str(entry.get(column) or "")):
                body[field] = text
        number = entry.get("id")
        written = json.dumps(
            [entry.get("mood"), listed, entry.get("note_title"), entry.get("note")], ensure_ascii=False, default=str
        )
        key = keys.key(str(number), at, written)
        record = Record(kind="mindhaven/mood", version=1, created_at=at, zone=_zone(offset), body=body)
        return imported(self.name, key, place, record)


def _zone(offset_ms: int) -> str:
    minutes = abs(offset_ms) // 60_000
    return f"{'-' if offset_ms < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def _by_id(rows: list[Any]) -> dict[int, Mapping[str, Any]]:
    return {row["id"]: row for row in rows if isinstance(row, dict) and type(row.get("id")) is int}


def _load(source: Path) -> Mapping[str, Any]:
    inner = next((member for member in members(source) if member.filename == INNER), None)
    if inner is None:
        raise _unreadable("it holds no backup.daylio")
    with opened(source, inner, limit_bytes=MAX_BACKUP_BYTES) as stream:
        packed = stream.read(MAX_BACKUP_BYTES + 1)
    try:
        data = json.loads(base64.b64decode(packed))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unreadable("its content is not base64 of JSON") from error
    if not isinstance(data, dict) or not all(isinstance(data.get(name), list) for name in _NEEDED):
        raise _unreadable(f"it lacks one of {', '.join(_NEEDED)}")
    return data


_NEEDED: Final = ("dayEntries", "customMoods", "tags")


def _unreadable(why: str) -> InvalidInputError:
    return InvalidInputError(f"This Daylio backup cannot be read: {why}.", code="import-backup")
