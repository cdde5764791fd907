"""Fixtures of attacks."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.simulators.entry import Play
from tests.simulators.stretched import StretchedOnce
from tests.simulators.world import CLOCKS, Frozen, Time


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    """One clock for server and client."""
    here = Time()
    for module in CLOCKS:
        monkeypatch.setattr(f"mindhaven.sdk.{module}.time", Frozen(here))
    return here


@pytest.fixture(autouse=True)
def _argon2_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch no passphrase twice in the same way."""
    monkeypatch.setattr("mindhaven.crypto.derive.Argon2id", StretchedOnce)


@pytest.fixture
def play(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """The entry that this test plays; ends by checking that all of it was played."""
    (mark,) = request.node.iter_markers("entry")
    playing = Play(mark.args[0], monkeypatch)
    yield playing
    if not getattr(request.node, "failed", False):
        playing.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Note whether the test itself failed, so that its end does not tell it twice."""
    report = yield
    if call.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
