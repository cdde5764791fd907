"""Use cases of the ledger: logs grow, are signed, and prove. I/O: the store only."""

from collections.abc import Sequence

from mindhaven.accounts import AccountErased
from mindhaven.errors import ConflictError, IntegrityError
from mindhaven.kernel import HostScope, Look, Work
from mindhaven.kernel.openings import commitments, erase_openings, last_named, unnumbered
from mindhaven.ledger.model import FORGET_AT_ONCE, LogRow, OpeningsErased, Signed
from mindhaven.ledger.store import Logs, LogsChange
from mindhaven.protocol.event import HOST
from mindhaven.protocol.ledger import AUDIT, COVER_MULTIPLE
from mindhaven.tlog import tiles
from mindhaven.tlog.tiles import WIDTH, Tile
from mindhaven.tlog.tree import leaf_hash

SCOPE = HostScope(reason="the ledger")


async def need(logs: Logs, name: str) -> LogRow:
    """Return a log; the migration made all three."""
    row = await logs.log(name)
    assert row is not None
    return row


async def grow(work: Work, name: str, entries: Sequence[bytes], *, at: int | None = None) -> int:
    """Append entries to a log in this work; return its new size.

    `at` is the index that the first must get; raises `ConflictError` (log-moved) if the log is not that long.
    """
    store = LogsChange(work, SCOPE)
    log = await need(store, name)
    if at is not None and at != log.size:
        raise ConflictError("The log has another length than its reader's place.", code="log-moved")
    partial = tiles.edge_tiles(log.size)
    edge = await store.tiles(name, partial)
    changed = tiles.grow(log.size, edge, [leaf_hash(entry) for entry in entries])
    if not await store.resize(name, log.size, log.size + len(entries)):
        raise ConflictError("The log grew meanwhile.", code="log-moved")
    await store.put_tiles(name, changed, partial=partial)
    if name != AUDIT:
        await _bundle(store, log, entries)
    return log.size + len(entries)


async def _bundle(store: LogsChange, log: LogRow, entries: Sequence[bytes]) -> None:
    number, there = divmod(log.size, WIDTH)
    data = b"" if not there else (await store.bundle(log.name, number) or b"")
    written: dict[int, bytes] = {}
    for entry in entries:
        data += tiles.pack_bundle([entry])
        there += 1
        written[number] = data
        if there == WIDTH:
            number, there, data = number + 1, 0, b""
    await store.put_bundles(log.name, written)


async def forget(work: Work, *, subject: bytes, authority: str) -> None:
    """Let the openings of an erased account's events go, up to its erasure; the job does it in parts."""
    await LogsChange(work, SCOPE).ask_to_forget(subject, authority)


async def forget_some(work: Work) -> bool:
    """Erase some openings that were asked to go; return whether there may be more."""
    store = LogsChange(work, SCOPE)
    asked = await store.to_forget()
    if asked is None:
        return False
    subject, authority, before = asked
    last = await last_named(work, subject=subject, name=AccountErased.NAME)
    count = await erase_openings(work, subject=subject, last=last, limit=FORGET_AT_ONCE)
    done = count < FORGET_AT_ONCE and not await unnumbered(work, subject=subject, last=last)
    await store.forgot(subject, before + count, done=done)
    if done:
        work.record(OpeningsErased(subject=HOST, count=before + count, authority=authority))
    return done or count == FORGET_AT_ONCE


def shown_size(name: str, size: int) -> int:
    """Return how much of a log of `size` may be shown: `audit` shows full groups only."""
    return size - size % COVER_MULTIPLE if name == AUDIT else size


def covers(size: int) -> int:
    """Return how many cover entries fill a log up: to the next multiple, and one group more if nothing happened."""
    return COVER_MULTIPLE - size % COVER_MULTIPLE


async def root_at(look: Look, name: str, size: int) -> bytes:
    """Return a log's root at an earlier or its present size."""
    wanted = tiles.root(size)
    return wanted.value(await Logs(look, SCOPE).tiles(name, wanted.tiles))


async def keep_signed(work: Work, name: str, signed: Signed) -> None:
    """Store a checkpoint; raise `IntegrityError` (log-fork) rather than a second root of one size, or a smaller log."""
    store = LogsChange(work, SCOPE)
    log = await need(store, name)
    newest = await store.newest(name, public=False)
    same = await store.signed(name, signed.size)
    if (
        signed.size > log.size
        or (newest is not None and newest.size > signed.size)
        or (same is not None and same.root != signed.root)
        or await root_at(work, name, signed.size) != signed.root
    ):
        raise IntegrityError("This checkpoint would contradict one that was signed before.", code="log-fork")
    await store.put_signed(name, signed)


async def inclusion(look: Look, name: str, index: int, size: int) -> list[bytes]:
    """Return the inclusion proof of an entry in the log of `size`."""
    proof = tiles.inclusion(index, size)
    return proof.hashes(await Logs(look, SCOPE).tiles(name, proof.tiles))


async def piece(look: Look, name: str, named: Tile | int, width: int) -> bytes | None:
    """Return a tile or a bundle of a log at `width`, as far as a public checkpoint shows it; else None."""
    logs = Logs(look, SCOPE)
    public = await logs.newest(name, public=True)
    tile = Tile(0, named) if isinstance(named, int) else named
    if public is None or width > tiles.width_at(tile, public.size):
        return None
    if isinstance(named, Tile):
        data = (await logs.tiles(name, [named])).get(named)
        return None if data is None else data[: 32 * width]
    if name == AUDIT:
        first = named * WIDTH
        return tiles.pack_bundle(await commitments(look, first=first, after=first + width))
    data = await logs.bundle(name, named)
    return None if data is None else tiles.pack_bundle(tiles.read_bundle(data, width=width))
