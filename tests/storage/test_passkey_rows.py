"""Passkeys as they are stored, on both databases: once for everybody, with their slot, and through a restore."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.authenticator import Lie, Passkey
from tests.simulators.keyed import NAMED, add, add_bound, by_passkey, challenge, listed
from tests.simulators.world import PASS, SPARE, Time, world
from tests.storage.test_backup import backed, restored

from mindhaven.accounts.model import Notice, PasskeyRow, PasskeyUse
from mindhaven.accounts.store import OwnPasskeys, OwnPasskeysChange
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Actor, PersonScope
from mindhaven.sdk import AsyncMindhaven

ME = Actor(kind="anonymous")
DATABASES = ["sqlite", "postgres"]


@asynccontextmanager
async def at(tmp: Path, moment: Time, request: pytest.FixtureRequest, database: str) -> AsyncIterator[Any]:
    url = request.getfixturevalue(f"{database}_url")
    async with world(tmp, moment, **NAMED, **{"server.database": url}) as (server, home):
        phone: AsyncMindhaven = home("phone")
        await phone.sign_up(PASS, word="ana", recovery_key=SPARE)
        yield server, home, phone


def row(credential: bytes, *, slot: bytes | None = None) -> PasskeyRow:
    return PasskeyRow(
        id=os.urandom(16), credential=credential, public_key=b"key", name=b"", transports=("usb", "nfc"), slot=slot,
        second_factor=True, eligible=True, backed_up=False, counter=4_294_967_295, created_hour=7200,
    )  # fmt: skip


@pytest.mark.parametrize("database", DATABASES)
async def test_a_row_comes_back_as_it_was_and_is_there_once(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    async with at(tmp_path, moment, request, database) as (server, _, phone):
        db, mine, others = server.host.db, PersonScope(uid=phone.me.uid), PersonScope(uid=b"o" * 32)
        first, slot = row(b"c" * 1023), b"s" * 16

        async def tries(work: Any) -> list[bool]:
            own, other = OwnPasskeysChange(work, mine), OwnPasskeysChange(work, others)
            return [
                await own.add(first),
                await own.add(row(b"c" * 1023)),
                await other.add(row(b"c" * 1023)),
                await own.add(row(b"d", slot=slot)),
                await own.add(row(b"e", slot=slot)),
                await other.add(row(b"f", slot=slot)),
                await own.add(row(b"g")),
            ]

        assert await db.act(ME, tries, upkeep="test") == [True, False, False, True, False, True, True]
        assert await db.look(lambda look: OwnPasskeys(look, mine).one(first.id)) == first
        assert await db.look(lambda look: OwnPasskeys(look, others).one(first.id)) is None
        use = PasskeyUse(passkey=first.id, challenge=b"", counter=0, eligible=True, backed_up=True)

        async def change(work: Any) -> None:
            own = OwnPasskeysChange(work, mine)
            await own.used(use, b"t" * 16)
            await own.notice(first.id, Notice.COUNTER_BACK)
            await own.set_factor(first.id, on=False)
            for wrong in (OwnPasskeysChange(work, others),):
                await wrong.remove(first.id)

        await db.act(ME, change, upkeep="test")
        now = await db.look(lambda look: OwnPasskeys(look, mine).one(first.id))
        hour = moment.now // 3600 * 3600
        assert (now.slot, now.backed_up, now.counter, now.used_hour) == (b"t" * 16, True, 0, hour)
        assert (now.noticed, now.second_factor) == ({Notice.COUNTER_BACK: hour}, False)


@pytest.mark.parametrize("database", DATABASES)
async def test_a_passkeys_life(tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str) -> None:
    async with at(tmp_path, moment, request, database) as (_, home, phone):
        key, other = Passkey(counting=True), home("other")
        await add_bound(phone, key, second_factor=True)
        with pytest.raises(MindhavenError, match="known already"):
            await add(phone, key)
        await by_passkey(other, key, key.use(await challenge(other)))
        await by_passkey(other, key, key.use(await challenge(other), Lie(counter=1, backed_up=False)))
        (one,) = (await listed(phone)).passkeys
        assert ([alert.what for alert in one.alerts], one.backed_up) == (["counter-back"], False)
        assert await phone.remove_passkey(one.id, PASS, recovery_key=SPARE) is None
        await phone.delete_account(PASS, recovery_key=SPARE)


async def test_passkeys_come_back_with_a_backup(tmp_path: Path, moment: Time, request: pytest.FixtureRequest) -> None:
    async with at(tmp_path, moment, request, "sqlite") as (server, home, phone):
        key = Passkey()
        shown = await add_bound(phone, key)
        await backed(server, tmp_path)
        await phone.close()
    await restored(tmp_path, moment, "")
    async with world(tmp_path / "new", moment, homes=tmp_path, **NAMED) as (_, home):
        phone, other = home("phone"), home("other")
        assert (await listed(phone)).passkeys == [shown]
        with pytest.raises(MindhavenError, match="asks for a passkey"):
            await by_passkey(other, key)
        await by_passkey(other, key, key.use(await challenge(other)))
