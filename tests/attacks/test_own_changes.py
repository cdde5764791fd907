"""Changes of one's own ways in that are overtaken, or break off half-way. docs/attacks/passphrase-thief.md."""

from pathlib import Path
from typing import Any

import pytest
from tests.simulators.kept import world
from tests.simulators.world import DAY, PASS, Time

NEW = "five fresh words of my own"


async def test_a_change_that_was_overtaken_is_told_where_it_was_asked_for(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        await ana.sync()
        _, due_at = await ana.new_recovery_key(PASS)
        assert due_at == moment.now + DAY
        assert (await ana.sync()).alerts.waiting == ()  # it asked itself
        moment.now += 3600
        await ana.log_in(ana.me.handle, PASS)
        await ana.change_passphrase(PASS, NEW)
        assert [act.what for act in (await ana.sync()).alerts.acts] == ["cancelled"]
        assert (await ana.sync()).alerts.acts == ()


async def test_a_passphrase_change_that_broke_off_is_finished_by_repeating_it(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        real = ana.transport.call
        asked = 0

        async def cut(method: str, path: str, *rest: Any, **more: Any) -> Any:
            nonlocal asked
            answer = await real(method, path, *rest, **more)
            asked += path == "/v1/account/keys"
            if asked == 1:
                asked += 1
                raise ConnectionError("cut after the server took it")
            return answer

        ana.transport.call = cut  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await ana.change_passphrase(PASS, NEW)
        ana.transport.call = real  # type: ignore[method-assign]
        await ana.log_in(ana.me.handle, NEW)
        assert await ana.change_passphrase(PASS, NEW) is not None
        fresh = home("fresh")
        await fresh.log_in(ana.me.handle, NEW)
        assert len(await fresh.pending()) == 1
