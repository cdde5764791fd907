"""Server-side secrets: field encryption, key wrapping and blind indexes. Implements spec/fields.md.

Guarantees: AES-256-GCM with a fresh 96-bit nonce in front; a value opens only for the table, column and row that it
was sealed for. A blind index is HMAC-SHA-256 over a labelled column and value: equal values meet, nothing else shows.
Does not: hide lengths, or which rows hold equal indexed values. No I/O; the caller gives the nonce.
"""

import hashlib
import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindhaven.crypto.encoding import encode_trusted, label, labelled_hash
from mindhaven.errors import IntegrityError, InvalidInputError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


def seal_field(key: bytes, plain: bytes, *, nonce: bytes, table: str, column: str, row: bytes) -> bytes:
    """Return nonce, ciphertext and tag of `plain`, bound to its place. `key` 32 bytes, `nonce` 12 fresh bytes."""
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise InvalidInputError("A field key has 32 bytes and its nonce 12.", code="field-key")
    return nonce + AESGCM(key).encrypt(nonce, plain, _place("field", table, column, row))


def open_field(key: bytes, sealed: bytes, *, table: str, column: str, row: bytes) -> bytes:
    """Return the plain bytes; raise `IntegrityError` if they were changed or moved, or the key is another."""
    return _open(key, sealed, _place("field", table, column, row))


def wrap_key(master: bytes, key: bytes, *, nonce: bytes, purpose: str, number: int) -> bytes:
    """Return `key` wrapped under `master`, bound to its purpose and number."""
    if len(master) != KEY_BYTES or len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise InvalidInputError("Keys have 32 bytes and nonces 12.", code="field-key")
    return nonce + AESGCM(master).encrypt(nonce, key, _place("data-key", purpose, "", number.to_bytes(8, "big")))


def unwrap_key(master: bytes, wrapped: bytes, *, purpose: str, number: int) -> bytes:
    """Return the wrapped key; raise `IntegrityError` if `master` is another or the bytes were changed."""
    return _open(master, wrapped, _place("data-key", purpose, "", number.to_bytes(8, "big")))


def blind_index(key: bytes, value: bytes, *, table: str, column: str) -> bytes:
    """Return the 32-byte keyed hash by which rows with this value are found."""
    return hmac.new(key, _place("blind-index", table, column, b"") + value, hashlib.sha256).digest()


def keyed_hash(key: bytes, value: bytes) -> bytes:
    """Return the 32-byte keyed hash of a value that is never stored as such (an address prefix, a limit's key)."""
    return hmac.new(key, label("keyed-hash") + value, hashlib.sha256).digest()


def key_check(master: bytes) -> bytes:
    """Return 32 bytes that tell two master keys apart and give neither away."""
    return labelled_hash("master-key-check", master)


def _place(kind: str, table: str, column: str, row: bytes) -> bytes:
    return label(kind) + encode_trusted([table, column, row])


def _open(key: bytes, sealed: bytes, place: bytes) -> bytes:
    if len(key) != KEY_BYTES or len(sealed) < NONCE_BYTES + _TAG_BYTES:
        raise IntegrityError("A sealed field is too short, or its key is not one.", code="field-shape")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except InvalidTag as error:
        raise IntegrityError(
            "A sealed field does not open: it was changed or moved, or the master key is another.", code="field-tag"
        ) from error
