"""The people of the attacks, and what the server in between can be told to show. Made once, copied for each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.simulators.kept import kept
from tests.simulators.world import PASS, SPARE, Homes, Hostile, Time, mood

from mindhaven.crypto.encoding import decode, encode
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import Role
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server
from mindhaven.wire.accounts import AccountShown, ChainShown
from mindhaven.wire.ids import to_text
from mindhaven.wire.vault import Collections, CollectionShown

Hook = Callable[[httpx.Request, bytes], bytes | httpx.Response | None]


def notes(client: AsyncMindhaven) -> list[str]:
    """Return the notes of the moods that a device shows, in alphabetical order."""
    return sorted(str(entry.record.body.get("note")) for entry in client.entries() if entry.record)


def shown_as(client: AsyncMindhaven) -> dict[bytes, str]:
    """Return what a device shows under each record's id."""
    return {entry.item: str(entry.record.body.get("note")) for entry in client.entries() if entry.record}


def on_page(collection: bytes, change: Callable[[list[Any]], list[Any] | None]) -> Hook:
    """Change the pages of a collection: [head's seq, head, [[[body, signatures], [[envelope, salt], ...]], ...]]."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if to_text(collection) not in request.url.path or not request.url.path.endswith("/commits"):
            return None
        page = change(decode(content))
        return None if page is None else encode(page)

    return hook


def on_account(change: Callable[[AccountShown], AccountShown]) -> Hook:
    """Change what the server shows of one's own account."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path != "/v1/account":
            return None
        return msgspec.json.encode(change(msgspec.json.decode(content, type=AccountShown)))

    return hook


def on_list(change: Callable[[CollectionShown], None]) -> Hook:
    """Change what the server's list says of each collection."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if (request.method, request.url.path) != ("GET", "/v1/collections"):
            return None
        listed = msgspec.json.decode(content, type=Collections)
        for one in listed.collections:
            change(one)
        return msgspec.json.encode(listed)

    return hook


def as_it_was(collection: bytes, seq: int, head: bytes) -> Hook:
    """Show a collection, in lists and pages, as it was at a commit."""

    def older(one: CollectionShown) -> None:
        if one.id == collection:
            one.seq, one.head = seq, head

    def cut(page: list[Any]) -> list[Any] | None:
        if len(page) != 3:  # the answer to a push
            return None
        return [seq, head, [one for one in page[2] if decode(Signed.of(one[0]).body)[2] <= seq]]

    return each(on_list(older), on_page(collection, cut))


def each(*hooks: Hook) -> Hook:
    """Ask one hook after the other; the first that changes something does."""
    return lambda request, content: next(
        (changed for hook in hooks if (changed := hook(request, content)) is not None), None
    )


def shows_chain(uid: bytes, statements: list[bytes]) -> Hook:
    """Show this chain for an account."""

    def hook(request: httpx.Request, _content: bytes) -> bytes | None:
        if request.url.path != f"/v1/accounts/{to_text(uid)}":
            return None
        return msgspec.json.encode(ChainShown(uid=uid, statements=statements))

    return hook


class Alone:
    """Ana with three entries on her phone, each of a commit of its own, all synced."""

    def __init__(self, server: Server, home: Homes, made: list[Hostile], mood_id: bytes) -> None:
        self.server, self.home, self.made = server, home, made
        self.phone = home("phone")
        self.wire = made[-1]
        self.mood = mood_id
        self.handle = self.phone.me.handle

    def fresh(self, name: str) -> tuple[AsyncMindhaven, Hostile]:
        """Return a device that has never seen anything, with its transport."""
        client = self.home(name)
        return client, self.made[-1]

    async def device(self, name: str = "laptop") -> tuple[AsyncMindhaven, Hostile]:
        """Return a new device of Ana's, signed in and not synced."""
        client, wire = self.fresh(name)
        await client.log_in(self.handle, PASS)
        return client, wire

    def item(self, note: str) -> bytes:
        return next(item for item, text in shown_as(self.phone).items() if text == note)

    def entry(self, note: str) -> Any:
        return next(one for one in self.phone.entries() if one.record and one.record.body["note"] == note)


async def _alone(_: Server, home: Homes) -> bytes:
    phone = home("phone")
    await phone.sign_up(PASS, word="ana", recovery_key=SPARE)
    for note in ("first", "second", "third"):
        phone.add(mood(note))
        await phone.sync()
    listed = phone.index.named("mood")
    assert listed is not None
    return listed.id


@asynccontextmanager
async def alone(tmp: Path, moment: Time) -> AsyncIterator[Alone]:
    """Give Ana with her phone, her recovery key being SPARE."""
    async with kept("alone", tmp, moment, _alone) as (server, home, made, mood_id):
        yield Alone(server, home, made, mood_id)


class Three:
    """Ana's moods, shared with Ben to write in and with Cara to read; `lies` is Ana's transport."""

    def __init__(self, server: Server, home: Homes, made: list[Hostile], moment: Time, mood_id: bytes) -> None:
        self.server, self.home, self.made, self.moment, self.mood = server, home, made, moment, mood_id
        self.ana, self.lies = home("ana"), made[-1]
        self.ben, self.to_ben = home("ben"), made[-1]
        self.cara, self.to_cara = home("cara"), made[-1]

    def state(self, client: AsyncMindhaven) -> ChainState:
        state = client.vault.state(self.mood)
        assert state is not None
        return state

    def item(self, note: str) -> bytes:
        return next(item for item, text in shown_as(self.ana).items() if text == note)

    def notes(self, client: AsyncMindhaven | None = None) -> list[str]:
        return notes(client or self.ana)

    async def settle(self) -> None:
        """Let everybody who can take what the server has."""
        for client in (self.ana, self.ben, self.cara, self.ana):
            await client.sync()

    async def pages(self, client: AsyncMindhaven, since: int = -1) -> list[Any]:
        """Return what the server gives of the moods: [head's seq, head, entries]."""
        path = f"/v1/collections/{to_text(self.mood)}/commits?since={since}"
        page: list[Any] = decode(await client.transport.cbor("GET", path))
        return page


async def _three(_: Server, home: Homes) -> bytes:
    ana, ben, cara = home("ana"), home("ben"), home("cara")
    for client, word in ((ana, "ana"), (ben, "ben"), (cara, "cara")):
        await client.sign_up(PASS, word=word, recovery_key=SPARE if word == "ben" else None)
    for client, name in ((ben, "Ben"), (cara, "Cara")):
        await ana.add_contact(client.card, name=name)
        await client.add_contact(ana.card, name="Ana")
    ana.add(mood("ana's"))
    await ana.sync()
    listed = ana.index.named("mood")
    assert listed is not None
    await ana.share("mood", "Ben", role=Role.WRITER)
    await ana.share("mood", "Cara", role=Role.READER)
    await ben.sync()
    ben.add(mood("ben's"), collection=listed.id)
    await ben.sync()
    await cara.sync()
    await ana.sync()
    return listed.id


@asynccontextmanager
async def three(tmp: Path, moment: Time) -> AsyncIterator[Three]:
    """Give Ana, Ben and Cara."""
    async with kept("three", tmp, moment, _three) as (server, home, made, mood_id):
        yield Three(server, home, made, moment, mood_id)
