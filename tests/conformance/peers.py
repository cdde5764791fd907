"""Independent programs that read or cosign logs: found on PATH or in the folder MINDHAVEN_PEERS, run, never installed.

A file `versions` in that folder says what is what, a line each: the program's name, then its version.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from mindhaven.tlog.note import VerifierKey

SECONDS = 60
FOLDER = os.environ.get("MINDHAVEN_PEERS", "")
NO_OLD_MUX = {"GODEBUG": ""}


def find(name: str) -> str | None:
    """Return where a program is, None if it is absent."""
    return shutil.which(name, path=os.pathsep.join(filter(None, [FOLDER, os.environ.get("PATH", "")])))


def version(name: str) -> str:
    """Return a program's version as the folder says it, else the hash of the file."""
    said = Path(FOLDER) / "versions" if FOLDER else None
    if said is not None and said.exists():
        for line in said.read_text().splitlines():
            program, _, text = line.partition(" ")
            if program == name:
                return text.strip()
    path = find(name)
    assert path is not None
    return f"sha256 {hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _until_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the peer ended"
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, trust_env=False, timeout=2)
            return
        time.sleep(0.05)
    raise AssertionError("the peer does not answer")


@contextmanager
def _running(command: list[str], log: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait(SECONDS)


@contextmanager
def litewitness(logs: list[VerifierKey]) -> Iterator[tuple[str, VerifierKey]]:
    """Run litewitness for these logs; give its address and key. Its agent's socket needs a short path."""
    witness, control = find("litewitness"), find("witnessctl")
    assert witness is not None
    assert control is not None
    with tempfile.TemporaryDirectory(prefix="lw") as name:
        folder = Path(name)
        key, agent, db = folder / "k", folder / "s", folder / "db"
        subprocess.run(["ssh-keygen", "-t", "ed25519", "-N", "", "-f", key, "-q"], check=True)
        with _running(["ssh-agent", "-D", "-a", str(agent)], folder / "agent.log"):
            while not agent.exists():
                time.sleep(0.02)
            with_agent = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
            subprocess.run(["ssh-add", "-q", key], env=with_agent, check=True, capture_output=True)
            told = subprocess.run(
                ["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True
            ).stdout
            for log in logs:
                for words in (["add-log"], ["add-key", "-key", str(log)]):
                    subprocess.run(
                        [control, words[0], "-db", db, "-origin", log.name, *words[1:]], check=True, capture_output=True
                    )
            url = f"http://localhost:{free_port()}"
            command = [witness, "-db", str(db), "-name", "w.test/lite", "-key", told.split()[1]]
            command += ["-ssh-agent", str(agent), "-listen", url.removeprefix("http://")]
            with _running(command, folder / "log") as process:
                _until_answers(url, process)
                found = re.search(r"w\.test/lite\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", (folder / "log").read_text())
                assert found is not None
                yield url, VerifierKey.parse(found[0])


@contextmanager
def sigsum_witness(log_key: bytes) -> Iterator[tuple[str, bytes]]:
    """Run sigsum-witness for the log of that Ed25519 key (32 bytes); give its address and its own key's file."""
    witness, tool = find("sigsum-witness"), find("sigsum-key")
    assert witness is not None
    assert tool is not None
    with tempfile.TemporaryDirectory(prefix="sw") as name:
        folder = Path(name)
        subprocess.run([tool, "generate", "-o", folder / "w"], check=True, capture_output=True)
        shown = subprocess.run([tool, "to-hex", "-k", folder / "w.pub"], capture_output=True, text=True, check=True)
        made = subprocess.run([tool, "from-hex"], input=log_key.hex(), capture_output=True, text=True, check=True)
        (folder / "log.pub").write_text(made.stdout)
        where = f"localhost:{free_port()}"
        command = [witness, "-k", str(folder / "w"), "--log-key", str(folder / "log.pub")]
        with _running([*command, "--state-file", str(folder / "state"), where], folder / "log") as process:
            _until_answers(f"http://{where}", process)
            yield f"http://{where}", bytes.fromhex(shown.stdout.strip())


async def run(*command: str, cwd: Path | None = None, give: bytes = b"") -> tuple[int, str]:
    """Run a program; return its exit code and all that it wrote."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(give), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return -1, "it hung"
    return process.returncode or 0, out.decode(errors="replace")
