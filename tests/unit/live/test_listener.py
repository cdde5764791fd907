"""One listener: what waits for it is bounded, and of a collection only the newest number waits."""

from types import SimpleNamespace
from typing import Any

import pytest

from mindhaven.live import service
from mindhaven.live.service import Listener


def listener() -> Listener:
    request: Any = SimpleNamespace(session=SimpleNamespace(uid=b"u" * 32, session=b"s" * 16, token_ends_at=0))
    return Listener(request)


def collection(number: int) -> bytes:
    return number.to_bytes(32, "big")


async def test_only_the_newest_number_of_a_collection_is_told() -> None:
    one = listener()
    for seq in range(10_000):
        one.tell(bytes(32), seq)
    told = await one.next()
    assert told == b'event: collection\ndata: {"collection":"' + b"A" * 43 + b'=","seq":9999}\n\n'


async def test_too_many_collections_become_one_word() -> None:
    one = listener()
    for number in range(257):
        one.tell(collection(number), 1)
    assert await one.next() == b"event: account\ndata: {}\n\n"


async def test_what_was_taken_back_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "KEEP_ALIVE_SECONDS", 0.05)
    one = listener()
    one.tell(collection(1), 1)
    one.forget(collection(1))
    one.forget(collection(2))
    assert await one.next() == b": still here\n\n"
    assert await one.next() == b": still here\n\n"


async def test_after_the_end_nothing_is_told() -> None:
    one = listener()
    one.tell(collection(1), 1)
    one.end()
    assert await one.next() == b""
