"""Receipts of choices: each field by hand, and every bent one refused by name."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from fhir.resources.R4B.consent import Consent
from tests.simulators.chosen import (
    FACTS,
    HOUR_ASKED,
    LOG,
    OTHER_LOG,
    WORDS,
    choice,
    evidence,
    person,
    policy,
    proof,
    resigned,
    told,
)

from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol.choice import HOUR, Act, By, text_hash
from mindhaven.sdk.consent_receipts import FORMS, Evidence, as_27560, as_fhir, render, verify, written
from mindhaven.sdk.consent_receipts.evidence import MOST_BYTES
from mindhaven.sdk.consent_receipts.record import CONTEXT, NO_LINE, NOT_SAID, STANDS
from mindhaven.tlog.note import VerifierKey

HASH = choice(person()).hash.hex()
UID = person().uid.hex()
POLICY = "ni:///sha-256;" + base64.urlsafe_b64encode(hashlib.sha256(policy()).digest()).decode().rstrip("=")
HONEST = evidence()
PROOF = base64.b64encode(HONEST.encode()).decode()


def refused(code: str) -> Any:
    return pytest.raises(MindhavenError, check=lambda error: error.reason == code)


# -- as ISO/IEC TS 27560

EXPECTED_27560: dict[str, Any] = {
    "@id": f"urn:mindhaven:choice:{HASH}",
    "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
    "schema_version": "ISO/IEC TS 27560:2023 (mindhaven/consent-receipt/v1)",
    "record_id": HASH,
    "receipt_id": HASH,
    "pii_principal_id": UID,
    "how_it_stands_now": STANDS,
    "party_identification": [
        {"party_id": "records.example", "type": "dpv:DataController", "role": "who runs the server",
         "name": "Lime Street Practice", "address": "Lime Street 1, Cork", "contact": "mail@lime.example"},
        {"party_id": UID, "type": "dpv:DataSubject", "role": "the person whose choice it is",
         "name": "not in this receipt", "address": "not in this receipt",
         "contact": "not in this receipt: the id is that of the account whose keys signed"},
    ],
    "events": [
        {"@type": "dpv:Consent", "entity_id": UID, "event_type": "the words were shown",
         "event_time": "2026-11-23T12:00:00Z", "validity_duration": "until it was answered",
         "event_state": "dpv:ConsentRequested"},
        {"@type": ["dpv:Consent", "dpv:ExplicitlyExpressedConsent"], "entity_id": UID,
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
    "pii_controllers": "records.example",
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
    context = made.pop("@context")
    assert all(not isinstance(one, str) or not one.startswith("http") or name.isalpha() or name == "eu-gdpr"
               for name, one in context.items())  # fmt: skip
    assert names(made) - {"@id", "@type"} <= set(context)
    used = names(made) | {"@version", "dct", "dpv", "eu-gdpr", "mh", "xsd"}
    assert set(context) <= used, "a name that no document has"
    prefixes = {name for name, one in CONTEXT.items() if isinstance(one, str) and one.endswith(("#", "/", ":"))}
    for one in CONTEXT.values():
        term = one["@id"] if isinstance(one, dict) else one
        assert term == 1.1 or term.startswith("http") or term.partition(":")[0] in prefixes | {"urn"}, term


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
    assert as_27560(signal)["events"][1]["@type"] == "dpv:Consent"
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


def test_an_officer_is_a_party() -> None:
    parties = as_27560(evidence(policy=policy(officer="Ada, ada@lime.example")))["party_identification"]
    assert [one["type"] for one in parties] == ["dpv:DataController", "dpv:DataSubject", "dpv:DataProtectionOfficer"]
    assert parties[2]["name"] == "Ada, ada@lime.example"


# -- verified


@pytest.mark.parametrize("form", FORMS)
def test_who_has_the_file_and_the_key_verifies_it(form: Any) -> None:
    file = written(render(evidence(), form))
    found = verify(file, LOG.vkey)
    assert (found.form, found.choice, found.words) == (form, choice(person()), WORDS)
    assert (found.place, found.run_by, found.index) == ("records.example", "Lime Street Practice", 3)
    assert found.checkpoint.size == 8
    # How it is spaced, and in which order its names stand, says nothing.
    verify(json.dumps(json.loads(file)).encode(), LOG.vkey)


MADE = choice(person())
MOVED = choice(person(), purpose="sale")
TURNED = choice(person(), act=Act.REFUSED)
BACK = choice(person(), asked=HOUR_ASKED - 100 * HOUR, at=HOUR_ASKED - 100 * HOUR)
FORGED: dict[str, tuple[Evidence, str]] = {
    "another purpose": (replace(HONEST, signed=resigned(MOVED, HONEST)), "consent-receipt-signature"),
    "another purpose, and the log tells it so": (
        replace(HONEST, signed=resigned(MOVED, HONEST), proof=proof(told(MOVED))), "consent-receipt-signature"),
    "another act": (replace(HONEST, signed=resigned(TURNED, HONEST)), "consent-receipt-signature"),
    "other words": (replace(HONEST, words=WORDS + "!"), "consent-receipt-text"),
    "another policy": (replace(HONEST, policy=policy(name="Somebody else")), "consent-receipt-policy"),
    "another person's signature": (
        replace(HONEST, signed=MADE.sign(person(2).identity).encode()), "consent-receipt-signature"),
    "the statements of another account": (
        replace(HONEST, statements=person(2).statements), "consent-receipt-keys"),
    "no statement": (replace(HONEST, statements=()), "consent-receipt-keys"),
    "a statement that is none": (replace(HONEST, statements=(b"\x80",)), "consent-receipt-keys"),
    "keys that were never stated": (replace(HONEST, generation=2), "consent-receipt-signature"),
    "another log": (replace(HONEST, proof=proof(told(MADE), OTHER_LOG)), "consent-receipt-log"),
    "another place in the log": (replace(HONEST, proof=proof(told(MADE), index=4)), "consent-receipt-log"),
    "another event": (
        replace(HONEST, proof=proof(told(MADE, name="accounts.statement.added"))), "consent-receipt-event"),
    "another version of the event": (replace(HONEST, proof=proof(told(MADE, version=2))), "consent-receipt-event"),
    "another person's event": (
        replace(HONEST, proof=proof(told(MADE, subject=person(2).uid))), "consent-receipt-event"),
    "another choice's event": (replace(HONEST, proof=proof(told(TURNED))), "consent-receipt-event"),
    "an event of another act": (
        replace(HONEST, proof=proof(told(MADE, fields=[MADE.hash, "reminders", 4]))), "consent-receipt-event"),
    "dated back by the person": (evidence(made=BACK, proof=proof(told(BACK, at=MADE.at))), "consent-receipt-time"),
    "dated back in the file": (replace(HONEST, signed=resigned(BACK, HONEST)), "consent-receipt-signature"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused_by_name(name: str, form: Any) -> None:
    forged, code = FORGED[name]
    with refused(code) as found:
        verify(written(render(forged, form)), LOG.vkey)
    assert isinstance(found.value, IntegrityError)
    assert found.value.hint


def test_under_another_key_nothing_holds() -> None:
    for key in (OTHER_LOG.vkey, VerifierKey("other.example/log/audit", LOG.vkey.algorithm, LOG.vkey.key)):
        with refused("consent-receipt-log"):
            verify(written(as_27560(HONEST)), key)


def bent(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each readable value."""
    if isinstance(value, dict):
        return [way for name, one in value.items() for way in bent(one, (*path, name))]
    if isinstance(value, list):
        return [way for number, one in enumerate(value) for way in bent(one, (*path, number))]
    return [path]


@pytest.mark.parametrize("form", FORMS)
def test_no_readable_field_can_be_changed_renamed_dropped_or_added(form: Any) -> None:
    whole = render(HONEST, form)
    verify(written(whole), LOG.vkey)
    tried = 0
    for way in bent(whole):
        if way == ("proof",) or "valueBase64Binary" in way or way[:2] in {("resourceType",), ("extension", 1)}:
            continue
        for change in ("value", "name", "drop", "add"):
            file = json.loads(written(whole))
            inner = file
            for step in way[:-1]:
                inner = inner[step]
            last = way[-1]
            if change == "value":
                inner[last] = (not inner[last] if isinstance(inner[last], bool) else inner[last] + 1
                               if isinstance(inner[last], int | float) else inner[last] + " ")  # fmt: skip
            elif isinstance(inner, list) or last == "resourceType":
                continue
            elif change == "name":
                inner[f"{last}_"] = inner.pop(last)
            elif change == "drop":
                del inner[last]
            else:
                inner["more"] = "x"
            with refused("consent-receipt-differs"):
                verify(json.dumps(file).encode(), LOG.vkey)
            tried += 1
    assert tried > 60


def test_a_number_in_another_spelling_is_another_file() -> None:
    file = written(as_27560(HONEST)).replace(b'"index": 3', b'"index": 3.0')
    with refused("consent-receipt-differs"):
        verify(file, LOG.vkey)


GOOD = written(as_27560(HONEST))
BAD: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[1]",
    "no text": b"\xff\xfe",
    "deep": b'{"a":' * 100_000,
    "a long number": b'{"a":' + b"9" * 5_000 + b"}",
    "not a number": GOOD.replace(b'"index": 3', b'"index": NaN'),
    "a name twice": GOOD.replace(b'"index": 3', b'"index": 3, "index": 4'),
    "no proof": b'{"resourceType": "Consent"}',
    "a proof that is no text": b'{"proof": 3}',
    "extensions that are none": b'{"resourceType": "Consent", "extension": [3, {"url": 4}]}',
    "no base64": b'{"proof": "!"}',
    "no evidence": b'{"proof": "AAAA"}',
    "too long": b" " * (MOST_BYTES + 1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_receipt_is_told_so(name: str) -> None:
    with refused("consent-receipt-shape") as found:
        verify(BAD[name], LOG.vkey)
    assert isinstance(found.value, InvalidInputError)


@pytest.mark.parametrize("other", [
    {"policy": b"{}x"}, {"policy": b'{"register": "[]"}'}, {"policy": b"\xff"}, {"signed": b"\x80"},
    {"proof": b"c2sp.org/tlog-proof@v1\n"}, {"generation": 0}, {"words": "w" * 10_001}, {"statements": (b"",) * 1_001},
], ids=str)  # fmt: skip
def test_evidence_that_cannot_be_read_is_told_so(other: dict[str, Any]) -> None:
    document = as_27560(HONEST) | {"proof": replace(HONEST, **other).text}
    with refused("consent-receipt-shape"):
        verify(written(document), LOG.vkey)


@pytest.mark.parametrize("other", [{"until": 9_999_999}, {"at": HOUR * 2**40, "asked": 0}], ids=str)
def test_a_day_that_no_calendar_has_is_told_so(other: dict[str, Any]) -> None:
    document = as_27560(HONEST) | {"proof": evidence(made=choice(person(), **other)).text}
    with refused("consent-receipt-shape"):
        verify(written(document), LOG.vkey)


def test_there_are_two_forms() -> None:
    with refused("consent-receipt-form"):
        render(HONEST, "pdf")  # type: ignore[arg-type]
