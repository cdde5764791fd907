"""My history: asked for nowhere, written by category, changed and removed; read by nobody unless it is shared."""

from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_calm import fits
from tests.browser.test_first_run import sign_up_by_lock


def write(person: Person, title: str, category: str | None = None, **more: str) -> None:
    """Write something of one's past."""
    person.press("Add something")
    person.sees("Add something")
    person.page.get_by_label("What was it?").fill(title)
    if category is not None:
        person.press(category)
    for label, text in more.items():
        person.page.get_by_label(label.replace("_", " ")).fill(text)
    person.press("Save")
    person.sees("My history")


def test_a_history_is_written_by_category_changed_and_removed_offline_too(people: Any) -> None:
    ana = people()
    ana.keeps_secret("the winter in hospital", "my mother's illness", "night shifts", "half a line")
    sign_up_by_lock(ana)
    ana.context.set_offline(offline=True)
    ana.press("You")
    ana.press("My history")
    ana.sees("My history")
    ana.page.get_by_text("Only you can read this, and people you share “my history” with.").wait_for()
    ana.page.get_by_text("Right now you share it with nobody.").wait_for()
    ana.press("Add something")
    ana.press("Save")
    ana.page.get_by_text("Write a few words first.").wait_for()
    ana.page.get_by_label("More, if you like").fill("half a line")
    ana.press("Today")  # left before it was saved
    ana.press("You")
    ana.press("My history")
    ana.press("Add something")
    assert ana.page.get_by_label("More, if you like").input_value() == "half a line"
    ana.press("Back")
    write(ana, "the winter in hospital", "Past care", Since_when="2019", Until_when="spring 2020")
    ana.page.get_by_text("2019 to spring 2020").wait_for()
    write(ana, "my mother's illness", "Family and relationships")
    ana.press("Add something")
    ana.page.get_by_label("What was it?").fill("night shifts")
    ana.press("Something of my own")
    ana.page.get_by_label("What you call it").fill("Work")
    ana.press("Save")
    ana.sees("My history")
    heads = ana.page.get_by_role("heading", level=2).all_inner_texts()
    assert heads == ["Past care", "Family and relationships", "Work"]  # nothing stands for what was not written
    ana.press("Add something")
    ana.page.get_by_role("button", name="Work", exact=True).wait_for()  # one's own is offered from then on
    ana.press("Today")
    assert ana.page.get_by_text("the winter in hospital").count() == 0  # it is about no day
    ana.context.set_offline(offline=False)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("My history")
    ana.page.get_by_role("button", name="the winter in hospital").click()
    ana.sees("Change it")
    ana.page.get_by_role("button", name="Past care", pressed=True).wait_for()
    ana.press("Diagnoses")
    ana.press("Save")
    ana.page.get_by_role("heading", name="Diagnoses").wait_for()
    ana.page.get_by_role("button", name="night shifts").click()
    ana.press("Remove")
    ana.press("Remove for good")
    ana.sees("My history")
    assert ana.page.get_by_text("night shifts").count() == 0


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")]
)
def test_history_pages_fit_and_axe_finds_nothing(people: Any, shots: Any, size: dict[str, int], scheme: str) -> None:
    ana = people(size={**size, "height": TALL}, scheme=scheme)
    name = f"history-{size['width']}-{scheme}"
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("My history")
    ana.sees("My history")
    fits(ana, "empty")
    shots(ana, f"{name}-empty")
    write(ana, "A winter in hospital", "Past care", Since_when="2019", More="It was quiet there.")
    write(ana, "My brother", "Family and relationships")
    fits(ana, "list")
    shots(ana, f"{name}-list")
    ana.page.get_by_role("button", name="A winter").click()
    ana.sees("Change it")
    ana.press("Something of my own")
    ana.press("Remove")
    fits(ana, "edit")
    shots(ana, f"{name}-edit")
