"""Changing inputs: bytes as bytes, and values as trees (CBOR and JSON), so that what lies behind the shape is met too.

Pure: everything comes from the dice that are given.
"""

import base64
import binascii
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import cbor2

BYTES = (
    0,
    1,
    0x17,
    0x18,
    0x1B,
    0x3B,
    0x40,
    0x5F,
    0x60,
    0x7F,
    0x80,
    0x9F,
    0xA0,
    0xBF,
    0xC0,
    0xD8,
    0xF6,
    0xF7,
    0xF9,
    0xFF,
)
NUMBERS = (0, 1, 2, 3, 6, 7, 24, 255, 256, 1000, 1001, 65536, 2**31, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64,
           2**200, -1, -2, -(2**63), 202609, 202613, 999999, 10_000_001)  # fmt: skip
TEXTS = (
    "",
    "\x00",
    "a" * 300,
    "ä\u202e",
    "\ud7ff",
    "mindhaven/mood",
    "9" * 400,
    "1e999",
    "-",
    "[",
    "�",
    "Europe/Berlin",
    "٣",
)
DEEPEST = 40


def changed(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Return `data` with one to four changes of its bytes; `others` are spliced in."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 4))):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(9):
            case 0 if at < len(out):
                out[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(out):
                out[at] = dice.choice(BYTES)
            case 2:
                out[at:at] = bytes(dice.choice(BYTES) for _ in range(dice.choice((1, 1, 2, 8))))
            case 3:
                del out[at : at + dice.choice((1, 1, 2, 8, 64))]
            case 4:
                del out[at:]
            case 5:
                out += out[at : at + 64] * dice.choice((1, 2, 30))
            case 6 if others:
                other = dice.choice(others)
                out[at:] = other[dice.randrange(len(other) + 1) :]
            case 7:
                part = out[at : at + dice.choice((1, 4, 32))]
                out[at:at] = part
            case _:
                out[at : at + 8] = dice.choice(NUMBERS).to_bytes(26, "big", signed=True)[-dice.choice((1, 2, 4, 8)) :]
    return bytes(out)


def tree(value: Any, dice: random.Random, *, leaf: Callable[[random.Random], Any]) -> Any:
    """Return `value` with one node changed; nested lists, dicts, numbers, bytes and texts."""
    nodes = [node for node in _paths(value, ()) if len(node) < DEEPEST]
    path = dice.choice(nodes)
    return _replace(value, path, dice, leaf)


def _paths(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, list):
        for index, one in enumerate(value[:200]):
            found += _paths(one, (*path, index))
    elif isinstance(value, dict):
        for key, one in value.items():
            found += _paths(one, (*path, key))
    return found


def _replace(value: Any, path: tuple[Any, ...], dice: random.Random, leaf: Callable[[random.Random], Any]) -> Any:
    if path:
        copy = list(value) if isinstance(value, list) else dict(value)
        copy[path[0]] = _replace(value[path[0]], path[1:], dice, leaf)
        return copy
    return _other(value, dice, leaf)


def _other(value: Any, dice: random.Random, leaf: Callable[[random.Random], Any]) -> Any:
    if dice.random() < 0.25:
        return leaf(dice)
    if isinstance(value, list) and value:
        copy, at = list(value), dice.randrange(len(value))
        match dice.randrange(5):
            case 0:
                del copy[at]
            case 1:
                copy.insert(at, copy[at])
            case 2:
                copy.insert(at, leaf(dice))
            case 3:
                dice.shuffle(copy)
            case _:
                copy = copy * dice.choice((2, 20))
        return copy
    if isinstance(value, dict) and value:
        copied, key = dict(value), dice.choice(list(value))
        if dice.random() < 0.5:
            del copied[key]
        else:
            copied[dice.choice(TEXTS)] = leaf(dice)
        return copied
    if isinstance(value, bytes):
        return _inner(value, dice)
    if isinstance(value, bool) or value is None:
        return leaf(dice)
    if isinstance(value, int):
        return dice.choice((value + 1, value - 1, -value, dice.choice(NUMBERS)))
    if isinstance(value, str):
        return _inner_text(value, dice)
    return leaf(dice)


def _inner(value: bytes, dice: random.Random) -> bytes:
    """Change a byte string: if it is CBOR itself, half the time inside."""
    if dice.random() < 0.5:
        again = cbor(value, dice)
        if again is not None:
            return again
    if not value or dice.random() < 0.3:
        return bytes(dice.choice((0, 1, 15, 16, 31, 33, 64, 1119, 1121, 5000)))
    return changed(value, dice, ())


def _inner_text(value: str, dice: random.Random) -> str:
    """Change a text: if it is base64 of something, half the time that."""
    if len(value) >= 20 and dice.random() < 0.5:
        try:
            return base64.b64encode(_inner(base64.b64decode(value, validate=True), dice)).decode()
        except (ValueError, binascii.Error):
            pass
    if dice.random() < 0.5:
        return dice.choice(TEXTS)
    return changed(value.encode(), dice, ()).decode("utf-8", "replace")


def _cbor_leaf(dice: random.Random) -> Any:
    return dice.choice((None, True, False, [], [[]], b"", bytes(32), *NUMBERS, *TEXTS, 1.5, {}, {1: 2}, [b""] * 300))


def _json_leaf(dice: random.Random) -> Any:
    return dice.choice((None, True, False, [], [[]], {}, {"a": 1}, *NUMBERS, *TEXTS, 1.5, -0.0, [None] * 300))


def cbor(data: bytes, dice: random.Random) -> bytes | None:
    """Return `data`, which is CBOR of a list, with one node changed, encoded anew; None if it is not."""
    if len(data) < 2 or not 0x80 <= data[0] <= 0x9F:
        return None
    try:
        value = cbor2.loads(data)
        for _ in range(dice.choice((1, 1, 2))):
            value = tree(value, dice, leaf=_cbor_leaf)
        return cbor2.dumps(value)
    except Exception:  # whatever it was, it was no list of CBOR
        return None


def json_text(data: bytes, dice: random.Random) -> bytes | None:
    """Return `data`, which is JSON, with one node changed; None if it is not."""
    try:
        value = json.loads(data)
        for _ in range(dice.choice((1, 1, 2))):
            value = tree(value, dice, leaf=_json_leaf)
        return json.dumps(value).encode()
    except (ValueError, RecursionError):
        return None


def any_of(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Return `data` changed in whatever way fits it."""
    rolled = dice.random()
    if rolled < 0.5:
        again = cbor(data, dice) or (json_text(data, dice) if data[:1] in {b"{", b"["} else None)
        if again is not None:
            return changed(again, dice, others) if rolled < 0.05 else again
    return changed(data, dice, others)
