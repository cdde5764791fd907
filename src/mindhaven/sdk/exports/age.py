"""Sealed exports: everything in one zip, and any bytes sealed to a recipient.

Guarantees: the archive is put together in memory, so no plain copy touches the disk; sealing streams.
Does not: keep or make keys; `mindhaven.crypto.age` does. I/O: only the file objects it is given.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from mindhaven.crypto import age
from mindhaven.sdk.exports.csv import FIXED_DATE, write_csv_zip
from mindhaven.sdk.exports.fhir import write_fhir
from mindhaven.sdk.exports.html import write_html
from mindhaven.sdk.exports.model import Exported, in_order

README = """Records, in three forms of the same content

records.html   open it in any browser, also offline; it runs nothing and loads nothing
tables.zip     one table for each kind of record, for a spreadsheet; read README.txt inside first
fhir.json      an HL7 FHIR R4 bundle, for a clinic's software

Whoever has this archive can read all of it. Keep it where you would keep a diary.
"""


def write_archive(
    items: Iterable[Exported],
    target: BinaryIO,
    *,
    made_at: int,
    include_journal: bool = True,
    title: str = "My records",
) -> None:
    """Write one zip with the readable page, the tables and the FHIR bundle of `items` to `target`.

    `made_at`: unix milliseconds, for the file's own date; `include_journal`: also in the FHIR bundle (the
    page and the tables always have it); `title`: of the page.
    """
    ordered = in_order(items)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, write in (
            ("records.html", lambda file: write_html(ordered, file, made_at=made_at, title=title)),
            ("tables.zip", lambda file: write_csv_zip(ordered, file)),
            ("fhir.json", lambda file: write_fhir(ordered, file, made_at=made_at, include_journal=include_journal)),
            ("README.txt", lambda file: file.write(README.encode())),
        ):
            part = io.BytesIO()
            write(part)
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), part.getvalue(), zipfile.ZIP_DEFLATED)


def write_sealed(source: BinaryIO, target: BinaryIO, recipients: Sequence[str]) -> None:
    """Write what `source` holds to `target`, sealed to `recipients` (`age1pq1...`).

    Raises `InvalidInputError` (`age-recipient`).
    """
    age.encrypt(source, target, recipients)
