"""Choices in the app: asked before it happens, one page for all, taken back in no more steps than given."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_calm import fits
from tests.browser.test_equal_buttons import equal
from tests.browser.test_first_run import sign_up_by_lock
from tests.browser.test_reminders import able, turn_on
from tests.browser.test_reminders import ahead as ahead
from tests.browser.test_reminders import push as push
from tests.browser.test_reminders import server as server
from tests.simulators.push import PushService

from mindhaven.cli import main
from mindhaven.errors import IntegrityError
from mindhaven.sdk.consent_receipts import verify
from mindhaven.tlog.note import VerifierKey

SIGNAL = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
SALE = "Selling your data, or sharing it for ads"
REMINDERS = "Reminders on this device"


class Presses:
    """Counts the presses of a person from the view You on."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.count = 0

    def press(self, name: str) -> None:
        self._person.press(name)
        self.count += 1


def purpose(person: Person, title: str) -> Any:
    return person.page.locator("section", has=person.page.get_by_role("heading", name=title))


@pytest.mark.shows("no-counts-at-once")
def test_what_was_allowed_is_taken_back_in_no_more_steps_and_ends_at_once(people: Any, push: PushService) -> None:
    ana = people(size=PHONE)
    able(ana, push, "/choices")
    sign_up_by_lock(ana)
    ana.press("You")
    given = Presses(ana)
    given.press("Reminders")
    words = ana.page.get_by_text("this server sends your device an empty call through the push service")
    words.wait_for()
    assert [one for one in ana.asked if one.url.endswith("/v1/choices") and one.method == "POST"] == []
    given.press("Turn on")
    ana.page.get_by_text("On, each day at:").wait_for()
    ana.press("You")
    taken = Presses(ana)
    taken.press("Your choices")
    its = purpose(ana, REMINDERS)
    its.get_by_text(re.compile("You said yes, on ")).wait_for()
    taken.press(f"Take it back: {REMINDERS}")
    its.get_by_text(re.compile("You took your yes back, on ")).wait_for()
    assert taken.count <= given.count == 2
    history = ana.page.locator("ul.rows li")
    assert history.first.inner_text().startswith(f"{REMINDERS}: taken back")
    assert history.count() == 2
    assert ana.page.evaluate("navigator.serviceWorker.ready.then(one => one.pushManager.getSubscription())") is None
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_role("button", name="Turn on", exact=True).wait_for()
    assert "On, each day at:" not in ana.page.locator("main").inner_text(), "what was taken back is shown as off"
    ana.press("You")
    ana.press("What this server can see")
    ana.page.locator("main section").nth(3).wait_for()
    assert "By 127.0.0.1" not in ana.page.locator("main").inner_text()


def test_another_device_says_that_they_are_off_and_why(people: Any, push: PushService) -> None:
    """Taken back elsewhere: this device kept its times, and must not say that it is reminded."""
    ana = people(size=PHONE)
    able(ana, push, "/elsewhere")
    rows = sign_up_by_lock(ana)
    turn_on(ana, "08:00")
    other = people(size=DESKTOP, prf=None)
    other.keeps_secret(*rows)
    other.open()
    other.press("I already use this")
    other.page.get_by_role("button", name="With the spare key").click()
    other.page.get_by_role("textbox").fill(" ".join(rows))
    other.press("Open")
    other.sees("How are you right now?")
    other.press("You")
    other.press("Your choices")
    other.press(f"Take it back: {REMINDERS}")
    purpose(other, REMINDERS).get_by_text(re.compile("You took your yes back, on ")).wait_for()
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_text("They are off: your yes to them does not count any more.").wait_for()
    ana.press("Turn on")
    ana.page.get_by_text("On, each day at:").wait_for()
    assert ana.page.locator(".lines li").all_inner_texts() == ["08:00"]


def test_not_now_is_kept_and_yes_and_no_are_alike(people: Any, push: PushService) -> None:
    ana = people(size=PHONE)
    able(ana, push, "/later")
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_label("Time 1", exact=True).wait_for()
    with ana.page.expect_response(lambda one: one.url.endswith("/v1/choices")):
        ana.press("Not now")
    ana.press("Your choices")
    its = purpose(ana, REMINDERS)
    its.get_by_text(re.compile("You said not now, on ")).wait_for()
    equal(ana)
    ana.press(f"No: {REMINDERS}")
    its.get_by_text(re.compile("You said no, on ")).wait_for()
    ana.press(f"Yes: {REMINDERS}")
    its.get_by_text(re.compile("You said yes, on ")).wait_for()
    assert ana.page.get_by_role("status").inner_text() == "Kept. It counts from now on."
    assert ana.page.locator("ul.rows li").count() == 3


def test_the_signal_of_a_browser_is_kept_as_a_no_and_shown(people: Any, push: PushService) -> None:
    ana = people(size=PHONE)
    ana.page.add_init_script(SIGNAL)
    sign_up_by_lock(ana)
    ana.page.reload()
    with ana.page.expect_response(lambda one: one.url.endswith("/v1/choices")):
        ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("Your choices")
    its = purpose(ana, SALE)
    its.get_by_text(re.compile(r"Your browser says no for you \(Global Privacy Control\)")).wait_for()
    assert its.get_by_role("button").count() == 0
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.page.wait_for_timeout(1500)
    ana.press("You")
    ana.press("Your choices")
    ana.page.get_by_text("no, by your browser").wait_for()
    assert ana.page.locator("ul.rows li").count() == 1, "one no is enough"
    told = httpx.get(f"{ana.url.replace('localhost', '127.0.0.1')}/.well-known/gpc.json", trust_env=False).json()
    assert told == {"gpc": True, "lastUpdate": "2026-11-29"}


def test_a_receipt_is_saved_that_holds_without_the_server(
    people: Any, push: PushService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = people(size=PHONE)
    able(ana, push, "/receipt")
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Deutsch")
    ana.page.get_by_role("button", name="Deine Entscheidungen").click()
    title = "Erinnerungen auf diesem Gerät"
    ana.page.get_by_role("button", name=f"Ja: {title}").click()
    row = ana.page.get_by_role("button", name=re.compile(f"Beleg: {title}"))
    row.wait_for()
    ana.page.wait_for_timeout(3000)  # the log of these tests is signed each second
    with ana.page.expect_download() as saved:
        row.click()
    ana.page.get_by_text("Ein Beleg ist gespeichert.").wait_for()
    assert saved.value.suggested_filename == "choice-1.json"
    file = tmp_path / "choice-1.json"
    saved.value.save_as(file)
    logs = httpx.get(f"{ana.url.replace('localhost', '127.0.0.1')}/v1/ledger", trust_env=False).json()["logs"]
    (key,) = [one["vkey"] for one in logs if one["name"] == "audit"]
    found = verify(file.read_bytes(), VerifierKey.parse(key))
    assert (found.form, found.signed.purpose, found.signed.language) == ("evidence", "reminders", "de")
    assert found.words.startswith(f"{title}\n")
    whole = tmp_path / "whole.json"
    assert main(["receipt", "verify", str(file), "--key", key, "--as", "27560", "--out", str(whole)]) == 0
    assert "This receipt holds." in capsys.readouterr().out
    assert verify(whole.read_bytes(), VerifierKey.parse(key)).form == "27560"
    bent = json.loads(file.read_bytes()) | {"note": "and to everything else"}
    with pytest.raises(IntegrityError) as refused:
        verify(json.dumps(bent).encode(), VerifierKey.parse(key))
    assert refused.value.reason == "consent-receipt-differs"


def test_without_a_signal_nobody_says_no_for_anybody(people: Any, push: PushService) -> None:
    ana = people(size=PHONE)
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Your choices")
    purpose(ana, SALE).get_by_text("You were not asked yet.").wait_for()
    ana.press(f"Say no: {SALE}")
    purpose(ana, SALE).get_by_text(re.compile("You said no, on ")).wait_for()


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")]
)
def test_choices_fit_and_axe_finds_nothing(
    people: Any, shots: Any, push: PushService, size: dict[str, int], scheme: str
) -> None:
    ana = people(size={**size, "height": TALL}, scheme=scheme)
    name = f"choices-{size['width']}-{scheme}"
    able(ana, push, "/fits")
    sign_up_by_lock(ana)
    turn_on(ana, "08:00")
    ana.press("You")
    ana.press("Your choices")
    purpose(ana, REMINDERS).get_by_text(re.compile("You said yes, on ")).wait_for()
    fits(ana, "choices")
    shots(ana, name)
    ana.press(f"Take it back: {REMINDERS}")
    purpose(ana, REMINDERS).get_by_text(re.compile("You took your yes back, on ")).wait_for()
    fits(ana, "choices taken back")
    shots(ana, f"{name}-taken-back")


@pytest.mark.parametrize(("language", "title"), [("Deutsch", "Deine Entscheidungen"), ("Español", "Tus decisiones")])
def test_choices_are_in_every_language(people: Any, push: PushService, language: str, title: str, shots: Any) -> None:
    ana = people(size=PHONE)
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press(language)
    ana.page.get_by_role("button", name=title).click()
    ana.page.get_by_role("heading", name=title).wait_for()
    ana.page.locator("section").nth(1).wait_for()
    text = ana.page.locator("main").inner_text()
    assert "Reminders on this device" not in text
    assert "Selling" not in text
    shots(ana, f"choices-{language}")
