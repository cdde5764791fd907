"""Jobs: repeated, leased, idempotent work.

Guarantees: one process at a time runs a job, `every_seconds` apart over all processes; a job that writes under
`lease.check` can't write after it was taken over. Does not: promise an exact time. I/O: the table lease; the job's own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mindhaven.errors import MindhavenError
from mindhaven.kernel import lease as leases
from mindhaven.kernel.work import Work

if TYPE_CHECKING:
    from mindhaven.kernel.host import Host

_LOG: Final = logging.getLogger("mindhaven.kernel.jobs")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Runs about every `every_seconds`, for at most `lease_seconds` unless it keeps its lease."""

    name: str
    every_seconds: int
    run: Callable[["Host", leases.Lease], Coroutine[Any, Any, None]]
    lease_seconds: int = 300


async def run_once(host: "Host", job: Job, *, due_only: bool = False) -> bool:
    """Run `job` under its lease; return False if another holds it, or if `due_only` and it is not due."""
    rest = job.every_seconds if due_only else 0
    name = f"job:{job.name}"
    holder = host.random(16)

    async def take(work: Work) -> leases.Lease | None:
        return await leases.take(work, name=name, holder=holder, seconds=job.lease_seconds, rest_seconds=rest)

    lease = await host.db.act_in_turn(take, upkeep=name)
    if lease is None:
        return False
    done = False
    try:
        await job.run(host, lease)
        done = True
    finally:
        await host.db.act_in_turn(lambda work: leases.release(work, lease, done=done), upkeep=name)
    return True


class Jobs:
    """The jobs of one process, each a background task."""

    def __init__(self, host: "Host", jobs: Sequence[Job]) -> None:
        self._host = host
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start every job's task."""
        for job in self._jobs:
            self._tasks.append(asyncio.create_task(self._repeat(job), name=f"mindhaven-job-{job.name}"))

    async def stop(self) -> None:
        """Cancel every job and wait for its end."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        self._tasks.clear()

    async def _repeat(self, job: Job) -> None:
        pause = min(max(job.every_seconds / 4, 0.25), 60.0)
        while True:
            try:
                await run_once(self._host, job, due_only=True)
            except Exception as error:  # noqa: BLE001 - a job's failure is its own; it is tried again
                what = error.reason if isinstance(error, MindhavenError) else type(error).__name__
                _LOG.warning("the job %s failed and is tried again: %s", job.name, what)
            await asyncio.sleep(pause)
