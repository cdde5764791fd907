"""After a restore, as an operator and a person with two devices type it: brought back, or shown and gone on from."""

from pathlib import Path

from tests.cli.conftest import Person, Serving, run


def back(server: Serving, tmp_path: Path, name: str = "new") -> Serving:
    """Put the server back from its backup, and serve it at the same address."""
    port = server.url.rsplit(":", 1)[1]
    assert server.stop() == 0
    words = tmp_path / "words"
    done = run("restore", str(tmp_path / "b"), "--data", str(tmp_path / name), "--keys", str(server.data),
               "--passphrase-file", str(words))  # fmt: skip
    assert done.code == 0, done
    assert "For 30 days people's devices bring back" in " ".join(done.err.split())
    return Serving(tmp_path / name).start(port)


def notes(person: Person) -> list[str]:
    return sorted(entry["body"]["note"] for entry in person.entries())


def test_lost_entries_come_back_and_two_histories_are_decided(tmp_path: Path) -> None:
    server = Serving(tmp_path / "served").start()
    phone = Person(tmp_path / "phone", "seven quiet herons at dusk", server.url).sign_up("iris")
    laptop = Person(tmp_path / "laptop", phone.passphrase, server.url)
    phone("log", "mood", "good", "--note", "before")
    laptop("login", phone.handle, "--server", server.url)
    laptop("sync")
    (tmp_path / "words").write_text("four herons and a kettle\n")
    sealed = ("--passphrase-file", str(tmp_path / "words"))
    assert run("backup", str(tmp_path / "b"), "--data", str(server.data), *sealed).code == 0
    phone("log", "mood", "low", "--note", "after")
    again = back(server, tmp_path)
    try:
        assert run("reoffer", "--data", str(again.data), "--json").told["open"] is True
        ran = phone("sync")
        assert "This device brought back what it lacked" in " ".join(ran.err.split())
        laptop("sync")
        assert notes(laptop) == ["after", "before"]
        assert "There is nothing to decide" in " ".join(phone("rejoin").err.split())
        assert phone("rejoin", "--json").told == []
        assert run("backup", str(tmp_path / "b"), "--data", str(again.data), *sealed).code == 0
        phone("log", "mood", "low", "--note", "only on the phone")
        again = back(again, tmp_path, "newer")
        laptop("log", "mood", "ok", "--note", "only on the laptop")
        ran = phone("sync", code=5)
        assert "mindhaven rejoin" in ran.err
        assert notes(phone) == ["after", "before", "only on the phone"]
        ran = phone("rejoin", code=2)
        assert "only on the phone" in ran.out
        assert "--yes" in ran.err
        told = phone("rejoin", "--yes", "--json").told
        assert {one["can"] for one in told} == {"rejoin"}
        assert [len(one["written_again"]) for one in told if one["name"] == "mood"] == [1]
        everything = ["after", "before", "only on the laptop", "only on the phone"]
        assert notes(phone) == everything
        laptop("sync")
        assert notes(laptop) == everything
        assert run("check", "--data", str(again.data)).code == 0
        assert "closed" in run("reoffer", "--data", str(again.data), "--days", "0").out
        assert run("reoffer", "--data", str(again.data), "--days", "400").code == 2
    finally:
        again.stop()
