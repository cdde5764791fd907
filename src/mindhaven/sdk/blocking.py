"""`Mindhaven`: the client without `await`. Each call runs on one private event loop, not inside another.

Guarantees: the methods and arguments of `AsyncMindhaven`, each a line that calls it; a test compares them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from mindhaven.crypto.secrets import SealKey, SlotSecret
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role, Settings
from mindhaven.protocol.consent import Purpose
from mindhaven.protocol.pairing import NewDevice
from mindhaven.sdk.access import Me
from mindhaven.sdk.activity import Activity
from mindhaven.sdk.client import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.sdk.devices import Device
from mindhaven.sdk.entries import Entry
from mindhaven.sdk.errors import ClosedError
from mindhaven.sdk.following import Away, Followed
from mindhaven.sdk.given import Share
from mindhaven.sdk.held import HeldWrite, Moved
from mindhaven.sdk.index import Contact, Listed
from mindhaven.sdk.locks import OpenedLock
from mindhaven.sdk.offers import Offer
from mindhaven.sdk.parts import Lacking
from mindhaven.sdk.passkeys import Passkey
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.receipts import Kept
from mindhaven.sdk.rejoining import Split
from mindhaven.sdk.sharing import Shared
from mindhaven.sdk.syncing import Synced
from mindhaven.sdk.vouching import Checked, Vouched
from mindhaven.wire.accounts import PendingShown, RecentShown
from mindhaven.wire.receipts import ErasureReceipt

T = TypeVar("T")


def _refuse_loop() -> None:
    """Raise `InvalidInputError` (loop-running) inside a running event loop: this class has one of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise InvalidInputError(
        "Mindhaven runs an event loop of its own, so it can't be used where one runs already.",
        hint="Inside async code use AsyncMindhaven: the same methods, those that need the server with await.",
        code="loop-running",
    )


class Mindhaven:
    """One account on one device. The same as `AsyncMindhaven`, call by call; `client` is that one."""

    def __init__(self, client: AsyncMindhaven, runner: asyncio.Runner) -> None:
        self.client = client
        self._runner = runner
        self._closed = False

    @classmethod
    def _with(cls, make: Callable[[], Coroutine[Any, Any, AsyncMindhaven]]) -> Self:
        _refuse_loop()
        runner = asyncio.Runner()
        try:
            return cls(runner.run(make()), runner)
        except BaseException:
            runner.close()
            raise

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        try:
            self._need_own_loop()
        except BaseException:
            call.close()  # it will never be awaited, and Python would warn of that
            raise
        return self._runner.run(call)

    def _need_own_loop(self) -> None:
        _refuse_loop()
        if self._closed:
            raise ClosedError

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

        async def make() -> AsyncMindhaven:
            return AsyncMindhaven.create(home, server, passphrase=passphrase, key=key, http=http)

        return cls._with(make)

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

        async def make() -> AsyncMindhaven:
            return AsyncMindhaven.open(home, passphrase=passphrase, key=key, server=server, http=http)

        return cls._with(make)

    def close(self) -> None:
        """Close connections, store and loop; may be repeated."""
        if self._closed:
            return
        self._run(self.client.close())
        self._closed = True
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def me(self) -> Me:
        """The account of this device."""
        return self.client.me

    @property
    def card(self) -> Card:
        """One's own card, to give to people: nobody reads anything with it."""
        return self.client.card

    # -- signing up and in

    def sign_up(
        self,
        passphrase: str,
        *,
        word: str | None = None,
        device: str = "",
        invitation: str | None = None,
        recovery_key: SlotSecret | None = None,
    ) -> SlotSecret:
        """Make an account with two ways in; return the recovery key, to be kept on paper."""
        return self._run(
            self.client.sign_up(passphrase, word=word, device=device, invitation=invitation, recovery_key=recovery_key)
        )

    def log_in(
        self, handle: str, passphrase: str, *, device: str = "", code: str | None = None, mend: bool = False
    ) -> None:
        """Sign this device in; the account's records follow with the next sync. `mend`: see `Access.log_in`."""
        self._run(self.client.log_in(handle, passphrase, device=device, code=code, mend=mend))

    def recover(self, text: str, *, device: str = "", code: str | None = None, mend: bool = False) -> None:
        """Sign this device in by the recovery key alone. `mend`: see `Access.log_in`."""
        self._run(self.client.recover(text, device=device, code=code, mend=mend))

    def begin_pairing(self) -> NewDevice:
        """Wait at the server to be let in; show `link.text(transport.origin)` of what is returned on this device."""
        return self._run(self.client.begin_pairing())

    def wait_for_pairing(self, new: NewDevice, *, device: str = "") -> None:
        """Wait until a signed-in device lets this one in; raise `UnavailableError` (pairing-over) after ten minutes."""
        self._run(self.client.wait_for_pairing(new, device=device))

    def let_in(self, link: str, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None) -> None:
        """Let a new device in by the link that it shows; opens a way in here first."""
        self._run(self.client.let_in(link, passphrase, recovery_key=recovery_key))

    def change_passphrase(self, old: str, new: str, *, recovery_key: SlotSecret | None = None) -> int | None:
        """Replace the passphrase at once; return when the new root counts, too (seconds; None: now)."""
        return self._run(self.client.change_passphrase(old, new, recovery_key=recovery_key))

    def new_recovery_key(self, passphrase: str, *, old: SlotSecret | None = None) -> tuple[SlotSecret, int | None]:
        """Make a new recovery key in the old one's place; return it and when it counts (None: now, as with `old`)."""
        return self._run(self.client.new_recovery_key(passphrase, old=old))

    def lost_device(self, device: bytes, passphrase: str) -> None:
        """Sign a lost or stolen device out and make new keys."""
        self._run(self.client.lost_device(device, passphrase))

    def replace_keys(self) -> None:
        """Announce a new key in every collection; may be interrupted and repeated."""
        self._run(self.client.replace_keys())

    # -- devices and leaving

    def devices(self) -> list[Device]:
        """Return the signed-in devices, the oldest first."""
        return self._run(self.client.devices())

    def end_device(self, device: bytes) -> None:
        """Sign another device out."""
        self._run(self.client.end_device(device))

    def log_out(self) -> None:
        """Sign this device out; its entries stay here, locked."""
        self._run(self.client.log_out())

    def recent(self) -> RecentShown:
        """Return what waits, and what happened to devices and ways in within thirty days, the newest first."""
        return self._run(self.client.recent())

    def pending(self) -> list[PendingShown]:
        """Return the changes of ways in that wait."""
        return self._run(self.client.pending())

    def cancel_pending(self, pending: bytes) -> None:
        """Cancel a waiting change."""
        self._run(self.client.cancel_pending(pending))

    def totp_on(self, passphrase: str, confirm: Callable[[str], str]) -> None:
        """Turn the second factor on: `confirm` is given the secret (base32) and returns a first code."""
        self._run(self.client.totp_on(passphrase, confirm))

    def totp_off(self, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None) -> None:
        """Turn the second factor off, by either way in."""
        self._run(self.client.totp_off(passphrase, recovery_key=recovery_key))

    def passkeys(self) -> list[Passkey]:
        """Return the passkeys that the server knows, the oldest first; only a browser can make or use one."""
        return self._run(self.client.passkeys())

    def remove_passkey(
        self, passkey: bytes, passphrase: str | None = None, *, recovery_key: SlotSecret | None = None
    ) -> int | None:
        """Remove a passkey, with the way in that it unlocks; return when that counts (seconds; None: now)."""
        return self._run(self.client.remove_passkey(passkey, passphrase, recovery_key=recovery_key))

    def passkey_as_second_factor(
        self, passkey: bytes, passphrase: str | None = None, *, on: bool, recovery_key: SlotSecret | None = None
    ) -> None:
        """Ask for a passkey beside the passphrase, or no more."""
        self._run(self.client.passkey_as_second_factor(passkey, passphrase, on=on, recovery_key=recovery_key))

    def delete_account(self, passphrase: str, *, recovery_key: SlotSecret | None = None) -> ErasureReceipt:
        """Erase the account at the server; return its receipt. A finished account needs both its ways in."""
        return self._run(self.client.delete_account(passphrase, recovery_key=recovery_key))

    def erase_collection(
        self, name: str, *, passphrase: str | None = None, recovery_key: SlotSecret | None = None
    ) -> ErasureReceipt:
        """Erase one of one's own collections whole, for everyone, by a way in; return its receipt."""
        return self._run(self.client.erase_collection(name, passphrase=passphrase, recovery_key=recovery_key))

    def export_archive(self, path: Path, *, progress: Progress | None = None) -> int:
        """Write everything, with history, chains and signatures, to one file; return the number of commits."""
        return self._run(self.client.export_archive(path, progress=progress))

    @property
    def left_behind(self) -> frozenset[bytes]:
        """Collections of an archive that did not move house with it; see `move_in`."""
        return self.client.left_behind

    @classmethod
    def move_in(
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
        return cls._with(
            lambda: AsyncMindhaven.move_in(
                home, archive, server, passphrase=passphrase, device=device, key=key, progress=progress
            )
        )

    # -- writing and reading

    def add(self, record: Record, *, collection: str | bytes | None = None, notes: Notes | None = None) -> bytes:
        """Write a record on this device; return its item id. `sync` sends it."""
        return self.client.add(record, collection=collection, notes=notes)

    def add_all(self, records: Sequence[Record], *, collection: str | bytes | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        return self.client.add_all(records, collection=collection)

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> bytes:
        """Write a next revision of one's own entry; return its item, a new one if the month changed."""
        return self.client.revise(entry, record, notes=notes)

    def revise_all(self, changes: Sequence[tuple[Entry, Record]]) -> list[bytes]:
        """Write next revisions of many of one's own entries as one batch on this device; return their items."""
        return self.client.revise_all(changes)

    def erase(self, entry: Entry) -> None:
        """Erase an entry."""
        self.client.erase(entry)

    def entries(self, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return the entries on this device, oldest first, what waits included. Works offline."""
        return self.client.entries(collection=collection, kind=kind)

    def entry(self, item: bytes) -> Entry:
        """Return one entry; raise `NotFoundError` if it is not on this device."""
        return self.client.entry(item)

    # -- a second unlock

    def make_lock(self, passphrase: str) -> OpenedLock:
        """Make a lock for entries and return it open; the spare key opens it too. Raises as `Locks.create` does."""
        return self._run(self.client.make_lock(passphrase))

    def open_lock(self, passphrase: str | None = None, *, spare_key: SlotSecret | None = None) -> OpenedLock:
        """Return the lock that either opens; raise `DeniedError` (lock-closed), `NotFoundError` (lock-none)."""
        return self.client.open_lock(passphrase, spare_key=spare_key)

    def change_lock(self, lock: OpenedLock, passphrase: str) -> None:
        """Give an open lock another passphrase. Raises as `OpenedLock.change` does."""
        self._run(self.client.change_lock(lock, passphrase))

    def renew_lock(self, lock: OpenedLock) -> bool:
        """Let the spare keys of today open an open lock; return whether that changed anything."""
        return self._run(self.client.renew_lock(lock))

    # -- what can't be sent

    def held(self) -> list[HeldWrite]:
        """Return the waiting writes that their collection does not take (any more), each with its reason."""
        return self.client.held()

    def move_held(self, items: Collection[bytes] | None = None, *, collection: str | None = None) -> list[Moved]:
        """Move held writes (None: all that can be) into one's own collection of that name, as new entries."""
        return self.client.move_held(items, collection=collection)

    def drop_held(self, items: Sequence[bytes]) -> int:
        """Drop held writes for good; return how many."""
        return self.client.drop_held(items)

    # -- collections and syncing

    def collections(self) -> list[Listed]:
        """Return the collections of one's own and those that others share, or shared, with this person."""
        return self.client.collections()

    def ensure(self, name: str, *, settings: Settings | None = None) -> Listed:
        """Return one's own collection of that name, begun and listed if there is none."""
        return self._run(self.client.ensure(name, settings=settings))

    def sync(self, *, progress: Progress | None = None, shown_first: Callable[[int], None] | None = None) -> Synced:
        """Send what waits, then pull and verify everything."""
        return self._run(self.client.sync(progress=progress, shown_first=shown_first))

    def follow(self, *, away: Away | None = None) -> Generator[Followed, None, None]:
        """Sync whenever the server hints that something moved on; yield after each sync that found something."""
        followed = self.client.follow(away=away)
        try:
            yield from self._parts(followed)
        finally:
            if not self._closed:
                self._run(followed.aclose())

    # -- the record of what happened

    def activity(self) -> Activity:
        """Return what was recorded about this account, each entry verified."""
        return self._run(self.client.activity())

    def receipts(self) -> list[Kept]:
        """Return what the server promised of grants, consents, keys and erasures, the oldest first. Works offline."""
        return self.client.receipts()

    def check_receipts(self) -> list[Kept]:
        """Hold every receipt against the log and return all."""
        return self._run(self.client.check_receipts())

    def receipt_proof(self, number: int) -> bytes:
        """Return a proven receipt as a C2SP tlog-proof that anybody can verify; it opens the event to its reader."""
        return self.client.receipt_proof(number)

    def forget_receipt(self, number: int) -> None:
        """Let a receipt go."""
        self.client.forget_receipt(number)

    def check_logs(self) -> Checked:
        """Look at the logs of keys and heads now: is anything hidden from this device?"""
        return self._run(self.client.check_logs())

    def vouched(self, uid: bytes) -> Vouched:
        """Return whether the log of keys, and enough witnesses, vouch for an account's newest keys."""
        return self.client.vouched(uid)

    def offered_witnesses(self) -> bytes:
        """See `AsyncMindhaven.offered_witnesses`."""
        return self._run(self.client.offered_witnesses())

    def demand_witnesses(self, policy: bytes) -> None:
        """Demand that these witnesses vouch for the logs of this server; empty: nobody."""
        self.client.demand_witnesses(policy)

    # -- people

    def contacts(self) -> list[Contact]:
        """Return the contacts."""
        return self.client.contacts()

    def contact(self, who: str) -> Contact:
        """Return the contact of that name, handle or uid (hex)."""
        return self.client.contact(who)

    def add_contact(self, card: Card, *, name: str, checked: str = "card") -> Contact:
        """Keep a contact whose card this person got from them (`card`, `link`) or compared (`words`)."""
        return self._run(self.client.add_contact(card, name=name, checked=checked))

    def forget_contact(self, who: str, *, remember: bool = False) -> None:
        """Forget a contact; a share that stands goes on. `remember`: `stop_sharing` still takes their name here."""
        self._run(self.client.forget_contact(who, remember=remember))

    def shared_with(self, uid: bytes) -> list[str]:
        """Return the names of one's own collections that a person may read now, as last verified. Works offline."""
        return self.client.shared_with(uid)

    def invite(self) -> str:
        """Make an invitation link for one person: single use, seven days."""
        return self._run(self.client.invite())

    def accept(self, link: str, *, name: str, inviter_name: str) -> Contact:
        """Answer an invitation as `name`; the inviter becomes a contact, checked by the link."""
        return self._run(self.client.accept(link, name=name, inviter_name=inviter_name))

    def answers(self) -> list[Contact]:
        """Take in who answered one's invitations; each becomes a contact."""
        return self._run(self.client.answers())

    # -- sharing

    def share(
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
        """Share one's collection with a checked contact from month `since` (yyyymm) to day `until`, for a purpose."""
        self._run(self.client.share(name, who, since=since, until=until, role=role, purpose=purpose, anyway=anyway))

    def stop_sharing(self, name: str, who: str) -> None:
        """Stop sharing one's collection with a contact, also a past one: by name, handle or how the uid begins."""
        self._run(self.client.stop_sharing(name, who))

    def shares(self) -> list[Share]:
        """Return every share that one gave or received, newest first."""
        return self._run(self.client.shares())

    def shared(self) -> list[Shared]:
        """Return the collections that others share, or shared, with this person. Works offline."""
        return self.client.shared()

    def writable(self, name: str) -> Shared:
        """Return the one collection of that name (`mood`, or `Ana: mood`) that somebody lets this person add to."""
        return self.client.writable(name)

    def offers(self) -> list[Offer]:
        """Ask what people who are not contacts want to share; nothing of it is on this device."""
        return self._run(self.client.offers())

    def accept_offer(self, collection: bytes) -> None:
        """Take an offer, brought and checked."""
        self._run(self.client.accept_offer(collection))

    def decline_offer(self, collection: bytes) -> None:
        """Give the access that was offered back."""
        self._run(self.client.decline_offer(collection))

    def leave(self, collection: bytes) -> None:
        """Give up one's own access to a collection that another shares."""
        self._run(self.client.leave(collection))

    # -- after a server's restore

    def splits(self) -> list[Split]:
        """Return the collections of which a restored server shows another history than this device has."""
        return self._run(self.client.splits())

    def rejoin(self, collection: bytes) -> Split | None:
        """Go on from the server's history of a split collection; see `AsyncMindhaven.rejoin`."""
        return self._run(self.client.rejoin(collection))

    # -- attachments

    def attach(
        self, collection: str | bytes, path: Path, *, media_type: str, progress: Progress | None = None
    ) -> AttachmentRef:
        """Seal a file and send its parts; put what is returned into a record's `Notes`."""
        return self._run(self.client.attach(collection, path, media_type=media_type, progress=progress))

    def read_file(self, entry: Entry, number: int = 0) -> Iterator[bytes]:
        """Yield the plaintext of an entry's attachment."""
        return self._parts(self.client.read_file(entry, number))

    def lacking(self) -> tuple[Lacking, ...]:
        """Return the attached files of which the restored server lacked parts when this device last synced."""
        return self.client.lacking()

    def give_back(self, path: Path, *, progress: Progress | None = None) -> tuple[Lacking, ...]:
        """Give back, from a file or an archive, what a restored server lacks of attached files."""
        return self._run(self.client.give_back(path, progress=progress))

    @property
    def not_exported(self) -> tuple[Lacking, ...]:
        """The attached files of which parts are not in the archive just written, since the server lacks them."""
        return self.client.not_exported

    def _parts(self, parts: AsyncIterator[T]) -> Iterator[T]:
        async def following() -> T | None:
            return await anext(parts, None)

        while (part := self._run(following())) is not None:
            yield part
