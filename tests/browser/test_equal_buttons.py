"""Where the app asks for something optional, yes and no are the same: size, weight and contrast, in every language."""

from typing import Any

import pytest
from tests.browser.conftest import PHONE, Person
from tests.browser.test_people import befriended

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
TABS = {"back": 1, "people": 3, "you": 4}
"""Where a tab stands on the bar, whatever it is called."""
PATTERNS = {"en": "Patterns", "de": "Muster", "es": "Patrones"}
SHARE = {"en": "Share something", "de": "Etwas teilen", "es": "Compartir algo"}
LOOK = """one => { const look = getComputedStyle(one), box = one.getBoundingClientRect();
  return { width: Math.round(box.width), height: Math.round(box.height),
           look: [look.fontSize, look.fontWeight, look.color, look.backgroundColor, look.borderTopColor,
                  look.borderTopWidth, look.opacity].join(" ") } }"""


def tab(person: Person, name: str) -> None:
    """Press a tab by its place."""
    person.page.locator("nav.bar button").nth(TABS[name]).click()


def equal(person: Person) -> None:
    """Hold the two buttons of the page that asks against each other."""
    buttons = person.page.locator("main .pair .button")
    buttons.nth(1).wait_for()
    assert buttons.count() == 2
    yes, no = (buttons.nth(place).evaluate(LOOK) for place in (0, 1))
    assert yes == no
    assert yes["height"] >= 48


def asked_for_a_copy(person: Person) -> None:
    """Go through a first run to the sealed copy, by the places of things."""
    page = person.page
    page.locator("main .pair .button").first.click()
    page.locator("main .choice").first.click()
    page.locator("main input[type=radio]").nth(3).check(force=True)
    page.locator("main .button.main").click()
    page.locator("main [role=status], main .notice").first.wait_for()
    page.locator("main .button.main").last.click()
    page.locator(".key-rows li").nth(7).wait_for()
    rows = ["".join(text.split())[1:] for text in page.locator(".key-rows li").all_inner_texts()]
    person.keeps_secret(*rows)
    page.locator("main .pair .button").first.click()
    fields = page.locator(".field")
    fields.nth(1).wait_for()
    for place in (0, 1):
        number = int("".join(sign for sign in fields.nth(place).locator("span").first.inner_text() if sign.isdigit()))
        fields.nth(place).locator("input").fill(rows[number - 1])
    page.locator("main .button.main").click()
    page.locator(".key-rows, .field").first.wait_for(state="detached")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sealed_copy_and_patterns_are_asked_for_evenly(people: Any, language: str) -> None:
    ana = people(size=PHONE)
    ana.open()
    ana.press(LANGUAGES[language])
    ana.page.locator(f"html[lang={language}]").wait_for()
    asked_for_a_copy(ana)
    equal(ana)
    ana.page.locator("main .pair .button").first.click()
    ana.page.locator("main .face, main label.face").first.wait_for()
    tab(ana, "back")
    ana.press(PATTERNS[language])
    equal(ana)


def test_a_share_is_asked_for_evenly_in_every_language(people: Any) -> None:
    ana, _ = befriended(people)
    for language, name in LANGUAGES.items():
        tab(ana, "you")
        ana.press(name)
        ana.page.locator(f"html[lang={language}]").wait_for()
        tab(ana, "people")
        ana.page.get_by_role("button", name="Ben").click()
        ana.press(SHARE[language])
        for _step in ("what", "from"):
            heading = ana.title()
            ana.page.locator("main .choice").first.click()
            ana.page.wait_for_function("before => document.querySelector('h1')?.innerText !== before", arg=heading)
        for _step in ("until", "look"):
            heading = ana.title()
            ana.page.locator("main .button.main").click()
            ana.page.wait_for_function("before => document.querySelector('h1')?.innerText !== before", arg=heading)
        equal(ana)
