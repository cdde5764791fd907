"""A record: what one sealed item says once it is opened, and the one encoding of its body.

Guarantees: `encode_body` gives one text per body (RFC 8785: keys sorted by UTF-16, no spaces, UTF-8, numbers
as ECMAScript writes them), so a browser and this library write the same bytes; `check` names the field that
is wrong and quotes nothing that a person wrote.
Does not: seal, store, or know the clock. Reads the system's time-zone data for IANA names.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from json.encoder import encode_basestring
from typing import Any, Final
from zoneinfo import ZoneInfo

from mindhaven.errors import InvalidInputError
from mindhaven.kinds.catalogue import EARLIEST_MS, LATEST_MS, kind_named
from mindhaven.kinds.fields import JsonValue, check_fields

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Largest encoded body: twice what four full free-text fields of four-byte characters need; files are
attachments."""

MAX_BODY_DEPTH: Final = 16
"""Nesting that a body may have: known kinds need 3; the bound keeps every reader's stack flat."""

_MAX_SAFE: Final = 2**53 - 1
_KIND_NAME: Final = re.compile(r"(?:[a-z0-9-]+\.)*[a-z0-9-]+/[a-z0-9][a-z0-9._-]*")
_OFFSET: Final = re.compile(r"([+-])((?:0[0-9]|1[0-4])):([0-5][0-9])")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record.

    `kind`: `mindhaven/mood`, or an app's own `org.example/x`; `version`: of that kind's schema; `created_at`:
    the moment the record is about, unix milliseconds UTC; `zone`: where the person was then, an IANA name
    (`Europe/Berlin`) or a fixed offset (`+02:00`).
    """

    kind: str
    version: int
    created_at: int
    zone: str
    body: Mapping[str, JsonValue]

    def local_time(self) -> datetime:
        """Return the moment on the person's own clock; raise `InvalidInputError` (`zone-unknown`)."""
        return (_EPOCH + timedelta(milliseconds=self.created_at)).astimezone(zone_named(self.zone))

    def local_day(self) -> date:
        """Return the day on the person's own calendar; raise `InvalidInputError` (`zone-unknown`)."""
        return self.local_time().date()

    def month(self) -> int:
        """Return the month that its epoch is about: year * 100 + month of the local day, 0 for timeless
        kinds."""
        kind = kind_named(self.kind)
        if kind is not None and kind.timeless:
            return 0
        day = self.local_day()
        return day.year * 100 + day.month


def zone_named(zone: str) -> tzinfo:
    """Return the time zone for an IANA name or `+hh:mm`; raise `InvalidInputError` with code
    `zone-unknown`."""
    if zone in {"UTC", "Z"}:
        return UTC
    if fixed := _OFFSET.fullmatch(zone):
        minutes = int(fixed[2]) * 60 + int(fixed[3])
        return timezone(timedelta(minutes=-minutes if fixed[1] == "-" else minutes))
    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:  # "no such zone" is a KeyError here
        raise _zone_unknown() from error


def check(record: Record) -> None:
    """Raise `InvalidInputError` naming the field of `record` that does not fit; an unknown kind has only its
    shape checked.

    A newer version of a known kind than this library knows passes with its shape checked, so that an old
    client carries what a new one wrote.
    """
    name: object = record.kind  # as read from an opened item, where the types promise nothing yet
    if not isinstance(name, str) or len(name) > 200 or not _KIND_NAME.fullmatch(name):
        raise InvalidInputError(
            "The field kind must look like org.example/name, in small letters.", code="record-kind-name"
        )
    if type(record.version) is not int or not 1 <= record.version <= 65_535:
        raise InvalidInputError("The field version must be a whole number from 1 on.", code="record-version")
    if type(record.created_at) is not int or not EARLIEST_MS <= record.created_at <= LATEST_MS:
        raise InvalidInputError(
            "The field created_at must be unix milliseconds of a year from 1900 to 2199.", code="record-moment"
        )
    zone: object = record.zone
    if not isinstance(zone, str):
        raise _zone_unknown()
    zone_named(zone)
    kind = kind_named(record.kind)
    if kind is None:
        if record.kind.startswith("mindhaven/"):
            raise InvalidInputError(
                "The field kind names no kind that Mindhaven has; an app's own kinds start with its domain.",
                code="record-kind-reserved",
            )
    elif record.version == kind.version:
        check_fields(record.body, kind.fields)
        _check_order(record.body)
    encode_body(record.body)


def _check_order(body: Mapping[str, JsonValue]) -> None:
    start, end = body.get("start"), body.get("end")
    if isinstance(start, int) and isinstance(end, int) and end < start:
        raise InvalidInputError("The field end lies before start.", code="kind-field-order")


def encode_body(body: Mapping[str, JsonValue]) -> bytes:
    """Return the canonical JSON of `body`; raise `InvalidInputError` for a value that JSON cannot carry
    exactly."""
    parts: list[str] = []
    _write(dict(body), parts, 0)
    try:
        data = "".join(parts).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInputError("A text in this record holds half a character.", code="body-text") from error
    if len(data) > MAX_BODY_BYTES:
        raise InvalidInputError("This record is too large.", code="body-too-large", hint="Attach a file.")
    return data


def decode_body(data: bytes) -> dict[str, JsonValue]:
    """Return the body that `data` holds (any JSON object in UTF-8); raise `InvalidInputError` for anything
    else."""
    if len(data) > MAX_BODY_BYTES:
        raise InvalidInputError("This record is too large.", code="body-too-large")
    try:
        body = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_twice, parse_constant=_no_constant, parse_int=_whole
        )
    except InvalidInputError:
        raise
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidInputError("These bytes are not JSON.", code="body-malformed") from error
    if not isinstance(body, dict):
        raise InvalidInputError("A record's body must be a JSON object.", code="body-malformed")
    encode_body(body)
    return body


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidInputError("A name stands twice in one object.", code="body-malformed")
    return found


def _whole(text: str) -> int | float:
    """Return the number as a browser holds it: exact up to 53 bits, beyond that only what a float holds exactly."""
    value = int(text)
    if -_MAX_SAFE <= value <= _MAX_SAFE:
        return value
    held = float(value)
    if int(held) != value:
        raise InvalidInputError("A whole number in this record is beyond 53 bits.", code="body-number")
    return held


def _no_constant(_name: str) -> None:
    raise InvalidInputError("A record holds finite numbers only.", code="body-number")


def _write(value: Any, parts: list[str], depth: int) -> None:
    kind = type(value)
    if kind is str:
        parts.append(encode_basestring(value))
    elif value is None:
        parts.append("null")
    elif kind is bool:
        parts.append("true" if value else "false")
    elif kind is int:
        if not -_MAX_SAFE <= value <= _MAX_SAFE:
            raise InvalidInputError("A whole number in this record is beyond 53 bits.", code="body-number")
        parts.append(str(value))
    elif kind is float:
        parts.append(_float(value))
    elif kind is dict or kind is list or kind is tuple:
        if depth >= MAX_BODY_DEPTH:
            raise InvalidInputError("This record is nested too deeply.", code="body-too-deep")
        if kind is dict:
            _write_object(value, parts, depth)
        else:
            _write_list(value, parts, depth)
    else:
        raise InvalidInputError("This record holds a value that JSON has no form for.", code="body-type")


def _write_object(value: dict[Any, Any], parts: list[str], depth: int) -> None:
    opening = "{"
    for name in _sorted_names(value):
        parts += (opening, encode_basestring(name), ":")
        _write(value[name], parts, depth + 1)
        opening = ","
    parts.append("{}" if opening == "{" else "}")


def _write_list(value: list[Any] | tuple[Any, ...], parts: list[str], depth: int) -> None:
    opening = "["
    for entry in value:
        parts.append(opening)
        _write(entry, parts, depth + 1)
        opening = ","
    parts.append("[]" if opening == "[" else "]")


def _sorted_names(value: dict[Any, Any]) -> list[str]:
    ascii_only = True
    for name in value:
        if type(name) is not str:
            raise InvalidInputError("A name in this record is not a text.", code="body-type")
        ascii_only = ascii_only and name.isascii()
    if ascii_only:
        return sorted(value)
    return sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise InvalidInputError("A record holds finite numbers only.", code="body-number")
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    if power >= -6:  # ECMAScript writes 0.00001 where Python writes 1e-05
        sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
        zeros = "0" * (-power - 1)
        return f"{mantissa}e+{power}" if power > 0 else f"{sign}0.{zeros}{digits.replace('.', '')}"
    return f"{mantissa}e{power}"


def _zone_unknown() -> InvalidInputError:
    return InvalidInputError(
        "The field zone names no time zone that this machine knows.",
        code="zone-unknown",
        hint='Use an IANA name such as "Europe/Berlin", or an offset such as "+02:00".',
    )
