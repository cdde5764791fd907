"""Breathing, grounding, guided rest: offline, silent unless asked, noted only when pressed, still on request."""

from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL, faults, too_small
from tests.browser.test_checkups import NEVER, PHQ9, SEVERAL, answer, begin
from tests.browser.test_first_run import sign_up_by_lock

MINUTE_MS = 61_000
RING = "document.querySelector('.breath-air').getAttribute('r')"
SOUND = """
  window.sounds = [];
  class Fake extends AudioContext {
    createOscillator() { window.sounds.push('tone'); return super.createOscillator(); }
    close() { window.sounds.push('closed'); return super.close(); }
  }
  window.AudioContext = Fake;
  const local = { name: 'own', lang: 'en-GB', localService: true };
  const remote = { name: 'far', lang: 'en-US', localService: false };
  window.voices = [remote];
  speechSynthesis.getVoices = () => window.voices;
  speechSynthesis.speak = (one) => window.sounds.push(one.text);
  speechSynthesis.cancel = () => window.sounds.push('quiet');
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  window.localVoice = () => {
    window.voices = [remote, local];
    speechSynthesis.dispatchEvent(new Event('voiceschanged'));
  };
"""
"""What would sound, in place of sound; a voice of somebody's server first, then one of this device's own."""


def fits(person: Person, view: str) -> None:
    """Raise if axe finds something, a target is small, or the page scrolls sideways."""
    assert faults(person) == [], view
    assert too_small(person) == [], view
    wide = person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{view} scrolls sideways"


def breathe_to_the_end(person: Person) -> None:
    """Start, and let a minute pass."""
    person.press("Start")
    person.page.get_by_role("button", name="Stop", exact=True).wait_for()
    person.page.clock.run_for(MINUTE_MS)
    person.page.get_by_role("button", name="Start", exact=True).wait_for()


def test_a_minute_of_breathing_offline_is_noted_only_when_it_is_pressed(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.context.set_offline(offline=True)
    ana.page.clock.install()
    ana.press("Breathe")
    ana.sees("Breathe")
    resting = ana.page.evaluate(RING)
    breathe_to_the_end(ana)
    assert ana.page.evaluate(RING) == resting, "the ring moved for somebody who wants no movement"
    ana.page.get_by_text("The time is over.").first.wait_for()
    ana.press("Back")
    ana.sees("How are you right now?")
    assert ana.page.get_by_text("Breathing", exact=True).count() == 0  # nothing is recorded by itself
    ana.press("Breathe")
    breathe_to_the_end(ana)
    ana.press("Note it")
    ana.page.get_by_text("Noted. Sealed on this device.").wait_for()
    ana.press("Back")
    ana.page.get_by_text("Breathing", exact=True).wait_for()
    ana.context.set_offline(offline=False)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.page.get_by_text("Breathing", exact=True).wait_for()


def test_the_ring_moves_with_the_breath_and_stops_at_once(people: Any) -> None:
    ana = people(size=DESKTOP)
    ana.page.emulate_media(reduced_motion="no-preference")
    sign_up_by_lock(ana)
    ana.page.clock.install()
    ana.press("Plan")
    ana.press("Breathe")
    ana.press("3 minutes")
    ana.press("Start")
    assert ana.page.locator(".breath-steps").count() == 0
    ana.page.clock.run_for(500)
    small = float(ana.page.evaluate(RING))
    ana.page.clock.run_for(3_300)
    assert float(ana.page.evaluate(RING)) > small + 30
    ana.page.locator(".breath", has_text="4").wait_for()
    ana.page.clock.run_for(1_000)
    ana.page.locator(".breath", has_text="Breathe out").wait_for()
    ana.press("Stop")
    assert ana.page.get_by_role("button", name="Note it").count() == 0  # too short to be anything
    assert ana.page.evaluate("document.activeElement.textContent") == "Start"  # the focus stays where it was
    ana.press("Back")
    ana.sees("My plan for hard days")  # where it was opened from
    ana.press("Breathe")
    ana.page.get_by_role("button", name="3 minutes", pressed=True).wait_for()


def test_nothing_sounds_by_itself_only_own_voices_speak_and_all_is_silent_at_exit(people: Any) -> None:
    ana = people()
    ana.context.add_init_script(SOUND)
    sign_up_by_lock(ana)
    ana.page.clock.install()
    ana.press("Breathe")
    ana.press("Start")
    ana.page.clock.run_for(12_000)
    ana.press("Stop")
    assert set(ana.page.evaluate("sounds")) <= {"quiet"}
    assert ana.page.get_by_label("Spoken words").count() == 0, "a voice of somebody's server was offered"
    ana.page.evaluate("localVoice()")
    ana.page.get_by_label("Spoken words").check()
    ana.page.get_by_label("A soft tone").check()
    ana.press("Start")
    ana.page.clock.run_for(5_000)
    told = ana.page.evaluate("sounds")
    heard = [one for one in told if one in {"tone", "Breathe in", "Breathe out"}]
    assert heard == ["tone", "Breathe in", "tone", "Breathe out"]
    # Exit takes the page away at once: what is called last is told to the test, not kept on the page.
    called: list[str] = []
    ana.page.expose_function("told", lambda one: called.append(one))  # the driver marks what it is given
    ana.page.evaluate("sounds.push = (one) => { told(one); return 0; }")
    ana.press("Exit")
    ana.page.wait_for_url("about:blank")
    assert {"closed", "quiet"} <= set(called)


def test_grounding_keeps_nothing_that_was_typed_unless_it_is_asked_to(people: Any) -> None:
    ana = people()
    ana.keeps_secret("a blue lamp", "the bus outside")
    sign_up_by_lock(ana)
    ana.context.set_offline(offline=True)

    def go_through() -> None:
        ana.press("Breathe")
        ana.page.get_by_role("button", name="Grounding").click()
        ana.sees("5 things you can see")
        ana.page.get_by_label("Write, if it helps").fill("a blue lamp")
        ana.press("Next")
        ana.sees("4 things you can feel")
        ana.press("Back")
        assert ana.page.get_by_label("Write, if it helps").input_value() == "a blue lamp"
        ana.press("Next")
        ana.press("Next")
        ana.sees("3 things you can hear")
        ana.page.get_by_label("Write, if it helps").fill("the bus outside")
        ana.press("Next")
        ana.press("Next")
        ana.sees("1 thing you can taste")
        ana.press("Next")
        ana.sees("That was the last step")

    go_through()
    ana.press("Done")
    ana.press("Today")
    ana.press("Breathe")
    ana.page.get_by_role("button", name="Grounding").click()
    assert ana.page.get_by_label("Write, if it helps").input_value() == ""
    ana.press("Today")
    assert ana.page.get_by_text("a blue lamp").count() == 0
    go_through()
    ana.press("Keep what I wrote")
    ana.page.get_by_text("Noted. Sealed on this device.").wait_for()
    ana.press("Today")
    ana.page.locator("li", has_text="a blue lamp").get_by_text("Grounding", exact=True).wait_for()
    ana.context.set_offline(offline=False)
    ana.press("Look back")  # and now it is sent, sealed
    ana.page.wait_for_timeout(500)


def test_lines_of_rest_go_on_by_themselves_wait_and_go_back(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.page.clock.install()
    ana.press("Breathe")
    ana.page.get_by_role("button", name="Guided rest").click()
    ana.sees("Guided rest")
    ana.page.get_by_role("button", name="Kind words").click()
    first = ana.page.get_by_text("You need not feel anything here.")
    second = ana.page.get_by_text("Put a hand on your chest")
    first.wait_for()
    ana.page.clock.run_for(14_000)
    second.wait_for()
    ana.press("Pause")
    ana.page.clock.run_for(60_000)
    second.wait_for()
    ana.press("Line before")
    first.wait_for()
    ana.press("Go on")
    ana.page.clock.run_for(14_000)
    second.wait_for()
    for _one in range(8):
        ana.press("Next")
    ana.page.get_by_text("That was the last line.").wait_for()
    ana.press("Done")
    ana.sees("Guided rest")


def test_breathing_within_a_check_up_loses_nothing_of_it(people: Any) -> None:
    ana = people(size={**PHONE, "height": TALL})
    sign_up_by_lock(ana)
    begin(ana, PHQ9)
    for place in range(1, 9):
        answer(ana, NEVER, place=place, of=9)
    answer(ana, SEVERAL, place=9, of=9)
    ana.sees("Are you safe right now?")
    ana.press("I'm not sure")
    ana.press("Breathe")
    ana.sees("Breathe")
    ana.page.clock.install()
    breathe_to_the_end(ana)
    assert ana.page.get_by_role("button", name="Note it").count() == 0  # help leaves no trace
    fits(ana, "breathing in a check-up")
    ana.press("Back")
    ana.sees("Are you safe right now?")
    ana.page.get_by_role("button", name="I'm not sure", pressed=True).wait_for()
    ana.press("Carry on")
    ana.sees("One more, which is not counted")


def test_breathing_is_one_press_away_after_a_very_low_mood(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.page.get_by_text("very low", exact=True).first.click()
    ana.press("Save")
    ana.page.locator(".notice").get_by_role("button", name="Breathe").click()
    ana.sees("Breathe")


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")]
)
def test_calm_pages_fit_and_axe_finds_nothing(people: Any, shots: Any, size: dict[str, int], scheme: str) -> None:
    ana = people(size={**size, "height": TALL}, scheme=scheme)
    name = f"calm-{size['width']}-{scheme}"
    sign_up_by_lock(ana)
    ana.press("Breathe")
    ana.sees("Breathe")
    fits(ana, "breathe")
    ana.page.set_viewport_size(size)
    shots(ana, f"{name}-breathe")
    ana.press("Start")
    ana.page.wait_for_timeout(2500)
    fits(ana, "breathing")
    shots(ana, f"{name}-breathing")
    ana.press("Stop")
    ana.page.get_by_role("button", name="Grounding").click()
    ana.sees("5 things you can see")
    fits(ana, "grounding")
    shots(ana, f"{name}-ground")
    ana.press("Stop")
    ana.page.get_by_role("button", name="Guided rest").click()
    ana.sees("Guided rest")
    ana.page.set_viewport_size({**size, "height": TALL})
    fits(ana, "rest")
    ana.page.set_viewport_size(size)
    shots(ana, f"{name}-rest")
    ana.page.get_by_role("button", name="Through the body").click()
    ana.page.get_by_text("Sit or lie as you like.").wait_for()
    fits(ana, "a line")
    shots(ana, f"{name}-line")
