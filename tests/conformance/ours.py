"""The real server, in this process and on a port of its own, whose logs are grown to any size."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from mindhaven.kernel import Actor, Host
from mindhaven.ledger import api, publishing, service, witnessing
from mindhaven.ledger.store import Logs
from mindhaven.protocol.ledger import KEYS
from mindhaven.server.build import Server, build
from mindhaven.server.connection import Connection
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.tlog.note import Note, VerifierKey

KEY = "log.key"


class Ours:
    """A server with its address; `ask` gives it a witness."""

    def __init__(self, folder: Path, server: Server, url: str) -> None:
        self.folder, self.server, self.url = folder, server, url

    @property
    def host(self) -> Host:
        return self.server.host

    async def vkeys(self) -> list[VerifierKey]:
        shown = await api.show(self.host, None)  # type: ignore[arg-type]
        return [VerifierKey.parse(one.vkey) for one in shown.logs]

    async def ask(self, url: str, key: VerifierKey) -> None:
        """Open the server anew, with that witness as its policy."""
        await self.server.close()
        (self.folder / "policy").write_text(f"witness w {key} {url}\nquorum w\n")
        more = {"ledger.policy": str(self.folder / "policy"), "server.outbound-hosts": [url.partition("://")[2]]}
        self.server = await _opened(self.folder, **more)
        await publishing.begin(self.host)

    async def grow(self, size: int) -> None:
        """Grow `keys` to `size` by random entries, sign it, and ask the witness if there is one."""
        row = await self.host.db.look(lambda look: service.need(Logs(look, service.SCOPE), KEYS))
        left = size - row.size
        while left:
            entries = [os.urandom(64) for _ in range(min(left, 4096))]
            await self.host.db.act(
                Actor("job"), lambda work, entries=entries: service.grow(work, KEYS, entries), upkeep="conformance"
            )
            left -= len(entries)
        await self.publish(KEYS)

    async def publish(self, name: str) -> None:
        await self.host.stream.number()
        await publishing.publish(self.host, name, now=True)
        await witnessing.ask(self.host, name)

    async def public(self, name: str) -> Note:
        found = await self.host.db.look(lambda look: Logs(look, service.SCOPE).newest(name, public=True))
        assert found is not None, f"{name} is not public"
        return Note.parse(found.note)

    async def spoil(self, name: str) -> None:
        """Change one byte of one entry, as a database gone bad would."""

        async def change(work: Any) -> None:
            row = await work.row("SELECT data FROM ledger_bundle WHERE log = $1 AND number = 0", name)
            data = bytearray(row[0])
            data[100] ^= 1
            await work.run("UPDATE ledger_bundle SET data = $2 WHERE log = $1 AND number = 0", name, bytes(data))

        await self.host.db.act(Actor("job"), change, upkeep="conformance")


async def _opened(folder: Path, **more: Any) -> Server:
    settings = load_server(SLICES, overrides={"server.data": str(folder), **more})
    return await build(settings, environment={})


@asynccontextmanager
async def ours(folder: Path, *, like: Ours | None = None) -> AsyncIterator[Ours]:
    """Serve for a while; `like` another: with its logs' key and an empty database."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if like is not None:
        shutil.copy2(like.folder / KEY, folder / KEY)
    server = await _opened(folder)
    await publishing.begin(server.host)
    made = Ours(folder, server, "")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await made.server.app(scope, receive, send)

    running = uvicorn.Server(
        uvicorn.Config(app, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False)
    )
    running.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:
        await asyncio.sleep(0.01)
    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield made
    finally:
        running.should_exit = True
        await task
        await made.server.close()
