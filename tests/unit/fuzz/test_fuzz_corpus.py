"""What the guided fuzzing kept is played again: no input of it is a fault, and every decoder has some."""

import pytest
from tests.fuzz.guided import CORPUS, MOST_KEPT, MOST_KEPT_BYTES, folder_of, kept, steps
from tests.fuzz.run import Found, Target, one
from tests.fuzz.targets import all_targets

from mindhaven.crypto.encoding import decode

TARGETS = [target for target in all_targets(vectors=False) if not target.files]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name.replace(" ", "-"))
def test_what_was_kept_is_taken_or_refused_by_name(target: Target) -> None:
    inputs = kept(target.name)
    assert 0 < len(inputs) <= MOST_KEPT
    assert sum(map(len, inputs)) <= MOST_KEPT_BYTES
    found = Found(target.name)
    for data in inputs:
        one(target, data, found)
    assert found.inputs == len(inputs)
    assert found.faults == {}


def test_nothing_is_kept_of_what_is_no_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == {folder_of(target.name).name for target in TARGETS}


def test_another_path_through_a_decoder_is_another_set_of_steps() -> None:
    assert steps(decode, b"\x81\x00") == steps(decode, b"\x81\x00") != steps(decode, b"\x81\xa0")
    assert steps(len, b"") == set()
