"""What reminders follow: a device that was signed out is reminded no more.

One that signed in anew (`again`) asks anew itself, and goes on; until then it is sent nothing, since its former session
does not stand.
"""

from typing import Final

from mindhaven.accounts import SessionEnded
from mindhaven.kernel import Numbered, Reader, Work
from mindhaven.reminders import service

AGAIN: Final = "again"


async def take(work: Work, one: Numbered) -> None:
    """Delete the reminders of a device that was signed out."""
    told = one.event
    if isinstance(told, SessionEnded) and told.why != AGAIN:
        await service.signed_out(work, told.session)


READERS: Final = (Reader(name="reminders.sessions", wants=frozenset({SessionEnded.NAME}), take=take),)
