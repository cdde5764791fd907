"""`mindhaven sync --follow`: one line for each change, until Ctrl-C."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving
from tests.cli.terminal import Terminal

BEGUN = "Following: what changes"


@pytest.fixture
def pair(server: Serving, tmp_path: Path) -> tuple[Person, Person]:
    """Ana, and Ben whom she lets read her moods."""
    ana = Person(tmp_path / "ana", PASSPHRASE, server.url).sign_up("ana")
    ben = Person(tmp_path / "ben", OTHER, server.url).sign_up("ben")
    ana("log", "mood", "good", "--note", "before")
    ana("contacts", "add", ben.card, "--name", "Ben")
    ben("contacts", "add", ana.card, "--name", "Ana")
    ana("share", "--yes", "mood", "Ben")
    ben("sync")
    return ana, ben


def following(person: Person) -> tuple[str, ...]:
    return ("--home", str(person.home), "--passphrase-file", str(person.file), "sync", "--follow")


def soon(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_each_change_is_one_line_and_ctrl_c_loses_nothing(
    pair: tuple[Person, Person], terminals: list[Terminal]
) -> None:
    ana, ben = pair
    theirs = Terminal(*following(ben))
    terminals.append(theirs)
    own = Terminal(*following(ana))
    terminals.append(own)
    for one in (theirs, own):
        one.until(BEGUN)  # what is written from here on is told because the server hints at it
    ana("log", "mood", "low", "--note", "one", "--offline")
    ana("log", "mood", "low", "--note", "two", "--offline")
    ana("sync")
    theirs.until("2 new entries from Ana in mood.")
    own.until("2 new entries of yours in mood.")
    newest = next(one["id"] for one in ana.entries() if one["body"].get("note") == "two")
    ana("edit", newest, "--note", "two, and more")
    theirs.until("1 changed entry from Ana in mood.")
    ana("erase", newest, "--yes")
    theirs.until("1 entry in mood was erased.")
    ben("log", "mood", "good", "--note", "mine, by another program here")
    theirs.until("1 new entry of yours in mood.")
    for one in (theirs, own):
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(10) == 0
        assert "Traceback" not in one.seen
    assert {one["body"]["note"] for one in ana.entries()} == {"before", "one"}
    assert ben.entries()[-1]["body"]["note"] == "mine, by another program here"


def test_programs_get_one_object_a_line(pair: tuple[Person, Person]) -> None:
    ana, ben = pair
    process = subprocess.Popen(
        [sys.executable, "-m", "mindhaven", *following(ben), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert (first["live"], first["changes"], first["sent"]) == (True, [], 0)
    ana("log", "mood", "low", "--note", "one")
    told = json.loads(process.stdout.readline())
    (change,) = told["changes"]
    assert len(bytes.fromhex(change.pop("id"))) == 32
    assert change == {"collection": "mood", "from": "Ana", "new": 1, "changed": 0, "erased": 0}
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, "Traceback" in err) == (0, False)


def test_a_server_that_goes_away_is_said_once_and_followed_again(tmp_path: Path, terminals: list[Terminal]) -> None:
    serving = Serving(tmp_path / "data").start()
    port = serving.url.rpartition(":")[2]
    somebody = Person(tmp_path / "home", PASSPHRASE, serving.url).sign_up("ana")
    other = Person(tmp_path / "other", PASSPHRASE, serving.url)
    other("login", somebody.handle, "--server", serving.url)
    seen = Terminal(*following(other))
    terminals.append(seen)
    seen.until(BEGUN)
    began = time.monotonic()
    assert serving.stop() == 0
    assert time.monotonic() - began < 5, "an open stream holds up the end of the server"
    seen.until("The server can't be reached. This goes on as soon as it answers.")
    serving.start(port)
    somebody("log", "mood", "good", "--note", "after")
    seen.until("1 new entry of yours in mood.")
    assert seen.words.count("can't be reached") == 1
    seen.process.send_signal(signal.SIGINT)
    assert seen.process.wait(10) == 0
    assert serving.stop() == 0


def test_following_needs_the_server(pair: tuple[Person, Person]) -> None:
    assert "This needs the server." in pair[0]("sync", "--follow", "--offline", code=4).err
