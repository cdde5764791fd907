"""Ways in: signing up, logging in, opening slots, changing keys. I/O: server and local store.

Guarantees: the root lives only inside one call; what stays on the device is the bundle's content and a session key.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.derive import derive
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import RootKey, Seed, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.crypto.wrap import Wrapped
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.account import AccountState, Identity, genesis, succeed
from mindhaven.protocol.encoding import ZERO32, Signed
from mindhaven.protocol.login import PURPOSE_RENEW, PURPOSE_SESSION, PURPOSE_SLOT_NOW, LoginClaim
from mindhaven.protocol.slots import (
    SLOT_ID_BYTES,
    Bundle,
    PassphraseParams,
    Slot,
    SlotKeys,
    SlotKind,
    SlotList,
    open_bundle,
    open_slot,
    seal_bundle,
    slot_tag,
    wrap_root,
)
from mindhaven.sdk.errors import SignedOutError, WrongPassphraseError
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.transport import Transport
from mindhaven.wire import accounts as wire

MAX_NAME_CHARACTERS: Final = 100
MIN_PASSPHRASE_CHARACTERS: Final = 12
"""Short of a strength estimate: five common words are longer than this, most single passwords shorter."""


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A way in to make: its kind, its secret, its parameters, the handle it answers to."""

    kind: SlotKind
    secret: SlotSecret
    params: bytes
    lookup: bytes | None = None

    @classmethod
    def passphrase(cls, passphrase: str, *, handle: str, server_salt: bytes) -> "NewSlot":
        """Return a passphrase slot; raise `InvalidInputError` (passphrase-short) for a short one."""
        if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
            raise InvalidInputError(
                f"A passphrase has at least {MIN_PASSPHRASE_CHARACTERS} characters.",
                code="passphrase-short",
                hint="Five words that do not belong together are easy to keep and hard to guess.",
            )
        params = PassphraseParams.fresh(handle, server_salt)
        return cls(SlotKind.PASSPHRASE, params.secret(passphrase), encode(params.value()))

    @classmethod
    def recovery_key(cls, key: SlotSecret) -> "NewSlot":
        """Return a recovery-key slot."""
        return cls(SlotKind.RECOVERY_KEY, key, encode([]), recovery.lookup_id(key))


@dataclass(frozen=True, slots=True)
class OpenedSlot:
    """A way in, opened: the keys its secret gives, and which slot of the account it is."""

    id: bytes
    keys: SlotKeys


def _name_key(bundle: Bundle) -> bytes:
    return derive(bundle.identities[min(bundle.identities)].seeds[0], "device-name")


def seal_name(bundle: Bundle, name: str) -> bytes:
    """Return a device's name sealed to the account's own devices; at most 100 characters are kept."""
    return seal_box(_name_key(bundle), "device-name", b"", name[:MAX_NAME_CHARACTERS].encode("utf-8"))


def open_name(bundle: Bundle, sealed: bytes) -> str:
    """Return a device's name, or an empty one if it has none that opens."""
    try:
        return open_box(_name_key(bundle), "device-name", b"", sealed).decode("utf-8")
    except (MindhavenError, UnicodeDecodeError):
        return ""


@dataclass(slots=True)
class Me:
    """The signed-in account on this device."""

    uid: bytes
    handle: str
    role: str
    bundle: Bundle
    session: bytes
    session_key: SessionSigner

    @property
    def identity(self) -> Identity:
        """The newest identity."""
        return self.bundle.newest()

    def encode(self) -> bytes:
        """Return what the local store keeps of this account."""
        return encode(
            [self.uid, self.handle, self.role, self.bundle.encode(), self.session, bytes(self.session_key.seed)]
        )

    @classmethod
    def decode(cls, data: bytes) -> "Me":
        """Return the account that `encode` gave."""
        uid, handle, role, bundle, session, seed = decode(data)
        return cls(uid, handle, role, Bundle.decode(bundle), session, SessionSigner(Seed(seed)))


class Access:
    """The ways in of one account, on one device."""

    def __init__(self, store: LocalStore, transport: Transport, people: People) -> None:
        self._store = store
        self._transport = transport
        self._people = people
        raw = store.meta("me")
        self.me: Me | None = None if raw is None else Me.decode(raw)
        transport.renew = self.renew

    def need_me(self) -> Me:
        """Return the account of this device; raise `SignedOutError` if there is none."""
        if self.me is None:
            raise SignedOutError("Nobody is signed in here.", hint="Sign up or log in first.")
        return self.me

    def keep(self) -> None:
        """Write the account down."""
        self._store.put_meta("me", self.need_me().encode())

    # -- claims

    def _claim(self, account: str, purpose: str, detail: bytes, nonce: bytes) -> LoginClaim:
        return LoginClaim(self._transport.origin, account, purpose, detail, nonce, int(time.time()))

    async def renew(self) -> None:
        """Get a new access token with the session's key."""
        me = self.need_me()
        if not me.session:
            raise SignedOutError("This device is signed out.", hint="Log in again; your entries are still here.")
        given: wire.NonceGiven = await self._transport.call(
            "POST", "/v1/sessions/nonce", wire.NonceGiven, body=wire.SessionNamed(session=me.session), open_=True
        )
        claim = self._claim(me.uid.hex(), PURPOSE_RENEW, me.session, given.nonce)
        token: wire.TokenGiven = await self._transport.call(
            "POST",
            "/v1/sessions/renew",
            wire.TokenGiven,
            body=wire.Renew(session=me.session, claim=claim.encode(), signature=claim.sign(me.session_key)),
            open_=True,
        )
        self._use(token.token, token.token_expires_at)

    def _use(self, token: str, expires_at: int) -> None:
        self._transport.use_token(token, expires_at)

    async def slot_now(self, opened: OpenedSlot) -> None:
        """Tell the server that a slot was opened now on this device."""
        me = self.need_me()
        given: wire.NonceGiven = await self._transport.call("POST", "/v1/slot-now/nonce", wire.NonceGiven)
        claim = self._claim(me.uid.hex(), PURPOSE_SLOT_NOW, me.session, given.nonce)
        await self._transport.call(
            "POST",
            "/v1/slot-now",
            body=wire.SlotNow(slot=opened.id, claim=claim.encode(), signature=claim.sign(opened.keys.login)),
        )

    # -- sign-up

    async def start_signup(
        self, *, word: str | None = None, invitation: str | None = None, handle: str | None = None
    ) -> wire.SignupStarted:
        """Reserve a handle."""
        asked = wire.SignupStart(word=word, invitation=invitation, handle=handle)
        started: wire.SignupStarted = await self._transport.call(
            "POST", "/v1/signup/start", wire.SignupStarted, body=asked, open_=True
        )
        return started

    async def finish_signup(self, started: wire.SignupStarted, slots: Sequence[NewSlot], *, device: str) -> Me:
        """Make the account: root, identity, chain, slots, bundle; then sign this device in."""
        root, identity = RootKey.fresh(), Identity.fresh(1)
        listed, keys = _make_slots(slots)
        statement = genesis(root, identity, listed.hash())
        uid = decode(statement.body)[0]
        bundle = Bundle({1: identity}, ZERO32)
        state = self._people.learn(uid, [statement.encode()])
        key_set = _key_set(state, statement, root, listed, bundle, dict(zip(listed.slots, keys, strict=True)), slots)
        return await self._sign_up(started, key_set, listed.slots[0].id, keys[0], bundle, uid, device=device)

    async def _sign_up(
        self,
        started: wire.SignupStarted,
        key_set: wire.KeySet,
        slot: bytes,
        keys: SlotKeys,
        bundle: Bundle,
        uid: bytes,
        *,
        device: str,
        earlier: Sequence[bytes] = (),
    ) -> Me:
        session_key = SessionSigner.fresh()
        claim = self._claim(started.handle, PURPOSE_SESSION, session_key.public, started.nonce)
        given: wire.SessionGiven = await self._transport.call(
            "POST",
            "/v1/signup",
            wire.SessionGiven,
            body=wire.Signup(
                nonce=started.nonce,
                keys=key_set,
                slot=slot,
                claim=claim.encode(),
                signature=claim.sign(keys.login),
                identity_signature=bundle.newest().signer.sign_fast("signup", claim.encode())[0],
                device_name=seal_name(bundle, device),
                earlier=list(earlier),
            ),
            open_=True,
        )
        self.me = Me(uid, started.handle, given.role, bundle, given.session, session_key)
        self._use(given.token, given.token_expires_at)
        self.keep()
        return self.me

    async def move_in(
        self, *, handle: str, key_set: wire.KeySet, earlier: Sequence[bytes], passphrase: str, device: str
    ) -> Me:
        """Sign up at a new server with an account that has lived elsewhere, under its old uid and keys."""
        uid = decode(Signed.decode(key_set.statement).body)[0]
        state = self._people.known(uid)
        listed = SlotList.decode(key_set.slots)
        if state is None or listed.hash() != state.statement.slots_hash:
            raise IntegrityError("The archive's ways in are not the ones that its account states.", code="slot-list")
        slot = next((slot for slot in listed.slots if slot.kind is SlotKind.PASSPHRASE), None)
        if slot is None:
            raise InvalidInputError("This account has no passphrase to move with.", code="slot-unknown")
        keys = SlotKeys.of(slot.passphrase_params().secret(passphrase), SlotKind.PASSPHRASE)
        if keys.unwrapper.public != slot.xwing:
            raise WrongPassphraseError("The passphrase is not right.", hint="It is the one of the account that moves.")
        entry = next(entry for entry in key_set.entries if entry.id == slot.id)
        root = open_slot(keys, state, listed, slot.id, entry.tag, Wrapped(entry.enc, entry.ciphertext))
        bundle = open_bundle(root, state, key_set.bundle)
        started = await self.start_signup(handle=handle)
        return await self._sign_up(started, key_set, slot.id, keys, bundle, uid, device=device, earlier=earlier)

    # -- log-in

    async def log_in(self, *, handle: str, passphrase: str, device: str, code: str | None = None) -> Me:
        """Sign this device in by handle and passphrase."""
        started = await self._login_start(handle)
        params = PassphraseParams(started.memory_kib, started.passes, started.lanes, started.server_salt, handle)
        keys = SlotKeys.of(params.secret(passphrase), SlotKind.PASSPHRASE)
        return await self._log_in(handle, started.nonce, keys, device=device, code=code)

    async def recover(self, key: SlotSecret, *, device: str, code: str | None = None) -> Me:
        """Sign this device in by the recovery key alone: it finds the account without a name."""
        name = recovery.lookup_id(key).hex()
        started = await self._login_start(name)
        return await self._log_in(
            name, started.nonce, SlotKeys.of(key, SlotKind.RECOVERY_KEY), device=device, code=code
        )

    async def _login_start(self, name: str) -> wire.LoginStarted:
        started: wire.LoginStarted = await self._transport.call(
            "POST", "/v1/login/start", wire.LoginStarted, body=wire.LoginStart(name=name), open_=True
        )
        return started

    async def _log_in(self, name: str, nonce: bytes, keys: SlotKeys, *, device: str, code: str | None) -> Me:
        before = self.me
        session_key = SessionSigner.fresh()
        claim = self._claim(name, PURPOSE_SESSION, session_key.public, nonce)
        given: wire.SessionGiven = await self._transport.call(
            "POST",
            "/v1/login",
            wire.SessionGiven,
            body=wire.Login(
                claim=claim.encode(),
                signature=claim.sign(keys.login),
                known_device=None if before is None else before.session_key.public,
                known_signature=None if before is None else claim.sign(before.session_key),
                code=code,
            ),
            open_=True,
        )
        if before is not None and before.uid != given.uid:
            raise IntegrityError("The server answered with another account than this device's.", code="account-swapped")
        self._use(given.token, given.token_expires_at)
        shown, state, listed = await self.shown(given.uid)
        root = self._open(shown, state, listed, given.slot, keys)
        bundle = open_bundle(root, state, shown.bundle)
        self.me = Me(given.uid, shown.handle, given.role, bundle, given.session, session_key)
        self.keep()
        named = wire.SessionRenamed(device_name=seal_name(bundle, device))
        await self._transport.call("PUT", "/v1/sessions/here/name", body=named)
        return self.me

    async def shown(self, uid: bytes) -> tuple[wire.AccountShown, AccountState, SlotList]:
        """Fetch one's own account; verify its chain and that the slot list is the stated one."""
        shown: wire.AccountShown = await self._transport.call("GET", "/v1/account", wire.AccountShown)
        if shown.uid != uid:
            raise IntegrityError("The server answered with another account.", code="account-swapped")
        state = self._people.learn(uid, shown.statements)
        listed = SlotList.decode(shown.slots)
        if listed.hash() != state.statement.slots_hash:
            raise IntegrityError("The list of ways in is not the one that the account states.", code="slot-list")
        return shown, state, listed

    @staticmethod
    def _open(shown: wire.AccountShown, state: AccountState, listed: SlotList, slot: bytes, keys: SlotKeys) -> RootKey:
        entry = next((entry for entry in shown.entries if entry.id == slot), None)
        if entry is None:
            raise IntegrityError("The server does not show the way in that was opened.", code="slot-unknown")
        return open_slot(keys, state, listed, slot, entry.tag, Wrapped(entry.enc, entry.ciphertext))

    # -- opening and changing

    async def open_way(
        self, *, passphrase: str | None = None, recovery_key: SlotSecret | None = None
    ) -> tuple[OpenedSlot, RootKey]:
        """Open a slot on this signed-in device; return it and the root it opens (let go of it soon)."""
        me = self.need_me()
        shown, state, listed = await self.shown(me.uid)
        kind = SlotKind.PASSPHRASE if passphrase is not None else SlotKind.RECOVERY_KEY
        for slot in listed.slots:
            if slot.kind is not kind:
                continue
            if passphrase is not None:
                keys = SlotKeys.of(slot.passphrase_params().secret(passphrase), kind)
            elif recovery_key is not None:
                keys = SlotKeys.of(recovery_key, kind)
            else:
                break
            if keys.unwrapper.public != slot.xwing:
                continue
            root = self._open(shown, state, listed, slot.id, keys)
            opened = OpenedSlot(slot.id, keys)
            await self.slot_now(opened)
            return opened, root
        raise InvalidInputError("This does not open any of your ways in.", code="slot-refused", hint="Check it again.")

    async def change(
        self,
        root: RootKey,
        *,
        keep: Sequence[bytes] | None = None,
        add: Sequence[NewSlot] = (),
        replace: tuple[bytes, NewSlot] | None = None,
        rotate: bool,
        index: bytes | None = None,
    ) -> wire.KeysChanged:
        """Change ways in or keys in one act: new statement, slot list, bundle, root wrapped to every slot.

        `keep` are the ids that stay (None: all); `rotate` brings a new root and new identity keys, as removing or
        replacing a slot demands. Nothing is kept on this device until the server has taken it whole.
        """
        me = self.need_me()
        shown, state, listed = await self.shown(me.uid)
        entries = {entry.id: entry for entry in shown.entries}
        stay = [slot for slot in listed.slots if keep is None or slot.id in keep]
        made, keys = _make_slots(add)
        if replace is not None:
            swapped, swapped_keys = _make_slots([replace[1]], ids=[replace[0]])
            stay = [swapped.slots[0] if slot.id == replace[0] else slot for slot in stay]
            made = SlotList(made.salt, (*made.slots, *swapped.slots))
            keys = [*keys, *swapped_keys]
        new = dict(zip(made.slots, keys, strict=True))
        slots = [*stay, *(slot for slot in made.slots if slot not in stay)]
        after = SlotList.fresh(slots)
        new_root = RootKey.fresh() if rotate else root
        generation = state.generation + 1 if rotate else state.generation
        identity = Identity.fresh(generation) if rotate else me.identity
        bundle = Bundle({**me.bundle.identities, generation: identity}, me.bundle.index if index is None else index)
        statement = succeed(state, root, new_root, identity, after.hash())
        wire_slots = [*add, *([replace[1]] if replace else [])]
        key_set = _key_set(
            state, statement, new_root, after, bundle, new, wire_slots, kept=entries, generation=generation
        )
        changed: wire.KeysChanged = await self._transport.call(
            "POST", "/v1/account/keys", wire.KeysChanged, body=wire.ChangeKeys(keys=key_set)
        )
        if changed.applied:
            self._people.learn(me.uid, [*self._people.statements(me.uid), statement.encode()])
            me.bundle = bundle
            self.keep()
        return changed

    async def refresh(self, root: RootKey) -> None:
        """Take over what another device changed: open the newest bundle with an opened root."""
        me = self.need_me()
        shown, state, _ = await self.shown(me.uid)
        me.bundle = open_bundle(root, state, shown.bundle)
        me.handle, me.role = shown.handle, shown.role
        self.keep()


def _make_slots(slots: Sequence[NewSlot], ids: Sequence[bytes] | None = None) -> tuple[SlotList, list[SlotKeys]]:
    keys = [SlotKeys.of(slot.secret, slot.kind) for slot in slots]
    names = ids or [os.urandom(SLOT_ID_BYTES) for _ in slots]
    made = [
        Slot(name, slot.kind, slot.params, slot_keys.unwrapper.public)
        for name, slot, slot_keys in zip(names, slots, keys, strict=True)
    ]
    return SlotList.fresh(made), keys


def _key_set(
    state: AccountState,
    statement: Signed,
    root: RootKey,
    listed: SlotList,
    bundle: Bundle,
    new: dict[Slot, SlotKeys],
    slots: Sequence[NewSlot],
    *,
    kept: dict[bytes, wire.SlotEntry] | None = None,
    generation: int = 1,
) -> wire.KeySet:
    lookups = {keys.login.public: slot.lookup for keys, slot in zip(new.values(), slots, strict=True)}
    entries = []
    for slot in listed.slots:
        wrapped = wrap_root(root, state.uid, generation, slot)
        keys = new.get(slot)
        old = None if kept is None else kept.get(slot.id)
        if keys is None and old is None:
            raise IntegrityError("The server does not show every way in.", code="slot-unknown")
        entries.append(
            wire.SlotEntry(
                id=slot.id,
                tag=slot_tag(keys, state.uid, slot) if keys is not None else (old.tag if old else b""),
                enc=wrapped.enc,
                ciphertext=wrapped.ciphertext,
                login_key=keys.login.public if keys is not None else (old.login_key if old else b""),
                lookup=lookups[keys.login.public] if keys is not None else (old.lookup if old else None),
            )
        )
    return wire.KeySet(
        statement=statement.encode(),
        slots=listed.encode(),
        entries=entries,
        bundle=seal_bundle(root, state.uid, generation, bundle),
    )
