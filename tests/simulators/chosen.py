"""People who choose, a policy and a log, without a server: what receipts of choices are made of, and bent."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.unit.tlog import rfc6962

from mindhaven.crypto.encoding import encode
from mindhaven.crypto.secrets import RootKey, Seed
from mindhaven.protocol import consent as consents
from mindhaven.protocol import event
from mindhaven.protocol.account import Identity, Statement, genesis
from mindhaven.protocol.choice import HOUR, Act, Choice, text_hash
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Consent
from mindhaven.protocol.encoding import ZERO32, Signed
from mindhaven.sdk.consent_receipts import Evidence
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import LogSigner
from mindhaven.tlog.proof import TlogProof

PLACE = "records.example"
LOG = LogSigner(f"{PLACE}/log/audit", Seed(b"\x51" * 32))
OTHER_LOG = LogSigner(f"{PLACE}/log/audit", Seed(b"\x52" * 32))
HOUR_ASKED = 1_795_435_200  # 2026-11-23T12:00:00Z
WORDS = "Erinnerungen\nDieser Server ruft dein Gerät.\nDer Dienst erfährt <nie>, wofür."
SALT = b"\x33" * 32
FACTS = {"name": "Lime Street Practice", "contact": "mail@lime.example", "officer": "", "seat": "Lime Street 1, Cork"}
LINE = {
    "id": "reminders", "title": "Reminders", "version": "1", "purpose": "To send an empty push.",
    "data": "the device's address", "people": "person", "basis": "consent", "keep": "until turned off",
    "recipients": "the push service", "third_countries": "the push services' own", "reviewed_on": "2026-11-29",
    "says": {
        "en": {"title": "Reminders", "what": "The address of your device.", "why": "To call it.",
               "keep": "Until you turn it off.", "who": "The push service.", "ground": "You asked for it."},
        "de": {"title": "Erinnerungen", "what": "Die Adresse deines Geräts.", "why": "Um es zu rufen.",
               "keep": "Bis du es ausschaltest.", "who": "Der Push-Dienst.", "ground": "Du hast darum gebeten."},
    },
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """An account with one statement."""

    uid: bytes
    identity: Identity
    statements: tuple[bytes, ...]


@cache
def person(seed: int = 1) -> Person:
    identity = Identity(1, *(Seed(bytes([seed, number]) * 16) for number in range(3)))
    first = genesis(RootKey(bytes([seed, 9]) * 16), identity, bytes(32))
    return Person(Statement.decode(first.body).uid, identity, (first.encode(),))


def policy(line: dict[str, Any] | None = LINE, **facts: str) -> bytes:
    register = json.dumps({"controller": FACTS | facts, "entries": [] if line is None else [line]})
    return json.dumps({"de": "# Was geschieht", "en": "# What happens", "register": register}).encode()


def choice(who: Person, **other: Any) -> Choice:
    fields: dict[str, Any] = {
        "person": who.uid, "number": 0, "previous": ZERO32, "purpose": "reminders", "act": Act.GIVEN, "terms": 1,
        "text_hash": text_hash(WORDS), "language": "de", "policy": hashlib.sha256(policy()).digest(),
        "asked": HOUR_ASKED, "at": HOUR_ASKED + HOUR,
    }  # fmt: skip
    return Choice(**(fields | other))


def told(made: Choice, **other: Any) -> bytes:
    """Return the body of the event that a server records of a choice."""
    fields: dict[str, Any] = {
        "name": "consent.choice.made", "version": 1, "subject": made.person, "seq": 4, "prev": b"\x02" * 32,
        "at": made.at, "fields": [made.hash, made.purpose, int(made.act)],
    }  # fmt: skip
    return event.body(**(fields | other))


def proof(body: bytes, log: LogSigner = LOG, *, index: int = 3) -> bytes:
    """Return the proof that an event stands in a log of eight entries."""
    entries = [bytes([number]) * 32 for number in range(8)]
    entries[3] = event.commitment(SALT, body)
    note = Checkpoint(log.vkey.name, len(entries), rfc6962.mth(entries)).sign(log)
    return TlogProof(index, tuple(rfc6962.path(index, entries)), note, encode([SALT, body])).encode()


def evidence(who: Person | None = None, made: Choice | None = None, **other: Any) -> Evidence:
    """Return the honest evidence of a choice, but for `other`."""
    who = who or person()
    made = made or choice(who)
    honest = Evidence(
        statements=who.statements, generation=1, signed=made.sign(who.identity).encode(), words=WORDS, policy=policy(),
        proof=proof(told(made)),
    )  # fmt: skip
    return replace(honest, **other)


def resigned(made: Choice, like: Evidence) -> bytes:
    """Return another choice under the signatures of the one in `like`."""
    return Signed(made.encode(), Signed.decode(like.signed).signatures).encode()


# -- consents to shares

SHARED = "Ich lasse die Person hier meine <Stimmung> lesen, ab 2026-05."
SHARE_LINE = LINE | {"id": "sharing", "purpose": "To let a person show records."}
COLLECTION = b"\x77" * 32


def share_policy(**facts: str) -> bytes:
    return policy(SHARE_LINE, **facts)


def consent(who: Person, **other: Any) -> Consent:
    fields: dict[str, Any] = {
        "grantor": who.uid, "recipient": person(7).uid, "role": Role.READER, "purpose": "care",
        "collection": COLLECTION, "since": 202605, "until": 20_788, "text_hash": consents.text_hash(SHARED),
        "language": "de", "register_version": hashlib.sha256(share_policy()).hexdigest(),
        "sealed_hash": b"\x44" * 32,
    }  # fmt: skip
    return Consent(**(fields | other))


def consent_told(made: Consent, **other: Any) -> bytes:
    """Return the body of the event that a server records of a consent."""
    digest = Signed(made.encode(), ()).hash("consent")
    fields: dict[str, Any] = {
        "name": "consent.record.given", "version": 1, "subject": made.grantor, "seq": 4, "prev": b"\x02" * 32,
        "at": HOUR_ASKED + HOUR, "fields": [digest, made.collection, made.grantor, made.recipient],
    }  # fmt: skip
    return event.body(**(fields | other))


def share_evidence(who: Person | None = None, made: Consent | None = None, **other: Any) -> Evidence:
    """Return the honest evidence of a consent to a share, but for `other`."""
    who = who or person()
    made = made or consent(who)
    honest = Evidence(
        of="share", statements=who.statements, generation=1, signed=made.sign(who.identity).encode(), words=SHARED,
        policy=share_policy(), proof=proof(consent_told(made)),
    )  # fmt: skip
    return replace(honest, **other)
