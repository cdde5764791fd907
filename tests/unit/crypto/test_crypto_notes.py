"""A note's key of small order binds nobody: it is refused whatever the equation says."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mindhaven.crypto.notes import NoteEd25519, verify_note_ed25519
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError

ORDER = 2**252 + 27742317777372353535851937790883648493
NEUTRAL = b"\x01" + bytes(31)


def everything() -> bytes:
    """Return a signature that the neutral key has for every message: R = [s]B."""
    digest = bytearray(hashlib.sha512(bytes(32)).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    known = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    return known + (int.from_bytes(digest, "little") % ORDER).to_bytes(32, "little")


def test_a_key_that_signs_everything_is_refused() -> None:
    for message in (b"one", b"another"):
        Ed25519PublicKey.from_public_bytes(NEUTRAL).verify(everything(), message)  # so the library would take it
        with pytest.raises(IntegrityError) as refused:
            verify_note_ed25519(NEUTRAL, message, everything())
        assert refused.value.reason == "note-signature"


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(IntegrityError):
        verify_note_ed25519(key, b"m", bytes(64))


@pytest.mark.parametrize("signature", [b"", bytes(10), bytes(63), bytes(65), NEUTRAL + bytes(32)])
def test_a_signature_that_is_none_is_refused(signature: bytes) -> None:
    pair = NoteEd25519(Seed(bytes(range(32))))
    verify_note_ed25519(pair.public, b"m", pair.sign(b"m"))
    with pytest.raises(IntegrityError):
        verify_note_ed25519(pair.public, b"m", signature)
