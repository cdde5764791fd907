"""The operations of accounts: parse, verify, act, render."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from mindhaven.accounts import service, verify
from mindhaven.accounts.model import (
    CHALLENGE_SECONDS,
    PENDING_SECONDS,
    RESERVATION_SECONDS,
    TOKEN_SECONDS,
    AccountRow,
    Role,
    SignedIn,
    SlotRow,
    State,
)
from mindhaven.accounts.rules import MIN_SLOTS_FINISHED, Waits, slots_now
from mindhaven.accounts.store import Directory, Doors, DoorsChange, OwnAccount, OwnAccountChange
from mindhaven.crypto import totp
from mindhaven.crypto.derive import ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES
from mindhaven.crypto.encoding import encode, labelled_hash
from mindhaven.errors import IntegrityError, UnavailableError
from mindhaven.kernel import Actor, Denied, Host, HostScope, Look, Operation, PersonScope, Request, Work
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.login import PURPOSE_RENEW, PURPOSE_SESSION, PURPOSE_SLOT_NOW, LoginClaim
from mindhaven.protocol.slots import SlotKind
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import from_text, to_text

ANONYMOUS: Final = Actor(kind="anonymous")
SIGN_IN: Final = HostScope(reason="sign-in")
LOGIN_FLOOR_SECONDS: Final = 0.03
"""Answers about a name leave no earlier, so that what was found does not show in the time (PROTOCOL section 3)."""
MAX_HANDLE_TRIES: Final = 20
_DUMMY_PARAMS: Final = encode([ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, bytes(16), "nobody"])
_NONCE_UPKEEP: Final = "a nonce, before anyone is known"


async def authenticate(host: Host, request: Request) -> SignedIn | Denied:
    """Return who asks, from the access token in the Authorization header."""
    header = request.header("authorization") or ""
    if not header.startswith("Bearer "):
        return Denied("sign-in-needed", "Sign in first.")
    digest = verify.token_hash(header[7:])

    async def find(look: Look) -> tuple[Any, ...] | None:
        return await Doors(look, SIGN_IN).session_by_token(digest)

    row = await host.db.look(find)
    now = host.clock()
    if row is None or row[2] < now:
        return Denied("token-over", "This access has ended.", "Renew it with the device's key, or sign in again.")
    session, uid, _, slot_a, a_at, slot_b, b_at, role, state, slots = row
    if state != State.ACTIVE:
        return Denied("suspended", "This account is suspended by the host.", "Ask the people who run this server.")
    return SignedIn(
        uid=uid,
        session=session,
        role=Role(role),
        finished=slots >= MIN_SLOTS_FINISHED,
        slots_now=slots_now(((slot_a, a_at), (slot_b, b_at)), now),
    )


def origin_of(host: Host, request: Request) -> str:
    """Return the origin that claims must name: the configured one, or on loopback the one that was asked."""
    configured = str(host.settings["server.origin"])
    if configured:
        return configured.rstrip("/")
    return f"{'https' if request.secure else 'http'}://{request.header('host') or ''}"


def _throttle(host: Host, name: str, who: bytes) -> None:
    wait = host.limits.wait(name, who)
    if wait > 0:
        raise UnavailableError(
            "Too many tries.",
            code="too-many-tries",
            hint="Wait, then try again.",
            retry_after_seconds=int(wait) + 1,
        )


def _new_token(host: Host) -> tuple[str, bytes, int]:
    token = to_text(host.random(32))
    return token, verify.token_hash(token), host.clock() + TOKEN_SECONDS


# -- sign-up


async def signup_start(host: Host, request: Request) -> wire.SignupStarted | Denied:
    """Reserve a handle: a chosen word and digits that the server draws, so that sign-up reveals nobody."""
    asked: wire.SignupStart = request.body
    _throttle(host, "sign-up", request.client.encode())
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
        wishes = [asked.handle] if asked.handle else [f"{word}-{draw:06d}" for draw in draws]
        for handle in wishes:
            if not await doors.handle_taken(handle):
                await doors.add_reservation((nonce, handle, salt, str(role), code_hash, expires_at))
                return handle
        return Denied("handle-taken", "This handle is taken here.", "Choose another word.")

    handle = await host.db.act(ANONYMOUS, reserve, upkeep="a handle held during sign-up")
    if isinstance(handle, Denied):
        return handle
    return wire.SignupStarted(handle=handle, server_salt=salt, nonce=nonce, expires_at=expires_at)


async def signup(host: Host, request: Request) -> wire.SessionGiven | Denied:
    """Create the account, or bring one in that moves house."""
    asked: wire.Signup = request.body
    _throttle(host, "sign-up", request.client.encode())

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
    expected = _expected(host, request, claim, purpose=PURPOSE_SESSION, account=handle, nonce=asked.nonce)
    key = None if row is None else row.login_key
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("login-refused", "The sign-up is not signed by the way in that it names.")
    token, digest, expires_at = _new_token(host)
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


def _expected(
    host: Host,
    request: Request,
    claim: LoginClaim,
    *,
    purpose: str,
    account: str,
    nonce: bytes,
    detail: bytes | None = None,
) -> LoginClaim:
    if detail is None and len(claim.detail) != 32:
        raise IntegrityError("A log-in names its session's key by 32 bytes.", code="login-mismatch")
    return LoginClaim(
        origin_of(host, request), account, purpose, claim.detail if detail is None else detail, nonce, claim.time
    )


# -- log-in


def _as_bytes(name: str, length: int) -> bytes:
    try:
        value = bytes.fromhex(name)
    except ValueError:
        return bytes(length)
    return value if len(value) == length else bytes(length)


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
    await asyncio.sleep(max(0.0, LOGIN_FLOOR_SECONDS - (time.perf_counter() - started)))


async def login_start(host: Host, request: Request) -> wire.LoginStarted:
    """Give a nonce and how the passphrase is stretched: the same answer for known and unknown names."""
    asked: wire.LoginStart = request.body
    started = time.perf_counter()
    _throttle(host, "nonce", request.client.encode())
    nonce = host.random(32)
    fake_salt = host.secrets.index(asked.name.encode(), table="accounts_slot", column="params")[:16]

    async def prepare(work: Work) -> bytes | None:
        await DoorsChange(work, SIGN_IN).add_challenge(
            nonce, "login", labelled_hash("login-about", asked.name.encode()), work.now + CHALLENGE_SECONDS
        )
        _, slot = await _by_name(work, asked.name)
        return slot.params if slot is not None and slot.kind == SlotKind.PASSPHRASE else None

    params = await host.db.act(ANONYMOUS, prepare, upkeep=_NONCE_UPKEEP)
    memory_kib, passes, lanes, salt = verify.passphrase_params(params or _DUMMY_PARAMS)
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
    started = time.perf_counter()
    claim = LoginClaim.decode(asked.claim)
    name = claim.account.encode()

    async def find(look: Look) -> tuple[AccountRow | None, SlotRow | None, bool]:
        account, slot = await _by_name(look, claim.account)
        uid = bytes(32) if account is None else account.uid
        known = await Doors(look, SIGN_IN).device_known(uid, asked.known_device or bytes(32))
        return account, slot, known

    account, slot, known = await host.db.look(find)
    expected = _expected(host, request, claim, purpose=PURPOSE_SESSION, account=claim.account, nonce=claim.nonce)
    if known and asked.known_device and asked.known_signature:
        known = verify.claim_signed(
            claim, asked.known_device, asked.known_signature, expected=expected, now=host.clock()
        )
    _throttle(host, "sign-in", (asked.known_device or b"") if known else name)
    good = verify.claim_signed(
        claim, None if slot is None else slot.login_key, asked.signature, expected=expected, now=host.clock()
    )
    good = good and account is not None and account.state is State.ACTIVE
    step = None
    if good and account is not None and account.totp is not None:
        refusal, step = _second_factor(host, account, asked.code)
        if refusal is not None:
            await _until(started)
            return refusal
    token, digest, expires_at = _new_token(host)
    session = service.NewSession(
        id=host.random(16),
        public_key=claim.detail,
        device_name=b"",
        token_hash=digest,
        token_expires_at=expires_at,
        slot=b"" if slot is None else slot.id,
    )
    uid = bytes(32) if account is None else account.uid
    denied = await host.db.act(
        ANONYMOUS,
        lambda work: service.log_in(
            work,
            uid=uid,
            nonce=claim.nonce,
            about=labelled_hash("login-about", name),
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
        slot=session.slot,
        role=str(account.role),
    )


def _second_factor(host: Host, account: AccountRow, given: str | None) -> tuple[Denied | None, int | None]:
    if given is None:
        return Denied("totp-needed", "This account asks for a code from your authenticator app."), None
    _throttle(host, "second-factor", account.uid)
    secret = host.secrets.open_sealed(account.totp or b"", table="accounts_account", column="totp", row=account.uid)
    step = totp.matching_step(secret, given, now=host.clock(), after_step=account.totp_last_step)
    if step is None:
        return Denied("totp-refused", "This code is not right.", "Wait for the next code and try again."), None
    return None, step


# -- sessions


async def session_nonce(host: Host, request: Request) -> wire.NonceGiven:
    """Give a nonce for one renewal."""
    asked: wire.SessionNamed = request.body
    _throttle(host, "nonce", request.client.encode())
    return await _nonce(host, "renew", asked.session)


async def _nonce(host: Host, purpose: str, about: bytes) -> wire.NonceGiven:
    nonce = host.random(32)
    expires_at = host.clock() + CHALLENGE_SECONDS
    await host.db.act(
        ANONYMOUS,
        lambda work: DoorsChange(work, SIGN_IN).add_challenge(nonce, purpose, about, expires_at),
        upkeep=_NONCE_UPKEEP,
    )
    return wire.NonceGiven(nonce=nonce)


async def renew(host: Host, request: Request) -> wire.TokenGiven | Denied:
    """Give a new access token for a claim signed by the session's own key."""
    asked: wire.Renew = request.body
    claim = LoginClaim.decode(asked.claim)
    row = await host.db.look(lambda look: Doors(look, SIGN_IN).session(asked.session))
    uid, key = (bytes(32), None) if row is None else row[:2]
    expected = _expected(
        host,
        request,
        claim,
        purpose=PURPOSE_RENEW,
        account=uid.hex(),
        nonce=claim.nonce,
        detail=asked.session,
    )
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("session-unknown", "This device was signed out.", "Sign in again.")
    token, digest, expires_at = _new_token(host)
    denied = await host.db.act(
        ANONYMOUS,
        lambda work: service.renew(
            work, session=asked.session, nonce=claim.nonce, token_hash=digest, expires_at=expires_at
        ),
        upkeep="a session's token is renewed",
    )
    return denied or wire.TokenGiven(token=token, token_expires_at=expires_at)


async def slot_nonce(host: Host, request: Request) -> wire.NonceGiven:
    """Give a nonce for opening a slot on this session."""
    return await _nonce(host, "slot-now", request.session.session)


async def slot_now(host: Host, request: Request) -> None | Denied:
    """Take a claim signed by a slot's log-in key: that slot counts as opened now."""
    asked: wire.SlotNow = request.body
    me: SignedIn = request.session
    _throttle(host, "slot-now", me.uid)
    claim = LoginClaim.decode(asked.claim)
    slot = await host.db.look(lambda look: OwnAccount(look, PersonScope(uid=me.uid)).slot(asked.slot))
    expected = _expected(
        host,
        request,
        claim,
        purpose=PURPOSE_SLOT_NOW,
        account=me.uid.hex(),
        nonce=claim.nonce,
        detail=me.session,
    )
    key = None if slot is None else slot.login_key
    if not verify.claim_signed(claim, key, asked.signature, expected=expected, now=host.clock()):
        return Denied("slot-refused", "This way in was not opened.", "Check what you typed and try again.")
    return await host.db.act(
        me.actor,
        lambda work: service.open_slot_now(work, uid=me.uid, session=me.session, slot=asked.slot, nonce=claim.nonce),
        upkeep="a used nonce",
    )


async def sessions(host: Host, request: Request) -> wire.Sessions:
    """Show the devices that are signed in."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: OwnAccount(look, PersonScope(uid=me.uid)).sessions())
    return wire.Sessions(
        sessions=[
            wire.SessionShown(
                session=session,
                device_name=name,
                first_seen_at=first,
                last_seen_at=last,
                here=session == me.session,
                renewable=renewed_at > 0,
            )
            for session, name, first, last, _, renewed_at in rows
        ]
    )


async def name_session(host: Host, request: Request) -> None:
    """Store this device's name, sealed to the account's own devices."""
    me: SignedIn = request.session
    asked: wire.SessionRenamed = request.body

    async def act(work: Work) -> None:
        own = OwnAccountChange(work, PersonScope(uid=me.uid))
        await own.name_session(me.session, asked.device_name)

    await host.db.act(me.actor, act, upkeep="a device's own name")


async def end_session(host: Host, request: Request) -> None | Denied:
    """Sign one device out."""
    me: SignedIn = request.session
    session = from_text(request.params["session"], length=16)
    why = "logout" if session == me.session else "remote"
    return await host.db.act(me.actor, lambda work: service.end_session(work, uid=me.uid, session=session, why=why))


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
            finished=len(slots) >= MIN_SLOTS_FINISHED,
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
                wire.PendingShown(id=pending, statement=statement, due_at=due_at, asked_at=asked_at)
                for pending, _, statement, _, asked_at, due_at in await own.pending()
            ],
            totp=account.totp is not None,
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
    _throttle(host, "lookup", request.session.uid)
    if asked.uid != request.params["uid"]:
        raise IntegrityError("The chain is of another account than the address.", code="account-uid")
    states = await asyncio.to_thread(verify.chain_states, asked.uid, asked.statements)
    if states:
        await host.db.act(
            request.session.actor, lambda work: service.learn_chain(work, states), upkeep="a chain that is known"
        )


async def candidate(host: Host, request: Request) -> wire.Candidate | Denied:
    """Find the candidate behind a handle."""
    _throttle(host, "lookup", request.session.uid)
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
    pending = host.random(16)
    verdict = await host.db.act(
        me.actor,
        lambda work: service.change_keys(
            work, account=account, keys=keys, opened=frozenset(me.slots_now), session=me.session, pending=pending
        ),
        upkeep="a change that was refused",
    )
    if isinstance(verdict, Denied):
        return verdict
    if isinstance(verdict, Waits):
        return wire.KeysChanged(applied=False, pending=pending, due_at=verdict.due_at)
    return wire.KeysChanged(applied=True, pending=None, due_at=None)


def pack(keys: wire.KeySet) -> bytes:
    """Return a key set as bytes to keep while it waits."""
    import msgspec

    return msgspec.json.encode(keys)


async def cancel(host: Host, request: Request) -> None | Denied:
    """Cancel a waiting change; any slot or older device may."""
    me: SignedIn = request.session
    pending = from_text(request.params["pending"], length=16)
    return await host.db.act(me.actor, lambda work: service.cancel_pending(work, uid=me.uid, pending=pending))


async def totp_start(host: Host, request: Request) -> wire.TotpStarted:
    """Make a new second-factor secret; nothing is stored until a code confirms it."""
    secret = host.secrets.index(request.session.session, table="accounts_account", column="totp")[: totp.SECRET_BYTES]
    return wire.TotpStarted(secret=totp.shown(secret))


async def totp_on(host: Host, request: Request) -> None | Denied:
    """Turn the second factor on with a first code."""
    asked: wire.TotpCode = request.body
    me: SignedIn = request.session
    _throttle(host, "second-factor", me.uid)
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


_LOGIN: Final[Mapping[str, int]] = {
    "login-refused": 401,
    "totp-needed": 401,
    "totp-refused": 401,
    "too-many-devices": 409,
}
_GONE: Final[Mapping[str, int]] = {"account-unknown": 404}


def _op(name: str, method: str, path: str, run: Any, who: str, summary: str, **more: Any) -> Operation:
    return Operation(name=name, method=method, path=path, run=run, who=who, summary=summary, **more)


_BIG: Final = 16 * 1024 * 1024
"""A key set with ten thousand earlier statements does not fit; a year of weekly changes does."""

OPERATIONS: Final = (
    _op("signup_start", "POST", "/v1/signup/start", signup_start, "anyone", "Reserve a handle",
        takes=wire.SignupStart, gives=wire.SignupStarted,
        refuses={"invitation-over": 403, "signup-closed": 403, "handle-taken": 409}),
    _op("signup", "POST", "/v1/signup", signup, "anyone", "Create the account",
        takes=wire.Signup, gives=wire.SessionGiven, max_body_bytes=_BIG,
        refuses={"reservation-over": 409, "invitation-over": 403, "account-exists": 409, "chain-differs": 409,
                 "handle-differs": 409, **_LOGIN}),
    _op("login_start", "POST", "/v1/login/start", login_start, "anyone", "Get a nonce to sign",
        takes=wire.LoginStart, gives=wire.LoginStarted),
    _op("login", "POST", "/v1/login", login, "anyone", "Open a session", takes=wire.Login, gives=wire.SessionGiven,
        refuses=_LOGIN),
    _op("session_nonce", "POST", "/v1/sessions/nonce", session_nonce, "anyone", "Get a nonce to renew a session",
        takes=wire.SessionNamed, gives=wire.NonceGiven),
    _op("session_renew", "POST", "/v1/sessions/renew", renew, "anyone", "Renew an access token",
        takes=wire.Renew, gives=wire.TokenGiven,
        refuses={"session-unknown": 401, "nonce-used": 401, "session-over": 401, "suspended": 403}),
    _op("slot_nonce", "POST", "/v1/slot-now/nonce", slot_nonce, "session", "Get a nonce to open a slot",
        gives=wire.NonceGiven),
    _op("slot_now", "POST", "/v1/slot-now", slot_now, "session", "Count a slot as opened now", takes=wire.SlotNow,
        refuses={"slot-refused": 403, "nonce-used": 403}),
    _op("sessions", "GET", "/v1/sessions", sessions, "session", "List the devices", gives=wire.Sessions),
    _op("session_name", "PUT", "/v1/sessions/here/name", name_session, "session", "Name this device",
        takes=wire.SessionRenamed),
    _op("session_end", "DELETE", "/v1/sessions/{session:text}", end_session, "session", "Sign a device out",
        refuses={"session-unknown": 404}),
    _op("account", "GET", "/v1/account", show, "session", "Show one's own account", gives=wire.AccountShown,
        refuses=_GONE),
    _op("account_chain", "GET", "/v1/accounts/{uid}", chain, "session", "Show an account's public chain",
        gives=wire.ChainShown, refuses=_GONE),
    _op("account_introduce", "PUT", "/v1/accounts/{uid}", introduce, "session", "Bring a foreign account's public chain",
        takes=wire.ChainShown, max_body_bytes=_BIG),
    _op("account_candidate", "GET", "/v1/handles/{handle:text}", candidate, "session", "Find who may be behind a handle",
        gives=wire.Candidate, refuses=_GONE),
    _op("account_keys", "POST", "/v1/account/keys", change_keys, "slot-now", "Change ways in or keys",
        takes=wire.ChangeKeys, gives=wire.KeysChanged, max_body_bytes=1024 * 1024,
        refuses={"slot-now-needed": 403, "root-kept": 409, "last-slot": 409, "slot-too-new": 403,
                 "handle-differs": 409, **_GONE}),
    _op("account_cancel", "DELETE", "/v1/account/pending/{pending:text}", cancel, "session", "Cancel a waiting change",
        refuses={"pending-unknown": 404}),
    _op("totp_start", "POST", "/v1/account/totp/start", totp_start, "slot-now", "Make a second-factor secret",
        gives=wire.TotpStarted),
    _op("totp_on", "POST", "/v1/account/totp", totp_on, "slot-now", "Turn the second factor on", takes=wire.TotpCode,
        refuses={"totp-refused": 403}),
    _op("totp_off", "DELETE", "/v1/account/totp", totp_off, "slot-now", "Turn the second factor off"),
)  # fmt: skip

PENDING_EVERY_SECONDS: Final = min(600, PENDING_SECONDS)
