"""Witness: remembers how far others' logs had grown, and signs only what continues that (C2SP tlog-witness).

Promises: of one log it never cosigns two roots of one size, nor a smaller one after a larger one, also over kills and
races: what it answered is on the disk before it answers. A log that signed two roots of one size is kept as evidence.
Does not: read entries (a log of anything will do), serve people, or need a Mindhaven server of its own.
It sees: sizes, roots and times of checkpoints that logs publish anyway; it keeps no address and no access log.
"""

from mindhaven.witness.serve import serve
from mindhaven.witness.settings import WITNESS, load_witness
from mindhaven.witness.store import Store, open_store

__all__ = ["WITNESS", "Store", "load_witness", "open_store", "serve"]
