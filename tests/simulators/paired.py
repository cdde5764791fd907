"""Ana, and Bob who may write in her moods."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.simulators.kept import kept
from tests.simulators.world import PASS, Homes, Hostile, Time, mood

from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server


async def _pair(_: Server, home: Homes) -> bytes:
    ana, bob = home("ana"), home("bob")
    await ana.sign_up(PASS, word="ana")
    await bob.sign_up(PASS, word="bob")
    ana.add(mood("one"))
    await ana.sync()
    await ana.sharing.add_contact(Card(bob.me.handle, bob.me.uid), name="Secret nickname", checked="card")
    await ana.share("mood", "Secret nickname", role=Role.WRITER)
    await bob.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana of the pair", checked="card")
    await bob.sync()
    mine = ana.index.named("mood")
    assert mine is not None
    return mine.id


@asynccontextmanager
async def paired(
    tmp: Path, moment: Time
) -> AsyncIterator[tuple[Homes, AsyncMindhaven, AsyncMindhaven, bytes, list[Hostile]]]:
    """Give Ana, Bob who may write in her moods, and the moods' id."""
    async with kept("pair", tmp, moment, _pair) as (_, home, made, mood_id):
        yield home, home("ana"), home("bob"), mood_id, made
