import hashlib
import time

import pytest

from mindhaven.crypto.encoding import decode, hasher, labelled_hash
from mindhaven.errors import InvalidInputError


def shared_references(levels: int, width: int) -> bytes:
    """Lists that name each other by CBOR tags 28 and 29: a few hundred bytes that unfold to width ** levels values."""
    lists = [b"\xd8\x1c\x81\x00"]
    lists += [b"\xd8\x1c\x98" + bytes([width]) + (b"\xd8\x1d" + bytes([level])) * width for level in range(levels)]
    return bytes([0x80 + len(lists)]) + b"".join(lists)


def test_shared_references_are_refused():
    with pytest.raises(InvalidInputError):
        decode(shared_references(1, 30))


def test_shared_references_cost_no_more_than_their_bytes():
    started = time.process_time()
    with pytest.raises(InvalidInputError):
        decode(shared_references(3, 60))
    assert time.process_time() - started < 0.02


def test_a_list_that_holds_itself_is_refused():
    with pytest.raises(InvalidInputError):
        decode(bytes.fromhex("d81c81d81d00"))


@pytest.mark.parametrize("depth", [17, 400, 5000])
def test_any_depth_beyond_sixteen_is_refused(depth):
    with pytest.raises(InvalidInputError):
        decode(b"\x81" * depth + b"\x00")


@pytest.mark.parametrize("encoded", ["c5821b00ffffffffffffff03", "c4821b00ffffffffffffff03", "d81e820100", "d823612a",
                                     "d90100814161", "c06161", "d8256161", "c1fb7e37e43c8800759c"])  # fmt: skip
def test_tags_of_every_kind_are_refused_whatever_they_hold(encoded):
    with pytest.raises(InvalidInputError):
        decode(bytes.fromhex(encoded))


def test_a_string_that_is_shared_costs_its_length_each_time():
    data = b"\x82\xd8\x1c\x58\xc8" + b"s" * 200 + b"\x98\x40" + b"\xd8\x1d\x00" * 64
    with pytest.raises(InvalidInputError) as refused:
        decode(data)
    assert refused.value.reason == "encoding-type"


@pytest.mark.parametrize("given", [None, "80", 3, bytearray(b"\x80"), memoryview(b"\x80"), [b"\x80"]])
def test_what_is_not_a_byte_string_is_refused_by_name(given):
    with pytest.raises(InvalidInputError) as refused:
        decode(given)
    assert refused.value.reason == "encoding-malformed"


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200_000])
def test_hashing_by_the_hundred_gives_the_labelled_hash(size):
    part = b"\x5a" * size
    expected = hashlib.sha256(b"mindhaven/thing/v1\x00" + part).digest()
    assert hasher("thing")(part) == expected
    assert labelled_hash("thing", part) == expected
