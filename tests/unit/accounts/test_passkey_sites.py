"""What the server is to an authenticator: a name, or nothing. spec/passkeys.md step 1."""

import pytest

from mindhaven.accounts.passkeys import Site, site_of


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://mindhaven.example", "mindhaven.example"),
        ("https://mindhaven.example:8440", "mindhaven.example"),
        ("http://localhost:8440", "localhost"),
        ("https://a.b-c.xn--bcher-kva.example", "a.b-c.xn--bcher-kva.example"),
        ("https://intranet", "intranet"),
        ("https://10.example", "10.example"),
    ],
)
def test_a_name_is_a_name(origin: str, rp_id: str) -> None:
    assert site_of(origin, configured=True) == Site(origin=origin, rp_id=rp_id)


@pytest.mark.parametrize(
    "origin",
    [
        "https://192.0.2.7",
        "http://127.0.0.1:8440",
        "http://[::1]:8440",
        "https://[2001:db8::1]",
        "https://127.1",
        "https://",
    ],
)
def test_an_address_in_numbers_is_none(origin: str) -> None:
    found = site_of(origin, configured=True)
    assert not isinstance(found, Site)
    assert found.reason == "passkeys-need-name"


def test_a_host_header_is_believed_for_localhost_only() -> None:
    for origin in ("http://localhost:8440", "http://a.localhost:8440"):
        assert isinstance(site_of(origin, configured=False), Site)
    assert not isinstance(site_of("http://rebound.example:8440", configured=False), Site)
