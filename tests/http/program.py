"""A server with a few operations for the tests of HTTP; run as a process it serves them: `program.py DATA [BIND]`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from mindhaven.errors import ConflictError
from mindhaven.kernel import Actor, Body, BodyStream, Denied, Host, Operation, Slice
from mindhaven.server.serve import serve
from mindhaven.server.settings import load_server


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    count: int = 0


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    after: int = 0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    text: str


class TestSession:
    __test__ = False

    def __init__(self, roles: frozenset[str]) -> None:
        self.actor = Actor("person", b"p" * 32, None)
        self.roles = roles

    def may(self, who: str) -> bool:
        return who == "session" or who in self.roles


async def authenticate(_host: Host, request: Any) -> Any:
    given = request.header("authorization")
    if given is None:
        return Denied("no-session", "Sign in first.")
    return TestSession(frozenset(given.split()))


async def echo(_host: Host, request: Any) -> Seen:
    return Seen(text=f"{request.body.text}{request.body.count}")


async def page(_host: Host, request: Any) -> Seen:
    return Seen(text=f"{request.params['collection'].hex()}:{request.query.after}")


async def raw(_host: Host, request: Any) -> bytes:
    return request.body[::-1]


async def counted(_host: Host, request: Any) -> Seen:
    size = 0
    async for piece in request.pieces():
        size += len(piece)
    return Seen(text=str(size))


async def client(_host: Host, request: Any) -> Seen:
    return Seen(text=f"{request.client} {request.secure}")


async def slow(_host: Host, _request: Any) -> Seen:
    await asyncio.sleep(1.0)
    return Seen(text="done")


async def crash(_host: Host, _request: Any) -> Seen:
    raise ValueError("canary-7f3a of a person")


async def conflict(_host: Host, _request: Any) -> Seen:
    raise ConflictError("Overtaken.", code="head-moved")


async def refuse(_host: Host, _request: Any) -> Denied:
    return Denied("frozen", "This account is frozen.", "Ask the office.")


async def nothing(_host: Host, _request: Any) -> None:
    return None


async def _many(fail_at: int) -> AsyncIterator[bytes]:
    for number in range(5):
        if number == fail_at:
            raise ConflictError("Overtaken.", code="head-moved")
        yield bytes([number]) * 1000


async def streamed(_host: Host, request: Any) -> AsyncIterator[bytes]:
    return _many(request.params["at"])


def _op(name: str, method: str, path: str, run: Any, **more: Any) -> Operation:
    return Operation(name=f"test.{name}", method=method, path=path, run=run, summary=name, **{"who": "anyone"} | more)


OPERATIONS = (
    _op("echo", "POST", "/v1/echo", echo, takes=Note, gives=Seen, max_body_bytes=1000),
    _op("page", "GET", "/v1/collections/{collection}", page, query=Page, gives=Seen),
    _op("raw", "PUT", "/v1/raw", raw, takes=Body, gives=bytes, max_body_bytes=1000),
    _op("counted", "POST", "/v1/counted", counted, takes=BodyStream, gives=Seen, max_body_bytes=10_000),
    _op("client", "GET", "/v1/client", client, gives=Seen),
    _op("slow", "GET", "/v1/slow", slow, gives=Seen),
    _op("crash", "GET", "/v1/crash", crash, gives=Seen),
    _op("conflict", "GET", "/v1/conflict", conflict, gives=Seen),
    _op("refuse", "GET", "/v1/refuse", refuse, gives=Seen, refuses={"frozen": 423}),
    _op("nothing", "DELETE", "/v1/nothing", nothing, who="session"),
    _op("slot", "POST", "/v1/slot", nothing, who="slot-now"),
    _op("officer", "GET", "/v1/officer", nothing, who="role:officer"),
    _op("streamed", "GET", "/v1/streamed/{at:int}", streamed, gives=bytes),
    _op("limited", "GET", "/v1/limited", nothing, limit="test"),
)
SLICE = Slice(name="test", operations=OPERATIONS)


if __name__ == "__main__":
    settings = load_server(
        [SLICE],
        environment={name: value for name, value in os.environ.items() if name.startswith("MINDHAVEN_")},
        overrides={"server.data": sys.argv[1], "server.bind": "127.0.0.1:0"},
    )
    if len(sys.argv) > 2:
        from mindhaven.server.connection import Connection

        Connection.head_seconds = float(sys.argv[2])
    sys.exit(serve(settings, slices=[SLICE], authenticate=authenticate))
