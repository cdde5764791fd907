"""Who touched one's data, and whole logs verified by anybody, from a server that signs every second."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving, run


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server whose logs are signed at once."""
    data = tmp_path_factory.mktemp("quick")
    (data / "mindhaven.toml").write_text("[ledger]\npublish-seconds = 1\n")
    serving = Serving(data).start(config=data / "mindhaven.toml")
    yield serving
    assert serving.stop() == 0


def signed(server: Serving, log: str = "audit", *, least: int = 1) -> int:
    """Wait until a log was signed with so many entries; return its size."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{server.url}/log/{log}/checkpoint") as answer:
                size = int(answer.read().decode().split("\n")[1])
            if size >= least:
                return size
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("nothing was signed")


def fetch(address: str, path: str, folder: Path) -> None:
    with urllib.request.urlopen(f"{address}/{path}") as answer:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(answer.read())


def test_a_person_sees_who_touched_their_data(quick: Serving, tmp_path: Path) -> None:
    eva, dan = (
        Person(tmp_path / word, passphrase, quick.url).sign_up(word)
        for word, passphrase in (("eva", PASSPHRASE), ("dan", OTHER))
    )
    eva("contacts", "add", dan.card, "--name", "Dan")
    dan("contacts", "add", eva.card, "--name", "Eva")
    eva("log", "mood", "good", "--note", "for dan")
    shared = eva("share", "--yes", "mood", "Dan", "--from", "all", "--months", "1")
    assert "2 receipts were kept here: mindhaven ledger receipts" in " ".join(shared.err.split())
    dan("shared")
    size = signed(quick)
    told = eva("activity", "--last", "0", "--json").told
    assert [one["seq"] for one in told] == list(range(len(told)))
    said = [one["words"] for one in told]
    assert any(one.startswith("You let Dan read mood, until 20") for one in said)
    assert any(one.startswith("Dan fetched ") and one.endswith(" of mood.") for one in said)
    signed(quick, least=size + 64)
    later = eva("activity", "--last", "0")
    assert "your own list" not in later.out
    assert "You wrote 1 entry in your own list of collections" in eva("activity", "--last", "0", "--all").out
    assert "proven" in later.out
    assert "none missing" in " ".join(later.err.split())
    proven = [one for one in eva("activity", "--last", "0", "--json").told if one["proof"] == "proven"]
    assert len(proven) >= len(told)
    others = [one["words"] for one in eva("activity", "--others", "--json").told]
    assert any(one.startswith("Dan fetched ") for one in others)
    assert not any(one.startswith("You wrote ") for one in others)
    assert len(eva("activity", "--last", "2").out.splitlines()) == 2

    receipts(eva, tmp_path)

    left = dan("delete-account", "--yes", "--recovery-file", str(dan.recovery), "--json").told
    signed(quick, least=left["position"] + 1)
    address = f"{quick.url}/log/audit"
    ran = run("ledger", "receipt", address, str(left["position"]), left["commitment"])
    assert ran.code == 0, ran
    assert ran.out.startswith(f"c2sp.org/tlog-proof@v1\nindex {left['position']}\n")
    assert run("ledger", "receipt", address, "0", left["commitment"]).code != 0
    assert run("ledger", "receipt", address, "0", "no").code == 2

    signed(quick, "keys", least=4)
    state = eva("ledger", "--json").told
    assert (state["own_keys"], state["witnesses"], state["contacts"]) == (
        "logged",
        "none",
        [{"name": "Dan", "keys": "logged"}],
    )
    assert "Nothing is hidden" in " ".join(eva("ledger").err.split())


def receipts(eva: Person, tmp_path: Path) -> None:
    """What the server promised of Eva's share is proven now, and shown to anybody without the server."""
    told = eva("ledger", "receipts", "--json").told
    assert [(one["number"], one["what"], one["state"], one["fault"]) for one in told] == [
        (1, "keys", "proven", None), (2, "consent", "proven", None), (3, "grant", "proven", None)]  # fmt: skip
    grant = told[2]
    own = {one["name"]: one["position"] for one in eva("activity", "--last", "0", "--json").told}
    assert grant["position"] == own["sharing.grant.given"]
    listed = eva("--offline", "ledger", "receipts").out
    assert f"You share mood with Dan.  [proven at index {grant['position']:,}]" in listed
    file = tmp_path / "grant.receipt"
    saved = eva("ledger", "receipts", "--save", "3", str(file))
    assert eva("ledger", "receipts", "--save", "3", str(file), code=None).code != 0, "no file is overwritten"
    assert eva("ledger", "receipts", "--save", "three", str(tmp_path / "other"), code=2)
    assert eva("ledger", "receipts", "--save", "9", str(tmp_path / "other"), code=1)
    command = saved.out.split()
    assert command[:3] == ["mindhaven", "ledger", "check-receipt"]
    ran = run(*command[1:], "--json")
    assert ran.code == 0, ran
    assert (ran.told["event"], ran.told["index"]) == ("sharing.grant.given", grant["position"])
    assert ran.told["commitment"] == grant["commitment"]
    assert "sharing.grant.given" in run(*command[1:]).out
    changed = file.read_text().replace(f"index {grant['position']}\n", f"index {grant['position'] + 1}\n")
    (tmp_path / "changed").write_text(changed)
    assert run(*command[1:3], str(tmp_path / "changed"), *command[4:]).code != 0
    bare = "\n".join(line for line in file.read_text().split("\n") if not line.startswith("extra "))
    (tmp_path / "bare").write_text(bare)
    for code, *more in ((2, []), (2, ["--commitment", "no"]), (0, ["--commitment", grant["commitment"]])):
        assert run(*command[1:3], str(tmp_path / "bare"), *command[4:], *more[0]).code == code
    stopped = eva("revoke", "mood", "Dan")
    assert "2 receipts were kept here" in " ".join(stopped.err.split())
    erasing = ("erase-collection", "mood")
    assert eva("erase-collection", "nothing", "--yes", code=1)
    assert "Give --yes." in eva(*erasing, code=None).err
    gone = eva(*erasing, "--yes", "--json")
    assert gone.told["collection"] == "mood"
    assert "A receipt was kept here" in " ".join(gone.err.split())
    assert eva.entries() == []
    waiting = [one for one in eva("ledger", "receipts", "--json").told if one["number"] > 3]
    assert [one["what"] for one in waiting] == ["consent-ended", "revocation", "collection"]
    eva("ledger", "receipts", "--forget", "6")
    assert eva("ledger", "receipts", "--forget", "6", code=1)
    assert [one["number"] for one in eva("ledger", "receipts", "--json").told] == [1, 2, 3, 4, 5]


def test_anybody_verifies_a_whole_log_from_its_address_and_from_files(quick: Serving, tmp_path: Path) -> None:
    size = signed(quick)
    address, state = f"{quick.url}/log/audit", tmp_path / "state.json"
    first = run("ledger", "verify", address, "--state", str(state), "--json")
    assert first.code == 0, first
    told = json.loads(first.out)
    assert told["size"] >= size
    assert told["size"] % 64 == 0
    signed(quick, least=told["size"] + 64)
    again = run("ledger", "verify", address, "--state", str(state), "--key", told["key"])
    assert again.code == 0, again
    assert "It continues what was verified before." in " ".join(again.err.split())

    folder = tmp_path / "log"
    fetch(address, "checkpoint", folder)
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    for number in range(-(-size // 256)):
        width = min(256, size - 256 * number)
        last = f"tile/entries/{number:03d}" + ("" if width == 256 else f".p/{width}")
        fetch(address, last, folder)
    assert run("ledger", "verify", str(folder), "--key", told["key"], "--state", str(state)).code == 0
    assert "--key" in run("ledger", "verify", str(folder)).err
    entries = folder / last
    entries.write_bytes(entries.read_bytes()[:-1] + bytes([entries.read_bytes()[-1] ^ 1]))
    changed = run("ledger", "verify", str(folder), "--key", told["key"])
    assert changed.code != 0
    assert "not those that it signed" in " ".join(changed.err.split())
    before = json.loads(state.read_text())
    state.write_text(json.dumps([before[0], 64, "00" * 32]))
    other = run("ledger", "verify", address, "--state", str(state))
    assert other.code != 0
    assert "not those that it signed" in " ".join(other.err.split())


def test_slips_are_named(quick: Serving, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("{}")
    signed(quick)
    for said, *arguments in (
        ("neither an address nor a folder", str(tmp_path / "nothing")),
        ("not the address of a log", f"{quick.url}/audit"),
        ("no log of this name", f"{quick.url}/log/none"),
        ("not a state that this program wrote", f"{quick.url}/log/audit", "--state", str(tmp_path / "state")),
    ):
        ran = run("ledger", "verify", *arguments)
        assert ran.code != 0
        assert said in " ".join(ran.err.split())
