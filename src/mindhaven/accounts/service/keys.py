"""Use cases of keys and ways in: changes that count at once or wait. I/O: the store only."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from mindhaven.accounts import rules
from mindhaven.accounts.model import (
    BUNDLE_KEPT_SECONDS,
    HOUR,
    AccountCreated,
    ChangeCancelled,
    ChangeWaiting,
    PendingRow,
    Recent,
    Role,
    SessionEnded,
    SlotRow,
    State,
    StatementAdded,
)
from mindhaven.accounts.service.passkeys import forget_with
from mindhaven.accounts.store import Directory, OwnAccountChange
from mindhaven.errors import ConflictError
from mindhaven.kernel import Denied, PersonScope, Work
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.slots import SlotList
from mindhaven.wire.accounts import KeySet


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


async def change_keys(
    work: Work, *, uid: bytes, keys: VerifiedKeys, opened: frozenset[bytes], session: bytes, pending: bytes
) -> rules.Waits | Denied | None:
    """Let a verified key set into the chain, or let it wait. None: it is in the chain."""
    own = OwnAccountChange(work, PersonScope(uid=uid))
    account = await own.account()
    if account is None:
        raise ConflictError("The account changed meanwhile.", code="account-moved")
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


async def enter(
    work: Work,
    own: OwnAccountChange,
    keys: VerifiedKeys,
    *,
    kept_session: bytes | None,
    between: Sequence[tuple[AccountState, bytes]] = (),
) -> None:
    """Put a key set into the chain; void what waits; sign every other device out if keys changed.

    `between` are the statements that a restore lost beside it: they go first.
    """
    before = await own.account()
    if before is None:
        raise ConflictError("The account changed meanwhile.", code="account-moved")
    for state, signed in [*between, (keys.state, keys.signed)]:
        if not await own.append(state, signed, seq_before=state.seq - 1):
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
    await forget_with(work, uid=uid, stay=frozenset(same))
    if keys.state.generation != before.generation or set(old.slots) != set(keys.listed.slots):
        await own.tell(Recent.KEYS, keys.state.head)
    for pending in await own.pending():
        await own.drop_pending(pending.id)
        if pending.statement != keys.state.head:
            await own.tell(Recent.CANCELLED, pending.id)
        work.record(ChangeCancelled(subject=uid, pending=pending.id, why="overtaken"))
    if keys.state.generation != before.generation:
        for ended in await own.end_sessions(but=kept_session):
            work.record(SessionEnded(subject=uid, session=ended, why="keys-changed"))
    for state in [*(state for state, _ in between), keys.state]:
        work.record(StatementAdded(subject=uid, statement=state.head, seq=state.seq, generation=state.generation))


async def take_offer(
    work: Work,
    *,
    states: Sequence[tuple[AccountState, bytes]],
    keys: VerifiedKeys,
    handle: str | None,
    create: bool,
    since: int,
    pending: bytes,
) -> Denied | bool | rules.Waits:
    """Let an account's newest keys, which a restore lost, into the chain again; return whether anything changed.

    What touches ways in or the root waits as `pending`: who opened one way in can sign it as well (docs/adr/0009).
    `create`: begin the account anew where the restore lost all of it. Ways in that the server still knows keep their
    tag, log-in key and look-up id: who holds a device's keys only can't put others in their place. `since`: when the
    server began to take offers.
    """
    uid = keys.state.uid
    own = OwnAccountChange(work, PersonScope(uid=uid))
    account = await own.account()
    if account is None:
        if not create:
            return Denied("signup-closed", "This server takes new people by invitation only.")
        if handle is None:
            return Denied("handle-differs", "These keys name no handle under which the account could begin anew.")
        if await Directory(work).uid_of(handle) is not None:
            return Denied("handle-taken", "This handle is taken here.", "Ask the people who run this server.")
        await own.create(handle=handle, role=Role.PERSON, slots=keys.listed.encode(), bundle=keys.bundle,
                         hour=work.now // HOUR * HOUR)  # fmt: skip
        for state, signed in states:
            await own.append(state, signed, seq_before=state.seq - 1)
        await own.replace_slots(slots=keys.listed.encode(), bundle=keys.bundle, rows=keys.rows)
        work.record(AccountCreated(subject=uid, statement=keys.state.head, role=str(Role.PERSON)))
        return True
    if account.state is State.FOREIGN or (handle is not None and account.handle != handle):
        return Denied("account-unknown", "No account of this id lives here.")
    if account.seq >= len(states) or states[account.seq][0].head != account.head:
        return Denied("chain-differs", "This server knows another history of this account.")
    if account.seq == len(states) - 1:
        return False
    known = {slot.id: slot for slot in await own.slots()}
    before = SlotList.decode(account.slots)
    same = set(before.slots) & set(keys.listed.slots)
    new_root = keys.state.root_generation > states[account.seq][0].root_generation
    rows = {row.id: row for row in keys.rows}
    if any(_differs(known[slot.id], rows[slot.id], new_root=new_root) for slot in same):
        return Denied("slot-altered", "A way in that stays keeps its tag, key, look-up id and, without a new root, its"
                      " wrap.")  # fmt: skip
    between = states[account.seq + 1 : -1]
    waiting = await own.pending()
    verdict = rules.may_bring(
        rules.compare(before, keys.listed),
        new_root=new_root,
        asked=[one.asked_at for one in waiting if one.asked_by],
        since=since,
        now=work.now,
    )
    if isinstance(verdict, rules.Now):
        await enter(work, own, keys, kept_session=None, between=between)
        return True
    there = next((one for one in waiting if one.statement == keys.state.head), None)
    if there is not None:
        return rules.Waits(due_at=there.due_at)
    row = PendingRow(
        id=pending,
        keys=keys.raw,
        statement=keys.state.head,
        seq=keys.state.seq,
        asked_at=work.now,
        due_at=verdict.due_at,
        asked_by=frozenset(),
        earlier=tuple(signed for _, signed in between),
    )
    await own.add_pending(row)
    await own.tell(Recent.WAITING, pending)
    work.record(ChangeWaiting(subject=uid, pending=pending, statement=row.statement, due_at=row.due_at))
    return verdict


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
