"""Upkeep: what an operator must do and the server can do for them.

Promises: an erasure is called complete only once it was measured; a backup opens nothing erased for longer than
fourteen days; a restore brings nothing back that was erased, and every chain is checked after it; every release of
the web app that was served stands in the log.
Does not: keep copies anywhere by itself, or open a record.
The server can see: nothing more than it stored already.
"""

from typing import Final

from mindhaven.kernel import Slice
from mindhaven.upkeep.api import OPERATIONS
from mindhaven.upkeep.holdings import HOLDINGS
from mindhaven.upkeep.jobs import JOBS
from mindhaven.upkeep.readers import READERS
from mindhaven.upkeep.restore import UNFINISHED
from mindhaven.upkeep.rules import weak_password
from mindhaven.upkeep.service import serves

SLICE: Final = Slice(
    name="upkeep",
    operations=OPERATIONS,
    readers=READERS,
    jobs=JOBS,
    holdings=HOLDINGS,
    migrations="mindhaven.upkeep.migrations",
)

__all__ = ["SLICE", "UNFINISHED", "serves", "weak_password"]
