"""The address that a client uses: encrypted, the server's own, vouched for by somebody whom the device trusts."""

import datetime
import ipaddress
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from real import real_server
from tests.simulators.server import start, stop
from tests.simulators.world import PASS, Hostile, Time, mood, world

from mindhaven.errors import DeniedError, InvalidInputError
from mindhaven.sdk import Mindhaven
from mindhaven.sdk.errors import CertificateError, OfflineError
from mindhaven.sdk.transport import Transport

STRETCHED = True

# -- http and https ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "server",
    [
        "http://mindhaven.example", "http://192.0.2.7:8440", "http://10.0.0.5", "http://[2001:db8::1]:8440",
        "HTTP://mindhaven.example", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://0.0.0.0:1",
    ],
)  # fmt: skip
def test_http_to_another_machine_is_refused_before_a_store_is_made(tmp_path: Path, server: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Mindhaven.create(tmp_path / "home", server, passphrase=PASS)
    assert caught.value.reason == "http-not-loopback"
    assert "https://" in str(caught.value.hint)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://127.0.0.1:8440/", "http://127.0.0.1:8440"),
        ("http://localhost:8440", "http://localhost:8440"),
        ("http://[::1]:8440", "http://[::1]:8440"),
        ("https://Mindhaven.Example:443/", "https://mindhaven.example"),
        ("https://mindhaven.example:8440", "https://mindhaven.example:8440"),
    ],
)
def test_an_address_is_used_as_log_ins_name_it(given: str, used: str) -> None:
    assert Transport(given, http=httpx.AsyncClient()).origin == used


@pytest.mark.parametrize(
    "server", ["", "mindhaven.example", "ftp://a.example", "https://", "https://a@b.example", "https://a.example:x"]
)
def test_what_is_no_address_is_refused_by_name(server: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Transport(server, http=httpx.AsyncClient())
    assert caught.value.reason == "origin"


# -- the server's own address -----------------------------------------------------------------------------------------


async def test_a_client_at_another_address_is_told_the_right_one_before_it_signs(tmp_path: Path) -> None:
    moment = Time()
    hostile: list[Hostile] = []

    def between(inner: httpx.AsyncBaseTransport) -> Hostile:
        hostile.append(Hostile(inner))
        return hostile[-1]

    configured = {"server.origin": "https://home.example:8440"}
    async with world(tmp_path, moment, between=lambda t: Named(between(t)), **configured) as (_, home):
        with pytest.raises(DeniedError) as caught:
            await home("phone").sign_up(PASS, word="ana")
    assert caught.value.reason == "origin-differs"
    assert "https://home.example:8440" in caught.value.message
    assert "--server https://home.example:8440" in str(caught.value.hint)
    assert [path for path, _ in hostile[0].bodies] == ["/v1/signup/start"]


class Named(httpx.AsyncBaseTransport):
    """`Hostile` drops all headers; this gives the one back that the server of these tests sends."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        response.headers["mindhaven-origin"] = "https://home.example:8440"
        return response


@pytest.mark.parametrize("named", ["https://evil.example\x1b[2J", "javascript:1", "https://a b", "", "x" * 9000])
async def test_what_is_no_address_in_the_servers_answer_is_not_shown(named: str) -> None:
    mock = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=[(b"mindhaven-origin", named.encode())], content=b"")
    )
    transport = Transport("https://mindhaven.example", http=httpx.AsyncClient(transport=mock))
    await transport.call("GET", "/x", open_=True)


def test_a_server_that_moved_says_where_to_and_signing_in_there_stays(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = start(tmp_path / "data", port=port)
    try:
        with Mindhaven.create(tmp_path / "home", server.url, passphrase=PASS) as me:
            me.sign_up(PASS, word="ana")
            me.add(mood("kept"))
            me.sync()
    finally:
        stop(server)
    moved = f"http://localhost:{port}"
    server = start(tmp_path / "data", port=port, environment={"MINDHAVEN_SERVER_ORIGIN": moved})
    try:
        answer = httpx.get(server.url + "/nothing")
        assert (answer.status_code, answer.headers["mindhaven-origin"]) == (404, moved)
        with Mindhaven.open(tmp_path / "home", passphrase=PASS) as me:
            with pytest.raises(DeniedError) as caught:
                me.sync()
            assert caught.value.reason == "origin-differs"
            assert moved in caught.value.message
        passphrase = tmp_path / "passphrase"
        passphrase.write_text(PASS + "\n")
        arguments = ["--home", str(tmp_path / "home"), "--passphrase-file", str(passphrase)]

        def command(*more: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [sys.executable, "-m", "mindhaven", *arguments, *more],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip

        wrote = command("log", "mood", "good")
        assert wrote.returncode == 0, wrote.stderr
        assert f"--server {moved}" in " ".join(wrote.stderr.replace("mindhaven: ", "").split())
        again = command("login", "--server", moved)
        assert again.returncode == 0, again.stderr
        with Mindhaven.open(tmp_path / "home", passphrase=PASS) as me:
            me.sync()
            assert len(me.entries()) == 2
            assert not any(entry.waits for entry in me.entries())
    finally:
        stop(server)


# -- whom a device trusts ---------------------------------------------------------------------------------------------


def authority(folder: Path) -> tuple[Path, ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Make a certificate authority for one test; return its PEM file, its key, its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of one's own")])
    made = (
        unsigned(name, name, key.public_key(), days=1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "authority.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return file, key, made


def unsigned(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, *, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def vouched(
    folder: Path, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, *, days: int = 1, host: str = "127.0.0.1"
) -> Mapping[str, str]:
    """Make a server's certificate; return the settings that use it."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    made = (
        unsigned(name, issuer.subject, own.public_key(), days=days)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "tls.pem", folder / "tls.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.touch(mode=0o600)
    secret.write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return {"MINDHAVEN_SERVER_TLS_CERTIFICATE": str(pem), "MINDHAVEN_SERVER_TLS_KEY": str(secret)}


def test_an_authority_of_ones_own_is_trusted_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, key, issuer = authority(tmp_path)
    with real_server(tmp_path, vouched(tmp_path, key, issuer)) as server:
        assert server.url.startswith("https://127.0.0.1:")
        strange = Mindhaven.create(tmp_path / "strange", server.url, passphrase=PASS)
        with strange, pytest.raises(CertificateError) as caught:
            strange.sign_up(PASS, word="ana")
        assert not isinstance(caught.value, OfflineError)
        assert caught.value.reason == "certificate"
        assert "an authority that this device does not know" in caught.value.message
        assert "MINDHAVEN_CA_FILE" in str(caught.value.hint)
        monkeypatch.setenv("MINDHAVEN_CA_FILE", str(file))
        with Mindhaven.create(tmp_path / "home", server.url, passphrase=PASS) as me:
            me.sign_up(PASS, word="ana")
            me.add(mood("kept"))
            me.sync()
            assert [entry.waits for entry in me.entries()] == [False]
        # Without it again: what is written waits, and the command line says what is wrong, not that nobody answers.
        monkeypatch.delenv("MINDHAVEN_CA_FILE")
        passphrase = tmp_path / "passphrase"
        passphrase.write_text(PASS + "\n")
        done = subprocess.run(
            [sys.executable, "-m", "mindhaven", "--home", str(tmp_path / "home"), "--passphrase-file", str(passphrase),
             "log", "mood", "good"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        said = " ".join(done.stderr.replace("mindhaven: ", "").split())
        assert done.returncode == 0
        assert "its certificate is refused" in said
        assert "MINDHAVEN_CA_FILE" in said
        assert "1 entry waits" in said


@pytest.mark.parametrize(("days", "host", "why"), [(-1, "127.0.0.1", "expired"), (1, "192.0.2.1", "another address")])
def test_a_certificate_that_does_not_hold_says_why_even_of_a_known_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, host: str, why: str
) -> None:
    file, key, issuer = authority(tmp_path)
    monkeypatch.setenv("MINDHAVEN_CA_FILE", str(file))
    with (
        real_server(tmp_path, vouched(tmp_path, key, issuer, days=days, host=host)) as server,
        Mindhaven.create(tmp_path / "home", server.url, passphrase=PASS) as me,
        pytest.raises(CertificateError, match=why),
    ):
        me.sign_up(PASS, word="ana")


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe"])
def test_a_file_without_authorities_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("MINDHAVEN_CA_FILE", str(file))
    with pytest.raises(InvalidInputError) as caught:
        Mindhaven.create(tmp_path / "home", "https://127.0.0.1:1", passphrase=PASS)
    assert caught.value.reason == "ca-file"
    assert str(file) in caught.value.message
    assert not (tmp_path / "home").exists()
