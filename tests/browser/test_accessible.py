"""What a screen reader, a keyboard, a small screen and colours of one's own meet, on every view."""

import datetime
import os
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.looks import covered, cut, faults, lost, mirrored, too_small
from tests.browser.test_first_run import first_mood, keep_spare_key, sign_up_by_lock

TALL = 3000
"""The bar at the bottom stays while a page scrolls under it; axe would take what lies under it for too small."""
SMALL = {"width": 320, "height": 640}
"""As wide as a desktop of 1280 is at 400 % zoom (WCAG 2.2, 1.4.10)."""


PICTURES = "MINDHAVEN_SCREENS" in os.environ
"""Four pictures of each view, under .cache/screens: a third of the time, for whoever wants to look."""


def checkup(person: Person) -> Iterator[str]:
    """Go through a questionnaire."""
    person.press("Today")
    person.press("Check-up")
    person.sees("Check-ups")
    yield "check-ups"
    person.page.get_by_role("button", name="with a question about thoughts of death").click()
    yield "check-up before"
    person.press("Begin")
    for place in range(1, 10):
        person.sees(f"{place} of 9")
        if place == 2:
            yield "check-up question"
        person.page.get_by_role("button", name="Several days", exact=True).press("Enter")
    person.sees("Are you safe right now?")
    yield "item nine"
    person.press("Carry on")
    person.page.get_by_role("button", name="Not difficult at all").press("Enter")
    person.sees("Your result")
    yield "check-up result"


def calm(person: Person) -> Iterator[str]:
    """Breathe, look around, rest."""
    person.press("Today")
    person.press("Breathe")
    person.sees("Breathe")
    yield "breathe"
    person.page.get_by_role("button", name="Grounding").click()
    person.sees("5 things you can see")
    yield "ground"
    person.press("Today")
    person.press("Breathe")
    person.page.get_by_role("button", name="Rest").click()
    person.page.locator("h1", has_text="Rest").wait_for()
    yield "rest"


def written(person: Person) -> Iterator[str]:
    """Write in the journal, and a plan."""
    person.press("Today")
    person.press("Write")
    person.sees("Journal")
    person.page.get_by_label("What is on your mind?").fill("something")
    person.press("Save")
    person.page.get_by_text("Saved. Sealed on this device.").wait_for()
    yield "journal"
    person.press("Locked entries")
    person.page.get_by_role("button", name="Make a lock").wait_for()
    yield "locked"
    person.press("Back")
    person.sees("Journal")
    person.page.locator(".plain button").first.click()
    person.press("Remove")
    yield "journal entry"
    person.press("Plan")
    person.press("Make a plan")
    person.page.get_by_label("People I can ask for help").fill("Sam, 0123 456")
    yield "plan edit"
    person.press("Save")
    person.sees("My plan for hard days")
    yield "plan"
    person.press("Look back")
    person.page.locator("main li", has_text="good").get_by_role("button", name="Change").first.click()
    person.sees("Change this entry")
    yield "mood entry"
    person.press("Look back")
    yield "Look back with a day"
    for name in ("Patterns", "Summary for an appointment"):
        person.press(name)
        person.page.locator("main .chart polyline").wait_for()
        yield name
        person.press("Back")
        person.sees("Look back")


def said_of_oneself(person: Person) -> Iterator[str]:
    """Medicine, history, what is brought in and taken along, what can be seen."""
    person.press("You")
    person.press("Medicine")
    person.sees("Medicine")
    yield "medicines"
    person.press("Add a medicine")
    person.page.get_by_label("Name").fill("Sertralin 50")
    person.page.get_by_label("How much").fill("50 milligrams")
    yield "medicine edit"
    person.press("Save")
    person.page.get_by_role("button", name="Sertralin 50").click()
    person.sees("Sertralin 50")
    person.press("Taken")
    yield "medicine"
    person.press("You")
    person.press("My history")
    person.sees("My history")
    person.press("Add something")
    person.page.get_by_role("textbox").first.fill("the winter in hospital")
    yield "history edit"
    person.page.get_by_role("button", name="Past care").click()
    person.press("Save")
    person.sees("My history")
    yield "history"
    person.press("You")
    person.press("Bring in from another app")
    person.sees("Bring in from another app")
    yield "import"
    person.page.locator("input[type=file]").set_input_files(
        {"name": "t.csv", "mimeType": "text/csv", "buffer": b"when,how,words\n2026-03-09,3,calm\n2026-03-10,5,bright\n"}
    )
    person.sees("What is in the columns?")
    yield "import columns"
    for button, title in (
        ("Take everything", "Take everything"),
        ("What this server can see", "What this server can see"),
        ("Privacy check-up", "Privacy check-up"),
    ):
        person.press("You")
        person.press(button)
        person.sees(title)
        yield title
    person.press("Begin")
    person.sees("Do you still have your spare key?")
    yield "review question"
    person.press("People")
    person.press("Access")
    person.sees("Access")
    person.press("Show everything that was logged")
    yield "access"


def settings(person: Person) -> Iterator[str]:
    """What stands under You, and inviting somebody."""
    person.press("You")
    person.press("How private this looks")
    person.sees("How private this looks")
    yield "safety"
    person.press("Practise")
    person.sees("Practise")
    yield "practice"
    person.press("You")
    person.press("Reminders")
    person.sees("Reminders")
    yield "reminders"
    person.press("You")
    person.press("Ways in")
    person.page.locator(".rows li").nth(1).wait_for()
    yield "ways in"
    person.press("Add words")
    person.page.locator(".words").wait_for()
    yield "new words"
    person.press("Use words of my own")
    yield "own words"
    person.press("You")
    person.press("Delete everything")
    person.sees("Delete everything")
    yield "leave"
    person.press("Keep it")
    person.press("People")
    person.press("Add a person")
    person.sees("Invite one person")
    person.page.locator(".qr").wait_for()
    yield "invite"


def walk(person: Person) -> Iterator[str]:
    """Yield on every view that a signed-in person reaches alone."""
    person.press("Today")
    yield "Today"
    person.press("More")
    person.page.get_by_text("More about the feeling").click()
    person.press("Last night's sleep")
    person.page.get_by_label("Fell asleep").wait_for()
    yield "mood more"
    yesterday = datetime.datetime.now(ZoneInfo("Europe/Berlin")) - datetime.timedelta(days=1)
    person.page.get_by_label("When").fill(yesterday.strftime("%Y-%m-%dT%H:%M"))  # a line of moods needs two days
    person.page.get_by_role("radio", name="low", exact=True).check(force=True)
    person.press("Save")
    person.page.get_by_text("Saved. Sealed on this device.").wait_for()
    yield "mood saved"
    for tab in ("Look back", "Plan", "People", "You"):
        person.press(tab)
        person.page.locator("h1").wait_for()
        yield tab
    for part in (written, checkup, calm, said_of_oneself, settings):
        yield from part(person)


def begun(person: Person) -> Iterator[str]:
    """Yield on every view of the first run, and before it."""
    person.open()
    person.sees("A private place for how you are")
    yield "welcome"
    person.press("I already use this")
    person.page.locator("main button").nth(1).wait_for()
    yield "sign in"
    person.page.reload()
    person.sees("A private place for how you are")
    person.press("Start")
    person.sees("How do you want to open it?")
    yield "way in"
    person.page.get_by_role("button", name="With this device's lock").click()
    person.sees("How are you right now?")
    yield "first mood"
    first_mood(person)
    person.press("Go on")
    person.sees("Keep a spare key")
    person.page.locator(".key-rows li").nth(7).wait_for()
    yield "spare key"
    keep_spare_key(person)
    person.sees("Keep a sealed copy on this server?")
    yield "sealed copy"
    person.press("Keep a sealed copy")
    person.sees("How are you right now?")


def looked_at(person: Person, shots: Any, view: str) -> list[str]:
    """Return what is wrong with the view that is shown: at each size, in each scheme, each way of reading."""
    page, name = person.page, view.replace(" ", "-").lower()
    found = faults(person) + too_small(person) + cut(person)
    if PICTURES:
        shots(person, f"phone-light-{name}")
    page.emulate_media(color_scheme="dark")
    if PICTURES:
        shots(person, f"phone-dark-{name}")
    page.set_viewport_size({**SMALL, "height": TALL})
    found += [f"small: {one}" for one in too_small(person) + cut(person) + mirrored(person)]
    found += [f"small: {one}" for one in lost(person)]
    page.set_viewport_size(SMALL)
    found += [f"under a bar: {one}" for one in covered(person)]
    page.set_viewport_size({**DESKTOP, "height": TALL})
    found += [f"desktop: {one}" for one in too_small(person) + cut(person) + mirrored(person)]
    found += [f"desktop, dark: {one}" for one in faults(person, colours=True)]
    if PICTURES:
        shots(person, f"desktop-dark-{name}")
    page.emulate_media(color_scheme="light")
    if PICTURES:
        shots(person, f"desktop-light-{name}")
    page.set_viewport_size({**PHONE, "height": TALL})
    return [f"{view}: {one}" for one in found]


@pytest.mark.parametrize("part", [begun, walk])
def test_nothing_is_found_on_any_view(people: Any, shots: Any, part: Any) -> None:
    """One person at every size: a page that is there is turned around, since coming to it takes longer."""
    ana = people(size={**PHONE, "height": TALL})
    if part is walk:
        sign_up_by_lock(ana)
    found = [one for view in part(ana) for one in looked_at(ana, shots, view)]
    assert found == [], "\n".join(found)


def test_the_first_run_needs_no_mouse(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    ana.page.keyboard.press("Tab")  # from the title, which has the focus, on
    assert ana.page.evaluate("document.activeElement.textContent") == "Start"
    ana.page.keyboard.press("Enter")
    ana.sees("How do you want to open it?")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("Enter")
    ana.sees("How are you right now?")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()


def test_exit_is_first_in_the_order_of_the_keyboard(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    first = ana.page.evaluate(
        "[...document.querySelectorAll('button, a[href], input, textarea, [tabindex=\"0\"]')][0].textContent"
    )
    assert first == "Exit"
