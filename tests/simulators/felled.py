"""A process that turns the salt key and is killed at a step: `felled.py DATA DATABASE NOW STEPS`.

It dies by SIGKILL inside the work of the step after STEPS, whose statements ran and are not committed. Where the turn
has no more steps than that, it ends by itself, with 0.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing.context import ForkServerContext
from typing import Any

from mindhaven import vault
from mindhaven.kernel import Work
from mindhaven.server.build import build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.vault import jobs


async def main(data: str, database: str, now: int, steps: int) -> None:
    left = steps
    whole = jobs._Turn._act

    async def act(self: Any, use_case: Callable[[Work], Any]) -> Any:
        async def dies(work: Work) -> Any:
            nonlocal left
            done = await use_case(work)
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return await whole(self, dies)

    jobs._Turn._act = act  # type: ignore[method-assign, assignment]
    settings = load_server(SLICES, overrides={"server.data": data, "server.database": database})
    server = await build(settings, environment={}, clock=lambda: now)
    try:
        print(await vault.turn_now(server.host))
    finally:
        await server.close()


def _run(data: str, database: str, now: int, steps: int) -> None:
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
    asyncio.run(main(data, database, now, steps))


@cache
def _ready() -> ForkServerContext:
    """Return what starts processes that have read this module already: reading it is what takes long."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def felled(data: str, database: str, now: int, steps: int) -> int | None:
    """Run it in a process of its own; return its exit code (less than 0: the signal)."""
    child = _ready().Process(target=_run, args=(data, database, now, steps))
    child.start()
    child.join(60)
    code = child.exitcode
    child.kill()
    return code


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
