"""What authenticators say, verified; with py_webauthn, and with all that it leaves to the server. spec/passkeys.md.

Guarantees: lengths were bounded by the wire types before anything is parsed here; whatever the bytes are, what comes
out is a verified value or a refusal. A challenge is told apart here and used up by the caller's work: what this module
verified counts only if that challenge was there. No I/O.
"""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedRSAPublicKey
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    CredentialDeviceType,
    RegistrationCredential,
)

from mindhaven.accounts.model import PasskeyRow, PasskeyUse
from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied
from mindhaven.wire.accounts import Assertion
from mindhaven.wire.ids import from_text
from mindhaven.wire.passkeys import ALGORITHMS, PasskeyAdd

_ALGORITHMS: Final = [COSEAlgorithmIdentifier(number) for number in ALGORITHMS]
_RSA_BYTES: Final = range(256, 1025)
"""RSA keys of 2048 to 8192 bits: shorter ones are broken, longer ones cost the server."""
_NAME: Final = re.compile(r"(?:[a-z0-9_-]+\.)*(?=[a-z0-9-]*[a-z])[a-z0-9-]+")
"""A host that is a name: its last label is no number (so neither 127.0.0.1 nor [::1])."""
_HINT: Final = "Try again with a passkey of this account."


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What the server is to an authenticator."""

    origin: str
    rp_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A verified new credential; its attestation tells nothing of the authenticator."""

    challenge: bytes
    public_key: bytes
    counter: int
    eligible: bool
    backed_up: bool


class _ClientData(msgspec.Struct):
    type: str
    challenge: str
    cross_origin: bool = msgspec.field(name="crossOrigin", default=False)
    top_origin: Any = msgspec.field(name="topOrigin", default=None)


def site_of(origin: str, *, configured: bool) -> Site | Denied:
    """Return what the server is at `origin`; with none configured only localhost is a name (step 1)."""
    host = urlsplit(origin).hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if _NAME.fullmatch(host) is None or not (configured or local):
        return Denied(
            "passkeys-need-name",
            "Passkeys belong to a name, and this server has none here.",
            "Open it as http://localhost with its port, or let its operator set server.origin to its name.",
        )
    return Site(origin=origin, rp_id=host)


def no_secrets(extension_results: dict[str, Any]) -> None:
    """Raise `InvalidInputError` (prf-secret-sent, shape) if results of extensions were sent that must not be."""
    prf = extension_results.get("prf")
    if isinstance(prf, dict) and "results" in prf:
        raise InvalidInputError(
            "The secret of a passkey was sent. It was not kept.",
            code="prf-secret-sent",
            hint="This is a fault of the app: make a new passkey once it is mended.",
        )
    if extension_results.keys() - {"credProps"}:
        raise InvalidInputError("Only credProps may be told of extensions.", code="shape")


def _said(client_data: bytes) -> tuple[_ClientData, bytes] | None:
    """Return client data and the challenge in them; None: they are none."""
    try:
        said = msgspec.json.decode(client_data, type=_ClientData)
        return said, from_text(said.challenge)
    except (msgspec.DecodeError, InvalidInputError, UnicodeDecodeError):
        return None


def challenge_in(client_data: bytes) -> bytes | None:
    """Return the challenge that was answered, whether rightly or not: it is used up."""
    found = _said(client_data)
    return None if found is None else found[1]


def challenge_of(client_data: bytes, kind: str) -> bytes | Denied:
    """Return the challenge that client data of that type name (step 6)."""
    found = _said(client_data)
    if found is None:
        return Denied("passkey-refused", "This is no answer of a passkey.", _HINT)
    said, challenge = found
    if said.type != kind:
        return Denied("passkey-refused", "This passkey answered another question.", _HINT)
    if said.cross_origin or said.top_origin is not None:
        return Denied(
            "passkey-cross-origin", "This passkey was used inside another site's page.", "Open the app itself."
        )
    return challenge


def read_registration(asked: PasskeyAdd, site: Site) -> Made | Denied:
    """Verify a new credential (steps 6 and 7), all but its challenge."""
    challenge = challenge_of(asked.client_data, "webauthn.create")
    if isinstance(challenge, Denied):
        return challenge
    try:
        return _attested(asked, challenge, site)
    except Exception:  # noqa: BLE001 - a foreign parser of hostile bytes; whatever it raises, they are refused
        return Denied("passkey-refused", "This passkey could not be taken.", "Try again, or use another one.")


def _attested(asked: PasskeyAdd, challenge: bytes, site: Site) -> Made:
    """Return what an attestation object states; raise anything if it is wrong."""
    stated = parse_attestation_object(asked.attestation_object)
    unsigned = stated.fmt == AttestationFormat.NONE
    if not unsigned and (stated.fmt != AttestationFormat.PACKED or stated.att_stmt.x5c):
        raise ValueError(stated.fmt)  # certificates are not asked for, and their parsers are not reached
    made = verify_registration_response(
        credential=RegistrationCredential(
            id=bytes_to_base64url(asked.credential),
            raw_id=asked.credential,
            response=AuthenticatorAttestationResponse(
                client_data_json=asked.client_data, attestation_object=asked.attestation_object
            ),
        ),
        expected_challenge=challenge,
        expected_rp_id=site.rp_id,
        expected_origin=site.origin,
        require_user_verification=True,
        supported_pub_key_algs=_ALGORITHMS,
    )
    if made.credential_id != asked.credential:
        raise ValueError("another credential than the one named")
    key = decode_credential_public_key(made.credential_public_key)
    if isinstance(key, DecodedRSAPublicKey) and len(key.n) not in _RSA_BYTES:
        raise ValueError(len(key.n))
    decoded_public_key_to_cryptography(key)  # a key that can't be read would never answer again
    return Made(
        challenge=challenge,
        public_key=made.credential_public_key,
        counter=made.sign_count,
        eligible=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=made.credential_backed_up,
    )


def read_assertion(
    asked: Assertion, *, passkey: PasskeyRow, user_handle: bytes | None, site: Site, unlocks: bytes | None
) -> PasskeyUse | Denied:
    """Verify that `passkey` was used (step 10), all but its challenge; `unlocks`: the slot that it is tied to by it."""
    challenge = challenge_of(asked.client_data, "webauthn.get")
    if isinstance(challenge, Denied):
        return challenge
    if asked.user_handle is not None and asked.user_handle != user_handle:
        return Denied("passkey-refused", "This passkey is of another account.", _HINT)
    try:
        use = _asserted(asked, challenge, passkey, site)
    except Exception:  # noqa: BLE001 - a foreign parser of hostile bytes; whatever it raises, they are refused
        return Denied("passkey-refused", "This passkey's answer is not right.", _HINT)
    return dataclasses.replace(use, unlocks=unlocks)


def _asserted(asked: Assertion, challenge: bytes, passkey: PasskeyRow, site: Site) -> PasskeyUse:
    """Return what an assertion states; raise anything if it is wrong. The counter is the rules' to judge (step 13)."""
    used = verify_authentication_response(
        credential=AuthenticationCredential(
            id=bytes_to_base64url(asked.credential),
            raw_id=asked.credential,
            response=AuthenticatorAssertionResponse(
                client_data_json=asked.client_data,
                authenticator_data=asked.authenticator_data,
                signature=asked.signature,
            ),
        ),
        expected_challenge=challenge,
        expected_rp_id=site.rp_id,
        expected_origin=site.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    return PasskeyUse(
        passkey=passkey.id,
        challenge=challenge,
        counter=used.new_sign_count,
        eligible=used.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=used.credential_backed_up,
    )
