"""The operations of vault: parse, verify, act, render. Bodies are CBOR; see spec/collection.md and spec/transfer.md."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindhaven.accounts import Directory, SignedIn, Signing
from mindhaven.crypto.encoding import decode, encode, encode_trusted
from mindhaven.crypto.peppers import Pepper, mask_salts, unwrap_pepper
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import (
    CBOR,
    Answer,
    Body,
    ConstraintViolatedError,
    Denied,
    Host,
    Look,
    MemberScope,
    Operation,
    PersonScope,
    Request,
    Row,
)
from mindhaven.protocol import shape
from mindhaven.protocol.attachment import BLOB_BYTES, blob_hash
from mindhaven.protocol.chain import HeadError, verify_signed
from mindhaven.protocol.collection import TYPE, Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import MAX_ENVELOPE_BYTES, envelope_hash, salt_hash
from mindhaven.vault import service
from mindhaven.vault.model import (
    MAX_PULL_BYTES,
    MAX_PULL_COMMITS,
    MAX_PUSH_BYTES,
    MAX_STORED_BYTES,
    BlobFetched,
    Landed,
    Overtaken,
    Pushed,
)
from mindhaven.vault.peppers import load_salt_key
from mindhaven.vault.store import Shelf, Vault, VaultChange
from mindhaven.wire import vault as wire

_SECONDS_A_DAY: Final = 86400
_FIRST_COMMITS: Final = 8
_ENDED: Final = Denied("share-ended", "This share has ended.")
_UNKNOWN: Final = Denied("collection-unknown", "This collection is not here, or not shared with you.")


def salt_key(host: Host) -> SealKey:
    """Return the host's salt key."""
    return load_salt_key(Path(host.settings["server.data"]))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A push as parsed, nothing of it verified yet."""

    commit: Commit
    signed: Signed
    items: list[Any]


def parse_push(value: object) -> Parsed:
    """Parse `[signed commit, [[envelope, salt] or null, ...]]`: one entry for each put, in order."""
    raw, items = shape.fields(value, 2, "A push")
    signed = Signed.of(raw)
    commit = Commit.decode(signed.body)
    return Parsed(commit, signed, shape.items(items, "The items", most=len(commit.changes)))


def verify_items(parsed: Parsed, *, session: bytes) -> Pushed:
    """Check each envelope and salt against the hashes that the commit names."""
    puts = tuple([change for change in parsed.commit.changes if type(change) is Put])
    if len(puts) != len(parsed.items):
        raise InvalidInputError("A push brings one item for each put.", code="push-items")
    items: list[tuple[bytes, bytes] | None] = []
    for put, item in zip(puts, parsed.items, strict=True):
        if item is None:
            items.append(None)
            continue
        envelope, salt = shape.fields(item, 2, "An item")
        shape.raw(envelope, "An envelope", most=MAX_ENVELOPE_BYTES)
        if envelope_hash(envelope) != put.envelope_hash:
            raise IntegrityError("An envelope is not the one that the commit names.", code="envelope-mismatch")
        if salt_hash(shape.raw(salt, "A salt", length=32)) != put.salt_hash:
            raise IntegrityError("A salt is not the one that the commit names.", code="salt-mismatch")
        items.append((envelope, salt))
    return Pushed(
        commit=parsed.commit,
        signed=parsed.signed,
        hash=parsed.signed.hash(TYPE),
        puts=puts,
        items=tuple(items),
        session=session,
    )


async def verify_push(host: Host, me: SignedIn, parsed: Parsed, *, signing: Signing | None) -> Pushed | Denied:
    """Verify author, key (`signing`, as its account states it), day and hashes of a push, before any work begins."""
    commit = parsed.commit
    if commit.author != me.uid:
        return Denied("not-the-author", "A commit is pushed by its author.")
    if not me.finished:
        return Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")
    if abs(commit.day - host.clock() // _SECONDS_A_DAY) > 1:
        return Denied("day-off", "The commit's day is more than one off this server's.", "Set this device's clock.")
    if signing is None or signing.newest != commit.key_id:
        return Denied("key-replaced", "This commit is signed with a key that was replaced.", "Open a way in here.")
    verify_signed(parsed.signed, commit, signing.keys.signing, statement=signing.statement)
    if None in parsed.items:
        raise InvalidInputError("A push brings every envelope that it names.", code="push-items")
    return verify_items(parsed, session=me.session)


async def create(host: Host, request: Request) -> Answer | Denied:
    """Begin a collection."""
    parsed = parse_push(decode(request.body))
    signing = await _signing(host, parsed.commit.author, parsed.commit.key_id)
    pushed = await verify_push(host, request.session, parsed, signing=signing)
    if isinstance(pushed, Denied):
        return pushed
    key, pepper = salt_key(host), Pepper(host.random(32))
    try:
        landed = await host.db.act(
            request.session.actor,
            lambda work: service.create(work, pushed=pushed, salt_key=key, pepper=pepper),
            upkeep="a repeated or refused genesis",
        )
    except HeadError as error:
        raise InvalidInputError(error.message, code=error.reason) from error
    if isinstance(landed, Overtaken):
        return Denied("collection-exists", "A collection with this id is already here.")
    return landed if isinstance(landed, Denied) else _landed(landed)


def _landed(landed: Landed) -> Answer:
    return Answer(body=encode([landed.seq, landed.head]))


async def push(host: Host, request: Request) -> Answer | Denied:
    """Land one commit, or answer 409 with the commits that are missing."""
    taken = await take_push(host, request, decode(request.body))
    if not isinstance(taken, Pushed):
        return taken
    key, why = salt_key(host), "a repeated, refused or overtaken push"
    try:
        landed = await host.db.act(
            request.session.actor,
            lambda work: service.push(work, pushed=taken, salt_key=key, fresh=taken.all_new),
            upkeep=why,
        )
    except ConstraintViolatedError:
        landed = await host.db.act(
            request.session.actor, lambda work: service.push(work, pushed=taken, salt_key=key), upkeep=why
        )
    return await answer(host, request.session, taken.commit, landed)


async def take_push(host: Host, request: Request, value: object) -> Pushed | Answer | Denied:
    """Parse and verify a push to the addressed collection; answer at once if it was overtaken or had landed."""
    me: SignedIn = request.session
    parsed = parse_push(value)
    if parsed.commit.collection != request.params["collection"]:
        return Denied("collection-differs", "The commit is of another collection than the address.")
    commit = parsed.commit

    async def read(look: Look) -> tuple[Row | None, bytes | None, Signing | None]:
        vault = Vault(look, MemberScope(collection=commit.collection, uid=me.uid))
        member = await vault.membership()
        if member is None:
            return None, None, None
        if commit.seq <= member[2]:
            return member, await vault.commit_at(member[0], commit.seq), None
        return member, None, await Directory(look).signing(commit.author, commit.key_id)

    member, there, signing = await host.db.look(read)
    if member is None:
        return _UNKNOWN
    if there is not None and there == parsed.signed.hash(TYPE):
        return _landed(Landed(seq=member[2], head=member[3]))
    if (commit.seq, commit.prev) != (member[2] + 1, member[3]):  # told at once: cheaper than its signature
        return await answer(host, me, commit, Overtaken(seq=member[2]))
    return await verify_push(host, me, parsed, signing=signing)


async def answer(host: Host, me: SignedIn, commit: Commit, landed: Landed | Overtaken | Denied) -> Answer | Denied:
    """Render the outcome of a push; a conflict carries the missing commits, so that one retry suffices."""
    if isinstance(landed, Denied):
        return landed
    if isinstance(landed, Landed):
        await drop_blobs(host, commit.collection, list(landed.orphans))
        return _landed(landed)
    since = min(commit.seq - 1, landed.seq)
    page = await read_page(host, me, commit.collection, since=since)
    if isinstance(page, Denied):
        return page
    return Answer(body=page, status=409, media="application/cbor")


async def move_in(host: Host, request: Request) -> Answer | Denied:
    """Take `[[signed, [[envelope, salt] or null, ...]], ...]` of a collection that moves house, in order."""
    me: SignedIn = request.session
    if not me.finished:
        return Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")
    pushes = []
    for entry in shape.items(decode(request.body), "The commits", most=MAX_PULL_COMMITS):
        parsed = parse_push(entry)
        commit = parsed.commit
        if commit.collection != request.params["collection"]:
            return Denied("collection-differs", "A commit is of another collection than the address.")
        if commit.day > host.clock() // _SECONDS_A_DAY + 1:
            return Denied("day-off", "A commit's day is in the future.")
        signing = await _signing(host, commit.author, commit.key_id)
        if signing is None:
            return Denied("author-unknown", "Bring the chains of all authors first.")
        verify_signed(parsed.signed, commit, signing.keys.signing, statement=signing.statement)
        pushes.append(verify_items(parsed, session=me.session))
    key, pepper = salt_key(host), Pepper(host.random(32))
    landed = await host.db.act(
        me.actor,
        lambda work: service.move_in(work, pushes=pushes, by=me.uid, salt_key=key, pepper=pepper),
        upkeep="a repeated or refused move",
    )
    return landed if isinstance(landed, Denied) else _landed(landed)


async def _signing(host: Host, uid: bytes, generation: int) -> Signing | None:
    return await host.db.look(lambda look: Directory(look).signing(uid, generation))


# -- pull


async def read_page(host: Host, me: SignedIn, collection: bytes, *, since: int) -> bytes | Denied:
    """Return one page after `since`: CBOR [head seq, head, [[signed, [[envelope, salt] or null, ...]], ...]].

    The pull is recorded and committed before this returns, unless there is nothing new.
    """
    key = salt_key(host)

    async def read(look: Look) -> tuple[Row, list[Row], list[Row], int, dict[int, bytes]] | Denied:
        vault = Vault(look, MemberScope(collection=collection, uid=me.uid))
        member = await vault.membership()
        if member is None:
            return _UNKNOWN
        if 0 < member[5] < look.now // _SECONDS_A_DAY:
            return _ENDED
        if since >= member[2]:
            return member, [], [], 0, {}
        commits = await _page_commits(vault, member[0], since)
        last = await _page_end(vault, commits)
        rows = await vault.envelopes(commits[0][3], last) if last > commits[0][3] else []
        return member, commits, rows, last, await vault.peppers(member[0])

    found = await host.db.look(read)
    if isinstance(found, Denied):
        return found
    member, commits, rows, last, wrapped = found
    if not commits:
        return encode([member[2], member[3], []])
    peppers = {n: unwrap_pepper(key, collection, n, box) for n, box in wrapped.items()}
    entries, last_seq = _entries(commits, rows, last, peppers)
    denied = await host.db.act(
        me.actor,
        lambda work: service.note_pull(
            work, collection=collection, uid=me.uid, session=me.session, first=commits[0][0], last=last_seq
        ),
        upkeep="the owner's later pull of a day",
    )
    return denied or encode_trusted([member[2], member[3], entries])


async def _page_commits(vault: Vault, no: int, since: int) -> list[Row]:
    """Return the commits after `since` that a page may hold: a few at first, since each may be large, then more."""
    commits: list[Row] = []
    size = envelopes = 0
    step = _FIRST_COMMITS
    while len(commits) < MAX_PULL_COMMITS and size <= MAX_PULL_BYTES and envelopes <= wire.MAX_PULL_ENVELOPES:
        more = await vault.commits(no, since=commits[-1][0] if commits else since, limit=step)
        commits += more
        if len(more) < step:
            break
        size += sum(len(row[2]) for row in more)
        envelopes = commits[-1][3] + commits[-1][4] - commits[0][3]
        step *= 2
    return commits[:MAX_PULL_COMMITS]


async def _page_end(vault: Vault, commits: list[Row]) -> int:
    """Return the row before which a page's envelopes end: its first commit whole, then up to a page's bytes."""
    first, least = commits[0][3], commits[0][3] + commits[0][4]
    last: int = min(commits[-1][3] + commits[-1][4], max(least, first + wire.MAX_PULL_ENVELOPES))
    if last == least or await vault.size(first, last) <= MAX_PULL_BYTES:
        return last
    size = 0
    for row, length in await vault.sizes(first, last):
        size += length
        if size > MAX_PULL_BYTES and row >= least:
            return int(row)
    return last


def _entries(commits: list[Row], rows: list[Row], last: int, peppers: dict[int, Pepper]) -> tuple[list[Any], int]:
    """Put commits and their envelopes, which end before row `last`, together, up to a page's bytes; at least one."""
    envelopes = {row[0]: row for row in rows}
    entries: list[Any] = []
    total = 0
    last_seq = commits[0][0]
    for seq, commit_hash, signed, first, count in commits:
        if entries and (total > MAX_PULL_BYTES or (count and first + count > last)):
            break
        masked = b"".join(
            (envelopes[first + n][3] or bytes(32)) if first + n in envelopes else bytes(32) for n in range(count)
        )
        numbers = {envelopes[first + n][2] for n in range(count) if first + n in envelopes} - {None}
        salts = {n: mask_salts(peppers[n], commit_hash, masked) for n in numbers if n in peppers}
        items: list[Any] = []
        for n in range(count):
            row = envelopes.get(first + n)
            if row is None or row[2] not in salts:
                items.append(None)
                continue
            items.append([row[1], salts[row[2]][32 * n : 32 * n + 32]])
            total += len(row[1])
        entries.append([decode(signed), items])
        total += len(signed)
        last_seq = seq
    return entries, last_seq


async def pull(host: Host, request: Request) -> bytes | Denied:
    """Give the commits after `since`, at most one page."""
    query: wire.PullQuery = request.query
    return await read_page(host, request.session, request.params["collection"], since=query.since)


async def collections(host: Host, request: Request) -> wire.Collections:
    """List the collections that one owns or is a member of, with their heads."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: Shelf(look, PersonScope(uid=me.uid)).collections())
    today = host.clock() // _SECONDS_A_DAY
    return wire.Collections(
        collections=[
            wire.CollectionShown(
                id=collection, seq=seq, head=head, owner=owner, role=role, since=since, until=until,
                active=until == 0 or today <= until,
            )
            for collection, seq, head, owner, role, since, until in rows
        ]
    )  # fmt: skip


async def erase(host: Host, request: Request) -> None | Denied:
    """Erase a collection whole."""
    me: SignedIn = request.session
    collection = request.params["collection"]
    gone = await host.db.act(
        me.actor,
        lambda work: service.erase_collection(work, collection=collection, uid=me.uid),
        upkeep="a refused erasure",
    )
    if isinstance(gone, Denied):
        return gone
    await drop_blobs(host, collection, gone)
    return None


async def drop_blobs(host: Host, collection: bytes, blobs: list[bytes]) -> None:
    """Delete the bytes of blobs that no item holds any more."""
    for blob in blobs:
        await host.blobs.delete(blob_key(collection, blob))


# -- blobs


def blob_key(collection: bytes, blob: bytes) -> str:
    """Return where a blob's bytes lie: scoped by its collection, so ids of others say nothing."""
    return f"{collection.hex()}{blob.hex()}"


def _ended(host: Host, member: Row) -> bool:
    """Return whether a membership's last day is over."""
    return bool(0 < member[5] < host.clock() // _SECONDS_A_DAY)


async def put_blob(host: Host, request: Request) -> None | Denied:
    """Take one part of an attachment; repeating it is harmless."""
    me: SignedIn = request.session
    collection, blob, data = request.params["collection"], request.params["blob"], request.body
    if blob_hash(data) != blob:
        raise IntegrityError("A part of an attachment is not the one that its address names.", code="blob-mismatch")
    member = await host.db.look(lambda look: Vault(look, MemberScope(collection=collection, uid=me.uid)).membership())
    if member is None:
        return _UNKNOWN
    if _ended(host, member):
        return _ENDED
    if member[4] < 2:
        return Denied("reader-writes", "A reader may not write.")
    if member[6] > MAX_STORED_BYTES:
        return Denied("collection-full", "This collection is as large as this server allows.")
    await host.blobs.put(blob_key(collection, blob), data)
    hour = host.clock() // 3600 * 3600
    await host.db.act(
        me.actor,
        lambda work: VaultChange(work, MemberScope(collection=collection, uid=me.uid)).add_blob(
            member[0], blob, len(data), hour
        ),
        upkeep="a part of an attachment, named by a commit later",
    )
    return None


async def get_blob(host: Host, request: Request) -> AsyncIterator[bytes] | Denied:
    """Give one part of an attachment."""
    me: SignedIn = request.session
    collection, blob = request.params["collection"], request.params["blob"]

    async def read(look: Look) -> tuple[Row | None, set[bytes]]:
        vault = Vault(look, MemberScope(collection=collection, uid=me.uid))
        member = await vault.membership()
        return member, set() if member is None else await vault.blobs(member[0], [blob])

    member, there = await host.db.look(read)
    if member is None:
        return _UNKNOWN
    if _ended(host, member):
        return _ENDED
    if not there:
        return Denied("blob-unknown", "This part of an attachment is not here.")
    if member[1] != me.uid:

        async def note(work: Any) -> None:
            work.record(BlobFetched(subject=member[1], collection=collection, by=me.uid, blob=blob))

        await host.db.act(me.actor, note)
    return host.blobs.read(blob_key(collection, blob))


def _op(name: str, method: str, path: str, run: Any, summary: str, **more: Any) -> Operation:
    who = more.pop("who", "session")
    return Operation(name=name, method=method, path=path, run=run, who=who, summary=summary, **more)


OPERATIONS: Final = (
    _op("collections", "GET", "/v1/collections", collections, "List collections and their heads",
        gives=wire.Collections),
    _op("collection_create", "POST", "/v1/collections", create, "Begin a collection", takes=Body, gives=bytes,
        max_body_bytes=MAX_PUSH_BYTES, refuses=wire.PUSH_REFUSES),
    _op("collection_erase", "DELETE", "/v1/collections/{collection}", erase, "Erase a collection whole", who="slot-now",
        refuses={"collection-unknown": 404, "on-hold": 403}),
    _op("commits_push", "POST", "/v1/collections/{collection}/commits", push, "Push one commit", takes=Body,
        gives=bytes, max_body_bytes=MAX_PUSH_BYTES, refuses=wire.PUSH_REFUSES, answers={409: CBOR}),
    _op("commits_pull", "GET", "/v1/collections/{collection}/commits", pull, "Pull the commits after a seq",
        query=wire.PullQuery, gives=bytes, refuses={"collection-unknown": 404, "share-ended": 403}),
    _op("collection_move_in", "POST", "/v1/moving/{collection}", move_in, "Bring a collection that moves house",
        takes=Body, gives=bytes, max_body_bytes=MAX_PUSH_BYTES,
        refuses={**wire.PUSH_REFUSES, "author-unknown": 409, "moving-order": 409, "moving-empty": 400,
                 "not-moving": 409}),
    _op("blob_put", "PUT", "/v1/collections/{collection}/blobs/{blob}", put_blob, "Send a part of an attachment",
        takes=Body, media="application/octet-stream", max_body_bytes=BLOB_BYTES,
        refuses={"collection-unknown": 404, "reader-writes": 403, "share-ended": 403, "collection-full": 409}),
    _op("blob_get", "GET", "/v1/collections/{collection}/blobs/{blob}", get_blob, "Get a part of an attachment",
        gives=bytes, media="application/octet-stream",
        refuses={"collection-unknown": 404, "blob-unknown": 404, "share-ended": 403}),
)  # fmt: skip
