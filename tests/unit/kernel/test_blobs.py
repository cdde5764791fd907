"""Blobs as files."""

from pathlib import Path

import pytest

from mindhaven.errors import ConflictError, InvalidInputError, NotFoundError
from mindhaven.kernel import FileBlobs

KEY = "ab" * 32


async def read(blobs: FileBlobs, key: str, **more: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, **more)])


async def test_a_blob_is_whole_ranged_and_removed(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    data = bytes(range(256)) * 3000
    await blobs.put(KEY, data)
    assert await blobs.size(KEY) == len(data)
    assert await read(blobs, KEY) == data
    assert await read(blobs, KEY, start=300_000, length=10) == data[300_000:300_010]
    assert await read(blobs, KEY, start=len(data)) == b""
    assert await blobs.delete(KEY) is True
    assert await blobs.delete(KEY) is False
    with pytest.raises(NotFoundError):
        await blobs.size(KEY)
    with pytest.raises(NotFoundError):
        await read(blobs, KEY)
    await blobs.close()


async def test_an_upload_goes_on_where_it_stopped(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    assert await blobs.partial_size(KEY) == 0
    assert await blobs.append(KEY, 0, b"abc") == 3
    with pytest.raises(ConflictError):
        await blobs.append(KEY, 5, b"xyz")
    again = FileBlobs(tmp_path)
    assert await again.partial_size(KEY) == 3
    assert await again.append(KEY, 3, b"def") == 6
    assert await again.append(KEY, 3, b"DEF") == 6, "a repeated piece is taken as the same piece"
    with pytest.raises(NotFoundError):
        await again.size(KEY)
    assert await again.finish(KEY) == 6
    assert await again.finish(KEY) == 6, "a repeated finish is harmless"
    assert await read(again, KEY) == b"abcDEF"
    with pytest.raises(NotFoundError):
        await again.finish("cd" * 32)
    await blobs.close()
    await again.close()


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "AB" * 32, "ab", "ab" * 65, "ab/" * 10])
async def test_a_key_cannot_leave_the_directory(tmp_path: Path, key: str) -> None:
    blobs = FileBlobs(tmp_path)
    with pytest.raises(InvalidInputError):
        await blobs.put(key, b"x")
    await blobs.close()


async def test_files_are_for_the_server_only(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    await blobs.put(KEY, b"x")
    for path in (tmp_path / "blobs").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    await blobs.close()
