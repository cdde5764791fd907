"""Wrapping to a person: HPKE base mode, X-Wing (0x647a), HKDF-SHA256, AES-256-GCM.

Implements spec/epoch.md steps 3-5 and spec/slots.md steps 6-7.
Guarantees: a wrap opens only for its recipient and only with the very context it was made for.
Does not: authenticate its sender; a signature over the wrap does. No I/O.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from mindhaven.crypto.encoding import Value, encode
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError

PUBLIC_KEY_BYTES: Final = 1216
ENC_BYTES: Final = 1120
SUITE: Final = 1
_MLKEM_PUBLIC_BYTES: Final = 1184
_MLKEM_SEED_BYTES: Final = 64

_HPKE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class UnwrapKey:
    """The private half of an X-Wing pair, built from its 32-byte seed. `public` is 1216 bytes."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: Seed) -> None:
        expanded = shake_256(seed).digest(_MLKEM_SEED_BYTES + 32)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self._key = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def unwrap(self, wrapped: "Wrapped", info: bytes) -> bytes:
        """Return what was wrapped to this key under `info`; raise `IntegrityError` (wrap-does-not-open) otherwise."""
        try:
            return _HPKE.decrypt(wrapped.enc + wrapped.ciphertext, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise IntegrityError("A wrapped key does not open with this key.", code="wrap-does-not-open") from error

    def __repr__(self) -> str:
        return "<UnwrapKey, hidden>"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One HPKE message: the encapsulated key (1120 bytes) and the ciphertext (plaintext + 16 bytes)."""

    enc: bytes
    ciphertext: bytes

    def __post_init__(self) -> None:
        if len(self.enc) != ENC_BYTES:
            raise InvalidInputError("An encapsulated key is exactly 1120 bytes.", code="wrap-length")


@lru_cache(maxsize=512)
def _public(raw: bytes) -> MLKEM768X25519PublicKey:
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES])
        return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:]))
    except ValueError as error:
        raise InvalidInputError("A public wrapping key is malformed.", code="key-malformed") from error


def wrap(recipient: bytes, secret: bytes, info: bytes) -> Wrapped:
    """Return `secret` wrapped to the X-Wing key `recipient` (1216 bytes) under `info`; random at each call."""
    if len(recipient) != PUBLIC_KEY_BYTES:
        raise InvalidInputError("A public wrapping key is exactly 1216 bytes.", code="key-length")
    try:
        sealed = _HPKE.encrypt(secret, _public(recipient), info)
    except ValueError as error:
        raise InvalidInputError("A public wrapping key is malformed.", code="key-malformed") from error
    return Wrapped(sealed[:ENC_BYTES], sealed[ENC_BYTES:])


def wrap_info(kind: str, sender: bytes, recipient: bytes, recipient_key: Value, context: list[Value]) -> bytes:
    """Return the HPKE info of a wrap: CBOR [label, suite, sender uid, recipient uid, key or slot id, context...]."""
    return encode([f"mindhaven/{kind}/v1", SUITE, sender, recipient, recipient_key, *context])
