"""Writes that can't be sent, since their collection does not take them (any more). I/O: the local store.

Guarantees: a held write stays readable on this device until the person moves it into a collection of their own, or
drops it; a share that is given anew takes it up by itself. Does not: ask the server anything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode
from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError, NotFoundError
from mindhaven.kinds import Record
from mindhaven.protocol.chain import ChainState, ItemState
from mindhaven.protocol.collection import Role
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.content import from_content
from mindhaven.sdk.entries import Entries
from mindhaven.sdk.index import Index
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.queue import Write, coalesced

ENDED: Final = "share-ended"
FILE_GONE: Final = "blob-missing"
WHY: Final = {
    ENDED: "It is no longer shared with you, or it is gone.",
    "reader-writes": "You may read it, and no longer add to it.",
    "month-not-entitled": "The entry is about a month that is not shared with you.",
    "not-the-author": "Nobody edits another's entry.",
    FILE_GONE: "A part of an attached file is not on the server. Move it, then attach the file again.",
    "on-hold": "The law keeps these records until a later day.",
    "split": "The server was restored and does not have all of it (yet).",
}
"""Why a write is held, for the reasons that a client finds itself; the codes are those of spec/chain.md."""
_MEANS_ENDED: Final = frozenset({ENDED, "not-a-member", "collection-unknown"})


@dataclass(frozen=True, slots=True)
class HeldWrite:
    """One held write. `record` is what would be written (None: an erasure), `reason` a stable code, `why` a sentence.

    `owner` is the uid of who owns the collection, None for one's own.
    """

    item: bytes
    collection_name: str
    owner: bytes | None
    reason: str
    why: str
    record: Record | None
    files: tuple[str, ...] = ()

    @property
    def movable(self) -> bool:
        """Whether this can be moved into a collection of one's own; what lost a file, without the file."""
        return self.record is not None and (self.owner is not None or self.reason == FILE_GONE)


@dataclass(frozen=True, slots=True)
class Moved:
    """One held write in its new place: the item it was, the item it is, and the names of files that stayed behind."""

    was: bytes
    item: bytes
    collection_name: str
    files: tuple[str, ...]


def refusal(state: ChainState, current: ItemState | None, write: Write, *, uid: bytes, day: int) -> str | None:
    """Return why `uid` may not write this at the head on `day` (a code), or None: spec/chain.md steps 6, 8 and 9."""
    member = state.members.get(uid)
    if member is None or not member.active(day):
        return ENDED
    if member.role is Role.READER:
        return "reader-writes"
    erases = write.content is None
    if current is not None and current.author != uid and not (erases and member.role is Role.OWNER):
        return "not-the-author"
    if erases:
        return "on-hold" if day < state.settings.hold_until else None
    return None if member.entitled(write.month, day) else "month-not-entitled"


def reason_of(error: MindhavenError) -> tuple[str, str]:
    """Return code and sentence for what a server's refusal means to a waiting write."""
    if error.reason in _MEANS_ENDED:
        return ENDED, WHY[ENDED]
    return error.reason, WHY.get(error.reason, error.message)


class HeldWrites:
    """The held writes of one account on this device."""

    def __init__(self, store: LocalStore, index: Index, entries: Entries) -> None:
        self._store = store
        self._index = index
        self._entries = entries

    def _found(self) -> list[tuple[list[int], Write, HeldWrite]]:
        held, tried = self._store.held(), self._store.tried()
        by_place: dict[str | bytes, list[tuple[int, Write]]] = {}
        for number, value in self._store.queued():
            write = Write.of(value)
            by_place.setdefault(write.place, []).append((number, write))
        found = []
        for place, waiting in by_place.items():
            for step in coalesced(waiting, tried):
                kept = next((held[number] for number in step.numbers if number in held), None)
                if kept is None or step.write is None:
                    continue
                reason, why = decode(kept)
                found.append((step.numbers, step.write, self._told(place, step.write, reason, why)))
        return found

    def _told(self, place: str | bytes, write: Write, reason: str, why: str) -> HeldWrite:
        listed = None if isinstance(place, str) else self._index.listed(place)
        name = place if isinstance(place, str) else ("shared" if listed is None else listed.name)
        own = isinstance(place, str) or self._index.is_own(place)
        owner = None if own else (b"" if listed is None else listed.owner)
        if write.content is None:
            return HeldWrite(write.item, name, owner, reason, why, None)
        record, notes = from_content(Content.decode(write.content))
        return HeldWrite(write.item, name, owner, reason, why, record, tuple(file.name for file in notes.files))

    def all(self) -> list[HeldWrite]:
        """Return what is held, in the order in which it was written."""
        return [told for _, _, told in self._found()]

    def move(self, items: Collection[bytes] | None = None, *, collection: str | None = None) -> list[Moved]:
        """Move held writes (None: all that can be) into one's own collection of that name, as new entries.

        Without a name each goes where entries of its kind go. Files stay behind, since their parts lie in the other
        collection: attach them anew. Raises `NotFoundError` (held-unknown) for an item that is not held, `DeniedError`
        (held-not-movable) for an erasure, or a write that a collection of one's own will take later.
        """
        picked = self._picked(items)
        if items is None:
            picked = [one for one in picked if one[2].movable]
        elif not all(told.movable for _, _, told in picked):
            raise DeniedError(
                "An erasure, or a write to a collection of your own, can't be moved.",
                hint="It can be dropped, or it can wait.",
                code="held-not-movable",
            )
        moved = []
        with self._store.batch():
            for numbers, _, told in picked:
                assert told.record is not None
                item = self._entries.add(told.record, collection=collection)
                self._store.unqueue(numbers)
                name = collection or self._entries.home_of(told.record)
                moved.append(Moved(told.item, item, name, told.files))
        return moved

    def drop(self, items: Sequence[bytes]) -> int:
        """Drop held writes for good; return how many. What is dropped is nowhere else.

        Raises `NotFoundError` (held-unknown) for an item that is not held.
        """
        if not items:
            raise InvalidInputError("Say which held writes to drop.", code="held-none")
        picked = self._picked(items)
        self._store.unqueue([number for numbers, _, _ in picked for number in numbers])
        return len(picked)

    def _picked(self, items: Collection[bytes] | None) -> list[tuple[list[int], Write, HeldWrite]]:
        found = self._found()
        if items is None:
            return found
        unknown = set(items) - {write.item for _, write, _ in found}
        if unknown:
            raise NotFoundError("There is no held write of this id.", code="held-unknown")
        return [one for one in found if one[1].item in set(items)]
