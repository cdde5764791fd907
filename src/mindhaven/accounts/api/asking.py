"""Who asks, from where, how often: what every operation of accounts shares."""

from typing import Any, Final

from mindhaven.accounts import verify
from mindhaven.accounts.model import (
    TOKEN_SECONDS,
    Role,
    SignedIn,
    State,
)
from mindhaven.accounts.rules import slots_now, token_stands
from mindhaven.accounts.store import Doors
from mindhaven.crypto.derive import ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES
from mindhaven.crypto.encoding import encode
from mindhaven.errors import IntegrityError, UnavailableError
from mindhaven.kernel import Actor, Denied, Host, HostScope, Look, Request
from mindhaven.protocol.login import LoginClaim
from mindhaven.wire.ids import to_text

ANONYMOUS: Final = Actor(kind="anonymous")
SIGN_IN: Final = HostScope(reason="sign-in")
LOGIN_FLOOR_SECONDS: Final = 0.03
"""Answers about a name leave no earlier, so that what was found does not show in the time (PROTOCOL section 3)."""
MAX_HANDLE_TRIES: Final = 20
DUMMY_PARAMS: Final = encode([ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, bytes(16), "nobody"])
NONCE_UPKEEP: Final = "a nonce, before anyone is known"


async def authenticate(host: Host, request: Request) -> SignedIn | Denied:
    """Return who asks, from the access token in the Authorization header."""
    header = request.header("authorization") or ""
    if not header.startswith("Bearer "):
        return Denied("sign-in-needed", "Sign in first.")
    digest = verify.token_hash(header[7:])

    async def find(look: Look) -> tuple[Any, ...] | None:
        return await Doors(look, SIGN_IN).session_by_token(digest)

    row = await host.db.glance(find)
    now = host.clock()
    if row is None or not token_stands(row[2], now):
        return Denied("token-over", "This access has ended.", "Renew it with the device's key, or sign in again.")
    session, uid, _, slot_a, a_at, slot_b, b_at, role, state, slots = row
    if state != State.ACTIVE:
        return Denied("suspended", "This account is suspended by the host.", "Ask the people who run this server.")
    return SignedIn(
        uid=uid,
        session=session,
        role=Role(role),
        ways_in=slots,
        slots_now=slots_now(((slot_a, a_at), (slot_b, b_at)), now),
        token_ends_at=row[2],
    )


def origin_of(host: Host, request: Request) -> str:
    """Return the origin that claims must name: the configured one, or on loopback the one that was asked."""
    configured = str(host.settings["server.origin"])
    if configured:
        return configured.rstrip("/")
    return f"{'https' if request.secure else 'http'}://{request.header('host') or ''}"


def throttle(host: Host, name: str, who: bytes) -> None:
    """Take one try of `who` under the limit `name`; raise `UnavailableError` (too-many-tries) if none is left."""
    wait = host.limits.wait(name, who)
    if wait > 0:
        raise UnavailableError(
            "Too many tries.",
            code="too-many-tries",
            hint="Wait, then try again.",
            retry_after_seconds=int(wait) + 1,
        )


def new_token(host: Host) -> tuple[str, bytes, int]:
    """Return a new access token, what is stored of it, and when it ends."""
    token = to_text(host.random(32))
    return token, verify.token_hash(token), host.clock() + TOKEN_SECONDS


def expected_claim(
    host: Host,
    request: Request,
    claim: LoginClaim,
    *,
    purpose: str,
    account: str,
    nonce: bytes,
    detail: bytes | None = None,
) -> LoginClaim:
    """Return the claim that this server expects here; raise `IntegrityError` (login-mismatch) otherwise."""
    if detail is None and len(claim.detail) != 32:
        raise IntegrityError("A log-in names its session's key by 32 bytes.", code="login-mismatch")
    return LoginClaim(
        origin_of(host, request), account, purpose, claim.detail if detail is None else detail, nonce, claim.time
    )
