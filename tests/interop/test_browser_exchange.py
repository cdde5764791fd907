"""Exports and imports of the browser and of this library are the same, byte by byte, over the same records and files.

The browser's half is web/packages/sdk/test/interop/exchange.ts: one process that answers line by line.
"""

import base64
import io
import json
import random
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators import tables
from tests.simulators.exported import everything, made_up
from tests.simulators.tables import whole_files

from mindhaven.errors import InvalidInputError
from mindhaven.kinds import decode_body, encode_body
from mindhaven.sdk.exports import Exported, write_archive, write_csv_zip, write_fhir, write_html
from mindhaven.sdk.imports import (
    Imported,
    Importer,
    NeedsMoodNames,
    Options,
    Problem,
    compare,
    detect,
    importer_named,
)
from mindhaven.sdk.imports.batches import digest

ROOT = Path(__file__).parents[2]
PEER = ROOT / "web/packages/sdk/test/interop/exchange.ts"
MADE_AT = 1_767_225_600_000

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Ask the browser's half; the process ends with the module."""
    command = [Path(sys.executable).parent / "node", "--disable-warning=ExperimentalWarning", PEER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None

        def asked(question: dict[str, Any]) -> dict[str, Any]:
            peer.stdin.write(json.dumps(question) + "\n")
            peer.stdin.flush()
            answer: dict[str, Any] = json.loads(peer.stdout.readline())
            return answer

        yield asked
        peer.stdin.close()
        assert peer.wait(30) == 0


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _item(one: Exported) -> dict[str, Any]:
    record = one.record
    return {
        "kind": record.kind, "version": record.version, "createdAt": record.created_at, "zone": record.zone,
        "body": _b64(encode_body(record.body)), "item": one.item.hex(), "revision": one.revision,
        "collectionName": one.collection_name, "author": one.author.hex(),
        "conflictOf": None if one.conflict_of is None else one.conflict_of.hex(), "authorName": one.author_name,
        "owner": None if one.owner is None else {"uid": one.owner.uid.hex(), "name": one.owner.name},
    }  # fmt: skip


def _as_read(one: Exported) -> Exported:
    """Return an item as both read it: from its canonical JSON."""
    return replace(one, record=replace(one.record, body=decode_body(encode_body(one.record.body))))


def _zipped(data: bytes) -> list[tuple[str, bytes]]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    assert {entry.date_time for entry in archive.infolist()} <= {(2020, 1, 1, 0, 0, 0)}
    return [(name, archive.read(name)) for name in archive.namelist()]


def _same_exports(ask: Ask, items: list[Exported], *, title: str, journal: bool) -> None:
    asked = {"items": [_item(one) for one in items], "madeAt": MADE_AT, "title": title, "includeJournal": journal}
    said = ask({"exports": asked})
    fhir, html, csv, archive = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    told = write_fhir(items, fhir, made_at=MADE_AT, include_journal=journal)
    write_html(items, html, made_at=MADE_AT, title=title)
    write_csv_zip(items, csv)
    write_archive(items, archive, made_at=MADE_AT, include_journal=journal, title=title)
    assert said["told"] == told
    assert base64.b64decode(said["fhir"]).decode().split("\n") == fhir.getvalue().decode().split("\n")
    assert base64.b64decode(said["html"]).decode().split("\n") == html.getvalue().decode().split("\n")
    ours = _zipped(csv.getvalue())
    assert [(name, base64.b64decode(data)) for name, data in said["csv"]] == ours
    assert _zipped(base64.b64decode(said["zip"])) == ours
    for (name, data), (our_name, our_data) in zip(said["archive"], _zipped(archive.getvalue()), strict=True):
        assert name == our_name
        theirs = base64.b64decode(data)
        if name == "tables.zip":
            assert _zipped(theirs) == _zipped(our_data)
        else:
            assert theirs == our_data


@pytest.mark.parametrize("journal", [False, True])
def test_one_of_every_kind_is_exported_alike(ask: Ask, *, journal: bool) -> None:
    _same_exports(ask, [_as_read(one) for one in everything()], title="My records", journal=journal)


def test_nothing_at_all_is_exported_alike(ask: Ask) -> None:
    _same_exports(ask, [], title="<Nothing>", journal=True)


@pytest.mark.parametrize("seed", range(6))
def test_made_up_records_of_any_shape_are_exported_alike(ask: Ask, seed: int) -> None:
    _same_exports(ask, made_up(seed, 150), title="It's <mine>", journal=seed % 2 == 0)


def _shown(row: Imported | Problem) -> dict[str, Any]:
    if isinstance(row, Problem):
        return {"line": row.line, "field": row.field, "message": row.message, "code": row.code}
    record = row.record
    return {
        "kind": record.kind, "version": record.version, "createdAt": record.created_at, "zone": record.zone,
        "body": encode_body(record.body).decode(), "key": row.key, "noted": digest(record).hex(),
    }  # fmt: skip


def _again(importer: Importer, path: Path, options: Options, before: str) -> dict[str, Any]:
    rows = importer.read(path, replace(options, zone=before))
    kept = [row.record for row in rows if isinstance(row, Imported)]
    for place in range(0, len(kept), 3):
        kept[place] = replace(kept[place], body={**kept[place].body, "note": "edited"})
    found = compare(importer, path, options, kept)
    corrections = [[place, record.created_at, record.zone] for place, record in found.corrections]
    return {"fresh": found.new, "here": found.here, "corrections": corrections, "edited": found.edited}


def _ours(path: Path, importer: str | None, given: dict[str, Any], before: str | None) -> dict[str, Any]:
    try:
        options = Options(**given)
        chosen = detect(path) if importer is None else importer_named(importer)
        preview = chosen.preview(path, options)
        rows = list(chosen.read(path, options))
        again = None if before is None else _again(chosen, path, options, before)
    except InvalidInputError as error:
        names = list(error.names) if isinstance(error, NeedsMoodNames) else None
        return {"refused": error.reason, "message": error.message, "names": names}
    days = [day.isoformat() if day else None for day in (preview.first_day, preview.last_day)]
    told = {
        "importer": preview.importer, "byKind": dict(preview.by_kind), "first": [row.key for row in preview.first],
        "firstDay": days[0], "lastDay": days[1], "unknownMoods": list(preview.unknown_moods),
        "problemCount": preview.problem_count, "problems": [_shown(row) for row in preview.problems],
        "askedCount": preview.asked_count,
    }  # fmt: skip
    return {"preview": told, "rows": [_shown(row) for row in rows], "again": again}


def _same_imports(
    ask: Ask,
    tmp_path: Path,
    data: bytes,
    options: dict[str, Any],
    *,
    importer: str | None = None,
    before: str | None = None,
) -> dict[str, Any]:
    path = tmp_path / "file"
    path.write_bytes(data)
    asked = {"file": _b64(data), "importer": importer, "options": options, "before": before}
    said = ask({"imports": asked})
    assert said == _ours(path, importer, options, before)
    return said


GIANT = 500_000
"""Bytes of a file that is read by one importer alone: limits are those of the table, and it takes seconds."""
FIXTURES = sorted(
    path
    for importer in ("daylio-csv", "bearable-csv", "csv-map")
    for path in (ROOT / "vectors" / "imports" / importer).glob("*.expect.json")
)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_vectors_are_imported_alike(ask: Ask, tmp_path: Path, path: Path) -> None:
    expected = json.loads(path.read_text("utf-8"))
    data, name = (path.parent / expected["file"]).read_bytes(), path.parent.name
    importer = name if name == "csv-map" else None
    said = _same_imports(ask, tmp_path, data, expected["options"], importer=importer, before="Asia/Kolkata")
    assert sum(said["preview"]["byKind"].values()) == len(expected["records"])


def test_strange_and_hostile_files_are_read_or_refused_alike(ask: Ask, tmp_path: Path) -> None:
    columns = "full_date=date,mood=mood.note,time=mood.valence"
    for name, data in whole_files():
        for importer, options in (
            ("daylio-csv", {"zone": "Europe/Berlin"}),
            ("bearable-csv", {"zone": "Europe/Berlin"}),
            ("csv-map", {"columns": columns}),
        ):
            if len(data) < GIANT or importer == "daylio-csv":
                assert _same_imports(ask, tmp_path, data, options, importer=importer), name
        if len(data) >= GIANT:
            continue
        found = _ours(tmp_path / "file", None, {}, None)
        said = ask({"imports": {"file": _b64(data), "importer": None, "options": {}, "before": None}})
        if found.get("refused") in {"import-header", "import-archive"}:
            assert said["refused"] == "import-header", name  # the browser has fewer importers, and none of archives
        else:
            assert said == found, name


@pytest.mark.parametrize("seed", range(8))
def test_made_up_tables_are_imported_alike(ask: Ask, tmp_path: Path, seed: int) -> None:
    for data, options in tables.made_up(seed):
        importer = "csv-map" if "columns" in options else None
        _same_imports(ask, tmp_path, data, options, importer=importer, before="America/New_York")


@pytest.mark.parametrize("columns", tables.WRONG_MAPS)
def test_a_wrong_map_is_refused_alike(ask: Ask, tmp_path: Path, columns: str) -> None:
    said = _same_imports(ask, tmp_path, tables.TABLE.encode(), {"columns": columns}, importer="csv-map")
    assert said["refused"] in {"import-map", "import-header"}


@pytest.mark.parametrize(
    "options", [{"zone": "Mars/Base"}, {"zone": "+2"}, {"moods": {"x": 6}}, {"moods": {"x": 0}}, {"moods": {"rad": 1}}]
)
def test_wrong_options_are_refused_alike(ask: Ask, tmp_path: Path, options: dict[str, Any]) -> None:
    data = (tables.DAYLIO + "2026-01-01,,,10:30,rad,,,,\n2026-01-02,,,10:30,fine,,,,\n").encode()
    _same_imports(ask, tmp_path, data, options)
    _same_imports(ask, tmp_path, data, options, importer="nothing")


def test_numbers_are_written_alike(ask: Ask) -> None:
    chance = random.Random(5)
    ties = [n + d for n in range(0, 4000, 37) for d in (0.5, 0.25, 0.125, 0.05, 0.005, 0.375)]
    spread = [chance.uniform(-1, 1) * 10 ** chance.randint(-12, 20) for _ in range(4000)]
    sixth = [round(chance.uniform(0, 1e7)) / 2 for _ in range(2000)]
    found = [
        *ties,
        *(-one for one in ties),
        *spread,
        *sixth,
        0,
        5e-324,
        2**53 - 1,
        1e20,
        123456.5,
    ]
    numbers = [int(one) if float(one).is_integer() and abs(one) < 2**53 else one for one in found]
    ours = [
        [
            str(one) if isinstance(one, int) else repr(one),
            repr(float(one)),
            f"{one:.1f}",
            repr(round(float(one), 2)),
            f"{one:g}",
        ]
        for one in numbers
    ]
    assert ask({"numbers": numbers}) == ours


def test_letters_and_blanks_are_treated_alike(ask: Ask) -> None:
    texts = [chr(code) for code in range(0x20000) if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}]
    said: Any = ask({"texts": texts})
    # Cherokee folds to its large letters in Python alone; which names are one name is the same.
    ours = [
        [text.lower() if "CHEROKEE" in unicodedata.name(text, "") else text.casefold(), not text.strip(), repr(text)]
        for text in texts
    ]
    other = {text: (one, two) for text, one, two in zip(texts, ours, said, strict=True) if one != two}
    assert other == {}
