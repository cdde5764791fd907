"""The words that a person agrees to when they share from Python or the command line. No I/O.

Guarantees: what is shown is what is signed; the words name no person, since the recipient can read them, too.
"""

from datetime import date, timedelta
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.protocol.collection import Role
from mindhaven.protocol.consent import Purpose

_FOR: Final = {
    Purpose.CARE: "",
    Purpose.NOTES: (
        " These are notes of therapy or counselling, kept apart from other records. This agrees to these notes only,"
        " and to nothing else."
    ),
    Purpose.PROCEEDINGS: (
        " They may use it in a case at a court or before an authority, and show it there. This agrees to that only, and"
        " to nothing else. I need not agree: no help depends on it."
    ),
}
_READ: Final = "I let the person named here read {collection}, from {since} on, until {until}."
_WRITE: Final = (
    "I let the person named here read {collection}, and add entries of their own to it, from {since} on, until {until}."
    " They can change or erase what they added, and nothing of mine. I can read what they add, and erase it."
)
_STOP: Final = " I can stop this at any time. What they have read or copied by then, I can't take back."
LANGUAGE: Final = "en"
_LAST_DAY: Final = (date.max - date(1970, 1, 1)).days


def agreement(*, name: str, role: Role, since: int, until: int, purpose: Purpose) -> str:
    """Return the words. `since` is a month (yyyymm, 0: all), `until` a day (days since 1970 UTC, 0: open).

    Raises `InvalidInputError` (consent-day) for a day that no calendar has.
    """
    if until > _LAST_DAY:
        raise InvalidInputError("No calendar has this last day.", code="consent-day")
    first = f"{since // 100}-{since % 100:02}" if since else "the beginning"
    last = f"the end of {(date(1970, 1, 1) + timedelta(days=until)).isoformat()}" if until else "I stop it"
    what = (_READ if role is Role.READER else _WRITE).format(collection=name, since=first, until=last)
    return what + _FOR[purpose] + _STOP
