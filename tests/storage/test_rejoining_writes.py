"""What was written on both sides of a restore: nothing is lost, nothing erased comes back, and nothing is replaced."""

from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, SPARE, Time, mood, world
from tests.storage.test_backup import backed, notes
from tests.storage.test_offering import again

from mindhaven.errors import IntegrityError
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.entries import Entry


def one(client: AsyncMindhaven, note: str) -> Entry:
    return next(found for found in client.entries() if found.record and found.record.body["note"] == note)


def edit(client: AsyncMindhaven, note: str, to: str) -> None:
    client.revise(one(client, note), mood(to))


async def two(home: Any, *written: str) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    """Ana's phone and laptop, both with what is written."""
    ana, laptop = home("ana"), home("laptop")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    for note in written:
        ana.add(mood(note))
    await ana.sync()
    await laptop.log_in(ana.me.handle, PASS)
    await laptop.sync()
    return ana, laptop


async def split(client: AsyncMindhaven) -> None:
    with pytest.raises(IntegrityError) as caught:
        await client.sync()
    assert caught.value.reason == "index-split"


async def go_on(client: AsyncMindhaven) -> None:
    for found in await client.splits():
        await client.rejoin(found.collection)
    synced = await client.sync()
    assert (synced.split, synced.behind, synced.held) == ((), (), ())


async def test_edits_and_erasures_made_while_split_stand(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, laptop = await two(home, "both", "both, to erase")
        await backed(server, tmp_path)
        ana.add(mood("lost"))
        ana.add(mood("lost, to erase"))
        edit(ana, "both", "both, lost edit")
        edit(ana, "both, to erase", "both, to erase, lost edit")
        await ana.sync()
        for client in (ana, laptop):
            await client.close()
    async with again(tmp_path, moment) as (_, home):
        ana, laptop = home("ana"), home("laptop")
        laptop.add(mood("laptop"))
        await laptop.sync()
        await split(ana)
        edit(ana, "lost", "lost, edited meanwhile")
        edit(ana, "both, lost edit", "both, edited meanwhile")
        ana.add(mood("new meanwhile"))
        ana.erase(one(ana, "lost, to erase"))
        ana.erase(one(ana, "both, to erase, lost edit"))
        await split(ana)
        await go_on(ana)
        everything = ["both, edited meanwhile", "laptop", "lost, edited meanwhile", "new meanwhile"]
        assert notes(ana) == everything
        assert [found for found in ana.entries() if found.notes.conflict_of] == []
        await laptop.sync()
        assert notes(laptop) == everything


async def test_what_both_histories_changed_is_kept_twice(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, laptop = await two(home, "edited", "erased")
        tablet = home("tablet")
        await tablet.log_in(ana.me.handle, PASS)
        await backed(server, tmp_path)
        item, gone = one(ana, "edited").item, one(ana, "erased").item
        ana.add(mood("new on the phone"))
        edit(ana, "edited", "edited on the phone")
        edit(ana, "erased", "edited, not erased")
        await ana.sync()
        await tablet.sync()
        for client in (ana, laptop, tablet):
            await client.close()
    async with again(tmp_path, moment) as (_, home):
        ana, laptop, tablet = home("ana"), home("laptop"), home("tablet")
        edit(laptop, "edited", "edited on the laptop, newer")
        laptop.erase(one(laptop, "erased"))
        await laptop.sync()
        await split(ana)
        await go_on(ana)
        everything = ["edited on the laptop, newer", "edited on the phone", "edited, not erased", "new on the phone"]
        assert notes(ana) == everything
        assert one(ana, "edited on the laptop, newer").item == item
        assert one(ana, "edited on the phone").notes.conflict_of == item
        assert one(ana, "edited, not erased").notes.conflict_of == gone
        await laptop.sync()
        assert notes(laptop) == everything
        await split(tablet)
        await go_on(tablet)
        assert notes(tablet).count("new on the phone") == 1, "written anew by the phone already"
