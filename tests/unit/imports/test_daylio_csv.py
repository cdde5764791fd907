import codecs

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.imports import Imported, NeedsMoodNames, Options, Problem, detect
from mindhaven.sdk.imports.daylio_csv import DaylioCsv, default_moods
from mindhaven.sdk.imports.text import MAX_FIELD_CHARS, MAX_LINE_CHARS

HEADER = "full_date,date,weekday,time,mood,activities,scales,note_title,note"
ROW = '2026-03-10,x,x,21:05,rad,"a | b","","t","n"'


@pytest.fixture
def read(tmp_path):
    def run(content, **options):
        path = tmp_path / "daylio.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(DaylioCsv().read(path, Options(**options)))

    return run


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{ROW}\n".encode(),
        codecs.BOM_UTF8 + f"{HEADER}\n{ROW}".encode(),
        f"{HEADER}\n{ROW}\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + f"{HEADER}\n{ROW}\n".encode("utf-16-be"),
        f"{HEADER}\n{ROW}\n".encode("utf-16-le"),
        f"{HEADER}\n{ROW}\n".encode("utf-16-be"),
        f"{HEADER}\r\n{ROW}\r\n".encode(),
        f"{HEADER}\r{ROW}\r".encode(),
        f"{HEADER}\n\n , , \n{ROW}\n\n".encode(),
        f"{HEADER}\n{ROW}\n".replace(",", ";").encode(),
        f"{HEADER}\n{ROW}\n".replace(",", "\t").encode(),
        f"{HEADER.upper()}\n{ROW}\n".encode(),
    ],
)
def test_one_row_reads_the_same_however_the_file_was_saved(read, tmp_path, content):
    made = read(content)
    assert [row.record.body["activities"] for row in made] == [["a", "b"]]
    assert made[0].key == read(f"{HEADER}\n{ROW}\n")[0].key
    assert made[0].record.created_at == 1_773_176_700_000  # 2026-03-10T21:05:00Z
    assert detect(tmp_path / "daylio.csv").name == "daylio-csv"


def test_own_mood_names_are_asked_for_and_never_guessed(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        f"{HEADER}\n2026-03-10,x,x,21:05,So so,,,,\n2026-03-10,x,x,21:06,rad,,,,\n2026-03-10,x,x,21:07,so SO,,,,\n"
    )
    with pytest.raises(NeedsMoodNames) as caught:
        DaylioCsv().read(path)
    assert caught.value.names == ("So so", "so SO")
    assert caught.value.reason == "import-mood-names"
    assert "So so" not in caught.value.diagnostics(), "a mood name is the person's own: it is data, not message"
    preview = DaylioCsv().preview(path)
    assert preview.unknown_moods == ("So so", "so SO")
    assert (preview.by_kind, preview.problem_count) == ({"mindhaven/mood": 1}, 2)
    made = list(DaylioCsv().read(path, Options(moods={" so so ": 2})))
    assert [row.record.body["valence"] for row in made] == [-0.5, 1, -0.5]
    assert made[0].record.body["raw"]["name"] == "So so"


def test_the_persons_own_meaning_wins(read):
    assert read(f"{HEADER}\n{ROW}\n", moods={"RAD": 1})[0].record.body["valence"] == -1


@pytest.mark.parametrize("level", [0, 6, 2.5, True, "3"])
def test_a_mood_is_mapped_to_1_to_5(read, level):
    with pytest.raises(InvalidInputError, match="1 to 5"):
        read(f"{HEADER}\n{ROW}\n", moods={"x": level})


def test_default_moods_have_five_levels_in_each_language():
    moods = default_moods()
    assert [moods[name] for name in ("rad", "good", "meh", "bad", "awful")] == [5, 4, 3, 2, 1]
    assert [moods[name] for name in ("super", "gut", "ok", "schlecht", "lausig")] == [5, 4, 3, 2, 1]
    assert [moods[name] for name in ("ottimo", "buono", "così così", "male", "terribile")] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("date,flow\n2026-01-01,light\n", "date, flow"),
        (f"{HEADER},colour\n{ROW},red\n", "colour"),
        ("full_date,time,activities\n", "full_date, time, activities"),
        ("", "(empty)"),
        ("year,time,mood\n", "year, time, mood"),
    ],
)
def test_an_unknown_header_is_refused_by_name(read, content, shown):
    with pytest.raises(InvalidInputError) as caught:
        read(content)
    assert caught.value.reason == "import-header"
    assert shown in caught.value.message
    assert "note_title" in caught.value.hint


@pytest.mark.parametrize(
    "row",
    [
        '2026-03-10,x,x,21:05,rad,"a"b,,,',
        "2026-03-10,x,x,21:05,rad,,,,,too,many",
        "2026-03-10,x,x,21:05",
        "2026-13-10,x,x,21:05,rad,,,,",
        "20260310,x,x,21:05,rad,,,,",
        "2026-03-10,x,x,25:05,rad,,,,",
        "2026-03-10,x,x,0:05 pm,rad,,,,",
        "2026-03-10,x,x,evening,rad,,,,",
        "2026-03-10,x,x,21:05,,,,,",
        "1799-03-10,x,x,21:05,rad,,,,",
        "2026-03-10,x,x,21:05,rad,,,," + "x" * 200_001,
        f"2026-03-10,x,x,21:05,rad,,,,{'x' * (MAX_FIELD_CHARS + 1)}",
    ],
)
def test_a_row_that_cannot_be_read_is_told_by_line_and_the_rest_go_on(read, row):
    made = read(f"{HEADER}\n{ROW}\n{row}\n{ROW.replace('21:05', '21:06')}\n")
    assert [type(part) for part in made] == [Imported, Problem, Imported]
    assert made[1].line == 3
    assert "rad" not in made[1].message


def test_a_lost_quotation_mark_is_told_at_its_line(read):
    made = read(f'{HEADER}\n{ROW}\n2026-03-10,x,x,21:06,rad,"a,,,\n{ROW}\n')
    assert isinstance(made[0], Imported)
    assert [part.line for part in made if isinstance(part, Problem)] == [3]


def test_lines_are_those_of_the_file_even_after_a_note_of_several_lines(read):
    made = read(f'{HEADER}\n2026-03-10,x,x,21:05,rad,,,,"one\ntwo\nthree"\n2026-03-10,x,x,99:99,rad,,,,\n')
    assert made[0].record.body["note"] == "one\ntwo\nthree"
    assert made[1].line == 5


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 50, HEADER.encode() + b"\n\xff\xfe\xfa\n"])
def test_what_is_no_text_is_refused(read, content):
    with pytest.raises(InvalidInputError):
        read(content)


def test_an_endless_line_is_refused_before_it_fills_the_memory(read):
    with pytest.raises(InvalidInputError) as caught:
        read(f"{HEADER}\n" + "x" * (MAX_LINE_CHARS + 10))
    assert caught.value.reason == "import-line-length"


def test_the_same_entry_twice_in_one_file_is_two_and_stays_two(read):
    once = read(f"{HEADER}\n{ROW}\n")
    twice = read(f"{HEADER}\n{ROW}\n{ROW}\n")
    assert len({row.key for row in twice}) == 2
    assert twice[0].key == once[0].key


def test_an_edited_note_is_another_entry_and_the_clock_form_is_not(read):
    key = read(f"{HEADER}\n{ROW}\n")[0].key
    assert read(f"{HEADER}\n{ROW.replace('21:05', '9:05 pm')}\n")[0].key == key
    assert read(f"{HEADER}\n{ROW.replace('x,x', '10. März,Dienstag')}\n")[0].key == key
    assert read(f"{HEADER}\n{ROW.replace('n', 'm')}\n")[0].key != key


def test_scales_and_formatting(read):
    made = read(
        f'{HEADER}\n2026-03-10,x,x,21:05,rad,"a | a |","Energy:\xa03,5 | Pain: a lot | odd","",'
        '"<ul><li><b>one</b></li><li>two &lt;3</li></ul> a < b"\n'
    )
    assert made[0].record.body["activities"] == ["a"]
    assert made[0].record.body["scales"] == [
        {"name": "Energy", "value": 3.5},
        {"name": "Pain", "amount": "a lot"},
        {"name": "odd"},
    ]
    assert made[0].record.body["note"] == "• one\n• two <3\n a < b"


def test_an_unknown_zone_is_refused(read):
    with pytest.raises(InvalidInputError) as caught:
        read(f"{HEADER}\n{ROW}\n", zone="Mars/Base")
    assert caught.value.reason == "zone-unknown"


def test_a_preview_lists_at_most_a_hundred_problems_and_counts_all(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(HEADER + "\n" + "2026-03-10,x,x,xx,rad,,,,\n" * 250)
    preview = DaylioCsv().preview(path)
    assert (preview.problem_count, len(preview.problems), preview.first_day) == (250, 100, None)
