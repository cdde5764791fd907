"""Reminders over HTTP, with a push service on this machine: what is sent, what is refused, what ends."""

import base64
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.push import PushService, allow, asks, bits, claims, push_service
from tests.simulators.world import PASS, Homes, Time, world

from mindhaven.errors import DeniedError, InvalidInputError, MindhavenError
from mindhaven.kernel import run_once
from mindhaven.reminders.jobs import JOBS
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server

REMIND = JOBS[0]
ORIGIN = {"server.origin": "https://mindhaven.test"}
Opened = tuple[Server, Homes]


@pytest.fixture
def push() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@asynccontextmanager
async def served(tmp: Path, moment: Time, push: PushService, **more: Any) -> AsyncIterator[Opened]:
    async with world(tmp, moment, **{**ORIGIN, "push.services": (push.url,), **more}) as opened:
        await opened[0].record()
        yield opened


async def signed_up(opened: Opened, name: str) -> AsyncMindhaven:
    client: AsyncMindhaven = opened[1](name)
    await client.sign_up(PASS, word=name)
    return client


async def put(client: AsyncMindhaven, endpoint: str, *minutes: int) -> None:
    await allow(client)
    await asks(client, "PUT", "/v1/reminder", {"endpoint": endpoint, "minutes": list(minutes)})


async def shown(client: AsyncMindhaven) -> list[dict[str, Any]]:
    answer: dict[str, Any] = await asks(client, "GET", "/v1/reminder")
    return answer["devices"]


def soon(moment: Time) -> int:
    return (moment.now // 60 + 1) % 1440


async def pass_minute(server: Server, moment: Time) -> None:
    moment.now = moment.now // 60 * 60 + 60
    await run_once(server.host, REMIND)


async def happened(server: Server, client: AsyncMindhaven) -> list[str]:
    """Return what the person's own events say about reminders."""
    await server.host.stream.number()
    return [one.name for one in (await client.activity()).acts if one.name.startswith("reminders.")]


async def test_a_push_is_empty_and_signed_for_its_service(tmp_path: Path, moment: Time, push: PushService) -> None:
    contact = {"server.security-contact": "mailto:security@mindhaven.test"}
    async with served(tmp_path, moment, push, **contact) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        key = (await asks(ana, "GET", "/v1/reminder/key"))["key"]
        assert len(bits(key)) == 65
        assert bits(key)[0] == 4  # an uncompressed point
        await put(ana, f"{push.url}/device-of-ana", soon(moment))
        await pass_minute(server, moment)
        (one,) = push.came
        assert (one.method, one.path, one.body) == ("POST", "/device-of-ana", b"")
        assert one.headers["content-length"] == "0"
        assert one.headers["ttl"] == "1800"
        assert one.headers["urgency"] == "normal"
        assert not {"content-type", "content-encoding", "transfer-encoding", "topic", "cookie"} & one.headers.keys()
        told = claims(one, key)
        assert told == {"aud": push.url, "exp": moment.now + 43_200, "sub": "mailto:security@mindhaven.test"}
        assert [(d["service"], d["left"], d["here"]) for d in await shown(ana)] == [("127.0.0.1", 2, True)]
        assert [d["since"] % 3600 for d in await shown(ana)] == [0]


async def test_without_a_contact_the_server_names_its_address(tmp_path: Path, moment: Time, push: PushService) -> None:
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        await put(ana, f"{push.url}/a", soon(moment))
        await pass_minute(opened[0], moment)
        key = (await asks(ana, "GET", "/v1/reminder/key"))["key"]
        assert claims(push.came[0], key)["sub"] == "https://mindhaven.test"


@pytest.mark.parametrize("status", [404, 410])
async def test_an_address_that_is_no_more_ends_the_registration(
    tmp_path: Path, moment: Time, push: PushService, status: int
) -> None:
    push.answers["/gone"] = status
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        await put(ana, f"{push.url}/gone", soon(moment))
        await pass_minute(opened[0], moment)
        assert len(push.came) == 1
        assert await shown(ana) == []
        assert await happened(opened[0], ana) == ["reminders.device.started", "reminders.device.ended"]


@pytest.mark.parametrize("status", [302, 400, 403, 429, 500, 503])
async def test_any_other_failure_is_left_alone_until_the_next_time(
    tmp_path: Path, moment: Time, push: PushService, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    push.answers["/secret-address"] = status
    push.location = f"{push.url}/elsewhere"
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        await put(ana, f"{push.url}/secret-address", soon(moment), (soon(moment) + 1) % 1440)
        with caplog.at_level(logging.WARNING):
            await pass_minute(opened[0], moment)
            await run_once(opened[0].host, REMIND)
        assert [one.path for one in push.came] == ["/secret-address"], "no redirect is followed, nothing tried again"
        assert "secret-address" not in caplog.text
        assert push.url not in caplog.text
        assert [d["left"] for d in await shown(ana)] == [2]
        await pass_minute(opened[0], moment)
        assert len(push.came) == 2


async def test_a_push_service_that_is_away_holds_up_nobody_else(
    tmp_path: Path, moment: Time, push: PushService
) -> None:
    away = "http://127.0.0.1:9"  # nothing listens there
    async with served(tmp_path, moment, push, **{"push.services": (push.url, away)}) as opened:
        ana, ben = await signed_up(opened, "ana"), await signed_up(opened, "ben")
        await put(ana, f"{away}/a", soon(moment))
        await put(ben, f"{push.url}/b", soon(moment))
        await pass_minute(opened[0], moment)
        assert [one.path for one in push.came] == ["/b"]
        assert [d["left"] for d in await shown(ana)] == [2]


async def test_turning_it_on_again_is_no_event_and_turning_it_off_is_one(
    tmp_path: Path, moment: Time, push: PushService
) -> None:
    async with served(tmp_path, moment, push) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        await put(ana, f"{push.url}/a", 1200, 480)
        await put(ana, f"{push.url}/new-address", 480)
        assert [d["minutes"] for d in await shown(ana)] == [[480]]
        await asks(ana, "DELETE", "/v1/reminder")
        await asks(ana, "DELETE", "/v1/reminder")
        assert await shown(ana) == []
        assert await happened(server, ana) == ["reminders.device.started", "reminders.device.ended"]
        await pass_minute(server, moment)
        assert push.came == []


async def test_nobody_reads_or_ends_what_is_somebody_elses(tmp_path: Path, moment: Time, push: PushService) -> None:
    """Mallory even knows Ana's address at her push service, and says that it is his."""
    async with served(tmp_path, moment, push) as opened:
        ana, mallory = await signed_up(opened, "ana"), await signed_up(opened, "mallory")
        await put(ana, f"{push.url}/ana", soon(moment))
        assert await shown(mallory) == []
        await asks(mallory, "DELETE", "/v1/reminder")
        await put(mallory, f"{push.url}/ana", 5)
        await asks(mallory, "DELETE", "/v1/reminder")
        assert [(d["minutes"], d["left"]) for d in await shown(ana)] == [([soon(moment)], 3)]
        await pass_minute(opened[0], moment)
        assert [one.path for one in push.came] == ["/ana"]
        for method, path in (("GET", "/v1/reminder"), ("GET", "/v1/reminder/key"), ("DELETE", "/v1/reminder")):
            answer = await mallory.transport._http.request(method, f"https://mindhaven.test{path}")
            assert answer.status_code == 401, path


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.evil.test/x",
        "http://fcm.googleapis.com/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://localhost/x",
        "http://127.0.0.1:8440/v1/account",
        "file:///etc/passwd",
    ],
)
async def test_an_address_of_no_named_service_is_refused(
    tmp_path: Path, moment: Time, push: PushService, endpoint: str
) -> None:
    default = {"push.services": ("fcm.googleapis.com", "*.push.apple.com")}
    async with served(tmp_path, moment, push, **default) as opened:
        ana = await signed_up(opened, "ana")
        with pytest.raises(DeniedError) as caught:
            await put(ana, endpoint, 5)
        assert caught.value.reason == "push-service"
        assert endpoint not in caught.value.diagnostics()
        assert await shown(ana) == []


@pytest.mark.parametrize(
    "body",
    [
        {"endpoint": "{}/a", "minutes": []},
        {"endpoint": "{}/a", "minutes": [1440]},
        {"endpoint": "{}/a", "minutes": [-1]},
        {"endpoint": "{}/a", "minutes": [5, 5]},
        {"endpoint": "{}/a", "minutes": list(range(9))},
        {"endpoint": "{}/a", "minutes": [1.5]},
        {"endpoint": "{}/" + "a" * 2048, "minutes": [5]},
        {"endpoint": "", "minutes": [5]},
        {"endpoint": "{}/a"},
        {"endpoint": "{}/a", "minutes": [5], "words": "take your pills"},
    ],
)
async def test_what_has_another_shape_is_refused(
    tmp_path: Path, moment: Time, push: PushService, body: dict[str, Any]
) -> None:
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        with pytest.raises(InvalidInputError):
            await asks(ana, "PUT", "/v1/reminder", body | {"endpoint": body["endpoint"].format(push.url)})
        assert await shown(ana) == []


async def test_a_host_that_names_no_service_sends_none_and_one_taken_off_the_list_is_called_no_more(
    tmp_path: Path, moment: Time, push: PushService
) -> None:
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        await put(ana, f"{push.url}/a", (soon(moment) + 1) % 1440)
    async with served(tmp_path, moment, push, **{"push.services": ()}) as opened:
        ana = opened[1]("ana")
        for method, path, body in (
            ("GET", "/v1/reminder/key", None),
            ("PUT", "/v1/reminder", {"endpoint": f"{push.url}/a", "minutes": [5]}),
        ):
            with pytest.raises(MindhavenError) as caught:
                await asks(ana, method, path, body)
            assert caught.value.reason == "reminders-off"
        await pass_minute(opened[0], moment)
        await pass_minute(opened[0], moment)
        assert push.came == []
        assert await shown(ana) == []
        assert await happened(opened[0], ana) == ["reminders.device.started", "reminders.device.ended"]


async def test_a_setting_that_names_what_is_no_push_service_refuses_the_start(
    tmp_path: Path, moment: Time, push: PushService
) -> None:
    with pytest.raises(InvalidInputError, match=r"push.services: http://push.example.org is called without") as caught:
        async with served(tmp_path, moment, push, **{"push.services": ("http://push.example.org",)}):
            pass
    assert "Name the host alone" in (caught.value.hint or "")


async def test_the_list_of_push_services_is_for_reminders_only(tmp_path: Path, moment: Time, push: PushService) -> None:
    from mindhaven.kernel import Call

    async with served(tmp_path, moment, push) as (server, _):
        with pytest.raises(DeniedError):
            await server.host.outbound.send(Call(method="POST", url=f"{push.url}/a", purpose="access-log"))
        reply = await server.host.outbound.send(Call(method="POST", url=f"{push.url}/a", purpose="reminders"))
        assert reply.status == 201


async def test_two_servers_of_one_database_use_one_key(tmp_path: Path, moment: Time, push: PushService) -> None:
    async with served(tmp_path, moment, push) as opened:
        ana = await signed_up(opened, "ana")
        first = await asks(ana, "GET", "/v1/reminder/key")
    async with served(tmp_path, moment, push) as opened:
        ana = opened[1]("ana")
        assert await asks(ana, "GET", "/v1/reminder/key") == first
        assert base64.urlsafe_b64decode(first["key"] + "=")[0] == 4
