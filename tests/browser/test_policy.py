"""The policy as a page: found where it is asked for, in three languages, without script, at every size."""

import base64
from typing import Any

from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_accessible import SMALL, faults
from tests.browser.test_first_run import sign_up_by_lock

TITLES = {
    "": "What happens with your data here",
    "/de": "Was hier mit deinen Daten geschieht",
    "/es": "Qué pasa aquí con tus datos",
}


def fits(person: Person) -> None:
    """Raise unless axe finds nothing and nothing scrolls sideways."""
    assert faults(person) == []
    assert person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_it_reads_well_in_each_language_and_at_each_size(people: Any, shots: Any) -> None:
    for scheme, sizes in (("light", (PHONE, SMALL, DESKTOP)), ("dark", (PHONE,))):
        reader = people(scheme=scheme, prf=None)
        for path, title in TITLES.items():
            reader.page.goto(f"{reader.url}/policy{path}")
            assert reader.title() == title
            assert reader.page.locator("script").count() == 0
            for size in sizes:
                reader.page.set_viewport_size(size)
                fits(reader)
        reader.page.set_viewport_size(PHONE)
        shots(reader, f"policy-{scheme}")
    reader.page.get_by_role("link", name="Deutsch").click()
    assert reader.title() == TITLES["/de"]


def test_the_app_leads_to_it_before_anything_leaves_the_device_and_later(people: Any, shots: Any) -> None:
    ana = people(size=DESKTOP)
    sign_up_by_lock(ana)
    ana.press("You")
    shots(ana, "you-policy")
    with ana.context.expect_page() as opened:
        ana.page.get_by_role("link", name="What happens with your data").click()
    page = opened.value
    page.get_by_role("heading", level=1, name=TITLES[""]).wait_for()
    assert page.evaluate("window.opener") is None
    page.close()
    ana.page.get_by_role("link", name="What happens with your data").wait_for()


def test_the_laws_where_somebody_lives_read_well_in_each_language_and_at_each_size(people: Any, shots: Any) -> None:
    for scheme, sizes in (("light", (PHONE, SMALL, DESKTOP)), ("dark", (PHONE,))):
        reader = people(scheme=scheme, prf=None)
        for language in ("en", "de", "es"):
            reader.page.goto(f"{reader.url}/policy/{language}")
            reader.page.locator(f'a[href="/policy/{language}/laws"]').first.click()
            reader.page.locator("h2").nth(11).wait_for()
            assert reader.page.evaluate("document.documentElement.lang") == language
            assert reader.page.locator("script").count() == 0
            for size in sizes:
                reader.page.set_viewport_size(size)
                fits(reader)
        reader.page.set_viewport_size(PHONE)
        reader.page.goto(f"{reader.url}/policy/en/laws")
        shots(reader, f"policy-laws-{scheme}")


def test_what_changed_reads_well_and_somebody_with_an_account_is_told_once(people: Any, shots: Any) -> None:
    """The device was last told of another policy: the app says so under You, leads to what changed, then is quiet."""
    reader = people(prf=None)
    for language in ("en", "de", "es"):
        reader.page.goto(f"{reader.url}/policy/{language}/changes")
        reader.page.locator("h2").first.wait_for()
        assert reader.page.evaluate("document.documentElement.lang") == language
        assert reader.page.locator("script").count() == 0
        fits(reader)
    shots(reader, "policy-changes")
    ana = people(size=PHONE)

    def older(route: Any) -> None:
        """Stand in for an older policy: the server of these tests has only one."""
        response = route.fetch()
        told = response.json()
        told["policy"] = base64.b64encode(bytes([1]) * 32).decode()
        route.fulfill(response=response, json=told)

    ana.context.route("**/v1/purposes", older)
    sign_up_by_lock(ana)
    ana.press("You")
    ana.page.get_by_role("heading", name="Devices", exact=True).wait_for()
    ana.page.wait_for_timeout(500)
    news = ana.page.get_by_text("What this server does with your data has changed since you last looked.")
    assert news.count() == 0, "the first policy is not news"
    ana.context.unroute("**/v1/purposes")
    ana.press("Today")
    ana.press("You")
    news.wait_for()
    shots(ana, "policy-news")
    assert ana.page.get_by_role("link", name="See what changed").get_attribute("href") == "/policy/en/changes"
    ana.press("I have seen it")
    news.wait_for(state="detached")
    ana.press("Today")
    ana.press("You")
    ana.page.get_by_role("heading", name="Devices", exact=True).wait_for()
    ana.page.wait_for_timeout(500)
    assert news.count() == 0
