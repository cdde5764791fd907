"""Use cases of accounts. Each runs in one work; what it takes has been parsed and verified. I/O: the store only."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from mindhaven.accounts import rules
from mindhaven.accounts.model import (
    BUNDLE_KEPT_SECONDS,
    HOUR,
    AccountCreated,
    AccountErased,
    AccountRow,
    AccountSuspended,
    ChangeCancelled,
    ChangeWaiting,
    InvitationMade,
    LoginsRefused,
    PendingRow,
    Recent,
    Role,
    SessionEnded,
    SessionOpened,
    SlotOpened,
    SlotRow,
    State,
    StatementAdded,
    TotpChanged,
)
from mindhaven.accounts.store import Directory, DoorsChange, OwnAccountChange
from mindhaven.errors import ConflictError
from mindhaven.kernel import Denied, HostScope, PersonScope, Work
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.slots import SlotList
from mindhaven.wire.accounts import KeySet

_SIGN_IN = HostScope(reason="sign-in")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedKeys:
    """A statement that extends a chain, with everything that goes with it; `seq_before` is the head it extends."""

    state: AccountState
    signed: bytes
    seq_before: int
    listed: SlotList
    rows: tuple[SlotRow, ...]
    bundle: bytes
    raw: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSession:
    """A session to open: its id, its public key, the hash of its first token."""

    id: bytes
    public_key: bytes
    device_name: bytes
    token_hash: bytes
    token_expires_at: int
    slot: bytes
    instead_of: bytes | None = None
    """The session that this known device had before, which ends."""
    first_hour: int | None = None


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
    work.record(SessionOpened(subject=uid, session=session.id, slot=session.slot))


async def log_in(
    work: Work, *, uid: bytes, nonce: bytes, about: bytes, session: NewSession | None, totp_step: int | None, most: int
) -> Denied | None:
    """Use up the nonce, then open `session`, or count a refusal if there is none."""
    doors = DoorsChange(work, _SIGN_IN)
    fresh = await doors.take_challenge(nonce, "login", about)
    if session is None or not fresh:
        await doors.count_failure(uid)
        return Denied("login-refused", "The name or the passphrase is not right.", "Check both and try again.")
    own = OwnAccountChange(work, PersonScope(uid=uid))
    if session.instead_of is not None and await own.end_session(session.instead_of):
        work.record(SessionEnded(subject=uid, session=session.instead_of, why="again"))
    elif not await _has_room(work, own, uid, most):
        return Denied("too-many-devices", "Too many devices are signed in.", "Sign one out first.")
    else:
        await own.tell(Recent.DEVICE, session.id)
    if totp_step is not None:
        account = await own.account()
        if account is None or totp_step <= account.totp_last_step:
            return Denied("totp-refused", "This code was used already.", "Wait for the next one.")
        await own.set_totp(account.totp, totp_step)
    await _open(work, uid, session)
    return None


async def _has_room(work: Work, own: OwnAccountChange, uid: bytes, most: int) -> bool:
    """Return whether another device may sign in; one whose session is over anyway makes room, the longest rested."""
    sessions = await own.sessions()
    if len(sessions) < most:
        return True
    account = await own.account()
    role = Role.PERSON if account is None else account.role
    over = [
        (renewed_at, session)
        for session, _, _, _, created_at, renewed_at in sessions
        if rules.may_renew(role, created_at=created_at, renewed_at=renewed_at, now=work.now) is not None
    ]
    if not over:
        return False
    _, rested = min(over)
    await own.end_session(rested)
    work.record(SessionEnded(subject=uid, session=rested, why="rested"))
    return True


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


async def open_slot_now(work: Work, *, uid: bytes, session: bytes, slot: bytes, nonce: bytes) -> Denied | None:
    """Note that a slot, whose claim was verified, was opened on this session."""
    doors = DoorsChange(work, _SIGN_IN)
    if not await doors.take_challenge(nonce, "slot-now", session):
        return Denied("nonce-used", "This signature was used already.", "Ask for a new one.")
    await doors.slot_opened(session, slot)
    work.record(SlotOpened(subject=uid, session=session, slot=slot))
    return None


async def change_keys(
    work: Work, *, account: AccountRow, keys: VerifiedKeys, opened: frozenset[bytes], session: bytes, pending: bytes
) -> rules.Waits | Denied | None:
    """Let a verified key set into the chain, or let it wait. None: it is in the chain."""
    own = OwnAccountChange(work, PersonScope(uid=account.uid))
    slots = {slot.id: slot for slot in await own.slots()}
    before = SlotList.decode(account.slots)
    change = rules.compare(before, keys.listed)
    new_root = keys.state.root_generation == keys.state.generation > account.generation
    made_at = {slot_id: slot.made_at for slot_id, slot in slots.items()}
    verdict = rules.may_change(
        change,
        opened=opened,
        kinds={slot_id: slot.kind for slot_id, slot in slots.items()},
        made_at=made_at,
        new_root=new_root,
        now=work.now,
    )
    if isinstance(verdict, Denied):
        return verdict
    stays = slots.keys() - change.touched
    if any(_differs(slots[row.id], row, new_root=new_root) for row in keys.rows if row.id in stays):
        return Denied("slot-altered", "A way in that stays keeps its tag, key, look-up id and, without a new root, its"
                      " wrap.")  # fmt: skip
    if await _overtakes_what_it_may_not(own, session=session, made_at=made_at, before=before, now=work.now):
        return Denied(
            "change-waits",
            "A change that an older way in asked for is waiting.",
            "Open an older way in on this device, or your recovery key.",
        )
    if isinstance(verdict, rules.Waits):
        if keys.seq_before != account.seq:
            raise ConflictError("The account changed meanwhile.", code="account-moved")
        row = PendingRow(
            id=pending,
            keys=keys.raw,
            statement=keys.state.head,
            seq=keys.state.seq,
            asked_at=work.now,
            due_at=verdict.due_at,
            asked_by=opened,
        )
        await own.add_pending(row)
        await own.tell(Recent.WAITING, pending)
        work.record(ChangeWaiting(subject=account.uid, pending=pending, statement=row.statement, due_at=row.due_at))
        return verdict
    await enter(work, own, keys, kept_session=session)
    return None


def _differs(before: SlotRow, after: SlotRow, *, new_root: bool) -> bool:
    """Return whether a way in that stays was given another tag, log-in key, look-up id, or wrap of the same root."""
    if (before.tag, before.login_key, before.lookup) != (after.tag, after.login_key, after.lookup):
        return True
    return not new_root and (before.enc, before.ciphertext) != (after.enc, after.ciphertext)


async def _overtakes_what_it_may_not(
    own: OwnAccountChange, *, session: bytes, made_at: Mapping[bytes, int], before: SlotList, now: int
) -> bool:
    """Return whether a change by `session` would void a waiting one that it may not cancel."""
    by = await own.session_slots(session)
    return any(
        rules.may_cancel(
            rules.compare(before, _listed(one)), asked_by=one.asked_by, session=by, made_at=made_at, now=now
        )
        for one in await own.pending()
    )


def _listed(pending: PendingRow) -> SlotList:
    """Return the slot list that a waiting change would bring."""
    return SlotList.decode(msgspec.json.decode(pending.keys, type=KeySet).slots)


async def enter(work: Work, own: OwnAccountChange, keys: VerifiedKeys, *, kept_session: bytes | None) -> None:
    """Put a key set into the chain; void what waits; sign every other device out if keys changed."""
    before = await own.account()
    if before is None or not await own.append(keys.state, keys.signed, seq_before=keys.seq_before):
        raise ConflictError("The account changed meanwhile.", code="account-moved")
    made_at = {slot.id: slot for slot in await own.slots()}
    old = SlotList.decode(before.slots)
    same = {slot.id for slot in old.slots if slot in keys.listed.slots}
    rows = [
        dataclasses.replace(row, made_at=made_at[row.id].made_at if row.id in same else work.now) for row in keys.rows
    ]
    if before.bundle != keys.bundle:
        await own.keep_bundle(before, work.now + BUNDLE_KEPT_SECONDS)
    await own.replace_slots(slots=keys.listed.encode(), bundle=keys.bundle, rows=rows)
    uid = keys.state.uid
    if keys.state.generation != before.generation or set(old.slots) != set(keys.listed.slots):
        await own.tell(Recent.KEYS, keys.state.head)
    for pending in await own.pending():
        await own.drop_pending(pending.id)
        work.record(ChangeCancelled(subject=uid, pending=pending.id, why="overtaken"))
    if keys.state.generation != before.generation:
        for ended in await own.end_sessions(but=kept_session):
            work.record(SessionEnded(subject=uid, session=ended, why="keys-changed"))
    work.record(
        StatementAdded(subject=uid, statement=keys.state.head, seq=keys.state.seq, generation=keys.state.generation)
    )


async def cancel_pending(
    work: Work, *, uid: bytes, pending: bytes, session: bytes | None, why: str = "asked"
) -> Denied | None:
    """Cancel a waiting change; `session` is the device that asks, None the host's own clock."""
    own = OwnAccountChange(work, PersonScope(uid=uid))
    found = next((one for one in await own.pending() if one.id == pending), None)
    account = await own.account()
    if found is None or account is None:
        return Denied("pending-unknown", "This change is not waiting (any more).")
    if session is not None:
        denied = rules.may_cancel(
            rules.compare(SlotList.decode(account.slots), _listed(found)),
            asked_by=found.asked_by,
            session=await own.session_slots(session),
            made_at={slot.id: slot.made_at for slot in await own.slots()},
            now=work.now,
        )
        if denied is not None:
            return denied
    await own.drop_pending(pending)
    await own.tell(Recent.CANCELLED, pending)
    work.record(ChangeCancelled(subject=uid, pending=pending, why=why))
    return None


async def end_session(work: Work, *, uid: bytes, session: bytes, why: str) -> Denied | None:
    """Sign a device out."""
    if not await OwnAccountChange(work, PersonScope(uid=uid)).end_session(session):
        return Denied("session-unknown", "This device is not signed in.")
    work.record(SessionEnded(subject=uid, session=session, why=why))
    return None


async def set_totp(work: Work, *, uid: bytes, sealed: bytes | None, step: int) -> None:
    """Turn the second factor on (sealed by the host's field key) or off."""
    own = OwnAccountChange(work, PersonScope(uid=uid))
    await own.set_totp(sealed, step)
    await own.tell(Recent.CODE, b"on" if sealed is not None else b"off")
    work.record(TotpChanged(subject=uid, on=sealed is not None))


async def erase(work: Work, *, uid: bytes) -> None:
    """Erase an account: ways in, sessions, bundle, handle. Its public chain stays, for its signatures."""
    own = OwnAccountChange(work, PersonScope(uid=uid))
    account = await own.account()
    await own.erase()
    work.record(AccountErased(subject=uid, statement=account.head if account else bytes(32)))


async def suspend(work: Work, *, handle: str, suspended: bool) -> Denied | bytes:
    """Suspend or resume an account; a suspended one is signed out everywhere and keeps its records."""
    state = State.SUSPENDED if suspended else State.ACTIVE
    uid = await DoorsChange(work, HostScope(reason="operator")).set_state(handle, state)
    if uid is None:
        return Denied("handle-unknown", "No account has this handle.")
    if suspended:
        for ended in await OwnAccountChange(work, PersonScope(uid=uid)).end_sessions(but=None):
            work.record(SessionEnded(subject=uid, session=ended, why="suspended"))
    work.record(AccountSuspended(subject=uid, suspended=suspended))
    return uid


async def invite(work: Work, *, code_hash: bytes, role: Role, expires_at: int) -> None:
    """Store an invitation into a role; only the operator's console calls this."""
    await DoorsChange(work, HostScope(reason="operator")).add_invitation(code_hash, role, expires_at)
    work.record(InvitationMade(subject=bytes(32), role=str(role)))


async def end_rested(work: Work, *, limit: int) -> int:
    """Sign out devices that rested longer than they are kept; return how many."""
    rows = await DoorsChange(work, HostScope(reason="upkeep")).rested(limit)
    for uid, session in rows:
        await OwnAccountChange(work, PersonScope(uid=uid)).end_session(session)
        work.record(SessionEnded(subject=uid, session=session, why="rested"))
    return len(rows)


async def summarise_refusals(work: Work) -> int:
    """Record each account's refused log-ins since the last time; return how many accounts had some."""
    rows = await DoorsChange(work, HostScope(reason="upkeep")).failures()
    for uid, count, hour in rows:
        work.record(LoginsRefused(subject=uid, count=count, hour=hour))
    return len(rows)


async def learn_chain(work: Work, states: Sequence[tuple[AccountState, bytes]]) -> None:
    """Keep the verified chain of an account that does not live here, so that its signatures can be checked.

    `states` is each state with the signed statement that led to it, in order.
    """
    uid = states[0][0].uid
    kept = await Directory(work).chain(uid)
    if kept:
        await _extend_foreign(work, uid, kept, states)
        return
    doors = DoorsChange(work, HostScope(reason="moving-in"))
    await doors.add_foreign(states[-1][0])
    own = OwnAccountChange(work, PersonScope(uid=uid))
    for state, signed in states:
        await own.add_statement(state, signed)
    work.record(AccountCreated(subject=uid, statement=states[-1][0].head, role="foreign"))


async def _extend_foreign(
    work: Work, uid: bytes, kept: Sequence[bytes], states: Sequence[tuple[AccountState, bytes]]
) -> None:
    """Append what a longer, verified chain adds to one that is known here by its chain only."""
    own = OwnAccountChange(work, PersonScope(uid=uid))
    account = await own.account()
    known = states[len(kept) - 1][0].head if len(states) > len(kept) else b""
    if account is None or account.state is not State.FOREIGN or known != account.head:
        return
    for state, signed in states[len(kept) :]:
        await own.append(state, signed, seq_before=state.seq - 1)
        work.record(StatementAdded(subject=uid, statement=state.head, seq=state.seq, generation=state.generation))
