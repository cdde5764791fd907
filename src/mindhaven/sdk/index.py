"""The index collection: a person's own list of collections, contacts and last heads. I/O: through the vault engine.

Guarantees: what it lists and the server does not show is named as withheld; a head older than the one it names is a
rollback, also on a new device.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.kinds import JsonValue, decode_body, encode_body
from mindhaven.protocol.collection import Settings
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.errors import ASK_THE_HOST, RollbackError, WithheldError
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.vault import Draft, Vault
from mindhaven.wire.vault import CollectionShown

COLLECTION: Final = "mindhaven/index.collection"
CONTACT: Final = "mindhaven/index.contact"
HEADS: Final = "mindhaven/index.heads"
PAST: Final = "past-contacts"
"""The name under which the local store keeps whom a person forgot while a share to them went on."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One collection of the index: its id, name, and whether it is shared with this person by another."""

    id: bytes
    name: str
    owner: bytes


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: uid, handle, the name this person gave, and how the uid was checked (card, link, words or none)."""

    uid: bytes
    handle: str
    name: str
    checked: str


class Index:
    """The index of one account."""

    def __init__(self, vault: Vault, store: LocalStore) -> None:
        self._vault = vault
        self._store = store
        self.id: bytes | None = None

    def _entries(self, kind: str) -> list[tuple[bytes, int, dict[str, JsonValue]]]:
        if self.id is None:
            return []
        found = []
        for local in self._store.items(self.id):
            value = None if local.value is None else decode(local.value)
            if value is None or len(value) != 5:
                continue
            content = Content.decode(local.value or b"")
            if content.kind == kind:
                found.append((local.item, local.state.revision, decode_body(content.body)))
        return found

    def collections(self) -> list[Listed]:
        """Return what the index lists."""
        return [
            Listed(bytes.fromhex(str(body["id"])), str(body["name"]), bytes.fromhex(str(body["owner"])))
            for _, _, body in self._entries(COLLECTION)
        ]

    def contacts(self) -> list[Contact]:
        """Return the contacts."""
        return [
            Contact(bytes.fromhex(str(body["uid"])), str(body["handle"]), str(body["name"]), str(body["checked"]))
            for _, _, body in self._entries(CONTACT)
        ]

    def named(self, name: str) -> Listed | None:
        """Return one's *own* collection of that name; what others share is found by its id only."""
        return next((one for one in self.collections() if one.name == name and self._own(one)), None)

    def listed(self, collection: bytes) -> Listed | None:
        """Return what the index lists under an id."""
        return next((one for one in self.collections() if one.id == collection), None)

    def is_own(self, collection: bytes) -> bool:
        """Return whether a collection is one's own, by its verified state, else by the list."""
        state, mine = self._vault.state(collection), None if self.id is None else self._vault.state(self.id)
        if state is not None and mine is not None:
            return state.owner == mine.owner
        listed = self.listed(collection)
        return listed is not None and self._own(listed)

    def contact(self, who: str) -> Contact:
        """Return the contact of that handle, name or uid (hex); raise `NotFoundError` if there is none."""
        found = [one for one in self.contacts() if who in {one.handle, one.name, one.uid.hex()}]
        if len(found) > 1:
            raise InvalidInputError(
                f"{len(found)} contacts go by {who}.",
                hint="Use the handle, and compare safety words: one of them may not be who you think.",
                code="contact-ambiguous",
            )
        if found:
            return found[0]
        raise NotFoundError(
            f"No contact is called {who}.",
            hint="Add their card first: mindhaven contacts add CARD",
            code="contact-unknown",
        )

    async def _put(
        self, kind: str, body: dict[str, JsonValue], *, item: bytes | None = None, revision: int = 1
    ) -> None:
        assert self.id is not None
        content = Content(kind, 1, int(time.time() * 1000), "UTC", encode_body(body))
        await self._vault.write(self.id, [Draft(item or self._vault.fresh_item(), 0, content, revision)])

    async def add(self, listed: Listed) -> None:
        """List a collection."""
        await self._put(COLLECTION, {"id": listed.id.hex(), "name": listed.name, "owner": listed.owner.hex()})

    async def ensure(self, name: str, *, settings: Settings | None = None) -> Listed:
        """Return one's own collection of that name, begun and listed if there is none."""
        found = self.named(name)
        if found is not None:
            return found
        collection = await self._vault.create(settings=settings)
        state = self._vault.state(collection)
        assert state is not None
        listed = Listed(collection, name, state.owner)
        await self.add(listed)
        return listed

    async def drop(self, collection: bytes) -> None:
        """Take a collection off the list."""
        assert self.id is not None
        gone = [Draft(item, 0, None) for item, _, body in self._entries(COLLECTION) if body["id"] == collection.hex()]
        if gone:
            await self._vault.write(self.id, gone)

    async def keep_contact(self, contact: Contact) -> None:
        """Add a contact, or change the one with that uid."""
        body: dict[str, JsonValue] = {
            "uid": contact.uid.hex(),
            "handle": contact.handle,
            "name": contact.name,
            "checked": contact.checked,
        }
        for item, revision, known in self._entries(CONTACT):
            if known["uid"] == contact.uid.hex():
                if known != body:
                    await self._put(CONTACT, body, item=item, revision=revision + 1)
                return
        await self._put(CONTACT, body)

    async def drop_contact(self, uid: bytes, *, remember: bool = False) -> None:
        """Forget a contact; `remember`: this device keeps their name, so that a share that goes on can be stopped."""
        assert self.id is not None
        if remember:
            past = {one.uid: one for one in self.past()}
            past |= {one.uid: one for one in self.contacts() if one.uid == uid}
            self._store.put_meta(PAST, encode([[one.uid, one.handle, one.name] for one in past.values()]))
        gone = [Draft(item, 0, None) for item, _, body in self._entries(CONTACT) if body["uid"] == uid.hex()]
        if gone:
            await self._vault.write(self.id, gone)

    def past(self) -> list[Contact]:
        """Return the contacts that this device remembers after they were forgotten; nobody can be shared with here."""
        kept = self._store.meta(PAST)
        return [] if kept is None else [Contact(uid, handle, name, "none") for uid, handle, name in decode(kept)]

    # -- heads

    def check(self, shown: list[CollectionShown], *, restored: bool = False) -> list[bytes]:
        """Compare what the server lists with the index: nothing may be missing, no head may be older than noted.

        `restored`: the server says that it was put back; then what is not shown, or with an older head, is returned.
        Raises `WithheldError` (collection-withheld) and `RollbackError` (rollback).
        """
        behind: list[bytes] = []
        there = {one.id: one for one in shown}
        owned = [one for one in self.collections() if self.id is not None]
        for one in owned:
            state = self._vault.state(one.id)
            gone = one.id not in there and (state is None or state.owner == one.owner) and self._own(one)
            if gone and restored:
                behind.append(one.id)
            elif gone:
                raise WithheldError(
                    "The server does not show a collection that is on your list.",
                    hint="Your entries on this device stay. Ask the people who run the server.",
                    code="collection-withheld",
                )
        for collection, (seq, _) in self._noted().items():
            found = there.get(collection)
            if found is not None and found.seq < seq and restored:
                behind.append(collection)
            elif found is not None and found.seq < seq:
                raise RollbackError(
                    "The server shows an older state of a collection than your other devices noted.", hint=ASK_THE_HOST
                )
        return behind

    def check_pulled(self, collection: bytes) -> None:
        """Compare a pulled history with the head that another device noted: it must pass through it."""
        noted = self._noted().get(collection)
        if noted is None:
            return
        seq, head = noted
        mine = self._store.commit_hash(collection, seq)
        if mine is None or mine.hex() != head:
            raise RollbackError(
                "The server shows another history of a collection than your other devices noted.",
                hint=ASK_THE_HOST,
                code="fork",
            )

    def has_noted(self, collection: bytes) -> bool:
        """Return whether this device's history goes as far as the head that any device noted."""
        noted = self._noted().get(collection)
        return noted is None or self._store.commit_hash(collection, noted[0]) is not None

    def _own(self, one: Listed) -> bool:
        index_state = None if self.id is None else self._vault.state(self.id)
        return index_state is not None and index_state.owner == one.owner

    def _noted(self) -> dict[bytes, tuple[int, str]]:
        noted: dict[bytes, tuple[int, str]] = {}
        for _, _, body in self._entries(HEADS):
            heads: Any = body["heads"]
            for name, (seq, head) in heads.items():
                key = bytes.fromhex(name)
                if key not in noted or noted[key][0] < seq:
                    noted[key] = (int(seq), str(head))
        return noted

    async def note_heads(self, collections: list[bytes]) -> None:
        """Write down the heads that this device has verified, so that other devices notice an older one."""
        heads: dict[str, JsonValue] = {}
        for collection in collections:
            state = self._vault.state(collection)
            if state is not None and collection != self.id:
                heads[collection.hex()] = [state.seq, state.head.hex()]
        entries = self._entries(HEADS)
        if not heads or (entries and entries[0][2]["heads"] == heads):
            return
        if entries:
            item, revision, _ = entries[0]
            await self._put(HEADS, {"heads": heads}, item=item, revision=revision + 1)
        else:
            await self._put(HEADS, {"heads": heads})
