"""Receipts: what a server promises of one act, and what a reader holds it to. Implements spec/receipt.md.

Guarantees: a receipt binds the server to one event, at one place of its log; who kept it can show a lie.
Does not: prove anything by itself; the proof comes with the next public checkpoint. No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.errors import IntegrityError
from mindhaven.protocol import event, shape
from mindhaven.protocol.ledger import Told

COLLECTION: Final = "collection"
PERSON: Final = "person"
DIGEST: Final = "digest"

FORMS: Final[Mapping[str, tuple[str, Mapping[str, int]]]] = {
    "grant": ("sharing.grant.given", {COLLECTION: 0, PERSON: 2, DIGEST: 6}),
    "revocation": ("sharing.grant.revoked", {COLLECTION: 0, PERSON: 2}),
    "consent": ("consent.record.given", {DIGEST: 0, COLLECTION: 1, PERSON: 3}),
    "consent-ended": ("consent.record.ended", {COLLECTION: 1}),
    "choice": ("consent.choice.made", {DIGEST: 0}),
    "keys": ("accounts.statement.added", {DIGEST: 0}),
    "collection": ("vault.collection.erased", {COLLECTION: 0}),
    "account": ("rights.erasure.done", {}),
}
"""What a receipt can be for: the name of its event, and at which of its fields stands what was asked for (step 2)."""
WHAT: Final = {name: what for what, (name, _) in FORMS.items()}
"""The other way round: what the receipt for an event of that name is called."""


@dataclass(frozen=True, slots=True)
class About:
    """What somebody asked for, as far as it is said: which collection, which person, the hash of what they signed."""

    collection: bytes | None = None
    person: bytes | None = None
    digest: bytes | None = None

    def value(self) -> list[bytes | None]:
        """Return it as a list."""
        return [self.collection, self.person, self.digest]

    def asked(self) -> dict[str, bytes]:
        """Return what is said, by its name in `FORMS`."""
        named = {COLLECTION: self.collection, PERSON: self.person, DIGEST: self.digest}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Receipt:
    """That an event about `subject` was recorded, at `position` of the log `audit` (None: it will be given one).

    `seq` is its place in the subject's own list, `at` when the server said so (seconds since 1970 UTC).
    """

    what: str
    subject: bytes
    seq: int
    at: int
    commitment: bytes
    position: int | None

    def value(self) -> list[Any]:
        """Return it as it is encoded: step 1."""
        return [self.what, self.subject, self.seq, self.at, self.commitment, self.position]

    @classmethod
    def of(cls, value: object) -> "Receipt":
        """Read one; raise `InvalidInputError` (shape). What it is for may be unknown here: step 2."""
        what, subject, seq, at, commitment, position = shape.fields(value, 6, "A receipt")
        return cls(
            shape.text(what, "What a receipt is for"),
            shape.raw(subject, "A receipt's subject", length=32),
            shape.number(seq, "A receipt's seq"),
            shape.number(at, "A receipt's time"),
            shape.raw(commitment, "A receipt's commitment", length=32),
            None if position is None else shape.number(position, "A receipt's position"),
        )

    def check(self, about: About, salt: bytes, body: bytes) -> Told:
        """Return the event that it is for; raise `IntegrityError` (receipt-differs): step 4."""
        told = Told.decode(body)
        name, places = FORMS.get(self.what, ("", {}))
        asked = about.asked()
        fits = (
            event.commitment(salt, body) == self.commitment
            and (told.name, told.subject, told.seq) == (name, self.subject, self.seq)
            and all(told.fields[at : at + 1] == (asked[field],) for field, at in places.items() if field in asked)
        )
        if not fits:
            raise IntegrityError("A receipt of the server is for something else than was done.", code="receipt-differs")
        return told
