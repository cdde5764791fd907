"""Many writers at once through a real server: nothing fails, nothing is lost, events are numbered without gaps."""

import asyncio
import time
from pathlib import Path
from typing import Self

import apsw
import asyncpg
import httpx
from bench.bench import PASS, Chain, quantile
from real import Real, real_server

from mindhaven.crypto.encoding import decode, encode
from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire.ids import to_text

PATIENCE = 12
"""Tries of one push that is answered "not now": an honest client waits and repeats it, byte for byte."""


class Connection:
    """One kept-alive connection. Not httpx: its pool alone makes 200 ms of a 20 ms answer when 16 ask at once."""

    def __init__(self, server: Real, token: str) -> None:
        self._address = server.address
        self._head = f"host: {server.url.partition('//')[2]}\r\nauthorization: Bearer {token}\r\n"

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}content-type: application/cbor\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        return int(lines[0].split()[1]), await self._reader.readexactly(length)

    async def push(self, path: str, body: bytes) -> tuple[float, list[int]]:
        """Push until taken; return the seconds of the call that was taken, and every status on the way."""
        statuses: list[int] = []
        for _ in range(PATIENCE):
            started = time.perf_counter()
            status, said = await self.post(path, body)
            statuses.append(status)
            if status == 200:
                return time.perf_counter() - started, statuses
            assert status == 503, said
            await asyncio.sleep(0.05)
        raise AssertionError(statuses)


async def write(server: Real, home: Path, *, writers: int, pushes: int) -> tuple[list[float], list[int]]:
    """Let each writer push to a collection of its own, all at once; check every head; return times and statuses."""
    person = AsyncMindhaven.create(home, server.url, passphrase=PASS)
    await person.sign_up(PASS, word="ana")
    token = await person.transport._current()
    base = f"{server.url}/v1/collections"
    chains = [Chain(person) for _ in range(writers)]
    begun = [chain.begin() for chain in chains]
    bodies = [[chain.open_epoch(), *(chain.batch(1) for _ in range(pushes))] for chain in chains]
    times: list[float] = []
    statuses: list[int] = []

    async def one(number: int) -> None:
        collection, genesis = begun[number]
        async with Connection(server, token) as connection:
            await connection.push("/v1/collections", genesis)
            for index, body in enumerate(bodies[number]):
                seconds, seen = await connection.push(f"/v1/collections/{to_text(collection)}/commits", body)
                statuses.extend(seen)
                if index:  # the first opens an epoch: two signatures, not a small push
                    times.append(seconds)

    await asyncio.gather(*(one(number) for number in range(writers)))
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        listed = (await http.get(base, headers=headers)).json()["collections"]
        assert len(listed) == writers + 1  # and the person's index
        for chain, (collection, _) in zip(chains, begun, strict=True):
            page = await http.get(f"{base}/{to_text(collection)}/commits?since=-1", headers=headers)
            seq, head, entries = decode(page.content)
            assert (seq, head, len(entries)) == (chain.seq, chain.head, pushes + 2)
            assert sum(len(items) for _, items in entries) == pushes
            assert all(item is not None for _, items in entries for item in items)
    await person.close()
    return times, statuses


async def test_sixteen_writers_on_sixteen_collections(tmp_path: Path) -> None:
    with real_server(tmp_path, {"TEST_NO_LIMITS": "1"}) as server:
        times, statuses = await write(server, tmp_path / "home", writers=16, pushes=40)
        print(f"16 writers: p50 {quantile(times, 0.5):.1f} ms, p99 {quantile(times, 0.99):.1f} ms, {len(times)} pushes")
        assert set(statuses) == {200}
        assert server.stop() == 0
        assert not [line for line in server.lines() if '"level": "error"' in line]
    rows = apsw.Connection(str(tmp_path / "data" / "mindhaven.db")).execute("SELECT position FROM event").fetchall()
    assert sorted(row[0] for row in rows) == list(range(len(rows)))


async def test_eight_clients_at_two_workers_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    given = {"MINDHAVEN_SERVER_DATABASE": postgres_url, "MINDHAVEN_SERVER_WORKERS": "2", "TEST_NO_LIMITS": "1"}
    with real_server(tmp_path, given) as server:
        times, statuses = await write(server, tmp_path / "home", writers=8, pushes=10)
        print(f"8 clients, 2 workers: p50 {quantile(times, 0.5):.1f} ms, p99 {quantile(times, 0.99):.1f} ms")
        print(f"answered 503 and repeated: {statuses.count(503)} of {len(statuses)}")
        assert server.stop() == 0
        assert not [line for line in server.lines() if '"level": "error"' in line]
    connection = await asyncpg.connect(postgres_url)
    try:
        positions = [row[0] for row in await connection.fetch("SELECT position FROM event ORDER BY position")]
        commits = await connection.fetchval("SELECT COUNT(*) FROM vault_commit")
    finally:
        await connection.close()
    assert positions == list(range(len(positions)))
    assert commits >= 8 * 12


async def test_an_item_that_is_there_already_is_refused_by_name(tmp_path: Path, database_url: str) -> None:
    """New items are not looked for before they are written; the table's key finds one that is not new."""
    with real_server(tmp_path, {"MINDHAVEN_SERVER_DATABASE": database_url, "TEST_NO_LIMITS": "1"}) as server:
        person = AsyncMindhaven.create(tmp_path / "home", server.url, passphrase=PASS)
        await person.sign_up(PASS, word="ana")
        token = await person.transport._current()
        chain = Chain(person)
        collection, genesis = chain.begin()
        path = f"/v1/collections/{to_text(collection)}/commits"
        async with Connection(server, token) as connection:
            await connection.push("/v1/collections", genesis)
            await connection.push(path, chain.open_epoch())
            await connection.push(path, chain.batch(3))
            first = chain.put(b"i" * 16, revision=1)
            assert await connection.post(path, first) == (200, encode([chain.seq, chain.head]))
            seq, head = chain.seq, chain.head
            status, said = await connection.post(path, chain.put(b"i" * 16, revision=1))
            assert (status, b'"code":"revision-order"' in said) == (403, True)
            chain.seq, chain.head = seq, head
            assert (await connection.post(path, chain.put(b"i" * 16, revision=2)))[0] == 200
        await person.close()
        assert server.stop() == 0
        assert not [line for line in server.lines() if '"level": "error"' in line]
