"""Worlds that are made once and copied: the same people, keys and records for each test, each in a place of its own.

Signing up stretches a passphrase for a good part of a second; what is copied was stretched in full, once a process.
"""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.simulators.world import Homes, Hostile, Time
from tests.simulators.world import world as whole_world

from mindhaven.crypto.secrets import SealKey
from mindhaven.server.build import Server

KEY = SealKey(b"the key of every test's store...")
"""Local stores lie under a key here: a store's own passphrase is tested elsewhere."""
_made: dict[str, tuple[Path, int, Any]] = {}


def world(tmp: Path, moment: Time, **more: Any) -> AbstractAsyncContextManager[tuple[Server, Homes]]:
    """Return a new world whose stores lie under a key."""
    return whole_world(tmp, moment, store_key=KEY, **more)


@asynccontextmanager
async def kept(
    name: str,
    tmp: Path,
    moment: Time,
    begin: Callable[[Server, Homes], Awaitable[Any]],
    **more: Any,
) -> AsyncIterator[tuple[Server, Homes, list[Hostile], Any]]:
    """Give a copy of the world that `begin` makes: server, homes, a hostile transport for each home in the order in
    which they are opened, and what `begin` returned (values only)."""
    if name not in _made:
        folder = Path(tempfile.mkdtemp(prefix="mh-kept-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        async with world(folder, moment, **more) as (server, home):
            facts = await begin(server, home)
        _made[name] = folder, moment.now, facts
    folder, moment.now, facts = _made[name]
    shutil.copytree(folder, tmp, dirs_exist_ok=True)
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp, moment, between=between, **more) as (server, home):
        yield server, home, made, facts
