"""Devices over HTTP: one line a device, however often it signs in; what all are told. The clock is the test's."""

from pathlib import Path

import pytest
from tests.simulators.world import DAY, PASS, Time, mood, world

from mindhaven.accounts.jobs import enter_due, sweep
from mindhaven.kernel import Lease
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.ways import New
from mindhaven.wire.accounts import RecentAct

HOUR = 3600
FEW = 4
"""As many devices as may be signed in at once in these tests: each log-in costs an Argon2."""
LEASE = Lease(name="x", holder=b"", fence=1)


@pytest.fixture(autouse=True)
def few_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindhaven.wire.accounts.MAX_SESSIONS", FEW)


async def told(client: AsyncMindhaven) -> list[RecentAct]:
    return (await client._devices.recent()).acts


async def test_a_device_that_signs_in_again_and_again_stays_one_device(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana", device="phone")
        first_seen = moment.now // HOUR * HOUR
        for _ in range(FEW + 6):
            moment.now += 2 * HOUR
            await ana.log_in(ana.me.handle, PASS, device="phone")
        (phone,) = await ana.devices()
        assert (phone.name, phone.first_seen_at) == ("phone", first_seen)
        assert phone.last_seen_at == moment.now // HOUR * HOUR
        assert await told(ana) == []
        ana.add(mood("still here"))
        assert (await ana.sync()).sent == 1


async def test_only_who_holds_its_key_signs_in_as_a_known_device(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, eve = home("ana"), home("eve")
        await ana.sign_up(PASS, word="ana")
        real = eve.transport.call

        async def claim(method: str, path: str, *rest: object, **more: object) -> object:
            if path == "/v1/login":
                body = more["body"]
                body.known_device = ana.me.session_key.public  # type: ignore[attr-defined]
                body.known_signature = given  # type: ignore[attr-defined]
            return await real(method, path, *rest, **more)  # type: ignore[arg-type]

        eve.transport.call = claim  # type: ignore[method-assign, assignment]
        given = None
        await eve.log_in(ana.me.handle, PASS)
        given = bytes(64)
        await eve.log_in(ana.me.handle, PASS)
        assert len(await ana.devices()) == 3
        assert [act.what for act in await told(ana)] == ["device", "device"]


@pytest.mark.shows("told-on-every-device")
async def test_a_new_device_is_told_of_on_all_for_thirty_days(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, laptop = home("ana"), home("laptop")
        await ana.sign_up(PASS, word="ana")
        await laptop.log_in(ana.me.handle, PASS)
        (act,) = await told(ana)
        assert (act.what, act.about, act.at) == ("device", laptop.me.session, moment.now // HOUR * HOUR)
        await laptop.log_out()
        assert await told(ana) == [act]  # signing out again does not clear it
        moment.now += 29 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await sweep(server.host, LEASE)
        assert await told(ana) == [act]
        moment.now += 2 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await sweep(server.host, LEASE)
        assert await told(ana) == []
        assert await server.host.db.look(lambda look: look.rows("SELECT uid FROM accounts_recent")) == []


async def test_changes_of_ways_in_are_told_of(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        _, root = await ana.access.open_way(passphrase=PASS)
        await ana.access.change(root, new=New.KEYS)
        await ana.access.change(root, new=New.ROOT)
        recent = await ana._devices.recent()
        (waiting,) = recent.waiting
        assert waiting.due_at == moment.now + DAY
        assert sorted(act.what for act in recent.acts) == ["keys", "waiting"]
        await ana.cancel_pending(waiting.id)
        recent = await ana._devices.recent()
        assert recent.waiting == []
        assert {act.about for act in recent.acts if act.what in {"waiting", "cancelled"}} == {waiting.id}
        await ana.access.change(root, new=New.ROOT)
        moment.now += DAY + 1
        await enter_due(server.host, LEASE)
        await ana.log_in(ana.me.handle, PASS)
        assert [act.what for act in await told(ana)].count("keys") == 2


async def test_the_device_that_rested_longest_makes_room(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, *others = (home(f"device {number}") for number in range(FEW))
        await ana.sign_up(PASS, word="ana")
        for one in others:
            moment.now += 60
            await one.log_in(ana.me.handle, PASS)
        await ana.access.renew()
        await home("one more").log_in(ana.me.handle, PASS)
        there = {one.id for one in await ana.devices()}
        assert len(there) == FEW
        assert ana.me.session in there
        assert others[0].me.session not in there


async def test_a_device_that_rested_for_ninety_days_is_signed_out(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, laptop = home("ana"), home("laptop")
        await ana.sign_up(PASS, word="ana")
        await laptop.log_in(ana.me.handle, PASS)
        moment.now += 89 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await sweep(server.host, LEASE)
        assert len(await ana.devices()) == 2
        moment.now += 2 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await sweep(server.host, LEASE)
        assert [one.here for one in await ana.devices()] == [True]
