"""Python and the browser's code open, verify and refuse what the other made, at random and not from a file."""

import json
import subprocess
import sys
import time
from pathlib import Path

import account_bag as bags
import pytest

from mindhaven.errors import MindhavenError

ROOT = Path(__file__).parents[2]
PEER = ROOT / "web/packages/crypto/test/interop/peer.ts"

CHANGES = {
    "statement": (("chain", 1), "signature-invalid"),
    "slot list": (("list",), "slot-list"),
    "tag": (("slots", 2, "tag"), "slot-tag"),
    "wrap": (("slots", 3, "ciphertext"), "wrap-does-not-open"),
    "encapsulated key": (("slots", 1, "enc"), "wrap-does-not-open"),
    "bundle": (("bundle",), "seal-does-not-open"),
    "claim": (("claim", "signature"), "signature-invalid"),
    "fast signature": (("fast", 0), "signature-invalid"),
    "box under another context": (("box", "context"), "commitment-mismatch"),
    "file": (("file", "sealed", 1), "stream-changed"),
    "answer": (("answer", "sealed"), "wrap-does-not-open"),
    "answerer": (("answer", "uid"), "account-uid"),
}
"""What is changed in one bit, and what both must say of it."""


def reason_of(bag: bags.Bag) -> str:
    try:
        bags.check(bag)
    except MindhavenError as error:
        return error.reason
    return "ok"


@pytest.fixture(scope="module")
def spoken():
    """Ours, and what the browser's code says of them and makes itself, each on its two ways."""
    mine = bags.make(int(time.time()))
    asked = [mine, *(bags.changed(mine, *path) for path, _ in CHANGES.values())]
    done = subprocess.run(
        [Path(sys.executable).parent / "node", "--disable-warning=ExperimentalWarning", PEER],
        input=json.dumps({"bags": asked, "now": int(time.time())}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return asked, json.loads(done.stdout)


@pytest.mark.parametrize("way", ["native", "fallback"])
def test_the_browser_opens_and_verifies_what_python_made(spoken, way):
    assert spoken[1][way]["said"][0] == "ok"


@pytest.mark.parametrize("way", ["native", "fallback"])
def test_python_opens_and_verifies_what_the_browser_made(spoken, way):
    theirs = spoken[1][way]["made"]
    bags.check(theirs)
    assert theirs["root"] != spoken[0][0]["root"]


@pytest.mark.parametrize("way", ["native", "fallback"])
def test_both_refuse_what_was_changed_for_the_same_reason(spoken, way):
    asked, answers = spoken
    expected = [reason for _, reason in CHANGES.values()]
    assert answers[way]["said"][1:] == expected
    assert [reason_of(bag) for bag in asked[1:]] == expected
