"""Slices: one subject each, declared as one value; `mindhaven.server.slices` lists them. No I/O."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from mindhaven.kernel.holding import Holding
from mindhaven.kernel.host import Host
from mindhaven.kernel.jobs import Job
from mindhaven.kernel.operation import Operation
from mindhaven.kernel.outbox import Sender
from mindhaven.kernel.reader import Reader
from mindhaven.kernel.settings import Setting
from mindhaven.kernel.work import Work


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What one slice adds to the server. `migrations` is the package that holds its SQL files, or None; `opens` raises
    what keeps it from being served, before anything is; `closes` ends what would not end by itself, as soon as the
    server is told to end; `calls` maps a purpose of outgoing calls to the setting that lists where they may go, `sends`
    to what they may send (see `kernel.outbound.sent`); `stops` maps what a person may allow to what ends with it, for
    that person, in the work that takes it back.
    """

    name: str
    operations: tuple[Operation, ...] = ()
    readers: tuple[Reader, ...] = ()
    jobs: tuple[Job, ...] = ()
    senders: tuple[Sender, ...] = ()
    holdings: tuple[Holding, ...] = ()
    settings: tuple[Setting, ...] = ()
    calls: Mapping[str, str] = field(default_factory=dict)
    sends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stops: Mapping[str, Callable[[Work, bytes], Awaitable[None]]] = field(default_factory=dict)
    migrations: str | None = None
    opens: Callable[[Host], Awaitable[None]] | None = None
    closes: Callable[[Host], None] | None = None
