"""Limits of live streams, and what one batch of events means to listeners. No I/O."""

from dataclasses import dataclass
from typing import Final

KEEP_ALIVE_SECONDS: Final = 25.0
"""A comment this often: proxies and mobile networks drop what is silent for 30 to 60 seconds."""
READY_SECONDS: Final = 10.0
"""How long a stream waits for the place in the event stream from which it follows; the database is away otherwise."""
STREAMS_PER_DEVICE: Final = 4
"""A device has one, or a few programs that follow; more are left over from a lost connection, and the oldest ends."""
STREAMS_PER_ACCOUNT: Final = 32
"""More devices than a person has; what is beyond asks at a calm pace instead."""
STREAMS_PER_PROCESS: Final = 4_000
"""About 30 KiB each: some 120 MiB. Never more than half the files that the process may open, so that streams leave
room for the calls of everybody else."""
HEADS_MOST: Final = 256
"""Collections that wait to be told to one slow reader; with more it is told "your account", which means all."""
AGAIN_SECONDS: Final = 1.0
"""Pause before following is tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What events mean: collections that moved on, those whose members may have changed, accounts that changed, and
    accounts whose streams may have to end."""

    collections: frozenset[bytes]
    members: frozenset[bytes]
    accounts: frozenset[bytes]
    access: frozenset[bytes]
