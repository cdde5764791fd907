"""What must hold at the end of a soak. Each check returns its faults; no fault, it passed."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import apsw
import asyncpg
from tests.soak.device import Device, Told

from mindhaven.crypto.encoding import decode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import MindhavenError
from mindhaven.protocol.collection import Commit, Put
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import SealedItem, open_item, read_header
from mindhaven.sdk import AsyncMindhaven
from mindhaven.tlog import tiles
from mindhaven.tlog.tiles import Tile
from mindhaven.wire.ids import to_text

SHOWN = 5
ALLOWED_AWAY = {"queue-full", "write-conflict", "closing", "commit-failed", "database-unreachable", "database-open"}
"""The documented reasons of a 503."""


def texts(client: AsyncMindhaven) -> Counter[str]:
    """Return how often each text stands on this device."""
    found = (one.record for one in client.entries(kind="mindhaven/mood"))
    return Counter(str(one.body["note"]) for one in found if one is not None)


def landed_once(told: Told, there: Counter[str]) -> list[str]:
    """Every acknowledged text stands exactly once, unless a later act on it took its place."""
    heirs: dict[str, list[str]] = {}
    for mark in told.marks.values():
        if mark.base is not None:
            heirs.setdefault(mark.base, []).append(mark.text)
    gone_items = {one.item for one in told.erasures}
    gone_texts = {one.text for one in told.erasures}

    def explained(text: str, seen: frozenset[str]) -> bool:
        mark = told.marks[text]
        if text in gone_texts or mark.item in gone_items:
            return True
        return any(
            heir not in seen and (there[heir] > 0 or explained(heir, seen | {heir})) for heir in heirs.get(text, ())
        )

    faults = [f"{text} stands {count} times" for text, count in there.items() if count > 1]
    faults += [f"{text} is of nobody" for text in there if text not in told.marks]
    for mark in told.marks.values():
        if mark.acked and not there[mark.text] and not explained(mark.text, frozenset({mark.text})):
            faults.append(f"{mark.text} was acknowledged and is lost")
    return faults


def erased_gone(told: Told, clients: Iterable[AsyncMindhaven]) -> list[str]:
    """No acknowledged erasure left its item behind."""
    live = {entry.item for client in clients for entry in client.entries()}
    return [f"{one.text} was erased and is there" for one in told.erasures if one.acked and one.item in live]


def same_chains(devices: Mapping[str, AsyncMindhaven]) -> list[str]:
    """Every device that holds a collection to its end holds the same commits; none is missing."""
    faults: list[str] = []
    chains: dict[bytes, dict[int, bytes]] = {}
    for name, client in devices.items():
        for collection in client.store.collections():
            # A repeated act whose answer was lost is the same commit, signed anew: ML-DSA signatures are randomized.
            commits = {seq: Signed.decode(signed).body for seq, signed in client.store.commits(collection)}
            if sorted(commits) != list(range(len(commits))):
                faults.append(f"{name}: a chain has gaps")
            known = chains.setdefault(collection, {})
            faults += [
                f"{name}: two histories at seq {seq}"
                for seq, body in commits.items()
                if known.setdefault(seq, body) != body
            ]
    return faults


def heads_match(fresh: Mapping[str, AsyncMindhaven], shown: Mapping[str, list[Any]]) -> list[str]:
    """A fresh device, which verified everything from genesis, stands where the server says each head is."""
    faults = []
    for name, client in fresh.items():
        for one in shown[name]:
            state = client.vault.state(one.id)
            if state is None or (state.seq, state.head) != (one.seq, one.head):
                faults.append(f"{name}: a head of the server was not reached")
    return faults


def of_collection(client: AsyncMindhaven, collection: bytes, *, since: int) -> Counter[tuple[bytes, str]]:
    """Return the items and texts of a collection from a month on, as this device reads them."""
    found: Counter[tuple[bytes, str]] = Counter()
    for entry in client.entries():
        if entry.collection != collection:
            continue
        if entry.record is None:
            found[(entry.item, f"unreadable: {entry.error}")] += since == 0
        elif entry.record.month() >= since:
            found[(entry.item, str(entry.record.body["note"]))] += 1
    return found


async def after_the_end(
    owner: AsyncMindhaven, ex: Device, collection: bytes, *, out_seq: int, member_now: bool
) -> list[str]:
    """One who is out is refused, holds no key of what came after, and opens none of it with any key that it kept."""
    faults = []
    if member_now:
        faults.append(f"{ex.name} is still a member")
    try:
        await ex.client.vault.pull(collection)
        faults.append(f"{ex.name} was given commits after the end")
    except MindhavenError as error:
        if error.reason not in {"collection-unknown", "share-ended"}:
            faults.append(f"{ex.name} was refused as {error.reason}")
    state = owner.vault.state(collection)
    assert state is not None
    keys = {n: ex.client.vault.epoch_key(collection, n) for n in range(1, max(state.epochs, default=0) + 50)}
    kept = [key for key in keys.values() if key is not None]
    if not kept:
        faults.append(f"{ex.name} never held a key: this shows nothing")
    pieces = 0
    since = out_seq
    while since < state.seq:
        page = await owner.transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since={since}")
        for raw, items in decode(page)[2]:
            commit = Commit.decode(Signed.of(raw).body)
            since = commit.seq
            puts = [change for change in commit.changes if isinstance(change, Put)]
            for _, item in zip(puts, items, strict=True):
                if item is None:
                    continue
                pieces += 1
                faults += [f"{ex.name} opens what came after" for key in kept if _opens(key, item)]
    if not pieces:
        faults.append("nothing came after: this shows nothing")
    return faults


def _opens(key: EpochKey, item: list[bytes]) -> bool:
    header, _, _ = read_header(item[0])
    try:
        open_item(key, SealedItem(*item), expected=header)
    except MindhavenError:
        return False
    return True


async def files_whole(told: Told, client: AsyncMindhaven) -> list[str]:
    """Every attachment reads back as it was sent."""
    faults, read = [], 0
    for entry in client.entries(kind="mindhaven/mood"):
        if entry.record is None or not entry.notes.files:
            continue
        mark = told.marks[str(entry.record.body["note"])]
        content = b"".join([piece async for piece in client.read_file(entry)])
        read += 1
        if mark.file is not None and content != mark.file:
            faults.append(f"{mark.text}: its attachment is another")
    told.done["files read back"] += read
    return faults


def only_503(told: Told) -> list[str]:
    """No 5xx but a 503 whose reason is documented."""
    return [
        f"{count} answers {status}"
        for status, count in told.statuses.items()
        if status.startswith("5") and not (status[:3] == "503" and status[4:] in ALLOWED_AWAY)
    ]


# -- what lies in the database once the server has stopped

_TABLES = {
    "positions": "SELECT position FROM event ORDER BY position",
    "subjects": "SELECT subject, seq FROM event ORDER BY subject, seq",
    "commits": "SELECT collection, seq FROM vault_commit ORDER BY collection, seq",
    "live": "SELECT envelope FROM vault_item WHERE erased = 0",
    "envelopes": "SELECT id FROM vault_envelope",
    "salts": "SELECT id FROM vault_salt",
    "commitments": "SELECT commitment FROM event WHERE position IS NOT NULL ORDER BY position",
    "logs": "SELECT name, size FROM ledger_log",
    "tiles": "SELECT log, level, number, data FROM ledger_tile",
    "signed": "SELECT log, size, root FROM ledger_checkpoint ORDER BY log, size",
}


Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


async def rows(url: str) -> Rows:
    """Read what `stored` judges."""
    if url.startswith("sqlite:"):
        db = apsw.Connection(url.removeprefix("sqlite://"))
        db.execute("BEGIN")  # one snapshot
        found = {name: [tuple(row) for row in db.execute(sql)] for name, sql in _TABLES.items()}
        db.close()
        return found
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return {name: [tuple(row) for row in await connection.fetch(sql)] for name, sql in _TABLES.items()}
    finally:
        await connection.close()


def unnumbered(found: Rows) -> int:
    """Return how many events have no number yet."""
    return [row[0] for row in found["positions"]].count(None)


def numbered(found: Rows, *, ended: bool = True) -> list[str]:
    """Events are numbered 0, 1, 2 ... without gaps, and each subject's chain has no holes.

    Not `ended`: right after a fall the newest may wait for their number.
    """
    positions = [row[0] for row in found["positions"] if row[0] is not None]
    faults = []
    if (waiting := unnumbered(found)) and ended:
        faults.append(f"{waiting} events were never numbered")
    if sorted(positions) != list(range(len(positions))):
        faults.append("positions have gaps")
    return faults + _holes(found["subjects"], "a subject's events")


def stored(found: Rows) -> list[str]:
    """Commits have no holes; every live item has its envelope and salt, and nothing erased or superseded has one."""
    faults = _holes(found["commits"], "commits of a collection")
    live, envelopes, salts = ({row[0] for row in found[name]} for name in ("live", "envelopes", "salts"))
    for name, have in (("envelope", envelopes), ("salt", salts)):
        if live - have:
            faults.append(f"{len(live - have)} live items have no {name}")
        if have - live:
            faults.append(f"{len(have - live)} {name}s are of nothing live")
    return faults


def ledger(found: Rows) -> list[str]:
    """The log of events is the tree of all commitments in their order; whatever was signed is a state of its log."""
    sizes = dict(found["logs"])
    faults = []
    leaves = [hashlib.sha256(b"\x00" + bytes(row[0])).digest() for row in found["commitments"]]
    if sizes["audit"] > len(leaves):
        faults.append(f"the log has {sizes['audit']} entries, and {len(leaves)} events are numbered")
    for log, size in sizes.items():
        kept = {Tile(level, number): bytes(data) for name, level, number, data in found["tiles"] if name == log}
        for signed in [(size, None), *((at, bytes(root)) for name, at, root in found["signed"] if name == log)]:
            at, root = signed
            if at > size:
                faults.append(f"{log} was signed with {at} entries and has {size}")
                continue
            there = tiles.root(at).value(kept)
            if root is not None and there != root:
                faults.append(f"{log} was signed with another root at {at}")
            if log == "audit" and there != _root(leaves[:at]):
                faults.append(f"the tree of {at} events is another than their commitments'")
    return faults


def _root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, level by level: an odd last one moves up as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    row = leaves
    while len(row) > 1:
        paired = [hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        row = paired + ([row[-1]] if len(row) % 2 else [])
    return row[0]


def _holes(pairs: Iterable[tuple[Any, ...]], what: str) -> list[str]:
    last: dict[Any, int] = {}
    for key, seq in pairs:
        if seq != last.get(key, -1) + 1:
            return [f"{what} have a hole"]
        last[key] = seq
    return []
