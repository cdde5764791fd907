"""The power loss that the soak plays is one: what was not synced is gone with the process, what was is there."""

import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).parents[3]
WRITER = """
import os, signal, sys
import apsw
sys.path.insert(0, sys.argv[3])
from tests.soak.power import Forgetful
kept = Forgetful()
db = apsw.Connection(sys.argv[1])
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = " + sys.argv[2])
db.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER, filler BLOB)")
other = apsw.Connection(sys.argv[1])
for number in range(300):
    with db:
        db.execute("INSERT INTO t VALUES (?, randomblob(900))", (number,))
    if number == 150:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert other.execute("SELECT count(*) FROM t").fetchone()[0] % 300 == (number + 1) % 300
print("done", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("synchronous", "least", "most"), [("FULL", 300, 300), ("OFF", 0, 299)])
def test_only_what_was_synced_survives(tmp_path: Path, synchronous: str, least: int, most: int) -> None:
    file = tmp_path / "x.db"
    command = [sys.executable, "-c", WRITER, str(file), synchronous, str(ROOT)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, "done\n"), ran.stderr
    db = apsw.Connection(str(file))
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    there = db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 't'").fetchone()
    count = db.execute("SELECT count(*) FROM t").fetchone()[0] if there and there[0] else 0
    db.close()
    assert least <= count <= most
