"""Host: what the outside of a use case may reach. `mindhaven.server.build` wires it. No I/O here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mindhaven.errors import UnavailableError
from mindhaven.kernel.blobs import Blobs
from mindhaven.kernel.database import Database
from mindhaven.kernel.journal import Journal
from mindhaven.kernel.limits import Limits
from mindhaven.kernel.operation import Session
from mindhaven.kernel.outbound import Outbound
from mindhaven.kernel.outcome import Denied
from mindhaven.kernel.secrets import Secrets
from mindhaven.kernel.settings import Settings
from mindhaven.kernel.sources import Clock, Random
from mindhaven.kernel.stream import Stream
from mindhaven.kernel.work import Work

Authenticate = Callable[["Host", Any], Awaitable[Session | Denied]]
"""(host, request) -> who asks, or why not."""


async def nobody(host: "Host", request: Any) -> Session | Denied:  # noqa: ARG001 - the shape of Authenticate
    """Refuse everybody: what stands until the accounts slice is wired."""
    raise UnavailableError("No way to sign in is wired.", code="no-authenticator")


@dataclass(kw_only=True, eq=False)
class Host:
    """Database, stream, blobs, journal of erasures, the way out, time, randomness, secrets, settings, limits, the
    authenticator, and by purpose what ends for a person who takes it back.
    """

    db: Database
    stream: Stream
    blobs: Blobs
    erasures: Journal
    outbound: Outbound
    clock: Clock
    random: Random
    secrets: Secrets
    settings: Settings
    limits: Limits
    authenticate: Authenticate = nobody
    stops: Mapping[str, Sequence[Callable[[Work, bytes], Awaitable[None]]]] = field(default_factory=dict)
