"""The wiring: from settings and slices to a running host.

Guarantees: nothing is served before the migrations ran, every column is declared, and the data keys and what the
slices keep under keys of their own open; no key is drawn beside data that lies under another.
I/O: the data directory, the database.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mindhaven import accounts, consent, register, upkeep
from mindhaven.kernel import (
    AllowList,
    Clock,
    FileBlobs,
    Host,
    HttpCalls,
    Jobs,
    Journal,
    Limits,
    Migration,
    Pace,
    Random,
    Secrets,
    Settings,
    Slice,
    Stream,
    Work,
    check_declared,
    has_data_keys,
    kernel_migrations,
    load,
    load_master_key,
    migrate,
    open_database,
    system_clock,
    system_random,
)
from mindhaven.kernel.database import Database
from mindhaven.kernel.holdings import HOLDINGS
from mindhaven.kernel.host import Authenticate
from mindhaven.kernel.limits import DEFAULT_LIMITS
from mindhaven.kernel.outbox import outbox_job
from mindhaven.server.app import App
from mindhaven.server.files import KEYS
from mindhaven.server.own import own_operations
from mindhaven.server.settings import database_url, journal_path
from mindhaven.server.slices import SLICES
from mindhaven.server.webapp import WebApp


@dataclass(kw_only=True)
class Server:
    """A host with its application and its background; `start` and `close` it. `drawn`: the keys' files made now."""

    host: Host
    app: App
    jobs: Jobs
    blobs: FileBlobs
    calls: HttpCalls
    slices: Sequence[Slice] = ()
    web: WebApp | None = None
    drawn: tuple[Path, ...] = ()

    async def record(self) -> None:
        """Record which policy, which words that people are asked by, and which release of the web app are about to be
        served. A command serves nothing."""
        if any(one.name == register.SLICE.name for one in self.slices):
            await register.publishes(self.host)
        if any(one.name == consent.SLICE.name for one in self.slices):
            await consent.keeps(self.host)
        if self.web is not None and any(one.name == upkeep.SLICE.name for one in self.slices):
            await upkeep.serves(self.host, self.web.release)

    def start(self) -> None:
        """Start numbering, reading and jobs."""
        self.host.stream.start()
        self.jobs.start()

    def stopping(self) -> None:
        """End what would not end by itself; what is in flight goes on to its end."""
        for one in self.slices:
            if one.closes is not None:
                one.closes(self.host)

    async def close(self) -> None:
        """End the background, write what was accepted, close the database."""
        self.stopping()
        await self.jobs.stop()
        await self.host.stream.stop()
        await self.calls.close()
        await self.host.db.close()
        await self.blobs.close()


async def build(
    settings: Settings,
    *,
    environment: Mapping[str, str] | None = None,
    slices: Sequence[Slice] = SLICES,
    authenticate: Authenticate = accounts.authenticate,
    clock: Clock = system_clock,
    random: Random = system_random,
    pace: Pace | None = None,
) -> Server:
    """Open everything and return the server, not yet started; raise whatever keeps it from being sound."""
    data = Path(settings["server.data"])
    await asyncio.to_thread(data.mkdir, mode=0o700, parents=True, exist_ok=True)
    calls = HttpCalls(settings["server.outbound-ca"])
    db = await open_database(database_url(settings), clock=clock, random=random)
    try:
        await prepare(db, slices)
        absent = [data / name for name in KEYS if not (data / name).exists()]
        given = os.environ if environment is None else environment
        fresh = not await has_data_keys(db)
        master = await asyncio.to_thread(load_master_key, data, given, random, draw=fresh)
        secrets = Secrets(db, master, random)
        await secrets.open()
        stream = Stream(db, [reader for one in slices for reader in one.readers], random=random, pace=pace)
        blobs = FileBlobs(data / "blobs")
        erasures = Journal(journal_path(settings))
        if fresh:
            await asyncio.to_thread(erasures.begin)
        host = Host(
            db=db,
            stream=stream,
            blobs=blobs,
            erasures=erasures,
            outbound=AllowList(
                settings["server.outbound-hosts"],
                purposes={purpose: settings[name] for one in slices for purpose, name in one.calls.items()},
                sends={purpose: fields for one in slices for purpose, fields in one.sends.items()},
                transport=calls,
            ),
            clock=clock,
            random=random,
            secrets=secrets,
            settings=settings,
            limits=Limits(DEFAULT_LIMITS, random),
            authenticate=authenticate,
            stops=_stops(slices),
        )
        for one in slices:
            if one.opens is not None:
                await one.opens(host)
        drawn = tuple(path.absolute() for path in absent if path.exists())
        operations = [operation for one in slices for operation in one.operations]
        web = WebApp.load()
        app = App(
            host,
            [*own_operations(operations, web), *operations],
            trusted_proxies=settings["server.trusted-proxies"],
        )
        senders = [sender for one in slices for sender in one.senders]
        jobs = [job for one in slices for job in one.jobs] + ([outbox_job(senders)] if senders else [])
        return Server(
            host=host,
            app=app,
            jobs=Jobs(host, jobs),
            blobs=blobs,
            calls=calls,
            slices=tuple(slices),
            web=web,
            drawn=drawn,
        )
    except BaseException:
        await calls.close()
        await db.close()
        raise


def _stops(slices: Sequence[Slice]) -> dict[str, list[Callable[[Work, bytes], Awaitable[None]]]]:
    """Return by purpose what ends with it."""
    found: dict[str, list[Callable[[Work, bytes], Awaitable[None]]]] = {}
    for one in slices:
        for purpose, stop in one.stops.items():
            found.setdefault(purpose, []).append(stop)
    return found


def all_migrations(slices: Sequence[Slice] = SLICES) -> list[Migration]:
    """Return the migrations of the kernel and of every slice, in order."""
    found = kernel_migrations()
    for one in slices:
        if one.migrations is not None:
            found += load(one.name, one.migrations)
    return found


async def prepare(db: Database, slices: Sequence[Slice]) -> list[str]:
    """Migrate the database and check that every column is declared; return the migrations that ran."""
    ran = await migrate(db, all_migrations(slices))
    await check_declared(db, [*HOLDINGS, *(holding for one in slices for holding in one.holdings)])
    return ran
