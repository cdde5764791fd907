"""The sync engine: pull, verify, open; judge, seal, push. I/O: server and local store.

Guarantees: nothing enters the local store that the chain's rules refuse; a failed check names what is wrong and leaves
the local copy as it was; a write lands once, or stays in the queue.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode, encode_trusted
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import IntegrityError, MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState
from mindhaven.protocol.chain import ChainState, ItemState, Judged, begin, judge, verify_author
from mindhaven.protocol.collection import (
    Change,
    Commit,
    Erase,
    Key,
    Members,
    Open,
    Put,
    Role,
    Settings,
    genesis,
)
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import (
    ITEM_ID_BYTES,
    MAX_ENVELOPE_BYTES,
    Content,
    Header,
    SealedItem,
    envelope_hash,
    open_item,
    salt_hash,
    seal_item,
)
from mindhaven.protocol.epoch import Epoch, Wrap, key_commitment, open_epoch, wrap_epoch
from mindhaven.sdk.access import Access, Me
from mindhaven.sdk.errors import OvertakenError, RollbackError, WithheldError
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.transport import Conflict, Transport
from mindhaven.wire import vault as wire
from mindhaven.wire.ids import to_text

PUSH_BATCH: Final = 100
"""Items of one commit: one signature covers them; larger ones gain little and lose more on a conflict."""
MAX_PAGE_COMMITS: Final = 10_000
"""Commits of one page; our server gives at most a tenth."""
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


@dataclass(frozen=True, slots=True)
class _Facts:
    store: LocalStore
    people: People
    collection: bytes

    def item(self, item: bytes) -> ItemState | None:
        return self.store.item_state(self.collection, item)

    def live_epochs(self) -> Collection[int]:
        return self.store.live_epochs(self.collection)

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        account = self.people.known(uid)
        return account is not None and key_id in account.identities


@dataclass(slots=True)
class _Prepared:
    """A commit ready to push, with what its landing changes locally."""

    signed: Signed
    commit: Commit
    items: list[list[bytes]]
    keys: dict[int, EpochKey]
    contents: dict[bytes, bytes] = field(default_factory=dict)


class Vault:
    """Collections as this device verifies and keeps them."""

    def __init__(self, store: LocalStore, transport: Transport, access: Access, people: People) -> None:
        self._store = store
        self._transport = transport
        self._access = access
        self._people = people
        self._states: dict[bytes, ChainState] = {}

    # -- reading

    def state(self, collection: bytes) -> ChainState | None:
        """Return the verified state of a collection on this device."""
        state = self._states.get(collection)
        if state is None:
            raw = self._store.state(collection)
            if raw is None:
                return None
            state = self._states[collection] = ChainState.decode(raw)
        return state

    async def listed(self) -> list[wire.CollectionShown]:
        """Ask the server for the collections that one owns or is a member of."""
        shown: wire.Collections = await self._transport.call("GET", "/v1/collections", wire.Collections)
        return shown.collections

    async def pull(self, collection: bytes, *, progress: Progress | None = None) -> ChainState:
        """Pull and verify to the head."""
        if self._store.withheld(collection):
            await self._fetch_withheld(collection)
        while True:
            state = self.state(collection)
            since = -1 if state is None else state.seq
            page = await self._transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since={since}")
            head_seq = await self.take_page(collection, page)
            state = self.state(collection)
            if state is None:
                raise WithheldError("The server shows a collection without its beginning.", code="withheld")
            if progress is not None:
                progress(state.seq + 1, head_seq + 1)
            if state.seq <= since and state.seq < head_seq:
                raise WithheldError("The server says that there is more, and does not give it.", code="withheld")
            if state.seq >= head_seq:
                self._check_whole(collection)
                return state

    def withheld(self, collection: bytes) -> int:
        """Return how many live records the server has not given this device in their newest revision."""
        return self._store.withheld(collection)

    async def _fetch_withheld(self, collection: bytes) -> None:
        """Ask once more for what was withheld; the commits must be the ones that this device has verified."""
        first, last = self._store.withheld_seqs(collection)
        since = first - 1
        while since < last:
            page = await self._transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since={since}")
            _, _, entries = self._page(page)
            parsed = [self._parse(entry) for entry in entries]
            if not parsed or parsed[-1][1].seq <= since:
                return
            with self._store.batch():
                for signed, commit, items in parsed:
                    if self._store.commit_hash(collection, commit.seq) == signed.hash("commit"):
                        self._refill(collection, commit, items)
            since = parsed[-1][1].seq

    def _refill(self, collection: bytes, commit: Commit, items: list[Any]) -> None:
        puts = [change for change in commit.changes if isinstance(change, Put)]
        for put, item in zip(puts, items or [None] * len(puts), strict=True):
            state = self._store.item_state(collection, put.item)
            if item is None or state is None or state.erased or state.revision != put.revision:
                continue
            self._store.put_item(collection, put.item, state, commit.seq, self._open(collection, put, state, item))

    async def take_page(self, collection: bytes, page: bytes) -> int:
        """Verify one page and keep it, whole or not at all; return the head's seq as the server says it."""
        head_seq, head, entries = self._page(page)
        state = self.state(collection)
        if state is not None:
            self._check_head(state, head_seq, head)
        if not entries:
            if state is None or head_seq > state.seq:
                raise WithheldError("The server says that there is more, and does not give it.", code="withheld")
            return head_seq
        parsed = [self._parse(entry) for entry in entries]
        if state is not None:
            parsed = [one for one in parsed if one[1].seq > state.seq]
        if state is None and parsed and parsed[0][1].collection != collection:
            raise IntegrityError("The server shows another collection than was asked for.", code="chain-collection")
        for _, commit, _ in parsed:
            await self._people.with_generation(commit.author, commit.key_id)
            for entry in commit.wraps:
                await self._people.with_generation(entry.uid, entry.key_id)
        with self._rollback_on_error(collection), self._store.batch():
            for signed, commit, items in parsed:
                state = self._take(collection, state, signed, commit, items)
            if state is not None and state.seq >= head_seq:
                self._check_whole(collection)
        return head_seq

    @staticmethod
    def _page(page: bytes) -> tuple[int, bytes, list[Any]]:
        head_seq, head, entries = shape.fields(decode(page), 3, "A page")
        return (
            shape.number(head_seq, "A head's seq"),
            shape.raw(head, "A head", length=32),
            shape.items(entries, "A page's entries", most=MAX_PAGE_COMMITS),
        )

    @staticmethod
    def _parse(entry: Any) -> tuple[Signed, Commit, list[Any]]:
        raw, items = shape.fields(entry, 2, "A page's entry")
        signed = Signed.of(raw)
        commit = Commit.decode(signed.body)
        return signed, commit, shape.items(items, "A page's items", most=len(commit.changes))

    def _check_head(self, state: ChainState, head_seq: int, head: bytes) -> None:
        if head_seq < state.seq:
            raise RollbackError(
                "The server shows an older state of a collection than this device has seen.",
                hint="Your entries here stay as they are. Ask the people who run the server whether it was restored.",
            )
        if head_seq == state.seq and head != state.head:
            raise RollbackError(
                "The server shows another history of a collection than this device has seen.", code="fork"
            )

    def _rollback_on_error(self, collection: bytes) -> "_Forget":
        return _Forget(self._states, collection)

    def _take(
        self, collection: bytes, state: ChainState | None, signed: Signed, commit: Commit, items: list[Any]
    ) -> ChainState:
        account = self._people.known(commit.author)
        assert account is not None
        verify_author(signed, commit, account)
        facts = _Facts(self._store, self._people, collection)
        judged = begin(signed, commit, facts) if state is None else judge(state, signed, commit, facts)
        if judged.state.collection != collection:
            raise IntegrityError("A commit belongs to another collection.", code="chain-collection")
        self._take_keys(collection, commit, judged.state)
        self._take_items(collection, commit, judged, items)
        self._keep(collection, judged.state, signed)
        return judged.state

    def _keep(self, collection: bytes, state: ChainState, signed: Signed) -> None:
        self._store.put_commit(collection, state.seq, state.head, signed.encode())
        self._store.put_state(collection, state.seq, state.head, state.encode())
        self._states[collection] = state

    # -- keys

    def _take_keys(self, collection: bytes, commit: Commit, state: ChainState) -> None:
        for change in commit.changes:
            if isinstance(change, Open):
                self._take_wraps(collection, commit.author, state.epochs[change.epoch], change.wraps)
            elif isinstance(change, Members):
                taken = [
                    self._take_wraps(collection, commit.author, state.epochs[number], wraps)
                    for number, wraps in change.wraps
                ]
                if any(taken):
                    self._reopen(collection)

    def _take_wraps(self, collection: bytes, sender: bytes, epoch: Epoch, wraps: Sequence[Wrap]) -> bool:
        me = self._access.need_me()
        for entry in wraps:
            identity = me.bundle.identities.get(entry.key_id)
            if entry.uid != me.uid or identity is None:
                continue
            try:
                key = open_epoch(
                    entry, collection, epoch.number, epoch.month, epoch.commitment, sender=sender, identity=identity
                )
            except MindhavenError:
                return False  # the sender's fault: without the key, the next write here opens an epoch of its own
            self._store.put_epoch_key(collection, epoch.number, key)
            return True
        return False

    def _key(self, collection: bytes, epoch: int) -> EpochKey | None:
        raw = self._store.epoch_key(collection, epoch)
        return None if raw is None else EpochKey(raw)

    # -- items

    def _take_items(self, collection: bytes, commit: Commit, judged: Judged, items: list[Any]) -> None:
        puts = [change for change in commit.changes if isinstance(change, Put)]
        if len(items) not in {0, len(puts)}:
            raise IntegrityError("A page brings another number of records than its commit names.", code="page-items")
        for put, item in zip(puts, items or [None] * len(puts), strict=True):
            state = judged.items[put.item]
            if put.revision != state.revision or state.erased:
                continue
            if item is None:
                before = self._store.item(collection, put.item)
                value = None if before is None else before.value
            else:
                value = self._open(collection, put, state, item)
            self._store.put_item(collection, put.item, state, commit.seq, value, given=item is not None)
        for change in commit.changes:
            if isinstance(change, Erase):
                self._store.put_item(collection, change.item, judged.items[change.item], commit.seq, None)

    def _open(self, collection: bytes, put: Put, state: ItemState, item: Any) -> bytes | None:
        envelope, salt = shape.fields(item, 2, "An item")
        shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES)
        shape.raw(salt, "A salt")
        if envelope_hash(envelope) != put.envelope_hash:
            raise WithheldError("The server gives another record than the chain names.", code="envelope-mismatch")
        if salt_hash(salt) != put.salt_hash:
            raise WithheldError("The server gives another salt than the chain names.", code="salt-mismatch")
        key = self._key(collection, put.epoch)
        if key is None:
            return encode([envelope, salt])
        expected = Header(collection, put.item, put.revision, put.epoch, state.author)
        try:
            return open_item(key, SealedItem(envelope, salt), expected=expected).encode()
        except MindhavenError as error:
            return encode([error.reason])

    def _reopen(self, collection: bytes) -> None:
        """Open what was kept sealed, now that a key has arrived."""
        for local in self._store.items(collection):
            if local.value is None:
                continue
            value = decode(local.value)
            key = self._key(collection, local.state.epoch)
            if key is None or len(value) != 2:
                continue
            header = Header(collection, local.item, local.state.revision, local.state.epoch, local.state.author)
            try:
                opened = open_item(key, SealedItem(*value), expected=header).encode()
            except MindhavenError as error:
                opened = encode([error.reason])
            self._store.put_item(collection, local.item, local.state, local.seq, opened)

    def _check_whole(self, collection: bytes) -> None:
        missing = self._store.withheld(collection)
        if missing:
            raise WithheldError(
                f"The server withholds {missing} record(s) that the chain says are there.",
                hint="Your other devices may still have them. Ask the people who run the server.",
            )

    # -- writing

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
            self._take(collection, None, signed, Commit.decode(signed.body), [])
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
        self, collection: bytes, make: Callable[[ChainState], Any], *, path: str = "commits", extra: Any = None
    ) -> ChainState:
        """Push what `make` gives for the state at the head."""

        async def prepare(state: ChainState) -> _Prepared:
            changes, keys = await make(state)
            return self._sign(collection, state, changes, [], keys)

        return await self._push(collection, prepare, path=path, extra=extra)

    async def _push(
        self, collection: bytes, prepare: Callable[[ChainState], Any], *, path: str = "commits", extra: Any = None
    ) -> ChainState:
        state = self.state(collection) or await self.pull(collection)
        for attempt in range(MAX_TRIES):
            prepared: _Prepared | None = await prepare(state)
            if prepared is None:
                return state
            push: list[Any] = [[prepared.signed.body, list(prepared.signed.signatures)], prepared.items]
            body = encode_trusted(push if extra is None else [push, *await extra(prepared)])
            try:
                await self._transport.cbor("POST", f"/v1/collections/{to_text(collection)}/{path}", body, pushes=True)
            except Conflict as conflict:
                if attempt:
                    await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - jitter
                await self.take_page(collection, conflict.page)
                state = await self.pull(collection)
                continue
            return self._landed(collection, state, prepared)
        raise OvertakenError("Others kept writing first.", hint="The write waits here; sync again in a moment.")

    def _landed(self, collection: bytes, state: ChainState, prepared: _Prepared) -> ChainState:
        with self._rollback_on_error(collection), self._store.batch():
            for number, key in prepared.keys.items():
                self._store.put_epoch_key(collection, number, key)
            judged = judge(state, prepared.signed, prepared.commit, _Facts(self._store, self._people, collection))
            for item, item_state in judged.items.items():
                value = None if item_state.erased else prepared.contents.get(item)
                self._store.put_item(collection, item, item_state, prepared.commit.seq, value)
            self._keep(collection, judged.state, prepared.signed)
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
        landed = local is not None and current is not None and current.revision == draft.revision
        if landed and local is not None and local.value == draft.content.encode():
            return None  # it landed before, and only the answer was lost
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

    def epoch_key(self, collection: bytes, epoch: int) -> EpochKey | None:
        """Return the key of an epoch, if this device holds it."""
        return self._key(collection, epoch)

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


class _Forget:
    """Drops a collection's cached state if what happens inside fails, so that the store's copy counts."""

    def __init__(self, states: dict[bytes, ChainState], collection: bytes) -> None:
        self._states = states
        self._collection = collection

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is not None:
            self._states.pop(self._collection, None)
