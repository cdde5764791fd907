"""Questionnaires: reviewed data files, the licence gate in front of their words, and scores.

Guarantees: a score follows only the rule in the data file, which cites where it was published; an instrument
whose licence forbids it never gives out its words, and no single flag opens that gate; an unknown key in a
data file is an error. The only I/O is reading this package's own TOML files.
Does not: diagnose, notify anybody, or let a total stand in front of a raised risk item.
"""

from mindhaven.kinds.instruments.licence import Use, may_serve, serve
from mindhaven.kinds.instruments.model import Instrument, InstrumentId, load, load_all, parse
from mindhaven.kinds.instruments.scoring import Score, checkup_body, score

__all__ = [
    "Instrument",
    "InstrumentId",
    "Score",
    "Use",
    "checkup_body",
    "load",
    "load_all",
    "may_serve",
    "parse",
    "score",
    "serve",
]
