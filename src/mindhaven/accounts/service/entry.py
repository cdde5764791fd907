"""Use cases of signing up and in. Each runs in one work; what it takes has been verified. I/O: the store only."""

from dataclasses import dataclass

from mindhaven.accounts import rules
from mindhaven.accounts.model import (
    HOUR,
    AccountCreated,
    PasskeyUse,
    Purpose,
    Recent,
    Role,
    SessionEnded,
    SessionOpened,
    SlotOpened,
    State,
)
from mindhaven.accounts.service.keys import VerifiedKeys
from mindhaven.accounts.service.passkeys import use_passkey
from mindhaven.accounts.store import Directory, DoorsChange, OwnAccountChange
from mindhaven.kernel import Denied, HostScope, PersonScope, Work

_SIGN_IN = HostScope(reason="sign-in")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSession:
    """A session to open: its id, its public key, the hash of its first token."""

    id: bytes
    public_key: bytes
    device_name: bytes
    token_hash: bytes
    token_expires_at: int
    slot: bytes | None
    """The way in that was opened on it; None: another device let it in."""
    instead_of: bytes | None = None
    """The session that this known device had before, which ends."""
    first_hour: int | None = None
    passkey: PasskeyUse | None = None
    """The passkey that was used with that way in."""


async def sign_up(
    work: Work,
    *,
    nonce: bytes,
    handle: str,
    role: Role,
    invitation: bytes | None,
    keys: VerifiedKeys,
    session: NewSession,
) -> Denied | None:
    """Create an account with its first session."""
    doors = DoorsChange(work, _SIGN_IN)
    if not await doors.take_reservation(nonce):
        return Denied("reservation-over", "This sign-up took too long or was already used.", "Start again.")
    if invitation is not None and not await doors.take_invitation(invitation):
        return Denied("invitation-over", "This invitation was used or has ended.", "Ask for a new one.")
    own = OwnAccountChange(work, PersonScope(uid=keys.state.uid))
    known = await own.account()
    if await Directory(work).uid_of(handle) not in {None, keys.state.uid}:
        return Denied("handle-taken", "This handle is taken here.", "Ask the people who run this server.")
    if known is not None and known.state is not State.FOREIGN:
        return Denied("account-exists", "This account is already here.", "Sign in instead.")
    if known is not None:
        return await _return_home(work, own, handle=handle, keys=keys, session=session)
    hour = work.now // HOUR * HOUR
    await own.create(handle=handle, role=role, slots=keys.listed.encode(), bundle=keys.bundle, hour=hour)
    await own.append(keys.state, keys.signed, seq_before=-1)
    await own.replace_slots(slots=keys.listed.encode(), bundle=keys.bundle, rows=keys.rows)
    work.record(AccountCreated(subject=keys.state.uid, statement=keys.state.head, role=str(role)))
    await _open(work, keys.state.uid, session)
    return None


async def _return_home(
    work: Work, own: OwnAccountChange, *, handle: str, keys: VerifiedKeys, session: NewSession
) -> Denied | None:
    """Turn an account known by its chain only into one that lives here."""
    if await own.account() is None or not await own.adopt(handle=handle, head=keys.state.head):
        return Denied("chain-differs", "This server knows another history of this account.")
    await own.replace_slots(slots=keys.listed.encode(), bundle=keys.bundle, rows=keys.rows)
    work.record(AccountCreated(subject=keys.state.uid, statement=keys.state.head, role=str(Role.PERSON)))
    await _open(work, keys.state.uid, session)
    return None


async def _open(work: Work, uid: bytes, session: NewSession) -> None:
    doors = DoorsChange(work, _SIGN_IN)
    hour = work.now // HOUR * HOUR
    await doors.add_session(
        (
            session.id,
            uid,
            session.public_key,
            session.device_name,
            session.token_hash,
            session.token_expires_at,
            work.now,
            hour,
            session.slot,
            hour if session.first_hour is None else session.first_hour,
        )
    )
    work.record(SessionOpened(subject=uid, session=session.id, slot=session.slot or b""))


async def log_in(
    work: Work, *, uid: bytes, nonce: bytes, about: bytes, session: NewSession | None, totp_step: int | None, most: int
) -> Denied | None:
    """Use up the nonce, then open `session`, or count a refusal if there is none."""
    doors = DoorsChange(work, _SIGN_IN)
    fresh = await doors.take_challenge(nonce, "login", about)
    if session is None or not fresh:
        await doors.count_failure(uid)
        return Denied("login-refused", "The name or the passphrase is not right.", "Check both and try again.")
    if session.passkey is not None:
        denied = await use_passkey(work, uid=uid, use=session.passkey, purpose=Purpose.LOGIN, about=b"")
        if denied is not None:
            await doors.count_failure(uid)
            return denied
    own = OwnAccountChange(work, PersonScope(uid=uid))
    if session.instead_of is not None and await own.end_session(session.instead_of):
        work.record(SessionEnded(subject=uid, session=session.instead_of, why="again"))
    else:
        await _make_room(work, own, uid, most)
        await own.tell(Recent.DEVICE, session.id)
    if totp_step is not None:
        account = await own.account()
        if account is None or totp_step <= account.totp_last_step:
            return Denied("totp-refused", "This code was used already.", "Wait for the next one.")
        await own.set_totp(account.totp, totp_step)
    await _open(work, uid, session)
    return None


async def let_in(work: Work, *, uid: bytes, pairing: bytes, answer: bytes, session: NewSession, most: int) -> bool:
    """Open the session of a new device that another device of the account lets in; False if it waits no more."""
    if not await DoorsChange(work, _SIGN_IN).answer_pairing(pairing, answer, session.id):
        return False
    own = OwnAccountChange(work, PersonScope(uid=uid))
    await _make_room(work, own, uid, most)
    await own.tell(Recent.DEVICE, session.id)
    await _open(work, uid, session)
    return True


async def _make_room(work: Work, own: OwnAccountChange, uid: bytes, most: int) -> None:
    """Sign out the device that rested longest, if as many are signed in as may be.

    Nobody is refused for it: else who has one way in could fill the places and keep the others out.
    """
    sessions = await own.sessions()
    if len(sessions) < most:
        return
    _, rested = min((renewed_at, session) for session, _, _, _, _, renewed_at in sessions)
    await own.end_session(rested)
    work.record(SessionEnded(subject=uid, session=rested, why="rested"))


async def renew(work: Work, *, session: bytes, nonce: bytes, token_hash: bytes, expires_at: int) -> Denied | None:
    """Give a session, whose claim was verified, a new token if its time is not over."""
    doors = DoorsChange(work, _SIGN_IN)
    row = await doors.session(session)
    if row is None:
        return Denied("session-unknown", "This device was signed out.", "Sign in again.")
    _, _, created_at, renewed_at, role, state = row
    if not await doors.take_challenge(nonce, "renew", session):
        return Denied("nonce-used", "This signature was used already.", "Ask for a new one.")
    if state != State.ACTIVE:
        return Denied("suspended", "This account is suspended by the host.", "Ask the people who run this server.")
    over = rules.may_renew(Role(role), created_at=created_at, renewed_at=renewed_at, now=work.now)
    if over is None:
        await doors.renew(session, token_hash, expires_at)
    return over


async def open_slot_now(
    work: Work,
    *,
    uid: bytes,
    session: bytes,
    slot: bytes,
    nonce: bytes,
    token_hash: bytes,
    expires_at: int,
    passkey: PasskeyUse | None = None,
) -> Denied | None:
    """Note that a slot, whose claim was verified, was opened on this session, which has a new token from here on."""
    doors = DoorsChange(work, _SIGN_IN)
    if not await doors.take_challenge(nonce, "slot-now", session):
        return Denied("nonce-used", "This signature was used already.", "Ask for a new one.")
    if passkey is not None:
        denied = await use_passkey(work, uid=uid, use=passkey, purpose=Purpose.SLOT_NOW, about=session)
        if denied is not None:
            return denied
    await doors.slot_opened(session, slot)
    await doors.give_token(session, token_hash, expires_at)
    work.record(SlotOpened(subject=uid, session=session, slot=slot))
    return None
