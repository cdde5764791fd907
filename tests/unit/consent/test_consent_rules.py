"""Which choices are taken, and what they allow; the chain itself is held by vectors/choice.json."""

import dataclasses
import re
from typing import Any

import msgspec
import pytest
from tests.unit.register.reading import NEVER, hard

from mindhaven.consent import SLICE, rules
from mindhaven.consent.model import Purpose, purposes
from mindhaven.law import shipped
from mindhaven.law.model import Consent as LawConsent
from mindhaven.protocol.choice import Act, By, Choice, State, text_hash
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Consent
from mindhaven.protocol.consent import Purpose as For
from mindhaven.register.model import LANGUAGES, entries
from mindhaven.server.slices import SLICES

HOUR, DAY = 3600, 86_400
NOW = 1_795_942_800
"""29 November 2026, 9:00 UTC."""
TODAY = 20_786
POLICY = bytes(range(32))
ASKED = purposes()["reminders"]
TEXT = (
    "Reminders on this device\nAt the times that you choose, this server sends your device an empty call through the"
    " push service of your browser, such as Google, Mozilla, Apple or Microsoft.\nThat service learns that this"
    " server calls your device then, and never what for."
)


def made(**other: Any) -> Choice:
    fields: dict[str, Any] = {
        "person": bytes(32), "number": 0, "previous": bytes(32), "purpose": "reminders", "act": Act.GIVEN, "terms": 1,
        "text_hash": text_hash(TEXT), "language": "en", "policy": POLICY, "asked": NOW - 2 * HOUR, "at": NOW,
    }  # fmt: skip
    return Choice(**{**fields, **other})


def refused(choice: Choice, purpose: Purpose | None = ASKED, policy: bytes | None = POLICY, now: int = NOW) -> str:
    found = rules.refuse(choice, purpose, policy=policy, now=now)
    return "" if found is None else found.reason


def test_the_day_of_these_tests() -> None:
    assert TODAY * DAY <= NOW < (TODAY + 1) * DAY


@pytest.mark.parametrize(
    ("other", "more", "reason"),
    [
        ({}, {}, ""),
        ({}, {"purpose": None}, "purpose-unknown"),
        ({}, {"now": NOW + 2 * HOUR}, ""),
        ({}, {"now": NOW + 2 * HOUR + 1}, "choice-clock"),
        ({}, {"now": NOW - 2 * HOUR}, ""),
        ({}, {"now": NOW - 2 * HOUR - 1}, "choice-clock"),
        ({"text_hash": bytes(32)}, {}, "choice-text"),
        ({"terms": 2}, {}, "choice-text"),
        ({"policy": bytes(32)}, {}, "choice-policy"),
        ({}, {"policy": None}, "choice-policy"),
        ({"act": Act.DEFERRED, "policy": bytes(32)}, {}, "choice-policy"),
        ({"act": Act.DEFERRED}, {}, ""),
        ({"act": Act.REFUSED, "text_hash": bytes(32), "policy": bytes(32), "terms": 9}, {"policy": None}, ""),
        ({"act": Act.WITHDRAWN, "text_hash": bytes(32), "policy": bytes(32), "terms": 9}, {"policy": None}, ""),
        ({"language": "de"}, {}, "choice-text"),
        ({"act": Act.REFUSED}, {"now": NOW + DAY}, ""),
        ({"act": Act.WITHDRAWN}, {"now": NOW + 99 * DAY, "purpose": None}, ""),
        ({"act": Act.WITHDRAWN}, {"now": NOW - 2 * HOUR}, ""),
        ({"act": Act.WITHDRAWN}, {"now": NOW - 2 * HOUR - 1}, "choice-clock"),
        ({"act": Act.REFUSED, "by": By.SIGNAL}, {}, ""),
    ],
)
def test_what_is_taken(other: dict[str, Any], more: dict[str, Any], reason: str) -> None:
    assert refused(made(**other), **more) == reason


@pytest.mark.parametrize(
    ("until", "reason"),
    [(0, "choice-length"), (1, ""), (TODAY, ""), (TODAY + 30, ""), (TODAY + 31, "choice-length")],
)
def test_what_is_asked_for_a_time_holds_no_longer(until: int, reason: str) -> None:
    timed = msgspec.structs.replace(ASKED, days=30)
    assert refused(made(until=until), timed) == reason
    assert refused(made(until=until), ASKED) == ""


@pytest.mark.parametrize("act", Act)
def test_nobody_can_allow_a_sale_and_everybody_can_say_no(act: Act) -> None:
    sale = purposes()["sale"]
    choice = made(act=act, purpose="sale", text_hash=text_hash(sale.says["en"].text))
    assert refused(choice, sale) == ("" if act in {Act.REFUSED, Act.WITHDRAWN} else "purpose-never")


@pytest.mark.parametrize(
    ("newest", "state"),
    [
        (None, State.UNASKED),
        (rules.Newest(act=Act.GIVEN, until=0, terms=1, again=False), State.GIVEN),
        (rules.Newest(act=Act.GIVEN, until=0, terms=1, again=True), State.RENEWED),
        (rules.Newest(act=Act.GIVEN, until=TODAY, terms=1, again=False), State.GIVEN),
        (rules.Newest(act=Act.GIVEN, until=TODAY - 1, terms=1, again=False), State.EXPIRED),
        (rules.Newest(act=Act.GIVEN, until=0, terms=0, again=True), State.INVALIDATED),
        (rules.Newest(act=Act.WITHDRAWN, until=0, terms=1, again=True), State.WITHDRAWN),
    ],
)
def test_states(newest: rules.Newest | None, state: State) -> None:
    assert rules.state(newest, ASKED, now=NOW) is state
    assert state.allows is (state in {State.GIVEN, State.RENEWED})


def test_what_is_asked_stands_in_every_language_and_in_the_register() -> None:
    assert ASKED.says["en"].text == TEXT
    ids = {one.id for one in entries()}
    for purpose in purposes().values():
        assert set(purpose.says) == set(LANGUAGES)
        assert len(purpose.hashes()) == len(LANGUAGES)
        assert purpose.entry in ids or not purpose.offered
        assert purpose.terms >= 1


def test_what_can_be_allowed_is_what_some_part_of_the_server_ends() -> None:
    """A purpose that nothing acts under, or an act whose purpose nobody can be asked about, is a mistake."""
    assert {purpose for one in SLICES for purpose in one.stops} == {
        one.id for one in purposes().values() if one.offered
    }
    assert SLICE.stops == {}
    assert [field.name for field in dataclasses.fields(rules.Newest)] == ["act", "until", "terms", "again"]


def test_what_is_asked_is_easy_to_read_in_every_language() -> None:
    """The brands of push services are left out of the measure: they are names."""
    for purpose in purposes().values():
        for language, shown in purpose.says.items():
            text = re.sub(r"Google|Mozilla|Microsoft|Apple", "Ann", f"{shown.what} {shown.then}")
            assert hard(text, language) <= 0, (purpose.id, language)
            assert not re.search(NEVER[language], shown.text, re.IGNORECASE)


# -- consents to shares


def shared(**other: Any) -> Consent:
    fields: dict[str, Any] = {
        "grantor": bytes(32), "recipient": bytes([1]) * 32, "role": Role.READER, "purpose": "care",
        "collection": bytes(32), "since": 0, "until": TODAY, "text_hash": bytes(32), "language": "en",
        "register_version": POLICY.hex(), "sealed_hash": bytes(32),
    }  # fmt: skip
    return Consent(**{**fields, **other})


@pytest.mark.parametrize(
    ("other", "standing", "reason"),
    [
        ({}, [], ""),
        ({}, ["care"], ""),
        ({"purpose": "notes"}, ["care"], "consent-separate"),
        ({"purpose": "proceedings", "until": 0}, [], "consent-form"),
        ({"purpose": "research"}, [], "consent-purpose"),
        ({"until": TODAY - 1}, [], "consent-day"),
        ({"register_version": "unpublished"}, [], "consent-policy"),
        ({"register_version": (b"\x01" * 32).hex()}, [], "consent-policy"),
    ],
)
def test_a_share_is_taken_for_one_purpose_alone(other: dict[str, Any], standing: list[str], reason: str) -> None:
    found = rules.refuse_share(shared(**other), standing, policies=[POLICY], day=TODAY)
    assert ("" if found is None else found.reason) == reason
    assert found is None or found.message


def test_where_no_policy_was_published_a_share_names_none() -> None:
    for version, reason in (("unpublished", ""), (POLICY.hex(), "consent-policy")):
        found = rules.refuse_share(shared(register_version=version), [], policies=[], day=TODAY)
        assert ("" if found is None else found.reason) == reason


def test_what_is_given_back_is_not_held_to_a_day() -> None:
    assert rules.refuse_share(shared(until=1), [], policies=[POLICY], day=None) is None


WHERE = {
    "any": "each purpose is asked by itself: one choice, or one consent, names one",
    "share": "care",
    "psychotherapy-notes": "notes",
    "substance-use": "notes",
    "proceedings": "proceedings",
    "sale": "never: the choice is there to say no",
}
"""By the word of the laws: which consent here stands apart for it."""


def test_what_a_law_wants_asked_apart_is_asked_apart() -> None:
    rules_ = [rule for law in shipped().laws for rule in law.rule if isinstance(rule, LawConsent) and rule.apart]
    assert {rule.purpose for rule in rules_} == set(WHERE)
    assert {one for one in WHERE.values() if one in {str(each) for each in For}} == set(For)
    assert not purposes()["sale"].offered
