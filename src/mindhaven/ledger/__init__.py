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
from mindhaven.ledger.policy import opened
from mindhaven.ledger.readers import READERS
from mindhaven.ledger.service import forget
from mindhaven.ledger.witnessing import PURPOSE

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
        Setting(
            name="ledger.policy",
            default="",
            help="File that says which witnesses must cosign the logs (C2SP tlog-policy); empty: none.",
        ),
    ),
    sends={PURPOSE: ("url", "body")},
    migrations="mindhaven.ledger.migrations",
    opens=opened,
)

__all__ = ["SLICE", "forget"]
