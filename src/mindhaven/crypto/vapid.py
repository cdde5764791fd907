"""The server's own name before push services: a P-256 key and signed tokens. Implements RFC 8292 (VAPID).

Guarantees: a token names one push service's origin and an end; whoever takes one can call that service in this
server's name until then, and nobody else. Does not: encrypt a message, since none is sent. No I/O; `now` is given.
"""

import base64
import json
from typing import Final, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from mindhaven.errors import InvalidInputError

SCALAR_BYTES: Final = 32
TOKEN_SECONDS: Final = 12 * 3600
"""A token's life: half of what RFC 8292 allows, so that a clock that is hours off still makes one that counts."""

_NO_KEY: Final = "A push key is a scalar of P-256 in 32 bytes."


class PushKey:
    """The P-256 pair that signs tokens; its `repr` shows nothing."""

    __slots__ = ("_key",)

    def __init__(self, scalar: bytes) -> None:
        """Take the private scalar (32 bytes, big endian); raise `InvalidInputError` (push-key) if it is none."""
        if len(scalar) != SCALAR_BYTES:
            raise InvalidInputError(_NO_KEY, code="push-key")
        try:
            self._key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
        except ValueError as error:
            raise InvalidInputError(_NO_KEY, code="push-key") from error

    @classmethod
    def fresh(cls) -> Self:
        """Return one from the operating system's generator."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls(number.to_bytes(SCALAR_BYTES, "big"))

    def __repr__(self) -> str:
        return "<PushKey, hidden>"

    @property
    def scalar(self) -> bytes:
        """The private scalar (32 bytes, big endian), to be sealed."""
        return self._key.private_numbers().private_value.to_bytes(SCALAR_BYTES, "big")

    @property
    def public(self) -> bytes:
        """The public point, uncompressed (65 bytes), as `PushManager.subscribe` takes it."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def authorization(self, *, audience: str, subject: str, now: int) -> str:
        """Return the value of the header Authorization for calls to `audience` (an origin) from `now` on.

        `subject` is a mailto: or https: address of who runs this server; empty: the token names none.
        """
        claims = {"aud": audience, "exp": now + TOKEN_SECONDS} | ({"sub": subject} if subject else {})
        signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(SCALAR_BYTES, "big") + s.to_bytes(SCALAR_BYTES, "big")  # RFC 7518, 3.4: not DER
        return f"vapid t={signed}.{text(signature)}, k={text(self.public)}"


def text(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _json(value: object) -> str:
    return text(json.dumps(value, separators=(",", ":")).encode())
