"""Reminders on both databases: what is due is marked once, and everything ends with the device and the account."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.push import PushService, allow, asks, push_service
from tests.simulators.world import DAY, PASS, SPARE, Homes, Time, world

from mindhaven import reminders
from mindhaven.kernel import Actor, Lease, MasterKey, run_once
from mindhaven.reminders import keys, service
from mindhaven.reminders.jobs import JOBS, reseal
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server
from mindhaven.wire.ids import to_text

REMIND, RESEAL = JOBS
JOB = Actor(kind="job")
LEASE = Lease(name="x", holder=b"", fence=1)


@pytest.fixture
def push() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@asynccontextmanager
async def at(tmp: Path, moment: Time, url: str, push: PushService) -> AsyncIterator[tuple[Server, Homes]]:
    async with world(tmp, moment, **{"server.database": url, "push.services": (push.url,)}) as opened:
        await opened[0].record()
        yield opened


async def put(client: AsyncMindhaven, push: PushService, *minutes: int, path: str = "/a") -> None:
    await allow(client)
    await asks(client, "PUT", "/v1/reminder", {"endpoint": push.url + path, "minutes": list(minutes)})


async def shown(client: AsyncMindhaven) -> list[dict[str, Any]]:
    answer: dict[str, Any] = await asks(client, "GET", "/v1/reminder")
    return answer["devices"]


def minute(moment: Time, ahead: int) -> int:
    """Return the minute of the day that begins `ahead` minutes after the running one."""
    return (moment.now // 60 + ahead) % 1440


async def rows(server: Server) -> int:
    row = await server.host.db.look(lambda look: look.row("SELECT COUNT(*) FROM reminders_device"))
    assert row is not None
    return int(row[0])


async def follow(server: Server) -> None:
    await server.host.stream.number()
    while await server.host.stream.read("reminders.sessions"):
        pass


async def test_three_that_nobody_answered_are_the_last_until_the_app_is_opened(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana")
        await put(ana, push, minute(moment, 2), minute(moment, 30))
        await run_once(server.host, REMIND)
        assert push.came == []
        for sent, ahead in enumerate((2, 28, 1440 - 28), 1):
            moment.now += ahead * 60
            await run_once(server.host, REMIND)
            await run_once(server.host, REMIND)  # the same minute again, as another process would
            assert len(push.came) == sent
        for _ in range(4):
            moment.now += DAY // 2
            await run_once(server.host, REMIND)
        assert len(push.came) == 3
        moment.now = moment.now // DAY * DAY + DAY
        await ana.log_in(ana.me.handle, PASS)
        assert [(one["left"], one["here"]) for one in await shown(ana)] == [(0, False)]  # an earlier session's
        await put(ana, push, 5)
        assert [(one["left"], one["here"]) for one in await shown(ana)] == [(3, True)]
        assert await rows(server) == 1
        moment.now += 5 * 60
        await run_once(server.host, REMIND)
        assert len(push.came) == 4


async def test_a_slept_day_sends_none_of_it_and_a_clock_that_jumps_sends_none_twice(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana")
        eight = [minute(moment, 1 + number) for number in range(8)]
        await put(ana, push, *eight)
        moment.now += DAY + 40 * 60  # past all eight of the next day, by more than is waited
        await run_once(server.host, REMIND)
        assert push.came == []
        await ana.log_in(ana.me.handle, PASS)
        assert [one["left"] for one in await shown(ana)] == [3]
        await put(ana, push, minute(moment, 1))
        moment.now += 60
        await run_once(server.host, REMIND)
        assert len(push.came) == 1
        moment.now -= 120
        await put(ana, push, minute(moment, 2))
        moment.now += 120
        await run_once(server.host, REMIND)
        assert len(push.came) == 1, "this minute had its reminder"
        moment.now += 400 * DAY  # a clock that runs ahead, with which the next is reckoned, and is put right again
        await run_once(server.host, REMIND)
        moment.now -= 400 * DAY
        await run_once(server.host, REMIND)
        moment.now += DAY
        await run_once(server.host, REMIND)
        assert len(push.came) == 2


async def test_it_is_marked_before_it_is_sent(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana")
        await put(ana, push, minute(moment, 1))
        moment.now += 60
        first, _ = await server.host.db.act(JOB, lambda work: service.take_due(work, limit=9), upkeep="test")
        second, any_left = await server.host.db.act(JOB, lambda work: service.take_due(work, limit=9), upkeep="test")
        assert [one.session for one in first] == [ana.me.session]
        assert (second, any_left) == ([], False)
        assert [one["left"] for one in await shown(ana)] == [2]
        await run_once(server.host, REMIND)
        assert push.came == [], "who fell between marking and sending sends one too few, and none twice"


@pytest.mark.parametrize("how", ["log out", "remote", "suspended", "erased"])
async def test_it_ends_with_the_device_and_the_account(
    tmp_path: Path, moment: Time, database_url: str, push: PushService, how: str
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana, other = home("ana"), home("other")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        await other.log_in(ana.me.handle, PASS)
        await put(ana, push, minute(moment, 1))
        session, uid = ana.me.session, ana.me.uid
        if how == "log out":
            await ana.log_out()
        elif how == "remote":
            await other.access.open_way(passphrase=PASS)
            await asks(other, "DELETE", f"/v1/sessions/{to_text(session)}")
        elif how == "suspended":
            from mindhaven import accounts

            handle = ana.me.handle
            await server.host.db.act(
                Actor("operator"), lambda work: accounts.suspend(work, handle=handle, suspended=True)
            )
        else:
            await other.delete_account(PASS, recovery_key=SPARE)
            assert await rows(server) == 0, "in the same work"
        moment.now += 60
        if how == "remote":
            await run_once(server.host, REMIND)  # before the reader followed: what stands is looked up
        else:
            await follow(server)
        assert await rows(server) == 0
        await run_once(server.host, REMIND)
        assert push.came == []
        assert await server.host.db.look(lambda look: reminders.left(look, uid=uid)) == []


async def test_what_an_erasure_left_is_named(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana")
        await put(ana, push, 1)
        uid = ana.me.uid
        assert await server.host.db.look(lambda look: reminders.left(look, uid=uid)) == ["reminders_device"]


async def test_addresses_and_the_key_lie_sealed_and_move_to_the_newest_data_key(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana: AsyncMindhaven = home("ana")
        await ana.sign_up(PASS, word="ana")
        await put(ana, push, minute(moment, 2), path="/secret-address")
        key = await asks(ana, "GET", "/v1/reminder/key")
        host = server.host

        async def stored() -> tuple[bytes, bytes]:
            device = await host.db.look(lambda look: look.row("SELECT endpoint FROM reminders_device"))
            sealed = await host.db.look(lambda look: look.row("SELECT sealed FROM reminders_key"))
            assert device is not None
            assert sealed is not None
            return device[0], sealed[0]

        before = await stored()
        assert b"secret-address" not in before[0]
        number = await host.secrets.rotate()
        await reseal(host, LEASE)
        after = await stored()
        assert [host.secrets.key_number(one) for one in after] == [number, number]
        await reseal(host, LEASE)
        assert await stored() == after
        await host.secrets.rewrap(MasterKey(bytes(range(32))))
        keys._KEYS.clear()
        assert await asks(ana, "GET", "/v1/reminder/key") == key
        moment.now += 120
        await run_once(host, REMIND)
        assert [one.path for one in push.came] == ["/secret-address"]
