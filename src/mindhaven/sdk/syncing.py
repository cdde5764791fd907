"""Syncing: the queue goes out, everything that the server shows comes in and is checked. I/O: server and local store.

Guarantees: what can't be sent stays in the queue and is told; a failed check is a named error that leaves the local
copy as it was.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError, NotFoundError, UnavailableError
from mindhaven.protocol.encoding import ZERO32
from mindhaven.protocol.envelope import Content
from mindhaven.sdk.access import Access
from mindhaven.sdk.content import Notes, from_content, to_content
from mindhaven.sdk.errors import OfflineError, WithheldError
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.vault import PUSH_BATCH, Draft, Vault

HEADS_EVERY_SECONDS: Final = 600
"""How often a device notes its heads in the index: a rollback is noticed within ten minutes of writing."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: writes sent, collections looked at, writes that stay here and why, new collections."""

    sent: int
    collections: int
    held: tuple[str, ...]
    shared_with_me: tuple[bytes, ...]


class Syncing:
    """The exchange of one account's device with its server."""

    def __init__(self, store: LocalStore, vault: Vault, index: Index, sharing: Sharing, access: Access) -> None:
        self._store = store
        self._vault = vault
        self._index = index
        self._sharing = sharing
        self._access = access

    async def sync(self, *, progress: Progress | None = None) -> Synced:
        """Send what waits, then pull and verify everything. Raises named errors; the local copy stays sound."""
        shown = await self._pull_index()
        sent, held = await self.flush(progress)
        if sent:
            shown = await self._vault.listed()
        newly: list[bytes] = []
        listed = {one.id for one in self._index.collections()}
        for number, one in enumerate(shown, 1):
            if one.id == self._index.id or not one.active:
                continue
            state = self._vault.state(one.id)
            try:
                if state is None or state.head != one.head or self._vault.withheld(one.id):
                    await self._vault.pull(one.id)
                self._index.check_pulled(one.id)
            except OfflineError:
                raise
            except MindhavenError as error:
                if one.owner == self._access.need_me().uid:
                    raise
                held.append(f"A collection that somebody shares with you: {error.message}")
                continue
            if one.id not in listed and one.owner != self._access.need_me().uid:
                newly.append(one.id)
            if self._key_is_old(one.id):
                await self._vault.replace_key(one.id)
            if progress is not None:
                progress(number, len(shown))
        await self._note_heads([one.id for one in shown], changed=bool(sent))
        return Synced(sent, len(shown), tuple(held), tuple(newly))

    def _key_is_old(self, collection: bytes) -> bool:
        """Return whether this account signed there with keys that it has replaced since."""
        state = self._vault.state(collection)
        signed_with = None if state is None else state.signed_keys.get(self._access.need_me().uid)
        return signed_with is not None and signed_with < self._access.need_me().identity.generation

    async def _pull_index(self) -> list[Any]:
        shown = await self._vault.listed()
        if self._index.id is None or self._index.id == ZERO32:
            raise InvalidInputError("This account has no index yet.", hint="Finish sign-up first.", code="unfinished")
        there = next((one for one in shown if one.id == self._index.id), None)
        if there is None:
            raise WithheldError("The server does not show this account's own index.", code="collection-withheld")
        state = self._vault.state(self._index.id)
        if state is None or state.head != there.head:
            await self._vault.pull(self._index.id)
        self._index.check(shown)
        await self._name_shared(shown)
        return shown

    async def _name_shared(self, shown: list[Any]) -> None:
        """List what others newly share, under the name that their consent seals."""
        listed = {one.id for one in self._index.collections()}
        new = [one for one in shown if one.owner != self._access.need_me().uid and one.id not in listed and one.active]
        if not new:
            return
        shares = await self._sharing.shares()
        for one in new:
            names = [
                share.content[0]
                for share in shares
                if share.collection == one.id and share.recipient == self._access.need_me().uid and share.content
            ]
            await self._index.add(Listed(one.id, names[0] if names else "shared", one.owner))

    async def flush(self, progress: Progress | None = None) -> tuple[int, list[str]]:
        """Send what waits; return how many writes went, and what stays here with the reason."""
        queued = [(number, decode(value)) for number, value in self._store.queued()]
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
        collection = place if isinstance(place, bytes) else (await self._index.ensure(place)).id
        await self._vault.pull(collection)
        steps = _coalesced(waiting)
        for start in range(0, len(steps), PUSH_BATCH):
            part = steps[start : start + PUSH_BATCH]
            await self._vault.write(collection, [self._draft(value) for _, value in part if value is not None])
            self._store.unqueue([number for numbers, _ in part for number in numbers])
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
        raw = self._store.meta("heads-noted")
        last = 0 if raw is None else decode(raw)[0]
        if changed or time.time() - last > HEADS_EVERY_SECONDS:
            await self._index.note_heads(collections)
            self._store.put_meta("heads-noted", encode([int(time.time())]))


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
