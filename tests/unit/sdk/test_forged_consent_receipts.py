"""Receipts of choices verified without a server: honest ones hold, every bent one is refused by name."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.simulators.chosen import (
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

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol.choice import HOUR, Act
from mindhaven.sdk.consent_receipts import FORMS, Evidence, as_27560, render, verify, written
from mindhaven.sdk.consent_receipts.evidence import MOST_BYTES
from mindhaven.tlog.note import VerifierKey

HONEST = evidence()


def refused(code: str) -> Any:
    return pytest.raises(MindhavenError, check=lambda error: error.reason == code)


@pytest.mark.parametrize("form", FORMS)
def test_who_has_the_file_and_the_key_verifies_it(form: Any) -> None:
    file = written(render(evidence(), form))
    found = verify(file, LOG.vkey)
    assert (found.form, found.signed, found.words) == (form, choice(person()), WORDS)
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


@pytest.mark.parametrize("hours", [-2, 0, 2])
def test_less_than_three_hours_between_the_choice_and_the_log_hold(hours: int) -> None:
    made = evidence(proof=proof(told(MADE, at=MADE.at + hours * HOUR)))
    verify(written(as_27560(made)), LOG.vkey)


@pytest.mark.parametrize("hours", [-3, 3])
def test_three_hours_between_the_choice_and_the_log_are_refused(hours: int) -> None:
    made = evidence(proof=proof(told(MADE, at=MADE.at + hours * HOUR)))
    with refused("consent-receipt-time"):
        verify(written(as_27560(made)), LOG.vkey)


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


def test_evidence_of_a_later_version_is_told_so() -> None:
    later = encode(["mindhaven/consent-receipt/v2", *decode(HONEST.encode())[1:]])
    with refused("consent-receipt-shape"):
        verify(written(as_27560(HONEST) | {"proof": base64.b64encode(later).decode()}), LOG.vkey)


def test_an_hour_of_the_log_that_no_calendar_has_is_told_so() -> None:
    late = replace(HONEST, proof=proof(told(MADE, at=HOUR * 2**40)))
    with refused("consent-receipt-shape"):
        verify(written(as_27560(HONEST) | {"proof": late.text}), LOG.vkey)


@pytest.mark.parametrize("other", [{"until": 9_999_999}, {"at": HOUR * 2**40, "asked": 0}], ids=str)
def test_a_day_that_no_calendar_has_is_told_so(other: dict[str, Any]) -> None:
    document = as_27560(HONEST) | {"proof": evidence(made=choice(person(), **other)).text}
    with refused("consent-receipt-shape"):
        verify(written(document), LOG.vkey)


def test_there_are_two_forms() -> None:
    with refused("consent-receipt-form"):
        render(HONEST, "pdf")  # type: ignore[arg-type]
