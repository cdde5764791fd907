"""Receipts of choices and of consents to shares, for others: one file, as ISO/IEC TS 27560 or FHIR, with its evidence.

Guarantees: whoever has the file and the log's key checks it without the server; every line that can be read in it is
made anew from the signed evidence and compared. Does not: say how a purpose stands now; only the chain does.
The format: docs/reference/consent-receipts.md.
"""

from typing import Any, Final, Literal, TypeAlias

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.consent_receipts.evidence import Evidence, Reading, read
from mindhaven.sdk.consent_receipts.fhir import as_fhir
from mindhaven.sdk.consent_receipts.gathering import ConsentReceipts
from mindhaven.sdk.consent_receipts.record import as_27560, stated
from mindhaven.sdk.consent_receipts.shares import ShareReading, read_share
from mindhaven.sdk.consent_receipts.verifying import RENDERERS, Verified, verify, written

Form: TypeAlias = Literal["27560", "fhir"]
FORMS: Final[tuple[Form, ...]] = ("27560", "fhir")

__all__ = [
    "FORMS", "ConsentReceipts", "Evidence", "Form", "Reading", "ShareReading", "Verified", "as_27560", "as_fhir",
    "read", "read_share", "render", "stated", "verify", "written",
]  # fmt: skip


def render(evidence: Evidence, form: Form) -> dict[str, Any]:
    """Return a receipt in one of `FORMS`. Raises `InvalidInputError` (consent-receipt-form, consent-receipt-shape)."""
    if form not in FORMS:
        raise InvalidInputError("A receipt is written as 27560 or fhir.", code="consent-receipt-form")
    return RENDERERS[evidence.of][form](evidence)
