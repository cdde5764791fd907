"""Verifying a receipt of a choice without the server. Pure; no I/O.

Guarantees: what is returned was signed by the person's own keys, in these words, under this policy, and stands in the
log whose key was given; no readable field of the document can be other than the evidence makes it.
Does not: know what came after. How a purpose stands is in the person's chain.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.protocol import event
from mindhaven.protocol.account import AccountState, verify_chain
from mindhaven.protocol.choice import HOUR, Choice, text_hash, verify_choice
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.consent_receipts.evidence import MOST_BYTES, VERSION, Evidence, Reading, read, unreadable
from mindhaven.sdk.consent_receipts.fhir import PROOF, as_fhir
from mindhaven.sdk.consent_receipts.gathering import EVENT
from mindhaven.sdk.consent_receipts.record import as_27560
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import VerifierKey

OFF_SECONDS: Final = 3 * HOUR
"""From how far on the log's hour is too far from the choice's: a server takes two hours; both count whole hours."""
ASK: Final = "Do not rely on it. Ask whoever gave it to you for the file as it was first written."


Form: TypeAlias = Literal["27560", "fhir", "evidence"]
"""`evidence`: what a browser saves, from which the other two are made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A receipt that holds: its form, what was chosen, in which words, and where the log has it."""

    form: Form
    evidence: Evidence
    choice: Choice
    words: str
    place: str
    run_by: str
    index: int
    checkpoint: Checkpoint


def written(document: dict[str, Any]) -> bytes:
    """Return a receipt as a file: JSON, names in order, two signs of indent, UTF-8."""
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def verify(document: bytes, log_key: VerifierKey) -> Verified:
    """Verify a file (at most 16 MiB) under the key of the log `audit`; return what it shows.

    1. It is JSON in one of the forms, no name twice, and carries evidence that can be read:
       `InvalidInputError` (consent-receipt-shape).
    2. The statements lead from the choice's person to keys, each signed: `IntegrityError` (consent-receipt-keys).
    3. The choice bears both signatures of the keys of its generation (consent-receipt-signature).
    4. The words have the hash that was signed (consent-receipt-text).
    5. The policy has the hash that was signed (consent-receipt-policy).
    6. The log's key signed a checkpoint, and the event stands under it at the index (consent-receipt-log).
    7. That event is `consent.choice.made`, about this person, of this choice, purpose and act (consent-receipt-event).
    8. The log's hour is not three hours or more from the choice's (consent-receipt-time).
    9. The document made anew from the evidence is, as canonical JSON, byte for byte this one
       (consent-receipt-differs).
    """
    # 1.
    given, form = _parsed(document)
    evidence = _evidence(given, form)
    told = read(evidence)
    # 2. and 3.
    choice = told.choice
    _check_signed(told.signed, _account(evidence, choice.person), evidence.generation)
    # 4. to 8.
    _check_named(evidence, choice)
    checkpoint = _logged(told, log_key)
    _check_event(told)
    # 9.
    _check_same(given, RENDERERS[form](evidence))
    return Verified(
        form=form, evidence=evidence, choice=choice, words=evidence.words, place=told.place,
        run_by=told.controller.name, index=told.proof.index, checkpoint=checkpoint,
    )  # fmt: skip


def bare(evidence: Evidence) -> dict[str, Any]:
    """Return the file that says nothing but its evidence."""
    return {"form": VERSION, "proof": evidence.text}


RENDERERS: Final[Mapping[Form, Callable[[Evidence], dict[str, Any]]]] = {
    "27560": as_27560, "fhir": as_fhir, "evidence": bare,
}  # fmt: skip


def _parsed(document: bytes) -> tuple[dict[str, Any], Form]:
    if len(document) > MOST_BYTES:
        raise unreadable()
    try:
        given = json.loads(document.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise unreadable() from error
    if not isinstance(given, dict):
        raise unreadable()
    if given.get("form") == VERSION:
        return given, "evidence"
    return given, "fhir" if given.get("resourceType") == "Consent" else "27560"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raise `ValueError` if a name stands in it twice: readers would take one or the other."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _evidence(given: dict[str, Any], form: Form) -> Evidence:
    text = given.get("proof")
    if form == "fhir":
        more = given.get("extension")
        found = [one for one in more if isinstance(one, dict)] if isinstance(more, list) else []
        text = next((one.get("valueBase64Binary") for one in found if one.get("url") == PROOF), None)
    if not isinstance(text, str):
        raise unreadable()
    try:
        return Evidence.decode(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, InvalidInputError) as error:
        raise unreadable() from error


def _account(evidence: Evidence, person: bytes) -> AccountState:
    try:
        return verify_chain(person, [Signed.decode(one) for one in evidence.statements])
    except MindhavenError as error:
        raise IntegrityError(
            "The keys in this receipt are not those of the account that it names.", hint=ASK,
            code="consent-receipt-keys",
        ) from error  # fmt: skip


def _check_signed(signed: Signed, account: AccountState, generation: int) -> None:
    try:
        verify_choice(signed, account, generation=generation)
    except MindhavenError as error:
        raise IntegrityError(
            "This choice was not signed by the person.", hint=ASK, code="consent-receipt-signature"
        ) from error


def _check_named(evidence: Evidence, choice: Choice) -> None:
    if text_hash(evidence.words) != choice.text_hash:
        raise IntegrityError("These are not the words that the person saw.", hint=ASK, code="consent-receipt-text")
    if hashlib.sha256(evidence.policy).digest() != choice.policy:
        raise IntegrityError("This is not the policy that was shown.", hint=ASK, code="consent-receipt-policy")


def _logged(told: Reading, key: VerifierKey) -> Checkpoint:
    try:
        return told.proof.verify(event.commitment(*told.opening), key)
    except MindhavenError as error:
        raise IntegrityError(
            "The log of this key does not have this entry.",
            hint="See whether the key is the right one: the server and the person can tell it. " + ASK,
            code="consent-receipt-log",
        ) from error


def _check_event(told: Reading) -> None:
    choice, what = told.choice, told.told
    fields = (choice.hash, choice.purpose, int(choice.act))
    if (what.name, what.version, what.subject, what.fields) != (EVENT, 1, choice.person, fields):
        raise IntegrityError("What the log has here is not this choice.", hint=ASK, code="consent-receipt-event")
    if abs(what.at - choice.at) >= OFF_SECONDS:
        raise IntegrityError(
            "The log has this choice at another time than the one it bears.", hint=ASK, code="consent-receipt-time"
        )


def _check_same(given: dict[str, Any], made: dict[str, Any]) -> None:
    if _canonical(given) != _canonical(made):
        raise IntegrityError(
            "Something that can be read in this receipt is not what was signed.", hint=ASK,
            code="consent-receipt-differs",
        )  # fmt: skip


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
