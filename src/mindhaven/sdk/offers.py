"""Offers: collections that somebody who is not a contact shares with this person. I/O: server and local store.

Guarantees: nothing of a stranger's collection is listed or kept on this device before the person takes it; whose a
collection is its own verified history says, never the server alone.
Does not: say that a stranger is who they claim to be; compare safety words, or take their card, for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.errors import IntegrityError, NotFoundError
from mindhaven.protocol.collection import Role
from mindhaven.sdk.access import Access
from mindhaven.sdk.errors import ASK_THE_HOST
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.vault import Vault
from mindhaven.wire.vault import CollectionShown

UNNAMED = "shared"
"""What a collection is called whose sharer sealed no name for it."""
OWNER_SWAPPED: Final = "owner-swapped"


@dataclass(frozen=True, slots=True)
class Offer:
    """A collection that a stranger shares, as the server and a verified consent tell of it.

    `name` is what the owner calls it, sealed to this person (`shared` where no consent says it); `since` is the first
    month (yyyymm, 0: all), `until` the last day (days since 1970, 0: open).
    """

    id: bytes
    owner: bytes
    name: str
    role: Role
    since: int
    until: int


class Offers:
    """What strangers offer to one account."""

    def __init__(self, vault: Vault, index: Index, sharing: Sharing, access: Access) -> None:
        self._vault = vault
        self._index = index
        self._sharing = sharing
        self._access = access

    def strange(self, shown: Sequence[CollectionShown]) -> list[CollectionShown]:
        """Return which of the shown collections belong to neither this person, nor a checked contact, nor the list."""
        me = self._access.need_me().uid
        listed = {one.id for one in self._index.collections()}
        known = {one.uid for one in self._index.contacts() if one.checked != "none"}
        return [one for one in shown if one.owner != me and one.id not in listed and one.owner not in known]

    async def all(self) -> list[Offer]:
        """Ask the server what strangers offer now."""
        strange = self.strange(await self._vault.listed())
        if not strange:
            return []
        names = await self.names({one.id: one.owner for one in strange})
        return [
            Offer(one.id, one.owner, names.get(one.id, UNNAMED), Role(one.role), one.since, one.until)
            for one in strange
        ]

    async def names(self, owners: Mapping[bytes, bytes]) -> dict[bytes, str]:
        """Return the names that the owners of collections sealed to this person, from their own verified consents."""
        me = self._access.need_me().uid
        return {
            share.collection: share.part.name
            for share in reversed(await self._sharing.shares())
            if owners.get(share.collection) == share.grantor and share.recipient == me and share.part
        }

    async def owned(self, shown: CollectionShown) -> bool:
        """Pull what is not listed yet; return whether it is whose the server says.

        By the server's word alone, what it or a stranger made would stand as a contact's, or as one's own. Nothing of
        what is another's stays. Raises `IntegrityError` (owner-swapped) if that can only be a lie.
        """
        state = await self._vault.pull(shown.id)
        if state.owner != shown.owner:
            self._vault.forget(shown.id)
            if state.head != shown.head:
                return False  # it may have been handed over since the server was asked: the next time it says so
            raise IntegrityError(
                "The server shows as somebody's what another made.", hint=ASK_THE_HOST, code="owner-swapped"
            )
        return True

    async def accept(self, collection: bytes) -> None:
        """Take an offer: it is brought, and listed if it is whose the server said.

        Raises `NotFoundError` (offer-unknown), `IntegrityError` (owner-swapped).
        """
        shown = next((one for one in self.strange(await self._vault.listed()) if one.id == collection), None)
        found = await self._one(collection)
        if shown is None or not await self.owned(shown):
            raise _unknown()
        await self._index.add(Listed(found.id, found.name, shown.owner))

    async def decline(self, collection: bytes) -> None:
        """Give the access that was offered back, for good. Raises `NotFoundError` (offer-unknown)."""
        found = await self._one(collection)
        await self._sharing.leave(found.id)
        self._vault.forget(found.id)

    async def _one(self, collection: bytes) -> Offer:
        found = next((one for one in await self.all() if one.id == collection), None)
        if found is None:
            raise _unknown()
        return found


def _unknown() -> NotFoundError:
    return NotFoundError(
        "Nobody offers this collection to you (any more).", hint="See: mindhaven offers", code="offer-unknown"
    )
