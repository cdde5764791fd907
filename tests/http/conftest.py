"""Servers for the tests of HTTP: one in this process, one as a process of its own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.stretched import Unstretched
from tests.simulators.world import CLOCKS, Frozen, Time

from mindhaven.kernel import Limit, Limits, system_random
from mindhaven.server.build import Server, build
from mindhaven.server.settings import load_server

PROGRAM = Path(__file__).with_name("program.py")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """The test slice's server, in this process."""
    from program import SLICE, authenticate

    settings = load_server(
        [SLICE], overrides={"server.data": str(tmp_path / "data"), "server.trusted-proxies": ["10.0.0.0/8"]}
    )
    built = await build(settings, environment={}, slices=[SLICE], authenticate=authenticate)
    built.host.limits = Limits({"test": Limit(burst=10, per_minute=5)}, system_random)
    built.start()
    yield built
    await built.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `server`, from 192.0.2.1."""
    transport = httpx.ASGITransport(app=server.app, client=("192.0.2.1", 1234))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


class Process:
    """A server process; `url` is where it listens."""

    def __init__(self, data: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.log = data.parent / "log"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [sys.executable, str(PROGRAM), str(data), *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | (environment or {}),
            )
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert line.startswith("listening on "), self.log.read_text()
        self.url = line.removeprefix("listening on ").strip()

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def stop(self) -> int:
        if self.popen.poll() is None:
            self.popen.terminate()
        code = self.popen.wait(30)
        assert self.popen.stdout is not None
        self.popen.stdout.close()
        return code


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start server processes; they are stopped afterwards."""
    started: list[Process] = []

    def start(*arguments: str, **more: Any) -> Process:
        started.append(Process(tmp_path / "data", *arguments, **more))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="module", autouse=True)
def _unstretched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stretch no passphrase: clients do that before anything is sent, and here is looked at what is sent.

    A module whose people are also opened by a process of their own says `STRETCHED = True`: both must find the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not getattr(request.module, "STRETCHED", False):
            patch.setattr("mindhaven.crypto.derive.Argon2id", Unstretched)
        yield


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    here = Time()
    for module in CLOCKS:
        monkeypatch.setattr(f"mindhaven.sdk.{module}.time", Frozen(here))
    return here
