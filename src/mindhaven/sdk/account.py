"""An account on one device: making it, signing in, its ways in, its devices, leaving. I/O: one local store, one server.

Guarantees: the store is opened before anything is asked of a server; every act on keys is one transaction there.
Does not: write or read entries (`client`).
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from mindhaven.crypto.derive import SERVER_SALT_BYTES
from mindhaven.crypto.secrets import RootKey, SealKey, SlotSecret
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.protocol import recovery
from mindhaven.protocol.card import Card
from mindhaven.protocol.encoding import ZERO32
from mindhaven.protocol.pairing import NewDevice
from mindhaven.protocol.receipt import About
from mindhaven.protocol.slots import SlotKind
from mindhaven.sdk import moving
from mindhaven.sdk.access import Access, Me
from mindhaven.sdk.address import server_origin, tls_context
from mindhaven.sdk.devices import Device, Devices
from mindhaven.sdk.files import Files
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.pairing import Pairing
from mindhaven.sdk.passkeys import Passkey, Passkeys
from mindhaven.sdk.people import People
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.queue import Write
from mindhaven.sdk.receipts import Receipts
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import Vault
from mindhaven.sdk.ways import New, NewSlot, OpenedSlot
from mindhaven.wire.accounts import PendingShown, RecentShown
from mindhaven.wire.receipts import ErasureReceipt


class Account:
    """One account on one device, without its entries: what `AsyncMindhaven` builds on."""

    def __init__(self, store: LocalStore, server: str, *, http: httpx.AsyncClient | None = None) -> None:
        self.store = store
        self.transport = Transport(server, http=http)
        self.people = People(store, self.transport)
        self.kept_receipts = Receipts(store)
        self.access = Access(store, self.transport, self.people)
        self.access.took = lambda receipt, about: self.kept_receipts.take([receipt], about)
        self.vault = Vault(store, self.transport, self.access, self.people)
        self.index = Index(self.vault, store)
        self.sharing = Sharing(
            self.vault, self.access, self.people, self.index, self.transport, store, self.kept_receipts
        )
        self.files = Files(self.transport, store)
        self._left_behind: frozenset[bytes] = frozenset()
        self._not_exported: dict[bytes, set[bytes]] = {}
        self._devices = Devices(self.access, self.transport)
        self._pairing = Pairing(self.access, self.transport)
        self._passkeys = Passkeys(self.access, self.transport)
        if self.access.me is not None and self.access.me.bundle.index != ZERO32:
            self.index.id = self.access.me.bundle.index

    # -- opening and closing

    @classmethod
    def create(
        cls,
        home: Path,
        server: str,
        *,
        passphrase: str | None,
        key: SealKey | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> Self:
        """Make a local store in `home` for an account at `server`.

        Raises `InvalidInputError`: origin, http-not-loopback, ca-file, store-exists.
        """
        origin = server_origin(server)
        if http is None:
            tls_context(origin)  # what is wrong with it is said before anything is made
        store = LocalStore.create(home, passphrase=passphrase, key=key)
        store.put_meta("server", origin.encode())
        return cls(store, origin, http=http)

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        passphrase: str | None = None,
        key: SealKey | None = None,
        server: str | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> Self:
        """Open the local store in `home`; reading and writing work from here on, server or not."""
        store = LocalStore.open(home, passphrase=passphrase, key=key)
        try:
            kept = store.meta("server")
            return cls(store, server or (kept or b"").decode(), http=http)
        except BaseException:
            store.close()
            raise

    async def close(self) -> None:
        """Close the connections and the store."""
        await self.transport.close()
        self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def me(self) -> Me:
        """The account of this device."""
        return self.access.need_me()

    @property
    def card(self) -> Card:
        """One's own card, to give to people: nobody reads anything with it."""
        return Card(self.me.handle, self.me.uid)

    # -- signing up and in

    async def sign_up(
        self,
        passphrase: str,
        *,
        word: str | None = None,
        device: str = "",
        invitation: str | None = None,
        recovery_key: SlotSecret | None = None,
    ) -> SlotSecret:
        """Make an account with two ways in: the passphrase and a recovery key, which is returned to be kept on paper.

        Give `recovery_key` to use one that was made, shown and confirmed before.
        """
        key = recovery_key or SlotSecret.fresh()
        started = await self.access.start_signup(word=word, invitation=invitation)
        slots = [
            NewSlot.passphrase(passphrase, handle=started.handle, server_salt=started.server_salt),
            NewSlot.recovery_key(key),
        ]
        await self.access.finish_signup(started, slots, device=device)
        _, root = await self.access.open_way(passphrase=passphrase)
        await self._begin_index(root)
        return key

    async def _begin_index(self, root: RootKey) -> None:
        self.index.id = await self.vault.create()
        await self.access.change(root, new=New.NOTHING, index=self.index.id)

    async def log_in(
        self, handle: str, passphrase: str, *, device: str = "", code: str | None = None, mend: bool = False
    ) -> None:
        """Sign this device in; the account's records follow with the next sync. `mend`: see `Access.log_in`."""
        me = await self.access.log_in(handle=handle, passphrase=passphrase, device=device, code=code, mend=mend)
        self.index.id = me.bundle.index

    async def recover(self, text: str, *, device: str = "", code: str | None = None, mend: bool = False) -> None:
        """Sign this device in by the recovery key alone. `mend`: see `Access.log_in`."""
        me = await self.access.recover(recovery.parse(text), device=device, code=code, mend=mend)
        self.index.id = me.bundle.index

    async def begin_pairing(self) -> NewDevice:
        """Wait at the server to be let in; show `link.text(transport.origin)` of what is returned on this device."""
        return await self._pairing.begin()

    async def wait_for_pairing(self, new: NewDevice, *, device: str = "") -> None:
        """Wait until a signed-in device lets this one in; raise `UnavailableError` (pairing-over) after ten minutes."""
        me = await self._pairing.wait(new, device=device)
        self.index.id = me.bundle.index

    async def let_in(self, link: str, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None) -> None:
        """Let a new device in by the link that it shows; opens a way in here first."""
        await self.access.open_way(passphrase=passphrase, recovery_key=recovery_key)
        await self._pairing.let_in(link)

    async def change_passphrase(self, old: str, new: str, *, recovery_key: SlotSecret | None = None) -> int | None:
        """Replace the passphrase at once: new keys, every other device signed out.

        Return when the new root counts, too (seconds; None: now, as with `recovery_key`). Until then, who knew the old
        passphrase and holds the server's own data could still open what the root seals; nobody else can.
        """
        opened, root, done = await self._open_old(old, new)
        if recovery_key is not None:
            await self.access.open_way(recovery_key=recovery_key)
        shown, _, listed = await self.access.shown(self.me.uid)
        both = recovery_key is not None or len(listed.slots) == 1
        later = None
        if not done:
            slot = NewSlot.passphrase(new, handle=shown.handle, server_salt=os.urandom(SERVER_SALT_BYTES))
            await self.access.change(root, replace=(opened.id, slot), new=New.ROOT if both else New.KEYS)
        self.store.lock_with(new)
        if done or not both:
            later = await self.access.change(root, new=New.ROOT)
        await self.replace_keys()
        return None if later is None else later.due_at

    async def _open_old(self, old: str, new: str) -> tuple[OpenedSlot, RootKey, bool]:
        """Open the passphrase slot by the old passphrase; by the new one if a former try got that far (True)."""
        try:
            return *await self.access.open_way(passphrase=old), False
        except InvalidInputError as error:
            if error.reason != "slot-refused":
                raise
        return *await self.access.open_way(passphrase=new), True

    async def new_recovery_key(
        self, passphrase: str, *, old: SlotSecret | None = None
    ) -> tuple[SlotSecret, int | None]:
        """Make a new recovery key in the old one's place; return it and when it counts (None: now, as with `old`)."""
        _, root = await self.access.open_way(passphrase=passphrase)
        if old is not None:
            await self.access.open_way(recovery_key=old)
        _, _, listed = await self.access.shown(self.me.uid)
        key = SlotSecret.fresh()
        there = [slot.id for slot in listed.slots if slot.kind is SlotKind.RECOVERY_KEY]
        slot = NewSlot.recovery_key(key)
        if there:
            changed = await self.access.change(root, replace=(there[0], slot), new=New.ROOT)
        else:
            changed = await self.access.change(root, add=[slot], new=New.NOTHING)
        if changed.applied:
            await self.replace_keys()
        return key, changed.due_at

    async def lost_device(self, device: bytes, passphrase: str) -> None:
        """Sign a lost or stolen device out and make new keys: what lies on it neither opens nor writes anything new."""
        _, root = await self.access.open_way(passphrase=passphrase)
        with contextlib.suppress(NotFoundError):  # it signed itself out: what was copied from it still needs new keys
            await self._devices.end(device)
        await self.access.change(root, new=New.KEYS)
        await self.replace_keys()

    async def replace_keys(self) -> None:
        """Announce a new key in every collection; may be interrupted and repeated."""
        async with self.index.noting():
            for shown in await self.vault.listed():
                await self.vault.replace_key(shown.id)

    # -- devices and leaving

    async def devices(self) -> list[Device]:
        """Return the signed-in devices, the oldest first."""
        return await self._devices.all()

    async def end_device(self, device: bytes) -> None:
        """Sign another device out; a way in must have been opened on this one within ten minutes."""
        await self._devices.end(device)

    async def log_out(self) -> None:
        """Sign this device out; its entries stay here, locked."""
        await self._devices.log_out()

    async def recent(self) -> RecentShown:
        """Return what waits, and what happened to devices and ways in within thirty days, the newest first."""
        return await self._devices.recent()

    async def pending(self) -> list[PendingShown]:
        """Return the changes of ways in that wait."""
        return await self._devices.pending()

    async def cancel_pending(self, pending: bytes) -> None:
        """Cancel a waiting change."""
        await self._devices.cancel(pending)

    async def totp_on(self, passphrase: str, confirm: Callable[[str], str]) -> None:
        """Turn the second factor on: `confirm` is given the secret (base32) and returns a first code."""
        await self._devices.totp_on(passphrase, confirm)

    async def totp_off(self, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None) -> None:
        """Turn the second factor off, by either way in."""
        await self._devices.totp_off(passphrase, recovery_key=recovery_key)

    async def passkeys(self) -> list[Passkey]:
        """Return the passkeys that the server knows, the oldest first; only a browser can make or use one."""
        return await self._passkeys.all()

    async def remove_passkey(
        self, passkey: bytes, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None
    ) -> int | None:
        """Remove a passkey, with the way in that it unlocks; return when that counts (seconds; None: now).

        With both ways in nothing waits. Raises `NotFoundError` (passkey-unknown).
        """
        changed = await self._passkeys.remove(passkey, passphrase, recovery_key=recovery_key)
        if changed is not None and changed.applied:
            await self.replace_keys()
        return None if changed is None else changed.due_at

    async def passkey_as_second_factor(
        self, passkey: bytes, passphrase: str | None = None, *, on: bool, recovery_key: SlotSecret | None = None
    ) -> None:
        """Ask for a passkey beside the passphrase, or no more; a program that can't use one signs in otherwise then."""
        await self._passkeys.factor(passkey, on=on, passphrase=passphrase, recovery_key=recovery_key)

    async def delete_account(self, passphrase: str, *, recovery_key: SlotSecret | None = None) -> ErasureReceipt:
        """Erase the account at the server; return its receipt. The local store stays until its files are deleted.

        A finished account needs both its ways in: who has only the passphrase must not end it.
        """
        return await self._devices.erase_account(passphrase, recovery_key=recovery_key)

    async def erase_collection(
        self, name: str, *, passphrase: str | None = None, recovery_key: SlotSecret | None = None
    ) -> ErasureReceipt:
        """Erase one of one's own collections whole, for everyone, by a way in; return its receipt.

        What waits to be sent to it goes, too. Raises `NotFoundError` (collection-unknown), `DeniedError` (on-hold).
        """
        listed = self.index.named(name)
        if listed is None or listed.id == self.index.id:
            raise NotFoundError(f"You have no collection called {name}.", code="collection-unknown")
        try:
            receipt = await self._devices.erase_collection(listed.id, passphrase, recovery_key=recovery_key)
        except NotFoundError:  # it was erased before, and only the list still has it
            await self._let_go(listed)
            raise
        self.kept_receipts.take([one.plain() for one in (receipt, *receipt.also)], About(listed.id))
        await self._let_go(listed)
        return receipt

    async def _let_go(self, listed: Listed) -> None:
        """Take an erased collection off the list, and what this device has of it with it."""
        await self.index.drop(listed.id)
        with self.store.batch():
            self.store.drop_collection(listed.id)
            places = (listed.id, listed.name)
            self.store.unqueue([number for number, value in self.store.queued() if Write.of(value).place in places])

    async def export_archive(self, path: Path, *, progress: Progress | None = None) -> int:
        """Write everything, with history, chains and signatures, to one file; return the number of commits.

        What the server lacks of attached files is not in it: see `not_exported`.
        """
        commits, self._not_exported = await moving.write_archive(self, path, progress=progress)
        return commits

    @property
    def left_behind(self) -> frozenset[bytes]:
        """Collections of an archive that did not move house with it; see `move_in`."""
        return self._left_behind

    @classmethod
    async def move_in(
        cls,
        home: Path,
        archive: Path,
        server: str,
        *,
        passphrase: str,
        device: str = "",
        key: SealKey | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Bring an archived account to `server`, on this device; return its client.

        Its `left_behind` names the collections that somebody else began and handed over: they don't move.
        """
        client = cls.create(home, server, passphrase=passphrase, key=key)
        try:
            client._left_behind = await moving.read_in(  # noqa: SLF001 - this class
                client, archive, passphrase=passphrase, device=device, progress=progress
            )
        except BaseException:
            await client.close()
            raise
        return client
