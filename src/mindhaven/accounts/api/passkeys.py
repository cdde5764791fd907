"""Passkeys that the server knows. Parse, verify, act, render. Implements spec/passkeys.md."""

import dataclasses
from collections.abc import Sequence

from mindhaven.accounts import passkeys, rules, service
from mindhaven.accounts.api.asking import ANONYMOUS, NONCE_UPKEEP, SIGN_IN, origin_of, throttle
from mindhaven.accounts.model import CHALLENGE_SECONDS, AccountRow, PasskeyRow, PasskeyUse, Purpose, SignedIn, SlotRow
from mindhaven.accounts.passkeys import Site
from mindhaven.accounts.store import DoorsChange, OwnAccount, OwnPasskeys
from mindhaven.kernel import Denied, Host, Look, PersonScope, Request, Work
from mindhaven.wire import passkeys as wire
from mindhaven.wire.accounts import Assertion
from mindhaven.wire.ids import from_text

PASSKEY_ID_BYTES = 16


def _site(host: Host, request: Request) -> Site | Denied:
    return passkeys.site_of(origin_of(host, request), configured=bool(host.settings["server.origin"]))


# -- challenges


async def login_challenge(host: Host, request: Request) -> wire.PasskeyChallenge | Denied:
    """Give a challenge for one log-in; nobody is named."""
    throttle(host, "nonce", request.network)
    return await _challenge(host, request, Purpose.LOGIN, b"")


async def slot_challenge(host: Host, request: Request) -> wire.PasskeyChallenge | Denied:
    """Give a challenge for opening a slot on this session."""
    throttle(host, "nonce", request.session.session)
    return await _challenge(host, request, Purpose.SLOT_NOW, request.session.session)


async def _challenge(host: Host, request: Request, purpose: Purpose, about: bytes) -> wire.PasskeyChallenge | Denied:
    site = _site(host, request)
    if isinstance(site, Denied):
        return site
    challenge, expires_at = host.random(32), host.clock() + CHALLENGE_SECONDS
    await host.db.act(
        ANONYMOUS,
        lambda work: DoorsChange(work, SIGN_IN).add_challenge(challenge, purpose, about, expires_at),
        upkeep=NONCE_UPKEEP,
    )
    return wire.PasskeyChallenge(challenge=challenge, rp_id=site.rp_id, expires_at=expires_at)


# -- adding, showing, changing


async def start(host: Host, request: Request) -> wire.PasskeyStarted | Denied:
    """Give what an authenticator is asked with for a new passkey."""
    asked: wire.PasskeyStart = request.body
    me: SignedIn = request.session
    throttle(host, "slot-now", me.session)
    site = _site(host, request)
    if isinstance(site, Denied):
        return site
    challenge, fresh = host.random(32), host.random(32)
    handle, there = await host.db.act(
        me.actor,
        lambda work: service.start_passkey(
            work,
            uid=me.uid,
            session=me.session,
            challenge=challenge,
            fresh_handle=fresh,
            before=asked.user_handle,
        ),
        upkeep="a challenge, and the account's name for authenticators",
    )
    return wire.PasskeyStarted(
        challenge=challenge,
        rp_id=site.rp_id,
        user_handle=handle,
        exclude=there,
        algorithms=list(wire.ALGORITHMS),
        expires_at=host.clock() + CHALLENGE_SECONDS,
    )


async def add(host: Host, request: Request) -> wire.PasskeyShown | Denied:
    """Take a new passkey."""
    asked: wire.PasskeyAdd = request.body
    me: SignedIn = request.session
    proof = asked.assertion
    passkeys.no_secrets(asked.extension_results)
    if proof is not None:
        passkeys.no_secrets(proof.extension_results)
    throttle(host, "slot-now", me.session)
    site = _site(host, request)
    read = site if isinstance(site, Denied) else _read_new(host, asked, site)
    if isinstance(read, Denied):
        await spend(host, asked.client_data if proof is None else proof.client_data, Purpose.ADD, me.session)
        return read
    new, challenge = read
    added = await host.db.act(
        me.actor,
        lambda work: service.add_passkey(
            work,
            uid=me.uid,
            session=me.session,
            challenge=challenge,
            new=new,
            opened=frozenset(me.slots_now),
            handle=None if proof is None else proof.user_handle,
        ),
        upkeep="a used challenge",
    )
    return added if isinstance(added, Denied) else _shown(added)


def _read_new(host: Host, asked: wire.PasskeyAdd, site: Site) -> tuple[PasskeyRow, bytes] | Denied:
    """Return a verified new passkey and the challenge that it answered, itself (step 6) or by being used (step 17)."""
    made = passkeys.read_registration(asked, site)
    if isinstance(made, Denied):
        return made
    new = PasskeyRow(
        id=host.random(PASSKEY_ID_BYTES),
        credential=asked.credential,
        public_key=made.public_key,
        name=asked.name,
        transports=tuple(asked.transports),
        slot=asked.slot,
        second_factor=asked.second_factor,
        eligible=made.eligible,
        backed_up=made.backed_up,
        counter=made.counter,
        created_hour=0,
    )
    if asked.assertion is None:
        return new, made.challenge
    if asked.assertion.credential != new.credential:
        return Denied("passkey-refused", "Another passkey was used than the new one.", "Use the new passkey.")
    handle = asked.assertion.user_handle  # whether it is the account's is judged where the account is
    used = passkeys.read_assertion(asked.assertion, passkey=new, user_handle=handle, site=site, unlocks=None)
    if isinstance(used, Denied):
        return used
    return dataclasses.replace(new, counter=used.counter, backed_up=used.backed_up), used.challenge


def _shown(row: PasskeyRow) -> wire.PasskeyShown:
    return wire.PasskeyShown(
        id=row.id,
        credential=row.credential,
        name=row.name,
        created_at=row.created_hour,
        used_at=row.used_hour,
        eligible=row.eligible,
        backed_up=row.backed_up,
        transports=list(row.transports),
        slot=row.slot,
        second_factor=row.second_factor,
        alerts=[wire.PasskeyAlert(what=str(what), at=hour) for what, hour in row.noticed.items()],
    )


async def show(host: Host, request: Request) -> wire.Passkeys:
    """Show the account's passkeys."""
    me: SignedIn = request.session

    async def read(look: Look) -> tuple[AccountRow | None, list[PasskeyRow]]:
        scope = PersonScope(uid=me.uid)
        return await OwnAccount(look, scope).account(), await OwnPasskeys(look, scope).all()

    account, rows = await host.db.look(read)
    site = _site(host, request)
    return wire.Passkeys(
        rp_id=None if isinstance(site, Denied) else site.rp_id,
        user_handle=None if account is None else account.user_handle,
        passkeys=[_shown(row) for row in rows],
    )


async def set_factor(host: Host, request: Request) -> None | Denied:
    """Make a passkey a second factor of the passphrase, or none."""
    asked: wire.PasskeyFactor = request.body
    me: SignedIn = request.session
    passkey = from_text(request.params["passkey"], length=PASSKEY_ID_BYTES)
    return await host.db.act(
        me.actor,
        lambda work: service.set_passkey_factor(work, uid=me.uid, passkey=passkey, on=asked.on, ways_in=me.ways_in),
        upkeep="it was so before",
    )


async def remove(host: Host, request: Request) -> None | Denied:
    """Forget a passkey that unlocks nothing."""
    me: SignedIn = request.session
    passkey = from_text(request.params["passkey"], length=PASSKEY_ID_BYTES)
    return await host.db.act(me.actor, lambda work: service.remove_passkey(work, uid=me.uid, passkey=passkey))


# -- using


def beside(
    host: Host,
    request: Request,
    *,
    account: AccountRow,
    slot: SlotRow,
    known: Sequence[PasskeyRow],
    assertion: Assertion | None,
    code: str | None,
    signing_in: bool,
) -> PasskeyUse | Denied | None:
    """Judge the assertion that came with a verified claim (steps 10 to 12); None: none counts, and none is missing.

    A code is judged by the caller, and only if this returns None.
    """
    asked = rules.demand(slot.id, slot.kind, known, code=account.totp is not None, signing_in=signing_in)
    missing = rules.lacks(asked, code=code is not None, passkey=assertion is not None)
    if missing is not None or assertion is None or not (asked.passkeys or asked.binds):
        return missing
    named = next((one for one in known if one.credential == assertion.credential), None)
    if named is None and asked.binds:
        return None
    # No measure of its own: a signature can't be guessed, and one for the whole account would let who has one way in
    # hold up the others. That of the way in was taken before.
    site = _site(host, request)
    if isinstance(site, Denied):
        return site
    if named is None or named.id not in asked.passkeys | asked.binds:
        return Denied("passkey-refused", "This is not the passkey that is asked for.", "Use another passkey.")
    return passkeys.read_assertion(
        assertion, passkey=named, user_handle=account.user_handle, site=site, unlocks=slot.id if asked.binds else None
    )


async def spend(host: Host, client_data: bytes, purpose: Purpose, about: bytes) -> None:
    """Use up the challenge of an answer that was refused, in a work of its own."""
    await host.db.act(ANONYMOUS, lambda work: spend_in(work, client_data, purpose, about), upkeep="a used challenge")


async def spend_in(work: Work, client_data: bytes, purpose: Purpose, about: bytes) -> None:
    """Use up the challenge of an answer that was refused."""
    challenge = passkeys.challenge_in(client_data)
    if challenge is not None:
        await service.spend_challenge(work, challenge=challenge, purpose=purpose, about=about)
