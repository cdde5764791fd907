"""A device that follows: servers that do not stream, that lie or flood; several programs on one device; its end."""

import asyncio
import base64
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.server import running_server
from tests.simulators.world import PASS, Time, mood, world

from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven, Mindhaven, following
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.following import Followed


class NoStream(httpx.AsyncBaseTransport):
    """What stands between: it treats the live stream in a way of its own, and counts the syncs."""

    def __init__(self, inner: httpx.AsyncBaseTransport, how: str) -> None:
        self.inner = inner
        self.how = how
        self.lists = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/live":
            self.lists += request.url.path == "/v1/collections"
            return await self.inner.handle_async_request(request)
        if self.how == "kept back":
            await asyncio.Event().wait()
        if self.how == "a page":
            return httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>")
        if self.how == "floods":
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=self._flood())
        return httpx.Response(int(self.how), headers={"retry-after": "1"}, json={"code": "path-unknown"})

    async def _flood(self) -> AsyncIterator[bytes]:
        number = 0
        while True:
            number += 1
            made_up = base64.b64encode(number.to_bytes(32, "big"))
            yield b'event: collection\ndata: {"collection":"%s","seq":%d}\n\n' % (made_up, 10**9)
            yield b"event: account\ndata: {}\n\n"
            await asyncio.sleep(0.001)


def notes(client: AsyncMindhaven) -> Counter[str]:
    return Counter(str(one.record.body["note"]) for one in client.entries() if one.record)


class Followers:
    """Follows until it has a text; what it saw on the way."""

    def __init__(self, client: AsyncMindhaven) -> None:
        self.client = client
        self.seen: list[Followed] = []

    async def until(self, note: str) -> None:
        async with asyncio.timeout(20), contextlib.aclosing(self.client.follow()) as going:
            async for followed in going:
                self.seen.append(followed)
                if note in notes(self.client):
                    return


@pytest.mark.parametrize("how", ["404", "405", "501", "503", "429", "a page", "kept back"])
async def test_where_nothing_is_streamed_it_asks(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.3)
    monkeypatch.setattr(following, "OPENING_SECONDS", 0.2)
    made: list[NoStream] = []

    def between(inner: Any) -> NoStream:
        made.append(NoStream(inner, how))
        return made[-1]

    async with world(tmp_path, moment, between=between) as (_, home):
        ana, second = home("ana"), home("second")
        await ana.sign_up(PASS, word="ana")
        await second.log_in(ana.me.handle, PASS)
        follower = Followers(second)
        task = asyncio.create_task(follower.until("later"))
        await asyncio.sleep(1)
        assert len(follower.seen) <= 2, "what is nothing new is not told"
        ana.add(mood("later"))
        await ana.sync()
        await task
        assert not follower.seen[-1].live
        assert follower.seen[-1].changed


async def test_a_flood_of_hints_costs_little_and_changes_nothing(tmp_path: Path, moment: Time) -> None:
    made: list[NoStream] = []

    def between(inner: Any) -> NoStream:
        made.append(NoStream(inner, "floods"))
        return made[-1]

    async with world(tmp_path, moment, between=between) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("mine"))
        await ana.sync()
        before, made[0].lists = ana.entries(), 0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(Followers(ana).until("never"), 3)
        assert 2 <= made[0].lists <= 8  # every half second, in three seconds; a sync that notes heads lists twice
        assert ana.entries() == before


async def test_two_programs_on_one_device_write_and_follow_at_once(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        server.start()
        first = home("ana")
        await first.sign_up(PASS, word="ana")
        first.add(mood("begun"))
        await first.sync()
        second = home("ana")  # the same folder
        laptop = home("laptop")
        await laptop.log_in(first.me.handle, PASS)

        async def work(client: AsyncMindhaven, name: str) -> None:
            for number in range(12):
                client.add(mood(f"{name} {number}"))
                await client.sync()

        await asyncio.gather(work(first, "first"), work(second, "second"), work(laptop, "laptop"))
        expected = Counter(["begun", *(f"{name} {n}" for name in ("first", "second", "laptop") for n in range(12))])
        for client in (first, second, laptop):
            await client.sync()
            assert notes(client) == expected
            assert client.store.queued() == []


async def test_new_keys_of_one_program_are_taken_up_by_the_other(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        first = home("ana")
        await first.sign_up(PASS, word="ana")
        first.add(mood("before"))
        await first.sync()
        second = home("ana")
        await second.sync()
        phone = home("phone")
        await phone.log_in(first.me.handle, PASS)
        await first.lost_device(phone.me.session, PASS)
        await first.sync()
        laptop = home("laptop")
        await laptop.log_in(first.me.handle, PASS)
        await laptop.sync()
        laptop.add(mood("under the new keys"))
        await laptop.sync()
        await second.sync()
        second.add(mood("by the other"))
        await second.sync()
        await first.sync()
        expected = Counter(["before", "under the new keys", "by the other"])
        assert (notes(first), notes(second)) == (expected, expected)
        assert not [one for one in second.entries() if one.error]


async def test_what_one_program_pushes_the_other_may_pull_first(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        first = home("ana")
        await first.sign_up(PASS, word="ana")
        first.add(mood("before"))
        await first.sync()
        second = home("ana")
        whole = first.transport.cbor

        async def overtaken(method: str, path: str, content: bytes | None = None, *, pushes: bool = False) -> bytes:
            answer = await whole(method, path, content, pushes=pushes)
            if pushes:
                await second.sync()
            return answer

        first.transport.cbor = overtaken  # type: ignore[method-assign]
        first.add(mood("pushed"))
        await first.sync()
        assert notes(first) == notes(second) == Counter(["before", "pushed"])


async def test_signing_out_ends_it_by_name_and_nothing_is_left_running(tmp_path: Path) -> None:
    with running_server(tmp_path / "server") as server:
        ana = AsyncMindhaven.create(tmp_path / "ana", server.url, passphrase=PASS)
        await ana.sign_up(PASS, word="ana")
        phone = AsyncMindhaven.create(tmp_path / "phone", server.url, passphrase=PASS)
        await phone.log_in(ana.me.handle, PASS)
        task = asyncio.create_task(Followers(phone).until("never"))
        await asyncio.sleep(1)
        await ana.end_device(phone.me.session)
        with pytest.raises(SignedOutError):
            await asyncio.wait_for(task, 10)
        assert not [one for one in asyncio.all_tasks() if one.get_name() == "mindhaven-follow"]
        await phone.close()
        await ana.close()


def now_mood(note: str) -> Record:
    at = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=at, zone="UTC", body={"valence": 0.0, "note": note})


def test_following_without_await(tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "server") as server,
        Mindhaven.create(tmp_path / "ana", server.url, passphrase=PASS) as ana,
        Mindhaven.create(tmp_path / "second", server.url, passphrase=PASS) as second,
    ):
        ana.sign_up(PASS, word="ana")
        second.log_in(ana.me.handle, PASS)
        told = []
        going = second.follow()
        for number, followed in enumerate(going):
            told.append((followed.live, [str(one.record.body["note"]) for one in second.entries() if one.record]))
            if number == 2:
                break
            ana.add(now_mood(f"note {number}"))
            ana.sync()
        going.close()
        assert told == [(True, []), (True, ["note 0"]), (True, ["note 0", "note 1"])]
        assert second.sync().sent == 0  # the client goes on after it
