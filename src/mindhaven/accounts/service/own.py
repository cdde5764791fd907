"""Use cases of one's own account beside its keys, and of the host's upkeep of accounts. I/O: the store only."""

from collections.abc import Sequence

from mindhaven.accounts.model import (
    AccountCreated,
    AccountErased,
    AccountSuspended,
    InvitationMade,
    LoginsRefused,
    Recent,
    Role,
    SessionEnded,
    State,
    StatementAdded,
    TotpChanged,
)
from mindhaven.accounts.store import Directory, Doors, DoorsChange, OwnAccount, OwnAccountChange
from mindhaven.kernel import Denied, HostScope, Look, PersonScope, Work
from mindhaven.protocol.account import AccountState


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


async def here(look: Look, *, after: bytes, limit: int) -> list[bytes]:
    """Return the uids of accounts that live here, in order, after `after`."""
    return await Doors(look, HostScope(reason="restore")).here(after, limit)


async def left(look: Look, *, uid: bytes) -> list[str]:
    """Return the tables that still hold what erasing this account should have deleted."""
    return await OwnAccount(look, PersonScope(uid=uid)).left()


async def standing(look: Look, *, sessions: Sequence[bytes]) -> set[bytes]:
    """Return those of `sessions` whose devices are signed in, to an account that is not suspended."""
    return await Doors(look, HostScope(reason="reminders")).standing(sessions)


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
