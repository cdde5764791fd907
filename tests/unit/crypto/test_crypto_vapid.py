"""Tokens for push services, checked against RFC 8292, RFC 7515 and a key of the RFCs themselves."""

import pytest
from cryptography.exceptions import InvalidSignature
from tests.simulators.push import Pushed, bits, claims

from mindhaven.crypto.vapid import PushKey, text
from mindhaven.errors import InvalidInputError

SCALAR = bits("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
POINT = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
"""The application server's pair of RFC 8291, appendix A: private scalar, public point."""
NOW = 1_795_437_296


def told(key: PushKey, **asked: object) -> dict[str, object]:
    wanted = {"audience": "https://push.example.net", "subject": "mailto:ops@example.org", "now": NOW} | asked
    value = key.authorization(**wanted)  # type: ignore[arg-type]
    return claims(Pushed("POST", "/", {"authorization": value}, b""), text(key.public))


def test_the_public_point_is_that_of_the_rfc() -> None:
    key = PushKey(SCALAR)
    assert text(key.public) == POINT
    assert key.scalar == SCALAR
    assert SCALAR.hex() not in repr(key)


def test_a_token_verifies_and_ends_within_twelve_hours() -> None:
    assert told(PushKey(SCALAR)) == {
        "aud": "https://push.example.net",
        "exp": NOW + 43_200,
        "sub": "mailto:ops@example.org",
    }
    assert "sub" not in told(PushKey(SCALAR), subject="")


def test_a_fresh_key_comes_back_from_its_scalar_and_another_ones_token_fails() -> None:
    key, other = PushKey.fresh(), PushKey.fresh()
    assert key.public != other.public
    assert PushKey(key.scalar).public == key.public
    value = key.authorization(audience="https://push.example.net", subject="", now=NOW)
    forged = value.replace(text(key.public), text(other.public))
    with pytest.raises(InvalidSignature):
        claims(Pushed("POST", "/", {"authorization": forged}, b""), text(other.public))


@pytest.mark.parametrize("scalar", [b"", bytes(32), bytes(31) + b"\x01" + b"\x01", b"\xff" * 32])
def test_what_is_no_scalar_is_refused(scalar: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        PushKey(scalar)
    assert caught.value.reason == "push-key"
