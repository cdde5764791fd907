"""The client: one account on one device. `AsyncMindhaven` here; `Mindhaven` in `blocking` is the same without `await`.

Guarantees: writing never needs the server; reading never needs it either; every failed check is a named error that
leaves the local copy as it was. I/O: one local store, one server.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final, Self

import httpx

from mindhaven.crypto.secrets import RootKey, SealKey, SlotSecret
from mindhaven.errors import NotFoundError
from mindhaven.kinds import Record
from mindhaven.protocol import recovery
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Role, Settings
from mindhaven.protocol.encoding import ZERO32
from mindhaven.sdk import moving
from mindhaven.sdk.access import Access, Me, NewSlot
from mindhaven.sdk.content import Notes
from mindhaven.sdk.devices import Device, Devices
from mindhaven.sdk.entries import Entries, Entry
from mindhaven.sdk.files import Files
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.syncing import Synced, Syncing
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import Vault
from mindhaven.wire.accounts import PendingShown, Receipt

INDEX: Final = "index"
__all__ = ["AsyncMindhaven", "Entry", "Synced"]


class AsyncMindhaven:
    """One account on one device."""

    def __init__(self, store: LocalStore, server: str, *, http: httpx.AsyncClient | None = None) -> None:
        self.store = store
        self.transport = Transport(server, http=http)
        self.people = People(store, self.transport)
        self.access = Access(store, self.transport, self.people)
        self.vault = Vault(store, self.transport, self.access, self.people)
        self.index = Index(self.vault, store)
        self.sharing = Sharing(self.vault, self.access, self.people, self.index, self.transport, store)
        self.files = Files(self.transport, store)
        self.syncing = Syncing(store, self.vault, self.index, self.sharing, self.access)
        self._entries = Entries(store, self.vault, self.index, self.access)
        self._devices = Devices(self.access, self.transport)
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
        """Make a local store in `home` for an account at `server`."""
        store = LocalStore.create(home, passphrase=passphrase, key=key)
        store.put_meta("server", server.encode())
        return cls(store, server, http=http)

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
        kept = store.meta("server")
        return cls(store, server or (kept or b"").decode(), http=http)

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
        await self.access.change(root, rotate=False, index=self.index.id)

    async def log_in(self, handle: str, passphrase: str, *, device: str = "", code: str | None = None) -> None:
        """Sign this device in; the account's records follow with the next sync."""
        me = await self.access.log_in(handle=handle, passphrase=passphrase, device=device, code=code)
        self.index.id = me.bundle.index

    async def recover(self, text: str, *, device: str = "", code: str | None = None) -> None:
        """Sign this device in by the recovery key alone."""
        me = await self.access.recover(recovery.parse(text), device=device, code=code)
        self.index.id = me.bundle.index

    async def change_passphrase(self, old: str, new: str) -> None:
        """Replace the passphrase in one act: new root and keys, every other device signed out."""
        opened, root = await self.access.open_way(passphrase=old)
        shown, _, listed = await self.access.shown(self.me.uid)
        salt = listed.get(opened.id).passphrase_params().server_salt
        new_slot = NewSlot.passphrase(new, handle=shown.handle, server_salt=salt)
        await self.access.change(root, replace=(opened.id, new_slot), rotate=True)
        self.store.lock_with(new)
        await self.replace_keys()

    async def new_recovery_key(self, passphrase: str) -> tuple[SlotSecret, int | None]:
        """Make a new recovery key in the old one's place; return it and when it takes effect (None: now)."""
        _, root = await self.access.open_way(passphrase=passphrase)
        _, _, listed = await self.access.shown(self.me.uid)
        key = SlotSecret.fresh()
        old = [slot.id for slot in listed.slots if slot.kind == 2]
        slot = NewSlot.recovery_key(key)
        if old:
            changed = await self.access.change(root, replace=(old[0], slot), rotate=True)
        else:
            changed = await self.access.change(root, add=[slot], rotate=False)
        if changed.applied:
            await self.replace_keys()
        return key, changed.due_at

    async def replace_keys(self) -> None:
        """Announce a new key in every collection; may be interrupted and repeated."""
        for shown in await self.vault.listed():
            await self.vault.replace_key(shown.id)

    # -- devices and leaving

    async def devices(self) -> list[Device]:
        """Return the signed-in devices, the oldest first."""
        return await self._devices.all()

    async def end_device(self, device: bytes) -> None:
        """Sign another device out."""
        await self._devices.end(device)

    async def log_out(self) -> None:
        """Sign this device out; its entries stay here, locked."""
        await self._devices.log_out()

    async def pending(self) -> list[PendingShown]:
        """Return the changes of ways in that wait."""
        return await self._devices.pending()

    async def cancel_pending(self, pending: bytes) -> None:
        """Cancel a waiting change."""
        await self._devices.cancel(pending)

    async def totp_on(self, passphrase: str, confirm: Callable[[str], str]) -> None:
        """Turn the second factor on: `confirm` is given the secret (base32) and returns a first code."""
        await self._devices.totp_on(passphrase, confirm)

    async def totp_off(self, passphrase: str) -> None:
        """Turn the second factor off."""
        await self._devices.totp_off(passphrase)

    async def delete_account(self, passphrase: str) -> Receipt:
        """Erase the account at the server; return its receipt. The local store stays until its files are deleted."""
        return await self._devices.erase_account(passphrase)

    async def export_archive(self, path: Path, *, progress: Progress | None = None) -> int:
        """Write everything, with history, chains and signatures, to one file; return the number of commits."""
        return await moving.write_archive(self, path, progress=progress)

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
        """Bring an archived account to `server`, on this device; return its client."""
        client = cls.create(home, server, passphrase=passphrase, key=key)
        await moving.read_in(client, archive, passphrase=passphrase, device=device, progress=progress)
        return client

    # -- writing

    def add(self, record: Record, *, collection: str | bytes | None = None, notes: Notes | None = None) -> bytes:
        """Write a record on this device; return its item id. `sync` sends it.

        `collection` is the name of one's own, or the id of any that one may write to; a name never means another's.
        """
        return self._entries.add(record, collection=collection, notes=notes)

    def add_all(self, records: Sequence[Record], *, collection: str | bytes | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        return self._entries.add_all(records, collection=collection)

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> None:
        """Write a next revision of one's own entry; a changed month is a new item, the old one is erased."""
        self._entries.revise(entry, record, notes=notes)

    def erase(self, entry: Entry) -> None:
        """Erase an entry: its salt goes from the server, then nobody can open any copy of it there."""
        self._entries.erase(entry)

    # -- reading

    def entries(self, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return the entries on this device, oldest first, what waits included. Works offline."""
        return self._entries.all(collection=collection, kind=kind)

    def entry(self, item: bytes) -> Entry:
        """Return one entry; raise `NotFoundError` if it is not on this device."""
        return self._entries.entry(item)

    # -- collections and syncing

    async def ensure(self, name: str, *, settings: Settings | None = None) -> Listed:
        """Return one's own collection of that name, begun and listed if there is none."""
        return await self.index.ensure(name, settings=settings)

    async def sync(self, *, progress: Progress | None = None) -> Synced:
        """Send what waits, then pull and verify everything. Raises named errors; the local copy stays sound."""
        return await self.syncing.sync(progress=progress)

    # -- sharing

    async def share(self, name: str, who: str, *, since: int = 0, until: int = 0, role: Role = Role.READER) -> None:
        """Share one's collection with a checked contact from month `since` (yyyymm) until day `until`."""
        listed = await self.ensure(name)
        await self.vault.pull(listed.id)
        await self.sharing.grant(listed.id, self.index.contact(who), name=name, role=role, since=since, until=until)

    async def stop_sharing(self, name: str, who: str) -> None:
        """Stop sharing one's collection with a contact."""
        listed = self.index.named(name)
        if listed is None:
            raise NotFoundError(f"You have no collection called {name}.", code="collection-unknown")
        state = await self.vault.pull(listed.id)
        await self.sharing.revoke(listed.id, self._member(state, who))

    def _member(self, state: ChainState, who: str) -> bytes:
        """Return the member that a contact's name or handle, or the first 8 or more letters of a uid, means."""
        found = [uid for uid in state.members if len(who) >= 8 and uid.hex().startswith(who.lower())]
        return found[0] if len(found) == 1 else self.index.contact(who).uid

    # -- attachments

    async def attach(
        self, collection: str, path: Path, *, media_type: str, progress: Progress | None = None
    ) -> AttachmentRef:
        """Seal a file and send its parts, resuming where it broke off; put what is returned into a record's `Notes`."""
        listed = await self.ensure(collection)
        return await self.files.send(listed.id, path, media_type=media_type, progress=progress)

    def read_file(self, entry: Entry, number: int = 0) -> AsyncIterator[bytes]:
        """Yield the plaintext of an entry's attachment."""
        if entry.collection is None:
            raise NotFoundError("This entry's attachment is not on the server yet.", code="entry-unknown")
        return self.files.get(entry.collection, entry.notes.files[number])
