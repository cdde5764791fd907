"""What a receipt of a choice rests on, as bytes and as it reads. Pure; no I/O.

Guarantees: what is read comes from the evidence alone, so that the same bytes give the same receipt everywhere.
Does not: check a signature, a hash or a log (`verifying`).
"""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol import shape
from mindhaven.protocol.choice import Choice
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.ledger import AUDIT, Told
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.proof import TlogProof

VERSION: Final = "mindhaven/consent-receipt/v1"
"""The form of the evidence and the words around it: another sentence in a receipt is another version."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""A receipt has some 150 KiB: a policy in three languages, and 12 KiB for each change of keys."""
MOST_STATEMENTS: Final = 1_000
MOST_WORDS: Final = 10_000
_REGISTER: Final = "register"
"""The name in a packed policy that is no language: what the texts are made of."""
_SHOWN_DAYS: Final = date.max.toordinal() - date(1970, 1, 1).toordinal()
_SHOWN_SECONDS: Final = _SHOWN_DAYS * 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was signed and logged: `CBOR[version, statements, generation, choice, words, policy, proof]`.

    `statements`: the account's signed statements in order. `generation`: of the keys that signed. `signed`: the signed
    choice. `words`: what was shown. `policy`: the packed policy whose SHA-256 the choice names. `proof`: a C2SP
    tlog-proof of the event `consent.choice.made`, with extra `CBOR[salt, body]`.
    """

    statements: tuple[bytes, ...]
    generation: int
    signed: bytes
    words: str
    policy: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the bytes that a receipt carries."""
        return encode([VERSION, list(self.statements), self.generation, self.signed, self.words, self.policy,
                       self.proof])  # fmt: skip

    @property
    def text(self) -> str:
        """The same in base64."""
        return base64.b64encode(self.encode()).decode()

    @classmethod
    def decode(cls, data: bytes) -> "Evidence":
        """Read it; raise `InvalidInputError` (shape, encoding-*)."""
        version, statements, generation, signed, words, policy, proof = shape.fields(decode(data), 7, "The evidence")
        if version != VERSION:
            raise InvalidInputError("This receipt is of a version that is not known here.", code="shape")
        return cls(
            statements=tuple(
                shape.raw(one, "A statement") for one in shape.items(statements, "The statements", most=MOST_STATEMENTS)
            ),
            generation=shape.number(generation, "A generation", least=1),
            signed=shape.raw(signed, "A choice"),
            words=shape.text(words, "The words", most=MOST_WORDS),
            policy=shape.raw(policy, "A policy"),
            proof=shape.raw(proof, "A proof"),
        )


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the policy in one language: what, why, how long, who gets it, by what right."""

    title: str
    what: str
    why: str
    keep: str
    who: str
    ground: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the record of processing, as the policy carries it."""

    id: str
    title: str
    version: str
    purpose: str
    data: str
    people: str
    basis: str
    keep: str
    recipients: str
    third_countries: str
    says: dict[str, Said]


class Controller(msgspec.Struct, frozen=True, kw_only=True):
    """What the people who run a server say of themselves. Empty: not said."""

    name: str = ""
    contact: str = ""
    officer: str = ""
    seat: str = ""


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy is made of."""

    controller: Controller = Controller()
    entries: list[Line] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The evidence as it reads; `said` is None where the policy has no line of the purpose's name.

    `place` names the server as its log does. `opening`: the event's salt and body, `told` what the body tells.
    """

    signed: Signed
    choice: Choice
    title: str
    what: str
    then: str
    policy_text: str
    controller: Controller
    said: Said | None
    line: Line | None
    place: str
    proof: TlogProof
    opening: tuple[bytes, bytes]
    told: Told


def read(evidence: Evidence) -> Reading:
    """Return what the evidence says; raise `InvalidInputError` (consent-receipt-shape)."""
    try:
        return _read(evidence)
    except (MindhavenError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise unreadable() from error


def _read(evidence: Evidence) -> Reading:
    signed = Signed.decode(evidence.signed)
    choice = Choice.decode(signed.body)
    if choice.until > _SHOWN_DAYS or choice.at > _SHOWN_SECONDS:
        raise unreadable()
    texts = msgspec.json.decode(evidence.policy, type=dict[str, str])
    register = msgspec.json.decode(texts.get(_REGISTER, "{}"), type=Register)
    line = next((one for one in register.entries if one.id == choice.purpose), None)
    proof = TlogProof.parse(evidence.proof)
    salt, body = shape.fields(decode(proof.extra or b""), 2, "A proof's opening")
    told = Told.decode(shape.raw(body, "An event"))
    if told.at > _SHOWN_SECONDS:
        raise unreadable()
    human = {name: text for name, text in texts.items() if name != _REGISTER}
    title, what, then = (*evidence.words.split("\n", 2), "", "")[:3]
    return Reading(
        signed=signed, choice=choice, title=title, what=what, then=then,
        policy_text=human.get(choice.language) or human.get("en", ""), controller=register.controller,
        said=None if line is None else line.says.get(choice.language) or line.says.get("en"), line=line,
        place=Checkpoint.parse(proof.note.text).origin.removesuffix(f"/log/{AUDIT}"), proof=proof,
        opening=(shape.raw(salt, "A salt", length=32), body), told=told,
    )  # fmt: skip


def unreadable() -> InvalidInputError:
    """Return the error for what is no receipt of a choice."""
    return InvalidInputError(
        "This is not a receipt of a choice, or of a version that is not known here.",
        hint="Take the file as `mindhaven choices receipt` wrote it.",
        code="consent-receipt-shape",
    )


# -- how values are written


def hour_text(seconds: int) -> str:
    """Return a moment (seconds since 1970 UTC) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_text(day: int) -> str:
    """Return a day (days since 1970 UTC) as yyyy-mm-dd."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def policy_uri(digest: bytes) -> str:
    """Return a policy's SHA-256 as a URI that names it (RFC 6920)."""
    return f"ni:///sha-256;{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def without_empty(given: dict[str, Any]) -> dict[str, Any]:
    """Return what has a value."""
    return {name: value for name, value in given.items() if value not in ("", None)}
