"""Verifying a receipt of a choice, or of a consent to a share, without the server. Pure; no I/O.

Guarantees: what is returned was signed by the person's own keys, in these words, under this policy, and stands in the
log whose key was given; no readable field of the document can be other than the evidence makes it.
Does not: know what came after. How a purpose stands is in the person's chain, and a share in the person's list.
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
from mindhaven.protocol.consent import Consent, verify_consent
from mindhaven.protocol.consent import text_hash as consent_text_hash
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.consent_receipts.evidence import (
    MOST_BYTES,
    VERSIONS,
    Evidence,
    Logged,
    Of,
    Reading,
    read,
    unreadable,
)
from mindhaven.sdk.consent_receipts.fhir import PROOF, as_fhir
from mindhaven.sdk.consent_receipts.gathering import EVENT
from mindhaven.sdk.consent_receipts.record import as_27560
from mindhaven.sdk.consent_receipts.shares import EVENT as CONSENT_EVENT
from mindhaven.sdk.consent_receipts.shares import (
    ShareReading,
    policy_named,
    read_share,
    share_as_27560,
    share_as_fhir,
)
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import VerifierKey

DAY: Final = 24 * HOUR
OFF_SECONDS: Final = 3 * HOUR
"""From how far on the log's hour is too far from the choice's: a server takes two hours; both count whole hours."""
ASK: Final = "Do not rely on it. Ask whoever gave it to you for the file as it was first written."


Form: TypeAlias = Literal["27560", "fhir", "evidence"]
"""`evidence`: what a browser saves, from which the other two are made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A receipt that holds: its form, what was signed, in which words, and where the log has it, at its hour `at`.

    `signed` is a choice or a consent to a share.
    """

    form: Form
    evidence: Evidence
    signed: Choice | Consent
    at: int
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
    2. The statements lead from the account to keys, each signed: `IntegrityError` (consent-receipt-keys).
    3. The choice or consent bears both signatures of the keys of its generation (consent-receipt-signature).
    4. The words have the hash that was signed (consent-receipt-text).
    5. The policy has the hash that was signed, or none was named (consent-receipt-policy).
    6. The log's key signed a checkpoint, and the event stands under it at the index (consent-receipt-log).
    7. That event is `consent.choice.made`, about this person, of this choice, purpose and act; or
       `consent.record.given`, of this consent, collection and these two people (consent-receipt-event).
    8. The log's hour is not three hours or more from a choice's, and not after a consent's last day
       (consent-receipt-time).
    9. The document made anew from the evidence is, as canonical JSON, byte for byte this one
       (consent-receipt-differs).
    """
    # 1.
    given, form = _parsed(document)
    evidence = _evidence(given, form)
    # 2. to 5.
    told = _share(evidence) if evidence.of == "share" else _choice(evidence)
    # 6.
    checkpoint = _logged(told.logged, log_key)
    # 7. and 8.
    if isinstance(told, ShareReading):
        _check_consent_event(told)
    else:
        _check_event(told)
    # 9.
    _check_same(given, RENDERERS[evidence.of][form](evidence))
    return Verified(
        form=form, evidence=evidence, signed=told.consent if isinstance(told, ShareReading) else told.choice,
        at=told.logged.told.at, words=evidence.words, place=told.logged.place, run_by=told.policy.controller.name,
        index=told.logged.proof.index, checkpoint=checkpoint,
    )  # fmt: skip


def _choice(evidence: Evidence) -> Reading:
    told = read(evidence)
    _check_signed(told, _account(evidence, told.choice.person), evidence.generation)
    _check_words(text_hash(evidence.words), told.choice.text_hash)
    _check_policy(evidence.policy, told.choice.policy)
    return told


def _share(evidence: Evidence) -> ShareReading:
    told = read_share(evidence)
    _check_signed(told, _account(evidence, told.consent.grantor), evidence.generation)
    _check_words(consent_text_hash(evidence.words), told.consent.text_hash)
    named = policy_named(told.consent)
    if named is not None or evidence.policy:
        _check_policy(evidence.policy, named)
    return told


def bare(evidence: Evidence) -> dict[str, Any]:
    """Return the file that says nothing but its evidence."""
    return {"form": VERSIONS[evidence.of], "proof": evidence.text}


RENDERERS: Final[Mapping[Of, Mapping[Form, Callable[[Evidence], dict[str, Any]]]]] = {
    "choice": {"27560": as_27560, "fhir": as_fhir, "evidence": bare},
    "share": {"27560": share_as_27560, "fhir": share_as_fhir, "evidence": bare},
}


def _parsed(document: bytes) -> tuple[dict[str, Any], Form]:
    if len(document) > MOST_BYTES:
        raise unreadable()
    try:
        given = json.loads(document.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise unreadable() from error
    if not isinstance(given, dict):
        raise unreadable()
    if given.get("form") in VERSIONS.values():
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


def _check_signed(told: Reading | ShareReading, account: AccountState, generation: int) -> None:
    try:
        if isinstance(told, ShareReading):
            verify_consent(told.signed, account, generation=generation)
        else:
            verify_choice(told.signed, account, generation=generation)
    except MindhavenError as error:
        raise IntegrityError(
            "This was not signed by the person.", hint=ASK, code="consent-receipt-signature"
        ) from error


def _check_words(made: bytes, signed: bytes) -> None:
    if made != signed:
        raise IntegrityError("These are not the words that the person saw.", hint=ASK, code="consent-receipt-text")


def _check_policy(policy: bytes, signed: bytes | None) -> None:
    """`signed`: the SHA-256 that was signed, None where a consent says that none was published."""
    if hashlib.sha256(policy).digest() != signed:
        raise IntegrityError("This is not the policy that was shown.", hint=ASK, code="consent-receipt-policy")


def _logged(told: Logged, key: VerifierKey) -> Checkpoint:
    try:
        return told.proof.verify(event.commitment(*told.opening), key)
    except MindhavenError as error:
        raise IntegrityError(
            "The log of this key does not have this entry.",
            hint="See whether the key is the right one: the server and the person can tell it. " + ASK,
            code="consent-receipt-log",
        ) from error


def _check_event(told: Reading) -> None:
    choice, what = told.choice, told.logged.told
    fields = (choice.hash, choice.purpose, int(choice.act))
    if (what.name, what.version, what.subject, what.fields) != (EVENT, 1, choice.person, fields):
        raise IntegrityError("What the log has here is not this choice.", hint=ASK, code="consent-receipt-event")
    if abs(what.at - choice.at) >= OFF_SECONDS:
        raise IntegrityError(
            "The log has this choice at another time than the one it bears.", hint=ASK, code="consent-receipt-time"
        )


def _check_consent_event(told: ShareReading) -> None:
    """A consent bears no hour of its own: the log's is the one that is told, and it is none after the last day."""
    its, what = told.consent, told.logged.told
    fields = (told.hash, its.collection, its.grantor, its.recipient)
    if (what.name, what.version, what.subject, what.fields) != (CONSENT_EVENT, 1, its.grantor, fields):
        raise IntegrityError("What the log has here is not this consent.", hint=ASK, code="consent-receipt-event")
    if its.until and what.at // DAY > its.until:
        raise IntegrityError(
            "The log has this consent after the last day that it names.", hint=ASK, code="consent-receipt-time"
        )


def _check_same(given: dict[str, Any], made: dict[str, Any]) -> None:
    try:
        same = _canonical(given) == _canonical(made)
    except RecursionError:  # nested deeper than anything that is written here
        same = False
    if not same:
        raise IntegrityError(
            "Something that can be read in this receipt is not what was signed.", hint=ASK,
            code="consent-receipt-differs",
        )  # fmt: skip


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
