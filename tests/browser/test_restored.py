"""A real server that is put back from its backup while devices wrote on: two versions, gone on with together."""

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_accessible import faults, too_small
from tests.browser.test_first_run import sign_up_by_lock
from tests.browser.test_locked import PAGE, SECRET, WORDS, make_lock, open_lock
from tests.simulators.server import Running, start, stop

NOTICE = "The server was set back to an earlier day and went on otherwise than this device."


class PutBack:
    """A server in a folder of its own, at one address, that is put back to the day of its backup."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "words").write_text("four herons and a kettle\n")
        self.running = start(folder / "data")

    def _mindhaven(self, command: str, data: str, *more: str) -> None:
        given = [command, str(self._folder / "backups"), "--data", str(self._folder / data)]
        words = ["--passphrase-file", str(self._folder / "words")]
        done = subprocess.run(
            [sys.executable, "-m", "mindhaven", *given, *words, *more], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def backed_up(self) -> None:
        """Make the backup."""
        self._mindhaven("backup", "data")

    def put_back(self, *, files: bool = True) -> None:
        """Put it back from the backup, and serve that at the same address; `files`: with the bytes of attachments."""
        stop(self.running)
        self._mindhaven("restore", "restored", "--keys", str(self._folder / "data"))
        if not files:
            for folder in (self._folder / "restored" / "blobs").iterdir():
                if folder.name != "partial":
                    shutil.rmtree(folder)
        self.running = start(self._folder / "restored", port=int(self.running.url.rpartition(":")[2]))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[PutBack]:
    """Run a server of one test's own."""
    made = PutBack(tmp_path)
    yield made
    stop(made.running)


@pytest.fixture
def server(served: PutBack) -> Running:
    """Reach it as localhost, which does not change."""
    return dataclasses.replace(served.running, url=served.running.url.replace("127.0.0.1", "localhost"))


def by_spare(person: Person, rows: list[str]) -> None:
    """Sign another device in by the spare key."""
    person.keeps_secret(*rows)
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With the spare key").click()
    person.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    person.press("Open")
    person.sees("How are you right now?")


def saves(person: Person, mood: str) -> None:
    """Save a mood from Today."""
    person.press("Today")
    person.page.get_by_role("group").get_by_text(mood, exact=True).click()
    person.press("Save")
    person.page.get_by_text("Saved. Sealed on this device.").wait_for()


def all_is_sent(person: Person) -> None:
    """Wait until nothing waits."""
    person.page.wait_for_timeout(800)
    person.page.get_by_text("waits on this device").first.wait_for(state="detached")


def moods(person: Person) -> list[str]:
    """Return today's moods as the page lists them."""
    found: list[str] = person.page.locator(".rows strong").all_inner_texts()
    return sorted(found)


def test_two_versions_are_shown_and_gone_on_with_together(people: Any, served: PutBack, shots: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    all_is_sent(ana)
    laptop = people(size=DESKTOP)
    by_spare(laptop, rows)
    laptop.page.locator(".rows strong", has_text="good").first.wait_for()
    served.backed_up()
    saves(ana, "low")
    all_is_sent(ana)
    served.put_back()
    saves(laptop, "very good")  # it has not seen what is lost, and goes on from what the server has
    all_is_sent(laptop)

    # The phone is told, with the way to what can be done; until something is chosen all of it stays as it is.
    saves(ana, "so-so")
    ana.page.get_by_text(NOTICE).wait_for()
    shots(ana, "restored-split")
    ana.press("Look at it")
    ana.sees("Two versions")
    ana.page.get_by_role("heading", name="Moods").wait_for()
    ana.page.get_by_text("Only on this device. It is sent again:").wait_for()
    assert moods(ana) == ["low"]
    shots(ana, "restored-two-versions")
    assert faults(ana) == []
    assert too_small(ana) == []
    boxes = [ana.page.get_by_role("button", name=one).bounding_box() for one in ("Go on with both", "Leave it for now")]
    assert len({(round(one["width"]), round(one["height"])) for one in boxes if one}) == 1
    ana.press("Leave it for now")
    ana.sees("How are you right now?")
    assert moods(ana) == ["good", "low", "so-so"]
    saves(ana, "very low")
    ana.page.get_by_text(NOTICE).wait_for()
    assert moods(ana) == ["good", "low", "so-so", "very low"]
    ana.press("Look at it")
    ana.press("Go on with both")
    ana.page.get_by_text("are together now.").wait_for()
    shots(ana, "restored-together")
    ana.press("Back")
    ana.sees("How are you right now?")
    all_is_sent(ana)
    every = ["good", "low", "so-so", "very good", "very low"]
    assert moods(ana) == every
    assert ana.page.get_by_text(NOTICE).count() == 0
    laptop.page.reload()
    laptop.page.get_by_role("button", name="Open").first.wait_for()
    tablet = people()
    by_spare(tablet, rows)
    tablet.page.locator(".rows strong").nth(4).wait_for()
    assert moods(tablet) == every


def test_a_locked_file_that_was_lost_is_told_and_given_back_once_the_lock_is_open(
    people: Any, served: PutBack, shots: Any
) -> None:
    ana = people()
    ana.keeps_secret(SECRET, WORDS, "a page of mine alone", "page.txt")
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.press("Locked entries")
    make_lock(ana)
    ana.press("Write a locked entry")
    ana.page.get_by_label("What is only for you?").fill(SECRET)
    page = {"name": "page.txt", "mimeType": "text/plain", "buffer": PAGE}
    ana.page.locator("input[type=file]").set_input_files(page)
    ana.page.get_by_role("button", name="Take away page.txt").wait_for()
    ana.press("Save it locked")
    ana.page.get_by_text("Saved. It is locked.").wait_for()
    ana.page.wait_for_timeout(1200)  # it is sent
    served.backed_up()
    served.put_back(files=False)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    ana.page.wait_for_timeout(1500)  # it has synced, and knows that the server was set back
    ana.press("Write")
    ana.press("Locked entries")
    ana.page.get_by_text("The server was set back and lost a file of a locked entry.").wait_for()
    assert "page.txt" not in ana.page.content()
    shots(ana, "locked-lost-closed")
    open_lock(ana)
    ana.page.get_by_role("heading", name="Files that the server lost").wait_for()
    ana.page.get_by_text("page.txt").wait_for()
    shots(ana, "locked-lost")
    ana.page.evaluate("scrollTo(0, document.body.scrollHeight)")  # what the bar half covers is too small just then
    assert faults(ana) == []
    assert too_small(ana) == []
    ana.page.locator("input[type=file]").set_input_files({**page, "buffer": PAGE[:-1] + b"!"})
    ana.page.get_by_text("This is none of the files that the server lost").wait_for()
    ana.page.locator("input[type=file]").set_input_files({**page, "name": "another-name.txt"})
    ana.page.get_by_text("Given back: page.txt").wait_for()
    ana.page.get_by_role("heading", name="Files that the server lost").wait_for(state="detached")
    ana.page.get_by_role("button", name=SECRET).click()
    with ana.page.expect_download() as saved:
        ana.press("Save page.txt")
    assert saved.value.path().read_bytes() == PAGE


def test_what_the_server_does_not_take_is_told_with_its_reason_in_german_too(
    people: Any, served: PutBack, shots: Any
) -> None:
    """A file that was sent and waits is lost with the restore: the entry that names it is not taken then."""
    ana = people()
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").fill("a day like others")
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    all_is_sent(ana)
    served.backed_up()
    page = {"name": "page.txt", "mimeType": "text/plain", "buffer": PAGE}
    ana.page.locator("input[type=file]").set_input_files(page)
    ana.page.get_by_role("button", name="Take away page.txt").wait_for()
    served.put_back()
    ana.press("You")
    ana.press("Deutsch")
    ana.press("Heute")
    ana.press("Schreiben")
    ana.page.get_by_role("button", name="page.txt wegnehmen").wait_for()
    ana.press("Speichern")
    told = "1 Eintrag bleibt auf diesem Gerät. Der Server hat eine angehängte Datei nicht mehr ganz."
    ana.page.get_by_text(told).wait_for()
    shots(ana, "held-in-german")
