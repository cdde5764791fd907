"""Ledger: the append-only logs over every act, every key and every head, and what they prove.

Promises: an event's place in `audit` is its position; nothing that was signed is ever contradicted, also after a
restore; a log's growth tells nobody when something happened; a person gets each of their own events with its proof.
Does not: know what an event means, or prove that nobody looked at what was never recorded (nothing can).
The server can see: nothing more than it stored already; the public sees hashes, and how many there are by the hour.
"""

from typing import Final

from mindhaven.kernel import Setting, Slice
from mindhaven.ledger.api import OPERATIONS
from mindhaven.ledger.holdings import HOLDINGS
from mindhaven.ledger.jobs import JOBS
from mindhaven.ledger.model import PUBLISH_SECONDS
from mindhaven.ledger.readers import READERS
from mindhaven.ledger.service import forget

SLICE: Final = Slice(
    name="ledger",
    operations=OPERATIONS,
    readers=READERS,
    jobs=JOBS,
    holdings=HOLDINGS,
    settings=(
        Setting(
            name="ledger.publish-seconds",
            default=PUBLISH_SECONDS,
            help="How often the log of events shows its growth; less than an hour tells when something happened.",
        ),
    ),
    migrations="mindhaven.ledger.migrations",
)

__all__ = ["SLICE", "forget"]
