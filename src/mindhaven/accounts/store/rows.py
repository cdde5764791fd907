"""Rows of accounts as typed values. No I/O."""

from typing import Final

from mindhaven.accounts.model import AccountRow, Notice, PasskeyRow, PendingRow, Role, SlotRow, State
from mindhaven.crypto.encoding import decode
from mindhaven.kernel import Row
from mindhaven.protocol.slots import SLOT_ID_BYTES

ACCOUNT: Final = "uid, handle, role, state, seq, head, generation, slots, bundle, totp, totp_last_step, user_handle"
PASSKEY: Final = (
    "id, credential, public_key, name, transports, slot, second_factor, eligible, backed_up, counter, created_hour,"
    " used_hour, counter_back_hour, eligibility_hour"
)
SLOT: Final = "id, kind, params, tag, enc, ciphertext, login_key, lookup, made_at"


def account_of(row: Row | None) -> AccountRow | None:
    """Return the account that a row of `ACCOUNT` holds."""
    if row is None:
        return None
    uid, handle, role, state, seq, head, generation, slots, bundle, totp, last_step, user_handle = row
    return AccountRow(
        uid=uid,
        handle=handle,
        role=Role(role),
        state=State(state),
        seq=seq,
        head=head,
        generation=generation,
        slots=slots,
        bundle=bundle,
        totp=totp,
        totp_last_step=last_step,
        user_handle=user_handle,
    )


def slot_of(row: Row) -> SlotRow:
    """Return the way in that a row of `SLOT` holds."""
    slot_id, kind, params, tag, enc, ciphertext, login_key, lookup, made_at = row
    return SlotRow(
        id=slot_id,
        kind=kind,
        params=params,
        tag=tag,
        enc=enc,
        ciphertext=ciphertext,
        login_key=login_key,
        lookup=lookup,
        made_at=made_at,
    )


def pending_of(row: Row) -> PendingRow:
    """Return the waiting change that a row holds; `asked_by` is the ids one after the other, `earlier` CBOR."""
    pending, keys, statement, seq, asked_at, due_at, asked_by, earlier = row
    by = asked_by or b""
    return PendingRow(
        id=pending,
        keys=keys,
        statement=statement,
        seq=seq,
        asked_at=asked_at,
        due_at=due_at,
        asked_by=frozenset(by[at : at + SLOT_ID_BYTES] for at in range(0, len(by), SLOT_ID_BYTES)),
        earlier=() if earlier is None else tuple(decode(earlier)),
    )


def passkey_of(row: Row) -> PasskeyRow:
    """Return the passkey that a row of `PASSKEY` holds."""
    (passkey, credential, public_key, name, transports, slot, factor, eligible, backed_up, counter, created, used,
     counter_back, eligibility) = row  # fmt: skip
    noticed = {Notice.COUNTER_BACK: counter_back, Notice.ELIGIBILITY_CHANGED: eligibility}
    return PasskeyRow(
        id=passkey,
        credential=credential,
        public_key=public_key,
        name=name,
        transports=tuple(transports.split()),
        slot=slot,
        second_factor=bool(factor),
        eligible=bool(eligible),
        backed_up=bool(backed_up),
        counter=counter,
        created_hour=created,
        used_hour=used,
        noticed={what: hour for what, hour in noticed.items() if hour is not None},
    )
