"""Receipts of choices as ISO/IEC TS 27560 and as FHIR Consent: each field by hand, from the lists of both."""

import base64
import hashlib
import json
from typing import Any

import jsonschema
import pytest
from fhir.resources.R4B.consent import Consent
from tests.simulators.chosen import (
    FACTS,
    LOG,
    WORDS,
    choice,
    evidence,
    person,
    policy,
)

from mindhaven.protocol.choice import Act, By, text_hash
from mindhaven.sdk.consent_receipts import FORMS, as_27560, as_fhir, render, verify, written
from mindhaven.sdk.consent_receipts.record import CONTEXT, NO_LINE, NOT_SAID, STANDS

HASH = choice(person()).hash.hex()
UID = person().uid.hex()
ACCOUNT, HOST = f"urn:mindhaven:account:{UID}", "urn:mindhaven:place:records.example"
POLICY = "ni:///sha-256;" + base64.urlsafe_b64encode(hashlib.sha256(policy()).digest()).decode().rstrip("=")
HONEST = evidence()
PROOF = base64.b64encode(HONEST.encode()).decode()

# -- as ISO/IEC TS 27560

EXPECTED_27560: dict[str, Any] = {
    "@id": f"urn:mindhaven:choice:{HASH}",
    "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
    "schema_version": "ISO/IEC TS 27560:2023 (mindhaven/consent-receipt/v1)",
    "record_id": HASH,
    "receipt_id": HASH,
    "pii_principal_id": ACCOUNT,
    "how_it_stands_now": STANDS,
    "party_identification": [
        {"party_id": HOST, "type": "dpv:DataController", "role": "who runs the server",
         "name": "Lime Street Practice", "address": "Lime Street 1, Cork", "contact": "mail@lime.example"},
        {"party_id": ACCOUNT, "type": "dpv:DataSubject", "role": "the person whose choice it is",
         "name": "not in this receipt", "address": "not in this receipt",
         "contact": "not in this receipt: the id is that of the account whose keys signed"},
    ],
    "events": [
        {"@type": "dpv:Consent", "entity_id": ACCOUNT, "event_type": "the words were shown",
         "event_time": "2026-11-23T12:00:00Z", "validity_duration": "until it was answered",
         "event_state": "dpv:ConsentRequested"},
        {"@type": ["dpv:Consent", "dpv:ExplicitlyExpressedConsent"], "entity_id": ACCOUNT,
         "event_type": "signed choice, number 0: given", "event_time": "2026-11-23T13:00:00Z",
         "validity_duration": "open; no longer once it is withdrawn, or more is asked in new words",
         "event_state": "dpv:ConsentGiven", "by": "the person"},
    ],
    "recorded": {"log": "records.example/log/audit", "index": 3, "date": "2026-11-23T13:00:00Z"},
    "proof": PROOF,
}  # fmt: skip
PROCESSING: dict[str, Any] = {
    "@type": "dpv:Process",
    "privacy_notice": {
        "@type": "dpv:ConsentNotice", "title": "Erinnerungen",
        "text": "Dieser Server ruft dein Gerät.\nDer Dienst erfährt <nie>, wofür.",
        "text_hash": text_hash(WORDS).hex(), "language": "de", "date": "2026-11-23T12:00:00Z", "policy": POLICY,
        "policy_text": "# Was geschieht",
    },
    "language": "de",
    "purposes": [{"@type": "dpv:Purpose", "purpose_id": "reminders", "purpose": "Erinnerungen",
                  "purpose_type": "To send an empty push.", "terms_version": 1, "words": "Um es zu rufen."}],
    "lawful_basis": "Du hast darum gebeten.",
    "pii_controllers": HOST,
    "collection_method": "from the person",
    "processing_method": "the device's address",
    "storage_locations": "the server records.example and its back-ups; seat of who runs it: Lime Street 1, Cork",
    "retention_period": "Bis du es ausschaltest.",
    "processing_locations": "the server records.example; seat of who runs it: Lime Street 1, Cork",
    "geographic_restrictions": "other countries: the push services' own",
    "service": "records.example",
    "jurisdiction": "that of the seat of who runs the server: Lime Street 1, Cork",
    "recipient_third_parties": "Der Push-Dienst.",
    "authority_party": "the authority for data protection where you live",
}  # fmt: skip
WORD = {"type": "string", "minLength": 1}
RECORD_SCHEMA = {
    "type": "object",
    "required": ["schema_version", "record_id", "pii_principal_id", "pii_processing", "party_identification", "events"],
    "properties": {
        "schema_version": WORD, "record_id": WORD, "pii_principal_id": WORD,
        "pii_processing": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": ["privacy_notice", "language", "purposes", "pii_information", "pii_controllers",
                         "storage_locations", "retention_period", "jurisdiction", "recipient_third_parties",
                         "withdrawal_method", "privacy_rights", "lawful_basis"],
            "properties": {
                "language": WORD, "storage_locations": WORD, "retention_period": WORD, "jurisdiction": WORD,
                "recipient_third_parties": WORD, "pii_controllers": WORD,
                "purposes": {"type": "array", "minItems": 1, "items": {"required": ["purpose"]}},
                "pii_information": {"type": "object", "required": ["pii_type", "pii_optional"]},
            },
        }},
        "party_identification": {"type": "array", "minItems": 2, "items": {
            "type": "object", "required": ["party_id", "address", "name", "contact", "type"],
            "additionalProperties": WORD,
        }},
        "events": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": ["event_time", "validity_duration", "entity_id", "event_type", "event_state"],
        }},
    },
}  # fmt: skip
"""The mandatory fields of ISO/IEC TS 27560, by the DPV group's guide."""


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in names(one)}
    return {name for one in value for name in names(one)} if isinstance(value, list) else set()


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def test_each_field_of_a_record_is_as_the_list_has_it() -> None:
    made = as_27560(HONEST)
    jsonschema.validate(made, RECORD_SCHEMA)
    (processing,) = made["pii_processing"]
    assert {name: made[name] for name in EXPECTED_27560} == EXPECTED_27560
    assert set(made) - set(EXPECTED_27560) == {"@context", "pii_processing"}
    assert {name: processing[name] for name in PROCESSING} == PROCESSING
    assert set(processing) - set(PROCESSING) == {"pii_information", "withdrawal_method", "privacy_rights"}
    assert processing["pii_information"]["pii_type"] == "Die Adresse deines Geräts."
    assert processing["withdrawal_method"]["@type"] == "dpv:WithdrawConsent"
    assert "mindhaven choices withdraw reminders." in processing["withdrawal_method"]["words"]
    assert {"eu-gdpr:A7-3", "eu-gdpr:A77"} <= {one["@type"] for one in processing["privacy_rights"]}


def test_each_name_of_a_record_has_its_meaning_in_the_document_itself() -> None:
    made = as_27560(evidence(made=choice(person(), until=20_500), policy=policy(officer="Ada")))
    refused = as_27560(evidence(made=choice(person(), act=Act.REFUSED)))
    context = made.pop("@context")
    assert refused.pop("@context") == context
    assert all(not isinstance(one, str) or not one.startswith("http") or name.isalpha() or name == "eu-gdpr"
               for name, one in context.items())  # fmt: skip
    assert names([made, refused]) - {"@id", "@type"} <= set(context)
    used = names([made, refused]) | {"@version", "dct", "dpv", "eu-gdpr", "mh", "xsd"}
    assert set(context) <= used, "a name that no document has"
    prefixes = {name for name, one in CONTEXT.items() if isinstance(one, str) and one.endswith(("#", "/", ":"))}
    for one in CONTEXT.values():
        term = one["@id"] if isinstance(one, dict) else one
        assert term in {1.1, "@id"} or term.startswith("http") or term.partition(":")[0] in prefixes | {"urn"}, term


STATES = {
    Act.GIVEN: ("dpv:ConsentGiven", "active", "permit"),
    Act.REFUSED: ("dpv:ConsentRefused", "rejected", "deny"),
    Act.DEFERRED: ("dpv:ConsentRequestDeferred", "rejected", "deny"),
    Act.WITHDRAWN: ("dpv:ConsentWithdrawn", "inactive", "deny"),
}


@pytest.mark.parametrize("act", STATES)
def test_each_act_has_its_state_as_an_event_and_no_document_says_how_it_stands(act: Act) -> None:
    given = evidence(made=choice(person(), act=act))
    record, resource = as_27560(given), as_fhir(given)
    state, status, provision = STATES[act]
    assert [one["event_state"] for one in record["events"]] == ["dpv:ConsentRequested", state]
    assert (resource["status"], resource["provision"]["type"]) == (status, provision)
    Consent.model_validate(resource)
    record.pop("@context")
    record.pop("events")
    assert not [text for text in texts(record) if "dpv:ConsentGiven" in text or "dpv:ConsentWith" in text]
    assert record["how_it_stands_now"] == STANDS
    for form in FORMS:
        verify(written(render(given, form)), LOG.vkey)


# -- as FHIR

EXPECTED_FHIR: dict[str, Any] = {
    "resourceType": "Consent",
    "id": HASH,
    "meta": {"profile": ["https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic"]},
    "language": "de",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">'
             "<p>Erinnerungen: given on 2026-11-23T13:00:00Z by the person.</p>"
             "<p>Dieser Server ruft dein Gerät.</p><p>Der Dienst erfährt &lt;nie&gt;, wofür.</p>"
             "<p>It holds: until the end of 2026-12-01 (UTC); no longer once it is withdrawn, or more is asked in new"
             " words.</p><p>The server: records.example; who runs it: Lime Street Practice.</p>"
             f"<p>{STANDS.replace(chr(39), '&#x27;')}</p></div>"},
    "identifier": [{"system": "urn:mindhaven:choice", "value": HASH}],
    "status": "active",
    "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": {"type": "Patient", "identifier": {"system": "urn:mindhaven:account", "value": UID}},
    "dateTime": "2026-11-23T13:00:00Z",
    "performer": [{"type": "Patient", "identifier": {"system": "urn:mindhaven:account", "value": UID}}],
    "organization": [{"type": "Organization", "display": "Lime Street Practice",
                      "identifier": {"system": "urn:mindhaven:place", "value": "records.example"}}],
    "sourceAttachment": {"contentType": "text/plain; charset=utf-8", "language": "de", "title": "Erinnerungen",
                         "data": base64.b64encode(WORDS.encode()).decode(), "creation": "2026-11-23T12:00:00Z"},
    "policy": [{"uri": POLICY}],
    "provision": {"type": "permit", "period": {"start": "2026-11-23T13:00:00Z", "end": "2026-12-01"},
                  "purpose": [{"system": "urn:mindhaven:purpose", "code": "reminders", "display": "Erinnerungen"}]},
}  # fmt: skip
ONCE = ("status", "scope", "category", "patient", "dateTime", "performer", "organization", "sourceAttachment", "policy",
        "provision")  # fmt: skip
NEVER = ("policyRule", "verification")
"""What the basic profile of IHE PCF demands and forbids."""


def test_each_field_of_a_resource_is_as_the_profile_has_it() -> None:
    made = choice(person(), until=20_788)
    given = evidence(made=made)
    resource = as_fhir(given)
    Consent.model_validate(resource)
    extension = resource.pop("extension")
    assert extension == [
        {"url": "urn:mindhaven:consent-receipt:how-it-stands-now", "valueString": STANDS},
        {"url": "urn:mindhaven:consent-receipt:proof", "valueBase64Binary": given.text},
    ]
    assert json.loads(json.dumps(resource).replace(made.hash.hex(), HASH)) == EXPECTED_FHIR
    assert all(resource[name] for name in ONCE)
    assert not any(name in resource for name in NEVER)


def test_who_acts_for_the_person_and_who_says_nothing_of_themselves_is_told() -> None:
    parent = evidence(made=choice(person(), by=By.PARENT))
    assert as_fhir(parent)["performer"] == [{"type": "RelatedPerson", "display": "a parent of the person"}]
    assert as_27560(parent)["events"][1]["by"] == "a parent of the person"
    signal = evidence(made=choice(person(), act=Act.REFUSED, by=By.SIGNAL))
    assert as_fhir(signal)["performer"] == [as_fhir(signal)["patient"]]
    assert as_27560(signal)["events"][0]["@type"] == "dpv:Consent"
    nameless = policy(None, **dict.fromkeys(FACTS, ""))
    made = choice(person(), purpose="sale", act=Act.REFUSED, policy=hashlib.sha256(nameless).digest(), language="fr")
    given = evidence(made=made, policy=nameless)
    record = as_27560(given)
    jsonschema.validate(record, RECORD_SCHEMA)
    assert record["party_identification"][0]["name"] == NOT_SAID
    assert record["pii_processing"][0]["recipient_third_parties"] == NO_LINE
    assert as_fhir(given)["organization"][0]["display"] == NOT_SAID
    for form in FORMS:
        assert verify(written(render(given, form)), LOG.vkey).run_by == ""


@pytest.mark.parametrize("act", STATES)
def test_words_that_no_server_checked_are_told_as_stated_by_the_device(act: Act) -> None:
    given = evidence(made=choice(person(), act=act))
    (processing,) = as_27560(given)["pii_processing"]
    told = processing["privacy_notice"].get("stated", "")
    resource = as_fhir(given)
    urls = [one["url"].rpartition(":")[2] for one in resource["extension"]]
    assert ("as the person's device states them" in told) == (act is not Act.GIVEN)
    assert ("stated" in urls, "device states them" in resource["text"]["div"]) == (bool(told), bool(told))


def test_a_browsers_signal_does_not_say_that_words_were_shown() -> None:
    given = evidence(made=choice(person(), act=Act.REFUSED, by=By.SIGNAL))
    record, resource = as_27560(given), as_fhir(given)
    assert [one["event_state"] for one in record["events"]] == ["dpv:ConsentRefused"]
    assert not [text for text in texts(record["events"]) if "shown" in text]
    notice = record["pii_processing"][0]["privacy_notice"]
    assert "date" not in notice
    assert notice["stated"].startswith("No words were shown for it")
    assert "creation" not in resource["sourceAttachment"]
    Consent.model_validate(resource)
    jsonschema.validate(record, RECORD_SCHEMA)
    for form in FORMS:
        verify(written(render(given, form)), LOG.vkey)


@pytest.mark.parametrize("language", ["register", "fr"])
def test_a_language_that_is_none_of_the_policys_shows_english_and_never_the_register(language: str) -> None:
    given = evidence(made=choice(person(), act=Act.REFUSED, language=language))
    assert as_27560(given)["pii_processing"][0]["privacy_notice"]["policy_text"] == "# What happens"


def test_an_officer_is_a_party() -> None:
    parties = as_27560(evidence(policy=policy(officer="Ada, ada@lime.example")))["party_identification"]
    assert [one["type"] for one in parties] == ["dpv:DataController", "dpv:DataSubject", "dpv:DataProtectionOfficer"]
    assert parties[2]["name"] == "Ada, ada@lime.example"
