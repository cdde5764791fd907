"""Contacts and shares between two homes."""

from datetime import UTC, datetime

from tests.cli.conftest import Person


def test_share_read_stop(ana: Person, ben: Person) -> None:
    ana("log", "mood", "good", "--note", "for ben")
    ana("log", "mood", "low", "--at", "2026-01-05 10:00", "--note", "before")
    assert ana("contacts", "add", ben.card, "--name", "Ben").err.startswith("mindhaven: Ben is a contact.")
    ben("contacts", "add", ana.card, "--name", "Ana")
    assert ana("contacts", "--json").told[0] | {"uid": "", "handle": ""} == {
        "name": "Ben", "handle": "", "uid": "", "checked": "card"}  # fmt: skip
    assert "You have:" in ana("share", "--yes", "nothing", "Ben", code=1).err
    assert ana("share", "--yes", "mood", "Nobody", code=1)
    assert ana("share", "--yes", "mood", "Ben", "--until", "2020-01-01", code=2)
    ran = ana("share", "--yes", "mood", "Ben", "--months", "3", "--json")
    assert ran.told["with"] == "Ben"
    said = " ".join(ran.err.split())
    assert "You sign these words: I let the person named here read mood, from" in said
    mine = [one for one in ana.entries("--kind", "mood") if one["mine"]]
    now = [one for one in mine if one["at"][:7] >= datetime.now(UTC).strftime("%Y-%m")]
    assert "What they have read or copied by then, I can't take back." in said
    assert f"That is {len(now)} of {len(mine)} entries now" in said
    assert len(now) < len(mine), "the one of January stays out"
    read = ben("shared", "--json").told
    notes = [one["body"].get("note") for one in read]
    assert "for ben" in notes
    assert "before" not in notes
    assert {(one["from"], one["stands"], one["mine"]) for one in read} == {("Ana", True, False)}
    assert ben.entries() == [one for one in ben.entries() if one["mine"]]
    assert "for ben" in ben("shared", "Ana", "--kind", "mood").out
    assert "Ben opened mood, as their app reports." in ana("activity").out
    given = [one for one in ana("shares", "--json").told if one["collection"] == "mood" and one["given"]]
    assert [(one["given"], one["who"], one["stands"]) for one in given] == [(True, "Ben", True)]
    assert "you read" in ben("shares").out

    assert ana("revoke", "mood", "Ben").err.startswith("mindhaven: Stopped.")
    assert ana("revoke", "mood", "Ben", code=6)
    ana("log", "mood", "very-good", "--note", "after")
    ended = ben("shared")
    assert "Ana: mood, no longer shared since" in ended.out
    assert "for ben" not in ended.out
    assert ben("shared", "--json").told == []
    kept = [one["body"].get("note") for one in ben("shared", "--kept", "--json").told]
    assert "for ben" in kept
    assert "after" not in kept
    assert "for ben" not in ben("--offline", "shared").out
    assert [one for one in ana("shares", "--json").told if one["collection"] == "mood" and one["given"]] == []
    assert "ended" in ana("shares", "--all").out


def test_a_handle_is_not_enough(ana: Person, ben: Person) -> None:
    ben("log", "mood", "3")
    ran = ben("contacts", "add", ana.handle, "--name", "Ana by handle")
    assert "not checked yet" in " ".join(ran.err.split())
    ran = ben("share", "--yes", "mood", "Ana by handle", code=6)
    assert "safety words" in " ".join(ran.err.split())
    mine = ben("contacts", "check", "Ana by handle", "--json").told
    ana("contacts", "add", ben.card, "--name", "Ben")
    theirs = ana("contacts", "check", "Ben", "--json").told
    assert (mine["words"], mine["number"]) == (theirs["words"], theirs["number"])
    assert "--match" in ben("contacts", "check", "Ana by handle", code=2).err
    ben("contacts", "check", "Ana by handle", "--match")
    ben("share", "--yes", "mood", "Ana by handle", "--from", "all", "--write")
    assert ana("shared", "Ben", "--json").told
    ana("leave", "mood", "Ben")
    ben("sync")
    ben("contacts", "remove", "Ana by handle")
    assert ben("contacts", "add", "mindhaven-card-1:x:y", "--name", "Slip", code=2)
    assert ben("contacts", "add", ben.card, "--name", "Me", code=2)


def test_an_invitation(somebody: Person, ben: Person) -> None:
    somebody.sign_up("inv")
    link = somebody("contacts", "invite").out.strip()
    assert link.startswith(somebody.url)
    assert "Nobody has answered" in somebody("contacts", "answers").err
    ben("contacts", "accept", link, "--name", "Ana by link", "--as", "Ben by link")
    assert [one["name"] for one in somebody("contacts", "answers", "--json").told] == ["Ben by link"]
    assert "by link" in somebody("contacts").out
    # Who answers once more keeps the name that this person knows them by.
    again = somebody("contacts", "invite").out.strip()
    ben("contacts", "accept", again, "--name", "Ana by link", "--as", "Somebody else")
    assert [one["name"] for one in somebody("contacts", "answers", "--json").told] == ["Ben by link"]
    somebody("contacts", "remove", "Ben by link")


def test_ones_own_entries_never_go_into_anothers_collection(ana: Person, somebody: Person) -> None:
    somebody.sign_up("new")
    ana("log", "mood", "good")
    ana("contacts", "add", somebody.card, "--name", "New")
    ana("share", "--yes", "mood", "New", "--write")
    somebody("log", "mood", "low", "--note", "mine alone")
    assert [(one["mine"], one["waits"]) for one in somebody.entries()] == [(True, False)]
    ana("sync")
    assert "mine alone" not in ana("list", "--json").out + ana("shared", "--json").out
    assert somebody("share", "--yes", "checkups", "Nobody", code=1)
    ana("revoke", "mood", "New")


def test_a_contact_is_not_forgotten_over_a_share_that_runs(friend: Person, somebody: Person) -> None:
    somebody.sign_up("rem")
    for kind in ("log mood good", "journal add words"):
        somebody(*kind.split())
    somebody("contacts", "add", friend.card, "--name", "Former")
    for name in ("mood", "journal"):
        somebody("share", "--yes", name, "Former")
    refused = " ".join(somebody("contacts", "remove", "Former", code=2).err.split())
    assert "You share with Former now: journal, mood." in refused
    assert "--stop-shares" in refused
    assert "--keep-shares" in refused
    assert [one["name"] for one in somebody("contacts", "--json").told] == ["Former"]

    def standing() -> list[str]:
        return sorted(one["collection"] for one in somebody("shares", "--json").told if one["given"])

    kept = somebody("contacts", "remove", "Former", "--keep-shares")
    assert 'mindhaven revoke mood "Former"' in " ".join(kept.err.split())
    assert standing() == ["journal", "mood"]
    assert "Stopped. Former" in " ".join(somebody("revoke", "mood", "Former").err.split())
    assert standing() == ["journal"]
    code = next(one["who"] for one in somebody("shares", "--json").told if one["given"])
    assert code.startswith("(no contact) ")
    somebody("revoke", "journal", code)
    assert standing() == []
    somebody("contacts", "add", friend.card, "--name", "Former")
    for name in ("mood", "journal"):
        somebody("share", "--yes", name, "Former")
    done = somebody("contacts", "remove", "Former", "--stop-shares", "--json")
    assert done.told == {"name": "Former", "stopped": ["journal", "mood"], "kept": []}
    assert standing() == []


def test_a_past_contact_is_found_by_handle_on_another_device(friend: Person, somebody: Person) -> None:
    somebody.sign_up("dev")
    somebody("log", "mood", "good")
    somebody("contacts", "add", friend.card, "--name", "Former")
    somebody("share", "--yes", "mood", "Former")
    other = Person(somebody.home.with_name("other"), somebody.passphrase, somebody.url)
    other("login", somebody.handle, "--server", somebody.url)
    somebody("contacts", "remove", "Former", "--keep-shares")
    other("sync")
    other("revoke", "mood", friend.handle)
    assert [one for one in somebody("shares", "--json").told if one["given"]] == []


def test_a_share_for_a_case_has_words_and_a_receipt_of_its_own(ana: Person, ben: Person) -> None:
    ana("checkup", "gad7", "--answers", "0,0,0,0,0,0,0")
    ana("contacts", "add", ben.card, "--name", "Ben")
    ben("contacts", "add", ana.card, "--name", "Ana")
    assert "Give --yes" in ana("share", "checkups", "Ben", stdin="n\n", code=2).err
    assert [one for one in ana("shares", "--json").told if one["collection"] == "checkups"] == []
    ana("share", "--yes", "checkups", "Ben", "--for", "proceedings")
    clash = " ".join(ana("share", "--yes", "checkups", "Ben", code=6).err.split())
    assert "You share checkups with Ben for a case until" in clash
    assert 'mindhaven revoke checkups "Ben"' in clash
    assert "You sign these words" not in clash
    again = " ".join(ana("share", "--yes", "checkups", "Ben", "--for", "proceedings").err.split())
    assert "This takes its place." in again
    given = [one for one in ana("shares", "--json").told if one["given"] and one["collection"] == "checkups"]
    assert [one["for"] for one in given] == ["a case"]
    code = given[0]["code"]
    assert code in ana("shares").out
    read = next(one["code"] for one in ben("shares", "--json").told if one["for"] == "a case")
    assert read == code, "both name it alike"
    words = ben("shares", "words", read).out
    assert words == ana("shares", "words", code.upper()).out
    assert "They may use it in a case at a court or before an authority" in words
    assert "log has not signed" in " ".join(ana("shares", "receipt", code, "--out", "r.json", code=4).err.split())
    assert "Ask Ana" in ben("shares", "receipt", read, "--out", "r.json", code=6).err
    for none in ("99999999", "", code[:3], "zz"):
        assert ana("shares", "words", none, code=1)
    ana("revoke", "checkups", "Ben")
