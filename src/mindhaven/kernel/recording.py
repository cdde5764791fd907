"""Recording: writing a work's events into the same transaction as its rows.

Guarantees: per subject `seq` counts 0, 1, 2 ... and `prev` names the commitment before it, without holes, because
both are read and written in the transaction that commits the event; the time is rounded to the hour.
I/O: through the work that is given. Implements spec/event.md together with `mindhaven.protocol.event`.
"""

from collections.abc import MutableMapping, Sequence
from typing import Any, Final, Protocol

from mindhaven.kernel.event import Event
from mindhaven.kernel.sources import Random
from mindhaven.kernel.work import Recorded, Row
from mindhaven.protocol import event as wire

HOUR_SECONDS: Final = 3600
_HEAD: Final = "SELECT seq, commitment FROM event_subject WHERE subject = $1"
_MOVE: Final = (
    "INSERT INTO event_subject (subject, seq, commitment) VALUES ($1, $2, $3)"
    " ON CONFLICT (subject) DO UPDATE SET seq = excluded.seq, commitment = excluded.commitment"
)
_INSERT: Final = "INSERT INTO event (subject, seq, name, version, at, salt, commitment, body) VALUES"

Heads = MutableMapping[bytes, tuple[int, bytes]]
"""Per subject: seq and commitment of its newest event; a cache that only a sole writer may keep."""


class _Writer(Protocol):
    now: int

    async def row(self, sql: str, *args: Any) -> Row | None: ...
    async def run(self, sql: str, *args: Any) -> int: ...
    async def run_many(self, insert: str, rows: Sequence[Row]) -> None: ...


async def write_events(work: _Writer, events: Sequence[Event], *, random: Random, heads: Heads) -> list[Recorded]:
    """Write `events` in order; return where each stands. Three statements for events about one subject."""
    at = work.now - work.now % HOUR_SECONDS
    touched: dict[bytes, tuple[int, bytes]] = {}
    rows: list[Row] = []
    recorded: list[Recorded] = []
    for event in events:
        subject = event.subject
        head = touched.get(subject) or heads.get(subject)
        if head is None:
            found = await work.row(_HEAD, subject)
            head = (found[0], found[1]) if found else (-1, wire.NO_PREVIOUS)
        seq = head[0] + 1
        name, version = event.NAME, event.VERSION
        body = wire.body(
            name=name, version=version, subject=subject, seq=seq, prev=head[1], at=at, fields=event.values()
        )
        salt = random(wire.SALT_BYTES)
        commitment = wire.commitment(salt, body)
        rows.append((subject, seq, name, version, at, salt, commitment, body))
        recorded.append(Recorded(name, subject, seq, commitment, event.URGENT))
        touched[subject] = (seq, commitment)
    # The chains' ends first: on PostgreSQL, a work that meets another here waits on a row, not on a unique key.
    for subject in sorted(touched):
        await work.run(_MOVE, subject, *touched[subject])
    await work.run_many(_INSERT, rows)
    heads.update(touched)
    return recorded
