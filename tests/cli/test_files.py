"""Imports and exports."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import Person

from mindhaven.crypto import age

IMPORTS = Path(__file__).parents[2] / "vectors" / "imports"


def problems(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  line ")]


@pytest.mark.parametrize(
    ("file", "count", "options"),
    [
        ("daylio-csv/german-current.csv", 2, ["--zone", "Europe/Berlin"]),
        ("daylio-csv/duplicates.csv", 2, []),
        ("bearable-csv/export.csv", 7, []),
        ("apple-health/export.xml", None, []),
        ("csv-map/own-table.csv", 2, ["--map", "When=created_at:%d.%m.%Y %H:%M, Feeling=mood.valence:1..10"]),
    ],
)
def test_twice_is_once(ana: Person, file: str, count: int | None, options: list[str]) -> None:
    before = len(ana.entries())
    path = str(IMPORTS / file)
    preview = ana("import", path, "--preview", "--json", *options).told
    assert len(ana.entries()) == before
    told = ana("import", path, "--yes", "--json", *options).told
    assert told["imported"] == sum(preview["by_kind"].values())
    assert told["unreadable"] == preview["problem_count"]
    assert count is None or told["imported"] == count
    again = ana("import", path, "--yes", *options)
    assert "Nothing new" in again.err
    assert len(problems(again.err)) == told["unreadable"]
    assert len(ana.entries()) == before + told["imported"]
    assert not [one for one in ana.entries() if one["waits"]]


def test_own_mood_names_are_asked_for(ana: Person) -> None:
    path = str(IMPORTS / "daylio-csv" / "year-column.csv")
    ran = ana("import", path, "--yes", code=2)
    asked = " ".join(ran.err.split())
    assert '--mood "happy=N"' in asked
    assert ana("import", path, "--mood", "happy=9", "--yes", code=2)
    assert "--yes" in ana("import", str(IMPORTS / "daylio-csv" / "english-12h.csv"), code=2).err
    assert ana("import", str(IMPORTS / "none.csv"), code=2)
    assert ana("import", __file__, "--yes", code=2).err.startswith("mindhaven: This file is of no kind")


def test_exports(ana: Person, tmp_path: Path) -> None:
    ana("journal", "add", "a made-up secret")
    ana("log", "mood", "good", "--note", "a made-up note")
    fhir = tmp_path / "out.json"
    told = ana("export", "--format", "fhir", str(fhir), "--json").told
    assert told["journal_left_out"] >= 1
    assert fhir.stat().st_mode & 0o777 == 0o600
    assert json.loads(fhir.read_text())["resourceType"] == "Bundle"
    assert "a made-up secret" not in fhir.read_text()
    assert "already" in ana("export", "--format", "fhir", str(fhir), code=2).err
    ana("export", "--format", "fhir", "--include-journal", "--overwrite", str(fhir))
    ran = ana("export", "--format", "html", str(tmp_path / "out.html"))
    assert "not sealed" in ran.err
    assert "a made-up secret" in (tmp_path / "out.html").read_text()
    ana("export", "--format", "csv", str(tmp_path / "out.zip"))
    assert "mood.csv" in " ".join(zipfile.ZipFile(tmp_path / "out.zip").namelist())
    identity = age.generate_identity()
    assert "--recipient" in ana("export", "--format", "age", str(tmp_path / "x"), code=2).err
    sealed = tmp_path / "out.age"
    ana("export", "--format", "age", "--recipient", age.recipient_of(identity), str(sealed))
    assert b"made-up" not in sealed.read_bytes()
    plain = io.BytesIO()
    with sealed.open("rb") as file:
        age.decrypt(file, plain, identity)
    assert "records.html" in zipfile.ZipFile(plain).namelist()
    assert not list(tmp_path.glob("*.part"))


def test_nothing_readable_on_the_disk(ana: Person) -> None:
    ana("journal", "add", "CANARY-of-this-test")
    for file in ana.home.rglob("*"):
        assert not file.is_file() or b"CANARY-of-this-test" not in file.read_bytes()
