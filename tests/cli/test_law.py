"""The law by the command line: what binds, when something is due, and that no lawyer has read it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import run

from mindhaven.law import UNREVIEWED, shipped


def test_when_something_is_due_is_told_in_local_time_with_what_is_left() -> None:
    ran = run(
        "law", "due", "gdpr.breach.authority", "--start", "awareness=2026-03-28T10:00+01:00", "--zone", "Europe/Berlin"
    )
    assert ran.code == 0, ran
    assert "2026-03-31T11:00+02:00 (2026-03-31T09:00+00:00)" in ran.out
    assert "late by" in ran.out
    assert "act without delay" in ran.out
    assert UNREVIEWED in " ".join(ran.err.split())
    told = run("law", "due", "gdpr.requests", "--start", "receipt=2198-01-31T10:00+01:00", "--zone", "UTC", "--json")
    assert told.code == 2, "a calendar that nobody has looked at is no calendar"
    days = run("law", "due", "hipaa.access", "--start", "receipt=2026-01-31T09:00-05:00", "--zone", "America/New_York",
               "--extended", "1", "--json").told  # fmt: skip
    assert (days["last_day"], len(days["marks"])) == ("2026-04-01", 3)
    assert days["hours_left"] < 0
    assert (
        "Monday 2026-03-02, the whole day"
        in run(
            "law", "due", "gdpr.requests", "--start", "receipt=2026-01-31T10:00+01:00", "--zone", "Europe/Berlin"
        ).out
    )
    assert run("law", "due", "gdpr.breach.people", "--start", "awareness=2026-03-28T10:00+01:00").out.startswith("now:")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("gdpr.requests", "--start", "awareness=2026-01-31T10:00+01:00"), "begins at receipt"),
        (("gdpr.requests", "--start", "soon=2026-01-31T10:00+01:00"), "No clock begins at soon"),
        (("gdpr.requests", "--start", "receipt=2026-01-31T10:00"), "with its offset"),
        (("gdpr.requests", "--start", "receipt=yesterday"), "with its offset"),
        (("gdpr.requests", "--start", "receipt=2026-01-31T10:00+01:00", "--zone", "Nowhere/Town"), "no time zone"),
        (("gdpr.requests", "--start", "receipt=2026-01-31T10:00+01:00", "--extended", "2"), "does not allow"),
        (("gdpr.requests", "--start", "receipt=2017-01-31T10:00+01:00"), "no clock that binds on 2017-01-31"),
        (("gdpr.requests", "--start", "receipt=2026-01-31T10:00+01:00", "--extended", "-1"), "less than not at all"),
        (("gdpr.requests", "--start", "receipt=2026-01-31T10:00Z", "--start", "receipt=2026-02-01T10:00Z"), "twice"),
        (("gdpr.requests", "--start", "receipt=0001-01-01T00:00+14:00"), "edge of the calendar"),
        (("gdpr.requests", "--start", "receipt=9999-12-31T23:59-12:00"), "edge of the calendar"),
        (("hipaa.documents", "--start", "created=9998-12-31T23:59-12:00"), "edge of the calendar"),
        (("gdpr.nothing", "--start", "receipt=2026-01-31T10:00+01:00"), "no rule called gdpr.nothing"),
    ],
)
def test_what_cant_be_reckoned_says_why(arguments: tuple[str, ...], says: str) -> None:
    ran = run("law", "due", *arguments)
    assert ran.code in {1, 2}
    assert says in " ".join(ran.err.split())


def left(hours: float) -> str:
    """Return what is told of the 72 hours with so many left, half a minute before or after."""
    start = datetime.now(UTC) - timedelta(hours=72 - hours) + timedelta(seconds=30)
    ran = run("law", "due", "gdpr.breach.authority", "--start", f"awareness={start.isoformat()}", "--zone", "UTC")
    assert ran.out.splitlines()[-1] == UNREVIEWED, "a file has it, too"
    return next(line for line in ran.out.splitlines() if line.startswith(("left", "late by")))


def test_what_is_left_is_rounded_down_and_never_told_as_nothing() -> None:
    assert left(29 + 34 / 60) == "left      29 h 34 min"
    assert left(5) == "left      5 h"
    assert left(0) == "left      less than a minute"
    assert left(-11 / 60) == "late by   10 min"
    assert left(-1 / 60) == "late by   less than a minute"
    assert left(-73 - 1 / 60) == "late by   3 days 1 h"


def test_a_program_is_told_how_sure_it_is_and_that_nobody_reviewed_it() -> None:
    for rule, late in (("gdpr.breach.authority", "2026-11-30T16:00:00+00:00"), ("gdpr.breach.people", None)):
        told = run("law", "due", rule, "--start", "awareness=2026-11-27T17:00+01:00", "--zone", "UTC", "--json").told
        assert told["evidence"] == {"confidence": "high", "source": "primary"}
        assert (told["late_at"], told["reviewed"], told["note"]) == (late, None, UNREVIEWED)


FRIDAY = "noticed=2026-11-27T17:00+01:00"


def told_of_a_breach(*arguments: str) -> dict[str, dict[str, Any]]:
    told = run("law", "breach", "--zone", "Europe/Berlin", "--json", *arguments).told
    assert told["note"] == UNREVIEWED
    return {one["rule"]: one for one in told["duties"]}


def test_whom_to_tell_of_a_breach_and_by_when() -> None:
    # Friday 27 November 2026, 17:00 in Berlin. 72 hours: Saturday, Sunday, Monday 30 November, 17:00 (16:00 UTC).
    # 30 days: 3 to 30 November, 27 more to 27 December. 60 days: 4 more to 31 December, 26 more to 26 January.
    ran = run("law", "breach", "--start", FRIDAY, "--zone", "Europe/Berlin", "--people", "600", "--in", "DE=99",
              "--in", "US-CA=501", "--role", "us-covered-entity", "--risk", "high")  # fmt: skip
    assert ran.code == 0, ran
    lines = ran.out.splitlines()
    rows = [line.split() for line in lines[1:]]
    order = [next(word for word in row if ".breach." in word or "breach." in word) for row in rows if "stands" in row]
    assert order == [
        "gdpr.breach.people",
        "gdpr.breach.authority",
        "california-breach.individual",
        "hipaa.breach.hhs-large",
        "hipaa.breach.individual",
        "hipaa.breach.media",
        "california-breach.attorney-general",
    ]
    assert lines[1].startswith("now, without delay")
    assert lines[2].startswith("without delay, at the latest Mon 2026-11-30 17:00")
    assert lines[3].startswith("without delay, at the latest Sun 2026-12-27, the whole day")
    assert lines[5].startswith("without delay, at the latest Tue 2027-01-26, the whole day")
    assert lines[7].startswith("without delay, at the latest 15 days, from individuals-told on")
    assert "does not stand: only for us-business-associate" in ran.out
    assert "Not known: when individuals-told was." in ran.out
    assert "--risk" not in ran.out
    assert lines[-1] == UNREVIEWED
    told = told_of_a_breach("--start", FRIDAY, "--people", "600", "--in", "DE=99", "--in", "US-CA=501", "--role",
                            "us-covered-entity", "--risk", "high")  # fmt: skip
    assert told["gdpr.breach.authority"]["late_at"] == "2026-11-30T16:00:00+00:00"
    assert told["hipaa.breach.individual"]["last_day"] == "2027-01-26"
    assert told["california-breach.individual"]["last_day"] == "2026-12-27"
    assert told["california-breach.attorney-general"]["counts_from"] == "individuals-told"
    assert (told["hipaa.breach.hhs-small"]["stands"], told["hipaa.breach.hhs-small"]["why"]) == (False, ["number"])


def test_what_nobody_said_of_a_breach_may_be() -> None:
    ran = run("law", "breach", "--start", FRIDAY, "--zone", "Europe/Berlin", "--people", "600", "--in", "DE=50")
    for text in ("550 people live (--in)", "how likely harm is", "what you are before the law", "when belief was"):
        assert f"Not known: {text}" in ran.out or text in ran.out
    assert "may stand: it turns on the risk" in ran.out
    sealed = told_of_a_breach("--start", FRIDAY, "--people", "9", "--in", "US-CA=9", "--role", "none", "--sealed")
    assert {one["stands"] for one in sealed.values()} == {False}
    assert sealed["california-breach.individual"]["whether"] == "does not stand: all was sealed"
    late = run("law", "breach", "--start", "awareness=2026-01-01T17:00Z", "--people", "9", "--in", "DE=9",
               "--role", "none", "--risk", "some", "--zone", "UTC")  # fmt: skip
    assert "Sun 2026-01-04 17:00 (late)" in late.out
    assert "the risk is too low" in late.out
    years = told_of_a_breach("--start", "suspicion=2090-01-02T17:00Z", "--people", "9", "--in", "AU=9")
    assert "is known from" in years["australia.breach.assess"]["fault"], "the others are told nevertheless"
    assert "is known from" in run("law", "breach", "--start", "suspicion=2090-01-02T17:00Z", "--people", "9").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--people", "0"), "one person or more"),
        (("--people", "5", "--in", "DE=6"), "More people live in these places"),
        (("--people", "9", "--in", "US=5", "--in", "US-CA=6"), "More people live in the parts of US"),
        (("--people", "5", "--in", "EEA=5"), "a country or a part of one"),
        (("--people", "5", "--in", "EU=5"), "a country or a part of one"),
        (("--people", "5", "--in", "DE=0"), "a country or a part of one"),
        (("--people", "5", "--in", "DE=1", "--in", "DE=2"), "DE is given twice"),
        (("--people", "5", "--role", "king\x1b"), "No law knows the role king"),
        (
            ("--people", "5", "--start", "discovery=2026-11-27T17:00+01:00"),
            "noticed stands for awareness and discovery",
        ),
        (("--people", "5", "--start", FRIDAY), "given twice"),
        (("--people", "5", "--start", "noticed=then"), "with its offset"),
    ],
)
def test_a_breach_that_cant_be_so_says_why(arguments: tuple[str, ...], says: str) -> None:
    ran = run("law", "breach", "--start", FRIDAY, *arguments)
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert "\x1b" not in ran.err


def test_laws_and_rules_are_shown_with_whether_they_bind() -> None:
    assert "General Data Protection Regulation" in run("law", "show").out
    shown = run("law", "show", "gdpr.breach.authority-96")
    assert "does not bind (proposed)" in shown.out
    assert UNREVIEWED in " ".join(shown.err.split())
    told = {one["id"]: one for one in run("law", "show", "gdpr", "--on", "2018-05-24", "--json").told}
    assert not any(one["binds"] for one in told.values())
    assert told["gdpr.requests"]["reviewed"] is None
    assert run("law", "show", "narnia").code == 1
    assert run("law", "check").code == 0
    assert run("law", "check", "--json").told == []


def test_a_rule_is_shown_with_all_that_it_asks() -> None:
    shown = run("law", "show", "hipaa.breach.hhs-large").out
    assert "time: without delay, at the latest 60 days, from discovery on" in shown
    assert "stands only from 500 people\n" in shown
    assert "if all was sealed: no breach under this law" in shown
    assert "only for: us-covered-entity" in shown
    assert "known up to 20" in shown
    assert "complaints go to: " in shown
    assert shown.splitlines()[-1] == UNREVIEWED
    assert "above 500 people in one part of US" in run("law", "show", "hipaa.breach.media").out
    assert "from 1 person in US-CA" in run("law", "show", "california-breach.individual").out
    amend = run("law", "show", "hipaa.amend").out
    assert "more time: once 30 days, counted from the last day; the person is told before, with reasons" in amend
    assert "grounds to refuse:\n    not-made-here: You did not make it" in amend
    assert "must be" not in amend
    assert "age elsewhere: " in run("law", "show", "gdpr.consent.child").out


def test_rules_that_begin_with_the_same_words_are_shown_together() -> None:
    shown = run("law", "show", "hipaa.breach", "--json").told
    assert {one["id"] for one in shown} >= {"hipaa.breach.individual", "hipaa.breach.media"}
    assert all(one["id"].startswith("hipaa.breach.") for one in shown)
    (one,) = run("law", "show", "gdpr.breach.authority", "--json").told
    assert one["in_words"] == {"clock": "without delay, at the latest 72 hours, from awareness on"}
    assert [said["code"] for said in one["content"]] == ["nature", "contact", "consequences", "measures"]
    assert (one["to"], one["kind"], one["since"], one["sealed"]) == (
        ["supervisory-authority"], "breach", "2018-05-25", "weighs",
    )  # fmt: skip
    assert one["read_on"] >= "2026"
    assert "must say:" in one["asks"]
    assert run("law", "show", "gdpr.breac").code == 1


def test_every_rule_can_be_shown() -> None:
    for law in shipped().laws:
        ran = run("law", "show", law.id, "--json")
        assert ran.code == 0
        assert all(one["asks"] for one in ran.told if one["kind"] != "control")


def test_what_changes_between_two_days_is_told_in_plain_words() -> None:
    ran = run("law", "diff", "uk-gdpr", "2026-02-04", "2026-06-19")
    assert ran.code == 0, ran
    assert "2026-02-05  uk-gdpr.access changes" in ran.out
    assert 'what begins the clock: from receipt to "receipt, identity-confirmed, fee-paid"' in ran.out
    assert "what pauses the clock: from nothing to clarification" in ran.out
    assert "2026-06-19  uk-gdpr.complaint.acknowledge begins" in ran.out
    assert "The day it comes in is day one." in ran.out
    assert UNREVIEWED in " ".join(ran.err.split())
    (told,) = run("law", "diff", "gdpr", "2023-12-31", "2024-01-01", "--json").told
    assert told["fields"] == [{"field": "ages.DK", "words": "the age in DK", "from": "13", "to": "15"}]
    assert (told["on"], told["rule"], told["what"]) == ("2024-01-01", "gdpr.consent.child", "changes")
    nothing = run("law", "diff", "gdpr", "2024-01-01", "2024-01-01")
    assert (nothing.code, nothing.out) == (0, "")
    assert "Nothing of gdpr begins, ends or changes" in " ".join(nothing.err.split())
    assert "4 proposals are left out." in " ".join(nothing.err.split()), "the four that the file calls so"


def test_what_changes_of_all_laws_is_told_by_day() -> None:
    told = run("law", "diff", "all", "2023-12-31", "2026-06-19", "--json").told
    assert {"gdpr", "uk-gdpr", "california-breach"} <= {one["law"] for one in told}
    assert [one["on"] for one in told] == sorted(one["on"] for one in told)
    shown = run("law", "diff", "all", "2025-12-31", "2026-01-01")
    assert "2026-01-01  california-breach.individual changes" in shown.out
    assert "the length of the clock: from nothing to 30" in shown.out
    nothing = run("law", "diff", "all", "2024-01-01", "2024-01-01")
    assert (nothing.code, nothing.out) == (0, "")
    assert "Nothing of any law begins" in " ".join(nothing.err.split())
    assert "proposal" not in run("law", "diff", "california-breach", "2024-01-01", "2024-01-01").err


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("narnia", "2026-01-01", "2026-01-02"), "no law called narnia", 1),
        (("gdpr", "2026-01-02", "2026-01-01"), "must come before", 2),
        (("gdpr", "2026-01-02", "soon"), "yyyy-mm-dd", 2),
    ],
)
def test_days_that_cant_be_compared_say_why(arguments: tuple[str, ...], says: str, code: int) -> None:
    ran = run("law", "diff", *arguments)
    assert ran.code == code
    assert says in " ".join(ran.err.split())


OWN = """
id = "own"
name = "Own"
cite = "x"
place = "NZ"
about = "x"
read_on = 2026-01-01
[[applies]]
why = "x"
people = ["NZ"]
[[rule]]
kind = "right"
id = "own.one"
act = "access"
cite = "1"
says = "One."
status = "in-force"
evidence = { confidence = "low", source = "general-knowledge" }
clock = { n = 20, unit = "days", starts = ["receipt"] }
"""


def test_a_hosts_own_law_file_is_checked_beside_the_others(tmp_path: Path) -> None:
    def told(*texts: str | bytes) -> tuple[int, str]:
        files = []
        for number, text in enumerate(texts):
            file = tmp_path / f"{number}.toml"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            files.append(str(file))
        ran = run("law", "check", *files)
        return ran.code, " ".join(ran.err.split())

    assert told(OWN)[0] == 0
    assert "as they should be" in told(OWN)[1]
    code, text = told(OWN.replace("{ n = 20", '{ n = "20"'), OWN.replace('"in-force"', '"scheduled"'), b"\xff")
    assert code == 1
    assert "The law file 0.toml is not as it should be: rule 1, clock, n: it should be a whole number" in text
    assert "own: own.one is scheduled for no day." in text
    assert "The law file 2.toml is no text in UTF-8." in text
    assert told(OWN.replace('id = "own', 'id = "gdpr'))[1].count("gdpr: it stands twice.") == 1
    missing = run("law", "check", str(tmp_path / "none.toml"))
    assert (missing.code, "No such file" in missing.err) == (2, True)


def test_the_example_of_the_reference_is_a_law_file_as_it_should_be(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "law-data.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    file = tmp_path / "example.toml"
    file.write_text(example)
    ran = run("law", "check", str(file))
    assert ran.code == 0, ran
    assert f"{len(shipped().laws) + 1} laws" in " ".join(ran.err.split())
    assert "has the role xx-keeper, which no shipped law knows" in " ".join(ran.err.split())


def test_a_file_cant_steer_the_terminal_and_is_told_all_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    name = 'id = "own\\u001b[2J'
    text = (
        OWN.replace('id = "own', name)
        .replace("{ n = 20", "{ n = -1")
        .replace('people = ["NZ"]', 'people = ["\\u009b"]')
    )
    file.write_text(text.replace('why = "x"', 'why = "x"\nroles = ["\\u001bking"]'))
    ran = run("law", "check", str(file))
    assert ran.code == 1
    assert not set(ran.err) & {"\x1b", "\x9b"}
    assert "no length" in ran.err
    assert "is no place" in ran.err
    assert "the role ?king" in " ".join(ran.err.split())
    assert "\x9b" not in run("law", "check", str(file), "--json").out
    file.write_text("a = " + "[" * 50_000)
    deep = run("law", "check", str(file))
    assert (deep.code, "too deep to read" in " ".join(deep.err.split())) == (1, True)
