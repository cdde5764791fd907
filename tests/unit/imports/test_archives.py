import base64
import io
import json
import zipfile

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.imports import Imported, Options, detect, importer_named
from mindhaven.sdk.imports.apple_health import AppleHealth
from mindhaven.sdk.imports.archive import MAX_RATIO
from mindhaven.sdk.imports.daylio_backup import DaylioBackup

MOODS = [{"id": 1, "custom_name": "mine", "mood_group_id": 5, "predefined_name_id": -1}]
ENTRY = {"id": 1, "datetime": 0, "timeZoneOffset": 0, "mood": 1, "tags": [], "note": "", "note_title": ""}


def packed(tmp_path, files, name="export.zip"):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in files.items():
            archive.writestr(inner, content)
    return path


def backup(tmp_path, data):
    return packed(tmp_path, {"backup.daylio": base64.b64encode(json.dumps(data).encode())})


def test_a_backup_asks_for_nothing_and_the_persons_own_meaning_wins(tmp_path):
    path = backup(tmp_path, {"dayEntries": [ENTRY], "customMoods": MOODS, "tags": []})
    assert detect(path).name == "daylio-backup"
    assert next(DaylioBackup().read(path)).record.body["valence"] == -1
    assert next(DaylioBackup().read(path, Options(moods={"MINE": 4}))).record.body["valence"] == 0.5


@pytest.mark.parametrize(
    "content",
    [
        b"not base64 !",
        base64.b64encode(b"not json"),
        base64.b64encode(b"[]"),
        base64.b64encode(b'{"dayEntries":[],"customMoods":[]}'),
        base64.b64encode(b'{"dayEntries":{},"customMoods":[],"tags":[]}'),
        base64.b64encode(b"[" * 3_000),
    ],
)
def test_a_damaged_backup_is_refused(tmp_path, content):
    with pytest.raises(InvalidInputError) as caught:
        DaylioBackup().preview(packed(tmp_path, {"backup.daylio": content}))
    assert caught.value.reason == "import-backup"


def test_an_archive_without_what_is_looked_for_is_refused(tmp_path):
    path = packed(tmp_path, {"other.txt": b"x", "export_cda.xml": b"<HealthData/>", "a.xml": b"<x/>"})
    with pytest.raises(InvalidInputError, match=r"backup\.daylio"):
        DaylioBackup().preview(path)
    with pytest.raises(InvalidInputError, match="no Apple Health export"):
        AppleHealth().preview(path)


def test_a_truncated_archive_is_refused(tmp_path):
    path = backup(tmp_path, {"dayEntries": [], "customMoods": [], "tags": []})
    path.write_bytes(path.read_bytes()[:-30])
    for importer in (DaylioBackup(), AppleHealth()):
        with pytest.raises(InvalidInputError) as caught:
            importer.preview(path)
        assert caught.value.reason == "import-archive"


@pytest.mark.parametrize("inner", ["backup.daylio", "apple_health_export/export.xml"])
def test_a_zip_bomb_is_refused_by_its_ratio(tmp_path, inner):
    path = packed(tmp_path, {inner: b"\0" * 20_000_000})
    assert 20_000_000 / path.stat().st_size > MAX_RATIO, "the test must be a bomb"
    with pytest.raises(InvalidInputError) as caught:
        importer_named("daylio-backup" if "daylio" in inner else "apple-health").preview(path)
    assert caught.value.reason == "import-archive-bomb"


def test_a_zip_that_lies_about_its_size_stops_at_what_it_said(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("backup.daylio", base64.b64encode(b"x" * 90_000))
    data = bytearray(held.getvalue())
    for place in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[place : place + 4] = (100).to_bytes(4, "little")
    path = tmp_path / "lie.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(InvalidInputError):
        DaylioBackup().preview(path)


def test_the_export_is_found_by_content_whatever_the_phone_called_it(tmp_path):
    path = packed(
        tmp_path, {"apple_health_export/Exportación.xml": b'<?xml version="1.0"?>\n<HealthData locale="es"/>'}
    )
    assert detect(path).name == "apple-health"
    assert list(AppleHealth().read(path)) == []


def test_what_nobody_knows_is_refused_with_its_first_line(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"Dear diary\x1b[31m\nsecond")
    with pytest.raises(InvalidInputError) as caught:
        detect(path)
    assert caught.value.reason == "import-header"
    assert "Dear diary" in caught.value.message
    assert "\x1b" not in caught.value.message
    with pytest.raises(InvalidInputError) as caught:
        importer_named("nope")
    assert caught.value.reason == "import-unknown"


def test_a_map_is_refused_with_the_pair_that_is_wrong(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('d,"a, b",c\n2026-01-01,5,yes\n2026-01-02,x,no\n')
    wrong = {
        "nonsense": "nonsense",
        "d=date": "no field",
        "c=medication.taken": "no created_at",
        "d=date, c=mood.colour": "mood.colour",
        "d=date, c=mood.scales": "mood.scales",
        "d=date, c=dream.depth": "dream.depth",
        "d=date, c=mood.note": "valence",
        "d=date, c=mood.valence, d=mood.valence": "twice",
        "d=date, c=mood.valence:high": "range",
        "d=date, c=mood.valence:5..5": "stretched",
        "d=date, c=factor.value:1..10, d=factor.name": "stretched",
    }
    for columns, told in wrong.items():
        with pytest.raises(InvalidInputError) as caught:
            importer_named("csv-map").preview(path, Options(columns=columns))
        assert caught.value.reason == "import-map", columns
        assert told in caught.value.message, columns
    with pytest.raises(InvalidInputError) as caught:
        importer_named("csv-map").preview(path, Options(columns="day=date, c=factor.name"))
    assert caught.value.reason == "import-header"


@pytest.mark.parametrize(
    ("columns", "bodies"),
    [
        ('d=date, "a, b"=mood.valence:0..5', [1]),
        ('d=date, "a, b"=mood.valence:10..0', [0]),
        ('d=date, "a, b"=mood.valence:0..4', []),
    ],
)
def test_a_scale_may_be_turned_round_and_what_lies_outside_is_told(tmp_path, columns, bodies):
    path = tmp_path / "t.csv"
    path.write_text('d,"a, b",c\n2026-01-01,5,yes\n2026-01-02,x,no\n')
    rows = list(importer_named("csv-map").read(path, Options(columns=columns)))
    assert [row.record.body["valence"] for row in rows if isinstance(row, Imported)] == bodies
    assert len(rows) == 2


def test_a_map_fills_flags_and_times(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("d;h;m;t;n\n01/02/2026;9:15 pm;Sertraline;yes;3\n01/02/2026;9:15 pm;Sertraline;perhaps;3\n")
    columns = "d=date:%d/%m/%Y, h=time, m=medication.name, t=medication.taken, n=mindful.minutes"
    rows = list(importer_named("csv-map").read(path, Options(columns=columns)))
    assert [row.record.kind for row in rows if isinstance(row, Imported)] == [
        "mindhaven/medication",
        "mindhaven/mindful",
    ]
    assert rows[0].record.body["taken"] is True
    assert rows[0].record.created_at == 1_769_980_500_000  # 2026-02-01T21:15:00Z
    assert rows[2].field == "t"


# -- found by the fuzz


@pytest.mark.parametrize(
    "changed",
    [{"mood": [1]}, {"mood": {"a": 1}}, {"tags": 5}, {"tags": [[1]]}, {"tags": [{}]}, {"tags": "1"}, {"mood": None}],
)
def test_a_backups_entry_of_another_shape_is_a_problem_or_read_without_it(tmp_path, changed):
    path = backup(tmp_path, {"dayEntries": [ENTRY | changed, ENTRY], "customMoods": MOODS, "tags": []})
    read = list(DaylioBackup().read(path))
    assert len(read) == 2
    assert isinstance(read[1], Imported)


@pytest.mark.parametrize("name", [[1], {"a": 1}, None])
def test_a_backups_mood_may_be_named_by_anything(tmp_path, name):
    moods = [MOODS[0] | {"custom_name": "", "predefined_name_id": name}]
    (read,) = DaylioBackup().read(backup(tmp_path, {"dayEntries": [ENTRY], "customMoods": moods, "tags": []}))
    assert isinstance(read, Imported)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_whose_packed_bytes_are_damaged_is_refused(tmp_path, method):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("backup.daylio", base64.b64encode(json.dumps({"a": "b" * 5000}).encode()))
    data = bytearray(path.read_bytes())
    start = 30 + len("backup.daylio")
    data[start : start + 24] = b"\xff" * 24
    path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        list(DaylioBackup().read(path))
    assert caught.value.reason in {"import-archive", "import-backup"}


def test_an_archive_whose_directory_points_before_its_beginning_is_refused(tmp_path):
    path = packed(tmp_path, {"backup.daylio": b"x"})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x05\x06")
    data[at + 16 : at + 20] = (int.from_bytes(data[at + 16 : at + 20], "little") + 40).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        list(DaylioBackup().read(path))
    assert caught.value.reason in {"import-archive", "import-backup"}


def test_an_archive_with_a_name_that_is_no_text_is_refused(tmp_path):
    path = packed(tmp_path, {"apple_health_export/export.xml": b"<HealthData>"})
    data = bytearray(path.read_bytes())
    data[6:8] = (0x0800).to_bytes(2, "little")  # the file's own header says UTF-8, the directory does not
    data[31] = 0xFF
    path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        AppleHealth().preview(path)
    assert caught.value.reason == "import-archive"


@pytest.mark.parametrize("pattern", ["%d%d", "%e", "%Q"])
def test_a_column_map_with_a_format_that_is_none_is_refused(tmp_path, pattern):
    path = tmp_path / "table.csv"
    path.write_text("When,Feeling\n1.1.2026,5\n")
    options = Options(columns=f"When=date:{pattern}, Feeling=mood.valence:1..10")
    with pytest.raises(InvalidInputError) as caught:
        importer_named("csv-map").preview(path, options)
    assert caught.value.reason == "import-map"
