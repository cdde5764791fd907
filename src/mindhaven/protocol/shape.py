"""Strict shapes: how decoded CBOR becomes typed values, field by field. Implements spec/encoding.md step 6.

Guarantees: a value of another type or length raises `InvalidInputError` naming the field. No I/O.
"""

from typing import Any, Final

from mindhaven.errors import InvalidInputError

MAX_NUMBER: Final = 2**53 - 1
"""The largest number that a browser holds exactly, too."""


def fields(value: Any, count: int, what: str) -> list[Any]:
    """Return `value` if it is a list of exactly `count` fields."""
    if not isinstance(value, list) or len(value) != count:
        raise InvalidInputError(f"{what} has the wrong number of fields.", code="shape")
    return value


def items(value: Any, what: str, *, most: int) -> list[Any]:
    """Return `value` if it is a list of at most `most` entries."""
    if not isinstance(value, list) or len(value) > most:
        raise InvalidInputError(f"{what} is not a list of at most {most} entries.", code="shape")
    return value


def raw(value: Any, what: str, *, length: int | None = None, most: int | None = None) -> bytes:
    """Return `value` if it is a byte string of exactly `length`, or at most `most`, bytes."""
    if type(value) is not bytes or (length is not None and len(value) != length):
        raise InvalidInputError(f"{what} has the wrong type or length.", code="shape")
    if most is not None and len(value) > most:
        raise InvalidInputError(f"{what} is longer than {most} bytes.", code="shape")
    return value


def number(value: Any, what: str, *, least: int = 0, most: int = MAX_NUMBER) -> int:
    """Return `value` if it is an integer from `least` to `most` (0 to 2^53 - 1); a boolean is not a number."""
    if type(value) is not int or not least <= value <= most:
        raise InvalidInputError(f"{what} is not a number in its range.", code="shape")
    return value


def text(value: Any, what: str, *, most: int = 200) -> str:
    """Return `value` if it is a text of at most `most` characters."""
    if type(value) is not str or len(value) > most:
        raise InvalidInputError(f"{what} is not a text of at most {most} characters.", code="shape")
    return value
