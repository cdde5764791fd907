"""A server that lies about what there is, whose it is, who is in, or loses answers. docs/attacks/lying-server.md."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.scenes import Alone, Three, alone, as_it_was, notes, on_list, on_page, three
from tests.simulators.world import PASS, Hostile, Time, mood

from mindhaven.errors import MindhavenError
from mindhaven.kinds import Record
from mindhaven.protocol import consent as consents
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.errors import RollbackError, WithheldError
from mindhaven.sdk.ways import New
from mindhaven.wire.ids import to_text
from mindhaven.wire.sharing import Consents, ConsentShown
from mindhaven.wire.vault import Collections, CollectionShown

ALL = ["first", "second", "third"]

# -- what there is


@pytest.mark.shows("lies-are-named")
@entry("the list of collections withheld", "withheld", off="sdk.pulling.Pulling._check_whole: withheld",
       then="everything that the account has is missing, and nobody hears of it")  # fmt: skip
async def test_a_withheld_list_is_named_at_each_sync(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        index = ana.phone.index.id
        assert index is not None

        def withhold(page: list[Any]) -> list[Any] | None:
            if len(page) != 3:  # the answer to a push
                return None
            return [page[0], page[1], [[signed, [None] * len(items)] for signed, items in page[2]]]

        laptop, wire = await ana.device()
        wire.change = on_page(index, withhold)
        for _ in range(2):  # its commits are here after the first; what they name is still missing
            with play.lie() as named:
                await laptop.sync()
            assert isinstance(named.value, WithheldError)
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert notes(laptop) == ALL
        other, again = await ana.device("other")
        again.change = on_page(index, withhold)
        with play.off():
            assert (await other.sync()).held == ()
            assert (notes(other), other.collections()) == ([], [])


# -- who is in


async def _stops(s: Three) -> None:
    await s.ana.stop_sharing("mood", "Cara")


async def _lets_in(s: Three) -> None:
    await s.ana.stop_sharing("mood", "Cara")
    s.moment.now += 700
    await s.ana.sync()
    await s.ana.share("mood", "Cara", role=Role.WRITER)


async def _replaces(s: Three) -> None:
    _, root = await s.ana.access.open_way(passphrase=PASS)
    await s.ana.access.change(root, new=New.KEYS)
    await s.ana.replace_keys()


Act = Callable[[Three], Awaitable[None]]
Effect = Callable[[Three, AsyncMindhaven], bool]
NOTED = "sdk.index.Index.noting: note_heads_if_due"


def _cara_is_in(s: Three, laptop: AsyncMindhaven) -> bool:
    return s.cara.me.uid in s.state(laptop).members


ACTS: list[Any] = [
    pytest.param(_stops, _cara_is_in, id="revocation", marks=entry(
        "a revocation hidden from one's own other device", "rollback", off=NOTED,
        then="there the member is still in, and what is written there is sealed for them too")),
    pytest.param(_lets_in, lambda s, laptop: not _cara_is_in(s, laptop), id="grant", marks=entry(
        "a grant hidden from one's own other device", "rollback", off=NOTED,
        then="there nobody sees who was let in")),
    pytest.param(_replaces, lambda s, laptop: notes(laptop) == notes(s.ana), id="key", marks=entry(
        "a replaced key hidden from one's own other device", "rollback", off=NOTED,
        then="there the collection stands as if the key had never been announced, and nobody hears of it")),
]  # fmt: skip


@pytest.mark.parametrize(("act", "effect"), ACTS)
async def test_what_was_just_done_is_not_hidden_from_ones_other_device(
    act: Act, effect: Effect, tmp_path: Path, moment: Time, play: Play
) -> None:
    """No time passes between the act and the lie, and the acting device does not sync in between."""

    @asynccontextmanager
    async def hidden(tmp: Path) -> AsyncIterator[tuple[Three, AsyncMindhaven, Hostile]]:
        async with three(tmp, moment) as s:
            laptop = s.home("laptop")
            wire = s.made[-1]
            await laptop.log_in(s.ana.me.handle, PASS)
            await laptop.sync()
            await act(s)
            last = s.state(s.ana).seq - 1
            head = s.ana.store.commit_hash(s.mood, last)
            assert head is not None
            if act is _replaces:  # every other device signs in again then
                await laptop.log_in(s.ana.me.handle, PASS)
            wire.change = as_it_was(s.mood, last, head)
            yield s, laptop, wire

    async with hidden(tmp_path / "lie") as (s, laptop, wire):
        with play.lie() as named:
            await laptop.sync()
        assert isinstance(named.value, RollbackError)
        with play.honest():
            wire.change = None
            await laptop.sync()
            assert s.state(laptop) == s.state(s.ana)
    with play.off():
        async with hidden(tmp_path / "off") as (s, laptop, _):
            await laptop.sync()
            assert effect(s, laptop)


async def test_an_act_that_broke_off_before_its_head_was_noted_is_noted_by_the_next_sync(
    tmp_path: Path, moment: Time
) -> None:
    async with three(tmp_path, moment) as s:
        index = s.ana.index.id
        assert index is not None

        def away(request: httpx.Request, _content: bytes) -> None:
            if request.method == "POST" and to_text(index) in request.url.path:
                raise httpx.ConnectError("cut after the act")

        s.lies.change = away
        await s.ana.stop_sharing("mood", "Cara")
        s.lies.change = None
        seq = s.state(s.ana).seq
        assert s.ana.index._noted()[s.mood][0] < seq
        await s.ana.sync()  # no time has passed
        assert s.ana.index._noted()[s.mood] == (seq, s.state(s.ana).head.hex())


async def test_what_was_noted_of_a_collection_is_never_lowered_by_hiding_it_once(tmp_path: Path, moment: Time) -> None:
    async with three(tmp_path, moment) as s:
        ben_two = s.home("ben-two")
        await ben_two.log_in(s.ben.me.handle, PASS)
        await ben_two.sync()
        noted = ben_two.index._noted()[s.mood]
        s.made[-1].change = lambda request, content: _without(s.mood, request, content)
        ben_two.add(mood("of his own"))
        await ben_two.sync()
        assert ben_two.index._noted()[s.mood] == noted


def _without(collection: bytes, request: httpx.Request, content: bytes) -> bytes | None:
    if (request.method, request.url.path) != ("GET", "/v1/collections"):
        return None
    listed = msgspec.json.decode(content, type=Collections)
    listed.collections = [one for one in listed.collections if one.id != collection]
    return msgspec.json.encode(listed)


# -- whose it is


async def eves(s: Three) -> tuple[AsyncMindhaven, bytes]:
    """Return a stranger who shares a collection of hers with Ana, and its id."""
    eve = s.home("eve")
    await eve.sign_up(PASS, word="eve")
    eve.add(mood("call this number"))
    await eve.sync()
    await eve.add_contact(Card(s.ana.me.handle, s.ana.me.uid), name="Ana")
    await eve.share("mood", "Ana")
    listed = eve.index.named("mood")
    assert listed is not None
    return eve, listed.id


SWAPPED = "sdk.offers.Offers.owned: owner-swapped"
WHOSE: list[Any] = [
    pytest.param(lambda s: s.ben.me.uid, id="contacts", marks=entry(
        "a stranger's records in a contact's name", "owner-swapped", off=SWAPPED,
        then="what a stranger or the server wrote is listed as shared by a contact")),
    pytest.param(lambda s: s.ana.me.uid, id="ones-own", marks=entry(
        "a stranger's records as one's own", "owner-swapped", off=SWAPPED,
        then="a stranger's collection is kept on the device though the person never took it")),
]  # fmt: skip


@pytest.mark.parametrize("owner", WHOSE)
async def test_a_strangers_collection_is_nobody_elses(
    owner: Callable[[Three], bytes], tmp_path: Path, moment: Time, play: Play
) -> None:
    async with three(tmp_path, moment) as s:
        _, hers = await eves(s)

        def says(one: CollectionShown) -> None:
            if one.id == hers:
                one.owner = owner(s)

        s.lies.change = on_list(says)
        for _ in range(2):
            with play.lie():
                await s.ana.sync()
            assert s.ana.vault.state(hers) is None
            assert s.ana.index.listed(hers) is None
        with play.honest():
            s.lies.change = None
            assert (await s.ana.sync()).offered == (hers,)
        s.lies.change = on_list(says)
        with play.off():
            synced = await s.ana.sync()
            assert s.ana.vault.state(hers) is not None or s.ana.store.commits(hers)
            if owner(s) == s.ben.me.uid:
                assert synced.shared_with_me == (hers,)
                listed = s.ana.index.listed(hers)
                assert listed is not None
                assert listed.owner == s.ben.me.uid
                assert "call this number" in notes(s.ana)


@entry("an offer in another's name", "owner-swapped", off=SWAPPED,
       then="the person takes from a stranger what they thought to be another's")  # fmt: skip
async def test_an_offer_is_whose_it_was_said_to_be(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        _, hers = await eves(s)
        zoe = bytes(range(32))

        def says(one: CollectionShown) -> None:
            if one.id == hers:
                one.owner = zoe

        s.lies.change = on_list(says)
        (offer,) = await s.ana.offers()
        assert (offer.owner, offer.name) == (zoe, "shared")  # Eve's consent names nothing for another
        with play.lie():
            await s.ana.accept_offer(hers)
        assert (s.ana.index.listed(hers), s.ana.vault.state(hers)) == (None, None)
        with play.off():
            await s.ana.accept_offer(hers)
            listed = s.ana.index.listed(hers)
            assert listed is not None
            assert listed.owner == zoe
            await s.ana.index.drop(hers)
        with play.honest():
            s.lies.change = None
            await s.ana.accept_offer(hers)
            await s.ana.sync()
            (eve,) = [one for one in s.ana.shared() if one.id == hers]
            assert eve.name == "mood"


@entry("a contact's collection under a stranger's name for it", "-", off="sdk.offers.Offers.names",
       then="the name that a stranger chose stands above what a contact shares")  # fmt: skip
async def test_a_collection_is_called_what_its_owner_calls_it(tmp_path: Path, moment: Time, play: Play) -> None:
    """Eve signs a consent for Ben's collection; the server shows it as the newest, and shows the collection as new."""
    async with three(tmp_path, moment) as s:
        eve, _ = await eves(s)
        s.ben.add(mood("ben's own"))
        await s.ben.sync()
        bens = s.ben.index.named("mood")
        assert bens is not None
        await s.ben.share("mood", "Ana")
        with play.honest():
            assert (await s.ana.sync()).shared_with_me == (bens.id,)
            assert {one.name for one in s.ana.shared()} == {"mood"}
        forged = await _consent(eve, s.ana, bens.id, "Prescriptions by Dr Ben")

        def told(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != "/v1/consents":
                return None
            shown = msgspec.json.decode(content, type=Consents)
            return msgspec.json.encode(Consents(consents=[forged, *shown.consents]))

        async def fresh(name: str) -> set[str]:
            await s.ana.sync()
            await s.ana.index.drop(bens.id)
            client = s.home(name)
            s.made[-1].change = told
            await client.log_in(s.ana.me.handle, PASS)
            await client.sync()
            return {one.name for one in client.shared()}

        with play.harmless():
            assert await fresh("laptop") == {"mood"}
        with play.off(names=_names):
            assert await fresh("other") == {"Prescriptions by Dr Ben"}


async def _names(self: Any, owners: Any) -> dict[bytes, str]:
    """Stands in for the check: whoever signed a consent names the collection."""
    me = self._access.need_me().uid
    return {
        share.collection: share.part.name
        for share in reversed(await self._sharing.shares())
        if share.collection in owners and share.recipient == me and share.part
    }


async def _consent(giver: AsyncMindhaven, taker: AsyncMindhaven, collection: bytes, name: str) -> ConsentShown:
    """Return a consent that `giver` signs for a collection that is not theirs."""
    mine, theirs = await giver.people.fetch(giver.me.uid), await giver.people.fetch(taker.me.uid)
    sealed = consents.seal_part(
        [name, "x"],
        grantor=(giver.me.uid, mine.generation, mine.identity.xwing),
        recipient=(taker.me.uid, theirs.generation, theirs.identity.xwing),
        collection=collection,
    )
    made = consents.Consent(
        grantor=giver.me.uid, recipient=taker.me.uid, role=Role.READER, purpose="care", collection=collection, since=0,
        until=0, text_hash=bytes(32), language="en", register_version="baseline-1",
        sealed_hash=consents.sealed_hash(sealed),
    ).sign(giver.me.identity)  # fmt: skip
    return ConsentShown(
        hash=made.hash(consents.TYPE), signed=made.encode(), sealed=sealed, given_at=0, generation=1, ended_at=None
    )


# -- answers that are lost


def _edit(client: AsyncMindhaven, note: str, now: str) -> None:
    (found,) = [one for one in client.entries() if one.record and one.record.body["note"] == note]
    assert found.record is not None
    old = found.record
    client.revise(found, Record(kind=old.kind, version=old.version, created_at=old.created_at, zone=old.zone,
                                body=dict(old.body) | {"note": now}))  # fmt: skip


async def _loses(ana: Alone) -> None:
    """Sync while the answer to what is pushed is lost; the server has it."""
    lost = []

    def lose(request: httpx.Request, _content: bytes) -> None:
        if request.method == "POST" and to_text(ana.mood) in request.url.path:
            lost.append(request.url.path)
            raise httpx.ReadError("cut")

    ana.wire.change = lose
    with pytest.raises(MindhavenError, match="reach"):
        await ana.phone.sync()
    assert lost
    ana.wire.change = None


@entry("an edit on top of one whose answer was lost", "-", off="sdk.vault.Vault._fit: replace",
       then="the entry stands there twice, once as a conflict with oneself")  # fmt: skip
async def test_an_edit_whose_answer_was_lost_does_not_double_nor_do_those_on_top_of_it(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path, moment) as ana:
        with play.honest():
            _edit(ana.phone, "first", "first, edited")
            await _loses(ana)
            await ana.phone.sync()
            assert notes(ana.phone) == ["first, edited", "second", "third"]
        with play.harmless():
            _edit(ana.phone, "second", "second, once")
            await _loses(ana)
            _edit(ana.phone, "second, once", "second, twice")
            await _loses(ana)
            _edit(ana.phone, "second, twice", "second, three times")
            await ana.phone.sync()
            ana.phone.add(mood("fourth"))
            await _loses(ana)
            _edit(ana.phone, "fourth", "fourth, edited")
            await ana.phone.sync()
            there = ["first, edited", "fourth, edited", "second, three times", "third"]
            assert notes(ana.phone) == there
            assert ana.phone.store.queued() == []
            laptop, _ = await ana.device()
            await laptop.sync()
            assert notes(laptop) == there
        _edit(ana.phone, "third", "third, once")
        await _loses(ana)
        _edit(ana.phone, "third, once", "third, twice")
        with play.off():
            await ana.phone.sync()
            assert notes(ana.phone)[-2:] == ["third, once", "third, twice"]


async def test_an_edit_that_another_device_overtook_is_still_a_conflict(tmp_path: Path, moment: Time) -> None:
    """What was lost is not mistaken for what another device wrote in its place."""
    async with alone(tmp_path, moment) as ana:
        laptop, _ = await ana.device()
        await laptop.sync()
        _edit(laptop, "first", "first, on the laptop")
        await laptop.sync()
        _edit(ana.phone, "first", "first, on the phone")
        await ana.phone.sync()
        assert notes(ana.phone) == ["first, on the laptop", "first, on the phone", "second", "third"]
