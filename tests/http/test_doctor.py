"""Doctor, from inside on both databases and from outside against real servers."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from real import real_server
from test_starting import certificate
from tests.cli.conftest import run
from tests.simulators.postgres import Cluster
from tests.simulators.world import DAY, Time, world

from mindhaven.crypto import age
from mindhaven.server.doctor import examine, shape
from mindhaven.server.keeping import make_backup
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.upkeep.backup import Target
from mindhaven.upkeep.rules import Finding, Severity

ALWAYS = {
    "witnesses-none",
    "security-contact-unset",
    "exit-page-unset",
    "host-unnamed",
    "runs-as-root",
    "journal-same-disk",
    "dependencies-differ",
}
"""Found on any machine that runs these tests, or on some."""


async def found(tmp: Path, moment: Time, **overrides: Any) -> dict[str, Finding]:
    settings = load_server(SLICES, overrides={"server.data": str(tmp / "data"), **overrides})
    return {one.name: one for one in await examine(settings, clock=moment) if one.name not in ALWAYS}


async def test_a_policy_that_names_nobody_is_noted(tmp_path: Path, moment: Time) -> None:
    async def noted(**given: str) -> bool:
        overrides = {
            "server.data": str(tmp_path / "data"),
            **{f"register.{name}": value for name, value in given.items()},
        }
        settings = load_server(SLICES, overrides=overrides)
        return "host-unnamed" in {one.name for one in await examine(settings, clock=moment)}

    assert await noted()
    assert await noted(name="Lime Street Practice")
    assert await noted(contact="hello@lime.example")
    assert not await noted(name="Lime Street Practice", contact="hello@lime.example")


@pytest.fixture
def moment() -> Time:
    return Time()


async def test_a_server_as_it_should_be(tmp_path: Path, moment: Time, database_url: str) -> None:
    given = {"server.database": database_url}
    async with world(tmp_path, moment, **given) as (server, _):
        assert set(await found(tmp_path, moment, **given)) == {"backup-none"}
        recipient = age.recipient_of(age.generate_identity())
        await make_backup(server, Target(main=tmp_path / "b", side=tmp_path / "s", recipient=recipient))
        here = await found(tmp_path, moment, **given)
        assert set(here) == {"backup-untested", "backup-same-disk"}
        next((tmp_path / "b").glob("*/")).joinpath("tested.json").write_text(f'{{"tested_at": {moment.now}}}')
        assert set(await found(tmp_path, moment, **given)) == {"backup-same-disk"}
        moment.now += 8 * DAY
        assert (await found(tmp_path, moment, **given))["side-copy-stale"].severity is Severity.DANGER

        async def spoil(schema: Any) -> None:
            await schema.run("UPDATE vault_salt_key SET begun_at = 5")
            await schema.run(
                "INSERT INTO upkeep_erasure (subject, what, thing, erased_at, generation, faults)"
                " VALUES ($1, 'account', $1, 1, 1, 'vault_salt')",
                bytes(32),
            )
            await schema.run(
                "INSERT INTO cursor (reader, position, stopped_at, error) VALUES ('ledger.audit', 0, 5, 'log-moved')"
            )

        await server.host.db.upgrade(spoil)
        here = await found(tmp_path, moment, **given)
        for name in ("salt-key-overdue", "erasure-incomplete", "reader-stopped"):
            assert here[name].severity is Severity.DANGER


async def test_nothing_is_made_or_changed(tmp_path: Path, moment: Time, database_url: str) -> None:
    given = {"server.database": database_url}
    assert "no-data" in await found(tmp_path, moment, **given)
    assert not (tmp_path / "data").exists()
    if database_url.startswith("postgres"):
        assert "not-migrated" in await found(tmp_path, moment, **given)
    async with world(tmp_path, moment, **given):
        pass
    before = {path.name: path.read_bytes() for path in (tmp_path / "data").glob("*.key")}
    await found(tmp_path, moment, **given)
    assert {path.name: path.read_bytes() for path in (tmp_path / "data").glob("*.key")} == before


SPOILED: dict[str, tuple[Callable[[Path], Any], dict[str, Any]]] = {
    "data-mode": (lambda data: data.chmod(0o755), {}),
    "key-mode": (lambda data: (data / "salt.key").chmod(0o644), {}),
    "data-exposed": (lambda data: (data / "mindhaven.db").chmod(0o644), {}),
    "key-weak": (lambda data: (data / "salt.key").write_bytes(b"abcd" * 8), {}),
    "master-key-weak": (lambda data: (data / "master.key").write_text("A" * 43 + "="), {}),
    "bind-without-tls": (lambda _: None, {"server.bind": "0.0.0.0:8440"}),
    "database-unreachable": (lambda _: None, {"server.database": "postgresql://a:b@127.0.0.1:1/x"}),
    "database-password-weak": (lambda _: None, {"server.database": "postgresql://a:mindhaven@127.0.0.1:1/x"}),
    "database-plain": (lambda _: None, {"server.database": "postgresql://a:vO3hQ9wz1LrT@db.invalid/x"}),
    "restore-unfinished": (lambda data: (data / "restore.unfinished").touch(), {}),
}


async def test_what_is_not_sound_is_found_by_name(tmp_path: Path, moment: Time) -> None:
    for name, (spoil, overrides) in SPOILED.items():
        here = tmp_path / name
        async with world(here, moment):
            pass
        spoil(here / "data")
        told = await found(here, moment, **overrides)
        assert name in told, (name, told)
        assert told[name].severity is Severity.DANGER
        assert told[name].mend


async def test_a_database_that_lets_anybody_in_is_found(tmp_path: Path, moment: Time) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = await asyncio.to_thread(lambda: Cluster(port=port))
    try:
        url = f"postgresql://postgres:vO3hQ9wz1LrTk@127.0.0.1:{port}/postgres"
        told = await found(tmp_path, moment, **{"server.database": url})
        assert told["database-passwordless"].severity is Severity.DANGER
        assert "clock-skew" not in told
    finally:
        await asyncio.to_thread(cluster.stop)


def test_the_command_tells_by_its_exit_code(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with real_server(tmp_path):
        told = run("doctor", "--data", str(data), "--json")
        assert {"backup-none", "witnesses-none"} <= {one["name"] for one in told.told}
        assert told.code == 1
        assert all(one["mend"] and one["severity"] in {"note", "warning"} for one in told.told)
        data.chmod(0o755)
        told = run("doctor", "--data", str(data))
        assert told.code == 6
        assert "danger  data-mode:" in told.out
        data.chmod(0o700)


def test_from_outside_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, key = certificate(tmp_path, serial=1)
    given = {"MINDHAVEN_SERVER_TLS_CERTIFICATE": str(pem), "MINDHAVEN_SERVER_TLS_KEY": str(key)}
    with real_server(tmp_path, given) as server:
        url = f"https://localhost:{urlsplit(server.url).port}"
        told = run("doctor", "--url", url, "--json")
        assert (told.code, [one["name"] for one in told.told]) == (6, ["certificate"])
        monkeypatch.setenv("MINDHAVEN_CA_FILE", str(pem))
        told = run("doctor", "--url", url, "--json")
        names = {one["name"] for one in told.told}
        assert "certificate-ending" in names  # it ends tomorrow
        assert "security-contact-unset" in names
        assert not names & {"headers-missing", "unhealthy", "certificate", "origin-differs"}
        assert told.code == 1
    told = run("doctor", "--url", url, "--json")
    assert (told.code, [one["name"] for one in told.told]) == (6, ["unreachable"])
    told = run("doctor", "--url", "http://mindhaven.example", "--json")
    assert (told.code, [one["name"] for one in told.told]) == (6, ["no-tls"])


def test_a_proxy_that_drops_headers_and_an_old_log_are_seen() -> None:
    import http.server
    import threading

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/healthz" else 200)
            self.send_header("mindhaven-origin", "https://elsewhere.example")
            self.send_header("last-modified", "Mon, 01 Jun 2026 00:00:00 GMT")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = run("doctor", "--url", f"http://127.0.0.1:{server.server_port}", "--json")
        server.shutdown()
    assert told.code == 6
    names = {one["name"] for one in told.told}
    assert names == {"unhealthy", "headers-missing", "origin-differs", "server-named", "log-old"}


def test_a_server_with_witnesses_is_not_told_to_find_some(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text("quorum none\n")
    told = [one.name for one in shape(load_server(SLICES, overrides={"ledger.policy": str(policy)}))]
    assert "witnesses-none" not in told
    assert "witnesses-none" in [one.name for one in shape(load_server(SLICES, overrides={}))]
