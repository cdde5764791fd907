"""`mindhaven lock`: what is locked can't be read by a signed-in device, nor by whom it is shared with."""

import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving

LOCK = "three borrowed lamps tonight"
SECRET = "what I tell nobody yet"


@pytest.fixture
def ana(server: Serving, tmp_path: Path) -> Person:
    return Person(tmp_path / "ana", PASSPHRASE, server.url).sign_up("locker")


@pytest.fixture
def words(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "lock.words"
    file.write_text(LOCK + "\n")
    return ("--lock-file", str(file))


def wrong(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "wrong.words"
    file.write_text("three borrowed lamps yesterday\n")
    return ("--lock-file", str(file))


def readable(person: Person, folder: Path) -> str:
    """Return everything that lists, searches and readable exports of this person hold, as one text."""
    folder.mkdir()
    held = [person("list").out, person("list", "--json").out, person("search", "nobody", code=None).out]
    for form in ("csv", "html", "fhir"):
        path = folder / ("all.zip" if form == "csv" else f"all.{form}")
        person("export", "--format", form, *(("--include-journal",) if form == "fhir" else ()), str(path))
        if form == "csv":
            with zipfile.ZipFile(path) as inside:
                held += [inside.read(name).decode() for name in inside.namelist()]
        else:
            held.append(path.read_text())
    return "\n".join(held)


def test_a_locked_entry_stands_nowhere_and_opens_by_its_words_or_the_recovery_key(
    ana: Person, tmp_path: Path, words: tuple[str, str]
) -> None:
    page = tmp_path / "page.txt"
    page.write_text("a page of mine")
    ana("journal", "add", SECRET, "--title", "Only me", "--attach", str(page))
    ana("journal", "add", "a day like others")
    (entry,) = [one for one in ana.entries() if one["body"].get("title") == "Only me"]
    assert SECRET in readable(ana, tmp_path / "before")
    assert "You have none" in ana("lock").err
    assert "You have no lock." in ana("lock", "list", *words, code=None).err
    assert "recovery key opens it too" in ana("lock", "new", *words).err
    assert "You have a lock already." in ana("lock", "new", *words, code=2).err
    assert "does not open the lock" in ana("lock", "add", entry["id"], *wrong(tmp_path), code=None).err
    assert SECRET in ana("list", "--json").out, "a wrong passphrase changed something"
    ana("lock", "add", entry["id"], *words)
    after = readable(ana, tmp_path / "after")
    assert "a day like others" in after
    for hidden in (SECRET, "Only me", "page.txt", "a page of mine", "mindhaven/lock", "locked"):
        assert hidden not in after
    assert ana("show", entry["id"], code=None).code != 0

    other = Person(tmp_path / "other", PASSPHRASE, ana.url)
    other("login", ana.handle, "--server", ana.url)
    other("sync")
    assert SECRET not in readable(other, tmp_path / "on another device")
    assert SECRET in other("lock", "show", entry["id"], *words).out
    (found,) = other("lock", "list", "--json", "--recovery-file", str(ana.recovery)).told
    assert (found["body"], found["files"]) == (
        {"text": SECRET, "title": "Only me"}, [{"name": "page.txt", "type": "text/plain", "size_bytes": 14}]
    )  # fmt: skip

    other("lock", "undo", entry["id"], *words)
    ana("sync")
    (back,) = [one for one in ana.entries() if one["id"] == entry["id"]]
    assert back["body"] == {"text": SECRET, "title": "Only me"}
    saved = tmp_path / "saved"
    saved.mkdir()
    ana("show", entry["id"], "--save-files", str(saved))
    assert (saved / "page.txt").read_text() == "a page of mine"


def test_whoever_reads_the_journal_does_not_read_what_is_locked(
    server: Serving, ana: Person, tmp_path: Path, words: tuple[str, str]
) -> None:
    ben = Person(tmp_path / "ben", OTHER, server.url).sign_up("reader")
    ana("contacts", "add", ben.card, "--name", "Ben")
    ben("contacts", "add", ana.card, "--name", "Ana")
    ana("journal", "add", "a day like others")
    ana("lock", "new", *words)
    ana("journal", "add", SECRET)
    item = next(one["id"] for one in ana.entries() if one["body"].get("text") == SECRET)
    ana("lock", "add", item, *words)
    ana("share", "--yes", "journal", "Ben")
    ben("sync")
    seen = ben("shared", "Ana").out
    assert "a day like others" in seen
    assert SECRET not in seen + ben("shared", "Ana", "--json").out
    assert "locked" not in seen
    assert ben("lock", "list", *words, code=None).code != 0


def test_another_passphrase_and_the_end_of_a_lock(ana: Person, tmp_path: Path, words: tuple[str, str]) -> None:
    newer = tmp_path / "newer.words"
    newer.write_text("nine slow barges upriver\n")
    ana("lock", "new", *words)
    ana("journal", "add", SECRET)
    item = ana.entries()[0]["id"]
    ana("lock", "add", item, *words)
    ana("lock", "passphrase", *words, "--new-lock-file", str(newer))
    assert "does not open the lock" in ana("lock", "list", *words, code=None).err
    assert SECRET in ana("lock", "list", "--lock-file", str(newer)).out
    assert "1 entry is unlocked" in ana("lock", "remove", "--lock-file", str(newer)).err
    assert [one["body"] for one in ana.entries()] == [{"text": SECRET}]
    assert "You have none" in ana("lock").err


def test_the_same_file_brings_a_locked_entry_in_no_second_time(ana: Person, words: tuple[str, str]) -> None:
    table = str(Path(__file__).parents[2] / "vectors/imports/daylio-csv/duplicates.csv")
    ana("import", table, "--yes")
    first = ana.entries()
    ana("lock", "new", *words)
    ana("lock", "add", first[0]["id"], *words)
    ana("import", table, "--yes")
    assert {one["id"] for one in ana.entries()} == {one["id"] for one in first[1:]}
