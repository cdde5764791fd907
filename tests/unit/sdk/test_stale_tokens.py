"""A token that ended before its time: every call that meets it tries once more with the new one, whoever found out."""

import asyncio
import time

import httpx
import pytest

from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.transport import Transport


async def test_two_calls_that_meet_an_ended_token_both_go_on() -> None:
    slow, fast = asyncio.Event(), asyncio.Event()
    asked: list[tuple[str, str]] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        asked.append((request.url.path, token))
        if token == "old" * 8:
            if request.url.path == "/v1/slow":
                await slow.wait()  # its refusal comes only after the other call has let the token go
            else:
                fast.set()
            return httpx.Response(401, json={"code": "session-ended", "detail": "This access has ended."})
        return httpx.Response(200, content=b"done")

    renewed = asyncio.Event()

    async def renew() -> None:
        slow.set()
        await renewed.wait()  # while one call renews, the other one's refusal arrives
        transport.use_token("new" * 8, int(time.time()) + 600)

    transport = Transport("https://mindhaven.test", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    transport.use_token("old" * 8, int(time.time()) + 600)
    transport.renew = renew
    calls = [asyncio.create_task(transport.cbor("GET", f"/v1/{name}")) for name in ("slow", "fast")]
    await fast.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    renewed.set()
    assert await asyncio.gather(*calls) == [b"done", b"done"]
    assert sorted(asked) == sorted(
        [(f"/v1/{name}", token * 8) for name in ("slow", "fast") for token in ("old", "new")]
    )
    await transport.close()


async def test_a_token_that_is_refused_twice_is_told() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"code": "session-ended", "detail": "This access has ended."})

    async def renew() -> None:
        transport.use_token("new" * 8, int(time.time()) + 600)

    transport = Transport("https://mindhaven.test", http=httpx.AsyncClient(transport=httpx.MockTransport(refuse)))
    transport.use_token("old" * 8, int(time.time()) + 600)
    transport.renew = renew
    with pytest.raises(SignedOutError):
        await transport.cbor("GET", "/v1/any")
    await transport.close()
