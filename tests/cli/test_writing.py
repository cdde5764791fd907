"""Moods, journal, plan, lists."""

import time
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Person

from mindhaven.cli import home
from mindhaven.cli.writing import mood_of
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record
from mindhaven.sdk import Mindhaven

DAYLIO = Path(__file__).parents[2] / "src" / "mindhaven" / "sdk" / "imports" / "daylio_moods.toml"


@pytest.mark.parametrize(
    ("text", "valence"),
    [("1", -1), ("5", 1), ("good", 0.5), ("very-low", -1), ("Very Low", -1), ("so-so", 0), ("soso", 0),
     ("0.25", 0.25), ("-0.5", -0.5), ("-1", -1), ("0", 0), ("6", None), ("1.5", None), ("nan", None), ("", None),
     ("awful", -1), ("terrible", -1), ("very bad", -1), ("bad", -0.5), ("ok", 0), ("Okay", 0), ("meh", 0),
     ("well", 0.5), ("great", 1), ("rad", 1), ("1.0", None), ("1.", None), ("+1.0", 1), ("+1", 1), ("-1.0", -1),
     ("purple", None)],
)  # fmt: skip
def test_what_a_mood_may_be(text: str, valence: float | None) -> None:
    if valence is None:
        with pytest.raises(InvalidInputError):
            mood_of(text)
    else:
        assert mood_of(text)[0] == valence


def test_a_mood_as_it_is_kept(ana: Person) -> None:
    ran = ana("log", "mood", "good", "--note", "by the lake", "--activity", "walk", "--activity", "tea",
              "--at", "2026-11-20 21:30", "--zone", "Europe/Berlin", "--json")  # fmt: skip
    entry = ana("show", ran.told["id"][:8], "--json").told
    assert entry["at"] == "2026-11-20T21:30:00+01:00"
    assert entry["zone"] == "Europe/Berlin"
    assert entry["collection"] == "mood"
    assert entry["waits"] is False
    assert entry["body"] == {
        "valence": 0.5,
        "span": "moment",
        "note": "by the lake",
        "activities": ["walk", "tea"],
        "raw": {"scale": "mindhaven-5", "value": 4, "name": "good"},
    }
    lines = ana("list", "--kind", "mood", "--since", "2026-11-20").out.splitlines()
    assert lines[0].split() == ["ID", "WHEN", "KIND", "WHAT"]
    assert "2026-11-20 21:30 Europe/Berlin" in " ".join(lines)
    assert "good (walk, tea; by the lake)" in " ".join(lines)
    assert ana("log", "mood", "good", "--zone", "Nowhere/Town", code=2)
    assert ana("log", "mood", "good", "--at", "sometime", code=2).err.count("2026-11-20 21:30") == 1


def test_very_low_once_a_day_and_without_a_trace(ana: Person) -> None:
    first = ana("log", "mood", "1", "--at", "2026-11-02 09:00")
    second = ana("log", "mood", "very-low", "--at", "2026-11-02 19:00")
    assert "Sorry it is this hard" in first.err
    assert "Sorry it is this hard" not in second.err
    very_low = {"scale": "mindhaven-5", "value": 1, "name": "very low"}
    low = [one["body"] for one in ana.entries("--kind", "mood") if one["body"].get("raw") == very_low]
    assert len(low) == 2
    assert all(set(body) <= {"valence", "span", "raw", "note", "activities"} for body in low)


def test_journal_and_erase(ana: Person, tmp_path: Path) -> None:
    picture = tmp_path / "drawing.txt"
    picture.write_bytes(b"made-up drawing" * 1000)
    item = ana("journal", "add", "-", "--title", "Evening", "--attach", str(picture), "--json",
               stdin="first line\nsecond line \x1b[31mred\n").told["id"]  # fmt: skip
    shown = ana("show", item)
    assert shown.out.startswith("Journal: Evening")
    assert "second line ?[31mred" in shown.out  # an entry can't steer the terminal
    ana("show", item, "--save-files", str(tmp_path / "."), code=2)
    (tmp_path / "out").mkdir()
    ana("show", item, "--save-files", str(tmp_path / "out"))
    assert (tmp_path / "out" / "drawing.txt").read_bytes() == picture.read_bytes()
    assert "Give --yes." in ana("erase", item, code=2).err
    ana("erase", item, "--yes")
    assert ana("show", item, code=1).err.startswith("mindhaven: No entry here has this id.")
    assert ana("show", "ab", code=2)
    assert "Nothing was written" in ana("journal", "add", "-", stdin=" \n", code=2).err


def test_plan(ana: Person, tmp_path: Path) -> None:
    text = """; not kept
# Signs that tell me it is getting hard
- I stop answering

# People I can ask for help
Mara | 0151 2345 | evenings
# Anything else
two
lines
"""
    ana("plan", "edit", "-", stdin=text)
    ana("plan", "edit", "-", stdin=text.replace("I stop answering", "I sleep badly"))
    shown = ana("--offline", "plan", "show").out
    assert "I sleep badly" in shown
    assert "Mara | 0151 2345 | evenings" in shown
    assert "I stop answering" not in shown
    body = ana("plan", "show", "--json").told["body"]
    assert body["people"] == [{"name": "Mara", "contact": "0151 2345", "hours": "evenings"}]
    assert body["note"] == "two\nlines"
    assert len(ana.entries("--kind", "plan")) == 1
    assert "Line 1" in ana("plan", "edit", "-", stdin="# Nothing of this kind\nx\n", code=2).err
    assert "Line 1" in ana("plan", "edit", "-", stdin="x\n", code=2).err


def test_a_long_list_asks_the_machine_once(somebody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody.sign_up("long")
    with Mindhaven.open(somebody.home, passphrase=somebody.passphrase) as client:
        at = int(time.time() * 1000)
        client.add_all([
            Record(kind="mindhaven/mood", version=1, created_at=at - n, zone="UTC", body={"valence": 0})
            for n in range(50)
        ])  # fmt: skip
    asked: list[str] = []
    for name, real in list(home.FROM_MACHINE.items()):
        monkeypatch.setitem(home.FROM_MACHINE, name, lambda name=name, real=real: asked.append(name) or real())
    assert len(somebody("--offline", "list").out.splitlines()) == 51
    assert asked == ["zone"]


def test_a_word_means_the_same_face_as_in_an_import() -> None:
    """Daylio's English five, worst first; level n of an import is face n here."""
    for face, word in enumerate(("awful", "bad", "meh", "good", "rad"), 1):
        assert mood_of(word)[1] == {"scale": "mindhaven-5", "value": face, "name": word}
    english = next(one for one in tomllib.loads(DAYLIO.read_text())["languages"] if one["language"] == "en")
    assert english["names"] == ["rad", "good", "meh", "bad", "awful"]
