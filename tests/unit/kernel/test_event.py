"""Event types: registration and the round trip through a body."""

from dataclasses import dataclass

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import EVENTS, Event, event, reopen
from mindhaven.protocol import event as wire


@event("unit.thing.done", version=1, keep="access-log", urgent=True)
@dataclass(frozen=True, kw_only=True)
class Done(Event):
    number: int
    names: list[str]
    maybe: bytes | None = None


@event("unit.plain.done", version=2, keep="access-log")
class Plain(Event):
    number: int


def body_of(one: Event) -> bytes:
    return wire.body(
        name=one.NAME, version=one.VERSION, subject=one.subject, seq=0, prev=bytes(32), at=0, fields=one.values()
    )


def test_an_event_is_registered_with_its_traits() -> None:
    assert EVENTS["unit.thing.done", 1] is Done
    assert (Done.NAME, Done.VERSION, Done.KEEP, Done.URGENT) == ("unit.thing.done", 1, "access-log", True)
    assert Done.FIELDS == ("number", "names", "maybe")


def test_the_decorator_makes_a_dataclass_where_there_is_none() -> None:
    assert Plain(subject=bytes(32), number=3).values() == [3]
    with pytest.raises(AttributeError):
        Plain(subject=bytes(32), number=3).number = 4  # type: ignore[misc]


@pytest.mark.parametrize("maybe", [None, b"", b"abc"])
def test_a_body_reopens_as_the_event(maybe: bytes | None) -> None:
    one = Done(subject=b"s" * 32, number=-5, names=["a", "ü"], maybe=maybe)
    assert reopen(body_of(one)) == one


def test_a_body_of_an_unknown_version_reopens_as_none() -> None:
    body = wire.body(name="unit.thing.done", version=9, subject=bytes(32), seq=0, prev=bytes(32), at=0, fields=[])
    assert reopen(body) is None


def test_a_value_that_no_event_may_hold_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        body_of(Done(subject=bytes(32), number=1.5, names=[]))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["unit.thing", "Unit.thing.done", "unit.thing.done.twice", "unit..done", ""])
def test_a_name_must_read_slice_subject_verb(name: str) -> None:
    with pytest.raises(TypeError):
        event(name, version=1, keep="x")(type("Odd", (Event,), {}))


def test_two_types_cannot_share_a_name_and_version() -> None:
    with pytest.raises(TypeError, match="twice"):

        @event("unit.thing.done", version=1, keep="x")
        @dataclass(frozen=True, kw_only=True)
        class Other(Event):
            number: int


def test_a_type_that_is_not_frozen_or_not_keyword_only_is_refused() -> None:
    with pytest.raises(TypeError):

        @event("unit.mixed.done", version=1, keep="x")
        @dataclass(frozen=True)
        class Positional(Event):
            number: int

    with pytest.raises(TypeError):

        @event("unit.other.done", version=1, keep="x")  # type: ignore[arg-type]
        @dataclass(frozen=True, kw_only=True)
        class NoEvent:
            number: int
