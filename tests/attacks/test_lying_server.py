"""What no server gets from a client, however it answers: secrets, and what was written. docs/attacks/lying-server.md.

The lies themselves are in test_lying_pulls, test_lying_states, test_lying_accounts and test_lying_files.
"""

import base64
from pathlib import Path

import httpx
import pytest
from tests.simulators.scenes import alone, notes
from tests.simulators.world import PASS, SPARE, Time, mood

from mindhaven.errors import MindhavenError
from mindhaven.wire.ids import to_text

ALL = ["first", "second", "third"]


@pytest.mark.shows("no-password-sent")
async def test_no_secret_ever_leaves(tmp_path: Path, moment: Time) -> None:
    async with alone(tmp_path, moment) as ana:
        laptop, _ = ana.fresh("laptop")
        await laptop.log_in(ana.handle, PASS)
        await laptop.change_passphrase(PASS, "another five words for now")
        secrets = [PASS.encode(), b"another five words", bytes(SPARE)]
        secrets += [bytes(seed) for identity in laptop.me.bundle.identities.values() for seed in identity.seeds]
        secrets += [bytes(laptop.me.session_key.seed)]
        sent = b"".join(body for one in ana.made for _, body in one.bodies)
        assert len(sent) > 10_000
        for secret in secrets:
            assert secret not in sent
            assert base64.b64encode(secret)[:-4] not in sent
            assert secret.hex().encode() not in sent


@pytest.mark.shows("written-offline")
async def test_writing_goes_on_without_the_server_and_lands_once(tmp_path: Path, moment: Time) -> None:
    async with alone(tmp_path, moment) as ana:
        wire = ana.wire

        def down(_request: httpx.Request, _content: bytes) -> bytes:
            raise httpx.ConnectError("down")

        wire.change = down
        ana.phone.add(mood("fourth"))
        with pytest.raises(MindhavenError) as named:
            await ana.phone.sync()
        assert named.value.reason == "offline"
        assert notes(ana.phone) == ["first", "fourth", "second", "third"]
        # The answer to the push is lost: the server has it, the device does not know; the next sync settles it once.
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.method == "POST" and request.url.path.endswith("/commits") and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return None

        wire.change = lose
        with pytest.raises(MindhavenError):
            await ana.phone.sync()
        assert lost
        wire.change = None
        await ana.phone.sync()
        other, _ = await ana.device("other")
        await other.sync()
        assert notes(other) == ["first", "fourth", "second", "third"]


@pytest.mark.shows("written-offline")
async def test_what_was_erased_after_a_lost_answer_is_erased_at_the_server_too(tmp_path: Path, moment: Time) -> None:
    async with alone(tmp_path, moment) as ana:
        wire = ana.wire
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.method == "POST" and request.url.path.endswith("/commits") and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return None

        wire.change = lose
        ana.phone.add(mood("regretted"))
        with pytest.raises(MindhavenError):
            await ana.phone.sync()
        assert lost
        (regretted,) = [one for one in ana.phone.entries() if one.record and one.record.body["note"] == "regretted"]
        assert regretted.waits
        ana.phone.erase(regretted)
        assert notes(ana.phone) == ALL
        await ana.phone.sync()
        assert ana.phone.store.queued() == []
        assert notes(ana.phone) == ALL
        other, _ = await ana.device("other")
        await other.sync()
        assert notes(other) == ALL
        # What never left this device is erased without a word to anybody.
        bodies = len(wire.bodies)
        ana.phone.add(mood("never sent"))
        ana.phone.erase(next(one for one in ana.phone.entries() if one.waits))
        await ana.phone.sync()
        assert not [path for path, _ in wire.bodies[bodies:] if path.endswith(f"{to_text(ana.mood)}/commits") and _]
