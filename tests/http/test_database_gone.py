"""PostgreSQL falls and comes back twice while several devices write: clear errors, and nothing to mend by hand."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from real import real_server
from tests.simulators.postgres import Cluster
from tests.simulators.world import PASS
from tests.soak import check

from mindhaven.errors import UnavailableError
from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.errors import OvertakenError

WRITERS = 3
NUMBERED_SECONDS = 30


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that this test may fell; it keeps what it said it has."""
    made = Cluster(durable=True)
    yield made
    made.stop()


def mood(note: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.0, "note": note})


def watched(client: AsyncMindhaven, busy: Counter[int]) -> None:
    """Count the answers that said "not now", also those after which the SDK tried again by itself."""

    async def answered(response: httpx.Response) -> None:
        if response.status_code >= 500:
            busy[response.status_code] += 1

    client.transport._http.event_hooks = {"response": [answered]}


async def write(client: AsyncMindhaven, name: str, met: Counter[str], stop: asyncio.Event) -> list[str]:
    """Write and sync until told to stop, then until nothing waits; return every text."""
    texts: list[str] = []
    while not stop.is_set() or client.store.queued():
        if not stop.is_set():
            texts.append(f"{name} {len(texts)}")
            client.add(mood(texts[-1]))
        try:
            await client.sync()
        except (UnavailableError, OvertakenError) as error:
            met[error.reason] += 1
        await asyncio.sleep(0.02)
    return texts


async def test_writers_go_on_by_themselves_after_the_database_was_gone(tmp_path: Path, cluster: Cluster) -> None:
    met: Counter[str] = Counter()
    busy: Counter[int] = Counter()
    given = {"MINDHAVEN_SERVER_DATABASE": cluster.dsn(), "MINDHAVEN_SERVER_WORKERS": "2", "TEST_NO_LIMITS": "1"}
    with real_server(tmp_path, given) as server:
        clients = []
        for number in range(WRITERS):
            client = AsyncMindhaven.create(tmp_path / f"home {number}", server.url, passphrase=PASS)
            await client.sign_up(PASS, word="ana")
            watched(client, busy)
            clients.append(client)
        stop = asyncio.Event()
        tasks = [asyncio.create_task(write(one, f"w{n}", met, stop)) for n, one in enumerate(clients)]
        for _ in range(2):
            await asyncio.sleep(1)
            await asyncio.to_thread(cluster.fall)
            await asyncio.sleep(1)
            await asyncio.to_thread(cluster.rise)
        await asyncio.sleep(1)
        stop.set()
        async with asyncio.timeout(60):
            written = await asyncio.gather(*tasks)
        for texts, client in zip(written, clients, strict=True):
            fresh = AsyncMindhaven.create(tmp_path / f"fresh {client.me.handle}", server.url, passphrase=PASS)
            await fresh.log_in(client.me.handle, PASS)
            await fresh.sync()
            assert check.texts(fresh) == Counter(texts)
            await fresh.close()
            await client.close()
        assert busy, "nobody met the fall: this shows nothing"
        assert set(busy) == {503}, busy
        assert set(met) <= check.ALLOWED_AWAY | {"offline", "overtaken", "unavailable"}, met
        until = time.monotonic() + NUMBERED_SECONDS
        while check.unnumbered(await check.rows(cluster.dsn())) and time.monotonic() < until:
            await asyncio.sleep(0.2)
        assert server.stop() == 0
        assert not [line for line in server.lines() if '"level": "error"' in line]
    rows = await check.rows(cluster.dsn())
    assert check.unnumbered(rows) == 0
    assert check.numbered(rows) + check.stored(rows) + check.ledger(rows) == []
    assert sum(map(len, written)) > 2 * WRITERS, "so few writes show nothing"
