"""Letting a new device in, over the real operations and on both databases. What a server tries: tests/attacks."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, Time, mood, world

from mindhaven.errors import DeniedError, IntegrityError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.protocol import pairing
from mindhaven.protocol.account import Identity
from mindhaven.protocol.slots import Bundle
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk import pairing as sdk


async def two(home: Any) -> tuple[AsyncMindhaven, AsyncMindhaven, pairing.NewDevice, str]:
    """Return a phone with an account and an entry, and a tablet that waits, with its link."""
    phone, tablet = home("phone"), home("tablet")
    await phone.sign_up(PASS, word="ana", device="phone")
    phone.add(mood("written on the phone"))
    await phone.sync()
    new = await tablet.begin_pairing()
    return phone, tablet, new, new.link.text(tablet.transport.origin)


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(one.record.body["note"]) for one in client.entries() if one.record)


async def test_a_device_is_let_in_by_its_link_and_writes(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (_, home):
        phone, tablet, new, link = await two(home)
        assert await tablet._pairing.answered(new, device="tablet") is None, "nobody let it in yet"
        await phone.let_in(link, PASS)
        await tablet.wait_for_pairing(new, device="tablet")
        assert (tablet.me.uid, tablet.me.handle) == (phone.me.uid, phone.me.handle)
        await tablet.sync()
        assert notes(tablet) == ["written on the phone"]
        tablet.add(mood("written on the tablet"))
        await tablet.sync()
        await phone.sync()
        assert notes(phone) == ["written on the phone", "written on the tablet"]
        # It is told on every device, as a new one, by the name that it gave itself.
        assert {one.name for one in await phone.devices()} == {"phone", "tablet"}
        assert [act.about for act in (await phone.recent()).acts if act.what == "device"] == [tablet.me.session]
        # No way in counts as opened on it: it can neither change ways in nor put the phone out.
        with pytest.raises(DeniedError) as refused:
            await tablet.end_device(phone.me.session)
        assert refused.value.reason == "slot-now-needed"
        # A stolen one is put out like any other, and then neither opens nor writes anything new.
        await phone.lost_device(tablet.me.session, PASS)
        phone.add(mood("after"))
        await phone.sync()
        tablet.add(mood("too late"))
        with pytest.raises(DeniedError):
            await tablet.sync()


async def test_an_answer_serves_once_and_a_link_ten_minutes(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (_, home):
        phone, tablet, new, link = await two(home)
        await phone.let_in(link, PASS)
        with pytest.raises(NotFoundError) as again:
            await phone.let_in(link, PASS)
        assert again.value.reason == "pairing-unknown"
        moment.now += 601
        with pytest.raises(NotFoundError) as over:
            await tablet.wait_for_pairing(new)
        assert over.value.reason == "pairing-unknown"
        late = await home("late").begin_pairing()
        moment.now += 601
        with pytest.raises(NotFoundError):
            await phone.let_in(late.link.text("x"), PASS)


async def test_it_asks_for_a_way_in_on_the_old_device(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, _, _, _ = await two(home)
        moment.now += 3600
        await phone.access.renew()
        later = home("later")
        link = (await later.begin_pairing()).link.text(later.transport.origin)
        with pytest.raises(DeniedError) as refused:  # an unlocked phone alone is not enough
            await phone._pairing.let_in(link)
        assert refused.value.reason == "unlock-again"
        with pytest.raises(InvalidInputError):
            await phone.let_in(link, "not the passphrase at all")
        with pytest.raises(InvalidInputError) as slip:
            await phone.let_in(link[:-8], PASS)
        assert slip.value.reason in {"card-malformed", "encoding-malformed"}
        with pytest.raises(InvalidInputError) as taken:
            await phone.begin_pairing()
        assert taken.value.reason == "store-exists"


async def test_keys_that_the_chain_does_not_state_are_not_taken(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, tablet, new, link = await two(home)
        phone.me.bundle = Bundle({1: Identity.fresh(1)}, phone.me.bundle.index)
        await phone.let_in(link, PASS)
        with pytest.raises(IntegrityError) as named:
            await tablet.wait_for_pairing(new)
        assert named.value.reason == "bundle-mismatch"
        assert tablet.access.me is None
        assert not tablet.transport.has_token


async def test_nobody_comes(tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(tmp_path, moment) as (_, home):
        _, tablet, new, _ = await two(home)
        monkeypatch.setattr(sdk, "WAIT_SECONDS", 0.3)
        monkeypatch.setattr(sdk, "ASK_EVERY_SECONDS", 0.1)
        with pytest.raises(UnavailableError) as over:
            await asyncio.wait_for(tablet.wait_for_pairing(new), 20)
        assert over.value.reason == "pairing-over"
