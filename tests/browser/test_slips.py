"""What a person may get wrong, take back or find broken: nothing is lost by one press, and no page is a dead end."""

import sqlite3
import time
from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators.server import Running

GOES = "It goes from here and from the server, and can't be brought back. Who has read it may keep it."


def test_an_entry_is_removed_by_two_presses_and_kept_by_one(people: Any, shots: Any) -> None:
    ana = people()
    sign_up_by_lock(ana, "good")
    ana.press("Look back")
    ana.press("Remove")
    ana.page.get_by_text(GOES).wait_for()
    shots(ana, "remove")
    ana.press("Keep it")
    ana.page.get_by_text(GOES).wait_for(state="detached")
    ana.page.locator(".rows strong", has_text="good").wait_for()
    ana.press("Remove")
    ana.press("Remove for good")
    ana.page.get_by_text("Your days will show here once you have written.").wait_for()
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Look back")
    ana.page.get_by_text("Your days will show here once you have written.").wait_for()


def _pairing(tablet: Person) -> None:
    tablet.open()
    tablet.press("I already use this")
    tablet.page.get_by_role("button", name="With a device where it is open").click()
    tablet.page.get_by_role("button", name="With this device's lock").click()
    tablet.sees("Scan this with the other device")


def test_a_device_that_waits_goes_on_after_a_moment_offline_and_can_be_given_up(people: Any) -> None:
    tablet = people()
    _pairing(tablet)
    tablet.page.get_by_text("Waiting for the other device.").wait_for()
    tablet.context.set_offline(offline=True)
    tablet.page.get_by_text("You are offline. This goes on when you are back.").wait_for()
    tablet.context.set_offline(offline=False)
    tablet.page.get_by_text("Waiting for the other device.").wait_for()
    tablet.press("Back")
    tablet.sees("A private place for how you are")
    tablet.page.reload()
    tablet.sees("A private place for how you are")  # nothing of it stays


def test_a_square_whose_time_is_over_says_so_and_another_is_shown(people: Any, server: Running) -> None:
    tablet = people()
    _pairing(tablet)
    first = tablet.page.get_by_label("Copy the link").input_value()
    with sqlite3.connect(next(server.data.glob("*.db")), timeout=10) as db:  # ten minutes pass for the server
        changed = db.execute("UPDATE accounts_pairing SET expires_at = ?", (int(time.time()) - 1,)).rowcount
    assert changed > 0
    tablet.page.get_by_text("No device waits here under this link (any more).").wait_for()
    tablet.press("Show a new square")
    tablet.page.get_by_text("Waiting for the other device.").wait_for()
    assert tablet.page.get_by_label("Copy the link").input_value() != first


def test_a_passkey_that_was_refused_is_told_from_what_else_went_wrong(people: Any) -> None:
    ana = people()
    ana.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": ana.authenticator, "isUserVerified": False})
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name="With this device's lock").click()
    ana.page.get_by_text("Nothing was set up. You can try again, or choose words.").wait_for()
    # This authenticator stays blocked after a refusal; a finger that is known now comes with another.
    ana.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": ana.authenticator})
    ana.given()
    ana.page.get_by_role("button", name="With this device's lock").click()
    ana.sees("How are you right now?")


def test_a_note_that_was_begun_is_there_again_after_another_tab_and_after_leaving(people: Any) -> None:
    ana = people()
    ana.keeps_secret("half a thought")
    sign_up_by_lock(ana, "low")
    ana.page.get_by_text("so-so", exact=True).click()
    ana.press("Save")
    ana.press("Add a note")
    ana.page.get_by_label("Note").fill("half a")
    ana.press("People")  # at once: before half a second is over
    ana.press("Today")
    ana.page.get_by_label("Note").wait_for()
    assert ana.page.get_by_label("Note").input_value() == "half a"
    ana.page.get_by_label("Note").fill("half a thought")
    ana.page.wait_for_timeout(600)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.page.get_by_label("Note").wait_for()
    assert ana.page.get_by_label("Note").input_value() == "half a thought"
    ana.press("Save note")
    ana.page.locator(".entry-text", has_text="half a thought").wait_for()
    # That of an entry in Look back, too, is there where it was begun.
    ana.press("Look back")
    ana.page.get_by_role("button", name="Note").last.click()
    ana.page.get_by_role("textbox", name="Note").fill("of the first")
    ana.press("People")
    ana.press("Look back")
    assert ana.page.get_by_role("textbox", name="Note").input_value() == "of the first"
    ana.press("Save note")
    ana.page.locator(".entry-text", has_text="of the first").wait_for()
    ana.press("People")
    ana.press("Today")
    ana.sees("How are you right now?")
    ana.page.locator(".rows strong", has_text="so-so").wait_for()
    assert ana.page.get_by_label("Note").count() == 0


def _noted(person: Person, note: str) -> None:
    person.press("Look back")
    person.press("Note")
    person.page.get_by_role("textbox", name="Note").fill(note)
    person.press("Save note")
    person.page.locator(".entry-text", has_text=note).wait_for()


def test_two_edits_that_met_are_both_kept(people: Any, shots: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana, "so-so")
    ana.keeps_secret("from the phone", "from the laptop")
    laptop = people(size=DESKTOP, prf=None)
    laptop.open()
    laptop.press("I already use this")
    laptop.page.get_by_role("button", name="With the spare key").click()
    laptop.page.get_by_role("textbox").fill(" ".join(rows))
    laptop.press("Open")
    laptop.sees("How are you right now?")
    for person in (ana, laptop):
        person.press("Look back")  # fetched once: the service worker of a new device may not have it all yet
        person.page.get_by_role("button", name="Note", exact=True).wait_for()
        person.context.set_offline(offline=True)
    _noted(ana, "from the phone")
    _noted(laptop, "from the laptop")
    for person in (ana, laptop, ana):  # the second to come finds the other's change, and keeps both
        person.context.set_offline(offline=False)
        person.press("People")
        with person.page.expect_response(lambda one: one.url.endswith("/v1/collections")):
            person.press("See if they answered")
        person.page.get_by_text("No answer yet.").wait_for()
    for person in (ana, laptop):
        person.press("Look back")
        person.page.get_by_text("Two edits met. Both are kept.").wait_for()
        notes = sorted(person.page.locator(".entry-text").all_inner_texts())
        assert notes == ["from the laptop", "from the phone"]
    shots(laptop, "conflict")
