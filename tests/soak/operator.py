"""Commands as an operator or a person types them, each in a process of its own that can be killed at any moment."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from tests.soak import dying
from tests.soak.spawn import Spawned

MOST_SECONDS = 120.0


class Ran:
    """A command that runs, or ran: its exit code (negative: killed) and what it said."""

    def __init__(self, arguments: tuple[str, ...], log: Path, environment: dict[str, str], arm: Path | None) -> None:
        self._log = log
        self.arm = arm
        if arm is not None:
            environment = {**environment, dying.VARIABLE: str(arm)}
        self._process = Spawned(
            "command", arguments, {"PATH": "/usr/bin:/bin", "HOME": str(log.parent), **environment}, log, log
        )

    async def ended(self) -> int:
        """Wait for its end; return its exit code."""
        return await asyncio.to_thread(self._process.wait, MOST_SECONDS)

    async def killed_within(self, seconds: float) -> int:
        """Let it run so long at most, then kill it; return its exit code."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.to_thread(self._process.wait, seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return await self.ended()

    @property
    def said(self) -> str:
        """What it wrote so far."""
        return self._log.read_text("utf-8", "replace")


class Operator:
    """Who types the commands: `server` names data and database, `person` a home."""

    def __init__(self, folder: Path, *, database: str, power: bool) -> None:
        self._folder = folder
        self._count = 0
        self._environment = {"MINDHAVEN_SERVER_DATABASE": database} | ({"POWER": "fails"} if power else {})
        self.data = folder / "data"

    def server(self, *arguments: str, arm: str | None = None) -> Ran:
        """Begin an operator's command; `arm`: where it dies, see `dying`."""
        return self._run((*arguments, "--data", str(self.data)), self._environment, arm)

    def person(self, home: Path, words: Path, *arguments: str) -> Ran:
        """Begin a person's command."""
        return self._run(("--home", str(home), "--passphrase-file", str(words), *arguments), {}, None)

    def _run(self, arguments: tuple[str, ...], environment: dict[str, str], arm: str | None) -> Ran:
        self._count += 1
        file = None
        if arm is not None:
            file = self._folder / f"arm-{self._count}"
            file.write_text(arm)
        return Ran(arguments, self._folder / f"command-{self._count}.log", environment, file)
