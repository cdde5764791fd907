"""Use cases of reminders. What they take has been checked and sealed. I/O: the store only."""

from collections.abc import Sequence
from typing import Final

from mindhaven import accounts, consent
from mindhaven.kernel import Denied, HostScope, Look, PersonScope, Work
from mindhaven.reminders import rules
from mindhaven.reminders.model import PURPOSE, UNANSWERED, Device, DeviceEnded, DeviceStarted, Put
from mindhaven.reminders.store import OwnReminders, OwnRemindersChange, Rota, RotaChange

_SCOPE: Final = HostScope(reason="reminders")


_NOT_ALLOWED: Final = Denied(
    "reminders-not-allowed", "You have not said yes to reminders.", "Say yes to them among your choices first."
)


async def put(work: Work, put: Put) -> Denied | None:
    """Remind a device from now on, three times before it has to ask again; only for who allowed that.

    What the same person has at the same address was this device under an earlier session: it goes on here.
    """
    if not (await consent.decide(work, uid=put.uid, purpose=PURPOSE)).allows:
        return _NOT_ALLOWED
    own = OwnRemindersChange(work, PersonScope(uid=put.uid))
    before = [one for one in await own.all() if one.session == put.session or one.mark == put.mark]
    for one in before:
        if one.session != put.session:
            await own.drop(one.session)
    await own.put(
        put,
        left=UNANSWERED,
        next_at=rules.next_at(put.minutes, work.now),
        last_at=max((one.last_at for one in before), default=0),
        since=min((one.since for one in before), default=work.now),
    )
    if not before:
        work.record(DeviceStarted(subject=put.uid, session=put.session))
    return None


async def end(work: Work, *, uid: bytes, session: bytes) -> None:
    """End the reminders of one's own device, if it has some."""
    if await OwnRemindersChange(work, PersonScope(uid=uid)).drop(session):
        work.record(DeviceEnded(subject=uid, session=session, why="asked"))


async def taken_back(work: Work, uid: bytes) -> None:
    """End the reminders of every device of a person who allows them no more."""
    own = OwnRemindersChange(work, PersonScope(uid=uid))
    for one in await own.all():
        work.record(DeviceEnded(subject=uid, session=one.session, why="choice"))
    await own.drop_all()


async def forget(work: Work, *, uid: bytes) -> None:
    """Delete the reminders of every device of an account that is erased."""
    await OwnRemindersChange(work, PersonScope(uid=uid)).drop_all()


async def left(look: Look, *, uid: bytes) -> list[str]:
    """Return the tables that still hold what erasing this account should have deleted."""
    return ["reminders_device"] if await OwnReminders(look, PersonScope(uid=uid)).all() else []


async def signed_out(work: Work, session: bytes) -> None:
    """Delete what a device that was signed out had."""
    await RotaChange(work, _SCOPE).drop(session)


async def take_due(work: Work, *, limit: int) -> tuple[list[Device], bool]:
    """Mark up to `limit` devices that are due; return those to send to, and whether there were any at all.

    Marked before anything is sent: a server that falls in between sends one reminder too few, and none twice.
    """
    rota = RotaChange(work, _SCOPE)
    found = await rota.due(limit)
    standing = await accounts.standing(work, sessions=[one.session for one in found])
    send: list[Device] = []
    for one in found:
        if one.session not in standing:
            await rota.drop(one.session)
            continue
        if not (await consent.decide(work, uid=one.uid, purpose=PURPOSE)).allows:  # it expired, or its terms changed
            await rota.drop(one.session)
            work.record(DeviceEnded(subject=one.uid, session=one.session, why="choice"))
            continue
        sends = rules.due(one.next_at, one.last_at, work.now) is rules.Due.SEND
        await rota.mark(
            one.session,
            left=one.left - sends,
            next_at=rules.next_at(one.minutes, work.now),
            last_at=one.next_at if sends else one.last_at,
        )
        if sends:
            send.append(one)
    return send, bool(found)


async def stands(look: Look, device: Device) -> bool:
    """Return whether a device still has these reminders, and its owner still allows them."""
    rows = await OwnReminders(look, PersonScope(uid=device.uid)).all()
    there = any((one.session, one.mark) == (device.session, device.mark) for one in rows)
    return there and (await consent.decide(look, uid=device.uid, purpose=PURPOSE)).allows


async def gone(work: Work, device: Device, *, why: str) -> None:
    """End the reminders of a device whose address is no use any more, unless it has another one meanwhile."""
    if await RotaChange(work, _SCOPE).drop(device.session, device.mark):
        work.record(DeviceEnded(subject=device.uid, session=device.session, why=why))


async def key(look: Look) -> bytes | None:
    """Return the server's sealed key, None if none was made yet."""
    return await Rota(look, _SCOPE).key()


async def add_key(work: Work, sealed: bytes) -> None:
    """Keep a new key of the server, if it has none."""
    await RotaChange(work, _SCOPE).add_key(sealed)


async def sealed(look: Look, *, after: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
    """Return (session, sealed address) of devices after session `after`."""
    return [(session, endpoint) for session, endpoint in await Rota(look, _SCOPE).sealed(after, limit)]


async def reseal(work: Work, fresh: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Put addresses under a newer key: (session, as it was, as it is) each."""
    for session, old, new in fresh:
        await RotaChange(work, _SCOPE).reseal(session, old, new)


async def reseal_key(work: Work, old: bytes, new: bytes) -> None:
    """Put the server's key under a newer one."""
    await RotaChange(work, _SCOPE).reseal_key(old, new)
