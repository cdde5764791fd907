"""Openings: what is kept of recorded events, for the ledger and for the person whom they are about.

Guarantees: a commitment stays for ever; salt and body go together. I/O: the table event, through the look or work.
"""

from dataclasses import dataclass

from mindhaven.kernel.event import EVENTS
from mindhaven.kernel.work import Look, Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One recorded event: `position` is None until it is numbered; salt and body are None once they were erased."""

    seq: int
    position: int | None
    salt: bytes | None
    commitment: bytes
    body: bytes | None


async def commitments(look: Look, *, first: int, after: int) -> list[bytes]:
    """Return the commitments of the events at positions `first` up to and without `after`, in order."""
    rows = await look.rows(
        "SELECT commitment FROM event WHERE position >= $1 AND position < $2 ORDER BY position", first, after
    )
    return [row[0] for row in rows]


async def openings(look: Look, *, subject: bytes, first: int, limit: int) -> list[Kept]:
    """Return a subject's events from `seq` `first` on, in order."""
    rows = await look.rows(
        "SELECT seq, position, salt, commitment, body FROM event WHERE subject = $1 AND seq >= $2 ORDER BY seq"
        " LIMIT $3",
        subject,
        first,
        limit,
    )
    return [Kept(seq=seq, position=at, salt=salt, commitment=sealed, body=body) for seq, at, salt, sealed, body in rows]


async def events_of(look: Look, *, subject: bytes) -> int:
    """Return how many events were recorded about a subject."""
    row = await look.row("SELECT seq FROM event_subject WHERE subject = $1", subject)
    return 0 if row is None else int(row[0]) + 1


async def unnumbered(look: Look, *, subject: bytes, last: int) -> bool:
    """Return whether an event of a subject up to `seq` `last` waits to be numbered."""
    sql = "SELECT 1 FROM event WHERE subject = $1 AND seq <= $2 AND position IS NULL LIMIT 1"
    return await look.row(sql, subject, last) is not None


async def last_named(look: Look, *, subject: bytes, name: str) -> int:
    """Return the `seq` of a subject's newest event of that name, -1 if there is none."""
    row = await look.row(
        "SELECT seq FROM event WHERE subject = $1 AND name = $2 ORDER BY seq DESC LIMIT 1", subject, name
    )
    return -1 if row is None else int(row[0])


async def erase_openings(work: Work, *, subject: bytes, last: int, limit: int) -> int:
    """Erase salt and body of up to `limit` events of a subject with a `seq` up to `last`; return how many.

    Events that are numbered only (the ledger has them), and none whose rule says that its opening always stays.
    """
    kept = sorted({name for (name, _), one in EVENTS.items() if one.KEEP == "always"})
    marks = ", ".join(f"${number}" for number in range(4, len(kept) + 4))
    return await work.run(
        "UPDATE event SET salt = NULL, body = NULL WHERE id IN ("  # noqa: S608 - only numbers of arguments are put in
        "SELECT id FROM event WHERE subject = $1 AND seq <= $2 AND body IS NOT NULL AND position IS NOT NULL"
        f" AND name NOT IN ({marks}) ORDER BY id LIMIT $3)",
        subject,
        last,
        limit,
        *kept,
    )
