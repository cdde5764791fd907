"""Reminders: turned on in the app, sent empty by a real server, shown by the service worker with neutral words only.

The browser's own push service can't be reached here: `PushManager` is made to give an address at a push service of this
machine, which takes what the server sends; what it took is handed to the service worker by DevTools, as browsers do.
The server's clock can be put forward, so that nobody waits for a minute of the day.
"""

import dataclasses
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL
from tests.browser.test_calm import fits
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators import server as servers
from tests.simulators.push import PushService, claims, push_service
from tests.simulators.server import Running

SHIFTED = """
import functools, time
from pathlib import Path
import mindhaven.server.serve as serving
AHEAD = Path({ahead!r})
serving.build = functools.partial(serving.build, clock=lambda: int(time.time()) + int(AHEAD.read_text()))
"""
"""What runs before the server's own program: its clock is this machine's, and as far ahead as a file says."""
BROWSER = """(address) => {
  const kept = "a test's own: what a browser keeps of its registration";
  const given = endpoint => ({ endpoint, unsubscribe: async () => { sessionStorage.removeItem(kept); return true; } });
  window.asked = { permission: 0, keys: [] };
  PushManager.prototype.getSubscription = async () => {
    const endpoint = sessionStorage.getItem(kept);
    return endpoint === null ? null : given(endpoint);
  };
  PushManager.prototype.subscribe = async options => {
    if (!options.userVisibleOnly) throw new DOMException("no", "NotAllowedError");
    window.asked.keys.push([...new Uint8Array(options.applicationServerKey)]);
    sessionStorage.setItem(kept, address);
    return given(address);
  };
  const ask = Notification.requestPermission.bind(Notification);
  Notification.requestPermission = () => { window.asked.permission += 1; return ask(); };
}"""
BERLIN = ZoneInfo("Europe/Berlin")
"""Where the people of these tests are (conftest)."""


@pytest.fixture(scope="module")
def push() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that says by how many seconds the server's clock is ahead."""
    path = tmp_path_factory.mktemp("clock") / "ahead"
    path.write_text("0")
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, push: PushService, ahead: Path) -> Iterator[Running]:
    """Run a server that may call the push service of this machine."""
    program = SHIFTED.format(ahead=str(ahead)) + servers._MAIN
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path_factory.mktemp("server") / "data"), "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "MINDHAVEN_PUSH_SERVICES": f"{push.url},fcm.googleapis.com",
            "MINDHAVEN_LEDGER_PUBLISH_SECONDS": "1",
        },
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:"), line
    running = Running(line.split()[-1], process, Path())
    yield dataclasses.replace(running, url=running.url.replace("127.0.0.1", "localhost"))
    servers.stop(running)


def able(person: Person, push: PushService, path: str = "/device") -> None:
    """Give this browser an address at the push service, and the permission to show notifications."""
    person.context.grant_permissions(["notifications"], origin=person.url)
    person.page.add_init_script(f"({BROWSER})({push.url + path!r})")


def in_minutes(minutes: int) -> tuple[str, float]:
    """Return a time of the day so many minutes from now as it is chosen, and the moment at which it begins."""
    at = (datetime.now(BERLIN) + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return at.strftime("%H:%M"), at.timestamp()


def turn_on(person: Person, *times: str) -> None:
    person.press("You")
    person.press("Reminders")
    person.sees("Reminders")
    for at, chosen in enumerate(times, 1):
        if at > 1:
            person.press("Add a time")
        person.page.get_by_label(f"Time {at}", exact=True).fill(chosen)
    person.press("Turn on")
    person.page.get_by_text("On, each day at:").wait_for()


def deliver(person: Person) -> None:
    """Hand an empty push to the service worker, as a browser does that got one."""
    devtools = person.devtools  # the one session that the authenticator lives in too
    found: list[str] = []

    def take(told: Any) -> None:
        found.extend(one["registrationId"] for one in told["registrations"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", take)
    devtools.send("ServiceWorker.enable")
    until = time.monotonic() + 20
    while not found:
        assert time.monotonic() < until
        person.page.wait_for_timeout(50)
    devtools.send("ServiceWorker.deliverPushMessage", {"origin": person.url, "registrationId": found[0], "data": ""})
    devtools.send("ServiceWorker.disable")
    devtools.remove_listener("ServiceWorker.workerRegistrationUpdated", take)


def notifications(person: Person, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many notifications are shown, and return all that they say."""
    read = """navigator.serviceWorker.ready.then(one => one.getNotifications()).then(all => all.map(one => ({
      title: one.title, body: one.body, tag: one.tag, lang: one.lang, icon: new URL(one.icon || location).pathname,
      data: one.data, image: one.image ?? "", badge: one.badge ?? "", actions: (one.actions ?? []).length })))"""
    until = time.monotonic() + 20
    while True:
        found: list[dict[str, Any]] = person.page.evaluate(read)
        if len(found) == count:
            return found
        assert time.monotonic() < until, found
        person.page.wait_for_timeout(100)


def said(title: str, body: str, lang: str, icon: str) -> dict[str, Any]:
    """Return a notification that says this, and nothing else."""
    return {
        "title": title, "body": body, "tag": "reminder", "lang": lang, "icon": icon,
        "data": None, "image": "", "badge": "", "actions": 0,
    }  # fmt: skip


def reminder_calls(person: Person, method: str) -> list[Any]:
    return [one for one in person.asked if one.url.endswith("/v1/reminder") and one.method == method]


def test_a_reminder_is_turned_on_sent_empty_shown_neutral_and_turned_off(
    people: Any, push: PushService, ahead: Path
) -> None:
    ana = people()
    able(ana, push, "/ana")
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_label("Time 1", exact=True).wait_for()
    assert ana.page.evaluate("[asked.permission, asked.keys.length]") == [0, 0], "nothing is asked for before"
    assert reminder_calls(ana, "PUT") == []
    chosen, begins = in_minutes(2)
    far, _ = in_minutes(12 * 60)
    turn_on(ana, chosen, far)
    assert ana.page.evaluate("[asked.permission, asked.keys.length]") == [1, 1]
    key = ana.page.evaluate(
        "btoa(String.fromCharCode(...asked.keys[0])).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')"
    )
    (put,) = reminder_calls(ana, "PUT")
    utc = [datetime.fromtimestamp(begins + more, ZoneInfo("UTC")) for more in (0, 12 * 3600 - 120)]
    assert put.post_data_json == {
        "endpoint": f"{push.url}/ana",
        "minutes": sorted(one.hour * 60 + one.minute for one in utc),
    }
    assert ana.page.locator(".lines li").all_inner_texts() == sorted([chosen, far])

    ana.page.reload()
    ana.sees("Open your notes")  # it is locked now: nothing could be opened to be shown
    ahead.write_text(str(int(begins - time.time()) + 1))
    (pushed,) = push.wait()
    assert (pushed.method, pushed.path, pushed.body) == ("POST", "/ana", b"")
    assert (pushed.headers["ttl"], pushed.headers["urgency"]) == ("1800", "normal")
    assert claims(pushed, key)["aud"] == push.url
    deliver(ana)
    assert notifications(ana) == [said("Notes", "You have a reminder.", "en", "/app/icon.svg")]
    deliver(ana)  # they don't pile up
    ana.page.wait_for_timeout(500)
    assert len(notifications(ana)) == 1

    # That the app is opened is an answer: the server is told anew, since it has fewer left to send.
    with ana.page.expect_response(lambda one: one.url.endswith("/v1/reminder") and one.request.method == "PUT"):
        ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("What this server can see")
    row = ana.page.locator("section", has=ana.page.get_by_role("heading", name="Your reminders"))
    row.wait_for()
    assert f"By 127.0.0.1, at {', '.join(sorted([chosen, far]))}, since" in row.inner_text()
    assert "Before you open the app again: 3 more." in row.inner_text()
    ana.page.get_by_text("That you use this around the times of your reminders.").wait_for()
    assert len(push.came) == 1

    ana.press("You")
    ana.press("Reminders")
    ana.press("Turn off")
    ana.page.get_by_text("They are off.").wait_for()
    notifications(ana, 0)
    assert ana.page.evaluate("caches.has('notice')") is False
    assert ana.page.evaluate("navigator.serviceWorker.ready.then(one => one.pushManager.getSubscription())") is None
    assert len(reminder_calls(ana, "DELETE")) == 1


def test_what_is_shown_follows_the_name_and_the_language_and_says_nothing_else(people: Any, push: PushService) -> None:
    ana = people()
    able(ana, push, "/named")
    sign_up_by_lock(ana)
    turn_on(ana, in_minutes(12 * 60)[0])
    ana.press("You")
    ana.press("How private this looks")
    ana.press("Lists")
    ana.press("You")
    ana.press("Deutsch")
    ana.page.wait_for_timeout(300)
    ana.page.reload()  # also while it is locked, and after another release was kept, the words are there
    ana.page.get_by_role("button", name=re.compile("Gerät")).first.wait_for()
    deliver(ana)
    assert notifications(ana) == [said("Lists", "Du hast eine Erinnerung.", "de", "/app/icon-lists.svg")]
    resting = ana.page.evaluate("caches.open('notice').then(one => one.match('/notice')).then(one => one.json())")
    assert resting == {
        "title": "Lists", "body": "Du hast eine Erinnerung.", "icon": "/app/icon-lists.svg", "lang": "de"
    }  # fmt: skip


def test_without_kept_words_the_app_looks_as_it_came(people: Any, push: PushService) -> None:
    ana = people()
    able(ana, push, "/bare")
    sign_up_by_lock(ana)
    ana.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    deliver(ana)
    assert notifications(ana) == [said("Notes", "You have a reminder.", "en", "/app/icon.svg")]
    assert ana.page.evaluate("caches.has('notice')") is False


def test_times_are_changed_and_the_medicine_page_leads_there(people: Any, push: PushService) -> None:
    ana = people()
    able(ana, push, "/times")
    sign_up_by_lock(ana)
    turn_on(ana, "07:30", "21:00", "07:30")
    assert ana.page.locator(".lines li").all_inner_texts() == ["07:30", "21:00"]
    ana.press("Change")
    ana.page.get_by_role("button", name="Remove time 2").click()
    for _ in range(7):
        ana.press("Add a time")
    assert ana.page.get_by_role("button", name="Add a time").count() == 0
    assert ana.page.locator("input[type=time]").count() == 8
    for at in range(8, 1, -1):
        ana.page.get_by_role("button", name=f"Remove time {at}").click()
    ana.page.get_by_label("Time 1", exact=True).fill("08:15")
    ana.press("Keep these times")
    ana.page.get_by_text("On, each day at:").wait_for()
    assert ana.page.locator(".lines li").all_inner_texts() == ["08:15"]
    ana.press("You")
    ana.press("Medicine")
    ana.press("Add a medicine")
    ana.page.get_by_label("Name").fill("Vitamin D")
    ana.press("Save")
    ana.page.get_by_role("button", name="Vitamin D").click()
    ana.press("To be told when this is closed: reminders")
    ana.page.get_by_text("On, each day at:").wait_for()
    ana.page.evaluate("sessionStorage.clear()")  # the browser lost its registration, or has another address
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_text("They ended by themselves").wait_for()
    ana.press("Turn on")
    ana.page.get_by_text("On, each day at:").wait_for()


def test_what_keeps_it_from_working_is_said_with_what_to_do(people: Any, push: PushService) -> None:
    ana = people()  # a browser that said no before
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_text("Your browser blocks notifications from this page.").wait_for()
    assert ana.page.get_by_role("button", name="Turn on").count() == 0

    ben = people()
    ben.page.add_init_script("delete window.PushManager")
    sign_up_by_lock(ben)
    ben.press("You")
    ben.press("Reminders")
    ben.page.get_by_text("This browser can't do it.").wait_for()

    eve = people()  # a browser with a push service of its own
    able(eve, PushService("https://push.evil.test"))
    sign_up_by_lock(eve)
    eve.press("You")
    eve.press("Reminders")
    eve.press("Turn on")
    eve.page.get_by_text("This server may not use the push service of your browser.").wait_for()
    eve.page.get_by_role("button", name="Turn on").wait_for()
    assert eve.page.evaluate("navigator.serviceWorker.ready.then(one => one.pushManager.getSubscription())") is None
    eve.press("Not now")
    eve.sees("Your ways in and devices")

    dan = people()  # the host turned it off
    able(dan, push, "/off")
    dan.page.route(
        "**/v1/reminder/key",
        lambda route: route.fulfill(
            status=404,
            content_type="application/problem+json",
            body='{"type":"urn:mindhaven:problem:reminders-off","title":"x","status":404,"code":"reminders-off"}',
        ),
    )
    sign_up_by_lock(dan)
    dan.press("You")
    dan.press("Reminders")
    dan.page.get_by_text("This server sends none").wait_for()


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark"), (DESKTOP, "light"), (SMALL, "light")]
)
def test_the_page_fits_and_axe_finds_nothing(
    people: Any, shots: Any, push: PushService, size: dict[str, int], scheme: str
) -> None:
    ana = people(size={**size, "height": TALL if size is SMALL else size["height"]}, scheme=scheme)
    name = f"reminders-{size['width']}-{scheme}"
    able(ana, push, f"/{name}")
    sign_up_by_lock(ana)
    ana.page.set_viewport_size({**size, "height": TALL})
    ana.press("You")
    ana.press("Reminders")
    ana.page.get_by_label("Time 1", exact=True).wait_for()
    fits(ana, "off")
    ana.press("Add a time")
    fits(ana, "two times")
    ana.page.set_viewport_size(size)
    shots(ana, f"{name}-off")
    ana.page.set_viewport_size({**size, "height": TALL})
    ana.press("Turn on")
    ana.page.get_by_text("On, each day at:").wait_for()
    fits(ana, "on")
    ana.page.set_viewport_size(size)
    shots(ana, f"{name}-on")
