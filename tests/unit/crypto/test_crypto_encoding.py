import time

import pytest

from mindhaven.crypto.encoding import decode
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
