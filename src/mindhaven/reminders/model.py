"""Types, limits and events of reminders. No I/O."""

from dataclasses import dataclass
from typing import Final

from mindhaven.kernel import Event, event

PURPOSE: Final = "reminders"
"""What a person allows when they turn reminders on: see consent/purposes."""
HOUR: Final = 3600
DAY: Final = 24 * HOUR
UNANSWERED: Final = 3
"""Reminders that are sent in a row without the app being opened: who does not answer does not want them now."""
TTL_SECONDS: Final = 1800
"""How long a push service may keep one for a device that is away: a late reminder is no use."""
LATE_SECONDS: Final = 600
"""How late one is still sent, as after a restart: later it is left out, so that a server that slept sends no burst."""
AHEAD_SECONDS: Final = 60
"""How far the clocks of two processes may differ."""
EVERY_SECONDS: Final = 20
"""How often it is looked who is due: within the minute that was chosen, and the database hardly notices."""
BATCH: Final = 64
"""Devices that are marked in one work, and then sent to."""
AT_ONCE: Final = 16
"""Calls at once: a batch whose push service hangs is over after BATCH / AT_ONCE times 15 s, within the lease."""
LEASE_SECONDS: Final = 300
GONE: Final = frozenset({404, 410})
"""What push services answer of an address that is no more (RFC 8030, 7.3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device's reminders as stored: the sealed address and its blind index, the service's host, minutes of the day
    (UTC), how many more are sent, when the next is due, which one was sent last, since which hour."""

    session: bytes
    uid: bytes
    endpoint: bytes
    mark: bytes
    service: str
    minutes: tuple[int, ...]
    left: int
    next_at: int
    last_at: int
    since: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """What a device asked for, checked; `endpoint` is sealed for its row already."""

    session: bytes
    uid: bytes
    endpoint: bytes
    mark: bytes
    service: str
    minutes: tuple[int, ...]


@event("reminders.device.started", version=1, keep="access-log")
class DeviceStarted(Event):
    """Reminders were turned on for a device."""

    session: bytes


@event("reminders.device.ended", version=1, keep="access-log")
class DeviceEnded(Event):
    """Reminders of a device ended; `why` is asked, gone (its push service knows it no more), service (the host named
    that push service no longer) or choice (the person took back that they may be sent)."""

    session: bytes
    why: str
