"""A server that shows another state than there is: older, forked, hidden, another's. docs/attacks/lying-server.md."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.kept import world
from tests.simulators.scenes import Alone, Hook, alone, notes, on_page
from tests.simulators.world import PASS, Hostile, Time, mood

from mindhaven.crypto.encoding import decode, encode
from mindhaven.protocol.collection import Commit
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.errors import RollbackError, WithheldError
from mindhaven.wire.ids import to_text
from mindhaven.wire.vault import Collections

ALL = ["first", "second", "third"]


def rolled_back(ana: Alone, keep: int) -> Hook:
    """Show the mood collection as it was after commit `keep`, in lists and pages."""
    old = ana.phone.store.commit_hash(ana.mood, keep)
    assert old is not None

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path == "/v1/collections" and request.method == "GET":
            listed = msgspec.json.decode(content, type=Collections)
            for one in listed.collections:
                if one.id == ana.mood:
                    one.seq, one.head = keep, old
            return msgspec.json.encode(listed)
        if to_text(ana.mood) in request.url.path and request.url.path.endswith("/commits"):
            since = int(request.url.params["since"])
            return encode([keep, old, decode(content)[2][: max(0, keep - since)]])
        return None

    return hook


@pytest.mark.shows("lies-are-named")
@entry("rollback, on a device that saw more", "rollback",
       off=("sdk.pulling.Pulling._check_head: rollback", "sdk.index.Index.check: rollback"),
       then="the device is told that all is well, and what it sent is gone")  # fmt: skip
async def test_a_rollback_is_named_on_a_device_that_saw_more(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        ana.wire.change = rolled_back(ana, 2)
        with play.lie() as named:
            await ana.phone.sync()
        assert isinstance(named.value, RollbackError)
        assert notes(ana.phone) == ALL
        with play.off():
            synced = await ana.phone.sync()
            assert (synced.held, synced.log_fault) == ((), None)
        with play.honest():
            ana.wire.change = None
            await ana.phone.sync()
            assert notes(ana.phone) == ALL


@pytest.mark.shows("lies-are-named")
@entry("rollback, on a new device", "rollback",
       off=("sdk.index.Index.check: rollback", "sdk.index.Index.check_pulled: fork"),
       then="the newest record is not there and nobody hears of it")  # fmt: skip
async def test_a_rollback_is_named_on_a_new_device_by_the_heads_in_the_index(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path, moment) as ana:
        laptop, wire = await ana.device()
        wire.change = rolled_back(ana, 2)
        with play.lie():
            await laptop.sync()
        other, again = await ana.device("other")
        again.change = rolled_back(ana, 2)
        with play.off():
            await other.sync()
            assert notes(other) == ["first", "second"]
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert notes(laptop) == ALL


# -- two histories


class Forking(httpx.AsyncBaseTransport):
    """Takes what one device writes to a collection and shows it to that device alone."""

    def __init__(self, wire: Hostile, collection: bytes) -> None:
        self.wire, self.collection = wire, collection
        self.path = f"/v1/collections/{to_text(collection)}/commits"
        self.at: tuple[int, bytes] | None = None
        wire.change = self.show

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) != ("POST", self.path):
            return await self.wire.handle_async_request(request)
        signed = Signed.of(decode(await request.aread())[0])
        self.at = Commit.decode(signed.body).seq, signed.hash("commit")
        return httpx.Response(200, headers={"content-type": "application/cbor"}, content=encode([*self.at]))

    def show(self, request: httpx.Request, content: bytes) -> bytes | None:
        if self.at is None or request.method != "GET":
            return None
        if request.url.path == self.path:
            return encode([*self.at, []])
        if request.url.path != "/v1/collections":
            return None
        listed = msgspec.json.decode(content, type=Collections)
        for one in listed.collections:
            if one.id == self.collection:
                one.seq, one.head = self.at
        return msgspec.json.encode(listed)


async def forked(ana: Alone) -> AsyncMindhaven:
    """Return the laptop, which was shown a history of its own: what it wrote was taken, and nobody else is shown it."""
    laptop, wire = await ana.device()
    await laptop.sync()
    forking = Forking(wire, ana.mood)
    laptop.transport._http._transport = forking
    laptop.add(mood("on the laptop only"))
    assert await laptop.syncing.flush() == (1, [])
    assert forking.at is not None
    return laptop


@pytest.mark.shows("lies-are-named")
@entry("fork", "fork",
       off="sdk.index.Index.check_pulled: fork",
       then="each device goes on with a history of its own, and neither is told")  # fmt: skip
async def test_two_histories_are_found_where_heads_meet(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        with play.honest():
            await ana.phone.sync()
            assert notes(ana.phone) == ALL
        laptop = await forked(ana)
        ana.phone.add(mood("on the phone only"))
        await ana.phone.sync()  # and notes the head that it was shown in the index, which both devices read
        with play.lie() as named:
            await laptop.sync()
        assert isinstance(named.value, RollbackError)
        assert notes(laptop) == ["first", "on the laptop only", "second", "third"]
        with play.off():
            await laptop.sync()
            await ana.phone.sync()
            assert notes(ana.phone) == ["first", "on the phone only", "second", "third"]
            assert notes(laptop) == ["first", "on the laptop only", "second", "third"]


# -- hidden, and another's


@entry("a hidden collection", "collection-withheld", off="sdk.index.Index.check: collection-withheld",
       then="a new device shows none of it and nobody hears of it")  # fmt: skip
async def test_a_hidden_collection_is_named(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        laptop, wire = await ana.device()

        def hide(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != "/v1/collections" or request.method != "GET":
                return None
            listed = msgspec.json.decode(content, type=Collections)
            listed.collections = [one for one in listed.collections if one.id != ana.mood]
            return msgspec.json.encode(listed)

        wire.change = hide
        with play.lie() as named:
            await laptop.sync()
        assert isinstance(named.value, WithheldError)
        with play.off():
            await laptop.sync()
            assert notes(laptop) == []
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert notes(laptop) == ALL


async def eve_of(ana: Alone) -> tuple[AsyncMindhaven, bytes, bytes]:
    """Return somebody else with moods of hers: her client, her collection's id and its page as she is given it."""
    eve = ana.home("eve")
    await eve.sign_up(PASS, word="eve")
    eve.add(mood("eve's"))
    await eve.sync()
    listed = eve.index.named("mood")
    assert listed is not None
    path = f"/v1/collections/{to_text(listed.id)}/commits?since=-1"
    return eve, listed.id, await eve.transport.cbor("GET", path)


@entry("another owner's collection", "chain-collection",
       off=("sdk.pulling.Pulling.take_page: chain-collection", "sdk.pulling.Pulling._take: chain-collection"),
       then="a stranger's collection is kept on the device in the place of one's own")  # fmt: skip
async def test_another_owners_collection_is_not_taken_for_ones_own(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        eve, hers, theirs = await eve_of(ana)

        def swap(page: list[Any]) -> list[Any]:
            shown: list[Any] = decode(theirs)
            return shown if page[2] else [shown[0], shown[1], []]

        laptop, wire = await ana.device()
        wire.change = on_page(ana.mood, swap)
        with play.lie():
            await laptop.sync()
        assert laptop.vault.state(ana.mood) is None
        other, again = await ana.device("other")
        again.change = on_page(ana.mood, swap)
        with play.off():
            with contextlib.suppress(WithheldError):  # one's own is missing then
                await other.vault.pull(ana.mood)
            state = other.vault.state(hers)
            assert state is not None
            assert state.owner == eve.me.uid
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert notes(laptop) == ALL


@entry("another owner's record", "envelope-mismatch",
       off=("sdk.pulling.Pulling._open: envelope-mismatch", "sdk.pulling.Pulling._open: salt-mismatch"),
       then="the person's own record is gone; a stranger's stands there and does not open")  # fmt: skip
async def test_another_owners_record_is_not_taken_for_ones_own(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        _, _, theirs = await eve_of(ana)
        foreign = decode(theirs)[2][-1][1]

        def swap(page: list[Any]) -> list[Any]:
            page[2][-1][1] = foreign
            return page

        laptop, wire = await ana.device()
        wire.change = on_page(ana.mood, swap)
        with play.lie():
            await laptop.sync()
        assert notes(laptop) == []
        other, again = await ana.device("other")
        again.change = on_page(ana.mood, swap)
        with play.off():
            await other.sync()
            assert notes(other) == ["first", "second"]
            # That it does not open is no check but the absence of a key, and of a place: the header names another.
            assert [one.error for one in other.entries() if one.record is None] == ["envelope-misplaced"]
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert notes(laptop) == ALL


# -- a real restore


@asynccontextmanager
async def put_back(tmp: Path, moment: Time) -> AsyncIterator[AsyncMindhaven]:
    """Give Ana's phone, which was told that its newest record is kept, on a server whose data are from before."""
    async with alone(tmp, moment):
        pass
    shutil.copytree(tmp / "data", tmp / "before")
    async with world(tmp, moment) as (_, home):
        phone = home("phone")
        phone.add(mood("acknowledged"))
        synced = await phone.sync()
        assert synced.sent == 1
    shutil.rmtree(tmp / "data")
    shutil.copytree(tmp / "before", tmp / "data")
    async with world(tmp, moment) as (_, home):
        yield home("phone")


@entry("a restore that loses an acknowledged tail", "rollback",
       off=("sdk.pulling.Pulling._check_head: rollback", "sdk.index.Index.check: rollback"),
       then="the record exists on one device only, and its owner is told that all is well")  # fmt: skip
async def test_a_restore_that_lost_what_was_acknowledged_is_named(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path / "honest", moment) as ana:
        with play.honest():
            await ana.phone.sync()
            assert notes(ana.phone) == ALL
    async with put_back(tmp_path / "lost", moment) as phone:
        with play.lie() as named:
            await phone.sync()
        assert isinstance(named.value, RollbackError)
        assert "restored" in (named.value.hint or "")
        assert "acknowledged" in notes(phone)
        with play.off():
            synced = await phone.sync()
            assert (synced.held, synced.log_fault) == ((), None)
