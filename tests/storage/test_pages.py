"""A page of a pull: bounded in bytes before it is read, whatever lies there; complete over all pages."""

from pathlib import Path
from typing import Any

import pytest
from tests.simulators.world import PASS, Time, world

from mindhaven.protocol.envelope import Content
from mindhaven.sdk.vault import Draft
from mindhaven.vault.model import MAX_PULL_BYTES
from mindhaven.vault.store import Vault
from mindhaven.wire.vault import MAX_PULL_ENVELOPES

MIB = 1024 * 1024


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    from tests.simulators.world import CLOCKS, Frozen

    here = Time()
    for module in CLOCKS:
        monkeypatch.setattr(f"mindhaven.sdk.{module}.time", Frozen(here))
    return here


def draft(client: Any, size: int) -> Draft:
    return Draft(client.vault.fresh_item(), 0, Content("org.example/x", 1, 0, "UTC", bytes(size)))


async def test_no_page_reads_more_than_it_may_hold(
    tmp_path: Path, moment: Time, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole, plain = Vault.envelopes, Vault.commits

    async def envelopes(self: Vault, first: int, last: int) -> list[Any]:
        rows = await whole(self, first, last)
        read.append(sum(len(row[1]) for row in rows))
        return rows

    steps: list[int] = []

    async def commits(self: Vault, no: int, *, since: int, limit: int) -> list[Any]:
        rows = await plain(self, no, since=since, limit=limit)
        steps.append(len(rows))
        return rows

    async with world(tmp_path, moment, **{"server.database": database_url}) as (_, home):
        client = home("ana")
        await client.sign_up(PASS, word="ana")
        collection = await client.vault.create()
        sizes = [2 * MIB] * 7 + [100] * 40
        for size in sizes:
            await client.vault.write(collection, [draft(client, size)])
        await client.vault.write(collection, [draft(client, 3 * MIB) for _ in range(4)])  # one commit over a page
        await client.vault.write(collection, [draft(client, 100) for _ in range(100)])
        laptop = home("laptop")
        await laptop.log_in(client.me.handle, PASS)
        monkeypatch.setattr(Vault, "envelopes", envelopes)
        monkeypatch.setattr(Vault, "commits", commits)
        await laptop.vault.pull(collection)
        assert len(laptop.store.items(collection)) == len(sizes) + 104
        assert laptop.store.commits(collection) == client.store.commits(collection)
    assert len(read) >= 3
    assert max(read) <= max(MAX_PULL_BYTES, 4 * 3.4 * MIB)
    assert sorted(read)[-2] <= MAX_PULL_BYTES
    assert max(steps) > 8  # many small commits are read in few steps


async def test_a_page_holds_a_bounded_number_of_records(
    tmp_path: Path, moment: Time, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindhaven.wire.vault.MAX_PULL_ENVELOPES", 50)
    assert MAX_PULL_ENVELOPES > 50
    async with world(tmp_path, moment, **{"server.database": sqlite_url}) as (_, home):
        client = home("ana")
        await client.sign_up(PASS, word="ana")
        collection = await client.vault.create()
        for count in (20, 20, 20, 80, 1):
            await client.vault.write(collection, [draft(client, 10) for _ in range(count)])
        pages: list[int] = []
        laptop = home("laptop")
        await laptop.log_in(client.me.handle, PASS)
        take = laptop.vault.take_page

        async def counted(of: bytes, page: bytes, **more: Any) -> int:
            before = len(laptop.store.items(of))
            head = await take(of, page, **more)
            pages.append(len(laptop.store.items(of)) - before)
            return head

        monkeypatch.setattr(laptop.vault, "take_page", counted)
        await laptop.vault.pull(collection)
    assert pages == [40, 20, 80, 1]
