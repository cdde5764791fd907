"""One's own account, others' chains, changes of ways in, the second factor. Parse, verify, act, render."""

import asyncio

from mindhaven.accounts import service, verify
from mindhaven.accounts.api.asking import (
    throttle,
)
from mindhaven.accounts.model import (
    MIN_WAYS_IN,
    RECENT_SECONDS,
    AccountRow,
    SignedIn,
)
from mindhaven.accounts.rules import Waits
from mindhaven.accounts.store import Directory, OwnAccount
from mindhaven.crypto import totp
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Denied, Host, Look, PersonScope, Recorded, Request, Work, receipts
from mindhaven.protocol.encoding import Signed
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import from_text
from mindhaven.wire.receipts import shown

# -- the account


async def show(host: Host, request: Request) -> wire.AccountShown | Denied:
    """Show the owner everything that a client needs to verify and open the account."""
    me: SignedIn = request.session

    async def read(look: Look) -> wire.AccountShown | Denied:
        own = OwnAccount(look, PersonScope(uid=me.uid))
        account = await own.account()
        if account is None:
            return Denied("account-unknown", "This account is not here (any more).")
        slots = await own.slots()
        return wire.AccountShown(
            uid=me.uid,
            handle=account.handle or "",
            role=str(account.role),
            finished=len(slots) >= MIN_WAYS_IN,
            statements=await Directory(look).chain(me.uid),
            slots=account.slots,
            entries=[
                wire.SlotEntry(
                    id=slot.id,
                    tag=slot.tag,
                    enc=slot.enc,
                    ciphertext=slot.ciphertext,
                    login_key=slot.login_key,
                    lookup=slot.lookup,
                )
                for slot in slots
            ],
            bundle=account.bundle,
            pending=[
                wire.PendingShown(id=one.id, statement=one.statement, due_at=one.due_at, asked_at=one.asked_at)
                for one in await own.pending()
            ],
            earlier_bundles=[
                wire.EarlierBundle(generation=generation, bundle=bundle)
                for generation, bundle in await own.earlier_bundles()
            ],
            totp=account.totp is not None,
        )

    return await host.db.look(read)


async def recent(host: Host, request: Request) -> wire.RecentShown:
    """Tell what waits, and what happened to devices and ways in within thirty days."""
    me: SignedIn = request.session

    async def read(look: Look) -> wire.RecentShown:
        own = OwnAccount(look, PersonScope(uid=me.uid))
        return wire.RecentShown(
            waiting=[
                wire.PendingShown(id=one.id, statement=one.statement, due_at=one.due_at, asked_at=one.asked_at)
                for one in await own.pending()
            ],
            acts=[
                wire.RecentAct(what=what, about=about, at=hour)
                for what, about, hour in await own.recent(look.now - RECENT_SECONDS)
            ],
        )

    return await host.db.look(read)


async def chain(host: Host, request: Request) -> wire.ChainShown | Denied:
    """Show an account's public chain."""
    uid = request.params["uid"]
    statements = await host.db.look(lambda look: Directory(look).chain(uid))
    if not statements:
        return Denied("account-unknown", "No account has this id here.")
    return wire.ChainShown(uid=uid, statements=statements)


async def introduce(host: Host, request: Request) -> None:
    """Keep the public chain of an account that does not live here, so that its signatures can be checked."""
    asked: wire.ChainShown = request.body
    throttle(host, "introduce", request.session.uid)
    if asked.uid != request.params["uid"]:
        raise IntegrityError("The chain is of another account than the address.", code="account-uid")
    states = await asyncio.to_thread(verify.chain_states, asked.uid, asked.statements)
    if states:
        await host.db.act(
            request.session.actor, lambda work: service.learn_chain(work, states), upkeep="a chain that is known"
        )


async def candidate(host: Host, request: Request) -> wire.Candidate | Denied:
    """Find the candidate behind a handle."""
    throttle(host, "lookup", request.session.uid)
    uid = await host.db.look(lambda look: Directory(look).uid_of(request.params["handle"]))
    return Denied("account-unknown", "No account has this handle here.") if uid is None else wire.Candidate(uid=uid)


async def change_keys(host: Host, request: Request) -> wire.KeysChanged | Denied:
    """Take a new statement with its slots: in the chain at once, or waiting."""
    asked: wire.ChangeKeys = request.body
    me: SignedIn = request.session

    async def read(look: Look) -> tuple[AccountRow | None, list[bytes]]:
        return await OwnAccount(look, PersonScope(uid=me.uid)).account(), await Directory(look).chain(me.uid)

    account, statements = await host.db.look(read)
    if account is None:
        return Denied("account-unknown", "This account is not here (any more).")
    states = await asyncio.to_thread(verify.chain_states, me.uid, statements)
    if Signed.decode(asked.keys.statement).body == Signed.decode(states[-1][1]).body:
        return wire.KeysChanged(applied=True, pending=None, due_at=None)
    raw = pack(asked.keys)
    keys = await asyncio.to_thread(verify.key_set, states[-1][0], asked.keys, raw, uid=me.uid)
    named = verify.passphrase_name(keys.listed)
    if named is not None and named != account.handle:
        return Denied("handle-differs", "The passphrase is bound to another handle than this account's.")
    if len(me.slots_now) < MIN_WAYS_IN:
        # Each way in has its own measure: who took one of them can't use up that of another.
        throttle(host, "key-change", me.uid + me.slots_now[0])
    else:
        throttle(host, "key-change-sure", me.uid)
    pending = host.random(16)

    async def act(work: Work) -> tuple[Waits | Denied | None, list[Recorded]]:
        changed = service.change_keys(
            work, uid=me.uid, keys=keys, opened=frozenset(me.slots_now), session=me.session, pending=pending
        )
        return await changed, work.recorded

    verdict, recorded = await host.db.act(me.actor, act, upkeep="a change that was refused")
    if isinstance(verdict, Denied):
        return verdict
    if isinstance(verdict, Waits):
        return wire.KeysChanged(applied=False, pending=pending, due_at=verdict.due_at)
    (receipt,) = await receipts(host, recorded, subject=me.uid)
    return wire.KeysChanged(applied=True, pending=None, due_at=None, receipt=shown(receipt))


def pack(keys: wire.KeySet) -> bytes:
    """Return a key set as bytes to keep while it waits."""
    import msgspec

    return msgspec.json.encode(keys)


async def cancel(host: Host, request: Request) -> None | Denied:
    """Cancel a waiting change; any slot or older device may."""
    me: SignedIn = request.session
    pending = from_text(request.params["pending"], length=16)
    return await host.db.act(
        me.actor, lambda work: service.cancel_pending(work, uid=me.uid, pending=pending, session=me.session)
    )


async def totp_start(host: Host, request: Request) -> wire.TotpStarted:
    """Make a new second-factor secret; nothing is stored until a code confirms it."""
    secret = host.secrets.index(request.session.session, table="accounts_account", column="totp")[: totp.SECRET_BYTES]
    return wire.TotpStarted(secret=totp.shown(secret))


async def totp_on(host: Host, request: Request) -> None | Denied:
    """Turn the second factor on with a first code."""
    asked: wire.TotpCode = request.body
    me: SignedIn = request.session
    throttle(host, "second-factor", me.uid)
    secret = host.secrets.index(me.session, table="accounts_account", column="totp")[: totp.SECRET_BYTES]
    step = totp.matching_step(secret, asked.code, now=host.clock(), after_step=0)
    if step is None:
        return Denied(
            "totp-refused", "This code is not right.", "Check the clock of your phone, then try the next code."
        )
    sealed = host.secrets.seal(secret, table="accounts_account", column="totp", row=me.uid)
    await host.db.act(me.actor, lambda work: service.set_totp(work, uid=me.uid, sealed=sealed, step=step))
    return None


async def totp_off(host: Host, request: Request) -> None:
    """Turn the second factor off."""
    me: SignedIn = request.session
    await host.db.act(me.actor, lambda work: service.set_totp(work, uid=me.uid, sealed=None, step=0))
