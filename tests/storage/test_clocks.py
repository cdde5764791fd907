"""Clocks that jump, back and forth, by hours and by a day: at the server, and on a device. Nothing has to be mended."""

from pathlib import Path
from typing import Any

import pytest
from tests.simulators.kept import KEY
from tests.simulators.world import DAY, PASS, SPARE, Time, mood, world

from mindhaven.errors import DeniedError, MindhavenError
from mindhaven.kernel import Actor, Database, run_once
from mindhaven.kernel import lease as leases
from mindhaven.ledger import publishing, readers
from mindhaven.ledger.jobs import JOBS
from mindhaven.protocol.ledger import AUDIT, LOGS
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server, build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES

HOUR = 3600
PUBLISH = next(job for job in JOBS if job.name == "ledger.publish")


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(one.record.body["note"]) for one in client.entries() if one.record)


async def rows(server: Server, sql: str, *args: Any) -> list[Any]:
    return await server.host.db.look(lambda look: look.rows(sql, *args))


async def follow(server: Server) -> None:
    await server.host.stream.number()
    for reader in readers.READERS:
        while await server.host.stream.read(reader.name):
            pass


# -- what one process at a time does


@pytest.mark.parametrize("jump", [2 * HOUR, DAY, 400 * DAY])
async def test_a_lease_taken_while_the_clock_ran_ahead_is_free_once_it_is_right(
    database: Database, clock: Any, jump: int
) -> None:
    async def take(holder: bytes, rest: int = 0) -> leases.Lease | None:
        return await database.act(
            Actor("job"),
            lambda work: leases.take(work, name="x", holder=holder, seconds=300, rest_seconds=rest),
            upkeep="a test",
        )

    clock.now += jump
    first = await take(b"1" * 16)
    assert first is not None
    assert await take(b"2" * 16) is None
    clock.now -= jump
    second = await take(b"2" * 16)
    assert second is not None
    assert second.fence == first.fence + 1
    with pytest.raises(leases.LeaseLostError):
        await database.act(Actor("job"), lambda work: leases.keep(work, first, seconds=300), upkeep="a test")
    clock.now += jump
    await database.act(Actor("job"), lambda work: leases.release(work, second, done=True), upkeep="a test")
    assert await take(b"3" * 16, rest=HOUR) is None
    clock.now -= jump
    assert await take(b"3" * 16, rest=HOUR) is not None, "marked as done in the future, it would rest until then"


async def test_a_clock_that_is_a_little_ahead_takes_no_lease_from_another(database: Database, clock: Any) -> None:
    async def take(holder: bytes) -> leases.Lease | None:
        return await database.act(
            Actor("job"), lambda work: leases.take(work, name="x", holder=holder, seconds=15), upkeep="a test"
        )

    clock.now += 30
    assert await take(b"1" * 16) is not None
    clock.now -= 30
    assert await take(b"2" * 16) is None


async def other(tmp: Path, url: str, clock: Time) -> Server:
    settings = load_server(SLICES, overrides={"server.data": str(tmp / "data"), "server.database": url})
    return await build(settings, environment={}, clock=clock)


@pytest.mark.parametrize("jump", [5 * HOUR, DAY])
async def test_numbering_and_the_logs_go_on_after_a_clock_was_put_back(
    tmp_path: Path, moment: Time, database_url: str, jump: int
) -> None:
    at_server = Time()
    async with world(tmp_path, at_server, store_key=KEY, **{"server.database": database_url}) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("one"))
        await ana.sync()
        at_server.now += jump
        await follow(server)
        assert await run_once(server.host, PUBLISH, due_only=True)
        (ahead,) = await rows(server, "SELECT size FROM ledger_checkpoint WHERE log = $1", AUDIT)
        at_server.now -= jump - 10
        ana.add(mood("two"))
        await ana.sync()
        second = await other(tmp_path, database_url, at_server)  # the first process is dead: it gave nothing back
        try:
            assert await second.host.stream.number() > 0, "the dead one holds the numbering, from the future"
            await follow(second)
            assert await run_once(second.host, PUBLISH, due_only=True)
            signed = await rows(second, "SELECT size FROM ledger_checkpoint WHERE log = $1 ORDER BY size", AUDIT)
            assert signed[0] == ahead
            assert len(signed) == 2, "the next hour is waited for from a time that has not come"
            assert not await run_once(second.host, PUBLISH, due_only=True), "it runs wild"
            sizes = await rows(second, "SELECT size FROM ledger_log WHERE name = $1", AUDIT)
            assert sizes[0][0] % 64 == 0
        finally:
            await second.close()
        await ana.check_logs()


async def publish_all(server: Server) -> None:
    for log in LOGS:
        await publishing.publish(server.host, log, now=True)


async def _change(server: Server, ana: AsyncMindhaven, note: str) -> None:
    ana.add(mood(note))
    await ana.sync()
    await follow(server)


@pytest.mark.parametrize("jump", [DAY, 7 * DAY])
async def test_a_day_that_was_told_too_early_is_never_told_twice(
    tmp_path: Path, moment: Time, database_url: str, jump: int
) -> None:
    """Two heads of one day would be a lie to every device, for good."""
    at_server = Time()
    async with world(tmp_path, at_server, store_key=KEY, **{"server.database": database_url}) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        await publishing.begin(server.host)
        await _change(server, ana, "one")
        at_server.now += jump
        assert await publishing.write_heads(server.host) > 0
        at_server.now -= jump
        await publish_all(server)
        await _change(server, ana, "two")
        await ana.check_logs()
        for _ in range(3):
            at_server.now += DAY
            moment.now += DAY
            await publishing.write_heads(server.host)
            await publish_all(server)
            await ana.log_in(ana.me.handle, PASS)
            await ana.sync()
            await ana.check_logs()
        fresh = home("fresh")  # it reads the whole log at once
        await fresh.log_in(ana.me.handle, PASS)
        await fresh.sync()
        await fresh.check_logs()
        moved = await rows(server, "SELECT COUNT(*) FROM ledger_moved WHERE head <> $1", b"")
        assert moved == [(0,)]


async def test_that_a_day_was_told_is_forgotten_after_five_weeks(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, store_key=KEY, **{"server.database": database_url}) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        await publishing.begin(server.host)
        await _change(server, ana, "one")
        moment.now += DAY
        await publishing.write_heads(server.host)
        before = await rows(server, "SELECT MIN(day) FROM ledger_moved")
        moment.now += 40 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await _change(server, ana, "two")
        moment.now += DAY
        await publishing.write_heads(server.host)
        assert await rows(server, "SELECT MIN(day) FROM ledger_moved") > before


# -- people


async def test_what_was_given_under_a_clock_ahead_does_not_outlive_it(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, store_key=KEY, **{"server.database": database_url}) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        moment.now += 5 * HOUR
        await ana.log_in(ana.me.handle, PASS)
        await ana.access.open_way(passphrase=PASS)
        token = ana.transport._token  # as a thief has it
        assert await tried(server, ana, token) == 200
        moment.now -= 5 * HOUR
        assert await tried(server, ana, token) == 401, "ten minutes became hours"
        ana.add(mood("as ever"))
        assert (await ana.sync()).sent == 1  # the device's key renews it, without a hand
        with pytest.raises(DeniedError) as refused:
            await ana.end_device(b"d" * 16)
        assert refused.value.reason == "slot-now-needed", "a way in that was opened in the future is open until then"


async def tried(server: Server, client: AsyncMindhaven, token: str | None) -> int:
    answer = await client.transport._http.get(
        "https://mindhaven.test/v1/collections", headers={"authorization": f"Bearer {token}"}
    )
    return answer.status_code


@pytest.mark.parametrize("hours", [-30, -3, 3, 30, 24 * 30])
async def test_a_device_whose_clock_is_wrong_is_told_and_loses_nothing(
    tmp_path: Path, moment: Time, hours: int
) -> None:
    """The server refuses its log-in by name; it writes on, and sends everything once its clock is right."""
    at_server = Time()
    async with world(tmp_path, at_server, store_key=KEY) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("before"))
        await ana.sync()
        moment.now += hours * HOUR
        at_server.now += 700  # its token is over
        ana.add(mood("written under a wrong clock", at=moment.now))
        with pytest.raises(MindhavenError) as refused:
            await ana.sync()
        assert refused.value.reason in {"login-clock", "login-refused"}, refused.value
        assert "clock" in f"{refused.value.message} {refused.value.hint}"
        assert notes(ana) == ["before", "written under a wrong clock"]
        assert len(ana.store.queued()) == 1
        moment.now = at_server.now
        assert (await ana.sync()).sent == 1
        laptop = home("laptop")
        await laptop.log_in(ana.me.handle, PASS)
        await laptop.sync()
        assert notes(laptop) == ["before", "written under a wrong clock"]


@pytest.mark.parametrize("days", [-2, 2])
async def test_a_commit_of_another_day_is_refused_and_sent_again(tmp_path: Path, moment: Time, days: int) -> None:
    """Its token still counts, so that it is the commit's day that is refused."""
    at_server = Time()
    async with world(tmp_path, at_server, store_key=KEY) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("before"))
        await ana.sync()
        moment.now += days * DAY
        ana.transport._expires_at = moment.now + 500.0
        ana.add(mood("on another day", at=moment.now))
        refused = await ana.sync()
        assert refused.sent == 0
        assert any("clock" in text for text in refused.held), refused.held
        assert len(ana.store.queued()) == 1
        moment.now = at_server.now
        assert (await ana.sync()).sent == 1
        assert notes(ana) == ["before", "on another day"]
