"""A real server in a process of its own, and people whose commands run in this process."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from tests.cli.terminal import Terminal

from mindhaven.cli import main
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.protocol.slots import PassphraseParams

PASSPHRASE = "seven quiet herons at dusk"
OTHER = "brass kettle under the stairs"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str, stdin: str = "") -> Ran:
    """Run a command in this process, without a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), mock.patch.object(sys, "stdin", io.StringIO(stdin)):
        code = main(list(arguments))
    return Ran(code, out.getvalue(), err.getvalue())


@dataclass
class Person:
    """One home with its passphrase."""

    home: Path
    passphrase: str
    url: str

    def __post_init__(self) -> None:
        self.file = self.home.with_name(self.home.name + ".passphrase")
        self.recovery = self.home.with_name(self.home.name + ".recovery")
        self.file.write_text(self.passphrase + "\n")

    def __call__(self, *arguments: str, stdin: str = "", code: int | None = 0) -> Ran:
        ran = run("--home", str(self.home), "--passphrase-file", str(self.file), *arguments, stdin=stdin)
        assert code is None or ran.code == code, ran
        return ran

    def sign_up(self, word: str) -> "Person":
        self("signup", "--server", self.url, "--word", word, "--recovery-file", str(self.recovery))
        return self

    def entries(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self("list", "--json", *arguments).told
        return found

    @property
    def card(self) -> str:
        return self("card").out.strip()

    @property
    def handle(self) -> str:
        return str(self("card", "--json").told["handle"])


@dataclass
class Serving:
    """`mindhaven serve` in a process of its own."""

    data: Path
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self, port: str = "0", config: Path | None = None) -> "Serving":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MINDHAVEN_")}
        command = [sys.executable, "-m", "mindhaven", "serve", "--data", str(self.data), "--bind", f"127.0.0.1:{port}"]
        command += [] if config is None else ["--config", str(config)]
        environment["MINDHAVEN_SERVER"] = "https://not-a-setting.example"
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.url = line.split()[-1]
        assert httpx.get(f"{self.url}/healthz", trust_env=False, timeout=20).json() == {"status": "ok"}
        return self

    def stop(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.stdout.close()


@pytest.fixture(scope="session", autouse=True)
def _argon2_once() -> Iterator[None]:
    """Remember what Argon2 gave for the same input: every command opens the same few stores anew, 0.3 s each."""
    whole, known = PassphraseParams.secret, {}

    def secret(params: PassphraseParams, passphrase: str) -> SlotSecret:
        key = (params, passphrase)
        if key not in known:
            known[key] = whole(params, passphrase)
        return known[key]

    with mock.patch.object(PassphraseParams, "secret", secret):
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for the run."""
    serving = Serving(tmp_path_factory.mktemp("server")).start()
    yield serving
    assert serving.stop() == 0


@pytest.fixture(scope="session")
def ana(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Someone with an account."""
    return Person(tmp_path_factory.mktemp("people") / "ana", PASSPHRASE, server.url).sign_up("ana")


@pytest.fixture(scope="session")
def ben(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Someone else."""
    return Person(tmp_path_factory.mktemp("people") / "ben", OTHER, server.url).sign_up("ben")


@pytest.fixture
def somebody(server: Serving, tmp_path: Path) -> Person:
    """Someone of this test alone, not signed up yet."""
    return Person(tmp_path / "home", PASSPHRASE, server.url)


@pytest.fixture
def friend(server: Serving, tmp_path: Path) -> Person:
    """Someone else of this test alone, signed up: what is shared with them stands in nobody's way."""
    return Person(tmp_path / "friend", OTHER, server.url).sign_up("friend")


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Terminals to close at the end."""
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()
