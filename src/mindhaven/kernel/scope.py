"""Scopes: on whose behalf a store reads and writes.

Guarantees: a store is built from a scope and takes its WHERE from it, so a forgotten condition can't leak.
Does not: decide whether the scope was earned; that is the use case's work. No I/O.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PersonScope:
    """One person's own rows; `uid` is the 32-byte account uid."""

    uid: bytes


@dataclass(frozen=True, kw_only=True)
class MemberScope:
    """One collection as one of its members sees it; both 32 bytes."""

    collection: bytes
    uid: bytes


@dataclass(frozen=True, kw_only=True)
class HostScope:
    """Everybody's rows: only for jobs, readers, officer use cases and sign-in look-ups. `reason` says which."""

    reason: str
