"""Ways in, built and read: new slots, the key set of a change, bundles that a thief may have spoiled. No I/O.

Guarantees: what a change by one way in can't touch is carried over byte for byte; keys are taken from any bundle that
is still there, each checked against the account's chain.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from mindhaven.crypto.encoding import encode
from mindhaven.crypto.secrets import RootKey, SlotSecret
from mindhaven.errors import IntegrityError, MindhavenError
from mindhaven.protocol.account import AccountState, Identity, succeed
from mindhaven.protocol.slots import (
    SLOT_ID_BYTES,
    Bundle,
    PassphraseParams,
    Slot,
    SlotKeys,
    SlotKind,
    SlotList,
    join_bundles,
    lookup_id,
    open_bundle,
    seal_bundle,
    slot_tag,
    wrap_root,
)
from mindhaven.sdk.passphrases import check_new
from mindhaven.wire import accounts as wire


class New(Enum):
    """What a change of ways in makes new."""

    NOTHING = "nothing"
    KEYS = "keys"
    """New identity keys under the same root: at once with one way in, since it touches no other."""
    ROOT = "root"
    """A new root, wrapped anew to every way in, and new identity keys: at once with two, else it waits."""


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A way in to make: its kind, its secret, its parameters, the handle it answers to."""

    kind: SlotKind
    secret: SlotSecret
    params: bytes
    lookup: bytes | None = None

    @classmethod
    def passphrase(cls, passphrase: str, *, handle: str, server_salt: bytes) -> "NewSlot":
        """Return a passphrase slot; raise `InvalidInputError` as `check_new` does."""
        check_new(passphrase)
        params = PassphraseParams.fresh(handle, server_salt)
        return cls(SlotKind.PASSPHRASE, params.secret(passphrase), encode(params.value()))

    @classmethod
    def recovery_key(cls, key: SlotSecret) -> "NewSlot":
        """Return a recovery-key slot."""
        return cls(SlotKind.RECOVERY_KEY, key, encode([]), lookup_id(key, SlotKind.RECOVERY_KEY))

    @classmethod
    def passkey(cls, secret: SlotSecret) -> "NewSlot":
        """Return a passkey slot; `secret` is what `passkey_secret` makes of its PRF output."""
        return cls(SlotKind.PASSKEY, secret, encode([]), lookup_id(secret, SlotKind.PASSKEY))


@dataclass(frozen=True, slots=True)
class OpenedSlot:
    """A way in, opened: the keys its secret gives, and which slot of the account it is."""

    id: bytes
    keys: SlotKeys


def make_slots(slots: Sequence[NewSlot], ids: Sequence[bytes] | None = None) -> dict[Slot, tuple[SlotKeys, NewSlot]]:
    """Return each new slot with its keys and what it was made from; `ids` are kept ids, else fresh ones."""
    names = ids or [os.urandom(SLOT_ID_BYTES) for _ in slots]
    made: dict[Slot, tuple[SlotKeys, NewSlot]] = {}
    for name, new in zip(names, slots, strict=True):
        keys = SlotKeys.of(new.secret, new.kind)
        made[Slot(name, new.kind, new.params, keys.unwrapper.public)] = (keys, new)
    return made


def _entry(uid: bytes, slot: Slot, keys: SlotKeys, new: NewSlot, root: RootKey, generation: int) -> wire.SlotEntry:
    wrapped = wrap_root(root, uid, generation, slot)
    return wire.SlotEntry(
        id=slot.id,
        tag=slot_tag(keys, uid, slot),
        enc=wrapped.enc,
        ciphertext=wrapped.ciphertext,
        login_key=keys.login.public,
        lookup=new.lookup,
    )


def first_keys(
    uid: bytes, statement: bytes, root: RootKey, listed: SlotList, bundle: Bundle,
    made: dict[Slot, tuple[SlotKeys, NewSlot]],
) -> wire.KeySet:  # fmt: skip
    """Return the key set of a new account."""
    entries = [_entry(uid, slot, *made[slot], root, 1) for slot in listed.slots]
    return wire.KeySet(
        statement=statement, slots=listed.encode(), entries=entries, bundle=seal_bundle(root, uid, 1, bundle)
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of ways in or keys, complete: what to send, and the bundle that this device keeps once it counts."""

    keys: wire.KeySet
    bundle: Bundle


def prepare_change(
    state: AccountState,
    shown: wire.AccountShown,
    root: RootKey,
    bundle: Bundle,
    *,
    slots: Sequence[Slot],
    made: dict[Slot, tuple[SlotKeys, NewSlot]],
    new: New,
) -> Change:
    """Return the change that leaves exactly `slots`, of which `made` are new; `bundle` is what this device holds.

    A slot that stays keeps its tag, log-in key and look-up id, and its wrap too unless the root is new.
    """
    listed = SlotList.fresh(slots)
    generation = state.generation if new is New.NOTHING else state.generation + 1
    new_root = RootKey.fresh() if new is New.ROOT else root
    root_generation = generation if new is New.ROOT else state.root_generation
    identity = bundle.newest() if new is New.NOTHING else Identity.fresh(generation)
    after = Bundle({**bundle.identities, generation: identity}, bundle.index)
    there = {entry.id: entry for entry in shown.entries}
    entries = []
    for slot in slots:
        if slot in made:
            entries.append(_entry(state.uid, slot, *made[slot], new_root, root_generation))
            continue
        old = there.get(slot.id)
        if old is None:
            raise IntegrityError("The server does not show every way in.", code="slot-unknown")
        if new is New.ROOT:
            wrapped = wrap_root(new_root, state.uid, root_generation, slot)
            old = wire.SlotEntry(id=old.id, tag=old.tag, enc=wrapped.enc, ciphertext=wrapped.ciphertext,
                                 login_key=old.login_key, lookup=old.lookup)  # fmt: skip
        entries.append(old)
    statement = succeed(state, root, new_root, identity, listed.hash())
    keys = wire.KeySet(
        statement=statement.encode(),
        slots=listed.encode(),
        entries=entries,
        bundle=seal_bundle(new_root, state.uid, generation, after),
    )
    return Change(keys, after)


def earlier_bundles(root: RootKey, state: AccountState, shown: wire.AccountShown) -> list[Bundle]:
    """Return the replaced bundles that this root still opens, the newest first, each checked against the chain."""
    found = []
    for one in shown.earlier_bundles:
        try:
            found.append(open_bundle(root, state, one.bundle, generation=one.generation))
        except MindhavenError:  # sealed by an earlier root, or spoiled too
            continue
    return found


def open_bundles(root: RootKey, state: AccountState, shown: wire.AccountShown, *, kept: Bundle | None) -> Bundle:
    """Return the account's keys: the newest bundle, and from earlier ones and this device's own what it lacks.

    Raises `IntegrityError` (bundle-spoiled) if the newest does not open: see `Access.log_in`, `mend`.
    """
    try:
        newest = open_bundle(root, state, shown.bundle)
    except MindhavenError as error:
        raise IntegrityError(
            "The newest keys of this account do not open.",
            code="bundle-spoiled",
            hint="If you did not change your keys, somebody knows a way in of yours. Sign in again with --mend: it"
            " opens the keys from before and makes new ones.",
        ) from error
    return join_bundles([newest, *earlier_bundles(root, state, shown), *([] if kept is None else [kept])])
