"""Exports: records leave in open formats, made on the person's own machine.

Guarantees: pure renderers; they write to the file object that they are given, use no network and no clock;
records of kinds that nobody knows are written too, so leaving loses nothing.
Does not: fetch, open or share anything.
"""

from mindhaven.sdk.exports.age import write_archive, write_sealed
from mindhaven.sdk.exports.csv import write_csv_directory, write_csv_zip
from mindhaven.sdk.exports.fhir import write_fhir
from mindhaven.sdk.exports.html import write_html
from mindhaven.sdk.exports.model import Exported, Owner

__all__ = [
    "Exported",
    "Owner",
    "write_archive",
    "write_csv_directory",
    "write_csv_zip",
    "write_fhir",
    "write_html",
    "write_sealed",
]
