"""Reminders: an empty push to a device that asked for it, at minutes of the day that it chose.

Promises: a push has no content; a device is sent three at most until its app is opened again, each once at most; the
address of a device lies sealed, and ends with its session, its account, and what its owner allows.
Does not: know what a reminder is for, count what was not answered, or call any host that the setting does not name.
The server can see: which push service a device has, its address there, at which minutes it wants to be reminded.
"""

from typing import Final

from mindhaven.kernel import Host, Setting, Slice
from mindhaven.reminders.api import OPERATIONS
from mindhaven.reminders.holdings import HOLDINGS
from mindhaven.reminders.jobs import JOBS, SERVICES
from mindhaven.reminders.model import PURPOSE
from mindhaven.reminders.readers import READERS
from mindhaven.reminders.rules import check_services
from mindhaven.reminders.service import forget, left, taken_back


async def opened(host: Host) -> None:
    """Raise `InvalidInputError` (push-services) if the setting names what is no push service."""
    check_services(host.settings[SERVICES])


SLICE: Final = Slice(
    name="reminders",
    operations=OPERATIONS,
    readers=READERS,
    jobs=JOBS,
    holdings=HOLDINGS,
    settings=(
        Setting(
            name=SERVICES,
            default=(),
            help="Push services that may be called to remind a device (host, or *.host for all below it), such as"
            " fcm.googleapis.com; empty: none, and the app offers no reminders.",
        ),
    ),
    calls={PURPOSE: SERVICES},
    sends={PURPOSE: ("url", "authorization", "ttl", "urgency")},
    stops={PURPOSE: taken_back},
    migrations="mindhaven.reminders.migrations",
    opens=opened,
)

__all__ = ["SLICE", "forget", "left"]
