"""Signatures of signed notes: Ed25519 and ML-DSA-44 over the message as it is, as C2SP fixes it.

Guarantees: a key of one algorithm never verifies as another; verification raises. The messages carry their own domain
separation (`tlog/note.py`, `tlog/cosignature.py`), so nothing of ours that is labelled can be mistaken for one.
No I/O.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from mindhaven.crypto.secrets import Seed
from mindhaven.crypto.sign import is_small_order
from mindhaven.errors import IntegrityError

ED25519_KEY_BYTES: Final = 32
MLDSA44_KEY_BYTES: Final = 1312


class NoteEd25519:
    """The Ed25519 pair of a log or a witness, from a 32-byte seed."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: Seed) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message` (64 bytes)."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return "<NoteEd25519, hidden>"


class NoteMldsa44:
    """The ML-DSA-44 pair of a log or a witness, from a 32-byte seed."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: Seed) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message` (2420 bytes), context empty."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return "<NoteMldsa44, hidden>"


def _small_first_half(signature: bytes) -> bool:
    half = signature[:ED25519_KEY_BYTES]
    return len(half) == ED25519_KEY_BYTES and is_small_order(half)  # what is shorter is refused by the library


def verify_note_ed25519(key: bytes, message: bytes, signature: bytes) -> None:
    """Raise `IntegrityError` (note-signature) unless `signature` is `key`'s over `message`."""
    if len(key) != ED25519_KEY_BYTES or is_small_order(key) or _small_first_half(signature):
        raise IntegrityError("A signature on a note does not verify.", code="note-signature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError("A signature on a note does not verify.", code="note-signature") from error


def verify_note_mldsa44(key: bytes, message: bytes, signature: bytes) -> None:
    """Raise `IntegrityError` (note-signature) unless `signature` is `key`'s over `message`."""
    try:
        MLDSA44PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError("A signature on a note does not verify.", code="note-signature") from error
