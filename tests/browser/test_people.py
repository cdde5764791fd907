"""Two people: an invitation, an answer, a share, a stop; and what each of them sees at each step."""

import datetime
from collections.abc import Callable
from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import sign_up_by_lock


def befriended(people: Any) -> tuple[Person, Person]:
    """Return Ana and Ben, who know each other by Ana's link."""
    ana, ben = people(), people(size=DESKTOP)
    sign_up_by_lock(ana, "good")
    sign_up_by_lock(ben, "so-so")
    ana.press("People")
    ana.page.get_by_text("Nobody can read anything of yours.").wait_for()
    ana.press("Add a person")
    ana.sees("Invite one person")
    link = ana.page.get_by_label("Copy the link").input_value()
    assert "#invite=" in link
    ana.keeps_secret(link.partition("#invite=")[2])
    ben.keeps_secret(link.partition("#invite=")[2])
    ben.page.goto("about:blank")
    ben.page.goto(link)
    assert "#" not in ben.page.evaluate("location.href"), "the link's secret stays in the address"
    ben.sees("Open your notes")
    ben.press("Open with this device's lock")
    ben.sees("Someone wants to share with you")
    ben.page.get_by_label("Your name, as they should see it").fill("Ben")
    ben.page.get_by_label("What you call them").fill("Ana")
    ben.press("Answer")
    ben.page.get_by_text("Answered. When they share something, it shows here.").wait_for()
    ben.page.get_by_role("button", name="Ana").wait_for()
    ana.press("See if they answered")
    ana.page.get_by_text("Ben answered.").wait_for()
    ana.page.get_by_role("button", name="Ben").wait_for()
    return ana, ben


def share_moods(ana: Person, purpose: str = "To help me", look: Callable[[], None] = lambda: None) -> None:
    """Share moods with Ben: what, from when, until when, for what, agree."""
    ana.page.get_by_role("button", name="Ben").click()
    ana.sees("Ben")
    ana.press("Share something")
    ana.sees("What do you want to share with Ben?")
    ana.page.get_by_role("button", name="moods").click()
    ana.sees("From which month on?")
    ana.page.get_by_role("button", name="From the beginning").click()
    ana.sees("Until when?")
    ana.press("Go on")
    ana.sees("This is what Ben will see")
    ana.page.locator(".rows strong", has_text="good").wait_for()
    ana.press("Go on")
    ana.sees("Share moods with Ben?")
    ana.page.get_by_label("What may they use it for?").select_option(label=purpose)
    look()
    ana.press("Share it")
    ana.page.get_by_text("Ben can now read moods.").wait_for()
    ana.page.get_by_text("can read: moods").wait_for()


LOGGED = "The server's public log has this person's newest keys: you see the same ones as everyone."


def test_a_share_begins_shows_and_stops(people: Any, shots: Any) -> None:
    ana, ben = befriended(people)
    share_moods(ana)
    ana.press("Back")
    ana.press("See if they answered")
    ana.page.get_by_text("No answer yet").wait_for()
    ana.page.get_by_role("button", name="Ben").click()
    ana.page.get_by_text(LOGGED).wait_for()  # read from the server's own log, and verified
    shots(ana, "person")
    words = ana.page.locator(".words").inner_text()
    ben.press("See if they answered")  # it also looks for what is new
    ben.page.get_by_role("button", name="Ana").click()
    ben.sees("Ana")
    assert ben.page.locator(".words").inner_text() == words
    ben.page.locator(".rows strong", has_text="good").wait_for()
    shots(ben, "shared-with-me")
    # What Ana writes next reaches Ben; what is Ben's own stays apart.
    assert ben.page.locator(".rows strong", has_text="so-so").count() == 0
    # Stopping: two taps from the person, fewer than giving.
    ana.page.get_by_role("button", name="Stop sharing moods").click()
    ana.sees("Stop sharing with Ben?")
    ana.page.get_by_role("button", name="Stop sharing moods").click()
    ana.page.get_by_text("Stopped. Ben gets nothing new.").wait_for()
    ana.press("Today")
    ana.page.get_by_text("very low", exact=True).click()
    ana.press("Save")
    ana.page.locator(".rows strong", has_text="very low").wait_for()
    ana.page.get_by_text("waits on this device").wait_for(state="detached")
    ben.press("Back")
    ben.press("See if they answered")
    ben.page.get_by_text("nothing is shared").wait_for()


def test_a_share_that_ends_soon_is_told_on_today_and_no_other_is(people: Any) -> None:
    ana, _ben = befriended(people)
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Share something")
    ana.page.get_by_role("button", name="moods").click()
    ana.page.get_by_role("button", name="This month").click()
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=7)
    ana.page.get_by_label("Last day").fill(day.isoformat())
    ana.press("Go on")
    ana.press("Go on")
    ana.press("Share it")
    ana.page.get_by_text("Ben can now read moods.").wait_for()
    ana.press("Today")
    ana.page.get_by_text(f"Your share with Ben ends on {day.day} {day:%b} {day.year}.").wait_for()
    ana.page.clock.set_fixed_time(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1))
    ana.press("You")
    ana.press("Today")
    ana.sees("How are you right now?")
    assert ana.page.get_by_text("Your share with Ben ends on").count() == 0  # eight days before it


def test_single_entries_are_shared_as_copies_and_go_when_it_ends(people: Any, shots: Any) -> None:
    ana, ben = befriended(people)
    ana.keeps_secret("for Ben", "not for Ben", "bytes of a scan")
    for text in ("not for Ben", "for Ben"):
        ana.press("Today")
        ana.press("Write")
        ana.page.get_by_label("What is on your mind?").fill(text)
        ana.page.get_by_label("A title").fill(text)
        if text == "for Ben":
            scan = {"name": "scan.txt", "mimeType": "text/plain", "buffer": b"bytes of a scan" * 99}
            ana.page.locator("input[type=file]").set_input_files(scan)
            ana.page.get_by_text("scan.txt", exact=False).first.wait_for()
        ana.press("Save")
        ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    ana.press("People")
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Share something")
    ana.page.get_by_role("button", name="single entries").click()
    ana.press("Go on")
    ana.page.get_by_text("Pick at least one first.").wait_for()
    ana.page.get_by_role("checkbox", name="for Ben", exact=False).first.check()
    shots(ana, "share-pick")
    ana.press("Go on")
    ana.press("Go on")
    ana.sees("This is what Ben will see")
    ana.page.get_by_text("Copies of these: 1. Nothing that you write later goes along.").wait_for()
    ana.page.get_by_text("scan.txt").wait_for()
    shots(ana, "share-look")
    ana.press("Go on")
    ana.sees("Share single entries with Ben?")
    ana.page.get_by_text("They can read copies of what you picked (1), with their files.").wait_for()
    ana.press("Share it")
    ana.page.get_by_text("Ben can now read single entries.").wait_for()
    ben.press("See if they answered")
    ben.page.get_by_role("button", name="Ana").click()
    ben.page.locator(".rows strong", has_text="for Ben").wait_for()
    assert ben.page.locator(".rows li").filter(has_text="not for Ben").count() == 0
    shots(ben, "shared-copy")
    with ben.page.expect_download() as saved:
        ben.press("Save scan.txt")
    assert saved.value.path().read_bytes() == b"bytes of a scan" * 99
    # One has each entry once, and the copy is gone once it ends.
    ana.press("Look back")
    ana.page.locator(".rows strong", has_text="for Ben").nth(1).wait_for()
    assert ana.page.locator(".rows strong", has_text="for Ben").count() == 2
    ana.press("People")
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Stop sharing single entries")
    ana.press("Stop sharing single entries")
    ana.page.get_by_text("Stopped. Ben gets nothing new.").wait_for()


def test_devices_are_shown_and_one_is_put_out(people: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    laptop = people(size=DESKTOP, prf=None)
    laptop.open()
    laptop.press("I already use this")
    laptop.page.get_by_role("button", name="With the spare key").click()
    laptop.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    laptop.press("Open")
    laptop.sees("How are you right now?")
    ana.press("You")
    ana.page.get_by_text("this device").wait_for()
    ana.press("Sign out and make new keys")
    ana.press("Open with this device's lock")
    ana.page.get_by_text("this device").wait_for()
    ana.page.get_by_role("button", name="Sign out and make new keys").wait_for(state="detached")
    # The laptop reads and writes on; it sends nothing, and says so.
    laptop.page.get_by_text("low", exact=True).click()
    laptop.press("Save")
    laptop.page.get_by_text("waits on this device").wait_for()
    laptop.page.get_by_role("alert").get_by_text("signed out").wait_for()
    ana.press("Today")
    ana.page.get_by_text("very good", exact=True).click()
    ana.press("Save")
    ana.page.get_by_text("waits on this device").wait_for(state="detached")


def test_leaving_takes_two_ways_in_and_leaves_nothing(people: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Delete everything")
    ana.sees("Delete everything")
    ana.press("Delete it all")
    ana.press("Open with this device's lock")
    ana.page.get_by_label("Spare key, all eight rows").fill(" ".join(rows))
    ana.press("Open")
    ana.sees("Everything is deleted.")
    ana.page.reload()
    ana.sees("A private place for how you are")
    back = people(prf=None)
    back.open()
    back.press("I already use this")
    back.page.get_by_role("button", name="With the spare key").click()
    back.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    back.press("Open")
    back.page.get_by_role("alert").get_by_text("not right").wait_for()


def test_a_second_tab_says_where_it_is_open(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    other = ana.context.new_page()
    other.goto(ana.url)
    other.get_by_role("heading", name="Open in another tab").wait_for()
    ana.page.close()
    other.reload()
    other.get_by_role("heading", name="Open your notes").wait_for()


def test_a_new_device_is_let_in_by_the_square_that_it_shows(people: Any, shots: Any) -> None:
    ana = people()
    sign_up_by_lock(ana, "very good")
    tablet = people(size=DESKTOP)
    tablet.open()
    tablet.press("I already use this")
    tablet.page.get_by_role("button", name="With a device where it is open").click()
    tablet.page.get_by_role("button", name="With this device's lock").click()
    tablet.sees("Scan this with the other device")
    link = tablet.page.get_by_label("Copy the link").input_value()
    assert "/#pair=" in link
    shots(tablet, "pair")
    for one in (ana, tablet):
        one.keeps_secret(link.partition("#pair=")[2])
    ana.page.goto(link)  # as the phone's camera would
    ana.sees("Let a new device in?")
    assert "#" not in ana.page.evaluate("location.href")
    ana.press("Let it in")
    ana.press("Open with this device's lock")
    ana.page.get_by_text("It was let in.").wait_for()
    tablet.sees("How are you right now?")
    tablet.press("Look back")
    tablet.page.locator(".rows strong", has_text="very good").wait_for()
    tablet.page.reload()
    tablet.press("Open with this device's lock")
    tablet.sees("How are you right now?")
    tablet.page.get_by_text("low", exact=True).click()
    tablet.press("Save")
    tablet.page.get_by_text("waits on this device").wait_for(state="detached")
