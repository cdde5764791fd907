"""Reading a file again: which of its rows are here already, and which came in under a wrong time zone.

Guarantees: a row is recognised by its key, whatever the zone; only a record that still is what the file gave under its
own zone is corrected, so what the person changed by hand is left alone. Memory holds the records that differ, no file.
I/O: reads the file once, and once more for each zone that records of it were imported under.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record, encode_body
from mindhaven.sdk.imports.model import Imported, Importer, Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """What importing a file comes to beside what is kept.

    `new`: rows that are not here; `here`: rows that stay as they are; `corrections`: (place among the kept, the record
    it becomes) of those under another zone; `edited`: rows whose kept record differs in more than the zone, left alone.
    """

    new: int
    here: int
    corrections: tuple[tuple[int, Record], ...]
    edited: int


def key_of(record: Record) -> str:
    """Return the import key of a record, empty for one that was not imported."""
    source = record.body.get("source")
    return str(source.get("key") or "") if isinstance(source, dict) else ""


def compare(importer: Importer, source: Path, options: Options, kept: Sequence[Record]) -> Again:
    """Return what reading `source` under `options.zone` changes among `kept`; raise what the importer raises."""
    places: dict[str, list[int]] = {}
    for place, record in enumerate(kept):
        if key := key_of(record):
            places.setdefault(key, []).append(place)
    new = here = 0
    wanted: dict[int, Record] = {}
    for row in importer.read(source, options):
        if not isinstance(row, Imported):
            continue
        if row.key not in places:
            new += 1
            continue
        other = [place for place in places[row.key] if not _same(kept[place], row.record)]
        wanted |= dict.fromkeys(other, row.record)
        here += not other
    as_given = _as_given(importer, source, options, kept, places, wanted)
    corrections = tuple((place, record) for place, record in wanted.items() if place in as_given)
    return Again(new=new, here=here, corrections=corrections, edited=len(wanted) - len(corrections))


def _as_given(
    importer: Importer,
    source: Path,
    options: Options,
    kept: Sequence[Record],
    places: dict[str, list[int]],
    wanted: dict[int, Record],
) -> set[int]:
    """Return the places whose record is what the file gives under that record's own zone."""
    found: set[int] = set()
    for zone in sorted({kept[place].zone for place, record in wanted.items() if kept[place].zone != record.zone}):
        try:
            for row in importer.read(source, replace(options, zone=zone)):
                if isinstance(row, Imported):
                    found |= {
                        place
                        for place in places.get(row.key, ())
                        if place in wanted and kept[place].zone == zone and _same(kept[place], row.record)
                    }
        except InvalidInputError:
            continue  # a zone that this machine does not know: nothing of it can be told apart from an edit
    return found


def _same(one: Record, other: Record) -> bool:
    return (one.kind, one.version, one.created_at, one.zone, encode_body(one.body)) == (
        other.kind,
        other.version,
        other.created_at,
        other.zone,
        encode_body(other.body),
    )
