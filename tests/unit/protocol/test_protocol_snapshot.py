"""The list of a snapshot where its records fill more than one part: too long to stand in a vector."""

import cbor2
import pytest

from mindhaven.errors import IntegrityError
from mindhaven.protocol import snapshot
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Member, Role, Settings
from mindhaven.protocol.epoch import Epoch
from mindhaven.protocol.snapshot import Live, LiveList, build

ADA = b"a" * 32
STATE = ChainState(b"c" * 32, 9000, b"h" * 32, {ADA: Member(ADA, Role.OWNER, 0, 0)}, Settings(),
                   {1: Epoch(1, 0, b"k" * 32, ADA, {ADA: 1})}, {ADA: 1}, {ADA: 1})  # fmt: skip


def live(count):
    return [Live(n.to_bytes(16, "big"), 1, 1, ADA, n, b"e" * 32, b"s" * 32) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "parts"), [(0, []), (1, [1]), (4096, [4096]), (4097, [4096, 1]), (8192, [4096, 4096])]
)
def test_records_fill_parts_of_4096(count, parts):
    listed, given = build(STATE, {1: [7, 3, 7]}, live(count))
    assert [len(cbor2.loads(part)) for part in given] == parts
    data = listed.encode()
    read = LiveList.decode(data, root=snapshot.root(data))
    assert read == listed
    assert (read.records, read.wraps_at) == (count, {1: (3, 7)})
    assert [one for number, part in enumerate(given) for one in read.part(number, part)] == live(count)


def test_one_is_due_as_often_as_the_specification_says():
    assert snapshot.EVERY_COMMITS == 4096


def test_a_part_in_another_part_s_place_is_refused():
    listed, given = build(STATE, {1: [0]}, live(8192))
    for number, part in ((0, given[1]), (1, given[0])):
        with pytest.raises(IntegrityError) as caught:
            listed.part(number, part)
        assert caught.value.reason == "snapshot-part"


def test_a_full_part_that_is_the_last_but_not_the_only_one_is_no_longer_than_what_is_left():
    listed, given = build(STATE, {1: [0]}, live(4098))
    short = LiveList(listed.state, listed.wraps_at, 4097, listed.parts)
    with pytest.raises(IntegrityError) as caught:
        short.part(1, given[1])
    assert caught.value.reason == "snapshot-part"
