"""Grants, revocations, invitations, contacts. I/O: server and local store.

Guarantees: a grant starts from a uid that the person checked, never from a handle; consent, wraps and commit are one
request; after a revocation nothing new is sealed for the one who is out.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidInputError,
    MindhavenError,
    NotFoundError,
)
from mindhaven.protocol import consent as consents
from mindhaven.protocol.card import Answer, Card, Invitation, answer, answerer, open_answer
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Change, Leave, Member, Members, Owner, Role
from mindhaven.protocol.consent import UNPUBLISHED, Purpose
from mindhaven.protocol.receipt import About
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import OfflineError
from mindhaven.sdk.given import Given, Share
from mindhaven.sdk.index import Contact, Index
from mindhaven.sdk.local import LocalStore
from mindhaven.sdk.offering import CONSENT
from mindhaven.sdk.people import People
from mindhaven.sdk.receipts import Receipts
from mindhaven.sdk.share_words import LANGUAGE, agreement
from mindhaven.sdk.transport import Transport
from mindhaven.sdk.vault import Vault, today
from mindhaven.wire import sharing as wire
from mindhaven.wire.consent import Purposes
from mindhaven.wire.ids import to_text

NO_CONTACT: Final = "(no contact) "
"""What stands before the beginning of a uid where somebody is no contact."""
GONE: Final = "gone"
"""The name under which the local store keeps which of others' collections the server showed no longer."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A collection that another shares with this person, as this device last verified it.

    `role` is None where this device has not fetched it yet; `since` is the first month (yyyymm, 0: all), `until` the
    last day (days since 1970, 0: open); `stands` is whether it is still shared.
    """

    id: bytes
    name: str
    owner: bytes
    who: str
    role: Role | None
    since: int
    until: int
    stands: bool

    @property
    def title(self) -> str:
        """The owner's name and the collection's, as lists head it."""
        return f"{self.who}: {self.name}"


class Sharing:
    """What this person shares, and what is shared with them."""

    def __init__(
        self,
        vault: Vault,
        access: Access,
        people: People,
        index: Index,
        transport: Transport,
        store: LocalStore,
        receipts: Receipts,
    ) -> None:
        self._vault = vault
        self._access = access
        self._people = people
        self._index = index
        self._transport = transport
        self._store = store
        self._receipts = receipts
        self._given = Given(access, people)

    def _takes(self, about: About) -> Callable[[bytes], None]:
        """Return what keeps the receipts that an answer carries."""
        return lambda answer: self._receipts.take_answer(answer, about)

    # -- contacts

    async def add_contact(self, card: Card, *, name: str, checked: str) -> Contact:
        """Keep a contact whose uid this person got from them (card, link) or compared (words)."""
        me = self._access.need_me()
        if card.uid == me.uid:
            raise InvalidInputError("This is your own card.", code="contact-self")
        await self._people.fetch(card.uid)
        contact = Contact(card.uid, card.handle, name, checked)
        await self._index.keep_contact(contact)
        return contact

    # -- grant and revoke

    async def grant(
        self,
        collection: bytes,
        contact: Contact,
        *,
        name: str,
        role: Role,
        since: int,
        until: int,
        purpose: Purpose = Purpose.CARE,
    ) -> None:
        """Let a contact read (or write) a collection from month `since` until day `until` (0: open), for a purpose.

        What is agreed to are the words of `share_words.agreement`. Raises `DeniedError`: contact-unchecked,
        consent-form, consent-separate (spec/consent.md steps 7 and 8).
        """
        if contact.checked == "none":
            raise DeniedError(
                "This contact was found by handle only.",
                hint="Compare safety words with them first, or use their card or link.",
                code="contact-unchecked",
            )
        me = self._access.need_me()
        account = await self._people.fetch(contact.uid)
        mine = await self._people.fetch(me.uid)
        member = Member(contact.uid, role, since, until)
        text = agreement(name=name, role=role, since=since, until=until, purpose=purpose)
        sealed = consents.seal_part(
            consents.Part(name, contact.handle, text).content(),
            grantor=(me.uid, mine.generation, mine.identity.xwing),
            recipient=(contact.uid, account.generation, account.identity.xwing),
            collection=collection,
        )
        consent = consents.Consent(
            grantor=me.uid,
            recipient=contact.uid,
            role=role,
            purpose=str(purpose),
            collection=collection,
            since=since,
            until=until,
            text_hash=consents.text_hash(text),
            language=LANGUAGE,
            register_version=await self._register_version(),
            sealed_hash=consents.sealed_hash(sealed),
        )
        signed = consent.sign(me.identity)
        digest = signed.hash(consents.TYPE)

        async def make(state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
            others = [one for uid, one in state.members.items() if uid != contact.uid]
            wraps = []
            for number in sorted(set(self._store.live_epochs(collection))):
                epoch = state.epochs[number]
                if not member.entitled(epoch.month, today()):
                    continue
                key = self._vault.epoch_key(collection, number)
                if key is None:
                    raise IntegrityError(
                        "This device does not hold every key of the collection.", code="epoch-key-missing"
                    )
                wraps.append((number, (self._vault.wrap_for(account, key, collection, number, epoch.month),)))
            return [Members((*others, member), state.settings, digest, tuple(wraps))], {}

        async def extra(_prepared: Any) -> list[Any]:
            return [[signed.body, list(signed.signatures)], sealed]

        self._store.put_meta(f"{CONSENT}{digest.hex()}", encode([[signed.body, list(signed.signatures)], sealed]))
        took = self._takes(About(collection, contact.uid, digest))
        async with self._index.noting():
            await self._vault.change(collection, make, path="grants", extra=extra, took=took)

    async def _register_version(self) -> str:
        """Return the hash of the policy that the server shows, in hex: what it said it does when this was agreed to."""
        asked: Purposes = await self._transport.call("GET", "/v1/purposes", Purposes)
        return UNPUBLISHED if asked.policy is None else asked.policy.hex()

    async def revoke(self, collection: bytes, uid: bytes) -> None:
        """Take all access to a collection from a member."""

        async def make(state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
            if uid not in state.members:
                raise ConflictError("This share was already stopped.", code="not-shared")
            left = tuple(one for one in state.members.values() if one.uid != uid)
            return [Members(left, state.settings, None)], {}

        took = self._takes(About(collection, uid))
        async with self._index.noting():
            await self._vault.change(collection, make, path="revocations", took=took)

    async def leave(self, collection: bytes) -> None:
        """Give up one's own access to a collection that another shares."""

        async def make(_state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
            return [Leave()], {}

        took = self._takes(About(collection, self._access.need_me().uid))
        async with self._index.noting():
            await self._vault.change(collection, make, path="revocations", took=took)

    async def report_opened(self, collection: bytes) -> None:
        """Report to its owner that this device showed what they share: they see it as a report, not as proof.

        The server takes one a device and day. Raises `NotFoundError` and `DeniedError` (share-ended).
        """
        await self._transport.call("POST", f"/v1/collections/{to_text(collection)}/opened")

    async def hand_over(self, collection: bytes, uid: bytes) -> None:
        """Make a member who holds every key the owner."""

        async def make(_state: ChainState) -> tuple[list[Change], dict[int, EpochKey]]:
            return [Owner(uid)], {}

        async with self._index.noting():
            await self._vault.change(collection, make)

    def shared_with(self, uid: bytes) -> list[str]:
        """Return the names of one's own collections in which `uid` is an active member, as last verified."""
        found = []
        for one in self._index.collections():
            state = self._vault.state(one.id) if self._index.is_own(one.id) else None
            member = None if state is None else state.members.get(uid)
            if member is not None and member.active(today()):
                found.append(one.name)
        return sorted(found)

    # -- what others share

    def shared(self) -> list[Shared]:
        """Return the collections that others share, or shared, with this person. Works offline."""
        me = self._access.need_me().uid
        kept = self._store.meta(GONE)
        gone = set() if kept is None else set(decode(kept))
        names = {one.uid: one.name for one in self._index.contacts()}
        found = []
        for one in self._index.collections():
            if one.owner == me:
                continue
            state = self._vault.state(one.id)
            member = None if state is None else state.members.get(me)
            stands = one.id not in gone and (state is None or (member is not None and member.active(today())))
            owner = one.owner if state is None or state.owner == me else state.owner
            who = names.get(owner) or f"{NO_CONTACT}{owner.hex()[:8]}"
            role, since, until = (None, 0, 0) if member is None else (member.role, member.since, member.until)
            found.append(Shared(one.id, one.name, owner, who, role, since, until, stands))
        return found

    def writable(self, name: str) -> Shared:
        """Return the one standing collection of that name (`mood`, or `Ana: mood`) that one may add to.

        Raises `NotFoundError` (collection-unknown), `InvalidInputError` (collection-ambiguous), `DeniedError`
        (share-ended, reader-writes). A name that two people's collections have is never guessed.
        """
        wanted = name.strip().casefold()
        named = [one for one in self.shared() if wanted in {one.name.casefold(), one.title.casefold()}]
        found = [one for one in named if one.stands]
        if len(found) > 1:
            titles = sorted(one.title for one in found)
            raise InvalidInputError(
                f"{len(found)} collections that are shared with you are called {name}.",
                hint=f"Say whose: {', '.join(titles)}." if len(set(titles)) > 1 else "Give these contacts other names.",
                code="collection-ambiguous",
            )
        if found and found[0].role is Role.READER:
            raise DeniedError(
                f"{found[0].who} lets you read {found[0].name}, not add to it.",
                hint="Ask them to share it with you to write in.",
                code="reader-writes",
            )
        if found:
            return found[0]
        if named:
            raise DeniedError(
                f"{named[0].name} of {named[0].who} is no longer shared with you.",
                hint="Leave the name out: then it goes into your own entries.",
                code="share-ended",
            )
        may = sorted(one.title for one in self.shared() if one.stands and one.role is Role.WRITER)
        raise NotFoundError(
            f"Nothing called {name} is shared with you.",
            hint=f"You may add to: {', '.join(may) or 'nothing yet'}.",
            code="collection-unknown",
        )

    # -- consents

    async def shares(self) -> list[Share]:
        """Return every share that one gave or received, each consent's signature verified; newest first."""
        shown: wire.Consents = await self._transport.call("GET", "/v1/consents", wire.Consents)
        return [await self._given.share(one) for one in shown.consents]

    # -- invitations

    async def invite(self) -> str:
        """Make an invitation link: single use, seven days; its secret never reaches the server."""
        me = self._access.need_me()
        invitation = Invitation(me.uid, os.urandom(32), os.urandom(32))
        await self._transport.call("POST", "/v1/invitations", body=wire.Invite(id=invitation.id))
        self._store.put_meta(f"invite/{invitation.id.hex()}", encode([invitation.secret]))
        return invitation.link(self._transport.origin)

    async def accept(self, link: str, *, name: str, inviter_name: str) -> Contact:
        """Answer an invitation; the inviter becomes a contact, checked by the link."""
        me = self._access.need_me()
        invitation = Invitation.parse(link)
        inviter = await self._people.fetch(invitation.inviter)
        sealed = answer(invitation, inviter, Answer(me.uid, me.identity.generation, me.handle, name), me.identity)
        await self._transport.call(
            "POST", f"/v1/invitations/{to_text(invitation.id)}/answer", body=wire.InvitationAnswer(answer=sealed)
        )
        contact = Contact(invitation.inviter, "", inviter_name, "link")
        await self._index.keep_contact(contact)
        return contact

    async def _answerer(self, invitation: Invitation, sealed: bytes) -> Answer:
        uid, key_id = answerer(sealed)
        identity = self._access.need_me().bundle.identities.get(key_id)
        if identity is None:
            raise InvalidInputError("This answer is sealed to a key that is not yours.", code="invitation-key")
        return open_answer(invitation, sealed, identity, await self._people.fetch(uid))

    async def answers(self) -> list[Contact]:
        """Open the answers to one's invitations; each answerer becomes a contact, checked by the link's secret."""
        me = self._access.need_me()
        shown: wire.Invitations = await self._transport.call("GET", "/v1/invitations", wire.Invitations)
        found = []
        for one in shown.invitations:
            kept = self._store.meta(f"invite/{one.id.hex()}")
            if one.answer is None or kept is None:
                continue
            invitation = Invitation(me.uid, one.id, decode(kept)[0])
            try:
                who = await self._answerer(invitation, one.answer)
            except OfflineError:
                raise
            except MindhavenError:
                continue  # junk from whoever saw the link; the other answers count
            known = next((one for one in self._index.contacts() if one.uid == who.uid), None)
            contact = known or Contact(who.uid, who.handle, who.name, "link")
            if known is None:  # who answers again stays who they are to this person
                await self._index.keep_contact(contact)
            await self._transport.call("DELETE", f"/v1/invitations/{to_text(one.id)}")
            self._store.drop_meta(f"invite/{one.id.hex()}")
            found.append(contact)
        return found
