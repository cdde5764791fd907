"""Choices: what a person allows the host to do, purpose by purpose, as one signed chain. Implements spec/choice.md.

Guarantees: each choice is about one purpose, under the hash of the words that were shown; none can be put in, left out
of the middle, or dated before the one that it follows; what is allowed is reckoned from the chain alone.
Does not: decide which purposes there are, or whether a host keeps to them. No I/O.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.sign import verify
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState, Identity
from mindhaven.protocol.encoding import ZERO32, Signed

TYPE: Final = "choice"
HOUR: Final = 3600
MOST_NUMBER: Final = 1_000_000
"""Choices of one person: a page a day for three thousand years."""


class Act(IntEnum):
    """What was answered."""

    GIVEN = 1
    REFUSED = 2
    DEFERRED = 3
    WITHDRAWN = 4


class By(StrEnum):
    """Who answered: the person, somebody who acts for them by law, or a signal of their browser."""

    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"
    ATTORNEY = "attorney"
    SIGNAL = "signal"


class State(StrEnum):
    """How a purpose stands: step 6."""

    UNASKED = "unasked"
    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"

    @property
    def allows(self) -> bool:
        """Whether the host may act."""
        return self in {State.GIVEN, State.RENEWED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The body: step 1. `asked` and `at` are whole hours in seconds since 1970 UTC, `until` a day (0: open)."""

    person: bytes
    number: int
    previous: bytes
    purpose: str
    act: Act
    terms: int
    text_hash: bytes
    language: str
    policy: bytes
    asked: int
    at: int
    until: int = 0
    by: By = By.SELF

    def __post_init__(self) -> None:
        if self.asked % HOUR or self.at % HOUR or self.asked > self.at:
            raise _time("Its hours are not whole, or it was answered before it was asked.")
        if self.until and self.act is not Act.GIVEN:
            raise IntegrityError("Only what is given has a last day.", code="choice-until")
        if self.by is By.SIGNAL and self.act in {Act.GIVEN, Act.DEFERRED}:
            raise IntegrityError("A signal can only say no.", code="choice-signal")

    def encode(self) -> bytes:
        """Return the body bytes."""
        return encode([
            self.person, self.number, self.previous, self.purpose, int(self.act), self.terms, self.text_hash,
            self.language, self.policy, self.asked, self.at, self.until, str(self.by),
        ])  # fmt: skip

    @classmethod
    def decode(cls, body: bytes) -> "Choice":
        """Return the choice that `body` encodes."""
        person, number, previous, purpose, act, terms, text, language, policy, asked, at, until, by = shape.fields(
            decode(body), 13, "A choice"
        )
        return cls(
            person=shape.raw(person, "A person", length=32),
            number=shape.number(number, "A choice's number", most=MOST_NUMBER),
            previous=shape.raw(previous, "The hash before", length=32),
            purpose=shape.text(purpose, "A purpose", most=64),
            act=Act(shape.number(act, "An act", least=1, most=4)),
            terms=shape.number(terms, "A version of terms", least=1),
            text_hash=shape.raw(text, "A text hash", length=32),
            language=shape.text(language, "A language", most=35),
            policy=shape.raw(policy, "A policy's hash", length=32),
            asked=shape.number(asked, "When it was asked"),
            at=shape.number(at, "When it was answered"),
            until=shape.number(until, "A last day", most=10_000_000),
            by=_by(shape.text(by, "Who answered", most=16)),
        )

    @property
    def hash(self) -> bytes:
        """The labelled SHA-256 that the next one names: step 3."""
        return labelled_hash(f"{TYPE}-hash", self.encode())

    def sign(self, identity: Identity) -> Signed:
        """Return this choice hybrid-signed by the person."""
        body = self.encode()
        return Signed(body, tuple(identity.signer.sign(TYPE, body)))


def text_hash(text: str) -> bytes:
    """Return the labelled SHA-256 of the words that the person saw: step 2."""
    return labelled_hash(f"{TYPE}-text", text.encode("utf-8"))


def verify_choice(signed: Signed, person: AccountState, *, generation: int) -> Choice:
    """Return the choice that `person` signed with `generation`, or raise `IntegrityError`: step 4."""
    choice = Choice.decode(signed.body)
    if choice.person != person.uid:
        raise IntegrityError("A choice is another person's.", code="choice-person")
    verify(TYPE, person.keys_of(generation).signing, signed.body, list(signed.signatures), hybrid=True)
    return choice


def check_follows(last: Choice | None, newest: Choice | None, choice: Choice) -> None:
    """Raise `IntegrityError` unless `choice` is the next after `last`: step 5; `newest`: the newest for its purpose."""
    number, previous, since = (0, ZERO32, 0) if last is None else (last.number + 1, last.hash, last.at)
    if (choice.number, choice.previous) != (number, previous):
        raise IntegrityError("A choice does not follow the one before it.", code="choice-order")
    if choice.at < since:
        raise _time("It is dated before the one that it follows.")
    if choice.act is not Act.WITHDRAWN:
        return
    if newest is None or newest.act is not Act.GIVEN:
        raise IntegrityError("There is nothing to withdraw.", code="choice-nothing")
    if (choice.terms, choice.text_hash, choice.language) != (newest.terms, newest.text_hash, newest.language):
        raise IntegrityError("A choice takes back something else than was given.", code="choice-words")


def check_chain(choices: Iterable[Choice]) -> list[Choice]:
    """Return a person's choices in order, or raise `IntegrityError` where one does not follow: step 5."""
    found: list[Choice] = []
    for choice in choices:
        check_follows(found[-1] if found else None, newest(found, choice.purpose), choice)
        found.append(choice)
    return found


def newest(choices: Sequence[Choice], purpose: str) -> Choice | None:
    """Return the newest choice for a purpose, None if there is none."""
    return next((one for one in reversed(choices) if one.purpose == purpose), None)


def state(choices: Sequence[Choice], purpose: str, *, terms: int, day: int) -> State:
    """Return how a purpose stands on a day (days since 1970 UTC), `terms` being its newest: step 6."""
    about = [one for one in choices if one.purpose == purpose]
    if not about:
        return State.UNASKED
    last = about[-1]
    return state_of(
        last.act, until=last.until, agreed=last.terms, terms=terms, day=day,
        again=any(one.act is Act.GIVEN for one in about[:-1]),
    )  # fmt: skip


def state_of(act: Act, *, until: int, agreed: int, terms: int, day: int, again: bool) -> State:
    """Return how a purpose stands whose newest choice is this one; `again`: something was given before it."""
    if act is not Act.GIVEN:
        return State[act.name]
    if until and until < day:
        return State.EXPIRED
    if agreed < terms:
        return State.INVALIDATED
    return State.RENEWED if again else State.GIVEN


def _by(text: str) -> By:
    try:
        return By(text)
    except ValueError:
        raise InvalidInputError("Who answered is none that is known here.", code="shape") from None


def _time(why: str) -> IntegrityError:
    return IntegrityError(f"A choice's time is wrong. {why}", code="choice-time")
