"""The outbox: whatever leaves the machine waits here first, stored with what caused it.

Guarantees: a row is written in the work that decided it, and deleted only after its sender returned; so a message is
sent at least once. Does not: send exactly once, nor give up silently (attempts and the kind of failure are kept).
I/O: the table outbox; the senders' own.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mindhaven.errors import MindhavenError
from mindhaven.kernel import lease as leases
from mindhaven.kernel.jobs import Job
from mindhaven.kernel.work import Actor, Look, Row, Work

if TYPE_CHECKING:
    from mindhaven.kernel.host import Host

RETRY_SECONDS: Final = 30
RETRY_MOST_SECONDS: Final = 6 * 3600
BATCH: Final = 50


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends the messages of one topic."""

    topic: str
    send: Callable[["Host", bytes], Coroutine[Any, Any, None]]


async def send_later(work: Work, *, topic: str, body: bytes, due_at: int | None = None) -> None:
    """Put a message into the outbox, in the work that decided it."""
    await work.run(
        "INSERT INTO outbox (topic, body, due_at, attempts) VALUES ($1, $2, $3, 0)",
        topic,
        body,
        work.now if due_at is None else due_at,
    )


def outbox_job(senders: Sequence[Sender], *, every_seconds: int = 2) -> Job:
    """Return the job that sends what is due."""
    by_topic = {sender.topic: sender for sender in senders}

    async def run(host: "Host", lease: leases.Lease) -> None:
        async def due(look: Look) -> list[Row]:
            return await look.rows(
                f"SELECT id, topic, body, attempts FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT {BATCH}",  # noqa: S608
                look.now,
            )

        for row, topic, body, attempts in await host.db.look(due):
            error: str | None = "no-sender"
            if topic in by_topic:
                try:
                    await by_topic[topic].send(host, body)
                    error = None
                except Exception as raised:  # noqa: BLE001 - kept by its kind and tried again
                    error = raised.reason if isinstance(raised, MindhavenError) else type(raised).__name__
            await host.db.act(Actor("job"), _settle(lease, row, attempts, error), upkeep="outbox")

    return Job(name="outbox", every_seconds=every_seconds, run=run)


def _settle(
    lease: leases.Lease, row: int, attempts: int, error: str | None
) -> Callable[[Work], Coroutine[Any, Any, None]]:
    async def settle(work: Work) -> None:
        await leases.check(work, lease)
        if error is None:
            await work.run("DELETE FROM outbox WHERE id = $1", row)
            return
        wait = min(RETRY_SECONDS * 2 ** min(attempts, 16), RETRY_MOST_SECONDS)
        await work.run(
            "UPDATE outbox SET attempts = attempts + 1, error = $1, due_at = $2 WHERE id = $3",
            error,
            work.now + wait,
            row,
        )

    return settle
