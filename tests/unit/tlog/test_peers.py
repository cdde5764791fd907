"""What independent programs made, kept by `make conformance`: it verifies here, and altered it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from mindhaven.errors import IntegrityError
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Line, Note, VerifierKey
from mindhaven.tlog.proof import TlogProof

FOLDER = Path(__file__).with_name("peers")


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize(("name", "size"), [("litewitness", 65_793), ("sigsum-witness", 257)])
def test_a_cosignature_that_another_witness_made(name: str, size: int) -> None:
    made = kept(name)
    log, witness = VerifierKey.parse(made["log"]), VerifierKey.parse(made["witness"])
    note = Note.parse(made["note"].encode())
    assert open_checkpoint(note, log).size == size
    at = cosigned_at(note, witness)
    assert at is not None
    assert 1_795_000_000 < at < 2_000_000_000
    assert note.encode() == made["note"].encode()
    (line,) = [one for one in note.lines if one.of(witness)]
    for place in (8, 40, 71):  # the signature; the time before it is signed too
        other = bytearray(line.signature)
        other[place] ^= 1
        with pytest.raises(IntegrityError):
            cosigned_at(Note(note.text, (Line(line.name, line.key_id, bytes(other)),)), witness)
    early = Line(line.name, line.key_id, bytes(8) + line.signature[8:])
    with pytest.raises(IntegrityError):
        cosigned_at(Note(note.text, (early,)), witness)
    with pytest.raises(IntegrityError):
        cosigned_at(Note(Checkpoint(log.name, size + 1, bytes(32)).text, (line,)), witness)


def test_a_proof_that_another_log_made() -> None:
    made = kept("spicy-torchwood")
    log, proof = VerifierKey.parse(made["log"]), TlogProof.parse(made["proof"].encode())
    assert proof.verify(made["entry"].encode(), log).size == 3
    assert proof.encode() == made["proof"].encode()
    with pytest.raises(IntegrityError):
        proof.verify(made["entry"].encode() + b"!", log)


def test_each_says_which_version_made_it() -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    assert names == ["litewitness", "sigsum-witness", "spicy-torchwood"]
    assert all(kept(name)["version"] for name in names)
