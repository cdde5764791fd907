"""Rights: what a person may ask of the host. So far: leaving, with a receipt.

Promises: an erasure takes everything in one work or nothing, and its receipt names what stays and why.
Does not: take back what another person read or copied.
The server can see: that somebody left, and when.
"""

from typing import Final

from mindhaven.kernel import Slice
from mindhaven.rights.api import OPERATIONS
from mindhaven.rights.model import ErasureDone
from mindhaven.rights.service import erase_account

SLICE: Final = Slice(name="rights", operations=OPERATIONS)

__all__ = ["SLICE", "ErasureDone", "erase_account"]
