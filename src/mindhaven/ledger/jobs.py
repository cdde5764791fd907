"""What the ledger does by the clock: heads of days that are over, and signing. I/O: see `publishing`."""

from typing import Final

from mindhaven.kernel import Actor, Host, Job, Lease
from mindhaven.ledger import publishing, service
from mindhaven.ledger.model import SOON_SECONDS
from mindhaven.protocol.ledger import LOGS


async def publish(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Write heads that are due, then sign every log that grew and is due."""
    await publishing.begin(host)
    await publishing.write_heads(host)
    for name in LOGS:
        await publishing.publish(host, name)


async def forget(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Erase the openings that must go, part by part."""
    while await host.db.act(Actor(kind="job"), service.forget_some, upkeep="no openings must go"):
        pass


JOBS: Final = (
    Job(name="ledger.publish", every_seconds=SOON_SECONDS, run=publish),
    Job(name="ledger.forget", every_seconds=10, run=forget),
)
