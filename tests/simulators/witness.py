"""A real witness in a process of its own, as `mindhaven witness serve` runs it, and a log that asks it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.unit.tlog import rfc6962

from mindhaven.crypto.secrets import Seed
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Line, LogSigner, Note, VerifierKey
from mindhaven.tlog.witness import AddCheckpoint
from mindhaven.witness import open_store

SECONDS = 20


def command(data: Path, *words: str) -> str:
    """Run a command of the witness; return what it printed."""
    run = [sys.executable, "-m", "mindhaven", "witness", *words, "--data", str(data)]
    return subprocess.run(run, env=environment(), capture_output=True, text=True, check=True, timeout=SECONDS).stdout


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MINDHAVEN_")}


@dataclass
class Running:
    """A running witness."""

    url: str
    keys: list[VerifierKey]
    process: "subprocess.Popen[str]"
    data: Path

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    @property
    def key(self) -> VerifierKey:
        return self.keys[0]

    def add(self, *vkeys: VerifierKey) -> None:
        store = open_store(self.data)  # beside the running process, as `mindhaven witness add-log` does
        for vkey in vkeys:
            assert store.add(vkey.name, vkey)
        store.close()

    def post(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body, timeout=SECONDS, trust_env=False)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=SECONDS, trust_env=False)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def resume(self) -> None:
        """Start it again where it was, if it was stopped: the same memory, key and place."""
        if self.process.poll() is not None:
            self.process = start(self.data, port=int(self.host.rpartition(":")[2])).process


def start(data: Path, *words: str, name: str = "", keys: int = 1, port: int = 0) -> Running:
    """Start a witness; return once it answers."""
    run = [sys.executable, "-m", "mindhaven", "witness", "serve", "--quiet", "--data", str(data)]
    run += ["--bind", f"127.0.0.1:{port}", *(["--name", name] if name else []), *words]
    process = subprocess.Popen(run, env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http"), line
    found = [VerifierKey.parse(process.stdout.readline().strip()) for _ in range(keys)]
    return Running(line.split()[-1], found, process, data)


@contextmanager
def witness(data: Path, *words: str, name: str = "w.test/one", keys: int = 1) -> Iterator[Running]:
    """Run a witness for a while."""
    running = start(data, *words, name=name, keys=keys)
    try:
        yield running
    finally:
        running.stop()


class Log:
    """A small log whose trees and proofs come from RFC 6962's own recursion, not from the engine under test."""

    def __init__(self, name: str = "log.test/one", seed: int = 1) -> None:
        self.signer = LogSigner(name, Seed(bytes([seed]) * 32))

    @staticmethod
    def entries(size: int) -> list[bytes]:
        return [b"entry %d" % n for n in range(size)]

    def note(self, size: int, *, root: bytes | None = None, signer: LogSigner | None = None) -> Note:
        root = rfc6962.mth(self.entries(size)) if root is None else root
        return Checkpoint(self.signer.vkey.name, size, root).sign(signer or self.signer)

    def ask(self, old: int, size: int, *, proof: Sequence[bytes] | None = None, note: Note | None = None) -> bytes:
        if proof is None:
            proof = [] if old in {0, size} else rfc6962.subproof(old, self.entries(size))
        return AddCheckpoint(old, tuple(proof), note or self.note(size)).encode()


def lines(answer: httpx.Response) -> list[Line]:
    assert answer.status_code == 200, answer.text
    assert answer.text.endswith("\n")
    return [Line.parse(one) for one in answer.text[:-1].split("\n")]
