"""What upkeep does by the clock: it measures that what was erased is gone. I/O: the store and the blobs."""

import logging
from typing import Final

from mindhaven import accounts, reminders, vault
from mindhaven.kernel import Actor, Host, HostScope, Job, Lease, Look, Work
from mindhaven.upkeep.model import ACCOUNT, COLLECTION, SECONDS_A_DAY, Erasure, ErasureCompleted
from mindhaven.upkeep.store import Chores, ChoresChange
from mindhaven.vault import BACKUP_DAYS

_LOG: Final = logging.getLogger("mindhaven.upkeep")
_JOB: Final = Actor(kind="job")
_SCOPE: Final = HostScope(reason="upkeep")
AT_ONCE: Final = 100


async def measure(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Measure every erasure whose day has come: say that it is complete, or keep what is wrong with it.

    Its day is the one that the receipt named, and it is over.
    """
    before = (host.clock() // SECONDS_A_DAY - BACKUP_DAYS) * SECONDS_A_DAY
    after = 0
    while due := await host.db.look(
        lambda look, after=after: Chores(look, _SCOPE).erasures(before, after, AT_ONCE)  # type: ignore[misc]
    ):
        await _measure_some(host, due)
        after = due[-1].id


async def _measure_some(host: Host, due: list[Erasure]) -> None:
    everywhere = await host.db.look(vault.orphans)
    for one in due:
        faults = everywhere + await _left_of(host, one)
        if faults:
            _LOG.error("an erasure is not complete: %s", ", ".join(faults))
        await host.db.act(
            _JOB,
            lambda work, one=one, faults=faults: _conclude(work, one, faults),  # type: ignore[misc]
            upkeep="an erasure that is not complete",
        )


async def _left_of(host: Host, erasure: Erasure) -> list[str]:
    """Return what is left of an erasure, in words for the operator: tables, attachments, keys, a side copy."""

    async def look_up(look: Look) -> list[str]:
        if erasure.what == ACCOUNT:
            found = await accounts.left(look, uid=erasure.thing) + await vault.left(look, uid=erasure.thing)
            found += await reminders.left(look, uid=erasure.thing)
        else:
            found = await vault.left(look, collection=erasure.thing)
        for key in await vault.salt_generations(look):
            if key.generation <= erasure.generation and not key.destroyed_at:
                found.append(vault.salt_key_file(key.generation))
        backups = await Chores(look, _SCOPE).backups()
        if backups and backups[0].made_at <= erasure.erased_at:
            found.append("side copy")
        return found

    left = await host.db.look(look_up)
    if erasure.what == COLLECTION and await host.blobs.keys(erasure.thing.hex()):
        left.append("blobs")
    return left


async def _conclude(work: Work, erasure: Erasure, faults: list[str]) -> None:
    store = ChoresChange(work, _SCOPE)
    if faults:
        await store.set_faults(erasure.id, ", ".join(faults))
    elif await store.drop_erasure(erasure.id):
        work.record(
            ErasureCompleted(
                subject=erasure.subject, what=erasure.what, thing=erasure.thing, erased_at=erasure.erased_at
            )
        )


JOBS: Final = (Job(name="upkeep.measure", every_seconds=6 * 3600, run=measure),)
