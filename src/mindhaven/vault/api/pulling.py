"""What a member is given: pages of commits, and the list of collections. Parse, act, render."""

from typing import Any, Final

from mindhaven.accounts import SignedIn
from mindhaven.crypto.encoding import decode, encode, encode_trusted
from mindhaven.crypto.peppers import Pepper, mask_salts
from mindhaven.kernel import (
    Denied,
    Host,
    Look,
    MemberScope,
    PersonScope,
    Request,
    Row,
)
from mindhaven.vault import offering, service
from mindhaven.vault.api.asking import ENDED, SECONDS_A_DAY, UNKNOWN, salt_keys
from mindhaven.vault.model import (
    MAX_PULL_BYTES,
    MAX_PULL_COMMITS,
    Window,
)
from mindhaven.vault.store import Shelf, Vault
from mindhaven.wire import vault as wire

_FIRST_COMMITS: Final = 8
"""Commits looked at first for a page: each may be as large as a push."""


async def read_page(host: Host, me: SignedIn, collection: bytes, *, since: int, bare: bool = False) -> bytes | Denied:
    """Return one page after `since`: CBOR [head seq, head, [[signed, [[envelope, salt] or null, ...]], ...]].

    `bare`: without envelopes and salts; the lists are empty.

    The pull is recorded and committed before this returns, unless there is nothing new.
    """
    keys = salt_keys(host)

    async def read(look: Look) -> tuple[Row, list[Row], list[Row], int, dict[int, tuple[int, bytes]]] | Denied:
        vault = Vault(look, MemberScope(collection=collection, uid=me.uid))
        member = await vault.membership()
        if member is None:
            return UNKNOWN
        if 0 < member[5] < look.now // SECONDS_A_DAY:
            return ENDED
        if since >= member[2]:
            return member, [], [], 0, {}
        commits = await _page_commits(vault, member[0], since)
        if bare:
            return member, [(seq, digest, signed, 0, 0) for seq, digest, signed, _, _ in commits], [], 0, {}
        last = await _page_end(vault, commits)
        rows = await vault.envelopes(commits[0][3], last) if last > commits[0][3] else []
        return member, commits, rows, last, await vault.peppers(member[0])

    found = await host.db.look(read)
    if isinstance(found, Denied):
        return found
    member, commits, rows, last, wrapped = found
    if not commits:
        return encode([member[2], member[3], []])
    peppers = {n: keys.unwrap(generation, collection, n, box) for n, (generation, box) in wrapped.items()}
    entries, last_seq = entries_of(commits, rows, last, peppers)
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


def entries_of(commits: list[Row], rows: list[Row], last: int, peppers: dict[int, Pepper]) -> tuple[list[Any], int]:
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
    return await read_page(host, request.session, request.params["collection"], since=query.since, bare=query.bare)


async def opened(host: Host, request: Request) -> Denied | None:
    """Take what a reader's app reports: that it showed this collection."""
    me: SignedIn = request.session
    return await host.db.act(
        me.actor,
        lambda work: service.note_opened(work, collection=request.params["collection"], uid=me.uid, session=me.session),
        upkeep="a later report of a day, or an owner's",
    )


async def collections(host: Host, request: Request) -> wire.Collections:
    """List the collections that one owns or is a member of, with their heads; a share that has ended is gone."""
    me: SignedIn = request.session
    today = host.clock() // SECONDS_A_DAY

    async def read(look: Look) -> tuple[list[Row], Window]:
        return await Shelf(look, PersonScope(uid=me.uid)).collections(today), await offering.window(look)

    rows, window = await host.db.look(read)
    taking = window if window.open(host.clock()) else Window()
    return wire.Collections(
        collections=[
            wire.CollectionShown(
                id=collection, seq=seq, head=head, owner=owner, role=role, since=since, until=until
            )
            for collection, seq, head, owner, role, since, until in rows
        ],
        offer_since=taking.opened_at,
        offer_until=taking.until,
    )  # fmt: skip
