"""Signing what the logs have grown to. I/O: the database, the logs' key and memory files, the clock.

Guarantees: two roots of one size are never signed, whatever is restored; `audit` is signed in full groups only.
"""

import asyncio
from typing import Final

from mindhaven.errors import UnavailableError
from mindhaven.kernel import Actor, Host, Look, Work
from mindhaven.ledger import keys, service, witnessing
from mindhaven.ledger.model import CoverAdded, Signed
from mindhaven.ledger.policy import data, of
from mindhaven.ledger.store import Logs, LogsChange
from mindhaven.protocol.event import HOST
from mindhaven.protocol.ledger import AUDIT, HEADS, LOGS, heads_entry, origin
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.policy import NONE

_JOB = Actor(kind="job")
_HEADS_AT_ONCE: Final = 1000
_WAITS: Final = 600
"""Pauses of a 20th of a second until a log that does not grow is told: half a minute."""
SECONDS_A_DAY: Final = 86400
_TOLD_DAYS: Final = 35
"""How long it is known that a day was told: by so much may a clock be put back and no day is told twice."""


def place(host: Host) -> str:
    """Return where this server's logs are at home when they begin: its public address, or a name of their own."""
    configured = str(host.settings["server.origin"])
    return configured.partition("://")[2].rstrip("/") or keys.default_place(data(host))


async def begin(host: Host) -> None:
    """Name the logs, if they have no name yet."""
    home = place(host)
    logs = await host.db.look(lambda look: Logs(look, service.SCOPE).named())
    if logs == len(LOGS):
        return

    async def name(work: Work) -> None:
        for log in LOGS:
            await LogsChange(work, service.SCOPE).name(log, origin(home, log))

    await host.db.act(_JOB, name, upkeep="the logs' names")


async def publish(host: Host, name: str, *, now: bool = False) -> Signed | None:
    """Sign what may be shown of a log, if it grew and it is time (or `now`); return the newest checkpoint."""

    async def read(look: Look) -> tuple[str, int, Signed | None]:
        logs = Logs(look, service.SCOPE)
        log = await service.need(logs, name)
        return log.origin, log.size, await logs.newest(name, public=False)

    named, size, last = await host.db.look(read)
    # Also while there is nothing to sign, so that a start after a wrong restore says so; and before `audit` is filled.
    await _may_sign(host, name, named)
    if name == AUDIT:
        seconds = int(host.settings["ledger.publish-seconds"])
        # Signed ahead of now: the clock was put back, and the next hour is not waited for from then.
        due = last is None or not 0 <= host.clock() - last.signed_at < seconds
        if not due and not now:
            return last
        size = await _cover(host, size)
    shown = service.shown_size(name, size)
    if last is not None and last.size == shown:
        return last
    return await _sign(host, name, named, shown)


async def _cover(host: Host, size: int) -> int:
    """Fill `audit` up to a full group and wait until it is in the log; return the log's size."""
    count = service.covers(size)
    want = size + count

    async def add(work: Work) -> None:
        for _ in range(count):
            work.record(CoverAdded(subject=HOST))

    await host.db.act(_JOB, add)
    await host.stream.number()
    waited = 0
    while size < want:
        await host.stream.read("ledger.audit")
        before, size = size, (await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), AUDIT))).size
        if before == size:
            waited += 1
            if waited > _WAITS:
                raise UnavailableError("The log of events stands still: see its reader.", code="ledger-behind")
            await asyncio.sleep(0.05)  # another process holds the numbering: it follows by itself
    return size


async def _sign(host: Host, name: str, named: str, size: int) -> Signed:
    root = await host.db.look(lambda look: service.root_at(look, name, size))
    signer = keys.signer(data(host), named)
    await asyncio.to_thread(keys.remember, data(host), named, size, root)
    note = Checkpoint(named, size, root).sign(signer)
    signed = Signed(
        size=size, root=root, note=note.encode(), signed_at=host.clock(), public=of(host).policy.quorum == NONE
    )
    await host.db.act(_JOB, lambda work: service.keep_signed(work, name, signed), upkeep="a signed checkpoint")
    return signed


async def _may_sign(host: Host, name: str, named: str) -> None:
    """Raise what forbids signing: this machine's own memory, or the witnesses', of more than there is."""
    await check_memory(host, name, named)
    await witnessing.guard(host, name, named)


async def check_memory(host: Host, name: str, named: str) -> None:
    """Raise `IntegrityError` (log-behind) if this database has less of a log, or another, than was signed before."""
    known = (await asyncio.to_thread(keys.remembered, data(host))).get(named)
    if known is None:
        return
    size, root = known
    log = await host.db.look(lambda look: service.need(Logs(look, service.SCOPE), name))
    if log.size < size or await host.db.look(lambda look: service.root_at(look, name, size)) != root:
        raise witnessing.behind(name)


async def write_heads(host: Host) -> int:
    """Append the heads of collections that changed on a day that is over; return how many."""
    today = host.clock() // SECONDS_A_DAY
    count = 0

    async def write(work: Work) -> int:
        store = LogsChange(work, service.SCOPE)
        rows = await store.moved_before(today, _HEADS_AT_ONCE)
        if rows:
            await service.grow(work, HEADS, [heads_entry(*row) for row in rows])
            await store.written(rows, before=today - _TOLD_DAYS)
        return len(rows)

    while True:
        wrote = await host.db.act(_JOB, write, upkeep="heads of collections")
        count += wrote
        if wrote < _HEADS_AT_ONCE:
            return count


__all__ = ["begin", "check_memory", "data", "place", "publish", "write_heads"]
