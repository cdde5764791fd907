"""Changing an entry, and taking an import back."""

from pathlib import Path

import pytest
from tests.cli.conftest import Person
from tests.cli.terminal import Terminal

IMPORTS = Path(__file__).parents[2] / "vectors" / "imports"
ENGLISH = str(IMPORTS / "daylio-csv" / "english-12h.csv")


@pytest.fixture
def editor(somebody: Person) -> Person:
    return somebody.sign_up("edit")


def test_a_mood_is_changed_in_place(editor: Person) -> None:
    item = editor("log", "mood", "good", "--note", "tired", "--at", "2026-11-20 21:30", "--zone", "UTC", "--json").told[
        "id"
    ]
    editor("log", "mood", "so-so", "--at", "2026-11-21 21:30")
    changed = editor("edit", item[:8], "--value", "very-low", "--note", "by the lake", "--at", "2026-11-19 20:00")
    assert changed.out.splitlines() == [
        "when: 2026-11-20 21:30 UTC -> 2026-11-19 20:00 UTC",
        "note: tired -> by the lake",
        "value: good -> very low",
    ]
    (entry,) = [one for one in editor.entries() if one["id"] == item]
    assert entry["at"] == "2026-11-19T20:00:00+00:00"
    assert (entry["body"]["valence"], entry["body"]["note"]) == (-1, "by the lake")
    assert (entry["revision"], entry["waits"]) == (2, False)
    assert len(editor.entries()) == 2
    assert "Nothing was changed." in editor("edit", item, "--note", "by the lake").err
    editor("edit", item, "--note", "")
    assert "note" not in editor("show", item, "--json").told["body"]
    assert editor("edit", item, "--value", "17", code=2)
    assert "--title does not go with a mood entry" in " ".join(editor("edit", item, "--title", "x", code=2).err.split())
    assert "--value good" in editor("edit", item, code=2).err


def test_another_month_is_a_new_id_and_another_zone_keeps_the_clock(editor: Person) -> None:
    item = editor("log", "mood", "good", "--at", "2026-11-20 21:30", "--zone", "UTC", "--json").told["id"]
    moved = editor("edit", item, "--at", "2026-10-20 21:30", "--json")
    assert moved.told["id"] != item
    assert "its id is new" in " ".join(moved.err.split())
    assert [one["id"] for one in editor.entries()] == [moved.told["id"]]
    editor("edit", moved.told["id"], "--zone", "Asia/Tokyo")
    assert editor.entries()[0]["at"] == "2026-10-20T21:30:00+09:00"


def test_a_journal_entry_opens_in_the_editor(editor: Person, terminals: list[Terminal], tmp_path: Path) -> None:
    item = editor("journal", "add", "first words", "--title", "Evening", "--json").told["id"]
    assert "--text" in editor("edit", item, code=2).err
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nsed -i "s/first/other/" "$1"\n')
    script.chmod(0o700)
    terminal = Terminal(
        "--home", str(editor.home), "--passphrase-file", str(editor.file), "edit", item, EDITOR=str(script)
    )
    terminals.append(terminal)
    assert terminal.ends() == 0, terminal.seen
    assert "text: first words -> other words" in terminal.words
    assert editor("show", item, "--json").told["body"] == {"text": "other words", "title": "Evening"}
    editor("edit", item, "--text", "-", "--title", "Night", stdin="third\nwords\n")
    assert editor("show", item, "--json").told["body"] == {"text": "third\nwords", "title": "Night"}


def test_what_can_not_be_edited_says_what_to_do(editor: Person, friend: Person) -> None:
    editor("plan", "edit", "-", stdin="# My reasons for living\nmy cat\n")
    assert "mindhaven plan edit" in editor("edit", editor.entries()[0]["id"], code=2).err
    editor("contacts", "add", friend.card, "--name", "Ben")
    friend("contacts", "add", editor.card, "--name", "Editor")
    editor("log", "mood", "good")
    editor("share", "--yes", "mood", "Ben")
    read = friend("shared", "Editor", "--json").told[0]["id"]
    assert "Nobody edits another's entry." in friend("edit", read, "--note", "x", code=6).err


def test_an_import_is_taken_back(editor: Person) -> None:
    editor("log", "mood", "good", "--note", "my own")
    count = editor("import", ENGLISH, "--yes", "--json").told["imported"]
    assert count == 3
    first = editor("undo-import", "--list", "--json").told
    assert [(one["number"], one["file"], one["entries"]) for one in first] == [(1, "english-12h.csv", 3)]
    refused = editor("undo-import", code=2)
    assert "Give --yes" in refused.err
    assert " 3  to take back" in refused.err
    assert len(editor.entries()) == 4
    editor(
        "edit",
        next(one["id"] for one in editor.entries("--kind", "mood") if "my own" not in str(one)),
        "--note",
        "changed by hand",
    )
    assert editor("undo-import", "--yes", "--json").told == {"number": 1, "erased": 2, "kept": 1}
    assert {one["body"].get("note") for one in editor.entries()} >= {"my own", "changed by hand"}
    assert len(editor.entries()) == 2
    assert not [one for one in editor.entries() if one["waits"]]
    assert editor("undo-import", "--yes", code=1).err.startswith("mindhaven: No import is noted")
    assert editor("import", ENGLISH, "--yes", "--json").told["imported"] == 2  # and can come in again


def test_a_named_import_with_a_corrected_zone_is_taken_back_whole(editor: Person) -> None:
    editor("import", ENGLISH, "--yes", "--zone", "Asia/Tokyo")
    editor("import", str(IMPORTS / "bearable-csv" / "export.csv"), "--yes")
    after = len(editor.entries())
    assert editor("import", ENGLISH, "--yes", "--json", "--zone", "America/New_York").told["corrected"] == 3
    assert [one["number"] for one in editor("undo-import", "--list", "--json").told] == [1, 2]
    assert editor("undo-import", "1", "--yes", "--json").told == {"number": 1, "erased": 3, "kept": 0}
    assert len(editor.entries()) == after - 3
    assert editor("undo-import", "7", "--yes", code=2)
    assert [one["number"] for one in editor("undo-import", "--list", "--json").told] == [2]


def test_the_notes_of_an_import_stay_on_the_device(editor: Person) -> None:
    editor("import", ENGLISH, "--yes")
    other = Person(editor.home.with_name("other"), editor.passphrase, editor.url)
    other("login", editor.handle, "--server", editor.url)
    assert len(other.entries()) == 3
    assert other("undo-import", "--list", "--json").told == []
    assert b"english-12h" not in b"".join(one.read_bytes() for one in editor.home.iterdir())
