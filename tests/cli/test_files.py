"""Imports and exports."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import Person, run

from mindhaven.crypto import age
from mindhaven.sdk import Mindhaven

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
    ana("sync")  # what her other devices wrote is here, and comes not in the middle
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


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("daylio-csv/english-12h.csv", ()),
        ("bearable-csv/export.csv", ()),
        ("csv-map/own-table.csv", ("--map", "When=created_at:%d.%m.%Y %H:%M, Feeling=mood.valence:1..10")),
    ],
)
def test_another_zone_corrects_and_imports_nothing_twice(somebody: Person, file: str, options: tuple[str, ...]) -> None:
    somebody.sign_up("zone")
    path = str(IMPORTS / file)
    first = somebody("import", path, "--yes", "--json", "--zone", "Asia/Tokyo", *options).told
    count = first["imported"]
    wrong = {one["id"]: one for one in somebody.entries()}
    assert count == len(wrong) >= 2
    # Without a zone on the command line nothing is corrected: a journey alone must not move a life's entries.
    assert "Nothing new" in somebody("import", path, "--yes", *options).err
    assert {one["id"]: one["at"] for one in somebody.entries()} == {key: one["at"] for key, one in wrong.items()}
    # One entry is changed by hand.
    with Mindhaven.open(somebody.home, passphrase=somebody.passphrase) as client:
        changed = client.entries()[0]
        assert changed.record is not None
        client.revise(changed, replace(changed.record, body={**changed.record.body, "note": "changed by hand"}))
        client.sync()
    zone = ("--zone", "America/New_York", *options)
    looked = somebody("import", path, "--preview", *zone)
    assert f"{count - 1} {'entry' if count == 2 else 'entries'} will be corrected" in " ".join(looked.err.split())
    assert "in more than the zone (you changed them since)" in " ".join(looked.err.split())
    told = somebody("import", path, "--preview", "--json", *zone).told
    assert (told["new"], told["already_here"], told["to_correct"], told["changed_since"]) == (0, 0, count - 1, 1)
    assert {one["zone"] for one in somebody.entries()} == {"Asia/Tokyo"}
    done = somebody("import", path, "--yes", "--json", *zone).told
    assert (done["imported"], done["corrected"], done["changed_since"]) == (0, count - 1, 1)
    right = {one["id"]: one for one in somebody.entries()}
    assert len(right) == count
    assert not [one for one in right.values() if one["waits"]]
    for key, one in right.items():
        if key == changed.item.hex():
            assert (one["zone"], one["body"]["note"]) == ("Asia/Tokyo", "changed by hand")
            continue
        assert one["zone"] == "America/New_York"
        assert one["at"][:19] == wrong[key]["at"][:19]  # the same moment on the clock, in another place
        assert one["created_at"] > wrong[key]["created_at"]
    again = somebody("import", path, "--yes", "--json", *zone).told
    assert (again["imported"], again["corrected"], again["already_here"]) == (0, 0, count - 1)


def test_a_preview_needs_no_passphrase(ana: Person) -> None:
    path = str(IMPORTS / "daylio-csv" / "english-12h.csv")
    ran = run("--home", str(ana.home), "import", path, "--preview", "--json")
    assert (ran.code, ran.told["new"], sum(ran.told["by_kind"].values())) == (0, None, 3)
    assert "does not say which of these are here already" in " ".join(ran.err.split())


def test_own_mood_names_are_no_unreadable_rows(ana: Person, tmp_path: Path) -> None:
    table = tmp_path / "daylio.csv"
    table.write_text(
        "full_date,date,weekday,time,mood,activities,note_title,note\n"
        "2026-03-01,March 1,Sunday,10:00,foggy,,,\n2026-03-02,March 2,Monday,10:00,foggy,,,\n"
        "2026-03-03,March 3,Tuesday,10:00,good,,,\nno day,March 4,Wednesday,10:00,good,,,\n"
    )
    said = ana("import", str(table), "--preview", code=2).err
    assert " 2  rows wait for what your own mood names mean" in said
    assert " 1  row can't be read" in said
    told = ana("import", str(table), "--preview", "--json", code=2).told
    assert (told["asked_for"], told["problem_count"], [one["line"] for one in told["problems"]]) == (2, 1, [5])
