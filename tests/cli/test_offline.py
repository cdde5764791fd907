"""The server goes away and comes back."""

import httpx
import pytest
from tests.cli.conftest import PASSPHRASE, Person, Serving


def test_what_is_written_offline_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    serving = Serving(tmp_path_factory.mktemp("away")).start()
    person = Person(tmp_path_factory.mktemp("people") / "off", PASSPHRASE, serving.url).sign_up("off")
    person("log", "mood", "3")
    url = serving.url
    assert serving.stop() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", trust_env=False)
    ran = person("log", "mood", "good", "--note", "written alone")
    assert "The server can't be reached. 1 entry waits on this device." in " ".join(ran.err.split())
    person("--offline", "journal", "add", "also alone")
    assert [one["waits"] for one in person.entries()] == [False, True, True]
    assert "*" in person("list").out
    told = " ".join(person("sync", code=4).err.split())
    assert "this was not done" in told
    assert "Entries that you wrote wait on" in told
    assert person("shares", code=4)
    assert person("--offline", "devices", code=4)
    again = Serving(serving.data).start(url.rsplit(":", 1)[1])
    try:
        assert again.url == url
        assert person("sync", "--json").told["sent"] == 2
        assert [one["waits"] for one in person.entries()] == [False] * 3
    finally:
        assert again.stop() == 0
