"""Use cases of known passkeys. Each runs in one work; what it takes has been verified. I/O: the store only."""

import dataclasses

from mindhaven.accounts import rules
from mindhaven.accounts.model import (
    CHALLENGE_SECONDS,
    HOUR,
    PasskeyAdded,
    PasskeyFactorChanged,
    PasskeyNoticed,
    PasskeyRemoved,
    PasskeyRow,
    PasskeyUnlocks,
    PasskeyUse,
    Purpose,
    Recent,
)
from mindhaven.accounts.store import DoorsChange, OwnAccountChange, OwnPasskeysChange
from mindhaven.kernel import Denied, HostScope, PersonScope, Work

_SIGN_IN = HostScope(reason="sign-in")
_UNKNOWN = Denied("passkey-unknown", "This passkey is not known (any more).", "Look at the list again.")


async def start_passkey(
    work: Work, *, uid: bytes, session: bytes, challenge: bytes, fresh_handle: bytes, before: bytes | None
) -> tuple[bytes, list[bytes]]:
    """Keep a challenge for one new passkey; return the account's user handle, and the credential ids there are.

    `before` is the handle of a passkey that was made before; the account takes it with that passkey (step 17), not now:
    one that is made under it meanwhile would take the first one's place.
    """
    await DoorsChange(work, _SIGN_IN).add_challenge(challenge, Purpose.ADD, session, work.now + CHALLENGE_SECONDS)
    own = OwnPasskeysChange(work, PersonScope(uid=uid))
    there = [one.credential for one in await own.all()]
    if before is not None and not there:
        return before, there
    handle = await own.user_handle(fresh_handle)
    return handle or fresh_handle, there


async def add_passkey(
    work: Work,
    *,
    uid: bytes,
    session: bytes,
    challenge: bytes,
    new: PasskeyRow,
    opened: frozenset[bytes],
    handle: bytes | None,
) -> Denied | PasskeyRow:
    """Know a passkey from here on: spec/passkeys.md steps 8 and 17; `handle`: of one that was made before."""
    if not await DoorsChange(work, _SIGN_IN).take_challenge(challenge, Purpose.ADD, session):
        return Denied("passkey-challenge", "This took too long, or was answered before.", "Start again.")
    account = OwnAccountChange(work, PersonScope(uid=uid))
    own = OwnPasskeysChange(work, PersonScope(uid=uid))
    kinds = {slot.id: slot.kind for slot in await account.slots()}
    there = await own.all()
    denied = rules.may_add_passkey(new, there, kinds=kinds, opened=opened)
    if denied is not None:
        return denied
    if handle is not None and there and handle != await own.user_handle(handle):
        return Denied("passkey-refused", "This passkey is of another account.", "Make a new passkey.")
    new = dataclasses.replace(new, created_hour=work.now // HOUR * HOUR)
    if not await own.add(new):
        return Denied("passkey-exists", "This passkey is known already.", "Use another one.")
    if handle is not None and not there:  # nothing bears another one; a refusal above would have kept it
        await own.take_handle(handle)
    await account.tell(Recent.PASSKEY_ADDED, new.id)
    work.record(PasskeyAdded(subject=uid, passkey=new.id, slot=new.slot or b""))
    return new


async def use_passkey(work: Work, *, uid: bytes, use: PasskeyUse, purpose: Purpose, about: bytes) -> Denied | None:
    """Use up the challenge of a verified assertion, and store and tell what it said: spec/passkeys.md step 13."""
    if not await DoorsChange(work, _SIGN_IN).take_challenge(use.challenge, purpose, about):
        return Denied("passkey-challenge", "This answer took too long, or was given before.", "Use the passkey again.")
    own = OwnPasskeysChange(work, PersonScope(uid=uid))
    before = await own.one(use.passkey)
    if before is None:
        return Denied("passkey-refused", "This passkey was removed meanwhile.", "Use another passkey.")
    await own.used(use, before.slot or use.unlocks)
    if before.slot is None and use.unlocks is not None:
        work.record(PasskeyUnlocks(subject=uid, passkey=use.passkey, slot=use.unlocks))
    hour = work.now // HOUR * HOUR
    for what in rules.noticed(before, use):
        if before.noticed.get(what) == hour:
            continue
        await own.notice(use.passkey, what)
        await OwnAccountChange(work, PersonScope(uid=uid)).tell(Recent.PASSKEY_NOTICED, use.passkey)
        work.record(PasskeyNoticed(subject=uid, passkey=use.passkey, what=str(what)))
    return None


async def spend_challenge(work: Work, *, challenge: bytes, purpose: Purpose, about: bytes) -> None:
    """Use up the challenge of an answer that was refused."""
    await DoorsChange(work, _SIGN_IN).take_challenge(challenge, purpose, about)


async def set_passkey_factor(work: Work, *, uid: bytes, passkey: bytes, on: bool, ways_in: int) -> Denied | None:
    """Make a passkey a second factor of the passphrase, or none."""
    own = OwnPasskeysChange(work, PersonScope(uid=uid))
    found = await own.one(passkey)
    if found is None:
        return _UNKNOWN
    denied = rules.may_be_factor(ways_in, on=on)
    if denied is None and found.second_factor != on:
        await own.set_factor(passkey, on=on)
        await OwnAccountChange(work, PersonScope(uid=uid)).tell(Recent.PASSKEY_FACTOR, passkey)
        work.record(PasskeyFactorChanged(subject=uid, passkey=passkey, on=on))
    return denied


async def remove_passkey(work: Work, *, uid: bytes, passkey: bytes) -> Denied | None:
    """Forget a passkey that unlocks nothing."""
    account = OwnAccountChange(work, PersonScope(uid=uid))
    own = OwnPasskeysChange(work, PersonScope(uid=uid))
    found = await own.one(passkey)
    if found is None:
        return _UNKNOWN
    denied = rules.may_remove_passkey(found, [slot.id for slot in await account.slots()])
    if denied is None:
        await _forget(work, uid, passkey, why="asked")
    return denied


async def forget_with(work: Work, *, uid: bytes, stay: frozenset[bytes]) -> None:
    """Forget each passkey whose slot is not among those that `stay` as they were: it goes with its way in."""
    for one in await OwnPasskeysChange(work, PersonScope(uid=uid)).all():
        if one.slot is not None and one.slot not in stay:
            await _forget(work, uid, one.id, why="slot-gone")


async def _forget(work: Work, uid: bytes, passkey: bytes, *, why: str) -> None:
    await OwnPasskeysChange(work, PersonScope(uid=uid)).remove(passkey)
    await OwnAccountChange(work, PersonScope(uid=uid)).tell(Recent.PASSKEY_REMOVED, passkey)
    work.record(PasskeyRemoved(subject=uid, passkey=passkey, why=why))
