"""The account chain: who an account is, link by link. Implements spec/account.md.

Guarantees: from a uid alone, `verify_chain` gives the keys that its owner named, or raises with the reason;
a chain of the server's making fails by name.
Does not: know whether a newer statement is being hidden (the `keys` log shows that). No I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.derive import derive
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.secrets import RootKey, Seed
from mindhaven.crypto.sign import Signer, VerifyKeys, verify
from mindhaven.crypto.wrap import PUBLIC_KEY_BYTES, UnwrapKey
from mindhaven.errors import IntegrityError
from mindhaven.protocol import shape
from mindhaven.protocol.encoding import ZERO32, Signed

TYPE: Final = "statement"
MAX_CHAIN: Final = 10_000
"""Statements in one account chain: a change of keys every day for 27 years."""


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """The public keys of one generation: X-Wing (1216 bytes) and the hybrid signing pair."""

    xwing: bytes
    signing: VerifyKeys


class Identity:
    """The private keys of one generation, built from three 32-byte seeds."""

    __slots__ = ("generation", "public", "seeds", "signer", "unwrapper")

    def __init__(self, generation: int, xwing: Seed, ed25519: Seed, mldsa65: Seed) -> None:
        self.generation = generation
        self.seeds = (xwing, ed25519, mldsa65)
        self.unwrapper = UnwrapKey(xwing)
        self.signer = Signer(ed25519, mldsa65)
        self.public = IdentityKeys(self.unwrapper.public, self.signer.public)

    @classmethod
    def fresh(cls, generation: int) -> "Identity":
        """Return a new identity for `generation`."""
        return cls(generation, Seed.fresh(), Seed.fresh(), Seed.fresh())

    def __repr__(self) -> str:
        return f"<Identity of generation {self.generation}, hidden>"


def authority(root: RootKey) -> Signer:
    """Return the authority pair that `root` seeds: spec/account.md step 1."""
    return Signer(Seed(derive(root, "authority-ed25519")), Seed(derive(root, "authority-mldsa65")))


@dataclass(frozen=True, slots=True)
class Statement:
    """One link: `[uid, seq, prev, generation, authority keys, identity keys, slot list hash]`."""

    uid: bytes
    seq: int
    prev: bytes
    generation: int
    authority: VerifyKeys
    identity: IdentityKeys
    slots_hash: bytes

    def encode(self) -> bytes:
        """Return the body bytes of this statement."""
        return encode(
            [
                self.uid,
                self.seq,
                self.prev,
                self.generation,
                [self.authority.ed25519, self.authority.mldsa65],
                [self.identity.xwing, self.identity.signing.ed25519, self.identity.signing.mldsa65],
                self.slots_hash,
            ]
        )

    @classmethod
    def decode(cls, body: bytes) -> "Statement":
        """Return the statement that `body` encodes; raise `InvalidInputError` for any other shape."""
        uid, seq, prev, generation, authority_keys, identity_keys, slots_hash = shape.fields(
            decode(body), 7, "A statement"
        )
        ed25519, mldsa65 = shape.fields(authority_keys, 2, "A statement's authority keys")
        xwing, identity_ed25519, identity_mldsa65 = shape.fields(identity_keys, 3, "A statement's identity keys")
        return cls(
            uid=shape.raw(uid, "A statement's uid", length=32),
            seq=shape.number(seq, "A statement's seq", most=MAX_CHAIN),
            prev=shape.raw(prev, "A statement's prev", length=32),
            generation=shape.number(generation, "A statement's generation", least=1, most=MAX_CHAIN + 1),
            authority=VerifyKeys(shape.raw(ed25519, "A key"), shape.raw(mldsa65, "A key")),
            identity=IdentityKeys(
                shape.raw(xwing, "A key", length=PUBLIC_KEY_BYTES),
                VerifyKeys(shape.raw(identity_ed25519, "A key"), shape.raw(identity_mldsa65, "A key")),
            ),
            slots_hash=shape.raw(slots_hash, "A slot list hash", length=32),
        )


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a verified chain says: the head, the identity keys of every generation, and which statement brought each.

    `root_generation` is the generation with which the newest root came: a root may outlive identity keys.
    """

    uid: bytes
    seq: int
    head: bytes
    statement: Statement
    identities: dict[int, IdentityKeys]
    introduced: dict[int, bytes]
    root_generation: int

    @property
    def generation(self) -> int:
        """The newest generation, which is the account's key id."""
        return self.statement.generation

    @property
    def identity(self) -> IdentityKeys:
        """The newest identity keys."""
        return self.statement.identity

    def keys_of(self, generation: int) -> IdentityKeys:
        """Return the identity keys of `generation`; raise `IntegrityError` (unknown-generation) if there is none."""
        try:
            return self.identities[generation]
        except KeyError as error:
            raise IntegrityError(
                "A signature names a key that its account never stated.", code="unknown-generation"
            ) from error


def genesis(root: RootKey, identity: Identity, slots_hash: bytes) -> Signed:
    """Return the first statement of a new account: spec/account.md step 3. Its uid is `uid_of` it."""
    empty = Statement(ZERO32, 0, ZERO32, identity.generation, authority(root).public, identity.public, slots_hash)
    uid = labelled_hash("uid", empty.encode())
    return _sign(
        Statement(uid, 0, ZERO32, identity.generation, empty.authority, identity.public, slots_hash),
        authority(root),
        identity,
    )


def succeed(state: AccountState, old_root: RootKey, new_root: RootKey, identity: Identity, slots_hash: bytes) -> Signed:
    """Return the next statement, signed by the authority of `old_root`: spec/account.md step 4.

    `new_root` and `identity` are the old ones when only the slot list changes.
    """
    statement = Statement(
        state.uid,
        state.seq + 1,
        state.head,
        identity.generation,
        authority(new_root).public,
        identity.public,
        slots_hash,
    )
    return _sign(statement, authority(old_root), identity)


def _sign(statement: Statement, by: Signer, identity: Identity) -> Signed:
    body = statement.encode()
    return Signed(body, (*by.sign(TYPE, body), *identity.signer.sign("statement-identity", body)))


def _takes_a_key_back(statement: Statement, state: AccountState) -> bool:
    """Return whether a new generation reuses an identity key of any generation so far, or half of an authority."""
    old, new = state.statement.authority, statement.authority
    if old != new and (old.ed25519 == new.ed25519 or old.mldsa65 == new.mldsa65):
        return True
    mine = statement.identity
    return any(
        mine.xwing == one.xwing
        or mine.signing.ed25519 == one.signing.ed25519
        or mine.signing.mldsa65 == one.signing.mldsa65
        for one in state.identities.values()
    )


def verify_chain(uid: bytes, chain: Sequence[Signed]) -> AccountState:
    """Verify a whole chain from `uid` and return its state.

    Raises `IntegrityError`: account-empty, account-uid, account-order, account-fork, account-keys, signature-*.
    """
    if not chain:
        raise IntegrityError("The server shows no statement of this account.", code="account-empty")
    state: AccountState | None = None
    for signed in chain:
        state = extend(uid, state, signed)
    assert state is not None
    return state


def extend(uid: bytes, state: AccountState | None, signed: Signed) -> AccountState:
    """Verify one more statement after `state` (None: the genesis) and return the new state."""
    statement = Statement.decode(signed.body)
    # 1. It is about this account.
    if statement.uid != uid:
        raise IntegrityError("A statement is about another account.", code="account-uid")
    if state is None:
        # 2. The uid is the hash of the genesis with its uid empty.
        if statement.seq != 0 or statement.prev != ZERO32 or statement.generation != 1:
            raise IntegrityError("An account does not begin with its first statement.", code="account-order")
        empty = Statement(ZERO32, 0, ZERO32, 1, statement.authority, statement.identity, statement.slots_hash).encode()
        if labelled_hash("uid", empty) != uid:
            raise IntegrityError("This account is not the one that its id names.", code="account-uid")
        by, identities, introduced = statement.authority, {1: statement.identity}, {1: signed.hash(TYPE)}
        root_generation = 1
    else:
        # 3. It follows the head.
        if statement.seq != state.seq + 1:
            raise IntegrityError("A statement is missing or out of order.", code="account-order")
        if statement.prev != state.head:
            raise IntegrityError("This account has two histories.", code="account-fork")
        # 4. A generation keeps all its keys; a new one is the next number, brings new identity keys, and keeps the
        #    authority whole or replaces it whole.
        before = state.statement
        same = statement.generation == before.generation
        if same and (statement.authority != before.authority or statement.identity != before.identity):
            raise IntegrityError("Keys changed without a new generation.", code="account-keys")
        if not same and (statement.generation != before.generation + 1 or _takes_a_key_back(statement, state)):
            raise IntegrityError("A new generation does not bring new keys.", code="account-keys")
        by, identities = before.authority, {**state.identities, statement.generation: statement.identity}
        introduced = state.introduced if same else {**state.introduced, statement.generation: signed.hash(TYPE)}
        kept = statement.authority == before.authority
        root_generation = state.root_generation if kept else statement.generation
    # 5. The authority before it and the identity that it names both signed: two signatures each.
    verify(TYPE, by, signed.body, list(signed.signatures[:2]), hybrid=True)
    verify("statement-identity", statement.identity.signing, signed.body, list(signed.signatures[2:]), hybrid=True)
    return AccountState(uid, statement.seq, signed.hash(TYPE), statement, identities, introduced, root_generation)
