"""Use cases of vault. Each runs in one work; commits it takes were verified by `api`. I/O: the store only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from mindhaven import consent
from mindhaven.accounts import Directory
from mindhaven.crypto.peppers import Pepper, mask_salts
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, HostScope, Look, MemberScope, PersonScope, Work
from mindhaven.kernel.journal import collection_mark, item_mark, note_later
from mindhaven.protocol.chain import ChainState, ItemState, Judged, RuleError, begin, judge
from mindhaven.protocol.collection import Commit, Erase, History, Members, Open, Put, Rejoin, Snapshot
from mindhaven.protocol.snapshot import LiveList
from mindhaven.vault.model import (
    ENVELOPE_BITS,
    MAX_COLLECTIONS,
    MAX_STORED_BYTES,
    CollectionCreated,
    CollectionErased,
    CollectionOpened,
    CollectionPulled,
    CollectionPushed,
    CollectionRekeyed,
    CollectionRow,
    Landed,
    Overtaken,
    Pushed,
    PushRefused,
    StoredItem,
)
from mindhaven.vault.peppers import SaltKeys
from mindhaven.vault.store import (
    Everything,
    Shelf,
    ShelfChange,
    Snapshots,
    SnapshotsChange,
    Vault,
    VaultChange,
    Windows,
)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the store knows of the items that a commit touches."""

    items: dict[bytes, StoredItem]
    live: Collection[int]
    stated: frozenset[tuple[bytes, int]]
    hashes: dict[int, bytes | None] = field(default_factory=dict)

    def item(self, item: bytes) -> ItemState | None:
        found = self.items.get(item)
        return None if found is None else found.state

    def live_epochs(self) -> Collection[int]:
        return self.live

    def key_stated(self, uid: bytes, key_id: int) -> bool:
        return (uid, key_id) in self.stated

    def commit_hash(self, seq: int) -> bytes | None:
        return self.hashes.get(seq)


async def _stated(work: Work, pushed: Pushed) -> frozenset[tuple[bytes, int]]:
    """Return the keys, of those that a commit wraps to, which their accounts state."""
    directory = Directory(work)
    wanted = {(entry.uid, entry.key_id) for entry in pushed.commit.wraps}
    return frozenset([one for one in sorted(wanted) if await directory.signing(*one) is not None])


async def create(
    work: Work, *, pushed: Pushed, salt_keys: SaltKeys, pepper: Pepper, moving: bool = False
) -> Landed | Overtaken | Denied:
    """Begin a collection with its genesis."""
    author = pushed.commit.author
    if await Shelf(work, PersonScope(uid=author)).count() >= MAX_COLLECTIONS:
        return Denied("too-many-collections", f"One account owns at most {MAX_COLLECTIONS} collections.")
    store = VaultChange(work, MemberScope(collection=pushed.commit.collection, uid=author))
    existing = await store.collection()
    if existing is not None:
        if await store.commit_at(existing.no, 0) == pushed.hash:
            return Landed(seq=existing.seq, head=existing.head)
        return Denied("collection-exists", "A collection with this id is already here.")
    if not all(isinstance(change, Put | Open) for change in pushed.commit.changes[1:]):
        return Denied("genesis-changes", "A collection begins with its owner alone; who else may come follows.")
    mine = await store.ended()
    if mine is not None and not (moving and mine):
        return Denied("collection-ended", "The owner of this collection erased it here; it does not come back.")
    try:
        judged = begin(pushed.signed, pushed.commit, _Facts({}, (), await _stated(work, pushed)))
    except RuleError as error:
        return Denied(error.reason, error.message, error.hint)
    row = await store.create(head=bytes(32), state=b"", moving=moving)
    generation = await store.newest_generation()
    await store.add_pepper(row.no, 1, salt_keys.wrap(generation, row.id, 1, pepper), generation)
    work.record(CollectionCreated(subject=author, collection=row.id, head=pushed.hash))
    return await _land(work, store, row, pushed, judged, {}, pepper)


async def push(
    work: Work,
    *,
    pushed: Pushed,
    salt_keys: SaltKeys,
    consents: frozenset[bytes | None] = frozenset(),
    by: bytes | None = None,
    ends_consent: bool = False,
    fresh: bool = False,
    clinic: bool = False,
    offered: bool = False,
) -> Landed | Overtaken | Denied:
    """Land one commit and its envelopes, all or nothing; a repeat of a landed commit is told where it stands.

    `consents` are the hashes of consents that were verified with this commit; `by` is who brings it (else its author);
    `clinic`: the author is a clinician here, who may name a processing entry in the place of a consent;
    `offered`: it landed here before, and a restore lost it; the caller has seen that the window is open, and ends the
    consents that it ends.
    `ends_consent`: the caller ends, in the same work, the consents of whoever loses access. `fresh`: the items are
    taken to be new without looking; where one is not, the table's own key refuses it (`ConstraintViolatedError`), and
    the caller runs the work again looking. Looking for what is not there would meet, on PostgreSQL, everybody else who
    inserts nearby.
    """
    commit = pushed.commit
    store = VaultChange(work, MemberScope(collection=commit.collection, uid=by or commit.author))
    row = await store.collection()
    if row is None:
        return Denied("collection-unknown", "This collection is not here, or not shared with you.")
    if by is not None and not offered and not (row.moving and row.owner == by):
        return Denied("not-moving", "This collection lives here already: old commits can't be brought any more.")
    if (commit.seq, commit.prev) != (row.seq + 1, row.head):
        if commit.seq <= row.seq and await store.commit_at(row.no, commit.seq) == pushed.hash:
            return Landed(seq=row.seq, head=row.head)
        return Overtaken(seq=row.seq)
    wanted = [] if fresh else [change.item for change in commit.changes if isinstance(change, Put | Erase)]
    items = await store.items(row.no, wanted) if wanted else {}
    grants = [change for change in commit.changes if isinstance(change, Members)]
    if any(change.consent is not None and change.consent not in consents for change in grants):
        return _refuse(work, pushed, row, Denied("consent-elsewhere", "A grant is written together with its consent."))
    if (
        by is None
        and any(change.settings.processing_entry and change.consent is None for change in grants)
        and not clinic
    ):
        return _refuse(work, pushed, row, Denied("entry-not-yours", "Only a practice shares without a consent."))
    live = await store.live_epochs(row.no) if grants else ()
    rejoins = [change.seq for change in commit.changes if isinstance(change, Rejoin)]
    if rejoins and not (await Windows(work, HostScope(reason="rejoin")).window()).open(work.now):
        return _refuse(work, pushed, row, Denied("rejoin", "A collection is rejoined only after a restore."))
    hashes = {seq: await store.commit_at(row.no, seq) for seq in rejoins}
    try:
        before = replace(ChainState.decode(row.state), seq=row.seq, head=row.head)
        judged = judge(before, pushed.signed, commit, _Facts(items, live, await _stated(work, pushed), hashes))
    except RuleError as error:
        return _refuse(work, pushed, row, Denied(error.reason, error.message, error.hint))
    if judged.state.owner != before.owner and by is None:
        denied = await _may_take_over(work, before, judged.state.owner)
        if denied is not None:
            return _refuse(work, pushed, row, denied)
    if set(before.members) - set(judged.state.members) and not ends_consent and by is None:
        return _refuse(work, pushed, row, Denied("revoke-elsewhere", "Ending access ends its consent: send it there."))
    if row.moving and by is None:
        await store.end_moving(row.no)
    blobs = {blob for put in pushed.puts for blob in put.blobs}
    snapshot = [change.root for change in commit.changes if isinstance(change, Snapshot)]
    pieces = await _pieces(work, row, commit, snapshot[-1]) if snapshot else frozenset()
    if snapshot and not pieces and by is None:
        return Denied("snapshot-missing", "A piece of the snapshot is not here yet.", "Send all its pieces first.")
    if by is None and blobs and await store.blobs(row.no, sorted(blobs)) != blobs:
        return Denied("blob-missing", "A part of an attachment is not here yet.", "Send all its parts first.")
    if row.stored_bytes > MAX_STORED_BYTES and pushed.puts:
        return Denied("collection-full", "This collection is as large as this server allows.")
    generation, wrapped = (await store.peppers(row.no))[row.pepper]
    pepper = salt_keys.unwrap(generation, row.id, row.pepper, wrapped)
    landed = await _land(work, store, row, pushed, judged, items, pepper, before.signed_keys)
    if pieces and isinstance(landed, Landed):
        scope = MemberScope(collection=row.id, uid=commit.author)
        await SnapshotsChange(work, scope).stand(row.no, commit.seq, snapshot[-1], pieces)
    return landed


async def _pieces(work: Work, row: CollectionRow, commit: Commit, root: bytes) -> frozenset[bytes]:
    """Return the hashes of a snapshot's list and parts if all of them are here; none otherwise.

    Raises `IntegrityError` if the list is malformed, or of another place than the commit's.
    """
    pieces = Snapshots(work, MemberScope(collection=row.id, uid=commit.author))
    data = await pieces.piece(row.no, root)
    if data is None:
        return frozenset()
    listed = LiveList.decode(data, root=root)
    listed.check_place(commit)
    here = await pieces.there(row.no, listed.parts)
    return frozenset({root, *listed.parts}) if here == set(listed.parts) else frozenset()


async def _may_take_over(work: Work, before: ChainState, uid: bytes) -> Denied | None:
    """Return why a collection may not be handed to `uid`: who gets one has written in it, and has room for it."""
    if uid not in before.signed_keys:
        return Denied("owner-silent", "Who takes a collection over has written in it before.")
    if await Shelf(work, PersonScope(uid=uid)).count() >= MAX_COLLECTIONS:
        return Denied("too-many-collections", f"One account owns at most {MAX_COLLECTIONS} collections.")
    return None


def _refuse(work: Work, pushed: Pushed, row: CollectionRow, denied: Denied) -> Denied:
    work.record(PushRefused(subject=row.owner, collection=row.id, by=pushed.commit.author, reason=denied.reason))
    return denied


async def _land(
    work: Work,
    store: VaultChange,
    row: CollectionRow,
    pushed: Pushed,
    judged: Judged,
    items: dict[bytes, StoredItem],
    pepper: Pepper,
    before_keys: Collection[bytes] = (),
) -> Landed | Overtaken:
    commit, state = pushed.commit, judged.state
    first_by_author = commit.author not in before_keys
    first = (row.no << ENVELOPE_BITS) + row.next_envelope
    sent = [item for item in pushed.items if item is not None]
    size = sum(len(envelope) for envelope, _ in sent)
    count = len(pushed.items)
    if not await store.move_head(row, seq=commit.seq, head=pushed.hash, envelopes=count, size=size):
        return Overtaken(seq=row.seq)
    salts = b"".join(bytes(32) if item is None else item[1] for item in pushed.items)
    masked = mask_salts(pepper, pushed.hash, salts) if sent else b""
    rows = _rows(pushed, judged, items, first)
    await store.add_commit(
        row.no,
        (commit.seq, pushed.hash, pushed.signed.encode(), first, count),
        [(first + n, item[0]) for n, item in enumerate(pushed.items) if item is not None],
        [
            (first + n, row.pepper, masked[32 * n : 32 * n + 32])
            for n, item in enumerate(pushed.items)
            if item is not None
        ],
        rows,
        items,
    )
    orphans = await _let_go(store, row, pushed, judged, items, rows, first)
    await note_later(work, erased_marks(commit))
    if not commit.fast or commit.seq == 0 or first_by_author:
        await store.set_state(row.no, state.owner, state.encode())
    if not commit.fast or commit.seq == 0:
        await store.set_members(row.no, [(m.uid, int(m.role), m.since, m.until) for m in state.members.values()])
    _record(work, row, pushed, judged)
    return Landed(seq=commit.seq, head=pushed.hash, orphans=tuple(orphans))


def erased_marks(commit: Commit) -> list[str]:
    """Return what the journal of erasures remembers of a commit."""
    return [item_mark(commit.collection, change.item) for change in commit.changes if isinstance(change, Erase)]


def _rows(
    pushed: Pushed, judged: Judged, items: dict[bytes, StoredItem], first: int
) -> list[tuple[bytes, ItemState, int]]:
    """Return (item, state after the commit, row of its newest envelope) of the items that a commit touches."""
    newest = {put.item: first + n for n, put in enumerate(pushed.puts)}
    return [
        (item, state, newest.get(item, items[item].envelope if item in items else 0))
        for item, state in judged.items.items()
    ]


async def _let_go(
    store: VaultChange,
    row: CollectionRow,
    pushed: Pushed,
    judged: Judged,
    items: dict[bytes, StoredItem],
    rows: list[tuple[bytes, ItemState, int]],
    first: int,
) -> list[bytes]:
    """Drop what a commit superseded or erased, note whose its blobs are; return the blobs that no item holds now."""
    if not items and len(judged.items) == len(pushed.puts) == len(pushed.commit.changes):
        # Nothing but new items, each put once: nothing is superseded, and no blob is let go.
        await store.link_blobs(row.no, [(blob, put.item) for put in pushed.puts for blob in put.blobs])
        return []
    drop = judged.state.settings.history is History.DROP
    kept = {envelope for item, state, envelope in rows if not state.erased}
    gone = [found.envelope for item, found in items.items() if judged.items[item].erased or drop]
    for index, put in enumerate(pushed.puts):
        if first + index not in kept and (drop or judged.items[put.item].erased):
            gone.append(first + index)
    if gone:
        await store.drop_envelopes(row.no, sorted(set(gone)))
    links = [(blob, put.item) for put in pushed.puts for blob in put.blobs]
    if links:
        await store.link_blobs(row.no, links)
    orphans: list[bytes] = []
    for item, state in judged.items.items():
        if state.erased:
            orphans += await store.unlink_blobs(row.no, item, ())
        elif item in items and drop:
            kept_blobs = [blob for put in pushed.puts if put.item == item for blob in put.blobs]
            orphans += await store.unlink_blobs(row.no, item, kept_blobs)
    return orphans


def _record(work: Work, row: CollectionRow, pushed: Pushed, judged: Judged) -> None:
    commit = pushed.commit
    puts = sum(isinstance(change, Put) for change in commit.changes)
    erases = sum(isinstance(change, Erase) for change in commit.changes)
    kind = CollectionPushed if commit.fast else CollectionRekeyed
    told: dict[bytes, None] = {judged.state.owner: None, commit.author: None}
    if not commit.fast:
        told |= dict.fromkeys(judged.state.members)
    for subject in told:
        work.record(
            kind(
                subject=subject,
                collection=row.id,
                by=commit.author,
                seq=commit.seq,
                head=pushed.hash,
                puts=puts,
                erases=erases,
            )
        )


async def members(look: Look, *, collection: bytes, uid: bytes) -> tuple[set[bytes], bytes]:
    """Return the uids of all members of a collection and its owner's, if `uid` is a member; else nobody."""
    return await Vault(look, MemberScope(collection=collection, uid=uid)).members()


async def heads(look: Look, *, collections: Sequence[bytes]) -> dict[bytes, tuple[int, set[bytes]]]:
    """Return each collection's newest seq, and the uids of those who may hear of it today."""
    found: dict[bytes, tuple[int, set[bytes]]] = {}
    for collection, seq, uid in await Everything(look, HostScope(reason="live")).heads(collections, look.now // 86400):
        found.setdefault(collection, (seq, set()))[1].add(uid)
    return found


async def note_pull(
    work: Work, *, collection: bytes, uid: bytes, session: bytes, first: int, last: int
) -> Denied | None:
    """Record that a member is about to be given commits; committed before the first byte leaves."""
    store = VaultChange(work, MemberScope(collection=collection, uid=uid))
    member = await store.membership()
    if member is None:
        return Denied("collection-unknown", "This collection is not here, or not shared with you.")
    no, owner, *_ = member
    day = work.now // 86400
    if owner == uid and not await store.first_today(no, session, day):
        return None
    work.record(CollectionPulled(subject=owner, collection=collection, by=uid, session=session, first=first, last=last))
    return None


async def note_opened(work: Work, *, collection: bytes, uid: bytes, session: bytes) -> Denied | None:
    """Record what a reader's app reports: that it showed a collection. Once a device and day; an owner's is nothing."""
    store = VaultChange(work, MemberScope(collection=collection, uid=uid))
    member = await store.membership()
    if member is None:
        return Denied("collection-unknown", "This collection is not here, or not shared with you.")
    no, owner, *_, until = member[:6]
    day = work.now // 86400
    if 0 < until < day:
        return Denied("share-ended", "This share has ended.")
    if owner != uid and await store.first_today(no, session, day):
        work.record(CollectionOpened(subject=owner, collection=collection, by=uid, session=session))
    return None


async def held(look: Look, *, uid: bytes) -> list[int]:
    """Return the days (since 1970 UTC) until which the law keeps collections of a person, of those still to come."""
    today = look.now // 86400
    until = [
        ChainState.decode(row.state).settings.hold_until for row in await Shelf(look, PersonScope(uid=uid)).owned()
    ]
    return [day for day in until if day > today]


async def erase_owned(work: Work, *, uid: bytes) -> list[tuple[bytes, list[bytes]]]:
    """Erase every collection of a person; return each id with the blobs whose bytes must go."""
    gone = []
    for row in await Shelf(work, PersonScope(uid=uid)).owned():
        store = VaultChange(work, MemberScope(collection=row.id, uid=uid))
        gone.append((row.id, await store.erase(row.no)))
        await note_later(work, [collection_mark(row.id)])
        work.record(CollectionErased(subject=uid, collection=row.id, head=row.head))
    return gone


async def forget_member(work: Work, *, uid: bytes) -> None:
    """Forget where a person was a member; the chains themselves stay as they were signed."""
    await ShelfChange(work, PersonScope(uid=uid)).forget()


async def move_in(
    work: Work, *, pushes: list[Pushed], by: bytes, salt_keys: SaltKeys, pepper: Pepper
) -> Landed | Denied:
    """Take commits of a collection that moves house, in order, byte for byte, on top of what is already here."""
    landed: Landed | Overtaken | Denied = Denied("moving-empty", "Nothing was brought.")
    for pushed in pushes:
        if pushed.commit.seq == 0:
            if pushed.commit.author != by:
                return Denied("not-the-owner", "A collection is brought by the one who began it.")
            landed = await create(work, pushed=pushed, salt_keys=salt_keys, pepper=pepper, moving=True)
        else:
            consents = [change.consent for change in pushed.commit.changes if isinstance(change, Members)]
            landed = await push(work, pushed=pushed, salt_keys=salt_keys, by=by, consents=frozenset(consents))
        if isinstance(landed, Overtaken):
            return Denied("moving-order", "These commits do not follow what is already here.")
        if isinstance(landed, Denied):
            raise InvalidInputError(landed.message, code=landed.reason)
    return landed if isinstance(landed, Denied | Landed) else Denied("moving-order", "Out of order.")


async def erase_collection(work: Work, *, collection: bytes, uid: bytes) -> list[bytes] | Denied:
    """Erase one collection whole, by its owner; the consents for it end."""
    store = VaultChange(work, MemberScope(collection=collection, uid=uid))
    row = await store.collection()
    if row is None or row.owner != uid:
        return Denied("collection-unknown", "This collection is not here, or not yours.")
    hold = ChainState.decode(row.state).settings.hold_until
    if work.now // 86400 < hold:
        return Denied("on-hold", "The law keeps these records until a later day.")
    blobs = await store.erase(row.no)
    await note_later(work, [collection_mark(collection)])
    await consent.end(work, grantor=uid, collection=collection, recipients=None, why="erased")
    work.record(CollectionErased(subject=uid, collection=collection, head=row.head))
    return blobs
