"""A choice as a FHIR R4 Consent after the basic profile of IHE Privacy Consent on FHIR (PCF). I/O: a data file.

Source: IHE ITI PCF, profile IHE.PCF.consentBasic. Guarantees: the same evidence gives the same resource.
`status` is that of this record, once and for all; an extension says that the chain tells how things stand.
"""

import base64
import tomllib
from functools import cache
from html import escape
from importlib import resources
from typing import Any, Final

from mindhaven.protocol.choice import Act, By
from mindhaven.sdk.consent_receipts.evidence import Evidence, Reading, day_text, hour_text, policy_uri, read
from mindhaven.sdk.consent_receipts.record import BY, DID, NOT_SAID, STANDS, stated, validity

PROFILE: Final = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic"
PROOF: Final = "urn:mindhaven:consent-receipt:proof"
STATED_URL: Final = "urn:mindhaven:consent-receipt:stated"
STANDS_URL: Final = "urn:mindhaven:consent-receipt:how-it-stands-now"
_STATUS: Final = {
    Act.GIVEN: "active", Act.REFUSED: "rejected", Act.DEFERRED: "rejected", Act.WITHDRAWN: "inactive",
}  # fmt: skip


def as_fhir(evidence: Evidence) -> dict[str, Any]:
    """Return the receipt as a FHIR R4 Consent; ids in hex, the words and the evidence in base64.

    Raises `InvalidInputError` (consent-receipt-shape).
    """
    told = read(evidence)
    choice = told.choice
    patient = {"type": "Patient", "identifier": {"system": "urn:mindhaven:account", "value": choice.person.hex()}}
    stands_in = choice.by not in {By.SELF, By.SIGNAL}
    performer = {"type": "RelatedPerson", "display": BY[choice.by]} if stands_in else patient
    return {
        "resourceType": "Consent",
        "id": choice.hash.hex(),
        "meta": {"profile": [PROFILE]},
        "language": choice.language,
        "text": {"status": "generated", "div": _narrative(told)},
        "extension": [
            {"url": STANDS_URL, "valueString": STANDS},
            *([{"url": STATED_URL, "valueString": stated(choice)}] if stated(choice) else []),
            {"url": PROOF, "valueBase64Binary": evidence.text},
        ],
        "identifier": [{"system": "urn:mindhaven:choice", "value": choice.hash.hex()}],
        "status": _STATUS[choice.act],
        "scope": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [category()]}],
        "patient": patient,
        "dateTime": hour_text(choice.at),
        "performer": [performer],
        "organization": [{
            "type": "Organization", "identifier": {"system": "urn:mindhaven:place", "value": told.logged.place},
            "display": told.policy.controller.name or NOT_SAID,
        }],
        "sourceAttachment": {
            "contentType": "text/plain; charset=utf-8", "language": choice.language,
            "data": base64.b64encode(evidence.words.encode()).decode(), "title": told.title,
            **({} if choice.by is By.SIGNAL else {"creation": hour_text(choice.asked)}),
        },
        "policy": [{"uri": policy_uri(choice.policy)}],
        "provision": {
            "type": "permit" if choice.act is Act.GIVEN else "deny",
            "period": {"start": hour_text(choice.at), **({"end": day_text(choice.until)} if choice.until else {})},
            "purpose": [{"system": "urn:mindhaven:purpose", "code": choice.purpose, "display": told.title}],
        },
    }  # fmt: skip


def _narrative(told: Reading) -> str:
    choice = told.choice
    lines = [
        f"{told.title}: {DID[choice.act]} on {hour_text(choice.at)} by {BY[choice.by]}.",
        told.what,
        told.then,
        f"It holds: {validity(told)}.",
        f"The server: {told.logged.place}; who runs it: {told.policy.controller.name or NOT_SAID}.",
        stated(choice),
        STANDS,
    ]
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'


@cache
def category() -> dict[str, str]:
    """Return the code of a consent document."""
    found = tomllib.loads((resources.files(__package__) / "codes.toml").read_text("utf-8"))["category"]
    return {"system": found["system"], "code": found["code"]}
