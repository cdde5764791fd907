"""The policy as a page: found where it is asked for, in three languages, without script, at every size."""

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
