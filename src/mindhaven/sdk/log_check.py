"""Checking a whole log, by anybody: from its address or from files. I/O: whatever `get` reads.

Guarantees: every entry is hashed, in flat memory; the root is the one that the log signed; a log that was seen before
still has what it had. Does not: need an account.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mindhaven.errors import IntegrityError
from mindhaven.sdk.progress import Progress
from mindhaven.tlog import tiles
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.policy import Policy
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


def _same(edge: Edge, known: Checkpoint) -> None:
    if edge.root() != known.root:
        raise IntegrityError("The entries of the log are not those that it signed.", code="log-rewritten")
