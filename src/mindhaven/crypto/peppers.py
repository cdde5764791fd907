"""Salts at rest: encrypted under a pepper, so that backups forget with it. Implements PROTOCOL section 7's storage.

Guarantees: one cipher call per commit, one row per salt: erasing one row erases one salt. A salt's integrity comes
from the chain, which names its hash. Does not: hold keys. No I/O.
"""

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from mindhaven.crypto.encoding import encode, labelled_hash
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import InvalidInputError

SALT_BYTES: Final = 32
_BLOCKS_PER_SALT: Final = 2


class Pepper(SealKey):
    """What the salts of one collection are encrypted under."""

    __slots__ = ()


def mask_salts(pepper: Pepper, commit: bytes, salts: bytes, *, first: int = 0) -> bytes:
    """Encrypt or decrypt the salts of one commit, 32 bytes each, from number `first` on (AES-256-CTR).

    The stream is bound to the pepper and to the commit's hash, which no other commit has.
    """
    if len(salts) % SALT_BYTES:
        raise InvalidInputError("Salts are 32 bytes each.", code="salt-length")
    nonce = labelled_hash("salt-mask", commit)[:12] + (first * _BLOCKS_PER_SALT).to_bytes(4, "big")
    return Cipher(AES256(pepper), CTR(nonce)).encryptor().update(salts)


def wrap_pepper(salt_key: SealKey, collection: bytes, number: int, pepper: Pepper) -> bytes:
    """Return a pepper sealed under the salt key."""
    return seal_box(salt_key, "pepper", encode([collection, number]), pepper)


def unwrap_pepper(salt_key: SealKey, collection: bytes, number: int, box: bytes) -> Pepper:
    """Return the pepper that `wrap_pepper` sealed."""
    return Pepper(open_box(salt_key, "pepper", encode([collection, number]), box))
