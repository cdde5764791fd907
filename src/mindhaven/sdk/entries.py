"""Entries as this device has them: written here, read here. I/O: the local store; never the server.

Guarantees: writing and reading need no server; what waits stands among the rest. Does not: send anything (`syncing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import DeniedError, MindhavenError, NotFoundError
from mindhaven.kinds import Record, check, kind_named
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.access import Access
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.vault import Vault


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
        """
        check(record)
        item = self._vault.fresh_item()
        self._enqueue(item, 0, record, collection or self._home_of(record), notes)
        return item

    def add_all(self, records: Sequence[Record], *, collection: str | bytes | None = None) -> list[bytes]:
        """Write many records as one batch on this device."""
        with self._store.batch():
            return [self.add(record, collection=collection) for record in records]

    def revise(self, entry: Entry, record: Record, *, notes: Notes | None = None) -> None:
        """Write a next revision of one's own entry; a changed month is a new item, the old one is erased."""
        if not entry.mine:
            raise DeniedError("Nobody edits another's entry.", code="not-the-author")
        check(record)
        if entry.record is not None and entry.record.month() != record.month():
            self.erase(entry)
            self._enqueue(self._vault.fresh_item(), 0, record, self._place(entry), notes or entry.notes)
            return
        self._enqueue(entry.item, entry.revision, record, self._place(entry), notes or entry.notes)

    def erase(self, entry: Entry) -> None:
        """Erase an entry: its salt goes from the server, then nobody can open any copy of it there."""
        self._store.enqueue(encode([self._place(entry), entry.item, entry.revision, 0, None, []]))

    @staticmethod
    def _place(entry: Entry) -> str | bytes:
        return entry.collection or entry.collection_name

    def _home_of(self, record: Record) -> str:
        kind = kind_named(record.kind)
        return kind.collection if kind is not None else record.kind.split("/")[0]

    def _enqueue(self, item: bytes, base: int, record: Record, name: str | bytes, notes: Notes | None) -> None:
        content = to_content(record, notes)
        blobs = [blob for file in (notes or Notes()).files for blob in file.blobs]
        self._store.enqueue(encode([name, item, base, record.month(), content.encode(), blobs]))

    # -- reading

    def all(self, *, collection: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return the entries on this device, oldest first, what waits included. Works offline."""
        found: dict[bytes, Entry] = {}
        for listed in self._index.collections():
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
            found[item] = Entry(record, item, base + 1, where, name, self._me, mine=True, waits=True, notes=notes)
        picked = [entry for entry in found.values() if kind is None or (entry.record and entry.record.kind == kind)]
        return sorted(picked, key=lambda entry: (entry.record.created_at if entry.record else 0, entry.item))

    def _name_of(self, collection: bytes) -> str:
        """Return a listed collection's name; reading goes on where the list no longer has it."""
        return next((one.name for one in self._index.collections() if one.id == collection), "shared")

    def _waiting(self) -> list[tuple[str | bytes, bytes, int, bytes | None]]:
        return [(v[0], v[1], v[2], v[4]) for v in (decode(value) for _, value in self._store.queued())]

    def _stored(self, listed: Listed) -> list[Entry]:
        found = []
        for local in self._store.items(listed.id):
            mine = local.state.author == self._me
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
        for entry in self.all():
            if entry.item == item:
                return entry
        raise NotFoundError("There is no such entry here.", code="entry-unknown")
