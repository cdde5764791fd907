"""Moods with more than a face, and the journal: drafts, search, files, later changes; nothing leaves unsealed."""

import re
from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import sign_up_by_lock


def choose(person: Person, mood: str) -> None:
    """Choose a face."""
    person.page.get_by_role("radio", name=mood, exact=True).check(force=True)


def test_a_mood_takes_time_tags_sleep_and_craving_and_can_be_changed(people: Any, shots: Any) -> None:
    ana = people()
    ana.keeps_secret("long walk", "cigarettes", "tired but fine")
    sign_up_by_lock(ana)
    choose(ana, "so-so")
    ana.press("More")
    ana.page.get_by_label("When").fill("2026-01-02T08:30")
    ana.page.get_by_label("Add your own").first.fill("long walk")
    ana.page.get_by_role("button", name="Add", exact=True).first.click()
    ana.page.get_by_role("button", name="long walk", pressed=True).wait_for()
    ana.page.get_by_label("Note").fill("tired but fine")
    ana.press("Last night's sleep")
    ana.page.get_by_label("Fell asleep").fill("23:30")
    ana.page.get_by_label("Woke up").fill("06:00")
    ana.page.get_by_role("button", name="bad", exact=True).click()
    ana.press("Craving")
    ana.page.get_by_role("slider", name=re.compile("How strong")).fill("7")
    ana.page.get_by_label("For what?").fill("cigarettes")
    shots(ana, "mood-more")
    # It locks by itself after a while: nothing of it is lost.
    ana.page.wait_for_timeout(600)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.page.get_by_role("button", name="long walk", pressed=True).wait_for()
    assert ana.page.get_by_role("radio", name="so-so", exact=True).is_checked()
    assert ana.page.get_by_label("Note").input_value() == "tired but fine"
    assert ana.page.get_by_label("For what?").input_value() == "cigarettes"
    ana.page.get_by_label("When").fill("2199-01-02T08:30")
    ana.page.get_by_text("That is not yet.").wait_for()
    assert ana.page.get_by_label("When").input_value() == "2026-01-02T08:30"
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    ana.press("Look back")
    row = ana.page.locator("li", has_text="tired but fine")
    row.get_by_text("2 Jan 2026, 08:30").wait_for()
    ana.page.locator("li", has_text="cravings").wait_for()
    ana.page.locator("li", has_text="sleep").first.wait_for()
    row.get_by_role("button", name="Change").click()
    ana.sees("Change this entry")
    ana.page.get_by_role("button", name="long walk", pressed=True).wait_for()
    choose(ana, "good")
    ana.press("Save")
    ana.sees("Look back")
    ana.page.locator("li", has_text="tired but fine").get_by_text("good", exact=True).wait_for()
    # Offered again, most used first; nothing is noted that nobody added, and nothing of the last time is left.
    ana.press("Today")
    ana.press("More")
    ana.page.get_by_role("button", name="long walk", pressed=False).wait_for()
    choose(ana, "low")
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    ana.press("Look back")
    ana.page.locator("li", has_text="cravings").wait_for()
    assert ana.page.locator("main li", has_text="cravings").count() == 1


def test_the_journal_keeps_drafts_finds_words_and_holds_files(people: Any, shots: Any) -> None:
    ana = people(size=DESKTOP)
    ana.keeps_secret("the garden in the rain", "secret picture bytes", "Zoë came by")
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.sees("Journal")
    ana.press("Give me a question")
    ana.page.get_by_label("What is on your mind?").fill("the garden in")
    ana.page.wait_for_timeout(600)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Write")
    assert ana.page.get_by_label("What is on your mind?").input_value() == "the garden in"
    ana.page.get_by_label("What is on your mind?").fill("the garden in the rain")
    ana.page.get_by_label("A title").fill("Zoë came by")
    ana.page.locator("input[type=file]").set_input_files(
        {"name": "rain.txt", "mimeType": "text/plain", "buffer": b"secret picture bytes" * 100}
    )
    ana.page.get_by_text("rain.txt", exact=False).first.wait_for()
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    assert ana.page.get_by_label("What is on your mind?").input_value() == ""
    ana.page.get_by_label("Search").fill("zoe RAIN")  # no accents, no capitals, any order
    ana.page.get_by_role("button", name="Zoë came by").wait_for()
    ana.page.get_by_label("Search").fill("snow")
    ana.page.get_by_text("No entry has these words.").wait_for()
    ana.page.get_by_label("Search").fill("")
    shots(ana, "journal")
    ana.page.get_by_text("waits on this device").wait_for(state="detached")  # its file is read from the server
    ana.page.get_by_role("button", name="Zoë came by").click()
    ana.sees("Zoë came by")
    ana.page.get_by_text("the garden in the rain").wait_for()
    shots(ana, "journal-entry")
    with ana.page.expect_download() as saved:
        ana.press("Save rain.txt")
    assert saved.value.path().read_bytes() == b"secret picture bytes" * 100
    ana.press("Change it")
    ana.page.get_by_label("What is on your mind?").fill("the garden in the sun")
    ana.press("Save")
    ana.page.get_by_text("the garden in the sun").wait_for()
    ana.page.get_by_role("button", name="Zoë came by").click()
    ana.page.get_by_role("button", name="Save rain.txt").wait_for()  # what was attached stays
    ana.press("Remove")
    ana.press("Remove for good")
    ana.page.get_by_text("Nothing written yet.").wait_for()
