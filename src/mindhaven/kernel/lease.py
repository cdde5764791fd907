"""Leases: one holder at a time, and a late one is fenced off.

Guarantees: a write that checks its lease in the same transaction can't happen after somebody else took the lease over,
however long its holder slept; a lease that was taken under a clock that ran ahead is free once the clock is right
again. Does not: stop the holder's other doings. I/O: the table `lease`.
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.errors import ConflictError
from mindhaven.kernel.work import Work

AHEAD_SECONDS: Final = 60
"""How far the clocks of two processes may differ. What lies further ahead was written before a clock was put back."""


class LeaseLostError(ConflictError):
    """Another holder took the lease over; whoever gets this stops what it did under it."""

    code = "lease-lost"


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A lease as it was taken: `fence` grows with each take-over."""

    name: str
    holder: bytes
    fence: int


async def take(work: Work, *, name: str, holder: bytes, seconds: int, rest_seconds: int = 0) -> Lease | None:
    """Take the lease if it is free or expired, and `rest_seconds` have passed since it was last marked done.

    Returns None while somebody holds it. Needs an upkeep reason.
    """
    row = await work.row(
        "INSERT INTO lease (name, holder, fence, expires_at, done_at) VALUES ($1, $2, 1, $3, 0)"
        " ON CONFLICT (name) DO UPDATE"
        " SET holder = excluded.holder, fence = lease.fence + 1, expires_at = excluded.expires_at"
        " WHERE (lease.expires_at <= $4 OR lease.expires_at > $6)"
        " AND (lease.done_at <= $5 OR lease.done_at > $7) RETURNING fence",
        name,
        holder,
        work.now + seconds,
        work.now,
        work.now - rest_seconds,
        work.now + seconds + AHEAD_SECONDS,
        work.now + AHEAD_SECONDS,
    )
    return None if row is None else Lease(name=name, holder=holder, fence=row[0])


async def keep(work: Work, lease: Lease, *, seconds: int) -> None:
    """Check the lease and prolong it, with a lock on its row; raise `LeaseLostError` if it was taken over."""
    changed = await work.run(
        "UPDATE lease SET expires_at = $1 WHERE name = $2 AND fence = $3 AND holder = $4",
        work.now + seconds,
        lease.name,
        lease.fence,
        lease.holder,
    )
    if not changed:
        raise LeaseLostError(f"The lease {lease.name} was taken over.")


async def check(work: Work, lease: Lease) -> None:
    """Raise `LeaseLostError` unless the lease still stands; call it in the work that writes."""
    row = await work.row(
        "SELECT 1 FROM lease WHERE name = $1 AND fence = $2 AND holder = $3", lease.name, lease.fence, lease.holder
    )
    if row is None:
        raise LeaseLostError(f"The lease {lease.name} was taken over.")


async def release(work: Work, lease: Lease, *, done: bool) -> None:
    """Give the lease back, marked done now if `done`; nothing happens if it was taken over."""
    await work.run(
        "UPDATE lease SET expires_at = 0, done_at = CASE WHEN $1 = 1 THEN $2 ELSE done_at END"
        " WHERE name = $3 AND fence = $4 AND holder = $5",
        int(done),
        work.now,
        lease.name,
        lease.fence,
        lease.holder,
    )
