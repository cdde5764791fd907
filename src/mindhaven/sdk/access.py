"""Ways in: signing up, logging in, opening slots, changing keys. I/O: server and local store.

Guarantees: the root lives only inside one call; what stays on the device is the bundle's content and a session key.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from mindhaven.crypto.derive import derive
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import RootKey, Seed, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.crypto.wrap import Wrapped
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError, UnavailableError
from mindhaven.protocol.account import AccountState, Identity, authority, genesis
from mindhaven.protocol.encoding import ZERO32, Signed
from mindhaven.protocol.login import PURPOSE_RENEW, PURPOSE_SESSION, PURPOSE_SLOT_NOW, LoginClaim
from mindhaven.protocol.receipt import About, Receipt
from mindhaven.protocol.slots import (
    Bundle,
    PassphraseParams,
    SlotKeys,
    SlotKind,
    SlotList,
    join_bundles,
    lookup_id,
    open_bundle,
    open_slot,
)
from mindhaven.sdk.errors import ASK_BEFORE_UNLOCKING, SignedOutError, WrongPassphraseError, advised
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.ways import (
    New,
    NewSlot,
    OpenedSlot,
    earlier_bundles,
    first_keys,
    make_slots,
    open_bundles,
    prepare_change,
)
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text

MAX_NAME_CHARACTERS: Final = 100
KEYS: Final = "own-keys"
"""Where the local store keeps the account's newest ways in as the server keeps them, to bring back after a restore."""
OFFER: Final = "account-offer"
DID: Final = "did"
"""Where the local store keeps what this device did itself: the statements and waiting changes that it asked for."""


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
        self.took: Callable[[Receipt, About], None] = lambda _receipt, _about: None
        self._store = store
        self._transport = transport
        self._people = people
        raw = store.meta("me")
        self.me: Me | None = None if raw is None else Me.decode(raw)
        self._kept = raw
        transport.renew = self.renew

    def need_me(self) -> Me:
        """Return the account of this device; raise `SignedOutError` if there is none."""
        if self.me is None:
            raise SignedOutError("Nobody is signed in here.", hint="Sign up or log in first.")
        return self.me

    def keep(self) -> None:
        """Write the account down."""
        self._kept = self.need_me().encode()
        self._store.put_meta("me", self._kept)

    def take_up(self) -> None:
        """Take up what another program on this device wrote down: new keys, another session."""
        if (raw := self._store.meta("me")) is not None and raw != self._kept:
            self._kept, self.me = raw, Me.decode(raw)
            self._transport.use_token(None)

    # -- after a server's restore

    def _keep_keys(self, keys: wire.KeySet) -> None:
        self._store.put_meta(KEYS, msgspec.json.encode(keys))

    async def offer_account(self) -> bool:
        """Bring back this account's newest keys to a server that lost them; return whether it took any.

        Every device is signed out then. Raises what the server refuses (`offer-closed` at any other time), and
        `SignedOutError` (account-waits) where they touch ways in: such keys wait there for a day.
        """
        me, raw = self.need_me(), self._store.meta(KEYS)
        statements = self._people.statements(me.uid)
        if raw is None or not statements:
            return False
        keys = msgspec.json.decode(raw, type=wire.KeySet)
        if Signed.decode(keys.statement).body != Signed.decode(statements[-1]).body:
            return False  # another device changed them since, and this one has not seen the ways in
        now = int(time.time())
        body = wire.offer_body(self._transport.origin, me.uid, keys, now)
        asked = wire.AccountOffer(
            earlier=statements[:-1], keys=keys, time=now, signatures=me.identity.signer.sign(OFFER, body)
        )
        brought: wire.AccountBrought = await self._transport.call(
            "POST", f"/v1/accounts/{to_text(me.uid)}/offers", wire.AccountBrought, body=asked, open_=True
        )
        if brought.due_at is not None:
            raise SignedOutError(
                "The server was restored to an earlier day. This device brought your newer ways in back; they wait"
                " there for a day, since somebody else could have brought them.",
                hint="Your entries are still here: reading and writing go on. Sync again tomorrow.",
                code="account-waits",
            )
        return brought.changed

    async def mend(self) -> None:
        """Bring back newer keys that a restored server lacks; raise `SignedOutError` if it took them."""
        me = self.need_me()
        shown: wire.ChainShown = await self._transport.call("GET", f"/v1/accounts/{to_text(me.uid)}", wire.ChainShown)
        if len(shown.statements) < len(self._people.statements(me.uid)) and await self.offer_account():
            raise SignedOutError(
                "The server was restored to an earlier day, and this device brought your newer keys back.",
                hint="Log in again with the passphrase that you use now: mindhaven login",
            )

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
        try:
            token: wire.TokenGiven = await self._transport.call(
                "POST",
                "/v1/sessions/renew",
                wire.TokenGiven,
                body=wire.Renew(session=me.session, claim=claim.encode(), signature=claim.sign(me.session_key)),
                open_=True,
            )
        except SignedOutError:  # a restored server may have lost this device, and newer keys with it
            try:
                await self.offer_account()
            except SignedOutError:
                raise
            except MindhavenError:
                pass
            raise
        self._use(token.token, token.token_expires_at)

    def _use(self, token: str, expires_at: int) -> None:
        self._transport.use_token(token, expires_at)

    async def slot_now(self, opened: OpenedSlot) -> None:
        """Tell the server that a slot was opened now on this device."""
        me = self.need_me()
        given: wire.NonceGiven = await self._transport.call("POST", "/v1/slot-now/nonce", wire.NonceGiven)
        claim = self._claim(me.uid.hex(), PURPOSE_SLOT_NOW, me.session, given.nonce)
        asked = wire.SlotNow(slot=opened.id, claim=claim.encode(), signature=claim.sign(opened.keys.login))
        try:
            token: wire.TokenGiven = await self._transport.call("POST", "/v1/slot-now", wire.TokenGiven, body=asked)
        except UnavailableError:
            self._transport.use_token(None)  # the answer may have been lost, and the token before it have ended
            raise
        self._use(token.token, token.token_expires_at)

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
        made = make_slots(slots)
        listed = SlotList.fresh(list(made))
        statement = genesis(root, identity, listed.hash())
        uid = decode(statement.body)[0]
        bundle = Bundle({1: identity}, ZERO32)
        self._people.learn(uid, [statement.encode()])
        key_set = first_keys(uid, statement.encode(), root, listed, bundle, made)
        keys, _ = made[listed.slots[0]]
        return await self._sign_up(started, key_set, listed.slots[0].id, keys, bundle, root, uid, device=device)

    async def _sign_up(
        self,
        started: wire.SignupStarted,
        key_set: wire.KeySet,
        slot: bytes,
        keys: SlotKeys,
        bundle: Bundle,
        root: RootKey,
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
                authority_signature=authority(root).sign_fast("signup", claim.encode())[0],
                device_name=seal_name(bundle, device),
                earlier=list(earlier),
            ),
            open_=True,
        )
        self._keep_keys(key_set)
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
        return await self._sign_up(started, key_set, slot.id, keys, bundle, root, uid, device=device, earlier=earlier)

    # -- log-in

    async def log_in(
        self, *, handle: str, passphrase: str, device: str, code: str | None = None, mend: bool = False
    ) -> Me:
        """Sign this device in by handle and passphrase.

        `mend`: if somebody's change spoiled the newest keys, open those from before and make new ones. Without it that
        raises `IntegrityError` (bundle-spoiled), and nothing changes.
        """
        started = await self._login_start(handle)
        params = PassphraseParams(started.memory_kib, started.passes, started.lanes, started.server_salt, handle)
        keys = SlotKeys.of(params.secret(passphrase), SlotKind.PASSPHRASE)
        return await self._log_in(handle, started.nonce, keys, device=device, code=code, mend=mend)

    async def recover(
        self,
        key: SlotSecret,
        *,
        kind: SlotKind = SlotKind.RECOVERY_KEY,
        device: str,
        code: str | None = None,
        mend: bool = False,
    ) -> Me:
        """Sign this device in by a recovery key or a passkey alone: they find the account without a name.

        `mend` as in `log_in`. Raises `InvalidInputError` (slot-needs-name) for another kind.
        """
        found = lookup_id(key, kind)
        if found is None:
            raise InvalidInputError("This way in needs the account's name.", code="slot-needs-name")
        name = found.hex()
        started = await self._login_start(name)
        keys = SlotKeys.of(key, kind)
        return await self._log_in(name, started.nonce, keys, device=device, code=code, mend=mend)

    async def _login_start(self, name: str) -> wire.LoginStarted:
        started: wire.LoginStarted = await self._transport.call(
            "POST", "/v1/login/start", wire.LoginStarted, body=wire.LoginStart(name=name), open_=True
        )
        return started

    @advised(ASK_BEFORE_UNLOCKING)
    async def _log_in(
        self, name: str, nonce: bytes, keys: SlotKeys, *, device: str, code: str | None, mend: bool
    ) -> Me:
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
        try:
            return await self._enter(given, session_key, keys, before, device=device, mend=mend)
        except BaseException:
            if self.me is before:  # the new session's token fits nothing that this device goes on with
                self._transport.use_token(None)
            raise

    async def _enter(
        self,
        given: wire.SessionGiven,
        session_key: SessionSigner,
        keys: SlotKeys,
        before: Me | None,
        *,
        device: str,
        mend: bool,
    ) -> Me:
        """Open the account that a log-in led to, and keep it on this device."""
        shown, state, listed = await self.shown(given.uid)
        root = self._open(shown, state, listed, given.slot, keys)
        spoiled = False
        try:
            bundle = open_bundles(root, state, shown, kept=None if before is None else before.bundle)
        except IntegrityError as error:
            earlier = earlier_bundles(root, state, shown)
            if not mend or error.reason != "bundle-spoiled" or not earlier:
                raise
            bundle, spoiled = join_bundles(earlier), True
        self.me = Me(given.uid, shown.handle, given.role, bundle, given.session, session_key)
        self._store.put_meta("server", self._transport.origin.encode())  # a server that moved is used from here on
        if spoiled:
            await self.change(root, new=New.KEYS)
        self.keep()
        named = wire.SessionRenamed(device_name=seal_name(bundle, device))
        await self._transport.call("PUT", "/v1/sessions/here/name", body=named)
        return self.me

    @advised(ASK_BEFORE_UNLOCKING)
    async def shown(self, uid: bytes) -> tuple[wire.AccountShown, AccountState, SlotList]:
        """Fetch one's own account; verify its chain and that the slot list is the stated one."""
        shown: wire.AccountShown = await self._transport.call("GET", "/v1/account", wire.AccountShown)
        if shown.uid != uid:
            raise IntegrityError("The server answered with another account.", code="account-swapped")
        state = self._people.learn(uid, shown.statements)
        listed = SlotList.decode(shown.slots)
        if listed.hash() != state.statement.slots_hash:
            raise IntegrityError("The list of ways in is not the one that the account states.", code="slot-list")
        self._keep_keys(wire.KeySet(statement=shown.statements[-1], slots=shown.slots, entries=shown.entries,
                                    bundle=shown.bundle))  # fmt: skip
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

    def _did(self, about: bytes) -> None:
        """Note an act of this device's own, so that it is not told here as news."""
        raw = self._store.meta(DID)
        self._store.put_meta(DID, encode([*([] if raw is None else decode(raw)), about]))

    async def change(
        self,
        root: RootKey,
        *,
        keep: Sequence[bytes] | None = None,
        add: Sequence[NewSlot] = (),
        replace: tuple[bytes, NewSlot] | None = None,
        new: New,
        index: bytes | None = None,
    ) -> wire.KeysChanged:
        """Change ways in or keys in one act: new statement, slot list, bundle, and a wrap for every slot.

        `keep` are the ids that stay (None: all). A slot that goes, or another's that is replaced, needs `New.ROOT`.
        Nothing is kept on this device until the server has taken it whole; what waits comes with a later log-in.
        """
        me = self.need_me()
        shown, state, listed = await self.shown(me.uid)
        stay = [slot for slot in listed.slots if keep is None or slot.id in keep]
        made = make_slots(add)
        if replace is not None:
            swapped = make_slots([replace[1]], ids=[replace[0]])
            stay = [next(iter(swapped)) if slot.id == replace[0] else slot for slot in stay]
            made = {**made, **swapped}
        slots = [*stay, *(slot for slot in made if slot not in stay)]
        bundle = me.bundle if index is None else Bundle(me.bundle.identities, index)
        change = prepare_change(state, shown, root, bundle, slots=slots, made=made, new=new)
        changed: wire.KeysChanged = await self._transport.call(
            "POST", "/v1/account/keys", wire.KeysChanged, body=wire.ChangeKeys(keys=change.keys)
        )
        if changed.applied:
            state = self._people.learn(me.uid, [*self._people.statements(me.uid), change.keys.statement])
            me.bundle = change.bundle
            self._keep_keys(change.keys)
            self.keep()
            self._did(state.head)
            if changed.receipt is not None:
                self.took(changed.receipt.plain(), About(digest=state.head))
        elif changed.pending is not None:
            self._did(changed.pending)
        return changed
