"""A disk for attachments that is slow, hangs or is full: told by name, nothing half-written, others go on."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.kept import KEY
from tests.simulators.world import PASS, Time, mood, world

from mindhaven.errors import UnavailableError
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.server.build import Server

CONTENT = bytes(range(256)) * 600


async def begun(home: Callable[[str], AsyncMindhaven]) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    """Ana, and Ben who has nothing to do with it."""
    ana, ben = home("ana"), home("ben")
    for client, word in ((ana, "ana"), (ben, "ben")):
        await client.sign_up(PASS, word=word)
        client.add(mood("before"))
        await client.sync()
    return ana, ben


async def attach(ana: AsyncMindhaven, file: Path) -> Notes:
    return Notes(files=(await ana.attach("mood", file, media_type="text/plain"),))


async def others_go_on(ben: AsyncMindhaven, waits: "asyncio.Future[Any]") -> None:
    """Somebody else writes and syncs three times while `waits` is not done."""
    for number in range(3):
        ben.add(mood(f"meanwhile {number}"))
        assert (await ben.sync()).sent == 1
    assert not waits.done(), "it was not slow: this shows nothing"


async def kept_parts(server: Server, data: Path) -> tuple[list[str], int]:
    """Return every file under the blobs' directory, and how many parts the database knows."""
    files = [path.name for path in (data / "blobs").rglob("*") if path.is_file()]
    row = await server.host.db.look(lambda look: look.row("SELECT COUNT(*) FROM vault_blob"))
    assert row is not None
    return files, row[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_bytes(CONTENT)
    return path


async def test_a_slow_disk_holds_up_its_own_attachment_only(
    tmp_path: Path, moment: Time, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment, store_key=KEY) as (server, home):
        ana, ben = await begun(home)
        put, read = server.blobs._put, os.pread

        def slow_put(key: str, data: bytes) -> None:
            time.sleep(3)
            put(key, data)

        def slow_read(*args: Any) -> bytes:
            time.sleep(3)
            return read(*args)

        monkeypatch.setattr(server.blobs, "_put", slow_put)
        sending = asyncio.ensure_future(attach(ana, file))
        await asyncio.sleep(0.1)
        await others_go_on(ben, sending)
        ana.add(mood("with a page"), notes=await sending)
        await ana.sync()
        monkeypatch.setattr("mindhaven.kernel.blobs.os.pread", slow_read)
        (entry,) = [one for one in ana.entries() if one.notes.files]

        async def whole() -> bytes:
            return b"".join([piece async for piece in ana.read_file(entry)])

        reading = asyncio.ensure_future(whole())
        await asyncio.sleep(0.1)
        await others_go_on(ben, reading)
        assert await reading == CONTENT


async def test_a_disk_that_hangs_is_told_and_the_same_file_goes_later(
    tmp_path: Path, moment: Time, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment, store_key=KEY) as (server, home):
        ana, ben = await begun(home)
        answers, whole = threading.Event(), server.blobs._put

        def hangs(key: str, data: bytes) -> None:
            assert answers.wait(60)
            raise OSError(errno.EIO, "the disk came back without it")

        monkeypatch.setattr(server.blobs, "_put", hangs)
        monkeypatch.setattr(server.blobs, "_slow_seconds", 6.0)
        many = [tmp_path / f"page {number}" for number in range(8)]  # more than there are threads
        for path in many:
            path.write_bytes(path.name.encode())
        sending = asyncio.gather(*(attach(ana, path) for path in many), return_exceptions=True)
        await asyncio.sleep(0.1)
        await others_go_on(ben, sending)
        for error in await sending:
            assert isinstance(error, UnavailableError), error
            assert error.reason == "blobs-slow"
            assert "still on your device" in str(error.hint)
        answers.set()
        monkeypatch.setattr(server.blobs, "_put", whole)
        assert await kept_parts(server, tmp_path / "data") == ([], 0)
        await sent_and_read(ana, file)


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "blobs-full"), (errno.EIO, "blobs-failed")])
async def test_a_full_disk_is_told_and_keeps_nothing_half(
    tmp_path: Path, moment: Time, file: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    async with world(tmp_path, moment, store_key=KEY) as (server, home):
        ana, ben = await begun(home)
        with monkeypatch.context() as patch:

            def full(_handle: int) -> None:
                raise OSError(number, os.strerror(number))

            patch.setattr("mindhaven.kernel.durable.os.fsync", full)
            with pytest.raises(UnavailableError) as refused:
                await attach(ana, file)
            assert refused.value.reason == code
            assert await kept_parts(server, tmp_path / "data") == ([], 0)
            ben.add(mood("as ever"))
            assert (await ben.sync()).sent == 1
        await sent_and_read(ana, file)


async def sent_and_read(ana: AsyncMindhaven, file: Path) -> None:
    """Send the same file again, and read it back."""
    ana.add(mood("with a page"), notes=await attach(ana, file))
    await ana.sync()
    (entry,) = [one for one in ana.entries() if one.notes.files]
    assert b"".join([piece async for piece in ana.read_file(entry)]) == CONTENT
