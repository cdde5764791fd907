import base64
import json
import zipfile
from pathlib import Path

import pytest

from mindhaven.kinds import check
from mindhaven.sdk.imports import IMPORTERS, Imported, Options, detect, importer_named

FOLDER = Path(__file__).parents[2] / "vectors" / "imports"
CASES = sorted(FOLDER.glob("*/*.expect.json"))


def file_of(path, expected, tmp_path):
    """The file as the app writes it: a Daylio backup is kept as plain JSON here, so that it can be read in review."""
    source = path.parent / expected["file"]
    if path.parent.name != "daylio-backup":
        return source
    packed = tmp_path / "backup.daylio"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/photos/2023/11/abc", b"\xff\xd8")
        archive.writestr("backup.daylio", base64.b64encode(source.read_bytes()))
    return packed


def test_every_importer_has_cases():
    assert {path.parent.name for path in CASES} == {importer.name for importer in IMPORTERS}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_import(path, tmp_path):
    expected = json.loads(path.read_text("utf-8"))
    assert len(expected["source"]) > 10, "a case says where its shape was found"
    source = file_of(path, expected, tmp_path)
    importer = importer_named(path.parent.name)
    if importer.name != "csv-map":
        assert detect(source) is importer
    options = Options(**expected["options"])
    rows = list(importer.read(source, options))
    made = [row for row in rows if isinstance(row, Imported)]
    found = []
    for row in made:
        check(row.record)
        body = dict(row.record.body)
        assert body.pop("source") == {"app": importer.name, "key": row.key}
        found.append(
            {"kind": row.record.kind, "created_at": row.record.created_at, "zone": row.record.zone, "body": body}
        )
    by_moment = sorted(found, key=lambda record: (record["created_at"], json.dumps(record["body"], sort_keys=True)))
    wanted = sorted(
        expected["records"], key=lambda record: (record["created_at"], json.dumps(record["body"], sort_keys=True))
    )
    assert by_moment == wanted
    assert [[row.line, row.field] for row in rows if not isinstance(row, Imported)] == expected["problems"]
    keys = [row.key for row in made]
    assert len(set(keys)) == len(keys)
    assert keys == [row.key for row in importer.read(source, options) if isinstance(row, Imported)]
    preview = importer.preview(source, options)
    assert sum(preview.by_kind.values()) == len(made)
    assert preview.problem_count == len(expected["problems"])
    assert preview.unknown_moods == ()
    assert [row.key for row in preview.first] == keys[:5]
