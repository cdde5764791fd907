"""What a field of a kind may hold, as data, and the one walk that checks a body against such a table.

Guarantees: a body that passes holds only declared fields, of the declared types and ranges; the error names
the field by its path (`raw.value`, `stages[3].start`) and never quotes what stands in it.
Does not: know any kind; judge meaning (an end before a start is `mindhaven.kinds.record`'s business). No I/O.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mindhaven.errors import InvalidInputError

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

FieldType: TypeAlias = Literal["text", "texts", "number", "integer", "flag", "object", "objects", "codes"]

LINE: Final = 500
"""Longest name, label or heading in characters: several lines on a phone, far above any name met in an
export."""

PROSE: Final = 200_000
"""Longest free text in characters: a 100-page entry; longer texts belong in an attachment."""

LIST: Final = 1_000
"""Most entries of a list in one record: ten times the busiest day found in an export."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a kind's body.

    `type`: `text`; `texts` (a list of them); `number` (finite, integer or decimal); `integer`; `flag` (true
    or false); `object` and `objects` (one, or a list, of `fields`); `codes` (an object of names to integers
    or null, such as the answers of a check-up). `low`, `high` bound a number, both included; `longest` a
    text, in characters; `choices`, if not empty, lists the only texts allowed; `unit` is for people and for
    exports.
    """

    name: str
    type: FieldType
    required: bool = False
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    longest: int = LINE
    choices: tuple[str, ...] = ()
    fields: "tuple[Field, ...]" = ()
    unit: str = ""
    about: str = ""


def check_fields(body: Mapping[str, JsonValue], fields: tuple[Field, ...], path: str = "") -> None:
    """Raise `InvalidInputError` naming the first field of `body` that does not fit the table `fields`."""
    known = {field.name: field for field in fields}
    for name in body:
        if name not in known:
            raise _refusal(f"{path}{name}"[:LINE], "is not a field of this kind", "kind-field-unknown")
    for field in fields:
        where = f"{path}{field.name}"
        if field.name not in body:
            if field.required:
                raise _refusal(where, "is missing", "kind-field-missing")
            continue
        value = body[field.name]
        if value is None and field.nullable:
            continue
        _CHECKS[field.type](value, field, where)


def _refusal(where: str, why: str, code: str) -> InvalidInputError:
    return InvalidInputError(f"The field {where} {why}.", code=code)


def _text(value: JsonValue, field: Field, where: str) -> None:
    if not isinstance(value, str):
        raise _refusal(where, "must be a text", "kind-field-type")
    if len(value) > field.longest:
        raise _refusal(where, f"is longer than {field.longest} characters", "kind-field-length")
    if field.choices and value not in field.choices:
        raise _refusal(where, f"must be one of: {', '.join(field.choices)}", "kind-field-choice")


def _list(value: JsonValue, where: str) -> list[JsonValue]:
    if not isinstance(value, list):
        raise _refusal(where, "must be a list", "kind-field-type")
    if len(value) > LIST:
        raise _refusal(where, f"has more than {LIST} entries", "kind-field-length")
    return value


def _texts(value: JsonValue, field: Field, where: str) -> None:
    for position, entry in enumerate(_list(value, where)):
        _text(entry, field, f"{where}[{position}]")


def _number(value: JsonValue, field: Field, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refusal(where, "must be a number", "kind-field-type")
    _range(value, field, where)


def _integer(value: JsonValue, field: Field, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refusal(where, "must be a whole number", "kind-field-type")
    _range(value, field, where)


def _range(value: float, field: Field, where: str) -> None:
    if field.low is not None and value < field.low:
        raise _refusal(where, f"must be at least {field.low:g}", "kind-field-range")
    if field.high is not None and value > field.high:
        raise _refusal(where, f"must be at most {field.high:g}", "kind-field-range")


def _flag(value: JsonValue, _field: Field, where: str) -> None:
    if not isinstance(value, bool):
        raise _refusal(where, "must be true or false", "kind-field-type")


def _object(value: JsonValue, field: Field, where: str) -> None:
    if not isinstance(value, dict):
        raise _refusal(where, "must be an object", "kind-field-type")
    check_fields(value, field.fields, f"{where}.")


def _objects(value: JsonValue, field: Field, where: str) -> None:
    for position, entry in enumerate(_list(value, where)):
        _object(entry, field, f"{where}[{position}]")


def _codes(value: JsonValue, field: Field, where: str) -> None:
    if not isinstance(value, dict):
        raise _refusal(where, "must be an object of whole numbers", "kind-field-type")
    if len(value) > LIST:
        raise _refusal(where, f"has more than {LIST} entries", "kind-field-length")
    for name, code in value.items():
        if code is not None:
            _integer(code, field, f"{where}.{name[:LINE]}")


_CHECKS: Final[Mapping[FieldType, Callable[[JsonValue, Field, str], None]]] = {
    "text": _text,
    "texts": _texts,
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "object": _object,
    "objects": _objects,
    "codes": _codes,
}
