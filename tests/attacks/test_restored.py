"""A server that says it was restored, and uses it. docs/attacks/lying-server.md, "A restore as a pretext"."""

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.simulators.entry import NOTHING, Play, entry
from tests.simulators.kept import KEY
from tests.simulators.scenes import Alone, Hook, Three, alone, notes, three
from tests.simulators.world import DAY, Time, mood, world
from tests.storage.test_backup import backed, restored

from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import ConflictError
from mindhaven.kernel import Erased
from mindhaven.protocol.attachment import blob_hash
from mindhaven.protocol.collection import Change, Commit, Members, Rejoin
from mindhaven.protocol.encoding import Signed
from mindhaven.sdk import AsyncMindhaven, Notes
from mindhaven.server.keeping import offers
from mindhaven.vault.model import Pushed
from mindhaven.wire.ids import to_text
from mindhaven.wire.vault import Collections

JUDGE = "protocol.chain._Judge."


def claims_restore(until: int, collection: bytes, page: list[Any]) -> Hook:
    """Say that the server was restored, and show a collection as `page`: [head's seq, head, entries]."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path == "/v1/collections":
            shown = msgspec.json.decode(content, type=Collections)
            shown.offer_since, shown.offer_until = until - DAY, until
            for one in shown.collections:
                if one.id == collection:
                    one.seq, one.head = page[0], page[1]
            return msgspec.json.encode(shown)
        if to_text(collection) in request.url.path and request.url.path.endswith("/commits"):
            since = int(request.url.params.get("since", "-1"))
            return encode([page[0], page[1], [one for one in page[2] if seq_of(one) > since]])
        return None

    return hook


def seq_of(entry: Any) -> int:
    return Commit.decode(entry[0][0]).seq


async def older(ana: Alone) -> list[Any]:
    """Return what the server showed one commit earlier."""
    raw = await ana.phone.transport.cbor("GET", f"/v1/collections/{to_text(ana.mood)}/commits?since=-1")
    page: list[Any] = decode(raw)
    return [page[0] - 1, Signed.of(page[2][-2][0]).hash("commit"), page[2][:-1]]


@entry("an older state, called a restore", "behind",
       off=("sdk.index.Index.check: append", "sdk.syncing.Syncing.sync: append"),
       then="nobody hears that the newest entries are missing there")  # fmt: skip
async def test_a_pretended_restore_hides_no_rollback(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        page = await older(ana)
        ana.wire.change = claims_restore(moment.now + DAY, ana.mood, page)
        synced = await ana.phone.sync()
        play.named("behind" if synced.behind == (ana.mood,) else None)
        assert notes(ana.phone) == ["first", "second", "third"], "what is on the device stays"
        with play.off():
            assert (await ana.phone.sync()).behind == ()
        with play.honest():
            ana.wire.change = None
            assert (await ana.phone.sync()).behind == ()
            assert notes(ana.phone) == ["first", "second", "third"]


def forked(s: Three, pages: list[Any], *signed: Signed) -> list[Any]:
    """Return a page whose history goes on with `signed` in the place of its last commit."""
    entries = [*pages[2][:-1], *([[one.body, list(one.signatures)], []] for one in signed)]
    return [seq_of(entries[-1]), Signed.of(entries[-1][0]).hash("commit"), entries]


def signed_by(s: Three, client: AsyncMindhaven, seq: int, prev: bytes, *changes: Change) -> Signed:
    me = client.me
    commit = Commit(s.mood, seq, prev, me.uid, me.identity.generation, s.moment.now // DAY, changes)
    return commit.sign(me.identity)


async def split_for(s: Three, victim: AsyncMindhaven, liar: AsyncMindhaven, *, at: int) -> list[Any]:
    """Return a history that `liar` signed: no last commit, and a rejoin at `at` commits before it."""
    pages = await s.pages(victim)
    place = pages[0] - at
    common = s.state(victim)
    prev = Signed.of(pages[2][-2][0]).hash("commit")
    members = tuple(common.members.values())
    named = victim.store.commit_hash(s.mood, place) or bytes(32)
    rejoin = signed_by(s, liar, pages[0], prev, Rejoin(place, named), Members(members, common.settings, None))
    return forked(s, pages, rejoin)


@entry("a rejoin that the owner never signed", "not-the-owner",
       off=(f"{JUDGE}_need_owner: not-the-owner", f"{JUDGE}_members: members-owner"),
       then="the owner's device drops what a member and the server agree to drop")  # fmt: skip
async def test_nobody_but_the_owner_decides_between_two_histories(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        s.ana.add(mood("last"))
        await s.ana.sync()
        page = await split_for(s, s.ana, s.ben, at=1)
        s.lies.change = claims_restore(moment.now + DAY, s.mood, page)
        assert (await s.ana.sync()).split == (s.mood,)
        with play.lie():
            await s.ana.rejoin(s.mood)
        assert "last" in s.notes()
        with play.off(), contextlib.suppress(ConflictError):
            await s.ana.rejoin(s.mood)
        waits = {one.record.body["note"]: one.waits for one in s.ana.entries() if one.record}
        assert waits == {"ana's": False, "ben's": False, "last": True}, "even then what she wrote is written again"
        with play.honest():
            assert await s.ben.splits() == []


@entry("a rejoin from a place that this device never saw", "fork",
       off="sdk.rejoining.Rejoining.follow: fork",
       then="an owner and the server rewrite what a member was shown, and the member's device follows")  # fmt: skip
async def test_a_rejoin_counts_only_from_a_commit_that_this_device_has(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with three(tmp_path, moment) as s:
        s.ana.add(mood("last"))
        await s.ana.sync()
        await s.ben.sync()
        pages = await s.pages(s.ben)
        state = s.state(s.ben)
        prev = Signed.of(pages[2][-2][0]).hash("commit")
        members = Members(tuple(state.members.values()), state.settings, None)
        other = signed_by(s, s.ana, pages[0], prev, members)
        named = Rejoin(pages[0], other.hash("commit"))
        rejoin = signed_by(s, s.ana, pages[0] + 1, other.hash("commit"), named, members)
        s.to_ben.change = claims_restore(moment.now + DAY, s.mood, forked(s, pages, other, rejoin))
        assert (await s.ben.sync()).split == (s.mood,)
        with play.lie():
            await s.ben.rejoin(s.mood)
        assert "last" in s.notes(s.ben)
        with play.off():
            await s.ben.rejoin(s.mood)
            assert "last" not in s.notes(s.ben)
        with play.honest():
            assert await s.ana.splits() == []


@entry("an old rejoin, shown before another history", "fork",
       off="sdk.rejoining.Rejoining.follow: fork",
       then="one old restore lets a server show another history later as if its owner had decided")  # fmt: skip
async def test_an_old_rejoin_decides_nothing_later(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        pages = await s.pages(s.ben)
        state = s.state(s.ben)
        seq, prev = pages[0] + 1, Signed.of(pages[2][-1][0]).hash("commit")
        members = Members(tuple(state.members.values()), state.settings, None)
        old = signed_by(s, s.ana, seq, prev, Rejoin(pages[0], prev), members)
        newest = signed_by(s, s.ana, seq + 1, old.hash("commit"), members)
        whole = [*pages[:2], [*pages[2], None]]  # `forked` takes the last one away
        s.to_ben.change = claims_restore(moment.now + DAY, s.mood, forked(s, whole, old, newest))
        await s.ben.sync()  # as after a true restore of long ago
        assert s.ben.store.commit_hash(s.mood, seq + 1) == newest.hash("commit")
        changed = Members(members.members, replace(state.settings, hold_until=1), None)
        other = signed_by(s, s.ana, seq + 1, old.hash("commit"), changed)
        later = signed_by(s, s.ana, seq + 2, other.hash("commit"), changed)
        s.to_ben.change = claims_restore(moment.now + DAY, s.mood, forked(s, whole, old, other, later))
        assert (await s.ben.sync()).split == (s.mood,)
        with play.lie():
            await s.ben.rejoin(s.mood)
        assert s.ben.store.commit_hash(s.mood, seq + 1) == newest.hash("commit")
        with play.off():
            await s.ben.rejoin(s.mood)
            assert s.ben.store.commit_hash(s.mood, seq + 1) == other.hash("commit")
        with play.honest():
            assert await s.ana.splits() == []


def lets_all_back(pushed: Pushed, _erased: Erased) -> Pushed:
    return pushed


@entry("an erased record, offered again by a device that kept it", NOTHING,
       off="vault.api.offering._without",
       then="the erased record can be read at the server again")  # fmt: skip
async def test_no_offer_brings_back_what_was_erased(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        await backed(s.server, tmp_path)
        s.ana.add(mood("a secret"))
        await s.ana.sync()
        await s.ben.sync()  # his device has it, and is away when Ana erases it
        secret = s.item("a secret")
        s.ana.erase(next(one for one in s.ana.entries() if one.item == secret))
        await s.ana.sync()
        for client in (s.ana, s.ben, s.cara):
            await client.close()
    kept = "SELECT COUNT(*) FROM vault_item i JOIN vault_envelope e ON e.id = i.envelope WHERE i.item = $1"

    async def offered(name: str) -> int:
        await restored(tmp_path, moment, name=name)
        folder = tmp_path / name
        homes = folder / "homes"
        homes.mkdir()
        (tmp_path / "ben").rename(homes / "ben")
        async with world(folder, moment, homes=homes, store_key=KEY) as (server, home):
            given = (await home("ben").sync()).given_back
            assert given.commits > 0
            row = await server.host.db.look(lambda look: look.row(kept, secret))
        (homes / "ben").rename(tmp_path / "ben")
        return int(row[0])  # type: ignore[index]

    shutil.copytree(tmp_path / "ben", tmp_path / "ben-before")
    with play.harmless():
        assert await offered("one") == 0
    shutil.rmtree(tmp_path / "ben")
    (tmp_path / "ben-before").rename(tmp_path / "ben")
    with play.off(_without=lets_all_back):
        assert await offered("two") == 1
    with play.honest():
        assert secret


@entry("a reader stores what they like as a part given back", "blob-unwanted",
       off="vault.offering.wants: blob-unwanted",
       then="whoever may only read fills the collection, and fetches it again elsewhere")  # fmt: skip
async def test_only_parts_that_a_live_record_names_are_given_back(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        (tmp_path / "page").write_bytes(b"a page")
        file = await s.ana.attach("mood", tmp_path / "page", media_type="text/plain")
        s.ana.add(mood("with a page"), notes=Notes(files=(file,)))
        await s.settle()
        part = file.blobs[0]
        sealed = await s.cara.transport.blob("GET", f"/v1/collections/{to_text(s.mood)}/blobs/{to_text(part)}")
        await s.server.host.blobs.delete(f"{s.mood.hex()}{part.hex()}")
        await offers(s.server, 1)

        async def give(data: bytes) -> bytes:
            place = to_text(blob_hash(data))
            await s.cara.transport.blob("PUT", f"/v1/collections/{to_text(s.mood)}/given-back/{place}", data)
            return await s.cara.transport.blob("GET", f"/v1/collections/{to_text(s.mood)}/blobs/{place}")

        with play.honest():
            assert await give(sealed) == sealed
        with play.lie():
            await give(b"anything")
        with play.off():
            assert await give(b"anything") == b"anything"
