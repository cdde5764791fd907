"""Sealing: AES-256-GCM with one key per message and a commitment, and STREAM for attachments.

Implements spec/envelope.md steps 3-7, spec/attachment.md and spec/slots.md step 9.
Guarantees: the commitment is compared before anything is decrypted, so no ciphertext opens under two keys;
key and nonce are derived from a fresh 32-byte salt, so no nonce is ever counted or repeated. No I/O.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindhaven.crypto.derive import check_equal, derive
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import FileKey, SealKey
from mindhaven.errors import IntegrityError, InvalidInputError

SALT_BYTES: Final = 32
COMMITMENT_BYTES: Final = 32
TAG_BYTES: Final = 16
_OKM_BYTES: Final = 32 + 12 + COMMITMENT_BYTES

CHUNK_BYTES: Final = 64 * 1024
"""Plaintext per STREAM chunk: larger ones gain nothing (measured), smaller ones cost a call each."""
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
MAX_CHUNKS: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """What `seal` gives: the commitment (32 bytes) and the ciphertext (plaintext + 16 bytes)."""

    commitment: bytes
    ciphertext: bytes


def seal(key: bytes, kind: str, salt: bytes, context: bytes, plaintext: bytes) -> Sealed:
    """Seal `plaintext` under the key derived from (`key`, `salt`, `kind`, `context`); `context` is also the AAD.

    `salt` must be 32 fresh random bytes at each call.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidInputError("A salt is exactly 32 bytes.", code="salt-length")
    okm = derive(key, kind, context, salt=salt, length=_OKM_BYTES)
    return Sealed(okm[44:], AESGCM(okm[:32]).encrypt(okm[32:44], plaintext, context))


def open_sealed(key: bytes, kind: str, salt: bytes, context: bytes, sealed: Sealed) -> bytes:
    """Return the plaintext; raise `IntegrityError` (commitment-mismatch, seal-does-not-open) otherwise."""
    if len(salt) != SALT_BYTES:
        raise InvalidInputError("A salt is exactly 32 bytes.", code="salt-length")
    okm = derive(key, kind, context, salt=salt, length=_OKM_BYTES)
    check_equal(
        okm[44:],
        sealed.commitment,
        "These sealed bytes belong to another key or place.",
        code="commitment-mismatch",
    )
    try:
        return AESGCM(okm[:32]).decrypt(okm[32:44], sealed.ciphertext, context)
    except (InvalidTag, ValueError) as error:
        raise IntegrityError("These sealed bytes were changed.", code="seal-does-not-open") from error


def seal_box(key: bytes, kind: str, context: bytes, plaintext: bytes) -> bytes:
    """Return a self-contained box, CBOR [salt, commitment, ciphertext], with a fresh salt."""
    salt = os.urandom(SALT_BYTES)
    sealed = seal(key, kind, salt, context, plaintext)
    return encode([salt, sealed.commitment, sealed.ciphertext])


def open_box(key: bytes, kind: str, context: bytes, box: bytes) -> bytes:
    """Return what `seal_box` sealed under the same key, kind and context; raise as `open_sealed` does."""
    parts = decode(box)
    if not (isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, bytes) for part in parts)):
        raise InvalidInputError("A sealed box has the wrong shape.", code="box-shape")
    salt, commitment, ciphertext = parts
    return open_sealed(key, kind, salt, context, Sealed(commitment, ciphertext))


def fresh_seal_key() -> SealKey:
    """Return a new random key for boxes."""
    return SealKey.fresh()


def _chunk_nonce(index: int, *, last: bool) -> bytes:
    if index > MAX_CHUNKS:
        raise InvalidInputError("This attachment is larger than its format allows.", code="stream-too-long")
    return bytes(7) + index.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def seal_stream(key: FileKey, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Seal an attachment: `chunks` are exactly 64 KiB each but for the last; yields sealed chunks (+16 bytes).

    The key must seal one file only. An empty iterable gives one sealed empty chunk.
    """
    cipher = AESGCM(key)
    held: bytes | None = None
    index = 0
    for chunk in chunks:
        if held is not None:
            if len(held) != CHUNK_BYTES:
                raise InvalidInputError("Only the last chunk of an attachment may be short.", code="stream-chunk")
            yield cipher.encrypt(_chunk_nonce(index, last=False), held, None)
            index += 1
        held = chunk
    yield cipher.encrypt(_chunk_nonce(index, last=True), held or b"", None)


class StreamOpener:
    """Opens sealed chunks one by one, in order; the last one only when `finish` says that it is the last."""

    __slots__ = ("_cipher", "_held", "_index")

    def __init__(self, key: FileKey) -> None:
        self._cipher = AESGCM(key)
        self._held: bytes | None = None
        self._index = 0

    def feed(self, chunk: bytes) -> bytes:
        """Return the plaintext of the chunk before this one (empty for the first); raise `IntegrityError` otherwise."""
        held, self._held = self._held, chunk
        if held is None:
            return b""
        opened = _open_chunk(self._cipher, self._index, held, last=False)
        self._index += 1
        return opened

    def finish(self) -> bytes:
        """Return the plaintext of the last chunk; raise `IntegrityError` (stream-changed) if it is not the last."""
        if self._held is None:
            raise IntegrityError("An attachment is missing its last part.", code="stream-changed")
        return _open_chunk(self._cipher, self._index, self._held, last=True)


def open_stream(key: FileKey, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Open sealed chunks in order; raise `IntegrityError` (stream-changed) if one was changed, moved, cut or added."""
    opener = StreamOpener(key)
    for number, chunk in enumerate(chunks):
        opened = opener.feed(chunk)
        if number:
            yield opened
    yield opener.finish()


def _open_chunk(cipher: AESGCM, index: int, chunk: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_chunk_nonce(index, last=last), chunk, None)
    except (InvalidTag, ValueError) as error:
        raise IntegrityError(
            "An attachment was changed, cut short or put together wrongly.", code="stream-changed"
        ) from error
