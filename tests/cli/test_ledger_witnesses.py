"""Whom this device asks to vouch: only whom the person named, after they saw it. A real server with a real witness."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import PASSPHRASE, Person, Serving
from tests.cli.terminal import Terminal
from tests.simulators.witness import Running, witness

from mindhaven.tlog.note import VerifierKey


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Serving, Running]]:
    """A server whose logs a witness cosigns."""
    with witness(tmp_path / "w", name="w.test/1") as asked:
        data = tmp_path / "server"
        data.mkdir(mode=0o700)
        serving = Serving(data).start()
        with urllib.request.urlopen(f"{serving.url}/v1/ledger") as answer:
            asked.add(*[VerifierKey.parse(one["vkey"]) for one in json.load(answer)["logs"]])
        assert serving.stop() == 0
        (data / "policy").write_text(f"witness clinic {asked.key} {asked.url}\nquorum clinic\n")
        (data / "mindhaven.toml").write_text(
            f'[server]\noutbound-hosts = ["{asked.host}"]\n[ledger]\npolicy = "{data}/policy"\npublish-seconds = 1\n'
        )
        serving = Serving(data).start(config=data / "mindhaven.toml")
        yield serving, asked
        assert serving.stop() == 0


def until_logged(person: Person) -> dict[str, object]:
    """Read the logs until they have this person's keys."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        ran = person("ledger", "--json", code=None)
        if ran.code == 0 and ran.told["own_keys"] != "waiting":
            found: dict[str, object] = ran.told
            return found
        time.sleep(0.5)
    raise AssertionError("the keys were never logged")


def test_the_servers_own_choice_counts_only_after_the_person_saw_it(
    watched: tuple[Serving, Running], tmp_path: Path
) -> None:
    server, asked = watched
    eva = Person(tmp_path / "eva", PASSPHRASE, server.url).sign_up("eva")
    told = until_logged(eva)
    assert (told["witnesses"], told["own_keys"], told["vouched_at"]) == ("none", "logged", None)
    ran = eva("ledger", "witnesses", "--from-server", code=None)
    assert ran.code != 0
    assert "no terminal" in ran.err
    assert eva("ledger", "witnesses", "--json").told == {"witnesses": [], "quorum": "none"}
    arguments = ("--home", str(eva.home), "--passphrase-file", str(eva.file), "ledger", "witnesses", "--from-server")
    for typed, names in (("n", []), ("y", ["clinic"])):
        terminal = Terminal(*arguments)
        terminal.until("[y/N]")
        assert str(asked.key).split("+")[2] in terminal.seen.replace("\r\n", "").replace(" ", "")
        terminal.type(typed)
        assert terminal.ends() == 0
        assert eva("ledger", "witnesses", "--json").told["witnesses"] == names
    told = eva("ledger", "--json").told
    assert (told["witnesses"], told["own_keys"], told["stale"]) == ("met", "logged", False)
    assert "Enough witnesses vouch" in " ".join(eva("ledger").err.split())
    # Another witness, who does not know this server: care goes on, no key is vouched for.
    away = tmp_path / "other"
    with witness(tmp_path / "w2", name="w.test/2") as stranger:
        away.write_text(f"witness other {stranger.key}\nquorum other\n")
    eva("ledger", "witnesses", str(away))
    told = eva("ledger", "--json").told
    assert (told["witnesses"], told["own_keys"]) == ("missing", "unvouched")
    eva("log", "mood", "good")
    eva("ledger", "witnesses", "-")
    assert eva("ledger", "--json").told["witnesses"] == "none"
    ran = eva("ledger", "witnesses", str(away), "--from-server", code=None)
    assert ran.code != 0
