"""What reminders do by the clock: empty pushes to devices that are due (RFC 8030); fields move to the newest data key.

Guarantees: a push has no body, so there is nothing to encrypt and nothing to read; each is sent once at most, and none
again if it fails; no address stands in a log line. I/O: outgoing calls, outside any work; the database.
"""

import asyncio
import logging
from typing import Final

from mindhaven.crypto.vapid import PushKey
from mindhaven.errors import DeniedError, MindhavenError
from mindhaven.kernel import Actor, Call, Denied, Host, Job, Lease, Work
from mindhaven.kernel import lease as leases
from mindhaven.reminders import keys, rules, service
from mindhaven.reminders.model import AT_ONCE, BATCH, EVERY_SECONDS, GONE, LEASE_SECONDS, PURPOSE, TTL_SECONDS, Device

_LOG: Final = logging.getLogger("mindhaven.reminders")
_JOB: Final = Actor(kind="job")
SERVICES: Final = "push.services"
RESEAL_AT_ONCE: Final = 200
_TAKEN: Final = range(200, 300)


def subject(host: Host) -> str:
    """Return whom a push service may ask about this server: its security contact, else its address; empty: nobody."""
    contact: str = host.settings["server.security-contact"]
    origin: str = host.settings["server.origin"]
    return contact or (origin.rstrip("/") if origin.startswith("https://") else "")


async def remind(host: Host, lease: Lease) -> None:
    """Send a push to every device that is due."""
    more = True
    while more:

        async def take(work: Work) -> tuple[list[Device], bool]:
            await leases.keep(work, lease, seconds=LEASE_SECONDS)
            return await service.take_due(work, limit=BATCH)

        send, more = await host.db.act(_JOB, take, upkeep="who is reminded next")
        if send:
            key, turns = await keys.push_key(host), asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(_send(host, key, one, turns) for one in send))


async def _send(host: Host, key: PushKey, device: Device, turns: asyncio.Semaphore) -> None:
    why: str | None = None
    try:
        url = await keys.open_endpoint(host, device.session, device.endpoint)
        at = rules.endpoint(url, host.settings[SERVICES])
        if isinstance(at, Denied):
            why = "service"
        else:
            headers = {
                "Authorization": key.authorization(audience=at.origin, subject=subject(host), now=host.clock()),
                "TTL": str(TTL_SECONDS),
                "Urgency": "normal",
            }
            async with turns:
                if not await host.db.look(lambda look: service.stands(look, device)):
                    return  # it was taken back, or ended, since it was found to be due
                reply = await host.outbound.send(Call(method="POST", url=at.url, purpose=PURPOSE, headers=headers))
            if reply.status in GONE:
                why = "gone"
            elif reply.status not in _TAKEN:
                _LOG.warning("a push service took no reminder", extra={"code": f"push-{reply.status}"})
    except MindhavenError as error:
        why = "service" if isinstance(error, DeniedError) else None
        _LOG.warning("a reminder was not sent", extra={"code": error.reason})
    if why is not None:
        ended = why
        await host.db.act(_JOB, lambda work: service.gone(work, device, why=ended), upkeep="it has another address")


async def reseal(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Seal addresses and the key anew that lie under an older data key than the newest; see `keys rotate`."""
    await host.secrets.learn()
    key = await host.db.look(service.key)
    if key is not None and host.secrets.stale(key):
        anew = keys.seal_key(host, await keys.open_key(host, key))
        await host.db.act(_JOB, lambda work: service.reseal_key(work, key, anew), upkeep="sealed under a newer key")
    after = b""
    while True:
        rows = await host.db.look(lambda look, after=after: service.sealed(look, after=after, limit=RESEAL_AT_ONCE))  # type: ignore[misc]
        fresh = [
            (session, old, keys.seal_endpoint(host, session, await keys.open_endpoint(host, session, old)))
            for session, old in rows
            if host.secrets.stale(old)
        ]
        if fresh:
            await host.db.act(
                _JOB,
                lambda work, fresh=fresh: service.reseal(work, fresh),  # type: ignore[misc]
                upkeep="sealed under a newer key",
            )
        if len(rows) < RESEAL_AT_ONCE:
            return
        after = rows[-1][0]


JOBS: Final = (
    Job(name="reminders.remind", every_seconds=EVERY_SECONDS, run=remind, lease_seconds=LEASE_SECONDS),
    Job(name="reminders.reseal", every_seconds=3600, run=reseal),
)
