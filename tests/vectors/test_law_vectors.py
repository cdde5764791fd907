"""Every case of vectors/law holds, and everything by which the law files count is held by a case: each number, unit,
operator, start, pause, calendar and day."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from tests.vectors.law_cases import cases, check

from mindhaven.errors import MindhavenError
from mindhaven.law import Book, complaints, shipped
from mindhaven.law.check import clocks, of_law
from mindhaven.law.model import Law

CASES = list(cases())
OF_RULE: dict[str, list[tuple[str, dict[str, Any]]]] = {}
for _, _table, _case in CASES:
    OF_RULE.setdefault(_case.get("rule", ""), []).append((_table, _case))
OTHERS = {
    "unit": ["hours", "days", "months", "years"],
    "op": [">=", ">", "<"],
    "scope": ["all", "one-state", "residents"],
    "counts_from": ["due", "start"],
    "risk": ["any", "unless-unlikely", "likely-high"],
    "sealed": ["exempt", "weighs"],
    "status": ["in-force", "proposed"],
}
"""What else may stand in a field that says how something is counted or whether it counts."""
CALENDARS = ("eu", "us-federal", "us-california", "england-wales", "canada", "australia")
ALIKE = {
    "no-notice": "exempt", "nothing": "weighs", "serious-harm": "likely-high",
    "scheduled": "in-force", "vacated": "proposed", "tolled": "proposed",
}  # fmt: skip
"""Values that differ in what is written, and not in whether somebody must be told or a rule binds."""
SAME = {
    "counts_from": "for days, what is added to the due day and what is added to the start are the same",
    "scope": "only where the people of one State are told apart",
    "roll": "what is counted in working days ends on one",
    "since": "what a court struck down, or what waits for another rule, binds on no day",
}
"""Fields in which another value may change nothing, and why."""


@pytest.mark.parametrize(("law", "table", "case"), CASES, ids=lambda one: one if isinstance(one, str) else None)
def test_the_case_holds(law: str, table: str, case: dict[str, Any]) -> None:
    assert case.get("rule", case.get("law", "")).startswith(law)
    check(shipped(), table, case)


def test_the_files_are_as_they_should_be() -> None:
    assert complaints(shipped()) == []
    assert {law.id for law in shipped().laws} == {law for law, _, _ in CASES}
    assert [law.id for law in shipped().laws if law.reviewed] == [], "who reviewed it is named in the file"


def test_every_number_of_a_rule_has_three_cases_and_one_on_a_boundary() -> None:
    counted = Counter((case["rule"], case.get("field", table)) for _, table, case in CASES if "rule" in case)
    boundary = {(case["rule"], case.get("field", table)) for _, table, case in CASES if case.get("boundary")}
    for rule in shipped().rules():
        numbers = [name for name, clock in clocks(rule) if clock.n is not None]
        numbers += ["look_back"] if getattr(rule, "look_back_years", None) else []
        for name in numbers:
            assert counted[rule.id, name] >= 3, (rule.id, name)
            assert (rule.id, name) in boundary, (rule.id, name)


def changed(made: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield where a rule can be changed, and to what."""
    if path and path[-1] in {"clock", "expires", "refresh"} and made.get("n") is None:
        return  # "without delay" is counted in nothing
    for name, value in made.items():
        here = (*path, name)
        if isinstance(value, dict):
            yield from changed(value, here)
        elif (name in {"n", "times", "look_back_years", "age"} or "ages" in path) and isinstance(value, int):
            yield from ((here, value + 1), (here, value - 1))
        elif name in {"year_end", "counts_start", "roll"}:
            yield here, not value
        elif name in {"starts", "pauses"}:
            yield from ((here, [*value[:at], *value[at + 1 :]]) for at in range(len(value)) if name == "pauses" or at)
            if name == "starts":
                yield here, ["birth" if value[0] != "birth" else "receipt", *value[1:]]
        elif name == "calendar" and value:
            yield from ((here, other) for other in CALENDARS if other != value)
        elif name in {"since", "until"} and value is not None:
            day = date.fromisoformat(value)
            yield from ((here, (day + timedelta(days=more)).isoformat()) for more in (1, -1))
        elif name in OTHERS and value is not None:
            yield from ((here, other) for other in OTHERS[name] if other not in (value, ALIKE.get(value)))


def replaced(law: Law, number: int, path: tuple[str, ...], value: Any) -> Law:
    """Return a law with one field of one rule changed."""
    made = msgspec.to_builtins(law)
    place = made["rule"][number]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return msgspec.convert(made, Law)


def noticed(book: Book, law: Law, rule: str) -> bool:
    """Tell whether a case of that rule breaks, or the law file is refused."""
    bent = Book(tuple(law if one.id == law.id else one for one in book.laws), book.groups)
    if next(of_law(bent, law), None) is not None:
        return True
    for table, case in OF_RULE.get(rule, ()):
        try:
            check(bent, table, case)
        except (AssertionError, MindhavenError):
            return True
    return False


def unheld(book: Book) -> list[str]:
    """Return the changes of a book that no case notices."""
    found = []
    for law in book.laws:
        for number, rule in enumerate(law.rule):
            for path, value in changed(msgspec.to_builtins(rule)):
                if path[-1] == "times" or (path[-1] in SAME and not _matters(rule, path)):
                    continue
                if not noticed(book, replaced(law, number, path, value), rule.id):
                    found.append(f"{rule.id}: {'.'.join(path)} -> {value}")
    return found


def _matters(rule: Any, path: tuple[str, ...]) -> bool:
    if path[-1] == "counts_from":
        return bool(rule.extension.unit != "days")
    if path[-1] == "since":
        return rule.status not in {"vacated", "tolled", "proposed"}
    if path[-1] == "roll":
        return bool(getattr(rule, path[0]).unit != "business-days")
    return bool(rule.threshold.scope != "all")


def test_everything_by_which_the_laws_count_is_held_by_a_case() -> None:
    assert unheld(shipped()) == []


def test_a_rule_without_cases_would_be_named() -> None:
    book = shipped()
    law = next(law for law in book.laws if law.id == "hipaa")
    lone = msgspec.structs.replace(book.versions("hipaa.access")[0], id=f"{law.id}.lone")
    with_lone = Book((msgspec.structs.replace(law, rule=(lone,)),), book.groups)
    assert any(one.startswith(f"{law.id}.lone: clock.n") for one in unheld(with_lone))
