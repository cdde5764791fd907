"""The policy: made from the entries and nothing else, readable in each language, safe whatever a host writes."""

import asyncio
import json
import re
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from reading import LEAST_WORDS, NEVER, WORD, hard

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Host
from mindhaven.register import exports, opened, policy
from mindhaven.register.model import LANGUAGES, LINES, Entry, Facts, Language, entries, words
from mindhaven.register.section import text

FACTS = Facts(name="Lime Street Practice", contact="hello@lime.example", officer="dpo@lime.example", seat="Ireland")


def test_the_formulas_tell_hard_from_easy() -> None:
    easy = "The cat sat on the mat. It was a good day for all of us there."
    bureau = "Notwithstanding organisational considerations, continuous implementation necessitates coordination."
    assert hard(easy, "en") < 0 < hard(bureau, "en")
    assert hard("Die Katze sitzt auf dem Dach. Sie ist alt und hat Zeit.", "de") < 0
    assert hard("Verwaltungsrechtliche Voraussetzungen begründen Verarbeitungstätigkeiten.", "de") > 0
    assert hard("El gato duerme al sol. No tiene prisa y no va a casa.", "es") < 0
    assert (
        hard("Consideraciones administrativas extraordinariamente complejas imposibilitan interpretaciones.", "es") > 0
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_is_easy_to_read_and_promises_nothing_that_cant_be_kept(language: Language) -> None:
    for section in policy.sections(entries(), FACTS, language):
        told = " ".join([*section.items, *section.paragraphs])
        assert not re.search(NEVER[language], told, re.IGNORECASE), told
        # Citations are names, not words: "GDPR Art. 6(1)(b)".
        plain = re.sub(r"\([^)]*(?:GDPR|DSGVO|RGPD)(?:[^()]|\([^)]*\))*\)", "", told)
        if len(WORD.findall(plain)) >= LEAST_WORDS:
            assert hard(plain, language) <= 0, (section.heading, hard(plain, language))


def test_every_entry_stands_in_each_language_and_nothing_else_does() -> None:
    for language in LANGUAGES:
        headings = [one.heading for one in policy.sections(entries(), FACTS, language) if one.level == 3]
        assert headings == [one.says[language].title for one in entries()]
        assert len(set(headings)) == len(entries()) >= 8


def test_what_changes_in_an_entry_or_in_what_a_host_says_changes_the_hash() -> None:
    def digest(made: tuple[Entry, ...], facts: Facts = FACTS) -> bytes:
        return policy.digest_of(policy.packed(policy.texts(made, facts)))

    before = digest(entries())
    assert digest(entries()) == before
    first, *rest = entries()
    for language in LANGUAGES:
        for name in msgspec.structs.asdict(first.says[language]):
            says = {**first.says, language: msgspec.structs.replace(first.says[language], **{name: "Otherwise."})}
            assert digest((msgspec.structs.replace(first, says=says), *rest)) != before, (language, name)
    assert digest(tuple(rest)) != before
    for name in ("name", "contact", "officer", "seat"):
        assert digest(entries(), msgspec.structs.replace(FACTS, **{name: "Other"})) != before


def test_what_a_host_says_is_told_and_without_a_name_that_is_told_first() -> None:
    told = text(policy.sections(entries(), FACTS, "en"))
    for said in (
        "Lime Street Practice runs this server.",
        "They are in Ireland.",
        "hello@lime.example",
        "dpo@lime.example",
    ):
        assert said in told
    for language in LANGUAGES:
        first, *_ = policy.sections(entries(), Facts(contact="hello@lime.example"), language)
        assert first.paragraphs == (words(language).unnamed,)


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_page_has_no_script_and_takes_what_a_host_says_as_text() -> None:
    facts = Facts(name="<script>alert(1)</script>", contact='"><img src=x onerror=alert(1)>', seat="{0.__class__}")
    for language in LANGUAGES:
        made = policy.sections(entries(), facts, language)
        html = policy.page(made, language, version=7, digest=b"\x01" * 32, day="2026-11-29")
        tags = Tags()
        tags.feed(html)
        names = {tag for tag, _ in tags.found}
        assert names == {
            "html",
            "head",
            "meta",
            "title",
            "link",
            "body",
            "main",
            "h1",
            "h2",
            "h3",
            "dl",
            "dt",
            "dd",
            "p",
            "ul",
            "li",
            "a",
        }
        assert not [attrs for _, attrs in tags.found if any(name.startswith("on") or name == "style" for name in attrs)]
        links = {str(attrs["href"]) for tag, attrs in tags.found if tag in {"a", "link"}}
        others = {f"/policy/{one}" for one in LANGUAGES if one != language}
        assert links == {"/policy.css", f"/policy/{language}/laws", f"/policy/{language}/changes", *others}
        assert "01" * 32 in html
        assert "{0.__class__}" in html


def test_what_is_hashed_is_read_again() -> None:
    told = policy.texts(entries(), FACTS)
    assert json.loads(policy.packed(told)) == told
    assert set(told) == {*LANGUAGES, "register"}
    made = json.loads(told["register"])
    assert [one["id"] for one in made["entries"]] == [one.id for one in entries()]
    assert made["controller"]["name"] == FACTS.name


@pytest.mark.parametrize("value", ["x" * 201, "two\nlines", " ends with space "])
def test_what_can_stand_in_no_line_keeps_the_server_from_starting(value: str) -> None:
    settings: dict[str, object] = {f"register.{name}": "" for name in LINES} | {"register.hosting": ()}
    settings["register.roles"] = ("eu-controller",)
    asyncio.run(opened(cast("Host", SimpleNamespace(settings={**settings, "register.name": "x" * 200}))))
    with pytest.raises(InvalidInputError) as refused:
        asyncio.run(opened(cast("Host", SimpleNamespace(settings={**settings, "register.seat": value}))))
    assert refused.value.reason == "setting-register"
    assert "register.seat must be one line of at most 200 characters" in refused.value.message


def test_who_works_for_a_host_stands_in_its_policy_and_its_record() -> None:
    told = Facts(
        name="Lime Street Practice", contact="hello@lime.example", address="Lime Street 1, Cork",
        representative="Anna Meier, Berlin",
        hosting=("Example Hosting, Ireland: the machine", "Far Vaults, Iceland: backups"),
    )  # fmt: skip
    who = policy.sections(entries(), told, "en")[0].paragraphs
    assert who == (
        "Lime Street Practice runs this server.",
        "You can reach them here: hello@lime.example.",
        "Their address is Lime Street 1, Cork.",
        "Where they have no seat, this one speaks for them: Anna Meier, Berlin.",
        "This firm works for them: Example Hosting, Ireland: the machine.",
        "This firm works for them: Far Vaults, Iceland: backups.",
    )
    for language in LANGUAGES:
        assert "Far Vaults, Iceland: backups" in text(policy.sections(entries(), told, language))
        record = exports.art30(entries(), exports.Host(facts=told), language, on=date(2026, 11, 29)).markdown()
        assert "Example Hosting, Ireland: the machine; Far Vaults, Iceland: backups" in record
        assert "register.hosting" not in record
        silent = exports.art30(entries(), exports.Host(facts=Facts()), language, on=date(2026, 11, 29)).markdown()
        assert "register.hosting" in silent
