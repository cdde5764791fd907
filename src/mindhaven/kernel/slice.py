"""Slices: one subject each, declared as one value; `mindhaven.server.slices` lists them. No I/O."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mindhaven.kernel.holding import Holding
from mindhaven.kernel.host import Host
from mindhaven.kernel.jobs import Job
from mindhaven.kernel.operation import Operation
from mindhaven.kernel.outbox import Sender
from mindhaven.kernel.reader import Reader
from mindhaven.kernel.settings import Setting


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What one slice adds to the server. `migrations` is the package that holds its SQL files, or None; `opens` raises
    what keeps it from being served, before anything is; `closes` ends what would not end by itself, as soon as the
    server is told to end.
    """

    name: str
    operations: tuple[Operation, ...] = ()
    readers: tuple[Reader, ...] = ()
    jobs: tuple[Job, ...] = ()
    senders: tuple[Sender, ...] = ()
    holdings: tuple[Holding, ...] = ()
    settings: tuple[Setting, ...] = ()
    migrations: str | None = None
    opens: Callable[[Host], Awaitable[None]] | None = None
    closes: Callable[[Host], None] | None = None
