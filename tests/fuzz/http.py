"""Raw bytes at a real server: recorded honest requests, changed, on a socket.

What must hold: an answer below 500, or a documented 503, or a closed connection; a request that is whole is answered
in time; afterwards the server is well, has not grown, and logged no unexpected error.
"""

import random
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.fuzz.mutate import any_of, changed
from tests.fuzz.run import Found
from tests.simulators.world import mood
from tests.soak.server import Fallen

from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes

ANSWER_SECONDS = 10.0
BROKEN_SECONDS = 0.15
"""A mangled head may leave the server waiting for more; it is left alone after so long."""
GROWN_KIB = 200 * 1024
ALLOWED_503 = {b"queue-full", b"write-conflict", b"commit-failed"}
PASS = "a fuzz of five quiet words"
_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ")
_CODE = re.compile(rb'"code":"([a-z0-9-]+)"')
_LEFT_OUT = (("DELETE", "/v1/account"), ("POST", "/v1/sessions/end"))
"""Calls that would end the account itself."""
QUERIES = ("since=", "since=-1", "since=0", "since=99999999999999999999", "since=1&since=2", "%00=%ff", "a" * 3000)


@dataclass(frozen=True)
class Asked:
    """One honest request."""

    method: str
    path: str
    media: str
    body: bytes


async def record(url: str, folder: Path) -> tuple[list[Asked], str]:
    """Live through most operations with real clients; return what they sent, and a token."""
    asked: list[Asked] = []

    async def hook(request: httpx.Request) -> None:
        body = await request.aread()
        media = request.headers.get("content-type", "")
        if (request.method, request.url.path) not in _LEFT_OUT and len(body) < 100_000:
            asked.append(Asked(request.method, request.url.raw_path.decode(), media, body))

    def client(name: str) -> AsyncMindhaven:
        http = httpx.AsyncClient(timeout=30, trust_env=False, event_hooks={"request": [hook]})
        return AsyncMindhaven.create(folder / name, url, passphrase=PASS, http=http)

    ana, bea, laptop = client("ana"), client("bea"), client("laptop")
    await ana.sign_up(PASS, word="ana")
    await bea.sign_up(PASS, word="bea")
    await laptop.log_in(ana.me.handle, PASS)
    await ana.sharing.add_contact(Card(bea.me.handle, bea.me.uid), name="bea", checked="card")
    (folder / "file").write_bytes(b"content" * 900)
    notes = Notes(files=(await ana.attach("mood", folder / "file", media_type="text/plain"),))
    item = ana.add(mood("one", at=int(time.time())), notes=notes)
    await ana.sync()
    await ana.share("mood", "bea")
    await bea.sync()
    async for _ in ana.read_file(ana.entry(item)):
        pass
    link = await ana.sharing.invite()
    await bea.sharing.accept(link, name="Bea", inviter_name="Ana")
    await ana.sharing.answers()
    await ana.sharing.shares()
    await ana.stop_sharing("mood", "bea")
    ana.erase(ana.entry(item))
    await ana.sync()
    await ana.devices()
    await ana.pending()
    await ana.people.candidate(bea.me.handle)
    await ana.new_recovery_key(PASS)
    await ana.access.renew()
    token = await ana.transport._current()
    for one in (ana, bea, laptop):
        await one.close()
    return asked, token


def _head(one: Asked, token: str, length: int) -> bytes:
    lines = [f"{one.method} {one.path} HTTP/1.1", "host: 127.0.0.1", f"authorization: Bearer {token}"]
    if one.media:
        lines.append(f"content-type: {one.media}")
    lines += [f"content-length: {length}", "connection: close", "", ""]
    return "\r\n".join(lines).encode()


def _request(one: Asked, token: str, dice: random.Random, bodies: list[bytes]) -> tuple[bytes, bool]:
    """Return the bytes to send, and whether they are a whole request that must be answered."""
    rolled = dice.random()
    if rolled < 0.6:
        body = any_of(one.body, dice, bodies) if one.body else dice.choice((b"", b"{}", b"\x80"))
        return _head(one, token, len(body)) + body, True
    if rolled < 0.75:
        path = one.path.partition("?")[0]
        path = path[: path.rfind("/") + 1] + changed(path[path.rfind("/") + 1 :].encode(), dice, ()).hex()
        query = "?" + dice.choice(QUERIES) if dice.random() < 0.7 else ""
        asked = Asked(dice.choice(("GET", "POST", "PUT", "DELETE", one.method)), path + query, one.media, one.body)
        if dice.random() < 0.5:
            asked = Asked(one.method, one.path.partition("?")[0] + query, one.media, one.body)
        return _head(asked, token, len(one.body)) + one.body, True
    return changed(_head(one, token, len(one.body)) + one.body, dice, bodies), False


def _send(address: tuple[str, int], data: bytes, seconds: float) -> tuple[bytes, bool]:
    """Send; return what came until the end, and whether it came to its end in time."""
    got = b""
    with socket.create_connection(address, timeout=5) as link:
        link.settimeout(seconds)
        try:
            link.sendall(data)
            while len(got) < 10_000_000:
                piece = link.recv(65_536)
                if not piece:
                    return got, True
                got += piece
        except TimeoutError:
            return got, False
        except OSError:
            return got, True
    return got, True


def _judge(found: Found, data: bytes, got: bytes, *, ended: bool, whole: bool) -> None:
    status = _STATUS.match(got)
    if status is None:
        if got:
            found.fault("an answer that is no HTTP", data)
        elif whole:
            found.fault("a whole request without an answer" + ("" if ended else f" in {ANSWER_SECONDS:.0f} s"), data)
        found.codes["closed" if ended else "left waiting"] += 1
        return
    number = int(status[1])
    code = _CODE.search(got)
    said = code[1] if code else b""
    found.codes[f"{number} {said.decode()}".strip()] += 1
    found.taken += number < 300
    if number >= 500 and not (number == 503 and said in ALLOWED_503):
        found.fault(f"answered {number} {said.decode()}", data)


def size_kib(process: int) -> int:
    """Return a process's size in memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1])  # type: ignore[index]


def fuzz_http(server: Fallen, asked: list[Asked], token: str, *, seed: int, seconds: float, most: int) -> Found:
    """Send changed requests until the seconds are over; then look at the server."""
    dice = random.Random(f"{seed}/http")
    found = Found("HTTP")
    host, _, port = server.url.partition("//")[2].rpartition(":")
    address = (host, int(port))
    bodies = [one.body for one in asked if one.body]
    before = size_kib(server.process_id)
    until = time.monotonic() + seconds
    while time.monotonic() < until and found.inputs < most:
        data, whole = _request(dice.choice(asked), token, dice, bodies)
        found.inputs += 1
        begun = time.perf_counter()
        got, ended = _send(address, data, ANSWER_SECONDS if whole else BROKEN_SECONDS)
        found.slowest_ms = max(found.slowest_ms, (time.perf_counter() - begun) * 1000)
        _judge(found, data, got, ended=ended, whole=whole)
    if httpx.get(f"{server.url}/healthz", timeout=5, trust_env=False).status_code != 200:
        found.fault("afterwards the server is not well", b"")
    grown = size_kib(server.process_id) - before
    if grown > GROWN_KIB:
        found.fault(f"the server grew by {grown // 1024} MiB", b"")
    for line in server.errors():
        found.fault(f"logged: {line[:300]}", b"")
    return found
