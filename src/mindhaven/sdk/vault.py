"""The sync engine: judge, seal, push; on top of `pulling`, which pulls and verifies. I/O: server and local store.

Guarantees: a write is judged at the head that it follows, by the rules that every other client judges it by; it lands
once, or stays in the queue.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mindhaven.crypto.encoding import encode, encode_trusted
from mindhaven.crypto.secrets import EpochKey
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.chain import ChainState, judge
from mindhaven.protocol.collection import (
    Change,
    Commit,
    Erase,
    Key,
    Open,
    Put,
    Role,
    Settings,
    Snapshot,
    genesis,
)
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import ITEM_ID_BYTES, Content, Header, seal_item
from mindhaven.protocol.epoch import Wrap, key_commitment, wrap_epoch
from mindhaven.sdk.access import Me
from mindhaven.sdk.errors import OvertakenError
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.pulling import SNAPSHOT, Pulling, StoredFacts
from mindhaven.sdk.transport import Conflict
from mindhaven.wire.ids import to_text

PUSH_BATCH: Final = 100
"""Items of one commit: one signature covers them; larger ones gain little and lose more on a conflict."""
MAX_TRIES: Final = 12
"""Conflicts in a row before a write is left in the queue: 16 writers on one collection pass in fewer."""


def today() -> int:
    """Return the UTC day as days since 1970."""
    return int(time.time()) // 86400


@dataclass(slots=True)
class Draft:
    """One write: a new item (`revision` 1), a next revision, or (content None) an erasure."""

    item: bytes
    month: int
    content: Content | None
    revision: int = 1
    blobs: tuple[bytes, ...] = ()
    as_conflict: Callable[[bytes], Content] | None = None
    """Gives the content to keep as a new item marked as a conflict of the given one, if this write lost a race."""
    sent: tuple[bytes, ...] = ()
    """Contents that were sent for this revision before and never answered."""


@dataclass(slots=True)
class _Prepared:
    """A commit ready to push, with what its landing changes locally."""

    signed: Signed
    commit: Commit
    items: list[list[bytes]]
    keys: dict[int, EpochKey]
    contents: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def salts(self) -> dict[bytes, bytes]:
        """The salt of each item that it puts."""
        puts = [change for change in self.commit.changes if isinstance(change, Put)]
        return {put.item: item[1] for put, item in zip(puts, self.items, strict=True)}


class Vault(Pulling):
    """Collections as this device verifies, keeps and writes them."""

    async def create(self, *, settings: Settings | None = None) -> bytes:
        """Begin a new collection of one's own; return its id."""
        me = self._access.need_me()
        collection, signed = genesis(
            author=me.uid,
            identity=me.identity,
            nonce=os.urandom(32),
            day=today(),
            settings=settings or Settings(),
        )
        await self._transport.cbor("POST", "/v1/collections", encode([[signed.body, list(signed.signatures)], []]))
        await self._people.with_generation(me.uid, me.identity.generation)
        with self._rollback_on_error(collection), self._store.batch():
            self._keep_state(self._take(collection, None, signed, Commit.decode(signed.body), []))
        return collection

    async def write(self, collection: bytes, drafts: Sequence[Draft], *, progress: Progress | None = None) -> None:
        """Seal and push drafts in batches, each judged at the head that it follows."""
        done = 0
        for start in range(0, len(drafts), PUSH_BATCH):
            batch = drafts[start : start + PUSH_BATCH]
            await self._push(collection, lambda state, batch=batch: self._prepare(collection, state, batch))  # type: ignore[misc]
            done += len(batch)
            if progress is not None:
                progress(done, len(drafts))

    async def change(
        self,
        collection: bytes,
        make: Callable[[ChainState], Any],
        *,
        path: str = "commits",
        extra: Any = None,
        took: Callable[[bytes], None] | None = None,
    ) -> ChainState:
        """Push what `make` gives for the state at the head; `took` is given the server's answer once it landed."""

        async def prepare(state: ChainState) -> _Prepared:
            changes, keys = await make(state)
            return self._sign(collection, state, changes, [], keys)

        return await self._push(collection, prepare, path=path, extra=extra, took=took)

    async def _push(
        self,
        collection: bytes,
        prepare: Callable[[ChainState], Any],
        *,
        path: str = "commits",
        extra: Any = None,
        took: Callable[[bytes], None] | None = None,
    ) -> ChainState:
        state = self.state(collection) or await self.pull(collection)
        for attempt in range(MAX_TRIES):
            prepared: _Prepared | None = await prepare(state)
            if prepared is None:
                return state
            push: list[Any] = [[prepared.signed.body, list(prepared.signed.signatures)], prepared.items]
            body = encode_trusted(push if extra is None else [push, *await extra(prepared)])
            address = f"/v1/collections/{to_text(collection)}/{path}"
            try:
                answer = await self._transport.cbor("POST", address, body, pushes=True)
            except Conflict as conflict:
                if attempt:
                    await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - jitter
                await self.take_page(collection, conflict.page, asked_at=state)
                state = await self.pull(collection)
                continue
            landed = self._landed(collection, state, prepared)
            if took is not None:
                took(answer)
            return landed
        raise OvertakenError("Others kept writing first.", hint="The write waits here; sync again in a moment.")

    def _landed(self, collection: bytes, state: ChainState, prepared: _Prepared) -> ChainState:
        with self._rollback_on_error(collection), self._store.batch():
            for number, key in prepared.keys.items():
                self._store.put_epoch_key(collection, number, key)
            now = self.state(collection)
            if now is not None and now.seq >= prepared.commit.seq:
                return now  # another program on this device has pulled what this one just pushed
            judged = judge(state, prepared.signed, prepared.commit, StoredFacts(self._store, self._people, collection))
            salts = prepared.salts
            for item, item_state in judged.items.items():
                value, salt = (None, None) if item_state.erased else (prepared.contents.get(item), salts.get(item))
                self._store.put_item(collection, item, item_state, prepared.commit.seq, value, salt=salt)
            self._keep(collection, judged.state, prepared.signed)
            self._keep_state(judged.state)
            if any(isinstance(change, Snapshot) for change in prepared.commit.changes):
                self._store.put_meta(f"{SNAPSHOT}{collection.hex()}", encode(prepared.commit.seq))
        return judged.state

    async def _prepare(self, collection: bytes, state: ChainState, drafts: Sequence[Draft]) -> _Prepared | None:
        me = self._access.need_me()
        day = today()
        drafts = [fitted for draft in drafts if (fitted := self._fit(collection, draft)) is not None]
        if not drafts:
            return None
        opens: list[Change] = []
        keys: dict[int, EpochKey] = {}
        by_month: dict[int, int] = {}
        for month in sorted({draft.month for draft in drafts if draft.content is not None}):
            fitting = self.usable_epoch(state, collection, me, month, day)
            if fitting is None:
                number = max([*state.epochs, *keys], default=0) + 1
                change, keys[number] = await self.open_change(collection, state, number, month, day)
                opens.append(change)
                fitting = number
            by_month[month] = fitting
        changes: list[Change] = list(opens)
        items: list[list[bytes]] = []
        contents: dict[bytes, bytes] = {}
        for draft in drafts:
            if draft.content is None:
                changes.append(Erase(draft.item))
                continue
            number = by_month[draft.month]
            key = keys.get(number) or self._key(collection, number)
            assert key is not None
            current = self._store.item_state(collection, draft.item)
            author = me.uid if current is None else current.author
            header = Header(collection, draft.item, draft.revision, number, author)
            sealed = seal_item(key, header, draft.content, os.urandom(32))
            changes.append(Put(draft.item, draft.revision, number, sealed.envelope_hash, sealed.salt_hash, draft.blobs))
            items.append([sealed.envelope, sealed.salt])
            contents[draft.item] = draft.content.encode()
        return self._sign(collection, state, changes, items, keys, contents)

    def _fit(self, collection: bytes, draft: Draft) -> Draft | None:
        """Return the draft as it can land now: unchanged, as a conflict, or None if it is void."""
        current = self._store.item_state(collection, draft.item)
        if draft.content is None:
            return draft if current is not None and not current.erased else None
        if draft.revision == (0 if current is None else current.revision) + 1 and not (current and current.erased):
            return draft
        local = self._store.item(collection, draft.item)
        if local is not None and current is not None and not current.erased and current.revision >= draft.revision:
            if local.value == draft.content.encode():
                return None  # it landed before, and only the answer was lost
            if local.value in draft.sent:  # what this edit replaces landed, and only the answer was lost
                return replace(draft, revision=current.revision + 1)
        if draft.as_conflict is None:
            return None
        return Draft(self.fresh_item(), draft.month, draft.as_conflict(draft.item), 1, draft.blobs)

    def usable_epoch(self, state: ChainState, collection: bytes, me: Me, month: int, day: int) -> int | None:
        """Return the epoch of `month` to seal in: its holders fit, all keys are the newest known, and we hold it."""
        if me.identity.generation != state.known_keys.get(me.uid, me.identity.generation):
            return None
        for uid, known in state.entitled(month, day).items():
            account = self._people.known(uid)
            if account is not None and account.generation != known:
                return None
        fitting = state.fitting_epoch(month, day)
        if fitting is None or self._key(collection, fitting.number) is None:
            return None
        return fitting.number

    async def open_change(
        self, collection: bytes, state: ChainState, number: int, month: int, day: int
    ) -> tuple[Open, EpochKey]:
        """Return an `open` of a new epoch, wrapped to everyone entitled with their newest keys."""
        me = self._access.need_me()
        key = EpochKey.fresh()
        wraps = []
        for uid in sorted(state.entitled(month, day)):
            account = await self._people.fetch(uid) if uid != me.uid else self._own(me)
            wraps.append(self.wrap_for(account, key, collection, number, month))
        return Open(number, month, key_commitment(key, collection, number, month), tuple(wraps)), key

    def _own(self, me: Me) -> AccountState:
        account = self._people.known(me.uid)
        assert account is not None
        return account

    def wrap_for(self, account: AccountState, key: EpochKey, collection: bytes, number: int, month: int) -> Wrap:
        """Wrap an epoch key to an account's newest identity."""
        return wrap_epoch(
            key,
            collection,
            number,
            month,
            sender=self._access.need_me().uid,
            uid=account.uid,
            key_id=account.generation,
            xwing=account.identity.xwing,
        )

    def _sign(
        self,
        collection: bytes,
        state: ChainState,
        changes: Sequence[Change],
        items: list[list[bytes]],
        keys: dict[int, EpochKey],
        contents: dict[bytes, bytes] | None = None,
    ) -> _Prepared:
        me = self._access.need_me()
        generation = me.identity.generation
        signed_with = state.signed_keys.get(me.uid)
        first: list[Change] = []
        if signed_with is not None and signed_with != generation:
            first = [Key(generation, self._own(me).introduced[generation])]
        commit = Commit(collection, state.seq + 1, state.head, me.uid, generation, today(), (*first, *changes))
        return _Prepared(commit.sign(me.identity), commit, items, keys, contents or {})

    async def replace_key(self, collection: bytes) -> None:
        """Announce this account's new key in a collection, if it is not there yet."""
        me = self._access.need_me()
        state = await self.pull(collection)
        if state.signed_keys.get(me.uid) in {None, me.identity.generation}:
            return

        async def nothing(_state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
            return [], {}

        await self.change(collection, nothing)

    def fresh_item(self) -> bytes:
        """Return a new item id."""
        return os.urandom(ITEM_ID_BYTES)

    def role(self, collection: bytes) -> Role | None:
        """Return one's own role in a collection."""
        state, me = self.state(collection), self._access.need_me()
        member = None if state is None else state.members.get(me.uid)
        return None if member is None else member.role
