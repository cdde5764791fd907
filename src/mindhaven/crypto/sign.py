"""Signatures: Ed25519 alone, or Ed25519 and ML-DSA-65 together, always under the label of one type.

Implements spec/encoding.md steps 10-13.
Guarantees: a signature of one type never verifies as another, and where two are demanded both must verify.
Verification raises; it never returns a boolean. No I/O.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from mindhaven.crypto.encoding import label
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError

ED25519_KEY_BYTES: Final = 32
ED25519_SIGNATURE_BYTES: Final = 64
MLDSA65_KEY_BYTES: Final = 1952
MLDSA65_SIGNATURE_BYTES: Final = 3309
_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)
"""The points of order 1, 2, 4 and 8 by their last 255 bits, those written at p and above included."""


@dataclass(frozen=True, slots=True)
class VerifyKeys:
    """The public half of a hybrid signing pair: Ed25519 (32 bytes) and ML-DSA-65 (1952 bytes)."""

    ed25519: bytes
    mldsa65: bytes

    def __post_init__(self) -> None:
        if len(self.ed25519) != ED25519_KEY_BYTES or len(self.mldsa65) != MLDSA65_KEY_BYTES:
            raise InvalidInputError("A public signing key has the wrong length.", code="key-length")


class Signer:
    """The private half of a hybrid signing pair, built from two 32-byte seeds."""

    __slots__ = ("_ed25519", "_mldsa65", "public")

    def __init__(self, ed25519_seed: Seed, mldsa65_seed: Seed) -> None:
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(ed25519_seed)
        self._mldsa65 = MLDSA65PrivateKey.from_seed_bytes(mldsa65_seed)
        self.public = VerifyKeys(
            self._ed25519.public_key().public_bytes_raw(), self._mldsa65.public_key().public_bytes_raw()
        )

    def sign_fast(self, kind: str, body: bytes) -> list[bytes]:
        """Return the one signature of a put/erase-only commit: Ed25519 (64 bytes)."""
        return [self._ed25519.sign(label(kind) + body)]

    def sign(self, kind: str, body: bytes) -> list[bytes]:
        """Return both signatures: Ed25519 (64 bytes), then ML-DSA-65 (3309 bytes)."""
        message = label(kind) + body
        return [self._ed25519.sign(message), self._mldsa65.sign(message)]

    def __repr__(self) -> str:
        return "<Signer, hidden>"


class SessionSigner:
    """A single Ed25519 pair: a slot's log-in key or a device's session key."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def fresh(cls) -> Self:
        """Return one with a new seed."""
        return cls(Seed.fresh())

    def sign(self, kind: str, body: bytes) -> bytes:
        """Return the Ed25519 signature of `body` as `kind` (64 bytes)."""
        return self._key.sign(label(kind) + body)

    def __repr__(self) -> str:
        return "<SessionSigner, hidden>"


@lru_cache(maxsize=4096)
def _ed25519_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=512)
def _mldsa65_key(raw: bytes) -> MLDSA65PublicKey:
    return MLDSA65PublicKey.from_public_bytes(raw)


def is_small_order(point: bytes) -> bool:
    """Return whether `point` (32 bytes) writes a point of order 1, 2, 4 or 8: as a key or an R it binds nobody."""
    return point[:31] + bytes([point[31] & 0x7F]) in _SMALL_ORDER


def verify_ed25519(kind: str, key: bytes, body: bytes, signature: bytes) -> None:
    """Raise `IntegrityError` (signature-invalid) unless `signature` is `key`'s over `body` as `kind`."""
    if len(key) != ED25519_KEY_BYTES or len(signature) != ED25519_SIGNATURE_BYTES:
        raise IntegrityError("A signature or its key has the wrong length.", code="signature-invalid")
    # A key of small order signs everything at once, and libraries differ on it: here and in the browser all refuse.
    if is_small_order(key) or is_small_order(signature[:ED25519_KEY_BYTES]):
        raise IntegrityError(f"A signature on a {kind} does not verify.", code="signature-invalid")
    try:
        _ed25519_key(key).verify(signature, label(kind) + body)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError(f"A signature on a {kind} does not verify.", code="signature-invalid") from error


def verify(kind: str, keys: VerifyKeys, body: bytes, signatures: list[bytes], *, hybrid: bool) -> None:
    """Verify that `keys` signed `body` as `kind`: exactly two signatures if `hybrid`, else exactly one.

    Raises `IntegrityError`: signature-count for another number of signatures, signature-invalid otherwise.
    """
    if len(signatures) != (2 if hybrid else 1):
        raise IntegrityError(f"A {kind} carries the wrong number of signatures.", code="signature-count")
    verify_ed25519(kind, keys.ed25519, body, signatures[0])
    if not hybrid:
        return
    if len(signatures[1]) != MLDSA65_SIGNATURE_BYTES:
        raise IntegrityError(f"A signature on a {kind} has the wrong length.", code="signature-invalid")
    try:
        _mldsa65_key(keys.mldsa65).verify(signatures[1], label(kind) + body)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError(f"A signature on a {kind} does not verify.", code="signature-invalid") from error
