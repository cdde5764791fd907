"""The stream: numbering, readers, leases, on both databases."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from things import PERSON, SUBJECT, THINGS, Made, Taken, put

from mindhaven.kernel import (
    Database,
    Job,
    LeaseLostError,
    Look,
    Numbered,
    Pace,
    Reader,
    Stream,
    Work,
    kernel_migrations,
    migrate,
    run_once,
    system_random,
)
from mindhaven.kernel import lease as leases
from mindhaven.kernel.stream import LEASE

QUICK = Pace(plain_seconds=0.02, idle_seconds=0.05, attempts=3, backoff_seconds=0.01)


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, [*kernel_migrations(), THINGS])
    return database


class Seen:
    """A reader that notes what it was given, and writes it down in the same work: a second time would be refused."""

    def __init__(self, name: str = "seen", wants: frozenset[str] | None = None, poison: int | None = None) -> None:
        self._taken: dict[int, Numbered] = {}
        self._first = 1_000_000 * (1 + sum(name.encode()))
        self.poison = poison
        self.reader = Reader(name=name, wants=wants, take=self.take)

    async def take(self, work: Work, event: Numbered) -> None:
        assert event.event is not None
        if isinstance(event.event, Made | Taken) and event.event.thing == self.poison:
            raise ValueError("canary of a person")
        await work.run("INSERT INTO thing (id, body) VALUES ($1, $2)", self._first + event.position, b"seen")
        self._taken[event.position] = event

    @property
    def events(self) -> list[Numbered]:
        return [self._taken[position] for position in sorted(self._taken)]

    @property
    def things(self) -> list[int]:
        return [event.event.thing for event in self.events if event.name.startswith("things.")]  # type: ignore[union-attr]


async def take_thing(work: Work, number: int) -> Any:
    work.record(Taken(subject=SUBJECT, thing=number))
    return work.recorded


async def positions(db: Database) -> list[int | None]:
    rows = await db.look(lambda look: look.rows("SELECT position FROM event ORDER BY id"))
    return [row[0] for row in rows]


async def test_a_reader_sees_numbered_events_only(db: Database) -> None:
    seen = Seen()
    stream = Stream(db, [seen.reader], pace=QUICK)
    await db.act(PERSON, lambda work: put(work, 1))
    assert await stream.read("seen") == 0
    assert seen.events == []
    assert await stream.number() == 1
    await db.act(PERSON, lambda work: put(work, 2))
    assert await stream.read("seen") == 1
    assert await stream.read("seen") == 0
    assert (seen.things, seen.events[0].position) == ([1], 0)


async def test_numbering_has_no_gaps_over_rolled_back_works(db: Database) -> None:
    async def fail(work: Work) -> None:
        await put(work, 99)
        raise ValueError

    stream = Stream(db, pace=Pace(numbers=3))
    for number in range(8):
        await db.act(PERSON, lambda work, n=number: put(work, n))
        with pytest.raises(ValueError):
            await db.act(PERSON, fail)
    assert await stream.number() == 8
    assert await positions(db) == list(range(8))
    assert await stream.number() == 0


async def test_a_cursor_and_its_effects_stand_or_fall_together(db: Database) -> None:
    fail = True

    async def take(work: Work, event: Numbered) -> None:
        await work.run("INSERT INTO thing (id, body) VALUES ($1, $2)", 1000 + event.position, b"effect")
        if fail and event.position == 1:
            raise ValueError

    stream = Stream(db, [Reader(name="effects", wants=None, take=take)], pace=QUICK)
    for number in range(3):
        await db.act(PERSON, lambda work, n=number: put(work, n))
    await stream.number()
    with pytest.raises(ValueError):
        await stream.read("effects")

    async def effects(look: Look) -> list[int]:
        return [row[0] for row in await look.rows("SELECT id FROM thing WHERE id >= 1000 ORDER BY id")]

    assert await db.look(effects) == []
    assert await stream.lag("effects") == 3
    fail = False
    assert await stream.read("effects") == 3
    assert await db.look(effects) == [1000, 1001, 1002]
    assert await stream.lag("effects") == 0


async def test_a_reader_gets_what_it_wants_and_passes_the_rest(db: Database) -> None:
    seen = Seen(wants=frozenset({"things.thing.taken"}))
    stream = Stream(db, [seen.reader], pace=QUICK)
    for number in range(6):
        await db.act(PERSON, lambda work, n=number: put(work, n) if n % 3 else take_thing(work, n))
    await stream.number()
    assert await stream.read("seen", batch=1) == 1
    assert await stream.read("seen", batch=1) == 1
    await stream.read("seen")
    assert seen.things == [0, 3]
    assert await stream.lag("seen") == 0


async def wait_for(check: Callable[[], Any], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.02)):
        found = check()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


async def test_a_poisoned_reader_stops_alone_and_can_be_resumed_or_skip(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = Seen("good"), Seen("bad", poison=2)
    stream = Stream(db, [good.reader, bad.reader], pace=QUICK)
    stream.start()
    for number in range(5):
        await db.act(PERSON, lambda work, n=number: put(work, n))

    async def stopped() -> bool:
        return (await stream.states())[0].stopped_at is not None

    await wait_for(stopped)
    await wait_for(lambda: len(good.things) == 5)
    state = (await stream.states())[0]
    assert (state.name, state.position, state.lag, state.error) == ("bad", 2, 3, "ValueError")
    assert "canary" not in caplog.text
    assert bad.things == [0, 1]
    await stream.resume("bad")
    await asyncio.sleep(0.1)
    await wait_for(stopped)
    assert bad.things == [0, 1]
    assert await stream.skip("bad", 1, "known fault") == 3
    await wait_for(lambda: len([e for e in bad.events if e.name == "things.thing.made"]) == 4)
    await wait_for(lambda: good.events[-1].name == "kernel.reader.skipped")
    skipped: Any = good.events[-1].event
    assert (skipped.reader, skipped.first, skipped.after, skipped.reason) == ("bad", 2, 3, "known fault")
    made = [event for event in bad.events if event.name == "things.thing.made"]
    assert [event.event.thing for event in made] == [0, 1, 3, 4]  # type: ignore[union-attr]
    await stream.stop()


async def test_an_urgent_event_has_its_position_soon(db: Database) -> None:
    stream = Stream(db, pace=Pace(plain_seconds=30, idle_seconds=30))
    stream.start()
    await db.act(PERSON, lambda work: take_thing(work, 0))
    await wait_for(lambda: _none_waits(db))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    recorded = await db.act(PERSON, lambda work: take_thing(work, 1))
    assert [one.name for one in recorded] == ["things.thing.taken"]
    assert await stream.positions(recorded, wait_seconds=5) == [1]
    assert loop.time() - begun < 1.5
    await stream.stop()


async def _none_waits(db: Database) -> bool:
    return None not in await positions(db)


async def test_positions_that_do_not_come_in_time_are_none(db: Database) -> None:
    asleep, stream = Stream(db), Stream(db)
    await db.act(PERSON, lambda work: take_thing(work, 0))
    assert await asleep.number() == 1, "it holds the lease now, and numbers nothing more"
    recorded = await db.act(PERSON, lambda work: take_thing(work, 1))
    assert await stream.positions(recorded, wait_seconds=0.05) == [None]
    assert await asleep.positions(recorded) == [1], "whose background does not run numbers before it waits"


async def test_positions_come_from_another_process_that_numbers(db: Database, database_url: str, opener: Any) -> None:
    """Who answers is often not who numbers: it hears of the numbers, and waits no longer than for them."""
    other = await opener(database_url)
    try:
        numbers, answers = Stream(db, pace=Pace(idle_seconds=0.3)), Stream(other, pace=Pace(idle_seconds=0.3))
        numbers.start()
        await db.act(PERSON, lambda work: take_thing(work, 0))
        await wait_for(lambda: _none_waits(db))
        answers.start()
        for n in range(1, 6):
            recorded = await other.act(PERSON, lambda work, n=n: take_thing(work, n))
            assert await answers.positions(recorded, wait_seconds=20) == [n]
        await answers.stop()
        await numbers.stop()
    finally:
        await other.close()


async def test_every_event_is_read_once_and_in_order_under_16_writers(db: Database) -> None:
    seen = Seen()
    stream = Stream(db, [seen.reader], pace=QUICK)
    stream.start()

    async def writer(number: int) -> None:
        for turn in range(10):
            await db.act(
                PERSON,
                lambda work, n=number * 100 + turn: put(work, n, subject=bytes([number % 5]) * 32),
            )

    await asyncio.gather(*(writer(number) for number in range(16)))
    await wait_for(lambda: len(seen.events) >= 160)
    await stream.stop()
    assert [event.position for event in seen.events] == list(range(160))
    assert sorted(seen.things) == sorted(n * 100 + t for n in range(16) for t in range(10))
    chains: dict[bytes, int] = {}
    for event in seen.events:
        assert event.seq == chains.get(event.subject, -1) + 1, "an event never precedes its predecessor"
        chains[event.subject] = event.seq


async def test_two_processes_number_without_gap_or_double(db: Database, database_url: str, opener: Any) -> None:
    other = await opener(database_url)
    try:
        streams = [Stream(db, pace=QUICK), Stream(other, pace=QUICK)]
        for stream in streams:
            stream.start()
        for number in range(40):
            await (db if number % 2 else other).act(PERSON, lambda work, n=number: take_thing(work, n))
        await wait_for(lambda: _none_waits(db))
        for stream in streams:
            await stream.stop()
        assert sorted(position for position in await positions(db) if position is not None) == list(range(40))
    finally:
        await other.close()


async def test_a_late_commit_is_neither_lost_nor_a_gap(postgres_db: Database, postgres_url: str) -> None:
    """One transaction is held open with a smaller id while others commit, are numbered and read."""
    db = postgres_db
    await migrate(db, [*kernel_migrations(), THINGS])
    seen = Seen()
    stream = Stream(db, [seen.reader], pace=QUICK)
    late = await asyncpg.connect(postgres_url)
    held = late.transaction(isolation="serializable")
    await held.start()
    from mindhaven.protocol import event as wire

    body = wire.body(name="things.thing.made", version=1, subject=b"l" * 32, seq=0, prev=bytes(32), at=0, fields=[77])
    await late.execute(
        "INSERT INTO event (subject, seq, name, version, at, salt, commitment, body)"
        " VALUES ($1, 0, 'things.thing.made', 1, 0, $2, $3, $4)",
        b"l" * 32,
        bytes(32),
        wire.commitment(bytes(32), body),
        body,
    )
    for number in range(3):
        await db.act(PERSON, lambda work, n=number: put(work, n))
    assert await stream.number() == 3
    assert await stream.read("seen") == 3
    await held.commit()
    assert await stream.number() == 1
    await db.act(PERSON, lambda work: put(work, 9))
    assert await stream.number() == 1
    assert await stream.read("seen") == 2
    assert seen.things == [0, 1, 2, 77, 9]
    assert [event.position for event in seen.events] == [0, 1, 2, 3, 4]
    assert (await positions(db))[0] == 3, "the late one has the smallest id and a later position"
    await late.close()


# -- leases ------------------------------------------------------------------------------------------------------------


async def test_a_sequencer_that_slept_through_a_take_over_is_fenced_off(db: Database, clock: Any) -> None:
    first, second = Stream(db), Stream(db)
    await db.act(PERSON, lambda work: put(work, 1))
    assert await first.number() == 1
    sleeping = first._lease
    assert sleeping is not None
    assert await second.number() == 0, "the lease is held"
    clock.now += 60
    await db.act(PERSON, lambda work: put(work, 2))
    assert await second.number() == 1
    await db.act(PERSON, lambda work: put(work, 3))
    with pytest.raises(LeaseLostError):
        await first.number_under(sleeping)
    assert await positions(db) == [0, 1, None], "the late holder numbered nothing"
    assert await second.number() == 1
    assert second._lease is not None
    assert second._lease.fence == sleeping.fence + 1


async def test_a_write_under_a_lost_lease_is_rolled_back(db: Database, clock: Any) -> None:
    async def take(work: Work, holder: bytes) -> leases.Lease | None:
        return await leases.take(work, name="job:x", holder=holder, seconds=10)

    async def write(work: Work, lease: leases.Lease, number: int) -> None:
        await put(work, number)
        await leases.check(work, lease)

    first = await db.act(PERSON, lambda work: take(work, b"1" * 16), upkeep="test")
    assert first is not None
    assert await db.act(PERSON, lambda work: take(work, b"2" * 16), upkeep="test") is None
    await db.act(PERSON, lambda work: write(work, first, 1))
    clock.now += 11
    second = await db.act(PERSON, lambda work: take(work, b"2" * 16), upkeep="test")
    assert second is not None
    with pytest.raises(LeaseLostError):
        await db.act(PERSON, lambda work: write(work, first, 2))
    await db.act(PERSON, lambda work: write(work, second, 3))
    rows = await db.look(lambda look: look.rows("SELECT id FROM thing ORDER BY id"))
    assert rows == [(1,), (3,)]


async def test_a_stopped_stream_gives_its_lease_back(db: Database) -> None:
    first, second = Stream(db, pace=QUICK), Stream(db, pace=QUICK)
    await db.act(PERSON, lambda work: put(work, 1))
    await first.number()
    await first.stop()
    await db.act(PERSON, lambda work: put(work, 2))
    assert await second.number() == 1
    row = await db.look(lambda look: look.row("SELECT fence FROM lease WHERE name = $1", LEASE))
    assert row == (2,)


async def test_a_job_runs_when_it_is_due_and_one_holder_at_a_time(db: Database, clock: Any) -> None:
    ran: list[int] = []
    inside, go = asyncio.Event(), asyncio.Event()

    async def run(host: Any, lease: leases.Lease) -> None:
        ran.append(lease.fence)
        inside.set()
        await go.wait()

    class OnlyDatabase:
        """What run_once needs of a host."""

        def __init__(self) -> None:
            self.db = db

        def random(self, size: int) -> bytes:
            import os

            return os.urandom(size)

    host: Any = OnlyDatabase()
    job = Job(name="sweep", every_seconds=100, run=run)
    first = asyncio.ensure_future(run_once(host, job, due_only=True))
    await inside.wait()
    assert await run_once(host, job) is False
    go.set()
    assert await first is True
    assert await run_once(host, job, due_only=True) is False, "it is not due yet"
    clock.now += 101
    assert await run_once(host, job, due_only=True) is True
    assert ran == [1, 2]


async def test_two_that_number_at_once_in_one_process_keep_the_lease(db: Database) -> None:
    stream = Stream(db, pace=QUICK)
    await asyncio.gather(*(stream.number() for _ in range(3)))
    await db.act(PERSON, lambda work: put(work, 1))
    assert await stream.number() == 1


async def test_a_job_of_three_processes_runs_once_at_a_time(
    db: Database, database_url: str, opener: Callable[[str], Any], clock: Any
) -> None:
    """Each has a handle of its own on the database, and all try at once, in each of five periods."""
    handles = [db, await opener(database_url), await opener(database_url)]
    running = most = runs = 0

    async def work(_host: Any, _lease: leases.Lease) -> None:
        nonlocal running, most, runs
        running += 1
        runs += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    job = Job(name="counted", every_seconds=60, run=work)
    hosts: list[Any] = [SimpleNamespace(db=one, random=system_random) for one in handles]
    for period in range(5):
        for _ in range(3):
            await asyncio.gather(*(run_once(host, job, due_only=True) for host in hosts))
        assert (runs, most) == (period + 1, 1)
        clock.now += 60
    for one in handles[1:]:
        await one.close()
