"""Use cases of register: the policy of this server is published before it is served. I/O: the store."""

from typing import Final

from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor, Host, HostScope, Look, Work
from mindhaven.kernel.openings import Kept, events_of, openings
from mindhaven.kernel.settings import Settings
from mindhaven.protocol.event import HOST
from mindhaven.register import policy
from mindhaven.register.model import LINES, Facts, PolicyPublished, Published, entries
from mindhaven.register.store import Policies, PoliciesChange

_OPERATOR: Final = Actor(kind="operator")
_SCOPE: Final = HostScope(reason="register")


def facts_of(host: Host) -> Facts:
    """Return what a host says of itself in its settings."""
    return facts_from(host.settings)


def facts_from(settings: Settings) -> Facts:
    """Return what these settings say of the host."""
    said = {name: settings[f"register.{name}"] for name in LINES}
    return Facts(
        **said, hosting=tuple(settings["register.hosting"]), roles=tuple(sorted(set(settings["register.roles"])))
    )


async def publishes(host: Host) -> None:
    """Record the policy that this server shows, unless it is the one that was recorded last.

    Of several processes that start at once, one records it.
    """
    told = policy.packed(policy.texts(entries(), facts_of(host)))
    await host.db.act(_OPERATOR, lambda work: record(work, told), upkeep="a policy that was recorded before")


async def record(work: Work, told: bytes) -> None:
    """Record a packed policy in this work, under the next number; the work's first event about the host."""
    store = PoliciesChange(work, _SCOPE)
    last = await store.newest()
    digest = policy.digest_of(told)
    if last is not None and last.digest == digest:
        return
    number = 1 if last is None else last.version + 1
    seq = await events_of(work, subject=HOST)
    await store.add(Published(version=number, digest=digest, texts=told, published_at=work.now, seq=seq))
    work.record(PolicyPublished(subject=HOST, number=number, digest=digest))


async def shown(look: Look, version: int | None) -> tuple[Published, Kept] | None:
    """Return a policy with its event; None stands for the newest, and for one that there is not."""
    store = Policies(look, _SCOPE)
    found = await store.newest() if version is None else await store.numbered(version)
    if found is None:
        return None
    (kept,) = await openings(look, subject=HOST, first=found.seq, limit=1)
    return found, kept


async def published(look: Look) -> bytes | None:
    """Return the hash of the policy that stands, None if none was published yet."""
    return await Policies(look, _SCOPE).digest()


async def ever_published(look: Look) -> list[bytes]:
    """Return the hash of every policy that was ever published."""
    return await Policies(look, _SCOPE).digests()


async def history(look: Look, count: int) -> list[Published]:
    """Return the policies that were published last, in order, at most `count`.

    Raises `IntegrityError` (policy-differs) for one whose text or hash is not what its event says.
    """
    found = await Policies(look, _SCOPE).last(count)
    for one in found:
        kept = await openings(look, subject=HOST, first=one.seq, limit=1)
        body = kept[0].body if kept else None
        if policy.digest_of(one.texts) != one.digest or body is None or one.digest not in body:
            raise IntegrityError("An earlier policy here is not the one that was published.", code="policy-differs")
    return found
