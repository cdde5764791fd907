"""Which push services may be called, and when a device is due. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mindhaven.errors import InvalidInputError
from mindhaven.kernel import Denied, fits
from mindhaven.reminders.model import AHEAD_SECONDS, DAY, LATE_SECONDS

_MINUTE: Final = 60
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME: Final = re.compile(rf"(\*\.)?(?:{_LABEL}\.)+(?![0-9]){_LABEL}(:[1-9][0-9]{{0,4}})?")
"""A host's name with a dot, a port if need be, or all names below one; its last label is none of an IP address."""
_TRIAL: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost):[1-9][0-9]{0,4}")
_ENDPOINT: Final = re.compile(r"(https?)://([a-z0-9.-]+)(:[0-9]{1,5})?/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]*")
"""One scheme, one plain authority, one path: nothing that two readers of addresses could read as two hosts."""


class Due(Enum):
    """What becomes of a device whose next reminder was looked at."""

    SEND = "send"
    LEAVE_OUT = "leave-out"
    WAIT = "wait"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A push service's address, taken apart: its origin, and its host as it is shown."""

    url: str
    origin: str
    host: str


def check_services(services: Sequence[str]) -> None:
    """Raise `InvalidInputError` (push-services) naming an entry that is no push service."""
    for one in services:
        if _TRIAL.fullmatch(one):
            continue
        if one.startswith("http:"):
            raise InvalidInputError(
                f"push.services: {one} is called without encryption.",
                hint="Name the host alone (push.example.org): it is called over https. Plain http is for trials on"
                " this machine only: http://127.0.0.1:PORT.",
                code="push-services",
            )
        name = _NAME.fullmatch(one)
        if name is None or (name.group(1) and name.group(2)):
            raise InvalidInputError(
                f"push.services: {one} is no host of a push service.",
                hint="Write a name in small letters, such as updates.push.services.mozilla.com, or *.push.apple.com for"
                " all below it; no address in numbers.",
                code="push-services",
            )


def endpoint(url: str, services: Sequence[str]) -> Endpoint | Denied:
    """Return an address that is at one of `services`, or why it is not taken."""
    found = _ENDPOINT.fullmatch(url)
    if found is None or not any(fits(one, url) for one in services):
        return Denied(
            "push-service",
            "This browser's push service is none that this server may call.",
            "Use another browser, or ask the people who run this server: they name push services in push.services.",
        )
    scheme, host, port = found.group(1), found.group(2), found.group(3) or ""
    return Endpoint(url=url, origin=f"{scheme}://{host}{port}", host=host)


def next_at(minutes: Sequence[int], now: int) -> int:
    """Return the first moment after `now` at which one of `minutes` (of the day, UTC) begins."""
    today = now // DAY * DAY
    later = [today + one * _MINUTE for one in minutes if today + one * _MINUTE > now]
    return min(later, default=today + DAY + min(minutes) * _MINUTE)


def due(at: int, last: int, now: int) -> Due:
    """Return what becomes of a reminder of `at`, when the one before was of `last`.

    Left out is what is too late (the server slept, or its clock was put forward), what was sent already (the clock was
    put back), and what lies further ahead than any can (it was reckoned before the clock was put back).
    """
    if now < at <= now + DAY + AHEAD_SECONDS:
        return Due.WAIT
    if at == last or not 0 <= now - at <= LATE_SECONDS:
        return Due.LEAVE_OUT
    return Due.SEND
