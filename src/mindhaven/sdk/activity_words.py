"""Own events in plain words. No I/O.

Each event of the server that can be about a person has a sentence here; a test compares the two lists. A version that
is not known here is told by its name, so that nothing is ever left out.
"""

# ruff: noqa: ARG005 - one shape for every sentence

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol

from mindhaven.sdk.activity import Act


class Names(Protocol):
    """How this person calls others, collections and devices."""

    def person(self, uid: bytes) -> str:
        """Return a contact's name, `you`, or the beginning of a uid."""
        ...

    def collection(self, collection: bytes) -> str:
        """Return a collection's name."""
        ...

    def device(self, session: bytes) -> str:
        """Return a device's name."""
        ...


Sentence = Callable[[Names, tuple[Any, ...]], str]


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _until(until: int) -> str:
    return f"until {date.fromordinal(date(1970, 1, 1).toordinal() + until).isoformat()}" if until else "until stopped"


def _pushed(n: Names, v: tuple[Any, ...]) -> str:
    collection, by, _, _, puts, erases = v
    did = " and ".join(
        part
        for part in (
            f"wrote {_many(puts, 'entry', 'entries')}" if puts else "",
            f"erased {_many(erases, 'entry', 'entries')}" if erases else "",
        )
        if part
    )
    return f"{_subject(n, by)} {did or 'changed something'} in {n.collection(collection)}."


def _subject(n: Names, uid: bytes) -> str:
    name = n.person(uid)
    return "You" if name == "you" else name


def _pulled(n: Names, v: tuple[Any, ...]) -> str:
    collection, by, session, first, last = v
    name = n.person(by)
    many = _many(last - first + 1, "change")
    if name == "you":
        return f"Your device {n.device(session)} fetched {many} of {n.collection(collection)}."
    return f"{name} fetched {many} of {n.collection(collection)}."


_ENDED: Final = {
    "logout": "signed itself out",
    "remote": "was signed out from another device",
    "keys-changed": "was signed out, since your keys changed",
    "suspended": "was signed out, since the host suspended your account",
    "again": "signed in anew",
    "rested": "was signed out, since it rested long",
}
_NO_REMINDERS: Final = {
    "asked": "were turned off",
    "gone": "ended, since its push service knows it no more",
    "service": "ended, since the host calls its push service no longer",
    "choice": "ended, since you do not allow them any more",
}
_CHOICES: Final = {1: "said yes", 2: "said no", 3: "said not now", 4: "took back your yes"}
_PURPOSES: Final = {"reminders": "reminders by push", "sale": "selling or sharing your data for ads"}
_ROLES: Final = {1: "read", 2: "read and add to", 3: "own"}

WORDS: Final[dict[tuple[str, int], Sentence]] = {
    ("accounts.account.created", 1): lambda n, v: "Your account began.",
    ("accounts.account.erased", 1): lambda n, v: "Your account was erased.",
    ("accounts.account.suspended", 1): lambda n, v: (
        "The host suspended your account." if v[0] else "The host let your account in again."
    ),
    ("accounts.change.cancelled", 1): lambda n, v: {
        "asked": "A waiting change of your ways in was cancelled.",
        "overtaken": "A waiting change of your ways in ended, since another came first.",
    }.get(v[1], "A waiting change of your ways in no longer fitted, and was dropped."),
    ("accounts.change.waiting", 1): lambda n, v: (
        f"A change of your ways in was asked for; it waits until {_moment(v[2])}."
    ),
    ("accounts.invitation.made", 1): lambda n, v: "The host made an invitation.",
    ("accounts.login.refused", 1): lambda n, v: (
        f"{_many(v[0], 'try', 'tries')} to sign in as you {'was' if v[0] == 1 else 'were'} refused"
        f" about {_moment(v[1])}."
    ),
    ("accounts.passkey.added", 1): lambda n, v: (
        "A passkey was added" + (", which opens your account." if v[1] else ".")
    ),
    ("accounts.passkey.factor", 1): lambda n, v: (
        f"A passkey is {'asked for' if v[1] else 'no longer asked for'} beside your passphrase."
    ),
    ("accounts.passkey.noticed", 1): lambda n, v: {
        "counter-back": "The counter of a passkey went back: somebody may have copied it.",
    }.get(v[1], "A passkey said otherwise than at first whether it can be backed up: it may be another one."),
    ("accounts.passkey.removed", 1): lambda n, v: (
        "A passkey was removed" + (" with the way in that it opened." if v[1] == "slot-gone" else ".")
    ),
    ("accounts.passkey.unlocks", 1): lambda n, v: "A passkey is asked for from now on with the way in that it opens.",
    ("accounts.session.ended", 1): lambda n, v: f"Your device {n.device(v[0])} {_ENDED.get(v[1], 'was signed out')}.",
    ("accounts.session.opened", 1): lambda n, v: f"A device signed in: {n.device(v[0])}.",
    ("accounts.slot.opened", 1): lambda n, v: f"A way in was opened on your device {n.device(v[0])}.",
    ("accounts.statement.added", 1): lambda n, v: "Your keys or ways in changed.",
    ("accounts.totp.changed", 1): lambda n, v: f"Your second factor was turned {'on' if v[0] else 'off'}.",
    ("consent.choice.made", 1): lambda n, v: f"You {_CHOICES.get(v[2], 'answered')} to {_PURPOSES.get(v[1], v[1])}.",
    ("consent.record.ended", 1): lambda n, v: f"A consent about {n.collection(v[1])} ended.",
    ("consent.record.given", 1): lambda n, v: (
        f"{_subject(n, v[2])} consented that {n.person(v[3])} may read {n.collection(v[1])}."
    ),
    ("reminders.device.ended", 1): lambda n, v: (
        f"Reminders of your device {n.device(v[0])} {_NO_REMINDERS.get(v[1], 'ended')}."
    ),
    ("reminders.device.started", 1): lambda n, v: f"Reminders of your device {n.device(v[0])} were turned on.",
    ("rights.erasure.done", 1): lambda n, v: f"You erased your account, with {_many(v[0], 'collection')}.",
    ("sharing.grant.given", 1): lambda n, v: (
        f"{_subject(n, v[1])} let {n.person(v[2])} {_ROLES.get(v[3], 'use')} {n.collection(v[0])}, {_until(v[5])}."
    ),
    ("sharing.grant.revoked", 1): lambda n, v: (
        f"{_subject(n, v[1])} stopped sharing {n.collection(v[0])} with {n.person(v[2])}."
    ),
    ("sharing.invitation.answered", 1): lambda n, v: "Somebody answered your invitation.",
    ("sharing.invitation.made", 1): lambda n, v: "You made an invitation link.",
    ("upkeep.erasure.completed", 1): lambda n, v: (
        f"Checked: nothing is left of {_erased(n, v[0], v[1])}, and no backup of the host can open it."
    ),
    ("vault.blob.fetched", 1): lambda n, v: f"{_subject(n, v[1])} fetched a part of a file in {n.collection(v[0])}.",
    ("vault.collection.created", 1): lambda n, v: f"Your collection {n.collection(v[0])} began.",
    ("vault.collection.erased", 1): lambda n, v: f"The collection {n.collection(v[0])} was erased whole.",
    ("vault.collection.opened", 1): lambda n, v: (
        f"{_subject(n, v[1])} opened {n.collection(v[0])}, as their app reports."
    ),
    ("vault.collection.pulled", 1): _pulled,
    ("vault.collection.pushed", 1): _pushed,
    ("vault.collection.refused", 1): lambda n, v: (
        f"A change of {n.collection(v[0])} by {n.person(v[1])} was refused ({v[2]})."
    ),
    ("vault.collection.rekeyed", 1): lambda n, v: (
        f"{_subject(n, v[1])} changed who can read {n.collection(v[0])}, or its keys."
    ),
    ("vault.collection.offered", 1): lambda n, v: (
        f"After a restore {_subject(n, v[1])} brought back {_many(v[3] - v[2] + 1, 'change')} of {n.collection(v[0])}."
    ),
    ("vault.records.given-back", 1): lambda n, v: (
        f"After a restore {_subject(n, v[1])} gave back {_many(v[2], 'entry', 'entries')} of {n.collection(v[0])}."
    ),
    ("vault.blob.given-back", 1): lambda n, v: (
        f"After a restore {_subject(n, v[1])} gave back a part of a file in {n.collection(v[0])}."
    ),
    ("vault.records.erased-again", 1): lambda n, v: (
        f"The host restored a backup, and erased {_many(v[1], 'entry', 'entries')} of {n.collection(v[0])} again."
    ),
}


def _erased(n: Names, what: str, thing: bytes) -> str:
    return "your account" if what == "account" else f"the collection {n.collection(thing)}"


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def words(act: Act, names: Names) -> str:
    """Return one sentence about an event; never nothing, and never an error for what a server makes up."""
    if not act.name:
        return "An entry whose content was erased; its mark is left."
    sentence = WORDS.get((act.name, act.version))
    if sentence is None:
        return f"{act.name} (this program is older than the server)"
    try:
        return sentence(names, act.values)
    except (TypeError, ValueError, IndexError, AttributeError, OverflowError, OSError):
        return f"{act.name} (its values are not understood)"
