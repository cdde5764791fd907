"""A file that one client attached is read by the other, against one real server; an edit by either keeps it."""

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.simulators.server import running_server

from mindhaven.sdk import Mindhaven, Record
from mindhaven.sdk.content import Notes

ROOT = Path(__file__).parents[2]
PEER = ROOT / "web/packages/sdk/test/interop/peer.ts"
WORDS = "five words that nobody else knows"
PART = 64 * 64 * 1024
"""Plaintext of one blob (spec/attachment.md)."""


def _mood(note: str) -> Record:
    now = int(time.time() * 1000)
    return Record(kind="mindhaven/mood", version=1, created_at=now, zone="UTC", body={"valence": 0.5, "note": note})


def _said_by_the_browser(url: str, handle: str, content: bytes) -> dict[str, object]:
    asked = {"origin": url, "handle": handle, "words": WORDS, "content": base64.b64encode(content).decode()}
    done = subprocess.run(
        [Path(sys.executable).parent / "node", "--disable-warning=ExperimentalWarning", PEER],
        input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_what_one_client_attaches_the_other_reads(tmp_path: Path) -> None:
    large, small, theirs = os.urandom(PART + 70_000), b"a scan", os.urandom(PART + 5)
    with running_server(tmp_path / "data") as server:
        ana = Mindhaven.create(tmp_path / "ana", server.url, passphrase=WORDS)
        ana.sign_up(WORDS, word="ana")
        for name, content, note in (("Blutbild, März.pdf", large, "large"), ("scan.txt", small, "to edit")):
            (tmp_path / name).write_bytes(content)
            reference = ana.attach("mood", tmp_path / name, media_type="application/pdf")
            ana.add(_mood(note), notes=Notes(files=(reference,)))
        ana.sync()
        said = _said_by_the_browser(server.url, ana.me.handle, theirs)
        assert said["held"] == []
        assert said["read"] == [
            {"name": name, "type": "application/pdf", "note": note, "content": base64.b64encode(content).decode()}
            for name, content, note in (("Blutbild, März.pdf", large, "large"), ("scan.txt", small, "to edit"))
        ]
        ana.sync()
        found = {one.record.body["note"]: one for one in ana.entries() if one.record}
        assert set(found) == {"large", "edited in the browser", "from the browser"}
        assert b"".join(ana.read_file(found["edited in the browser"])) == small
        assert b"".join(ana.read_file(found["from the browser"])) == theirs
        (reference,) = found["from the browser"].notes.files
        assert (reference.name, reference.media_type, reference.size) == (
            "from the browser.bin", "application/octet-stream", len(theirs),
        )  # fmt: skip
        ana.close()
