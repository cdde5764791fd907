"""Use cases of consent. I/O: the store only."""

from mindhaven.consent.model import ConsentEnded, ConsentGiven
from mindhaven.consent.store import ConsentsChange
from mindhaven.kernel import PersonScope, Work
from mindhaven.protocol.consent import Consent


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
