"""The operator's console, settings, and how the program ends."""

from pathlib import Path

import pytest
from tests.cli.conftest import Person, Serving, run

from mindhaven import __version__
from mindhaven.cli import operating
from mindhaven.cli.exits import Exit


def test_invite_suspend_resume(server: Serving, somebody: Person) -> None:
    data = ("--data", str(server.data))
    code = run("invite", "clinician", *data, "--json").told["code"]
    signup = ("signup", "--server", somebody.url, "--invitation", code, "--json")
    assert somebody(*signup, "--recovery-file", str(somebody.recovery)).told["role"] == "clinician"
    handle = somebody.handle
    assert run("suspend", handle, *data).code == 0
    assert "suspended by the host" in somebody("sync", code=6).err
    assert "waits" in somebody("log", "mood", "good").err
    assert run("resume", handle, *data).code == 0
    somebody("sync")
    assert run("suspend", "nobody-000000", *data).code == 1
    rotated = run("keys", "rotate", *data, "--json")
    assert rotated.told["key"] > 1
    assert "within an hour, without a restart" in " ".join(rotated.err.replace("mindhaven: ", "").split())


def test_the_salt_key_turns_beside_a_running_server(server: Serving, somebody: Person) -> None:
    somebody.sign_up("turner")
    somebody("log", "mood", "good")
    kept = {path.name for path in server.data.glob("salt*.key")}
    turned = run("keys", "turn", "--data", str(server.data), "--json")
    assert turned.code == 0
    assert turned.told["peppers"] >= 1
    assert {path.name for path in server.data.glob("salt*.key")} == kept | {turned.told["key"]}
    somebody("log", "mood", "low")
    somebody("sync")
    assert [entry["waits"] for entry in somebody.entries()] == [False, False]


def test_no_data_is_made_by_a_slip(tmp_path: Path) -> None:
    ran = run("invite", "person", "--data", str(tmp_path / "slip"))
    assert (ran.code, "Give --data DIR." in ran.err) == (2, True)
    assert not (tmp_path / "slip").exists()


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINDHAVEN_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    found = run("settings", "--json").told
    assert found["home"] == {"value": str(tmp_path), "origin": "environment"}
    assert found["zone"]["value"] == "Europe/Berlin"
    assert found["country"]["value"] == "DE"
    (tmp_path / "settings.toml").write_text('zone = "Asia/Tokyo"\n')
    assert run("settings", "--json").told["zone"] == {"value": "Asia/Tokyo", "origin": "file"}
    (tmp_path / "settings.toml").write_text('colour = "red"\n')
    assert run("settings").code == 2
    monkeypatch.setenv("MINDHAVEN_SERVER", "https://not-the-server's.example")
    monkeypatch.setenv("MINDHAVEN_ACCOUNTS_SIGNUP", "closed")
    monkeypatch.delenv("MINDHAVEN_HOME")
    server = run("--home", str(tmp_path / "x"), "settings", "--server", "--data", str(tmp_path), "--json").told
    assert server["server.data"]["origin"] == "command line"
    assert server["accounts.signup"] == {"value": "closed", "origin": "environment"}


def test_serve_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(operating, "NEEDED", ("no_such_library",))
    ran = run("serve", "--data", str(tmp_path))
    assert (ran.code, "pip install '.[server]'" in " ".join(ran.err.split())) == (2, True)


def test_how_it_ends(ana: Person) -> None:
    assert run("version").out == f"{__version__}\n"
    assert run("--version").code == 0
    slip = run("lst")
    assert (slip.code, "Did you mean list?" in slip.err, slip.out) == (2, True, "")
    assert run().code == Exit.USAGE
    assert run("log").code == Exit.USAGE
    assert run("--help").out.count("\n") > 30
    told = ana("--verbose", "log", "mood", "9", code=2)
    assert "code: mood" in told.err
    assert "Traceback" in told.err
    assert "Traceback" not in ana("log", "mood", "9", code=2).err
    for line in ana("list").err.splitlines():
        assert line.startswith("mindhaven: ")
    assert "\x1b" not in ana("list").out


def test_keyring(somebody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import PasswordDeleteError

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012 - one for the test

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            if self.kept.pop((service, username), None) is None:
                raise PasswordDeleteError

    monkeypatch.setattr("keyring.core._keyring_backend", Memory())
    assert isinstance(keyring.get_keyring(), Memory)
    somebody("--keyring", "signup", "--server", somebody.url, "--recovery-file", str(somebody.recovery))
    ran = run("--home", str(somebody.home), "log", "mood", "good")
    assert (ran.code, "waits" in ran.err) == (0, False)
    assert run("--home", str(somebody.home), "list", "--json").told[0]["waits"] is False
    somebody("delete-account", "--yes", "--recovery-file", str(somebody.recovery))
    assert Memory.kept == {}


def test_an_invitation_says_how_it_is_accepted(ana: Person) -> None:
    said = " ".join(ana("contacts", "invite").err.replace("mindhaven: ", "").split())
    assert "mindhaven contacts accept LINK --name NAME" in said
    assert "mindhaven contacts answers" in said
