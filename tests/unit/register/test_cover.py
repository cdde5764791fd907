"""Minimisation: every field that the code has of people belongs to one entry, and every named field is there."""

import ast
from pathlib import Path

import msgspec
import pytest

from mindhaven.kernel import EVENTS, Event, Holding
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.protocol.event import HOST
from mindhaven.register import cover
from mindhaven.register.model import Entry, entries
from mindhaven.server.slices import SLICES

SOURCE = Path(__file__).resolve().parents[3] / "src/mindhaven"
HELD = [*HOLDINGS, *(holding for one in SLICES for holding in one.holdings)]
TOLD = [one for one in EVENTS.values() if one.__module__.startswith("mindhaven.")]
SENT = [one.sends for one in SLICES]
CODE = cover.of_code(HELD, TOLD, SENT)


class Stray(Event):
    """An event that nobody declared in an entry."""

    NAME = "test.thing.happened"
    FIELDS = ("mood", "where")


class Fuller(Event):
    """A declared event with one field more than its entry names."""

    NAME = "reminders.device.started"
    FIELDS = ("session", "reason")


def test_every_field_of_the_code_belongs_to_one_entry_and_every_named_one_is_there() -> None:
    assert cover.uncovered(entries(), CODE) == []
    assert cover.unused(entries(), CODE) == []
    assert cover.doubled(entries()) == []
    assert cover.misplaced(entries(), HELD) == []
    assert "column reminders_device.endpoint" in CODE.names()
    assert "event consent.record.given.recipient" in CODE.names()
    assert "sent reminders.url" in CODE.names()
    assert len(CODE.names()) > 250


def test_a_stray_field_is_found_by_name() -> None:
    planted = Holding(
        table="reminders_device", person="uid", columns={"mood": "reminders"}, why="A test.", keep="session"
    )
    columns = cover.of_code([*HELD, planted], TOLD, SENT)
    assert cover.uncovered(entries(), columns) == ["column reminders_device.mood belongs to no entry"]
    events = cover.of_code(HELD, [*TOLD, Stray, Fuller], SENT)
    assert cover.uncovered(entries(), events) == [
        "event reminders.device.started.reason belongs to no entry",
        "event test.thing.happened belongs to no entry",
        "event test.thing.happened.mood belongs to no entry",
        "event test.thing.happened.where belongs to no entry",
    ]
    sent = cover.of_code(HELD, TOLD, [*SENT, {"survey": ("url", "x-mood")}])
    assert cover.uncovered(entries(), sent) == [
        "sent survey.url belongs to no entry",
        "sent survey.x-mood belongs to no entry",
    ]


def planted(id_: str, **changes: dict[str, tuple[str, ...]]) -> list[Entry]:
    """Return the entries, the first category of one changed."""
    made = []
    for one in entries():
        if one.id == id_:
            first, *rest = one.categories
            one = msgspec.structs.replace(one, categories=(msgspec.structs.replace(first, **changes), *rest))
        made.append(one)
    return made


def test_a_declared_field_that_nothing_uses_is_found_by_name() -> None:
    (first, *_) = next(one for one in entries() if one.id == "reminders").categories
    changed = planted("reminders", columns={**first.columns, "mood": ("note",)})
    assert cover.unused(changed, CODE) == ["column mood.note is named by reminders and not there"]
    changed = planted("reminders", events={"reminders.device.rang": ("hour",)})
    assert cover.unused(changed, CODE) == [
        "event reminders.device.rang is named by reminders and not there",
        "event reminders.device.rang.hour is named by reminders and not there",
    ]
    changed = planted("reminders", outbound={"reminders": (*first.outbound["reminders"], "body")})
    assert cover.unused(changed, CODE) == ["sent reminders.body is named by reminders and not there"]


def test_a_field_in_two_entries_or_in_another_than_its_holding_says_is_found_by_name() -> None:
    changed = planted("notices", columns={"outbox": ("body",), "reminders_device": ("endpoint",)})
    assert cover.doubled(changed) == ["column reminders_device.endpoint is named 2 times"]
    assert cover.misplaced(changed, HELD) == [
        "column reminders_device.endpoint is named by notices, and its holding says reminders"
    ]


def test_an_entry_names_each_keep_rule_of_what_it_is_about() -> None:
    for one in entries():
        assert set(one.retention) == cover.keeps(one, HELD, TOLD), one.id


def subjects() -> dict[str, list[str]]:
    """Return by class of event how the source names whom it is about, each time that one is made."""
    found: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                found.setdefault(f"{path.relative_to(SOURCE).parts[0]}.{name}", []).extend(
                    ast.unparse(one.value) for one in node.keywords if one.arg == "subject"
                )
    return found


def test_an_event_that_is_left_out_is_of_the_host_wherever_it_is_made() -> None:
    made, left_out = subjects(), {one.NAME: one for one in TOLD if one.NAME in cover.OF_NO_PERSON}
    assert set(left_out) == cover.OF_NO_PERSON
    assert bytes(32) == HOST
    for name, one in left_out.items():
        told = made[f"{one.__module__.split('.')[1]}.{one.__name__}"]
        assert told, name
        assert set(told) <= {"HOST", "bytes(32)"}, (name, told)


@pytest.mark.parametrize("path", ["reminders/jobs.py", "ledger/witnessing.py"])
def test_every_file_that_calls_out_is_of_a_slice_that_says_what_it_sends(path: str) -> None:
    calls = sorted(
        str(one.relative_to(SOURCE)) for one in SOURCE.rglob("*.py") if "outbound.send(" in one.read_text("utf-8")
    )
    assert path in calls
    assert calls == ["ledger/witnessing.py", "reminders/jobs.py"]
    assert {one.name for one in SLICES if one.sends} == {"ledger", "reminders"}
    assert all(set(one.calls) <= set(one.sends) for one in SLICES)
