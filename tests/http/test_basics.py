"""What every operation gets from the server, before any slice."""

import base64
import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.server.build import Server
from mindhaven.server.headers import SECURITY, Proxies
from mindhaven.server.settings import check_shape, load_server

TYPED = {"content-type": "application/json"}
CBOR = {"content-type": "application/cbor"}

COLLECTION = bytes(range(32))
COLLECTION_TEXT = base64.urlsafe_b64encode(COLLECTION).decode().rstrip("=")


async def test_a_typed_call_and_its_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/echo", json={"text": "a", "count": 2})
    assert (answer.status_code, answer.json()) == (200, {"text": "a2"})


async def test_path_and_query_are_typed(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/collections/{COLLECTION_TEXT}?after=7")
    assert answer.json() == {"text": COLLECTION.hex() + ":7"}
    for wrong in ("x", COLLECTION_TEXT + "=", COLLECTION_TEXT[:-1] + "9", COLLECTION_TEXT + "A"):
        assert (await client.get(f"/v1/collections/{wrong}")).status_code == 404
    for query in ("after=x", "after=1&after=2", "other=1", "after"):
        assert (await client.get(f"/v1/collections/{COLLECTION_TEXT}?{query}")).status_code == 400


async def test_raw_bodies_and_streams(client: httpx.AsyncClient) -> None:
    cbor = {"content-type": "application/cbor"}
    answer = await client.put("/v1/raw", content=b"abc", headers=cbor)
    assert (answer.content, answer.headers["content-type"]) == (b"cba", "application/cbor")
    assert (await client.post("/v1/counted", content=b"x" * 9_000, headers=cbor)).json() == {"text": "9000"}
    answer = await client.get("/v1/streamed/9")
    assert len(answer.content) == 5000
    answer = await client.get("/v1/streamed/0")
    assert (answer.status_code, answer.json()["code"]) == (409, "head-moved")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("POST", "/v1/echo", {"content": b"x" * 1001, "headers": TYPED}, 413, "body-too-large"),
        ("PUT", "/v1/raw", {"content": b"x" * 1001, "headers": CBOR}, 413, "body-too-large"),
        ("POST", "/v1/counted", {"content": b"x" * 10_001, "headers": CBOR}, 413, "body-too-large"),
        ("POST", "/v1/echo", {"json": {"text": "a", "more": 1}}, 400, "body-shape"),
        ("POST", "/v1/echo", {"json": {"count": 1}}, 400, "body-shape"),
        ("POST", "/v1/echo", {"json": {"text": 1}}, 400, "body-shape"),
        ("POST", "/v1/echo", {"content": b"{", "headers": TYPED}, 400, "body-malformed"),
        ("POST", "/v1/echo", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "media-type"),
        ("POST", "/v1/echo", {"content": b"{}"}, 415, "media-type"),
        ("GET", "/v1/echo", {}, 405, "method-not-allowed"),
        ("GET", "/v1/none", {}, 404, "path-unknown"),
        ("GET", "/v1", {}, 404, "path-unknown"),
        ("GET", "/v1/echo/", {}, 404, "path-unknown"),
        ("GET", "/v1/crash", {}, 500, "unexpected"),
        ("GET", "/v1/conflict", {}, 409, "head-moved"),
        ("GET", "/v1/refuse", {}, 423, "frozen"),
        ("DELETE", "/v1/nothing", {}, 401, "no-session"),
        ("GET", "/v1/officer", {"headers": {"authorization": "role:other"}}, 403, "not-permitted"),
        ("POST", "/v1/slot", {"headers": {"authorization": "role:other"}}, 403, "unlock-again"),
    ],
)  # fmt: skip
async def test_refusals_are_problems_with_every_security_header(
    client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.request(method, path, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    for name, value in SECURITY.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    if status == 405:
        assert answer.headers["allow"] == "POST"


async def test_good_answers_bear_the_security_headers_too(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/openapi.json", "/v1/streamed/9"):
        answer = await client.get(path)
        assert answer.status_code == 200, path
        for name, value in SECURITY.items():
            assert answer.headers[name] == value
    answer = await client.delete("/v1/nothing", headers={"authorization": "x"})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_what_the_body_holds_is_neither_answered_nor_logged(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for body in ({"canary-1": 1, "text": "a"}, {"text": {"canary-2": 1}}, {"text": "a", "count": "canary-3"}):
        answer = await client.post("/v1/echo", json=body)
        assert answer.status_code == 400
        assert "canary" not in answer.text
    answer = await client.get("/v1/crash")
    assert "canary" not in answer.text
    from mindhaven.server.logs import JsonFormatter

    for record in caplog.records:
        if not record.name.startswith("httpx"):
            assert "canary" not in JsonFormatter().format(record)


async def test_forwarded_headers_count_only_from_a_trusted_proxy(server: Server) -> None:
    forwarded = {"x-forwarded-for": "198.51.100.9, 203.0.113.5", "x-forwarded-proto": "https"}
    for peer, expected in (("192.0.2.1", "192.0.2.1 False"), ("10.1.2.3", "203.0.113.5 True")):
        transport = httpx.ASGITransport(app=server.app, client=(peer, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.get("/v1/client", headers=forwarded)).json()["text"] == expected


def test_the_nearest_untrusted_hop_is_the_client() -> None:
    proxies = Proxies(["10.0.0.0/8", "::1"])
    assert proxies.client("10.0.0.1", "198.51.100.9, 203.0.113.5, 10.0.0.2") == "203.0.113.5"
    assert proxies.client("10.0.0.1", None) == "10.0.0.1"
    assert proxies.client("10.0.0.1", "nonsense") == "10.0.0.1"
    assert proxies.client("192.0.2.1", "203.0.113.5") == "192.0.2.1"


async def test_a_rate_limit_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/v1/limited") for _ in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [204] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_openapi_is_exact(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert described["components"]["schemas"]["Note"]["additionalProperties"] is False
    assert "/v1/collections/{collection}" in described["paths"]
    assert described["paths"]["/v1/refuse"]["get"]["responses"]["423"]["description"] == "Refused: frozen."


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"server.bind": "0.0.0.0:8440"}, "bind-without-tls"),
        ({"server.bind": "nonsense"}, "setting-bind"),
        ({"server.bind": "127.0.0.1:99999"}, "setting-bind"),
        ({"server.bind": "127.0.0.1:-1"}, "setting-bind"),
        ({"server.trusted-proxies": ["the proxy"], "server.origin": "https://a.example"}, "setting-proxy"),
        *(
            (
                {"server.bind": bind, "server.trusted-proxies": [wide], "server.origin": "https://a.example"},
                "proxies-too-wide",
            )
            for bind in ("0.0.0.0:8440", "[::]:8440", "127.0.0.1:8440")
            for wide in ("0.0.0.0/0", "::/0", "0.0.0.0/1", "8.0.0.0/7", "2000::/3", "::ffff:0:0/96")
        ),
        ({"server.workers": 2}, "sqlite-workers"),
        ({"server.tls-key": "x"}, "setting-tls"),
        ({"server.bind": "0.0.0.0:1", "server.trusted-proxies": ["10.0.0.1"]}, "origin-needed"),
        ({"server.bind": "[::]:1", "server.tls-certificate": "c", "server.tls-key": "k"}, "origin-needed"),
        ({"server.trusted-proxies": ["127.0.0.1"]}, "origin-needed"),
        ({"server.origin": "mindhaven.example"}, "setting-origin"),
        ({"server.origin": "http://mindhaven.example"}, "setting-origin"),
        ({"server.origin": "https://mindhaven.example/app"}, "setting-origin"),
        ({"server.origin": "https://Mindhaven.example"}, "setting-origin"),
        ({"server.origin": "https://mindhaven.example:443"}, "setting-origin"),
        ({"server.origin": "http://localhost:80"}, "setting-origin"),
        ({"server.origin": "https://a@mindhaven.example"}, "setting-origin"),
        ({"server.security-contact": "security@mindhaven.example"}, "setting-contact"),
        ({"server.security-contact": "mailto:a@b\nExpires: never"}, "setting-contact"),
        ({"server.exit-page": "http://weather.example"}, "setting-exit-page"),
        ({"server.exit-page": "https://"}, "setting-exit-page"),
        ({"server.exit-page": "https://a@weather.example"}, "setting-exit-page"),
        ({"server.exit-page": "https://weather.example/\nx"}, "setting-exit-page"),
        ({"server.database": "postgresql://mindhaven@db.example/mindhaven"}, "database-password"),
        ({"server.database": "postgresql://mindhaven@/x?host=db.example"}, "database-password"),
        ({"server.database": "postgresql://mindhaven@10.1.2.3/mindhaven"}, "database-password"),
        ({"server.database": "postgresql://mindhaven:mindhaven@db.example/mindhaven"}, "database-password-weak"),
        ({"server.database": "postgresql://mindhaven:short@10.1.2.3/mindhaven"}, "database-password-weak"),
    ],
)
def test_shapes_that_are_refused_are_named(overrides: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_shape(load_server([], overrides=overrides))
    assert caught.value.reason == code
    assert caught.value.hint


@pytest.mark.parametrize(
    "overrides",
    [
        {"server.bind": "0.0.0.0:1", "server.trusted-proxies": ["10.0.0.1"], "server.origin": "https://a.example"},
        *(
            {"server.bind": "0.0.0.0:1", "server.trusted-proxies": [own], "server.origin": "https://a.example"}
            for own in ("10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "fe80::/10", "::1", "::ffff:10.0.0.0/104")
        ),
        {"server.bind": "127.0.0.1:65535"},
        {"server.origin": "http://127.0.0.1:8440"},
        {"server.origin": "https://mindhaven.example:8440/"},
        {"server.database": "postgresql://mindhaven@/mindhaven?host=/run/postgresql"},
        {"server.database": "postgresql://mindhaven@localhost/mindhaven"},
        {"server.database": "postgresql://mindhaven:vO3hQ9wz1LrTk@db.example/mindhaven", "server.workers": 4},
        {"server.database": "postgresql://mindhaven@db.example/mindhaven?passfile=/etc/pgpass"},
        {"server.security-contact": "https://mindhaven.example/security"},
        {"server.exit-page": "https://weather.example/today?place=here"},
    ],
)
def test_sound_shapes_are_taken(overrides: dict[str, Any]) -> None:
    check_shape(load_server([], overrides=overrides))


def test_sigterm_finishes_the_request_in_flight(process: Callable[..., Any]) -> None:
    server = process()
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(httpx.get(server.url + "/v1/slow", timeout=20)))
    asking.start()
    time.sleep(0.4)
    server.popen.send_signal(signal.SIGTERM)
    asking.join()
    assert (answers[0].status_code, answers[0].json()) == (200, {"text": "done"})
    assert server.popen.wait(20) == 0


def test_half_sent_heads_are_closed_and_whole_ones_are_not(process: Callable[..., Any]) -> None:
    server = process("0.5")
    with socket.create_connection(server.address, timeout=10) as half:
        half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ")
        begun = time.monotonic()
        assert half.recv(100) == b""
        assert 0.3 < time.monotonic() - begun < 5
    with socket.create_connection(server.address, timeout=10) as silent:
        assert silent.recv(100) == b""
    with socket.create_connection(server.address, timeout=10) as second:
        second.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert second.recv(10_000).startswith(b"HTTP/1.1 200")
        second.sendall(b"GET /healthz HT")
        time.sleep(0.1)
        rest = second.recv(10_000)
        while rest:
            rest = second.recv(10_000)
    assert httpx.get(server.url + "/v1/slow", timeout=20).status_code == 200


def test_malformed_and_huge_heads_get_answers_with_security_headers(process: Callable[..., Any]) -> None:
    server = process()
    for sent, status in (
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 70_000, b"431"),
    ):
        with socket.create_connection(server.address, timeout=10) as raw:
            raw.sendall(sent)
            answer = b""
            while piece := raw.recv(10_000):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] == status
        assert json.loads(body)["status"] == int(status)
        for name in SECURITY:
            assert name.encode() in head.lower()


def test_the_real_server_names_no_software_and_logs_no_path(process: Callable[..., Any]) -> None:
    server = process()
    answer = httpx.get(server.url + "/v1/client", headers={"x-forwarded-for": "203.0.113.5"})
    assert answer.json() == {"text": "127.0.0.1 False"}
    assert "server" not in answer.headers
    assert httpx.get(server.url + "/v1/crash").status_code == 500
    assert server.stop() == 0
    log = server.log.read_text()
    assert "canary" not in log
    assert "/v1/" not in log
    assert "ValueError" in log
    for line in log.splitlines():
        json.loads(line)


def test_two_workers_share_one_socket_and_postgresql(process: Callable[..., Any], postgres_url: str) -> None:
    server = process(
        environment={"MINDHAVEN_SERVER_DATABASE": postgres_url, "MINDHAVEN_SERVER_WORKERS": "2"},
    )
    children = Path(f"/proc/{server.popen.pid}/task/{server.popen.pid}/children").read_text().split()
    assert len(children) == 2
    assert [httpx.get(server.url + "/healthz").status_code for _ in range(20)] == [200] * 20
    os.kill(int(children[0]), signal.SIGKILL)
    time.sleep(0.5)
    assert [httpx.get(server.url + "/healthz", timeout=20).status_code for _ in range(20)] == [200] * 20
    assert server.stop() == 0
