"""The fuzz finds what is planted: another exception, a hang, a balloon, a second encoding, an error without a code."""

import random
import time

import pytest
from tests.fuzz import run
from tests.fuzz.mutate import any_of, cbor
from tests.fuzz.run import Found, Target, fuzz

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import InvalidInputError, MindhavenError

SEED = encode([1, b"x" * 40, ["text", None], encode([1, 2, 3])])


def tried(take, *, seconds=0.5, corpus=(SEED,)):
    return fuzz(Target("planted", take, corpus, any_of), seed=1, seconds=seconds, most=2000)


def careless(data):
    value = decode(data)
    if isinstance(value, list) and len(value) > 2 and isinstance(value[2], list):
        len(value[2][0])  # a number there has no length


def sloppy(data):
    value = decode(data)
    return encode(sorted(value, key=repr)) if isinstance(value, list) else data


def slow(_data):
    time.sleep(5)


def nameless(data):
    raise MindhavenError("A sentence.")


@pytest.mark.parametrize(
    ("take", "fault"),
    [(careless, "TypeError"), (sloppy, "encodes to something else"), (nameless, "without a stable code")],
)
def test_what_is_planted_is_found(take, fault):
    assert any(fault in what for what in tried(take).faults)


def test_a_hang_is_found(monkeypatch):
    monkeypatch.setattr(run, "HANG_SECONDS", 0.05)
    assert list(tried(slow, seconds=0.01).faults) == ["takes more than 0 s"]


def test_a_balloon_is_found(monkeypatch):
    monkeypatch.setattr(run, "HANG_SECONDS", 60.0)  # filling the memory takes as long as it takes
    monkeypatch.setattr(run, "BALLOON_KIB", 100 * 1024)
    kept = []
    found = Found("planted")
    run.one(Target("planted", lambda _: kept.append(bytearray(b"x") * (run.greatest_kib() * 1024 + 2**28)), (), any_of),
            b"", found)  # fmt: skip
    assert list(found.faults) == ["balloons"]


def test_a_good_decoder_has_no_faults_and_is_met_on_both_sides():
    found = tried(lambda data: encode(decode(data)))
    assert not found.faults
    assert found.taken > 50
    assert sum(found.codes.values()) > 50


def test_a_seed_fixes_the_inputs():
    def inputs(seed):
        met = []
        fuzz(Target("t", met.append, (SEED,), any_of), seed=seed, seconds=5, most=200)
        return met

    assert inputs(1) == inputs(1) != inputs(2)


def test_changes_reach_values_inside_byte_strings():
    dice = random.Random(1)
    inner = {
        bytes(value[3])
        for _ in range(400)
        if (changed := cbor(SEED, dice)) and (value := _list(changed)) and len(value) == 4
    }
    assert any(one != encode([1, 2, 3]) and _list(one) is not None for one in inner)


def _list(data):
    try:
        value = decode(data)
    except InvalidInputError:
        return None
    return value if isinstance(value, list) and (len(value) != 4 or isinstance(value[3], bytes)) else None
