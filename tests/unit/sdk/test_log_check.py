"""A whole log, checked by anybody: in flat memory, against what was signed and what was seen before."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.tlog import rfc6962

from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, UnavailableError
from mindhaven.sdk.log_check import receipt, verify_log
from mindhaven.tlog import tiles
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.cosignature import Cosigner
from mindhaven.tlog.note import LogSigner
from mindhaven.tlog.policy import Policy
from mindhaven.tlog.proof import TlogProof
from mindhaven.tlog.tiles import pack_bundle

LOG = LogSigner("example.org/log/audit", Seed(b"\x05" * 32))
ENTRIES = [bytes([number % 251]) * 32 for number in range(600)]


def files(size: int, entries: list[bytes] = ENTRIES) -> dict[str, bytes]:
    note = Checkpoint(LOG.vkey.name, size, rfc6962.mth(ENTRIES[:size])).sign(LOG)
    found = {"checkpoint": note.encode()}
    for number in range(-(-size // 256)):
        part = entries[256 * number : min(size, 256 * number + 256)]
        found[f"tile/entries/{number:03d}" + ("" if len(part) == 256 else f".p/{len(part)}")] = pack_bundle(part)
    return found


def seen(size: int) -> Checkpoint:
    return Checkpoint(LOG.vkey.name, size, rfc6962.mth(ENTRIES[:size]))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 600])
def test_a_sound_log(size: int) -> None:
    told: list[tuple[int, int]] = []
    found = verify_log(files(size).__getitem__, LOG.vkey, progress=lambda done, of: told.append((done, of)))
    assert found.checkpoint == seen(size)
    assert told == [(min(256 * n, size), size) for n in range(1, -(-size // 256) + 1)]


@pytest.mark.parametrize("before", [0, 1, 100, 255, 256, 257, 511, 512, 599, 600])
def test_a_log_that_continues_what_was_seen(before: int) -> None:
    verify_log(files(600).__getitem__, LOG.vkey, before=seen(before))
    other = Checkpoint(LOG.vkey.name, before, b"\x01" * 32)
    with pytest.raises(IntegrityError) as refused:
        verify_log(files(600).__getitem__, LOG.vkey, before=other)
    assert refused.value.reason == "log-rewritten"


def test_a_log_that_shrank() -> None:
    with pytest.raises(IntegrityError) as refused:
        verify_log(files(300).__getitem__, LOG.vkey, before=seen(301))
    assert refused.value.reason == "log-shrunk"


@pytest.mark.parametrize("at", [0, 255, 256, 599])
def test_one_changed_entry(at: int) -> None:
    entries = [*ENTRIES[:at], b"\xff" * 32, *ENTRIES[at + 1 :]]
    with pytest.raises(IntegrityError) as refused:
        verify_log(files(600, entries).__getitem__, LOG.vkey)
    assert refused.value.reason == "log-rewritten"


def test_witnesses_are_counted() -> None:
    witness = Cosigner("w.example", Seed(b"\x06" * 32))
    policy = Policy.parse(f"witness w {witness.vkey}\nquorum w\n".encode())
    with pytest.raises(IntegrityError) as refused:
        verify_log(files(9).__getitem__, LOG.vkey, policy=policy)
    assert refused.value.reason == "quorum"
    given = files(9)
    given["checkpoint"] += str(witness.line(seen(9).text, time=77)).encode()
    assert verify_log(given.__getitem__, LOG.vkey, policy=policy).witnesses == {"w": 77}


def with_tiles(size: int) -> dict[str, bytes]:
    grown = tiles.grow(0, {}, [rfc6962.leaf(entry) for entry in ENTRIES[:size]])
    return files(size) | {tiles.tile_path(tile, len(data) // 32): data for tile, data in grown.items()}


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 599])
def test_a_receipt_is_made_from_the_logs_own_files(index: int) -> None:
    made = receipt(with_tiles(600).__getitem__, LOG.vkey, ENTRIES[index], index)
    assert made.hashes == tuple(rfc6962.path(index, ENTRIES))
    assert TlogProof.parse(made.encode()).verify(ENTRIES[index], LOG.vkey) == seen(600)
    with pytest.raises(IntegrityError) as refused:
        receipt(with_tiles(600).__getitem__, LOG.vkey, b"another", index)
    assert refused.value.reason == "proof-mismatch"


def test_a_receipt_waits_for_the_log() -> None:
    with pytest.raises(UnavailableError) as early:
        receipt(with_tiles(300).__getitem__, LOG.vkey, ENTRIES[300], 300)
    assert early.value.reason == "receipt-early"


MANY = """
import resource, sys
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError
from mindhaven.sdk.log_check import verify_log
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import LogSigner
from mindhaven.tlog.tiles import pack_bundle

log = LogSigner("example.org/log", Seed(b"x" * 32))
bundle = pack_bundle([b"e" * 32] * 256)
size = int(sys.argv[1])
note = Checkpoint("example.org/log", size, bytes(32)).sign(log).encode()
try:
    verify_log(lambda path: note if path == "checkpoint" else bundle, log.vkey)
except IntegrityError as error:
    print(error.reason, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Four times as long a log takes no more memory; `make growth` does it with ten million entries."""
    file = tmp_path / "many.py"
    file.write_text(MANY)
    used = []
    for size in (256 * 100, 256 * 1600):
        ran = subprocess.run([sys.executable, str(file), str(size)], capture_output=True, text=True, check=True)
        reason, kib = ran.stdout.split()
        assert reason == "log-rewritten"
        used.append(int(kib))
    assert used[1] < used[0] + 4096
