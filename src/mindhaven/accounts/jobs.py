"""What accounts does by the clock: due changes enter the chain, refusals are summarised, expired rows go, fields move
to the newest data key."""

from typing import Final

import msgspec

from mindhaven.accounts import service, verify
from mindhaven.accounts.store import Directory, Doors, DoorsChange, OwnAccountChange
from mindhaven.errors import ConflictError, MindhavenError
from mindhaven.kernel import Actor, Host, HostScope, Job, Lease, PersonScope, Work
from mindhaven.wire.accounts import KeySet

_JOB: Final = Actor(kind="job")
_SCOPE: Final = HostScope(reason="upkeep")
DUE_AT_ONCE: Final = 20
"""Waiting changes that one work lets in: each verifies a chain first."""
RESEAL_AT_ONCE: Final = 200
RESTED_AT_ONCE: Final = 200


async def enter_due(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Let every change whose wait is over into its chain; one that no longer fits is dropped with its reason."""
    due = await host.db.act(
        _JOB, lambda work: DoorsChange(work, _SCOPE).due(DUE_AT_ONCE), upkeep="look for due changes"
    )
    for pending, uid in due:
        await _enter_one(host, pending, uid)


async def _enter_one(host: Host, pending: bytes, uid: bytes) -> None:
    async def enter(work: Work) -> None:
        own = OwnAccountChange(work, PersonScope(uid=uid))
        found = next((one for one in await own.pending() if one.id == pending), None)
        if found is None:
            return
        raw = found.keys
        chain = await Directory(work).chain(uid)
        states = verify.chain_states(uid, [*chain, *found.earlier])
        keys = verify.key_set(states[-1][0], msgspec.json.decode(raw, type=KeySet), raw, uid=uid)
        await own.drop_pending(pending)
        await service.enter(work, own, keys, kept_session=None, between=states[len(chain) :])

    try:
        await host.db.act(_JOB, enter, upkeep="a due change that is gone")
    except (ConflictError, MindhavenError):
        await host.db.act(
            _JOB,
            lambda work: service.cancel_pending(work, uid=uid, pending=pending, session=None, why="refused"),
            upkeep="a due change that is gone",
        )


async def sweep(host: Host, lease: Lease) -> None:  # noqa: ARG001
    """Summarise refused log-ins, sign out devices that rested too long, delete what has expired."""
    await host.db.act(_JOB, service.summarise_refusals, upkeep="count refusals anew")
    while await host.db.act(
        _JOB, lambda work: service.end_rested(work, limit=RESTED_AT_ONCE), upkeep="no device rests that long"
    ):
        pass
    await host.db.act(_JOB, lambda work: DoorsChange(work, _SCOPE).sweep(), upkeep="delete what has expired")


async def reseal(host: Host, lease: Lease) -> None:  # noqa: ARG001
    """Seal second factors anew that lie under an older data key than the newest; see `keys rotate`."""
    await host.secrets.learn()
    after = b""
    while True:
        rows = await host.db.look(lambda look, after=after: Doors(look, _SCOPE).second_factors(after, RESEAL_AT_ONCE))  # type: ignore[misc]
        stale = [
            (uid, old, host.secrets.open_sealed(old, table="accounts_account", column="totp", row=uid))
            for uid, old in rows
            if host.secrets.stale(old)
        ]
        fresh = [
            (uid, old, host.secrets.seal(secret, table="accounts_account", column="totp", row=uid))
            for uid, old, secret in stale
        ]
        if fresh:
            await host.db.act(_JOB, lambda work, fresh=fresh: _store(work, fresh), upkeep="sealed under a newer key")  # type: ignore[misc]
        if len(rows) < RESEAL_AT_ONCE:
            return
        after = rows[-1][0]


async def _store(work: Work, fresh: list[tuple[bytes, bytes, bytes]]) -> None:
    for uid, old, new in fresh:
        await DoorsChange(work, _SCOPE).reseal(uid, old, new)


JOBS: Final = (
    Job(name="accounts.enter-due", every_seconds=60, run=enter_due),
    Job(name="accounts.sweep", every_seconds=3600, run=sweep),
    Job(name="accounts.reseal", every_seconds=3600, run=reseal),
)
