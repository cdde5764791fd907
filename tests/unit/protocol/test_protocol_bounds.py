"""Numbers that a page of spec/ gives, and bounds that no vector reaches."""

import pytest

from mindhaven.crypto.encoding import encode
from mindhaven.errors import InvalidInputError
from mindhaven.protocol.archive import RecordType
from mindhaven.protocol.card import answerer


def test_the_records_of_an_archive_are_numbered_as_its_page_has_them() -> None:
    assert {one.name: int(one) for one in RecordType} == {
        "ACCOUNT": 1, "KEYS": 2, "CHAIN": 3, "COLLECTION": 4, "COMMIT": 5, "BLOB": 6, "END": 7,
    }  # fmt: skip


def test_an_answer_is_sealed_to_a_key_that_there_can_be() -> None:
    assert answerer(encode([bytes(32), 1, b"", b""])) == (bytes(32), 1)
    for wrong in (0, -1, True, "1"):
        with pytest.raises(InvalidInputError) as refused:
            answerer(encode([bytes(32), wrong, b"", b""]))
        assert refused.value.reason == "shape"
