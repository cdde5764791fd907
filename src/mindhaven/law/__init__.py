"""The law as dated data: which rules bind on a day, for which records, and when each thing is due.

Guarantees: what it says follows only from the files in `data/`, each rule with its citation, its dates and how sure we
are of it; an unknown key is an error; no country, law or authority stands in the code. Pure: the only I/O is reading
this package's own files, and `now` is always an argument.
Does not: give legal advice. No rule is taken as reviewed by counsel until its file says by whom and when.
"""

from mindhaven.law.book import Book, binds, parse, shipped
from mindhaven.law.breach import Case, Duty, Incident, Judged, duties, judge, judged
from mindhaven.law.check import complaints, new_roles
from mindhaven.law.clock import MARKS, Due, Paused, due, in_words, length, look_back
from mindhaven.law.diff import Change, Field, changes, proposals
from mindhaven.law.model import UNREVIEWED, AnyRule, Breach, Law, Right

__all__ = [
    "MARKS",
    "UNREVIEWED",
    "AnyRule",
    "Book",
    "Breach",
    "Case",
    "Change",
    "Due",
    "Duty",
    "Field",
    "Incident",
    "Judged",
    "Law",
    "Paused",
    "Right",
    "binds",
    "changes",
    "complaints",
    "due",
    "duties",
    "in_words",
    "judge",
    "judged",
    "length",
    "look_back",
    "new_roles",
    "parse",
    "proposals",
    "shipped",
]
