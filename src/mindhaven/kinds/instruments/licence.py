"""The gate in front of a questionnaire's words.

Guarantees: words leave only if the licence's own text rights, its id and the flag for this use all agree;
flipping any one of them alone opens nothing (a test tries each). Scores need no gate: numbers are not the
publisher's words.
"""

from typing import Final, Literal, TypeAlias

from mindhaven.errors import DeniedError
from mindhaven.kinds.instruments.model import Instrument, Licence

Use: TypeAlias = Literal["free-of-charge", "commercial"]

FREE_LICENCES: Final = frozenset({"LicenseRef-PHQ-free", "LicenseRef-US-Government-work", "LicenseRef-WHO-AUDIT-free"})
"""Licence ids whose notice was read and allows any use; a new id is added here, by review, and not in the
data file."""


def may_serve(licence: Licence, use: Use) -> bool:
    """Return whether the words may be shown in a host of this `use`."""
    if licence.text_rights != "free" or licence.id not in FREE_LICENCES or not licence.attribution.strip():
        return False
    return licence.may_bundle and (licence.may_serve_commercial or use == "free-of-charge")


def serve(instrument: Instrument, *, use: Use) -> Instrument:
    """Return `instrument` with its words; raise `DeniedError` (`instrument-licence`) where its licence
    forbids that."""
    if not may_serve(instrument.licence, use):
        raise DeniedError(
            "The licence of this questionnaire does not allow showing its words here.",
            code="instrument-licence",
            hint="Answers on paper can still be entered by number, and are scored.",
        )
    return instrument
