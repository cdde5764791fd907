"""What a reader's app reports: that it showed what another shares. Once a device and day, and only while it is."""

from pathlib import Path

import pytest
from tests.simulators.world import DAY, PASS, Time
from tests.storage.test_collections import here, two_people

from mindhaven.errors import DeniedError, NotFoundError
from mindhaven.sdk import AsyncMindhaven

OPENED = "vault.collection.opened"


async def reports(client: AsyncMindhaven) -> list[tuple[bytes, bytes]]:
    """Return which of this person's collections were reported as shown, and by whom."""
    return [(one.values[0], one.values[1]) for one in (await client.activity()).acts if one.name == OPENED]


async def test_a_report_reaches_the_owner_once_a_device_and_day(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        shared = next(one.id for one in b.collections() if one.name == "mood")
        await b.sync()
        assert await reports(ana) == []  # fetching is no report
        for _ in range(3):
            await b.sharing.report_opened(shared)
        assert await reports(ana) == [(shared, b.me.uid)]
        moment.now += DAY
        await b.log_in(b.me.handle, PASS)
        await b.sharing.report_opened(shared)
        await ana.log_in(ana.me.handle, PASS)
        assert len(await reports(ana)) == 2
        assert await reports(b) == []
        # An owner's own is no report.
        await ana.sharing.report_opened(shared)
        assert len(await reports(ana)) == 2


async def test_who_may_not_read_can_report_nothing(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with here(tmp_path, moment, database_url) as (_, home):
        ana, b = await two_people(home)
        shared = next(one.id for one in b.collections() if one.name == "mood")
        with pytest.raises(NotFoundError) as unknown:
            await b.sharing.report_opened(bytes(32))
        assert unknown.value.reason == "collection-unknown"
        await ana.stop_sharing("mood", "Dr B")
        with pytest.raises(NotFoundError) as stopped:
            await b.sharing.report_opened(shared)
        assert stopped.value.reason == "collection-unknown"
        await ana.share("mood", "Dr B", until=moment.now // DAY + 1)
        moment.now += DAY
        await b.log_in(b.me.handle, PASS)
        await b.sharing.report_opened(shared)  # the last day counts whole
        moment.now += DAY
        await b.log_in(b.me.handle, PASS)
        with pytest.raises(DeniedError) as ended:
            await b.sharing.report_opened(shared)
        assert ended.value.reason == "share-ended"
        await ana.log_in(ana.me.handle, PASS)
        assert len(await reports(ana)) == 1
