"""Consent: the only store of consent records, from the first share on.

Promises: a consent is kept as it was signed, with the hash of the words that the person saw; it ends at the moment
its grant ends, in the same work.
Does not: decide who may read (keys do), or know which kinds are meant (that part is sealed to the two people).
The server can see: who consented to whom, for which collection and purpose, from which month, until which day.
"""

from typing import Final

from mindhaven.consent.api import OPERATIONS
from mindhaven.consent.holdings import HOLDINGS
from mindhaven.consent.service import end, give
from mindhaven.kernel import Slice

SLICE: Final = Slice(
    name="consent", operations=OPERATIONS, holdings=HOLDINGS, migrations="mindhaven.consent.migrations"
)

__all__ = ["SLICE", "end", "give"]
