"""What a receipt of a choice, or of a consent to a share, rests on, as bytes and as it reads. Pure; no I/O.

Guarantees: what is read comes from the evidence alone, so that the same bytes give the same receipt everywhere.
Does not: check a signature, a hash or a log (`verifying`).
"""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

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
SHARE_VERSION: Final = "mindhaven/share-receipt/v1"
"""The same for a consent to a share."""
Of: TypeAlias = Literal["choice", "share"]
VERSIONS: Final[dict[Of, str]] = {"choice": VERSION, "share": SHARE_VERSION}
MOST_BYTES: Final = 16 * 1024 * 1024
"""A receipt has some 150 KiB: a policy in three languages, and 12 KiB for each change of keys."""
MOST_STATEMENTS: Final = 1_000
MOST_WORDS: Final = 10_000
REGISTER: Final = "register"
"""The name in a packed policy that is no language: what the texts are made of."""
SHOWN_DAYS: Final = date.max.toordinal() - date(1970, 1, 1).toordinal()
SHOWN_SECONDS: Final = SHOWN_DAYS * 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was signed and logged: `CBOR[version, statements, generation, signed, words, policy, proof]`.

    `statements`: the account's signed statements in order. `generation`: of the keys that signed. `signed`: the signed
    choice or consent. `words`: what was shown. `policy`: the packed policy whose SHA-256 it names; empty where a
    consent names none. `proof`: a C2SP tlog-proof of the event `consent.choice.made` or `consent.record.given`, with
    extra `CBOR[salt, body]`.
    """

    of: Of = "choice"
    statements: tuple[bytes, ...]
    generation: int
    signed: bytes
    words: str
    policy: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the bytes that a receipt carries."""
        return encode([VERSIONS[self.of], list(self.statements), self.generation, self.signed, self.words, self.policy,
                       self.proof])  # fmt: skip

    @property
    def text(self) -> str:
        """The same in base64."""
        return base64.b64encode(self.encode()).decode()

    @classmethod
    def decode(cls, data: bytes) -> "Evidence":
        """Read it; raise `InvalidInputError` (shape, encoding-*)."""
        version, statements, generation, signed, words, policy, proof = shape.fields(decode(data), 7, "The evidence")
        of = next((one for one, known in VERSIONS.items() if known == version), None)
        if of is None:
            raise InvalidInputError("This receipt is of a version that is not known here.", code="shape")
        return cls(
            of=of,
            statements=tuple(
                shape.raw(one, "A statement") for one in shape.items(statements, "The statements", most=MOST_STATEMENTS)
            ),
            generation=shape.number(generation, "A generation", least=1),
            signed=shape.raw(signed, "What was signed"),
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
class Policy:
    """The policy that was signed for, in one language; `said` and `line` are None where it has no such line."""

    text: str
    controller: Controller
    said: Said | None
    line: Line | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """The log's entry. `place` names the server as its log does; `opening`: the event's salt and body, `told` what the
    body tells."""

    place: str
    proof: TlogProof
    opening: tuple[bytes, bytes]
    told: Told


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The evidence of a choice as it reads."""

    signed: Signed
    choice: Choice
    title: str
    what: str
    then: str
    policy: Policy
    logged: Logged


def read(evidence: Evidence) -> Reading:
    """Return what the evidence says; raise `InvalidInputError` (consent-receipt-shape)."""
    try:
        return _read(evidence)
    except (MindhavenError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise unreadable() from error


def _read(evidence: Evidence) -> Reading:
    signed = Signed.decode(evidence.signed)
    choice = Choice.decode(signed.body)
    if choice.until > SHOWN_DAYS or choice.at > SHOWN_SECONDS:
        raise unreadable()
    title, what, then = (*evidence.words.split("\n", 2), "", "")[:3]
    return Reading(
        signed=signed, choice=choice, title=title, what=what, then=then,
        policy=read_policy(evidence, entry=choice.purpose, language=choice.language), logged=read_logged(evidence),
    )  # fmt: skip


def read_policy(evidence: Evidence, *, entry: str, language: str) -> Policy:
    """Return the policy as it reads in a language, with its line of an entry's id."""
    texts = msgspec.json.decode(evidence.policy or b"{}", type=dict[str, str])
    register = msgspec.json.decode(texts.get(REGISTER, "{}"), type=Register)
    line = next((one for one in register.entries if one.id == entry), None)
    human = {name: text for name, text in texts.items() if name != REGISTER}
    return Policy(
        text=human.get(language) or human.get("en", ""), controller=register.controller, line=line,
        said=None if line is None else line.says.get(language) or line.says.get("en"),
    )  # fmt: skip


def read_logged(evidence: Evidence) -> Logged:
    """Return the log's entry as it reads."""
    proof = TlogProof.parse(evidence.proof)
    salt, body = shape.fields(decode(proof.extra or b""), 2, "A proof's opening")
    told = Told.decode(shape.raw(body, "An event"))
    if told.at > SHOWN_SECONDS:
        raise unreadable()
    place = Checkpoint.parse(proof.note.text).origin.removesuffix(f"/log/{AUDIT}")
    return Logged(place=place, proof=proof, opening=(shape.raw(salt, "A salt", length=32), body), told=told)


def unreadable() -> InvalidInputError:
    """Return the error for what is no receipt."""
    return InvalidInputError(
        "This is not a receipt of a choice or a share, or of a version that is not known here.",
        hint="Take the file as `mindhaven choices receipt` or `mindhaven shares receipt` wrote it.",
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
