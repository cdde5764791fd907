"""A server and a member who work together: the server shows what the rules forbid. docs/attacks/colluding.md.

Ben crafts a commit that no honest client makes; a hostile transport shows it to Ana as the head of her collection.
Each attack is named by Ana's own client, and is shown to succeed once its check is switched off inside the test.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.colluding import Made, newest, put, show
from tests.simulators.entry import Play, entry
from tests.simulators.scenes import Three, three
from tests.simulators.world import DAY, PASS, Time

from mindhaven.protocol.collection import Erase, Member, Members, Owner, Role

JUDGE = "protocol.chain._Judge."
HOLDERS = f"{JUDGE}_use: epoch-holders"


async def reader_writes(s: Three) -> None:
    await s.ana.share("mood", "Ben", role=Role.READER)
    await s.settle()
    show(s, s.ben, put(s, s.ben, "by a reader", newest(s, s.ben)))


async def erases_anothers(s: Three) -> None:
    show(s, s.ben, Made((Erase(s.item("ana's")),), []))


async def revises_anothers(s: Three) -> None:
    made = put(s, s.ben, "ana said this", newest(s, s.ben), item=s.item("ana's"), revision=2, author=s.ana.me.uid)
    show(s, s.ben, made)


async def lets_somebody_in(s: Three) -> None:
    state = s.state(s.ben)
    more = (*state.members.values(), Member(b"e" * 32, Role.READER, 0, 0))
    show(s, s.ben, Made((Members(more, state.settings, b"c" * 32, ()),), []))


async def takes_it_over(s: Three) -> None:
    show(s, s.ben, Made((Owner(s.ben.me.uid),), []))


async def seals_for_one_who_is_out(s: Three) -> None:
    epoch = newest(s, s.ben)
    await s.ana.stop_sharing("mood", "Cara")
    await s.ana.sync()
    await s.ben.sync()
    show(s, s.ben, put(s, s.ben, "cara reads this", epoch))


async def seals_for_one_whose_time_is_over(s: Three) -> None:
    epoch = newest(s, s.ben)
    await s.ana.share("mood", "Cara", role=Role.READER, until=s.moment.now // DAY)
    await s.settle()
    s.moment.now += DAY
    for client in (s.ana, s.ben):
        await client.log_in(client.me.handle, PASS)
        await client.sync()
    show(s, s.ben, put(s, s.ben, "cara reads this", epoch))


async def writes_though_removed(s: Three) -> None:
    made = put(s, s.ben, "ben is out", newest(s, s.ben))
    await s.ana.stop_sharing("mood", "Ben")
    await s.ana.sync()
    show(s, s.ben, made)


async def writes_with_a_replaced_key(s: Three) -> None:
    before = replace(s.ben.me)
    old = before.identity.generation
    await s.ben.access.open_way(passphrase=PASS)
    device = next(one for one in await s.ben.devices() if one.here)
    other = s.home("ben-two")
    await other.log_in(s.ben.me.handle, PASS)
    await other.lost_device(device.id, PASS)
    await other.sync()
    await s.ana.sync()
    made = put(s, s.ben, "with an old key", newest(s, s.ben))
    show(s, s.ben, replace(made, key_id=old, signer=before))


async def signs_another_type(s: Three) -> None:
    show(s, s.ben, put(s, s.ben, "signed as a consent", newest(s, s.ben)), sign="consent")


async def another_suite(s: Three) -> None:
    show(s, s.ben, put(s, s.ben, "weaker", newest(s, s.ben)), suite=0)


def _shows(note: str) -> Callable[[Three], bool]:
    return lambda s: note in s.notes()


def _me(judge: Any) -> Any:
    return Member(judge._author, Role.WRITER, 0, 0)


ATTACKS: list[Any] = [
    pytest.param(reader_writes, _shows("by a reader"), id="reader-writes", marks=entry(
        "a reader writes", "reader-writes", off=f"{JUDGE}_need_writer: reader-writes",
        then="the reader's record is among the others")),
    pytest.param(erases_anothers, lambda s: "ana's" not in s.notes(), id="erases-anothers", marks=entry(
        "a writer erases another's record", "not-the-author", off=f"{JUDGE}_erase: not-the-author",
        then="the record is gone")),
    pytest.param(revises_anothers, _shows("ana said this"), id="revises-anothers", marks=entry(
        "a writer revises another's record", "not-the-author", off=f"{JUDGE}_put: not-the-author",
        then="the writer's words stand in the owner's name")),
    pytest.param(lets_somebody_in, lambda s: b"e" * 32 in s.state(s.ana).members, id="lets-in", marks=entry(
        "a writer lets somebody in", "not-the-owner",
        off=(f"{JUDGE}_need_owner: not-the-owner", f"{JUDGE}_members: members-owner",
             f"{JUDGE}_members: _need_complete"),
        then="a stranger is a member, for whom the next record is sealed")),
    pytest.param(takes_it_over, lambda s: s.state(s.ana).members[s.ben.me.uid].role is Role.OWNER, id="takes-over",
        marks=entry("a writer takes the collection over", "not-the-owner",
        off=(f"{JUDGE}_need_owner: not-the-owner", f"{JUDGE}_hand_over: owner-target"),
        then="the writer has the owner's rights")),
    pytest.param(seals_for_one_who_is_out, _shows("cara reads this"), id="sealed-for-one-out", marks=entry(
        "write into an epoch held by a removed member", "epoch-holders", off=HOLDERS,
        then="a record is taken that one who is out can open")),
    pytest.param(seals_for_one_whose_time_is_over, _shows("cara reads this"), id="sealed-for-one-expired", marks=entry(
        "write into an epoch held by an expired member", "epoch-holders", off=HOLDERS,
        then="a record is taken that one whose time is over can open")),
    pytest.param(writes_though_removed, _shows("ben is out"), id="removed-writes", marks=entry(
        "a removed writer writes", "not-a-member",
        off=("protocol.chain.judge: not-a-member", "protocol.chain._Judge._me", HOLDERS),
        then="their record is among the others")),
    pytest.param(writes_with_a_replaced_key, _shows("with an old key"), id="replaced-key", marks=entry(
        "a replaced key signs", "key-replaced",
        off=("protocol.chain._check_key: key-replaced", "protocol.chain._check_key: key-unannounced", HOLDERS),
        then="who copied a lost device writes in its owner's name")),
    pytest.param(signs_another_type, _shows("signed as a consent"), id="another-type", marks=entry(
        "cross-type signature replay", "signature-invalid", off="sdk.pulling.Pulling._take: verify_author",
        then="what was signed as a consent counts as a commit")),
    pytest.param(another_suite, _shows("weaker"), id="another-suite", marks=entry(
        "suite downgrade", "suite", off="protocol.collection.Commit.decode: suite",
        then="a commit of another suite is taken")),
]  # fmt: skip


@pytest.mark.parametrize(("act", "succeeded"), ATTACKS)
async def test_what_a_member_may_not_do_is_named_though_the_server_shows_it(
    act: Callable[[Three], Awaitable[None]],
    succeeded: Callable[[Three], bool],
    tmp_path: Path,
    moment: Time,
    play: Play,
) -> None:
    async with three(tmp_path, moment) as s:
        await act(s)
        hook, s.lies.change = s.lies.change, None
        before = s.notes()
        with play.honest():  # the same pull of what is truly there
            await s.ana.vault.pull(s.mood)
            assert not succeeded(s)
        head = s.state(s.ana).head
        s.lies.change = hook
        with play.lie():
            await s.ana.vault.pull(s.mood)
        assert s.state(s.ana).head == head
        assert s.notes() == before
        with play.off(_me=_me):
            await s.ana.vault.pull(s.mood)
            assert succeeded(s)
