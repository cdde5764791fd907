"""Types, states and events of accounts. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from mindhaven.kernel import Actor, Event, event
from mindhaven.protocol.account import IdentityKeys

HOUR: Final = 3600
DAY: Final = 24 * HOUR

TOKEN_SECONDS: Final = 600
"""An access token's life: a stolen one is dead after ten minutes (PROTOCOL section 3)."""
AHEAD_SECONDS: Final = 60
"""How far the clocks of two processes may differ."""
SLOT_NOW_SECONDS: Final = 600
"""How long an opened slot counts as opened now: the time of one careful act."""
CHALLENGE_SECONDS: Final = 300
PAIRING_SECONDS: Final = 600
"""How long a new device may wait to be let in: two devices in two hands, and a bad connection."""
RESERVATION_SECONDS: Final = 3600
"""A sign-up with a spare key to write down takes minutes; an hour leaves room for a bad day."""
INVITATION_SECONDS: Final = 7 * DAY
PENDING_SECONDS: Final = DAY
"""The wait before one way in changes another: long enough to be seen on another device (PROTOCOL section 3)."""
YOUNG_SLOT_SECONDS: Final = 7 * DAY


MIN_WAYS_IN: Final = 2
"""Nobody finishes sign-up without a second way in: all ways lost, all records lost."""
RECENT_SECONDS: Final = 30 * DAY
"""How long a new device or a change of keys is told of: nobody can clear it before (PROTOCOL section 3)."""
TOLD_AN_HOUR: Final = 5
"""Acts of one sort that are told of an hour: enough to see that something is going on, no room to drown it in."""
BUNDLE_KEPT_SECONDS: Final = RECENT_SECONDS
"""How long a replaced bundle stays: as long as the change that replaced it is told of."""
MAX_PASSKEYS: Final = 16
"""Passkeys of one account: as many as ways in; a person has a few, and each is asked about at every log-in."""
DEVICE_KEPT_SECONDS: Final = 90 * DAY
"""How long a device that rests stays listed and known; later it signs in as a new one."""


class Role(StrEnum):
    """What an account is to this host."""

    PERSON = "person"
    CLINICIAN = "clinician"
    OFFICER = "officer"
    OPERATOR = "operator"


class State(StrEnum):
    """Where an account stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    FOREIGN = "foreign"


IDLE_SECONDS: Final = {Role.PERSON: HOUR, Role.CLINICIAN: 900, Role.OFFICER: 900, Role.OPERATOR: 900}
"""How long a session may rest before its renewal is refused (NIST SP 800-63B-4: AAL2 1 h; AAL3 15 min)."""
ABSOLUTE_SECONDS: Final = {
    Role.PERSON: 24 * HOUR,
    Role.CLINICIAN: 12 * HOUR,
    Role.OFFICER: 12 * HOUR,
    Role.OPERATOR: 12 * HOUR,
}
"""How long a session lives at most (NIST SP 800-63B-4: AAL2 24 h; AAL3 12 h)."""


class Recent(StrEnum):
    """What every device of an account is told of for thirty days; `about` names the session, statement or change."""

    DEVICE = "device"
    KEYS = "keys"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    CODE = "code"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_FACTOR = "passkey-factor"
    PASSKEY_NOTICED = "passkey-noticed"


class Notice(StrEnum):
    """What an honest authenticator never shows, and a copied one may."""

    COUNTER_BACK = "counter-back"
    ELIGIBILITY_CHANGED = "eligibility-changed"


class Purpose(StrEnum):
    """What a passkey's challenge is for, as stored; none is a purpose of a claim's nonce."""

    ADD = "passkey-add"
    LOGIN = "passkey-login"
    SLOT_NOW = "passkey-slot-now"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRow:
    """One account as stored."""

    uid: bytes
    handle: str | None
    role: Role
    state: State
    seq: int
    head: bytes
    generation: int
    slots: bytes
    bundle: bytes
    totp: bytes | None
    totp_last_step: int
    user_handle: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotRow:
    """One way in as stored: beside the list, what only its owner gets."""

    id: bytes
    kind: int
    params: bytes
    tag: bytes
    enc: bytes
    ciphertext: bytes
    login_key: bytes
    lookup: bytes | None
    made_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyRow:
    """One passkey that the server knows; `slot` is the way in that it unlocks, hours are rounded down, in seconds."""

    id: bytes
    credential: bytes
    public_key: bytes
    name: bytes
    transports: tuple[str, ...]
    slot: bytes | None
    second_factor: bool
    eligible: bool
    backed_up: bool
    counter: int
    created_hour: int
    used_hour: int | None = None
    noticed: Mapping[Notice, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyUse:
    """A verified assertion: of which passkey, over which challenge, and what its authenticator said beside."""

    passkey: bytes
    challenge: bytes
    counter: int
    eligible: bool
    backed_up: bool
    unlocks: bytes | None = None
    """The slot that it unlocks from now on, if it unlocked none before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingRow:
    """A change of ways in that waits: the ways in that asked, and when it is due, in seconds since 1970 UTC.

    `earlier`: the statements that go before it, where a device brought back several that a restore lost.
    """

    id: bytes
    keys: bytes
    statement: bytes
    seq: int
    asked_at: int
    due_at: int
    asked_by: frozenset[bytes]
    earlier: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """The keys of one generation of one account, as the verified chain gave them, and the account's newest one."""

    uid: bytes
    generation: int
    keys: IdentityKeys
    statement: bytes
    newest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """Who asks: the kernel's `Session`."""

    uid: bytes
    session: bytes
    role: Role
    ways_in: int
    slots_now: tuple[bytes, ...]
    token_ends_at: int

    @property
    def finished(self) -> bool:
        """Whether there is a second way in: until then an account neither syncs nor shares."""
        return self.ways_in >= MIN_WAYS_IN

    @property
    def actor(self) -> Actor:
        """Who acts, for works."""
        return Actor(kind="person", uid=self.uid, session=self.session)

    def may(self, who: str) -> bool:
        """Return whether this session satisfies an operation's `who`."""
        if who == "session":
            return True
        if who == "slot-now":
            return bool(self.slots_now)
        return who == f"role:{self.role}"


@event("accounts.account.created", version=1, keep="account", urgent=True)
class AccountCreated(Event):
    """A genesis statement was accepted."""

    statement: bytes
    role: str


@event("accounts.statement.added", version=1, keep="account", urgent=True)
class StatementAdded(Event):
    """A later statement was accepted."""

    statement: bytes
    seq: int
    generation: int


@event("accounts.session.opened", version=1, keep="access-log")
class SessionOpened(Event):
    """A device signed in by a slot, or was let in by another device (`slot` empty)."""

    session: bytes
    slot: bytes


@event("accounts.session.ended", version=1, keep="access-log")
class SessionEnded(Event):
    """A device was signed out; `why` is logout, remote, keys-changed, suspended, again (signed in anew) or rested."""

    session: bytes
    why: str


@event("accounts.slot.opened", version=1, keep="access-log")
class SlotOpened(Event):
    """A slot was opened on a signed-in device."""

    session: bytes
    slot: bytes


@event("accounts.change.waiting", version=1, keep="account", urgent=True)
class ChangeWaiting(Event):
    """A change of ways in was asked for and waits."""

    pending: bytes
    statement: bytes
    due_at: int


@event("accounts.change.cancelled", version=1, keep="account", urgent=True)
class ChangeCancelled(Event):
    """A waiting change was cancelled or overtaken; `why` is asked, overtaken or refused."""

    pending: bytes
    why: str


@event("accounts.login.refused", version=1, keep="access-log")
class LoginsRefused(Event):
    """How many log-ins were refused in one hour."""

    count: int
    hour: int


@event("accounts.account.suspended", version=1, keep="account", urgent=True)
class AccountSuspended(Event):
    """The operator suspended or resumed an account."""

    suspended: bool


@event("accounts.account.erased", version=1, keep="always", urgent=True)
class AccountErased(Event):
    """An account was erased by its owner; ways in, keys and sessions are gone."""

    statement: bytes


@event("accounts.totp.changed", version=1, keep="account", urgent=True)
class TotpChanged(Event):
    """A second factor was turned on or off."""

    on: bool


@event("accounts.passkey.added", version=1, keep="account", urgent=True)
class PasskeyAdded(Event):
    """The server knows a passkey from here on; `slot` is the way in that it unlocks (empty: none)."""

    passkey: bytes
    slot: bytes


@event("accounts.passkey.unlocks", version=1, keep="account", urgent=True)
class PasskeyUnlocks(Event):
    """A known passkey was used with a way in that it unlocks: that way in is opened with it only from here on."""

    passkey: bytes
    slot: bytes


@event("accounts.passkey.removed", version=1, keep="account", urgent=True)
class PasskeyRemoved(Event):
    """The server forgot a passkey; `why` is asked or slot-gone."""

    passkey: bytes
    why: str


@event("accounts.passkey.factor", version=1, keep="account", urgent=True)
class PasskeyFactorChanged(Event):
    """A passkey was made a second factor of the passphrase, or is none any more."""

    passkey: bytes
    on: bool


@event("accounts.passkey.noticed", version=1, keep="account", urgent=True)
class PasskeyNoticed(Event):
    """A passkey showed what a copied one may: `what` is counter-back or eligibility-changed."""

    passkey: bytes
    what: str


@event("accounts.invitation.made", version=1, keep="account")
class InvitationMade(Event):
    """The operator invited somebody into a role."""

    role: str
