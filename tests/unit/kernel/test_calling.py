"""The transport of outgoing calls, against a server of raw bytes on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mindhaven.errors import InvalidInputError, MindhavenError, UnavailableError
from mindhaven.kernel import AllowList, Call, HttpCalls, calling


@asynccontextmanager
async def answering(raw: bytes, *, seconds: float = 0.0) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request with `raw`; give the address and the heads that came."""
    heads: list[bytes] = []

    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                await asyncio.sleep(seconds)
                writer.write(raw)
                await writer.drain()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", heads
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def answer(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body


def call(url: str) -> Call:
    return Call(method="GET", url=url, purpose="test")


def refused(code: str, kind: type[MindhavenError] = UnavailableError):
    return pytest.raises(kind, check=lambda error: error.reason == code)


@pytest.fixture
async def calls() -> AsyncIterator[HttpCalls]:
    made = HttpCalls()
    yield made
    await made.close()


async def test_an_answer_as_it_is(calls: HttpCalls) -> None:
    async with answering(answer(b"7\n", "409 Conflict", "Content-Type: text/x.tlog.size\r\n")) as (url, _):
        reply = await calls(call(url))
        assert (reply.status, reply.body, reply.headers["content-type"]) == (409, b"7\n", "text/x.tlog.size")


async def test_no_redirect_is_followed_and_no_cookie_kept(calls: HttpCalls) -> None:
    raw = answer(b"", "302 Found", "Location: /elsewhere\r\nSet-Cookie: who=me\r\n")
    async with answering(raw) as (url, heads):
        assert (await calls(call(url))).status == 302
        await calls(call(url))
        assert len(heads) == 2
        assert b"cookie" not in heads[1].lower()


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(answer(b"proxy")) as (proxy, asked), answering(answer(b"right")) as (url, _):
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        made = HttpCalls()
        assert (await made(call(url))).body == b"right"
        assert asked == []
        await made.close()


async def test_a_large_a_late_and_a_missing_answer(calls: HttpCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(answer(b"x" * (calling.MAX_REPLY_BYTES + 1))) as (url, _):
        with refused("outbound-size"):
            await calls(call(url))
    async with answering(answer(b"x" * calling.MAX_REPLY_BYTES)) as (url, _):
        assert len((await calls(call(url))).body) == calling.MAX_REPLY_BYTES
    with refused("outbound-unreached"):
        await calls(call(url))
    with refused("outbound-unreached"):
        await calls(call("http://127.0.0.1:99999/"))
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.2)
    async with answering(answer(b""), seconds=5) as (url, _):
        with refused("outbound-late"):
            await calls(call(url))


async def test_it_stands_behind_the_allow_list(calls: HttpCalls) -> None:
    async with answering(answer(b"here")) as (url, _):
        assert (await AllowList([url.removeprefix("http://")], transport=calls).send(call(url))).body == b"here"


def test_authorities_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("nothing")
    for name in ("ca", "absent"):
        with refused("outbound-ca", InvalidInputError):
            HttpCalls(str(tmp_path / name))
