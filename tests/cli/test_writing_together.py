"""Adding to what somebody else shares: whose entry it is stands everywhere, and what can't be sent is held."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving


@pytest.fixture
def pair(server: Serving, tmp_path: Path) -> tuple[Person, Person]:
    """Ana, and Ben whom she lets write into her moods."""
    ana = Person(tmp_path / "ana", PASSPHRASE, server.url).sign_up("ana")
    ben = Person(tmp_path / "ben", OTHER, server.url).sign_up("ben")
    ana("log", "mood", "good", "--note", "by ana")
    ana("contacts", "add", ben.card, "--name", "Ben")
    ben("contacts", "add", ana.card, "--name", "Ana")
    told = ana("share", "--yes", "mood", "Ben", "--write")
    said = " ".join(told.err.split())
    assert "They can change or erase what they added, and nothing of mine." in said
    assert "Ben can now read and add to mood" in said
    return ana, ben


def test_a_writer_adds_and_everyone_sees_whose_it_is(pair: tuple[Person, Person], tmp_path: Path) -> None:
    ana, ben = pair
    told = ben("log", "mood", "low", "--note", "by ben", "--into", "mood", "--json").told
    assert (told["into"], told["of"]) == ("mood", "Ana")
    ben("log", "mood", "so-so", "--note", "ben alone")
    drawing = tmp_path / "drawing.txt"
    drawing.write_bytes(b"made-up drawing")
    assert ben("journal", "add", "to ana", "--attach", str(drawing), "--into", "ana: MOOD").code == 0
    ben("checkup", "gad7", "--answers", "1,1,1,1,1,1,1", "--into", "Ana: mood")
    ana("sync")
    found = {one["body"].get("note"): (one["mine"], one["author_name"]) for one in ana.entries("--kind", "mood")}
    assert found == {"by ana": (True, "you"), "by ben": (False, "Ben")}
    lines = ana("list").out.splitlines()
    assert lines[0].split() == ["ID", "WHEN", "KIND", "BY", "WHAT"]
    assert any("Ben" in one and "by ben" in one for one in lines)
    assert any(" you " in one and "by ana" in one for one in lines)
    assert "BY" not in ben("list").out.splitlines()[0].split()
    (journal,) = ana.entries("--kind", "journal")
    (tmp_path / "saved").mkdir()
    shown = ana("show", journal["id"], "--save-files", str(tmp_path / "saved"))
    assert (tmp_path / "saved" / "drawing.txt").read_bytes() == drawing.read_bytes()
    assert "by" in shown.out.split()
    assert "Ben" in shown.out
    # Ben's own list has his own alone; what he added stands where Ana's entries stand.
    assert [one["body"].get("note") for one in ben.entries()] == ["ben alone"]
    shared = {one["body"].get("note"): one for one in ben("shared", "--json").told}
    assert shared["by ana"]["author_name"] == "Ana"
    assert shared["by ben"]["author_name"] == "you"
    assert {one["from"] for one in shared.values()} == {"Ana"}
    assert "BY" in ben("shared").out.split()
    # Ben erases his own entry there, and not Ana's; Ana may erase what he added.
    refused = ben("erase", shared["by ana"]["id"], "--yes", code=6)
    assert "Only its author or the owner of the collection erases an entry." in " ".join(refused.err.split())
    ben("erase", shared["by ben"]["id"], "--yes")
    ana("sync")
    assert "by ben" not in ana("list").out
    # Ben's answers are never taken for Ana's last time.
    assert "Last time" not in ana("checkup", "gad7", "--answers", "1,1,1,1,1,1,1").out
    ana("erase", journal["id"], "--yes")
    assert ana.entries("--kind", "journal") == []


def test_a_place_that_is_not_there_is_named(pair: tuple[Person, Person], server: Serving, tmp_path: Path) -> None:
    _, ben = pair
    cem = Person(tmp_path / "cem", PASSPHRASE, server.url).sign_up("cem")
    cem("log", "mood", "good")
    cem("log", "mood", "good", "--at", "2020-02-02")
    cem("contacts", "add", ben.card, "--name", "Ben")
    ben("contacts", "add", cem.card, "--name", "Cem")
    cem("share", "--yes", "mood", "Ben", "--write")
    ben("sync")
    unclear = ben("log", "mood", "1", "--into", "mood", code=2)
    assert "Say whose: Ana: mood, Cem: mood." in " ".join(unclear.err.split())
    unknown = ben("log", "mood", "1", "--into", "sleep", code=1)
    assert "You may add to: Ana: mood, Cem: mood." in " ".join(unknown.err.split())
    early = ben("log", "mood", "1", "--into", "Cem: mood", "--at", "2020-02-02", code=2)
    assert "Cem shares mood with you from" in " ".join(early.err.split())
    cem("share", "--yes", "mood", "Ben")
    ben("sync")
    reader = ben("journal", "add", "hello", "--into", "Cem: mood", code=6)
    assert "Cem lets you read mood, not add to it." in " ".join(reader.err.split())
    assert ben.entries() == []


def test_what_can_not_be_sent_is_held_and_moved_or_dropped(pair: tuple[Person, Person]) -> None:
    ana, ben = pair
    assert ben("held", "--json").told == []
    assert "Nothing is held" in ben("held").err
    ben("sync")
    ana("revoke", "mood", "Ben")
    for note in ("too late", "much too late", "never mind"):
        late = ben("--offline", "log", "mood", "3", "--note", note, "--into", "mood", "--json")
        assert late.told["of"] == "Ana"
    ran = ben("sync", "--json")
    assert ran.told["held"] == ["3 entries for mood: It is no longer shared with you, or it is gone."]
    assert "mindhaven held" in ran.err
    after = ben("log", "mood", "good", "--note", "later")
    assert "Not sent: 3 entries for mood" in " ".join(after.err.split())
    assert [(one["waits"], one["body"]["note"]) for one in ben.entries()] == [(False, "later")]
    held = {one["summary"].split("(")[-1]: one for one in ben("held", "--json").told}
    assert {(one["of"], one["collection"], one["reason"], one["can_move"]) for one in held.values()} == {
        ("Ana", "mood", "share-ended", True)
    }
    assert "For Ana: mood. It is no longer shared with you, or it is gone." in ben("held").out
    readable = {one["body"]["note"]: one for one in ben("shared", "--json").told}
    assert set(readable) == {"too late", "much too late", "never mind"}
    assert {one["held"] for one in readable.values()} == {"share-ended"}
    assert "mindhaven held says why" in ben("show", readable["too late"]["id"]).out
    assert "no longer shared" in " ".join(ben("log", "mood", "3", "--into", "mood", code=6).err.split())
    assert ben("held", "drop", readable["never mind"]["id"], code=2).err.endswith("Give --yes.\n")
    assert ben("held", "drop", readable["never mind"]["id"], "--yes", "--json").told == {"dropped": 1}
    (moved,) = ben("held", "move", readable["too late"]["id"][:8], "--collection", "for later", "--json").told
    assert moved["collection"] == "for later"
    assert ben("held", "move", "ffffffffffff", code=1)
    assert "Moved 1 entry into mood, your own." in " ".join(ben("held", "move").err.split())
    assert ben("sync", "--json").told | {"collections": 0, "new": 0} == {
        "sent": 0, "collections": 0, "held": [], "new": 0, "waiting": 0, "log_fault": None, "alerts": [],
        "given_back": 0, "split": [], "behind": [], "lacking": [], "noted": [],
            "stale_since": None, "policy_changed": False}  # fmt: skip
    own = {one["body"]["note"]: one for one in ben.entries()}
    assert {note: (one["collection"], one["waits"], one["mine"]) for note, one in own.items()} == {
        "later": ("mood", False, True),
        "too late": ("for later", False, True),
        "much too late": ("mood", False, True),
    }
    assert ben("held", "drop", "--yes", "--json").told == {"dropped": 0}
    assert "nothing to move" in ben("held", "move").err


def test_exports_say_whose_and_by_whom(pair: tuple[Person, Person], tmp_path: Path) -> None:
    ana, ben = pair
    ben("log", "mood", "low", "--note", "by ben", "--into", "mood")
    ben("log", "mood", "so-so", "--note", "ben alone")
    ana("sync")
    mine = tmp_path / "mine.html"
    ana("export", "--format", "html", str(mine))
    page = mine.read_text()
    assert "by ana" in page
    assert page.count("written by Ben") == 1
    ana("contacts", "remove", "Ben", "--keep-shares")
    ana("export", "--format", "html", "--overwrite", str(mine))
    uid = ben("card", "--json").told["uid"]
    assert f"written by (no contact) {uid[:8]}" in mine.read_text()
    theirs = tmp_path / "theirs.html"
    said = ben("export", "--format", "html", "--shared-by", "Ana", str(theirs))
    assert "Wrote 2 entries" in said.err
    page = theirs.read_text()
    assert "<title>Records of Ana</title>" in page
    assert "ben alone" not in page
    assert page.count(f"written by {ben.handle}") == 1
    said = ben("export", "--format", "csv", "--shared-by", "Ana", str(tmp_path / "theirs.csv"))
    assert "theirs.zip" in said.err
    assert not (tmp_path / "theirs.csv").exists()
    table = zipfile.ZipFile(tmp_path / "theirs.zip").read("mood.csv").decode("utf-8-sig")
    assert {row["owner_name"] for row in csv.DictReader(io.StringIO(table))} == {"Ana"}
    ben("export", "--format", "fhir", "--shared-by", "Ana", str(tmp_path / "theirs.json"))
    patient = json.loads((tmp_path / "theirs.json").read_text())["entry"][0]["resource"]
    assert patient["name"] == [{"text": "Ana"}]
    assert ben("export", "--format", "archive", "--shared-by", "Ana", str(tmp_path / "x"), code=2)
    ana("revoke", "mood", "Ben")
    assert ben("export", "--format", "html", "--shared-by", "Ana", str(tmp_path / "y.html"), code=1)
    assert not (tmp_path / "y.html").exists()
