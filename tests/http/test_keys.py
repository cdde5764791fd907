"""The server's keys: drawn at the first start and told, never drawn anew beside what lies under another one."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from tests.simulators.server import running_server
from tests.simulators.world import PASS, mood

from mindhaven.sdk import Mindhaven


def serve(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run `mindhaven serve` until it ends by itself; return exit code, output, messages as one line."""
    done = subprocess.run(
        [sys.executable, "-m", "mindhaven", "serve", "--data", str(data), "--bind", "127.0.0.1:0", *arguments],
        capture_output=True, text=True, timeout=30, env=os.environ | dict(environment or {}), check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, " ".join(done.stderr.replace("mindhaven: ", "").split())


def started(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Start `mindhaven serve` and stop it once it has said its next step; return what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mindhaven", "serve", "--data", str(data), "--bind", "127.0.0.1:0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | dict(environment or {}),
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on "), process.communicate()[1]
    assert httpx.get(line.split()[-1] + "/healthz").status_code == 200
    process.terminate()
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    return " ".join(said.replace("mindhaven: ", "").split())


def test_all_keys_are_drawn_at_the_first_start_and_told_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    said = started(data, "--quiet")
    assert (data / "salt.key").stat().st_size == 32
    assert str(data / "salt.key") in said
    assert str(data / "master.key") in said
    assert str(data / "log.key") in said
    assert (data / "erasures.log").read_bytes() == b""  # a restore then knows that no journal was lost
    assert "Copy them before anybody signs up" in said
    kept = (data / "salt.key").read_bytes()
    assert "salt.key" not in started(data)
    assert (data / "salt.key").read_bytes() == kept


def test_a_master_key_from_the_environment_is_no_file_to_copy(tmp_path: Path) -> None:
    given = {"MINDHAVEN_MASTER_KEY": "q83vEjRWeJASNFZ4kKvN78v0Dh9aKzxNXm-AkaKzxNU"}
    said = started(tmp_path / "data", environment=given)
    assert "salt.key" in said
    assert "master.key" not in said


def filled(tmp_path: Path, database: str) -> Path:
    """Make a server's data with one person's record in it."""
    data = tmp_path / "data"
    with (
        running_server(data, environment={"MINDHAVEN_SERVER_DATABASE": database}) as server,
        Mindhaven.create(tmp_path / "home", server.url, passphrase=PASS) as me,
    ):
        me.sign_up(PASS, word="ana")
        me.add(mood("kept"))
        me.sync()
    return data


def test_records_without_their_keys_are_refused_by_name_and_nothing_is_drawn(tmp_path: Path, database_url: str) -> None:
    theirs = {"MINDHAVEN_SERVER_DATABASE": database_url}
    data = filled(tmp_path, database_url)
    salt, master = (data / "salt.key").read_bytes(), (data / "master.key").read_bytes()

    (data / "salt.key").unlink()
    code, out, said = serve(data, "--verbose", environment=theirs)
    assert (code, out) == (2, "")
    assert "code: salt-key-missing" in said
    assert f"{data}/salt.key is not there" in said
    assert not (data / "salt.key").exists()

    (data / "salt.key").write_bytes(bytes(range(32)))
    (data / "salt.key").chmod(0o600)
    code, out, said = serve(data, "--verbose", environment=theirs)
    assert (code, out, "code: salt-key-other" in said) == (2, "", True)
    (data / "salt.key").write_bytes(salt[:31])
    assert "code: salt-key " in serve(data, "--verbose", environment=theirs)[2]
    (data / "salt.key").write_bytes(salt)

    (data / "master.key").unlink()
    code, out, said = serve(data, "--verbose", environment=theirs)
    assert (code, out) == (2, "")
    assert "code: master-key-missing" in said
    assert "MINDHAVEN_MASTER_KEY" in said
    assert not (data / "master.key").exists()
    (data / "master.key").write_text("q83vEjRWeJASNFZ4kKvN78v0Dh9aKzxNXm-AkaKzxNU\n")
    (data / "master.key").chmod(0o600)
    code, out, said = serve(data, "--verbose", environment=theirs)
    assert (code, out, "code: master-key-other" in said) == (5, "", True)
    assert "belongs to this database" in said

    # The operator's commands open the same data, and are refused alike: they draw nothing either.
    (data / "master.key").unlink()
    invite = [sys.executable, "-m", "mindhaven", "invite", "person", "--data", str(data)]
    assert subprocess.run(invite, capture_output=True, timeout=30, env=os.environ | theirs, check=False).returncode == 2
    assert not (data / "master.key").exists()

    (data / "master.key").write_bytes(master)
    (data / "master.key").chmod(0o600)
    with (
        running_server(data, environment=theirs) as server,
        Mindhaven.create(tmp_path / "other", server.url, passphrase=PASS) as me,
    ):
        me.log_in(handle(tmp_path), PASS)
        me.sync()
        assert [entry.record.body["note"] for entry in me.entries() if entry.record] == ["kept"]


def test_of_two_generations_the_one_in_use_must_be_there_and_fit(tmp_path: Path, database_url: str) -> None:
    theirs = {"MINDHAVEN_SERVER_DATABASE": database_url}
    data = filled(tmp_path, database_url)
    turn = [sys.executable, "-m", "mindhaven", "keys", "turn", "--data", str(data)]
    done = subprocess.run(turn, capture_output=True, timeout=30, env=os.environ | theirs, check=False, text=True)
    assert (done.returncode, done.stdout) == (0, "salt-2.key\n")
    second = (data / "salt-2.key").read_bytes()

    (data / "salt-2.key").unlink()
    code, _, said = serve(data, "--verbose", environment=theirs)
    assert (code, "code: salt-key-missing" in said, f"{data}/salt-2.key is not there" in said) == (2, True, True)
    assert not (data / "salt-2.key").exists()
    (data / "salt-2.key").write_bytes((data / "salt.key").read_bytes())
    (data / "salt-2.key").chmod(0o600)
    code, _, said = serve(data, "--verbose", environment=theirs)
    assert (code, "code: salt-key-other" in said, "salt-2.key" in said) == (2, True, True)
    (data / "salt-2.key").write_bytes(second)
    (data / "salt-2.key").chmod(0o640)
    assert "code: key-mode" in serve(data, "--verbose", environment=theirs)[2]
    (data / "salt-2.key").chmod(0o600)

    (data / "salt.key").unlink()  # no pepper lies under it any more
    with (
        running_server(data, environment=theirs) as server,
        Mindhaven.create(tmp_path / "other", server.url, passphrase=PASS) as me,
    ):
        me.log_in(handle(tmp_path), PASS)
        me.sync()
        assert [entry.record.body["note"] for entry in me.entries() if entry.record] == ["kept"]
    assert not (data / "salt.key").exists()


def handle(tmp_path: Path) -> str:
    with Mindhaven.open(tmp_path / "home", passphrase=PASS) as me:
        return me.me.handle


# -- what a start of several workers can't do, it says ---------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_away_is_told_however_many_workers(tmp_path: Path, workers: str) -> None:
    given = {
        "MINDHAVEN_SERVER_WORKERS": workers,
        "MINDHAVEN_SERVER_DATABASE": "postgresql://ana:secret@127.0.0.1:1/none",
    }
    code, out, said = serve(tmp_path / "data", environment=given)
    assert (code, out) == (4, "")
    assert "The database is out of reach: nothing answers there." in said
    assert "server.database" in said
    assert "secret" not in said


def test_keys_that_do_not_fit_are_told_with_two_workers(tmp_path: Path, postgres_url: str) -> None:
    data = filled(tmp_path, postgres_url)
    (data / "salt.key").unlink()
    given = {"MINDHAVEN_SERVER_WORKERS": "2", "MINDHAVEN_SERVER_DATABASE": postgres_url}
    code, out, said = serve(data, "--verbose", environment=given)
    assert (code, out, "code: salt-key-missing" in said) == (2, "", True)


def test_a_database_that_is_unknown_or_refuses_is_told_apart(tmp_path: Path, postgres_url: str) -> None:
    unknown = postgres_url.replace("/mh_", "/nothing_", 1)
    assert unknown != postgres_url
    code, _, said = serve(tmp_path / "data", environment={"MINDHAVEN_SERVER_DATABASE": unknown})
    assert (code, "there is no database of that name" in said) == (4, True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_however_many_workers(tmp_path: Path, postgres_url: str, workers: str) -> None:
    given = {"MINDHAVEN_SERVER_WORKERS": workers, "MINDHAVEN_SERVER_DATABASE": postgres_url}
    with running_server(tmp_path / "first") as first:
        code, out, said = serve(tmp_path / "data", "--bind", first.url.removeprefix("http://"), environment=given)
    assert (code, out) == (4, "")
    assert "The port of server.bind is taken" in said


def test_workers_that_go_on_falling_end_the_server_with_a_message(tmp_path: Path, postgres_url: str) -> None:
    """What only a worker meets: the parent opens everything first, so here its part is taken away."""
    program = (
        "import sys\nfrom mindhaven.server import serve as module\nfrom mindhaven.errors import UnavailableError\n"
        "from mindhaven.cli import main\n"
        "async def falls(*_, **__): raise UnavailableError('The disk is full.', code='disk-full')\n"
        "module._serve = falls\nsys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", "--data", str(tmp_path / "data"), "--bind", "127.0.0.1:0"],
        capture_output=True, text=True, timeout=30, check=False,
        env=os.environ | {"MINDHAVEN_SERVER_WORKERS": "2", "MINDHAVEN_SERVER_DATABASE": postgres_url},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (4, "")
    assert '"disk-full"' in done.stderr
    assert "fell again and again" in " ".join(done.stderr.split())


def test_a_port_that_is_none_and_a_broken_file_end_with_2_and_no_traceback(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text('[server]\nlog-level = "info"\norigin = mindhaven.example\n')
    code, out, said = serve(tmp_path / "data", "--bind", "127.0.0.1:99999")
    assert (code, out, "Traceback" in said) == (2, "", False)
    assert "a port from 0 to 65535" in said
    code, out, said = serve(tmp_path / "data", "--config", str(config))
    assert (code, out, "Traceback" in said) == (2, "", False)
    assert "line 3" in said
    assert not (tmp_path / "data").exists()


# -- the start lines --------------------------------------------------------------------------------------------------


def test_the_next_line_names_the_one_address_that_log_ins_are_signed_for(tmp_path: Path) -> None:
    said = started(tmp_path / "data", environment={"MINDHAVEN_SERVER_ORIGIN": "https://mindhaven.example/"})
    assert "signup --server https://mindhaven.example" in said
    assert "127.0.0.1" not in said.rpartition("Next")[2]
    assert "signup --server http://127.0.0.1:" in started(tmp_path / "data")


def test_an_unset_contact_is_told_once_and_a_set_one_is_not(tmp_path: Path) -> None:
    assert started(tmp_path / "data").count("security.txt answers 404") == 1
    contact = {"MINDHAVEN_SERVER_SECURITY_CONTACT": "mailto:security@mindhaven.example"}
    assert "security.txt" not in started(tmp_path / "data", environment=contact)
