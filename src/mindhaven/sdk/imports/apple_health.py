"""Reads the export of Apple Health (`export.xml`, alone or in `export.zip`): sleep, mindful minutes, State of
Mind.

Guarantees: memory stays flat at any size; sleep records of one source that touch become one night; each entry
keeps its own offset, or the zone that the record names. No entity is ever declared or expanded and nothing
external is loaded: the internal DTD that Apple writes is cut out unread, and one that declares an entity is
refused. Does not: take anything else of the export. State of Mind is read in a shape that no public sample
confirms (see docs/reference/imports.md). I/O: reads the given file.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import JsonValue, Record
from mindhaven.kinds.fields import LIST
from mindhaven.kinds.record import zone_named
from mindhaven.sdk.imports.archive import is_zip, members, opened
from mindhaven.sdk.imports.model import Imported, Keys, Options, Preview, Problem, imported, preview_of
from mindhaven.sdk.imports.text import number
from mindhaven.sdk.imports.xml_stream import Element, elements

SLEEP: Final = "HKCategoryTypeIdentifierSleepAnalysis"
MINDFUL: Final = "HKCategoryTypeIdentifierMindfulSession"

STAGES: Final = {
    "InBed": "in-bed",
    "Asleep": "asleep",
    "AsleepUnspecified": "asleep",
    "AsleepCore": "core",
    "AsleepDeep": "deep",
    "AsleepREM": "rem",
    "Awake": "awake",
}

SAME_NIGHT_MS: Final = 3 * 3_600_000
"""Gap up to which sleep records of one source are one night: longer ones are naps or another day."""

_VALUE_PREFIX: Final = "HKCategoryValueSleepAnalysis"
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([+-]\d{4})")
_ROOT: Final = b"<HealthData"


class AppleHealth:
    """The importer; see the module."""

    name = "apple-health"
    title = "Apple Health export"

    def detects(self, path: Path, head: bytes) -> bool:
        """Return whether the file is Apple's XML, or a zip that holds it."""
        if is_zip(head):
            return any(_may_be_export(member.filename) for member in members(path))
        return _ROOT in head or b"<!DOCTYPE HealthData" in head

    def preview(self, source: Path, options: Options | None = None) -> Preview:
        """Return what `read` would give."""
        return preview_of(self.name, self.read(source, options))

    def read(self, source: Path, options: Options | None = None) -> Iterator[Imported | Problem]:  # noqa: ARG002
        """Yield records in the order of the file; raise `InvalidInputError`.

        Codes: `import-xml`, `import-xml-entity`, `import-header` (no export in the archive),
        `import-archive-bomb`.
        """
        return self._records(source)

    def _records(self, source: Path) -> Iterator[Imported | Problem]:
        keys = Keys(self.name)
        night: _Night | None = None
        with _stream(source) as stream:
            for element in elements(stream, frozenset({"Record", "StateOfMind"})):
                if element.name == "Record" and element.attributes.get("type") == SLEEP:
                    stage = _stage(element)
                    if isinstance(stage, Problem):
                        yield stage
                        continue
                    if night is not None and not night.takes(stage):
                        yield night.record(self.name, keys)
                        night = None
                    night = night or _Night(stage)
                    night.add(stage)
                elif element.name == "Record" and element.attributes.get("type") == MINDFUL:
                    yield _mindful(self.name, element, keys)
                elif element.name == "StateOfMind":
                    yield _state_of_mind(self.name, element, keys)
        if night is not None:
            yield night.record(self.name, keys)


class _Stage:
    __slots__ = ("end", "line", "source", "stage", "start", "zone")

    def __init__(self, *, line: int, source: str, stage: str, start: int, end: int, zone: str) -> None:
        self.line, self.source, self.stage = line, source, stage
        self.start, self.end, self.zone = start, end, zone


class _Night:
    def __init__(self, first: _Stage) -> None:
        self.stages: list[_Stage] = []
        self.source, self.end = first.source, first.end

    def takes(self, stage: _Stage) -> bool:
        near = self.stages[0].start - SAME_NIGHT_MS <= stage.start <= self.end + SAME_NIGHT_MS
        return near and stage.source == self.source and len(self.stages) < LIST

    def add(self, stage: _Stage) -> None:
        self.stages.append(stage)
        self.end = max(self.end, stage.end)

    def record(self, app: str, keys: Keys) -> Imported | Problem:
        stages = sorted(self.stages, key=lambda stage: (stage.start, stage.end, stage.stage))
        told: list[JsonValue] = [{"stage": s.stage, "start": s.start, "end": s.end} for s in stages]
        body: dict[str, JsonValue] = {"start": stages[0].start, "end": self.end, "stages": told}
        key = keys.key(SLEEP, self.source, *(f"{s.stage} {s.start} {s.end}" for s in stages))
        record = Record(kind="mindhaven/sleep", version=1, created_at=self.end, zone=stages[-1].zone, body=body)
        return imported(app, key, self.stages[0].line, record)


def _span(element: Element) -> tuple[int, int, str] | Problem:
    start, end = _moment(element.attributes.get("startDate", "")), _moment(element.attributes.get("endDate", ""))
    if start is None or end is None or end[0] < start[0]:
        return Problem(line=element.line, field="startDate, endDate", message="These dates cannot be read.")
    return start[0], end[0], _zone(element, end[1])


def _moment(text: str) -> tuple[int, str] | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
    return round(moment.timestamp() * 1000), f"{found[2][:3]}:{found[2][3:]}"


def _zone(element: Element, offset: str) -> str:
    named = element.metadata.get("HKTimeZone", "")
    try:
        zone_named(named)
    except InvalidInputError:
        return offset
    return named


def _stage(element: Element) -> _Stage | Problem:
    span = _span(element)
    if isinstance(span, Problem):
        return span
    stage = STAGES.get(element.attributes.get("value", "").removeprefix(_VALUE_PREFIX))
    if stage is None:
        return Problem(line=element.line, field="value", message="This stage of sleep is not known.")
    start, end, zone = span
    source = element.attributes.get("sourceName", "")
    return _Stage(line=element.line, source=source, stage=stage, start=start, end=end, zone=zone)


def _mindful(app: str, element: Element, keys: Keys) -> Imported | Problem:
    span = _span(element)
    if isinstance(span, Problem):
        return span
    start, end, zone = span
    key = keys.key(MINDFUL, element.attributes.get("sourceName", ""), start, end)
    body: dict[str, JsonValue] = {"minutes": round((end - start) / 60_000, 2)}
    record = Record(kind="mindhaven/mindful", version=1, created_at=start, zone=zone, body=body)
    return imported(app, key, element.line, record)


def _state_of_mind(app: str, element: Element, keys: Keys) -> Imported | Problem:
    start = _moment(element.attributes.get("startDate", ""))
    valence = number(element.attributes.get("valence", ""))
    if start is None or valence is None:
        return Problem(
            line=element.line,
            field="StateOfMind",
            message="This State of Mind entry has a shape that is not known yet.",
            code="import-unconfirmed",
        )
    body: dict[str, JsonValue] = {"valence": valence, "raw": {"scale": "apple-valence", "value": valence}}
    span = {"momentaryEmotion": "moment", "dailyMood": "day"}.get(element.attributes.get("kind", ""))
    if span:
        body["span"] = span
    for field, attribute in (("labels", "labels"), ("contexts", "associations")):
        words: list[JsonValue] = [word for word in re.split(r"[,;| ]+", element.attributes.get(attribute, "")) if word]
        if words:
            body[field] = words
    key = keys.key("StateOfMind", *(f"{name}={text}" for name, text in sorted(element.attributes.items())))
    record = Record(kind="mindhaven/mood", version=1, created_at=start[0], zone=_zone(element, start[1]), body=body)
    return imported(app, key, element.line, record)


def _may_be_export(name: str) -> bool:
    return name.lower().endswith(".xml") and not name.lower().endswith("_cda.xml")


def _stream(source: Path) -> AbstractContextManager[IO[bytes]]:
    with source.open("rb") as file:
        if not is_zip(file.read(4)):
            return cast("AbstractContextManager[IO[bytes]]", source.open("rb"))
    for member in members(source):  # the file's own name is translated on some phones, so its content decides
        if not _may_be_export(member.filename):
            continue
        with opened(source, member) as stream:
            head = stream.read(4096)
        if _ROOT in head or b"<!DOCTYPE HealthData" in head:
            return opened(source, member)
    raise InvalidInputError("This archive holds no Apple Health export.", code="import-header")
