"""Locked entries: made, opened by their words and by the spare key; in no list, search or export; gone when left."""

from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_accessible import faults, too_small
from tests.browser.test_first_run import sign_up_by_lock

WORDS = "three borrowed lamps tonight"
SECRET = "what I tell nobody yet"
PAGE = b"a page of mine alone" * 50


def write(person: Person, text: str, title: str) -> None:
    """Write in the journal."""
    person.press("Today")
    person.press("Write")
    person.page.get_by_label("What is on your mind?").fill(text)
    person.page.get_by_label("A title").fill(title)
    person.press("Save")
    person.page.get_by_role("button", name=title).wait_for()


def open_lock(person: Person, words: str = WORDS) -> None:
    """Open the lock on its page."""
    person.sees("Locked entries")
    person.page.get_by_label("The lock's words").fill(words)
    person.press("Open")


def make_lock(person: Person) -> None:
    """Make a lock by words of one's own."""
    person.sees("Locked entries")
    person.press("Make a lock")
    person.page.locator(".words").wait_for()
    person.press("Use words of my own")
    person.page.get_by_label("Your own passphrase").fill(WORDS)
    person.press("Go on")
    person.page.get_by_label("Your own passphrase").fill(WORDS)
    person.press("Go on")


def test_a_locked_entry_is_nowhere_until_its_words_open_it(people: Any, shots: Any) -> None:
    ana = people()
    ana.keeps_secret(SECRET, WORDS, "Only me", "a page of mine alone")
    rows = sign_up_by_lock(ana)
    write(ana, "a day like others", "Tuesday")
    write(ana, SECRET, "Only me")
    ana.page.get_by_role("button", name="Only me").click()
    ana.press("Change it")
    page = {"name": "page.txt", "mimeType": "text/plain", "buffer": PAGE}
    ana.page.locator("input[type=file]").set_input_files(page)
    ana.page.get_by_text("page.txt", exact=False).first.wait_for()
    ana.press("Save")
    ana.page.get_by_role("button", name="Only me").click()
    ana.page.get_by_role("button", name="Save page.txt").wait_for()
    ana.press("Lock it")
    ana.sees("Locked entries")
    ana.page.get_by_text("If you lose both, nobody can open it.").wait_for()
    shots(ana, "locked-none")
    make_lock(ana)
    ana.sees("Lock this entry?")
    shots(ana, "locked-ask")
    one, other = (ana.page.get_by_role("button", name=name, exact=True) for name in ("Lock it", "Not now"))
    look = "e => [getComputedStyle(e).fontWeight, getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    assert one.evaluate(look) == other.evaluate(look)
    ana.press("Lock it")
    ana.page.get_by_role("button", name="Only me").wait_for()
    shots(ana, "locked-open")
    assert faults(ana) == []
    assert too_small(ana) == []

    # Elsewhere there is nothing of it, also not as something counted.
    ana.press("Close the lock")
    ana.sees("Journal")
    ana.page.get_by_role("button", name="Tuesday").wait_for()
    assert ana.page.get_by_role("button", name="Only me").count() == 0
    ana.page.get_by_label("Search").fill("nobody")
    ana.page.get_by_text("Locked parts are not searched.").wait_for()
    ana.press("Look back")
    ana.page.get_by_text("a day like others").wait_for()
    assert "Only me" not in ana.page.inner_text("main")
    ana.press("You")
    ana.press("Take everything")
    ana.page.get_by_text("Locked entries are in no file").wait_for()
    with ana.page.expect_download() as saved:
        ana.press("Make the file")
    written = saved.value.path().read_bytes()
    assert b"a day like others" in written
    assert SECRET.encode() not in written

    # Words that are wrong change nothing; the right ones open it; leaving the page closes it.
    ana.press("Today")
    ana.press("Write")
    ana.press("Locked entries")
    open_lock(ana, "three borrowed lamps yesterday")
    ana.page.get_by_text("That does not open the lock.").wait_for()
    shots(ana, "locked-closed")
    open_lock(ana)
    ana.page.get_by_role("button", name="Only me").click()
    ana.page.get_by_text(SECRET).wait_for()
    shots(ana, "locked-entry")
    with ana.page.expect_download() as saved:
        ana.press("Save page.txt")
    assert saved.value.path().read_bytes() == PAGE
    ana.press("Today")
    ana.press("Write")
    ana.press("Locked entries")
    ana.sees("Locked entries")
    ana.page.get_by_label("The lock's words").wait_for()
    assert SECRET not in ana.page.content()

    # Who has lost the words has the spare key.
    ana.press("Use the spare key instead")
    ana.page.get_by_label("Your spare key, all eight rows").fill("\n".join(rows))
    ana.press("Open")
    ana.page.get_by_role("button", name="Only me").wait_for()


def test_writing_under_the_lock_keeps_a_draft_under_it_too(people: Any, shots: Any) -> None:
    ana = people(size=DESKTOP)
    ana.keeps_secret(SECRET, "half a thought", WORDS)
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.press("Locked entries")
    make_lock(ana)
    ana.page.get_by_text("Nothing is locked yet.").wait_for()
    ana.press("Write a locked entry")
    ana.page.get_by_label("What is only for you?").fill("half a thought")
    ana.page.wait_for_timeout(900)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    assert "half a thought" not in ana.page.content()
    ana.press("Write")
    ana.sees("Journal")
    assert ana.page.get_by_label("What is on your mind?").input_value() == ""
    ana.press("Locked entries")
    open_lock(ana)
    ana.press("Write a locked entry")
    writing = ana.page.get_by_label("What is only for you?")
    ana.page.wait_for_function("() => document.querySelector('textarea')?.value === 'half a thought'")
    shots(ana, "locked-write")
    writing.fill(SECRET)
    ana.press("Save it locked")
    ana.page.get_by_text("Saved. It is locked.").wait_for()
    ana.page.get_by_role("button", name=SECRET).click()
    ana.press("Change it")
    ana.page.get_by_label("A title").fill("Mine")
    ana.press("Save it locked")
    ana.page.get_by_role("button", name="Mine").click()
    ana.press("Take the lock off")
    ana.page.get_by_text("It is back in your journal.").wait_for()
    ana.press("End the lock")
    ana.press("End it")
    ana.page.get_by_text("The lock is gone.").wait_for()
    ana.press("Back")
    ana.page.get_by_role("button", name="Mine").click()
    ana.page.get_by_text(SECRET).wait_for()


def test_a_file_joins_what_is_written_under_the_lock_and_waits_under_it(people: Any, shots: Any) -> None:
    ana = people()
    ana.keeps_secret(SECRET, WORDS, "a page of mine alone", "page.txt")
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.press("Locked entries")
    make_lock(ana)
    ana.page.get_by_text("Nothing is locked yet.").wait_for()
    ana.press("Write a locked entry")
    page = {"name": "page.txt", "mimeType": "text/plain", "buffer": PAGE}
    ana.page.locator("input[type=file]").set_input_files(page)
    ana.page.get_by_role("button", name="Take away page.txt").wait_for()
    ana.page.get_by_label("What is only for you?").fill(SECRET)
    ana.page.wait_for_timeout(900)
    shots(ana, "locked-write-file")
    assert faults(ana) == []
    assert too_small(ana) == []

    # The page is closed before it was saved: the file waits under the lock, as the words do, and nowhere else.
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    ana.press("Write")
    ana.sees("Journal")
    ana.page.get_by_role("button", name="Save", exact=True).wait_for()
    ana.page.wait_for_timeout(600)
    assert "page.txt" not in ana.page.content()
    ana.press("Locked entries")
    open_lock(ana)
    ana.press("Write a locked entry")
    ana.page.get_by_role("button", name="Take away page.txt").wait_for()
    ana.press("Save it locked")
    ana.page.get_by_text("Saved. It is locked.").wait_for()
    ana.page.get_by_role("button", name=SECRET).click()
    with ana.page.expect_download() as saved:
        ana.press("Save page.txt")
    assert saved.value.path().read_bytes() == PAGE

    # One more joins it when it is changed, and all of them leave the lock with it.
    ana.press("Change it")
    ana.page.locator("input[type=file]").set_input_files({**page, "name": "more.txt"})
    ana.page.get_by_role("button", name="Take away more.txt").wait_for()
    ana.press("Save it locked")
    ana.page.get_by_role("button", name=SECRET).click()
    ana.page.get_by_role("button", name="Save more.txt").wait_for()
    ana.press("Take the lock off")
    ana.page.get_by_text("It is back in your journal.").wait_for()
    ana.press("Close the lock")
    ana.page.get_by_role("button", name=SECRET).click()
    for name in ("page.txt", "more.txt"):
        with ana.page.expect_download() as saved:
            ana.press(f"Save {name}")
        assert saved.value.path().read_bytes() == PAGE
