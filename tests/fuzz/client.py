"""The real client against a server whose answers are changed on their way: only named errors, and no lasting harm.

After each hostile call the same device meets the honest server again; it must sync, and show what it should.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from tests.fuzz.mutate import any_of
from tests.fuzz.run import Found, stable, where
from tests.simulators.world import PASS, Time, mood, world

from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Limit, Limits, system_random
from mindhaven.kernel.limits import DEFAULT_LIMITS
from mindhaven.protocol.card import Card
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes

CALL_SECONDS = 20.0
"""A call may take so long at most: it may ask several times, and each answer may ask it to wait up to two seconds."""
KEY = SealKey(bytes(range(32)))
ORIGIN = "https://mindhaven.test"
STATUSES = (200, 204, 206, 301, 400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 503)
RETRY_AFTER = ("0", "1", "-1", "99999999999999999999", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "", "1.5", "٣", "1e3")

Call = Callable[[AsyncMindhaven], Awaitable[object]]


async def _write(client: AsyncMindhaven) -> None:
    client.add(mood("written", at=int(time.time())))
    await client.sync()


async def _share(client: AsyncMindhaven) -> None:
    await client.share("mood", "bea")


async def _stop(client: AsyncMindhaven) -> None:
    await client.stop_sharing("mood", "bea")


async def _renew(client: AsyncMindhaven) -> None:
    client.transport.use_token(None)
    await client.access.renew()
    await client.sync()


async def _file(client: AsyncMindhaven) -> None:
    for entry in client.entries():
        if entry.notes.files:
            async for _ in client.read_file(entry):
                pass


async def _candidate(client: AsyncMindhaven) -> None:
    await client.people.candidate("bea-000000")


async def _invite(client: AsyncMindhaven) -> None:
    await client.sharing.accept(await client.sharing.invite(), name="me", inviter_name="me too")


CALLS: dict[str, Call] = {
    "sync": lambda client: client.sync(),
    "write": _write,
    "share": _share,
    "stop sharing": _stop,
    "renew": _renew,
    "read a file": _file,
    "candidate": _candidate,
    "invite": _invite,
    "shares": lambda client: client.sharing.shares(),
    "answers": lambda client: client.sharing.answers(),
    "devices": lambda client: client.devices(),
    "pending": lambda client: client.pending(),
    "account": lambda client: client.access.shown(client.me.uid),
}


class _Proxy(httpx.AsyncBaseTransport):
    """Stands between client and server; while it has dice, it changes a share of the answers.

    A refused push is not made to look as if it had landed: that lie is known to be found as a fork at the next sync.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.dice: random.Random | None = None
        self.share = 0.0
        self.last = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = await self._inner.handle_async_request(request)
        content, dice = await response.aread(), self.dice
        early = request.url.path.startswith("/v1/sessions/") and dice is not None and dice.random() < 0.8
        if dice is None or early or dice.random() > self.share:  # most calls begin with a new token
            return httpx.Response(response.status_code, headers=response.headers, content=content)
        status, headers = response.status_code, {"content-type": response.headers.get("content-type", "")}
        if dice.random() < 0.25:
            good = response.is_success or request.method == "GET"
            status = dice.choice([one for one in STATUSES if good or one >= 300])
            headers["content-type"] = dice.choice(("application/cbor", "application/json", "text/html", "x"))
            if dice.random() < 0.5:
                headers["retry-after"] = dice.choice(RETRY_AFTER)
        if status == response.status_code or dice.random() < 0.5:
            content = any_of(content, dice, ()) if content else dice.choice((b"", b"\x80", b"{}", b"\xff"))
        self.last = content
        raw = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, content=content)


async def _prepare(client: AsyncMindhaven, other: AsyncMindhaven, folder: Path) -> None:
    await client.sign_up(PASS, word="ana")
    await other.sign_up(PASS, word="bea")
    await client.sharing.add_contact(Card(other.me.handle, other.me.uid), name="bea", checked="card")
    path = folder / "file"
    path.write_bytes(b"content" * 3000)
    notes = Notes(files=(await client.attach("mood", path, media_type="text/plain"),))
    now = int(time.time())
    client.add(mood("with a file", at=now), notes=notes)
    for number in range(12):
        client.add(mood(f"number {number}", at=now - number * 86_400 * 10))
    await client.sync()
    await client.share("mood", "bea")
    link = await client.sharing.invite()
    await other.sharing.accept(link, name="Bea", inviter_name="Ana")


async def fuzz_client(*, seed: int, seconds: float, most: int) -> Found:
    """Play calls against changed answers until the seconds are over."""
    dice = random.Random(f"{seed}/client")
    found = Found("client")
    moment = Time()
    moment.now = int(time.time())
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as temporary:
        folder = Path(temporary)
        async with world(folder / "world", moment) as (server, _):
            server.host.limits = Limits(
                {name: Limit(burst=10**9, per_minute=10**9) for name in DEFAULT_LIMITS}, system_random
            )
            transport = _Proxy(httpx.ASGITransport(app=server.app, client=("127.0.0.1", 1)))  # type: ignore[arg-type]

            def device(home: Path, *, make: bool = False) -> AsyncMindhaven:
                http = httpx.AsyncClient(transport=transport)
                if make:
                    return AsyncMindhaven.create(home, ORIGIN, passphrase=None, key=KEY, http=http)
                return AsyncMindhaven.open(home, key=KEY, http=http)

            ana, bea = device(folder / "ana", make=True), device(folder / "bea", make=True)
            await _prepare(ana, bea, folder)
            texts = sorted(_texts(ana))
            await ana.close()
            await bea.close()
            until = time.monotonic() + seconds
            while time.monotonic() < until and found.inputs < most:
                moment.now = int(time.time())
                await _round(folder, device, transport, dice, found, set(texts))
    return found


def _texts(client: AsyncMindhaven) -> set[str]:
    return {str(one.record.body["note"]) for one in client.entries(kind="mindhaven/mood") if one.record}


async def _round(
    folder: Path,
    device: Callable[[Path], AsyncMindhaven],
    proxy: _Proxy,
    dice: random.Random,
    found: Found,
    texts: set[str],
) -> None:
    """Copy a device, let it call once or twice against changed answers, then bring it home."""
    home = folder / "copy"
    shutil.copytree(folder / dice.choice(("ana", "ana", "bea")), home)
    client = device(home)
    proxy.dice, proxy.share, proxy.last = dice, dice.choice((0.1, 0.3, 1.0)), b""
    name = dice.choice(list(CALLS))
    mine = client.me.handle.startswith("ana")
    found.inputs += 1
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            await CALLS[name](client)
        found.taken += 1
    except MindhavenError as error:
        found.codes[error.reason] += 1
        if wrong := stable(error):
            found.fault(f"{name}: {wrong}", proxy.last)
    except TimeoutError:
        found.fault(f"{name}: takes more than {CALL_SECONDS:.0f} s", proxy.last)
    except Exception as error:  # this is what is looked for
        found.fault(f"{name}: {where(error)}", proxy.last)
    found.slowest_ms = max(found.slowest_ms, (time.perf_counter() - begun) * 1000)
    proxy.dice = None
    try:
        client.transport.use_token(None)
        await client.sync()
        missing = (texts if mine else set()) - _texts(client)
        if missing:
            found.fault(f"{name}: afterwards {len(missing)} entries are not shown", proxy.last)
    except Exception as error:
        reason = error.reason if isinstance(error, MindhavenError) else where(error)
        found.fault(f"{name}: afterwards the honest server is refused: {reason}", proxy.last)
    await client.close()
    shutil.rmtree(home)
