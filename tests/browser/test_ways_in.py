"""Ways in as a person changes them: a second passkey, words of their own, a change that waits, a code."""

import base64
import hmac
import re
import time
from typing import Any

from playwright.sync_api import TimeoutError as Late
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.looks import cut, faults, too_small
from tests.browser.test_first_run import first_mood, keep_spare_key, sign_up_by_lock

TALL = 2000
"""A page that is not under its own bar: axe takes what lies under that for too small."""
OWN = "seven quiet herons at dusk"


def ways_in(person: Person) -> list[str]:
    """Open the page of ways in; return what it lists."""
    person.press("You")
    person.press("Ways in")
    person.sees("Ways in")
    person.page.locator(".rows li").first.wait_for()
    return person.page.locator(".rows li").all_inner_texts()


def code_of(secret: str, at: float) -> str:
    """Return what an authenticator app shows at `at`: RFC 6238 as it is written."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(at // 30).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def credentials(person: Person) -> list[dict[str, Any]]:
    """Return what the authenticator keeps."""
    found = person.devtools.send("WebAuthn.getCredentials", {"authenticatorId": person.authenticator})
    kept: list[dict[str, Any]] = found["credentials"]
    return kept


def forgotten(person: Person) -> None:
    """Lose everything that this browser keeps, as a new one that has the same authenticator."""
    person.page.goto(person.url + "/app/help.html")
    person.page.evaluate("new Promise(done => { indexedDB.deleteDatabase('mindhaven').onsuccess = done })")
    person.open()
    person.sees("A private place for how you are")


def sign_up_by_words(person: Person) -> tuple[str, str, list[str]]:
    """Go through the first run with five words; return them, the sign-in name and the spare key's rows."""
    person.open()
    person.press("Start")
    person.page.get_by_role("button", name=re.compile("With five words")).click()
    person.page.locator(".words").wait_for()
    words = person.page.locator(".words").inner_text()
    person.keeps_secret(words)
    person.press("I have them")
    person.page.get_by_label("Your five words").fill(words)
    person.press("Go on")
    person.page.get_by_text("good", exact=True).click()
    person.press("Save")
    person.press("Go on")
    rows = keep_spare_key(person)
    person.press("Keep a sealed copy")
    person.sees("How are you right now?")
    person.press("You")
    handle = re.search(r"haven-\d{6}", person.page.get_by_text("Your sign-in name is").inner_text())
    assert handle
    return words, handle[0], rows


def sign_in(person: Person, handle: str, words: str) -> None:
    """Sign in by name and words, up to the answer."""
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With a name and words").click()
    person.page.get_by_label("Sign-in name").fill(handle)
    person.page.get_by_label("Type your words").fill(words)
    person.press("Open")


def confirmed(person: Person, rows: list[str], shots: Any = None) -> None:
    """Open both ways in for a change."""
    person.page.get_by_text("Open once more, as you do each day.").wait_for()
    person.press("Open with this device's lock")
    person.page.get_by_text("Type your spare key too, and it counts at once.").wait_for()
    if shots:
        shots(person, "confirm-spare")
    person.page.get_by_role("textbox").fill(" ".join(rows))
    person.press("Open")


def sound(person: Person, shots: Any, name: str) -> None:
    """Take a picture; raise unless axe finds nothing, targets are large, and nothing is cut, also on a small phone."""
    shots(person, name)
    for width in (PHONE["width"], 320):
        person.page.set_viewport_size({"width": width, "height": TALL})
        assert (faults(person), too_small(person), cut(person)) == ([], [], [])
    person.page.set_viewport_size(PHONE)


def new_spare_key(person: Person, shots: Any = None) -> list[str]:
    """Make a new spare key from the page of ways in, up to what confirms it; return its rows."""
    person.press("Make a new spare key")
    person.sees("Make a new spare key")
    if shots:
        sound(person, shots, "new-spare")
    person.press("Go on")
    person.page.locator(".key-rows li").first.wait_for()
    if shots:
        sound(person, shots, "new-spare-rows")
    rows = keep_spare_key(person)
    person.page.get_by_text("Open once more, as you do each day.").wait_for()
    if shots:
        sound(person, shots, "new-spare-daily")
    person.press("Open with this device's lock")
    person.page.get_by_text("Type your old spare key too, and the new one counts at once.").wait_for()
    if shots:
        sound(person, shots, "new-spare-old")
    return rows


def sign_in_by_spare(person: Person, rows: list[str]) -> None:
    """Type a spare key on a device that knows nothing yet, up to the answer."""
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With the spare key").click()
    person.page.get_by_role("textbox").fill(" ".join(rows))
    person.press("Open")


def test_a_new_spare_key_counts_at_once_with_the_old_one(people: Any, shots: Any) -> None:
    ana = people()
    old = sign_up_by_lock(ana)
    ways_in(ana)
    new = new_spare_key(ana, shots)
    assert new != old
    ana.page.get_by_role("textbox").fill(" ".join(new))  # the new one is no proof of the old
    ana.press("Open")
    ana.page.get_by_text("This does not open any of your ways in.").wait_for()
    ana.page.get_by_role("textbox").fill(" ".join(old))
    ana.press("Open")
    ana.page.get_by_text("Done. The new spare key counts now. Throw the old one away.").wait_for()
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for()
    kinds = ana.page.locator(".rows").first.locator("li").all_inner_texts()
    assert sorted(kinds) == ["A passkey", "Your spare key"]
    sound(ana, shots, "new-spare-done")
    laptop = people(size=DESKTOP, prf=None)
    laptop.keeps_secret("".join(new))
    sign_in_by_spare(laptop, old)
    laptop.page.get_by_role("alert").wait_for()
    shots(laptop, "old-spare-refused")
    sign_in_by_spare(laptop, new)
    laptop.sees("How are you right now?")
    laptop.page.locator(".rows strong", has_text="good").wait_for()
    # Here too the old one opens nothing any more, and the new one does.
    ana.page.reload()
    ana.press("Open with the spare key")
    ana.page.get_by_role("textbox").fill(" ".join(old))
    ana.page.get_by_role("button", name="Open", exact=True).click()
    ana.page.get_by_role("alert").wait_for()
    ana.page.get_by_role("textbox").fill(" ".join(new))
    ana.page.get_by_role("button", name="Open", exact=True).click()
    ana.sees("How are you right now?")


def test_a_new_spare_key_without_the_old_one_waits_and_can_be_stopped(people: Any, shots: Any) -> None:
    ana = people()
    old = sign_up_by_lock(ana)
    ways_in(ana)
    new = new_spare_key(ana)
    ana.press("Without it")
    ana.page.get_by_text("Done. For your account the new spare key counts from").wait_for()
    ana.page.get_by_text("A change of your ways in counts from").wait_for()
    sound(ana, shots, "new-spare-waits")
    laptop = people(size=DESKTOP, prf=None)
    sign_in_by_spare(laptop, new)  # it does not count yet
    laptop.page.get_by_role("alert").wait_for()
    ana.press("Stop this change")
    ana.page.get_by_text("Stopped. Your ways in are as they were.").wait_for()
    ana.page.get_by_text("A change of your ways in counts from").wait_for(state="detached")
    sound(ana, shots, "new-spare-stopped")
    sign_in_by_spare(laptop, old)
    laptop.sees("How are you right now?")
    # Here it is the same: what was stopped opens nothing, and the old one does.
    assert [opens_here(ana, rows) for rows in (new, old)] == [False, True]


def test_a_new_spare_key_that_waits_and_is_stopped_elsewhere_opens_this_device_no_more(people: Any) -> None:
    ana = people()
    old = sign_up_by_lock(ana)
    laptop = people(size=DESKTOP, prf=None)
    sign_in_by_spare(laptop, old)
    laptop.sees("How are you right now?")
    ways_in(ana)
    new = new_spare_key(ana)
    ana.press("Without it")
    ana.page.get_by_text("A change of your ways in counts from").wait_for()
    assert [opens_here(ana, rows) for rows in (new, old)] == [True, True], "while it waits both open this device"
    ways_in(laptop)
    laptop.press("Stop this change")
    laptop.page.get_by_text("Stopped. Your ways in are as they were.").wait_for()
    ana.page.wait_for_timeout(500)
    assert opens_here(ana, old)  # the sync that follows tells this device
    ana.page.wait_for_timeout(1500)
    assert [opens_here(ana, rows) for rows in (new, old)] == [False, True]


def opens_here(person: Person, rows: list[str]) -> bool:
    """Load the page anew; return whether this spare key unlocks this device."""
    person.page.reload()
    person.press("Open with the spare key")
    person.page.get_by_role("textbox").fill(" ".join(rows))
    person.page.get_by_role("button", name="Open", exact=True).click()
    heading = person.page.get_by_role("heading", level=1, name="How are you right now?")
    refused = person.page.get_by_text("This does not open it.")
    heading.or_(refused).first.wait_for()
    return heading.count() == 1


def test_a_second_passkey_counts_at_once_with_the_spare_key(people: Any, shots: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    ana.keeps_secret("".join(rows))
    ways_in(ana)
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for()
    kinds = ana.page.locator(".rows li").all_inner_texts()
    assert kinds[:2] == ["A passkey", "Your spare key"]
    assert [one.split(" on ")[0] for one in kinds[2:]] == ["Made"], "the server knows the first one, and no other"
    shots(ana, "ways-in")
    ana.press("Add a passkey")
    shots(ana, "add-passkey")
    ana.press("Go on")
    confirmed(ana, rows, shots)
    ana.press("Make the passkey")
    ana.page.get_by_text("This device has a passkey of yours already.").wait_for()
    shots(ana, "passkey-there")
    ana.has_another()
    ana.press("Make the passkey")
    ana.page.get_by_text("Done. It counts now.").wait_for()
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for()
    listed = ana.page.locator(".rows").first.locator("li")
    listed.nth(2).wait_for()  # the list is read again from the chain
    assert sorted(listed.all_inner_texts()) == ["A passkey", "A passkey", "Your spare key"]
    shots(ana, "passkeys-known")
    ana.press("You")
    ana.page.get_by_text("The server got to know a passkey").first.wait_for()
    ana.page.get_by_text("Your ways in or keys were changed").first.wait_for()
    shots(ana, "lately")
    # Without the first passkey the second one opens this device.
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    # Where nothing is kept it signs in, and the server, which knows it, is given proof that it was touched.
    forgotten(ana)
    ana.press("I already use this")
    ana.page.get_by_role("button", name="With a passkey").click()
    ana.sees("How are you right now?")
    ana.page.locator(".rows strong", has_text="good").wait_for()
    (given,) = [one.post_data_json for one in ana.asked if one.url.endswith("/v1/login")]
    assert set(given["assertion"]) == {"credential", "client_data", "authenticator_data", "signature", "user_handle"}


def test_a_passkey_that_unlocks_nothing_is_asked_for_beside_the_words(people: Any, shots: Any) -> None:
    ana = people(prf=False)
    words, handle, rows = sign_up_by_words(ana)
    ways_in(ana)
    ana.press("Add a passkey")
    ana.press("Go on")
    ana.page.get_by_label("Type your words").fill(words)
    ana.press("Open")
    ana.page.get_by_text("Type your spare key too, and it counts at once.").wait_for()
    ana.page.get_by_role("textbox").fill(" ".join(rows))
    ana.press("Open")
    ana.press("Make the passkey")
    ana.page.get_by_text("From now on it is asked for when you sign in with your words.").wait_for()
    ana.page.get_by_text("Asked for with your words.").wait_for()
    shots(ana, "passkey-beside")
    forgotten(ana)
    sign_in(ana, handle, words)
    ana.page.get_by_text("This account asks for a passkey", exact=False).wait_for()
    shots(ana, "passkey-asked")
    ana.press("Use your passkey too")
    ana.sees("How are you right now?")
    ways_in(ana)
    ana.press("Remove")
    ana.page.get_by_label("Type your words").fill(words)
    ana.press("Open")
    ana.press("Without it")
    ana.page.get_by_text("Removed.", exact=True).wait_for()
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for(state="detached")
    assert credentials(ana) == [], "the device's own list was not told"
    forgotten(ana)
    sign_in(ana, handle, words)
    ana.sees("How are you right now?")


def add_by_words(person: Person, words: str, rows: list[str]) -> None:
    """Add a passkey, both ways in opened."""
    ways_in(person)
    person.press("Add a passkey")
    person.press("Go on")
    person.page.get_by_label("Type your words").fill(words)
    person.press("Open")
    person.page.get_by_text("Type your spare key too, and it counts at once.").wait_for()
    person.page.get_by_role("textbox").fill(" ".join(rows))
    person.press("Open")
    person.press("Make the passkey")
    person.page.get_by_text("Done. It counts now.").wait_for()


def test_a_passkey_that_is_not_as_before_is_told_and_removed(people: Any, shots: Any) -> None:
    ana = people()
    words, _, rows = sign_up_by_words(ana)
    add_by_words(ana, words, rows)
    (made,) = credentials(ana)
    changed = {"credentialId": made["credentialId"], "backupEligibility": True, "backupState": True}
    ana.devtools.send("WebAuthn.setCredentialProperties", {"authenticatorId": ana.authenticator, **changed})
    forgotten(ana)
    ana.press("I already use this")
    ana.page.get_by_role("button", name="With a passkey").click()
    ana.sees("How are you right now?")
    ways_in(ana)
    ana.page.get_by_text("Something about this passkey was not as before.").wait_for()
    shots(ana, "passkey-noticed")
    ana.press("Remove")
    ana.page.get_by_text("It no longer opens your account or this device,").wait_for()
    shots(ana, "passkey-remove")
    confirmed(ana, rows)
    ana.page.get_by_text("Removed.", exact=True).wait_for()
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for(state="detached")
    kinds = ana.page.locator(".rows").first.locator("li").all_inner_texts()
    assert sorted(kinds) == ["Words and the name you sign in with", "Your spare key"]
    assert credentials(ana) == [], "the device's own list was not told"
    ana.page.reload()
    ana.press("Open with the spare key")
    ana.page.get_by_role("textbox", name="Spare key, all eight rows").fill(" ".join(rows))
    ana.page.get_by_role("button", name="Open", exact=True).last.click()
    ana.sees("How are you right now?")


def test_a_server_that_names_another_credential_has_no_secret_deleted(people: Any) -> None:
    ana = people()
    words, _, rows = sign_up_by_words(ana)

    def lie(route: Any) -> None:
        if route.request.method != "GET":
            route.continue_()
            return
        answer = route.fetch()
        shown = answer.json()
        for one in shown["passkeys"]:
            one["credential"] = base64.b64encode(b"x" * 32).decode()
        route.fulfill(response=answer, json=shown)

    ana.context.route("**/v1/passkeys", lie)
    add_by_words(ana, words, rows)
    assert len(credentials(ana)) == 1


def test_words_of_ones_own_wait_and_can_be_stopped(people: Any, shots: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.keeps_secret(OWN)
    ways_in(ana)
    ana.press("Add words")
    ana.sees("Your five words")
    ana.press("Use words of my own")
    ana.page.get_by_label("Your own passphrase").fill("password1234")
    ana.press("Go on")
    ana.page.get_by_text("This passphrase is among the first that anybody would try.").wait_for()
    ana.page.get_by_label("Your own passphrase").fill(OWN)
    ana.press("Go on")
    ana.sees("Type it once more")
    ana.page.get_by_label("Your own passphrase").fill(OWN)
    ana.press("Go on")
    ana.press("Open with this device's lock")
    ana.press("Without it")
    ana.page.get_by_text("Done. On this device it opens at once.").wait_for()
    ana.page.get_by_text("A change of your ways in counts from").wait_for()
    shots(ana, "change-waits")
    ana.press("Stop this change")
    ana.page.get_by_text("Stopped. Your ways in are as they were.").wait_for()
    ana.page.get_by_text("A change of your ways in counts from").wait_for(state="detached")
    # Here they open nothing any more, either: the device has the way that it had.
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    ana.page.reload()
    ana.page.get_by_role("button", name="Open with this device's lock").wait_for()
    assert ana.page.get_by_label("Type your words").count() == 0


def test_a_code_is_asked_for_beside_the_words(people: Any, shots: Any) -> None:
    ana = people(prf=None)
    words, handle, _ = sign_up_by_words(ana)
    ways_in(ana)
    ana.press("Ask for a code too")
    ana.page.get_by_label("Type your words").fill(words)
    ana.press("Open")
    ana.page.get_by_role("img", name="A square to scan").wait_for()
    shots(ana, "code")
    secret = ana.page.locator(".words").inner_text().replace(" ", "")
    now = time.time()
    ana.page.get_by_label("The code that it shows now").fill("000000" if code_of(secret, now) != "000000" else "111111")
    ana.press("Turn it on")
    ana.page.get_by_text("This code is not right.").wait_for()
    ana.page.get_by_label("The code that it shows now").fill(code_of(secret, time.time()))
    ana.press("Turn it on")
    ana.page.get_by_text("From now on a code is asked for with your words.").wait_for()
    laptop = people(size=DESKTOP, prf=None)
    sign_in(laptop, handle, words)
    laptop.page.get_by_text("This account asks for a code from your authenticator app.").wait_for()
    for _ in range(3):  # no code works twice, so that of the next half minute may be the first that does
        laptop.page.get_by_label(re.compile("[Cc]ode")).fill(code_of(secret, time.time() + 29))
        laptop.press("Open")
        try:
            laptop.page.get_by_role("heading", name="How are you right now?").wait_for(timeout=8_000)
        except Late:
            continue
        break
    laptop.sees("How are you right now?")


def test_the_first_passkey_is_known_and_goes_like_any_other(people: Any, shots: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana)
    ana.keeps_secret(OWN)
    (given,) = [one.post_data_json for one in ana.asked if one.url.endswith("/v1/passkeys") and one.method == "POST"]
    assert given["slot"], "it is the passkey of a way in"
    assert set(given["assertion"]) == {"credential", "client_data", "authenticator_data", "signature", "user_handle"}
    ways_in(ana)
    ana.page.get_by_role("heading", name="Passkeys that the server knows").wait_for()
    shots(ana, "first-passkey-known")
    # With the spare key alone left, an account would hang on one thing: said, and nothing changed.
    ana.press("Remove")
    confirmed(ana, rows)
    ana.page.get_by_text("Two ways in must stay").wait_for()
    ana.press("Back")
    ana.press("Add words")
    ana.press("Use words of my own")
    for _ in range(2):
        ana.page.get_by_label("Your own passphrase").fill(OWN)
        ana.press("Go on")
    confirmed(ana, rows)
    ana.page.get_by_text("Done. It counts now.").wait_for()
    ana.press("Remove")
    confirmed(ana, rows)
    ana.page.get_by_text("Removed.", exact=True).wait_for()
    assert credentials(ana) == [], "the device's own list was not told"
    ana.page.reload()
    ana.page.get_by_label("Type your words").fill(OWN)
    ana.page.get_by_role("button", name="Open", exact=True).click()
    ana.sees("How are you right now?")


def test_a_first_passkey_that_was_not_told_can_be_told_later(people: Any, shots: Any) -> None:
    ana = people()
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name=re.compile("With this device's lock")).click()
    first_mood(ana, "good")
    ana.press("Go on")
    keep_spare_key(ana)

    ana.context.route("**/v1/passkeys/start", lambda route: route.abort())
    ana.press("Keep a sealed copy")
    ana.sees("How are you right now?")
    ana.context.unroute_all()
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    assert ways_in(ana)[:2] == ["A passkey", "Your spare key"]
    ana.page.get_by_text("The passkey you began with. The server doesn't know it yet.").wait_for()
    shots(ana, "first-passkey-unknown")
    ana.press("Let the server know it")
    shots(ana, "first-passkey-tell")
    ana.press("Open with this device's lock")
    ana.page.get_by_text("The server knows your passkey now.").wait_for()
    ana.page.get_by_text("The server doesn't know it yet.").wait_for(state="detached")
    ana.page.get_by_role("button", name="Remove").wait_for()
    # From now on its secret alone is not enough.
    forgotten(ana)
    ana.press("I already use this")
    ana.page.get_by_role("button", name="With a passkey").click()
    ana.sees("How are you right now?")
    (given,) = [one.post_data_json for one in ana.asked if one.url.endswith("/v1/login")]
    assert given["assertion"]


def test_a_device_that_opens_by_other_words_is_asked_for_them(people: Any, shots: Any) -> None:
    ana = people()
    words, handle, rows = sign_up_by_words(ana)
    laptop = people(size=DESKTOP)
    sign_in(laptop, handle, words)
    laptop.sees("How are you right now?")
    ana.keeps_secret(OWN)
    laptop.keeps_secret(OWN)
    ways_in(ana)
    ana.press("Change the words")
    ana.press("Use words of my own")
    for _ in range(2):
        ana.page.get_by_label("Your own passphrase").fill(OWN)
        ana.press("Go on")
    ana.page.get_by_label("Type your words").fill(words)
    ana.press("Open")
    ana.page.get_by_role("textbox").fill(" ".join(rows))
    ana.press("Open")
    ana.page.get_by_text("Done. It counts now.").wait_for()
    # The laptop still opens by the words of before; a passkey that is to open it needs it opened once more.
    laptop.page.reload()
    laptop.page.get_by_label("Type your words").fill(words)
    laptop.page.get_by_role("button", name="Open", exact=True).click()
    laptop.sees("How are you right now?")
    laptop.page.get_by_text("This device was signed out.").wait_for()
    shots(laptop, "signed-out")
    laptop.page.get_by_text("low", exact=True).first.click()
    laptop.press("Save")
    laptop.page.get_by_text("waits on this device").first.wait_for()
    laptop.press("Sign in again")
    laptop.page.get_by_role("button", name="With a name and words").click()
    assert laptop.page.get_by_label("Sign-in name").input_value() == handle
    laptop.page.get_by_label("Type your words").fill(OWN)
    laptop.press("Open")
    laptop.sees("How are you right now?")
    laptop.page.get_by_text("waits on this device").first.wait_for(state="detached")
    assert laptop.page.locator(".rows strong").all_inner_texts() == ["low", "good"]
    ways_in(laptop)
    laptop.press("Add a passkey")
    laptop.press("Go on")
    laptop.page.get_by_label("Type your words").fill(OWN)
    laptop.press("Open")
    laptop.page.get_by_role("textbox").fill(" ".join(rows))
    laptop.press("Open")
    laptop.page.get_by_text("This device still opens another way: open it once more").wait_for()
    shots(laptop, "open-here")
    laptop.page.get_by_label("Type your words").fill(words)
    laptop.press("Open")
    laptop.press("Make the passkey")
    laptop.page.get_by_text("Done. It counts now.").wait_for()
    laptop.page.reload()
    laptop.press("Open with this device's lock")
    laptop.sees("How are you right now?")
