"""The privacy check-up: one question a page, mended there or where it is done; nothing found is one sentence."""

from typing import Any

import pytest
from playwright.sync_api import Route
from tests.browser.conftest import Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_first_run import first_mood, sign_up_by_lock
from tests.browser.test_people import befriended, share_moods
from tests.browser.test_take import looked_at, sound

DAY = 86_400


def begin(person: Person) -> None:
    """Open the check-up and its first question."""
    person.press("You")
    person.press("Privacy check-up")
    person.sees("Privacy check-up")
    person.press("Begin")


def old_phone(route: Route) -> None:
    """Tell of one more device that was last there a quarter of a year ago."""
    answer = route.fetch().json()
    here = answer["sessions"][0]
    gone = {
        **here,
        "session": ("B" if here["session"].startswith("A") else "A") + here["session"][1:],
        "here": False,
        "last_seen_at": here["last_seen_at"] - 90 * DAY,
    }
    route.fulfill(json={**answer, "sessions": [*answer["sessions"], gone]})


def test_each_question_can_be_left_out_and_is_mended_in_place(people: Any, shots: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    begin(ana)
    ana.sees("Do you still have your spare key?")
    ana.page.get_by_text("1 of 3").wait_for()
    looked_at(ana, shots, "review-spare")
    ana.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    ana.press("Open")
    ana.page.get_by_text("It opens your account.").wait_for()
    ana.press("Next")
    ana.sees("Exit leads to an empty page")
    looked_at(ana, shots, "review-exit")
    ana.press("Next")
    ana.sees("The app looks as it came")
    ana.press("Leave it so")
    ana.page.get_by_role("button", name="Leave it so", pressed=True).wait_for()
    ana.press("Next")
    ana.sees("That was all")
    # What was answered is not asked again; what was left out is.
    begin(ana)
    ana.sees("Exit leads to an empty page")
    ana.page.get_by_text("1 of 1").wait_for()
    ana.press("Choose a page")
    ana.sees("How private this looks")
    ana.page.get_by_label("Where Exit leads").fill("https://weather.example/")
    ana.press("Keep it")
    ana.press("You")
    ana.press("Privacy check-up")
    ana.page.get_by_text("there is nothing to ask.").wait_for()
    assert ana.page.get_by_role("button", name="Begin").count() == 0
    looked_at(ana, shots, "review-none")
    ana.press("Back")
    ana.sees("Your ways in and devices")


def test_a_device_that_was_long_gone_is_asked_about(people: Any, shots: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.context.route("**/v1/sessions", old_phone)
    begin(ana)
    ana.press("Next")
    ana.page.get_by_role("heading", level=1, name="still yours?").wait_for()
    ana.press("Sign out and make new keys")
    ana.page.get_by_role("button", name="Open with this device's lock").wait_for()
    looked_at(ana, shots, "review-device")


def test_a_share_that_is_broad_is_stopped_or_kept_in_place(people: Any, shots: Any) -> None:
    ana, _ = befriended(people)
    share_moods(ana)
    begin(ana)
    ana.press("Next")
    ana.sees("Ben can read: moods")
    ana.page.get_by_text("It goes back to your first entry.").wait_for()
    looked_at(ana, shots, "review-share")
    ana.press("Keep sharing")
    ana.sees("Exit leads to an empty page")
    begin(ana)
    ana.press("Next")
    ana.press("Stop sharing")
    ana.page.get_by_text("Stopped. Ben gets nothing new.").wait_for()
    ana.press("People")
    ana.page.get_by_text("Nobody can read anything of yours.").wait_for()


def test_without_an_account_that_is_told_first(people: Any) -> None:
    ana = people()
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name="With this device's lock").click()
    first_mood(ana)
    ana.press("Go on")
    ana.press("Later")
    begin(ana)
    ana.sees("Your entries are only on this device")
    sound(ana)
    ana.press("Finish setting up")


def test_offline_the_rest_is_still_asked(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("You")
    ana.context.set_offline(True)
    ana.press("Privacy check-up")
    ana.page.get_by_text("your ways in and devices are left out this time").wait_for()
    ana.press("Begin")
    ana.sees("Do you still have your spare key?")
    ana.context.set_offline(False)


@pytest.mark.parametrize(
    ("language", "button", "begins", "spare"),
    [
        ("de", "Was andere sehen können", "Anfangen", "Hast du deinen Ersatzschlüssel noch?"),
        ("es", "Qué pueden ver otros", "Empezar", "¿Aún tienes tu llave de repuesto?"),
    ],
)
def test_it_speaks_german_and_spanish(
    people: Any, shots: Any, language: str, button: str, begins: str, spare: str
) -> None:
    ana = people(size=SMALL)
    sign_up_by_lock(ana)
    ana.page.evaluate("chosen => localStorage.setItem('language', chosen)", language)
    ana.page.reload()
    ana.page.get_by_role("main").get_by_role("button").first.click()
    ana.page.locator(".bar button").nth(4).click()
    ana.press(button)
    ana.press(begins)
    ana.sees(spare)
    ana.page.set_viewport_size({**SMALL, "height": TALL})
    sound(ana)
    shots(ana, f"review-320-{language}")
