"""Marked values through every operation of a real server: none is logged, answered in an error, or on its disk.

The one exception is the word of a handle, which sign-up is there to store. No network address is stored either.
"""

import contextlib
import ipaddress
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import httpx
import msgspec
import pytest
from inline import operations
from real import Real, real_server
from tests.simulators.leaks import forms, leaks

from mindhaven.crypto.encoding import encode
from mindhaven.kernel import Body, Operation
from mindhaven.protocol.login import LoginClaim
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.logs import FIELDS
from mindhaven.wire.ids import to_text

MARK = "QZmarkedcanaryXV"
WORD = "qzmarkedwordxv"
ADDRESS = "203.0.113.77"
ADDRESS_6 = "2001:db8:7f3a:9c41:5d2e:6b08:1f77:e3a5"
PASS = "seven quiet herons at dusk"
ORIGIN = "https://mindhaven.test"
LINE = {"at", "level", "logger", "message", *FIELDS}
ALL = [one for one in operations() if one.name != "account_erase"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with real_server(
        tmp_path_factory.mktemp("canary"),
        {
            "MINDHAVEN_SERVER_LOG_LEVEL": "debug",
            "MINDHAVEN_SERVER_TRUSTED_PROXIES": "127.0.0.1",
            "MINDHAVEN_SERVER_ORIGIN": ORIGIN,
            "TEST_NO_LIMITS": "1",
        },
    ) as running:
        yield running


class ByProxy(httpx.AsyncHTTPTransport):
    """Carries what is sent to the public origin to the server, as a proxy would, from a marked address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["x-forwarded-for"] = ADDRESS
        request.url = request.url.copy_with(scheme=self._url.scheme, host=self._url.host, port=self._url.port)
        return await super().handle_async_request(request)


def urls(operation: Operation) -> Iterator[str]:
    good = operation.path
    for name, kind in operation.parameters:
        good = good.replace("{" + name + (":" + kind if ":" + kind in operation.path else "") + "}", "{" + name + "}")
    ids = {name: to_text(os.urandom(32)) for name, _ in operation.parameters}
    yield good.format(**ids)
    yield good.format(**ids) + f"?{MARK}={MARK}&since={MARK}"
    for name in ids:
        yield good.format(**{**ids, name: MARK})
        yield good.format(**{**ids, name: f"{MARK}-123456"})
    yield good.format(**ids) + f"/{MARK}"


def claim() -> str:
    made = LoginClaim(ORIGIN, MARK, "session", os.urandom(32), os.urandom(32), 1_795_437_296)
    text: str = msgspec.json.decode(msgspec.json.encode(made.encode()))
    return text


def as_json(value: bytes) -> str:
    text: str = msgspec.json.decode(msgspec.json.encode(value))
    return text


def bodies(operation: Operation) -> Iterator[dict[str, Any]]:
    takes = operation.takes
    if takes is None:
        yield {}
        return
    if takes is Body:
        for content in (
            MARK.encode(), cbor2.dumps(MARK), cbor2.dumps({MARK: MARK}), cbor2.dumps([[MARK, [MARK]], [MARK]]),
            encode([[encode([1, MARK, MARK]), [MARK.encode()]], []]), encode([MARK] * 3),
        ):  # fmt: skip
            yield {"content": content, "headers": {"content-type": operation.media}}
        return
    typed = {"content-type": "application/json"}
    for text in (
        MARK,
        '{"' + MARK,
        '{"a":' + MARK + "}",
        json.dumps({MARK: MARK}),
        json.dumps(MARK),
        json.dumps([MARK]),
    ):
        yield {"content": text, "headers": typed}
    assert isinstance(takes, type)
    for field in msgspec.structs.fields(takes):
        for value in (MARK, {MARK: MARK}, [MARK], [{MARK: MARK}], MARK * 2000):
            yield {"json": {field.encode_name: value}}
    yield {"content": json.dumps({}), "headers": {"content-type": f"text/{MARK}"}}


VALID: dict[str, list[dict[str, Any]]] = {
    "login_start": [{"name": MARK}],
    "login": [{"claim": claim(), "signature": as_json(bytes(64)), "code": "123456"}],
    "session_renew": [{"session": as_json(bytes(16)), "claim": claim(), "signature": as_json(bytes(64))}],
    "slot_now": [{"slot": as_json(bytes(16)), "claim": claim(), "signature": as_json(bytes(64))}],
    "signup_start": [{"word": "ana", "invitation": MARK}],
}


def marked(authorization: str | None, address: str) -> dict[str, str]:
    headers = {
        "user-agent": MARK, "referer": f"https://{MARK}.example/{MARK}", "cookie": f"{MARK}={MARK}",
        "accept-language": MARK, "origin": f"https://{MARK}.example", "x-request-id": MARK,
        f"x-{MARK}": MARK, "x-forwarded-for": address, "forwarded": f"for={address};host={MARK}",
        "x-forwarded-host": MARK, "traceparent": MARK, "accept": f"text/{MARK}", "if-none-match": MARK,
    }  # fmt: skip
    return headers if authorization is None else headers | {"authorization": authorization}


async def asked(http: httpx.AsyncClient, method: str, url: str, **more: Any) -> httpx.Response:
    """Return the answer; of one that goes on and on its beginning."""
    async with http.stream(method, url, **more) as answer:
        if answer.headers.get("content-type") == "text/event-stream":
            answer._content = await anext(answer.aiter_raw())
        else:
            await answer.aread()
    return answer


def holds(data: bytes, secret: str) -> bool:
    return any(form in data for _, form in forms(secret.encode()))


async def test_marks_are_neither_logged_nor_answered_nor_stored(server: Real, tmp_path: Path) -> None:
    person = AsyncMindhaven.create(
        tmp_path / "home", ORIGIN, passphrase=PASS, http=httpx.AsyncClient(transport=ByProxy(server.url))
    )
    await person.sign_up(PASS, word=WORD, device=MARK)
    assert person.me.handle.startswith(WORD)
    await person.log_in(person.me.handle, PASS, device=MARK)
    token = await person.transport._current()
    calls, seen = 0, set()
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        for operation in ALL:
            for authorization in (f"Bearer {MARK}", MARK, f"Bearer {token}"):
                for number, url in enumerate(urls(operation)):
                    sent = list(bodies(operation)) if number == 0 else list(bodies(operation))[:1]
                    if number == 0:
                        sent += [{"json": one} for one in VALID.get(operation.name, [])]
                    for body in sent:
                        headers = marked(authorization, ADDRESS if calls % 2 else ADDRESS_6) | body.pop("headers", {})
                        answer = await asked(http, operation.method, url, headers=headers, **body)
                        calls += 1
                        seen.add((operation.name, answer.status_code))
                        assert answer.status_code < 500, (operation.name, answer.text)
                        said = answer.content + repr(answer.headers).encode()
                        assert not holds(said, MARK), (operation.name, answer.text[:300])
                        if answer.status_code >= 400:
                            assert WORD.encode() not in said
                            assert ADDRESS.encode() not in said
        for method in (MARK, "TRACE"):
            answer = await http.request(method, "/v1/account", headers=marked(None, ADDRESS))
            assert not holds(answer.content, MARK)
        answer = await http.get("/v1/" + MARK, headers={"host": f"{MARK}.example"})
        assert answer.status_code == 404
        assert not holds(answer.content, MARK)
    for raw in (f"{MARK} {MARK}\r\n\r\n", f"GET /{MARK} HTTP/1.1\r\nHost: x\r\n{MARK}\r\n\r\n",
                f"GET / HTTP/1.1\r\nHost: x\r\nX-A: {MARK * 5000}", f"GET /%00{MARK} HTTP/9.9\r\n\r\n"):  # fmt: skip
        with socket.create_connection(server.address, timeout=10) as half:
            half.sendall(raw.encode())
            half.settimeout(2)
            with contextlib.suppress(TimeoutError, ConnectionError):
                assert not holds(half.recv(65536), MARK)
    await person.close()
    assert {name for name, _ in seen} == {one.name for one in ALL}
    print(f"{calls} marked calls")
    assert server.stop() == 0
    assert leaks(server.data, [MARK.encode()]) == []
    packed = [ADDRESS.encode(), ADDRESS_6.encode(), ipaddress.ip_address(ADDRESS_6).packed[:7]]
    assert leaks(server.data, packed) == []
    for path in server.data.rglob("*"):
        if path.is_file():
            assert ipaddress.ip_address(ADDRESS).packed not in path.read_bytes(), path.name
    # The search itself finds what sign-up is there to store.
    assert leaks(server.data, [WORD.encode()]) != []
    lines = server.lines()
    assert lines, "a debug log without a line shows nothing"
    for line in lines:
        told = json.loads(line)
        assert set(told) <= LINE, line
        assert not any(holds(line.encode(), secret) for secret in (MARK, WORD, token)), line
        assert not any(text in line for text in (ADDRESS, ADDRESS_6, "127.0.0.1", "/v1/")), line
