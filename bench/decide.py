"""How long one decision takes with a million choices stored: `python bench/decide.py [--rows N] [--url URL]`.

Each row is as large as a real choice (two signatures). Decisions are made one at a time in this process, for people and
purposes drawn at random, as an act does it; the figures are of those, not of the connections to a server.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mindhaven import consent
from mindhaven.kernel import Actor, Database, Work, migrate, open_database, system_clock, system_random
from mindhaven.server.build import all_migrations

SIGNED_BYTES = 3_640
"""A body of some 220 bytes, Ed25519 and ML-DSA-65."""
EACH = 10
"""Choices of one person: five a purpose."""
AT_ONCE = 20_000
TRIES = 20_000


def person(number: int) -> bytes:
    return number.to_bytes(8, "big").rjust(32, b"p")


async def fill(db: Database, rows: int) -> None:
    signed = bytes(SIGNED_BYTES)
    statement = (
        "INSERT INTO consent_choice (person, number, hash, purpose, act, terms, until, generation, signed)"
        " VALUES ($1, $2, $3, $4, $5, 1, 0, 1, $6)"
    )

    for first in range(0, rows, AT_ONCE):

        async def put(work: Work, first: int = first) -> None:
            for row in range(first, min(first + AT_ONCE, rows)):
                who, number = divmod(row, EACH)
                purpose = ("reminders", "sale")[number % 2]
                act = 1 if purpose == "reminders" and number % 4 == 0 else 2
                await work.run(statement, person(who), number, bytes(32), purpose, act, signed)

        await db.act(Actor(kind="job"), put, upkeep="figures")


def drawn(rows: int) -> tuple[bytes, str]:
    return person(random.randrange(rows // EACH)), random.choice(("reminders", "sale"))


async def inside(db: Database, rows: int) -> list[float]:
    """Return seconds of decisions within works, as an act asks: sorted."""
    taken: list[float] = []

    async def act(work: Work) -> None:
        for _ in range(1000):
            uid, purpose = drawn(rows)
            started = time.perf_counter()
            await consent.decide(work, uid=uid, purpose=purpose)
            taken.append(time.perf_counter() - started)

    for _ in range(TRIES // 1000):
        await db.act(Actor(kind="job"), act, upkeep="figures")
    return sorted(taken)


async def alone(db: Database, rows: int) -> list[float]:
    """Return seconds of decisions with a snapshot of their own each: sorted."""
    taken: list[float] = []
    for _ in range(TRIES):
        uid, purpose = drawn(rows)
        started = time.perf_counter()
        await db.glance(lambda look, uid=uid, purpose=purpose: consent.decide(look, uid=uid, purpose=purpose))
        taken.append(time.perf_counter() - started)
    return sorted(taken)


def told(name: str, taken: list[float]) -> str:
    at = [f"p{share} {taken[int(len(taken) * share / 100)] * 1000:.3f} ms" for share in (50, 95, 99)]
    return f"{name:8} {', '.join(at)}, mean {statistics.fmean(taken) * 1000:.3f} ms, of {len(taken):,}"


async def run(url: str, rows: int) -> None:
    db = await open_database(url, clock=system_clock, random=system_random)
    try:
        await migrate(db, all_migrations())
        started = time.monotonic()
        await fill(db, rows)
        print(f"{rows:,} choices stored in {time.monotonic() - started:.0f} s: {url.partition(':')[0]}")
        print(told("inside", await inside(db, rows)))
        print(told("alone", await alone(db, rows)))
    finally:
        await db.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--url", help="a database that is empty (default: a SQLite file that goes afterwards)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(given.url or f"sqlite:///{folder}/decide.db", given.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
