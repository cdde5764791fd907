"""Locks: records sealed once more, under a passphrase of their own or the recovery key. Implements spec/lock.md.

Guarantees: what a passphrase or a recovery key opens is the lock's key or nothing.
Does not: keep a passphrase, say how many records are locked, or know who wrote them (their commits do). No I/O.
"""

import os
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.derive import SERVER_SALT_BYTES, check_equal, mac
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import SealKey, SlotSecret
from mindhaven.crypto.wrap import ENC_BYTES, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.slots import MAX_SLOTS, PassphraseParams, Slot, SlotKeys, SlotKind, SlotList

LOCK_ID_BYTES: Final = 16
NAME_BYTES: Final = 16
WRAP_BYTES: Final = 48
"""A key of 32 bytes and its tag."""
MAX_RING_BYTES: Final = 65_536
"""Sixteen wraps of 1.2 KiB and the rest, with room: more is no ring."""
MAX_LOCKED_BYTES: Final = 8 * 1024 * 1024
"""As long as a record's body may be."""
LOCK: Final = "mindhaven/lock"
LOCKED: Final = "mindhaven/locked"


def _name(lock_id: bytes) -> str:
    return f"lock {lock_id.hex()}"


@dataclass(frozen=True, slots=True)
class OpenLock:
    """A lock whose key is here: seals and opens records."""

    id: bytes
    key: SealKey

    @classmethod
    def fresh(cls) -> "OpenLock":
        """Return a new lock: spec/lock.md step 1."""
        return cls(os.urandom(LOCK_ID_BYTES), SealKey.fresh())

    def check(self) -> bytes:
        """Return what tells this lock's key from any other: spec/lock.md step 5."""
        return mac(self.key, "lock-check", encode([self.id]))

    def seal(self, kind: str, version: int, body: bytes) -> bytes:
        """Return the box of a record: spec/lock.md step 8. Raises `InvalidInputError` (lock-nested)."""
        _not_nested(kind)
        return seal_box(self.key, "locked", encode([self.id]), encode([kind, version, body]))

    def open(self, box: bytes) -> tuple[str, int, bytes]:
        """Return kind, version and body of a locked record: spec/lock.md steps 8 and 9.

        Raises `IntegrityError` (commitment-mismatch, seal-does-not-open) and `InvalidInputError` (shape, lock-nested).
        """
        plain = decode(open_box(self.key, "locked", encode([self.id]), box))
        kind, version, body = shape.fields(plain, 3, "A locked record")
        opened = (
            shape.text(kind, "A kind", most=100),
            shape.number(version, "A version", least=1),
            shape.raw(body, "A body", most=MAX_LOCKED_BYTES),
        )
        _not_nested(opened[0])
        return opened


def _not_nested(kind: str) -> None:
    if kind in {LOCK, LOCKED}:
        raise InvalidInputError("A locked record can't hold another lock.", code="lock-nested")


@dataclass(frozen=True, slots=True)
class Ring:
    """How a lock's key lies sealed: to its passphrase, and to each recovery key. spec/lock.md steps 2 to 5."""

    id: bytes
    params: PassphraseParams
    box: bytes
    wraps: tuple[tuple[bytes, Wrapped], ...]
    check: bytes

    @classmethod
    def of(cls, uid: bytes, lock: OpenLock, passphrase: str, ways: SlotList) -> "Ring":
        """Return a ring of that person for `lock`, under a new salt.

        `ways` is a list whose hash the newest statement names.
        """
        params = PassphraseParams.fresh(_name(lock.id), os.urandom(SERVER_SALT_BYTES))
        box = seal_box(params.secret(passphrase), "lock", encode([lock.id]), lock.key)
        return cls(lock.id, params, box, _wraps(uid, lock, ways), lock.check())

    def encode(self) -> bytes:
        """Return CBOR [lock id, params, box, wraps, check]."""
        wraps = [[name, wrapped.enc, wrapped.ciphertext] for name, wrapped in self.wraps]
        return encode([self.id, self.params.value(), self.box, wraps, self.check])

    @classmethod
    def decode(cls, data: bytes) -> "Ring":
        """Return the ring that `data` encodes; raise `InvalidInputError` (lock-ring, lock-name, slot-double, shape)."""
        if len(data) > MAX_RING_BYTES:
            raise InvalidInputError("A lock's ring is too large.", code="lock-ring")
        lock_id, params, box, wraps, check = shape.fields(decode(data), 5, "A lock's ring")
        shape.raw(lock_id, "A lock id", length=LOCK_ID_BYTES)
        asked = PassphraseParams.of(params)
        if asked.name != _name(lock_id):
            raise InvalidInputError("A lock's ring names another lock.", code="lock-name")
        found = tuple(_wrap_of(entry) for entry in shape.items(wraps, "A lock's wraps", most=MAX_SLOTS))
        if len({name for name, _ in found}) != len(found):
            raise InvalidInputError("A lock is wrapped to one way in twice.", code="slot-double")
        shape.raw(box, "A lock's box", most=1024)
        return cls(lock_id, asked, box, found, shape.raw(check, "A lock's check", length=32))

    def open(self, passphrase: str) -> OpenLock:
        """Return the lock by its passphrase: spec/lock.md steps 3, 5 and 7.

        Raises `IntegrityError`: argon2-floor, commitment-mismatch (another passphrase), lock-check.
        """
        key = open_box(self.params.secret(passphrase), "lock", encode([self.id]), self.box)
        return self._checked(OpenLock(self.id, SealKey(key)))

    def open_by_recovery(self, uid: bytes, secret: SlotSecret) -> OpenLock:
        """Return the lock by a recovery key: spec/lock.md steps 5 and 6.

        Raises `IntegrityError`: lock-recovery-unknown, lock-check.
        """
        unwrapper = SlotKeys.of(secret, SlotKind.RECOVERY_KEY).unwrapper
        for name, wrapped in self.wraps:
            try:
                key = unwrapper.unwrap(wrapped, wrap_info("lock-wrap", uid, uid, name, [self.id]))
            except IntegrityError:
                continue
            return self._checked(OpenLock(self.id, SealKey(key)))
        raise IntegrityError("This spare key does not open the lock.", code="lock-recovery-unknown")

    def rewrapped(self, uid: bytes, lock: OpenLock, ways: SlotList) -> "Ring | None":
        """Return this ring for the recovery keys of today, or None if it already is: spec/lock.md step 10."""
        if {name for name, _ in self.wraps} == {_name_of(slot.xwing) for slot in _recovery(ways)}:
            return None
        return Ring(self.id, self.params, self.box, _wraps(uid, lock, ways), self.check)

    def _checked(self, lock: OpenLock) -> OpenLock:
        check_equal(lock.check(), self.check, "What opened is not this lock's key.", code="lock-check")
        return lock


def _recovery(ways: SlotList) -> list[Slot]:
    return [slot for slot in ways.slots if slot.kind is SlotKind.RECOVERY_KEY]


def _wraps(uid: bytes, lock: OpenLock, ways: SlotList) -> tuple[tuple[bytes, Wrapped], ...]:
    made = []
    for slot in _recovery(ways):
        name = _name_of(slot.xwing)
        made.append((name, wrap(slot.xwing, lock.key, wrap_info("lock-wrap", uid, uid, name, [lock.id]))))
    return tuple(made)


def _name_of(xwing: bytes) -> bytes:
    return labelled_hash("lock-slot", xwing)[:NAME_BYTES]


def _wrap_of(entry: object) -> tuple[bytes, Wrapped]:
    name, enc, ciphertext = shape.fields(entry, 3, "A lock's wrap")
    return (
        shape.raw(name, "A wrap's name", length=NAME_BYTES),
        Wrapped(
            shape.raw(enc, "An encapsulated key", length=ENC_BYTES),
            shape.raw(ciphertext, "A wrap", length=WRAP_BYTES),
        ),
    )
