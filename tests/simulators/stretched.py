"""Argon2id in tests: as it is, computed once; or a quick stand-in, where no passphrase is what is tested."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_stretched: dict[Any, bytes] = {}
FLOOR = {"iterations": 3, "lanes": 1, "memory_cost": 64 * 1024}
"""What PROTOCOL section 2 says clients stretch with, at the least."""


class StretchedOnce:
    """Stands in for `Argon2id`: what was stretched with the same words, salt and cost is remembered."""

    def __init__(self, **cost: Any) -> None:
        self._cost = cost

    def derive(self, words: bytes) -> bytes:
        about = (words, *sorted(self._cost.items()))
        if about not in _stretched:
            _stretched[about] = Argon2id(**self._cost).derive(words)
        return _stretched[about]


class Unstretched:
    """Stands in for `Argon2id` where people only sign up to do something else: other words, salt or cost, other bytes.

    The cost must be the real one, and is not paid: a sign-up pays it three times, half a second in all. What Argon2id
    gives is compared in tests/vectors; passphrases are played in full in tests/attacks, tests/cli and tests/journey.
    """

    def __init__(self, **cost: Any) -> None:
        assert all(cost[name] >= least for name, least in FLOOR.items()), cost
        self._cost = cost

    def derive(self, words: bytes) -> bytes:
        about = hashlib.blake2b(repr(sorted(self._cost.items())).encode()).digest()
        return hashlib.blake2b(words, key=about, digest_size=int(self._cost["length"])).digest()
