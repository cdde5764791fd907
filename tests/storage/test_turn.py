"""The salts' turn, on both databases: backups forget, everybody reads on, also when it is killed at any step."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.felled import felled
from tests.simulators.world import DAY, PASS, SPARE, Time, mood, world

from mindhaven import vault
from mindhaven.crypto.peppers import unwrap_pepper
from mindhaven.crypto.secrets import SealKey
from mindhaven.errors import IntegrityError
from mindhaven.kernel import run_once
from mindhaven.sdk import AsyncMindhaven
from mindhaven.server.build import Server, build
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.vault.jobs import TURN

WEEK = 7 * DAY
JOURNAL = "mindhaven/journal"


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(e.record.body.get("note", e.record.body.get("text"))) for e in client.entries() if e.record)


async def rows(server: Server, sql: str, *args: Any) -> list[Any]:
    return await server.host.db.look(lambda look: look.rows(sql, *args))


async def no_faults(server: Server) -> vault.Checked:
    found = await vault.check_all(server.host)
    assert found.faults == []
    return found


async def erase(client: AsyncMindhaven, note: str) -> None:
    client.erase(next(e for e in client.entries() if e.record and e.record.body.get("note") == note))
    await client.sync()


async def begun(home: Any) -> AsyncMindhaven:
    """Three moods, one of them erased, and a collection in which nothing was ever erased."""
    ana: AsyncMindhaven = home("ana")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    for number in range(3):
        ana.add(mood(f"m{number}"))
    ana.add(replace(mood(""), kind=JOURNAL, body={"text": "kept"}))
    await ana.sync()
    await erase(ana, "m1")
    return ana


async def read_anew(home: Any, ana: AsyncMindhaven, name: str) -> list[str]:
    other: AsyncMindhaven = home(name)
    await other.log_in(ana.me.handle, PASS)
    await other.sync()
    return notes(other)


@pytest.mark.shows("erased-from-backups")
async def test_what_was_erased_opens_from_no_backup_two_weeks_later(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    data = tmp_path / "data"
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await begun(home)
        backup = await rows(
            server,
            "SELECT c.id, p.number, p.wrapped FROM vault_pepper p JOIN vault_collection c ON c.no = p.collection",
        )
        first = SealKey((data / "salt.key").read_bytes())
        for collection, number, wrapped in backup:
            unwrap_pepper(first, collection, number, wrapped)  # on that day a backup and the salt key open it
        assert await run_once(server.host, TURN)
        assert not (data / "salt-2.key").exists()  # the first turn is due a week after the first start
        moment.now += WEEK
        assert await run_once(server.host, TURN)
        assert (data / "salt-2.key").stat().st_mode & 0o777 == 0o600
        assert (data / "salt.key").exists()
        moment.now += WEEK
        assert await run_once(server.host, TURN)
        assert not (data / "salt.key").exists()
        left = [SealKey(path.read_bytes()) for path in data.glob("salt*.key")]
        assert len(left) == 2
        for key in left:
            for collection, number, wrapped in backup:
                with pytest.raises(IntegrityError):
                    unwrap_pepper(key, collection, number, wrapped)
        assert await read_anew(home, ana, "laptop") == ["kept", "m0", "m2"]
        assert (await no_faults(server)).records >= 3
        told = await rows(server, "SELECT name FROM event WHERE name LIKE 'vault.salt-key.%' ORDER BY id")
        assert [name for (name,) in told] == [
            "vault.salt-key.turned",
            "vault.salt-key.turned",
            "vault.salt-key.destroyed",
        ]


async def test_the_cost_follows_the_erasures(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await begun(home)
        before = await rows(server, "SELECT no, pepper, pepper_due FROM vault_collection ORDER BY no")
        turned = await vault.turn_now(server.host)
        assert turned is not None
        assert turned.collections == sum(due for _, _, due in before) < len(before)
        after = await rows(server, "SELECT no, pepper, pepper_due FROM vault_collection ORDER BY no")
        assert after == [(no, pepper + due, 0) for no, pepper, due in before]
        assert await rows(server, "SELECT collection, number, generation FROM vault_pepper ORDER BY 1") == [
            (no, pepper, 2) for no, pepper, _ in after
        ]
        again = await vault.turn_now(server.host)
        assert again is not None
        assert (again.collections, again.salts, again.generation) == (0, 0, 3)
        ana.add(mood("after"))
        await ana.sync()
        assert await read_anew(home, ana, "laptop") == ["after", "kept", "m0", "m2"]
        await no_faults(server)


async def test_people_write_read_and_erase_while_it_turns(tmp_path: Path, moment: Time, database_url: str) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await begun(home)
        settings = load_server(
            SLICES, overrides={"server.data": str(tmp_path / "data"), "server.database": database_url}
        )
        other = await build(settings, environment={}, clock=moment)  # another process' view: keys and cache of its own

        async def write() -> None:
            for number in range(6):
                ana.add(mood(f"w{number}"))
                await ana.sync()
                await erase(ana, f"w{number}")
                ana.add(mood(f"stays{number}"))
                await ana.sync()

        async def turn() -> None:
            for _ in range(6):
                assert await vault.turn_now(other.host) is not None

        try:
            await asyncio.gather(write(), turn())
        finally:
            await other.close()
        assert await read_anew(home, ana, "laptop") == sorted(["kept", "m0", "m2", *(f"stays{n}" for n in range(6))])
        await no_faults(server)


async def test_killed_between_any_two_steps_everything_is_readable(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    data = tmp_path / "data"
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana = await begun(home)
        expected, felled_times = ["kept", "m0", "m2"], 0

        def child(steps: int) -> int | None:
            return felled(str(data), database_url, moment.now, steps)

        for steps in range(1, 40):
            moment.now += 400  # the killed one's lease has run out
            code = await asyncio.to_thread(child, steps)
            if code == 0:
                break
            assert code == -signal.SIGKILL
            felled_times += 1
            ana.add(mood(f"k{felled_times:02}"))
            expected.append(f"k{felled_times:02}")
            await ana.sync()
            await no_faults(server)
        assert code == 0
        assert felled_times >= 8
        assert await read_anew(home, ana, "laptop") == sorted(expected)
        generations = await rows(server, "SELECT generation, retired_at > 0 FROM vault_salt_key ORDER BY generation")
        assert [bool(retired) for _, retired in generations] == [True] * (len(generations) - 1) + [False]
        moment.now += WEEK
        assert await asyncio.to_thread(child, 1) == -signal.SIGKILL
        moment.now += 400
        assert await run_once(server.host, TURN)
        assert not (data / "salt.key").exists()
        assert await read_anew(home, ana, "tablet") == sorted(expected)
        await no_faults(server)
