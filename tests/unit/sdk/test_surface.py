"""`Mindhaven` and `AsyncMindhaven` are one surface: the same names, arguments and answers, with and without `await`."""

import collections.abc
import inspect
import typing
from typing import Any

import pytest

from mindhaven.sdk import AsyncMindhaven, Mindhaven

SYNC_NAMES = {
    collections.abc.AsyncIterator: collections.abc.Iterator,
    collections.abc.AsyncGenerator: collections.abc.Generator,
}
"""What stands in the blocking client's answers for what only a loop can give."""


def public(cls: type) -> dict[str, Any]:
    return {
        name: inspect.getattr_static(cls, name)
        for name in dir(cls)
        if not name.startswith("_") and name not in vars(object)
    }


def call(attribute: Any) -> Any:
    if isinstance(attribute, property):
        return attribute.fget
    return attribute.__func__ if isinstance(attribute, classmethod) else attribute


def arguments(attribute: Any) -> list[tuple[str, Any, Any, Any]]:
    """Return name, way of passing, default and type of each argument."""
    function = call(attribute)
    types = typing.get_type_hints(function)
    return [
        (one.name, one.kind, one.default, types.get(one.name))
        for one in inspect.signature(function).parameters.values()
    ]


def answer(attribute: Any) -> Any:
    found = typing.get_type_hints(call(attribute)).get("return")
    origin = SYNC_NAMES.get(typing.get_origin(found))  # type: ignore[arg-type]
    if origin is collections.abc.Generator:  # has a third type, of what it returns
        return origin[typing.get_args(found)[0], None, None]
    return found if origin is None else origin[typing.get_args(found)]  # type: ignore[index]


def differences(asynchronous: type, blocking: type) -> list[str]:
    theirs, ours = public(asynchronous), public(blocking)
    found = [f"only one has {name}" for name in sorted(theirs.keys() ^ ours.keys())]
    for name in sorted(theirs.keys() & ours.keys()):
        one, other = theirs[name], ours[name]
        if type(one) is not type(other):
            found.append(f"{name} is a {type(one).__name__} and a {type(other).__name__}")
            continue
        if arguments(one) != arguments(other):
            found.append(f"{name} takes other arguments")
        if answer(one) != answer(other):
            found.append(f"{name} gives another answer")
        if inspect.iscoroutinefunction(call(other)):
            found.append(f"{name} of the blocking client needs await")
    return found


def test_both_clients_have_the_same_surface() -> None:
    assert differences(AsyncMindhaven, Mindhaven) == []
    assert len(public(Mindhaven)) > 40


class _Async:
    async def more(self, who: str) -> int: ...
    async def other(self, who: str, *, late: bool = False) -> int: ...
    async def gives(self) -> list[int]: ...
    def parts(self) -> collections.abc.AsyncIterator[bytes]: ...


class _Plain:
    def other(self, who: str, *, late: bool = True) -> int: ...
    def gives(self) -> list[str]: ...
    def parts(self) -> collections.abc.Iterator[bytes]: ...
    async def extra(self) -> None: ...


@pytest.mark.parametrize("told", ["only one has more", "only one has extra", "other takes", "gives gives another"])
def test_a_drift_is_found(told: str) -> None:
    found = differences(_Async, _Plain)
    assert len(found) == 4
    assert [one for one in found if one.startswith(told)]
