"""Argon2id as it is, computed once: what was stretched with the same words, salt and cost is remembered."""

from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_stretched: dict[Any, bytes] = {}


class StretchedOnce:
    """Stands in for `Argon2id`."""

    def __init__(self, **cost: Any) -> None:
        self._cost = cost

    def derive(self, words: bytes) -> bytes:
        about = (words, *sorted(self._cost.items()))
        if about not in _stretched:
            _stretched[about] = Argon2id(**self._cost).derive(words)
        return _stretched[about]
