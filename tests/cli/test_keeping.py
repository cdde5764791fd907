"""Backup, restore and check, as an operator types them, beside a running server."""

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Person, Serving, run


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words"
    file.write_text("four herons and a kettle\n")
    return file


def test_back_up_restore_and_serve_again(server: Serving, somebody: Person, tmp_path: Path, words: Path) -> None:
    somebody.sign_up("keeper")
    somebody("log", "mood", "good", "--note", "kept")
    data, sealed = ("--data", str(server.data)), ("--passphrase-file", str(words))
    assert run("check", *data).code == 0
    made = run("backup", str(tmp_path / "b"), *data, *sealed, "--json")
    assert made.code == 0
    assert Path(made.told["folder"]).parent == tmp_path / "b"
    assert (tmp_path / "b-side").is_dir()

    new = tmp_path / "new"
    asked = ("restore", str(tmp_path / "b"), "--data", str(new), "--keys", str(server.data), *sealed)
    if not (server.data / "erasures.log").exists():
        refused = run(*asked)
        assert (refused.code, "--without-journal" in refused.err) == (2, True)
        asked += ("--without-journal",)
    done = run(*asked, "--json")
    assert done.code == 0
    assert done.told["faults"] == []
    assert done.told["records"] > 0
    assert json.loads((Path(made.told["folder"]) / "tested.json").read_text())["tested_at"] > 0
    assert run(*asked).code == 2  # not over what is there
    again = Serving(new).start()
    try:
        assert run("check", "--data", str(new)).code == 0
        other = Person(tmp_path / "other", somebody.passphrase, again.url)
        other("login", somebody.handle, "--server", again.url)
        other("sync")
        assert [entry["body"]["note"] for entry in other.entries()] == ["kept"]
    finally:
        assert again.stop() == 0
    (new / "restore.unfinished").touch()
    assert "restore-unfinished" in run("--verbose", "serve", "--data", str(new), "--bind", "127.0.0.1:0").err


def test_a_key_of_its_own_seals_and_opens(server: Serving, tmp_path: Path) -> None:
    made = run("backup-key", str(tmp_path / "key"), "--json")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert run("backup-key", str(tmp_path / "key")).code == 2
    recipient = made.told["recipient"]
    data = ("--data", str(server.data))
    assert run("backup", str(tmp_path / "b"), *data).code == 2  # nobody could open it
    assert run("backup", str(tmp_path / "b"), *data, "--recipient", "age1pq1nonsense").code == 2
    assert run("backup", str(tmp_path / "b"), *data, "--recipient", recipient, "--side", str(tmp_path / "s")).code == 0
    asked = ("restore", str(tmp_path / "b"), "--side", str(tmp_path / "s"), "--keys", str(server.data))
    assert run(*asked, "--identity", str(tmp_path / "key")).code == 2  # where to?
    new = ("--data", str(tmp_path / "new"))
    assert run("restore", str(tmp_path / "b"), *new, "--identity", str(tmp_path / "key")).code == 2  # no keys
    more = () if (server.data / "erasures.log").exists() else ("--without-journal",)
    assert run(*asked, *new, *more, "--identity", str(tmp_path / "key")).code == 0


def test_a_check_tells_what_is_missing(server: Serving, somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("checker")
    (tmp_path / "page.txt").write_text("a page")
    somebody("journal", "add", "with a page", "--attach", str(tmp_path / "page.txt"))
    somebody("sync")
    copy = tmp_path / "copy"
    assert (
        run("backup", str(tmp_path / "b"), "--data", str(server.data), "--passphrase-file", str(somebody.file)).code
        == 0
    )
    asked = ("restore", str(tmp_path / "b"), "--data", str(copy), "--keys", str(server.data), "--without-journal")
    assert run(*asked, "--passphrase-file", str(somebody.file)).code == 0
    assert run("check", "--data", str(copy)).code == 0
    for folder in (copy / "blobs").iterdir():
        shutil.rmtree(folder)
    (copy / "blobs" / "partial").mkdir()
    told = run("check", "--data", str(copy), "--json")
    assert told.code == 5
    assert {fault["code"] for fault in told.told["faults"]} == {"blob-missing"}
    assert "blob-missing: collection" in told.err


def blobs(data: Path) -> set[str]:
    """Return the attachment parts that lie in this data folder, as folder/name."""
    return {f"{one.parent.name}/{one.name}" for one in (data / "blobs").glob("??/*")}


def test_an_attached_file_that_a_restore_lost_is_told_and_given_back(
    server: Serving, somebody: Person, tmp_path: Path, words: Path
) -> None:
    somebody.sign_up("giver")
    page = tmp_path / "page.txt"
    page.write_text("a page of mine")
    before = blobs(server.data)
    somebody("journal", "add", "with a page", "--attach", str(page))
    somebody("sync")
    written = blobs(server.data) - before
    assert len(written) == 1
    data, new = ("--data", str(server.data)), tmp_path / "new"
    assert run("backup", str(tmp_path / "b"), *data, "--passphrase-file", str(words)).code == 0
    asked = ("restore", str(tmp_path / "b"), "--data", str(new), "--keys", str(server.data))
    more = () if (server.data / "erasures.log").exists() else ("--without-journal",)
    assert run(*asked, *more, "--passphrase-file", str(words)).code == 0
    assert "parts-missing" not in {one["name"] for one in run("doctor", "--data", str(new), "--json").told}
    for lost in written:  # and no other: earlier tests keep attachments on this server too
        (new / "blobs" / lost).unlink()
    found = run("check", "--data", str(new), "--json")
    assert found.told["attachment_parts_missing"] == 1
    assert "of attachments" in " ".join(found.err.split())
    assert "mindhaven give-back FILE" in " ".join(found.err.split())  # wherever the line is broken
    (doctored,) = [one for one in run("doctor", "--data", str(new), "--json").told if one["name"] == "parts-missing"]
    assert doctored["severity"] == "warning"
    again = Serving(new).start()
    try:
        other = Person(tmp_path / "other", somebody.passphrase, again.url)
        other("login", somebody.handle, "--server", again.url)
        told = other("sync", "--json")
        assert told.told["lacking"] == ["page.txt"]
        assert "1 of 1 parts of page.txt" in told.err
        (entry,) = other.entries()
        assert "give-back" in other("show", entry["id"]).out
        saved = tmp_path / "saved"
        saved.mkdir()
        refused = other("show", entry["id"], "--save-files", str(saved), code=None)
        assert refused.code != 0
        assert "does not have all parts of page.txt" in refused.err
        assert list(saved.iterdir()) == []
        archive = other("export", "--format", "archive", str(tmp_path / "torn"), "--json")
        assert archive.told["lacking"] == ["page.txt"]
        assert "page.txt" in archive.err
        page.write_text("a page of MINE")
        assert "does not fit" in other("give-back", str(page), code=2).err
        assert [one["name"] for one in other("give-back", "--json").told["lacking"]] == ["page.txt"]
        page.write_text("a page of mine")
        assert "Gave back 1 of 1 parts of page.txt" in other("give-back", str(page)).err
        other("show", entry["id"], "--save-files", str(saved))
        assert (saved / "page.txt").read_text() == "a page of mine"
        assert "lacks nothing" in other("give-back", str(page)).err
        assert other("sync", "--json").told["lacking"] == []
    finally:
        assert again.stop() == 0
    assert "parts-missing" not in {one["name"] for one in run("doctor", "--data", str(new), "--json").told}
