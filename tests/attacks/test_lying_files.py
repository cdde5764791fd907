"""A server that gives other bytes of an attachment than were sealed. docs/attacks/lying-server.md."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from tests.simulators.entry import Play, entry
from tests.simulators.scenes import Alone, Hook, alone
from tests.simulators.world import Time, mood

from mindhaven.cli.entries import save_file, saved_as
from mindhaven.crypto.seal import _chunk_nonce
from mindhaven.errors import IntegrityError
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.content import Notes
from mindhaven.wire.ids import to_text

CHUNK = 64 * 1024
SEALED = CHUNK + 16
"""A sealed part of a file: 64 KiB and a tag of 16 bytes (spec/attachment.md)."""
CONTENT = b"".join(bytes([65 + n]) * CHUNK for n in range(3)) + b"the end"
OTHER = b"of another file " * 12_289
OPENER = "protocol.attachment.FileOpener."


async def attach(ana: Alone, tmp: Path, content: bytes, note: str) -> Any:
    path = tmp / f"{note}.txt"
    path.write_bytes(content)
    reference = await ana.phone.attach("mood", path, media_type="text/plain")
    ana.phone.add(mood(note), notes=Notes(files=(reference,)))
    await ana.phone.sync()
    return reference


async def read(client: AsyncMindhaven, note: str) -> bytes:
    found = next(one for one in client.entries() if one.record and one.record.body["note"] == note)
    return b"".join([part async for part in client.read_file(found)])


def gives(blob: bytes, change: Any) -> Hook:
    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        return change(content) if request.url.path.endswith(f"/blobs/{to_text(blob)}") else None

    return hook


def parts(blob: bytes) -> list[bytes]:
    return [blob[start : start + SEALED] for start in range(0, len(blob), SEALED)]


def truncated(blob: bytes) -> bytes:
    return b"".join(parts(blob)[:2])


def spliced(blob: bytes) -> bytes:
    first, second, *rest = parts(blob)
    return b"".join([second, first, *rest])


def _open_chunk(cipher: Any, index: int, chunk: bytes, *, last: bool) -> bytes:
    """Stands in for the opener of a part at its place: it opens at whatever place it was sealed for."""
    for number in range(8):
        for end in (False, True):
            try:
                return cipher.decrypt(_chunk_nonce(number, last=end), chunk, None)
            except InvalidTag:
                continue
    raise ValueError


HASH = f"{OPENER}feed: blob-mismatch"
LIES: list[Any] = [
    pytest.param(
        truncated, CONTENT[: 2 * CHUNK], id="truncated",
        marks=entry("truncated attachment", "blob-mismatch",
                    off=(HASH, "crypto.seal._open_chunk", f"{OPENER}finish: attachment-size"),
                    then="a file that was cut short is given as whole"),
    ),
    pytest.param(
        spliced, CONTENT[CHUNK : 2 * CHUNK] + CONTENT[:CHUNK] + CONTENT[2 * CHUNK :], id="spliced",
        marks=entry("spliced attachment", "blob-mismatch", off=(HASH, "crypto.seal._open_chunk"),
                    then="a file is given with its parts in another order"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "given"), LIES)
async def test_a_file_is_the_one_that_was_sealed(
    change: Any, given: bytes, tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path, moment) as ana:
        reference = await attach(ana, tmp_path, CONTENT, "with a file")
        (blob,) = reference.blobs
        with play.honest():
            assert await read(ana.phone, "with a file") == CONTENT
        ana.wire.change = gives(blob, change)
        with play.lie():
            await read(ana.phone, "with a file")
        with play.off(_open_chunk=_open_chunk):
            assert await read(ana.phone, "with a file") == given


@entry("a part of another file in the place of one's own", "blob-mismatch",
       why="Each file has its own key: without the check of the hash the part still does not open.")  # fmt: skip
async def test_a_part_of_another_file_does_not_stand_in_this_one(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        mine = await attach(ana, tmp_path, CONTENT, "mine")
        foreign = await attach(ana, tmp_path, OTHER, "foreign")
        path = f"/v1/collections/{to_text(ana.mood)}/blobs/{to_text(foreign.blobs[0])}"
        other = await ana.phone.transport.blob("GET", path)
        with play.honest():
            assert await read(ana.phone, "mine") == CONTENT
        ana.wire.change = gives(mine.blobs[0], lambda _: other)
        with play.lie():
            await read(ana.phone, "mine")


async def test_what_was_cut_short_is_not_left_in_a_folder(tmp_path: Path, moment: Time) -> None:
    async with alone(tmp_path, moment) as ana:
        reference = await attach(ana, tmp_path, CONTENT, "saved")
        found = ana.entry("saved")
        folder = tmp_path / "folder"
        folder.mkdir()
        ana.wire.change = gives(reference.blobs[0], truncated)
        with pytest.raises(IntegrityError):
            await save_file(ana.phone.read_file(found), folder / "saved.txt")
        assert list(folder.iterdir()) == []
        ana.wire.change = None
        await save_file(ana.phone.read_file(found), folder / "saved.txt")
        assert (folder / "saved.txt").read_bytes() == CONTENT
        with pytest.raises(FileExistsError):  # what is there is neither overwritten nor removed
            await save_file(ana.phone.read_file(found), folder / "saved.txt")
        assert (folder / "saved.txt").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("drawing.txt", "drawing.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\evil.bat", "evil.bat"),
        (".bash_profile", "bash_profile"),
        ("..", "file"),
        ("", "file"),
        ("a\x1b[2J\nb.txt", "a?[2J b.txt"),
    ],
)
def test_a_file_that_somebody_named_stays_in_its_folder_and_is_seen(name: str, here: str) -> None:
    assert saved_as(name) == here
