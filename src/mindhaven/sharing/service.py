"""Use cases of sharing. I/O: the store, and the roots of vault and consent in the same work."""

from dataclasses import dataclass

from mindhaven import consent as consents
from mindhaven import vault
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, HostScope, PersonScope, Work
from mindhaven.protocol.card import INVITE_SECONDS
from mindhaven.protocol.collection import Leave, Member, Members
from mindhaven.protocol.consent import Consent
from mindhaven.sharing.model import (
    MAX_OPEN_INVITATIONS,
    GrantGiven,
    GrantRevoked,
    InvitationAnswered,
    InvitationMade,
)
from mindhaven.sharing.store import AnyInvitation, OwnInvitationsChange


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedConsent:
    """A consent whose signature, sealed part and fields were checked against the grant it comes with."""

    consent: Consent
    hash: bytes
    generation: int
    signed: bytes
    sealed: bytes
    member: Member


async def grant(
    work: Work, *, pushed: vault.Pushed, given: VerifiedConsent, salt_keys: vault.SaltKeys
) -> vault.Landed | vault.Overtaken | Denied:
    """Write consent, wraps and commit in one work or not at all."""
    refused = await consents.refuses(work, given.consent)
    if refused is not None:
        return refused
    landed = await vault.push(work, pushed=pushed, salt_keys=salt_keys, consents=frozenset({given.hash}))
    if not isinstance(landed, vault.Landed) or landed.head != pushed.hash:
        return landed
    await consents.give(
        work,
        consent=given.consent,
        digest=given.hash,
        generation=given.generation,
        signed=given.signed,
        sealed=given.sealed,
    )
    for subject in (given.consent.grantor, given.consent.recipient):
        work.record(
            GrantGiven(
                subject=subject,
                collection=given.consent.collection,
                grantor=given.consent.grantor,
                recipient=given.consent.recipient,
                role=int(given.member.role),
                since=given.member.since,
                until=given.member.until,
                consent=given.hash,
            )
        )
    return landed


async def revoke(
    work: Work, *, pushed: vault.Pushed, grantor: bytes, removed: list[bytes], salt_keys: vault.SaltKeys
) -> vault.Landed | vault.Overtaken | Denied:
    """Land a commit that takes access away, or gives it up, and end its consents in the same work."""
    landed = await vault.push(work, pushed=pushed, salt_keys=salt_keys, ends_consent=True)
    if not isinstance(landed, vault.Landed) or landed.head != pushed.hash:
        return landed
    collection = pushed.commit.collection
    await consents.end(work, grantor=grantor, collection=collection, recipients=removed, why="withdrawn")
    for recipient in removed:
        for subject in (grantor, recipient):
            work.record(GrantRevoked(subject=subject, collection=collection, grantor=grantor, recipient=recipient))
    return landed


def removed_by(before: set[bytes], pushed: vault.Pushed) -> list[bytes]:
    """Return who was a member and is not in the commit's last list, or leaves."""
    if any(isinstance(change, Leave) for change in pushed.commit.changes):
        return [pushed.commit.author]
    lists = [change for change in pushed.commit.changes if isinstance(change, Members)]
    return sorted(before - {member.uid for member in lists[-1].members}) if lists else []


async def take_offer(
    work: Work,
    *,
    offered: list[vault.Pushed],
    given: dict[bytes, VerifiedConsent],
    by: bytes,
    salt_keys: vault.SaltKeys,
    pepper: vault.Pepper,
) -> vault.Landed | Denied:
    """Take what a restore lost of a collection; consents come back, and end, with the commits that name them.

    `given` are consents by the hash of the commit that they came with.
    """
    collection = offered[0].commit.collection
    before, owner = await vault.members(work, collection=collection, uid=by)
    taken = await vault.take_offered(work, pushes=offered, by=by, salt_keys=salt_keys, pepper=pepper)
    if isinstance(taken, Denied):
        return taken
    landed, fresh = taken
    for pushed in fresh:
        consent = given.get(pushed.hash)
        if consent is not None:
            refused = await consents.refuses(work, consent.consent, given_back=True)
            if refused is not None:  # nothing of the offer is kept: what was taken once was taken by the same rules
                raise InvalidInputError(refused.message, hint=refused.hint, code=refused.reason)
            await consents.give(
                work,
                consent=consent.consent,
                digest=consent.hash,
                generation=consent.generation,
                signed=consent.signed,
                sealed=consent.sealed,
            )
        removed = [uid for uid in removed_by(before, pushed) if uid in before]
        if removed:
            await consents.end(work, grantor=owner, collection=collection, recipients=removed, why="withdrawn")
        for recipient in removed:
            for subject in (owner, recipient):
                work.record(GrantRevoked(subject=subject, collection=collection, grantor=owner, recipient=recipient))
        before = members_after(before, pushed)
    return landed


def members_after(before: set[bytes], pushed: vault.Pushed) -> set[bytes]:
    """Return the members after a commit, of whom its lists and leavings tell."""
    lists = [change for change in pushed.commit.changes if isinstance(change, Members)]
    after = {member.uid for member in lists[-1].members} if lists else before
    return after - set(removed_by(before, pushed))


async def invite(work: Work, *, uid: bytes, invitation: bytes) -> Denied | None:
    """Keep an invitation's id for a week."""
    own = OwnInvitationsChange(work, PersonScope(uid=uid))
    waiting = [row for row in await own.all() if row[2] is None and row[1] >= work.now]
    if len(waiting) >= MAX_OPEN_INVITATIONS:
        return Denied("too-many-invitations", "Too many invitations wait for an answer.", "Take some back first.")
    if not await own.add(invitation, work.now + INVITE_SECONDS):
        return Denied("invitation-taken", "This invitation's id is taken.", "Make a new one.")
    work.record(InvitationMade(subject=uid, invitation=invitation))
    return None


async def answer(work: Work, *, invitation: bytes, sealed: bytes) -> Denied | None:
    """Keep the one answer to an invitation, sealed to the inviter."""
    inviter = await AnyInvitation(work, HostScope(reason="invitation-link")).answer(invitation, sealed)
    if inviter is None:
        return Denied("invitation-over", "This link was used or has ended.", "Ask for a new one.")
    work.record(InvitationAnswered(subject=inviter, invitation=invitation))
    return None


async def take_back(work: Work, *, uid: bytes, invitation: bytes) -> Denied | None:
    """Delete one's own invitation, answered or not."""
    if not await OwnInvitationsChange(work, PersonScope(uid=uid)).drop(invitation):
        return Denied("invitation-over", "This invitation is not there (any more).")
    return None
