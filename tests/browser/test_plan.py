"""The plan for hard days: written, kept meanwhile, read in one tap and offline; the app in three languages."""

from typing import Any

from tests.browser.conftest import DESKTOP, Person
from tests.browser.test_first_run import sign_up_by_lock


def write_plan(person: Person) -> None:
    """Write a short plan."""
    person.press("Plan")
    person.sees("My plan for hard days")
    person.press("Make a plan")
    person.sees("Write your plan")
    person.page.get_by_label("Signs that it is getting hard").fill("I stop answering\nI don't sleep")
    person.page.get_by_label("People I can ask for help").fill("Sam, 0123 456 789\nThe neighbour")
    person.page.get_by_label("My reasons for living").fill("My dog")
    person.press("Save")
    person.sees("My plan for hard days")


def test_a_plan_is_written_read_offline_and_changed(people: Any, shots: Any) -> None:
    ana = people()
    ana.keeps_secret("I stop answering", "My dog", "0123 456 789")
    sign_up_by_lock(ana, "low")
    write_plan(ana)
    shots(ana, "plan")
    assert ana.page.get_by_role("link", name="Call Sam").get_attribute("href") == "tel:0123456789"
    assert ana.page.get_by_role("link", name="Call The neighbour").count() == 0
    ana.context.set_offline(offline=True)
    ana.press("Today")
    ana.press("Plan")  # one tap
    ana.page.get_by_text("I don't sleep").wait_for()
    ana.press("Change it")
    ana.page.get_by_label("Anything else").fill("half a line")
    ana.press("Today")  # left before it was saved
    ana.press("Plan")
    ana.press("Change it")
    assert ana.page.get_by_label("Anything else").input_value() == "half a line"
    assert ana.page.get_by_label("People I can ask for help").input_value() == "Sam, 0123 456 789\nThe neighbour"
    ana.press("Save")
    ana.page.get_by_text("half a line").wait_for()
    ana.context.set_offline(offline=False)
    ana.page.reload()
    ana.press("Open with this device's lock")
    ana.press("Plan")
    ana.page.get_by_text("half a line").wait_for()


def test_an_empty_plan_says_so_and_loses_nothing(people: Any) -> None:
    ana = people()
    sign_up_by_lock(ana)
    ana.press("Plan")
    ana.press("Make a plan")
    ana.press("Save")
    ana.page.get_by_text("Write at least one line first.").wait_for()


def test_the_app_speaks_german_and_spanish_from_the_first_page_on(people: Any, shots: Any) -> None:
    ana = people(size=DESKTOP)
    ana.open()
    ana.sees("A private place for how you are")
    ana.press("Deutsch")
    ana.sees("Ein privater Ort für das, was in dir vorgeht")
    assert ana.page.evaluate("document.documentElement.lang") == "de"
    shots(ana, "welcome-de")
    ana.press("Español")
    ana.sees("Un lugar privado para anotar cómo estás")
    ana.page.reload()
    ana.sees("Un lugar privado para anotar cómo estás")  # it stays, and nothing else of it leaves
    ana.press("Empezar")
    ana.page.get_by_role("button", name="Con el bloqueo de este aparato").click()
    ana.sees("¿Cómo estás ahora mismo?")
    ana.page.get_by_text("regular", exact=True).click()
    ana.press("Guardar")
    ana.page.get_by_text("Guardado. Cerrado en este aparato.").wait_for()
