"""What one client locks the other opens by the lock's words or the spare key, files included; against a real server."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.simulators.server import running_server

from mindhaven.errors import DeniedError
from mindhaven.protocol import recovery
from mindhaven.sdk import Entry, Mindhaven, Record
from mindhaven.sdk.content import Notes

ROOT = Path(__file__).parents[2]
PEER = ROOT / "web/packages/sdk/test/interop/locks.ts"
WORDS = "five words that nobody else knows"
LOCK, NEW_LOCK = "three borrowed lamps tonight", "nine slow barges upriver"


def _journal(text: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/journal", version=1, created_at=now, zone="UTC", body={"text": text})


def _texts(entries: list[Entry]) -> list[str]:
    return sorted(str(one.record.body["text"]) for one in entries if one.record)


def test_a_lock_is_the_same_in_both_clients(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        ana = Mindhaven.create(tmp_path / "ana", server.url, passphrase=WORDS)
        key = ana.sign_up(WORDS, word="ana")
        spare = "\n".join(recovery.rows(key))
        (tmp_path / "scan.txt").write_text("a page of mine")
        reference = ana.attach("journal", tmp_path / "scan.txt", media_type="text/plain")
        ana.add(_journal("mine alone"), notes=Notes(files=(reference,)))
        ana.add(_journal("to lock in the browser"))
        ana.sync()
        lock = ana.make_lock(LOCK)
        lock.lock(next(one for one in ana.entries() if one.record and one.record.body["text"] == "mine alone"))
        ana.sync()
        asked = {"origin": server.url, "handle": ana.me.handle, "words": WORDS, "lock": LOCK, "newLock": NEW_LOCK,
                 "spareKey": spare}  # fmt: skip
        done = subprocess.run(
            [Path(sys.executable).parent / "node", "--disable-warning=ExperimentalWarning", PEER],
            input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "listed": ["to lock in the browser"],
            "refused": "lock-closed",
            "bySpare": ["mine alone"],
            "file": "a page of mine",
            "held": [],
            "left": [],
            "renewed": False,
        }
        ana.sync()
        assert ana.entries() == []
        with pytest.raises(DeniedError):
            ana.open_lock(LOCK)
        found = ana.open_lock(NEW_LOCK).entries()
        assert _texts(found) == ["changed in the browser", "locked from the beginning", "to lock in the browser"]
        assert _texts(ana.open_lock(spare_key=key).entries()) == _texts(found)
        (edited,) = [one for one in found if one.notes.files]
        assert b"".join(ana.read_file(edited)) == b"a page of mine"
        ana.close()
