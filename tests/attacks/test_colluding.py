"""A server and a member who work together: the server shows what the rules forbid. docs/attacks/colluding.md.

Ben crafts a commit that no honest client makes; a hostile transport shows it to Ana as the head of her collection.
Each attack is named by Ana's own client, and is shown to succeed once its check is switched off inside the test.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import DAY, PASS, SPARE, Hostile, Time, mood, world

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import MindhavenError
from mindhaven.protocol import chain, collection
from mindhaven.protocol.chain import ChainState, ItemState
from mindhaven.protocol.collection import Change, Commit, Erase, Member, Members, Owner, Put, Role
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.envelope import Header, seal_item
from mindhaven.sdk import AsyncMindhaven, pulling
from mindhaven.sdk.content import Notes, to_content
from mindhaven.wire.ids import to_text

Off = Callable[[pytest.MonkeyPatch, "Scene"], None]


class Scene:
    """Ana's moods, shared with Ben to write in and once with Cara; `lies` is Ana's transport."""

    def __init__(self, home: Callable[[str], AsyncMindhaven], made: list[Hostile], moment: Time) -> None:
        self.home, self.made, self.moment = home, made, moment

    async def begin(self) -> "Scene":
        self.ana, self.lies = self.home("ana"), self.made[-1]
        self.ben, self.cara = self.home("ben"), self.home("cara")
        for client, word in ((self.ana, "ana"), (self.ben, "ben"), (self.cara, "cara")):
            await client.sign_up(PASS, word=word, recovery_key=SPARE if word == "ben" else None)
        for client, name in ((self.ben, "Ben"), (self.cara, "Cara")):
            await self.ana.add_contact(client.card, name=name)
            await client.add_contact(self.ana.card, name="Ana")
        self.ana.add(mood("ana's"))
        await self.ana.sync()
        listed = self.ana.index.named("mood")
        assert listed is not None
        self.mood = listed.id
        await self.ana.share("mood", "Ben", role=Role.WRITER)
        await self.ana.share("mood", "Cara", role=Role.READER)
        await self.ben.sync()
        self.ben.add(mood("ben's"), collection=self.mood)
        await self.ben.sync()
        await self.cara.sync()
        await self.ana.sync()
        return self

    def state(self, client: AsyncMindhaven) -> ChainState:
        state = client.vault.state(self.mood)
        assert state is not None
        return state

    def item(self, note: str) -> bytes:
        return next(one.item for one in self.ana.entries() if one.record and one.record.body["note"] == note)

    def notes(self) -> list[str]:
        return sorted(str(one.record.body["note"]) for one in self.ana.entries() if one.record)

    def put(self, client: AsyncMindhaven, note: str, epoch: int, *, item: bytes = b"", revision: int = 1) -> "Made":
        """Seal a record as `client`, in whatever epoch, under whatever id."""
        raw = client.store.epoch_key(self.mood, epoch)
        assert raw is not None
        item = item or client.vault.fresh_item()
        header = Header(self.mood, item, revision, epoch, client.me.uid)
        content = to_content(mood(note, at=self.moment.now), Notes())
        sealed = seal_item(EpochKey(raw), header, content, b"s" * 32)
        return Made(
            (Put(item, revision, epoch, sealed.envelope_hash, sealed.salt_hash, ()),), [[sealed.envelope, sealed.salt]]
        )

    def show(self, client: AsyncMindhaven, made: "Made", *, sign: str = "commit", suite: int | None = None) -> Signed:
        """Sign as `client`, and let the server show it to Ana as the head."""
        at = self.state(self.ana)
        me, day = client.me, self.moment.now // DAY
        commit = Commit(
            self.mood, at.seq + 1, at.head, me.uid, made.key_id or me.identity.generation, day, made.changes
        )
        body = commit.encode()
        if suite is not None:
            body = encode([suite, *decode(body)[1:]])
        signer = (made.signer or me).identity.signer
        signed = Signed(body, tuple(signer.sign_fast(sign, body) if commit.fast else signer.sign(sign, body)))

        def hook(request: httpx.Request, content: bytes) -> bytes | None:
            if not (to_text(self.mood) in request.url.path and request.url.path.endswith("/commits")):
                return None
            page = decode(content)
            page[2] = [*page[2], [[signed.body, list(signed.signatures)], made.items]]
            return encode([commit.seq, signed.hash("commit"), page[2]])

        self.lies.change = hook
        return signed


@dataclass
class Made:
    """Changes with their items, and under whose or which key."""

    changes: tuple[Change, ...]
    items: list[list[bytes]]
    key_id: int = 0
    signer: Any = None


@asynccontextmanager
async def scene(tmp: Path, moment: Time) -> AsyncIterator[Scene]:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp, moment, between=between) as (_, home):
        yield await Scene(home, made, moment).begin()


def newest(state: ChainState) -> int:
    return max(state.epochs)


# -- what Ben and the server try


async def reader_writes(s: Scene) -> None:
    await s.ana.share("mood", "Ben", role=Role.READER)
    await s.ana.sync()
    await s.ben.sync()
    s.show(s.ben, s.put(s.ben, "by a reader", newest(s.state(s.ben))))


async def erases_anothers(s: Scene) -> None:
    s.show(s.ben, Made((Erase(s.item("ana's")),), []))


async def revises_anothers(s: Scene) -> None:
    s.show(s.ben, s.put(s.ben, "ana said this", newest(s.state(s.ben)), item=s.item("ana's"), revision=2))


async def lets_somebody_in(s: Scene) -> None:
    state = s.state(s.ben)
    more = (*state.members.values(), Member(b"e" * 32, Role.READER, 0, 0))
    s.show(s.ben, Made((Members(more, state.settings, b"c" * 32, ()),), []))


async def takes_it_over(s: Scene) -> None:
    s.show(s.ben, Made((Owner(s.ben.me.uid),), []))


async def seals_for_one_who_is_out(s: Scene) -> None:
    epoch = newest(s.state(s.ben))
    await s.ana.stop_sharing("mood", "Cara")
    await s.ana.sync()
    await s.ben.sync()
    s.show(s.ben, s.put(s.ben, "cara reads this", epoch))


async def writes_though_removed(s: Scene) -> None:
    made = s.put(s.ben, "ben is out", newest(s.state(s.ben)))
    await s.ana.stop_sharing("mood", "Ben")
    await s.ana.sync()
    s.show(s.ben, made)


async def writes_with_a_replaced_key(s: Scene) -> None:
    before = replace(s.ben.me)
    old = before.identity.generation
    await s.ben.access.open_way(passphrase=PASS)
    device = next(one for one in await s.ben.devices() if one.here)
    other = s.home("ben-two")
    await other.log_in(s.ben.me.handle, PASS)
    await other.lost_device(device.id, PASS)
    await other.sync()
    await s.ana.sync()
    made = s.put(s.ben, "with an old key", newest(s.state(s.ben)))
    s.show(s.ben, replace(made, key_id=old, signer=before))


async def signs_another_type(s: Scene) -> None:
    s.show(s.ben, s.put(s.ben, "signed as a consent", newest(s.state(s.ben))), sign="consent")


async def another_suite(s: Scene) -> None:
    s.show(s.ben, s.put(s.ben, "weaker", newest(s.state(s.ben))), suite=0)


# -- the checks, switched off


def _as_writer(off: pytest.MonkeyPatch, _: Scene) -> None:
    off.setattr(chain._Judge, "_need_writer", lambda judge: replace(judge._me(), role=Role.WRITER))


def _any_erasure(off: pytest.MonkeyPatch, _: Scene) -> None:
    def erase(judge: Any, change: Erase) -> None:
        judge._outcome.items[change.item] = replace(judge._current(change.item), erased=True)

    off.setattr(chain._Judge, "_erase", erase)


def _any_put(off: pytest.MonkeyPatch, s: Scene) -> None:
    def put(judge: Any, change: Put) -> None:
        month = judge._state.epochs[change.epoch].month
        judge._outcome.items[change.item] = ItemState(change.revision, change.epoch, s.ben.me.uid, month)

    off.setattr(chain._Judge, "_put", put)


def _any_members(off: pytest.MonkeyPatch, _: Scene) -> None:
    def members(judge: Any, change: Members) -> None:
        judge._state = replace(judge._state, members={one.uid: one for one in change.members})

    off.setattr(chain._Judge, "_members", members)


def _any_owner(off: pytest.MonkeyPatch, _: Scene) -> None:
    def hand_over(judge: Any, change: Owner) -> None:
        members = {uid: replace(one, role=Role.WRITER) for uid, one in judge._state.members.items()}
        members[change.uid] = Member(change.uid, Role.OWNER, 0, 0)
        judge._state = replace(judge._state, members=members)

    off.setattr(chain._Judge, "_hand_over", hand_over)


def _any_epoch(off: pytest.MonkeyPatch, _: Scene) -> None:
    off.setattr(chain._Judge, "_use", lambda judge, number: judge._state.epochs[number].month)


def _anybody(off: pytest.MonkeyPatch, s: Scene) -> None:
    whole = chain.judge

    def judge(state: ChainState, signed: Signed, commit: Commit, facts: Any) -> Any:
        ben = Member(s.ben.me.uid, Role.WRITER, 0, 0)
        holders = {n: replace(one, holders={**one.holders}) for n, one in state.epochs.items()}
        return whole(replace(state, members={**state.members, ben.uid: ben}, epochs=holders), signed, commit, facts)

    off.setattr(pulling, "judge", judge)
    off.setattr(chain._Judge, "_use", lambda judge, number: judge._state.epochs[number].month)


def _any_key(off: pytest.MonkeyPatch, s: Scene) -> None:
    off.setattr(chain, "_check_key", lambda _state, commit: commit.changes)
    _any_epoch(off, s)  # the new key's epoch is held by the new key: a second check that names it


def _any_signature(off: pytest.MonkeyPatch, _: Scene) -> None:
    off.setattr(pulling, "verify_author", lambda *_: None)


def _any_suite(off: pytest.MonkeyPatch, _: Scene) -> None:
    off.setattr(collection, "SUITE", 0)


def _shows(note: str) -> Callable[[Scene], bool]:
    return lambda s: note in s.notes()


ATTACKS: dict[str, tuple[Any, str, Off, Callable[[Scene], bool]]] = {
    "a reader writes": (reader_writes, "reader-writes", _as_writer, _shows("by a reader")),
    "a writer erases another's record": (
        erases_anothers, "not-the-author", _any_erasure, lambda s: "ana's" not in s.notes()),
    "a writer revises another's record": (revises_anothers, "not-the-author", _any_put, _shows("ana said this")),
    "a writer lets somebody in": (
        lets_somebody_in, "not-the-owner", _any_members, lambda s: b"e" * 32 in s.state(s.ana).members),
    "a writer takes the collection over": (
        takes_it_over, "not-the-owner", _any_owner, lambda s: s.state(s.ana).owner == s.ben.me.uid),
    "a record is sealed for one who is out": (
        seals_for_one_who_is_out, "epoch-holders", _any_epoch, _shows("cara reads this")),
    "a removed writer writes": (writes_though_removed, "not-a-member", _anybody, _shows("ben is out")),
    "a replaced key signs": (writes_with_a_replaced_key, "key-replaced", _any_key, _shows("with an old key")),
    "a signature of another type": (
        signs_another_type, "signature-invalid", _any_signature, _shows("signed as a consent")),
    "another suite": (another_suite, "suite", _any_suite, _shows("weaker")),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_a_member_may_not_do_is_named_though_the_server_shows_it(
    attack: str, tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, code, off, succeeded = ATTACKS[attack]
    async with scene(tmp_path, moment) as s:
        await act(s)
        hook, s.lies.change = s.lies.change, None
        await s.ana.vault.pull(s.mood)  # honest: nothing of it is there
        assert not succeeded(s)
        head = s.state(s.ana).head
        s.lies.change = hook
        with pytest.raises(MindhavenError) as named:
            await s.ana.vault.pull(s.mood)
        assert named.value.reason == code
        assert s.state(s.ana).head == head
        assert not succeeded(s)
        with monkeypatch.context() as without:
            off(without, s)
            await s.ana.vault.pull(s.mood)
            assert succeeded(s)
