"""Importers: files of other apps become records.

Guarantees: the file is only read; everything happens on this machine; what cannot be read is told line by
line. Does not: store anything. A client seals and pushes what `read` yields and remembers the keys.
"""

from mindhaven.sdk.imports.again import Again, compare, key_of
from mindhaven.sdk.imports.detect import IMPORTERS, detect, importer_named
from mindhaven.sdk.imports.model import (
    Imported,
    Importer,
    NeedsMoodNames,
    Options,
    Preview,
    Problem,
)

__all__ = [
    "IMPORTERS",
    "Again",
    "Imported",
    "Importer",
    "NeedsMoodNames",
    "Options",
    "Preview",
    "Problem",
    "compare",
    "detect",
    "importer_named",
    "key_of",
]
