"""Server-sent events as a client reads them: however they are cut, however wrong they are."""

from collections.abc import AsyncIterator

import pytest

from mindhaven.sdk.hints import CHANGED, OPENING, Hint, hints

ONE = b'event: collection\ndata: {"collection":"' + b"A" * 43 + b'=","seq":7}\n\n'


async def read(*pieces: bytes) -> list[Hint]:
    async def given() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [hint async for hint in hints(given())]


async def test_hints_are_read_however_they_are_cut() -> None:
    whole = b": listening\n\n" + ONE + b": still here\n\nevent: account\ndata: {}\n\n"
    expected = [OPENING, Hint(bytes(32), 7), CHANGED]
    assert await read(whole) == expected
    assert await read(*(whole[at : at + 1] for at in range(len(whole)))) == expected
    assert await read(whole.replace(b"\n", b"\r\n")) == expected


@pytest.mark.parametrize(
    "wrong",
    [b"event: collection\n\n", b"event: collection\ndata: {}\n\n", b"event: collection\ndata: \xff\n\n",
     b'event: collection\ndata: {"collection":"AA==","seq":1}\n\n', b"event: later\ndata: {}\n\n", b"data: 1\n\n",
     b"event: collection\ndata: " + b"[" * 100_000 + b"\n\n", b"\n\n\n", b"event\n\n", b"x" * 10_000 + b"\n\n",
     ONE.replace(b":7", b":7.5"), ONE.replace(b":7", b':"7"')],
)  # fmt: skip
async def test_what_is_not_understood_is_passed_over(wrong: bytes) -> None:
    assert await read(b":\n\n", wrong, ONE) == [OPENING, Hint(bytes(32), 7)]


async def test_a_stream_without_a_byte_never_opened() -> None:
    assert await read() == []
