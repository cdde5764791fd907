"""Check-ups without a terminal; the answers that open help; the crisis lines."""

from datetime import date

import pytest
from tests.cli.conftest import Person, run

from mindhaven.cli.crisis import load
from mindhaven.kinds.instruments import load_all


def test_a_check_up(ana: Person) -> None:
    ran = ana("checkup", "phq9", "--answers", "1,1,2,1,0,1,1,0,0", "--difficulty", "1")
    assert "Thank you for being open" not in ran.err
    assert ran.out.splitlines()[:2] == [
        "For the last 2 weeks, your answers show mild signs of low mood.",
        "PHQ-9: 7 of 27 (mild: 5 to 9). Higher means more symptoms.",
    ]
    assert "not a diagnosis" in ran.out
    newest = ana.entries("--kind", "checkup")[-1]
    assert (newest["body"]["score"], newest["body"]["difficulty"]) == (7, 1)
    assert "Last time" in ana("checkup", "phq9", "--answers", "0,0,0,0,0,0,0,0,0").out
    assert "Several days" in ana("show", newest["id"]).out


def test_item_nine_opens_help_at_once(ana: Person) -> None:
    ana("plan", "edit", "-", stdin="# My reasons for living\nthe made-up garden\n# People I can ask for help\nMara\n")
    ran = ana("--quiet", "checkup", "phq9", "--answers", "0,0,0,0,0,0,0,0,1", "--country", "DE")
    texts = ("Thank you for being open here.", "the made-up garden", "Mara", "TelefonSeelsorge", "Nobody is watching")
    order = [ran.err.index(text) for text in texts]
    assert order == sorted(order)
    assert "call 112" in ran.err.replace("\n", " ")
    assert ran.out.startswith("For the last 2 weeks, your answers show few or no signs")
    body = ana.entries("--kind", "checkup")[-1]["body"]
    assert set(body) == {"instrument", "version", "language", "answers", "score", "band", "missing"}
    unanswered = ana("checkup", "phq9", "--answers", "x,x,x,x,x,x,x,x,3", "--country", "DE")
    assert "Thank you for being open here." in unanswered.err
    assert "there is no total" in unanswered.out


@pytest.mark.parametrize("instrument", [one.id for one in load_all()])
def test_every_questionnaire(ana: Person, instrument: str) -> None:
    count = len(next(one for one in load_all() if one.id == instrument).items)
    told = ana("checkup", instrument, "--answers", ",".join(["1"] * count), "--json").told
    assert told["score"] == count
    assert ana("checkup", instrument, "--answers", "1", code=2)
    assert ana("checkup", instrument, "--answers", ",".join(["7"] * count), code=2)


def test_crisis_needs_no_account() -> None:
    ran = run("crisis", "--country", "gb")
    assert ran.code == 0
    assert ran.out.startswith("If you are in danger now, call 999 or 112.")
    assert "Samaritans: 116 123" in ran.out
    assert "Checked on 2026-11-23" in ran.out
    unknown = run("crisis", "--country", "XK")
    assert unknown.out.startswith("If you are in danger now, call 112.")
    assert run("crisis", "--country", "Germany").code == 2
    assert {one["number"] for one in run("crisis", "--country", "US", "--json").told["lines"]} == {"988", "741741"}


def test_the_lines_are_dated_data() -> None:
    lines = load()
    assert date.fromisoformat(lines.checked_on) == date(2026, 11, 23)
    codes = [one.code for one in lines.country]
    assert len(codes) == len(set(codes))
    assert {one.country for one in lines.line} == set(codes)
    assert all(one.url.startswith("https://") for one in lines.line if one.url)
