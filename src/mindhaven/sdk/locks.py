"""A second unlock: entries under a passphrase of their own. I/O: the local store; the server for a lock's making.

Guarantees: what is locked can't be read on this device, though it is signed in, before the lock's passphrase or the
spare key is given; its files go with it. Implements spec/lock.md.
Does not: keep what opens a lock anywhere. Whoever drops an `OpenedLock` has closed it.
"""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import DeniedError, IntegrityError, InvalidInputError, MindhavenError, NotFoundError
from mindhaven.kinds import JsonValue, Record, check
from mindhaven.protocol.envelope import Content
from mindhaven.protocol.lock import LOCK, LOCKED, OpenLock, Ring
from mindhaven.protocol.slots import SlotList
from mindhaven.sdk.access import Access
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.entries import Entries, Entry
from mindhaven.sdk.imports.again import key_of
from mindhaven.sdk.passphrases import check_new

PLACE: Final = "lock"
"""The collection of one's own that holds the ring: nobody else needs to know that there is a lock."""
MOST_KNOWN: Final = 1000
"""As many import keys as a record's list holds; the newest stay."""
_WRONG: Final = frozenset({"commitment-mismatch", "lock-recovery-unknown"})


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError as error:
        raise InvalidInputError("A lock's bytes are malformed.", code="lock-ring") from error


@dataclass(frozen=True, slots=True)
class _Kept:
    """A ring as it is kept: the record that holds it, and what stands beside it."""

    entry: Entry
    ring: Ring
    ended: bool
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Here:
    """What a lock needs of the client: its entries, and whose they are."""

    entries: Entries
    access: Access

    @property
    def uid(self) -> bytes:
        return self.access.need_me().uid

    async def ways(self) -> SlotList:
        return (await self.access.shown(self.uid))[2]

    def rings(self) -> list[_Kept]:
        found = []
        for entry in self.entries.all(collection=PLACE, kind=LOCK, locked=True):
            if entry.mine and entry.record is not None:
                body = entry.record.body
                known = body.get("known")
                texts = tuple(str(one) for one in known) if isinstance(known, list) else ()
                try:
                    ring = Ring.decode(_bytes(body.get("ring")))
                except MindhavenError:
                    continue  # a ring that can't be read opens nothing; another may
                found.append(_Kept(entry, ring, body.get("ended") is True, texts))
        return found

    def locked(self) -> list[Entry]:
        return [one for one in self.entries.all(kind=LOCKED, locked=True) if one.mine and one.record is not None]

    def record(self, ring: Ring, *, ended: bool = False, known: Sequence[str] = ()) -> Record:
        body: dict[str, JsonValue] = {"ring": _text(ring.encode())}
        if ended:
            body["ended"] = True
        if known:
            body["known"] = list(known[-MOST_KNOWN:])
        return Record(kind=LOCK, version=1, created_at=int(time.time() * 1000), zone="UTC", body=body)

    def keep(self, one: _Kept, ring: Ring, known: Sequence[str]) -> None:
        self.entries.revise(one.entry, self.record(ring, ended=one.ended, known=known))


class Locks:
    """The locks of one account: one that locks what is new, and those that still open something."""

    def __init__(self, entries: Entries, access: Access) -> None:
        self._here = _Here(entries, access)

    def exists(self) -> bool:
        """Return whether this person has a lock: one that has not ended, or that something is still under."""
        rings = self._here.rings()
        if not rings or any(not one.ended for one in rings):
            return bool(rings)
        named = {str(one.record.body.get("lock")) for one in self._here.locked() if one.record}
        return any(one.ring.id.hex() in named for one in rings)

    def known(self) -> frozenset[str]:
        """Return the import keys of what is locked: an import is not to bring it in again."""
        return frozenset(key for one in self._here.rings() for key in one.known)

    async def create(self, passphrase: str) -> "OpenedLock":
        """Make a lock and return it open; sync before, since another device may have made one.

        The server is asked for the ways in, so that the spare key opens it too. Raises `InvalidInputError`
        (passphrase-short, passphrase-easy, lock-exists), `UnavailableError`.
        """
        check_new(passphrase)
        if self.exists():
            raise InvalidInputError("You have a lock already.", code="lock-exists")
        lock, here = OpenLock.fresh(), self._here
        ring = Ring.of(here.uid, lock, passphrase, await here.ways())
        here.entries.add(here.record(ring), collection=PLACE)
        return OpenedLock(here, {lock.id: lock})

    def open(self, passphrase: str) -> "OpenedLock":
        """Return the lock of this passphrase; raise `DeniedError` (lock-closed), `NotFoundError` (lock-none)."""
        return self._open(lambda ring: ring.open(passphrase))

    def open_by_spare_key(self, key: SlotSecret) -> "OpenedLock":
        """Return the lock that the spare key opens; raise `DeniedError` (lock-closed), `NotFoundError` (lock-none)."""
        return self._open(lambda ring: ring.open_by_recovery(self._here.uid, key))

    def _open(self, by: Callable[[Ring], OpenLock]) -> "OpenedLock":
        if not self.exists():
            raise NotFoundError("You have no lock.", hint="mindhaven lock new makes one.", code="lock-none")
        opened: dict[bytes, OpenLock] = {}
        for one in self._here.rings():  # two devices may have made one each: all that this opens are one to the person
            try:
                opened[one.ring.id] = by(one.ring)
            except IntegrityError as error:
                if error.reason not in _WRONG:
                    raise
        if not opened:
            raise DeniedError(
                "This does not open the lock.", hint="Nothing was changed. Try again.", code="lock-closed"
            )
        return OpenedLock(self._here, opened)


class OpenedLock:
    """What one passphrase or spare key opens, while this object is kept."""

    def __init__(self, here: _Here, locks: Mapping[bytes, OpenLock]) -> None:
        self._here = here
        self._locks = locks
        self._entries = here.entries

    def entries(self) -> list[Entry]:
        """Return what is locked, opened, oldest first; what does not open has no record and says why."""
        by_name = {lock_id.hex(): lock for lock_id, lock in self._locks.items()}
        found = []
        for entry in self._here.locked():
            lock = None if entry.record is None else by_name.get(str(entry.record.body.get("lock")))
            if lock is not None and entry.record is not None:
                found.append(_opened(lock, entry, entry.record))
        return found

    def lock(self, entry: Entry) -> bytes:
        """Lock an entry of one's own, files and all; return its item. Raises `DeniedError` (not-the-author)."""
        record = _record_in(entry)
        notes = replace(entry.notes, files=())
        item = self._entries.replace(entry, self._sealed(record, entry.notes), notes=notes, sealed=entry.notes.files)
        self._note(record)
        return item

    def unlock(self, entry: Entry) -> bytes:
        """Make an entry of `entries` an ordinary one again; return its item."""
        record = _record_in(entry)
        key = key_of(record)
        for one in self._mine():
            if key in one.known:  # the entry itself tells it from now on
                self._here.keep(one, one.ring, [other for other in one.known if other != key])
        return self._entries.replace(entry, record, notes=entry.notes)

    def add(self, record: Record, *, notes: Notes | None = None) -> bytes:
        """Write a record that is locked from the beginning; return its item."""
        check(record)
        given = notes or Notes()
        return self._entries.add_sealed(self._sealed(record, given), Entries.home_of(record), given.files)

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> bytes:
        """Write a next revision of an entry of `entries`, still locked; return its item, a new one in another month."""
        kept = notes or entry.notes
        check(record)
        sealed = self._sealed(record, kept)
        if _record_in(entry).month() != record.month():
            place = Entries.place_of(entry)
            item = self._entries.add_sealed(sealed, place, kept.files, before=entry.notes.files)
            self._entries.erase(entry)
            return item
        return self._entries.replace(entry, sealed, notes=replace(kept, files=()), sealed=kept.files)

    async def change(self, passphrase: str) -> None:
        """Give the lock another passphrase; the one before opens nothing that is written here from now on.

        Raises `InvalidInputError` (passphrase-short, passphrase-easy), `UnavailableError`.
        """
        check_new(passphrase)
        ways = await self._here.ways()
        for one in self._mine():
            ring = Ring.of(self._here.uid, self._locks[one.ring.id], passphrase, ways)
            self._here.keep(one, ring, one.known)

    async def renew(self) -> bool:
        """Wrap the lock to the spare keys of today; return whether that changed anything. spec/lock.md step 11."""
        ways, changed = await self._here.ways(), False
        for one in self._mine():
            newer = one.ring.rewrapped(self._here.uid, self._locks[one.ring.id], ways)
            if newer is not None:
                self._here.keep(one, newer, one.known)
                changed = True
        return changed

    def remove(self) -> int:
        """Unlock everything here and end the lock; return how many entries were unlocked.

        Its ring stays, so that what another device locked meanwhile still opens. Raises `InvalidInputError`
        (entry-closed) if one does not open: then nothing is changed.
        """
        found = self.entries()
        for entry in found:
            _record_in(entry)
        for entry in found:
            self.unlock(entry)
        for one in self._mine():
            self._entries.revise(one.entry, self._here.record(one.ring, ended=True))
        return len(found)

    def _mine(self) -> list[_Kept]:
        return [one for one in self._here.rings() if one.ring.id in self._locks]

    def _note(self, record: Record) -> None:
        """Note the import key of what was locked beside the first ring."""
        key, rings = key_of(record), self._mine()
        if key and rings and key not in rings[0].known:
            self._here.keep(rings[0], rings[0].ring, (*rings[0].known, key))

    def _newest(self) -> OpenLock:
        """Return the lock for what is new: the first that has not ended, as every device orders them."""
        rings = self._mine()
        live = [one for one in rings if not one.ended] or rings
        return self._locks[live[0].ring.id] if live else next(iter(self._locks.values()))

    def _sealed(self, record: Record, notes: Notes) -> Record:
        content, lock = to_content(record, Notes(files=notes.files)), self._newest()
        box = lock.seal(content.kind, content.version, content.body)
        body: dict[str, JsonValue] = {"lock": lock.id.hex(), "sealed": _text(box)}
        return Record(kind=LOCKED, version=1, created_at=record.created_at, zone=record.zone, body=body)


def _opened(lock: OpenLock, entry: Entry, outer: Record) -> Entry:
    try:
        kind, version, body = lock.open(_bytes(outer.body.get("sealed")))
        record, inner = from_content(Content(kind, version, outer.created_at, outer.zone, body))
        check(record)
    except MindhavenError as error:
        return replace(entry, record=None, error=error.reason)
    return replace(entry, record=record, notes=replace(entry.notes, files=inner.files))


def _record_in(entry: Entry) -> Record:
    if entry.record is None:
        raise InvalidInputError("This entry can't be opened on this device.", code="entry-closed")
    return entry.record
