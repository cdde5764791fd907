"""Rate limits, in time that the test moves."""

import os

import pytest

from mindhaven.errors import NotFoundError
from mindhaven.kernel.limits import Limit, Limits


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills() -> None:
    time = Time()
    limits = Limits({"x": Limit(burst=2, per_minute=6)}, os.urandom, monotonic=time)
    assert [limits.wait("x", b"a") for _ in range(2)] == [0.0, 0.0]
    assert limits.wait("x", b"a") == pytest.approx(10.0)
    assert limits.wait("x", b"b") == 0.0
    time.now = 10.1
    assert limits.wait("x", b"a") == 0.0
    assert limits.wait("x", b"a") > 0
    time.now = 1000.0
    assert [limits.wait("x", b"a") == 0.0 for _ in range(3)] == [True, True, False]


def test_memory_is_bounded_and_keeps_no_address() -> None:
    limits = Limits({"x": Limit(burst=1, per_minute=1)}, os.urandom, monotonic=Time(), keys_most=100)
    for number in range(1000):
        limits.wait("x", b"192.0.2.%d" % number)
    assert len(limits) == 100
    assert not any(b"192.0" in key for buckets in limits._buckets.values() for key in buckets)
    with pytest.raises(NotFoundError):
        limits.wait("y", b"a")


def test_a_flood_at_one_door_gives_nobody_new_tries_at_another() -> None:
    names = {name: Limit(burst=1, per_minute=0.001) for name in ("door", "keys")}
    limits = Limits(names, os.urandom, monotonic=Time(), keys_most=100)
    assert limits.wait("keys", b"ana") == 0.0
    for number in range(1000):
        limits.wait("door", b"%d" % number)
    assert limits.wait("keys", b"ana") > 0
