"""Voice notes in a real browser, with a microphone that beeps: recorded, heard, sealed, let go of at once."""

import re
from pathlib import Path
from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_accessible import faults, too_small
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators.server import Running

WATCHED = """
window.tracks = []; window.heard = []; window.revoked = 0; window.shown = 0;
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (what) => {
  const stream = await ask(what);
  tracks.push(...stream.getTracks());
  return stream;
};
const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
URL.createObjectURL = (blob) => {
  shown += 1;
  void blob.arrayBuffer().then((bytes) => crypto.subtle.digest("SHA-256", bytes))
    .then((hash) => heard.push(`${blob.type} ${blob.size} ${new Uint8Array(hash).toHex?.() ?? new Uint8Array(hash)}`));
  return make(blob);
};
URL.revokeObjectURL = (address) => { revoked += 1; revoke(address); };
"""
"""The browser's own parts run as they are; what goes through them is counted."""
HIDDEN = """is => {
  const value = is ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A page of a headless browser is never out of sight: this says to the page that it is."""


def records(person: Person, seconds: float = 2.0) -> None:
    """Record a note of that length."""
    person.press("Record a voice note")
    person.page.get_by_text("Recording.", exact=True).wait_for()
    assert states(person)[-1] == "live"
    person.page.wait_for_timeout(seconds * 1000)
    person.press("Stop")
    person.page.get_by_text("Your voice note is below.").wait_for()
    assert set(states(person)) == {"ended"}, "the microphone was not let go of"


def states(person: Person) -> list[str]:
    """Return how each track of the microphone stands that this page was given."""
    found: list[str] = person.page.evaluate("tracks.map(one => one.readyState)")
    return found


def until(person: Person, so: str) -> None:
    """Wait until that holds on the page; the app's policy lets no driver wait there by a text of script."""
    for _ in range(100):
        if person.page.evaluate(so):
            return
        person.page.wait_for_timeout(100)
    raise AssertionError(f"it never held that {so}")


def plays(person: Person) -> str:
    """Play the note; return what was played, once its time moves."""
    person.page.get_by_role("button", name="Play Voice note").click()
    person.page.get_by_role("button", name="Pause Voice note").wait_for()
    until(person, "document.querySelector('audio').currentTime > 0.3")
    until(person, "heard.length > 0")
    played: str = person.page.evaluate("heard.at(-1)")
    return played


def test_a_voice_note_is_recorded_heard_sealed_and_heard_again_elsewhere(
    people: Any, shots: Any, server: Running
) -> None:
    ana = people(size={"width": 320, "height": 3000})
    ana.context.grant_permissions(["microphone"])
    ana.context.add_init_script(WATCHED)
    ana.keeps_secret("OpusHead", "audio/webm", "Voice note", "said aloud")
    rows = sign_up_by_lock(ana)
    ana.press("Write")
    ana.sees("Journal")
    # By keyboard alone: record, throw away; the focus goes on to what stands there now.
    ana.page.get_by_role("button", name="Record a voice note").focus()
    ana.page.keyboard.press("Enter")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    live = "one => one.closest('[aria-live], [role=status], [role=alert]')"
    assert ana.page.locator(".elapsed").evaluate(live) is None, "each second would be read out"
    assert ana.page.get_by_role("button", name="Save", exact=True).is_disabled(), "an entry would go without its note"
    assert (faults(ana), too_small(ana)) == ([], [])
    assert ana.page.evaluate("document.documentElement.scrollWidth") <= 320
    shots(ana, "voice-recording")
    assert ana.page.evaluate("document.activeElement.textContent") == "Stop"
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("Enter")
    ana.page.get_by_text("Thrown away. Nothing of it was kept.").wait_for()
    assert states(ana) == ["ended"]
    assert ana.page.evaluate("document.activeElement.textContent") == "Record a voice note"
    assert ana.page.locator(".attach li").count() == 0
    # Out of sight it ends, and says so.
    ana.page.keyboard.press("Enter")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    ana.page.evaluate(HIDDEN, True)
    assert set(states(ana)) == {"ended"}
    ana.page.evaluate(HIDDEN, False)
    ana.page.get_by_text("The recording ended when this page was out of sight.").wait_for()
    assert ana.page.locator(".attach li").count() == 0

    records(ana)
    played = plays(ana)
    assert played.startswith("audio/webm ")
    assert (faults(ana), too_small(ana)) == ([], [])
    assert ana.page.evaluate("document.documentElement.scrollWidth") <= 320
    shots(ana, "voice-kept")
    # It waits over a lock, with what was typed.
    ana.page.get_by_label("A title").fill("said aloud")
    ana.page.wait_for_timeout(600)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Write")
    assert plays(ana) == played
    ana.page.evaluate(HIDDEN, True)
    assert ana.page.evaluate("[document.querySelector('audio').paused, revoked >= shown]") == [True, True]
    ana.page.evaluate(HIDDEN, False)
    ana.press("Save")  # a note needs no text beside it
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
    assert ana.page.locator(".attach li").count() == 0
    ana.page.get_by_text("waits on this device").wait_for(state="detached")

    tablet = people(size=DESKTOP, prf=None)
    tablet.context.add_init_script(WATCHED)
    tablet.keeps_secret(*rows)
    tablet.open()
    tablet.press("I already use this")
    tablet.page.get_by_role("button", name="With the spare key").click()
    tablet.page.get_by_role("textbox").fill(" ".join(rows))
    tablet.press("Open")
    tablet.sees("How are you right now?")
    tablet.press("Write")
    tablet.page.get_by_role("button", name="said aloud").click()
    tablet.sees("said aloud")
    assert plays(tablet) == played
    assert (faults(tablet), too_small(tablet)) == ([], [])
    shots(tablet, "voice-entry")
    tablet.press("Back")
    tablet.page.get_by_role("button", name="said aloud").wait_for()
    tablet.page.wait_for_timeout(300)  # what the page before held is let go of once it has gone
    assert tablet.page.evaluate("revoked >= shown"), "an address of the sound was left behind"
    kept = [one.read_bytes() for one in Path(server.data).rglob("*") if one.is_file()]
    assert kept
    for secret in (b"OpusHead", b"audio/webm", b"Voice note"):
        assert not [one for one in kept if secret in one], "the server keeps what was to be sealed"


def test_it_ends_by_itself_when_it_was_said_and_at_once_at_exit(people: Any) -> None:
    ana = people()
    ana.context.grant_permissions(["microphone"])
    ana.context.add_init_script(WATCHED)
    sign_up_by_lock(ana)
    ana.page.clock.install()
    ana.press("Write")
    ana.press("Record a voice note")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    ana.page.wait_for_timeout(1500)  # the microphone knows no other clock
    ana.page.clock.run_for(8 * 60_000)  # it locks after two minutes without a touch, but not now
    ana.page.get_by_text(re.compile("^8:")).wait_for()
    ana.page.clock.run_for(65_000)
    ana.page.get_by_text("About a minute is left").wait_for()
    assert states(ana) == ["live"]
    ana.page.clock.run_for(60_000)
    ana.page.get_by_text("Your voice note is below.").wait_for()
    assert states(ana) == ["ended"]
    ana.page.clock.run_for(3 * 60_000)
    ana.sees("Open your notes")  # nothing holds it open any more
    ana.press("Open with this device's lock")
    ana.page.get_by_role("button", name="Take away Voice note").click()
    ana.page.clock.resume()
    ana.press("Record a voice note")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    ana.press("Today")  # another page
    until(ana, "tracks.every(one => one.readyState === 'ended')")
    # What it is like once the page is blank is told by the page itself, in the moment in which it leaves.
    told: list[Any] = []
    ana.page.expose_function("told", lambda one: told.append(one))
    ana.press("Write")
    ana.press("Record a voice note")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    ana.page.evaluate(
        "new MutationObserver(() => told([tracks.map(one => one.readyState), document.body.childElementCount]))"
        ".observe(document.body, {childList: true})"
    )
    ana.press("Exit")
    ana.page.wait_for_url("about:blank")
    assert told, "the page told nothing"
    assert {tuple(map(str, one)) for one in told} == {(str(["ended"] * 3), "0")}


def test_without_a_microphone_it_says_so_and_writing_goes_on(people: Any) -> None:
    ana = people(prf=True)
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").fill("still here")
    ana.press("Record a voice note")  # this profile may not use it
    ana.page.get_by_text("This page may not use the microphone. You can allow it").wait_for()
    assert faults(ana) == []
    # A note that can't be sent can be heard, and tried again.
    ana.context.grant_permissions(["microphone"])
    ana.page.route("**/blobs/**", lambda route: route.abort())
    ana.press("Record a voice note")
    ana.page.get_by_text("Recording.", exact=True).wait_for()
    ana.page.wait_for_timeout(1500)
    ana.press("Stop")
    ana.page.get_by_text("Your voice note could not be sent.").wait_for()
    ana.page.get_by_role("button", name="Play Voice note").wait_for()
    ana.page.unroute("**/blobs/**")
    ana.press("Try again")
    ana.page.get_by_text("Your voice note is below.").wait_for()
    ana.page.get_by_role("button", name="Take away Voice note").click()
    ana.page.locator(".attach li").wait_for(state="detached")
    assert ana.page.get_by_label("What is on your mind?").input_value() == "still here"
    ana.press("Save")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()
