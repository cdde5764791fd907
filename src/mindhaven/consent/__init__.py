"""Consent: the only store of consent records and choices, from the first share on.

Promises: a consent is kept as it was signed, with the hash of the words that the person saw; it ends at the moment
its grant ends, in the same work; each purpose of a share has a consent of its own, joined with no other. What the host
may do for a person is read from that person's own signed chain at each act; what a no ends, ends in the no's own work.
Does not: decide who may read (keys do), or know which kinds are meant (that part is sealed to the two people).
The server can see: who consented to whom, for which collection and purpose, from which month, until which day; what
each person allowed or refused the host, and in which hour.
"""

from typing import Final

from mindhaven.consent.api import OPERATIONS
from mindhaven.consent.holdings import HOLDINGS
from mindhaven.consent.service import decide, end, give, keeps, refuses
from mindhaven.kernel import Slice

SLICE: Final = Slice(
    name="consent", operations=OPERATIONS, holdings=HOLDINGS, migrations="mindhaven.consent.migrations"
)

__all__ = ["SLICE", "decide", "end", "give", "keeps", "refuses"]
