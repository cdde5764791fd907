"""Cells that made Python itself stumble: read, or told as a problem, and never an end of the import."""

import pytest

from mindhaven.sdk.imports import Imported, Options, importer_named
from mindhaven.sdk.imports.text import prose


@pytest.mark.parametrize("digits", [4301, 5000, 100_000])
def test_a_reference_of_endless_digits_is_no_sign(digits):
    text = f"a &amp; b &#{'9' * digits};"
    assert prose(text) == text


def test_the_longest_reference_that_is_read_is_one_sign():
    assert prose(f"&#{'0' * 4298}65;") == "A"


def test_a_night_before_the_first_day_is_told(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text(
        "date,date formatted,weekday,time of day,category,rating/amount,detail,notes\n"
        "1,0001-01-01,,am,Sleep,8:00,Asleep 23:00 - 07:00,\n"
        "1,0001-01-01,,am,Sleep,,Asleep 23:00 - 07:00,\n"
        "2,2026-01-02,,am,Sleep,,Asleep 23:00 - 07:00,\n"
    )
    early, lengthless, night = importer_named("bearable-csv").read(path, Options())
    assert early.code == "record-moment"
    assert lengthless.field == "rating/amount"
    assert isinstance(night, Imported)
