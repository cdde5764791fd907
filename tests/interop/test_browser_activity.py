"""Who touched one's data: the browser's client and the Python client tell the same entries of one account."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.simulators.server import running_server

from mindhaven.sdk import Mindhaven, Record
from mindhaven.sdk.activity import Act, Proof

ROOT = Path(__file__).parents[2]
PEER = ROOT / "web/packages/sdk/test/interop/activity.ts"
WORDS = "five words that nobody else knows"
SIGNED_SECONDS = 60


def _said_by_the_browser(url: str, handle: str) -> dict[str, Any]:
    done = subprocess.run(
        [Path(sys.executable).parent / "node", "--disable-warning=ExperimentalWarning", PEER],
        input=json.dumps({"origin": url, "handle": handle, "words": WORDS}),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _plain(act: Act) -> dict[str, Any]:
    values = [{"hex": one.hex()} if isinstance(one, bytes) else one for one in act.values]
    return {"seq": act.seq, "at": act.at, "position": act.position, "name": act.name, "version": act.version,
            "values": values}  # fmt: skip


def _proven(ana: Mindhaven) -> list[Act]:
    """Wait until the log has everything that was recorded so far."""
    until = time.monotonic() + SIGNED_SECONDS
    while time.monotonic() < until:
        acts = list(ana.activity().acts)
        if {act.proof for act in acts} == {Proof.PROVEN}:
            return acts
        time.sleep(0.3)
    raise AssertionError("the log was not signed")


def test_both_clients_tell_the_same_of_who_touched_the_data(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", environment={"MINDHAVEN_LEDGER_PUBLISH_SECONDS": "1"}) as server:
        ana = Mindhaven.create(tmp_path / "ana", server.url, passphrase=WORDS)
        ana.sign_up(WORDS, word="ana")
        ben = Mindhaven.create(tmp_path / "ben", server.url, passphrase=WORDS)
        ben.sign_up(WORDS, word="ben")
        ana.add_contact(ben.card, name="Ben")
        ben.add_contact(ana.card, name="Ana")
        now = int(time.time() * 1000)
        ana.add(Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.5}))
        ana.sync()
        ana.share("mood", "Ben")
        ben.sync()
        before = _proven(ana)
        said = _said_by_the_browser(server.url, ana.me.handle)
        assert said["warnings"] == []
        assert said["size"] % 64 == 0
        told = said["told"]
        assert [one["seq"] for one in told] == list(range(len(told)))
        _proven(ana)
        ours = [_plain(act) for act in ana.activity().acts][: len(told)]
        proven = [one for one in told if one["standing"] == {"standing": "verified"}]
        assert len(proven) >= len(before)
        kept = ("seq", "at", "name", "version", "values")
        assert [{name: one[name] for name in kept} for one in told] == [{n: one[n] for n in kept} for one in ours]
        # What is urgent is numbered at once: a verified entry may follow one that still waits.
        assert [one["position"] for one in proven] == [ours[one["seq"]]["position"] for one in proven]
        looks = [one for one in told if one["name"] == "vault.collection.pulled" and one["who"] == "contact"]
        assert [one["part"] for one in looks] == ["mood"]
        assert looks[0]["values"][1] == {"hex": ben.me.uid.hex()}
        for one in (ana, ben):
            one.close()
