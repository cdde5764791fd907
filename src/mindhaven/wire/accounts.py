"""Requests and answers of accounts, sessions and ways in. Times in seconds since 1970 UTC unless the name says more.

Byte fields are base64 in JSON. No I/O.
"""

from typing import Annotated, Any, Final

import msgspec

from mindhaven.crypto.encoding import Value, encode
from mindhaven.protocol import pairing as pairings
from mindhaven.protocol import receipt as receipts

Bytes16 = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
SignedBytes = Annotated[bytes, msgspec.Meta(max_length=16 * 1024)]
Box = Annotated[bytes, msgspec.Meta(max_length=256 * 1024)]

HANDLE_WORD_PATTERN: Final = "^[a-z][a-z0-9]{1,23}$"
HANDLE_PATTERN: Final = "^[a-z][a-z0-9]{1,23}-[0-9]{6}$"
DEFAULT_HANDLE_WORD: Final = "haven"
MAX_DEVICE_NAME_BYTES: Final = 512
"""A sealed device name: a hundred characters and its box."""
MAX_SESSIONS: Final = 64
"""Devices signed in at once: far more than one person carries."""

MAX_CREDENTIAL_BYTES: Final = 1023
"""The longest credential id that WebAuthn allows (Level 3, 4: Credential ID)."""
MAX_CLIENT_DATA_BYTES: Final = 4096
"""A type, a challenge, an origin and what browsers may add: a few hundred bytes."""
MAX_AUTHENTICATOR_DATA_BYTES: Final = 2048
"""37 bytes and outputs of extensions."""
MAX_PASSKEY_SIGNATURE_BYTES: Final = 1024
"""An RSA key of 8192 bits."""

Credential = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_CREDENTIAL_BYTES)]
ClientData = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_CLIENT_DATA_BYTES)]


class Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The base of every request and answer: no unknown field passes."""


class SignupStart(Wire):
    """A wish to sign up: a word for the handle, or none; `handle` asks to keep one when moving house."""

    word: Annotated[str, msgspec.Meta(pattern=HANDLE_WORD_PATTERN)] | None = None
    handle: Annotated[str, msgspec.Meta(pattern=HANDLE_PATTERN)] | None = None
    invitation: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class SignupStarted(Wire):
    """A reserved handle, the server's part of the passphrase salt, and the nonce that the sign-up must sign."""

    handle: str
    server_salt: Bytes16
    nonce: Bytes32
    expires_at: int


class SlotEntry(Wire):
    """What the server keeps of one slot beside the list: its tag, its wrap of the root, its log-in key."""

    id: Bytes16
    tag: Bytes32
    enc: Annotated[bytes, msgspec.Meta(min_length=1120, max_length=1120)]
    ciphertext: Annotated[bytes, msgspec.Meta(min_length=48, max_length=48)]
    login_key: Bytes32
    lookup: Bytes16 | None = None


class KeySet(Wire):
    """One statement and all that must change with it."""

    statement: SignedBytes
    slots: Annotated[bytes, msgspec.Meta(max_length=64 * 1024)]
    entries: Annotated[list[SlotEntry], msgspec.Meta(min_length=1, max_length=16)]
    bundle: Box


class Signup(Wire):
    """A new account: its key set, and a first session claimed by one of its slots.

    `earlier` are the statements before the one in `keys`, when an account moves house. `authority_signature` is over
    the claim, as `signup`, by the authority that the statement names: only who opened the root.
    """

    nonce: Bytes32
    keys: KeySet
    slot: Bytes16
    claim: Annotated[bytes, msgspec.Meta(max_length=1024)]
    signature: Signature
    authority_signature: Signature
    device_name: Annotated[bytes, msgspec.Meta(max_length=MAX_DEVICE_NAME_BYTES)] = b""
    earlier: Annotated[list[SignedBytes], msgspec.Meta(max_length=10_000)] = []


class LoginStart(Wire):
    """Who wants to sign in: a handle, a recovery look-up id in hex, or a uid in hex."""

    name: Name


class LoginStarted(Wire):
    """The same shape for known and unknown names."""

    nonce: Bytes32
    server_salt: Bytes16
    memory_kib: int
    passes: int
    lanes: int


class Assertion(Wire):
    """That a passkey was used just now, as the authenticator gave it."""

    credential: Credential
    client_data: ClientData
    authenticator_data: Annotated[bytes, msgspec.Meta(min_length=37, max_length=MAX_AUTHENTICATOR_DATA_BYTES)]
    signature: Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_PASSKEY_SIGNATURE_BYTES)]
    user_handle: Bytes32 | None = None
    extension_results: dict[str, Any] = msgspec.field(name="clientExtensionResults", default_factory=dict)


class Login(Wire):
    """A signed claim for a new session. `known_device` is the session key of an earlier session that also signs.

    `assertion` is that of a passkey, over a challenge of `/v1/login/challenge`: spec/passkeys.md steps 11 and 12.
    """

    claim: Annotated[bytes, msgspec.Meta(max_length=1024)]
    signature: Signature
    known_device: Bytes32 | None = None
    known_signature: Signature | None = None
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")] | None = None
    assertion: Assertion | None = None


class SessionGiven(Wire):
    """A session and its first access token."""

    uid: Bytes32
    session: Bytes16
    token: str
    token_expires_at: int
    slot: Bytes16
    role: str


class NonceGiven(Wire):
    """A nonce for one signature."""

    nonce: Bytes32


class SessionNamed(Wire):
    """Which session asks."""

    session: Bytes16


class Renew(Wire):
    """A claim for `renew`, signed by the session's own key."""

    session: Bytes16
    claim: Annotated[bytes, msgspec.Meta(max_length=1024)]
    signature: Signature


class TokenGiven(Wire):
    """A new access token."""

    token: str
    token_expires_at: int


class SlotNow(Wire):
    """A claim for `slot-now`, signed by a slot's log-in key; `assertion`: a challenge of `/v1/slot-now/challenge`."""

    slot: Bytes16
    claim: Annotated[bytes, msgspec.Meta(max_length=1024)]
    signature: Signature
    assertion: Assertion | None = None


class SessionRenamed(Wire):
    """This device's name, sealed to the account's own devices."""

    device_name: Annotated[bytes, msgspec.Meta(max_length=MAX_DEVICE_NAME_BYTES)]


class SessionShown(Wire):
    """One device, its name sealed to the account. `first_seen_at` and `last_seen_at` are rounded to the hour."""

    session: Bytes16
    device_name: bytes
    first_seen_at: int
    last_seen_at: int
    here: bool
    renewable: bool


class Sessions(Wire):
    """The devices of an account."""

    sessions: list[SessionShown]


class PendingShown(Wire):
    """A change of ways in that waits."""

    id: Bytes16
    statement: bytes
    due_at: int
    asked_at: int


class RecentAct(Wire):
    """What happened: `device` (about: its session), `keys` (the statement), `waiting` or `cancelled` (the change),
    `code` (`on` or `off`), `passkey-added`, `passkey-removed`, `passkey-factor`, `passkey-noticed` (the passkey's id).
    `at` is rounded to the hour."""

    what: str
    about: bytes
    at: int


class RecentShown(Wire):
    """What waits now, and what happened to devices and ways in within thirty days, the newest first."""

    waiting: list[PendingShown]
    acts: list[RecentAct]


class EarlierBundle(Wire):
    """A bundle that was replaced lately, and the generation at which it was sealed."""

    generation: int
    bundle: Box


class AccountShown(Wire):
    """All that an owner's client needs to verify and open its account."""

    uid: Bytes32
    handle: str
    role: str
    finished: bool
    statements: list[bytes]
    slots: bytes
    entries: list[SlotEntry]
    bundle: bytes
    pending: list[PendingShown]
    totp: bool
    earlier_bundles: list[EarlierBundle]


class ChainShown(Wire):
    """An account's public chain."""

    uid: Bytes32
    statements: list[bytes]


class Candidate(Wire):
    """The uid behind a handle: a candidate only; granting needs the safety number."""

    uid: Bytes32


class Receipt(Wire):
    """That an event about `subject`, number `seq` of their own, was recorded; `commitment` is its entry in the log.

    It stands at index `position` of the log `audit` (null: it will, a little later).
    """

    what: str
    subject: Bytes32
    seq: int
    at: int
    commitment: Bytes32
    position: int | None

    def plain(self) -> receipts.Receipt:
        """Return it as the protocol has it."""
        return receipts.Receipt(self.what, self.subject, self.seq, self.at, self.commitment, self.position)


class KeysChanged(Wire):
    """What became of a key set: in the chain, or waiting until `due_at`. What entered now has a receipt."""

    applied: bool
    pending: Bytes16 | None
    due_at: int | None
    receipt: Receipt | None = None


class ChangeKeys(Wire):
    """A key set to enter the chain; new keys sign every other device out."""

    keys: KeySet


class AccountOffer(Wire):
    """An account's newest keys, brought back after a restore: spec/transfer.md step 13.

    `earlier` are the statements before the one in `keys`; `signatures` are those of the newest identity over
    `offer_body`.
    """

    earlier: Annotated[list[SignedBytes], msgspec.Meta(max_length=10_000)]
    keys: KeySet
    time: int
    signatures: Annotated[list[SignedBytes], msgspec.Meta(min_length=2, max_length=2)]


def offer_body(origin: str, uid: bytes, keys: KeySet, time: int) -> bytes:
    """Return what the newest identity signs of an offer: spec/transfer.md step 13."""
    entries: list[Value] = [
        [one.id, one.tag, one.enc, one.ciphertext, one.login_key, one.lookup] for one in keys.entries
    ]
    return encode([origin, uid, keys.statement, keys.slots, entries, keys.bundle, time])


class AccountBrought(Wire, omit_defaults=True):
    """What became of an offer: whether the server's account changed by it; if it waits, until when."""

    changed: bool
    due_at: int | None = None


class PairingBegun(Wire):
    """What a new device gives of itself: spec/pairing.md step 1."""

    device: Annotated[bytes, msgspec.Meta(max_length=pairings.MAX_DEVICE_BYTES)]


class PairingShown(Wire):
    """The device that a pairing names, as it was given."""

    device: bytes


class PairingAnswer(Wire):
    """What lets the device in: spec/pairing.md step 5."""

    answer: Annotated[bytes, msgspec.Meta(max_length=pairings.MAX_ANSWER_BYTES)]


class PairingAnswered(Wire):
    """The answer and the session that was opened; null both while nobody has answered."""

    answer: bytes | None
    session: Bytes16 | None


class TotpStarted(Wire):
    """A new second factor, shown once: the secret in base32."""

    secret: str


class TotpCode(Wire):
    """Six digits."""

    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
