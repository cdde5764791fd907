"""Entries as this device has them: written here, read here. I/O: the local store; never the server.

Guarantees: writing and reading need no server; what waits stands among the rest. Does not: send anything (`syncing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mindhaven.crypto.encoding import decode
from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError, NotFoundError
from mindhaven.kinds import Record, check, kind_named
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.envelope import Content
from mindhaven.protocol.lock import LOCK, LOCKED
from mindhaven.sdk.access import Access
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.files import attached_name
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.queue import Write
from mindhaven.sdk.snapshots import GLANCED, aside
from mindhaven.sdk.vault import Vault


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as this device has it. `waits`: written here, not yet on the server. `error`: why it did not open.

    `held`: why it waits and can't be sent, a code as in `HeldWrite`; None for what only waits for its turn.
    """

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
    held: str | None = None
    checked: bool = True
    """False while the history behind it is still being verified, on a device that has just begun."""


def is_locked(entry: Entry) -> bool:
    """Return whether an entry is a lock, or locked: spec/lock.md."""
    return entry.record is not None and entry.record.kind in {LOCK, LOCKED}


class Entries:
    """The entries of one account on this device."""

    def __init__(self, store: LocalStore, vault: Vault, index: Index, access: Access) -> None:
        self._store = store
        self._vault = vault
        self._index = index
        self._access = access

    @property
    def _me(self) -> bytes:
        return self._access.need_me().uid

    # -- writing

    def add(self, record: Record, *, collection: str | bytes | None = None, notes: Notes | None = None) -> bytes:
        """Write a record on this device; return its item id. `sync` sends it.

        `collection` is the name of one's own, or the id of any that one may write to; a name never means another's.
        Raises `InvalidInputError` (attachment-elsewhere) for a file that was attached to another collection.
        """
        check(record)
        place = collection or self.home_of(record)
        self._check_files(place, notes or Notes())
        item = self._vault.fresh_item()
        self._enqueue(item, 0, record, place, notes)
        return item

    def add_all(self, records: Sequence[Record], *, collection: str | bytes | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        with self._store.batch():
            return [self.add(record, collection=collection) for record in records]

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> bytes:
        """Write a next revision of one's own entry; a changed month is a new item, the old one is erased.

        Returns the item.

        Raises `DeniedError` (not-the-author) for another's entry.
        """
        if not entry.mine:
            raise DeniedError(
                "Nobody edits another's entry.", hint="Write an entry of your own instead.", code="not-the-author"
            )
        check(record)
        self._check_files(self.place_of(entry), notes or Notes(), entry.notes)
        if entry.record is not None and entry.record.month() != record.month():
            self.erase(entry)
            item = self._vault.fresh_item()
            self._enqueue(item, 0, record, self.place_of(entry), notes or entry.notes)
            return item
        self._enqueue(entry.item, entry.revision, record, self.place_of(entry), notes or entry.notes)
        return entry.item

    def add_sealed(
        self,
        record: Record,
        place: str | bytes,
        files: Sequence[AttachmentRef],
        *,
        before: Sequence[AttachmentRef] = (),
    ) -> bytes:
        """Write a locked record; `files` are those it names inside, whose parts the server must keep.

        `before` are those that an entry of that place has had; others must have been attached to it.
        """
        check(record)
        self._check_files(place, Notes(files=tuple(files)), Notes(files=tuple(before)))
        item = self._vault.fresh_item()
        self._enqueue(item, 0, record, place, None, files)
        return item

    def replace(self, entry: Entry, record: Record, *, notes: Notes, sealed: Sequence[AttachmentRef] = ()) -> bytes:
        """Write a next revision at the same item, with exactly these notes; `sealed` files stay, named inside it.

        Raises `DeniedError` (not-the-author) for another's entry, `InvalidInputError` (month-changed).
        """
        if not entry.mine:
            raise DeniedError("Nobody locks another's entry.", code="not-the-author")
        if entry.record is not None and entry.record.month() != record.month():
            raise InvalidInputError("A locked entry keeps its month.", code="month-changed")
        check(record)
        self._enqueue(entry.item, entry.revision, record, self.place_of(entry), notes, sealed)
        return entry.item

    def revise_all(self, changes: Sequence[tuple[Entry, Record]]) -> list[bytes]:
        """Write next revisions of many entries as one batch on this device; return their items."""
        with self._store.batch():
            return [self.revise(entry, record) for entry, record in changes]

    def erase(self, entry: Entry) -> None:
        """Erase an entry: its salt goes from the server, then nobody can open any copy of it there.

        Raises `DeniedError` (not-the-author) for another's entry in another's collection.
        """
        if not entry.mine and not (entry.collection is not None and self._index.is_own(entry.collection)):
            raise DeniedError(
                "Only its author or the owner of the collection erases an entry.",
                hint="mindhaven leave gives up your access to what someone shares.",
                code="not-the-author",
            )
        self._store.enqueue(Write(self.place_of(entry), entry.item, entry.revision, 0, None).encode())

    @staticmethod
    def place_of(entry: Entry) -> str | bytes:
        """Return where an entry stands: the id of a collection, or the name of one's own that is not begun yet."""
        return entry.collection or entry.collection_name

    @staticmethod
    def home_of(record: Record) -> str:
        """Return the name of one's own collection where entries of this kind go."""
        kind = kind_named(record.kind)
        return kind.collection if kind is not None else record.kind.split("/")[0]

    def _enqueue(
        self, item: bytes, base: int, record: Record, place: str | bytes, notes: Notes | None,
        sealed: Sequence[AttachmentRef] = (),
    ) -> None:  # fmt: skip
        content = to_content(record, notes)
        blobs = tuple(blob for file in (*(notes or Notes()).files, *sealed) for blob in file.blobs)
        self._store.enqueue(Write(place, item, base, record.month(), content.encode(), blobs).encode())

    def _check_files(self, place: str | bytes, notes: Notes, before: Notes | None = None) -> None:
        """Refuse a file whose parts are in another collection: the server would refuse the record, and all after it."""
        for file in notes.files:
            if not file.blobs or (before is not None and file in before.files):
                continue
            own = self._index.named(place) if isinstance(place, str) else None
            target = place if isinstance(place, bytes) else own and own.id
            if target and (self._store.meta(attached_name(file)) == target or self._has(target, file.blobs[0])):
                continue
            raise InvalidInputError(
                f"The file {file.name} was not attached to the collection that this record goes to, so nobody could"
                " open it there.",
                hint="Attach it anew, to that collection: attach(collection, path), and add(record, collection=...)"
                " with the same one.",
                code="attachment-elsewhere",
            )

    def _has(self, collection: bytes, blob: bytes) -> bool:
        """Return whether an entry of that collection has the file that begins with `blob`."""
        listed = self._index.listed(collection)
        stored = [] if listed is None else self.stored(listed)
        return any(file.blobs[:1] == (blob,) for entry in stored for file in entry.notes.files)

    # -- reading

    def all(self, *, collection: str | None = None, kind: str | None = None, locked: bool = False) -> list[Entry]:
        """Return the entries on this device, oldest first, what waits included. Works offline.

        Locks and what they lock are left out (spec/lock.md), so that no list, search or export has them, unless
        `locked` asks for those.
        """
        found: dict[bytes, Entry] = {}
        listed = self._index.collections()
        for one in listed:
            if collection is None or one.name == collection:
                found |= {entry.item: entry for entry in self.stored(one)}
        names = {one.id: one.name for one in listed}
        held = self._store.held()
        for number, value in self._store.queued():
            write = Write.of(value)
            # Reading goes on where the list no longer has the collection.
            name = write.place if isinstance(write.place, str) else names.get(write.place, "shared")
            if collection is not None and name != collection:
                continue
            if write.content is None:
                if number not in held:
                    found.pop(write.item, None)
                continue
            record, notes = from_content(Content.decode(write.content))
            found[write.item] = Entry(
                record,
                write.item,
                write.base + 1,
                write.place if isinstance(write.place, bytes) else None,
                name,
                self._me,
                mine=True,
                waits=True,
                notes=notes,
                held=None if number not in held else str(decode(held[number])[0]),
            )
        picked = [entry for entry in found.values() if locked or not is_locked(entry)]
        picked = [entry for entry in picked if kind is None or (entry.record and entry.record.kind == kind)]
        return sorted(picked, key=lambda entry: (entry.record.created_at if entry.record else 0, entry.item))

    def stored(self, listed: Listed) -> list[Entry]:
        """Return the entries of one collection as they were last brought, without what waits."""
        found = []
        shown_first = self._store.meta(f"{GLANCED}{listed.id.hex()}") is not None
        for local in self._store.items(aside(listed.id) if shown_first else listed.id):
            mine = local.state.author == self._me
            where = (local.item, local.state.revision, listed.id, listed.name, local.state.author)
            value = [] if local.value is None else decode(local.value)
            if len(value) == 5:
                try:
                    record, notes = from_content(Content.decode(local.value or b""))
                    found.append(Entry(record, *where, mine=mine, notes=notes, checked=not shown_first))
                except MindhavenError as error:
                    found.append(Entry(None, *where, mine=mine, error=error.reason))
            else:
                reason = value[0] if len(value) == 1 else "no-key"
                found.append(Entry(None, *where, mine=mine, error=str(reason)))
        return found

    def entry(self, item: bytes) -> Entry:
        """Return one entry; raise `NotFoundError` if it is not on this device."""
        for entry in self.all():
            if entry.item == item:
                return entry
        raise NotFoundError("There is no such entry here.", code="entry-unknown")
