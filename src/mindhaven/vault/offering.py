"""After a restore: what devices bring back. Each use case runs in one work; commits were verified by `api`.

Guarantees: nothing is taken outside the window that the operator opened; a commit is judged at its place by the rules
that every client judges by; what stands stays; nothing comes back of what the journal of erasures names (the caller
has taken it out, or says what it names). I/O: the store only. Implements spec/transfer.md steps 7, 8, 10 and 14.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode
from mindhaven.crypto.peppers import Pepper, mask_salts
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Denied, HostScope, Look, MemberScope, Row, Work
from mindhaven.protocol.collection import Commit, Members, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import envelope_hash, salt_hash
from mindhaven.protocol.event import HOST
from mindhaven.vault.model import (
    Attached,
    BlobGivenBack,
    CollectionOffered,
    Gap,
    Landed,
    Overtaken,
    Pushed,
    RecordsGivenBack,
    Window,
    WindowSet,
)
from mindhaven.vault.peppers import SaltKeys
from mindhaven.vault.service import create, push
from mindhaven.vault.store import Gaps, GapsChange, Vault, VaultChange, Windows, WindowsChange

CLOSED = Denied(
    "offer-closed", "Nothing that was lost is taken at this time.", "The people who run the server open a window."
)
_UNKNOWN = Denied("collection-unknown", "This collection is not here, or not shared with you.")
_ENDED: Final = Denied("share-ended", "This share has ended.")
SECONDS_A_DAY: Final = 86400


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A record that a device gives back, its lengths checked."""

    item: bytes
    revision: int
    envelope: bytes
    salt: bytes


async def window(look: Look) -> Window:
    """Return the window as it was last set."""
    return await Windows(look, HostScope(reason="window")).window()


async def set_window(work: Work, *, seconds: int) -> Window:
    """Open the window for `seconds` from now, or close it (0); a window that is open keeps when it was opened."""
    store = WindowsChange(work, HostScope(reason="window"))
    before = await store.window()
    opened = before.opened_at if before.open(work.now) and seconds else work.now
    after = Window(opened_at=opened, until=work.now + seconds)
    await store.set(after)
    work.record(WindowSet(subject=HOST, until=after.until))
    return after


async def take(
    work: Work, *, pushes: list[Pushed], by: bytes, salt_keys: SaltKeys, pepper: Pepper
) -> tuple[Landed, list[Pushed]] | Denied:
    """Take commits in order, byte for byte; return where the collection stands, and those that were not here."""
    if not (await window(work)).open(work.now):
        return CLOSED
    landed: Landed | None = None
    fresh: list[Pushed] = []
    orphans: list[bytes] = []
    collection = pushes[0].commit.collection
    store = VaultChange(work, MemberScope(collection=collection, uid=by))
    for pushed in pushes:
        row = await store.collection()
        if row is not None and pushed.commit.seq <= row.seq:
            if await store.commit_at(row.no, pushed.commit.seq) != pushed.hash:
                return _stop(fresh, Denied("offer-split", "Another commit stands here at that place."))
            landed = Landed(seq=row.seq, head=row.head)
            continue
        one = await _one(work, pushed, by, salt_keys, pepper)
        if isinstance(one, Overtaken):
            split = row is not None and pushed.commit.seq == row.seq + 1
            reason = "offer-split" if split else "offer-order"
            return _stop(fresh, Denied(reason, "What is offered does not follow what is here."))
        if isinstance(one, Denied):
            return _stop(fresh, one)
        landed, orphans = one, orphans + list(one.orphans)
        fresh.append(pushed)
    row = await store.collection()
    if landed is None or row is None:
        return Denied("offer-order", "Nothing was offered.")
    if fresh:
        first, last = fresh[0].commit.seq, fresh[-1].commit.seq
        work.record(CollectionOffered(subject=row.owner, collection=collection, by=by, first=first, last=last))
    return Landed(seq=landed.seq, head=landed.head, orphans=tuple(orphans)), fresh


async def _one(
    work: Work, pushed: Pushed, by: bytes, salt_keys: SaltKeys, pepper: Pepper
) -> Landed | Overtaken | Denied:
    if pushed.commit.seq == 0:
        if pushed.commit.author != by:
            return Denied("not-the-owner", "A collection is brought by the one who began it.")
        return await create(work, pushed=pushed, salt_keys=salt_keys, pepper=pepper)
    named = frozenset([change.consent for change in pushed.commit.changes if isinstance(change, Members)])
    return await push(work, pushed=pushed, salt_keys=salt_keys, consents=named, by=by, offered=True)


def _stop(fresh: list[Pushed], denied: Denied) -> Denied:
    """Refuse as a value if nothing was written yet; raise otherwise, so that the whole offer is undone."""
    if fresh:
        raise InvalidInputError(denied.message, hint=denied.hint, code=denied.reason)
    return denied


async def missing(look: Look, *, collection: bytes, uid: bytes, after: bytes, limit: int) -> list[Gap] | Denied:
    """Return which live records lack their envelope or salt here."""
    if not (await window(look)).open(look.now):
        return CLOSED
    scope = MemberScope(collection=collection, uid=uid)
    member = await Vault(look, scope).membership()
    return _UNKNOWN if member is None else await Gaps(look, scope).gaps(member[0], after=after, limit=limit)


async def give_back(
    work: Work, *, collection: bytes, by: bytes, given: list[Given], salt_keys: SaltKeys
) -> int | Denied:
    """Fill gaps with what has the hashes that the chain names; return how many. What is not missing is passed over."""
    if not (await window(work)).open(work.now):
        return CLOSED
    scope = MemberScope(collection=collection, uid=by)
    row = await VaultChange(work, scope).collection()
    if row is None:
        return _UNKNOWN
    store = GapsChange(work, scope)
    generation, wrapped = (await VaultChange(work, scope).peppers(row.no))[row.pepper]
    pepper = salt_keys.unwrap(generation, row.id, row.pepper, wrapped)
    envelopes: dict[int, bytes] = {}
    salts: dict[int, bytes] = {}
    for one in given:
        gap = await store.gap(row.no, one.item)
        if gap is None or gap.revision != one.revision:
            continue
        found = await store.commit_of(row.no, gap.row)
        if found is None:
            continue
        _, commit_hash, signed, first = found
        put = _put(signed, gap.row - first)
        if (envelope_hash(one.envelope), salt_hash(one.salt)) != (put.envelope_hash, put.salt_hash):
            raise IntegrityError("What is given back is not what the chain names.", code="envelope-mismatch")
        if gap.envelope:
            envelopes[gap.row] = one.envelope
        if gap.salt:
            salts[gap.row] = mask_salts(pepper, commit_hash, one.salt, first=gap.row - first)
    filled = len(envelopes.keys() | salts.keys())
    if filled:
        await store.fill(
            row.no, sorted(envelopes.items()), [(n, row.pepper, masked) for n, masked in sorted(salts.items())]
        )
        work.record(RecordsGivenBack(subject=row.owner, collection=collection, by=by, records=filled))
    return filled


async def attached(look: Look, *, collection: bytes, uid: bytes, after: bytes, limit: int) -> list[Attached] | Denied:
    """Return the live records that name parts of attachments, and which of those the store has a row of."""
    scope = MemberScope(collection=collection, uid=uid)
    no = await _standing(look, scope)
    if isinstance(no, Denied):
        return no
    store, vault = Gaps(look, scope), Vault(look, scope)
    found = []
    for item, revision, row in await store.attached(no, after=after, limit=limit):
        blobs = await _named(store, no, row)
        noted = frozenset(await vault.blobs(no, blobs)) if blobs else frozenset()
        found.append(Attached(item=item, revision=revision, blobs=blobs, noted=noted))
    return found


async def wants(
    look: Look, *, collection: bytes, uid: bytes, blob: bytes, erased: Callable[[bytes], bool]
) -> bool | Denied:
    """Return whether the store has a row of a part that a member brings back, or why the part is not taken.

    It is taken only if the newest revision of a live record names it; `erased` says which records the journal names.
    """
    scope = MemberScope(collection=collection, uid=uid)
    no = await _standing(look, scope)
    if isinstance(no, Denied):
        return no
    store = Gaps(look, scope)
    holders = [row for item, _, row in await store.holders(no, blob) if not erased(item)]
    if not any([blob in await _named(store, no, row) for row in holders]):
        return Denied("blob-unwanted", "No record that is here has this part.", "Attach the file to a new record.")
    return bool(await Vault(look, scope).blobs(no, [blob]))


async def take_part(
    work: Work, *, collection: bytes, by: bytes, blob: bytes, size: int, erased: Callable[[bytes], bool]
) -> Denied | None:
    """Note a part whose bytes were put in place, if it is still wanted.

    If it is not, its record was erased meanwhile: it is noted all the same, and swept like every part that no record
    names. Only where the collection is gone too (`collection-unknown`) the caller removes the bytes.
    """
    there = await wants(work, collection=collection, uid=by, blob=blob, erased=erased)
    store = VaultChange(work, MemberScope(collection=collection, uid=by))
    row = await store.collection()
    if row is None:
        return _UNKNOWN
    await store.add_blob(row.no, blob, size, work.now // 3600 * 3600)
    if isinstance(there, Denied):
        return there
    work.record(BlobGivenBack(subject=row.owner, collection=collection, by=by, blob=blob))
    return None


async def _standing(look: Look, scope: MemberScope) -> int | Denied:
    """Return the number of a collection whose member may ask and give in the window now, or why not."""
    if not (await window(look)).open(look.now):
        return CLOSED
    member: Row | None = await Vault(look, scope).membership()
    if member is None:
        return _UNKNOWN
    no, last_day = int(member[0]), int(member[5])
    return _ENDED if 0 < last_day < look.now // SECONDS_A_DAY else no


async def _named(store: Gaps, no: int, row: int) -> tuple[bytes, ...]:
    """Return the parts that the chain names for the envelope of `row`."""
    found = await store.commit_of(no, row)
    return () if found is None else _put(found[2], row - found[3]).blobs


def _put(signed: bytes, number: int) -> Put:
    changes = Commit.decode(Signed.of(decode(signed)).body).changes
    return [change for change in changes if isinstance(change, Put)][number]
