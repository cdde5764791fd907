"""What this person allows the host, purpose by purpose: asked, answered, taken back. I/O: server and local store.

Guarantees: what is signed is what the server was seen to ask, word for word; a choice that the server keeps back, or
puts at another place, is found by every device that has seen it. Does not: make a server keep to a no; its log, and
`receipts`, show what it was told. Implements spec/choice.md.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import ConflictError, DeniedError, IntegrityError, NotFoundError
from mindhaven.protocol import shape
from mindhaven.protocol.choice import (
    HOUR,
    Act,
    By,
    Choice,
    State,
    check_chain,
    state,
    text_hash,
    verify_choice,
)
from mindhaven.protocol.encoding import ZERO32, Signed
from mindhaven.protocol.receipt import About, Receipt
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import ASK_THE_HOST, advised
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.people import People
from mindhaven.sdk.receipts import Receipts
from mindhaven.sdk.transport import Transport
from mindhaven.wire import consent as wire
from mindhaven.wire.ids import to_text

DAY: Final = 24 * HOUR
_TOLD: Final = "policy-told"
"""The row with the hash of the policy that this device told of last."""
_KEPT: Final = "choice-chain"
_MOST_RECEIPTS: Final = 10
_MOST_PAGES: Final = 10_001
"""Pages of a person's choices: as many as there can be choices, by a hundred each, and the empty one that ends them."""


@dataclass(frozen=True, slots=True)
class Made:
    """A choice with the signature and the generation of the keys that made it."""

    choice: Choice
    signed: Signed
    generation: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Every choice of this person in order, verified; `lost`: those that this device has seen and the server lacks."""

    made: tuple[Made, ...]
    lost: tuple[Choice, ...]

    @property
    def choices(self) -> list[Choice]:
        """The choices alone."""
        return [one.choice for one in self.made]

    def state(self, purpose: str, *, terms: int, now: float | None = None) -> State:
        """Return how a purpose stands, by the newest `terms` of it."""
        day = int(time.time() if now is None else now) // DAY
        return state(self.choices, purpose, terms=terms, day=day)


class Choices:
    """The choices of one account."""

    def __init__(
        self, store: LocalStore, transport: Transport, access: Access, people: People, receipts: Receipts
    ) -> None:
        self._store = store
        self._transport = transport
        self._access = access
        self._people = people
        self._receipts = receipts

    async def asked(self) -> wire.Purposes:
        """Return what the server asks about, in its words."""
        asked: wire.Purposes = await self._transport.call("GET", "/v1/purposes", wire.Purposes)
        return asked

    @advised(ASK_THE_HOST)
    async def chain(self) -> Chain:
        """Return one's own choices. Raises `IntegrityError` (choice-order, -time, -nothing, -person, signatures)."""
        me = self._access.need_me()
        found: list[Made] = []
        for _ in range(_MOST_PAGES):
            page: wire.Choices = await self._transport.call("GET", f"/v1/choices/{len(found)}", wire.Choices)
            if not page.choices:
                break
            for one in page.choices:
                if found and one.generation < found[-1].generation:
                    raise IntegrityError(
                        "A choice was signed by keys that had been replaced.", code="choice-generation"
                    )
                signed = Signed.decode(one.signed)
                account = await self._people.with_generation(me.uid, one.generation)
                choice = verify_choice(signed, account, generation=one.generation)
                found.append(Made(choice, signed, one.generation))
        check_chain(one.choice for one in found)
        return Chain(tuple(found), self._remembered(found))

    async def policy_news(self) -> bool:
        """Return whether the server's policy changed since this device told of one; from now on it has told of this.

        The first one is not news: people are asked under it when they begin.
        """
        policy = (await self.asked()).policy
        raw = self._store.meta(_TOLD)
        if policy is None or raw == policy:
            return False
        self._store.put_meta(_TOLD, policy)
        return raw is not None

    async def give_back(self) -> Chain:
        """Return one's own choices, after those that a restored server lost were sent again, as far as it takes them.

        A no is taken however old it is; what was given longer ago than two hours has to be given anew.
        """
        chain = await self.chain()
        for lost in self._kept():
            last = chain.choices[-1] if chain.made else None
            follows = (len(chain.made), ZERO32 if last is None else last.hash)
            if (lost.choice.number, lost.choice.previous) == follows:
                try:
                    await self._send(lost)
                except (ConflictError, DeniedError):
                    break
                chain = await self.chain()
        return chain

    async def choose(
        self, purpose: str, act: Act, *, language: str = "en", until: int = 0, by: By = By.SELF,
        asked: wire.Purposes | None = None, asked_at: float | None = None,
    ) -> Choice:  # fmt: skip
        """Answer for one purpose; what the server may do follows in the same moment. Return what was signed.

        `asked` is what the person was shown, at `asked_at` (None: now, as the server says it now); `until` the last
        day (days since 1970 UTC, 0: as long as the purpose allows). A choice that meets one of another device is made
        once more after that one. Raises `NotFoundError` (purpose-unknown), `DeniedError` (purpose-never),
        `ConflictError` (choice-nothing, -text, -policy, -clock).
        """
        shown = asked or await self.asked()
        about = next((one for one in shown.purposes if one.id == purpose), None)
        if about is None or language not in about.says:
            raise NotFoundError("Nobody is asked about this here.", code="purpose-unknown")
        try:
            return await self._sign(about, shown, act, language, until, by, asked_at)
        except ConflictError as error:
            if error.reason != "choice-order":
                raise
            return await self._sign(about, shown, act, language, until, by, asked_at)

    async def _sign(
        self, about: wire.PurposeShown, shown: wire.Purposes, act: Act, language: str, until: int, by: By,
        asked_at: float | None,
    ) -> Choice:  # fmt: skip
        me = self._access.need_me()
        chain = await self.give_back()
        last = chain.choices[-1] if chain.made else None
        said = about.says[language]
        now = (await self.asked()).now
        at = max(int(now) // HOUR * HOUR, 0 if last is None else last.at)
        ends = until or (int(now) // DAY + about.days if about.days else 0)
        given = next((one for one in reversed(chain.choices) if one.purpose == about.id), None)
        if act is Act.REFUSED and given is not None and given.act is Act.REFUSED:
            return given  # that no stands already
        withdraws = act is Act.WITHDRAWN and given is not None
        choice = Choice(
            person=me.uid, number=len(chain.made), previous=ZERO32 if last is None else last.hash, purpose=about.id,
            act=act, terms=given.terms if withdraws and given else about.terms,
            text_hash=given.text_hash if withdraws and given else text_hash(words(said)),
            language=given.language if withdraws and given else language, policy=shown.policy or ZERO32,
            asked=min(int(now if asked_at is None else asked_at) // HOUR * HOUR, at), at=at,
            until=ends if act is Act.GIVEN else 0, by=by,
        )  # fmt: skip
        made = Made(choice, choice.sign(me.identity), me.identity.generation)
        await self._send(made)
        kept = [*chain.made, *(one for one in self._kept() if one.choice in chain.lost), made]
        self._remember(kept)
        return choice

    async def _send(self, made: Made) -> None:
        """Send a choice and keep its receipts. Raises `IntegrityError` (choice-unanswered)."""
        body = encode([made.generation, [made.signed.body, list(made.signed.signatures)]])
        answer = decode(await self._transport.cbor("POST", "/v1/choices", body))
        number, given = shape.fields(answer, 2, "The answer to a choice")
        if number != made.choice.number:
            raise IntegrityError("The server answered about another choice than the one that was made.",
                                 code="choice-unanswered")  # fmt: skip
        receipts = shape.items(given, "The receipts", most=_MOST_RECEIPTS)
        self._receipts.take([Receipt.of(one) for one in receipts], About(None, None, made.choice.hash))

    async def text(self, digest: bytes) -> wire.ChoiceText:
        """Return the words of a choice by their hash. Raises `NotFoundError` (text-unknown), `IntegrityError`."""
        path = f"/v1/choice-texts/{to_text(digest)}"
        found: wire.ChoiceText = await self._transport.call("GET", path, wire.ChoiceText)
        if text_hash(found.text) != digest:
            raise IntegrityError("The server shows other words than those that were agreed to.", code="choice-text")
        return found

    def let_go(self) -> None:
        """Forget what this device has seen of choices that the server lost, once the person was told."""
        self._store.drop_meta(_KEPT)

    # -- what this device has seen

    def _kept(self) -> list[Made]:
        """Return the choices that this device has seen, in order."""
        raw = self._store.meta(_KEPT)
        found: list[Made] = []
        for entry in [] if raw is None else decode(raw):
            generation, bytes_ = entry
            signed = Signed.decode(bytes_)
            found.append(Made(Choice.decode(signed.body), signed, generation))
        return found

    def _remembered(self, found: Sequence[Made]) -> tuple[Choice, ...]:
        """Return what this device has seen and the server does not show; remember what it shows beside that."""
        shown = {one.choice.hash for one in found}
        lost = [one for one in self._kept() if one.choice.hash not in shown]
        self._remember([*found, *lost])
        return tuple(one.choice for one in lost)

    def _remember(self, choices: Sequence[Made]) -> None:
        self._store.put_meta(_KEPT, encode([[one.generation, one.signed.encode()] for one in choices]))


def words(said: wire.PurposeText) -> str:
    """Return the words that a person is shown, as they are hashed: one line each."""
    return f"{said.title}\n{said.what}\n{said.then}"
