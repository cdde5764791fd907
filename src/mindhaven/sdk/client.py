"""The client: one account on one device. `AsyncMindhaven` here; `Mindhaven` in `blocking` is the same without `await`.

Guarantees: writing never needs the server; reading never needs it either; every failed check is a named error that
leaves the local copy as it was. I/O: one local store, one server.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import httpx

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import RootKey, SealKey, SlotSecret
from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError, NotFoundError, UnavailableError
from mindhaven.kinds import Record, check, kind_named
from mindhaven.protocol import recovery
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Role, Settings
from mindhaven.protocol.encoding import ZERO32
from mindhaven.protocol.envelope import Content
from mindhaven.protocol.slots import SlotKind
from mindhaven.sdk import moving
from mindhaven.sdk.access import Access, Me
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.devices import Device, Devices
from mindhaven.sdk.errors import OfflineError, WithheldError
from mindhaven.sdk.files import Files
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import PUSH_BATCH, Draft, Vault
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.wire.accounts import PendingShown, Receipt

INDEX: Final = "index"
HEADS_EVERY_SECONDS: Final = 600
"""How often a device notes its heads in the index: a rollback is noticed within ten minutes of writing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as this device has it. `waits`: written here, not yet on the server. `error`: why it did not open."""

    record: Record | None
    item: bytes
    revision: int
    collection: bytes | None
    collection_name: str
    author: bytes
    mine: bool
    waits: bool = False
    notes: Notes = field(default_factory=Notes)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: writes sent, collections looked at, writes that stay here and why, new collections."""

    sent: int
    collections: int
    held: tuple[str, ...]
    shared_with_me: tuple[bytes, ...]


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

    async def change_passphrase(self, old: str, new: str, *, recovery_key: SlotSecret | None = None) -> int | None:
        """Replace the passphrase at once: new keys, every other device signed out.

        Return when the new root counts, too (seconds; None: now, as with `recovery_key`). Until then, who knew the old
        passphrase and holds the server's own data could still open what the root seals; nobody else can.
        """
        opened, root = await self.access.open_way(passphrase=old)
        if recovery_key is not None:
            await self.access.open_way(recovery_key=recovery_key)
        shown, _, listed = await self.access.shown(self.me.uid)
        salt = listed.get(opened.id).passphrase_params().server_salt
        slot = NewSlot.passphrase(new, handle=shown.handle, server_salt=salt)
        both = recovery_key is not None or len(listed.slots) == 1
        await self.access.change(root, replace=(opened.id, slot), new=New.ROOT if both else New.KEYS)
        self.store.lock_with(new)
        later = None if both else await self.access.change(root, new=New.ROOT)
        await self.replace_keys()
        return None if later is None else later.due_at

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
        await self._devices.end(device)
        await self.access.change(root, new=New.KEYS)
        await self.replace_keys()

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
        check(record)
        item = self.vault.fresh_item()
        self._enqueue(item, 0, record, collection or self._home_of(record), notes)
        return item

    def add_all(self, records: Sequence[Record], *, collection: str | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        with self.store.batch():
            return [self.add(record, collection=collection) for record in records]

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> None:
        """Write a next revision of one's own entry; a changed month is a new item, the old one is erased."""
        if not entry.mine:
            raise DeniedError("Nobody edits another's entry.", code="not-the-author")
        check(record)
        if entry.record is not None and entry.record.month() != record.month():
            self.erase(entry)
            self._enqueue(self.vault.fresh_item(), 0, record, self._place(entry), notes or entry.notes)
            return
        self._enqueue(entry.item, entry.revision, record, self._place(entry), notes or entry.notes)

    def erase(self, entry: Entry) -> None:
        """Erase an entry: its salt goes from the server, then nobody can open any copy of it there."""
        self.store.enqueue(encode([self._place(entry), entry.item, entry.revision, 0, None, []]))

    @staticmethod
    def _place(entry: Entry) -> str | bytes:
        return entry.collection or entry.collection_name

    def _home_of(self, record: Record) -> str:
        kind = kind_named(record.kind)
        return kind.collection if kind is not None else record.kind.split("/")[0]

    def _enqueue(self, item: bytes, base: int, record: Record, name: str | bytes, notes: Notes | None) -> None:
        content = to_content(record, notes)
        blobs = [blob for file in (notes or Notes()).files for blob in file.blobs]
        self.store.enqueue(encode([name, item, base, record.month(), content.encode(), blobs]))

    # -- reading

    def entries(self, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return the entries on this device, oldest first, what waits included. Works offline."""
        found: dict[bytes, Entry] = {}
        for listed in self.index.collections():
            if collection is not None and listed.name != collection:
                continue
            for entry in self._stored(listed):
                found[entry.item] = entry
        for place, item, base, value in self._waiting():
            name = place if isinstance(place, str) else self._name_of(place)
            if collection is not None and name != collection:
                continue
            if value is None:
                found.pop(item, None)
                continue
            record, notes = from_content(Content.decode(value))
            where = place if isinstance(place, bytes) else None
            found[item] = Entry(record, item, base + 1, where, name, self.me.uid, mine=True, waits=True, notes=notes)
        picked = [entry for entry in found.values() if kind is None or (entry.record and entry.record.kind == kind)]
        return sorted(picked, key=lambda entry: (entry.record.created_at if entry.record else 0, entry.item))

    def _name_of(self, collection: bytes) -> str:
        """Return a listed collection's name; reading goes on where the list no longer has it."""
        return next((one.name for one in self.index.collections() if one.id == collection), "shared")

    def _waiting(self) -> list[tuple[str | bytes, bytes, int, bytes | None]]:
        return [(v[0], v[1], v[2], v[4]) for v in (decode(value) for _, value in self.store.queued())]

    def _stored(self, listed: Listed) -> list[Entry]:
        found = []
        for local in self.store.items(listed.id):
            mine = local.state.author == self.me.uid
            where = (local.item, local.state.revision, listed.id, listed.name, local.state.author)
            value = [] if local.value is None else decode(local.value)
            if len(value) == 5:
                try:
                    record, notes = from_content(Content.decode(local.value or b""))
                    found.append(Entry(record, *where, mine=mine, notes=notes))
                except MindhavenError as error:
                    found.append(Entry(None, *where, mine=mine, error=error.reason))
            else:
                reason = value[0] if len(value) == 1 else "no-key"
                found.append(Entry(None, *where, mine=mine, error=str(reason)))
        return found

    def entry(self, item: bytes) -> Entry:
        """Return one entry; raise `NotFoundError` if it is not on this device."""
        for entry in self.entries():
            if entry.item == item:
                return entry
        raise NotFoundError("There is no such entry here.", code="entry-unknown")

    # -- collections

    async def ensure(self, name: str, *, settings: Settings | None = None) -> Listed:
        """Return one's own collection of that name, begun and listed if there is none."""
        found = self.index.named(name)
        if found is not None:
            return found
        listed = Listed(await self.vault.create(settings=settings), name, self.me.uid)
        await self.index.add(listed)
        return listed

    # -- syncing

    async def sync(self, *, progress: Progress | None = None) -> Synced:
        """Send what waits, then pull and verify everything. Raises named errors; the local copy stays sound."""
        shown = await self._pull_index()
        sent, held = await self._flush(progress)
        if sent:
            shown = await self.vault.listed()
        newly: list[bytes] = []
        listed = {one.id for one in self.index.collections()}
        for number, one in enumerate(shown, 1):
            if one.id == self.index.id or not one.active:
                continue
            state = self.vault.state(one.id)
            try:
                if state is None or state.head != one.head or self.vault.withheld(one.id):
                    await self.vault.pull(one.id)
                self.index.check_pulled(one.id)
            except OfflineError:
                raise
            except MindhavenError as error:
                if one.owner == self.me.uid:
                    raise
                held.append(f"A collection that somebody shares with you: {error.message}")
                continue
            if one.id not in listed and one.owner != self.me.uid:
                newly.append(one.id)
            if self._key_is_old(one.id):
                await self.vault.replace_key(one.id)
            if progress is not None:
                progress(number, len(shown))
        await self._note_heads([one.id for one in shown], changed=bool(sent))
        return Synced(sent, len(shown), tuple(held), tuple(newly))

    def _key_is_old(self, collection: bytes) -> bool:
        """Return whether this account signed there with keys that it has replaced since."""
        state = self.vault.state(collection)
        signed_with = None if state is None else state.signed_keys.get(self.me.uid)
        return signed_with is not None and signed_with < self.me.identity.generation

    async def _pull_index(self) -> list[Any]:
        shown = await self.vault.listed()
        if self.index.id is None or self.index.id == ZERO32:
            raise InvalidInputError("This account has no index yet.", hint="Finish sign-up first.", code="unfinished")
        there = next((one for one in shown if one.id == self.index.id), None)
        if there is None:
            raise WithheldError("The server does not show this account's own index.", code="collection-withheld")
        state = self.vault.state(self.index.id)
        if state is None or state.head != there.head:
            await self.vault.pull(self.index.id)
        self.index.check(shown)
        await self._name_shared(shown)
        return shown

    async def _name_shared(self, shown: list[Any]) -> None:
        """List what others newly share, under the name that their consent seals."""
        listed = {one.id for one in self.index.collections()}
        new = [one for one in shown if one.owner != self.me.uid and one.id not in listed and one.active]
        if not new:
            return
        shares = await self.sharing.shares()
        for one in new:
            names = [
                share.content[0]
                for share in shares
                if share.collection == one.id and share.recipient == self.me.uid and share.content
            ]
            await self.index.add(Listed(one.id, names[0] if names else "shared", one.owner))

    async def _flush(self, progress: Progress | None) -> tuple[int, list[str]]:
        queued = [(number, decode(value)) for number, value in self.store.queued()]
        by_place: dict[str | bytes, list[tuple[int, Any]]] = {}
        for number, value in queued:
            by_place.setdefault(value[0], []).append((number, value))
        sent, held = 0, []
        for place, waiting in by_place.items():
            try:
                sent += await self._send(place, waiting, progress)
            except (OfflineError, UnavailableError):
                raise
            except (DeniedError, NotFoundError) as error:
                name = place if isinstance(place, str) else "a shared collection"
                held.append(f"{len(waiting)} in {name}: {error.message}")
        return sent, held

    async def _send(self, place: str | bytes, waiting: list[tuple[int, Any]], progress: Progress | None) -> int:
        collection = place if isinstance(place, bytes) else (await self.ensure(place)).id
        await self.vault.pull(collection)
        steps = _coalesced(waiting)
        for start in range(0, len(steps), PUSH_BATCH):
            part = steps[start : start + PUSH_BATCH]
            await self.vault.write(collection, [self._draft(value) for _, value in part if value is not None])
            self.store.unqueue([number for numbers, _ in part for number in numbers])
            if progress is not None:
                progress(min(start + PUSH_BATCH, len(steps)), len(steps))
        return len(waiting)

    def _draft(self, value: Any) -> Draft:
        _, item, base, month, raw, blobs = value
        if raw is None:
            return Draft(item, month, None)
        content = Content.decode(raw)

        def as_conflict(original: bytes) -> Content:
            record, notes = from_content(content)
            return to_content(record, Notes(original, notes.files))

        return Draft(item, month, content, base + 1, tuple(blobs), as_conflict)

    async def _note_heads(self, collections: list[bytes], *, changed: bool) -> None:
        raw = self.store.meta("heads-noted")
        last = 0 if raw is None else decode(raw)[0]
        if changed or time.time() - last > HEADS_EVERY_SECONDS:
            await self.index.note_heads(collections)
            self.store.put_meta("heads-noted", encode([int(time.time())]))

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


def _coalesced(waiting: list[tuple[int, Any]]) -> list[tuple[list[int], Any]]:
    """Return one step for each item: its queue numbers, and its newest content on the base of its first write.

    Edits that never left this device are one edit for everybody else; what was written and erased here never leaves.
    """
    steps: dict[bytes, tuple[list[int], Any]] = {}
    for number, value in waiting:
        place, item, base, month, content, blobs = value
        before = steps.get(item)
        if before is not None:
            numbers, first = before
            base = 0 if first is None else first[2]
            numbers.append(number)
            never_sent = content is None and base == 0
            steps[item] = (numbers, None if never_sent else [place, item, base, month, content, blobs])
        else:
            steps[item] = ([number], value)
    return list(steps.values())
