"""Sessions, devices, slots opened now. Parse, verify, act, render."""

from mindhaven.accounts import service, verify
from mindhaven.accounts.api.asking import (
    ANONYMOUS,
    NONCE_UPKEEP,
    SIGN_IN,
    expected_claim,
    new_token,
    throttle,
)
from mindhaven.accounts.api.passkeys import beside, spend
from mindhaven.accounts.model import CHALLENGE_SECONDS, AccountRow, PasskeyRow, Purpose, SignedIn, SlotRow
from mindhaven.accounts.passkeys import no_secrets
from mindhaven.accounts.store import Doors, DoorsChange, OwnAccount, OwnAccountChange, OwnPasskeys
from mindhaven.kernel import Denied, Host, Look, PersonScope, Request, Work
from mindhaven.protocol.login import PURPOSE_RENEW, PURPOSE_SLOT_NOW, LoginClaim
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import from_text

# -- sessions


async def session_nonce(host: Host, request: Request) -> wire.NonceGiven:
    """Give a nonce for one renewal."""
    asked: wire.SessionNamed = request.body
    throttle(host, "nonce", request.network)
    return await give_nonce(host, "renew", asked.session)


async def give_nonce(host: Host, purpose: str, about: bytes) -> wire.NonceGiven:
    """Store and return a nonce for one signature of that purpose, about that session."""
    nonce = host.random(32)
    expires_at = host.clock() + CHALLENGE_SECONDS
    await host.db.act(
        ANONYMOUS,
        lambda work: DoorsChange(work, SIGN_IN).add_challenge(nonce, purpose, about, expires_at),
        upkeep=NONCE_UPKEEP,
    )
    return wire.NonceGiven(nonce=nonce)


async def renew(host: Host, request: Request) -> wire.TokenGiven | Denied:
    """Give a new access token for a claim signed by the session's own key."""
    asked: wire.Renew = request.body
    claim = LoginClaim.decode(asked.claim)
    row = await host.db.look(lambda look: Doors(look, SIGN_IN).session(asked.session))
    uid, key = (bytes(32), None) if row is None else row[:2]
    expected = expected_claim(
        host,
        request,
        claim,
        purpose=PURPOSE_RENEW,
        account=uid.hex(),
        nonce=claim.nonce,
        detail=asked.session,
    )
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("session-unknown", "This device was signed out.", "Sign in again.")
    token, digest, expires_at = new_token(host)
    denied = await host.db.act(
        ANONYMOUS,
        lambda work: service.renew(
            work, session=asked.session, nonce=claim.nonce, token_hash=digest, expires_at=expires_at
        ),
        upkeep="a session's token is renewed",
    )
    return denied or wire.TokenGiven(token=token, token_expires_at=expires_at)


async def slot_nonce(host: Host, request: Request) -> wire.NonceGiven:
    """Give a nonce for opening a slot on this session."""
    return await give_nonce(host, "slot-now", request.session.session)


async def slot_now(host: Host, request: Request) -> wire.TokenGiven | Denied:
    """Take a claim signed by a slot's log-in key: that slot counts as opened now, by a new token alone.

    Whoever copied the token from before has nothing of it: that one ends here.
    """
    asked: wire.SlotNow = request.body
    me: SignedIn = request.session
    if asked.assertion is not None:
        no_secrets(asked.assertion.extension_results)
    throttle(host, "slot-now", me.session)
    claim = LoginClaim.decode(asked.claim)

    async def find(look: Look) -> tuple[AccountRow | None, SlotRow | None, list[PasskeyRow]]:
        own = OwnAccount(look, PersonScope(uid=me.uid))
        passkeys = await OwnPasskeys(look, PersonScope(uid=me.uid)).all()
        return await own.account(), await own.slot(asked.slot), passkeys

    account, slot, passkeys = await host.db.look(find)
    expected = expected_claim(
        host,
        request,
        claim,
        purpose=PURPOSE_SLOT_NOW,
        account=me.uid.hex(),
        nonce=claim.nonce,
        detail=me.session,
    )
    key = None if slot is None else slot.login_key
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("slot-refused", "This way in was not opened.", "Check what you typed and try again.")
    use = None
    if account is not None and slot is not None:
        use = beside(host, request, account=account, slot=slot, known=passkeys, assertion=asked.assertion, code=None,
                     signing_in=False)  # fmt: skip
    if isinstance(use, Denied):
        if asked.assertion is not None:
            await spend(host, asked.assertion.client_data, Purpose.SLOT_NOW, me.session)
        return use
    token, digest, expires_at = new_token(host)
    denied = await host.db.act(
        me.actor,
        lambda work: service.open_slot_now(
            work,
            uid=me.uid,
            session=me.session,
            slot=asked.slot,
            nonce=claim.nonce,
            token_hash=digest,
            expires_at=expires_at,
            passkey=use,
        ),
        upkeep="a used nonce",
    )
    return denied or wire.TokenGiven(token=token, token_expires_at=expires_at)


async def sessions(host: Host, request: Request) -> wire.Sessions:
    """Show the devices that are signed in."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: OwnAccount(look, PersonScope(uid=me.uid)).sessions())
    return wire.Sessions(
        sessions=[
            wire.SessionShown(
                session=session,
                device_name=name,
                first_seen_at=first,
                last_seen_at=last,
                here=session == me.session,
                renewable=renewed_at > 0,
            )
            for session, name, first, last, _, renewed_at in rows
        ]
    )


async def name_session(host: Host, request: Request) -> None:
    """Store this device's name, sealed to the account's own devices."""
    me: SignedIn = request.session
    asked: wire.SessionRenamed = request.body

    async def act(work: Work) -> None:
        own = OwnAccountChange(work, PersonScope(uid=me.uid))
        await own.name_session(me.session, asked.device_name)

    await host.db.act(me.actor, act, upkeep="a device's own name")


async def end_session(host: Host, request: Request) -> None | Denied:
    """Sign one device out."""
    me: SignedIn = request.session
    session = from_text(request.params["session"], length=16)
    if session != me.session and not me.slots_now:
        return Denied("slot-now-needed", "Open one of your ways in first.", "Give your passphrase or recovery key.")
    why = "logout" if session == me.session else "remote"
    return await host.db.act(me.actor, lambda work: service.end_session(work, uid=me.uid, session=session, why=why))
