"""Own events in plain words: none is left out, and nothing that a server makes up breaks the list."""

import dataclasses

import pytest

import mindhaven.server.slices  # noqa: F401 - registers every event
from mindhaven.kernel import EVENTS
from mindhaven.ledger.model import CoverAdded, OpeningsErased
from mindhaven.sdk.activity import Act, Proof
from mindhaven.sdk.activity_words import WORDS, words

OF_THE_HOST = {
    "kernel.reader.skipped",
    CoverAdded.NAME,
    OpeningsErased.NAME,
    "accounts.invitation.made",
    "register.policy.published",
    "upkeep.backup.made",
    "upkeep.release.served",
    "upkeep.restore.done",
    "vault.salt-key.destroyed",
    "vault.salt-key.turned",
    "vault.window.set",
}
"""Events that are about the host and no person."""
ME, BEN, MOOD, PHONE = b"m" * 32, b"b" * 32, b"c" * 32, b"p" * 16


class Names:
    def person(self, uid: bytes) -> str:
        return {ME: "you", BEN: "Ben"}[uid]

    def collection(self, collection: bytes) -> str:
        return {MOOD: "mood"}[collection]

    def device(self, session: bytes) -> str:
        return {PHONE: "phone"}[session]


def said(name: str, *values: object) -> str:
    return words(Act(0, 0, name, 1, values, Proof.PROVEN, 0), Names())


def test_every_event_about_a_person_has_a_sentence() -> None:
    of_people = {key for key, event in EVENTS.items() if event.__module__.startswith("mindhaven.")}
    assert {key for key in of_people if key[0] not in OF_THE_HOST} <= WORDS.keys()
    assert WORDS.keys() <= of_people


def test_every_sentence_takes_the_values_that_its_event_has() -> None:
    """Each sentence indexes within the event's own number of fields."""
    for key, sentence in WORDS.items():
        count = len(dataclasses.fields(EVENTS[key])) - 1
        for value in (MOOD, 5, "asked"):
            try:
                text = sentence(_Anything(), (value,) * count)
            except (TypeError, AttributeError, ValueError):
                continue  # a value of another type than this one's
            assert text.endswith("."), key
            break
        else:
            mixed = [MOOD, ME, BEN, 1, 2, 3, MOOD][:count]
            assert sentence(_Anything(), tuple(mixed)).endswith("."), key


class _Anything:
    def person(self, uid: bytes) -> str:
        return "Ben"

    def collection(self, collection: bytes) -> str:
        return "mood"

    def device(self, session: bytes) -> str:
        return "phone"


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("vault.collection.opened", (MOOD, BEN, PHONE), "Ben opened mood, as their app reports."),
        ("vault.collection.pulled", (MOOD, BEN, PHONE, 3, 5), "Ben fetched 3 changes of mood."),
        ("vault.collection.pulled", (MOOD, ME, PHONE, 3, 3), "Your device phone fetched 1 change of mood."),
        ("vault.collection.pushed", (MOOD, ME, 4, MOOD, 2, 1), "You wrote 2 entries and erased 1 entry in mood."),
        ("vault.collection.pushed", (MOOD, BEN, 4, MOOD, 0, 1), "Ben erased 1 entry in mood."),
        ("vault.collection.pushed", (MOOD, BEN, 4, MOOD, 0, 0), "Ben changed something in mood."),
        ("sharing.grant.given", (MOOD, ME, BEN, 1, 0, 20_811, MOOD), "You let Ben read mood, until 2026-12-24."),
        ("sharing.grant.given", (MOOD, BEN, ME, 2, 0, 0, MOOD), "Ben let you read and add to mood, until stopped."),
        ("sharing.grant.revoked", (MOOD, ME, BEN), "You stopped sharing mood with Ben."),
        ("consent.choice.made", (MOOD, "reminders", 1), "You said yes to reminders by push."),
        ("consent.choice.made", (MOOD, "x", 4), "You took back your yes to x."),
        ("consent.record.given", (MOOD, MOOD, ME, BEN), "You consented that Ben may read mood."),
        (
            "accounts.login.refused",
            (3, 1_795_435_200),
            "3 tries to sign in as you were refused about 2026-11-23 12:00 UTC.",
        ),
        ("accounts.session.ended", (PHONE, "remote"), "Your device phone was signed out from another device."),
        ("accounts.totp.changed", (True,), "Your second factor was turned on."),
        ("accounts.account.suspended", (True,), "The host suspended your account."),
    ],
)
def test_sentences(name: str, values: tuple[object, ...], sentence: str) -> None:
    assert said(name, *values) == sentence


def test_what_is_erased_unknown_or_made_up_is_still_told() -> None:
    assert words(Act(4, 0, "", 0, (), Proof.ERASED, 9), Names()).startswith("An entry whose content was erased")
    assert said("rights.something.new").startswith("rights.something.new (this program is older")
    assert said("vault.collection.pulled", 1, 2).startswith("vault.collection.pulled (its values")
    assert said("accounts.login.refused", 3, 10**30).startswith("accounts.login.refused (its values")


def test_the_end_of_an_erasure_is_told() -> None:
    told = said("upkeep.erasure.completed", "collection", MOOD, 1)
    assert told == "Checked: nothing is left of the collection mood, and no backup of the host can open it."
    assert "your account" in said("upkeep.erasure.completed", "account", ME, 1)
    assert said("vault.records.erased-again", MOOD, 1) == (
        "The host restored a backup, and erased 1 entry of mood again."
    )
