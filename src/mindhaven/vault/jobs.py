"""What vault does by the clock: parts of attachments that no record names go. I/O: the store and the blobs."""

from typing import Final

from mindhaven.kernel import Actor, Host, HostScope, Job, Lease
from mindhaven.vault.api.blobs import blob_key
from mindhaven.vault.store import Parts

UNNAMED_KEPT_SECONDS: Final = 90 * 86400
"""How long a part waits for its record: an entry may be written on a device that is offline for a season."""
SWEPT_AT_ONCE: Final = 200


async def sweep_parts(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Delete parts that no record names, rows first: what a crash leaves behind are bytes that nobody can open."""
    while True:
        gone = await host.db.act(
            Actor(kind="job"),
            lambda work: Parts(work, HostScope(reason="upkeep")).sweep_unnamed(
                work.now - UNNAMED_KEPT_SECONDS, SWEPT_AT_ONCE
            ),
            upkeep="parts of attachments that no record names",
        )
        for collection, blob in gone:
            await host.blobs.delete(blob_key(collection, blob))
        if len(gone) < SWEPT_AT_ONCE:
            return


JOBS: Final = (Job(name="vault.sweep-parts", every_seconds=86400, run=sweep_parts),)
