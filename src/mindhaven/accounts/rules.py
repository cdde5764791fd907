"""Pure decisions of accounts: when a change of ways in may happen, what a way in asks for beside its claim, how long
sessions live. No I/O, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mindhaven.accounts.model import (
    ABSOLUTE_SECONDS,
    AHEAD_SECONDS,
    IDLE_SECONDS,
    MAX_PASSKEYS,
    MIN_WAYS_IN,
    PENDING_SECONDS,
    SLOT_NOW_SECONDS,
    TOKEN_SECONDS,
    YOUNG_SLOT_SECONDS,
    Notice,
    PasskeyRow,
    PasskeyUse,
    Role,
)
from mindhaven.kernel import Denied
from mindhaven.protocol.slots import SlotKind, SlotList


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotChange:
    """What differs between two slot lists, by id."""

    added: frozenset[bytes]
    removed: frozenset[bytes]
    replaced: frozenset[bytes]

    @property
    def touched(self) -> frozenset[bytes]:
        """Slots that exist and would go or change."""
        return self.removed | self.replaced


@dataclass(frozen=True, kw_only=True, slots=True)
class Now:
    """The change may enter the chain at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """The change waits until `due_at` (seconds since 1970 UTC)."""

    due_at: int


def compare(before: SlotList, after: SlotList) -> SlotChange:
    """Return what differs between two lists."""
    old = {slot.id: slot for slot in before.slots}
    new = {slot.id: slot for slot in after.slots}
    return SlotChange(
        added=frozenset(new.keys() - old.keys()),
        removed=frozenset(old.keys() - new.keys()),
        replaced=frozenset(slot_id for slot_id in old.keys() & new.keys() if old[slot_id] != new[slot_id]),
    )


def may_change(
    change: SlotChange,
    *,
    opened: frozenset[bytes],
    kinds: Mapping[bytes, int],
    made_at: Mapping[bytes, int],
    new_root: bool,
    now: int,
) -> Now | Waits | Denied:
    """Decide about a change of ways in or keys (PROTOCOL section 3, Waits; docs/adr/0006).

    `opened` are the slots opened now by the asking session; `kinds` and `made_at` describe the slots there are.
    A new root is wrapped anew to every way in, and nobody but their holders can check those wraps: it counts as
    touching them all. So what one way in does at once is what touches no other.
    """
    opened &= made_at.keys()
    if not opened:
        return Denied("slot-now-needed", "Open one of your ways in first.", "Give your passphrase or recovery key.")
    others = change.touched - opened
    if (others or change.removed) and not new_root:
        return Denied("root-kept", "A way in that goes, or another's that changes, needs a new root and new keys.")
    if len(made_at) - len(change.removed) + len(change.added) < 1:
        return Denied("last-slot", "The last way in can't be removed.")
    if len(made_at) < MIN_WAYS_IN and not change.touched:
        return Now()
    for slot_id in others:
        if not any(_may_remove(by, slot_id, kinds=kinds, made_at=made_at, now=now) for by in opened):
            return Denied(
                "slot-too-new",
                "A way in less than 7 days old can't remove an older one.",
                "Use an older way in, or your recovery key.",
            )
    if len(opened) >= MIN_WAYS_IN:
        return Now()
    rewrapped = made_at.keys() - change.touched - opened if new_root else frozenset()
    if not change.added and not change.removed and not others and not rewrapped:
        return Now()
    (by,) = opened
    grown = [
        made_at[by] + YOUNG_SLOT_SECONDS
        for slot_id in rewrapped
        if not _may_remove(by, slot_id, kinds=kinds, made_at=made_at, now=now)
    ]
    return Waits(due_at=max([now + PENDING_SECONDS, *grown]))


def may_bring(change: SlotChange, *, new_root: bool, asked: Collection[int], since: int, now: int) -> Now | Waits:
    """Decide about keys that a device brings back to a server that was restored (spec/transfer.md step 13).

    Nobody opens a way in for that, and whoever opened one can sign the like: so only what leaves the root and every way
    in as they are is taken at once. Nor does it void a change that a way in asked for since the server takes what it
    lost: `asked` says when those that wait were asked for, `since` from when on offers are taken.
    """
    if new_root or change.added or change.touched or any(at >= since for at in asked):
        return Waits(due_at=now + PENDING_SECONDS)
    return Now()


def may_cancel(
    change: SlotChange,
    *,
    asked_by: frozenset[bytes],
    session: frozenset[bytes],
    made_at: Mapping[bytes, int],
    now: int,
) -> Denied | None:
    """Return why a session may not cancel a waiting change, or overtake it by another; None: it may.

    `session` are the ways in that were opened on it, `asked_by` those that asked for the change. Any may cancel,
    except one that the change takes away, that is less than 7 days old and newer than every one that asked: else who
    took over one way in could hold it against the older ones for ever.
    """
    session &= made_at.keys()
    asked = [made_at[slot_id] for slot_id in asked_by if slot_id in made_at]
    if not session or not asked or not session <= change.touched:
        return None
    newest = max(asked)
    if all(made_at[slot_id] > newest and now - made_at[slot_id] < YOUNG_SLOT_SECONDS for slot_id in session):
        return Denied(
            "cancel-too-new",
            "A way in less than 7 days old can't stop a change that an older one asked for.",
            "Open an older way in on this device, or your recovery key.",
        )
    return None


def _may_remove(
    by: bytes, target: bytes, *, kinds: Mapping[bytes, int], made_at: Mapping[bytes, int], now: int
) -> bool:
    if kinds[by] == SlotKind.RECOVERY_KEY:
        return True
    return made_at[by] <= made_at[target] or now - made_at[by] >= YOUNG_SLOT_SECONDS


def slots_now(pairs: tuple[tuple[bytes | None, int], ...], now: int) -> tuple[bytes, ...]:
    """Return the ids of the slots that count as opened now; one opened ahead of now was so before a clock went back."""
    return tuple(slot for slot, at in pairs if slot is not None and -AHEAD_SECONDS <= now - at <= SLOT_NOW_SECONDS)


def token_stands(ends_at: int, now: int) -> bool:
    """Tell whether an access token counts; one that would last longer than any is of before a clock went back."""
    return now <= ends_at <= now + TOKEN_SECONDS + AHEAD_SECONDS


def may_renew(role: Role, *, created_at: int, renewed_at: int, now: int) -> Denied | None:
    """Return why a session may not be renewed, or None."""
    if now - created_at > ABSOLUTE_SECONDS[role] or now - renewed_at > IDLE_SECONDS[role]:
        return Denied(
            "session-over",
            "This device must be opened again before it syncs.",
            "Your entries are still here: reading and writing go on without it.",
        )
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What opening a way in asks for beside its claim: a code, or one of these passkeys; `binds` are the passkeys of
    which one, if it is used with this way in, unlocks it from then on."""

    code: bool = False
    passkeys: frozenset[bytes] = frozenset()
    binds: frozenset[bytes] = frozenset()


def demand(slot: bytes, kind: int, passkeys: Sequence[PasskeyRow], *, code: bool, signing_in: bool) -> Demand:
    """Return what is asked for with a way in: spec/passkeys.md steps 11 and 12.

    A recovery key asks for nothing, and a second factor guards the passphrase alone: who took the passphrase must not
    lock the other ways in out by a second factor of their own (docs/adr/0006).
    """
    if kind == SlotKind.PASSPHRASE and signing_in:
        return Demand(code=code, passkeys=frozenset(one.id for one in passkeys if one.second_factor))
    if kind != SlotKind.PASSKEY:
        return Demand()
    bound = frozenset(one.id for one in passkeys if one.slot == slot)
    return Demand(passkeys=bound) if bound else Demand(binds=frozenset(one.id for one in passkeys if one.slot is None))


def lacks(asked: Demand, *, code: bool, passkey: bool) -> Denied | None:
    """Return which kind is missing; None: one that satisfies was given (its own check follows), or none is asked."""
    if (asked.passkeys and passkey) or (asked.code and code) or not (asked.passkeys or asked.code):
        return None
    if not asked.passkeys:
        return Denied("totp-needed", "This account asks for a code from your authenticator app.")
    if not asked.code:
        return Denied(
            "passkey-needed",
            "This account asks for a passkey as well.",
            "Sign in with the app in a browser that has it. Elsewhere use your recovery key, or let this device in from"
            " one that is signed in.",
        )
    return Denied(
        "totp-or-passkey-needed",
        "This account asks for a code from your authenticator app, or for a passkey.",
        "Give the code; only the app in a browser can use a passkey.",
    )


def noticed(before: PasskeyRow, use: PasskeyUse) -> tuple[Notice, ...]:
    """Return what a copied authenticator may show and an honest one does not: spec/passkeys.md step 13."""
    found = []
    if (before.counter or use.counter) and use.counter <= before.counter:
        found.append(Notice.COUNTER_BACK)
    if before.eligible != use.eligible:
        found.append(Notice.ELIGIBILITY_CHANGED)
    return tuple(found)


def may_add_passkey(
    new: PasskeyRow,
    there: Sequence[PasskeyRow],
    *,
    kinds: Mapping[bytes, int],
    opened: frozenset[bytes],
) -> Denied | None:
    """Return why a passkey may not be added, or None; `kinds` are of the ways in there are, `opened` those opened now.

    Who opened one way in ties nothing to another: a passkey of theirs in front of it would shut its holder out.
    """
    if len(there) >= MAX_PASSKEYS:
        return Denied("passkeys-full", f"An account has at most {MAX_PASSKEYS} passkeys.", "Remove one first.")
    if new.second_factor and len(kinds) < MIN_WAYS_IN:
        return _unfinished()
    if new.slot is None:
        return None
    if kinds.get(new.slot) != SlotKind.PASSKEY or new.slot not in opened:
        return Denied("passkey-slot", "What a passkey unlocks must have been opened with it just now.", "Use it once.")
    if any(one.slot == new.slot for one in there):
        return Denied("passkey-slot-taken", "Another passkey unlocks this way in.", "Make a way in for this one.")
    return None


def may_be_factor(ways_in: int, *, on: bool) -> Denied | None:
    """Return why a passkey may not become a second factor, or None: a sole way in would be lost with the passkey."""
    return _unfinished() if on and ways_in < MIN_WAYS_IN else None


def _unfinished() -> Denied:
    return Denied("account-unfinished", "Sign-up is not finished.", "Add a second way in first.")


def may_remove_passkey(passkey: PasskeyRow, slots: Collection[bytes]) -> Denied | None:
    """Return why a passkey may not be removed, or None.

    One that unlocks a way in goes with it: a browser that is told that it is gone may delete the secret.
    """
    if passkey.slot not in slots:
        return None
    return Denied(
        "passkey-unlocks", "This passkey unlocks your account.", "Remove that way in: its passkey goes with it."
    )
