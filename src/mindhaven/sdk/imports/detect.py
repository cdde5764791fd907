"""The list of importers, and the choice of one by content.

Guarantees: exactly one importer or an error; the name of the file decides nothing. I/O: reads the file's
beginning.
"""

from pathlib import Path
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.imports.apple_health import AppleHealth
from mindhaven.sdk.imports.bearable_csv import BearableCsv
from mindhaven.sdk.imports.csv_map import CsvMap
from mindhaven.sdk.imports.daylio_backup import DaylioBackup
from mindhaven.sdk.imports.daylio_csv import DaylioCsv
from mindhaven.sdk.imports.model import Importer
from mindhaven.sdk.imports.text import HEAD_BYTES, head_text

IMPORTERS: Final[tuple[Importer, ...]] = (DaylioCsv(), DaylioBackup(), BearableCsv(), AppleHealth(), CsvMap())


def importer_named(name: str) -> Importer:
    """Return the importer called `name`; raise `InvalidInputError` (`import-unknown`) listing those there
    are."""
    for importer in IMPORTERS:
        if importer.name == name:
            return importer
    raise InvalidInputError(
        "There is no such importer.", code="import-unknown", hint=f"There are: {', '.join(i.name for i in IMPORTERS)}."
    )


def detect(path: Path) -> Importer:
    """Return the importer whose format the file at `path` has; raise `InvalidInputError`
    (`import-header`)."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for importer in IMPORTERS:
        if importer.detects(path, head):
            return importer
    first = "".join(sign for sign in head_text(head).split("\n", 1)[0][:200].strip() if sign.isprintable())
    titles = ", ".join(importer.title for importer in IMPORTERS if importer.name != CsvMap.name)
    raise InvalidInputError(
        f"This file is of no kind that Mindhaven knows. Its first line is: {first or '(empty)'}.",
        code="import-header",
        hint=f"Known: {titles}. Any other table can be read with a column map.",
    )
