"""Reading a server's policy: checked against what was published, compared with an earlier one, refused when bent."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import httpx
import pytest
from tests.cli.conftest import Person, run
from tests.simulators.server import Running, start, stop

NAMED = {"MINDHAVEN_REGISTER_NAME": "Lime Street Practice", "MINDHAVEN_LEDGER_PUBLISH_SECONDS": "1"}


@pytest.fixture
def twice(tmp_path: Path) -> Iterator[Running]:
    """A server that was started, ended, and started again by people who now say who they are."""
    first = start(tmp_path / "data")
    assert stop(first) == 0
    second = start(tmp_path / "data", environment=NAMED)
    yield second
    if second.process.poll() is None:
        stop(second)


def pages(url: str) -> list[int]:
    paths = ("/policy", "/policy/de", "/policy/es", "/policy/en/laws")
    return [httpx.get(url + path, trust_env=False).status_code for path in paths]


def test_it_is_read_and_compared(twice: Running) -> None:
    ran = run("policy", "show", twice.url)
    assert ran.code == 0, ran
    assert "Lime Street Practice runs this server." in ran.out
    assert "Number 2, of " in ran.err
    german = run("policy", "show", twice.url, "--language", "de", "--number", "1")
    assert "Wer diesen Server betreibt, hat noch nicht gesagt, wer das ist." in german.out
    changed = run("policy", "diff", twice.url, "1")
    assert changed.code == 0, changed
    assert changed.out.splitlines() == [
        "- The people who run this server have not said who they are yet. Ask them before you write anything here.",
        "+ Lime Street Practice runs this server.",
        '~ The host: name changed from nothing to "Lime Street Practice"',
    ]
    told = run("policy", "diff", twice.url, "1", "2", "--language", "es", "--json").told
    assert told["added"] == ["Lime Street Practice lleva este servidor."]
    assert told["register"] == ['The host: name changed from nothing to "Lime Street Practice"']
    for number, name in ((1, ""), (2, "Lime Street Practice")):
        register = run("policy", "show", twice.url, "--number", str(number), "--json").told["register"]
        assert register["controller"] == {
            "name": name, **dict.fromkeys(("contact", "address", "officer", "representative", "seat"), ""),
            "hosting": [], "roles": [],
        }  # fmt: skip
        (reminders,) = [one for one in register["entries"] if one["id"] == "reminders"]
        assert (reminders["vendors"], reminders["special"]) == (["push-service"], True)
    assert "Nothing changed" in run("policy", "diff", twice.url, "2", "2").err
    assert run("policy", "show", twice.url, "--number", "3").code == 1
    shown = httpx.get(twice.url + "/policy", trust_env=False)
    digest = run("policy", "show", twice.url, "--json").told["sha256"]
    assert digest in shown.text
    assert "<script" not in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert httpx.get(twice.url + "/policy.css", trust_env=False).headers["content-type"].startswith("text/css")
    assert pages(twice.url) == [200, 200, 200, 200]
    named = httpx.get(twice.url + "/policy", trust_env=False, headers={"accept-language": "fr, de-AT;q=0.8, en;q=0.5"})
    assert (named.headers["content-language"], named.headers["vary"]) == ("de", "accept-language")
    assert '<html lang="de">' in named.text
    assert '<html lang="en">' in shown.text
    changes = httpx.get(twice.url + "/policy/en/changes", trust_env=False).text
    assert "Version 2, of " in changes
    assert "<dt>New</dt><dd>Lime Street Practice runs this server.</dd>" in changes
    assert "<dt>Gone</dt><dd>The people who run this server have not said who they are yet." in changes
    assert "This is the first version." in changes
    for path in ("/policy/fr", "/policy/fr/laws", "/policy/fr/changes"):
        assert httpx.get(twice.url + path, trust_env=False).status_code == 404
    laws = httpx.get(twice.url + "/policy/es/laws", trust_env=False)
    assert "Si vives en Quebec: Ley 25" in laws.text
    assert digest in laws.text
    assert "Si vives en Quebec: Ley 25" in run("policy", "show", twice.url, "--language", "es").out


def edited(server: Running, sql: str, *values: object) -> None:
    """Change a row behind the server's back, as whoever holds the database can."""
    with apsw.Connection(str(server.data / "mindhaven.db")) as database:
        database.setbusytimeout(5000)
        database.execute(sql, values)


def changes_of(url: str) -> str:
    """Return the refusal of the page of changes."""
    shown = httpx.get(url + "/policy/en/changes", trust_env=False)
    assert shown.status_code >= 400
    assert shown.json()["code"] == "policy-differs"
    return shown.text


def test_a_policy_that_was_edited_in_the_database_is_refused(twice: Running) -> None:
    texts = json.dumps({"en": "# We may sell what you write"}).encode()
    edited(twice, "UPDATE register_policy SET texts = ? WHERE version = 1", texts)
    ran = run("policy", "show", twice.url, "--number", "1")
    assert ran.code == 5, ran
    assert "is not what it published" in ran.err
    assert run("policy", "diff", twice.url, "1").code == 5
    assert "We may sell" not in changes_of(twice.url)
    # With its hash beside it, too: the event says otherwise.
    edited(twice, "UPDATE register_policy SET digest = ? WHERE version = 1", hashlib.sha256(texts).digest())
    assert run("policy", "show", twice.url, "--number", "1").code == 5
    assert "We may sell" not in changes_of(twice.url)
    assert run("policy", "show", twice.url).code == 0


def test_a_page_is_shown_only_if_it_is_what_was_published(twice: Running) -> None:
    edited(twice, "UPDATE register_policy SET digest = ? WHERE version = 2", bytes(32))
    assert pages(twice.url) == [409, 409, 409, 409]
    edited(twice, "DELETE FROM register_policy WHERE version = 2")
    assert pages(twice.url) == [409, 409, 409, 409]
    edited(twice, "DELETE FROM register_policy")
    assert run("policy", "show", twice.url).code == 1


def test_without_an_address_it_is_that_of_ones_own_server(
    ana: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MINDHAVEN_SERVER", raising=False)
    own = ana("policy", "show")
    assert f"The policy of {ana.url}." in " ".join(own.err.split())
    assert run("policy", "show", ana.url).out == own.out
    nobody = run("--home", str(tmp_path / "nobody"), "policy", "show")
    assert (nobody.code, "Which server?" in nobody.err) == (2, True)
    monkeypatch.setenv("MINDHAVEN_SERVER", ana.url)
    assert run("--home", str(tmp_path / "nobody"), "policy", "show").out == own.out


def test_whoever_has_an_account_is_told_once_that_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINDHAVEN_SERVER", raising=False)
    data = tmp_path / "data"
    first = start(data)
    eva = Person(tmp_path / "eva", "seven quiet herons at dusk", first.url).sign_up("eva")
    assert eva("sync", "--json").told["policy_changed"] is False
    assert stop(first) == 0
    second = start(data, environment=NAMED, port=int(first.url.rpartition(":")[2]))
    try:
        told = " ".join(eva("sync").err.split())
        assert "What this server says it does with your data has changed." in told
        assert "/policy/en/changes" in told
        assert "has changed" not in eva("sync").err
    finally:
        stop(second)
