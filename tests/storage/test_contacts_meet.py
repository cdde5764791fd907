"""Two devices of one person change their contacts at once: no change is dropped, and nothing is written over."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, SPARE, Time, world

from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.errors import OvertakenError
from mindhaven.sdk.index import Contact

UID = bytes(range(32))
FIRST = Contact(UID, "ben-1234", "Ben", "card")


async def two_devices(home: Any, *contacts: Contact) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    phone, laptop = home("phone"), home("laptop")
    await phone.sign_up(PASS, word="ana", recovery_key=SPARE)
    for contact in contacts:
        await phone.index.keep_contact(contact)
    await laptop.log_in(phone.me.handle, PASS)
    await laptop.sync()
    assert laptop.contacts() == list(contacts)
    return phone, laptop


async def settled(*devices: AsyncMindhaven) -> list[Contact]:
    """Let all devices sync; return the contacts, which must be the same on each."""
    for device in devices:
        await device.sync()
    found = {tuple(device.contacts()) for device in devices}
    assert len(found) == 1
    return list(found.pop())


def changed(**fields: Any) -> Contact:
    return Contact(UID, fields.get("handle", "ben-1234"), fields.get("name", "Ben"), fields.get("checked", "card"))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_rename_does_not_undo_a_comparison_that_was_first(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    url = request.getfixturevalue(f"{database}_url")
    async with world(tmp_path, moment, **{"server.database": url}) as (_, home):
        phone, laptop = await two_devices(home, FIRST)
        await phone.index.keep_contact(changed(checked="words"))
        await laptop.index.keep_contact(changed(name="Ben from work"))  # it has not seen the comparison
        assert await settled(laptop, phone) == [changed(name="Ben from work", checked="words")]
        await phone.index.keep_contact(changed(name="Benjamin", checked="words"))
        await laptop.index.keep_contact(changed(name="Ben from work", checked="link"))  # stale: lower than what stands
        assert await settled(laptop, phone) == [changed(name="Benjamin", checked="words")]
        await laptop.index.keep_contact(changed(name="Benjamin", checked="link"))  # seen, and meant
        assert await settled(laptop, phone) == [changed(name="Benjamin", checked="link")]


async def test_two_that_were_added_at_once_become_one(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = await two_devices(home)
        await phone.index.keep_contact(changed(name="Ben", checked="words"))
        await laptop.index.keep_contact(changed(name="Benni", handle="", checked="none"))
        assert await settled(laptop, phone) == [changed(name="Benni", checked="words")]
        assert phone.contact("Benni").uid == UID


async def test_changes_that_are_under_way_together_all_count(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = await two_devices(home, FIRST)
        await asyncio.gather(
            phone.index.keep_contact(changed(checked="words")),
            laptop.index.keep_contact(changed(name="Ben from work")),
            laptop.index.keep_contact(Contact(bytes(32), "", "Cleo", "none")),
            phone.index.keep_contact(Contact(bytes(32), "", "Cleo", "link")),
        )
        found = {one.uid: one for one in await settled(laptop, phone)}
        assert found[UID] == changed(name="Ben from work", checked="words")
        assert found[bytes(32)] == Contact(bytes(32), "", "Cleo", "link")
        assert len(found) == len(phone.contacts()) == 2


async def test_a_contact_that_the_other_device_forgot_is_kept_where_it_was_changed(
    tmp_path: Path, moment: Time
) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = await two_devices(home, FIRST)
        await phone.index.drop_contact(UID)
        await laptop.index.keep_contact(changed(checked="words"))
        assert await settled(laptop, phone) == [changed(checked="words")]


async def test_who_is_always_second_is_told(tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = await two_devices(home, FIRST)
        write, number = laptop.vault.write, iter(range(100))

        async def late(*given: Any, **more: Any) -> None:
            await phone.index.keep_contact(changed(handle=f"ben-{next(number)}"))
            await write(*given, **more)

        monkeypatch.setattr(laptop.vault, "write", late)
        with pytest.raises(OvertakenError, match="kept changing Ben"):
            await laptop.index.keep_contact(changed(name="Benni"))
