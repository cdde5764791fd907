"""What a screen reader, a keyboard and a small screen meet: axe finds nothing, in light and dark, on every view."""

from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE, Person
from tests.browser.test_first_run import sign_up_by_lock

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TALL = 2000
"""The bar at the bottom stays while a page scrolls under it; axe would take what lies under it for too small."""
SMALL = {"width": 320, "height": 640}
"""As wide as a desktop of 1280 is at 400 % zoom (WCAG 2.2, 1.4.10)."""
TARGET = 48
"""The least width and height of what is pressed."""


def faults(person: Person) -> list[str]:
    """Return what axe finds on the page as it stands."""
    person.page.evaluate(AXE.read_text("utf-8") + "; void 0")
    found = person.page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


def too_small(person: Person) -> list[str]:
    """Return the buttons and links that are smaller than a thumb."""
    found: list[str] = person.page.evaluate(
        """least => [...document.querySelectorAll('button, a, input:not([type=radio]), label.face')]
            .filter(one => { const box = one.getBoundingClientRect();
                             return box.width > 0 && (box.width < least || box.height < least - 0.5) })
            .map(one => one.outerHTML.slice(0, 100))""",
        TARGET,
    )
    return found


def walk(person: Person) -> Any:
    """Yield on every view that a signed-in person reaches."""
    for tab in ("Today", "Look back", "People", "You"):
        person.press(tab)
        yield tab
    person.press("Ways in")
    person.page.locator(".rows li").nth(1).wait_for()
    yield "ways in"
    person.press("Add words")
    person.page.locator(".words").wait_for()
    yield "new words"
    person.press("Use words of my own")
    yield "own words"
    person.press("You")
    person.press("Delete everything")
    yield "leave"
    person.press("Keep it")
    person.press("People")
    person.press("Add a person")
    person.sees("Invite one person")
    person.page.locator(".qr").wait_for()
    yield "invite"


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark"), (SMALL, "light")])
def test_nothing_is_found_on_any_view(people: Any, shots: Any, size: dict[str, int], scheme: str) -> None:
    ana = people(size={**size, "height": TALL}, scheme=scheme)
    name = f"{size['width']}-{scheme}"
    ana.open()
    ana.sees("A private place for how you are")
    assert faults(ana) == []
    ana.press("I already use this")
    assert faults(ana) == []
    ana.page.reload()
    ana.sees("A private place for how you are")
    sign_up_by_lock(ana)
    for view in walk(ana):
        assert faults(ana) == [], view
        assert too_small(ana) == [], view
        wide = ana.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{view} scrolls sideways"
        shots(ana, f"{name}-{view.replace(' ', '-').lower()}")


def test_the_first_run_needs_no_mouse(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    ana.page.keyboard.press("Tab")  # from the title, which has the focus, on
    assert ana.page.evaluate("document.activeElement.textContent") == "Start"
    ana.page.keyboard.press("Enter")
    ana.sees("How do you want to open it?")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("Enter")
    ana.sees("How are you right now?")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")
    ana.page.get_by_text("Saved. Sealed on this device.").wait_for()


def test_exit_is_first_in_the_order_of_the_keyboard(people: Any) -> None:
    ana = people()
    ana.open()
    ana.sees("A private place for how you are")
    first = ana.page.evaluate(
        "[...document.querySelectorAll('button, a[href], input, textarea, [tabindex=\"0\"]')][0].textContent"
    )
    assert first == "Exit"
