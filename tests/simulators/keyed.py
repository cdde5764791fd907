"""A person with passkeys: what a browser does of spec/passkeys.md, over the SDK's transport and its parts."""

import base64
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.authenticator import HONEST, ORIGIN, Lie, Passkey
from tests.simulators.kept import kept
from tests.simulators.world import PASS, SPARE, Homes, Time

from mindhaven.accounts.model import PasskeyRow
from mindhaven.accounts.store import OwnPasskeysChange
from mindhaven.crypto import totp
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.errors import MindhavenError
from mindhaven.kernel import PersonScope, Work
from mindhaven.protocol.login import PURPOSE_SESSION, PURPOSE_SLOT_NOW
from mindhaven.protocol.slots import PassphraseParams, SlotKeys, SlotKind, lookup_id, passkey_secret
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.server.build import Server
from mindhaven.wire import accounts as wire
from mindhaven.wire import passkeys

NAMED = {"server.origin": ORIGIN}


async def _begin(_: Server, home: Homes) -> None:
    await home("phone").sign_up(PASS, word="ana", recovery_key=SPARE)


@asynccontextmanager
async def keyed(tmp: Path, moment: Time) -> AsyncIterator[tuple[Server, Homes, AsyncMindhaven]]:
    """Give Ana's phone, her recovery key being SPARE, at a server that has a name."""
    async with kept("keyed", tmp, moment, _begin, **NAMED) as (server, home, _, _):
        yield server, home, home("phone")


async def start(me: AsyncMindhaven, user_handle: bytes | None = None) -> passkeys.PasskeyStarted:
    started: passkeys.PasskeyStarted = await me.transport.call(
        "POST", "/v1/passkeys/start", passkeys.PasskeyStarted, body=passkeys.PasskeyStart(user_handle=user_handle)
    )
    return started


async def add(me: AsyncMindhaven, key: Passkey, lie: Lie = HONEST, **more: Any) -> passkeys.PasskeyShown:
    """Let the server know a passkey; a way in must have been opened."""
    body = passkeys.PasskeyAdd(**key.make(await start(me), lie, **more))
    shown: passkeys.PasskeyShown = await me.transport.call("POST", "/v1/passkeys", passkeys.PasskeyShown, body=body)
    return shown


class MadeBefore:
    """What a client asks an authenticator with before there is a server to ask."""

    def __init__(self) -> None:
        self.challenge, self.user_handle = os.urandom(32), os.urandom(32)
        self.rp_id = ORIGIN.removeprefix("https://")


async def introduce(
    me: AsyncMindhaven, key: Passkey, lie: Lie = HONEST, *, made: MadeBefore | None = None, **more: Any
) -> passkeys.PasskeyShown:
    """Let the server know a passkey that was made before the account; a way in must have been opened."""
    fields = key.make(made or MadeBefore(), **more)
    started = await start(me, key.user_handle)
    body = passkeys.PasskeyAdd(**fields, assertion=key.use(started, lie))
    shown: passkeys.PasskeyShown = await me.transport.call("POST", "/v1/passkeys", passkeys.PasskeyShown, body=body)
    return shown


async def listed(me: AsyncMindhaven) -> passkeys.Passkeys:
    shown: passkeys.Passkeys = await me.transport.call("GET", "/v1/passkeys", passkeys.Passkeys)
    return shown


def secret_of(key: Passkey) -> SlotSecret:
    return passkey_secret(key.prf)


async def add_slot(me: AsyncMindhaven, key: Passkey) -> bytes:
    """Make a slot that the passkey's secret opens, by both ways in there are; return its id."""
    await me.access.open_way(recovery_key=SPARE)
    _, root = await me.access.open_way(passphrase=PASS)
    assert (await me.access.change(root, add=[NewSlot.passkey(secret_of(key))], new=New.NOTHING)).applied
    _, _, ways = await me.access.shown(me.me.uid)
    mine = SlotKeys.of(secret_of(key), SlotKind.PASSKEY).unwrapper.public
    return next(one.id for one in ways.slots if one.xwing == mine)


async def slot_now(me: AsyncMindhaven, slot: bytes, key: Passkey, assertion: wire.Assertion | None = None) -> None:
    """Open a passkey slot on a signed-in device."""
    given: wire.NonceGiven = await me.transport.call("POST", "/v1/slot-now/nonce", wire.NonceGiven)
    claim = me.access._claim(me.me.uid.hex(), PURPOSE_SLOT_NOW, me.me.session, given.nonce)
    login = SlotKeys.of(secret_of(key), SlotKind.PASSKEY).login
    body = wire.SlotNow(slot=slot, claim=claim.encode(), signature=claim.sign(login), assertion=assertion)
    token: wire.TokenGiven = await me.transport.call("POST", "/v1/slot-now", wire.TokenGiven, body=body)
    me.access._use(token.token, token.token_expires_at)


async def add_bound(me: AsyncMindhaven, key: Passkey, **more: Any) -> passkeys.PasskeyShown:
    """Make a slot of the passkey, and let the server know the passkey as what unlocks it."""
    slot = await add_slot(me, key)
    await slot_now(me, slot, key)
    return await add(me, key, slot=slot, **more)


async def challenge(me: AsyncMindhaven, *, slot_now: bool = False) -> passkeys.PasskeyChallenge:
    path = "/v1/slot-now/challenge" if slot_now else "/v1/login/challenge"
    given: passkeys.PasskeyChallenge = await me.transport.call(
        "POST", path, passkeys.PasskeyChallenge, open_=not slot_now
    )
    return given


async def log_in(
    me: AsyncMindhaven,
    name: str,
    keys: SlotKeys,
    nonce: bytes,
    assertion: wire.Assertion | None,
    code: str | None = None,
) -> wire.SessionGiven:
    """Ask for a session with what is given; nothing is kept on the device."""
    claim = me.access._claim(name, PURPOSE_SESSION, SessionSigner.fresh().public, nonce)
    body = wire.Login(claim=claim.encode(), signature=claim.sign(keys.login), assertion=assertion, code=code)
    given: wire.SessionGiven = await me.transport.call("POST", "/v1/login", wire.SessionGiven, body=body, open_=True)
    return given


async def by_passphrase(
    me: AsyncMindhaven, handle: str, assertion: wire.Assertion | None = None, code: str | None = None
) -> wire.SessionGiven:
    started = await me.access._login_start(handle)
    params = PassphraseParams(started.memory_kib, started.passes, started.lanes, started.server_salt, handle)
    keys = SlotKeys.of(params.secret(PASS), SlotKind.PASSPHRASE)
    return await log_in(me, handle, keys, started.nonce, assertion, code)


async def by_passkey(me: AsyncMindhaven, key: Passkey, assertion: wire.Assertion | None = None) -> wire.SessionGiven:
    """Sign in by the slot that this passkey's secret opens."""
    found = lookup_id(secret_of(key), SlotKind.PASSKEY)
    assert found is not None
    started = await me.access._login_start(found.hex())
    return await log_in(me, found.hex(), SlotKeys.of(secret_of(key), SlotKind.PASSKEY), started.nonce, assertion)


def another() -> Passkey:
    """Return a passkey that this account has never seen."""
    key = Passkey()
    key.user_handle = os.urandom(32)
    return key


async def a_passkey(work: Work, uid: bytes) -> bytes:
    """Store a passkey that nobody can use; return its id."""
    row = PasskeyRow(
        id=os.urandom(16), credential=os.urandom(32), public_key=b"", name=b"", transports=(), slot=None,
        second_factor=False, eligible=False, backed_up=False, counter=0, created_hour=0,
    )  # fmt: skip
    assert await OwnPasskeysChange(work, PersonScope(uid=uid)).add(row)
    return row.id


async def refused(asked: Awaitable[Any]) -> str:
    """Return the reason for which it is refused."""
    with pytest.raises(MindhavenError) as found:
        await asked
    return found.value.reason


async def opened(me: AsyncMindhaven) -> AsyncMindhaven:
    """Open a way in now."""
    await me.access.open_way(passphrase=PASS)
    return me


async def code_on(me: AsyncMindhaven, moment: Time) -> str:
    """Turn a code on; return the next one that is right."""
    kept: list[bytes] = []

    def confirm(shown: str) -> str:
        kept.append(base64.b32decode(shown + "=" * (-len(shown) % 8)))
        return totp.code(kept[0], moment.now // 30)

    await me.totp_on(PASS, confirm)
    moment.now += 30
    return totp.code(kept[0], moment.now // 30)
