"""Slips of a program that uses the SDK: each is an error of ours, with a name and advice, before anything is queued."""

import asyncio
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.server import running_server
from tests.simulators.world import PASS, Hostile, Time, mood, world

from mindhaven.errors import InvalidInputError, UnavailableError
from mindhaven.kinds import Record
from mindhaven.sdk import AsyncMindhaven, Mindhaven
from mindhaven.sdk.content import Notes
from mindhaven.sdk.entries import Entry
from mindhaven.sdk.errors import ClosedError
from mindhaven.wire.ids import to_text


def journal(text: str, moment: Time) -> Record:
    return Record(
        kind="mindhaven/journal", version=1, created_at=moment.now * 1000, zone="UTC", body={"text": text}
    )  # fmt: skip


def entry(client: AsyncMindhaven, note: str) -> Entry:
    return next(e for e in client.entries() if e.record and note in e.record.body.values())


# -- files that belong elsewhere --------------------------------------------------------------------------------------


async def test_a_file_of_another_collection_is_refused_before_anything_is_queued(tmp_path: Path, moment: Time) -> None:
    file = tmp_path / "song.bin"
    file.write_bytes(b"la" * 1000)
    async with world(tmp_path, moment) as (_, home):
        ana = home("phone")
        await ana.sign_up(PASS, word="ana")
        song = await ana.attach("mood", file, media_type="audio/ogg")
        with_song = Notes(files=(song,))
        ana.add(mood("first"), notes=with_song)
        await ana.sync()
        journals = await ana.ensure("journal")
        calls: list[Callable[[], Any]] = [
            lambda: ana.add(journal("by its kind", moment), notes=with_song),
            lambda: ana.add(mood("by name"), collection="journal", notes=with_song),
            lambda: ana.add(mood("by id"), collection=journals.id, notes=with_song),
            lambda: ana.add(mood("not begun"), collection="nowhere yet", notes=with_song),
        ]
        for call in calls:
            with pytest.raises(InvalidInputError) as caught:
                call()
            assert caught.value.reason == "attachment-elsewhere"
            assert "song.bin" in caught.value.message
            assert "collection=" in str(caught.value.hint)
        ana.add(journal("plain", moment))
        with pytest.raises(InvalidInputError):
            ana.revise(entry(ana, "plain"), journal("with it", moment), notes=with_song)
        assert (await ana.sync()).sent == 1
        with pytest.raises(InvalidInputError):
            ana.revise(entry(ana, "plain"), journal("with it", moment), notes=with_song)
        assert (await ana.sync()).sent == 0

        # Where it belongs it is taken: again, in a revision, and on a device that only knows it from an entry.
        ana.add(mood("second"), notes=with_song)
        ana.revise(entry(ana, "first"), mood("first, changed"))
        assert (await ana.sync()).sent == 2
        other = home("tablet")
        await other.log_in(ana.me.handle, PASS)
        await other.sync()
        kept = entry(other, "second").notes
        assert kept.files[0].name == "song.bin"
        other.add(mood("third"), notes=kept)
        other.revise(entry(other, "second"), mood("second, changed"))
        with pytest.raises(InvalidInputError):
            other.add(journal("no", moment), notes=kept)
        assert (await other.sync()).sent == 2
        assert b"".join([part async for part in other.read_file(entry(other, "third"))]) == file.read_bytes()


@pytest.mark.parametrize("what", ["absent", "folder", "locked"])
async def test_a_file_that_can_not_be_read_is_named(
    tmp_path: Path, moment: Time, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "song.bin"
    if what == "folder":
        file.mkdir()
    elif what == "locked":
        file.write_bytes(b"la")
        opened = Path.open

        def refuse(path: Path, *arguments: Any, **more: Any) -> Any:
            if path == file:
                raise PermissionError(13, "Permission denied")
            return opened(path, *arguments, **more)

        monkeypatch.setattr(Path, "open", refuse)
    async with world(tmp_path, moment) as (_, home):
        ana = home("phone")
        await ana.sign_up(PASS, word="ana")
        with pytest.raises(InvalidInputError) as caught:
            await ana.attach("mood", file, media_type="audio/ogg")
        assert caught.value.reason == "file-unreadable"
        assert str(file) in caught.value.message
        assert caught.value.hint


# -- a client that was closed, a loop that runs -----------------------------------------------------------------------


async def test_what_was_begun_although_its_answer_was_lost_is_begun_once(tmp_path: Path, moment: Time) -> None:
    file = tmp_path / "song.bin"
    file.write_bytes(b"la" * 1000)
    made: list[Hostile] = []

    def wire(inner: httpx.AsyncBaseTransport) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp_path, moment, between=wire) as (_, home):
        ana = home("phone")
        await ana.sign_up(PASS, word="ana")
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> None:
            index = f"/v1/collections/{to_text(ana.index.id or b'')}/commits"
            if request.method == "POST" and request.url.path == index and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("the server has taken it")

        made[-1].change = lose
        with pytest.raises(UnavailableError):
            await ana.attach("mood", file, media_type="audio/ogg")
        assert lost
        song = await ana.attach("mood", file, media_type="audio/ogg")
        ana.add(mood("first"), notes=Notes(files=(song,)))
        assert (await ana.sync()).sent == 1
        assert [one.name for one in ana.index.collections()].count("mood") == 1


async def test_a_closed_client_says_so_whatever_is_asked(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana = home("phone")
        await ana.sign_up(PASS, word="ana")
        await ana.close()
        await ana.close()
        for call in (lambda: ana.add(mood("late")), ana.entries, ana.collections, ana.held):
            with pytest.raises(ClosedError):
                call()  # type: ignore[operator]
        for later in (ana.sync, ana.shares, ana.devices):
            with pytest.raises(ClosedError):
                await later()  # type: ignore[operator]
        assert issubclass(ClosedError, UnavailableError)
        again = home("phone")
        await again.sync()


def test_a_closed_blocking_client_says_so_and_closes_twice(tmp_path: Path) -> None:
    with running_server(tmp_path / "server") as server, warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that is never awaited
        with Mindhaven.create(tmp_path / "home", server.url, passphrase=PASS) as ana:
            ana.sign_up(PASS, word="ana")
        ana.close()
        for call in (ana.sync, ana.devices, ana.entries, lambda: ana.add(mood("late"))):
            with pytest.raises(ClosedError) as caught:
                call()  # type: ignore[operator]
            assert "Mindhaven.open" in str(caught.value.hint)


async def test_the_blocking_client_inside_a_loop_says_which_one_to_take(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in (
            lambda: Mindhaven.create(tmp_path / "home", "http://127.0.0.1:1", passphrase=PASS),
            lambda: Mindhaven.open(tmp_path / "home", passphrase=PASS),
            lambda: Mindhaven.move_in(tmp_path / "home", tmp_path / "a", "http://127.0.0.1:1", passphrase=PASS),
        ):
            with pytest.raises(InvalidInputError) as caught:
                call()
            assert caught.value.reason == "loop-running"
            assert "AsyncMindhaven" in str(caught.value.hint)
    assert not (tmp_path / "home").exists()


def test_a_blocking_client_made_outside_is_refused_inside(tmp_path: Path) -> None:
    with Mindhaven.create(tmp_path / "home", "http://127.0.0.1:1", passphrase=PASS) as ana, warnings.catch_warnings():
        warnings.simplefilter("error")

        async def inside() -> None:
            ana.sync()

        with pytest.raises(InvalidInputError) as caught:
            asyncio.run(inside())
        assert caught.value.reason == "loop-running"
