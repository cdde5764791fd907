"""The Merkle tree of RFC 6962 over SHA-256: hashes, a growing tree's edge, and the checks of both proofs.

Guarantees: a proof that is longer or shorter than its tree needs is refused; so is one that leads to another root.
Does not: know how leaves are stored (`tiles`) or who vouches for a root (`checkpoint`). No I/O.
Source: RFC 6962 section 2.1 for the tree, RFC 9162 sections 2.1.3.2 and 2.1.4.2 for the checks.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from mindhaven.errors import IntegrityError

HASH_BYTES: Final = 32
MAX_SIZE: Final = 2**62
"""Leaves of the largest tree that is read: a proof is never longer than 62 hashes."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node: SHA-256 of 01, left, right."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a tree: the roots of its perfect subtrees, largest first. Memory: one hash a level."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise IntegrityError("An edge has one root for each bit of its size.", code="tree-edge")
        self.size = size
        self._roots = list(roots)

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees, largest first."""
        return tuple(self._roots)

    def add(self, leaf: bytes) -> None:
        """Append one leaf by its hash (32 bytes)."""
        roots, size = self._roots, self.size
        while size & 1:
            leaf = node_hash(roots.pop(), leaf)
            size >>= 1
        roots.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaves by their hashes."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        if not self._roots:
            return EMPTY_ROOT
        roots = list(self._roots)
        root = roots.pop()
        while roots:
            root = node_hash(roots.pop(), root)
        return root


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that `proof` leads to from a leaf's hash; raise `IntegrityError` if its length can't be right.

    RFC 9162 section 2.1.3.2, `proof` from leaf to root.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise IntegrityError("A proof is about an entry that its tree does not have.", code="proof-range")
    node, last, root = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise IntegrityError("A proof is longer than its tree is high.", code="proof-length")
        if node & 1 or node == last:
            root = node_hash(part, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, part)
        node, last = node >> 1, last >> 1
    if last:
        raise IntegrityError("A proof is shorter than its tree is high.", code="proof-length")
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `IntegrityError` (proof-range, proof-length, proof-mismatch) unless the leaf stands at `index`."""
    if root_from_inclusion(leaf, index, size, proof) != root:
        raise IntegrityError("A proof leads to another root: the entry is not in this log.", code="proof-mismatch")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `IntegrityError` unless the tree of `new` leaves extends the one of `old`.

    RFC 9162 section 2.1.4.2. Codes: proof-range, proof-length, log-rewritten.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise IntegrityError("A log is smaller than it was.", code="log-shrunk")
    if old in {0, new}:
        if proof:
            raise IntegrityError("A proof is longer than its trees need.", code="proof-length")
        if old_root != (new_root if old == new else EMPTY_ROOT):
            raise _rewritten()
        return
    parts = list(proof)
    if old & (old - 1) == 0:
        parts.insert(0, old_root)
    if not parts:
        raise IntegrityError("A proof is shorter than its trees need.", code="proof-length")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise IntegrityError("A proof is longer than its trees need.", code="proof-length")
        if node & 1 or node == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, part)
        node, last = node >> 1, last >> 1
    if last:
        raise IntegrityError("A proof is shorter than its trees need.", code="proof-length")
    if first != old_root or second != new_root:
        raise _rewritten()


def _rewritten() -> IntegrityError:
    return IntegrityError(
        "The log is not a continuation of the one that was seen before: something in it was changed or removed.",
        code="log-rewritten",
    )
