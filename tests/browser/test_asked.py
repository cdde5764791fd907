"""A check-up that a clinician asks for: who gets it is said first, and it goes only if the person sends it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_access import sound
from tests.browser.test_checkups import NEVER, SEVERAL, answer
from tests.browser.test_first_run import called, sign_up_by_lock

WORDS = "seven quiet herons at dusk"


class Clinician:
    """Somebody with the command line and a home of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.home = folder / "home"
        self.file = folder / "words"
        self.file.write_text(WORDS + "\n")
        self("signup", "--server", url, "--word", "ben", "--recovery-file", str(folder / "recovery"))

    def __call__(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "mindhaven", "--home", str(self.home), "--passphrase-file", str(self.file)]
        ran = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def reads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("shared", "--json"))
        return found


@pytest.fixture
def ana_and_ben(people: Any, tmp_path: Path) -> tuple[Person, Clinician]:
    """Ana in the app, and the clinician Ben, who answered her link."""
    ana = people()
    sign_up_by_lock(ana)
    ben = Clinician(tmp_path, ana.url)
    befriend(ana, ben)
    return ana, ben


def befriend(ana: Person, ben: Clinician) -> None:
    """Let Ben answer Ana's link."""
    ana.press("People")
    ana.press("Add a person")
    link = ana.page.get_by_label("Copy the link").input_value()
    ana.keeps_secret(link.partition("#invite=")[2])
    ben("contacts", "accept", link, "--name", "Ana", "--as", "Ben")
    ana.press("Back")
    ana.press("See if they answered")
    ana.page.get_by_text("Ben answered.").wait_for()


def by_spare(person: Person, rows: list[str]) -> None:
    """Sign another device in by the spare key."""
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With the spare key").click()
    person.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    person.press("Open")
    person.sees("How are you right now?")


def asked(ana: Person, ben: Clinician, sheet: str, title: str) -> None:
    """Let Ben ask, and Ana find it on Today."""
    ben("ask", "Ana", sheet, "--reads-from", "2199-01-08")
    ana.press("People")
    ana.press("See if they answered")  # it also looks for what is new
    ana.press("Today")
    ana.page.get_by_text(f"Ben asks for a check-up ({title}).").wait_for()


def test_it_says_who_gets_it_and_goes_only_when_it_is_sent(ana_and_ben: tuple[Person, Clinician], shots: Any) -> None:
    ana, ben = ana_and_ben
    asked(ana, ben, "phq9", "PHQ-9")
    shots(ana, "asked-today")
    sound(ana)
    ana.press("Look at it")
    ana.page.get_by_text("Ben gets all your answers if you send them at the end, and nothing before.").wait_for()
    ana.page.get_by_text("Ben may not read them before 8 Jan 2199.").wait_for()
    shots(ana, "asked-before")
    sound(ana)
    ana.press("Begin")
    for place in range(1, 9):
        answer(ana, NEVER, place=place, of=9)
    answer(ana, SEVERAL, place=9, of=9)
    ana.sees("Are you safe right now?")  # who asked changes nothing of it
    ana.press("Carry on")
    ana.page.get_by_role("button", name="Not difficult at all").press("Enter")
    ana.sees("Your result")
    ana.page.get_by_role("heading", name="Send it to Ben?").wait_for()
    buttons = [ana.page.get_by_role("button", name=one, exact=True) for one in ("Send a copy", "Keep it to myself")]
    boxes = [one.bounding_box() for one in buttons]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box is not None}) == 1
    shots(ana, "asked-result")
    sound(ana)
    ana.page.wait_for_timeout(600)  # what was saved is through
    assert [one["kind"] for one in ben.reads()] == [], "something went before it was sent"
    ana.press("Send a copy")
    ana.sees("Until when?")
    ana.press("Go on")
    ana.sees("This is what Ben will see")
    ana.press("Go on")
    ana.press("Share it")
    ana.page.get_by_text("Sent to Ben.").wait_for()
    ana.sees("Your result")
    ana.page.get_by_text("It is saved here, and Ben has a copy.").wait_for()
    shots(ana, "asked-sent")
    sound(ana)
    (got,) = ben.reads()
    assert (got["kind"], got["body"]["instrument"], got["body"]["score"]) == ("mindhaven/checkup", "phq9", 1)
    assert got["from"] == "Ana"
    # It is asked no more, and stopping it is where every share is stopped.
    ana.press("Done")
    ana.press("Today")
    ana.sees("How are you right now?")
    assert ana.page.get_by_text("Ben asks").count() == 0
    ana.press("People")
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Stop sharing single entries")
    ana.press("Stop sharing single entries")
    ana.page.get_by_text("Stopped. Ben").wait_for()
    assert ben.reads() == []


def test_saying_no_tells_nobody_and_is_asked_no_more(ana_and_ben: tuple[Person, Clinician], shots: Any) -> None:
    ana, ben = ana_and_ben
    asked(ana, ben, "gad7", "GAD-7")
    ana.page.wait_for_timeout(600)
    ana.press("People")
    ana.page.get_by_role("button", name="Ben").click()
    ana.page.get_by_text("Ben asks for a check-up (GAD-7).").wait_for()
    shots(ana, "asked-person")
    sound(ana)
    ana.press("Look at it")
    ana.page.get_by_text("Ben asked for this check-up.").wait_for()
    ana.page.wait_for_timeout(600)
    before = len(called(ana))
    ana.press("No, not this one")
    ana.sees("Check-ups")
    assert ana.page.get_by_text("Ben asks").count() == 0
    ana.page.wait_for_timeout(600)
    assert len(called(ana)) == before, "saying no sent something"
    ana.press("Today")
    ana.sees("How are you right now?")
    ana.page.wait_for_timeout(300)
    assert ana.page.get_by_text("Ben asks").count() == 0
    assert ben.reads() == []


def test_a_no_is_known_on_every_device_of_hers_with_what_is_written_next(people: Any, tmp_path: Path) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    ben = Clinician(tmp_path, ana.url)
    befriend(ana, ben)
    asked(ana, ben, "gad7", "GAD-7")
    laptop = people(size=DESKTOP)
    laptop.keeps_secret(*rows)
    by_spare(laptop, rows)
    laptop.page.get_by_text("Ben asks for a check-up (GAD-7).").wait_for()
    ana.press("Look at it")
    ana.page.get_by_text("Ben asked for this check-up.").wait_for()
    ana.page.wait_for_timeout(900)
    before = len(called(ana))
    ana.press("No, not this one")
    ana.sees("Check-ups")
    ana.page.wait_for_timeout(900)
    assert len(called(ana)) == before, "saying no sent something"
    ana.press("Today")
    ana.sees("How are you right now?")
    ana.page.get_by_role("group").get_by_text("low", exact=True).click()
    ana.press("Save")
    noted = re.compile(r"/v1/collections/[^/]+/commits$")
    ana.page.wait_for_timeout(1500)
    assert [one for one in called(ana)[before:] if one.method == "POST" and noted.search(one.url)]
    laptop.press("People")
    laptop.press("See if they answered")  # it also looks for what is new
    laptop.page.get_by_text("Nobody has answered yet.").or_(laptop.page.get_by_role("status")).first.wait_for()
    laptop.press("Today")
    laptop.page.get_by_text("Ben asks").wait_for(state="detached")
    tablet = people()
    by_spare(tablet, rows)
    tablet.page.get_by_text("good").first.wait_for()
    tablet.page.wait_for_timeout(600)
    assert tablet.page.get_by_text("Ben asks").count() == 0
    assert ben.reads() == []
