"""Looking back: the month, a search, patterns that wait for enough days, a page for an appointment."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import TALL, faults
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators.server import Running

from mindhaven.sdk import Mindhaven, Record

WORDS = "five words that nobody else knows"
DAY_MS = 86_400_000
DAYS = 20


def _written(home: Path, url: str) -> str:
    """Write twenty days, walks on every second of them with a better mood; return the sign-in name."""
    ana = Mindhaven.create(home, url, passphrase=WORDS)
    ana.sign_up(WORDS, word="ana")
    handle = ana.me.handle
    now = int(time.time() * 1000) - 3_600_000
    for day in range(DAYS):
        walk = day % 2 == 0
        body = {"valence": 0.5 if walk else -0.5, "activities": ["walk"] if walk else [], "note": f"day {day}"}
        ana.add(Record(kind="mindhaven/mood", version=1, created_at=now - day * DAY_MS, zone="UTC", body=body))
    ana.sync()
    ana.close()
    return handle


def signed_in(person: Person, url: str, home: Path) -> None:
    """Open the account that the library wrote."""
    with ThreadPoolExecutor(1) as other:  # the library has a loop of its own, and so has what drives the browser
        handle = other.submit(_written, home, url).result()
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With a name and words").click()
    person.page.get_by_label("Sign-in name").fill(handle)
    person.page.get_by_label("Type your words").fill(WORDS)
    person.press("Open")
    person.sees("How are you right now?")


def test_the_month_the_patterns_and_the_summary(people: Any, server: Running, tmp_path: Path, shots: Any) -> None:
    ana = people(size={**PHONE, "height": TALL}, prf=None)
    signed_in(ana, server.url, tmp_path / "ana")
    ana.press("Look back")
    ana.page.get_by_text("day 0", exact=True).wait_for()
    marked = ana.page.locator(".calendar button.day")
    assert marked.count() >= 1
    shots(ana, "look-back")
    marked.last.click()
    ana.page.get_by_role("button", pressed=True).wait_for()
    assert ana.page.locator(".entry-text").count() == 1
    marked.last.click()
    ana.press("Month before")
    ana.press("Month after")
    ana.page.get_by_label("Search").fill("DAY 7")
    ana.page.locator(".entry-text", has_text="day 7").wait_for()
    assert ana.page.locator(".entry-text").count() == 2  # "day 17" has both words too
    ana.press("Patterns")
    ana.sees("Patterns")
    ana.page.get_by_text("Both halves were about the same.").wait_for()
    assert ana.page.get_by_text("On days with walk").count() == 0  # nobody asked for it
    ana.press("Look for it")
    ana.page.get_by_text("On days with walk your mood was a little higher (10 of 10 days).").wait_for()
    ana.page.get_by_text("This may be chance.").last.wait_for()
    shots(ana, "patterns")
    assert faults(ana) == []
    ana.press("Don't look for it")
    ana.page.get_by_text("On days with walk").wait_for(state="detached")
    ana.press("Back")
    ana.press("Summary for an appointment")
    ana.sees("Summary")
    ana.page.get_by_text("20 of 28 days with an entry").wait_for()
    ana.page.get_by_text("Most moods: good (10), low (10)").wait_for()
    shots(ana, "summary")
    assert faults(ana) == []
    ana.page.emulate_media(media="print")
    assert not ana.page.get_by_role("button", name="Print or save as PDF").is_visible()
    assert not ana.page.get_by_role("button", name="Exit").is_visible()


def test_before_enough_days_nothing_is_said(people: Any) -> None:
    ana = people(size=DESKTOP)
    sign_up_by_lock(ana)
    ana.press("Look back")
    ana.press("Patterns")
    ana.page.get_by_text("A line shows once there are moods on two days.").wait_for()
    ana.press("Look for it")
    ana.page.get_by_text("This needs 14 days with a mood. There are 1 so far, and there is no hurry.").wait_for()
