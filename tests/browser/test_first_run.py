"""The first run as a person meets it: a way in, a mood, the spare key, the sealed copy; the same after a reload."""

import hashlib
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Request
from tests.browser.conftest import Person


def rows_of(person: Person) -> list[str]:
    """Return the rows of the spare key as they stand on the page."""
    person.page.locator(".key-rows li").nth(7).wait_for()
    shown = person.page.locator(".key-rows li").all_inner_texts()
    rows = [re.sub(r"[^0-9A-Z]", "", one.split("\n", 1)[-1]) for one in shown]
    assert [len(one) for one in rows] == [8] * 8
    return rows


def called(person: Person) -> list[Request]:
    """Return the calls to the server, without the question which release it logged: that is the same for everybody."""
    calls = [one for one in person.asked if "/v1/" in one.url]
    asked = [one for one in calls if one.url.endswith("/v1/web/release")]
    assert [(one.method, one.post_data_buffer) for one in asked] == [("GET", None)] * len(asked)
    return [one for one in calls if one not in asked]


def keep_spare_key(person: Person) -> list[str]:
    """Keep the spare key and give the two rows back that are asked for."""
    person.sees("Keep a spare key")
    rows = rows_of(person)
    person.keeps_secret(*rows, "".join(rows))
    person.press("I have it")
    person.sees("Two rows, to be sure")
    for label in person.page.locator(".field span").all_inner_texts():
        number = int(label.removeprefix("Row "))
        person.page.get_by_label(label).fill(rows[number - 1].lower())
    person.press("Check")
    return rows


def first_mood(person: Person, mood: str = "good") -> None:
    """Enter the first mood: two taps."""
    person.sees("How are you right now?")
    person.page.get_by_text(mood, exact=True).click()
    person.press("Save")
    person.page.get_by_text("Saved. Sealed on this device.").wait_for()


def sign_up_by_lock(person: Person, mood: str = "good") -> list[str]:
    """Go through the whole first run with a passkey; return the spare key's rows."""
    person.open()
    person.sees("A private place for how you are")
    person.press("Start")
    person.sees("How do you want to open it?")
    person.page.get_by_role("button", name=re.compile("With this device's lock")).click()
    first_mood(person, mood)
    person.press("Go on")
    rows = keep_spare_key(person)
    person.sees("Keep a sealed copy on this server?")
    person.press("Keep a sealed copy")
    person.sees("How are you right now?")
    return rows


def test_a_passkey_opens_it_and_nothing_leaves_before_the_person_agrees(people: Any, shots: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    shots(ana, "welcome")
    ana.press("Start")
    ana.sees("How do you want to open it?")
    shots(ana, "way-in")
    ana.page.get_by_role("button", name=re.compile("With this device's lock")).click()
    first_mood(ana)
    shots(ana, "first-mood")
    ana.press("Go on")
    rows = keep_spare_key(ana)
    assert len(rows) == 8
    ana.sees("Keep a sealed copy on this server?")
    shots(ana, "sealed-copy")
    assert called(ana) == [], "health data left before the person agreed"
    ana.press("Keep a sealed copy")
    ana.sees("How are you right now?")
    ana.page.get_by_text("waits on this device").wait_for(state="detached")
    shots(ana, "today")
    assert called(ana), "nothing was sent"
    bodies = b"".join(one.post_data_buffer or b"" for one in called(ana))
    assert b'"prf"' not in bodies  # three letters alone stand in some base64 by chance
    assert b"clientExtensionResults" not in bodies
    # After a reload the lock opens it again, without a name; what was written is there.
    ana.page.reload()
    ana.sees("Open your notes")
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    ana.page.locator(".rows strong", has_text="good").wait_for()


def test_five_words_open_it_here_and_on_another_device(people: Any) -> None:
    ana = people()
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name=re.compile("With five words")).click()
    ana.sees("Your five words")
    words = ana.page.locator(".words").inner_text()
    assert len(words.split()) == 5
    ana.keeps_secret(words)
    ana.press("I have them")
    ana.sees("Type your words")
    ana.page.get_by_label("Your five words").fill("not these five words really")
    ana.press("Go on")
    ana.page.get_by_text("These are not the same words.").wait_for()
    ana.page.get_by_label("Your five words").fill(words)
    ana.press("Go on")
    first_mood(ana, "low")
    ana.press("Go on")
    keep_spare_key(ana)
    ana.sees("Keep a sealed copy on this server?")
    ana.page.get_by_label("A name to sign in with").fill("ana")
    ana.press("Keep a sealed copy")
    ana.sees("How are you right now?")
    ana.press("You")
    said = ana.page.get_by_text("Your sign-in name is").inner_text()
    handle = re.search(r"ana-\d{6}", said)
    assert handle, said

    laptop = people(size={"width": 1280, "height": 800}, prf=None)
    laptop.keeps_secret(words)
    laptop.open()
    laptop.press("I already use this")
    laptop.page.get_by_role("button", name="With a name and words").click()
    laptop.page.get_by_label("Sign-in name").fill(handle[0])
    laptop.page.get_by_label("Type your words").fill(words)
    laptop.press("Open")
    laptop.sees("How are you right now?")
    laptop.press("Look back")
    laptop.page.locator(".rows strong", has_text="low").wait_for()


def test_the_spare_key_alone_brings_everything_to_a_new_device(people: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana, "very good")
    new = people(prf=None)
    new.keeps_secret("".join(rows))
    new.open()
    new.press("I already use this")
    new.page.get_by_role("button", name="With the spare key").click()
    new.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    new.press("Open")
    new.sees("How are you right now?")
    new.press("Look back")
    new.page.locator(".rows strong", has_text="very good").wait_for()


def test_a_passkey_that_cannot_unlock_is_said_plainly_and_five_words_follow(people: Any) -> None:
    ana = people(prf=False)
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name=re.compile("With this device's lock")).click()
    ana.sees("Your five words")
    ana.page.get_by_text("You did nothing wrong").wait_for()


def test_later_is_real_and_writing_works_offline(people: Any) -> None:
    ana = people()
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name=re.compile("With this device's lock")).click()
    first_mood(ana, "so-so")
    ana.press("Go on")
    ana.sees("Keep a spare key")
    ana.press("Later")
    ana.page.get_by_text("Your entries are only on this device.").wait_for()
    assert called(ana) == []
    for _ in range(100):  # not by a function of the page's: its policy lets none be made
        if ana.page.evaluate("navigator.serviceWorker.controller !== null"):
            break
        ana.page.wait_for_timeout(100)
    else:
        pytest.fail("no service worker took the page over")
    ana.context.set_offline(offline=True)
    ana.page.reload()
    ana.sees("Open your notes")
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    ana.page.get_by_text("very low", exact=True).click()
    ana.press("Save")
    ana.page.locator(".rows strong", has_text="very low").wait_for()
    ana.context.set_offline(offline=False)


def test_the_policy_lets_a_page_run_nothing_else(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    answer = ana.page.request.get(ana.url + "/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'; trusted-types mindhaven" in policy
    assert "unsafe-inline" not in policy
    assert (answer.headers["cross-origin-opener-policy"], answer.headers["cross-origin-embedder-policy"]) == (
        "same-origin", "require-corp",
    )  # fmt: skip
    html = answer.text()
    scripts = re.findall(r"<script[^>]*>", html)
    assert scripts
    assert all("integrity=" in one and "src=" in one for one in scripts)
    for attack in (
        "document.body.innerHTML = '<img src=x>'",
        "new Worker('/app/other.js')",
        "trustedTypes.createPolicy('mindhaven', {createScriptURL: x => x})",
        "navigator.serviceWorker.register('/app/other.js')",
    ):
        refused = ana.page.evaluate(
            "async (code) => { try { await (0, eval)(code); return 'ran' } catch (error) { return error.name } }",
            attack,
        )
        assert refused in {"TypeError", "EvalError"}, (attack, refused)
    ana.faults.clear()  # the attacks' own complaints


def test_each_file_of_the_release_is_the_one_that_it_lists(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    release = json.loads(ana.page.request.get(ana.url + "/app/release.json").text())
    assert release["format"] == "mindhaven/web/v1"
    for path, digest in release["files"].items():
        address = ana.url + ("/" if path == "index.html" else f"/app/{path}")
        assert hashlib.sha256(ana.page.request.get(address).body()).hexdigest() == digest, path


def test_exit_blanks_at_once_and_back_does_not_return(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.page.get_by_role("button", name="Exit").click()
    ana.page.wait_for_url("about:blank")
    assert ana.page.locator("body").inner_text() == ""


@pytest.mark.parametrize("presses", [3])
def test_shift_three_times_leaves_from_the_keyboard(people: Any, presses: int) -> None:
    ana = people()
    sign_up_by_lock(ana)
    for _ in range(presses):
        ana.page.keyboard.press("Shift")
    ana.page.wait_for_url("about:blank")
