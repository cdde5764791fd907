"""Use cases of rights. Composes the roots of the slices to its left in one work."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mindhaven import accounts, consent, ledger, reminders, sharing, vault
from mindhaven.kernel import Denied, PersonScope, Work
from mindhaven.kernel.journal import account_mark, note_later
from mindhaven.rights.model import ErasureDone

_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What an erasure took: the collections with the blobs whose bytes must go, and how many shares ended."""

    collections: list[tuple[bytes, list[bytes]]]
    shares_ended: int


async def erase_account(work: Work, *, uid: bytes, clinician: bool) -> Erased | Denied:
    """Erase an account whole: collections, consents' force, invitations, reminders, ways in. One work or nothing.

    Refused to a clinician while the law keeps one of their collections: those are handed over first, or wait for their
    day. A person's own records are theirs to erase, whatever a setting says.
    """
    held = await vault.held(work, uid=uid) if clinician else []
    if held:
        until = date.fromordinal(min(_EPOCH + max(held), date.max.toordinal())).isoformat()
        return Denied(
            "on-hold",
            f"The law keeps {len(held)} of your collections, the last until {until}.",
            "Hand them over to a member who holds every key first, or leave after that day.",
        )
    gone = await vault.erase_owned(work, uid=uid)
    ended = 0
    for collection, _ in gone:
        ended += len(await consent.end(work, grantor=uid, collection=collection, recipients=None, why="erased"))
    await sharing.OwnInvitationsChange(work, PersonScope(uid=uid)).drop_all()
    await reminders.forget(work, uid=uid)
    await vault.forget_member(work, uid=uid)
    await accounts.erase(work, uid=uid)
    await note_later(work, [account_mark(uid)])
    await ledger.forget(work, subject=uid, authority="erasure")
    work.record(ErasureDone(subject=uid, collections=len(gone), shares_ended=ended))
    return Erased(collections=gone, shares_ended=ended)
