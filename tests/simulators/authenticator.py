"""An authenticator and the browser around it, in software, written from WebAuthn Level 3; and one that lies.

It shares nothing with what the server verifies by: bytes are put together here, with `cryptography` and `cbor2` alone.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from mindhaven.wire.accounts import Assertion

ORIGIN = "https://mindhaven.test"
ES256, EDDSA, RS256 = -7, -8, -257
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 1, 4, 8, 16, 64


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass(frozen=True)
class Lie:
    """What is said otherwise than it is; None: the truth."""

    origin: str | None = None
    rp_id: str | None = None
    type: str | None = None
    challenge: bytes | None = None
    cross_origin: bool | None = None
    top_origin: str | None = None
    verified: bool = True
    present: bool = True
    counter: int | None = None
    eligible: bool | None = None
    backed_up: bool | None = None
    signature: bytes | None = None
    credential: bytes | None = None
    user_handle: bytes | None = None
    attested: bytes | None = None
    """Another credential id inside the attestation than is named beside it."""
    client_data: bytes | None = None
    attestation: bytes | None = None
    fmt: str = "none"
    statement: dict[str, Any] = field(default_factory=dict)


HONEST = Lie()


class Passkey:
    """One credential: its keys, its counter, its flags, and the secret that PRF gives."""

    def __init__(
        self, alg: int = ES256, *, eligible: bool = True, backed_up: bool = True, counting: bool = False
    ) -> None:
        self.alg = alg
        self.id = os.urandom(32)
        self.prf = os.urandom(32)
        self.user_handle = b""
        self.eligible, self.backed_up, self.counting = eligible, backed_up, counting
        self.counter = 0
        self._key: Any
        if alg == ES256:
            self._key = ec.generate_private_key(ec.SECP256R1())
        elif alg == EDDSA:
            self._key = ed25519.Ed25519PrivateKey.generate()
        else:
            self._key = rsa.generate_private_key(65537, 2048)

    def cose(self) -> dict[int, Any]:
        """Return the public key (RFC 9053)."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            at = self._key.public_key().public_numbers()
            return {1: 2, 3: self.alg, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")}
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return {1: 1, 3: self.alg, -1: 6, -2: self._key.public_key().public_bytes_raw()}
        numbers = self._key.public_key().public_numbers()
        return {1: 3, 3: self.alg, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}

    def sign(self, message: bytes) -> bytes:
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(message, ec.ECDSA(hashes.SHA256()))
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        return bytes(self._key.sign(message, padding.PKCS1v15(), hashes.SHA256()))

    def _data(self, rp_id: str, lie: Lie, attested: bytes = b"") -> bytes:
        """Return authenticator data: rpIdHash 32 | flags 1 | signCount 4 | attested credential data."""
        if self.counting:
            self.counter += 1
        eligible = self.eligible if lie.eligible is None else lie.eligible
        backed_up = self.backed_up if lie.backed_up is None else lie.backed_up
        flags = (
            PRESENT * lie.present + VERIFIED * lie.verified + ELIGIBLE * eligible + BACKED_UP * backed_up
            + ATTESTED * bool(attested)
        )  # fmt: skip
        counter = self.counter if lie.counter is None else lie.counter
        hashed = hashlib.sha256((lie.rp_id or rp_id).encode()).digest()
        return hashed + bytes([flags]) + counter.to_bytes(4, "big") + attested

    @staticmethod
    def _client_data(kind: str, challenge: bytes, lie: Lie) -> bytes:
        """Return what the browser says (WebAuthn 5.8.1)."""
        if lie.client_data is not None:
            return lie.client_data
        said: dict[str, Any] = {
            "type": lie.type or kind,
            "challenge": b64url(lie.challenge or challenge),
            "origin": lie.origin or ORIGIN,
            "crossOrigin": bool(lie.cross_origin),
        }
        if lie.top_origin is not None:
            said["topOrigin"] = lie.top_origin
        return json.dumps(said, separators=(",", ":")).encode()

    def make(self, started: Any, lie: Lie = HONEST, **more: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.create`; return the fields of `PasskeyAdd`."""
        self.user_handle = started.user_handle
        named = lie.attested or self.id
        attested = bytes(16) + len(named).to_bytes(2, "big") + named + cbor2.dumps(self.cose())
        data = self._data(started.rp_id, lie, attested)
        client_data = self._client_data("webauthn.create", started.challenge, lie)
        statement: dict[str, Any] = dict(lie.statement)
        if lie.fmt == "packed":
            signed = self.sign(data + hashlib.sha256(client_data).digest())
            statement = {"alg": self.alg, "sig": lie.signature or signed, **statement}
        made = cbor2.dumps({"fmt": lie.fmt, "attStmt": statement, "authData": data})
        return {
            "credential": lie.credential or self.id,
            "client_data": client_data,
            "attestation_object": lie.attestation or made,
            "transports": ["internal", "hybrid"],
            "name": b"sealed",
            **more,
        }

    def use(self, challenged: Any, lie: Lie = HONEST, *, handle: bool = True) -> Assertion:
        """Answer `navigator.credentials.get`."""
        data = self._data(challenged.rp_id, lie)
        client_data = self._client_data("webauthn.get", challenged.challenge, lie)
        signed = self.sign(data + hashlib.sha256(client_data).digest())
        return Assertion(
            credential=lie.credential or self.id,
            client_data=client_data,
            authenticator_data=data,
            signature=lie.signature or signed,
            user_handle=lie.user_handle or (self.user_handle if handle else None),
        )
