"""Slots: the ways in to an account, the bundle that they open, and the recovery key. Implements spec/slots.md.

Guarantees: a slot, root or wrap of the server's making fails by name before any key is used.
Does not: ask for a passphrase or store anything. No I/O.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from mindhaven.crypto.derive import (
    ARGON2_LANES,
    ARGON2_MEMORY_KIB,
    ARGON2_PASSES,
    SERVER_SALT_BYTES,
    check_equal,
    derive,
    mac,
    passphrase_secret,
)
from mindhaven.crypto.encoding import Value, decode, encode, labelled_hash
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import RootKey, Seed, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.crypto.wrap import PUBLIC_KEY_BYTES, UnwrapKey, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.account import AccountState, Identity, authority
from mindhaven.protocol.encoding import ZERO32

SLOT_ID_BYTES: Final = 16
MAX_SLOTS: Final = 16
"""Ways in of one account: more than anyone keeps apart; bounds the wraps of one rotation."""
MAX_GENERATIONS: Final = 10_000
PRF_BYTES: Final = 32
LOOKUP_BYTES: Final = 16
LIST_SALT_BYTES: Final = 32


class SlotKind(IntEnum):
    """What opens a slot."""

    PASSPHRASE = 1
    RECOVERY_KEY = 2
    PASSKEY = 3
    GUARDIANS = 4


_AUTH_LABEL: Final = {
    SlotKind.PASSPHRASE: "pw-auth",
    SlotKind.RECOVERY_KEY: "recovery-auth",
    SlotKind.PASSKEY: "passkey-auth",
    SlotKind.GUARDIANS: "guardians-auth",
}


_LOOKUP_LABEL: Final = {SlotKind.RECOVERY_KEY: "recovery-lookup", SlotKind.PASSKEY: "passkey-lookup"}
NAMELESS: Final = frozenset(_LOOKUP_LABEL)
"""Kinds that find their account without a name."""
PASSKEY_SALT: Final = labelled_hash("passkey-salt")
"""What an authenticator is asked with (32 bytes): one for all, since it keeps each passkey's secret apart."""


def passkey_secret(prf: bytes) -> SlotSecret:
    """Return the slot secret of a passkey from its PRF output (32 bytes): spec/slots.md step 3.

    Raises `InvalidInputError` (passkey-prf) for another length.
    """
    if len(prf) != PRF_BYTES:
        raise InvalidInputError("A passkey's output is exactly 32 bytes.", code="passkey-prf")
    return SlotSecret(derive(prf, "passkey-prf"))


def lookup_id(secret: SlotSecret, kind: SlotKind) -> bytes | None:
    """Return the id (16 bytes) by which a slot finds its account without a name: spec/slots.md step 13.

    None for kinds that need a name.
    """
    label = _LOOKUP_LABEL.get(kind)
    return None if label is None else derive(secret, label, length=LOOKUP_BYTES)


@dataclass(frozen=True, slots=True)
class PassphraseParams:
    """How a passphrase becomes a slot secret: Argon2id cost, the server's 16 bytes, the name that salts it."""

    memory_kib: int
    passes: int
    lanes: int
    server_salt: bytes
    name: str

    @classmethod
    def fresh(cls, name: str, server_salt: bytes) -> "PassphraseParams":
        """Return today's parameters for `name`."""
        return cls(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, server_salt, name)

    def value(self) -> list[Value]:
        """Return the CBOR value of these parameters."""
        return [self.memory_kib, self.passes, self.lanes, self.server_salt, self.name]

    @classmethod
    def of(cls, value: object) -> "PassphraseParams":
        """Return the parameters that a decoded list holds."""
        memory_kib, passes, lanes, server_salt, name = shape.fields(value, 5, "Passphrase parameters")
        return cls(
            shape.number(memory_kib, "Argon2 memory"),
            shape.number(passes, "Argon2 passes"),
            shape.number(lanes, "Argon2 lanes"),
            shape.raw(server_salt, "A passphrase salt", length=SERVER_SALT_BYTES),
            shape.text(name, "A handle", most=64),
        )

    def secret(self, passphrase: str) -> SlotSecret:
        """Return the slot secret that `passphrase` yields; raises `IntegrityError` (argon2-floor) for weak ones."""
        return passphrase_secret(
            passphrase,
            name=self.name,
            server_salt=self.server_salt,
            memory_kib=self.memory_kib,
            passes=self.passes,
            lanes=self.lanes,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """One way in: `[id, kind, params, X-Wing public key]`. `params` is CBOR, empty list where the kind has none."""

    id: bytes
    kind: SlotKind
    params: bytes
    xwing: bytes

    def value(self) -> list[Value]:
        """Return the CBOR value of this slot."""
        return [self.id, int(self.kind), self.params, self.xwing]

    @classmethod
    def of(cls, value: object) -> "Slot":
        """Return the slot that a decoded list holds."""
        slot_id, kind, params, xwing = shape.fields(value, 4, "A slot")
        try:
            slot_kind = SlotKind(shape.number(kind, "A slot's kind"))
        except ValueError as error:
            raise InvalidInputError("A slot has an unknown kind.", code="slot-kind") from error
        return cls(
            shape.raw(slot_id, "A slot id", length=SLOT_ID_BYTES),
            slot_kind,
            shape.raw(params, "A slot's parameters", most=1024),
            shape.raw(xwing, "A slot's public key", length=PUBLIC_KEY_BYTES),
        )

    def passphrase_params(self) -> PassphraseParams:
        """Return the parameters of a passphrase slot."""
        return PassphraseParams.of(decode(self.params))


@dataclass(frozen=True, slots=True)
class SlotKeys:
    """What one slot secret yields: the key that unwraps the root, the tag key, the log-in key."""

    unwrapper: UnwrapKey
    tag_key: bytes
    login: SessionSigner

    @classmethod
    def of(cls, secret: SlotSecret, kind: SlotKind) -> "SlotKeys":
        """Derive the keys of a slot of `kind`: spec/slots.md step 4."""
        return cls(
            UnwrapKey(Seed(derive(secret, "slot-xwing"))),
            derive(secret, "slot-tag"),
            SessionSigner(Seed(derive(secret, _AUTH_LABEL[kind]))),
        )


@dataclass(frozen=True, slots=True)
class SlotList:
    """All slots of an account and the salt that hides them in the statement's hash."""

    salt: bytes
    slots: tuple[Slot, ...]

    def hash(self) -> bytes:
        """Return the salted hash that a statement names (32 bytes)."""
        return labelled_hash("slot-list", self.encode())

    def encode(self) -> bytes:
        """Return CBOR [salt, [slot, ...]]."""
        return encode([self.salt, [slot.value() for slot in self.slots]])

    @classmethod
    def decode(cls, data: bytes) -> "SlotList":
        """Return what `data` encodes; raise `InvalidInputError` for another shape or doubled ids."""
        salt, slots = shape.fields(decode(data), 2, "A slot list")
        parsed = tuple(Slot.of(slot) for slot in shape.items(slots, "The slots", most=MAX_SLOTS))
        if len({slot.id for slot in parsed}) != len(parsed):
            raise InvalidInputError("Two slots have one id.", code="slot-double")
        return cls(shape.raw(salt, "A slot list's salt", length=LIST_SALT_BYTES), parsed)

    @classmethod
    def fresh(cls, slots: Sequence[Slot]) -> "SlotList":
        """Return a list of `slots` under a new salt."""
        return cls(os.urandom(LIST_SALT_BYTES), tuple(slots))

    def get(self, slot_id: bytes) -> Slot:
        """Return the slot of that id; raise `IntegrityError` (slot-unknown) if there is none."""
        for slot in self.slots:
            if slot.id == slot_id:
                return slot
        raise IntegrityError("This way in is not in the account's list.", code="slot-unknown")


def slot_tag(keys: SlotKeys, uid: bytes, slot: Slot) -> bytes:
    """Return the tag by which the slot's own secret vouches for it: spec/slots.md step 5."""
    return mac(keys.tag_key, "slot-tag", encode([uid, slot.id, int(slot.kind), slot.params]))


def wrap_root(root: RootKey, uid: bytes, generation: int, slot: Slot) -> Wrapped:
    """Return `root`, which came with `generation`, wrapped to `slot`: spec/slots.md step 6."""
    return wrap(slot.xwing, root, wrap_info("root-wrap", uid, uid, slot.id, [generation]))


def open_slot(
    keys: SlotKeys, state: AccountState, listed: SlotList, slot_id: bytes, tag: bytes, wrapped: Wrapped
) -> RootKey:
    """Return the root that a slot opens, after every check of spec/slots.md step 7.

    Raises `IntegrityError`: slot-list, slot-unknown, slot-key, slot-tag, wrap-does-not-open, root-mismatch.
    """
    # 1. The list is the one that the newest statement names.
    if listed.hash() != state.statement.slots_hash:
        raise IntegrityError("The list of ways in is not the one that the account states.", code="slot-list")
    slot = listed.get(slot_id)
    # 2. The slot's key and tag come from the secret just given.
    if slot.xwing != keys.unwrapper.public:
        raise IntegrityError("This way in holds another key than yours.", code="slot-key")
    check_equal(slot_tag(keys, state.uid, slot), tag, "This way in was not made by its own secret.", code="slot-tag")
    # 3. The root opens, and yields the authority that the chain states.
    info = wrap_info("root-wrap", state.uid, state.uid, slot.id, [state.root_generation])
    root = RootKey(keys.unwrapper.unwrap(wrapped, info))
    if authority(root).public != state.statement.authority:
        raise IntegrityError("The root that this way in opens is not this account's.", code="root-mismatch")
    return root


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a device keeps of an account: all identity generations, and the index collection's id (or 32 zeros)."""

    identities: dict[int, Identity]
    index: bytes

    def newest(self) -> Identity:
        """Return the identity of the newest generation."""
        return self.identities[max(self.identities)]

    def encode(self) -> bytes:
        """Return CBOR [[[generation, xwing, ed25519, mldsa65], ...], index collection id]."""
        return encode([[[n, *map(bytes, self.identities[n].seeds)] for n in sorted(self.identities)], self.index])

    @classmethod
    def decode(cls, data: bytes) -> "Bundle":
        """Return the bundle that `data` encodes."""
        generations, index = shape.fields(decode(data), 2, "A bundle")
        identities: dict[int, Identity] = {}
        for entry in shape.items(generations, "The identities", most=MAX_GENERATIONS):
            n, xwing, ed25519, mldsa65 = shape.fields(entry, 4, "An identity")
            number = shape.number(n, "A generation", least=max(identities, default=0) + 1)
            seeds = [Seed(shape.raw(seed, "A seed", length=32)) for seed in (xwing, ed25519, mldsa65)]
            identities[number] = Identity(number, *seeds)
        if not identities:
            raise InvalidInputError("A bundle holds no identity.", code="bundle-empty")
        return cls(identities, shape.raw(index, "An index id", length=32))


def bundle_bytes_most(generation: int) -> int:
    """Return how long a sealed bundle of that generation can be: so many identities, the index, the box around them."""
    return 160 + 108 * generation


def join_bundles(bundles: Sequence[Bundle]) -> Bundle:
    """Return what several opened bundles of one account hold together, the newest first: spec/slots.md step 12.

    An index collection is named once: the oldest bundle that names one counts.
    """
    identities: dict[int, Identity] = {}
    for bundle in bundles:
        identities = {**bundle.identities, **identities}
    named = [bundle.index for bundle in bundles if bundle.index != ZERO32]
    return Bundle(identities, named[-1] if named else ZERO32)


def seal_bundle(root: RootKey, uid: bytes, generation: int, bundle: Bundle) -> bytes:
    """Return the bundle sealed by the root: spec/slots.md step 8."""
    return seal_box(root, "bundle", encode([uid, generation]), bundle.encode())


def open_bundle(root: RootKey, state: AccountState, box: bytes, *, generation: int | None = None) -> Bundle:
    """Open a bundle and check each identity against the chain: spec/slots.md step 8.

    `generation` is the one at which an earlier bundle was sealed (None: the newest, which it must then hold).
    Raises `IntegrityError` (bundle-mismatch, commitment-mismatch, seal-does-not-open).
    """
    at = state.generation if generation is None else generation
    bundle = Bundle.decode(open_box(root, "bundle", encode([state.uid, at]), box))
    check_bundle(bundle, state, at)
    return bundle


def check_bundle(bundle: Bundle, state: AccountState, at: int) -> None:
    """Raise `IntegrityError` (bundle-mismatch) unless the identities are the chain's, up to `at`, that one too.

    It is what ends spec/slots.md step 8, and step 6 of spec/pairing.md.
    """
    stated = {n: keys for n, keys in state.identities.items() if n <= at}
    opened = {n: identity.public for n, identity in bundle.identities.items()}
    if at not in opened or any(stated.get(n) != keys for n, keys in opened.items()):
        raise IntegrityError("The keys in the bundle are not the ones that the account states.", code="bundle-mismatch")
