"""Write the tables that a browser needs from the library's own; `--check` only compares.

python tools/web_kinds.py [--check]

What both sides need is typed once, in Python's tables or reviewed TOML files; the suite runs the comparison.
"""

import html.entities
import json
import re
import sys
from collections.abc import Callable
from html import _invalid_charrefs, _invalid_codepoints  # type: ignore[attr-defined]
from pathlib import Path
from typing import Final

import msgspec

from mindhaven.kinds import KINDS, Field
from mindhaven.kinds.catalogue import EARLIEST_MS, LATEST_MS
from mindhaven.kinds.instruments import load_all
from mindhaven.kinds.instruments.licence import FREE_LICENCES
from mindhaven.sdk.exports import age, csv, fhir_resources, html_entries
from mindhaven.sdk.exports import html as page
from mindhaven.sdk.imports import bearable_csv, daylio_csv

PACKAGES: Final = Path(__file__).resolve().parent.parent / "web" / "packages"


def kinds() -> object:
    """Return where records of a kind go."""
    return {one.name: {"version": one.version, "collection": one.collection, "timeless": one.timeless} for one in KINDS}


def instruments() -> object:
    """Return every questionnaire, whole, and the licences that were read and allow any use."""
    return {
        "freeLicences": sorted(FREE_LICENCES),
        "instruments": [camel(msgspec.to_builtins(one)) for one in load_all()],
    }


def fields() -> object:
    """Return what a record of each kind may hold, and how it is exported; what a field does not say is left out."""
    return {
        "earliestMs": EARLIEST_MS,
        "latestMs": LATEST_MS,
        "kinds": [
            {"name": one.name, "version": one.version, "title": one.title, "timeless": one.timeless, "fhir": one.fhir,
             "fields": [field(part) for part in one.fields]}
            for one in KINDS
        ],
    }  # fmt: skip


def field(one: Field) -> dict[str, object]:
    """Return one field of a kind."""
    said = {name: getattr(one, name) for name in ("required", "nullable", "low", "high", "choices")}
    told: dict[str, object] = {"name": one.name, "type": one.type, "longest": one.longest}
    told |= {name: value for name, value in said.items() if value is not None and value is not False and value != ()}
    return told | ({"fields": [field(part) for part in one.fields]} if one.fields else {})


def exchange() -> object:
    """Return the words and numbers of exports and imports that have no table of their own."""
    return {
        "style": (Path(page.__file__).parent / "page.css").read_text("utf-8"),
        "tablesReadme": csv.README,
        "archiveReadme": age.README,
        "planParts": fhir_resources.PLAN_PARTS,
        "labels": html_entries.LABELS,
        "order": page.ORDER,
        "columns": csv.COMMON,
        "daylioColumns": daylio_csv.KNOWN,
        "daylioMoods": daylio_csv.default_moods(),
        "bearableColumns": bearable_csv.KNOWN,
        "partsOfDay": {name: at.hour for name, at in bearable_csv.PARTS_OF_DAY.items()},
    }


def entities() -> object:
    """Return the names that HTML has for signs, and what it makes of numbers that are no signs."""
    return {
        "named": dict(sorted(html.entities.html5.items())),
        "replaced": {str(number): sign for number, sign in sorted(_invalid_charrefs.items())},
        "dropped": sorted(_invalid_codepoints),
    }


def camel(value: object) -> object:
    """Return `value` with the names of its fields as TypeScript writes them: `link_id` becomes `linkId`."""
    if isinstance(value, dict):
        return {re.sub(r"_(.)", lambda found: found[1].upper(), name): camel(one) for name, one in value.items()}
    return [camel(one) for one in value] if isinstance(value, list | tuple) else value


TABLES: Final[dict[Path, Callable[[], object]]] = {
    PACKAGES / "sdk" / "src" / "kinds.json": kinds,
    PACKAGES / "kinds" / "src" / "instruments.json": instruments,
    PACKAGES / "kinds" / "src" / "fields.json": fields,
    PACKAGES / "sdk" / "src" / "exchange" / "tables.json": exchange,
    PACKAGES / "sdk" / "src" / "exchange" / "entities.json": entities,
}


def written(table: Callable[[], object]) -> str:
    """Return the text of a file."""
    return json.dumps(table(), indent=None if table is entities else 2, ensure_ascii=False) + "\n"


def stale() -> list[str]:
    """Return the names of the files that are not what the library says."""
    return [
        path.name for path, table in TABLES.items() if not path.exists() or path.read_text("utf-8") != written(table)
    ]


def main() -> int:
    """Write the files, or compare them."""
    if sys.argv[1:] == ["--check"]:
        for name in (found := stale()):
            print(f"{name} is not what mindhaven says: run python tools/web_kinds.py")
        return 1 if found else 0
    for path, table in TABLES.items():
        path.write_text(written(table), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
