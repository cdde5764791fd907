"""Requests and answers of passkeys that the server knows: spec/passkeys.md. Times in seconds since 1970 UTC.

Byte fields are base64 in JSON. The secret of a passkey (PRF) has no field here. No I/O.
"""

from typing import Annotated, Any, Final

import msgspec

from mindhaven.wire.accounts import Assertion, Bytes16, Bytes32, ClientData, Credential, Wire

MAX_ATTESTATION_BYTES: Final = 8192
"""The longest id, an RSA key and room for extensions; certificates are not asked for."""
MAX_TRANSPORTS: Final = 8
"""WebAuthn Level 3 knows six."""
MAX_PASSKEY_NAME_BYTES: Final = 512
"""A sealed name, as a device's: a hundred characters and its box."""
ALGORITHMS: Final = (-8, -7, -257)
"""EdDSA, ES256, RS256 (COSE): what authenticators have; in the order in which they are asked for."""

Transport = Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]{1,32}$")]


class PasskeyStart(Wire):
    """What a new passkey is asked for with; `user_handle` is that of one that was made before the account."""

    user_handle: Bytes32 | None = None


class PasskeyStarted(Wire):
    """What an authenticator is asked with for a new passkey; `exclude` are the credential ids that are there."""

    challenge: Bytes32
    rp_id: str
    user_handle: Bytes32
    exclude: list[bytes]
    algorithms: list[int]
    expires_at: int


class PasskeyChallenge(Wire):
    """What an authenticator is asked with for one use."""

    challenge: Bytes32
    rp_id: str
    expires_at: int


class PasskeyAdd(Wire):
    """A new passkey, as the authenticator gave it; `name` is sealed to the account's own devices.

    `slot` is the passkey slot that it unlocks, if any. `assertion` stands in for the challenge of one that was made
    before the server was asked (step 17). `clientExtensionResults` may tell `credProps` only.
    """

    credential: Credential
    client_data: ClientData
    attestation_object: Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_ATTESTATION_BYTES)]
    name: Annotated[bytes, msgspec.Meta(max_length=MAX_PASSKEY_NAME_BYTES)]
    transports: Annotated[list[Transport], msgspec.Meta(max_length=MAX_TRANSPORTS)] = msgspec.field(
        default_factory=list
    )
    slot: Bytes16 | None = None
    second_factor: bool = False
    assertion: Assertion | None = None
    extension_results: dict[str, Any] = msgspec.field(name="clientExtensionResults", default_factory=dict)


class PasskeyAlert(Wire):
    """What was noticed of a passkey: `counter-back` or `eligibility-changed`. `at` is rounded to the hour."""

    what: str
    at: int


class PasskeyShown(Wire):
    """One passkey. `created_at` and `used_at` are rounded to the hour; `slot` is the way in that it unlocks."""

    id: Bytes16
    credential: bytes
    name: bytes
    created_at: int
    used_at: int | None
    eligible: bool
    backed_up: bool
    transports: list[str]
    slot: Bytes16 | None
    second_factor: bool
    alerts: list[PasskeyAlert]


class Passkeys(Wire):
    """The passkeys of an account; `rp_id` is null at an address in numbers, `user_handle` before the first one."""

    rp_id: str | None
    user_handle: Bytes32 | None
    passkeys: list[PasskeyShown]


class PasskeyFactor(Wire):
    """Whether a passkey is a second factor of the passphrase."""

    on: bool
