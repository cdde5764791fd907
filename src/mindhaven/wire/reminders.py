"""Requests and answers of reminders. Times in seconds since 1970 UTC, minutes of the day in UTC. No I/O."""

from typing import Annotated, Final

import msgspec

from mindhaven.wire.accounts import Bytes16, Wire

MAX_ENDPOINT_CHARACTERS: Final = 2048
"""Addresses of push services have 150 to 600; the longest that any browser's maker documents is below this."""
MAX_MINUTES: Final = 8
"""Reminders of one device a day: more is an alarm clock, and its times would tell a whole day."""
DAY_MINUTES: Final = 24 * 60

Minute = Annotated[int, msgspec.Meta(ge=0, le=DAY_MINUTES - 1)]


class Reminder(Wire):
    """What a device asks for: the address that its browser got from a push service, and at which minutes of the day."""

    endpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ENDPOINT_CHARACTERS)]
    minutes: Annotated[list[Minute], msgspec.Meta(min_length=1, max_length=MAX_MINUTES)]


class ReminderShown(Wire):
    """A device's reminders: the push service's host, the minutes, how many more are sent before the app is opened
    again (3 to 0), and the hour since which they are on."""

    session: Bytes16
    here: bool
    service: str
    minutes: list[int]
    left: int
    since: int


class Reminders(Wire):
    """One's own devices that have reminders."""

    devices: list[ReminderShown]


class ReminderKey(Wire):
    """The server's public key for push services: the uncompressed point (65 bytes) in base64url without padding."""

    key: str
