"""Who fetched what, and what the server can see: told to the person with their own values, each line checked here."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, TALL, faults, too_small
from tests.browser.test_first_run import sign_up_by_lock
from tests.browser.test_people import befriended, share_moods
from tests.simulators.server import Running, running_server

NOT_READ = "We can't tell which entries were read."
FOOT = "This shows what was logged. A look that was never logged would have seen sealed data only."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run a server that signs its logs every second: by the hour, as elsewhere, is longer than a test waits."""
    quick = {"MINDHAVEN_LEDGER_PUBLISH_SECONDS": "1"}
    with running_server(tmp_path_factory.mktemp("server") / "data", environment=quick) as running:
        yield dataclasses.replace(running, url=running.url.replace("127.0.0.1", "localhost"))


def looked(people: Any) -> tuple[Person, Person]:
    """Return Ana and Ben, whose device fetched her moods."""
    ana, ben = befriended(people)
    share_moods(ana)
    ben.press("See if they answered")  # it also looks for what is new
    ben.page.get_by_role("button", name="Ana").get_by_text("shares with you: moods").wait_for()
    return ana, ben


def open_access(person: Person) -> None:
    """Open the page of who fetched what, and wait until it is checked."""
    person.press("People")
    person.press("Access")
    person.sees("Access")
    person.page.get_by_text(FOOT).wait_for()


def sound(person: Person) -> None:
    """Raise unless axe finds nothing, targets are large, and nothing scrolls sideways."""
    assert faults(person) == []
    assert too_small(person) == []
    assert person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def unsigned(route: Route) -> None:
    """Give a person's events as they are before the log has them."""
    page = route.fetch().json()
    route.fulfill(json={**page, "checkpoint": "", "entries": [{**one, "proof": None} for one in page["entries"]]})


def test_that_their_app_showed_it_is_a_report_beside_what_was_fetched(people: Any, shots: Any) -> None:
    ana, ben = looked(people)
    open_access(ana)
    ana.page.get_by_role("heading", name="Ben").wait_for()
    report = "Ben's app reports that it showed it. A report is no proof."
    assert ana.page.get_by_text(report).count() == 0
    ben.page.get_by_role("button", name="Ana").click()
    ben.page.get_by_text("Ana can see when your device fetches this, and that your app shows it.").wait_for()
    ben.page.locator(".rows strong", has_text="good").wait_for()
    ben.page.wait_for_timeout(600)
    ana.press("Back")
    open_access(ana)
    ana.page.get_by_text(report).wait_for()
    ana.page.get_by_text(NOT_READ).wait_for()
    shots(ana, "access-reported")
    sound(ana)


def test_nobody_has_fetched_anything_at_first(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    open_access(ana)
    ana.page.get_by_text("Nobody but you has fetched anything.").wait_for()
    ana.press("Show everything that was logged")
    ana.page.get_by_text("Your account began").wait_for()
    ana.page.get_by_text("you, on ").first.wait_for()
    ana.press("Show less")
    ana.press("Back")
    ana.sees("People")


def test_who_fetched_what_is_told_and_how_far_it_is_proven(people: Any, shots: Any) -> None:
    ana, _ = looked(people)
    ana.context.route("**/v1/activity*", unsigned)
    open_access(ana)
    ana.page.get_by_role("heading", level=2, name="Ben").wait_for()
    ana.page.get_by_text(NOT_READ).wait_for()
    line = ana.page.locator(".rows li", has_text="Ben's device fetched “moods” on ")
    assert line.count() == 1
    # The log grows by the hour: until then the line says what is missing.
    line.get_by_text("not verified yet: it waits for the server's public log").wait_for()
    shots(ana, "access-waiting")
    ana.press("Show everything that was logged")
    for said in ("A share began: moods", "for Ben", "An invitation link was made", "Changes were fetched: moods"):
        ana.page.get_by_text(said).first.wait_for()
    sound(ana)
    shots(ana, "access-everything")


@pytest.mark.shows("who-touched-is-told")
def test_a_line_that_the_log_proves_has_a_tick_and_the_word(people: Any, shots: Any) -> None:
    ana, _ = looked(people)
    until_verified(ana)
    shots(ana, "access")
    assert ana.page.get_by_text("not verified").count() == 0
    line = ana.page.locator(".rows li", has_text="Ben's device fetched")
    assert line.locator(".standing svg").count() == 1
    assert line.locator(".standing").inner_text() == "verified"
    for size, scheme in ((PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")):
        ana.page.set_viewport_size({**size, "height": TALL})
        ana.page.emulate_media(color_scheme=scheme)
        sound(ana)
        ana.page.set_viewport_size(size)
        ana.page.evaluate("scrollTo(0, 0)")
        shots(ana, f"access-{size['width']}-{scheme}")


def until_verified(person: Person) -> None:
    """Open the page until the log proves what it shows."""
    for _ in range(30):
        open_access(person)
        if person.page.locator(".rows .standing", has_text="not verified").count() == 0:
            return
        person.page.wait_for_timeout(500)
    raise AssertionError("the log was not signed")


def test_a_hidden_entry_is_named_and_nothing_is_shown_as_checked(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)

    def hide(route: Route) -> None:
        page = route.fetch().json()
        left = [one for one in page["entries"] if one["seq"] != 1]
        entries = [{**one, "seq": number} for number, one in enumerate(left)]
        route.fulfill(json={**page, "entries": entries, "total": page["total"] - 1})

    ana.context.route("**/v1/activity*", hide)
    ana.press("People")
    ana.press("Access")
    alert = ana.page.get_by_role("alert")
    alert.get_by_text("Something is missing in the record of who touched your data.").wait_for()
    alert.get_by_text("Ask the people who run the server what is missing here, and why.").wait_for()
    assert ana.page.get_by_text("Nobody but you has fetched anything.").count() == 0


def test_what_the_server_can_see_has_the_persons_own_values(people: Any, shots: Any, tmp_path: Path) -> None:
    ana, _ = looked(people)
    ana.press("You")
    ana.press("What this server can see")
    ana.sees("What this server can see")
    ana.page.get_by_role("heading", level=2, name="It can see").wait_for()
    for head in ("It can't see", "What someone could guess from that", "Who could ask for it"):
        assert ana.page.get_by_role("heading", level=2, name=head).count() == 1
    main = ana.page.get_by_role("main")
    for said in (
        "a passkey, a spare key",
        "Ben can read it, all of it, until ",
        "Entries: 1. Changed: 0. Removed: 0.",
        "None. It does not ask for one.",
    ):
        main.get_by_text(said).first.wait_for()
    main.get_by_text("That others may read something of yours. People: 1. Parts: 1.").wait_for()
    ana.page.get_by_role("button", name="Month by month: moods").click()
    main.get_by_text(": entries 1, changed 0, removed 0. Sizes: 1 × 1 KiB").wait_for()
    ana.page.get_by_role("button", name="Kind by kind").click()
    ana.page.get_by_role("cell", name="A share began").wait_for()
    with ana.page.expect_download() as download:
        ana.press("Save these values as a file")
    download.value.save_as(tmp_path / "seen.json")
    kept = json.loads((tmp_path / "seen.json").read_text("utf-8"))
    assert kept["ways_in"] == ["passkey", "spare"]
    assert len(kept["parts"]) == 2  # their list, and moods
    assert "Ben" not in json.dumps(kept)  # a name that the server does not have
    assert "mood" not in json.dumps(kept)
    for size, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"), (SMALL, "light")):
        ana.page.set_viewport_size({**size, "height": TALL})
        ana.page.emulate_media(color_scheme=scheme)
        sound(ana)
        ana.page.set_viewport_size(size)
        ana.page.evaluate("scrollTo(0, 0)")
        shots(ana, f"seen-{size['width']}-{scheme}")
    ana.press("Back")
    ana.sees("Your ways in and devices")


@pytest.mark.parametrize(
    ("language", "access", "nobody", "seen", "can"),
    [
        ("de", "Zugriffe", "Niemand außer dir hat etwas geholt.", "Was dieser Server sehen kann", "Das kann er sehen"),
        ("es", "Accesos", "Nadie más que tú ha descargado nada.", "Lo que este servidor puede ver", "Puede ver"),
    ],
)  # fmt: skip
def test_both_pages_speak_german_and_spanish(
    people: Any, shots: Any, language: str, access: str, nobody: str, seen: str, can: str
) -> None:
    ana = people(size=SMALL)
    sign_up_by_lock(ana)
    ana.page.evaluate("chosen => localStorage.setItem('language', chosen)", language)
    ana.page.reload()
    ana.page.get_by_role("main").get_by_role("button").first.click()
    ana.page.locator(".bar button").nth(3).click()
    ana.press(access)
    ana.page.get_by_text(nobody).wait_for()
    ana.page.set_viewport_size({**SMALL, "height": TALL})
    sound(ana)
    ana.page.locator(".bar button").nth(4).click()
    ana.press(seen)
    ana.page.get_by_role("heading", level=2, name=can, exact=True).wait_for()
    sound(ana)
    ana.page.set_viewport_size(SMALL)
    ana.page.evaluate("scrollTo(0, 0)")
    shots(ana, f"seen-320-{language}")
