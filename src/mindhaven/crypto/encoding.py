"""Deterministic CBOR and labelled hashes: the one encoding of everything that is signed, sealed or hashed.

Implements spec/encoding.md, steps 1-9.
Guarantees: `decode` accepts exactly the bytes that `encode` would produce, so one value has one encoding.
Does not: interpret what it decodes; shapes are checked by `mindhaven.protocol`. No I/O.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import cbor2

from mindhaven.errors import InvalidInputError

Value: TypeAlias = int | bytes | str | bool | None | Sequence["Value"]

MAX_DEPTH: Final = 16
"""Nesting that a decoder accepts: the deepest format (a `members` change in a commit) needs 7."""

MAX_ENCODED_BYTES: Final = 64 * 1024 * 1024
"""The largest single value that a decoder reads: four times the largest push body."""

_COPY_BYTES: Final = 64 * 1024
"""Up to here one call over a copy is faster than two calls."""
_MAX_INT: Final = 2**63 - 1


def encode(value: Value) -> bytes:
    """Return the one encoding of `value`: nested lists of integers, byte strings, texts, booleans and null."""
    _check((value,), -1, [MAX_ENCODED_BYTES], "encoding-too-large")
    try:
        encoded = cbor2.dumps(value)
    except UnicodeEncodeError as error:  # half a surrogate pair has no UTF-8
        raise _foreign_type() from error
    if len(encoded) > MAX_ENCODED_BYTES:
        raise _too_large()
    return encoded


def encode_trusted(value: Any) -> bytes:
    """Return the encoding of a value whose types the caller fixed itself; skips the walk of `encode`."""
    return cbor2.dumps(value)


def decode(data: bytes) -> Any:
    """Return the value that `data` encodes; raise `InvalidInputError` unless it is the one encoding of it."""
    if type(data) is not bytes:
        raise InvalidInputError("This is not a byte string.", code="encoding-malformed")
    if len(data) > MAX_ENCODED_BYTES:
        raise _too_large()
    try:
        value = cbor2.loads(data)
        _check((value,), -1, [len(data) + 1], "encoding-type")
        again = cbor2.dumps(value)
    except InvalidInputError:
        raise
    except Exception as error:
        raise InvalidInputError("These bytes are not deterministic CBOR.", code="encoding-malformed") from error
    if again != data:
        raise InvalidInputError("These bytes are not the one encoding of their value.", code="encoding-not-canonical")
    return value


@lru_cache(maxsize=256)
def label(kind: str) -> bytes:
    """Return the domain-separation label of `kind`: `mindhaven/<kind>/v1` followed by one zero byte."""
    return b"mindhaven/" + kind.encode("ascii") + b"/v1\x00"


def labelled_hash(kind: str, *parts: bytes) -> bytes:
    """Return SHA-256 over the label of `kind` and `parts`, in order (32 bytes)."""
    digest = hashlib.sha256(label(kind))
    for part in parts:
        digest.update(part)
    return digest.digest()


def hasher(kind: str) -> Callable[[bytes], bytes]:
    """Return the function that gives `labelled_hash(kind, part)`: for what is hashed by the hundred."""
    start = label(kind)
    new = hashlib.sha256

    def hashed(part: bytes) -> bytes:
        if len(part) > _COPY_BYTES:
            return labelled_hash(kind, part)
        return new(start + part).digest()

    return hashed


def _too_large() -> InvalidInputError:
    return InvalidInputError("This value is larger than any that the format allows.", code="encoding-too-large")


def _foreign_type() -> InvalidInputError:
    return InvalidInputError(
        "This value holds a type that the format does not allow (only numbers, bytes, texts, booleans, null, lists).",
        code="encoding-type",
    )


def _check(values: Sequence[Any], depth: int, budget: list[int], over: str) -> None:
    """Check types and bounds of the entries of one list; leaves here, since a call for each would cost the most.

    `budget` is what is left of the bytes that the whole value can have come from. Every entry takes at least one byte
    and every string its own length, so a value that spends more was not written out: shared references and string
    references, which a decoder follows, would make it grow without end. `over` is the code for a value that does.
    """
    if depth >= MAX_DEPTH:
        raise InvalidInputError("This value is nested too deeply.", code="encoding-too-deep")
    spent = 1
    for value in values:
        kind = type(value)
        if kind is bytes or kind is str:
            spent += 1 + len(value)
        elif kind is int:
            spent += 1
            if not -_MAX_INT <= value <= _MAX_INT:
                raise InvalidInputError("A number in this value does not fit 64 bits.", code="encoding-number-range")
        elif kind is list or kind is tuple:
            if value or depth + 1 >= MAX_DEPTH:
                _check(value, depth + 1, budget, over)
            else:
                spent += 1
        elif kind is bool or value is None:
            spent += 1
        else:
            raise _foreign_type()
        if spent > budget[0]:
            if over == "encoding-too-large":
                raise _too_large()
            raise InvalidInputError("This value is larger than the bytes that it came from.", code=over)
    budget[0] -= spent
