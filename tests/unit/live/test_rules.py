"""What is news to whom: every event is decided on."""

from mindhaven.crypto.encoding import encode
from mindhaven.kernel import EVENTS, Numbered
from mindhaven.live import rules
from mindhaven.server.slices import SLICES
from mindhaven.vault import CollectionErased, CollectionRekeyed

SILENT = {
    "accounts.account.created": "nobody listens yet",
    "accounts.invitation.made": "of nobody",
    "accounts.login.refused": "told by activity; a guesser must not wake devices up",
    "accounts.slot.opened": "comes with what it was opened for",
    "consent.choice.made": "told by activity; choices are asked for when they are shown",
    "consent.record.given": "comes with its grant",
    "kernel.reader.skipped": "of nobody",
    "ledger.cover.added": "of nobody",
    "ledger.openings.erased": "of nobody",
    "register.policy.published": "of nobody",
    "reminders.device.ended": "of one device, which asks when its page is opened",
    "reminders.device.started": "of one device, which did it itself",
    "rights.erasure.done": "the account is gone",
    "sharing.invitation.made": "nothing changes until it is answered",
    "upkeep.backup.made": "of nobody",
    "upkeep.erasure.completed": "the account is gone, or nothing that a device shows changed",
    "upkeep.release.served": "of nobody; a device asks when it looks at the app",
    "upkeep.restore.done": "of nobody",
    "vault.blob.given-back": "told by activity; what a file is made of is no news to a list",
    "vault.blob.fetched": "told by activity; a reader's habits are not a live feed",
    "vault.collection.offered": "each of its commits is told",
    "vault.collection.opened": "told by activity; a reader's habits are not a live feed",
    "vault.collection.pulled": "told by activity; a reader's habits are not a live feed",
    "vault.collection.refused": "nothing changed",
    "vault.salt-key.destroyed": "of nobody",
    "vault.salt-key.turned": "of nobody",
    "vault.window.set": "of nobody; found at the next sync",
}
"""Events that no listener hears of, and why."""
A, B = b"a" * 32, b"b" * 32


def numbered(name: str, values: list[object] | None, subject: bytes = A) -> Numbered:
    body = None if values is None else encode([name, 1, subject, 0, bytes(32), 0, values])
    return Numbered(0, subject, 0, name, 1, 0, bytes(32), body)


def test_every_event_is_news_or_silent_for_a_reason() -> None:
    assert SLICES
    names = {name for (name, _), cls in EVENTS.items() if cls.__module__.startswith("mindhaven.")}
    assert names == rules.WANTED | SILENT.keys()
    assert rules.WANTED & SILENT.keys() == set()


def test_a_change_of_members_is_told_of_the_collection_and_looked_at() -> None:
    rekeyed = numbered(CollectionRekeyed.NAME, [B, A, 7, bytes(32), 0, 0])
    assert rekeyed.event is not None
    news = rules.news([rekeyed, numbered("vault.collection.pulled", None)])
    assert (news.collections, news.members, news.accounts, news.access) == ({B}, {B}, set(), set())


def test_what_ends_a_device_is_news_of_the_account_and_of_its_access() -> None:
    news = rules.news([numbered("accounts.session.ended", [b"s" * 16, "remote"])])
    assert (news.collections, news.members, news.accounts, news.access) == (set(), set(), {A}, {A})


def test_an_erased_collection_is_news_of_both() -> None:
    news = rules.news([numbered(CollectionErased.NAME, [B, bytes(32)])])
    assert (news.collections, news.members, news.accounts) == ({B}, {B}, {A})


def test_an_event_whose_content_is_erased_is_news_of_its_subjects_account() -> None:
    news = rules.news([numbered("vault.collection.pushed", None), numbered("vault.collection.erased", None, B)])
    assert (news.collections, news.members, news.accounts, news.access) == (set(), set(), {A, B}, set())
