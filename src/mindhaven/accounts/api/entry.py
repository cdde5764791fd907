"""Signing up and logging in. Parse, verify, act, render."""

import asyncio
import math
import time
from typing import Any, Final

from mindhaven.accounts import service, verify
from mindhaven.accounts.api.asking import (
    ANONYMOUS,
    DUMMY_PARAMS,
    LOGIN_FLOOR_SECONDS,
    MAX_HANDLE_TRIES,
    NONCE_UPKEEP,
    SIGN_IN,
    expected_claim,
    new_token,
    throttle,
)
from mindhaven.accounts.api.passkeys import beside, spend_in
from mindhaven.accounts.model import (
    CHALLENGE_SECONDS,
    RESERVATION_SECONDS,
    AccountRow,
    PasskeyRow,
    PasskeyUse,
    Purpose,
    Role,
    SlotRow,
    State,
)
from mindhaven.accounts.passkeys import no_secrets
from mindhaven.accounts.store import Doors, DoorsChange, OwnAccount, OwnPasskeys
from mindhaven.crypto import totp
from mindhaven.crypto.encoding import labelled_hash
from mindhaven.crypto.sign import verify_ed25519
from mindhaven.kernel import Denied, Host, Look, PersonScope, Request, Row, Work
from mindhaven.protocol.login import PURPOSE_SESSION, LoginClaim
from mindhaven.protocol.slots import SlotKind
from mindhaven.wire import accounts as wire

WATCHED_SECONDS: Final = 0.002
"""The end of a wait that is watched rather than slept: twice the resolution of the loop's timers."""

_MISSING: Final = frozenset({"totp-needed", "passkey-needed", "totp-or-passkey-needed"})
"""Refusals that ask for more: what was given is not used up by them."""

# -- sign-up


async def signup_start(host: Host, request: Request) -> wire.SignupStarted | Denied:
    """Reserve a handle: a chosen word and digits that the server draws, so that sign-up reveals nobody.

    One that moves house wishes for its own handle, and gets the same answer whether that is taken or not.
    """
    asked: wire.SignupStart = request.body
    throttle(host, "sign-up", request.network)
    mode = host.settings["accounts.signup"]
    code_hash = None if asked.invitation is None else labelled_hash("account-invitation", asked.invitation.encode())
    nonce, salt = host.random(32), host.random(16)
    draws = [int.from_bytes(host.random(4), "big") % 1_000_000 for _ in range(MAX_HANDLE_TRIES)]
    expires_at = host.clock() + RESERVATION_SECONDS

    async def reserve(work: Work) -> str | Denied:
        doors = DoorsChange(work, SIGN_IN)
        role = Role.PERSON
        if code_hash is not None:
            found = await doors.invitation(code_hash)
            if found is None or found[1] < work.now:
                return Denied("invitation-over", "This invitation was used or has ended.", "Ask for a new one.")
            role = Role(found[0])
        elif mode != "open":
            return Denied("signup-closed", "This server takes new people by invitation only.")
        word = asked.word or wire.DEFAULT_HANDLE_WORD
        # Whether a wished handle is taken is told at the end, to an account that proves itself (docs/adr/0006).
        free = [asked.handle] if asked.handle else []
        for draw in draws if not free else []:
            if not await doors.handle_taken(handle := f"{word}-{draw:06d}"):
                free.append(handle)
                break
        if not free:
            return Denied("handles-used-up", "Too many handles begin with this word here.", "Choose another word.")
        await doors.add_reservation((nonce, free[0], salt, str(role), code_hash, expires_at))
        return free[0]

    handle = await host.db.act(ANONYMOUS, reserve, upkeep="a handle held during sign-up")
    if isinstance(handle, Denied):
        return handle
    return wire.SignupStarted(handle=handle, server_salt=salt, nonce=nonce, expires_at=expires_at)


async def signup(host: Host, request: Request) -> wire.SessionGiven | Denied:
    """Create the account, or bring one in that moves house."""
    asked: wire.Signup = request.body
    throttle(host, "sign-up", request.network)

    async def find(look: Look) -> tuple[Any, ...] | None:
        return await Doors(look, SIGN_IN).reservation(asked.nonce)

    reserved = await host.db.look(find)
    if reserved is None or reserved[4] < host.clock():
        return Denied("reservation-over", "This sign-up took too long or was already used.", "Start again.")
    handle, _, role, invitation, _ = reserved
    uid = verify.uid_of(asked.keys.statement)
    states = await asyncio.to_thread(verify.chain_states, uid, asked.earlier)
    before = states[-1][0] if states else None
    keys = await asyncio.to_thread(verify.key_set, before, asked.keys, b"", uid=uid)
    named = verify.passphrase_name(keys.listed)
    if named is not None and named != handle:
        return Denied("handle-differs", "The passphrase is bound to another handle than the reserved one.")
    row = next((row for row in keys.rows if row.id == asked.slot), None)
    claim = LoginClaim.decode(asked.claim)
    expected = expected_claim(host, request, claim, purpose=PURPOSE_SESSION, account=handle, nonce=asked.nonce)
    key = None if row is None else row.login_key
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("login-refused", "The sign-up is not signed by the way in that it names.")
    # A copied chain, slot list and even bundle are not enough: whoever brings an account has opened its root.
    verify_ed25519("signup", keys.state.statement.authority.ed25519, asked.claim, asked.authority_signature)
    token, digest, expires_at = new_token(host)
    session = service.NewSession(
        id=host.random(16),
        public_key=claim.detail,
        device_name=asked.device_name,
        token_hash=digest,
        token_expires_at=expires_at,
        slot=asked.slot,
    )

    async def create(work: Work) -> Denied | None:
        if states:
            await service.learn_chain(work, [*states, (keys.state, keys.signed)])
        return await service.sign_up(
            work, nonce=asked.nonce, handle=handle, role=Role(role), invitation=invitation, keys=keys, session=session
        )

    denied = await host.db.act(ANONYMOUS, create, upkeep="a refused sign-up uses up its reservation")
    if denied is not None:
        return denied
    return wire.SessionGiven(
        uid=uid, session=session.id, token=token, token_expires_at=expires_at, slot=asked.slot, role=role
    )


# -- log-in


def _as_bytes(name: str, length: int) -> bytes:
    try:
        value = bytes.fromhex(name)
    except ValueError:
        return bytes(length)
    return value if len(value) == length and value.hex() == name else bytes(length)


async def _by_name(look: Look, name: str) -> tuple[AccountRow | None, SlotRow | None]:
    lookup = _as_bytes(name, 16)
    account = await Doors(look, SIGN_IN).by_name(name, lookup, _as_bytes(name, 32))
    own = OwnAccount(look, PersonScope(uid=bytes(32) if account is None else account.uid))
    wanted = [
        slot
        for slot in await own.slots()
        if (slot.lookup == lookup if any(lookup) else slot.kind == SlotKind.PASSPHRASE)
    ]
    return account, wanted[0] if wanted else None


async def _until(started: float) -> None:
    """Wait for the next multiple of the floor after `started`, to the microsecond.

    The loop's own timers count milliseconds from when they are set, so a plain sleep would carry the time that the
    work took into the time of the answer; the last two milliseconds are watched instead.
    """
    passed = time.perf_counter() - started
    due = started + LOGIN_FLOOR_SECONDS * math.ceil(passed / LOGIN_FLOOR_SECONDS)
    await asyncio.sleep(max(0.0, due - time.perf_counter() - WATCHED_SECONDS))
    while time.perf_counter() < due:  # noqa: ASYNC110 - the clock is what is waited for
        await asyncio.sleep(0)


async def login_start(host: Host, request: Request) -> wire.LoginStarted:
    """Give a nonce and how the passphrase is stretched: the same answer for known and unknown names."""
    asked: wire.LoginStart = request.body
    started = time.perf_counter()
    throttle(host, "nonce", request.network)
    nonce = host.random(32)
    fake_salt = host.secrets.index(asked.name.encode(), table="accounts_slot", column="params")[:16]

    async def prepare(work: Work) -> bytes | None:
        await DoorsChange(work, SIGN_IN).add_challenge(
            nonce, "login", labelled_hash("login-about", asked.name.encode()), work.now + CHALLENGE_SECONDS
        )
        _, slot = await _by_name(work, asked.name)
        return slot.params if slot is not None and slot.kind == SlotKind.PASSPHRASE else None

    params = await host.db.act(ANONYMOUS, prepare, upkeep=NONCE_UPKEEP)
    memory_kib, passes, lanes, salt = verify.passphrase_params(params or DUMMY_PARAMS)
    answer = wire.LoginStarted(
        nonce=nonce,
        server_salt=fake_salt if params is None else salt,
        memory_kib=memory_kib,
        passes=passes,
        lanes=lanes,
    )
    await _until(started)
    return answer


async def login(host: Host, request: Request) -> wire.SessionGiven | Denied:
    """Open a session for a claim signed by a slot's log-in key."""
    asked: wire.Login = request.body
    if asked.assertion is not None:
        no_secrets(asked.assertion.extension_results)
    started = time.perf_counter()
    claim = LoginClaim.decode(asked.claim)
    name = claim.account.encode()

    async def find(look: Look) -> tuple[AccountRow | None, SlotRow | None, Row | None, list[PasskeyRow]]:
        account, slot = await _by_name(look, claim.account)
        uid = bytes(32) if account is None else account.uid
        device = await Doors(look, SIGN_IN).device_known(uid, asked.known_device or bytes(32))
        return account, slot, device, await OwnPasskeys(look, PersonScope(uid=uid)).all()

    account, slot, known, passkeys = await host.db.look(find)
    expected = expected_claim(host, request, claim, purpose=PURPOSE_SESSION, account=claim.account, nonce=claim.nonce)
    if known is not None and not (
        asked.known_device
        and asked.known_signature
        and verify.claim_signed(claim, asked.known_device, asked.known_signature, expected=expected, now=host.clock())
    ):
        known = None
    tried = name if account is None or slot is None else account.uid + slot.id  # one account, however it was named
    throttle(host, "sign-in", tried if known is None else asked.known_device or b"")
    good = verify.claim_signed(
        claim, None if slot is None else slot.login_key, asked.signature, expected=expected, now=host.clock()
    )
    if good and account is not None and account.state is State.SUSPENDED:
        await _until(started)
        return Denied("suspended", "This account is suspended by the host.", "Ask the people who run this server.")
    good = good and account is not None and account.state is State.ACTIVE
    use: PasskeyUse | None = None
    step = None
    about = labelled_hash("login-about", name)
    if good and account is not None and slot is not None:
        judged = beside(host, request, account=account, slot=slot, known=passkeys, assertion=asked.assertion,
                        code=asked.code, signing_in=True)  # fmt: skip
        if isinstance(judged, Denied):
            if asked.assertion is not None and judged.reason not in _MISSING:
                await _refuse_passkey(host, account.uid, claim.nonce, about, asked.assertion)
            await _until(started)
            return judged
        use = judged
        if use is None and account.totp is not None and _asks_code(slot):
            await host.secrets.learn(account.totp)
            refusal, step = _second_factor(host, account, asked.code or "")
            if refusal is not None:
                await _until(started)
                return refusal
    token, digest, expires_at = new_token(host)
    session = service.NewSession(
        id=host.random(16),
        public_key=claim.detail,
        device_name=b"",
        token_hash=digest,
        token_expires_at=expires_at,
        slot=b"" if slot is None else slot.id,
        instead_of=None if known is None else known[0],
        first_hour=None if known is None else known[1],
        passkey=use,
    )
    uid = bytes(32) if account is None else account.uid
    denied = await host.db.act(
        ANONYMOUS,
        lambda work: service.log_in(
            work,
            uid=uid,
            nonce=claim.nonce,
            about=about,
            session=session if good else None,
            totp_step=step,
            most=wire.MAX_SESSIONS,
        ),
        upkeep="a refused log-in is counted and its nonce used up",
    )
    await _until(started)
    if denied is not None or account is None:
        return denied or Denied("login-refused", "The name or the passphrase is not right.")
    return wire.SessionGiven(
        uid=uid,
        session=session.id,
        token=token,
        token_expires_at=expires_at,
        slot=session.slot or b"",
        role=str(account.role),
    )


def _asks_code(slot: SlotRow) -> bool:
    """Return whether signing in by that way in asks for the code of the second factor.

    A recovery key and a passkey are things that one has; who took the passphrase must not lock them out by a code.
    """
    return slot.kind == SlotKind.PASSPHRASE


async def _refuse_passkey(host: Host, uid: bytes, nonce: bytes, about: bytes, assertion: wire.Assertion) -> None:
    """Use up the nonce and the challenge of a log-in whose passkey was refused, and count it."""

    async def refuse(work: Work) -> None:
        await spend_in(work, assertion.client_data, Purpose.LOGIN, b"")
        await service.log_in(
            work, uid=uid, nonce=nonce, about=about, session=None, totp_step=None, most=wire.MAX_SESSIONS
        )

    await host.db.act(ANONYMOUS, refuse, upkeep="a refused log-in is counted and its nonce used up")


def _second_factor(host: Host, account: AccountRow, given: str) -> tuple[Denied | None, int | None]:
    throttle(host, "second-factor", account.uid)
    secret = host.secrets.open_sealed(account.totp or b"", table="accounts_account", column="totp", row=account.uid)
    step = totp.matching_step(secret, given, now=host.clock(), after_step=account.totp_last_step)
    if step is None:
        return Denied("totp-refused", "This code is not right.", "Wait for the next code and try again."), None
    return None, step
