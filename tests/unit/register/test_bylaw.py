"""The policy law by law: rights, times and offices as the laws' files say, easy to read, and what each law demands."""

import asyncio
import re
from datetime import date
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from reading import LEAST_WORDS, NEVER, WORD, hard

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Host
from mindhaven.law import Law, shipped
from mindhaven.law.model import Notice, Right, Said
from mindhaven.register import opened, policy
from mindhaven.register.bylaw import by_law, could_hold, roles_of
from mindhaven.register.contents import Of, missing
from mindhaven.register.model import LANGUAGES, LINES, Facts, Language, entries, words
from mindhaven.register.section import Section, text

ON = date(2026, 11, 29)
FACTS = Facts(name="Lime Street Practice", contact="hello@lime.example", officer="dpo@lime.example", seat="Ireland")
LAWS = {law.id: law for law in shipped().laws}
POLICY: tuple[Of, ...] = ("policy", "collection")


def section(law: str, language: Language = "en", facts: Facts = FACTS) -> Section:
    (found,) = [one for one in policy.laws(facts, language) if one.keys == (f"law:{law}",)]
    return found


def test_each_shipped_law_has_its_section_and_its_words_in_each_language() -> None:
    for language in LANGUAGES:
        first, *rest = policy.laws(FACTS, language)
        assert (first.level, first.keys) == (1, ("laws",))
        assert [one.keys for one in rest] == [(f"law:{law}",) for law in LAWS]
        headings = [one.heading for one in rest]
        assert len(set(headings)) == len(headings)
        say = words(language).laws
        for found in (say.names, say.abouts, say.offices):
            assert set(found) == set(LAWS)
        assert set(say.places) == {law.place for law in LAWS.values()}
        rules = {rule.id: rule for rule in shipped().rules() if isinstance(rule, Right)}
        assert set(say.rights) <= set(rules)
        assert {rule.act for rule in rules.values()} <= set(say.acts)


def test_rights_times_and_offices_are_told_as_the_files_say() -> None:
    gdpr = section("gdpr")
    assert gdpr.heading == "If you live in the EU, Iceland, Liechtenstein or Norway: GDPR"
    assert gdpr.terms[2] == ("See what they have of you", "Within 1 month. Up to 2 months more, if they tell you so.")
    assert gdpr.terms[-1] == ("Where to complain", "the office for data protection where you live or work")
    assert gdpr.paragraphs == ("As known on 2026-11-23.",)
    assert ("Be told if your data gets out", "If it may do you great harm. Without delay.") in gdpr.terms
    told = dict(section("ccpa").terms)
    assert told["Hear that your letter came in"] == "Within 10 working days."
    assert told["Be left alone once you said no"] == "After 12 months they may ask again."
    assert dict(section("australia").terms)["Have it put right"].startswith("After 30 days an answer should be there.")
    german = dict(section("hipaa", "de").terms)
    assert german["Sehen, was sie von dir haben"] == (
        "Innerhalb von 30 Tagen. Mit einem Aufschub von bis zu 30 Tagen, wenn sie es dir sagen."
    )
    spanish = dict(section("uk-gdpr", "es").terms)
    assert spanish["Ver lo que tienen de ti"] == (
        "En 1 mes. Hasta 2 meses más, si te lo dicen. El tiempo corre cuando saben quién eres."
    )
    assert "Stop it from being spread, or found by your name" in dict(section("quebec").terms)
    assert "Have it erased" not in dict(section("quebec").terms)


def test_a_right_that_is_only_proposed_is_not_told_and_one_that_begins_later_is_with_its_day() -> None:
    assert "Have it erased" not in dict(section("pipeda").terms)
    law = LAWS["pipeda"]
    later = {"status": "scheduled", "since": date(2028, 1, 1)}
    rules = tuple(
        msgspec.structs.replace(rule, **(later if rule.id == "pipeda.c36.disposal" else {})) for rule in law.rule
    )
    made = by_law([msgspec.structs.replace(law, rule=rules)], FACTS, "en")
    assert dict(made[1].terms)["Have it erased"] == "From 2028-01-01 on. The law sets no number of days."


def test_a_law_that_holds_for_others_only_is_left_out_once_a_host_says_what_it_is() -> None:
    assert not could_hold(LAWS["hipaa"], ["eu-controller"])
    assert could_hold(LAWS["gdpr"], ["us-covered-entity"])  # it holds for whoever has data of people there
    some = words("en").laws.some
    assert some in section("hipaa").paragraphs
    assert some not in section("gdpr").paragraphs
    named = msgspec.structs.replace(FACTS, roles=("us-covered-entity",))
    keys = [one.keys[0] for one in policy.laws(named, "en")]
    assert "law:hipaa" in keys
    assert "law:part2" not in keys
    assert some not in section("hipaa", facts=named).paragraphs
    assert {"eu-controller", "us-covered-entity", "qc-enterprise"} <= roles_of(tuple(LAWS.values()))


def test_a_law_without_words_of_its_own_is_told_in_those_of_its_file() -> None:
    law = msgspec.structs.replace(LAWS["gdpr"], id="other", name="Other Act", about="All.", place="NZ", authority="It.")
    made = by_law([law], FACTS, "en")[1]
    assert made.heading == "If you live NZ: Other Act"
    assert made.terms[1] == ("About", "All.")
    assert made.terms[-1] == ("Where to complain", "It.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_section_is_easy_to_read_and_promises_nothing_that_cant_be_kept(language: Language) -> None:
    for one in policy.laws(Facts(), language):
        # The first line is the law's name in its own words, the last an office's: names, not sentences.
        lines = " ".join(f"{name}. {told}" for name, told in one.terms[1:-1])
        for told in (" ".join([*one.items, *one.paragraphs]), lines):
            assert not re.search(NEVER[language], told, re.IGNORECASE), told
            if len(WORD.findall(told)) >= LEAST_WORDS:
                assert hard(told, language) <= 0, (one.heading, told, hard(told, language))
    assert any("lawyer" in one or "Anwalt" in one or "abogado" in one for one in words(language).laws.lead)


def test_it_is_part_of_what_is_hashed() -> None:
    made = policy.texts(entries(), FACTS)
    for language in LANGUAGES:
        assert made[language].endswith(text(policy.laws(FACTS, language)))
    before = policy.digest_of(policy.packed(made))
    named = msgspec.structs.replace(FACTS, roles=("eu-controller",))
    assert policy.digest_of(policy.packed(policy.texts(entries(), named))) != before


def test_a_page_law_by_law_leads_back_and_to_the_same_in_other_languages() -> None:
    made = policy.laws(FACTS, "de")
    html = policy.page(made, "de", version=3, digest=bytes(32), day="2026-11-29", layer="/laws")
    assert re.findall(r'href="(/policy[^"]*)"', html) == [
        "/policy.css", "/policy/de", "/policy/de/changes", "/policy/en/laws", "/policy/es/laws",
    ]  # fmt: skip
    assert "<script" not in html
    assert "Das ist Fassung 3 vom 2026-11-29." in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_content_that_a_law_demands_is_told_or_named_with_why_only_the_host_can(language: Language) -> None:
    told = policy.told(entries(), FACTS, language)
    left = {(gap.rule, gap.code) for law in LAWS.values() for of in POLICY for gap in missing(law, told, on=ON, of=of)}
    assert left == {
        ("australia.policy", "transfers"),
        ("australia.collection", "transfers"),
        ("ccpa.policy", "agent"),
        ("gdpr.notice", "transfers"),
        ("uk-gdpr.notice", "transfers"),
        ("quebec.policy", "rules"),
        ("quebec.collection", "transfers"),
    }
    silent = policy.told(entries(), Facts(), language)
    gaps = [gap for law in LAWS.values() for of in POLICY for gap in missing(law, silent, on=ON, of=of)]
    assert all(gap.why for gap in gaps), gaps
    more = {(gap.rule, gap.code) for gap in gaps} - left
    assert more == {
        ("australia.collection", "who"),
        ("ccpa.policy", "contact"),
        ("gdpr.notice", "controller"),
        ("gdpr.notice", "officer"),
        ("uk-gdpr.notice", "controller"),
        ("pipeda.policy", "officer"),
        ("quebec.policy", "officer"),
        ("quebec.policy", "complaint"),
    }


def test_what_holds_from_next_year_on_is_told_already() -> None:
    told = policy.told(entries(), FACTS, "en")
    found = missing(LAWS["australia"], told, on=date(2027, 1, 1))
    assert [gap.code for gap in found] == ["transfers"]


ASKING = [law for law in LAWS.values() if any(isinstance(rule, Notice) and rule.of in POLICY for rule in law.rule)]


@pytest.mark.parametrize("law", ASKING, ids=lambda law: law.id)
def test_a_new_content_is_missing_by_its_code(law: Law) -> None:
    more = Said(code="planted", says="Say something new.")
    rules = tuple(
        msgspec.structs.replace(rule, content=(*rule.content, more)) if isinstance(rule, Notice) else rule
        for rule in law.rule
    )
    told = policy.told(entries(), FACTS, "en")
    changed = msgspec.structs.replace(law, rule=rules)
    found = [gap for of in POLICY for gap in missing(changed, told, on=ON, of=of) if gap.code == "planted"]
    assert found
    assert {gap.why for gap in found} == {""}


def test_a_role_that_no_law_asks_about_keeps_the_server_from_starting() -> None:
    settings = {f"register.{name}": "" for name in LINES} | {"register.hosting": ()}
    host = cast("Host", SimpleNamespace(settings={**settings, "register.roles": ("eu-controler",)}))
    with pytest.raises(InvalidInputError) as refused:
        asyncio.run(opened(host))
    assert refused.value.reason == "setting-register"
    assert "eu-controler" in refused.value.message
    assert "eu-controller" in str(refused.value.hint)
