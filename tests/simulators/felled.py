"""A process that turns the salt key and is killed at a step: `felled.py DATA DATABASE NOW STEPS`.

It dies by SIGKILL inside the work of the step after STEPS, whose statements ran and are not committed. Where the turn
has no more steps than that, it ends by itself, with 0.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
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


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
