"""Two histories after a server's restore: showing what is lost, and following the one that stands. I/O: server, store.

Guarantees: another history is followed only if it leads through a commit that this device has verified, and only if
the owner signed that it goes on there (`rejoin`); what this person wrote and the other history lacks waits in the
queue before anything is dropped; what both have keeps its content. What was written or erased here meanwhile stands,
and what both histories changed is kept twice, one marked as a conflict: it is judged at the head when it is sent.
Does not: follow by itself; whoever calls `follow` has shown `Split.lost` to the person.
Implements spec/transfer.md steps 11 and 12.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from mindhaven.crypto.encoding import decode, encode_trusted
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape
from mindhaven.protocol.chain import gains
from mindhaven.protocol.collection import Change, Commit, Erase, Key, Member, Members, Put, Rejoin, Settings
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Content
from mindhaven.protocol.receipt import About
from mindhaven.sdk.access import Access
from mindhaven.sdk.content import from_content, to_content
from mindhaven.sdk.errors import ASK_THE_HOST, advised
from mindhaven.sdk.index import HEADS, Index
from mindhaven.sdk.local import LocalItem, LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.pulling import MAX_PAGE_COMMITS
from mindhaven.sdk.queue import Write
from mindhaven.sdk.receipts import Receipts
from mindhaven.sdk.replay import Replay
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import Vault, today
from mindhaven.wire.ids import to_text

INDEX: Final = "mindhaven/index."
"""What the kinds of the index begin with."""
MOST_COMMITS: Final = 2_000_000
"""Commits of a history that is read whole: twice what a person writes in a lifetime; bounds what a server can send."""


@dataclass(frozen=True, slots=True)
class Split:
    """A collection with two histories.

    `common` is the seq of the last commit that both have; `lost` are the records, live on this device, whose newest
    revision the server's history lacks, and `mine` those of them that this person wrote: they are written anew.
    `erased` counts records that this person erased and the server's history still has: they are erased again.
    `can`: "rejoin" (this person owns it and decides), "follow" (its owner decided), "wait" (for its owner).
    """

    collection: bytes
    common: int
    lost: tuple[LocalItem, ...]
    mine: tuple[LocalItem, ...]
    erased: int
    can: str


@dataclass(slots=True)
class _History(Replay):
    """The server's history, judged from its genesis beside the one on this device."""

    commits: list[tuple[Signed, Commit]] = field(default_factory=list)


class Rejoining:
    """What one device does about collections with two histories."""

    def __init__(self, store: LocalStore, vault: Vault, transport: Transport, access: Access, people: People) -> None:
        self._store = store
        self._vault = vault
        self._transport = transport
        self._access = access
        self._people = people

    async def look(self, collection: bytes) -> Split | None:
        """Compare the server's history with this device's; None if the server's continues it, or it the server's."""
        return (await self._compare(collection))[0]

    async def _compare(self, collection: bytes) -> tuple[Split | None, _History]:
        there = await self._history(collection)
        mine = dict(self._store.commit_hashes(collection))
        common = max((seq for seq, digest in enumerate(there.hashes) if mine.get(seq) == digest), default=-1)
        if common < 0:
            raise IntegrityError(
                "The server shows another beginning of a collection than this device has seen.", code="fork"
            )
        if common in {len(there.hashes) - 1, max(mine)}:
            return None, there
        return self._split(collection, common, there), there

    @advised(ASK_THE_HOST)
    async def _history(self, collection: bytes) -> _History:
        found = _History(collection, self._people)
        while True:
            since = len(found.hashes) - 1
            page = await self._transport.cbor(
                "GET", f"/v1/collections/{to_text(collection)}/commits?since={since}&bare=true"
            )
            head, _, entries = shape.fields(decode(page), 3, "A page")
            for raw, _ in [
                shape.fields(one, 2, "A page's entry")
                for one in shape.items(entries, "A page's entries", most=MAX_PAGE_COMMITS)
            ]:
                signed = Signed.of(raw)
                commit = Commit.decode(signed.body)
                for uid, key_id in {(commit.author, commit.key_id), *((one.uid, one.key_id) for one in commit.wraps)}:
                    await self._people.with_generation(uid, key_id)
                found.take(signed, commit)
                found.commits.append((signed, commit))
            seq = len(found.hashes) - 1
            if seq >= shape.number(head, "A head's seq", most=MOST_COMMITS) or seq == since:
                return found

    def _split(self, collection: bytes, common: int, there: _History) -> Split:
        me = self._access.need_me().uid
        named = _named(there, common)
        lost = [
            one
            for one in self._store.items(collection)
            if one.seq > common and self._put(collection, one).envelope_hash not in named
        ]
        before = _revisions(there, common)

        def moved(item: bytes) -> bool:
            now = there.item(item)
            return now is not None and (now.erased or now.revision > before.get(item, 0))

        own = tuple(one for one in lost if one.state.author == me and self._writes_anew(one, moved=moved(one.item)))
        state = there.state
        assert state is not None
        later = [change for _, commit in there.commits[common + 1 :] for change in commit.changes]
        decided = any(self._leads_here(collection, common, change) for change in later)
        can = "follow" if decided else "rejoin" if state.owner == me else "wait"
        return Split(collection, common, tuple(lost), own, len(self._erased(collection, common, there)), can)

    def _leads_here(self, collection: bytes, common: int, change: Change) -> bool:
        """Return whether a change is a `rejoin` that names the last common commit; older ones decided other splits."""
        if not isinstance(change, Rejoin) or change.seq != common:
            return False
        return self._store.commit_hash(collection, common) == change.hash

    def _erased(self, collection: bytes, common: int, there: _History) -> list[bytes]:
        """Return the records that this person erased after `common` and that live in the other history."""
        me = self._access.need_me().uid
        found = []
        for _, raw in self._store.signed_after(collection, common, MOST_COMMITS):
            commit = Commit.decode(Signed.decode(raw).body)
            if commit.author == me:
                gone = [change.item for change in commit.changes if isinstance(change, Erase)]
                found += [item for item in gone if (state := there.item(item)) is not None and not state.erased]
        return found

    # -- deciding and following

    async def rejoin(self, collection: bytes) -> Split | None:
        """As the owner: sign that the server's history is the one that goes on, then follow it.

        Who lost access in the part that is lost stays out, and nobody gains; return what `follow` does.
        Raises what the server refuses (`rejoin` outside a window).
        """
        split, there = await self._compare(collection)
        if split is not None and split.can == "rejoin":
            await self._sign(split, there)
        return await self.follow(collection)

    async def _sign(self, split: Split, there: _History) -> None:
        me, state, mine = self._access.need_me(), there.state, self._vault.state(split.collection)
        assert state is not None
        assert mine is not None
        members = tuple(_lesser(one, mine.members.get(uid)) for uid, one in state.members.items()
                        if uid in mine.members)  # fmt: skip
        settings = Settings(
            max(state.settings.history, mine.settings.history),
            max(state.settings.hold_until, mine.settings.hold_until),
            state.settings.processing_entry,
        )
        common = self._store.commit_hash(split.collection, split.common)
        assert common is not None
        changes: list[Change] = [Rejoin(split.common, common), Members(members, settings, None)]
        if state.signed_keys.get(me.uid, me.identity.generation) != me.identity.generation:
            account = self._people.known(me.uid)
            assert account is not None
            changes.insert(0, Key(me.identity.generation, account.introduced[me.identity.generation]))
        commit = Commit(
            split.collection, state.seq + 1, state.head, me.uid, me.identity.generation, today(), tuple(changes)
        )
        signed = commit.sign(me.identity)
        body = encode_trusted([[signed.body, list(signed.signatures)], []])
        answer = await self._transport.cbor("POST", f"/v1/collections/{to_text(split.collection)}/revocations", body)
        Receipts(self._store).take_answer(answer, About(split.collection))

    async def follow(self, collection: bytes) -> Split | None:
        """Take the server's history over, if its owner signed that it goes on from a commit that this device has.

        What this person wrote and it lacks is queued first, erasures before all. Return what was lost, or None if
        there is nothing to follow. Raises `IntegrityError` (fork) without such a signature; nothing changes then.
        """
        split, there = await self._compare(collection)
        if split is None:
            return None
        if split.can != "follow":
            raise IntegrityError(
                "The owner of this collection has not decided how it goes on.",
                hint="Your entries here stay as they are. They go on when the owner's device has decided.",
                code="fork",
            )
        kept = {one.item: one for one in self._store.items(collection)}
        with self._store.batch():
            before = _revisions(there, split.common)
            self._queue(split, there, before)
            self._rebase(split, there, before)
            self._vault.replace(collection, there.commits, kept, common=split.common)
        return split

    def _queue(self, split: Split, there: _History, before: dict[bytes, int]) -> None:
        """Queue what is erased again and what is written anew; what waits already is newer than what was lost."""
        collection = split.collection
        waiting = self._waiting(collection)
        for item in self._erased(collection, split.common, there):
            self._set_aside(item, waiting.get(item, []))
            state = there.items[item]
            self._store.enqueue(Write(collection, item, state.revision, state.month, None).encode())
        for one in split.mine:
            rows = waiting.get(one.item, [])
            if rows and (
                rows[0][1].base >= one.state.revision
                or rows[-1][1].content is None
                or any(row.content == one.value for _, row in rows)
            ):
                continue
            self._set_aside(one.item, rows)  # an edit that did not know of the lost one, and would take its place
            blobs = self._put(collection, one).blobs
            # An edit of what both histories had; where the other one went on from there, sending it tells them apart.
            base = before.get(one.item, 0)
            self._store.enqueue(Write(collection, one.item, base, one.state.month, one.value, blobs).encode())

    def _set_aside(self, item: bytes, rows: list[tuple[int, Write]]) -> None:
        """Make an entry of its own of an edit that waits, as of one that lost a race; an erasure that waits stays."""
        if not rows or rows[-1][1].content is None:
            return
        fresh = self._vault.fresh_item()
        aside = []
        for number, write in rows:
            if write.content is not None:
                record, notes = from_content(Content.decode(write.content))
                content = to_content(record, replace(notes, conflict_of=item)).encode()
                aside.append((number, replace(write, item=fresh, base=0, content=content)))
        self._requeue(aside)

    def _rebase(self, split: Split, there: _History, before: dict[bytes, int]) -> None:
        """Let what waits follow what both histories had: if the other one went on from there, it is kept beside that.

        An erasure erases what stands there, and is dropped if nothing does.
        """
        for item, rows in self._waiting(split.collection).items():
            now = there.item(item)
            erases = rows[-1][1].content is None
            if erases and (now is None or now.erased):
                self._store.unqueue([number for number, _ in rows])
                continue
            known = before.get(item, 0)
            fitted = [
                (number, replace(write, base=now.revision if erases and now is not None else min(write.base, known)))
                for number, write in rows
            ]
            if fitted != rows:
                self._requeue(fitted)

    def _requeue(self, rows: list[tuple[int, Write]]) -> None:
        """Put waiting writes of one item in the place of those of these numbers; which were sent before stays known."""
        tried = self._store.tried()
        for number, write in rows:
            self._store.enqueue(write.encode())
            if number in tried:
                self._store.mark_tried([self._store.queued()[-1][0]])
        self._store.unqueue([number for number, _ in rows])

    def _waiting(self, collection: bytes) -> dict[bytes, list[tuple[int, Write]]]:
        """Return what waits for a collection, by item, the oldest first."""
        index = Index(self._vault, self._store)
        index.id = self._access.need_me().bundle.index
        own = next((one.name for one in index.collections() if one.id == collection and index.is_own(collection)), None)
        found: dict[bytes, list[tuple[int, Write]]] = {}
        for number, value in self._store.queued():
            write = Write.of(value)
            if write.place in (collection, own):
                found.setdefault(write.item, []).append((number, write))
        return found

    def _put(self, collection: bytes, one: LocalItem) -> Put:
        """Return the change that put a record's newest revision."""
        ((_, raw),) = self._store.signed_after(collection, one.seq - 1, 1)
        changes = Commit.decode(Signed.decode(raw).body).changes
        return [change for change in changes if isinstance(change, Put) and change.item == one.item][-1]

    @staticmethod
    def _writes_anew(one: LocalItem, *, moved: bool) -> bool:
        """Return whether a lost record is one to write again: one that opens, but for notes of heads, which passed.

        What the index lists stands there once: where the other history changed it (`moved`), that counts.
        """
        value = None if one.value is None else decode(one.value)
        if value is None or len(value) != 5 or value[0] == HEADS:
            return False
        return not (moved and str(value[0]).startswith(INDEX))


def _revisions(there: _History, common: int) -> dict[bytes, int]:
    """Return the newest revision of each item as of the last common commit."""
    found: dict[bytes, int] = {}
    for _, commit in there.commits[: common + 1]:
        found |= {change.item: change.revision for change in commit.changes if isinstance(change, Put)}
    return found


def _named(there: _History, common: int) -> set[bytes]:
    """Return the envelope hashes that the other history names after the last common commit."""
    found = set()
    for _, commit in there.commits[common + 1 :]:
        found |= {change.envelope_hash for change in commit.changes if isinstance(change, Put)}
    return found


def _lesser(there: Member, mine: Member | None) -> Member:
    """Return what a member keeps: as the other history says, or less, if the lost part took some of it away."""
    return there if mine is None or gains(there, mine) else mine
