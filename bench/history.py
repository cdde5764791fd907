"""Reading a long history that somebody shares: a real server, two clients, 36 months of moods in one collection.

    python bench/history.py [--entries N] [--commit N]

`--commit`: entries of one commit. 100 is what an import makes; 1 is a life that was written down entry by entry.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.simulators.server import running_server

from mindhaven.sdk import AsyncMindhaven, Record, syncing

OWNER, READER = "bench passphrase of an owner", "bench passphrase of a reader"
MONTHS = 36


def entry(number: int, of: int, now_ms: int) -> Record:
    at = now_ms - number * MONTHS * 30 * 86_400_000 // of
    body = {"valence": 0.5, "note": f"note {number} " + "words " * 20, "activities": ["walk", "tea"]}
    return Record(kind="mindhaven/mood", version=1, created_at=at, zone="Europe/Berlin", body=body)


@contextmanager
def timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:34} {wall:8.2f} s, {cpu:8.2f} s of this process   load {os.getloadavg()[0]:.1f}", flush=True)


async def measure(url: str, homes: Path, entries: int) -> None:
    async with (
        AsyncMindhaven.create(homes / "owner", url, passphrase=OWNER) as owner,
        AsyncMindhaven.create(homes / "reader", url, passphrase=READER) as reader,
    ):
        await owner.sign_up(OWNER, word="owner")
        await reader.sign_up(READER, word="reader")
        await owner.add_contact(reader.card, name="Reader")
        await reader.add_contact(owner.card, name="Owner")
        now_ms = int(time.time() * 1000)
        with timed("the owner writes on the device"):
            owner.add_all([entry(number, entries, now_ms) for number in range(entries)])
        with timed("the owner syncs"):
            await owner.sync()
        with timed("the owner shares"):
            await owner.share("mood", "Reader")
        begun = time.perf_counter()

        def shown(count: int) -> None:
            print(f"{f'  its newest {count} entries are there':34} {time.perf_counter() - begun:8.2f} s", flush=True)

        with timed("the reader syncs"):
            await reader.sync(shown_first=shown)
        with timed("the reader lists"):
            found = reader.entries()
        with timed("the reader syncs, nothing new"):
            await reader.sync()
        assert len(found) == entries
        assert all(one.record is not None for one in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--commit", type=int, default=100)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server") as server,
        mock.patch.object(syncing, "PUSH_BATCH", given.commit),
    ):
        asyncio.run(measure(server.url, Path(folder), given.entries))


if __name__ == "__main__":
    main()
