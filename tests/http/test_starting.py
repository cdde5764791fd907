"""What a start is refused for, by name and with how to mend it; TLS and its renewal; which origin log-ins name."""

import datetime
import html.parser
import json
import os
import signal
import socket
import ssl
import stat
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from real import Real, real_server
from tests.simulators.world import PASS, Time, world

from mindhaven.errors import InvalidInputError, MindhavenError
from mindhaven.protocol.card import Invitation
from mindhaven.sdk.errors import SignedOutError
from mindhaven.server.headers import SECURITY
from mindhaven.server.serve import serve
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES


def certificate(folder: Path, *, serial: int, passphrase: bytes | None = None, name: str = "tls") -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    me = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mindhaven test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(me)
        .issuer_name(me)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].touch(mode=0o600)
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    return paths


def refused(tmp_path: Path, **overrides: Any) -> InvalidInputError:
    given = {"server.data": str(tmp_path / "data"), "server.bind": "127.0.0.1:0", **overrides}
    with pytest.raises(InvalidInputError) as caught:
        serve(load_server(SLICES, overrides=given))
    assert caught.value.hint
    return caught.value


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o755, 0o701, 0o777])
def test_a_data_directory_open_to_everybody_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)
    error = refused(tmp_path)
    assert error.reason == "data-mode"
    assert str(tmp_path / "data") in error.message
    assert "chmod 700" in str(error.hint)
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize("name", ["master.key", "salt.key"])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / name).write_bytes(os.urandom(32))
    (tmp_path / "data" / name).chmod(0o640)
    error = refused(tmp_path)
    assert error.reason == "key-mode"
    assert name in error.message
    assert "chmod 600" in str(error.hint)


def test_what_a_server_makes_itself_is_for_it_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        with real_server(tmp_path) as server:
            assert httpx.get(server.url + "/healthz").status_code == 200
    finally:
        os.umask(previous)
    for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, path
    with real_server(tmp_path) as server:
        assert httpx.get(server.url + "/healthz").status_code == 200


def test_a_file_in_the_place_of_the_data_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    assert refused(tmp_path).reason == "data-directory"


def test_a_data_directory_inside_the_source_tree_is_fine(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with real_server(tmp_path) as server:
        assert httpx.get(server.url + "/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("fault", ["absent", "other key", "no pem", "passphrase", "world-readable"])
def test_tls_files_that_cannot_serve_are_refused_without_a_question(tmp_path: Path, fault: str) -> None:
    pem, key = certificate(tmp_path, serial=1, passphrase=b"secret" if fault == "passphrase" else None)
    if fault == "absent":
        pem.unlink()
    elif fault == "other key":
        key.write_bytes(certificate(tmp_path, serial=2, name="other")[1].read_bytes())
    elif fault == "no pem":
        pem.write_text("nonsense")
    elif fault == "world-readable":
        key.chmod(0o644)
    error = refused(tmp_path, **{"server.tls-certificate": str(pem), "server.tls-key": str(key)})
    assert error.reason == ("tls-key-mode" if fault == "world-readable" else "tls-files")


def test_an_unknown_setting_is_refused_and_the_clients_own_are_not(tmp_path: Path) -> None:
    theirs = dict.fromkeys(("MINDHAVEN_HOME", "MINDHAVEN_SERVER", "MINDHAVEN_PASSPHRASE_FILE"), "/x")
    with real_server(tmp_path, theirs) as server:
        assert httpx.get(server.url + "/healthz").status_code == 200
    with pytest.raises(InvalidInputError, match="MINDHAVEN_SERVER_BINDS"):
        load_server(SLICES, environment={**theirs, "MINDHAVEN_SERVER_BINDS": "x"})


# -- security.txt -----------------------------------------------------------------------------------------------------


async def test_security_txt_has_contact_and_expires_or_is_not_there(tmp_path: Path) -> None:
    moment = Time()
    for contact, status in (("", 404), ("mailto:security@mindhaven.example", 200)):
        async with world(tmp_path / f"w{status}", moment, **{"server.security-contact": contact}) as (server, _):
            transport = httpx.ASGITransport(app=server.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                answer = await client.get("/.well-known/security.txt")
        assert answer.status_code == status
        if status == 404:
            assert answer.json()["code"] == "security-contact-unset"
            continue
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
        assert fields["Contact"] == contact
        expires = datetime.datetime.fromisoformat(fields["Expires"])
        ahead = expires.timestamp() - moment.now
        assert 0 < ahead < 365 * 86400


# -- the page where invitation links lead ------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """What a page is made of: its elements, their attributes, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in {"meta", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_browser_at_an_invitation_link_is_told_what_to_do_and_asks_for_nothing_else(tmp_path: Path) -> None:
    link = Invitation(b"i" * 32, b"n" * 32, b"s" * 32).link("http://127.0.0.1:1")
    path = urlsplit(link).path
    given = {"MINDHAVEN_SERVER_ORIGIN": "https://mindhaven.example", "TEST_NO_WEB": "1"}
    with real_server(tmp_path, given) as server:
        answer = httpx.get(server.url + path)
        assert httpx.head(server.url + path).status_code == 200
        assert httpx.get(server.url + "/nothing").status_code == 404
        lines = server.lines()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    page = Page(answer.text)
    assert page.open == []
    assert page.tags <= {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ol", "li", "code", "hr"}
    assert page.attributes <= {"lang", "charset", "name", "content"}
    said = " ".join(page.text.split())
    assert 'mindhaven contacts accept "LINK" --name NAME' in said
    assert "mindhaven signup --server https://mindhaven.example" in said
    assert not any("GET" in line or '"/"' in line for line in lines)


# -- TLS --------------------------------------------------------------------------------------------------------------


def served(server: Real) -> int:
    """Return the serial of the certificate that a new connection gets."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(server.address).encode()).serial_number


def until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_https_with_renewal_on_sighup(tmp_path: Path) -> None:
    pem, key = certificate(tmp_path, serial=1001)
    given = {"MINDHAVEN_SERVER_TLS_CERTIFICATE": str(pem), "MINDHAVEN_SERVER_TLS_KEY": str(key)}
    with real_server(tmp_path, given) as server:
        assert server.url.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(pem))
        trusting.check_hostname = False
        with httpx.Client(base_url=server.url, verify=trusting) as client:
            answer = client.get("/healthz")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
            for name, value in SECURITY.items():
                assert client.get("/v1/none").headers[name] == value
            assert served(server) == 1001
            # A new pair: old connections go on, new ones get the new certificate.
            certificate(tmp_path, serial=1002)
            server.process.send_signal(signal.SIGHUP)
            until(lambda: served(server) == 1002)
            assert client.get("/healthz").status_code == 200
            # A faulty pair: the certificate is new, the key is another's. The pair in use stays whole.
            other, _ = certificate(tmp_path, serial=1003, name="other")
            pem.write_bytes(other.read_bytes())
            server.process.send_signal(signal.SIGHUP)
            until(lambda: any("not read anew" in line for line in server.lines()))
            assert served(server) == 1002
            assert client.get("/healthz").status_code == 200
            pem.unlink()
            server.process.send_signal(signal.SIGHUP)
            until(lambda: sum("not read anew" in line for line in server.lines()) == 2)
            assert served(server) == 1002
        weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        weak.check_hostname, weak.verify_mode = False, ssl.CERT_NONE
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
        with socket.create_connection(server.address, timeout=10) as raw, pytest.raises(ssl.SSLError):
            weak.wrap_socket(raw)
        assert server.stop() == 0
        warnings = [json.loads(line) for line in server.lines() if "not read anew" in line]
        assert [line["level"] for line in warnings] == ["warning"] * 2
        assert not any(str(tmp_path) in line["message"] for line in warnings)


def test_sighup_without_tls_changes_nothing(tmp_path: Path) -> None:
    with real_server(tmp_path) as server:
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        assert httpx.get(server.url + "/healthz").status_code == 200


# -- the origin that claims name ---------------------------------------------------------------------------------------


class OtherHost(httpx.AsyncBaseTransport):
    """Sends every request on with another Host header, as a confused or hostile proxy would."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["host"] = "elsewhere.example"
        return await self._inner.handle_async_request(request)


class Lookalike(httpx.AsyncBaseTransport):
    """Passes everything on but the real server's address, as a site that wants to be taken for it would."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        del response.headers["mindhaven-origin"]
        return response


async def test_a_host_header_does_not_change_what_claims_must_name(tmp_path: Path) -> None:
    moment = Time()
    moment.now = int(time.time())
    configured = {"server.origin": "https://mindhaven.test"}
    async with world(tmp_path, moment, between=OtherHost, **configured) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        await phone.log_in(phone.me.handle, PASS)


async def test_a_claim_for_another_origin_is_refused_whatever_its_host_header_says(tmp_path: Path) -> None:
    """A site that looks like ours passes the person's claim on: it names the site, so it opens nothing here."""
    moment = Time()
    moment.now = int(time.time())
    configured = {"server.origin": "https://mindhaven.example"}
    async with world(tmp_path, moment, between=Lookalike, **configured) as (server, home):
        phone = home("phone")
        with pytest.raises(MindhavenError) as refused_here:
            await phone.sign_up(PASS, word="ana")
        assert refused_here.value.reason == "login-refused"
        assert isinstance(refused_here.value, SignedOutError)
        row = await server.host.db.look(lambda look: look.row("SELECT COUNT(*) FROM accounts_account"))
        assert row == (0,)


# -- workers ----------------------------------------------------------------------------------------------------------


def test_workers_end_with_their_parent_even_if_it_was_killed(tmp_path: Path, postgres_url: str) -> None:
    """Found by the soak: left behind, they held the port, and no server could start anew."""
    given = {"MINDHAVEN_SERVER_DATABASE": postgres_url, "MINDHAVEN_SERVER_WORKERS": "2"}
    with real_server(tmp_path, given) as server:
        process = server.process.pid
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        assert len(children) == 2
        server.process.kill()
        server.process.wait(10)
        until = time.monotonic() + 10
        while left := [child for child in children if _alive(child)]:
            if time.monotonic() > until:
                for child in left:
                    os.kill(int(child), signal.SIGKILL)
                raise AssertionError("a worker outlives its parent")
            time.sleep(0.05)
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(server.address)
            free.listen()


def _alive(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
