"""Three real processes on one PostgreSQL behind a proxy: one numbers, a killed one is replaced, hints go to all.

What must hold at the end is judged from the database's rows by `tests.soak.check`, which computes by itself.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
import httpx
from tests.simulators.proxy import Proxy
from tests.simulators.several import Process, processes
from tests.simulators.world import PASS
from tests.soak import check

from mindhaven.errors import UnavailableError
from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.activity import Proof
from mindhaven.sdk.errors import OvertakenError
from mindhaven.sdk.receipts import Standing
from mindhaven.server.slices import SLICES
from mindhaven.wire.ids import to_text

T = TypeVar("T")
TAKEN_OVER_SECONDS = 5
"""Within so long a sequencer that was killed is replaced: the promise, not the code's own value."""
HINT_SECONDS = 1.0
"""A hint is there by then; it takes about a tenth of that on an idle machine."""
DEADLINE_SECONDS = 30


def mood(note: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.0, "note": note})


def notes(client: AsyncMindhaven) -> Counter[str]:
    return Counter(str(one.record.body["note"]) for one in client.entries() if one.record)


async def until(holds: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> float:
    """Wait for it; return the seconds that it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it did not come about"
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


class Follower:
    """A device that follows; `found` says when each text was first here."""

    def __init__(self, client: AsyncMindhaven) -> None:
        self.client = client
        self.found: dict[str, float] = {}
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for _ in self.client.follow():
            for note in notes(self.client):
                self.found.setdefault(note, time.monotonic())

    async def stop(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.client.close()


async def lines(response: httpx.Response, heard: dict[str, float]) -> None:
    """Note when each line of a stream came first."""
    async for line in response.aiter_lines():
        heard.setdefault(line, time.monotonic())


@contextlib.asynccontextmanager
async def stream(process: Process, client: AsyncMindhaven) -> AsyncIterator[dict[str, float]]:
    """Listen at one process with a device's token; yield the lines, each with when it came first."""
    heard: dict[str, float] = {}
    headers = {"authorization": f"Bearer {await client.transport._current()}"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        http.stream("GET", f"{process.url}/v1/live", headers=headers) as response,
    ):
        assert response.status_code == 200
        task = asyncio.create_task(lines(response, heard))
        await until(lambda: ": listening" in heard)
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def hint(collection: bytes, seq: int) -> str:
    """Return the line that tells of a collection's number, written out: base64 as in every JSON call."""
    data = to_text(collection).replace("-", "+").replace("_", "/") + "="
    return f'data: {{"collection":"{data}","seq":{seq}}}'


async def sign_up(home: Path, url: str, word: str) -> AsyncMindhaven:
    client = AsyncMindhaven.create(home, url, passphrase=PASS)
    await client.sign_up(PASS, word=word)
    return client


async def test_a_hint_reaches_a_device_at_another_process(tmp_path: Path, postgres_url: str) -> None:
    with processes(tmp_path, postgres_url, 3) as three:
        await until(lambda: any(one.sequences() for one in three))
        writes_at, listens_at = [one for one in three if not one.sequences()]
        ana = await sign_up(tmp_path / "ana", writes_at.url, "ana")
        ana.add(mood("first"))
        await ana.sync()
        mine = next(one.id for one in ana.collections() if one.name == "mood")
        took = []
        async with stream(listens_at, ana) as heard:
            for number in range(20):
                ana.add(mood(f"note {number}"))
                await ana.syncing.flush()
                pushed = time.monotonic()
                line = hint(mine, ana.store.seq(mine))
                await until(lambda line=line: line in heard, HINT_SECONDS)  # type: ignore[misc]
                took.append(heard[line] - pushed)
        took.sort()
        print(f"hint at another process: p50 {1000 * took[10]:.0f} ms, max {1000 * took[-1]:.0f} ms of {len(took)}")
        assert took[10] < HINT_SECONDS / 2, "processes only look by themselves, each second"
        assert [one.sequences() for one in three].count(True) == 1
        await ana.close()


async def test_a_sequencer_with_nothing_to_number_stays_the_same(tmp_path: Path, postgres_url: str) -> None:
    async with contextlib.AsyncExitStack() as open_:
        three = open_.enter_context(processes(tmp_path, postgres_url, 3))
        connection = await asyncpg.connect(postgres_url)
        open_.push_async_callback(connection.close)
        await until(lambda: any(one.sequences() for one in three))
        before = await lease(connection)
        await asyncio.sleep(TAKEN_OVER_SECONDS + 2)
        assert await lease(connection) == before
        assert [one.sequences() for one in three].count(True) == 1


# -- the sequencer is killed -----------------------------------------------------------------------------------------


async def again(call: Callable[[], Awaitable[T]]) -> T:
    """Call until it works: a connection that was cut is no fault, and an honest program tries again."""
    for _ in range(50):
        try:
            return await call()
        except (UnavailableError, OvertakenError):
            await asyncio.sleep(0.2)
    return await call()


async def write(client: AsyncMindhaven, name: str, stop: asyncio.Event, sent: list[str]) -> list[str]:
    """Write and send until told to stop; return every text, each of which the server has taken at the end."""
    texts: list[str] = []
    while not stop.is_set():
        texts.append(f"{name} {len(texts)}")
        client.add(mood(texts[-1]))
        with contextlib.suppress(UnavailableError):
            await client.sync()
            sent.append(texts[-1])
        await asyncio.sleep(0.05)
    await again(client.sync)
    return texts


async def proven(client: AsyncMindhaven) -> None:
    """Wait until everything that was recorded of this account is proven by the log, verified on the device."""
    for _ in range(60):
        acts = (await again(client.activity)).acts
        if acts and all(one.proof is Proof.PROVEN for one in acts):
            return
        await asyncio.sleep(0.25)
    raise AssertionError(Counter(one.proof for one in acts))


async def verified(url: str, home: Path) -> int:
    """Let the command line verify the whole log of events; return its size."""
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mindhaven", "ledger", "verify", f"{url}/log/audit", "--json",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
    )  # fmt: skip
    out, err = await ran.communicate()
    assert ran.returncode == 0, err.decode()
    return int(json.loads(out)["size"])


async def lease(connection: asyncpg.Connection) -> tuple[bytes, int]:
    row = await connection.fetchrow("SELECT holder, fence FROM lease WHERE name = 'stream'")
    return bytes(row[0]), row[1]


async def often(connection: asyncpg.Connection, seconds: float) -> dict[str, tuple[int, float]]:
    """Return the jobs that ran more often than one process would run them: (runs, how many there may be)."""
    every = {f"job:{job.name}": job.every_seconds for one in SLICES for job in one.jobs}
    runs = await connection.fetch("SELECT name, fence FROM lease WHERE name LIKE 'job:%'")
    assert {"job:ledger.publish", "job:ledger.witness"} <= {name for name, _ in runs}
    most = {name: seconds / every[name] + 2 for name, _ in runs if name in every}
    return {name: (fence, most[name]) for name, fence in runs if name in every and fence > most[name]}


async def test_a_killed_sequencer_is_replaced_and_nothing_is_numbered_twice(tmp_path: Path, postgres_url: str) -> None:
    begun = time.time()
    connection = await asyncpg.connect(postgres_url)
    names = ("ana", "bea", "cyd")
    async with contextlib.AsyncExitStack() as open_:
        three = open_.enter_context(processes(tmp_path, postgres_url, 3, MINDHAVEN_LEDGER_PUBLISH_SECONDS="1"))
        await until(lambda: any(one.sequences() for one in three))
        three.sort(key=lambda one: not one.sequences())
        killed, *others = three
        proxy = await open_.enter_async_context(Proxy([one.address for one in three]))
        people = [await sign_up(tmp_path / name, proxy.url, name) for name in names]
        followers, fronts = [], []
        for number, person in enumerate(people):
            person.add(mood("before"))
            await person.sync()
            turned = three[number:] + three[:number]
            fronts.append(await open_.enter_async_context(Proxy([one.address for one in turned], first=True)))
            assert [one.receipt.position is None for one in person.receipts()] == [False], "numbered by whom it may be"
            second = AsyncMindhaven.create(tmp_path / f"second {number}", fronts[-1].url, passphrase=PASS)
            await second.log_in(person.me.handle, PASS)
            followers.append(Follower(second))
        await until(lambda: all("before" in one.found for one in followers))
        await until(lambda: [front.listening() for front in fronts] == [[0]] * 3)
        stop, sent = asyncio.Event(), list[str]()
        writing = [
            asyncio.create_task(write(person, name, stop, sent)) for person, name in zip(people, names, strict=True)
        ]
        await asyncio.sleep(1)
        before = await lease(connection)
        killed.kill()
        at = time.monotonic()
        took_over = await until(lambda: any(one.sequences() for one in others))
        after = await lease(connection)
        print(f"taken over after {took_over:.1f} s")
        assert took_over < TAKEN_OVER_SECONDS + 2
        assert (after[0] != before[0], after[1]) == (True, before[1] + 1)
        await until(lambda: len(sent) > 30, 60)  # fewer show nothing; what is written after counts as much as before
        await asyncio.sleep(1)
        stop.set()
        written = await asyncio.gather(*writing)
        for texts, one in zip(written, followers, strict=True):
            await until(lambda texts=texts, one=one: set(texts) <= one.found.keys())  # type: ignore[misc]
            assert one.found[texts[-1]] > at
        assert fronts[0].listening() == [1], "the device whose process was killed listens at a stand-in"
        assert [front.listening() for front in fronts[1:]] == [[0], [0]]
        assert [one.sequences() for one in others].count(True) == 1
        for texts, person in zip(written, people, strict=True):
            await again(person.sync)
            assert notes(person) == Counter(["before", *texts])
            await proven(person)
            assert {one.standing for one in await again(person.check_receipts)} == {Standing.PROVEN}
        assert await verified(proxy.url, tmp_path) % 64 == 0
        for one in followers:
            await one.stop()
        for person in people:
            await person.close()
        assert await often(connection, time.time() - begun) == {}
    await connection.close()
    rows = await check.rows(postgres_url)
    assert check.unnumbered(rows) == 0
    assert check.numbered(rows) == []
    assert check.stored(rows) == []
    assert check.ledger(rows) == []
