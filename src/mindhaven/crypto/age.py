"""The age v1 file format with post-quantum recipients: what a person's export and an operator's backup are
sealed in.

Implements age-encryption.org/v1 (C2SP age.md) for one recipient type, `mlkem768x25519`: recipients
`age1pq1...`, identities `AGE-SECRET-KEY-PQ-1...`, HPKE base mode with KEM 0x647a, HKDF-SHA256 and
ChaCha20-Poly1305, and the info string `age-encryption.org/mlkem768x25519`. Interoperates with npm
`age-encryption` 0.3.1 both ways (vectors/age). Guarantees: streams in flat memory, 64 KiB chunks; a chunk is
given out only after it was authenticated; the header, the order of the chunks and the end of the file are
authenticated too. Does not: sign (age says nothing about who wrote a file), read armor, or take passphrases
or other recipients. I/O: reads and writes only the file objects that it is given.
"""

import base64
import binascii
import hmac
import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mindhaven.errors import IntegrityError, InvalidInputError

CHUNK_BYTES: Final = 64 * 1024
"""Plaintext bytes of a chunk, fixed by the format."""

MAX_HEADER_BYTES: Final = 256 * 1024
"""Largest header that is read: some 150 hybrid recipients; the format sets no bound, memory does."""

_VERSION: Final = b"age-encryption.org/v1\n"
_STANZA: Final = "mlkem768x25519"
_INFO: Final = b"age-encryption.org/mlkem768x25519"
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ENC_BYTES: Final = 1120
_RECIPIENT_BYTES: Final = 1216
_MLKEM_PUBLIC_BYTES: Final = 1184
_FILE_KEY_BYTES: Final = 16
_TAG_BYTES: Final = 16
_COLUMNS: Final = 64
_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VISIBLE: Final = re.compile(rb"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


def generate_identity(random: Callable[[int], bytes] = os.urandom) -> str:
    """Return a new secret identity, `AGE-SECRET-KEY-PQ-1...`; `random` gives that many random bytes."""
    return _bech32_encode("age-secret-key-pq-", random(32)).upper()


def recipient_of(identity: str) -> str:
    """Return the public recipient, `age1pq1...`, of `identity`; raise `InvalidInputError`
    (`age-identity`)."""
    ml_kem, x25519 = _private_parts(identity)
    return _bech32_encode("age1pq", ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())


def encrypt(
    source: BinaryIO,
    target: BinaryIO,
    recipients: Sequence[str],
    *,
    random: Callable[[int], bytes] = os.urandom,
) -> None:
    """Write what `source` holds to `target`, sealed so that each of `recipients` can open it.

    Raises `InvalidInputError`: `age-recipient` for one that is not `age1pq1...`, or for none at all.
    """
    if not recipients:
        raise InvalidInputError("A sealed file needs at least one recipient.", code="age-recipient")
    keys = [_public_key(recipient) for recipient in recipients]
    file_key = random(_FILE_KEY_BYTES)
    header = bytearray(_VERSION)
    for key in keys:
        wrapped = _SUITE.encrypt(file_key, key, info=_INFO)
        header += (
            f"-> {_STANZA} ".encode() + _base64(wrapped[:_ENC_BYTES]) + b"\n" + _base64(wrapped[_ENC_BYTES:]) + b"\n"
        )
    header += b"---"
    target.write(bytes(header) + b" " + _base64(_header_mac(file_key, bytes(header))) + b"\n")
    nonce = random(16)
    target.write(nonce)
    for sealed in _seal_chunks(source, ChaCha20Poly1305(_payload_key(file_key, nonce))):
        target.write(sealed)


def decrypt(source: BinaryIO, target: BinaryIO, identity: str) -> None:
    """Write what the age file `source` holds to `target`, opened with `identity`.

    A chunk is written once it is authenticated; a file that is cut short or changed later on raises after
    earlier chunks were written, so a caller that needs all or nothing writes to a file that it then renames.
    Raises `InvalidInputError`: `age-identity`, `age-format` (not an age file), `age-no-match` (sealed to
    others); `IntegrityError`: `age-header` (header changed), `age-payload` (content changed, cut or
    extended).
    """
    ml_kem, x25519 = _private_parts(identity)
    private = MLKEM768X25519PrivateKey(ml_kem, x25519)
    header, stanzas, mac = _read_header(source)
    file_key = _unwrap(stanzas, private)
    if not hmac.compare_digest(_header_mac(file_key, header), mac):
        raise IntegrityError("The header of this sealed file was changed.", code="age-header")
    nonce = source.read(16)
    if len(nonce) != 16:
        raise IntegrityError("This sealed file is cut short.", code="age-payload")
    for opened in _open_chunks(source, ChaCha20Poly1305(_payload_key(file_key, nonce))):
        target.write(opened)


def _seal_chunks(source: BinaryIO, aead: ChaCha20Poly1305) -> Iterator[bytes]:
    counter = 0
    chunk = _read(source, CHUNK_BYTES)
    while True:
        following = _read(source, CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        yield aead.encrypt(_chunk_nonce(counter, last=not following), chunk, None)
        if not following:
            return
        counter, chunk = counter + 1, following


def _open_chunks(source: BinaryIO, aead: ChaCha20Poly1305) -> Iterator[bytes]:
    counter = 0
    sealed = _read(source, CHUNK_BYTES + _TAG_BYTES)
    while True:
        following = _read(source, CHUNK_BYTES + _TAG_BYTES) if len(sealed) == CHUNK_BYTES + _TAG_BYTES else b""
        try:
            opened = aead.decrypt(_chunk_nonce(counter, last=not following), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise IntegrityError("The content of this sealed file was changed or cut.", code="age-payload") from error
        if not opened and counter:
            raise IntegrityError("This sealed file ends in an empty part.", code="age-payload")
        yield opened
        if not following:
            return
        counter, sealed = counter + 1, following


def _read(source: BinaryIO, count: int) -> bytes:
    """Return `count` bytes, fewer only at the end: a raw file may give less at a time."""
    data = source.read(count)
    while 0 < len(data) < count:
        more = source.read(count - len(data))
        if not more:
            break
        data += more
    return data


def _chunk_nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _header_mac(file_key: bytes, header: bytes) -> bytes:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, header, "sha256")


def _payload_key(file_key: bytes, nonce: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=nonce, info=b"payload").derive(file_key)


def _read_header(source: BinaryIO) -> tuple[bytes, list[tuple[list[str], bytes]], bytes]:
    """Return the header up to and with `---`, its stanzas as arguments and body, and the header's MAC."""
    left = MAX_HEADER_BYTES
    header = bytearray()

    def line() -> bytes:
        nonlocal left
        text = source.readline(left)
        left -= len(text)
        if not text.endswith(b"\n"):
            raise _malformed()
        return text[:-1]

    if line() + b"\n" != _VERSION:
        raise _malformed()
    header += _VERSION
    stanzas: list[tuple[list[str], bytes]] = []
    while True:
        first = line()
        if first.startswith(b"--- "):
            mac = _unbase64(first[4:])
            if len(mac) != 32 or not stanzas:
                raise _malformed()
            return bytes(header) + b"---", stanzas, mac
        if not first.startswith(b"-> ") or not _VISIBLE.fullmatch(first[3:]):
            raise _malformed()
        header += first + b"\n"
        body = b""
        while True:
            part = line()
            header += part + b"\n"
            if len(part) > _COLUMNS:
                raise _malformed()
            body += part
            if len(part) < _COLUMNS:
                break
        stanzas.append((first[3:].decode("ascii").split(" "), _unbase64(body)))


def _unwrap(stanzas: list[tuple[list[str], bytes]], private: MLKEM768X25519PrivateKey) -> bytes:
    for arguments, body in stanzas:
        if arguments[0] != _STANZA:
            continue
        if len(arguments) != 2 or len(body) != _FILE_KEY_BYTES + _TAG_BYTES:
            raise _malformed()
        enc = _unbase64(arguments[1].encode("ascii"))
        if len(enc) != _ENC_BYTES:
            raise _malformed()
        try:
            return _SUITE.decrypt(enc + body, private, info=_INFO)
        except (InvalidTag, ValueError):
            continue  # sealed to somebody else
    raise InvalidInputError("This file is not sealed to this identity.", code="age-no-match")


def _private_parts(identity: str) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Return both private keys of an identity: SHAKE256(seed, 96) is the ML-KEM seed, then the X25519
    scalar."""
    try:
        prefix, seed = _bech32_decode(identity.strip())
    except ValueError:
        prefix, seed = "", b""
    if prefix != "age-secret-key-pq-" or len(seed) != 32 or not identity.strip().isupper():
        raise InvalidInputError("This is not an identity of the form AGE-SECRET-KEY-PQ-1...", code="age-identity")
    digest = hashes.Hash(hashes.SHAKE256(96))
    digest.update(seed)
    expanded = digest.finalize()
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def _public_key(recipient: str) -> MLKEM768X25519PublicKey:
    try:
        prefix, raw = _bech32_decode(recipient.strip())
        if prefix != "age1pq" or len(raw) != _RECIPIENT_BYTES or not recipient.strip().islower():
            raise ValueError  # noqa: TRY301 - one refusal for every way of being wrong
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:]),
        )
    except ValueError as error:
        raise InvalidInputError("This is not a recipient of the form age1pq1...", code="age-recipient") from error


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    """Return the bytes of canonical unpadded base64; raise `InvalidInputError` (`age-format`) for any
    other."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed() from error
    if _base64(data) != text:
        raise _malformed()
    return data


def _malformed() -> InvalidInputError:
    return InvalidInputError("This is not an age file that Mindhaven can read.", code="age-format")


def _checksum(values: list[int]) -> int:
    """Return the BCH remainder of BIP 173."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]


def _regroup(values: Sequence[int], wide: int, narrow: int, *, pad: bool) -> list[int]:
    """Return groups of `narrow` bits out of groups of `wide`; without `pad`, left-over bits must be zero and
    few."""
    held, bits, groups = 0, 0, []
    for value in values:
        held, bits = held << wide | value, bits + wide
        while bits >= narrow:
            bits -= narrow
            groups.append(held >> bits & ((1 << narrow) - 1))
        held &= (1 << bits) - 1
    if pad and bits:
        groups.append(held << (narrow - bits) & ((1 << narrow) - 1))
    elif not pad and (bits >= wide or held):
        raise ValueError
    return groups


def _bech32_encode(prefix: str, data: bytes) -> str:
    """Return `data` as Bech32 (BIP 173) without its limit of 90 characters, which age lifts too."""
    values = _regroup(data, 8, 5, pad=True)
    check = _checksum([*_expanded(prefix), *values, *([0] * 6)]) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_ALPHABET[value] for value in values)}"


def _bech32_decode(text: str) -> tuple[str, bytes]:
    """Return the prefix in small letters and the data; raise `ValueError` for anything else than Bech32."""
    if text != text.lower() and text != text.upper():
        raise ValueError
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or not prefix or len(rest) < 6 or not prefix.isascii():
        raise ValueError
    values = [_ALPHABET.index(sign) for sign in rest]
    if _checksum(_expanded(prefix) + values) != 1:
        raise ValueError
    return prefix, bytes(_regroup(values[:-6], 5, 8, pad=False))
