"""Settings: every value with its origin, nothing unknown."""

import re
from pathlib import Path

import pytest

from mindhaven.errors import InvalidInputError, NotFoundError
from mindhaven.kernel.settings import OTHERS, Setting, load

DECLARED = (
    Setting(name="server.bind", default="here", help=""),
    Setting(name="server.workers", default=1, help=""),
    Setting(name="server.wait-seconds", default=1.5, help=""),
    Setting(name="server.quiet", default=False, help=""),
    Setting(name="server.hosts", default=(), help=""),
    Setting(name="server.level", default="info", help="", choices=("info", "error")),
    Setting(name="mail.password", default="", help="", secret=True),
)


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mindhaven.toml"
    file.write_text(text)
    return file


def test_each_value_tells_its_origin(tmp_path: Path) -> None:
    settings = load(
        DECLARED,
        file=write(
            tmp_path, '[server]\nbind = "there"\nhosts = ["a", "b"]\nwait-seconds = 2\n[mail]\npassword = "p"\n'
        ),
        environment={"MINDHAVEN_SERVER_WORKERS": "3", "MINDHAVEN_SERVER_QUIET": "true", "HOME": "/"},
        overrides={"server.level": "error"},
    )
    assert settings["server.hosts"] == ("a", "b")
    assert (settings["server.workers"], settings["server.quiet"], settings["server.wait-seconds"]) == (3, True, 2.0)
    shown = {name: (value, origin) for name, value, origin in settings.show()}
    assert shown["server.bind"] == ("there", "file")
    assert shown["server.workers"] == ("3", "environment")
    assert shown["server.level"] == ("error", "command line")
    assert shown["mail.password"] == ("(hidden)", "file")
    with pytest.raises(NotFoundError):
        settings["server.none"]


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("[server]\nnone = 1\n", {}, "server.none"),
        ("", {"MINDHAVEN_SERVER_NONE": "1"}, "MINDHAVEN_SERVER_NONE"),
        ("[server]\nworkers = true\n", {}, "server.workers"),
        ('[server]\nworkers = "2"\n', {}, "server.workers"),
        ("", {"MINDHAVEN_SERVER_WORKERS": "x"}, "server.workers"),
        ("", {"MINDHAVEN_SERVER_QUIET": "perhaps"}, "server.quiet"),
        ('[server]\nlevel = "loud"\n', {}, "server.level"),
        ("", {"MINDHAVEN_SERVER_LEVEL": "loud"}, "server.level"),
        ("[server]\nhosts = [1]\n", {}, "server.hosts"),
        ("not toml", {}, "mindhaven.toml"),
    ],
)
def test_what_is_unknown_or_of_another_type_is_refused_by_name(
    tmp_path: Path, text: str, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(InvalidInputError, match=named):
        load(DECLARED, file=write(tmp_path, text), environment=environment)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[server]\nbind = "there"\nlevel = info\n', "line 3"),
        (b"[server\nworkers = 2\n", "line 1"),
        (b"[server]\nworkers = 2\nworkers = 3\n", "line 3"),
        (b"[server]\nbind = '\xff'\n", "not UTF-8 text (byte 17)"),
        (None, "No such file"),
    ],
)
def test_a_file_that_can_not_be_read_says_where_and_why(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "server.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        load(DECLARED, file=file)
    assert caught.value.reason == "settings-file"
    assert str(file) in caught.value.message
    assert said in caught.value.message


def test_the_clients_variables_are_left_alone_and_no_others(tmp_path: Path) -> None:
    theirs = dict.fromkeys(("MINDHAVEN_HOME", "MINDHAVEN_SERVER", "MINDHAVEN_PASSPHRASE_FILE"), "x")
    assert load(DECLARED, environment={**theirs, "MINDHAVEN_MASTER_KEY": "x"})["server.bind"] == "here"
    for other in ("MINDHAVEN_HOMES", "MINDHAVEN_SERVER_HOME", "MINDHAVEN_PASSPHRASE_FILES", "MINDHAVEN_"):
        with pytest.raises(InvalidInputError, match=other):
            load(DECLARED, environment={**theirs, other: "x"})


def test_every_variable_that_the_client_reads_is_on_the_list() -> None:
    source = Path(__file__).resolve().parents[3] / "src" / "mindhaven"
    read = {
        name
        for folder in ("cli", "sdk")
        for path in (source / folder).rglob("*.py")
        for name in re.findall(r"MINDHAVEN_[A-Z_]+", path.read_text())
    }
    assert "MINDHAVEN_HOME" in read
    assert {
        name for name in read if not name.startswith(("MINDHAVEN_SERVER_", "MINDHAVEN_ACCOUNTS_", "MINDHAVEN_WITNESS_"))
    } <= OTHERS
