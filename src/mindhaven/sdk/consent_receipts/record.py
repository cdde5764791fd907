"""A choice as a consent record and receipt of ISO/IEC TS 27560, in JSON-LD with DPV terms. Pure; no I/O.

The field list is that of the DPV group's guide to ISO/IEC TS 27560; terms are DPV 2 and its extension for the GDPR.
Guarantees: the same evidence gives the same document; no field says how the purpose stands now.
"""

from typing import Any, Final
from urllib.parse import quote

from mindhaven.protocol.choice import Act, By, Choice
from mindhaven.sdk.consent_receipts.evidence import (
    VERSION,
    Evidence,
    Policy,
    Reading,
    day_text,
    hour_text,
    policy_uri,
    read,
    without_empty,
)

STANDS: Final = (
    "This is the receipt of one choice, at the moment of its making. It does not say how things stand now: read that"
    " from the person's signed chain of choices, where a later choice may have changed it."
)
NOT_SAID: Final = "not said in the policy"
NO_LINE: Final = "nothing: the policy has no use of this name"
_STATED: Final = (
    "The words and the policy are as the person's device states them: a server takes a no, and taking back, in any"
    " words and under any policy."
)
_SIGNALLED: Final = (
    "No words were shown for it: a signal of the person's browser said it. The words and the policy are as the person's"
    " device states them."
)
DID: Final = {Act.GIVEN: "given", Act.REFUSED: "refused", Act.DEFERRED: "put off", Act.WITHDRAWN: "withdrawn"}
BY: Final = {
    By.SELF: "the person", By.PARENT: "a parent of the person", By.GUARDIAN: "a guardian of the person",
    By.ATTORNEY: "somebody whom the person empowered", By.SIGNAL: "a signal of the person's browser",
}  # fmt: skip
_STATES: Final = {
    Act.GIVEN: "dpv:ConsentGiven", Act.REFUSED: "dpv:ConsentRefused", Act.DEFERRED: "dpv:ConsentRequestDeferred",
    Act.WITHDRAWN: "dpv:ConsentWithdrawn",
}  # fmt: skip
RIGHTS: Final = (
    ("eu-gdpr:A7-3", "to withdraw at any time, as easily as giving"),
    ("eu-gdpr:A13", "to be told what is done with your data"),
    ("eu-gdpr:A15", "to see and get your data"),
    ("eu-gdpr:A16", "to have it corrected"),
    ("eu-gdpr:A17", "to have it erased"),
    ("eu-gdpr:A18", "to have its use limited"),
    ("eu-gdpr:A20", "to take it elsewhere"),
    ("eu-gdpr:A21", "to object"),
    ("eu-gdpr:A77", "to complain to an authority"),
)


def _iri(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


CONTEXT: Final[dict[str, Any]] = {
    "@version": 1.1,
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "mh": "urn:mindhaven:consent-receipt:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "address": "dpv:hasAddress",
    "authority_party": "dpv:hasAuthority",
    "by": "mh:by",
    "collection_method": "dpv:hasDataSource",
    "contact": "dpv:hasContact",
    "date": {"@id": "dct:date", "@type": "xsd:dateTime"},
    "entity_id": _iri("dpv:hasEntity"),
    "event_state": _iri("dpv:hasConsentStatus"),
    "event_time": {"@id": "dct:created", "@type": "xsd:dateTime"},
    "event_type": "dct:type",
    "events": {"@id": "dpv:hasActivity", "@container": "@list"},
    "geographic_restrictions": "mh:geographicRestrictions",
    "how_it_stands_now": "dct:description",
    "index": "mh:index",
    "jurisdiction": "dpv:hasJurisdiction",
    "language": "dct:language",
    "lawful_basis": "dpv:hasLegalBasis",
    "log": "mh:log",
    "name": "dpv:hasName",
    "party_id": "@id",
    "party_identification": {"@id": "mh:party", "@container": "@list"},
    "pii_controllers": _iri("dpv:hasDataController"),
    "pii_information": "dpv:hasPersonalData",
    "pii_optional": "mh:optional",
    "pii_principal_id": _iri("dpv:hasDataSubject"),
    "pii_processing": {"@id": "dpv:hasProcess", "@container": "@list"},
    "pii_type": "dct:type",
    "policy": _iri("dct:references"),
    "policy_text": "mh:policyText",
    "privacy_notice": "dpv:hasNotice",
    "privacy_rights": {"@id": "dpv:hasRight", "@container": "@list"},
    "processing_locations": "dpv:hasLocation",
    "processing_method": "dpv:hasProcessing",
    "proof": {"@id": "mh:proof", "@type": "xsd:base64Binary"},
    "purpose": "dct:title",
    "purpose_id": "dct:identifier",
    "purpose_type": "dct:type",
    "purposes": {"@id": "dpv:hasPurpose", "@container": "@list"},
    "receipt_id": "mh:receiptId",
    "recipient_third_parties": "dpv:hasRecipient",
    "record_id": "dct:identifier",
    "recorded": "mh:recorded",
    "retention_period": "dpv:hasStorageCondition",
    "right": "dct:description",
    "role": "mh:role",
    "schema_version": "dct:conformsTo",
    "sensitive_pii_category": "mh:sensitive",
    "service": "dpv:hasService",
    "stated": "mh:stated",
    "storage_locations": "mh:storageLocations",
    "terms_version": "dct:hasVersion",
    "text": "dct:description",
    "text_hash": "mh:textHash",
    "title": "dct:title",
    "type": _iri("dct:type"),
    "validity_duration": "dpv:hasDuration",
    "withdrawal_method": "dpv:hasConsentControl",
    "words": "dct:description",
}
"""What each name means. It stands in the document itself: nobody needs to fetch anything to read it."""


def stated(choice: Choice) -> str:
    """Return what a reader must know of the words and the policy of a choice; empty where a server checked them."""
    if choice.by is By.SIGNAL:
        return _SIGNALLED
    return "" if choice.act is Act.GIVEN else _STATED


def as_27560(evidence: Evidence) -> dict[str, Any]:
    """Return the receipt as JSON-LD; hashes and ids in hex, times in ISO 8601.

    Raises `InvalidInputError` (consent-receipt-shape).
    """
    told = read(evidence)
    choice = told.choice
    record = choice.hash.hex()
    return {
        "@context": CONTEXT,
        "@id": f"urn:mindhaven:choice:{record}",
        "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
        "schema_version": f"ISO/IEC TS 27560:2023 ({VERSION})",
        "record_id": record,
        "receipt_id": record,
        "pii_principal_id": _person(told),
        "how_it_stands_now": STANDS,
        "pii_processing": [_processing(told)],
        "party_identification": parties(
            told.policy, told.logged.place, person=_person(told), role="the person whose choice it is"
        ),
        "events": _events(told),
        "recorded": {"log": told.logged.proof.note.text.split("\n", 1)[0], "index": told.logged.proof.index,
                     "date": hour_text(told.logged.told.at)},
        "proof": evidence.text,
    }  # fmt: skip


def _person(told: Reading) -> str:
    return f"urn:mindhaven:account:{told.choice.person.hex()}"


def host(place: str) -> str:
    """Return the URN of a server by its log's name for it."""
    return f"urn:mindhaven:place:{quote(place)}"


def _processing(told: Reading) -> dict[str, Any]:
    choice, line, said = told.choice, told.policy.line, told.policy.said
    seat = told.policy.controller.seat or NOT_SAID
    return {
        "@type": "dpv:Process",
        "privacy_notice": {
            "@type": "dpv:ConsentNotice", "title": told.title, "text": "\n".join((told.what, told.then)).strip("\n"),
            "text_hash": choice.text_hash.hex(), "language": choice.language,
            "policy": policy_uri(choice.policy), "policy_text": told.policy.text,
            **({} if choice.by is By.SIGNAL else {"date": hour_text(choice.asked)}),
            **({"stated": stated(choice)} if stated(choice) else {}),
        },
        "language": choice.language,
        "purposes": [{
            "@type": "dpv:Purpose", "purpose_id": choice.purpose, "purpose": told.title,
            "purpose_type": NO_LINE if line is None else line.purpose, "terms_version": choice.terms,
            "words": NO_LINE if said is None else said.why,
        }],
        "lawful_basis": NO_LINE if said is None else said.ground,
        "pii_information": {
            "@type": "dpv:PersonalData", "pii_type": NO_LINE if said is None else said.what, "pii_optional": True,
            "sensitive_pii_category": "An account here may hint at health (GDPR Art. 9). What you wrote is sealed, and"
            " no part of this.",
        },
        "pii_controllers": host(told.logged.place),
        "collection_method": "from the person",
        "processing_method": NO_LINE if line is None else line.data,
        "storage_locations": f"the server {told.logged.place} and its back-ups; seat of who runs it: {seat}",
        "retention_period": NO_LINE if said is None else said.keep,
        "processing_locations": f"the server {told.logged.place}; seat of who runs it: {seat}",
        "geographic_restrictions": f"other countries: {NO_LINE if line is None else line.third_countries}",
        "service": told.logged.place,
        "jurisdiction": f"that of the seat of who runs the server: {seat}",
        "recipient_third_parties": NO_LINE if said is None else said.who,
        "withdrawal_method": {
            "@type": "dpv:WithdrawConsent",
            "words": "In the app under You, Your choices; or by: mindhaven choices withdraw " + choice.purpose
            + ". It is one step, costs nothing and counts at once.",
        },
        "privacy_rights": [
            {"@type": right, "right": f"{words} (where the GDPR holds)"} for right, words in RIGHTS
        ],
        "authority_party": "the authority for data protection where you live",
    }  # fmt: skip


def parties(policy: Policy, place: str, *, person: str, role: str) -> list[dict[str, Any]]:
    """Return who runs the server, the person by their account's URN alone, and the officer if one is named."""
    its = policy.controller
    made = [
        {"party_id": host(place), "type": "dpv:DataController", "role": "who runs the server",
         "name": its.name or NOT_SAID, "address": its.seat or NOT_SAID, "contact": its.contact or NOT_SAID},
        {"party_id": person, "type": "dpv:DataSubject", "role": role,
         "name": "not in this receipt", "address": "not in this receipt",
         "contact": "not in this receipt: the id is that of the account whose keys signed"},
    ]  # fmt: skip
    if its.officer:
        made.append({"party_id": f"{host(place)}#officer", "type": "dpv:DataProtectionOfficer",
                     "role": "officer for data protection", "name": its.officer,
                     "address": its.seat or NOT_SAID, "contact": its.officer})  # fmt: skip
    return made


def validity(told: Reading) -> str:
    """Return in words for how long a choice holds by itself."""
    choice = told.choice
    if choice.act is not Act.GIVEN:
        return "until another choice for this purpose"
    until = f"until the end of {day_text(choice.until)} (UTC)" if choice.until else "open"
    return f"{until}; no longer once it is withdrawn, or more is asked in new words"


def _events(told: Reading) -> list[dict[str, Any]]:
    choice = told.choice
    common = {"@type": "dpv:Consent", "entity_id": _person(told)}
    explicit = choice.act is Act.GIVEN and choice.by is not By.SIGNAL
    shown = {
        **common, "event_type": "the words were shown", "event_time": hour_text(choice.asked),
        "validity_duration": "until it was answered", "event_state": "dpv:ConsentRequested",
    }  # fmt: skip
    return [
        *([] if choice.by is By.SIGNAL else [shown]),
        without_empty({
            **common, "@type": ["dpv:Consent", "dpv:ExplicitlyExpressedConsent"] if explicit else "dpv:Consent",
            "event_type": f"signed choice, number {choice.number}: {DID[choice.act]}",
            "event_time": hour_text(choice.at), "validity_duration": validity(told),
            "event_state": _STATES[choice.act], "by": BY[choice.by],
        }),
    ]  # fmt: skip
