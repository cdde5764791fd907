"""`make bench`: push, pull, small push, poll and seal, each beside a bare baseline in the same run.

The baseline is a bare ASGI application that writes the same bytes into one SQLite table through one connection (WAL,
full sync, BEGIN IMMEDIATE), without authentication, signatures or events, served by the same uvicorn with uvloop and
httptools. Ciphertext is made before the clock starts. Prints a table; `--json FILE` keeps the figures.
"""

import argparse
import asyncio
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cbor2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.simulators.server import running_server

from mindhaven.crypto.encoding import encode_trusted
from mindhaven.crypto.secrets import EpochKey
from mindhaven.protocol.collection import Commit, Open, Put, genesis
from mindhaven.protocol.collection import Settings as CollectionSettings
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Content, Header, seal_item
from mindhaven.protocol.epoch import key_commitment
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.vault import today
from mindhaven.wire.ids import to_text

PASS = "bench passphrase of five words"
MONTH = 202611
BATCH = 100

BARE = """
import sys, apsw, uvicorn, socket
db = apsw.Connection(sys.argv[1])
for p in ("journal_mode=WAL", "synchronous=FULL"): db.execute("PRAGMA " + p)
db.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, body BLOB)")
async def app(scope, receive, send):
    if scope["type"] != "http": return
    body = b""
    while True:
        m = await receive(); body += m.get("body", b"")
        if not m.get("more_body"): break
    if scope["method"] == "POST":
        size = 1100
        rows = [(body[i:i+size],) for i in range(0, len(body), size)]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO t (body) VALUES (?)", rows)
        db.execute("COMMIT")
        out = b"ok"
    else:
        since = int(scope["query_string"] or 0)
        out = b"".join(r[0] for r in db.execute("SELECT body FROM t WHERE id > ? ORDER BY id LIMIT 5000", (since,)))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(out)).encode())]})
    await send({"type": "http.response.body", "body": out})
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
print("listening on http://127.0.0.1:%d" % s.getsockname()[1], flush=True)
c = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False, lifespan="off")
uvicorn.Server(c).run(sockets=[s])
"""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Chain:
    """Makes signed pushes for one collection without the SDK's store, before any clock starts."""

    def __init__(self, client: AsyncMindhaven) -> None:
        self.me = client.me
        self.account = client.people.known(self.me.uid)
        self.wrap_for = client.vault.wrap_for
        self.key = EpochKey.fresh()

    def begin(self) -> tuple[bytes, bytes]:
        collection, signed = genesis(
            author=self.me.uid,
            identity=self.me.identity,
            nonce=os.urandom(32),
            day=today(),
            settings=CollectionSettings(),
        )
        self.collection, self.seq, self.head = collection, 0, signed.hash("commit")
        return collection, encode_trusted([[signed.body, list(signed.signatures)], []])

    def _push(self, changes: list[Any], items: list[Any]) -> bytes:
        commit = Commit(
            self.collection, self.seq + 1, self.head, self.me.uid, self.me.identity.generation, today(), tuple(changes)
        )
        signed: Signed = commit.sign(self.me.identity)
        self.seq, self.head = self.seq + 1, signed.hash("commit")
        return encode_trusted([[signed.body, list(signed.signatures)], items])

    def open_epoch(self) -> bytes:
        wrap = self.wrap_for(self.account, self.key, self.collection, 1, MONTH)
        return self._push([Open(1, MONTH, key_commitment(self.key, self.collection, 1, MONTH), (wrap,))], [])

    def batch(self, count: int) -> bytes:
        made = [self._sealed(os.urandom(16), 1) for _ in range(count)]
        return self._push([put for put, _ in made], [item for _, item in made])

    def put(self, item: bytes, *, revision: int) -> bytes:
        put, sealed = self._sealed(item, revision)
        return self._push([put], [sealed])

    def _sealed(self, item: bytes, revision: int) -> tuple[Put, list[bytes]]:
        header = Header(self.collection, item, revision, 1, self.me.uid)
        content = Content("mindhaven/mood", 1, 1_790_000_000_000, "UTC", b"x" * 700)
        sealed = seal_item(self.key, header, content, os.urandom(32))
        return Put(item, revision, 1, sealed.envelope_hash, sealed.salt_hash), [sealed.envelope, sealed.salt]


class Wire:
    """One plain keep-alive connection: a client library's own time would hide the server's."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.split("//")[1].split("/")[0])

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {content[:300]!r}")
        return content


def timed_posts(wire: Wire, path: str, bodies: list[bytes], headers: dict[str, str]) -> list[float]:
    times = []
    for body in bodies:
        started = time.perf_counter()
        wire.ask("POST", path, body, headers)
        times.append(time.perf_counter() - started)
    return times


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1000


async def measure(url: str, pid: int, items: int, tmp: Path, bare_url: str) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    client = AsyncMindhaven.create(tmp / f"home{time.monotonic_ns()}", url, passphrase=PASS)
    await client.sign_up(PASS, word="bench")
    await client.access.renew()
    token = client.transport._token  # noqa: SLF001 - the bench speaks HTTP itself
    headers = {"authorization": f"Bearer {token}", "content-type": "application/cbor"}
    chain = Chain(client)
    collection, body = chain.begin()
    base = "/v1/collections"
    path = f"{base}/{to_text(collection)}/commits"
    opened = chain.open_epoch()
    bulk = [chain.batch(BATCH) for _ in range(items // BATCH)]
    small = [chain.batch(1) for _ in range(300)]
    raw = [os.urandom(1100 * BATCH) for _ in range(items // BATCH)]
    server, bare = Wire(url), Wire(bare_url)
    timed_posts(server, base, [body], headers)
    timed_posts(server, path, [opened], headers)
    before, started = cpu_seconds(pid), time.perf_counter()
    timed_posts(server, path, bulk, headers)
    figures["push items/s"] = items / (time.perf_counter() - started)
    figures["push cpu ms/item"] = (cpu_seconds(pid) - before) * 1000 / items
    started = time.perf_counter()
    timed_posts(bare, "/", raw, {})
    figures["bare push items/s"] = items / (time.perf_counter() - started)
    pages, before, started, since = [], cpu_seconds(pid), time.perf_counter(), 1
    while since < chain.seq - len(small):
        page = server.ask("GET", f"{path}?since={since}", None, headers)
        pages.append(page)
        since += len(cbor2.loads(page)[2])
    figures["pull items/s"] = items / (time.perf_counter() - started)
    figures["pull cpu ms/item"] = (cpu_seconds(pid) - before) * 1000 / items
    got = sum(len(held) for page in pages for _, held in cbor2.loads(page)[2])
    if got != items:
        raise SystemExit(f"pulled {got} of {items}")
    started, got = time.perf_counter(), 0
    while got < items:
        got += len(bare.ask("GET", f"/?{got}", None, {})) // 1100
    figures["bare pull items/s"] = items / (time.perf_counter() - started)
    times = timed_posts(server, path, small, headers)
    figures["small push p50 ms"], figures["small push p99 ms"] = quantile(times, 0.5), quantile(times, 0.99)
    polls = []
    for _ in range(500):
        started = time.perf_counter()
        server.ask("GET", f"{path}?since={chain.seq}", None, headers)
        polls.append(time.perf_counter() - started)
    figures["poll p50 ms"] = quantile(polls, 0.5)
    await client.close()
    return figures


def seal_rate() -> float:
    key, header = EpochKey.fresh(), Header(os.urandom(32), os.urandom(16), 1, 1, os.urandom(32))
    content = Content("mindhaven/mood", 1, 1_790_000_000_000, "UTC", b"x" * 700)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < 1.0:
        for _ in range(1000):
            sealed = seal_item(key, header, content, os.urandom(32))
            _ = sealed.envelope_hash, sealed.salt_hash
        count += 1000
    return count / (time.perf_counter() - started)


def stream_rate() -> float:
    from mindhaven.crypto.secrets import FileKey
    from mindhaven.protocol.attachment import seal_file

    data = os.urandom(1024 * 1024)
    started = time.perf_counter()
    total = sum(len(blob) for blob in seal_file(FileKey.fresh(), (data for _ in range(512)), 512 * 1024 * 1024))
    return total / (time.perf_counter() - started) / 1e9


def run(items: int, rounds: int, environment: dict[str, str]) -> dict[str, float]:
    collected: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        bare = subprocess.Popen([sys.executable, "-c", BARE, str(tmp / "bare.db")], stdout=subprocess.PIPE, text=True)
        try:
            assert bare.stdout is not None
            bare_url = bare.stdout.readline().split()[-1]
            with running_server(tmp / "server", environment=environment) as server:
                collected += [
                    asyncio.run(measure(server.url, server.process.pid, items, tmp, bare_url)) for _ in range(rounds)
                ]
        finally:
            bare.terminate()
            bare.wait()
    figures = {name: statistics.median(one[name] for one in collected) for name in collected[0]}
    figures["push / bare"] = statistics.median(one["push items/s"] / one["bare push items/s"] for one in collected)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    environment = {"MINDHAVEN_SERVER_DATABASE": asked.database} if asked.database else {}
    figures = run(asked.items, asked.rounds, environment)
    figures["seal items/s"] = seal_rate()
    figures["attachment GB/s"] = stream_rate()
    where = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{where}, load {os.getloadavg()[0]:.1f}")
    for name, value in figures.items():
        print(f"{name:24} {value:12.3f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
