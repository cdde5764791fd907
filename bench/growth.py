"""`make growth` (`python -m bench.growth`): what changes with size, and many writers at once. It takes minutes.

Growth: nothing-new poll, small push and the pull of the newest hundred items, in a collection of 1,000, 100,000 and
(`--items 1000000`) a million items, filled through the real API by pushes of 1,000. The fill stands beside each figure.
Memory: the server's resident size before, during and after a pull of everything there.
Writers (`--database postgresql`): 8 and 16 people on as many collections, one connection each, on a PostgreSQL of its
own with fsync on; or on SQLite.
"""

import argparse
import asyncio
import os
import re
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import cbor2
from bench.bench import PASS, Chain, Wire, quantile, timed_posts
from tests.simulators.postgres import Cluster
from tests.simulators.server import running_server

from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire.ids import to_text

STEPS = (1_000, 100_000, 1_000_000)
FILL_BATCH = 1000
PUSHES = 300
POLLS = 500
TAILS = 50
WRITERS = (8, 16)
PUSHES_EACH = 100
PATIENCE = 20


def resident_mib(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


class Person:
    """One signed-up person with a token and a plain connection."""

    def __init__(self, url: str, home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self.client = AsyncMindhaven.create(home, url, passphrase=PASS)
        self._loop.run_until_complete(self.client.sign_up(PASS, word="bench"))
        self.renew()

    def renew(self) -> dict[str, str]:
        """Return the headers of a call, with a token that is new: a fill takes longer than one lives."""
        self._loop.run_until_complete(self.client.access.renew())
        token = self.client.transport._token  # noqa: SLF001 - the bench speaks HTTP itself
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/cbor"}
        return self.headers

    def close(self) -> None:
        self._loop.run_until_complete(self.client.close())
        self._loop.close()


def growth(url: str, process: int, folder: Path, most: int) -> None:
    person = Person(url, folder / "home")
    chain, wire = Chain(person.client), Wire(url)
    collection, body = chain.begin()
    path = f"/v1/collections/{to_text(collection)}/commits"
    timed_posts(wire, "/v1/collections", [body], person.headers)
    timed_posts(wire, path, [chain.open_epoch()], person.headers)
    there = 0
    for step in (one for one in STEPS if one <= most):
        took = 0.0
        while there < step:
            body = chain.batch(min(FILL_BATCH, step - there))
            took += sum(timed_posts(wire, path, [body], person.headers if there % 50_000 else person.renew()))
            there += min(FILL_BATCH, step - there)
        headers = person.renew()
        polls = _timed(wire, f"{path}?since={chain.seq}", headers, POLLS)
        small = timed_posts(wire, path, [chain.batch(1) for _ in range(PUSHES)], headers)
        there += PUSHES
        timed_posts(wire, path, [chain.batch(100)], headers)
        there += 100
        tails = _timed(wire, f"{path}?since={chain.seq - 1}", headers, TAILS)
        print(
            f"{step:9,} items: poll p50 {quantile(polls, 0.5):5.2f} ms, small push p50 {quantile(small, 0.5):5.2f} "
            f"p99 {quantile(small, 0.99):5.1f} ms, newest 100 p50 {quantile(tails, 0.5):5.2f} ms, "
            f"filled in {took:4.0f} s, server {resident_mib(process):4.0f} MiB, {load()}",
            flush=True,
        )
    memory(wire, path, person.renew(), process, there)
    person.close()


def _timed(wire: Wire, path: str, headers: dict[str, str], count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        wire.ask("GET", path, None, headers)
        times.append(time.perf_counter() - started)
    return times


def memory(wire: Wire, path: str, headers: dict[str, str], process: int, items: int) -> None:
    """Pull everything, page by page, and watch the server's size."""
    sizes = [resident_mib(process)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            sizes.append(resident_mib(process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    since, got, quarters, started = 0, 0, [sizes[0]], time.perf_counter()
    while got < items:
        page = cbor2.loads(wire.ask("GET", f"{path}?since={since}", None, headers))
        since += len(page[2])
        got += sum(len(held) for _, held in page[2])
        if got * 4 // items >= len(quarters):
            quarters.append(resident_mib(process))
    took = time.perf_counter() - started
    ended.set()
    watcher.join()
    steps = " ".join(f"{size:.0f}" for size in quarters)
    print(
        f"pull of {got:,} items: server {steps} MiB at each quarter, {max(sizes):.0f} at most, "
        f"{got / took:,.0f} items/s, {load()}",
        flush=True,
    )


# -- many writers


class Line:
    """One kept-alive connection without a client library."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    async def push(self, path: str, body: bytes) -> tuple[float, int]:
        """Push until taken; return the seconds of the call that was taken, and how often it was refused with 503."""
        for refusals in range(PATIENCE):
            started = time.perf_counter()
            head = f"POST {path} HTTP/1.1\r\n{self._head}content-length: {len(body)}\r\n\r\n"
            self._writer.write(head.encode() + body)
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
            said, status = await self._reader.readexactly(length), lines[0].split()[1]
            if status == "200":
                return time.perf_counter() - started, refusals
            if status != "503":
                raise SystemExit(f"{status}: {said[:300]!r}")
            await asyncio.sleep(0.05)
        raise SystemExit("refused too often")


async def write(url: str, people: list[Person]) -> tuple[list[float], int, float]:
    host, _, port = url.partition("//")[2].rpartition(":")
    chains = [Chain(person.client) for person in people]
    begun = [chain.begin() for chain in chains]
    bodies = [(chain.open_epoch(), [chain.batch(1) for _ in range(PUSHES_EACH)]) for chain in chains]
    times: list[float] = []
    refused = 0

    async def one(number: int) -> None:
        nonlocal refused
        authorization = people[number].headers["authorization"]
        head = f"host: {host}\r\nauthorization: {authorization}\r\ncontent-type: application/cbor\r\n"
        reader, writer = await asyncio.open_connection(host, int(port))
        line = Line(reader, writer, head)
        collection, genesis = begun[number]
        path = f"/v1/collections/{to_text(collection)}/commits"
        for where, body in (("/v1/collections", genesis), (path, bodies[number][0])):
            refused += (await line.push(where, body))[1]
        await ready.wait()  # all collections stand before any push is timed
        for body in bodies[number][1]:
            seconds, refusals = await line.push(path, body)
            times.append(seconds)
            refused += refusals
        writer.close()

    ready = asyncio.Event()
    running = [asyncio.create_task(one(number)) for number in range(len(people))]
    await asyncio.sleep(2.0)
    started = time.perf_counter()
    ready.set()
    await asyncio.gather(*running)
    return times, refused, time.perf_counter() - started


def writers(url: str, folder: Path, name: str) -> None:
    for count in WRITERS:
        people = [Person(url, folder / f"home-{count}-{number}") for number in range(count)]
        times, refused, took = asyncio.run(write(url, people))
        print(
            f"{count} writers on {name}: p50 {quantile(times, 0.5):.1f}, p90 {quantile(times, 0.9):.1f}, "
            f"p99 {quantile(times, 0.99):.1f} ms, {len(times) / took:.0f} pushes/s, {refused} times 503, {load()}",
            flush=True,
        )
        for person in people:
            person.close()


def _database(stack: ExitStack) -> str:
    cluster = Cluster(durable=True)
    stack.callback(cluster.stop)

    async def make() -> None:
        connection: Any = await asyncpg.connect(cluster.dsn())
        await connection.execute("CREATE DATABASE bench TEMPLATE template0")
        await connection.close()

    asyncio.run(make())
    return cluster.dsn("bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000, help="the most items of the growth")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", default="1")
    parser.add_argument("--only", choices=("growth", "writers"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        environment = {"MINDHAVEN_SERVER_WORKERS": asked.workers}
        if asked.database == "postgresql":
            environment["MINDHAVEN_SERVER_DATABASE"] = _database(stack)
        server = stack.enter_context(running_server(folder / "server", environment=environment))
        if asked.only != "growth":
            writers(server.url, folder, f"{asked.database}, {asked.workers} process(es)")
        if asked.only != "writers":
            growth(server.url, server.process.pid, folder, asked.items)


if __name__ == "__main__":
    main()
