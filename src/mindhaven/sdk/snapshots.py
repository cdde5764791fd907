"""Snapshots: made every so many commits by the owner's device, and shown first on a new one. I/O: server, local store.

Guarantees: what is shown before a history was verified is signed by the owner whom this device knows from elsewhere,
stands apart from what was verified, and is gone once that is whole; a snapshot that the history contradicts is named.
Does not: write to a collection whose history was not verified here.
Implements spec/snapshot.md.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import IntegrityError, MindhavenError, NotFoundError
from mindhaven.protocol import shape
from mindhaven.protocol.chain import ChainState, ItemState, judge, verify_author
from mindhaven.protocol.collection import Change, Commit, Erase, Members, Open, Put, Snapshot
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Header, SealedItem, envelope_hash, open_item, salt_hash
from mindhaven.protocol.epoch import Wrap, open_epoch
from mindhaven.protocol.snapshot import EVERY_COMMITS, Live, LiveList, build
from mindhaven.sdk.access import Access
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.pulling import MAX_PAGE_COMMITS, SNAPSHOT
from mindhaven.sdk.replay import Replay
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import Vault
from mindhaven.wire.ids import to_text

SHOWN_FIRST: Final = 500
"""Records that a new device is shown before it verifies: what a person looks at first, in one request or two."""
AT_ONCE: Final = 250
"""Commits asked for at once; each may hold a hundred records."""
GLANCED: Final = "glanced/"
"""Under this and a collection's id the local store keeps [seq, root] of a snapshot shown and not yet checked."""
DECODED_AT_ONCE: Final = 1000


def aside(collection: bytes) -> bytes:
    """Return the id under which the local store keeps what is shown of a collection before it was verified."""
    return labelled_hash("being-verified", collection)


@dataclass(slots=True)
class _Facts:
    """What a snapshot and the commits after it say of items."""

    people: People
    listed: dict[bytes, ItemState]

    def item(self, item: bytes) -> ItemState | None:
        return self.listed.get(item)

    def live_epochs(self) -> Collection[int]:
        return {state.epoch for state in self.listed.values() if not state.erased}

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        account = self.people.known(uid)
        return account is not None and key_id in account.identities

    def commit_hash(self, seq: int) -> bytes | None:  # noqa: ARG002 - a rejoin is judged with the whole history only
        return None


class Snapshots:
    """One device's snapshots: those it makes, and those it was shown."""

    def __init__(
        self, store: LocalStore, vault: Vault, transport: Transport, access: Access, people: People,
        *, every: int = EVERY_COMMITS,
    ) -> None:  # fmt: skip
        self._store = store
        self._vault = vault
        self._transport = transport
        self._access = access
        self._people = people
        self.every = every

    # -- making

    async def make_if_due(self, collection: bytes) -> bool:
        """As the owner: sign a snapshot if the last one lies `every` commits back; return whether one was made.

        What the server refuses is left for the next time: nobody waits for a snapshot.
        """
        state = self._vault.state(collection)
        if state is None or state.owner != self._access.need_me().uid:
            return False
        raw = self._store.meta(f"{SNAPSHOT}{collection.hex()}")
        last = -1 if raw is None else decode(raw)
        if state.seq - last < self.every:
            return False
        await self._vault.change(collection, lambda state: self._prepare(state))
        return True

    async def _prepare(self, state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
        listed, parts = self.build(state)
        address = f"/v1/collections/{to_text(state.collection)}/snapshots"
        for digest, part in zip(listed.parts, parts, strict=True):
            await self._transport.blob("PUT", f"{address}/{to_text(digest)}", part)
        data = listed.encode()
        root = labelled_hash("snapshot-root", data)
        await self._transport.blob("PUT", f"{address}/{to_text(root)}", data)
        return [Snapshot(root)], {}

    def build(self, state: ChainState) -> tuple[LiveList, list[bytes]]:
        """Return the list of what lives at `state`, from the verified commits on this device, and its parts."""
        live: dict[bytes, Live] = {}
        wraps: dict[int, list[int]] = {}
        for raw in self._all(state.collection, state.seq):
            commit = Commit.decode(Signed.decode(raw).body)
            for change in commit.changes:
                if isinstance(change, Put):
                    before = live.pop(change.item, None)
                    author = commit.author if before is None else before.author
                    live[change.item] = Live(change.item, change.revision, change.epoch, author, commit.seq,
                                             change.envelope_hash, change.salt_hash, change.blobs)  # fmt: skip
                elif isinstance(change, Erase):
                    live.pop(change.item, None)
                elif isinstance(change, Open):
                    wraps.setdefault(change.epoch, []).append(commit.seq)
                elif isinstance(change, Members):
                    for number, _ in change.wraps:
                        wraps.setdefault(number, []).append(commit.seq)
        return build(state, wraps, live.values())

    # -- being shown

    async def glance(self, collection: bytes, *, owner: bytes, seq: int) -> int:
        """Show the newest records of a long history that this device has not begun to verify; return how many.

        `owner` is who owns it by this person's own list or contacts, `seq` the head's that the server shows. 0: there
        is no snapshot, or it is not of use here. Raises `IntegrityError` for one that is not the owner's.
        """
        if self._vault.state(collection) is not None or seq < self.every or self.glanced(collection):
            return 0
        address = f"/v1/collections/{to_text(collection)}"
        try:
            raw = await self._transport.cbor("GET", f"{address}/snapshot")
        except NotFoundError:
            return 0
        bearer, data = shape.fields(decode(raw), 2, "A snapshot")
        signed = Signed.of(bearer)
        commit = Commit.decode(signed.body)
        listed = await self._listed(collection, owner, signed, commit, shape.raw(data, "A list"))
        records = {one.item: one for one in await self._parts(address, listed)}
        keys = await self._keys(address, listed)
        items = {one.item: self._state(listed, one) for one in records.values()}
        places = {one.item: (one.seq, one.envelope_hash, one.salt_hash) for one in records.values()}
        await self._tail(collection, listed.state, items, places, keys)
        shown = await self._records(address, items, places, keys)
        with self._store.batch():
            for item, (state, at, value, salt) in shown.items():
                self._store.put_item(aside(collection), item, state, at, value, salt=salt)
            self._store.put_meta(f"{GLANCED}{collection.hex()}", encode([listed.state.seq, commit.changes[-1].root]))  # type: ignore[union-attr]
        return len(shown)

    def glanced(self, collection: bytes) -> bool:
        """Return whether records of a collection are shown that are still being verified."""
        return self._store.meta(f"{GLANCED}{collection.hex()}") is not None

    async def _listed(self, collection: bytes, owner: bytes, signed: Signed, commit: Commit, data: bytes) -> LiveList:
        """Verify the commit that bears a snapshot, and the list against it: spec/snapshot.md step 5."""
        if commit.author != owner:
            raise IntegrityError(
                "A collection's snapshot is not by the owner whom this device knows.", code="snapshot-owner"
            )
        verify_author(signed, commit, await self._people.with_generation(owner, commit.key_id))
        last = commit.changes[-1]
        if not isinstance(last, Snapshot) or commit.collection != collection:
            raise IntegrityError("What was given is not a snapshot of this collection.", code="snapshot-place")
        listed = LiveList.decode(data, root=last.root)
        listed.check_place(commit)
        if listed.state.owner != owner:
            raise IntegrityError("A snapshot names another owner than its author.", code="snapshot-owner")
        return listed

    async def _parts(self, address: str, listed: LiveList) -> list[Live]:
        """Return all records of the list: a commit after it may go on from any of them."""
        found: list[Live] = []
        for number, digest in enumerate(listed.parts):
            data = await self._transport.cbor("GET", f"{address}/snapshots/{to_text(digest)}")
            found += listed.part(number, data)
        return found

    @staticmethod
    def _state(listed: LiveList, one: Live) -> ItemState:
        return ItemState(one.revision, one.epoch, one.author, listed.state.epochs[one.epoch].month)

    async def _keys(self, address: str, listed: LiveList) -> dict[int, EpochKey]:
        """Return the keys of epochs that are wrapped to this account, from the commits that hold them."""
        me = self._access.need_me()
        places = {
            seq
            for number, epoch in listed.state.epochs.items()
            if me.uid in epoch.holders or epoch.author == me.uid
            for seq in listed.wraps_at[number]
        }
        keys: dict[int, EpochKey] = {}
        for signed, commit, _ in await self._named(address, sorted(places), bare=True):
            verify_author(signed, commit, await self._people.with_generation(commit.author, commit.key_id))
            for number, wraps in _wraps(commit):
                self._take(listed.state, commit.author, number, wraps, keys)
        return keys

    def _take(
        self, state: ChainState, sender: bytes, number: int, wraps: Sequence[Wrap], keys: dict[int, EpochKey]
    ) -> None:
        me, epoch = self._access.need_me(), state.epochs.get(number)
        for entry in wraps if epoch is not None else ():
            identity = me.bundle.identities.get(entry.key_id)
            if entry.uid != me.uid or identity is None or epoch is None:
                continue
            try:
                keys[number] = open_epoch(entry, state.collection, number, epoch.month, epoch.commitment,
                                          sender=sender, identity=identity)  # fmt: skip
            except MindhavenError:  # the sender's fault; what it seals is shown once it was looked into
                continue

    async def _tail(
        self,
        collection: bytes,
        state: ChainState,
        items: dict[bytes, ItemState],
        places: dict[bytes, tuple[int, bytes, bytes]],
        keys: dict[int, EpochKey],
    ) -> ChainState:
        """Judge every commit after the list, and note what it changes."""
        facts = _Facts(self._people, items)
        while True:
            page = await self._transport.cbor(
                "GET", f"/v1/collections/{to_text(collection)}/commits?since={state.seq}&bare=true"
            )
            head, _, entries = shape.fields(decode(page), 3, "A page")
            before = state.seq
            for raw in shape.items(entries, "A page's entries", most=MAX_PAGE_COMMITS):
                signed = Signed.of(shape.fields(raw, 2, "A page's entry")[0])
                commit = Commit.decode(signed.body)
                for uid, key_id in {(commit.author, commit.key_id), *((one.uid, one.key_id) for one in commit.wraps)}:
                    await self._people.with_generation(uid, key_id)
                account = self._people.known(commit.author)
                assert account is not None
                verify_author(signed, commit, account)
                judged = judge(state, signed, commit, facts)
                state = judged.state
                items.update(judged.items)
                for change in commit.changes:
                    if isinstance(change, Put):
                        places[change.item] = (commit.seq, change.envelope_hash, change.salt_hash)
                for number, wraps in _wraps(commit):
                    self._take(state, commit.author, number, wraps, keys)
            if state.seq >= shape.number(head, "A head's seq") or state.seq == before:
                return state

    async def _records(
        self,
        address: str,
        items: dict[bytes, ItemState],
        places: dict[bytes, tuple[int, bytes, bytes]],
        keys: dict[int, EpochKey],
    ) -> dict[bytes, tuple[ItemState, int, bytes | None, bytes | None]]:
        """Fetch and open the records that changed last."""
        live = sorted((item for item, state in items.items() if not state.erased), key=lambda item: places[item][0])
        wanted = live[-SHOWN_FIRST:]
        shown: dict[bytes, tuple[ItemState, int, bytes | None, bytes | None]] = {}
        seqs = sorted({places[item][0] for item in wanted}, reverse=True)
        for _, commit, given in await self._named(address, seqs, bare=False):
            puts = [change for change in commit.changes if isinstance(change, Put)]
            for put, sealed in zip(puts, given or [None] * len(puts), strict=True):
                state, place = items.get(put.item), places.get(put.item)
                if state is None or sealed is None or place is None or place[0] != commit.seq or state.erased:
                    continue
                envelope, salt = shape.fields(sealed, 2, "An item")
                if (envelope_hash(envelope), salt_hash(salt)) != place[1:]:
                    raise IntegrityError(
                        "The server gives another record than the snapshot names.", code="envelope-mismatch"
                    )
                header = Header(commit.collection, put.item, state.revision, state.epoch, state.author)
                key = keys.get(state.epoch)
                value = encode([envelope, salt]) if key is None else _opened(key, envelope, salt, header)
                shown[put.item] = (state, commit.seq, value, salt)
        return shown

    async def _named(self, address: str, seqs: Sequence[int], *, bare: bool) -> list[tuple[Signed, Commit, list[Any]]]:
        """Ask for commits by their places; what is given is what was asked for, in order."""
        found: list[tuple[Signed, Commit, list[Any]]] = []
        waiting = list(seqs)
        while waiting:
            asked = waiting[:AT_ONCE]
            raw = await self._transport.cbor("POST", f"{address}/commits/named", encode([asked, bare]))
            entries = shape.items(decode(raw), "Commits", most=AT_ONCE)
            for seq, entry in zip(asked, entries, strict=False):
                signed_raw, items = shape.fields(entry, 2, "A page's entry")
                signed = Signed.of(signed_raw)
                commit = Commit.decode(signed.body)
                if commit.seq != seq:
                    raise IntegrityError("The server gives another commit than was asked for.", code="chain-order")
                found.append((signed, commit, shape.items(items, "A page's items", most=len(commit.changes))))
            if not entries:
                raise IntegrityError("The server withholds commits that a snapshot names.", code="withheld")
            waiting = waiting[len(entries) :]
        return found

    # -- checking behind

    def check(self, collection: bytes) -> None:
        """Compare what was shown with the history, now that it is verified to the head; then only that is shown.

        Raises `IntegrityError` (snapshot-differs): the owner signed a list that the chain contradicts.
        """
        raw = self._store.meta(f"{GLANCED}{collection.hex()}")
        if raw is None:
            return
        seq, root = decode(raw)
        agrees = self._agrees(collection, seq, root)
        with self._store.batch():
            self._store.drop_collection(aside(collection))
            self._store.drop_meta(f"{GLANCED}{collection.hex()}")
        if not agrees:
            raise IntegrityError(
                "A collection's snapshot is not what its history says; its owner's device signed it.",
                hint="What is shown from now on is the history, which was checked. Tell the owner.",
                code="snapshot-differs",
            )

    def _agrees(self, collection: bytes, seq: int, root: bytes) -> bool:
        replay = Replay(collection, self._people)
        for raw in self._all(collection, seq):
            signed = Signed.decode(raw)
            replay.take(signed, Commit.decode(signed.body), verified=True)
        if replay.state is None or replay.state.seq != seq:
            return False
        listed, _ = self.build(replay.state)
        return labelled_hash("snapshot-root", listed.encode()) == root

    def _all(self, collection: bytes, last: int) -> Iterator[bytes]:
        seq = -1
        while rows := self._store.signed_after(collection, seq, DECODED_AT_ONCE):
            for seq, raw in rows:
                if seq > last:
                    return
                yield raw


def _wraps(commit: Commit) -> Iterator[tuple[int, Sequence[Wrap]]]:
    for change in commit.changes:
        if isinstance(change, Open):
            yield change.epoch, change.wraps
        elif isinstance(change, Members):
            yield from change.wraps


def _opened(key: EpochKey, envelope: bytes, salt: bytes, header: Header) -> bytes:
    try:
        return open_item(key, SealedItem(envelope, salt), expected=header).encode()
    except MindhavenError as error:
        return encode([error.reason])
