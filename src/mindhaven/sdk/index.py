"""The index collection: a person's own list of collections, contacts and last heads. I/O: through the vault engine.

Guarantees: what it lists and the server does not show is named as withheld; a head older than the one it names is a
rollback, also on a new device.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import InvalidInputError, MindhavenError, NotFoundError
from mindhaven.kinds import JsonValue, decode_body, encode_body
from mindhaven.protocol.collection import Settings
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.errors import ASK_THE_HOST, OvertakenError, RollbackError, WithheldError
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.vault import Draft, Vault
from mindhaven.wire.vault import CollectionShown

COLLECTION: Final = "mindhaven/index.collection"
CONTACT: Final = "mindhaven/index.contact"
HEADS: Final = "mindhaven/index.heads"
HEADS_EVERY_SECONDS: Final = 600
"""How often a device notes its heads in the index: a rollback is noticed within ten minutes of writing."""
TRIES: Final = 4
"""How often a change of the index is made anew upon those of other devices: a person has a few."""
CHECKS: Final = ("none", "link", "card", "words")
"""How a contact's uid was checked, the weakest first."""
NOTED_AT: Final = "heads-noted"
"""The name under which the local store keeps when this device noted its heads; 0: they are to be noted."""
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


def _body(contact: Contact) -> dict[str, JsonValue]:
    return {
        "uid": contact.uid.hex(),
        "handle": contact.handle,
        "name": contact.name,
        "checked": contact.checked,
    }


def _merged(
    standing: list[dict[str, JsonValue]], mine: dict[str, JsonValue], *, overtaken: bool
) -> dict[str, JsonValue]:
    """Return a contact's entries as one, with what this device changes.

    Where another device was first, its comparison stands if it is the stronger: it was of the same uid.
    """
    whole = {**standing[0], **mine}
    if not overtaken:
        return whole
    checks = [str(one["checked"]) for one in (*standing, whole)]
    handles = [whole["handle"], *(one["handle"] for one in standing)]
    return {**whole, "checked": max(checks, key=_strength), "handle": next((one for one in handles if one), "")}


def _strength(checked: str) -> int:
    return CHECKS.index(checked) if checked in CHECKS else -1


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
        if found is None and self.id is not None:
            await self._vault.pull(self.id)  # another device, or a try whose answer was lost, may have begun it
            found = self.named(name)
        if found is not None:
            return found
        collection = await self._vault.create(settings=settings)
        state = self._vault.state(collection)
        assert state is not None
        listed = Listed(collection, name, state.owner)
        await self.add(listed)
        return self.named(name) or listed  # of two that were begun at once all go on with one

    async def drop(self, collection: bytes) -> None:
        """Take a collection off the list."""
        assert self.id is not None
        gone = [Draft(item, 0, None) for item, _, body in self._entries(COLLECTION) if body["id"] == collection.hex()]
        if gone:
            await self._vault.write(self.id, gone)

    async def keep_contact(self, contact: Contact) -> None:
        """Add a contact, or change the one with that uid.

        Where another device was first, only what this one changes is put upon its version: a name does not undo a
        comparison of words, and two that were added at once become one. Raises `OvertakenError` after some tries.
        """
        assert self.id is not None
        body = _body(contact)
        before = self._of_contact(contact.uid)
        known = before[0][2] if before else {}
        mine = {name: value for name, value in body.items() if known.get(name) != value}
        for _ in range(TRIES):
            now = self._of_contact(contact.uid)
            wanted = body if not now else _merged([one for _, _, one in now], mine, overtaken=now != before)
            if [one for _, _, one in now] == [wanted]:
                return
            await self._keep_one(now, wanted)
            if not now:
                before = []  # what stands there next to the one just added was another's
        if [one for _, _, one in self._of_contact(contact.uid)] != [wanted]:
            raise OvertakenError(
                f"Your other devices kept changing {contact.name} first.", hint="Nothing was lost. Do it again."
            )

    def _of_contact(self, uid: bytes) -> list[tuple[bytes, int, dict[str, JsonValue]]]:
        return [one for one in self._entries(CONTACT) if one[2]["uid"] == uid.hex()]

    async def _keep_one(self, now: list[tuple[bytes, int, dict[str, JsonValue]]], wanted: dict[str, JsonValue]) -> None:
        """Put a contact's newest version in the place of all its entries; a lost race changes nothing."""
        assert self.id is not None
        content = Content(CONTACT, 1, int(time.time() * 1000), "UTC", encode_body(wanted))
        item, revision = (now[0][0], now[0][1] + 1) if now else (self._vault.fresh_item(), 1)
        await self._vault.write(
            self.id, [Draft(item, 0, content, revision), *(Draft(other, 0, None) for other, _, _ in now[1:])]
        )

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
        if not self._passes(collection, self._noted().get(collection)):
            raise RollbackError(
                "The server shows another history of a collection than your other devices noted.",
                hint=ASK_THE_HOST,
                code="fork",
            )

    def _passes(self, collection: bytes, noted: tuple[int, str] | None) -> bool:
        """Return whether this device's history of a collection passes through a noted head."""
        if noted is None:
            return True
        mine = self._store.commit_hash(collection, noted[0])
        return mine is not None and mine.hex() == noted[1]

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

    async def note_heads(self, collections: Collection[bytes], *, anew: Collection[bytes] = ()) -> None:
        """Write down the heads that this device has verified, so that other devices notice an older one.

        What was noted of a listed collection is never lowered, dropped or put right in silence: else hiding it once
        would let it go back. Only where its owner decided between two histories it is noted `anew`.
        """
        for _ in range(TRIES):  # another device may note at once: what lost the race is made anew upon its note
            heads = self._heads(collections, anew)
            entries = self._entries(HEADS)
            if not heads or (entries and entries[0][2]["heads"] == heads):
                return
            if entries:
                item, revision, before = entries[0]  # what stands beside the heads is carried along
                await self._put(HEADS, {**before, "heads": heads}, item=item, revision=revision + 1)
            else:
                await self._put(HEADS, {"heads": heads})

    def _heads(self, collections: Collection[bytes], anew: Collection[bytes]) -> dict[str, JsonValue]:
        """Return the heads to note: those noted of what is listed, and those verified here where they go on from."""
        noted = self._noted()
        listed = {one.id for one in self.collections()}
        heads = {one: known for one, known in noted.items() if one in listed}
        for one in {*collections} - {self.id}:
            state = self._vault.state(one)
            if state is not None and (one in anew or self._passes(one, noted.get(one))):
                heads[one] = (state.seq, state.head.hex())
        return {one.hex(): list(head) for one, head in sorted(heads.items())}

    async def note_heads_if_due(self, collections: Collection[bytes], *, changed: bool) -> None:
        """Note the heads if something changed, or if it was done long ago: others write, too."""
        raw = self._store.meta(NOTED_AT)
        last = 0 if raw is None else decode(raw)[0]
        if changed or time.time() - last > HEADS_EVERY_SECONDS:
            await self.note_heads(collections)
            self._store.put_meta(NOTED_AT, encode([int(time.time())]))

    @asynccontextmanager
    async def noting(self) -> AsyncIterator[None]:
        """Note the heads right after an act that says who is in or out, or by which keys.

        A server could else hide it from one's own other devices until the next turn. If that breaks off, the act
        stands, and the next sync notes it.
        """
        self._store.put_meta(NOTED_AT, encode([0]))
        yield
        with contextlib.suppress(MindhavenError):
            await self.note_heads_if_due([one.id for one in self.collections()], changed=True)
