"""What accounts checks before any work begins: key sets, claims, tokens. No I/O; `now` is an argument."""

import hashlib
from collections.abc import Sequence

from mindhaven.accounts.model import SlotRow
from mindhaven.accounts.service import VerifiedKeys
from mindhaven.crypto.encoding import decode
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol.account import AccountState, Statement, extend
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.login import LoginClaim, verify_claim
from mindhaven.protocol.slots import NAMELESS, SlotKind, SlotList, bundle_bytes_most
from mindhaven.wire.accounts import KeySet

_DUMMY_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""A valid public key that no account has: an unknown name costs one verification too (RFC 8032, test 1)."""


def chain_states(uid: bytes, chain: Sequence[bytes]) -> list[tuple[AccountState, bytes]]:
    """Verify a chain from its genesis; return each state with the statement that led to it."""
    states: list[tuple[AccountState, bytes]] = []
    state: AccountState | None = None
    for raw in chain:
        state = extend(uid, state, Signed.decode(raw))
        states.append((state, raw))
    return states


def uid_of(statement: bytes) -> bytes:
    """Return the uid that a signed statement is about (not yet verified)."""
    return Statement.decode(Signed.decode(statement).body).uid


def key_set(before: AccountState | None, keys: KeySet, raw: bytes, *, uid: bytes) -> VerifiedKeys:
    """Verify a key set that must extend `before` (None: a genesis): the chain, the list, and an entry for each slot."""
    state = extend(uid, before, Signed.decode(keys.statement))
    listed = SlotList.decode(keys.slots)
    if listed.hash() != state.statement.slots_hash:
        raise IntegrityError("The list of ways in is not the one that the statement names.", code="slot-list")
    if len(keys.bundle) > bundle_bytes_most(state.generation):
        raise InvalidInputError("The sealed keys are longer than this account's can be.", code="bundle-size")
    entries = {entry.id: entry for entry in keys.entries}
    if len(entries) != len(keys.entries) or entries.keys() != {slot.id for slot in listed.slots}:
        raise InvalidInputError("Every way in needs exactly one entry.", code="slot-entries")
    if sum(slot.kind is SlotKind.PASSPHRASE for slot in listed.slots) > 1:
        raise InvalidInputError("An account has one passphrase.", code="slot-entries")
    rows = []
    for slot in listed.slots:
        entry = entries[slot.id]
        if (slot.kind in NAMELESS) != (entry.lookup is not None):
            raise InvalidInputError(
                "A recovery key and a passkey have a look-up id, other ways in have none.", code="slot-entries"
            )
        rows.append(
            SlotRow(
                id=slot.id,
                kind=int(slot.kind),
                params=slot.params,
                tag=entry.tag,
                enc=entry.enc,
                ciphertext=entry.ciphertext,
                login_key=entry.login_key,
                lookup=entry.lookup,
                made_at=0,
            )
        )
    return VerifiedKeys(
        state=state,
        signed=keys.statement,
        seq_before=-1 if before is None else before.seq,
        listed=listed,
        rows=tuple(rows),
        bundle=keys.bundle,
        raw=raw,
    )


def passphrase_name(listed: SlotList) -> str | None:
    """Return the handle that the passphrase slot names, if there is one."""
    for slot in listed.slots:
        if slot.kind is SlotKind.PASSPHRASE:
            return slot.passphrase_params().name
    return None


def claim_signed(claim: LoginClaim, key: bytes | None, signature: bytes, *, expected: LoginClaim, now: int) -> bool:
    """Return whether `key` signed the expected claim; costs the same when there is no key."""
    try:
        verify_claim(claim, _DUMMY_KEY if key is None else key, signature, expected=expected, now=now)
    except IntegrityError as error:
        if error.reason == "login-clock":
            raise
        return False
    return key is not None


def token_hash(token: str) -> bytes:
    """Return what is stored of an access token."""
    return hashlib.sha256(b"mindhaven/token/v1\x00" + token.encode("ascii", "replace")).digest()


def passphrase_params(params: bytes) -> tuple[int, int, int, bytes]:
    """Return (memory, passes, lanes, server salt) of a passphrase slot's parameters."""
    memory_kib, passes, lanes, salt, _ = decode(params)
    return memory_kib, passes, lanes, salt
