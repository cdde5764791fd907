"""A server that lies to a real browser: what the person reads, what still shows, and that writing goes on.

docs/attacks/browser.md. The whole list of lies is played against the same code without a browser, in
web/packages/sdk/test/; here is what those tests can't see: the words on the page.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route
from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import first_mood, keep_spare_key, sign_up_by_lock
from tests.browser.test_people import befriended

from mindhaven.crypto.encoding import decode, encode

IN_ADDRESS = str.maketrans("+/", "-_")
PAGES = re.compile(r"/v1/collections/([\w-]{43})/commits")
ASK_THE_HOST = "Ask the people who run the server."
KEEP_WRITING = "Your copy on this device has not changed. Keep writing: what you write stays here."


class Lies:
    """Stands between one person's browser and the server, and changes what it is told to change."""

    def __init__(self, person: Person) -> None:
        self.page: Callable[[list[Any]], list[Any]] | None = None
        self.json: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.instead: dict[str, str] = {}
        self.told = 0
        self.index: str | None = None
        person.context.route("**/v1/**", self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/v1/")[2]
        found = PAGES.search(request.url)
        if found is not None and self.index is None:
            self.index = found[1]  # a device asks for its list of collections before any other
        changed, lie = self.json.get(path), self.page  # as it is now: other things happen while the server is asked
        if path in self.instead:
            self.told += 1
            route.fulfill(response=route.fetch(url=request.url.replace(path, self.instead[path])))
        elif changed is not None:
            answer = route.fetch()
            self.told += 1
            route.fulfill(response=answer, body=json.dumps(changed(answer.json())))
        elif lie is not None and found is not None and found[1] != self.index and request.method == "GET":
            answer = route.fetch()
            self.told += 1
            route.fulfill(response=answer, body=encode(lie(decode(answer.body()))))
        else:
            route.continue_()


def save(person: Person, mood: str) -> None:
    """Enter a mood and wait until it stands on this device."""
    person.page.get_by_text(mood, exact=True).click()
    person.press("Save")
    person.page.locator(".rows strong", has_text=mood).first.wait_for()


def reads(person: Person, *sentences: str) -> None:
    """Wait until the person is told each of these."""
    for sentence in sentences:
        person.page.get_by_role("alert").get_by_text(sentence).wait_for()


def all_is_sent(person: Person) -> None:
    """Wait until nothing waits and nothing is wrong."""
    person.page.get_by_text("waits on this device").first.wait_for(state="detached")
    person.page.locator(".fault").wait_for(state="detached")


def by_spare_key(person: Person, rows: list[str]) -> None:
    """Sign a new device in by the spare key."""
    person.keeps_secret("".join(rows))
    person.open()
    person.press("I already use this")
    person.page.get_by_role("button", name="With the spare key").click()
    person.page.get_by_label("Spare key, all eight rows").fill("\n".join(rows))
    person.press("Open")
    person.sees("How are you right now?")


def accounts_asked_for(person: Person) -> set[str]:
    """Return which accounts a device asked the server for."""
    paths = [one.url.partition("/v1/")[2] for one in person.asked]
    return {path for path in paths if path.startswith("accounts/")}


def test_an_older_state_is_told_and_the_entries_stay(people: Any, shots: Any) -> None:
    ana = people()
    lies = Lies(ana)
    sign_up_by_lock(ana, "good")
    all_is_sent(ana)
    lies.page = lambda page: [page[0] - 1, bytes(32), []]
    save(ana, "low")
    reads(ana, "The server shows an older state of a collection than this device has seen.", ASK_THE_HOST, KEEP_WRITING)
    shots(ana, "rollback")
    assert lies.told
    assert ana.page.locator(".rows strong").all_inner_texts() == ["low", "good"]
    save(ana, "so-so")  # writing goes on
    ana.page.get_by_text("waits on this device").first.wait_for()
    lies.page = None
    save(ana, "very low")
    all_is_sent(ana)


def test_a_server_that_says_it_was_restored_is_told_of(people: Any, shots: Any) -> None:
    ana = people()
    lies = Lies(ana)
    sign_up_by_lock(ana)
    all_is_sent(ana)

    def restored(shown: dict[str, Any]) -> dict[str, Any]:
        index = [one for one in shown["collections"] if one["id"].translate(IN_ADDRESS).rstrip("=") == lies.index]
        assert len(index) == 1, "the list of collections itself is shown"
        now = int(time.time())
        return {**shown, "collections": index, "offer_since": now - 86_400, "offer_until": now + 86_400}

    lies.json["collections"] = restored
    ana.page.reload()
    ana.press("Open with this device's lock")
    reads(ana, "The server was set back to an earlier day and still lacks a part of your entries.")
    shots(ana, "restored-behind")
    ana.page.locator(".rows strong", has_text="good").first.wait_for()
    assert lies.told > 0
    lies.json.clear()
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.sees("How are you right now?")
    all_is_sent(ana)


def test_a_withheld_entry_is_told_as_long_as_it_is_missing(people: Any) -> None:
    ana = people()
    rows = sign_up_by_lock(ana, "good")
    all_is_sent(ana)
    laptop = people(size=DESKTOP, prf=None)
    lies = Lies(laptop)
    by_spare_key(laptop, rows)
    laptop.page.locator(".rows strong", has_text="good").wait_for()
    save(ana, "very low")
    all_is_sent(ana)
    lies.page = lambda page: [*page[:2], [[signed, [None] * len(items)] for signed, items in page[2]]]
    for mood in ("low", "so-so"):
        save(laptop, mood)
        reads(laptop, "The server withholds 1 record(s) that the chain says are there.", ASK_THE_HOST)
    assert lies.told
    assert laptop.page.locator(".rows strong", has_text="good").count() == 1
    laptop.page.get_by_text("waits on this device").first.wait_for()
    lies.page = None
    save(laptop, "very good")
    all_is_sent(laptop)
    laptop.press("Look back")
    laptop.page.locator(".rows strong", has_text="very low").wait_for()


def test_keys_of_another_for_a_contact_are_told_and_nothing_is_shared(people: Any, shots: Any) -> None:
    ana, ben = befriended(people)
    (bens,), (anas,) = accounts_asked_for(ana), accounts_asked_for(ben)
    assert bens != anas
    lies = Lies(ana)
    lies.instead[bens] = anas
    ana.page.get_by_role("button", name="Ben").click()
    ana.press("Share something")
    ana.page.get_by_role("button", name="moods").click()
    ana.page.get_by_role("button", name="From the beginning").click()
    ana.press("Go on")
    ana.sees("This is what Ben will see")
    ana.press("Go on")
    ana.sees("Share moods with Ben?")
    ana.press("Share it")
    reads(ana, "The server shows an older or another history of an account", "Compare safety words with that person.")
    shots(ana, "swapped-key")
    assert lies.told
    assert [one.url for one in ana.asked if one.url.endswith("/grants")] == []
    ana.press("Today")
    save(ana, "very low")  # writing goes on, and what is written is sealed for oneself alone
    all_is_sent(ana)
    lies.instead.clear()
    ben.press("See if they answered")
    ben.page.get_by_text("nothing is shared").wait_for()


def test_a_weaker_passphrase_protection_is_refused_before_anything_is_sent(people: Any, shots: Any) -> None:
    ana = people()
    ana.open()
    ana.press("Start")
    ana.page.get_by_role("button", name=re.compile("With five words")).click()
    words = ana.page.locator(".words").inner_text()
    ana.keeps_secret(words)
    ana.press("I have them")
    ana.page.get_by_label("Your five words").fill(words)
    ana.press("Go on")
    first_mood(ana, "low")
    ana.press("Go on")
    keep_spare_key(ana)
    ana.page.get_by_label("A name to sign in with").fill("ana")
    ana.press("Keep a sealed copy")
    ana.sees("How are you right now?")
    ana.press("You")
    handle = re.search(r"ana-\d{6}", ana.page.get_by_text("Your sign-in name is").inner_text())
    assert handle

    laptop = people(size=DESKTOP, prf=None)
    laptop.keeps_secret(words)
    lies = Lies(laptop)
    lies.json["login/start"] = lambda started: {**started, "memory_kib": 8, "passes": 1}
    laptop.open()
    laptop.press("I already use this")
    laptop.page.get_by_role("button", name="With a name and words").click()
    laptop.page.get_by_label("Sign-in name").fill(handle[0])
    laptop.page.get_by_label("Type your words").fill(words)
    laptop.press("Open")
    reads(
        laptop,
        "The server asks for a weaker passphrase protection than this client accepts.",
        "Do not type your passphrase at this server again.",
    )
    shots(laptop, "argon2-floor")
    assert lies.told
    assert [one.url for one in laptop.asked if one.url.endswith("/v1/login")] == []
    lies.json.clear()
    laptop.press("Open")
    laptop.sees("How are you right now?")
    laptop.page.locator(".rows strong", has_text="low").wait_for()
