"""Locks: what is sealed opens by the words and by each recovery key of the day, and by nothing else."""

import pytest

from mindhaven.crypto.encoding import encode
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol.lock import OpenLock, Ring
from mindhaven.protocol.slots import PassphraseParams, Slot, SlotKeys, SlotKind, SlotList

UID = bytes(range(32))
WORDS = "three borrowed lamps tonight"
SPARE, NEWER = SlotSecret(bytes([7] * 32)), SlotSecret(bytes([8] * 32))
SLOT = bytes([1] * 16)


def ways(*keys: SlotSecret) -> SlotList:
    """One passphrase, and these recovery keys; a newer one keeps the id of its slot, as replacing does."""
    made = [Slot(bytes(16), SlotKind.PASSPHRASE, encode([]), SlotKeys.of(SPARE, SlotKind.PASSPHRASE).unwrapper.public)]
    made += [
        Slot(
            SLOT[:-1] + bytes([place]),
            SlotKind.RECOVERY_KEY,
            encode([]),
            SlotKeys.of(key, SlotKind.RECOVERY_KEY).unwrapper.public,
        )
        for place, key in enumerate(keys)
    ]
    return SlotList.fresh(made)


@pytest.fixture(scope="module")
def lock() -> OpenLock:
    return OpenLock.fresh()


@pytest.fixture(scope="module")
def ring(lock: OpenLock) -> Ring:
    return Ring.decode(Ring.of(UID, lock, WORDS, ways(SPARE)).encode())


def test_the_words_and_the_recovery_key_open_the_same_lock(lock: OpenLock, ring: Ring) -> None:
    assert len(ring.wraps) == 1, "only recovery keys get a wrap"
    assert ring.open(WORDS) == lock
    assert ring.open_by_recovery(UID, SPARE) == lock
    with pytest.raises(IntegrityError) as refused:
        ring.open_by_recovery(UID, NEWER)
    assert refused.value.reason == "lock-recovery-unknown"
    with pytest.raises(IntegrityError) as refused:
        ring.open_by_recovery(bytes(32), SPARE)
    assert refused.value.reason == "lock-recovery-unknown"


def test_a_newer_recovery_key_in_the_same_slot_is_wrapped_to_and_the_old_one_no_more(
    lock: OpenLock, ring: Ring
) -> None:
    assert ring.rewrapped(UID, lock, ways(SPARE)) is None
    newer = ring.rewrapped(UID, lock, ways(NEWER))
    assert newer is not None
    assert newer.open(WORDS) == lock
    assert newer.open_by_recovery(UID, NEWER) == lock
    with pytest.raises(IntegrityError):
        newer.open_by_recovery(UID, SPARE)
    both = ring.rewrapped(UID, lock, ways(SPARE, NEWER))
    assert both is not None
    assert both.open_by_recovery(UID, SPARE) == both.open_by_recovery(UID, NEWER) == lock


def test_what_is_sealed_opens_once_more_and_no_lock_holds_a_lock(lock: OpenLock) -> None:
    body = b'{"text":"mine"}'
    box = lock.seal("mindhaven/journal", 1, body)
    assert body not in box
    assert lock.open(box) == ("mindhaven/journal", 1, body)
    with pytest.raises(IntegrityError):
        OpenLock(lock.id, OpenLock.fresh().key).open(box)
    for kind in ("mindhaven/lock", "mindhaven/locked"):
        with pytest.raises(InvalidInputError) as refused:
            lock.seal(kind, 1, b"{}")
        assert refused.value.reason == "lock-nested"


def test_two_rings_of_one_lock_share_nothing_but_its_key(lock: OpenLock, ring: Ring) -> None:
    other = Ring.of(UID, lock, WORDS, ways(SPARE))
    assert other.check == ring.check
    assert other.params.server_salt != ring.params.server_salt
    assert other.box != ring.box
    assert isinstance(ring.params, PassphraseParams)


def test_the_bounds_of_what_is_sealed_and_of_a_ring(lock: OpenLock, ring: Ring) -> None:
    assert lock.open(lock.seal("k" * 100, 1, b"")) == ("k" * 100, 1, b"")
    with pytest.raises(InvalidInputError):
        lock.open(lock.seal("k" * 101, 1, b""))
    box_1024, box_1025 = (encode([ring.id, ring.params.value(), bytes(size), [], ring.check]) for size in (1024, 1025))
    assert len(Ring.decode(box_1024).box) == 1024
    with pytest.raises(InvalidInputError):
        Ring.decode(box_1025)
    with pytest.raises(InvalidInputError) as at_most:
        Ring.decode(bytes(65_536))
    assert at_most.value.reason != "lock-ring"
    with pytest.raises(InvalidInputError) as too_large:
        Ring.decode(bytes(65_537))
    assert too_large.value.reason == "lock-ring"
