"""Use cases of consent: what is shared, what a person allows the host, and what that decides. I/O: the stores only.

Guarantees: nothing is stored but the signed choices; a decision is read from them each time, in the work of the
act that it decides. Works are serializable, so an act and a withdrawal that meet land one after the other.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from mindhaven import register
from mindhaven.consent import rules
from mindhaven.consent.model import DAY, ChoiceMade, ConsentEnded, ConsentGiven, purposes
from mindhaven.consent.store import Choices, ChoicesChange, ConsentsChange, Texts, TextsChange
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor, Denied, Host, HostScope, Look, PersonScope, Row, Work
from mindhaven.protocol.choice import Act, Choice, State, check_follows, text_hash
from mindhaven.protocol.consent import UNPUBLISHED, Consent
from mindhaven.protocol.encoding import Signed

_OPERATOR: Final = Actor(kind="operator")
_SCOPE: Final = HostScope(reason="choices")

Stops: TypeAlias = Mapping[str, Sequence[Callable[[Work, bytes], Awaitable[None]]]]
"""By purpose: what ends with it, in the same work. Each is given the person."""


async def refuses(work: Work, consent: Consent, *, given_back: bool = False) -> Denied | None:
    """Return why a consent to a share is not taken, or None. To be asked before anything of the share is written.

    `given_back`: it was taken before a restore, under a policy of then.
    """
    store = ConsentsChange(work, PersonScope(uid=consent.grantor))
    today = work.now // DAY
    standing = await store.standing(consent.collection, recipient=consent.recipient, today=today)
    newest = await register.published(work)
    policies = [] if newest is None else [newest]
    if given_back:
        none = consent.register_version == UNPUBLISHED
        policies = [] if none else await register.ever_published(work)
    return rules.refuse_share(consent, standing, policies=policies, day=None if given_back else today)


async def give(work: Work, *, consent: Consent, digest: bytes, generation: int, signed: bytes, sealed: bytes) -> None:
    """Record a verified consent; an earlier one for the same person and collection ends with it."""
    store = ConsentsChange(work, PersonScope(uid=consent.grantor))
    await end(
        work, grantor=consent.grantor, collection=consent.collection, recipients=[consent.recipient], why="renewed"
    )
    await store.add(consent, digest=digest, generation=generation, signed=signed, sealed=sealed)
    for subject in (consent.grantor, consent.recipient):
        work.record(
            ConsentGiven(
                subject=subject,
                consent=digest,
                collection=consent.collection,
                grantor=consent.grantor,
                recipient=consent.recipient,
            )
        )


async def end(
    work: Work, *, grantor: bytes, collection: bytes, recipients: list[bytes] | None, why: str
) -> list[bytes]:
    """End consents of a collection, to `recipients` or to everybody; return whom it concerned."""
    ended = await ConsentsChange(work, PersonScope(uid=grantor)).end(collection, recipients=recipients)
    for digest, recipient in ended:
        for subject in (grantor, recipient):
            work.record(ConsentEnded(subject=subject, consent=digest, collection=collection, why=why))
    return [recipient for _, recipient in ended]


# -- choices


async def choose(work: Work, *, choice: Choice, generation: int, signed: bytes, stops: Stops) -> Denied | None:
    """Take a verified choice if it is the next one, or stands already; what is allowed no longer ends in this work."""
    own = ChoicesChange(work, PersonScope(uid=choice.person))
    row = await own.last()
    if row is not None and (row[0], row[1]) == (choice.number, choice.hash):
        return None
    last = None if row is None else Choice.decode(Signed.decode(row[2]).body)
    raw = await own.newest_signed(choice.purpose)
    newest = None if raw is None else Choice.decode(Signed.decode(raw).body)
    try:
        check_follows(last, newest, choice)
    except IntegrityError as error:
        return Denied(error.reason, error.message, "Look at your choices again: another device may have made one.")
    purpose = purposes().get(choice.purpose)
    published = await register.published(work)
    refused = rules.refuse(choice, purpose, policy=published, now=work.now)
    if refused is not None:
        return refused
    if newest is not None and newest.act is choice.act is Act.REFUSED:
        return rules.STANDS
    await own.add(choice, generation=generation, signed=signed)
    work.record(ChoiceMade(subject=choice.person, choice=choice.hash, purpose=choice.purpose, act=int(choice.act)))
    if choice.act is not Act.GIVEN:
        for stop in stops.get(choice.purpose, ()):
            await stop(work, choice.person)
    return None


async def decide(look: Look, *, uid: bytes, purpose: str) -> State:
    """Return how a purpose stands for a person: only `State.allows` lets an act go on.

    To be asked in the work that acts. Raises `KeyError` for a purpose that there is not: a mistake of the code.
    """
    newest = await Choices(look, PersonScope(uid=uid)).newest(purpose)
    return rules.state(newest, purposes()[purpose], now=look.now)


async def page(look: Look, *, uid: bytes, since: int) -> list[Row]:
    """Return (generation, signed) of a page of one's choices from number `since` on."""
    return await Choices(look, PersonScope(uid=uid)).page(since)


async def text(look: Look, digest: bytes) -> Row | None:
    """Return (purpose, terms, language, text) of words that people were asked by."""
    return await Texts(look, _SCOPE).one(digest)


async def keeps(host: Host) -> None:
    """Keep the words that this server asks by, before anybody is asked."""
    await host.db.act(_OPERATOR, keep, upkeep="words that people are asked by, named by their hash in each choice")


async def keep(work: Work) -> None:
    """Keep the words of every purpose in every language."""
    store = TextsChange(work, _SCOPE)
    for purpose in purposes().values():
        for language, shown in purpose.says.items():
            await store.keep(
                text_hash(shown.text), purpose=purpose.id, terms=purpose.terms, language=language, text=shown.text
            )
