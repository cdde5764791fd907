"""RFC 6962 section 2.1 as it is written: recursive, slow, the measure of everything else."""

import hashlib


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return node(mth(entries[:k]), mth(entries[k:]))


def path(index: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*path(index, entries[:k]), mth(entries[k:])]
    return [*path(index - k, entries[k:]), mth(entries[:k])]


def subproof(old: int, entries: list[bytes], *, whole: bool = True) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if old <= k:
        return [*subproof(old, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(old - k, entries[k:], whole=False), mth(entries[:k])]
