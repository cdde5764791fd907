"""Epochs: whose key a month's records are sealed under, and who is entitled to it. Implements spec/epoch.md.

Guarantees: one rule re-keys. A record is sealed only in an epoch of its month whose holders are exactly the members
entitled to that month on that day, each with the newest key known; otherwise a new epoch is opened first.
Does not: take back what a former holder has read. No I/O.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from mindhaven.crypto.derive import check_equal, derive
from mindhaven.crypto.encoding import Value, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.crypto.wrap import ENC_BYTES, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.account import Identity

TIMELESS: Final = 0
"""The month of collections whose records are about no month: a safety plan, the index."""
FIRST_MONTH: Final = 190001
LAST_MONTH: Final = 999912
MAX_MEMBERS: Final = 64
"""Members of one collection: a care team many times over; bounds the wraps of one epoch."""
EPOCH_CIPHERTEXT_BYTES: Final = 48


def check_month(month: int) -> int:
    """Return `month` if it is 0 or yyyymm with a real month; raise `InvalidInputError` (month) otherwise."""
    if month != TIMELESS and not (FIRST_MONTH <= month <= LAST_MONTH and 1 <= month % 100 <= 12):
        raise InvalidInputError("A month is written yyyymm, or 0 for none.", code="month")
    return month


@dataclass(frozen=True, slots=True)
class Wrap:
    """An epoch key wrapped to one member's key: `[uid, key id, enc, ciphertext]`."""

    uid: bytes
    key_id: int
    wrapped: Wrapped

    def value(self) -> list[Value]:
        """Return the CBOR value of this wrap."""
        return [self.uid, self.key_id, self.wrapped.enc, self.wrapped.ciphertext]

    @classmethod
    def of(cls, value: object) -> "Wrap":
        """Return the wrap that a decoded list holds."""
        uid, key_id, enc, ciphertext = shape.fields(value, 4, "A wrap")
        return cls(
            shape.raw(uid, "A wrap's uid", length=32),
            shape.number(key_id, "A wrap's key id", least=1),
            Wrapped(
                shape.raw(enc, "A wrap's enc", length=ENC_BYTES),
                shape.raw(ciphertext, "A wrap's ciphertext", length=EPOCH_CIPHERTEXT_BYTES),
            ),
        )


def parse_wraps(value: object) -> tuple[Wrap, ...]:
    """Return a list of wraps with distinct recipients."""
    wraps = tuple(Wrap.of(entry) for entry in shape.items(value, "The wraps", most=MAX_MEMBERS))
    if len({entry.uid for entry in wraps}) != len(wraps):
        raise InvalidInputError("An epoch is wrapped to one member twice.", code="wrap-double")
    return wraps


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the chain says of an epoch: its month, the commitment of its key, its holders with their key ids."""

    number: int
    month: int
    commitment: bytes
    author: bytes
    holders: Mapping[bytes, int]

    def with_wraps(self, wraps: Iterable[Wrap]) -> "Epoch":
        """Return this epoch with the recipients of `wraps` among its holders."""
        holders = dict(self.holders)
        for entry in wraps:
            holders[entry.uid] = max(entry.key_id, holders.get(entry.uid, 0))
        return replace(self, holders=holders)


def key_commitment(key: EpochKey, collection: bytes, number: int, month: int) -> bytes:
    """Return what `open` publishes of an epoch key (32 bytes): spec/epoch.md step 2."""
    return derive(key, "epoch-commitment", encode([collection, number, month]))


def _info(
    collection: bytes, number: int, month: int, commitment: bytes, *, sender: bytes, uid: bytes, key_id: int
) -> bytes:
    return wrap_info("epoch-wrap", sender, uid, key_id, [collection, number, month, commitment])


def wrap_epoch(
    key: EpochKey,
    collection: bytes,
    number: int,
    month: int,
    *,
    sender: bytes,
    uid: bytes,
    key_id: int,
    xwing: bytes,
) -> Wrap:
    """Return `key` wrapped to generation `key_id` of `uid`, whose X-Wing key is `xwing`."""
    commitment = key_commitment(key, collection, number, month)
    info = _info(collection, number, month, commitment, sender=sender, uid=uid, key_id=key_id)
    return Wrap(uid, key_id, wrap(xwing, key, info))


def open_epoch(
    entry: Wrap, collection: bytes, number: int, month: int, commitment: bytes, *, sender: bytes, identity: Identity
) -> EpochKey:
    """Return the epoch key that `entry` wraps to `identity`, checked against the chain's commitment.

    Raises `IntegrityError`: wrap-does-not-open, epoch-commitment. Both are the fault of the wrap's author `sender`.
    """
    info = _info(collection, number, month, commitment, sender=sender, uid=entry.uid, key_id=entry.key_id)
    secret = identity.unwrapper.unwrap(entry.wrapped, info)
    if len(secret) != 32:
        raise IntegrityError("A wrapped epoch key has the wrong length.", code="epoch-commitment")
    key = EpochKey(secret)
    check_equal(
        key_commitment(key, collection, number, month),
        commitment,
        "A member handed out another key than the one it announced.",
        code="epoch-commitment",
    )
    return key
