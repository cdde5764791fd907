"""Receipts of consents to shares: as ISO/IEC TS 27560 with DPV terms, and as FHIR Consent. Pure but for a data file.

Guarantees: the same evidence gives the same document; it names no person and no part but by ids, beside the words that
were agreed to. Does not: say whether the share still stands. Source of the FHIR form: IHE ITI PCF, consentBasic.
"""

import base64
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import Any, Final

import msgspec

from mindhaven.errors import MindhavenError
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import TYPE, UNPUBLISHED, Consent, Purpose, check_taken
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.consent_receipts.evidence import (
    SHARE_VERSION,
    SHOWN_DAYS,
    Evidence,
    Logged,
    Policy,
    day_text,
    hour_text,
    policy_uri,
    read_logged,
    read_policy,
    unreadable,
)
from mindhaven.sdk.consent_receipts.fhir import PROFILE, PROOF, STANDS_URL, category
from mindhaven.sdk.consent_receipts.record import CONTEXT, NO_LINE, NOT_SAID, RIGHTS, host, parties

MAY_URL: Final = "urn:mindhaven:share-receipt:may"
EVENT: Final = "consent.record.given"
ENTRY: Final = "sharing"
"""The line of the policy that a share is about."""
STANDS: Final = (
    "This is the receipt of one consent. The hour is that of the server's log: the consent itself bears none. It does"
    " not say whether the share still stands: ask the person, whose list of shares tells."
)
FOR: Final[dict[str, str]] = {
    Purpose.CARE: "to help the person",
    Purpose.NOTES: "to read notes of therapy or counselling, which are kept apart",
    Purpose.PROCEEDINGS: "for a case at a court or before an authority",
}
MAY: Final = {Role.READER: "read", Role.WRITER: "read, and add entries of their own"}
_HASH: Final = re.compile("[0-9a-f]{64}")
_UNSEEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Signs that are not shown, or that turn how others are shown: XML forbids some, and a reader is misled by all."""
_NOT_NAMED: Final = "not in this receipt"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareReading:
    """The evidence of a consent to a share as it reads."""

    signed: Signed
    consent: Consent
    hash: bytes
    words: str
    policy: Policy
    logged: Logged


def read_share(evidence: Evidence) -> ShareReading:
    """Return what the evidence says; raise `InvalidInputError` (consent-receipt-shape)."""
    try:
        signed = Signed.decode(evidence.signed)
        consent = Consent.decode(signed.body)
        if consent.until > SHOWN_DAYS or consent.role not in MAY:
            raise unreadable()
        check_taken(consent, (), day=None)
        policy_named(consent)
        return ShareReading(
            signed=signed, consent=consent, hash=signed.hash(TYPE), words=evidence.words,
            policy=read_policy(evidence, entry=ENTRY, language=consent.language), logged=read_logged(evidence),
        )  # fmt: skip
    except (MindhavenError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise unreadable() from error


def since_text(consent: Consent) -> str:
    """Return from which month on it is."""
    return f"{consent.since // 100}-{consent.since % 100:02}" if consent.since else "the beginning"


def until_text(consent: Consent) -> str:
    """Return until when it is, if nobody stops it."""
    return f"the end of {day_text(consent.until)} (UTC)" if consent.until else "the person stops it"


def _account(uid: bytes) -> str:
    return f"urn:mindhaven:account:{uid.hex()}"


def policy_named(consent: Consent) -> bytes | None:
    """Return the hash of the policy that was signed for, None where none was published.

    Raises `InvalidInputError` (consent-receipt-shape) for what is no hash.
    """
    version = consent.register_version
    if version == UNPUBLISHED:
        return None
    if not _HASH.fullmatch(version):
        raise unreadable()
    return bytes.fromhex(version)


def _policy_of(consent: Consent) -> str:
    """Return a URI of the policy that was signed for."""
    named = policy_named(consent)
    return "urn:mindhaven:policy:unpublished" if named is None else policy_uri(named)


def share_as_27560(evidence: Evidence) -> dict[str, Any]:
    """Return the receipt as JSON-LD; hashes and ids in hex, times in ISO 8601.

    Raises `InvalidInputError` (consent-receipt-shape).
    """
    told = read_share(evidence)
    consent, record = told.consent, told.hash.hex()
    return {
        "@context": CONTEXT,
        "@id": f"urn:mindhaven:consent:{record}",
        "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
        "schema_version": f"ISO/IEC TS 27560:2023 ({SHARE_VERSION})",
        "record_id": record,
        "receipt_id": record,
        "pii_principal_id": _account(consent.grantor),
        "how_it_stands_now": STANDS,
        "pii_processing": [_processing(told)],
        "party_identification": [
            *parties(told.policy, told.logged.place, person=_account(consent.grantor),
                     role="the person whose records they are"),
            {"party_id": _account(consent.recipient), "type": "dpv:ThirdParty", "role": "who may read them",
             "name": _NOT_NAMED, "address": _NOT_NAMED, "contact": _NOT_NAMED},
        ],
        "events": [{
            "@type": ["dpv:Consent", "dpv:ExplicitlyExpressedConsent"], "entity_id": _account(consent.grantor),
            "event_type": "signed consent to a share", "event_time": hour_text(told.logged.told.at),
            "validity_duration": f"until {until_text(consent)}", "event_state": "dpv:ConsentGiven",
        }],
        "recorded": {"log": told.logged.proof.note.text.split("\n", 1)[0], "index": told.logged.proof.index,
                     "date": hour_text(told.logged.told.at)},
        "proof": evidence.text,
    }  # fmt: skip


def _processing(told: ShareReading) -> dict[str, Any]:
    consent, line, said, place = told.consent, told.policy.line, told.policy.said, told.logged.place
    seat = told.policy.controller.seat or NOT_SAID
    return {
        "@type": "dpv:Process",
        "privacy_notice": {
            "@type": "dpv:ConsentNotice", "title": "Consent to a share", "text": told.words,
            "text_hash": consent.text_hash.hex(), "language": consent.language, "policy": _policy_of(consent),
            "policy_text": told.policy.text,
        },
        "language": consent.language,
        "purposes": [{
            "@type": "dpv:Purpose", "purpose_id": consent.purpose, "purpose": FOR[consent.purpose],
            "purpose_type": NO_LINE if line is None else line.purpose, "words": NO_LINE if said is None else said.why,
        }],
        "lawful_basis": NO_LINE if said is None else said.ground,
        "pii_information": {
            "@type": "dpv:PersonalData", "pii_optional": True,
            "pii_type": f"records of the part urn:mindhaven:collection:{consent.collection.hex()}, from"
            f" {since_text(consent)} on; the server can't read them",
            "sensitive_pii_category": "Records of health (GDPR Art. 9). None of them is part of this.",
        },
        "pii_controllers": host(place),
        "collection_method": "from the person",
        "processing_method": f"the recipient may {MAY[consent.role]}; each purpose has a consent of its own",
        "storage_locations": f"the server {place} and its back-ups, sealed; seat of who runs it: {seat}; the"
        " recipient's devices",
        "retention_period": NO_LINE if said is None else said.keep,
        "processing_locations": f"the devices of the person and of the recipient; the server {place}",
        "geographic_restrictions": f"other countries: {NO_LINE if line is None else line.third_countries}",
        "service": place,
        "jurisdiction": f"that of the seat of who runs the server: {seat}",
        "recipient_third_parties": _account(consent.recipient),
        "withdrawal_method": {
            "@type": "dpv:WithdrawConsent",
            "words": "In the app under People, the person, Stop sharing; or by: mindhaven revoke. It is one step, costs"
            " nothing and counts at once. What was read or copied by then can't be taken back.",
        },
        "privacy_rights": [
            {"@type": right, "right": f"{words} (where the GDPR holds)"} for right, words in RIGHTS
        ],
        "authority_party": "the authority for data protection where you live",
    }  # fmt: skip


def share_as_fhir(evidence: Evidence) -> dict[str, Any]:
    """Return the receipt as a FHIR R4 Consent; ids in hex, the words and the evidence in base64.

    Raises `InvalidInputError` (consent-receipt-shape).
    """
    told = read_share(evidence)
    consent, given = told.consent, hour_text(told.logged.told.at)
    patient = {"type": "Patient", "identifier": {"system": "urn:mindhaven:account", "value": consent.grantor.hex()}}
    codes, purpose = _codes(), consent.purpose
    labels = codes["sensitive"].get(purpose)
    return {
        "resourceType": "Consent",
        "id": told.hash.hex(),
        "meta": {"profile": [PROFILE]},
        "language": consent.language,
        "text": {"status": "generated", "div": _narrative(told)},
        "extension": [
            {"url": STANDS_URL, "valueString": STANDS},
            {"url": MAY_URL, "valueString": MAY[consent.role]},
            {"url": PROOF, "valueBase64Binary": evidence.text},
        ],
        "identifier": [{"system": "urn:mindhaven:consent", "value": told.hash.hex()}],
        "status": "active",
        "scope": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [category()]}],
        "patient": patient,
        "dateTime": given,
        "performer": [patient],
        "organization": [{
            "type": "Organization", "identifier": {"system": "urn:mindhaven:place", "value": told.logged.place},
            "display": told.policy.controller.name or NOT_SAID,
        }],
        "sourceAttachment": {
            "contentType": "text/plain; charset=utf-8", "language": consent.language,
            "data": base64.b64encode(told.words.encode()).decode(), "title": "Consent to a share",
        },
        "policy": [{"uri": _policy_of(consent)}],
        "provision": {
            "type": "permit",
            "period": {"start": given, **({"end": day_text(consent.until)} if consent.until else {})},
            "actor": [{
                "role": {"coding": [codes["recipient"]]},
                "reference": {"identifier": {"system": "urn:mindhaven:account", "value": consent.recipient.hex()}},
            }],
            **({"securityLabel": [labels]} if labels else {}),
            "purpose": [{"system": "urn:mindhaven:share-purpose", "code": purpose},
                        codes["purpose"][purpose]],
            **({"dataPeriod": {"start": since_text(consent)}} if consent.since else {}),
            "data": [{"meaning": "instance", "reference": {
                "identifier": {"system": "urn:mindhaven:collection", "value": consent.collection.hex()}}}],
        },
    }  # fmt: skip


def _narrative(told: ShareReading) -> str:
    consent, logged = told.consent, told.logged
    lines = [
        (
            f"Consent to a share, given in the hour from {hour_text(logged.told.at)}: the recipient may"
            f" {MAY[consent.role]}, {FOR[consent.purpose]}."
        ),
        told.words,
        f"It holds until {until_text(consent)}.",
        f"The server: {logged.place}; who runs it: {told.policy.controller.name or NOT_SAID}.",
        STANDS,
    ]
    paragraphs = "".join(f"<p>{escape(_UNSEEN.sub('', line))}</p>" for line in lines if line.strip())
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'


@cache
def _codes() -> dict[str, Any]:
    """Return the codes of others for a share: `recipient`, and by purpose `purpose` and `sensitive`."""
    found = tomllib.loads((resources.files(__package__) / "codes.toml").read_text("utf-8"))["share"]
    kept = ("system", "code")

    def bare(one: dict[str, str]) -> dict[str, str]:
        return {name: one[name] for name in kept}

    return {
        "recipient": bare(found["recipient"]),
        "purpose": {name: bare(one) for name, one in found["purpose"].items()},
        "sensitive": {name: bare(one) for name, one in found["sensitive"].items()},
    }
