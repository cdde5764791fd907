"""What a new device is given first: the owner's snapshot, its parts, and single commits. Parse, act, render."""

from typing import Final

from mindhaven.accounts import SignedIn
from mindhaven.crypto.encoding import decode, encode, encode_trusted
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import Denied, Host, Look, MemberScope, Request, Row
from mindhaven.protocol import shape
from mindhaven.protocol.collection import Role
from mindhaven.protocol.snapshot import part_hash, root
from mindhaven.vault import service
from mindhaven.vault.api.asking import ENDED, SECONDS_A_DAY, UNKNOWN, salt_keys
from mindhaven.vault.api.pulling import entries_of
from mindhaven.vault.model import MAX_PULL_BYTES, MAX_STORED_BYTES
from mindhaven.vault.store import Snapshots, SnapshotsChange, Vault

MAX_NAMED: Final = 500
"""Commits that are asked for by their places at once: a screen's worth many times over."""


async def _member(look: Look, scope: MemberScope) -> Row | Denied:
    member = await Vault(look, scope).membership()
    if member is None:
        return UNKNOWN
    return ENDED if 0 < member[5] < look.now // SECONDS_A_DAY else member


async def put_piece(host: Host, request: Request) -> None | Denied:
    """Take a list or a part from the owner, before the commit that names it; repeating it is harmless."""
    me: SignedIn = request.session
    collection, digest, data = request.params["collection"], request.params["piece"], request.body
    if digest not in {root(data), part_hash(data)}:
        raise IntegrityError("A piece of a snapshot is not the one that its address names.", code="snapshot-part")
    scope = MemberScope(collection=collection, uid=me.uid)
    member = await host.db.look(lambda look: _member(look, scope))
    if isinstance(member, Denied):
        return member
    if member[4] != Role.OWNER:
        return Denied("not-the-owner", "Only the owner makes a snapshot.")
    if member[6] > MAX_STORED_BYTES:
        return Denied("collection-full", "This collection is as large as this server allows.")
    await host.db.act(
        me.actor,
        lambda work: SnapshotsChange(work, scope).add(member[0], digest, data, work.now),
        upkeep="a piece of a snapshot, named by a commit later",
    )
    return None


async def get_piece(host: Host, request: Request) -> bytes | Denied:
    """Give a list or a part."""
    me: SignedIn = request.session
    collection, digest = request.params["collection"], request.params["piece"]
    scope = MemberScope(collection=collection, uid=me.uid)

    async def read(look: Look) -> bytes | Denied:
        member = await _member(look, scope)
        if isinstance(member, Denied):
            return member
        found = await Snapshots(look, scope).piece(member[0], digest)
        return found or Denied("snapshot-unknown", "This piece of a snapshot is not here.")

    return await host.db.look(read)


async def newest(host: Host, request: Request) -> bytes | Denied:
    """Give the newest snapshot: CBOR [signed commit that bears it, list]."""
    me: SignedIn = request.session
    scope = MemberScope(collection=request.params["collection"], uid=me.uid)

    async def read(look: Look) -> bytes | Denied:
        member = await _member(look, scope)
        if isinstance(member, Denied):
            return member
        store = Snapshots(look, scope)
        found = await store.newest(member[0])
        listed = None if found is None else await store.piece(member[0], found[1])
        if found is None or listed is None:
            return Denied("snapshot-unknown", "This collection has no snapshot.")
        ((_, _, signed, _, _),) = await store.commits_at(member[0], [found[0]])
        return encode([decode(signed), listed])

    return await host.db.look(read)


async def named(host: Host, request: Request) -> bytes | Denied:
    """Give the commits at the places `[[seq, ...], bare?]`, as a page's entries: as many as a page holds, in order.

    The pull is recorded and committed before the first byte leaves, as any other.
    """
    me: SignedIn = request.session
    collection = request.params["collection"]
    scope = MemberScope(collection=collection, uid=me.uid)
    asked, bare = shape.fields(decode(request.body), 2, "What is asked")
    if type(bare) is not bool or not asked:
        raise InvalidInputError("Which commits, and whether with what they sealed, is not said.", code="shape")
    seqs = [shape.number(one, "A seq") for one in shape.items(asked, "The places", most=MAX_NAMED)]
    keys = salt_keys(host)

    async def read(look: Look) -> list[object] | Denied:
        member = await _member(look, scope)
        if isinstance(member, Denied):
            return member
        vault = Vault(look, scope)
        wrapped = await vault.peppers(member[0])
        peppers = {n: keys.unwrap(generation, collection, n, box) for n, (generation, box) in wrapped.items()}
        found: list[object] = []
        size = 0
        for commit in await Snapshots(look, scope).commits_at(member[0], seqs):
            seq, digest, signed, first, count = commit
            rows = [] if bare or not count else await vault.envelopes(first, first + count)
            plain = (seq, digest, signed, first, 0 if bare else count)
            found += entries_of([plain], rows, first + count, peppers)[0]
            size += len(signed) + sum(len(row[1]) for row in rows)
            if size > MAX_PULL_BYTES:
                break
        return found

    entries = await host.db.look(read)
    if isinstance(entries, Denied):
        return entries
    if entries:
        denied = await host.db.act(
            me.actor,
            lambda work: service.note_pull(
                work, collection=collection, uid=me.uid, session=me.session, first=min(seqs), last=max(seqs)
            ),
            upkeep="the owner's later pull of a day",
        )
        if denied is not None:
            return denied
    return encode_trusted(entries)
