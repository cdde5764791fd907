"""What vault does by the clock: unnamed parts of attachments go, and salts are turned to new keys.

The turn (PROTOCOL section 7), each step in works of its own, each safe to repeat after a crash: collections in which
something was erased get a new pepper; their salts move to it, some commits at a time; a pepper that no salt names is
deleted; a new salt key begins, and every pepper is wrapped anew under it; the former is destroyed a week later.
I/O: the store, the blobs, the salt keys' files.
"""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from mindhaven.crypto.peppers import SALT_BYTES, Pepper, mask_salts
from mindhaven.errors import IntegrityError
from mindhaven.kernel import Actor, Host, HostScope, Job, Lease, Work, run_once
from mindhaven.kernel import lease as leases
from mindhaven.protocol.event import HOST
from mindhaven.vault.api.asking import salt_keys
from mindhaven.vault.api.blobs import blob_key
from mindhaven.vault.model import (
    SALT_KEY_KEPT_SECONDS,
    TURN_SECONDS,
    Leaving,
    SaltKeyDestroyed,
    SaltKeyTurned,
)
from mindhaven.vault.peppers import SaltKeys
from mindhaven.vault.store import AllPieces, Parts, Peppers, PeppersChange

T = TypeVar("T")
_LOG: Final = logging.getLogger("mindhaven.vault")
_JOB: Final = Actor(kind="job")
_SCOPE: Final = HostScope(reason="upkeep")

UNNAMED_KEPT_SECONDS: Final = 90 * 86400
"""How long a part waits for its record: an entry may be written on a device that is offline for a season."""
PIECE_KEPT_SECONDS: Final = 86400
"""How long a piece of a snapshot waits for its commit: it is sent within minutes, or made anew."""
SWEPT_AT_ONCE: Final = 200
LEASE_SECONDS: Final = 300
BEGUN_AT_ONCE: Final = 100
COMMITS_AT_ONCE: Final = 64
SALTS_AT_ONCE: Final = 1000
"""Salts that one work moves: some ten milliseconds, so that nobody's push waits longer."""
WRAPPED_AT_ONCE: Final = 200


async def sweep_parts(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Delete parts that no record names, rows first: what a crash leaves behind are bytes that nobody can open."""
    while True:
        gone = await host.db.act(
            _JOB,
            lambda work: Parts(work, _SCOPE).sweep_unnamed(work.now - UNNAMED_KEPT_SECONDS, SWEPT_AT_ONCE),
            upkeep="parts of attachments that no record names",
        )
        for collection, blob in gone:
            await host.blobs.delete(blob_key(collection, blob))
        if len(gone) < SWEPT_AT_ONCE:
            return


async def sweep_pieces(host: Host, lease: Lease) -> None:  # noqa: ARG001 - the shape of a job
    """Delete pieces of snapshots whose commit never came."""
    while (
        await host.db.act(
            _JOB,
            lambda work: AllPieces(work, _SCOPE).sweep(work.now - PIECE_KEPT_SECONDS, SWEPT_AT_ONCE),
            upkeep="pieces of snapshots that no commit names",
        )
        == SWEPT_AT_ONCE
    ):
        pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """What a turn did: collections that got a new pepper, salts moved, peppers wrapped anew, keys destroyed."""

    collections: int = 0
    salts: int = 0
    peppers: int = 0
    generation: int = 0
    destroyed: int = 0


async def turn_salts(host: Host, lease: Lease) -> None:
    """Turn the salt key if it is due, go on with a turn that was cut short, destroy what has had its time."""
    await _Turn(host, lease).run(now=False)


async def turn_now(host: Host) -> Turned | None:
    """Turn the salt key now; None while another process is at it."""
    done: list[Turned] = []

    async def run(host: Host, lease: Lease) -> None:
        done.append(await _Turn(host, lease).run(now=True))

    ran = await run_once(host, Job(name=TURN.name, every_seconds=TURN.every_seconds, run=run))
    return done[0] if ran else None


class _Turn:
    """One run of the turn under its lease."""

    def __init__(self, host: Host, lease: Lease) -> None:
        self._host = host
        self._lease = lease
        self._keys: SaltKeys = salt_keys(host)

    async def run(self, *, now: bool) -> Turned:
        """Take whichever steps are due."""
        await self._act(lambda work: PeppersChange(work, _SCOPE).date_first(work.now))
        kept = await self._host.db.look(lambda look: Peppers(look, _SCOPE).generations())
        newest = kept[-1]
        cut_short = any(one.retired_at == 0 for one in kept[:-1])
        due = not cut_short and (now or self._host.clock() - newest.begun_at >= TURN_SECONDS)
        collections = await self._begin_peppers() if due else 0
        salts = await self._move_salts()
        generation = newest.generation
        if due:
            generation += 1
            self._keys.draw(generation)  # durable before the database names it
            await self._act(lambda work: PeppersChange(work, _SCOPE).add_generation(generation, work.now))
        peppers = await self._rewrap(generation) if due or cut_short else 0
        return Turned(
            collections=collections,
            salts=salts,
            peppers=peppers,
            generation=generation,
            destroyed=await self._destroy(),
        )

    async def _act(self, use_case: Callable[[Work], Coroutine[Any, Any, T]]) -> T:
        """Run one step; fenced: whoever took the lease over has it for good."""

        async def fenced(work: Work) -> T:
            await leases.keep(work, self._lease, seconds=LEASE_SECONDS)
            return await use_case(work)

        return await self._host.db.act(_JOB, fenced, upkeep="the salts' turn")

    async def _begin_peppers(self) -> int:
        """Give each collection in which a salt was deleted another pepper; return how many."""
        begun = after = 0
        while True:
            found = await self._host.db.look(
                lambda look, after=after: Peppers(look, _SCOPE).due(after, BEGUN_AT_ONCE)  # type: ignore[misc]
            )
            for no in found:
                pepper = Pepper(self._host.random(32))
                begun += await self._act(lambda work, no=no, pepper=pepper: self._begin(work, no, pepper))  # type: ignore[misc]
            if len(found) < BEGUN_AT_ONCE:
                return begun
            after = found[-1]

    async def _begin(self, work: Work, no: int, pepper: Pepper) -> int:
        store = PeppersChange(work, _SCOPE)
        standing = await store.standing(no)
        if standing is None:
            return 0
        collection, number = standing
        generation = await store.newest()
        wrapped = self._keys.wrap(generation, collection, number + 1, pepper)
        await store.begin(no, number + 1, wrapped, generation)
        return 1

    async def _move_salts(self) -> int:
        """Move the salts under every pepper that was left to the newest one; return how many."""
        moved = 0
        for no, number in await self._host.db.look(lambda look: Peppers(look, _SCOPE).leaving()):
            while True:
                part = await self._act(lambda work, no=no, number=number: self._move(work, no, number))  # type: ignore[misc]
                if part is None:
                    break
                moved += part
        return moved

    async def _move(self, work: Work, no: int, number: int) -> int | None:
        """Move the salts of the next commits, or drop the pepper after the last; None: nothing is left to do.

        A commit's salts are masked by one stream, so they are opened and masked whole, and all move in one work.
        """
        store = PeppersChange(work, _SCOPE)
        left = await store.left(no, number)
        if left is None:
            return None
        commits = await store.commits(no, left.swept, COMMITS_AT_ONCE)
        if not commits:
            if not await store.drop(no, number):
                raise IntegrityError("A salt belongs to no commit, so its pepper can't go.", code="salt-astray")
            return None
        end, taken = commits[0][2] + commits[0][3], 1
        while taken < len(commits) and commits[taken][2] + commits[taken][3] - commits[0][2] <= SALTS_AT_ONCE:
            end, taken = commits[taken][2] + commits[taken][3], taken + 1
        first = commits[0][2]
        salts = await store.salts(first, end, number) if end > first else {}
        if salts:
            await store.replace(first, end, number, self._remasked(left, commits[:taken], salts))
        await store.swept(no, number, commits[taken - 1][0])
        return len(salts)

    def _remasked(self, left: Leaving, commits: list[Any], salts: dict[int, bytes]) -> list[tuple[int, int, bytes]]:
        wrapped, generation = left.old
        old = self._keys.unwrap(generation, left.collection, left.number, wrapped)
        wrapped, generation = left.next
        new = self._keys.unwrap(generation, left.collection, left.next_number, wrapped)
        rows = []
        for _, commit, first, count in commits:
            there = [n for n in range(count) if first + n in salts]
            if not there:
                continue
            whole = b"".join(salts.get(first + n, bytes(SALT_BYTES)) for n in range(count))
            masked = mask_salts(new, commit, mask_salts(old, commit, whole))
            rows += [(first + n, left.next_number, masked[SALT_BYTES * n : SALT_BYTES * (n + 1)]) for n in there]
        return rows

    async def _rewrap(self, generation: int) -> int:
        """Wrap every pepper that lies under an older key anew, then retire the older keys; return how many."""
        wrapped = 0
        while count := await self._act(lambda work: self._rewrap_some(work, generation)):
            wrapped += count
        await self._act(lambda work: self._retire(work, generation))
        return wrapped

    async def _rewrap_some(self, work: Work, generation: int) -> int:
        store = PeppersChange(work, _SCOPE)
        rows = await store.under_older(generation, WRAPPED_AT_ONCE)
        for no, collection, number, wrapped, older in rows:
            pepper = self._keys.unwrap(older, collection, number, wrapped)
            await store.rewrap(no, number, self._keys.wrap(generation, collection, number, pepper), generation)
        return len(rows)

    async def _retire(self, work: Work, generation: int) -> None:
        if await PeppersChange(work, _SCOPE).retire(generation, work.now):
            work.record(SaltKeyTurned(subject=HOST, generation=generation))

    async def _destroy(self) -> int:
        """Destroy the keys that were retired a week ago; return how many."""
        gone = 0
        for one in await self._host.db.look(lambda look: Peppers(look, _SCOPE).generations()):
            old = one.retired_at and self._host.clock() - one.retired_at >= SALT_KEY_KEPT_SECONDS
            if one.destroyed_at or not old:
                continue
            self._keys.destroy(one.generation)
            gone += await self._act(lambda work, generation=one.generation: _destroyed(work, generation))  # type: ignore[misc]
        if gone:
            _LOG.info("a salt key was destroyed: backups forget what was erased before it was retired")
        return gone


async def _destroyed(work: Work, generation: int) -> int:
    news = await PeppersChange(work, _SCOPE).destroyed(generation, work.now)
    if news:
        work.record(SaltKeyDestroyed(subject=HOST, generation=generation))
    return news


TURN: Final = Job(name="vault.turn-salts", every_seconds=3600, run=turn_salts, lease_seconds=LEASE_SECONDS)
JOBS: Final = (
    Job(name="vault.sweep-parts", every_seconds=86400, run=sweep_parts),
    Job(name="vault.sweep-pieces", every_seconds=86400, run=sweep_pieces),
    TURN,
)
