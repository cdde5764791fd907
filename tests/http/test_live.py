"""The live stream of one server, on both databases: who hears of what, until when, and how much it may cost."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.streams import Streamed, streamed
from tests.simulators.world import DAY, PASS, START, Time, mood, world

from mindhaven import accounts
from mindhaven.kernel import Actor
from mindhaven.live import service
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server

OTHER = "brass kettle under the stairs"
ACCOUNT = b"event: account\ndata: {}\n\n"
Opened = tuple[Server, Callable[[str], AsyncMindhaven]]


@asynccontextmanager
async def running(tmp: Path, moment: Time, url: str) -> AsyncIterator[Opened]:
    """A server that numbers and tells, with a way to open homes at it."""
    async with world(tmp, moment, **{"server.database": url}) as (server, home):
        server.start()
        yield server, home


async def signed_up(opened: Opened, name: str) -> AsyncMindhaven:
    client = opened[1](name)
    await client.sign_up(PASS, word=name)
    return client


async def device(opened: Opened, name: str, owner: AsyncMindhaven) -> AsyncMindhaven:
    client = opened[1](name)
    await client.log_in(owner.me.handle, PASS)
    await client.sync()
    return client


async def friends(ana: AsyncMindhaven, ben: AsyncMindhaven) -> None:
    await ben.accept(await ana.invite(), name="Ben", inviter_name="Ana")
    await ana.answers()


async def token(client: AsyncMindhaven) -> str:
    return await client.transport._current()


def told(collection: bytes, seq: int) -> bytes:
    """Return the hint, byte for byte."""
    return b'event: collection\ndata: {"collection":"%s","seq":%d}\n\n' % (base64.b64encode(collection), seq)


def named(client: AsyncMindhaven, name: str) -> bytes:
    return next(one.id for one in client.collections() if one.name == name)


async def write(client: AsyncMindhaven, note: str) -> None:
    client.add(mood(note))
    await client.sync()


async def quiet(server: Server) -> None:
    """Wait until what was committed is numbered, and told to whoever may hear of it."""
    for _ in range(2000):
        waiting = await server.host.db.look(lambda look: look.row("SELECT 1 FROM event WHERE position IS NULL LIMIT 1"))
        if waiting is None and server.host.stream._end == await server.host.stream.end():
            await asyncio.sleep(0.1)
            return
        await asyncio.sleep(0.01)
    raise AssertionError("events were never numbered")


async def test_members_hear_of_their_collection_and_strangers_of_nothing(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana, ben, eve = [await signed_up(opened, name) for name in ("ana", "ben", "eve")]
        await friends(ana, ben)
        await write(ana, "before")
        await ana.share("mood", "Ben", role=Role.WRITER)
        await ben.sync()
        await quiet(server)
        place = named(ana, "mood")
        async with (
            streamed(server.app, await token(ana)) as hers,
            streamed(server.app, await token(ben)) as his,
            streamed(server.app, await token(eve)) as strangers,
        ):
            assert hers.headers["content-type"] == "text/event-stream"
            assert hers.headers["cache-control"] == "no-store, no-transform"
            assert hers.headers["x-accel-buffering"] == "no"
            assert not {"content-encoding", "content-length"} & hers.headers.keys()
            await write(ana, "one")
            line = told(place, ana.store.seq(place))
            await hers.until(lambda s: line in s.sent)
            await his.until(lambda s: line in s.sent)
            ben.add(mood("by ben"), collection=place)
            await ben.sync()
            line = told(place, ben.store.seq(place))
            await hers.until(lambda s: line in s.sent)
            assert strangers.sent == b": listening\n\n"
            assert ACCOUNT not in his.sent, "nothing of his account changed"
            # Nothing but what is written here ever stands in a stream: no name, no content, no third kind of word.
            for one in (hers, his):
                rest = one.sent.removeprefix(b": listening\n\n")
                for seq in range(100):
                    for each in (place, ana.index.id, ben.index.id):
                        rest = rest.replace(told(each or b"", seq), b"")
                assert rest == b""


async def test_who_is_out_hears_no_more(tmp_path: Path, moment: Time, database_url: str) -> None:
    moment.now = (START // DAY + 1) * DAY - 120  # two minutes to midnight
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana, ben, cyd = [await signed_up(opened, name) for name in ("ana", "ben", "cyd")]
        await friends(ana, ben)
        await cyd.accept(await ana.invite(), name="Cyd", inviter_name="Ana")
        await ana.answers()
        await write(ana, "before")
        place = named(ana, "mood")
        await ana.share("mood", "Ben")
        await ana.share("mood", "Cyd", until=START // DAY)
        await quiet(server)
        async with streamed(server.app, await token(ben)) as his, streamed(server.app, await token(cyd)) as theirs:
            await write(ana, "both hear")
            line = told(place, ana.store.seq(place))
            await his.until(lambda s: line in s.sent)
            await theirs.until(lambda s: line in s.sent)
            await ana.stop_sharing("mood", "Ben")
            await his.until(lambda s: ACCOUNT in s.sent)
            revoked = told(place, ana.store.seq(place))
            await theirs.until(lambda s: revoked in s.sent)
            heard = his.sent.count(b"event: collection")
            await write(ana, "cyd alone hears")
            alone = told(place, ana.store.seq(place))
            await theirs.until(lambda s: alone in s.sent)
            await quiet(server)
            assert revoked not in his.sent
            assert alone not in his.sent
            assert his.sent.count(b"event: collection") == heard
            moment.now += 180  # their last day is over
            async with streamed(server.app, await token(ana)) as hers:
                await write(ana, "nobody hears")
                last = told(place, ana.store.seq(place))
                await hers.until(lambda s: last in s.sent)
                await quiet(server)
                assert last not in theirs.sent
                assert last not in his.sent
                assert not theirs.ended


async def _log_out(opened: Opened, ana: AsyncMindhaven, phone: AsyncMindhaven) -> None:
    await phone.log_out()


async def _lost(opened: Opened, ana: AsyncMindhaven, phone: AsyncMindhaven) -> None:
    await ana.lost_device(phone.me.session, PASS)


async def _suspended(opened: Opened, ana: AsyncMindhaven, phone: AsyncMindhaven) -> None:
    db = opened[0].host.db
    handle = ana.me.handle
    await db.act(Actor("operator"), lambda work: accounts.suspend(work, handle=handle, suspended=True))


# Opening her way in to say that the phone is lost gives her own device a new token, so her old stream ends too.
ENDS: dict[str, Any] = {
    "log-out": (_log_out, False, True),
    "lost device": (_lost, True, True),
    "suspended": (_suspended, True, False),
}


@pytest.mark.parametrize("how", ENDS)
async def test_a_stream_ends_with_its_device(tmp_path: Path, moment: Time, database_url: str, how: str) -> None:
    end, both, again = ENDS[how]
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        phone = await device(opened, "phone", ana)
        old = await token(phone)
        async with streamed(server.app, await token(ana)) as hers, streamed(server.app, await token(phone)) as its:
            await end(opened, ana, phone)
            await its.until(lambda s: s.ended)
            if both:
                await hers.until(lambda s: s.ended)
            else:
                await hers.until(lambda s: ACCOUNT in s.sent)
                assert not hers.ended
        late = Streamed(server.app, old)
        await late.until(lambda s: s.ended)
        assert (late.status, b": listening" in late.sent) == (401, False), "the phone is out for good"
        if again:
            async with streamed(server.app, await token(ana)) as hers:
                assert not hers.ended


async def test_a_stream_ends_with_its_token(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        given = await token(ana)
        moment.now += 10 * 60 - 1  # the promise: access tokens live ten minutes
        async with streamed(server.app, given) as hers:
            assert not hers.ended
            await hers.until(lambda s: s.ended)
        moment.now += 2
        late = Streamed(server.app, given)
        await late.until(lambda s: s.ended)
        assert (late.status, b"token-over" in late.sent) == (401, True)


async def test_who_goes_away_holds_nothing(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        board = service.board(server.host)
        async with streamed(server.app, await token(ana)):
            assert len(board) == 1
        assert (len(board), board._listeners, board._following) == (0, {}, None)
        again = Streamed(server.app, await token(ana))
        await again.until(lambda s: s.sent)
        server.stopping()
        await again.until(lambda s: s.ended)
        late = Streamed(server.app, await token(ana))
        await late.until(lambda s: s.ended)
        assert (late.status, late.sent) == (200, b": listening\n\n")
        head = Streamed(server.app, await token(ana), method="HEAD")
        await head.until(lambda s: s.ended)
        assert (head.status, head.sent, head.headers["content-type"]) == (200, b"", "text/event-stream")


async def test_streams_are_limited(
    tmp_path: Path, moment: Time, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, moment, sqlite_url) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        phone = await device(opened, "phone", ana)
        ben = await signed_up(opened, "ben")
        board = service.board(server.host)
        assert 100 < board._most <= 4000
        monkeypatch.setattr(board, "_most", 5)
        monkeypatch.setattr(service, "STREAMS_PER_ACCOUNT", 4)
        mine = []
        for _ in range(4):  # one after the other: the first to come is the first that makes room
            mine.append(Streamed(server.app, await token(ana)))
            await mine[-1].until(lambda s: s.sent)
        theirs = Streamed(server.app, await token(phone))
        await theirs.until(lambda s: s.ended)
        assert (theirs.status, b"too-many-streams" in theirs.sent, theirs.headers["retry-after"]) == (429, True, "300")
        fifth = Streamed(server.app, await token(ana))
        await fifth.until(lambda s: s.sent)
        await mine[0].until(lambda s: s.ended)  # of one device the oldest makes room
        await mine[0].task  # its last byte leaves before its place is free
        assert not any(one.ended for one in mine[1:])
        his = Streamed(server.app, await token(ben))
        await his.until(lambda s: s.sent)
        assert his.status == 200
        full = Streamed(server.app, await token(ben))
        await full.until(lambda s: s.ended)
        assert (full.status, b"live-full" in full.sent) == (503, True)
        for one in (*mine, fifth, his):
            one.leave()
            await one.task
        assert len(board) == 0


async def test_what_failed_on_the_way_is_told_after_all(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.05)
    whole, failures = service.vault.heads, 3

    async def failing(*given: Any, **more: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise OSError("the database is away")
        return await whole(*given, **more)

    monkeypatch.setattr(service.vault, "heads", failing)
    async with running(tmp_path, moment, database_url) as opened:
        server, _ = opened
        ana = await signed_up(opened, "ana")
        async with streamed(server.app, await token(ana)) as hers:
            await write(ana, "one")
            line = told(named(ana, "mood"), ana.store.seq(named(ana, "mood")))
            await hers.until(lambda s: line in s.sent)
            assert failures == 0
