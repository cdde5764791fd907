"""Data keys and the master key change under a running server; no second factor is lost."""

import base64
import dataclasses
import os
import time
from pathlib import Path
from typing import Any

from tests.simulators.world import PASS, Time, world

from mindhaven.accounts.jobs import reseal
from mindhaven.crypto import totp
from mindhaven.kernel import Lease, MasterKey, Secrets
from mindhaven.server.build import Server

LEASE = Lease(name="x", holder=b"", fence=1)


async def stored(server: Server) -> bytes:
    row = await server.host.db.look(lambda look: look.row("SELECT totp FROM accounts_account WHERE totp IS NOT NULL"))
    assert row is not None
    value: bytes = row[0]
    return value


async def test_second_factors_move_to_the_newest_key_and_open_under_a_new_master(tmp_path: Path) -> None:
    moment = Time()
    moment.now = int(time.time())
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        shown: list[bytes] = []

        def confirm(text: str) -> str:
            shown.append(base64.b32decode(text + "=" * (-len(text) % 8)))
            return totp.code(shown[0], moment.now // 30)

        await phone.totp_on(PASS, confirm)
        secrets = server.host.secrets
        first = await stored(server)
        await reseal(server.host, LEASE)
        assert await stored(server) == first
        number = await secrets.rotate()
        assert secrets.stale(first)

        async def log_in() -> None:
            moment.now += 30
            code = totp.code(shown[0], moment.now // 30)
            await phone.log_in(phone.me.handle, PASS, code=code)

        await log_in()
        assert await stored(server) == first
        await reseal(server.host, LEASE)
        second = await stored(server)
        assert secrets.key_number(second) == number
        assert not secrets.stale(second)
        assert shown[0] not in second
        await log_in()
        await secrets.rewrap(MasterKey(os.urandom(32)))
        await log_in()
        rotated = await secrets.rotate()
        await reseal(server.host, LEASE)
        assert secrets.key_number(await stored(server)) == rotated
        await log_in()
        # Another process (the operator's console, a second worker) rotates and re-seals; this one learns the key.
        other = Secrets(server.host.db, secrets._master, os.urandom)
        await other.open()
        await other.rotate()
        await reseal(dataclasses.replace(server.host, secrets=other), LEASE)
        await log_in()


async def test_a_second_factor_changed_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    """The re-sealing replaces only what it read."""
    from mindhaven.accounts.store import DoorsChange
    from mindhaven.kernel import Actor, HostScope, Work

    moment = Time()
    async with world(tmp_path, moment) as (server, _):

        async def act(work: Work) -> Any:
            await work.run(
                "INSERT INTO accounts_account (uid, handle, role, state, created_hour, seq, head, generation, slots,"
                " bundle, totp, totp_last_step, failures, failures_hour)"
                " VALUES ($1, 'a', 'person', 'active', 0, 0, $1, 1, $1, $1, $2, 0, 0, 0)",
                b"u" * 32,
                b"newer",
            )
            await DoorsChange(work, HostScope(reason="test")).reseal(b"u" * 32, b"older", b"older, sealed anew")
            return await work.row("SELECT totp FROM accounts_account")

        assert await server.host.db.act(Actor("job"), act, upkeep="test") == (b"newer",)
