"""Fixtures of storage tests."""

import pytest
from tests.simulators.stretched import Unstretched
from tests.simulators.world import CLOCKS, Frozen, Time


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    """One clock for server and client."""
    here = Time()
    for module in CLOCKS:
        monkeypatch.setattr(f"mindhaven.sdk.{module}.time", Frozen(here))
    return here


@pytest.fixture(autouse=True)
def _unstretched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch no passphrase: here people sign up to be stored."""
    monkeypatch.setattr("mindhaven.crypto.derive.Argon2id", Unstretched)
