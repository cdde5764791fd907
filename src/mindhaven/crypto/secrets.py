"""Distinct types for secret bytes, which never show themselves.

Guarantees: `repr`, `str` and formatting of a secret say its type and nothing else, so that a log line, a traceback
or a test failure can't carry one. Does not: wipe memory, which Python can't promise. No I/O.
"""

import os
from typing import Self

from mindhaven.errors import InvalidInputError


class Secret(bytes):
    """Secret bytes whose text forms hide them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, hidden>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)


class Secret32(Secret):
    """A secret of exactly 32 bytes; any other length raises `InvalidInputError`."""

    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:  # noqa: D102
        if len(value) != 32:
            raise InvalidInputError(f"A {cls.__name__} is exactly 32 bytes.", code="secret-length")
        return super().__new__(cls, value)

    @classmethod
    def fresh(cls) -> Self:
        """Return a new one from the operating system's generator."""
        return cls(os.urandom(32))


class RootKey(Secret32):
    """The root of an account: seeds its authority keys and seals its bundle. Never kept on a device."""

    __slots__ = ()


class SlotSecret(Secret32):
    """What a way in yields: Argon2id output, a recovery key, a passkey's derived secret."""

    __slots__ = ()


class Seed(Secret32):
    """The seed of one key pair (X-Wing, Ed25519 or ML-DSA-65)."""

    __slots__ = ()


class EpochKey(Secret32):
    """The key of one epoch of a collection."""

    __slots__ = ()


class FileKey(Secret32):
    """The key of one attachment, kept inside its sealed item."""

    __slots__ = ()


class SealKey(Secret32):
    """A key of one purpose derived for `seal`: bundle, local store, consent, archive."""

    __slots__ = ()
