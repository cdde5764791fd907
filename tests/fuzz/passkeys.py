"""What authenticators and browsers give, as decoders meet it: whatever the bytes are, a value or a refusal."""

from collections.abc import Callable
from types import SimpleNamespace

from tests.fuzz.guided import kept
from tests.fuzz.mutate import any_of, changed
from tests.fuzz.run import Target
from tests.simulators.authenticator import EDDSA, ES256, ORIGIN, RS256, Lie, Passkey

from mindhaven.accounts.model import PasskeyRow
from mindhaven.accounts.passkeys import Site, challenge_of, read_assertion, read_registration
from mindhaven.wire.accounts import Assertion
from mindhaven.wire.passkeys import PasskeyAdd

SITE = Site(origin=ORIGIN, rp_id="mindhaven.test")
ASKED = SimpleNamespace(challenge=bytes(32), rp_id="mindhaven.test", user_handle=bytes(32))


def _attestation(made: PasskeyAdd) -> Callable[[bytes], None]:
    def take(data: bytes) -> None:
        asked = PasskeyAdd(credential=made.credential, client_data=made.client_data, attestation_object=data, name=b"")
        read_registration(asked, SITE)

    return take


def _answer(passkey: Passkey, used: Assertion) -> Callable[[bytes], None]:
    row = PasskeyRow(
        id=bytes(16), credential=passkey.id, public_key=_public_key(passkey), name=b"", transports=(), slot=None,
        second_factor=False, eligible=True, backed_up=True, counter=0, created_hour=0,
    )  # fmt: skip

    def take(data: bytes) -> None:
        asked = Assertion(credential=passkey.id, client_data=used.client_data, authenticator_data=data,
                          signature=used.signature)  # fmt: skip
        read_assertion(asked, passkey=row, user_handle=None, site=SITE, unlocks=None)

    return take


def _public_key(passkey: Passkey) -> bytes:
    made = read_registration(PasskeyAdd(**passkey.make(ASKED)), SITE)
    assert not isinstance(made, bytes)
    key: bytes = made.public_key  # type: ignore[union-attr]
    return key


def _said(data: bytes) -> None:
    challenge_of(data, "webauthn.get")


def passkey_targets() -> list[Target]:
    """Return the targets of passkeys with their seeds."""
    keys = [Passkey(alg) for alg in (ES256, EDDSA, RS256)]
    made = [PasskeyAdd(**key.make(ASKED, Lie(fmt=fmt))) for key in keys for fmt in ("none", "packed")]
    used = keys[0].use(ASKED)
    attested = tuple(one.attestation_object for one in made)
    said = (used.client_data, made[0].client_data)
    return [
        Target("passkey's attestation", _attestation(made[0]), attested + kept("passkey's attestation"), any_of),
        Target("passkey's answer", _answer(keys[0], used), (used.authenticator_data, *attested), any_of),
        Target("passkey's client data", _said, said + kept("passkey's client data"), changed),
    ]
