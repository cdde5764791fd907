"""Signing up, in and out, and every way back in."""

from pathlib import Path

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving, run

from mindhaven.cli.home import Home
from mindhaven.cli.keytext import read_key
from mindhaven.protocol import recovery
from mindhaven.sdk.access import Access


def test_sign_up_without_a_terminal(somebody: Person) -> None:
    ran = somebody("signup", "--server", somebody.url, "--word", "heron", "--recovery-file", str(somebody.recovery))
    assert ran.out.startswith("heron-")
    assert "Nobody can reset your passphrase" in ran.err.replace("\n          ", "")
    assert somebody.recovery.stat().st_mode & 0o777 == 0o600
    text = somebody.recovery.read_text()
    assert somebody.url in text
    assert "mindhaven" not in text.lower()
    assert "heron" not in text
    recovery.parse(read_key(text))
    assert somebody("signup", code=2).err.startswith("mindhaven: This device already has an account here.")
    assert somebody("recovery", "--json").told["ways_in"] == ["passphrase", "recovery key"]
    assert [one["here"] for one in somebody("devices", "--json").told] == [True]


def test_nothing_is_asked_without_a_terminal(somebody: Person) -> None:
    for arguments, option in (
        (("signup", "--server", somebody.url), "--recovery-file"),
        (("journal", "add"), "standard input"),
        (("log", "mood"), "a number from 1 to 5"),
        (("checkup", "gad7"), "--answers"),
        (("plan", "edit"), "plan edit FILE"),
        (("recovery", "use", "--server", somebody.url), "--recovery-file"),
    ):
        ran = somebody(*arguments, code=2)
        assert "no terminal" in ran.err
        assert option in " ".join(ran.err.split())
    ran = run("--home", str(somebody.home), "signup", "--server", somebody.url)
    assert (ran.code, "--passphrase-file" in ran.err) == (2, True)
    assert not somebody.home.exists()


def test_a_refused_sign_up_leaves_nothing(somebody: Person) -> None:
    refused = ("signup", "--server", somebody.url, "--invitation", "wrong", "--recovery-file", str(somebody.recovery))
    assert "ended" in somebody(*refused, code=6).err
    assert not (somebody.home / "store.db").exists()
    assert not somebody.recovery.exists()
    for word in ("Dr B", "x", "9lives", "Heron"):
        wrong = ("signup", "--server", somebody.url, "--word", word, "--recovery-file", str(somebody.recovery))
        assert "small letters" in somebody(*wrong, code=2).err
        assert not somebody.recovery.exists()
    somebody.recovery.write_text("something of mine")
    assert "never overwrites" in somebody(*refused, code=2).err
    assert somebody.recovery.read_text() == "something of mine"
    gone = ("signup", "--server", "http://127.0.0.1:9", "--recovery-file", str(somebody.recovery) + "2")
    assert somebody(*gone, code=4)
    assert somebody("signup", code=2).err.startswith("mindhaven: Which server?")
    somebody.file.write_text("short\n")
    assert "at least 12" in somebody(*gone, code=2).err


def test_a_sign_up_that_broke_off_is_finished(somebody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Access.change

    async def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Access, "change", broken)
    ran = somebody("signup", "--server", somebody.url, "--recovery-file", str(somebody.recovery), code=130)
    assert "Run signup again" in " ".join(ran.err.split())
    monkeypatch.setattr(Access, "change", whole)
    assert somebody.recovery.exists()
    assert somebody("signup").out.startswith("haven-")
    somebody("log", "mood", "3")
    assert [one["waits"] for one in somebody.entries()] == [False]


def test_locked(ana: Person, tmp_path: Path) -> None:
    other = tmp_path / "wrong"
    other.write_text("not the passphrase at all\n")
    home = str(ana.home)
    assert run("--home", home, "--passphrase-file", str(other), "list").code == 3
    ran = run("--home", home, "list")
    assert (ran.code, ran.out) == (3, "")
    assert "--passphrase-file" in ran.err
    assert run("--home", home, "--passphrase-file", str(tmp_path / "none"), "list").code == 2
    empty = run("--home", str(tmp_path / "empty"), "list")
    assert (empty.code, "mindhaven signup" in empty.err) == (3, True)


def test_a_second_device(ana: Person, tmp_path: Path) -> None:
    ana("log", "mood", "good", "--note", "seen on both")
    second = Person(tmp_path / "second", PASSPHRASE, ana.url)
    assert second("login", "--server", ana.url, code=2).err.startswith("mindhaven: Which account?")
    wrong = Person(tmp_path / "wrong", OTHER, ana.url)
    assert wrong("login", ana.handle, "--server", ana.url, code=3).err.startswith("mindhaven: The name or the pass")
    assert not (wrong.home / "store.db").exists()
    told = second("login", ana.handle, "--server", ana.url, "--device", "laptop", "--json").told
    assert told["entries"] == len(ana.entries())
    assert "seen on both" in [one["body"].get("note") for one in second.entries()]
    listed = {one["name"]: one for one in ana("devices", "--json").told}
    assert "here" in listed["laptop"]
    assert ana("devices", "end", listed["laptop"]["id"][:8]).err.startswith("mindhaven: laptop is signed out")
    mine = next(one for one in listed.values() if one["here"])
    assert "logout" in ana("devices", "end", mine["id"], code=2).err
    second("sync")  # signs in again by itself: the passphrase is at hand
    second("logout")
    assert "Log in again" in second("sync", code=3).err
    ran = second("log", "mood", "low")
    assert "signed out. 1 entry waits" in ran.err
    second("login")
    assert [one for one in second.entries() if one["waits"]] == []


def test_recovery_on_a_new_home(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("rec")
    somebody("log", "mood", "so-so", "--note", "still here")
    new = Person(tmp_path / "new", OTHER, somebody.url)
    slip = somebody.recovery.read_text().replace("\n3  ", "\n3  0")
    assert "characters" in new("recovery", "use", "--server", new.url, "--recovery-file", "-", stdin=slip, code=2).err
    new("recovery", "use", "--server", new.url, "--recovery-file", str(somebody.recovery), "--device", "new")
    assert [one["body"]["note"] for one in new.entries()] == ["still here"]
    # A forgotten passphrase: the recovery key sets a new one, after the wait that protects the other way in.
    fresh = tmp_path / "fresh"
    fresh.write_text("a new set of plain words\n")
    told = new("passphrase", "--recovery-file", str(somebody.recovery), "--new-passphrase-file", str(fresh), "--json")
    assert told.told["applied"] is False
    waiting = somebody("recovery", "--json").told["waiting"]
    assert len(waiting) == 1
    assert somebody("recovery", "cancel", waiting[0]["id"][:8]).err.startswith("mindhaven: Cancelled.")
    assert somebody("recovery", "--json").told["waiting"] == []


def test_new_passphrase_and_new_recovery_key(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("chg")
    somebody("log", "mood", "4")
    made = tmp_path / "second-key"
    old = str(somebody.recovery)
    assert somebody("recovery", "new", "--recovery-file", str(made), "--old-recovery-file", old, "--json").told[
        "applied"
    ]
    new = Person(tmp_path / "new", OTHER, somebody.url)
    new("recovery", "use", "--server", new.url, "--recovery-file", old, code=3)
    new("recovery", "use", "--server", new.url, "--recovery-file", str(made))
    assert len(new.entries()) == 1
    changed = tmp_path / "changed"
    changed.write_text("six entirely different plain words\n")
    somebody("passphrase", "--new-passphrase-file", str(changed))
    somebody("list", code=3)
    somebody.file.write_text(changed.read_text())
    somebody("log", "mood", "5")
    assert len(somebody.entries()) == 2


def test_moving_house_and_leaving(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("mov")
    somebody("journal", "add", "moves with me")
    handle = somebody.handle
    archive = tmp_path / "all.archive"
    somebody("export", "--format", "archive", str(archive))
    assert b"moves with me" not in archive.read_bytes()
    elsewhere = Serving(tmp_path / "elsewhere").start()
    try:
        moved = Person(tmp_path / "moved", PASSPHRASE, elsewhere.url)
        told = moved("move-in", str(archive), "--server", elsewhere.url, "--json").told
        assert (told["handle"], told["entries"]) == (handle, 1)
        assert [one["body"]["text"] for one in moved.entries()] == ["moves with me"]
        moved("log", "mood", "good")
    finally:
        assert elsewhere.stop() == 0
    assert "Give --yes." in somebody("delete-account", code=2).err
    ran = somebody("delete-account", "--yes", "--json", "--recovery-file", str(somebody.recovery))
    assert ran.told["what"] == "account"
    assert len(bytes.fromhex(ran.told["commitment"])) == 32
    assert not (somebody.home / "store.db").exists()
    somebody("list", code=3)


def test_both_ways_in_leave_nothing_to_wait_for(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("both")
    fresh = tmp_path / "fresh"
    fresh.write_text("six entirely different plain words\n")
    change = ("passphrase", "--new-passphrase-file", str(fresh), "--json")
    ran = somebody(*change)
    assert ran.told["applied"] is True
    assert "is made new on" in " ".join(ran.err.split())
    somebody.file.write_text(fresh.read_text())
    (there,) = somebody("recovery", "--json").told["waiting"]
    assert there["due_at"] == ran.told["root_due_at"]
    # Seven days from when the passphrase was replaced, moments before it was asked for.
    assert 0 <= there["asked_at"] + 7 * 86400 - there["due_at"] <= 60
    fresh.write_text("and once again six other words\n")
    assert somebody(*change, "--also-recovery-file", str(somebody.recovery)).told["root_due_at"] is None
    somebody.file.write_text(fresh.read_text())
    assert somebody("recovery", "--json").told["waiting"] == []
    somebody("log", "mood", "4")


def test_a_lost_device_is_signed_out_and_the_others_go_on(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("lost")
    somebody("log", "mood", "4")
    phone = Person(tmp_path / "phone", PASSPHRASE, somebody.url)
    phone("login", somebody.handle, "--server", somebody.url, "--device", "phone")
    (there,) = (one for one in somebody("devices", "--json").told if not one["here"])
    assert "new keys" in somebody("devices", "lost", there["id"]).err
    assert [one["here"] for one in somebody("devices", "--json").told] == [True]
    somebody("log", "mood", "5")
    assert len(somebody.entries()) == 2
    again = Person(tmp_path / "again", PASSPHRASE, somebody.url)
    again("login", somebody.handle, "--server", somebody.url)
    assert len(again.entries()) == 2


def test_what_another_device_did_is_told_once_and_listed_for_thirty_days(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("told")
    somebody("sync")
    laptop = Person(tmp_path / "laptop", PASSPHRASE, somebody.url)
    laptop("login", somebody.handle, "--server", somebody.url)
    ran = somebody("sync")
    assert "A device signed in to your account" in ran.err
    assert "mindhaven recovery" in " ".join(ran.err.split())
    assert "signed in" not in somebody("sync").err
    assert "signed in" not in laptop("sync").err
    fresh = tmp_path / "fresh"
    fresh.write_text("six entirely different plain words\n")
    laptop("passphrase", "--new-passphrase-file", str(fresh))
    ran = somebody("login", "--account-passphrase-file", str(fresh))
    said = " ".join(ran.err.split())
    assert "Your keys or ways in were changed on another device" in said
    assert "was asked for on another device" in said
    somebody.file.write_text(fresh.read_text())
    laptop.file.write_text(fresh.read_text())
    assert "was asked for" in " ".join(somebody("sync").err.split())  # again, until it is over
    assert "was asked for" not in laptop("sync").err  # it asked itself
    listed = somebody("recovery", "--json").told
    assert {one["what"] for one in listed["recent"]} == {"device", "keys", "waiting"}
    assert somebody("recovery", "cancel", listed["waiting"][0]["id"][:8])
    assert "was asked for" not in somebody("sync").err


def test_another_device_of_an_erased_account(somebody: Person) -> None:
    somebody.sign_up("two")
    somebody("log", "mood", "good")
    other = Person(somebody.home.with_name("other"), somebody.passphrase, somebody.url)
    other("login", somebody.handle, "--server", somebody.url)
    told = somebody("delete-account", "--yes", "--recovery-file", str(somebody.recovery))
    assert "Copies on your other devices stay there" in " ".join(told.err.split())
    assert not (somebody.home / "store.db").exists()
    for command in ("sync", "login"):
        said = " ".join(other(command, code=None).err.split())
        assert "If the account was erased" in said
        assert "mindhaven logout --erase" in said
    other("--offline", "log", "mood", "low")
    asked = other("logout", "--erase", code=2)
    assert "never sent, and would be lost" in " ".join(asked.err.split())
    assert "Give --yes." in asked.err
    assert other.entries()
    other("logout", "--erase", "--yes")
    assert not list(other.home.glob("store.db*"))


def test_a_copy_is_erased_without_its_passphrase_and_nothing_else(somebody: Person) -> None:
    somebody.sign_up("copy")
    somebody("log", "mood", "good")
    other = Person(somebody.home.with_name("other"), somebody.passphrase, somebody.url)
    other("login", somebody.handle, "--server", somebody.url)
    other.file.write_text("not the right one\n")
    other("logout", "--erase", "--yes")
    assert not list(other.home.glob("store.db*"))
    assert len(somebody.entries()) == 1
    handle = somebody.handle
    somebody("logout", "--erase", "--yes")
    again = Person(somebody.home.with_name("again"), somebody.passphrase, somebody.url)
    again("login", handle, "--server", somebody.url)
    assert len(again.entries()) == 1  # only the copies went


def test_a_device_goes_by_its_name(somebody: Person, tmp_path: Path) -> None:
    somebody.sign_up("dev")
    somebody("sync")
    for number, name in enumerate(("Old Phone", "tablet", "tablet")):
        other = Person(tmp_path / f"device{number}", somebody.passphrase, somebody.url)
        other("login", somebody.handle, "--server", somebody.url, "--device", name)
    listed = {one["name"]: one for one in somebody("devices", "--json").told}
    told = " ".join(somebody("sync").err.split())
    assert "A device signed in to your account: it calls itself Old Phone" in told
    assert f"mindhaven devices lost {listed['Old Phone']['id'][:8]}" in told
    assert "a device signed in for the first time: Old Phone" in somebody("recovery").out
    assert "Old Phone is signed out" in " ".join(somebody("devices", "end", "old phone").err.split())
    unclear = " ".join(somebody("devices", "lost", "tablet", code=2).err.split())
    assert "2 devices go by tablet." in unclear
    assert listed["tablet"]["id"][:8] in unclear
    unknown = " ".join(somebody("devices", "lost", "toaster", code=2).err.split())
    assert "There are: tablet, tablet." in unknown
    somebody("devices", "end", listed["tablet"]["id"])
    assert "new keys" in " ".join(somebody("devices", "lost", "Tablet").err.split())
    assert [one["here"] for one in somebody("devices", "--json").told] == [True]


def test_an_easy_passphrase_is_refused_before_anything_is_made(somebody: Person) -> None:
    somebody.file.write_text("password1234\n")
    refused = somebody(
        "signup", "--server", somebody.url, "--recovery-file", str(somebody.recovery), code=2
    )  # fmt: skip
    assert "among the first that anybody would try" in " ".join(refused.err.split())
    assert not somebody.recovery.exists()
    assert not somebody.home.exists()


def test_the_keyring_is_named_where_there_is_one(
    somebody: Person, friend: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Home, "keyring_there", staticmethod(lambda: True))
    told = somebody("signup", "--server", somebody.url, "--recovery-file", str(somebody.recovery))
    assert "add --keyring to a command once" in " ".join(told.err.split())
    monkeypatch.setattr(Home, "keyring_there", staticmethod(lambda: False))
    other = Person(friend.home.with_name("other"), friend.passphrase, friend.url)
    assert "--keyring" not in other("login", friend.handle, "--server", friend.url).err


def test_a_changed_passphrase_is_told_in_plain_words(somebody: Person) -> None:
    somebody.sign_up("plain")
    new = somebody.file.with_name("new.passphrase")
    new.write_text("brown shoes beside the lake\n")
    said = " ".join(somebody("passphrase", "--new-passphrase-file", str(new)).err.split())
    assert "master key" not in said
    assert "is made new on 20" in said
    assert "mindhaven passphrase --also-recovery-file PATH" in said
