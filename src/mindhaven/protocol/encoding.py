"""Signed values: `[body, [signature, ...]]` and the hashes that chains link by. Implements spec/encoding.md.

Guarantees: what is signed and hashed are the received bytes, never a re-encoding of what they decode to. No I/O.
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.protocol import shape

SUITE: Final = 1
ZERO32: Final = bytes(32)
MAX_SIGNATURES: Final = 4
"""A statement carries four: two of the authority before it, two of the identity it names."""
MAX_SIGNATURE_BYTES: Final = 3309


@dataclass(frozen=True, slots=True)
class Signed:
    """A body as received, and its signatures in order."""

    body: bytes
    signatures: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return CBOR [body, [signature, ...]]."""
        return encode([self.body, list(self.signatures)])

    @classmethod
    def decode(cls, data: bytes) -> "Signed":
        """Return what `data` encodes; raise `InvalidInputError` for any other shape."""
        return cls.of(decode(data))

    @classmethod
    def of(cls, value: object) -> "Signed":
        """Return the signed value that an already decoded list holds."""
        body, signatures = shape.fields(value, 2, "A signed value")
        return cls(
            shape.raw(body, "A signed body"),
            tuple(
                shape.raw(signature, "A signature", most=MAX_SIGNATURE_BYTES)
                for signature in shape.items(signatures, "The signatures", most=MAX_SIGNATURES)
            ),
        )

    def hash(self, kind: str) -> bytes:
        """Return the labelled SHA-256 of the body bytes, signatures excluded (32 bytes)."""
        return labelled_hash(f"{kind}-hash", self.body)
