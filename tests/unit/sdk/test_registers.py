"""What changed between two registers, in words that were written by hand."""

import json
from typing import Any

import msgspec
import pytest

from mindhaven.register import policy
from mindhaven.register.model import Facts, entries
from mindhaven.sdk.registers import changes, register_of

FACTS = Facts(name="Lime Street Practice", contact="hello@lime.example")


def register(facts: Facts = FACTS, **changed: Any) -> dict[str, Any]:
    """Return what stands in a policy, with fields of the entry `reminders` changed."""
    made = [msgspec.structs.replace(one, **changed) if one.id == "reminders" else one for one in entries()]
    found = register_of(policy.texts(made, facts))
    assert found is not None
    return found


def test_nothing_changed() -> None:
    assert changes(register(), register()) == []


def test_what_a_host_says_of_itself() -> None:
    after = register(Facts(name="Lime Street Practice", seat="Ireland", roles=("eu-controller",)))
    assert changes(register(), after) == [
        'The host: contact changed from "hello@lime.example" to nothing',
        "The host: roles changed from nothing to eu-controller",
        'The host: seat changed from nothing to "Ireland"',
    ]


def test_fields_of_an_entry() -> None:
    after = register(
        recipients="nobody", special=False, measures=("allow-list", "no-content"), transfers=(), role="processor"
    )
    before = {one.id: one for one in entries()}["reminders"]
    told = [
        f"Reminders: measures changed from {', '.join(sorted(before.measures))} to allow-list, no-content",
        f'Reminders: recipients changed from "{before.recipients}" to "nobody"',
        'Reminders: role changed from "controller" to "processor"',
        "Reminders: special category changed from yes to no",
        "Reminders: transfers changed from region of-the-push-service to push-service tool not-settled to nothing",
    ]
    assert changes(register(), after) == told


def test_categories_and_what_they_cover() -> None:
    address, minutes = {one.id: one for one in entries()}["reminders"].categories
    fuller = msgspec.structs.replace(address, columns={"reminders_device": ("endpoint", "mark", "mood")})
    moods = msgspec.structs.replace(minutes, name={"en": "Moods", "de": "Stimmungen", "es": "\u00c1nimos"})
    assert changes(register(), register(categories=(fuller, moods))) == [
        'Reminders: the category "At which minutes of the day a device is called" is gone',
        'Reminders: the category "Moods" is new',
        'Reminders: "The address of a device at its push service" now covers reminders_device.mood',
        'Reminders: "The address of a device at its push service" no longer covers reminders_device.service',
    ]


def test_entries_that_come_and_go() -> None:
    without = register()
    without["entries"] = [one for one in without["entries"] if one["id"] != "sharing"]
    assert changes(register(), without) == ["Sharing: is gone"]
    assert changes(without, register()) == ["Sharing: is new"]


def test_a_register_of_an_older_server_is_compared_by_what_it_has() -> None:
    older = register()
    for one in older["entries"]:
        for name in ("role", "special", "owner", "vendors", "retention", "derivatives", "measures", "transfers"):
            one.pop(name)
        one.pop("categories")
    told = changes(older, register())
    assert 'Reminders: role changed from nothing to "controller"' in told
    assert "Reminders: special category changed from nothing to yes" in told
    assert "Reminders: keep rules changed from nothing to session" in told
    assert 'Reminders: the category "The address of a device at its push service" is new' in told


@pytest.mark.parametrize(
    "bent",
    [
        "",
        "nonsense",
        "[]",
        "null",
        '{"entries": 7, "controller": [1]}',
        '{"entries": [1, {}, {"id": 3}]}',
        '{"entries": [{"id": "notices", "measures": ' + "[" * 400 + "]" * 400 + "}]}",
        '{"entries": [{"id": "notices", "measures": ' + "[" * 100_000 + "}]}",
        '{"entries": [{"id": "notices", "says": 1, "categories": [{"name": 2, "columns": 3}, {"columns": {"a": 4}}]}]}',
    ],
)
def test_one_that_is_bent_is_read_as_far_as_it_goes(bent: str) -> None:
    found = register_of({"en": "# Policy", "register": bent})
    told = changes(found, register())
    assert "Reminders: is new" in told
    assert json.dumps(told)
