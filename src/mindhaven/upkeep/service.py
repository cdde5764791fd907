"""Use cases of upkeep that are neither a job nor a reader: which release of the web app is served. I/O: the store."""

from typing import Final

from mindhaven.kernel import Actor, Host, HostScope, Look, Work
from mindhaven.kernel.openings import Kept, events_of, openings
from mindhaven.protocol.event import HOST
from mindhaven.upkeep.model import Release, ReleaseServed
from mindhaven.upkeep.store import Chores, ChoresChange

_OPERATOR: Final = Actor(kind="operator")
_SCOPE: Final = HostScope(reason="upkeep")


async def serves(host: Host, release: bytes) -> None:
    """Record that this server serves a release (its SHA-256), unless it is the one that was recorded last.

    Of several processes that start at once, one records it.
    """
    await host.db.act(_OPERATOR, lambda work: record(work, release), upkeep="a release that was recorded before")


async def record(work: Work, release: bytes) -> None:
    """Record a release in this work; the work's first event about the host, so that its place is known already."""
    store = ChoresChange(work, _SCOPE)
    last = await store.release()
    if last is not None and last.release == release:
        return
    await store.set_release(Release(release=release, seq=await events_of(work, subject=HOST)))
    work.record(ReleaseServed(subject=HOST, release=release))


async def served(look: Look) -> tuple[Release, Kept] | None:
    """Return the release that was recorded last with its event, None if none ever was."""
    last = await Chores(look, _SCOPE).release()
    if last is None:
        return None
    (kept,) = await openings(look, subject=HOST, first=last.seq, limit=1)
    return last, kept
