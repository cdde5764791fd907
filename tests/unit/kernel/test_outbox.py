"""The outbox: sent at least once, kept until then."""

import os
from typing import Any

import pytest

from mindhaven.kernel import Actor, Database, Sender, run_once, send_later
from mindhaven.kernel.outbox import outbox_job


class OnlyDatabase:
    """What a job needs of a host."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.random = os.urandom


async def waiting(db: Database) -> list[Any]:
    return await db.look(lambda look: look.rows("SELECT topic, attempts, error FROM outbox ORDER BY id"))


async def test_a_message_is_sent_or_kept_and_tried_again(database: Database, clock: Any) -> None:
    sent: list[bytes] = []
    fail = True

    async def send(_host: Any, body: bytes) -> None:
        if fail and body == b"bad":
            raise ValueError("canary")
        sent.append(body)

    job = outbox_job([Sender(topic="mail", send=send)])
    host: Any = OnlyDatabase(database)
    for body in (b"good", b"bad"):
        await database.act(Actor("person"), lambda work, b=body: send_later(work, topic="mail", body=b), upkeep="test")
    await database.act(Actor("person"), lambda work: send_later(work, topic="other", body=b"x"), upkeep="test")
    assert await run_once(host, job)
    assert sent == [b"good"]
    assert await waiting(database) == [("mail", 1, "ValueError"), ("other", 1, "no-sender")]
    assert await run_once(host, job)
    assert await waiting(database) == [("mail", 1, "ValueError"), ("other", 1, "no-sender")], "not due yet"
    clock.now += 31
    fail = False
    assert await run_once(host, job)
    assert sent == [b"good", b"bad"]
    assert await waiting(database) == [("other", 2, "no-sender")]


async def test_a_message_stands_or_falls_with_its_work(database: Database) -> None:
    async def fails(work: Any) -> None:
        await send_later(work, topic="mail", body=b"x")
        raise ValueError

    with pytest.raises(ValueError):
        await database.act(Actor("person"), fails)
    assert await waiting(database) == []
