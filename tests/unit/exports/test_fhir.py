import base64
import importlib
import io
import json
from dataclasses import replace

import pytest
from fhir.resources.R4B.bundle import Bundle

from mindhaven.sdk.exports import Owner, write_fhir

T = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def bundle_of(items, **more):
    target = io.BytesIO()
    told = write_fhir(items, target, made_at=T, **more)
    return json.loads(target.getvalue()), told


def resources(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def valid(bundle):
    Bundle.model_validate(bundle)
    for entry in bundle["entry"]:
        name = entry["resource"]["resourceType"]
        module = importlib.import_module(f"fhir.resources.R4B.{name.lower()}")
        getattr(module, name).model_validate(entry["resource"])
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"


def test_the_bundle_is_valid_r4_and_refers_only_to_itself(everything):
    bundle, told = bundle_of(everything, include_journal=True)
    valid(bundle)
    assert told == {"records": 17, "journal-left-out": 0}
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)

    def references(value):
        if isinstance(value, dict):
            yield from ([value["reference"]] if "reference" in value else [])
            for entry in value.values():
                yield from references(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from references(entry)

    assert set(references(bundle)) <= set(urls)


def test_an_empty_bundle_is_valid():
    bundle, told = bundle_of([])
    valid(bundle)
    assert told["records"] == 0
    assert resources(bundle, "Patient") == [bundle["entry"][0]["resource"]]


def test_nothing_that_a_person_wrote_is_lost(everything, leaves):
    for item in everything:
        bundle, _ = bundle_of([item], include_journal=True)
        text = json.dumps(bundle, ensure_ascii=False)
        for resource in resources(bundle, "DocumentReference"):
            text += base64.b64decode(resource["content"][0]["attachment"]["data"]).decode()
        for leaf in leaves(item.record.body):
            if isinstance(leaf, str):
                shown = leaf in text or json.dumps(leaf, ensure_ascii=False)[1:-1] in text
                assert shown, f"{item.record.kind}: {leaf!r}"


def test_the_person_has_no_name(everything):
    bundle, _ = bundle_of(everything)
    assert [set(patient) for patient in resources(bundle, "Patient")] == [{"resourceType", "id"}]


def test_a_journal_goes_only_when_asked_for(everything):
    bundle, told = bundle_of(everything)
    assert resources(bundle, "DocumentReference") == []
    assert told == {"records": 16, "journal-left-out": 1}
    assert "It rained" not in json.dumps(bundle)
    bundle, _ = bundle_of(everything, include_journal=True)
    data = resources(bundle, "DocumentReference")[0]["content"][0]["attachment"]["data"]
    assert base64.b64decode(data).decode() == "It rained."


def test_a_journal_of_another_version_or_shape_is_left_out_too(one):
    newer = one("mindhaven/journal", {"text": "It rained.", "weather": "rain"}, version=2)
    misshapen = one("mindhaven/journal", {"text": "x"})
    object.__setattr__(misshapen.record, "body", {"text": ["It rained."]})
    bundle, told = bundle_of([newer, misshapen])
    assert told == {"records": 0, "journal-left-out": 2}
    assert "It rained" not in json.dumps(bundle)


def test_what_does_not_fit_its_kind_is_kept_as_it_is_and_stops_nothing(one):
    for kind, body in (
        ("mindhaven/checkup", {}),
        ("mindhaven/mood", {"valence": "high", "labels": 3}),
        ("mindhaven/sleep", {"start": True, "stages": [{"stage": 1}]}),
        ("mindhaven/medication", {"taken": "yes"}),
    ):
        item = one("mindhaven/mood", {"valence": 0})
        for name, value in (("kind", kind), ("body", body), ("created_at", 2**62)):
            object.__setattr__(item.record, name, value)
        bundle, _ = bundle_of([item])
        valid(bundle)
        assert json.loads(resources(bundle, "Basic")[0]["extension"][2]["valueString"]) == body


def test_a_total_is_derived_from_its_answers(everything):
    bundle, _ = bundle_of(everything)
    responses = resources(bundle, "QuestionnaireResponse")
    totals = [o for o in resources(bundle, "Observation") if "derivedFrom" in o]
    assert [response["status"] for response in responses] == ["completed", "stopped", "completed"]
    assert totals[0]["code"]["coding"] == [{"system": "http://loinc.org", "code": "44261-6"}]
    assert totals[0]["valueQuantity"]["value"] == 9  # 0+1+2 three times
    assert totals[0]["derivedFrom"] == [{"reference": f"urn:uuid:{responses[0]['id']}"}]
    assert totals[0]["interpretation"] == [{"text": "mild"}]
    assert len(totals) == 2, "no total where answers are missing: never an Observation without its items"
    last = responses[0]["item"][-1]
    assert (last["linkId"], last["answer"][0]["valueCoding"]["code"]) == ("/69722-7", "LA6573-5")
    first = responses[0]["item"][1]
    assert first["linkId"] == "/44255-8"
    assert first["answer"][0]["valueCoding"]["extension"][0]["valueDecimal"] == 1
    assert "answer" not in responses[1]["item"][5]
    assert responses[2]["item"] == [
        {"linkId": "q1", "answer": [{"valueInteger": 4}]},
        {"linkId": "q2"},
        {"linkId": "difficulty", "answer": [{"valueInteger": 2}]},
    ]


def test_no_local_code_poses_as_a_public_one(everything):
    bundle, _ = bundle_of(everything, include_journal=True)

    def codings(value):
        if isinstance(value, dict):
            if "system" in value and "code" in value:
                yield value["system"], value["code"]
            for entry in value.values():
                yield from codings(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from codings(entry)

    loinc = {code for system, code in codings(bundle) if system == "http://loinc.org"}
    assert {"44261-6", "LA6568-5", "LA6569-3", "LA6570-1", "LA6573-5"} == loinc


def test_moods_and_nights_have_components(one):
    bundle, _ = bundle_of([one("mindhaven/mood", {"valence": -0.5, "arousal": 0.25, "labels": ["a", "b"]})])
    valid(bundle)
    parts = {part["code"]["coding"][0]["code"]: part for part in resources(bundle, "Observation")[0]["component"]}
    assert parts["valence"]["valueQuantity"]["value"] == -0.5
    assert parts["arousal"]["valueQuantity"]["value"] == 0.25
    night = {"start": T, "end": T + 27_900_000, "stages": [{"stage": "rem", "start": T, "end": T + 60_000}]}
    bundle, _ = bundle_of([one("mindhaven/sleep", night)])
    sleep = resources(bundle, "Observation")[0]
    assert sleep["effectivePeriod"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T07:45:00Z"}
    assert sleep["valueQuantity"]["value"] == 465
    assert sleep["component"][0]["valuePeriod"]["end"] == "2026-01-01T00:01:00Z"


@pytest.mark.parametrize(("taken", "status"), [(True, "completed"), (False, "not-taken"), (None, "active")])
def test_a_dose_taken_or_not(one, taken, status):
    body = {"name": "M"} | ({} if taken is None else {"taken": taken})
    bundle, _ = bundle_of([one("mindhaven/medication", body)])
    valid(bundle)
    assert resources(bundle, "MedicationStatement")[0]["status"] == status


def test_what_nobody_knows_is_kept_as_it_is(everything):
    bundle, _ = bundle_of(everything)
    kept = resources(bundle, "Basic")
    bodies = [
        json.loads(extension["valueString"]) for r in kept for extension in r["extension"] if "body" in extension["url"]
    ]
    assert {"vivid": True, "text": "Flying", "n": {"a": [1, 2.5, None]}} in bodies
    assert {"valence": 0.2, "colour": "blue"} in bodies
    newer = next(resource for resource in kept if resource["meta"].get("tag", [{}])[-1].get("code") == "02" * 16)
    assert newer["extension"][0]["valueString"] == "mindhaven/mood 2"


def test_imports_say_where_they_came_from(everything):
    bundle, _ = bundle_of(everything)
    (origin,) = resources(bundle, "Provenance")
    assert origin["recorded"] == "2026-01-01T00:00:00Z"
    assert origin["entity"][0]["what"]["display"] == "daylio-csv"


def test_empty_texts_make_no_invalid_resource(one):
    for kind, body in [
        ("mindhaven/journal", {"text": ""}),
        ("mindhaven/mood", {"valence": 0, "note": "", "title": "", "labels": [], "raw": {"scale": ""}}),
        ("mindhaven/plan", {"signs": [" "], "people": [], "note": " "}),
        ("mindhaven/medication", {"name": "x", "dose": "", "note": ""}),
        ("mindhaven/mood", {"valence": 0, "source": {"app": "x", "key": ""}}),
    ]:
        valid(bundle_of([one(kind, body)], include_journal=True)[0])


def test_the_same_records_give_the_same_bytes_in_any_order(everything):
    one, two = io.BytesIO(), io.BytesIO()
    write_fhir(everything, one, made_at=T)
    write_fhir(list(reversed(everything)), two, made_at=T)
    assert one.getvalue() == two.getvalue()


def test_whose_records_and_whose_words(one):
    owner = Owner(b"\xb2" * 32, "Ana")
    written = replace(one("mindhaven/journal", {"text": "x"}), owner=owner, author_name="Dr B")
    target = io.BytesIO()
    write_fhir([written], target, made_at=T, include_journal=True)
    patient, document = [entry["resource"] for entry in json.loads(target.getvalue())["entry"]]
    assert patient["name"] == [{"text": "Ana"}]
    assert patient["identifier"] == [{"system": "urn:x-mindhaven:author", "value": "b2" * 32}]
    assert document["subject"] == {"reference": f"urn:uuid:{patient['id']}"}
    assert document["author"] == [
        {"identifier": {"system": "urn:x-mindhaven:author", "value": "a1" * 32}, "display": "Dr B"}
    ]
    own = io.BytesIO()
    write_fhir([one("mindhaven/journal", {"text": "x"})], own, made_at=T, include_journal=True)
    assert json.loads(own.getvalue())["entry"][0]["resource"]["id"] != patient["id"]
