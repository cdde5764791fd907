"""What upkeep follows: erasures, whose end is measured once no backup can hold them any more."""

from typing import Final

from mindhaven import vault
from mindhaven.kernel import HostScope, Numbered, Reader, Work
from mindhaven.rights import ErasureDone
from mindhaven.upkeep.model import ACCOUNT, COLLECTION
from mindhaven.upkeep.store import ChoresChange
from mindhaven.vault import CollectionCreated, CollectionErased

SCOPE: Final = HostScope(reason="upkeep")


async def take(work: Work, one: Numbered) -> None:
    """Note an erasure, with the newest salt key: what lay under it and under older ones must be destroyed.

    What its owner brings back later, moving house, is here by their will: there is nothing to measure then.
    """
    told = one.event
    if isinstance(told, CollectionCreated):
        await ChoresChange(work, SCOPE).brought_back(told.collection)
        return
    if one.name == ErasureDone.NAME:  # its contents may be gone by now, with the account
        what, thing = ACCOUNT, one.subject
    elif isinstance(told, CollectionErased):
        what, thing = COLLECTION, told.collection
    else:
        return
    newest = (await vault.salt_generations(work))[-1].generation
    await ChoresChange(work, SCOPE).add_erasure(
        subject=one.subject, what=what, thing=thing, erased_at=one.at, generation=newest
    )


READERS: Final = (
    Reader(
        name="upkeep.erasures",
        wants=frozenset({CollectionCreated.NAME, CollectionErased.NAME, ErasureDone.NAME}),
        take=take,
    ),
)
