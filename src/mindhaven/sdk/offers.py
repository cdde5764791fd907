"""Offers: collections that somebody who is not a contact shares with this person. I/O: server and local store.

Guarantees: nothing of a stranger's collection is pulled, listed or kept on this device before the person takes it.
Does not: say that a stranger is who they claim to be; compare safety words, or take their card, for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mindhaven.errors import NotFoundError
from mindhaven.protocol.collection import Role
from mindhaven.sdk.access import Access
from mindhaven.sdk.index import Index, Listed
from mindhaven.sdk.sharing import Sharing
from mindhaven.sdk.vault import Vault
from mindhaven.wire.vault import CollectionShown

UNNAMED = "shared"
"""What a collection is called whose sharer sealed no name for it."""


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
        names = await self.names([one.id for one in strange])
        return [
            Offer(one.id, one.owner, names.get(one.id, UNNAMED), Role(one.role), one.since, one.until)
            for one in strange
        ]

    async def names(self, collections: Sequence[bytes]) -> dict[bytes, str]:
        """Return the names that the owners of collections sealed to this person, from verified consents."""
        me = self._access.need_me().uid
        return {
            share.collection: share.content[0]
            for share in reversed(await self._sharing.shares())
            if share.collection in collections and share.recipient == me and share.content
        }

    async def accept(self, collection: bytes) -> None:
        """Take an offer: it is listed, and the next sync brings it. Raises `NotFoundError` (offer-unknown)."""
        found = await self._one(collection)
        await self._index.add(Listed(found.id, found.name, found.owner))

    async def decline(self, collection: bytes) -> None:
        """Give the access that was offered back, for good. Raises `NotFoundError` (offer-unknown)."""
        found = await self._one(collection)
        await self._sharing.leave(found.id)
        self._vault.forget(found.id)

    async def _one(self, collection: bytes) -> Offer:
        found = next((one for one in await self.all() if one.id == collection), None)
        if found is None:
            raise NotFoundError(
                "Nobody offers this collection to you (any more).", hint="See: mindhaven offers", code="offer-unknown"
            )
        return found
