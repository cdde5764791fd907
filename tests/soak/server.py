"""The server under the soak: a real process (group) that can be felled and raised again on the same port and data."""

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.soak import dying
from tests.soak.spawn import Spawned

START_SECONDS = 30.0


class Fallen:
    """A server that falls and rises; `log` gathers what all its lives wrote."""

    def __init__(self, folder: Path, *, database: str, workers: int, power: bool = False) -> None:
        self._log = folder / "server.log"
        self._said = folder / "server.said"
        self._arm = folder / "arm"
        self._port = 0
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "MINDHAVEN_SERVER_DATA": str(folder / "data"),
            "MINDHAVEN_SERVER_DATABASE": database,
            "MINDHAVEN_SERVER_WORKERS": str(workers),
            "MINDHAVEN_LEDGER_PUBLISH_SECONDS": "1",  # the logs are signed again and again, also in mid-fall
            dying.VARIABLE: str(self._arm),
        }
        if power:
            self._environment["POWER"] = "fails with every kill"
        self._workers = workers
        self._process: Spawned | None = None
        self.url = ""
        self.falls: Counter[str] = Counter()
        self.starts: list[float] = []

    def start(self) -> None:
        """Start it; return once it answers."""
        begun = time.monotonic()
        while True:
            environment = self._environment | {"MINDHAVEN_SERVER_BIND": f"127.0.0.1:{self._port}"}
            self._said.unlink(missing_ok=True)
            process = Spawned("server", (), environment, self._said, self._log)
            line = self._first_line(process)
            if line.startswith("listening on http://127.0.0.1:"):
                break
            process.wait(START_SECONDS)
            # Workers of a killed parent let go of the port a moment later; until then this is what an operator sees.
            if time.monotonic() - begun > START_SECONDS:
                raise RuntimeError(f"the server does not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.2)
        self.url = line.split()[-1]
        self._port = int(self.url.rpartition(":")[2])
        self._process = process
        answer = httpx.get(f"{self.url}/healthz", timeout=START_SECONDS, trust_env=False)
        assert answer.status_code == 200, answer.text
        self.starts.append(time.monotonic() - begun)

    def _first_line(self, process: Spawned) -> str:
        """Wait for the line that says where it listens; empty if it ended before."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            ended = process.poll() is not None
            said = self._said.read_text() if self._said.exists() else ""
            if "\n" in said:
                return said.partition("\n")[0]
            if ended:
                return ""
            time.sleep(0.01)
        return ""

    @property
    def process_id(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    async def fall(self, how: str, down_seconds: float) -> None:
        """Fell it as planned, wait, and raise it again."""
        process = self._process
        assert process is not None
        self.falls[how] += 1
        if how == "term":
            os.kill(process.pid, signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, 60)
            assert code == 0, f"the server ended with {code} on SIGTERM"
        elif how == "kill":
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.to_thread(process.wait, 60)
        else:
            await self._kill_one(process)
            if process.poll() is None:
                return  # a worker fell, and its parent starts another
        await asyncio.sleep(down_seconds)
        await asyncio.to_thread(self.start)

    def arm(self, part: str, moment: str, count: int) -> None:
        """Let it die by itself at a place; see `dying`."""
        written = self._arm.with_suffix(".new")
        written.write_text(f"{part} {moment} {count}")
        written.replace(self._arm)

    async def died(self, least: float, most: float, busy: Callable[[], bool]) -> bool:
        """Wait until it died by itself, for `least` seconds and, while it is `busy`, for `most`; return whether."""
        process, begun = self._process, time.monotonic()
        assert process is not None
        while process.poll() is None:
            passed = time.monotonic() - begun
            if passed > most or (passed > least and not busy()):
                break
            await asyncio.sleep(0.02)
        self._arm.unlink(missing_ok=True)
        return process.poll() is not None

    async def kill(self) -> None:
        """Kill whatever of it lives; it stays down until `start`."""
        if self._process is None:
            return
        self._arm.unlink(missing_ok=True)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.to_thread(self._process.wait, 60)

    async def _kill_one(self, process: Spawned) -> None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        victim = int(children[0]) if children and self.falls["kill-one"] % 2 else process.pid
        os.kill(victim, signal.SIGKILL)
        if victim == process.pid:
            await asyncio.to_thread(process.wait, 60)

    def stop(self) -> int | None:
        """Stop it as an operator would; return its exit code."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        try:
            return process.wait(60)
        except TimeoutError:
            return None
        finally:
            self._sweep()
            process.wait(10)

    def _sweep(self) -> None:
        """Kill what a fault may have left behind: processes that serve this run's own folder, no others."""
        mine = f"MINDHAVEN_SERVER_DATA={self._environment['MINDHAVEN_SERVER_DATA']}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mine in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)

    def errors(self) -> list[str]:
        """Return the lines that the server logged as errors."""
        return [line for line in self._log.read_text().splitlines() if '"level": "error"' in line]
