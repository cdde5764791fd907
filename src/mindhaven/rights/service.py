"""Use cases of rights. Composes the roots of the slices to its left in one work."""

from dataclasses import dataclass

from mindhaven import accounts, consent, sharing, vault
from mindhaven.kernel import PersonScope, Work
from mindhaven.rights.model import ErasureDone


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What an erasure took: the collections with the blobs whose bytes must go, and how many shares ended."""

    collections: list[tuple[bytes, list[bytes]]]
    shares_ended: int


async def erase_account(work: Work, *, uid: bytes) -> Erased:
    """Erase an account whole: collections, consents' force, invitations, ways in. One work or nothing."""
    gone = await vault.erase_owned(work, uid=uid)
    ended = 0
    for collection, _ in gone:
        ended += len(await consent.end(work, grantor=uid, collection=collection, recipients=None, why="erased"))
    await sharing.OwnInvitationsChange(work, PersonScope(uid=uid)).drop_all()
    await vault.forget_member(work, uid=uid)
    await accounts.erase(work, uid=uid)
    work.record(ErasureDone(subject=uid, collections=len(gone), shares_ended=ended))
    return Erased(collections=gone, shares_ended=ended)
