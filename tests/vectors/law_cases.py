"""Checks one case of vectors/law against a book of laws; raises AssertionError with the case's own reason."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from mindhaven.law import Book, Breach, Incident, Paused, Right, binds, due, judge, look_back
from mindhaven.law.model import AnyRule, Clock, Consent, Extension

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "law"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the file's stem, the table and the case."""
    for path in sorted(FOLDER.glob("*.toml")):
        for table, found in tomllib.loads(path.read_text("utf-8")).items():
            for case in found:
                yield path.stem, table, case


def _version(book: Book, case: dict[str, Any], on: date) -> AnyRule:
    day = date.fromisoformat(case["on"]) if "on" in case else on
    found = book.versions(case["rule"])
    return next((rule for rule in found if binds(rule, day)), found[0])


def check(book: Book, table: str, case: dict[str, Any]) -> None:
    """Raise AssertionError unless the book says what the case expects."""
    reason = case["reason"]
    match table:
        case "clock":
            _clock(book, case)
        case "binds":
            on = date.fromisoformat(case["on"])
            assert (book.rule(case["rule"], on) is not None) is case["binds"], reason
        case "breach":
            rule = cast("Breach", _version(book, case, NOW.date()))
            incident = Incident(
                affected=case["affected"],
                one_state=case.get("one_state", case["affected"]),
                residents=case.get("residents", case["affected"]),
                risk=case["risk"],
                sealed=case["sealed"],
            )
            assert (judge(rule, incident, case.get("roles")) == "stands") is case["stands"], reason
        case "look_back":
            on = date.fromisoformat(case["on"])
            years = cast("Right", _version(book, case, on)).look_back_years
            assert years is not None, reason
            assert look_back(years, on) == date.fromisoformat(case["reaches"]), reason
        case "age":
            rule_of = cast("Consent", _version(book, case, NOW.date()))
            assert rule_of.ages.get(case.get("place", ""), rule_of.age) == case["age"], reason
        case "applies":
            people = None if case.get("unknown") else case["people"]
            found = book.applying(roles=case["roles"], record=case["class"], people=people)
            assert (case["law"] in {law.id for law in found}) is case["applies"], reason
        case _:
            raise AssertionError(f"no such table: {table}")


def _clock(book: Book, case: dict[str, Any]) -> None:
    happened = {name: datetime.fromisoformat(text) for name, text in case["happened"].items()}
    zone, reason = ZoneInfo(case["zone"]), case["reason"]
    rule: Any = _version(book, case, next(iter(happened.values())).astimezone(zone).date())
    clock = cast("Clock", getattr(rule, case.get("field", "clock")))
    extension = cast("Extension | None", getattr(rule, "extension", None))
    paused = [
        Paused(kind=one["kind"], since=datetime.fromisoformat(one["start"]), until=datetime.fromisoformat(one["end"]))
        for one in case.get("paused", ())
    ]

    paused = [
        Paused(kind=one["kind"], since=datetime.fromisoformat(one["start"]), until=datetime.fromisoformat(one["end"]))
        for one in case.get("paused", ())
    ]

    def last(times: int) -> Any:
        return due(clock, happened, zone, now=NOW, paused=paused, extension=extension, times=times)

    found = last(0)
    assert found is not None, reason
    if "at" in case:
        assert (found.last_day, found.late_at) == (None, datetime.fromisoformat(case["at"])), reason
        return
    assert found.last_day == date.fromisoformat(case["last_day"]), (reason, found.last_day)
    if "extended" in case:
        assert last(1).last_day == date.fromisoformat(case["extended"]), (reason, last(1).last_day)
