"""The table of attacks is what the tests play: each entry a row, each row a test, each with its check off or a reason.

`python -m tests.docs.test_attacks` writes the table anew from the tests' own marks.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.entry import function_of, switch_off

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/attacks/README.md"
HEAD = "| entry | named | switched off | then | test |\n|---|---|---|---|---|\n"

COLLECT = """
import json, sys
from dataclasses import asdict
import pytest

class Marks:
    def pytest_collection_modifyitems(self, items):
        found = [[i.nodeid, asdict(m.args[0])] for i in items for m in i.iter_markers("entry")]
        print("MARKS" + json.dumps(found))

sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:randomly", "tests/attacks"],
                     plugins=[Marks()]))
"""

DEMANDED = {
    # PROTOCOL section 9
    "own-root wrap to a recovery slot": ["own-root wrap to a recovery slot"],
    "slot added by the server": ["slot added by the server"],
    "removed slot + old blob": ["removed slot + old blob", "removed slot + old blob, with the older chain"],
    "server's identity for a fresh device": ["server's identity for a fresh device"],
    "salt or envelope withheld without erase": [
        "a record withheld without an erasure", "a salt withheld without an erasure"],
    "hidden collection": ["a hidden collection"],
    "rollback": ["rollback, on a device that saw more", "rollback, on a new device"],
    "fork": ["fork"],
    "drop": ["a commit dropped"],
    "reorder": ["two commits in another order"],
    "row swap": ["two records swapped"],
    "writer revises or erases another's item": [
        "a writer revises another's record", "a writer erases another's record"],
    "reader writes": ["a reader writes"],
    "write into an epoch held by an expired member": [
        "write into an epoch held by an expired member", "write into an epoch held by a removed member"],
    "revoked member given an old chain": ["revoked member given an old chain", "a removed writer writes"],
    "statement fork by an old root": [
        "statement fork by an old root", "a statement by an old root after the newest"],
    "link answered with a swapped uid": ["link answered with a swapped uid", "link that leads to another person"],
    "pairing to a server-made account": [
        "pairing to a server-made account", "key of the server's in the place of a new device's"],
    "restore with stale salts": ["restore with stale salts"],
    "restore that loses an acknowledged tail": ["a restore that loses an acknowledged tail"],
    "cross-type signature replay": ["cross-type signature replay"],
    "two-key ciphertext": ["two-key ciphertext", "two keys for one epoch"],
    "salt of 31 bytes": ["a salt of 31 bytes"],
    "wrong salt blamed on its author": ["a wrong salt blamed on its author"],
    "departing writer who keeps an epoch key": ["departing writer who keeps an epoch key"],
    "passphrase thief who tries to remove other slots": ["passphrase thief who tries to remove other slots"],
    "Argon2 floor": ["Argon2 floor"],
    "suite downgrade": ["suite downgrade"],
    "wrap of another collection, epoch or recipient": [
        "wrap of another collection", "wrap of another epoch", "wrap of another recipient"],
    "stolen access token": [
        "stolen access token, ten minutes later", "stolen access token renewed",
        "stolen access token used for a key, slot or export act"],
    "two checkpoints of one size": ["two checkpoints of one size"],
    "event missing from a person's chain": ["event missing from a person's chain"],
    "hidden newer key statement": ["hidden newer key statement"],
    # more lies of a server
    "truncated or spliced attachment": [
        "truncated attachment", "spliced attachment", "a part of another file in the place of one's own"],
    "another owner's data": ["another owner's collection", "another owner's record"],
    "a log inconsistent with the last checkpoint": ["a log inconsistent with the last checkpoint"],
    "a withheld revocation": ["a withheld revocation"],
    # thieves
    "a thief with the database, blobs, logs and backups": ["a thief with the database, blobs, logs and backups"],
    "a removed member with every old key": [
        "a removed member with every old key", "an expired member with every old key"],
    "an erased item against a backup and the epoch key": [
        "an erased record against a backup and the epoch key", "a restore that brings back what was erased"],
    "a stolen device store": ["stolen device store without its passphrase"],
    "a stolen session token used from elsewhere": ["stolen access token, ten minutes later"],
    "a guessed recovery key under throttle": [
        "a guessed recovery key under throttle", "recovery keys guessed without a name"],
    "a malicious import file": [
        "XML bomb", "XML that asks for another file", "zip bomb", "path names in an archive", "giant fields",
        "CSV formula cells on export", "path names in an export"],
}  # fmt: skip
"""What the protocol and the plan of tests demand, and the entries that play it; empty: there is nothing to attack yet,
and the page says so."""


@cache
def played() -> list[tuple[str, dict[str, Any]]]:
    """Return each test of an entry with its mark."""
    done = subprocess.run([sys.executable, "-c", COLLECT], cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.search(r"^MARKS(.*)$", done.stdout, flags=re.M)
    assert found is not None, done.stdout + done.stderr
    return [(name.removeprefix("tests/attacks/"), mark) for name, mark in json.loads(found[1])]


def row(test: str, mark: dict[str, Any]) -> str:
    """Return the row of an entry."""
    off = ", ".join(f"`{name}`" for name in mark["off"]) or f"nothing: {mark['why']}"
    named = "-" if mark["error"] == "-" else f"`{mark['error']}`"
    return f"| {mark['name']} | {named} | {off} | {mark['then'] or '-'} | `{test}` |"


def table() -> str:
    """Return the whole table."""
    return HEAD + "\n".join(row(*one) for one in played()) + "\n"


def written() -> list[list[str]]:
    """Return the cells of the table as the page has it."""
    _, _, rest = PAGE.read_text().partition(HEAD)
    lines = rest.partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_each_entry_has_its_row_and_each_row_its_test() -> None:
    assert table() in PAGE.read_text(), "python -m tests.docs.test_attacks writes it anew"
    assert len(written()) == len(played())


def test_no_entry_is_named_twice() -> None:
    names = [mark["name"] for _, mark in played()]
    assert sorted(names) == sorted(set(names))


def test_each_row_has_its_check_off_or_says_why_there_is_none() -> None:
    for name, named, off, then, test in written():
        assert (ROOT / "tests/attacks" / test.strip("`").partition("::")[0]).is_file(), test
        assert named != "", name
        assert (off.startswith("`") and then != "-") or len(off) > len("nothing: because"), name


def test_each_check_that_is_named_is_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, mark in played():
        with monkeypatch.context() as patch:
            switch_off(patch, *[name for name in mark["off"] if ": " in name])
            for name in mark["off"]:
                assert function_of(name.partition(": ")[0])


@pytest.mark.parametrize("check", ["sdk.pulling.Pulling._check_head: no-such", "protocol.chain.judge: not-there"])
def test_a_check_that_is_not_there_is_found(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="has no branch"):
        switch_off(monkeypatch, check)


@pytest.mark.parametrize("demanded", DEMANDED)
def test_what_is_demanded_is_played(demanded: str) -> None:
    names = {mark["name"] for _, mark in played()}
    missing = set(DEMANDED[demanded]) - names
    assert not missing
    if not DEMANDED[demanded]:
        assert f"- {demanded}: " in PAGE.read_text()


def test_every_fixture_that_plays_is_of_an_entry() -> None:
    """A test that takes `play` has a mark: else nothing would say what it shows."""
    marked = {re.sub(r"\[.*", "", name) for name, _ in played()}
    for path in sorted((ROOT / "tests/attacks").glob("test_*.py")):
        for found in re.finditer(r"def (test_\w+)\(([^)]*)\)", path.read_text()):
            if "play: Play" in found[2]:
                assert f"{path.name}::{found[1]}" in marked, found[1]


def main() -> None:
    """Write the table anew."""
    before, _, rest = PAGE.read_text().partition(HEAD)
    PAGE.write_text(before + table() + "\n" + rest.partition("\n\n")[2])


if __name__ == "__main__":
    main()
