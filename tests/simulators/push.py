"""A push service on this machine: it takes what a server sends, keeps it to be looked at, and answers as it is told.

It stands in for Google's, Mozilla's, Apple's or Microsoft's, which no test can reach; it is named in `push.services`.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mindhaven.protocol.choice import Act

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Pushed:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """What came, and how it answers: by path, else 201."""

    url: str
    came: list[Pushed] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    location: str = ""

    def wait(self, count: int = 1) -> list[Pushed]:
        """Wait until that many came."""
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self.came) < count:
            assert time.monotonic() < until, f"{len(self.came)} of {count} came"
            time.sleep(0.05)
        return self.came


def bits(text: str) -> bytes:
    """Return the bytes that base64url without padding writes."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(pushed: Pushed, key: str) -> dict[str, Any]:
    """Return what the token of a push says, once its ES256 signature is that of `key` (base64url of the point).

    By RFC 8292 and RFC 7515, with nothing of the code under test.
    """
    scheme, _, rest = pushed.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    values = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert values.keys() == {"t", "k"}
    assert values["k"] == key
    header, body, signature = values["t"].split(".")
    raw = bits(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bits(key))
    point.verify(der, f"{header}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(bits(header)) == {"typ": "JWT", "alg": "ES256"}
    found: dict[str, Any] = json.loads(bits(body))
    return found


async def asks(client: Any, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Call a JSON operation as any program could, with a body of any shape; return what is answered."""
    content = None if body is None else json.dumps(body).encode()
    answer = await client.transport._send(method, path, content, None if body is None else "application/json")
    return json.loads(answer) if answer else None


async def allow(client: Any) -> None:
    """Say yes to reminders, unless that stands."""
    asked = await client.choices.asked()
    (terms,) = [one.terms for one in asked.purposes if one.id == "reminders"]
    if not (await client.choices.chain()).state("reminders", terms=terms).allows:
        await client.choices.choose("reminders", Act.GIVEN)


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run a push service for a while."""

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.came.append(Pushed(self.command, self.path, headers, self.rfile.read(length)))
            self.send_response(service.answers.get(self.path, 201))
            if service.location:
                self.send_header("location", service.location)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET = do_PUT = _take

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
