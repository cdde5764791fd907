"""Consents to shares, as they were signed: verified, opened, read. Pure but for the keys of people it asks for.

Guarantees: what is returned was signed by the grantor, and its words are those that the signature names.
Implements spec/consent.md steps 3 to 5.
"""

from dataclasses import dataclass

from mindhaven.errors import IntegrityError, MindhavenError
from mindhaven.protocol import consent as consents
from mindhaven.protocol.collection import Role
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk.access import Access
from mindhaven.sdk.people import People
from mindhaven.wire import sharing as wire


@dataclass(frozen=True, slots=True)
class Share:
    """One share that stands or stood: who gave what to whom, for what, in which role, from when, until when.

    `hash`: the consent's. `part` is what only the two can read; None if no key here opens it, or if the grantor sealed
    something else than they signed: `fault` is then the code of what is wrong. It must not hide the other shares.
    """

    hash: bytes
    collection: bytes
    grantor: bytes
    recipient: bytes
    role: Role
    purpose: str
    since: int
    until: int
    language: str
    given_at: int
    ended_at: int | None
    part: consents.Part | None
    fault: str = ""


class Given:
    """Reads consents for one account."""

    def __init__(self, access: Access, people: People) -> None:
        self._access = access
        self._people = people

    async def share(self, one: wire.ConsentShown) -> Share:
        """Return a share from what the server shows. Raises `IntegrityError`: consent-sealed, and what `verify_consent`
        raises."""
        signed = Signed.decode(one.signed)
        consent = consents.Consent.decode(signed.body)
        grantor = await self._people.with_generation(consent.grantor, one.generation)
        consents.verify_consent(signed, grantor, generation=one.generation)
        if consents.sealed_hash(one.sealed) != consent.sealed_hash:
            raise IntegrityError("A consent's sealed part was swapped.", code="consent-sealed")
        part, fault = None, ""
        try:
            part = self.part(consent, one.sealed)
        except MindhavenError as error:
            fault = error.reason
        return Share(
            signed.hash(consents.TYPE),
            consent.collection,
            consent.grantor,
            consent.recipient,
            consent.role,
            consent.purpose,
            consent.since,
            consent.until,
            consent.language,
            one.given_at,
            one.ended_at,
            part,
            fault,
        )

    def part(self, consent: consents.Consent, sealed: bytes) -> consents.Part | None:
        """Return what is sealed to the two, None if no key here opens it.

        Raises `IntegrityError` (consent-text) and `InvalidInputError` (shape).
        """
        me = self._access.need_me()
        for identity in me.bundle.identities.values():
            try:
                content = consents.open_part(
                    sealed, grantor=consent.grantor, collection=consent.collection, uid=me.uid, identity=identity
                )
            except IntegrityError:
                continue
            return consents.read_part(content, consent)
        return None
