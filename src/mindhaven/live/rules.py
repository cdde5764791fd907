"""Which events are news to whom. Pure; a test holds that every event is decided on."""

from collections.abc import Iterable
from typing import Final

from mindhaven.kernel import Numbered
from mindhaven.live.model import News

MEMBERS: Final = frozenset({"vault.collection.created", "vault.collection.rekeyed", "vault.collection.erased"})
"""After these others may be members than before."""
COLLECTION: Final = (
    frozenset({"vault.collection.pushed", "vault.records.erased-again", "vault.records.given-back"}) | MEMBERS
)
ACCESS: Final = frozenset(
    {
        "accounts.statement.added",
        "accounts.session.ended",
        "accounts.account.suspended",
        "accounts.account.erased",
    }
)
"""After these a device may be signed out: what it listens with is looked at anew."""
ACCOUNT: Final = (
    frozenset(
        {
            "accounts.session.opened",
            "accounts.change.waiting",
            "accounts.change.cancelled",
            "accounts.totp.changed",
            "accounts.passkey.added",
            "accounts.passkey.factor",
            "accounts.passkey.noticed",
            "accounts.passkey.removed",
            "accounts.passkey.unlocks",
            "consent.record.ended",
            "sharing.grant.given",
            "sharing.grant.revoked",
            "sharing.invitation.answered",
            "vault.collection.erased",
        }
    )
    | ACCESS
)
WANTED: Final = COLLECTION | ACCOUNT


def news(events: Iterable[Numbered]) -> News:
    """Return what `events` mean. One whose content is erased already is news of its subject's account."""
    collections: set[bytes] = set()
    members: set[bytes] = set()
    accounts: set[bytes] = set()
    access: set[bytes] = set()
    for one in events:
        collection = getattr(one.event, "collection", None)
        if one.name in ACCOUNT or (one.name in COLLECTION and collection is None):
            accounts.add(one.subject)
        if one.name in ACCESS:
            access.add(one.subject)
        if one.name in COLLECTION and collection is not None:
            collections.add(collection)
        if one.name in MEMBERS and collection is not None:
            members.add(collection)
    return News(
        collections=frozenset(collections),
        members=frozenset(members),
        accounts=frozenset(accounts),
        access=frozenset(access),
    )
