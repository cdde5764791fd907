"""What a browser does when the server's app changes: a logged release is taken silently, any other is not."""

import base64
import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.conftest import PATIENCE_MS, Person
from tests.simulators.server import Running, running_server
from tests.simulators.tampering import Tampering, tampering

LIST = "/app/release.json"
LOGGED = "/v1/web/release"
WELCOME = "A private place for how you are"
NOTICE = (
    "The app that this server sends is not a known release. Don't unlock yet. Ask the people who run it, or use the"
    " copy already on this device."
)
MOMENT_MS = 1_000
"""Ten times what the service worker takes to ask and to tell."""
CONTROLLED = "navigator.serviceWorker.controller !== null"
OLD, NEW = b"<title>Notes</title>", b"<title>Other notes</title>"


@pytest.fixture(scope="module")
def between(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Tampering]]:
    with running_server(tmp_path_factory.mktemp("server") / "data") as running, tampering(running.url) as here:
        yield dataclasses.replace(running, url=here.url.replace("127.0.0.1", "localhost")), here


@pytest.fixture
def server(between: tuple[Running, Tampering]) -> Running:
    between[1].edits.clear()
    return between[0]


@pytest.fixture
def proxy(between: tuple[Running, Tampering]) -> Tampering:
    return between[1]


def changed(proxy: Tampering, *, logged: bool, whole: bool = True) -> None:
    """Serve another release: its page has another title. `logged`: it says it logged it; `whole`: the page is there."""

    def other(raw: bytes) -> bytes:
        assert OLD in raw
        return raw.replace(OLD, NEW)

    def listed(raw: bytes) -> bytes:
        told = json.loads(raw)
        told["files"]["index.html"] = pages[0]
        releases.append(hashlib.sha256(json.dumps(told).encode()).digest())
        return json.dumps(told).encode()

    def claimed(raw: bytes) -> bytes:
        return json.dumps({**json.loads(raw), "release": base64.b64encode(releases[-1]).decode()}).encode()

    releases: list[bytes] = []
    pages = [hashlib.sha256(other(proxy.true("/"))).hexdigest()]
    proxy.edits[LIST] = listed
    if whole:
        proxy.edits["/"] = other
    if logged:
        proxy.edits[LOGGED] = claimed


def until(person: Person, expression: str) -> None:
    """Wait until it is true. (The driver's own waiting evaluates text, which the app's policy forbids.)"""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not person.page.evaluate(expression):
        assert time.monotonic() < end, expression
        person.page.wait_for_timeout(50)


def opened(person: Person) -> None:
    """Open the app for the first time, and wait until the device keeps it."""
    person.open()
    person.sees(WELCOME)
    until(person, CONTROLLED)
    assert person.page.title() == "Notes"


def hour_passes(person: Person) -> None:
    """Make the last look at the server's release an hour old."""
    person.page.evaluate(
        """async () => {
            const cache = await caches.open("release-state");
            const state = await (await cache.match("/release-state")).json();
            await cache.put("/release-state", new Response(JSON.stringify({ ...state, knownAt: 0 })));
        }"""
    )


def looked(person: Person) -> None:
    """Wait until the service worker has looked again and found the release to be a known one."""
    until(
        person,
        """async () => {
            const found = await (await caches.open("release-state")).match("/release-state");
            return (await found.json()).knownAt > 0;
        }""",
    )


def notice(person: Person) -> Any:
    return person.page.get_by_text(NOTICE, exact=True)


@pytest.mark.shows("served-app-is-checked")
@pytest.mark.parametrize(("logged", "whole"), [(False, True), (True, False)], ids=["not-logged", "file-differs"])
def test_an_app_that_is_no_known_release_is_not_taken_and_the_person_is_told(
    people: Any, proxy: Tampering, shots: Any, logged: bool, whole: bool
) -> None:
    ana = people()
    opened(ana)
    changed(proxy, logged=logged, whole=whole)
    asked = proxy.asked.count(LIST)
    ana.open()
    ana.sees(WELCOME)
    ana.page.wait_for_timeout(MOMENT_MS)
    assert (proxy.asked.count(LIST), notice(ana).count()) == (asked, 0)  # it looked within the hour
    hour_passes(ana)
    for _ in range(2):  # and at each load from then on, until it is a known release again
        ana.open()
        notice(ana).wait_for()
        ana.sees(WELCOME)
        assert ana.page.title() == "Notes"
    shots(ana, "release-unknown")
    proxy.edits.clear()
    ana.open()
    looked(ana)
    ana.sees(WELCOME)
    assert notice(ana).count() == 0


def test_a_logged_release_is_taken_silently(people: Any, proxy: Tampering) -> None:
    ana = people()
    opened(ana)
    changed(proxy, logged=True)
    hour_passes(ana)
    ana.open()
    assert ana.page.title() == "Notes"
    looked(ana)
    assert notice(ana).count() == 0
    ana.open()
    assert ana.page.title() == "Other notes"
    ana.sees(WELCOME)
    assert notice(ana).count() == 0


def test_at_the_first_visit_the_person_is_told_too_and_nothing_is_kept(people: Any, proxy: Tampering) -> None:
    changed(proxy, logged=False)
    ana = people()
    ana.open()
    notice(ana).wait_for()
    ana.sees(WELCOME)
    kept = ana.page.evaluate("caches.keys().then(names => names.filter(name => name.startsWith('release-of-')))")
    assert (kept, ana.page.evaluate(CONTROLLED)) == ([], False)


def test_without_the_server_the_kept_copy_and_its_help_open_and_nobody_is_warned(people: Any, proxy: Tampering) -> None:
    ana = people()
    opened(ana)
    hour_passes(ana)
    ana.context.set_offline(True)
    ana.open()
    ana.sees(WELCOME)
    ana.page.get_by_role("link", name="Help now").click()
    ana.page.wait_for_url("**/app/help.html")
    assert ana.title() == "If you are in danger now, call 112"
    ana.page.go_back()
    ana.sees(WELCOME)
    assert notice(ana).count() == 0
