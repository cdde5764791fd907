"""The client: one account on one device. `AsyncMindhaven` here; `Mindhaven` in `blocking` is the same without `await`.

Guarantees: writing never needs the server; reading never needs it either; every failed check is a named error that
leaves the local copy as it was. I/O: one local store, one server.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from pathlib import Path

import httpx

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import ConflictError, IntegrityError, MindhavenError, NotFoundError
from mindhaven.kinds import Record
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.card import Card
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Role, Settings
from mindhaven.protocol.consent import Purpose
from mindhaven.sdk.account import Account
from mindhaven.sdk.activity import Activity, ActivityReader
from mindhaven.sdk.choices import Choices
from mindhaven.sdk.consent_receipts import ConsentReceipts
from mindhaven.sdk.content import Notes
from mindhaven.sdk.entries import Entries, Entry
from mindhaven.sdk.following import Away, Followed, Following
from mindhaven.sdk.given import Share
from mindhaven.sdk.held import HeldWrite, HeldWrites, Moved
from mindhaven.sdk.index import Contact, Listed
from mindhaven.sdk.ledger import Logs
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.locks import Locks, OpenedLock
from mindhaven.sdk.offering import Offering
from mindhaven.sdk.offers import Offer, Offers
from mindhaven.sdk.parts import Lacking, Parts
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.receipts import Kept, ReceiptChecks
from mindhaven.sdk.rejoining import Rejoining, Split
from mindhaven.sdk.sharing import NO_CONTACT, Shared
from mindhaven.sdk.snapshots import Snapshots
from mindhaven.sdk.syncing import SPLIT, Synced, Syncing
from mindhaven.sdk.vouching import Checked, Vouched, Vouching

__all__ = ["AsyncMindhaven", "Entry", "Synced"]


class AsyncMindhaven(Account):
    """One account on one device: its entries, what it shares, what is shared with it."""

    def __init__(self, store: LocalStore, server: str, *, http: httpx.AsyncClient | None = None) -> None:
        super().__init__(store, server, http=http)
        self._offers = Offers(self.vault, self.index, self.sharing, self.access)
        self.logs = Logs(store, self.transport)
        self._vouching = Vouching(store, self.logs, self.people, self.index, self.access)
        self._activity = ActivityReader(store, self.transport, self.logs, self.access)
        self._receipts = ReceiptChecks(self.kept_receipts, self._activity, self.logs, self.access)
        self.snapshots = Snapshots(store, self.vault, self.transport, self.access, self.people)
        offering = Offering(store, self.vault, self.transport)
        self._entries = Entries(store, self.vault, self.index, self.access)
        self._parts = Parts(store, self.index, self._entries, self.transport)
        self.syncing = Syncing(
            store, self.vault, self.index, self._offers, self.access, self._devices, self._vouching, offering,
            self.snapshots, self._receipts, self._parts,
        )  # fmt: skip
        self._rejoining = Rejoining(store, self.vault, self.transport, self.access, self.people)
        self._held = HeldWrites(store, self.index, self._entries)
        self.locks = Locks(self._entries, self.access)
        self.choices = Choices(store, self.transport, self.access, self.people, self.kept_receipts)
        self.consent_receipts = ConsentReceipts(
            self.choices, self.people, self.transport, self._activity, self.logs, self.access
        )

    # -- writing

    def add(self, record: Record, *, collection: str | bytes | None = None, notes: Notes | None = None) -> bytes:
        """Write a record on this device; return its item id. `sync` sends it.

        `collection` is the name of one's own, or the id of any that one may write to; a name never means another's.
        """
        return self._entries.add(record, collection=collection, notes=notes)

    def add_all(self, records: Sequence[Record], *, collection: str | bytes | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        return self._entries.add_all(records, collection=collection)

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> bytes:
        """Write a next revision of one's own entry; a changed month is a new item, the old one is erased."""
        return self._entries.revise(entry, record, notes=notes)

    def revise_all(self, changes: Sequence[tuple[Entry, Record]]) -> list[bytes]:
        """Write next revisions of many of one's own entries as one batch on this device; return their items."""
        return self._entries.revise_all(changes)

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

    # -- a second unlock

    async def make_lock(self, passphrase: str) -> OpenedLock:
        """Make a lock for entries and return it open; the spare key opens it too. Raises as `Locks.create` does."""
        return await self.locks.create(passphrase)

    def open_lock(self, passphrase: str | None = None, *, spare_key: SlotSecret | None = None) -> OpenedLock:
        """Return the lock that either opens; raise `DeniedError` (lock-closed), `NotFoundError` (lock-none)."""
        return self.locks.open(passphrase or "") if spare_key is None else self.locks.open_by_spare_key(spare_key)

    async def change_lock(self, lock: OpenedLock, passphrase: str) -> None:
        """Give an open lock another passphrase. Raises as `OpenedLock.change` does."""
        await lock.change(passphrase)

    async def renew_lock(self, lock: OpenedLock) -> bool:
        """Let the spare keys of today open an open lock; return whether that changed anything."""
        return await lock.renew()

    # -- what can't be sent

    def held(self) -> list[HeldWrite]:
        """Return the waiting writes that their collection does not take (any more), each with its reason."""
        return self._held.all()

    def move_held(self, items: Collection[bytes] | None = None, *, collection: str | None = None) -> list[Moved]:
        """Move held writes (None: all that can be) into one's own collection of that name, as new entries.

        Without a name each goes where entries of its kind go; files stay behind and are named. Raises `NotFoundError`
        (held-unknown), `DeniedError` (held-not-movable).
        """
        return self._held.move(items, collection=collection)

    def drop_held(self, items: Sequence[bytes]) -> int:
        """Drop held writes for good; return how many. Raises `NotFoundError` (held-unknown)."""
        return self._held.drop(items)

    # -- collections and syncing

    def collections(self) -> list[Listed]:
        """Return the collections of one's own and those that others share, or shared, with this person."""
        return self.index.collections()

    async def ensure(self, name: str, *, settings: Settings | None = None) -> Listed:
        """Return one's own collection of that name, begun and listed if there is none."""
        return await self.index.ensure(name, settings=settings)

    async def sync(
        self, *, progress: Progress | None = None, shown_first: Callable[[int], None] | None = None
    ) -> Synced:
        """Send what waits, then pull and verify everything. Raises named errors; the local copy stays sound.

        On a new device the newest entries of a long history can be read before it was verified: `Entry.checked` is
        False then, and `shown_first` is told how many there are.
        """
        synced = await self.syncing.sync(progress=progress, shown_first=shown_first)
        if self.syncing.restored:
            # A no that a restore lost stands again as soon as a device that knows it comes; what fails is told there.
            with contextlib.suppress(MindhavenError):
                await self.choices.give_back()
        return synced

    def follow(self, *, away: Away | None = None) -> AsyncGenerator[Followed, None]:
        """Sync whenever the server hints that something moved on; yield after each sync that found something.

        `async for followed in client.follow():` goes on until it is broken off, also while the server is away, which is
        told to `away` once. A server that does not stream is asked about once a minute.
        """
        return Following(self.store, self.transport, self.sync).follow(away=away)

    # -- the record of what happened

    async def activity(self) -> Activity:
        """Return what was recorded about this account, each entry verified; see `activity_words` for plain words."""
        return await self._activity.read()

    def receipts(self) -> list[Kept]:
        """Return what the server promised of grants, consents, keys and erasures, the oldest first. Works offline."""
        return self.kept_receipts.all()

    async def check_receipts(self) -> list[Kept]:
        """Hold every receipt against the log and return all; `sync` does the same now and then.

        Raises `IntegrityError` (receipt-broken, receipt-differs) if the server does not keep one; see `forget_receipt`.
        """
        return await self._receipts.check()

    def receipt_proof(self, number: int) -> bytes:
        """Return a proven receipt as a C2SP tlog-proof that anybody can verify; it opens the event to its reader.

        Raises `UnavailableError` (receipt-early), `NotFoundError` (receipt-unknown).
        """
        return self.kept_receipts.shown_to_others(number)

    def forget_receipt(self, number: int) -> None:
        """Let a receipt go. Raises `NotFoundError` (receipt-unknown)."""
        self.kept_receipts.forget(number)

    async def check_logs(self) -> Checked:
        """Look at the logs of keys and heads now: is anything hidden from this device? See `vouched`."""
        shown = await self.vault.listed()
        states = {one.id: self.vault.state(one.id) for one in shown}
        current = [one.id for one in shown if (state := states[one.id]) is not None and state.head == one.head]
        return await self._vouching.check(current, [one.id for one in shown])

    def vouched(self, uid: bytes) -> Vouched:
        """Return whether the log of keys, and enough witnesses, vouch for an account's newest keys. Works offline."""
        return self._vouching.vouched(uid)

    def demand_witnesses(self, policy: bytes) -> None:
        """Demand that these witnesses vouch for the logs of this server (C2SP tlog-policy); empty: nobody.

        Until the logs were read again, no keys are shown as vouched for.
        """
        self.logs.set_policy(policy)
        self._vouching.forget()

    async def offered_witnesses(self) -> bytes:
        """Return the policy that the server names (empty: none); show it to the person before it is demanded."""
        return await self.logs.offered_policy()

    # -- people

    def contacts(self) -> list[Contact]:
        """Return the contacts."""
        return self.index.contacts()

    def contact(self, who: str) -> Contact:
        """Return the contact of that name, handle or uid (hex); raise `NotFoundError` (contact-unknown)."""
        return self.index.contact(who)

    async def add_contact(self, card: Card, *, name: str, checked: str = "card") -> Contact:
        """Keep a contact whose card this person got from them (`card`, `link`) or compared (`words`)."""
        return await self.sharing.add_contact(card, name=name, checked=checked)

    async def forget_contact(self, who: str, *, remember: bool = False) -> None:
        """Forget a contact; a share that stands goes on. `remember`: `stop_sharing` still takes their name here."""
        await self.index.drop_contact(self.index.contact(who).uid, remember=remember)

    def shared_with(self, uid: bytes) -> list[str]:
        """Return the names of one's own collections that a person may read now, as last verified. Works offline."""
        return self.sharing.shared_with(uid)

    async def invite(self) -> str:
        """Make an invitation link for one person: single use, seven days."""
        return await self.sharing.invite()

    async def accept(self, link: str, *, name: str, inviter_name: str) -> Contact:
        """Answer an invitation as `name`; the inviter becomes a contact, checked by the link."""
        return await self.sharing.accept(link, name=name, inviter_name=inviter_name)

    async def answers(self) -> list[Contact]:
        """Take in who answered one's invitations; each becomes a contact."""
        return await self.sharing.answers()

    # -- sharing

    async def share(
        self,
        name: str,
        who: str,
        *,
        since: int = 0,
        until: int = 0,
        role: Role = Role.READER,
        purpose: Purpose = Purpose.CARE,
        anyway: bool = False,
    ) -> None:
        """Share one's collection with a checked contact from month `since` (yyyymm) until day `until`, for a purpose.

        While the server's logs show something wrong, such as keys that are hidden from this device, nothing new is
        shared: that fault is raised (`IntegrityError`), unless `anyway`.
        """
        fault = self._vouching.fault()
        if fault is not None and not anyway:
            raise fault
        listed = await self.ensure(name)
        await self.vault.pull(listed.id)
        contact = self.index.contact(who)
        await self.sharing.grant(listed.id, contact, name=name, role=role, since=since, until=until, purpose=purpose)

    async def stop_sharing(self, name: str, who: str) -> None:
        """Stop sharing one's collection with a contact, also a past one: by name, handle or how the uid begins."""
        listed = self.index.named(name)
        if listed is None:
            raise NotFoundError(f"You have no collection called {name}.", code="collection-unknown")
        state = await self.vault.pull(listed.id)
        await self.sharing.revoke(listed.id, await self._member(state, who))

    async def shares(self) -> list[Share]:
        """Return every share that one gave or received, newest first."""
        return await self.sharing.shares()

    def shared(self) -> list[Shared]:
        """Return the collections that others share, or shared, with this person. Works offline."""
        return self.sharing.shared()

    def writable(self, name: str) -> Shared:
        """Return the one collection of that name (`mood`, or `Ana: mood`) that somebody lets this person add to.

        Give its `id` to `add`. Raises collection-unknown, collection-ambiguous, reader-writes, share-ended.
        """
        return self.sharing.writable(name)

    async def offers(self) -> list[Offer]:
        """Ask what people who are not contacts want to share; nothing of it is on this device."""
        return await self._offers.all()

    async def accept_offer(self, collection: bytes) -> None:
        """Take an offer, brought and checked. Raises offer-unknown, owner-swapped."""
        await self._offers.accept(collection)

    async def decline_offer(self, collection: bytes) -> None:
        """Give the access that was offered back. Raises `NotFoundError` (offer-unknown)."""
        await self._offers.decline(collection)

    async def leave(self, collection: bytes) -> None:
        """Give up one's own access to a collection that another shares."""
        await self.sharing.leave(collection)

    async def _member(self, state: ChainState, who: str) -> bytes:
        """Return the member that a name, a handle or the first 8 or more letters of a uid means.

        Contacts first; then those whom this device remembers; then whom the consent for this collection names.
        """
        code = who.removeprefix(NO_CONTACT).strip().lower()
        found = {uid for uid in state.members if len(code) >= 8 and uid.hex().startswith(code)}
        if not found and not any(who in {one.name, one.handle} for one in self.index.contacts()):
            found = {one.uid for one in self.index.past() if who in {one.name, one.handle}}
            if not found:
                given = [one for one in await self.sharing.shares() if one.collection == state.collection]
                found = {one.recipient for one in given if one.part is not None and one.part.handle == who}
        if len(found) > 1 and len(found & set(state.members)) == 1:
            found &= set(state.members)
        return found.pop() if len(found) == 1 else self.index.contact(who).uid

    # -- after a server's restore

    async def splits(self) -> list[Split]:
        """Return the collections of which the server shows another history than this device has, the index first.

        Only after a restore: what a server says of itself at other times is a named error of `sync`.
        """
        listing = await self.vault.listing()
        found = []
        for one in sorted(listing.collections, key=lambda one: one.id != self.index.id):
            if not listing.offer_until or self.vault.state(one.id) is None:
                continue
            try:
                await self.vault.pull(one.id)
            except IntegrityError as error:
                if error.reason not in SPLIT:
                    raise
                split = await self._rejoining.look(one.id)
                found += [] if split is None else [split]
        return found

    async def rejoin(self, collection: bytes) -> Split | None:
        """Go on from the server's history of a split collection; call it after `Split.lost` was shown to the person.

        Its owner decides that by a signature; everybody else follows the owner. What this person wrote and the
        server's history lacks is queued, and sent by the next sync. Return what was lost, or None if nothing is split.
        Raises `IntegrityError` (fork) where the owner has not decided; nothing changes then.
        """
        split = await self._rejoining.rejoin(collection)
        await self.index.note_heads([one.id for one in await self.vault.listed()], anew={collection})
        return split

    # -- attachments

    async def attach(
        self, collection: str | bytes, path: Path, *, media_type: str, progress: Progress | None = None
    ) -> AttachmentRef:
        """Seal a file and send its parts, resuming where it broke off; put what is returned into a record's `Notes`.

        `collection` is the one that the record goes to: a name of one's own, or the id of any.
        """
        place = collection if isinstance(collection, bytes) else (await self.ensure(collection)).id
        return await self.files.send(place, path, media_type=media_type, progress=progress)

    def read_file(self, entry: Entry, number: int = 0) -> AsyncIterator[bytes]:
        """Yield the plaintext of an entry's attachment."""
        if entry.collection is None:
            raise NotFoundError("This entry's attachment is not on the server yet.", code="entry-unknown")
        return self.files.get(entry.collection, entry.notes.files[number])

    def lacking(self) -> tuple[Lacking, ...]:
        """Return the attached files of which the restored server lacked parts when this device last synced."""
        return self._parts.known()

    async def give_back(self, path: Path, *, progress: Progress | None = None) -> tuple[Lacking, ...]:
        """Give back, from a file or an archive (`export_archive`), what a restored server lacks of attached files.

        A file fits only if it is, byte for byte, one that was attached; which one is found out here. Return what was
        given; nothing, where the server lacks nothing. Raises `InvalidInputError` (file-differs, file-unreadable), and
        `ConflictError` (offer-closed) where the server takes nothing back at this time.
        """
        listing = await self.vault.listing()
        if not listing.offer_until:
            raise ConflictError(
                "The server takes back nothing that was lost at this time.",
                hint="The people who run it open a time for that: mindhaven reoffer --days 30",
                code="offer-closed",
            )
        seqs = {one.id: one.seq for one in listing.collections if self.index.listed(one.id) is not None}
        return await self._parts.give_back(path, listing.offer_since, seqs, progress=progress)

    @property
    def not_exported(self) -> tuple[Lacking, ...]:
        """The attached files of which parts are not in the archive just written, since the server lacks them."""
        found: list[Lacking] = []
        for collection, blobs in self._not_exported.items():
            found += self._parts.without(collection, blobs)
        return tuple(found)
