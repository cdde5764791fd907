"""Medicine: what is taken, answers that can be undone, a reminder that stops by itself; nothing leaves unsealed."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_calm import fits
from tests.browser.test_first_run import sign_up_by_lock

NAME = "Sertraline"


def add_medicine(person: Person, name: str = NAME) -> None:
    """Add a medicine from You."""
    person.press("You")
    person.press("Medicine")
    person.sees("Medicine")
    person.press("Add a medicine")
    person.sees("Add a medicine")
    person.page.get_by_label("Name").fill(name)
    person.page.get_by_label("How much").fill("50 milligrams")
    person.page.get_by_label("When").fill("after breakfast")
    person.press("Save")
    person.sees("Medicine")


def open_medicine(person: Person, name: str = NAME) -> None:
    """Open a medicine from You."""
    person.press("You")
    person.press("Medicine")
    person.page.get_by_role("button", name=name).click()
    person.sees(name)


def test_a_medicine_is_written_answered_changed_and_removed_offline_too(people: Any) -> None:
    ana = people()
    ana.keeps_secret(NAME, "50 milligrams", "after breakfast", "Sertralin EX")
    sign_up_by_lock(ana)
    ana.context.set_offline(offline=True)
    ana.press("You")
    ana.press("Medicine")
    ana.press("Add a medicine")
    ana.press("Save")
    ana.page.get_by_text("Write a name first.").wait_for()
    ana.page.get_by_label("Name").fill("half a na")
    ana.press("Today")  # left before it was saved
    ana.press("You")
    ana.press("Medicine")
    ana.press("Add a medicine")
    assert ana.page.get_by_label("Name").input_value() == "half a na"
    add_medicine(ana)
    open_medicine(ana)
    ana.page.get_by_text("Nothing noted yet.").wait_for()
    ana.press("Taken")
    ana.page.get_by_text(f"{NAME}: taken").wait_for()
    ana.press("Undo")
    ana.page.get_by_text("Nothing noted yet.").wait_for()
    ana.press("Not this time")
    ana.page.get_by_text(f"{NAME}: not this time").wait_for()
    ana.press("Today")
    ana.page.get_by_text(f"{NAME}: not this time").wait_for()
    assert ana.page.locator("main li").count() == 2  # the mood and the answer: what one takes is about no day
    ana.context.set_offline(offline=False)
    ana.page.reload()
    ana.press("Open with this device's lock")
    open_medicine(ana)
    ana.press("Change")
    ana.page.get_by_label("Name").fill("Sertralin EX")
    ana.press("Save")
    ana.sees("Sertralin EX")
    ana.press("Remove from the list")
    ana.press("Remove for good")
    ana.sees("Medicine")
    ana.page.get_by_role("heading", name="No longer on the list").wait_for()  # what was noted stays, under its name
    ana.page.get_by_role("button", name=NAME).click()
    ana.sees(NAME)
    assert ana.page.get_by_role("button", name="Taken").count() == 0
    ana.press("Remove")
    ana.press("Remove for good")
    ana.sees("Medicine")
    assert ana.page.get_by_role("button", name=NAME).count() == 0


def test_a_reminder_is_a_row_on_today_for_three_days_at_most(people: Any) -> None:
    ana = people()
    ana.keeps_secret(NAME)
    began = datetime.now().replace(hour=12, minute=0)  # noqa: DTZ005 -- the page's own clock is set by it
    ana.page.clock.install(time=began)
    sign_up_by_lock(ana)
    add_medicine(ana)
    add_medicine(ana, "Vitamin D")

    def on_day(day: int) -> int:
        ana.page.clock.set_system_time(began + timedelta(days=day))
        ana.page.reload()
        ana.press("Open with this device's lock")
        ana.sees("How are you right now?")
        ana.page.get_by_role("button", name="Breathe").wait_for()
        ana.page.wait_for_timeout(700)
        return ana.page.get_by_role("button", name="Taken").count()

    ana.press("Today")
    ana.page.wait_for_timeout(500)
    assert ana.page.get_by_role("button", name="Taken").count() == 0  # not unless it was turned on
    open_medicine(ana)
    ana.page.get_by_label("From when").fill("11:00")
    ana.press("Turn on")
    ana.page.get_by_text("On, from 11:00 each day.").wait_for()
    ana.press("Today")
    row = ana.page.locator("section li", has_text=NAME)
    row.get_by_role("button", name="Taken").click()
    row.wait_for(state="detached")
    ana.press("Undo")
    row.get_by_role("button", name="Taken").click()
    row.wait_for(state="detached")
    assert on_day(0) == 0
    assert on_day(1) == 1
    assert not re.search(r"missed|\d+ days", ana.page.locator("main").inner_text())
    assert on_day(3) == 1
    assert on_day(4) == 0
    open_medicine(ana)
    ana.page.get_by_text("It stopped by itself.").wait_for()
    ana.page.get_by_label("From when").fill("09:00")
    ana.press("Turn on")
    ana.page.get_by_text("On, from 09:00 each day.").wait_for()
    ana.press("Turn off")
    ana.press("Today")
    ana.page.wait_for_timeout(500)
    assert ana.page.get_by_role("button", name="Taken").count() == 0


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")]
)
def test_medicine_pages_fit_and_axe_finds_nothing(people: Any, shots: Any, size: dict[str, int], scheme: str) -> None:
    ana = people(size={**size, "height": TALL}, scheme=scheme)
    name = f"medicine-{size['width']}-{scheme}"
    sign_up_by_lock(ana)
    ana.press("You")
    fits(ana, "you")
    shots(ana, f"{name}-you")
    ana.press("Medicine")
    ana.press("Add a medicine")
    ana.sees("Add a medicine")
    fits(ana, "add")
    shots(ana, f"{name}-add")
    add_medicine(ana)
    fits(ana, "list")
    shots(ana, f"{name}-list")
    open_medicine(ana)
    ana.page.get_by_label("From when").fill("00:00")
    ana.press("Turn on")
    ana.press("Today")
    ana.page.get_by_role("button", name="Taken").wait_for()
    fits(ana, "today")
    shots(ana, f"{name}-today")
    open_medicine(ana)
    ana.press("Taken")
    ana.page.get_by_text(f"{NAME}: taken").wait_for()
    fits(ana, "one")
    shots(ana, f"{name}-one")
