"""Receipts of consents to shares: each field by hand, from the lists of both forms; forged ones refused by name."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.consent import Consent as Resource
from tests.simulators.chosen import (
    COLLECTION,
    HOUR_ASKED,
    LOG,
    OTHER_LOG,
    SHARED,
    consent,
    consent_told,
    evidence,
    person,
    policy,
    proof,
    share_evidence,
    share_policy,
)

from mindhaven.errors import MindhavenError
from mindhaven.protocol.choice import HOUR
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Consent, text_hash
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.consent_receipts import FORMS, Evidence, render, verify, written
from mindhaven.sdk.consent_receipts.record import CONTEXT
from mindhaven.sdk.consent_receipts.shares import STANDS
from mindhaven.sdk.consent_receipts.verifying import bare

UID, THEIRS = person().uid.hex(), person(7).uid.hex()
MADE = consent(person())
HASH = Signed(MADE.encode(), ()).hash("consent").hex()
HONEST = share_evidence()
POLICY = "ni:///sha-256;" + base64.urlsafe_b64encode(hashlib.sha256(share_policy()).digest()).decode().rstrip("=")
NOT_HERE = dict.fromkeys(("name", "address", "contact"), "not in this receipt")


def refused(code: str) -> Any:
    return pytest.raises(MindhavenError, check=lambda error: error.reason == code)


@pytest.mark.parametrize("form", FORMS)
def test_who_has_the_file_and_the_key_verifies_it(form: Any) -> None:
    found = verify(written(render(HONEST, form)), LOG.vkey)
    assert (found.form, found.signed, found.words) == (form, MADE, SHARED)
    assert (found.place, found.run_by, found.index) == ("records.example", "Lime Street Practice", 3)
    assert found.at == HOUR_ASKED + HOUR
    assert verify(written(bare(HONEST)), LOG.vkey).form == "evidence"


def test_each_field_of_a_record_is_as_the_list_has_it() -> None:
    made = render(HONEST, "27560")
    assert made["@id"] == f"urn:mindhaven:consent:{HASH}"
    assert made["schema_version"] == "ISO/IEC TS 27560:2023 (mindhaven/share-receipt/v1)"
    assert (made["record_id"], made["receipt_id"]) == (HASH, HASH)
    assert made["pii_principal_id"] == f"urn:mindhaven:account:{UID}"
    assert made["how_it_stands_now"] == STANDS
    host, whose, who = made["party_identification"]
    assert (host["type"], host["name"]) == ("dpv:DataController", "Lime Street Practice")
    assert (whose["party_id"], whose["role"]) == (f"urn:mindhaven:account:{UID}", "the person whose records they are")
    assert who == {
        "party_id": f"urn:mindhaven:account:{THEIRS}", "type": "dpv:ThirdParty", "role": "who may read them", **NOT_HERE
    }  # fmt: skip
    assert made["events"] == [{
        "@type": ["dpv:Consent", "dpv:ExplicitlyExpressedConsent"], "entity_id": f"urn:mindhaven:account:{UID}",
        "event_type": "signed consent to a share", "event_time": "2026-11-23T13:00:00Z",
        "validity_duration": "until the end of 2026-12-01 (UTC)", "event_state": "dpv:ConsentGiven",
    }]  # fmt: skip
    (processing,) = made["pii_processing"]
    assert processing["privacy_notice"] == {
        "@type": "dpv:ConsentNotice", "title": "Consent to a share", "text": SHARED,
        "text_hash": text_hash(SHARED).hex(), "language": "de", "policy": POLICY, "policy_text": "# Was geschieht",
    }  # fmt: skip
    assert processing["purposes"] == [{
        "@type": "dpv:Purpose", "purpose_id": "care", "purpose": "to help the person",
        "purpose_type": "To let a person show records.", "words": "Um es zu rufen.",
    }]  # fmt: skip
    assert COLLECTION.hex() in processing["pii_information"]["pii_type"]
    assert "2026-05" in processing["pii_information"]["pii_type"]
    assert processing["recipient_third_parties"] == f"urn:mindhaven:account:{THEIRS}"
    assert "may read;" in processing["processing_method"]
    assert "Stop sharing" in processing["withdrawal_method"]["words"]
    assert {name for one in (made, processing, whose) for name in one} - {"@id", "@type", "@context"} <= set(CONTEXT)


def test_each_field_of_a_resource_is_as_the_profile_has_it() -> None:
    resource = render(HONEST, "fhir")
    Resource.model_validate(resource)
    assert [one["url"].rpartition(":")[2] for one in resource["extension"]] == ["how-it-stands-now", "may", "proof"]
    assert resource["extension"][1]["valueString"] == "read"
    assert (resource["status"], resource["id"], resource["language"]) == ("active", HASH, "de")
    assert resource["patient"]["identifier"]["value"] == UID
    assert resource["performer"] == [resource["patient"]]
    assert base64.b64decode(resource["sourceAttachment"]["data"]).decode() == SHARED
    assert resource["policy"] == [{"uri": POLICY}]
    assert resource["provision"] == {
        "type": "permit",
        "period": {"start": "2026-11-23T13:00:00Z", "end": "2026-12-01"},
        "actor": [{
            "role": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"identifier": {"system": "urn:mindhaven:account", "value": THEIRS}},
        }],
        "purpose": [
            {"system": "urn:mindhaven:share-purpose", "code": "care"},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"},
        ],
        "dataPeriod": {"start": "2026-05"},
        "data": [{"meaning": "instance", "reference": {
            "identifier": {"system": "urn:mindhaven:collection", "value": COLLECTION.hex()}}}],
    }  # fmt: skip
    assert "<Stimmung>" not in resource["text"]["div"]


PURPOSES = {
    "care": (["TREAT"], [], "to help the person"),
    "notes": (["TREAT"], ["PSYTHPN"], "to read notes of therapy or counselling, which are kept apart"),
    "proceedings": (["HLEGAL"], [], "for a case at a court or before an authority"),
}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_has_its_codes_and_words(purpose: str) -> None:
    given = share_evidence(made=consent(person(), purpose=purpose))
    codes, labels, text = PURPOSES[purpose]
    resource = render(given, "fhir")
    Resource.model_validate(resource)
    assert [one["code"] for one in resource["provision"]["purpose"]] == [purpose, *codes]
    assert [one["code"] for one in resource["provision"].get("securityLabel", [])] == labels
    assert render(given, "27560")["pii_processing"][0]["purposes"][0]["purpose"] == text


def test_a_share_without_a_day_a_month_or_a_policy_is_told_so() -> None:
    open_ = consent(person(), since=0, until=0, role=Role.WRITER, register_version="unpublished")
    given = share_evidence(made=open_, policy=b"")
    record, resource = render(given, "27560"), render(given, "fhir")
    (processing,) = record["pii_processing"]
    assert record["events"][0]["validity_duration"] == "until the person stops it"
    assert "from the beginning on" in processing["pii_information"]["pii_type"]
    assert "may read, and add entries of their own;" in processing["processing_method"]
    assert processing["privacy_notice"]["policy"] == "urn:mindhaven:policy:unpublished"
    assert processing["lawful_basis"] == "nothing: the policy has no use of this name"
    assert "end" not in resource["provision"]["period"]
    assert "dataPeriod" not in resource["provision"]
    for form in FORMS:
        assert verify(written(render(given, form)), LOG.vkey).signed == open_


MOVED = consent(person(), purpose="proceedings")
LONGER = consent(person(), until=0)


def resigned(made: Consent) -> bytes:
    return Signed(made.encode(), Signed.decode(HONEST.signed).signatures).encode()


FORGED: dict[str, tuple[Evidence, str]] = {
    "another purpose": (
        replace(HONEST, signed=resigned(MOVED), proof=proof(consent_told(MOVED))), "consent-receipt-signature"),
    "a later day": (
        replace(HONEST, signed=resigned(LONGER), proof=proof(consent_told(LONGER))), "consent-receipt-signature"),
    "another person's signature": (
        replace(HONEST, signed=MADE.sign(person(2).identity).encode()), "consent-receipt-signature"),
    "other words": (replace(HONEST, words=SHARED + " "), "consent-receipt-text"),
    "another policy": (replace(HONEST, policy=policy(name="Somebody else")), "consent-receipt-policy"),
    "no policy": (replace(HONEST, policy=b""), "consent-receipt-policy"),
    "a policy where none was published": (
        share_evidence(made=consent(person(), register_version="unpublished")), "consent-receipt-policy"),
    "the statements of another account": (replace(HONEST, statements=person(2).statements), "consent-receipt-keys"),
    "keys that were never stated": (replace(HONEST, generation=2), "consent-receipt-signature"),
    "another log": (replace(HONEST, proof=proof(consent_told(MADE), OTHER_LOG)), "consent-receipt-log"),
    "another place in the log": (replace(HONEST, proof=proof(consent_told(MADE), index=4)), "consent-receipt-log"),
    "the end of a consent": (
        replace(HONEST, proof=proof(consent_told(MADE, name="consent.record.ended"))), "consent-receipt-event"),
    "another version of the event": (
        replace(HONEST, proof=proof(consent_told(MADE, version=2))), "consent-receipt-event"),
    "the recipient's event": (
        replace(HONEST, proof=proof(consent_told(MADE, subject=person(7).uid))), "consent-receipt-event"),
    "logged after its last day": (
        replace(HONEST, proof=proof(consent_told(MADE, at=(MADE.until + 1) * 86_400))), "consent-receipt-time"),
    "another consent's event": (replace(HONEST, proof=proof(consent_told(MOVED))), "consent-receipt-event"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused_by_name(name: str, form: Any) -> None:
    forged, code = FORGED[name]
    with refused(code):
        verify(written(render(forged, form)), LOG.vkey)


@pytest.mark.parametrize("form", FORMS)
def test_no_readable_field_can_be_changed(form: Any) -> None:
    whole = json.loads(written(render(HONEST, form)))
    tried = 0

    def bend(value: Any, way: tuple[Any, ...]) -> None:
        nonlocal tried
        for at, one in value.items() if isinstance(value, dict) else enumerate(value):
            if at in ("proof", "valueBase64Binary", "resourceType", "url"):
                continue
            if isinstance(one, dict | list):
                bend(one, (*way, at))
                continue
            value[at] = f"{one}x" if isinstance(one, str) else not one if isinstance(one, bool) else one + 1
            with refused("consent-receipt-differs"):
                verify(written(whole), LOG.vkey)
            value[at] = one
            tried += 1

    bend(whole, ())
    assert tried > 30


def test_evidence_of_one_sort_does_not_read_as_the_other() -> None:
    with refused("consent-receipt-shape"):
        render(replace(HONEST, of="choice"), "fhir")
    with refused("consent-receipt-shape"):
        render(replace(evidence(), of="share"), "27560")


def test_on_its_last_day_a_share_is_given() -> None:
    last = replace(HONEST, proof=proof(consent_told(MADE, at=(MADE.until + 1) * 86_400 - 3600)))
    assert verify(written(render(last, "fhir")), LOG.vkey).at // 86_400 == MADE.until


def test_signs_that_mislead_a_reader_stand_in_no_narrative() -> None:
    words = "Lesen\u202e\x1b[2J\u200b bis morgen."
    given = share_evidence(made=consent(person(), text_hash=text_hash(words)), words=words)
    resource = render(given, "fhir")
    assert "Lesen[2J bis morgen." in resource["text"]["div"]
    ElementTree.fromstring(resource["text"]["div"])
    assert verify(written(resource), LOG.vkey).words == words


def test_what_is_nested_beyond_all_measure_is_refused_by_name() -> None:
    whole = render(HONEST, "27560")
    for depth in range(900, 1000, 3):
        with pytest.raises(MindhavenError):
            verify(json.dumps(whole).encode()[:-1] + b', "zz": ' + b"[" * depth + b"]" * depth + b"}", LOG.vkey)


@pytest.mark.parametrize(
    "other",
    [
        {"role": Role.OWNER}, {"until": 10_000_000}, {"purpose": "of-later"}, {"purpose": "notes", "until": 0},
        {"register_version": "zz"}, {"register_version": "AB" * 32},
    ],
)  # fmt: skip
def test_a_consent_that_no_share_has_is_no_receipt(other: dict[str, Any]) -> None:
    with refused("consent-receipt-shape"):
        render(share_evidence(made=consent(person(), **other)), "27560")
