"""The law by the command line: what binds, when something is due, and that no lawyer has read it."""

import pytest
from tests.cli.conftest import run

from mindhaven.law import UNREVIEWED


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
        (("gdpr.nothing", "--start", "receipt=2026-01-31T10:00+01:00"), "no rule called gdpr.nothing"),
    ],
)
def test_what_cant_be_reckoned_says_why(arguments: tuple[str, ...], says: str) -> None:
    ran = run("law", "due", *arguments)
    assert ran.code in {1, 2}
    assert says in " ".join(ran.err.split())


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
