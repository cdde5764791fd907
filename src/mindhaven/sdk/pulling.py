"""Pulling: what the server shows, verified, opened and kept. I/O: server and local store.

Guarantees: nothing enters the local store that the chain's rules refuse; a failed check names what is wrong and leaves
the local copy as it was. Does not: write anything of one's own (`vault`).
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.seal import SALT_BYTES
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import IntegrityError, MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.chain import ChainState, ItemState, Judged, begin, judge, verify_author
from mindhaven.protocol.collection import Commit, Erase, Members, Open, Put, Snapshot
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import MAX_ENVELOPE_BYTES, Header, SealedItem, envelope_hash, open_item, salt_hash
from mindhaven.protocol.epoch import Epoch, Wrap, open_epoch
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import ASK_THE_HOST, RollbackError, WithheldError, advised
from mindhaven.sdk.local import LocalItem, LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.progress import Progress
from mindhaven.sdk.queue import Write
from mindhaven.sdk.transport import Transport
from mindhaven.wire import vault as wire
from mindhaven.wire.ids import to_text

SNAPSHOT: Final = "snapshot/"
"""Under this and a collection's id the local store keeps the seq of the newest commit that bears a snapshot."""
MAX_PAGE_COMMITS: Final = 10_000
"""Commits of one page; our server gives at most a tenth."""
MOST_WINDOW_SECONDS: Final = 366 * 86400 + 300
"""The longest time for which a server takes offers, and room for clocks that differ."""


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What the local store says of items and accounts while a commit is judged."""

    store: LocalStore
    people: People
    collection: bytes

    def item(self, item: bytes) -> ItemState | None:
        """Return what the chain says of an item."""
        return self.store.item_state(self.collection, item)

    def live_epochs(self) -> Collection[int]:
        """Return the epochs in which live items are sealed."""
        return self.store.live_epochs(self.collection)

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        """Return whether this device has verified that `uid` stated that key."""
        account = self.people.known(uid)
        return account is not None and key_id in account.identities

    def commit_hash(self, seq: int) -> bytes | None:
        """Return the hash of the commit that this device has verified at `seq`."""
        return self.store.commit_hash(self.collection, seq)


class Pulling:
    """Collections as this device verifies and keeps them."""

    def __init__(self, store: LocalStore, transport: Transport, access: Access, people: People) -> None:
        self._store = store
        self._transport = transport
        self._access = access
        self._people = people
        self._states: dict[bytes, ChainState] = {}
        self.restored = False
        """Whether the server says that it was restored and takes back what it lost."""

    # -- reading

    def state(self, collection: bytes) -> ChainState | None:
        """Return the verified state of a collection on this device."""
        state = self._states.get(collection)
        if state is None or state.seq != self._store.seq(collection):  # another program on this device was here
            raw = self._store.state(collection)
            if raw is None:
                return None
            state = self._states[collection] = ChainState.decode(raw)
        return state

    async def listing(self) -> wire.Collections:
        """Ask the server for the collections that one owns or is a member of, and whether it takes offers.

        A time for offers that is over, or longer than any, is none: it would silence errors.
        """
        shown: wire.Collections = await self._transport.call("GET", "/v1/collections", wire.Collections)
        if not 0 < shown.offer_until - int(time.time()) <= MOST_WINDOW_SECONDS:
            shown.offer_since = shown.offer_until = 0
        return shown

    async def listed(self) -> list[wire.CollectionShown]:
        """Ask the server for the collections that one owns or is a member of."""
        return (await self.listing()).collections

    @advised(ASK_THE_HOST)
    async def pull(self, collection: bytes, *, progress: Progress | None = None) -> ChainState:
        """Pull and verify to the head."""
        if self._store.withheld(collection):
            await self._fetch_withheld(collection)
        while True:
            state = self.state(collection)
            since = -1 if state is None else state.seq
            page = await self._transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since={since}")
            head_seq = await self.take_page(collection, page, asked_at=state)
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

    def forget(self, collection: bytes) -> None:
        """Drop what this device keeps of a collection."""
        self._states.pop(collection, None)
        self._store.drop_collection(collection)

    def replace(
        self, collection: bytes, commits: Sequence[tuple[Signed, Commit]], kept: dict[bytes, LocalItem], *, common: int
    ) -> None:
        """Take another history in the place of the one kept; the caller judged it, has asked, and holds a batch.

        Content of records in `kept` that stand in a commit up to `common` stays; the next pull fetches the others.
        """
        with self._rollback_on_error(collection):
            self.forget(collection)
            state: ChainState | None = None
            for signed, commit in commits:
                state = self._take(collection, state, signed, commit, [])
            assert state is not None
            self._keep_state(state)
            for item, old in kept.items():
                now = self._store.item(collection, item)
                if now is not None and old.value is not None and now.seq == old.seq <= common:
                    self._store.put_item(collection, item, now.state, now.seq, old.value, salt=old.salt)

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
            value = self._open(collection, put, state, item)
            self._store.put_item(collection, put.item, state, commit.seq, value, salt=item[1])

    async def take_page(self, collection: bytes, page: bytes, *, asked_at: ChainState | None = None) -> int:
        """Verify one page and keep it, whole or not at all; return the head's seq as the server says it.

        `asked_at`: the state when the server was asked, which it can't have shown less than; without it, the one now.
        """
        head_seq, head, entries = self._page(page)
        state = asked_at or self.state(collection)
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
            state = self.state(collection)  # meanwhile another program on this device may have come as far or further
            for signed, commit, items in parsed:
                if state is not None and commit.seq <= state.seq:
                    continue
                state = self._take(collection, state, signed, commit, items)
            if state is not None:
                self._keep_state(state)
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
        facts = StoredFacts(self._store, self._people, collection)
        judged = begin(signed, commit, facts) if state is None else judge(state, signed, commit, facts)
        if judged.state.collection != collection:
            raise IntegrityError("A commit belongs to another collection.", code="chain-collection")
        self._take_keys(collection, commit, judged.state)
        self._take_items(collection, commit, judged, items)
        self._keep(collection, judged.state, signed)
        if any(isinstance(change, Snapshot) for change in commit.changes):
            self._store.put_meta(f"{SNAPSHOT}{collection.hex()}", encode(commit.seq))
        return judged.state

    def _keep(self, collection: bytes, state: ChainState, signed: Signed) -> None:
        """Keep a commit; the caller keeps the state that the last of its commits leads to."""
        self._store.put_commit(collection, state.seq, state.head, signed.encode())
        self._states[collection] = state

    def _keep_state(self, state: ChainState) -> None:
        self._store.put_state(state.collection, state.seq, state.head, state.encode())

    # -- keys

    def _take_keys(self, collection: bytes, commit: Commit, state: ChainState) -> None:
        for change in commit.changes:
            if isinstance(change, Open):
                self._take_wraps(collection, commit.author, state.epochs[change.epoch], change.wraps)
            elif isinstance(change, Members):
                taken = {
                    number
                    for number, wraps in change.wraps
                    if self._take_wraps(collection, commit.author, state.epochs[number], wraps)
                }
                if taken:
                    self._reopen(collection, taken)

    def _take_wraps(self, collection: bytes, sender: bytes, epoch: Epoch, wraps: Sequence[Wrap]) -> bool:
        """Keep the epoch's key if a wrap gives it; return whether this device did not have it."""
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
            had = self._store.epoch_key(collection, epoch.number)
            self._store.put_epoch_key(collection, epoch.number, key)
            return had is None
        return False

    def _key(self, collection: bytes, epoch: int) -> EpochKey | None:
        raw = self._store.epoch_key(collection, epoch)
        return None if raw is None else EpochKey(raw)

    def epoch_key(self, collection: bytes, epoch: int) -> EpochKey | None:
        """Return the key of an epoch, if this device holds it."""
        return self._key(collection, epoch)

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
                value, salt = None if before is None else before.value, None
            else:
                value, salt = self._open(collection, put, state, item), item[1]
            self._store.put_item(collection, put.item, state, commit.seq, value, given=item is not None, salt=salt)
        for change in commit.changes:
            if isinstance(change, Erase):
                self._store.put_item(collection, change.item, judged.items[change.item], commit.seq, None)

    def _open(self, collection: bytes, put: Put, state: ItemState, item: Any) -> bytes | None:
        envelope, salt = shape.fields(item, 2, "An item")
        shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES)
        shape.raw(salt, "A salt")
        if envelope_hash(envelope) != put.envelope_hash:
            raise WithheldError("The server gives another record than the chain names.", code="envelope-mismatch")
        if len(salt) != SALT_BYTES:
            raise WithheldError("The server gives a salt of another length than any has.", code="salt-length")
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

    def _reopen(self, collection: bytes, epochs: set[int]) -> None:
        """Open what was kept sealed, now that the keys of these epochs have arrived."""
        for local in self._store.items(collection):
            if local.value is None or local.state.epoch not in epochs:
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
            self._store.put_item(collection, local.item, local.state, local.seq, opened, salt=local.salt)

    def _check_whole(self, collection: bytes) -> None:
        """Raise `WithheldError` if the server has not given a record that the chain says is there.

        What it gave is kept. While a restored server takes back what it lost, this is told and not raised (`sync`).
        """
        if self.restored:
            return
        missing = self._store.withheld(collection)
        if missing:  # what this person erased anew is gone at a restored server before the erasure stands in its chain
            waiting = [Write.of(value) for _, value in self._store.queued()]
            erased = {write.item for write in waiting if write.content is None}
            missing = len(self._store.withheld_items(collection) - erased)
        if missing:
            raise WithheldError(
                f"The server withholds {missing} record(s) that the chain says are there.",
                hint="Your other devices may still have them. Ask the people who run the server.",
            )


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
