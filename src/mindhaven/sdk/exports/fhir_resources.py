"""One function for each export rule: a record becomes FHIR R4 resources.

Guarantees: what a rule has no element for goes into a component, a note or an extension as text; nothing is
dropped. Codes: LOINC only where the instrument's data file gives a source; everything else in the local
system `LOCAL`.
"""

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from mindhaven.errors import NotFoundError
from mindhaven.kinds import JsonValue, encode_body, kind_named
from mindhaven.kinds.instruments import Instrument, load
from mindhaven.kinds.instruments.model import Item
from mindhaven.sdk.exports.model import Exported, local_text, utc_text

LOCAL: Final = "urn:x-mindhaven:codes"
ITEM_IDS: Final = "urn:x-mindhaven:item"
AUTHOR_IDS: Final = "urn:x-mindhaven:author"
EXTENSION: Final = "urn:x-mindhaven:field:"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_ORDINAL: Final = "http://hl7.org/fhir/StructureDefinition/ordinalValue"

_VALUES: Final = (("strength", "{score}", "0 to 10"), ("minutes", "min", "minute"), ("value", "{score}", ""))

Resource: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Exported, Resource], Iterator[Resource]]

PLAN_PARTS: Final = {
    "signs": "Signs that it is getting hard",
    "helps": "What helps me, on my own",
    "distractions": "People and places that take my mind off it",
    "people": "People I can ask for help",
    "professionals": "Professionals and crisis lines",
    "surroundings": "Making my surroundings safer",
    "reasons": "My reasons for living",
}


def uuid_of(item: bytes, role: str) -> str:
    """Return the UUID (version 8) of what `item` becomes in the role `role`."""
    raw = bytearray(hashlib.sha256(b"mindhaven/fhir-id/v1\x00" + role.encode() + b"\x00" + item).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def provenance(item: Exported, made: list[Resource], app: str, key: str, recorded: str) -> Resource:
    """Return the Provenance that says that `made` came from another app."""
    origin = {"identifier": {"system": f"{LOCAL}:import-key", "value": key}} if key else {}
    return {
        "resourceType": "Provenance",
        "id": uuid_of(item.item, "Provenance"),
        "target": [{"reference": f"urn:uuid:{resource['id']}"} for resource in made],
        "recorded": recorded,
        "activity": {"coding": [{"system": LOCAL, "code": "import", "display": "Import"}]},
        "agent": [{"who": _author(item, {}) | {"display": item.author_name or "The person's own device"}}],
        "entity": [{"role": "source", "what": {"display": app} | origin}],
    }


def observation(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the Observation of a mood, a night, a craving, a symptom and the like."""
    body = dict(item.record.body)
    kind = kind_named(item.record.kind)
    name = item.record.kind.rpartition("/")[2]
    resource = _base(item, "Observation", subject)
    resource |= {
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "survey", "display": "Survey"}]}],
        "code": {"coding": [_local(name)], "text": kind.title if kind else name},
    }
    start, end = body.pop("start", None), body.pop("end", None)
    if isinstance(start, int) and isinstance(end, int):
        resource["effectivePeriod"] = {"start": utc_text(start), "end": utc_text(end)}
        resource["valueQuantity"] = _quantity(round((end - start) / 60_000, 2), "min", "minute")
    else:
        resource["effectiveDateTime"] = local_text(item.record)
    if name in {"symptom", "factor"} and isinstance(body.get("name"), str):
        resource["code"]["text"] = body.pop("name")
    for field, unit, told in _VALUES:
        value = body.get(field)
        if isinstance(value, int | float) and "valueQuantity" not in resource:
            resource["valueQuantity"] = _quantity(value, unit, told)
            del body[field]
    note = body.pop("note", None)
    if isinstance(note, str) and note:
        resource["note"] = [{"text": note}]
    stages = body.pop("stages", None)
    body.pop("source", None)
    components = list(_stages(stages)) + [part for field, value in body.items() for part in _component(field, value)]
    if components:
        resource["component"] = components
    yield resource


def _stages(stages: JsonValue) -> Iterator[Resource]:
    for stage in stages if isinstance(stages, list) else []:
        if isinstance(stage, dict) and isinstance(stage.get("start"), int) and isinstance(stage.get("end"), int):
            period = {"start": utc_text(stage["start"]), "end": utc_text(stage["end"])}  # type: ignore[arg-type]
            yield {"code": {"coding": [_local(f"sleep-{stage.get('stage')}")]}, "valuePeriod": period}


def _component(field: str, value: JsonValue) -> Iterator[Resource]:
    code = {"coding": [_local(field)]}
    if isinstance(value, bool):
        yield {"code": code, "valueBoolean": value}
    elif isinstance(value, int | float):
        yield {"code": code, "valueQuantity": _quantity(value, "{score}", "")}
    elif isinstance(value, str):
        yield {"code": code, "valueString": value if value.strip() else "(empty)"}
    elif isinstance(value, list):
        for entry in value:
            yield from _component(field, entry)
    elif isinstance(value, dict):
        yield {"code": code, "valueString": encode_body(value).decode()}


def questionnaire_response(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the QuestionnaireResponse of a check-up and, if it has a total, the Observation derived from
    it."""
    body = item.record.body
    name = str(body["instrument"])
    try:
        instrument: Instrument | None = load(name)
    except NotFoundError:
        instrument = None
    if instrument is not None and instrument.version != body.get("version"):
        instrument = None  # another version may have had other words and codes
    answers = body.get("answers")
    response = _base(item, "QuestionnaireResponse", subject, performer=False)
    response |= {
        "questionnaire": f"urn:x-mindhaven:questionnaire:{name}|{body.get('version', '')}",
        "status": "stopped" if body.get("missing") else "completed",
        "authored": local_text(item.record),
        "author": _author(item, subject),
        "source": _author(item, subject),
        "language": str(body.get("language", "en")),
        "item": list(_answers(instrument, answers if isinstance(answers, dict) else {}, body.get("difficulty"))),
    }
    if _text(body.get("note")):
        response["extension"] = [{"url": f"{EXTENSION}note", "valueString": body["note"]}]
    yield response
    total = body.get("score")
    if isinstance(total, int):
        yield _total(item, subject, instrument, name, total, body.get("band"))


def _answers(
    instrument: Instrument | None, answers: Mapping[str, JsonValue], difficulty: JsonValue
) -> Iterator[Resource]:
    if instrument is None:
        for link_id, code in answers.items():
            yield {"linkId": link_id} | ({} if code is None else {"answer": [{"valueInteger": code}]})
        if difficulty is not None:
            yield {"linkId": "difficulty", "answer": [{"valueInteger": difficulty}]}
        return
    for question in instrument.items:
        yield _answered(instrument, question, answers.get(question.link_id))
    if instrument.difficulty is not None and difficulty is not None:
        yield _answered(instrument, instrument.difficulty, difficulty)


def _answered(instrument: Instrument, question: Item, code: JsonValue) -> Resource:
    told: Resource = {"linkId": question.link_id, "text": question.text}
    option = next((option for option in instrument.options_of(question) if option.code == code), None)
    if option is not None and code is not None:
        coding: Resource = {"system": LOINC, "code": option.loinc} if option.loinc else _local(f"answer-{option.code}")
        coding["display"] = option.text
        coding["extension"] = [{"url": _ORDINAL, "valueDecimal": option.weight}]
        told["answer"] = [{"valueCoding": coding}]
    return told


def _total(
    item: Exported, subject: Resource, instrument: Instrument | None, name: str, total: int, band: JsonValue
) -> Resource:
    resource = _base(item, "Observation", subject)
    coding = _local(f"{name}-total")
    if instrument is not None and instrument.total.loinc:
        coding = {"system": LOINC, "code": instrument.total.loinc}
    resource |= {
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "survey", "display": "Survey"}]}],
        "code": {"coding": [coding], "text": f"{instrument.title if instrument else name} total"},
        "effectiveDateTime": local_text(item.record),
        "valueQuantity": _quantity(total, "{score}", "score"),
        "derivedFrom": [{"reference": f"urn:uuid:{uuid_of(item.item, 'QuestionnaireResponse')}"}],
    }
    if isinstance(band, str):
        resource["interpretation"] = [{"text": band}]
    return resource


def document_reference(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the DocumentReference of a journal entry, its text inside; attachments are named, not carried."""
    body = item.record.body
    resource = _base(item, "DocumentReference", subject, performer=False)
    text = base64.b64encode(str(body.get("text", "")).encode()).decode()
    inside: Resource = {"contentType": "text/plain; charset=utf-8"} | ({"data": text} if text else {})
    if body.get("title"):
        inside["title"] = str(body["title"])
    listed = body.get("attachments")
    others = [
        {"attachment": {"title": encode_body(entry).decode()}}
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    ]
    resource |= {
        "status": "current",
        "type": {"coding": [_local("journal")], "text": "Journal entry"},
        "date": utc_text(item.record.created_at),
        "author": [_author(item, subject)],
        "content": [{"attachment": inside}, *others],
    }
    yield resource


def care_plan(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the CarePlan of a person's own plan: one activity for each line of it."""
    body = item.record.body
    resource = _base(item, "CarePlan", subject, performer=False)
    activities = []
    for part, title in PLAN_PARTS.items():
        entries = body.get(part)
        for entry in entries if isinstance(entries, list) else []:
            told = " · ".join(str(value) for value in entry.values()) if isinstance(entry, dict) else str(entry)
            if not told.strip():
                continue
            code = {"coding": [_local(f"plan-{part}", title)]}
            activities.append({"detail": {"code": code, "status": "in-progress", "description": told}})
    resource |= {"status": "active", "intent": "plan", "title": "My plan for hard times"}
    if activities:
        resource["activity"] = activities
    if _text(body.get("note")):
        resource["note"] = [{"text": body["note"]}]
    yield resource


def medication_statement(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the MedicationStatement of a dose taken or not, or of a schedule."""
    body = item.record.body
    resource = _base(item, "MedicationStatement", subject, performer=False)
    taken = body.get("taken")
    resource |= {
        "status": {True: "completed", False: "not-taken"}[taken] if isinstance(taken, bool) else "active",
        "medicationCodeableConcept": {"text": str(body["name"])},
        "effectiveDateTime": local_text(item.record),
        "informationSource": subject,
    }
    dosage = [str(body[field]) for field in ("dose", "schedule") if body.get(field)]
    if dosage:
        resource["dosage"] = [{"text": ", ".join(dosage)}]
    if _text(body.get("note")):
        resource["note"] = [{"text": body["note"]}]
    yield resource


def basic(item: Exported, subject: Resource) -> Iterator[Resource]:
    """Give the Basic resource of a record that has no other form: its whole body as JSON."""
    resource = _base(item, "Basic", subject, performer=False)
    resource |= {
        "code": {"coding": [_local("record")], "text": item.record.kind},
        "created": local_text(item.record)[:10],
        "extension": [
            {"url": f"{EXTENSION}kind", "valueString": f"{item.record.kind} {item.record.version}"},
            {"url": f"{EXTENSION}moment", "valueInstant": utc_text(item.record.created_at)},
            {"url": f"{EXTENSION}body", "valueString": encode_body(item.record.body).decode()},
        ],
    }
    yield resource


RULES: Final[Mapping[str, Rule]] = {
    "observation": observation,
    "questionnaire-response": questionnaire_response,
    "document-reference": document_reference,
    "care-plan": care_plan,
    "medication-statement": medication_statement,
    "basic": basic,
}


def _base(item: Exported, kind: str, subject: Resource, *, performer: bool = True) -> Resource:
    tags = [{"system": f"{LOCAL}:collection", "display": item.collection_name}] if item.collection_name else []
    if item.conflict_of is not None:
        tags.append({"system": f"{LOCAL}:conflict-of", "code": item.conflict_of.hex()})
    meta: Resource = {"versionId": str(item.revision)}
    if tags:
        meta["tag"] = tags
    resource: Resource = {"resourceType": kind, "id": uuid_of(item.item, kind), "meta": meta, "subject": subject}
    identifier = _identifier(ITEM_IDS, item.item)
    resource["identifier"] = identifier if kind == "QuestionnaireResponse" else [identifier]
    if performer:
        resource["performer"] = [_author(item, {})]
    return resource


def _author(item: Exported, subject: Resource) -> Resource:
    """Return who wrote a record: `subject` where that person did, else (or without one) the author's id and name."""
    if subject and not item.author_name:
        return subject
    named = {"display": item.author_name} if item.author_name else {}
    return {"identifier": _identifier(AUTHOR_IDS, item.author)} | named


def _text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _identifier(system: str, value: bytes) -> Resource:
    return {"system": system, "value": value.hex()}


def _local(code: str, display: str = "") -> Resource:
    return {"system": LOCAL, "code": code} | ({"display": display} if display else {})


def _quantity(value: float, code: str, unit: str) -> Resource:
    return {"value": value, "system": UCUM, "code": code} | ({"unit": unit} if unit else {})
