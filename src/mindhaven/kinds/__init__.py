"""What the sealed records say: kinds, the one encoding of a body, questionnaires with their licences and
scores.

Guarantees: pure; the only files read are the data files of this package and the system's time-zone tables.
Does not: run on the server, which cannot know a kind; no slice imports this package.
"""

from mindhaven.kinds.catalogue import KINDS, Kind, kind_named
from mindhaven.kinds.fields import Field, JsonValue
from mindhaven.kinds.record import Record, check, decode_body, encode_body
from mindhaven.kinds.summary import summary

__all__ = [
    "KINDS",
    "Field",
    "JsonValue",
    "Kind",
    "Record",
    "check",
    "decode_body",
    "encode_body",
    "kind_named",
    "summary",
]
