"""What live streams do when something is lost: the database, a notification, a reader, the server itself."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from real import real_server
from tests.simulators.postgres import Cluster
from tests.simulators.world import PASS

from mindhaven.errors import UnavailableError
from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven


def mood(note: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.0, "note": note})


def notes(client: AsyncMindhaven) -> set[str]:
    return {str(one.record.body["note"]) for one in client.entries() if one.record}


class Pair:
    """Two devices of one person: the first writes, the second follows."""

    def __init__(self, tmp: Path, url: str) -> None:
        self.writer = AsyncMindhaven.create(tmp / "writer", url, passphrase=PASS)
        self.follower = AsyncMindhaven.create(tmp / "follower", url, passphrase=PASS)
        self.away = 0
        self.found: dict[str, float] = {}

    async def begin(self) -> None:
        await self.writer.sign_up(PASS, word="ana")
        await self.write("first")
        await self.follower.log_in(self.writer.me.handle, PASS)
        self._task = asyncio.create_task(self._follow())
        await self.has("first")

    async def _follow(self) -> None:
        async for _ in self.follower.follow(away=self._gone):
            for note in notes(self.follower):
                self.found.setdefault(note, time.monotonic())

    def _gone(self, _error: Exception) -> None:
        self.away += 1

    async def write(self, note: str) -> float:
        self.writer.add(mood(note))
        await self.writer.sync()
        return time.monotonic()

    async def has(self, note: str, seconds: float = 20) -> float:
        async with asyncio.timeout(seconds):
            while note not in self.found:
                assert not self._task.done(), self._task.exception()
                await asyncio.sleep(0.01)
        return self.found[note]

    async def end(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.writer.close()
        await self.follower.close()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that this test may fell."""
    made = Cluster()
    yield made
    made.stop()


async def test_a_database_that_falls_and_comes_back_is_followed_again(tmp_path: Path, cluster: Cluster) -> None:
    with real_server(tmp_path, {"MINDHAVEN_SERVER_DATABASE": cluster.dsn(), "TEST_NO_LIMITS": "1"}) as server:
        pair = Pair(tmp_path, server.url)
        await pair.begin()
        cluster.fall()
        pair.writer.add(mood("while it was away"))
        async with asyncio.timeout(20):  # it is refused, and not left to hang
            with pytest.raises(UnavailableError):
                await pair.writer.sync()
        cluster.rise()
        async with asyncio.timeout(20):
            while pair.writer.store.queued():
                with contextlib.suppress(UnavailableError):
                    await pair.writer.sync()
                await asyncio.sleep(0.1)
        await pair.has("while it was away")
        await asyncio.sleep(2)  # the connection that hears hints is there again
        written = await pair.write("as ever")
        assert await pair.has("as ever") - written < 2
        await pair.end()
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 5
        assert not [line for line in server.lines() if '"level": "error"' in line]


async def test_a_lost_notification_only_delays(tmp_path: Path, postgres_url: str) -> None:
    """Two processes whose connections that hear notifications are cut before each write."""
    given = {"MINDHAVEN_SERVER_DATABASE": postgres_url, "MINDHAVEN_SERVER_WORKERS": "2", "TEST_NO_LIMITS": "1"}
    with real_server(tmp_path, given) as server:
        pair = Pair(tmp_path, server.url)
        await pair.begin()
        connection = await asyncpg.connect(postgres_url)
        cut = 0
        for number in range(8):
            cut += await connection.fetchval(
                "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
            written = await pair.write(f"note {number}")
            assert await pair.has(f"note {number}") - written < 4
        assert cut >= 2, "no process listened: this shows nothing"
        await connection.close()
        await pair.end()


async def test_a_stop_does_not_wait_for_open_streams(tmp_path: Path) -> None:
    with real_server(tmp_path) as server:
        pair = Pair(tmp_path, server.url)
        await pair.begin()
        began = time.monotonic()
        assert await asyncio.to_thread(server.stop) == 0
        assert time.monotonic() - began < 5
        await pair.end()
        assert not [line for line in server.lines() if '"level": "error"' in line]


def test_a_reader_that_takes_nothing_is_dropped(tmp_path: Path) -> None:
    """It asks for much, many times on one connection, and reads none of it."""
    with real_server(tmp_path, {"TEST_STALLED_SECONDS": "1"}) as server:
        with socket.socket() as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.connect(server.address)
            link.settimeout(20)
            with contextlib.suppress(TimeoutError):
                link.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 400)
            time.sleep(4)
            read = 0
            with contextlib.suppress(ConnectionResetError):
                while part := link.recv(65536):
                    read += len(part)
            assert read < 100 * 50_000, "everything was kept for it"
        with socket.create_connection(server.address, timeout=20) as slow:  # who reads slowly gets it all
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            whole = b""
            while part := slow.recv(4096):
                whole += part
                time.sleep(0.01)
            length = int(whole.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert len(whole.partition(b"\r\n\r\n")[2]) == length
        assert server.stop() == 0
