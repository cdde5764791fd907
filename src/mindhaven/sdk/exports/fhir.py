"""An HL7 FHIR R4 Bundle (type `collection`) of a person's records.

Guarantees: every record is in it, or the summary says that journals were left out because nobody asked for
them; kinds without a mapping become `Basic` with their body as JSON; ids are derived from item ids, so the
same records give the same bundle; the person is a placeholder without a name. Written entry by entry.
Does not: claim a profile, compute a risk level, or send anything. Mapping: docs/reference/exports.md.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from mindhaven.kinds.catalogue import JOURNAL
from mindhaven.sdk.exports import fhir_resources as resources
from mindhaven.sdk.exports.model import Exported, Owner, in_order, kind_of, utc_text

PATIENT_ID: Final = resources.uuid_of(b"patient", "Patient")


def write_fhir(
    items: Iterable[Exported], target: BinaryIO, *, made_at: int, include_journal: bool = False
) -> dict[str, int]:
    """Write the bundle of `items` to `target` and return how many records went in, and `journal-left-out`.

    `made_at`: unix milliseconds, the bundle's own time; `include_journal`: journals go to clinics only when
    asked for.
    """
    told = {"records": 0, "journal-left-out": 0}
    opening = {"resourceType": "Bundle", "type": "collection", "timestamp": utc_text(made_at)}
    target.write(_json(opening)[:-1].encode() + b',"entry":[\n')
    ordered = in_order(items)
    owners = {item.owner for item in ordered} or {None}
    people = [_person(owner) for owner in sorted(owners, key=lambda one: b"" if one is None else one.uid)]
    target.write(b",\n".join(_entry(person) for person in people))
    for item in ordered:
        kind = kind_of(item.record)
        rule = "basic" if kind is None else kind.fhir
        if item.record.kind == JOURNAL.name and not include_journal:  # of whatever version and shape
            told["journal-left-out"] += 1
            continue
        told["records"] += 1
        for resource in _resources(rule, item, made_at):
            target.write(b",\n" + _entry(resource))
    target.write(b"\n]}\n")
    return told


def _resources(rule: str, item: Exported, made_at: int) -> Iterator[dict[str, Any]]:
    subject = {"reference": f"urn:uuid:{_person(item.owner)['id']}"}
    made = list(resources.RULES[rule](item, subject))
    yield from made
    source = item.record.body.get("source")
    app, key = (source.get("app"), source.get("key")) if isinstance(source, dict) else ("", "")
    if isinstance(app, str) and app:
        yield resources.provenance(item, made, app, key if isinstance(key, str) else "", utc_text(made_at))


def _person(owner: Owner | None) -> dict[str, Any]:
    """Return the person whose records these are: oneself without a name, another by the name that one gave."""
    if owner is None:
        return {"resourceType": "Patient", "id": PATIENT_ID}
    named = {"identifier": [{"system": resources.AUTHOR_IDS, "value": owner.uid.hex()}], "name": [{"text": owner.name}]}
    return {"resourceType": "Patient", "id": resources.uuid_of(owner.uid, "Patient")} | named


def _entry(resource: dict[str, Any]) -> bytes:
    return _json({"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}).encode()


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
