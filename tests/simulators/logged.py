"""Ana and Bob on a server whose logs are signed, and what a server without scruples signs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.kept import kept
from tests.simulators.world import DAY, PASS, SPARE, Homes, Hostile, Time, mood

from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor
from mindhaven.ledger import keys, publishing, service
from mindhaven.protocol import ledger as forms
from mindhaven.protocol.card import Card
from mindhaven.server.build import Server
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.wire.ledger import ActivityPage

Change = Callable[[Any], Any]


async def publish(server: Server) -> None:
    """Number what happened, let the logs follow, and sign them."""
    host = server.host
    await publishing.begin(host)
    await host.stream.number()
    for name in ("ledger.audit", "ledger.keys", "ledger.heads"):
        while await host.stream.read(name):
            pass
    await publishing.write_heads(host)
    for name in forms.LOGS:
        await publishing.publish(host, name, now=True)


async def into_log(server: Server, name: str, entry: bytes) -> None:
    """Write an entry that nothing stands behind, and sign it."""
    await server.host.db.act(Actor("job"), lambda work: service.grow(work, name, [entry]), upkeep="a lie")
    await publishing.publish(server.host, name, now=True)


async def signed_by(server: Server, name: str, size: int, root: bytes) -> bytes:
    """Return what a server signs that has no scruples."""
    log = await server.host.db.look(lambda look: service.need(service.Logs(look, service.SCOPE), name))
    checkpoint = Checkpoint(log.origin, size, root)
    return checkpoint.sign(keys.signer(publishing.data(server.host), log.origin)).encode()


def on(path: str, gives: Any, change: Change) -> Callable[[httpx.Request, bytes], bytes | None]:
    """Change the answers of one JSON operation."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path != path or b"urn:mindhaven:problem" in content:
            return None
        return msgspec.json.encode(change(msgspec.json.decode(content, type=gives)))

    return hook


def named(code: str) -> Any:
    """Expect an integrity error of that name."""
    return pytest.raises(IntegrityError, check=lambda error: error.reason == code)


class Logged:
    """Ana and Bob, contacts of each other, both in the logs; `lies` is Ana's hostile transport."""

    def __init__(self, server: Server, home: Homes, made: list[Hostile], moment: Time) -> None:
        self.server, self.home, self.made, self.moment = server, home, made, moment
        self.ana, self.lies = home("ana"), made[-1]
        self.bob = home("bob")
        listed = self.ana.index.named("mood")
        assert listed is not None
        self.mood = listed.id

    async def publish(self) -> None:
        await publish(self.server)

    async def write(self, note: str = "more") -> None:
        self.ana.add(mood(note, at=self.moment.now))
        await self.ana.sync()

    async def tomorrow(self, days: int = 1) -> None:
        self.moment.now += days * DAY
        for client in (self.ana, self.bob):
            await client.log_in(client.me.handle, PASS)

    def on_activity(self, change: Change) -> None:
        """Change what Ana is told of her own events."""
        self.lies.change = on("/v1/activity", ActivityPage, change)


async def _logged(server: Server, home: Homes) -> None:
    ana, bob = home("ana"), home("bob")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    await bob.sign_up(PASS, word="bob")
    await ana.add_contact(Card(bob.me.handle, bob.me.uid), name="Bob")
    ana.add(mood("one"))
    await ana.sync()
    await publish(server)


@asynccontextmanager
async def logged(tmp: Path, moment: Time) -> AsyncIterator[Logged]:
    """Give Ana and Bob, with logs that were signed once."""
    async with kept("logged", tmp, moment, _logged) as (server, home, made, _):
        yield Logged(server, home, made, moment)
