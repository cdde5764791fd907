"""Check-ups: asked one at a time, help before any score after question 9, drafts that stay, a result in plain words."""

from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import called, sign_up_by_lock
from tests.browser.test_plan import write_plan

PHQ9 = "Low mood, with a question about thoughts of death"
SEVERAL = "Several days"
NEVER = "Not at all"


def begin(person: Person, sheet: str) -> None:
    """Begin a questionnaire from Today."""
    person.press("Today")
    person.press("Check-up")
    person.sees("Check-ups")
    person.page.get_by_role("button", name=sheet).click()
    person.press("Begin")


def answer(person: Person, word: str, *, place: int, of: int) -> None:
    """Answer the question that is shown, by a key: a tap waits until the page has settled."""
    person.sees(f"{place} of {of}")
    person.page.locator("h1:focus").wait_for()  # the page takes the focus when it comes
    person.page.get_by_role("button", name=word, exact=True).press("Enter")


def tap_twice(person: Person, word: str) -> None:
    """Tap an answer twice at one place, as fast as the machine does; 300 ms is what systems take for one double tap."""
    box = person.page.get_by_role("button", name=word, exact=True).bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for press in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "button": "left", "clickCount": press, **place}
            person.devtools.send("Input.dispatchMouseEvent", event)


def all_that_rests(person: Person) -> str:
    """Return a digest of everything that the browser keeps of this app."""
    digest: str = person.page.evaluate(
        """async () => {
          const open = (name) => new Promise((done, fail) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => done(asked.result);
            asked.onerror = () => fail(asked.error);
          });
          const all = (store) => new Promise((done) => {
            const asked = store.getAll();
            asked.onsuccess = () => done(asked.result);
          });
          const text = (one) => JSON.stringify(one, (_name, value) =>
            ArrayBuffer.isView(value) ? [...value] : value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value);
          let told = JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie;
          for (const { name } of await indexedDB.databases()) {
            const db = await open(name);
            for (const store of db.objectStoreNames) {
              told += store + text(await all(db.transaction(store).objectStore(store)));
            }
            db.close();
          }
          const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(told));
          return told.length + " " + [...new Uint8Array(hash)].join(" ");
        }"""
    )
    assert int(digest.split()[0]) > 1000, "nothing rests: this shows nothing"
    return digest


def test_help_comes_after_question_nine_before_any_score_and_nothing_of_it_is_kept(people: Any, shots: Any) -> None:
    ana = people()
    sign_up_by_lock(ana, "low")
    write_plan(ana)
    begin(ana, PHQ9)
    for place in range(1, 9):
        answer(ana, NEVER, place=place, of=9)
    shots(ana, "checkup-question")
    ana.page.wait_for_timeout(600)  # what was sent of the plan is through
    before = len(called(ana))
    answer(ana, SEVERAL, place=9, of=9)
    ana.sees("Are you safe right now?")
    assert "PHQ-9:" not in ana.page.locator("main").inner_text()
    # The order: own plan, people, lines.
    heads = ana.page.get_by_role("heading", level=2).all_inner_texts()
    assert [one for one in heads if one in {"My plan", "A person I trust", "Lines open now"}] == [
        "My plan", "A person I trust", "Lines open now",
    ]  # fmt: skip
    ana.page.get_by_text("I stop answering").wait_for()
    ana.page.get_by_text("Nobody is watching these answers.").wait_for()
    shots(ana, "item-nine")
    boxes = [ana.page.get_by_role("button", name=one, exact=True).bounding_box() for one in
             ("Yes, I'm safe", "I'm not sure", "No")]  # fmt: skip
    assert len({(round(one["width"]), round(one["height"])) for one in boxes}) == 1  # in equal form
    ana.page.wait_for_timeout(600)  # the answer to question 9 itself rests in the draft
    rests = all_that_rests(ana)
    ana.press("No")
    ana.page.get_by_text("Please call 999 now.").wait_for()  # this browser says en-GB
    shots(ana, "item-nine-no")
    ana.page.wait_for_timeout(600)  # a draft would rest by then
    assert all_that_rests(ana) == rests, "an answer to 'are you safe' was kept"
    assert len(called(ana)) == before, "an answer to 'are you safe' sent something"
    ana.press("Carry on")
    ana.sees("One more, which is not counted")
    ana.page.get_by_role("button", name="Somewhat difficult").click()
    ana.sees("Your result")
    ana.page.get_by_text("PHQ-9: 1 of 27").wait_for()
    ana.page.get_by_text("Your answers show few or no signs of low mood.").wait_for()
    shots(ana, "checkup-result")
    ana.press("Done")
    ana.page.get_by_text("PHQ-9: 1").wait_for()


def test_phq_8_asks_no_such_question(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("Check-up")
    ana.page.get_by_role("button", name="Low mood PHQ-8").click()
    ana.press("Begin")
    for place in range(1, 9):
        answer(ana, "Nearly every day", place=place, of=8)
    ana.page.get_by_text("PHQ-8: 24 of 24").wait_for()
    ana.page.get_by_text("Your answers show strong signs of low mood.").wait_for()


def test_what_was_answered_stays_and_help_is_met_again_before_the_rest(people: Any) -> None:
    ana = people(size=DESKTOP)
    sign_up_by_lock(ana)
    begin(ana, PHQ9)
    for place in range(1, 9):
        answer(ana, SEVERAL, place=place, of=9)
    answer(ana, SEVERAL, place=9, of=9)
    ana.sees("Are you safe right now?")
    ana.page.wait_for_timeout(600)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Check-up")
    ana.page.get_by_role("button", name=PHQ9).click()
    ana.press("Go on")
    ana.sees("Are you safe right now?")
    ana.press("Carry on")
    ana.sees("One more, which is not counted")
    ana.press("Stop here")
    ana.press("Throw it away")
    ana.page.get_by_role("button", name=PHQ9).click()
    ana.page.get_by_role("button", name="Begin").wait_for()  # nothing is left of it


def test_back_shows_what_was_answered_and_a_skipped_question_is_not_asked(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    begin(ana, "Alcohol")
    answer(ana, "Never", place=1, of=3)
    ana.sees("Your result")  # who never drinks is not asked how much
    ana.page.get_by_text("AUDIT-C: 0 of 12").wait_for()
    ana.press("Done")
    begin(ana, "Worry and tension")
    answer(ana, SEVERAL, place=1, of=7)
    ana.sees("2 of 7")
    ana.press("Back")
    ana.page.get_by_role("button", name="Several days (your answer)").wait_for()


@pytest.mark.parametrize(("face", "line"), [("very low", 1), ("low", 0)])
def test_one_quiet_line_after_a_very_low_mood_and_only_once_a_day(people: Any, face: str, line: int) -> None:
    ana = people()
    sign_up_by_lock(ana)
    said = ana.page.get_by_text("Sorry it is this hard right now.")
    for turn in range(2):
        ana.page.get_by_text(face, exact=True).first.click()
        ana.press("Save")
        ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
        ana.page.wait_for_timeout(300)
        assert said.count() == (line if turn == 0 else 0)
        ana.press("You")
        ana.press("Today")


def test_a_double_tap_answers_one_question(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    begin(ana, PHQ9)
    ana.page.evaluate("taps = []; addEventListener('pointerdown', () => taps.push(performance.now()), true)")
    for place in range(1, 9):
        ana.sees(f"{place} of 9")
        if place > 2:
            answer(ana, NEVER, place=place, of=9)
            continue
        ana.page.get_by_role("button", name=NEVER, exact=True).hover()  # once it takes taps
        tap_twice(ana, NEVER)
        first, second = ana.page.evaluate("taps.splice(0)")
        assert second - first < 300, "this was no double tap"
    # The ninth leads to help: what was meant for an answer decides nothing there.
    ana.sees("9 of 9")
    ana.page.get_by_role("button", name=SEVERAL, exact=True).hover()  # once it takes taps
    tap_twice(ana, SEVERAL)
    ana.sees("Are you safe right now?")
    ana.page.wait_for_timeout(500)
    assert ana.title() == "Are you safe right now?"
    ana.press("Carry on")
    ana.page.get_by_role("button", name="Not difficult at all").press("Enter")
    ana.sees("Your result")
    ana.page.get_by_text("1 of 27").first.wait_for()
