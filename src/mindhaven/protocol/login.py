"""Log-in: a signed challenge, so that nothing password-equivalent is ever sent. Implements spec/login.md.

Guarantees: a signature serves one origin, account, purpose, nonce and minute. No I/O.
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.sign import SessionSigner, verify_ed25519
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape

TYPE: Final = "login"
NONCE_BYTES: Final = 32
CLOCK_TOLERANCE_SECONDS: Final = 300
"""How far a device's clock may be off: phones without network time drift by minutes."""

PURPOSE_SESSION: Final = "session"
PURPOSE_SLOT_NOW: Final = "slot-now"
PURPOSE_RENEW: Final = "renew"


@dataclass(frozen=True, slots=True)
class LoginClaim:
    """`[origin, account, [purpose, detail], nonce, time]`.

    `account` is the handle as typed, the recovery look-up id in hex, or the uid in hex; `detail` is the new session's
    public key for `session`, and the session id for `slot-now` and `renew`. `time` is in seconds since 1970 UTC.
    """

    origin: str
    account: str
    purpose: str
    detail: bytes
    nonce: bytes
    time: int

    def encode(self) -> bytes:
        """Return the body bytes of this claim."""
        return encode([self.origin, self.account, [self.purpose, self.detail], self.nonce, self.time])

    @classmethod
    def decode(cls, body: bytes) -> "LoginClaim":
        """Return the claim that `body` encodes."""
        origin, account, purpose, nonce, time = shape.fields(decode(body), 5, "A log-in")
        name, detail = shape.fields(purpose, 2, "A log-in's purpose")
        return cls(
            shape.text(origin, "An origin"),
            shape.text(account, "An account name", most=64),
            shape.text(name, "A purpose", most=16),
            shape.raw(detail, "A purpose's detail", most=64),
            shape.raw(nonce, "A nonce", length=NONCE_BYTES),
            shape.number(time, "A time"),
        )

    def sign(self, key: SessionSigner) -> bytes:
        """Return `key`'s signature of this claim (64 bytes)."""
        return key.sign(TYPE, self.encode())


def verify_claim(claim: LoginClaim, key: bytes, signature: bytes, *, expected: LoginClaim, now: int) -> None:
    """Verify a claim against what the verifier itself expects; `expected.time` is ignored.

    Raises `IntegrityError`: login-mismatch, login-clock, signature-invalid.
    """
    if (claim.origin, claim.account, claim.purpose, claim.detail, claim.nonce) != (
        expected.origin,
        expected.account,
        expected.purpose,
        expected.detail,
        expected.nonce,
    ):
        raise IntegrityError("This log-in was signed for something else.", code="login-mismatch")
    if abs(claim.time - now) > CLOCK_TOLERANCE_SECONDS:
        raise IntegrityError(
            "This device's clock differs from the server's by more than 5 minutes.",
            code="login-clock",
            hint="Set the device's clock, then try again.",
        )
    verify_ed25519(TYPE, key, claim.encode(), signature)
