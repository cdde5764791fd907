"""A server that says that it was restored silences errors: only for a time that can be true. spec/transfer.md."""

from pathlib import Path

import pytest
from tests.attacks.test_restored import claims_restore, older
from tests.simulators.scenes import alone, notes
from tests.simulators.world import DAY, Time

from mindhaven.errors import IntegrityError


@pytest.mark.parametrize("left", [0, -DAY, 400 * DAY], ids=["now over", "over", "longer than any"])
async def test_a_time_for_offers_that_is_over_or_without_end_excuses_nothing(
    tmp_path: Path, moment: Time, left: int
) -> None:
    async with alone(tmp_path, moment) as ana:
        ana.wire.change = claims_restore(moment.now + left, ana.mood, await older(ana))
        with pytest.raises(IntegrityError) as found:
            await ana.phone.sync()
        assert found.value.reason == "rollback"
        assert notes(ana.phone) == ["first", "second", "third"]
