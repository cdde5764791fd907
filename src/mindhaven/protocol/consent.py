"""Consents: what accompanies every grant. Implements spec/consent.md.

Guarantees: the open part names exactly what is granted, to whom and until when, under the hash of the text that the
person saw; what is health information (kinds, names) is sealed to the two of them.
Does not: decide whether a consent is lawful. No I/O.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mindhaven.crypto.encoding import Value, decode, encode, labelled_hash
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import SealKey
from mindhaven.crypto.sign import verify
from mindhaven.crypto.wrap import ENC_BYTES, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState, Identity
from mindhaven.protocol.collection import Member, Role
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.epoch import check_month

TYPE: Final = "consent"
UNPUBLISHED: Final = "unpublished"
"""The register version where the server shows no policy (step 1)."""
MAX_SEALED_BYTES: Final = 64 * 1024
"""The sealed part: names of kinds and of the two people; a page of text at most."""

MAX_WORDS: Final = 10_000
"""Characters of the text that is agreed to: two pages, more than anybody reads before they agree."""
MOST_DAYS: Final = 36_525
"""A hundred years: a last day beyond a life is none."""
MOST_DAYS_APART: Final = 3_653
"""Ten years for notes and for a case: who agreed to it is asked again before that."""


class Purpose(StrEnum):
    """What a recipient may use it for (step 7). What is not `CARE` is asked by itself: laws say so."""

    CARE = "care"
    NOTES = "notes"
    PROCEEDINGS = "proceedings"


@dataclass(frozen=True, slots=True)
class Consent:
    """The open part.

    `[grantor, recipient uid, role, purpose code, collection, from, until, text hash, language, register version,
    sealed-part hash]`; `since` is a month (yyyymm, 0: all), `until` a day (days since 1970 UTC, 0: open).
    """

    grantor: bytes
    recipient: bytes
    role: Role
    purpose: str
    collection: bytes
    since: int
    until: int
    text_hash: bytes
    language: str
    register_version: str
    sealed_hash: bytes

    def encode(self) -> bytes:
        """Return the body bytes of this consent."""
        return encode(
            [
                self.grantor,
                self.recipient,
                int(self.role),
                self.purpose,
                self.collection,
                self.since,
                self.until,
                self.text_hash,
                self.language,
                self.register_version,
                self.sealed_hash,
            ]
        )

    @classmethod
    def decode(cls, body: bytes) -> "Consent":
        """Return the consent that `body` encodes."""
        grantor, recipient, role, purpose, collection, since, until, text, language, version, sealed = shape.fields(
            decode(body), 11, "A consent"
        )
        return cls(
            shape.raw(grantor, "A grantor", length=32),
            shape.raw(recipient, "A recipient", length=32),
            Role(shape.number(role, "A role", least=1, most=3)),
            shape.text(purpose, "A purpose", most=64),
            shape.raw(collection, "A collection id", length=32),
            check_month(shape.number(since, "A first month")),
            shape.number(until, "A last day", most=10_000_000),
            shape.raw(text, "A text hash", length=32),
            shape.text(language, "A language", most=35),
            shape.text(version, "A register version", most=64),
            shape.raw(sealed, "A sealed-part hash", length=32),
        )

    def sign(self, identity: Identity) -> Signed:
        """Return this consent hybrid-signed by the grantor."""
        body = self.encode()
        return Signed(body, tuple(identity.signer.sign(TYPE, body)))


def text_hash(text: str) -> bytes:
    """Return the labelled SHA-256 of the text that the person saw."""
    return labelled_hash("consent-text", text.encode("utf-8"))


def sealed_hash(sealed: bytes) -> bytes:
    """Return the labelled SHA-256 of the sealed part."""
    return labelled_hash("consent-sealed", sealed)


@dataclass(frozen=True, slots=True)
class Part:
    """What only the two can read: the collection's name, the recipient's handle, and the words that were agreed to.

    `text` is None in a part from before the words went along.
    """

    name: str
    handle: str
    text: str | None

    def content(self) -> list[Value]:
        """Return what `seal_part` seals."""
        return [self.name, self.handle] if self.text is None else [self.name, self.handle, self.text]


def read_part(content: Value, consent: Consent) -> Part:
    """Return what `open_part` opened; raise `IntegrityError` (consent-text, shape) (step 3)."""
    long = isinstance(content, list) and len(content) == 3
    name, handle, *words = shape.fields(content, 3 if long else 2, "A consent's sealed part")
    text = shape.text(words[0], "The words", most=MAX_WORDS) if words else None
    if text is not None and text_hash(text) != consent.text_hash:
        raise IntegrityError("These are not the words that were agreed to.", code="consent-text")
    return Part(shape.text(name, "A name"), shape.text(handle, "A handle"), text)


def verify_consent(signed: Signed, grantor: AccountState, *, generation: int) -> Consent:
    """Return the consent that `grantor` signed with `generation`, or raise `IntegrityError`."""
    consent = Consent.decode(signed.body)
    if consent.grantor != grantor.uid:
        raise IntegrityError("A consent was given by another person.", code="consent-grantor")
    verify(TYPE, grantor.keys_of(generation).signing, signed.body, list(signed.signatures), hybrid=True)
    return consent


def check_agrees(consent: Consent, member: Member, collection: bytes, grantor: bytes) -> None:
    """Raise `IntegrityError` (consent-differs) unless the consent says exactly what the members commit grants."""
    granted = (grantor, member.uid, member.role, collection, member.since, member.until)
    said = (
        consent.grantor,
        consent.recipient,
        consent.role,
        consent.collection,
        consent.since,
        consent.until,
    )
    if granted != said:
        raise IntegrityError("The consent and what is granted differ.", code="consent-differs")


def check_taken(consent: Consent, standing: Collection[str], *, day: int | None) -> None:
    """Raise `IntegrityError` unless a consent is of a form that is taken, and joined with no other (steps 7 and 8).

    `standing`: the purposes of the consents that stand between the two over this collection. `day`: on which it is
    given (days since 1970 UTC); None where it was given before. Codes: consent-purpose, consent-form, consent-day,
    consent-separate.
    """
    if consent.purpose not in {str(one) for one in Purpose}:
        raise IntegrityError(
            "A share is for care, notes or proceedings.", hint="Use a newer version.", code="consent-purpose"
        )
    if consent.purpose != Purpose.CARE and (consent.role is not Role.READER or not consent.until):
        raise IntegrityError(
            "A share of notes, or for proceedings, lets somebody read only, and has a last day.", code="consent-form"
        )
    most = MOST_DAYS if consent.purpose == Purpose.CARE else MOST_DAYS_APART
    if day is not None and consent.until and not day <= consent.until <= day + most:
        raise IntegrityError(
            "The last day of this share has passed, or is too far off.",
            hint=f"It lies within {most // 365} years from today.",
            code="consent-day",
        )
    if any(one != consent.purpose for one in standing):
        raise IntegrityError(
            "This is shared with this person for another purpose. Each purpose has a consent of its own.",
            hint="Stop that share first, or share a part of its own.",
            code="consent-separate",
        )


def seal_part(
    content: list[Value], *, grantor: tuple[bytes, int, bytes], recipient: tuple[bytes, int, bytes], collection: bytes
) -> bytes:
    """Return `content` sealed to both: CBOR [box, [[uid, key id, enc, ciphertext], ...]].

    `grantor` and `recipient` are (uid, key id, X-Wing public key).
    """
    key = SealKey(os.urandom(32))
    wraps: list[Value] = []
    for uid, key_id, xwing in (grantor, recipient):
        wrapped = wrap(xwing, key, wrap_info("consent-wrap", grantor[0], uid, key_id, [collection]))
        wraps.append([uid, key_id, wrapped.enc, wrapped.ciphertext])
    return encode([seal_box(key, "consent-part", collection, encode(content)), wraps])


def open_part(sealed: bytes, *, grantor: bytes, collection: bytes, uid: bytes, identity: Identity) -> list[Value]:
    """Return what `seal_part` sealed, opened by one of the two."""
    box, wraps = shape.fields(decode(sealed), 2, "A consent's sealed part")
    for entry in shape.items(wraps, "The wraps", most=2):
        to, key_id, enc, ciphertext = shape.fields(entry, 4, "A wrap")
        shape.raw(enc, "A wrap's enc", length=ENC_BYTES)
        shape.raw(ciphertext, "A wrap's ciphertext")
        if to == uid and key_id == identity.generation:
            info = wrap_info("consent-wrap", grantor, uid, key_id, [collection])
            key = SealKey(identity.unwrapper.unwrap(Wrapped(enc, ciphertext), info))
            content: list[Value] = decode(open_box(key, "consent-part", collection, box))
            return content
    raise IntegrityError("This consent's sealed part is not sealed to you.", code="consent-not-yours")
