"""Leaving at once, looking like something else, locking by itself, a shared device: what protects from who is near."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route
from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import sign_up_by_lock
from tests.simulators.server import running_server

NEWS = "https://news.example/today"
"""The ordinary page that a host named."""
OWN = "https://weather.example/"
"""The one that a person chose."""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server whose host named a page for Exit; return its address."""
    settings = {"MINDHAVEN_SERVER_EXIT_PAGE": NEWS}
    with running_server(tmp_path_factory.mktemp("named") / "data", environment=settings) as running:
        yield running.url.replace("127.0.0.1", "localhost")


def exit_leads(person: Person, address: str) -> None:
    """Press Exit and hold that it leads to `address`, which is told nothing; nothing leaves this machine."""
    asked: list[tuple[str, str | None]] = []

    def ordinary(route: Route) -> None:
        asked.append((route.request.url, route.request.header_value("referer")))
        route.fulfill(body="an ordinary page")

    person.page.route(re.compile(r"https://\w+\.example/"), ordinary)
    person.press("Exit")
    person.page.get_by_text("an ordinary page").wait_for()
    assert asked == [(address, None)]
    person.page.unroute_all()
    person.asked[:] = [one for one in person.asked if one.url != address]  # on purpose


def host_was_asked(person: Person, path: str = "/") -> None:
    """Open the app; wait until it knows what its host named."""
    with person.page.expect_response("**/exit.json"):
        person.open(path)
    person.page.wait_for_function("localStorage.getItem('exit') !== null")


def press_shift(person: Person, times: int) -> None:
    """Press Shift alone, some times."""
    for _one in range(times):
        person.page.keyboard.press("Shift")


def test_exit_blanks_leads_elsewhere_and_back_does_not_return(people: Any) -> None:
    ana = people()
    ana.keeps_secret("what nobody sees")
    ana.page.goto("about:blank")
    sign_up_by_lock(ana)
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").fill("what nobody sees")
    entries = ana.page.evaluate("history.length")
    for tab in ("Look back", "Plan", "People", "You", "Today"):
        ana.press(tab)
    assert ana.page.evaluate("history.length") == entries, "moves within the app stand in the history"
    ana.press("Exit")
    ana.page.wait_for_url("about:blank")
    ana.page.go_back()  # to what was open before this app
    ana.page.wait_for_timeout(500)
    assert ana.page.url == "about:blank"
    assert "nobody" not in ana.page.content()


def test_the_systems_back_goes_one_step_back_within_the_app(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("How private this looks")
    ana.sees("How private this looks")
    ana.page.go_back()
    ana.sees("Your ways in and devices")
    ana.page.go_back()
    ana.sees("How are you right now?")


def test_shift_three_times_leaves_also_while_typing_and_practice_does_not(people: Any, shots: Any) -> None:
    ana = people(size=DESKTOP)
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("How private this looks")
    ana.page.get_by_label("Where Exit leads").fill("http://plain.example/")
    ana.press("Keep it")
    ana.page.get_by_text("Use an address that begins with https://").wait_for()
    shots(ana, "safety")
    ana.press("Practise")
    ana.sees("Practise")
    press_shift(ana, 3)
    ana.page.get_by_text("That was it.").wait_for()
    ana.press("Today")
    ana.press("Write")
    ana.page.get_by_label("What is on your mind?").focus()
    press_shift(ana, 2)
    ana.page.keyboard.press("A")
    press_shift(ana, 1)  # another key came between
    ana.sees("Journal")
    press_shift(ana, 3)
    ana.page.wait_for_url("about:blank")


def test_exit_leads_to_the_page_that_was_chosen(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("How private this looks")
    ana.page.get_by_label("Where Exit leads").fill(OWN)
    ana.press("Keep it")
    ana.page.get_by_text("Kept.", exact=True).wait_for()
    exit_leads(ana, OWN)


def test_exit_leads_to_the_hosts_page_until_the_person_chose_one(people: Any, named: str, shots: Any) -> None:
    ana = people()
    ana.url = named
    host_was_asked(ana)
    ana.sees("A private place for how you are")
    exit_leads(ana, NEWS)  # from the first page of all
    # An app before this one wrote a blank page there that nobody had chosen.
    ana.page.goto(named + "/app/help.html")
    ana.page.evaluate("""localStorage.setItem('comforts', '{"look":"notes","exitTo":"about:blank"}')""")
    sign_up_by_lock(ana)
    exit_leads(ana, NEWS)  # from Today
    host_was_asked(ana)
    ana.sees("Open your notes")
    exit_leads(ana, NEWS)  # from the page that unlocks
    ana.open()
    ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("How private this looks")
    ana.page.get_by_text(f"Leave it empty for the page that this server names: {NEWS}").wait_for()
    assert ana.page.get_by_label("Where Exit leads").input_value() == "", "the host's page is no choice of hers"
    ana.press("A blank page")
    ana.page.get_by_text("Kept.", exact=True).wait_for()
    ana.press("Exit")
    ana.page.wait_for_url("about:blank")
    ana.open()
    ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("How private this looks")
    assert ana.page.get_by_label("Where Exit leads").input_value() == "about:blank"
    ana.page.get_by_label("Where Exit leads").fill("")
    ana.press("Keep it")
    shots(ana, "safety-host-exit")
    ana.press("Days")  # a choice of something else
    ana.page.evaluate("localStorage.setItem('exit', 'https://other.example/')")  # the host names another page
    exit_leads(ana, "https://other.example/")
    ana.open()
    ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("How private this looks")
    ana.page.get_by_label("Where Exit leads").fill(OWN)
    ana.press("Keep it")
    ana.page.get_by_text("Kept.", exact=True).wait_for()
    ana.press("Lists")
    exit_leads(ana, OWN)
    host_was_asked(ana)
    exit_leads(ana, OWN)  # it was asked for anew, and her own goes before it
    host_was_asked(ana)
    ana.press("Open with this device's lock")
    ana.press("You")
    ana.press("How private this looks")
    assert ana.page.get_by_label("Where Exit leads").input_value() == OWN
    ana.page.get_by_label("Where Exit leads").fill("")
    ana.press("Keep it")
    ana.page.get_by_text("Kept.", exact=True).wait_for()
    exit_leads(ana, NEWS)  # her own was taken back


def test_a_link_that_is_opened_in_the_same_tab_leaves_nothing_in_the_history(people: Any) -> None:
    ana, ben = people(), people(size=DESKTOP)
    ben.page.goto("about:blank")
    sign_up_by_lock(ana)
    sign_up_by_lock(ben)
    ana.press("People")
    ana.press("Add a person")
    ana.sees("Invite one person")
    link = ana.page.get_by_label("Copy the link").input_value()
    ben.keeps_secret(link.partition("#invite=")[2])
    ben.page.evaluate("link => { location.href = link }", link)
    ben.sees("Someone wants to share with you")
    ben.page.wait_for_timeout(300)
    assert "#" not in ben.page.evaluate("location.href")
    ben.page.evaluate("history.forward()")  # nor is it the entry that comes next
    ben.page.wait_for_timeout(300)
    assert "#" not in ben.page.evaluate("location.href")
    ben.press("Exit")
    ben.page.wait_for_timeout(500)
    ben.page.go_back()
    ben.page.wait_for_timeout(500)
    assert ben.page.url == "about:blank"


def test_it_can_be_called_something_else_before_it_is_installed(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    assert ana.page.title() == "Notes"
    ana.press("You")
    ana.press("How private this looks")
    ana.press("Days")
    assert ana.page.title() == "Days"
    ana.page.reload()
    ana.sees("Open your notes")
    assert ana.page.title() == "Days"
    manifest = ana.page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then(answer => answer.json())"
    )
    assert (manifest["name"], manifest["icons"][0]["src"]) == ("Days", "/app/icon-days.svg")


def test_it_covers_itself_when_hidden_and_locks_after_a_while(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("How private this looks")
    ana.press("1 minute")
    hide = """state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
                         document.dispatchEvent(new Event('visibilitychange')) }"""
    ana.page.evaluate(hide, "hidden")
    assert ana.page.evaluate("getComputedStyle(document.body).visibility") == "hidden"
    ana.page.evaluate(hide, "visible")
    assert ana.page.evaluate("getComputedStyle(document.body).visibility") == "visible"
    ana.sees("How private this looks")
    ana.page.evaluate(hide, "hidden")
    ana.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 61_000 }")
    ana.page.evaluate(hide, "visible")
    ana.sees("Open your notes")


def test_a_shared_device_keeps_nothing(people: Any, shots: Any) -> None:
    ana = people()
    ana.keeps_secret("only on my phone")
    rows = sign_up_by_lock(ana, "low")
    library = people(size=DESKTOP, prf=None)
    library.open()
    library.press("I already use this")
    library.page.get_by_role("checkbox", name=re.compile("This device is shared")).check()
    library.page.get_by_text("Shared device: nothing is kept here.").wait_for()
    library.page.get_by_role("button", name="With the spare key").click()
    library.page.get_by_role("textbox").fill(" ".join(rows))
    library.press("Open")
    library.sees("How are you right now?")
    library.page.locator(".rows strong", has_text="low").wait_for()
    shots(library, "shared-device")
    assert library.page.evaluate("indexedDB.databases().then(all => all.length)") == 0
    library.page.reload()
    library.sees("A private place for how you are")
    library.press("I already use this")
    box = library.page.get_by_role("checkbox", name=re.compile("This device is shared"))
    assert not box.is_checked()  # it holds for one sitting: nothing remembers it


def test_a_connection_that_others_can_read_is_refused(people: Any) -> None:
    ana = people()
    ana.context.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    ana.open()
    ana.sees("This can't open here")
    ana.page.get_by_text("Open it with https://").wait_for()
    assert ana.page.get_by_role("button", name="Start").count() == 0
    assert ana.page.workers == []


def test_it_does_not_lock_while_somebody_breathes_with_it(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("You")
    ana.press("How private this looks")
    ana.press("1 minute")
    ana.press("Today")
    ana.press("Breathe")
    ana.press("Start")
    ana.page.get_by_role("button", name="Stop").wait_for()
    ana.page.wait_for_timeout(10_500)  # it looks every ten seconds
    ana.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 55_000 }")
    ana.page.wait_for_timeout(10_500)
    ana.page.get_by_role("button", name="Stop").wait_for()  # 76 seconds without a touch
    ana.press("Stop")
    ana.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 61_000 }")
    ana.page.wait_for_timeout(10_500)
    ana.sees("Open your notes")


def test_an_offer_to_install_waits_beside_the_choice_of_name_and_picture(people: Any) -> None:
    """A headless Chromium makes no offer of its own: this one is made in its place, as the standard has it."""
    ana = people()
    sign_up_by_lock(ana)
    held = ana.page.evaluate(
        """() => { const offer = new Event("beforeinstallprompt", { cancelable: true });
                   offer.prompt = () => { window.prompted = (window.prompted ?? 0) + 1; return Promise.resolve(); };
                   dispatchEvent(offer);
                   return offer.defaultPrevented }"""
    )
    assert held, "the browser would ask before a name was chosen"
    ana.press("You")
    ana.press("How private this looks")
    ana.page.get_by_role("button", name="Install it as “Notes”").wait_for()
    ana.press("Lists")
    ana.press("Install it as “Lists”")
    assert ana.page.evaluate("window.prompted") == 1
    ana.page.get_by_role("button", name="Install it as “Lists”").wait_for(state="detached")
