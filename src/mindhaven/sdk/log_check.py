"""Checking a whole log, by anybody: from its address or from files. I/O: whatever `get` reads.

Guarantees: every entry is hashed, in flat memory; the root is the one that the log signed; a log that was seen before
still has what it had. Does not: need an account.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mindhaven.errors import IntegrityError, UnavailableError
from mindhaven.sdk.progress import Progress
from mindhaven.tlog import tiles
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.policy import Policy
from mindhaven.tlog.proof import TlogProof
from mindhaven.tlog.tiles import WIDTH
from mindhaven.tlog.tree import Edge, leaf_hash

Get = Callable[[str], bytes]
"""Returns what lies at a path below the log's prefix; raises if there is nothing."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that was verified whole: its checkpoint, and when each known witness cosigned it."""

    checkpoint: Checkpoint
    witnesses: dict[str, int]


def verify_log(
    get: Get,
    key: VerifierKey,
    *,
    policy: Policy | None = None,
    before: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Verify every entry of a log against what `key` signed and, by the policy, enough witnesses cosigned.

    `before` is a checkpoint seen earlier. Raises `IntegrityError`: note-unsigned, quorum, log-shrunk, log-rewritten,
    bundle-cut, and what notes raise.
    """
    opened = (policy or Policy()).open(Note.parse(get("checkpoint")), key)
    checkpoint = opened.checkpoint
    if before is not None and before.size > checkpoint.size:
        raise IntegrityError("The log is smaller than it was.", code="log-shrunk")
    edge = Edge()
    while edge.size < checkpoint.size:
        number = edge.size // WIDTH
        width = min(WIDTH, checkpoint.size - edge.size)
        entries = tiles.read_bundle(get(tiles.bundle_path(number, width)), width=width)
        if before is not None and edge.size <= before.size < edge.size + width:
            edge.extend(leaf_hash(entry) for entry in entries[: before.size - edge.size])
            _same(edge, before)
            entries = entries[edge.size % WIDTH :]
        edge.extend(leaf_hash(entry) for entry in entries)
        if progress is not None:
            progress(edge.size, checkpoint.size)
    for known in (before, checkpoint):
        if known is not None and known.size == edge.size:
            _same(edge, known)
    return Verified(checkpoint, dict(opened.times))


def receipt(get: Get, key: VerifierKey, commitment: bytes, index: int) -> TlogProof:
    """Make a receipt (C2SP tlog-proof) that an entry stands in a log, from the log's own files; verified here.

    Raises `UnavailableError` (receipt-early) if no signed state has the entry yet, and what proofs raise.
    """
    note = Note.parse(get("checkpoint"))
    size = open_checkpoint(note, key).size
    if index >= size:
        raise UnavailableError(
            "The log has not signed this entry yet.",
            hint="It does so by the hour: try again later.",
            code="receipt-early",
        )
    proof = tiles.inclusion(index, size)
    found = {tile: get(tiles.tile_path(tile, tiles.width_at(tile, size))) for tile in sorted(proof.tiles)}
    made = TlogProof(index, tuple(proof.hashes(found)), note)
    made.verify(commitment, key)
    return made


def _same(edge: Edge, known: Checkpoint) -> None:
    if edge.root() != known.root:
        raise IntegrityError("The entries of the log are not those that it signed.", code="log-rewritten")
