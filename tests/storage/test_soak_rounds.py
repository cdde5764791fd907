"""Five rounds of the soak on each database: the server or a command beside it is killed in the middle of one act."""

from pathlib import Path

import pytest
from tests.simulators.stretched import StretchedOnce
from tests.soak import rounds

ROUNDS = 5


@pytest.fixture(autouse=True)
def _unstretched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases here, each once, in the conftest's place: commands of their own open the same stores."""
    monkeypatch.setattr("mindhaven.crypto.derive.Argon2id", StretchedOnce)


@pytest.mark.parametrize("name", ["sqlite", "postgres", "power"])
async def test_nothing_acknowledged_is_lost_in_five_rounds(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    seed = {"sqlite": 3, "postgres": 1, "power": 2}[name]  # between them, every kind of round
    url = request.getfixturevalue("postgres_url") if name == "postgres" else f"sqlite://{tmp_path}/x"
    folder = tmp_path / "rounds"
    folder.mkdir()
    played, falls, faults = await rounds.run(
        name, url, folder, seed=seed, rounds=ROUNDS, workers=2 if name == "postgres" else 1, seconds=200
    )
    assert faults == []
    assert played == ROUNDS
    assert falls > ROUNDS // 2


def test_every_kind_of_round_is_among_them() -> None:
    found = {kind for seed in (1, 2, 3) for kind in rounds.kinds(seed, ROUNDS)}
    assert found == set(rounds.KINDS)


def test_a_kind_of_round_is_played_once_in_nine() -> None:
    assert set(rounds.kinds(7, len(rounds.KINDS))) == set(rounds.KINDS)
    assert rounds.kinds(7, 40) == rounds.kinds(7, 40)
