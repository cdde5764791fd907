"""What changed between published policies, and in which language a page is shown."""

import pytest

from mindhaven.register import changed, policy
from mindhaven.register.api import preferred
from mindhaven.register.changed import Text

FIRST = "# What happens\n\n- A is kept.\n- B is kept.\n\nAsk them.\n"
SECOND = "# What happens\n\n- A is kept.\n- C is kept.\n\n## More\n\nAsk them.\n"


def test_what_is_gone_and_what_is_new_stand_without_marks() -> None:
    assert changed.lines(FIRST, SECOND) == (["B is kept."], ["C is kept.", "More"])
    assert changed.lines(FIRST, FIRST) == ([], [])


def test_each_version_says_what_it_changed_the_newest_first() -> None:
    texts = [Text(version=1, day="2026-01-02", text=FIRST), Text(version=2, day="2026-03-04", text=SECOND),
             Text(version=3, day="2026-05-06", text=SECOND)]  # fmt: skip
    title, third, second, first = changed.sections(texts, "en")
    assert title.heading == "What changed, and when"
    assert (third.heading, third.terms) == ("Version 3, of 2026-05-06", ())
    assert third.paragraphs == ("Nothing changed in this text.",)
    assert second.terms == (("Gone", "B is kept."), ("New", "C is kept."), ("New", "More"))
    assert first.paragraphs == ("This is the first version.",)
    later = changed.sections(texts[1:], "de")
    assert later[-1].paragraphs == ("Frühere Fassungen zeigen dir die, die diesen Server betreiben.",)
    assert changed.sections([], "es")[1:] == ()


def test_a_page_of_changes_leads_to_the_other_layers() -> None:
    made = changed.sections([Text(version=1, day="2026-01-02", text="<b>")], "de")
    html = policy.page(made, "de", version=1, digest=bytes(32), day="2026-01-02", layer="/changes")
    assert "<script" not in html
    assert '<a href="/policy/de">' in html
    assert '<a href="/policy/de/laws">' in html
    assert '<a href="/policy/es/changes"' in html
    assert '<a href="/policy/de/changes">' not in html


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR, es;q=0.5, de;q=0.4", "es"),
        ("de; q=0.9, en; q=0.1", "de"),
        ("fr, pt", "en"),
        ("en;q=0.3, es-MX;q=0.7", "es"),
        ("es;q=x, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("de;q=9, es;q=0.2", "es"),
        ("de;q=nan", "en"),
        ("," * 600 + "de", "en"),
    ],
)
def test_the_language_is_the_one_that_a_browser_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language
