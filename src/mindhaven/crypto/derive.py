"""Derivation: HKDF-SHA256 under labels, keyed hashes, and Argon2id for passphrases.

Implements spec/encoding.md step 9 and spec/slots.md steps 2-4.
Guarantees: two derivations with different labels never give related keys. No I/O.
"""

import hashlib
import hmac
import unicodedata
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mindhaven.crypto.encoding import label, labelled_hash
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import IntegrityError, InvalidInputError

ARGON2_MEMORY_KIB: Final = 64 * 1024
"""64 MiB: what a phone browser can spare; clients refuse less (PROTOCOL section 2)."""
ARGON2_PASSES: Final = 3
ARGON2_LANES: Final = 1
ARGON2_MAX_MEMORY_KIB: Final = 1024 * 1024
"""1 GiB: above it a server could use the parameters to exhaust its clients."""
ARGON2_MAX_PASSES: Final = 64
SERVER_SALT_BYTES: Final = 16

_SHA256: Final = SHA256()


def derive(secret: bytes, kind: str, context: bytes = b"", *, salt: bytes = b"", length: int = 32) -> bytes:
    """Return `length` bytes of HKDF-SHA256(secret, salt, label of `kind` followed by `context`)."""
    return HKDF(_SHA256, length, salt or None, label(kind) + context).derive(secret)


def mac(key: bytes, kind: str, message: bytes) -> bytes:
    """Return HMAC-SHA256 under `key` over the label of `kind` and `message` (32 bytes)."""
    return hmac.digest(key, label(kind) + message, "sha256")


def check_equal(left: bytes, right: bytes, message: str, *, code: str) -> None:
    """Raise `IntegrityError` unless both are the same bytes; takes the same time wherever they differ."""
    if not hmac.compare_digest(left, right):
        raise IntegrityError(message, code=code)


def passphrase_secret(
    passphrase: str, *, name: str, server_salt: bytes, memory_kib: int, passes: int, lanes: int
) -> SlotSecret:
    """Return the slot secret of a passphrase: Argon2id over its NFKC form.

    `name` is the handle as typed or confirmed by the person, so that no server can give everyone one salt.
    Raises `IntegrityError` (argon2-floor) for parameters under the floor and `InvalidInputError` for absurd ones.
    """
    if memory_kib < ARGON2_MEMORY_KIB or passes < ARGON2_PASSES or lanes < ARGON2_LANES:
        raise IntegrityError(
            "The server asks for a weaker passphrase protection than this client accepts.",
            code="argon2-floor",
            hint="Do not type your passphrase at this server again. Tell the people who run it.",
        )
    if memory_kib > ARGON2_MAX_MEMORY_KIB or passes > ARGON2_MAX_PASSES or lanes > 16:
        raise InvalidInputError("The passphrase parameters are out of range.", code="argon2-ceiling")
    if len(server_salt) != SERVER_SALT_BYTES:
        raise InvalidInputError("A server's passphrase salt is exactly 16 bytes.", code="slot-params")
    salt = labelled_hash("pw-salt", name.encode("utf-8"), b"\x00", server_salt)
    words = unicodedata.normalize("NFKC", passphrase).encode("utf-8")
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib)
    return SlotSecret(kdf.derive(words))


def sha256(data: bytes) -> bytes:
    """Return plain SHA-256 (32 bytes), for file integrity where no label belongs."""
    return hashlib.sha256(data).digest()
