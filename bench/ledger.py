"""The ledger's speed: entries a second, durable, at batch 1,024; proofs without a cache; a whole log verified.

    python -m bench.ledger [--leaves 1000000]

Each figure is on SQLite with full sync, in this process; hashing alone is the bare limit.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

from mindhaven.kernel import Actor
from mindhaven.ledger import service
from mindhaven.server.build import build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.tlog.tree import Edge, leaf_hash

BATCH = 1024
JOB = Actor(kind="job")


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]


async def measure(leaves: int, tmp: Path) -> None:
    server = await build(load_server(SLICES, overrides={"server.data": str(tmp)}), environment={})
    db = server.host.db
    try:
        part = [os.urandom(64) for _ in range(BATCH)]
        times = []
        begun = time.perf_counter()
        for _ in range(leaves // BATCH):
            at = time.perf_counter()
            await db.act(JOB, lambda work: service.grow(work, "keys", part), upkeep="bench")
            times.append(time.perf_counter() - at)
        rate = leaves // BATCH * BATCH / (time.perf_counter() - begun)
        print(f"entries, batch {BATCH:,}, durable: {rate:,.0f}/s; p50 {quantile(times, 0.5) * 1e3:.1f} ms,"
              f" p99 {quantile(times, 0.99) * 1e3:.1f} ms")  # fmt: skip

        size = leaves // BATCH * BATCH
        proofs = []
        for _ in range(1000):
            index = random.randrange(size)
            at = time.perf_counter()
            await db.look(lambda look, index=index: service.inclusion(look, "keys", index, size))
            proofs.append(time.perf_counter() - at)
        print(f"inclusion proofs at {size:,} leaves: p50 {quantile(proofs, 0.5) * 1e3:.2f} ms,"
              f" p99 {quantile(proofs, 0.99) * 1e3:.2f} ms")  # fmt: skip
        edge = Edge()
        begun = time.perf_counter()
        for _ in range(200):
            edge.extend(leaf_hash(one) for one in part)
        print(
            f"hashing alone: {200 * BATCH / (time.perf_counter() - begun):,.0f} leaves/s; load {os.getloadavg()[0]:.1f}"
        )
    finally:
        await server.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    with tempfile.TemporaryDirectory() as tmp:
        asyncio.run(measure(parser.parse_args().leaves, Path(tmp)))


if __name__ == "__main__":
    main()
