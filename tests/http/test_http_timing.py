"""The time of an answer tells no name: a classifier on time stays near chance."""

import base64
import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import PASS, Time, world

from mindhaven.crypto.sign import SessionSigner
from mindhaven.protocol.login import LoginClaim

TRIES = int(os.environ.get("MINDHAVEN_TIMING_TRIES", "70"))
"""Read here, before the fixtures hide the machine's variables."""


def auc(ones: list[float], others: list[float]) -> float:
    """Return the area under the curve of a threshold on time: 0.5 tells nothing apart."""
    ranked = sorted([(value, 1) for value in ones] + [(value, 0) for value in others])
    rank_sum = sum(rank for rank, (_, kind) in enumerate(ranked, 1) if kind)
    return (rank_sum - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def ask(name: str, now: int) -> tuple[str, dict[str, str]]:
    """Return the question for a name: how to sign in."""
    return "/v1/login/start", {"name": name}


def try_in(name: str, now: int) -> tuple[str, dict[str, str]]:
    """Return a wrong try to sign in under a name."""
    key = SessionSigner.fresh()
    claim = LoginClaim("https://mindhaven.test", name, "session", bytes(32), bytes(32), now)
    sent = {"claim": claim.encode(), "signature": claim.sign(key)}
    return "/v1/login", {name: base64.b64encode(value).decode() for name, value in sent.items()}


@pytest.mark.slow
@pytest.mark.parametrize("question", [ask, try_in])
async def test_the_time_of_an_answer_tells_no_name(
    question: Any, tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With MINDHAVEN_TIMING_TRIES=2000 the classifier must stay within 0.45 and 0.55; fewer tries get a wider band."""
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        monkeypatch.setattr(server.host.limits, "wait", lambda *_: 0.0)
        transport = phone.transport._http._transport
        times: dict[str, list[float]] = {phone.me.handle: [], "bea-123456": []}
        async with httpx.AsyncClient(transport=transport, base_url="https://mindhaven.test") as raw:
            for _ in range(TRIES):
                for name, taken in times.items():
                    path, body = question(name, moment.now)
                    started = time.perf_counter()
                    await raw.post(path, json=body)
                    taken.append(time.perf_counter() - started)
        known, unknown = times.values()
        spread = 0.05 if TRIES >= 2000 else 0.22
        measured = auc(known, unknown)
        print(f"{question.__name__}: {TRIES} tries each, area under the curve {measured:.3f}")
        assert abs(measured - 0.5) <= spread
