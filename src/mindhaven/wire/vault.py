"""Requests and answers of collections. Push and pull bodies are CBOR: spec/transfer.md. No I/O."""

from typing import Annotated, Final

import msgspec

from mindhaven.wire.accounts import Bytes32, Wire

MAX_PULL_ENVELOPES: Final = 5000
"""Envelopes of one page: usual items fill the page's bytes at about that number."""

CHAIN_REASONS: Final = (
    "consent-shared",
    "not-a-member", "key-replaced", "key-change", "key-unannounced", "epoch-unknown", "month-not-entitled",
    "epoch-holders", "revision-order", "item-erased", "not-the-author", "month-changed", "item-not-live", "on-hold",
    "epoch-order", "epoch-wraps", "wrap-key-replaced", "wrap-key-unknown",
    "members-double", "members-owner", "consent-missing",
    "wrap-not-entitled", "hold-shortened", "history-on-hold", "grant-incomplete", "owner-leaves", "owner-target",
    "owner-holds-all", "reader-writes", "not-the-owner", "rejoin", "rejoin-place", "rejoin-members",
    "genesis-members",
)  # fmt: skip
"""Every rule of spec/chain.md that can refuse a commit."""


PUSH_REFUSES: Final = {
    "collection-unknown": 404,
    "account-unknown": 404,
    "collection-differs": 400,
    "collection-exists": 409,
    "collection-ended": 409,
    "genesis-changes": 403,
    "owner-silent": 403,
    "entry-not-yours": 403,
    "too-many-collections": 409,
    "not-the-author": 403,
    "account-unfinished": 403,
    "day-off": 403,
    "key-replaced": 403,
    "blob-missing": 409,
    "snapshot-missing": 409,
    "collection-full": 409,
    "consent-elsewhere": 403,
    "revoke-elsewhere": 403,
    "share-ended": 403,
    **dict.fromkeys(CHAIN_REASONS, 403),
}
"""Why a push, a grant or a revocation may be refused, with its status."""


OFFER_REFUSES: Final = {
    **PUSH_REFUSES,
    "author-unknown": 409,
    "offer-closed": 409,
    "offer-split": 409,
    "offer-order": 409,
}
"""Why what a device offers after a restore may be refused."""


class PullQuery(Wire):
    """After which seq: -1 is from the genesis on."""

    since: Annotated[int, msgspec.Meta(ge=-1, le=2**53)] = -1
    bare: bool = False
    """Commits only, without what they sealed."""


class MissingQuery(Wire):
    """After which item: none is from the first on."""

    after: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")] | None = None
    """An item id in hex."""


class CollectionShown(Wire):
    """One collection as one of its members sees it, until the membership's last day is over."""

    id: Bytes32
    seq: int
    head: Bytes32
    owner: Bytes32
    role: int
    since: int
    until: int


class Collections(Wire):
    """The collections that one owns or is a member of.

    `offer_until`: until when (seconds since 1970) the server takes back what a restore lost, and `offer_since` since
    when; 0 both: it does not.
    """

    collections: list[CollectionShown]
    offer_since: int = 0
    offer_until: int = 0
