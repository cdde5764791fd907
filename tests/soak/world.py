"""The people and the server of some rounds: made once, felled often, checked after each fall and whole at the end."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any

import apsw
import asyncpg
from tests.soak import check
from tests.soak.device import PASS, SHARED, Device, Told
from tests.soak.operator import Operator
from tests.soak.plan import DEVICES, GUESTS, step_of
from tests.soak.server import Fallen

from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import UnavailableError
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.activity import Proof
from mindhaven.sdk.vault import today

PROVEN_SECONDS = 40.0


class World:
    """Ana with two devices, those whom she lets in, and a server that falls."""

    def __init__(self, folder: Path, *, database: str, workers: int, power: bool) -> None:
        self.folder, self.database, self.power = folder, database, power
        self.server = Fallen(folder, database=database, workers=workers, power=power)
        self.operator = Operator(folder, database=database, power=power)
        self.told = Told()
        self.spare = SlotSecret.fresh()
        self.passphrase = PASS
        self.faults: list[str] = []
        self.devices: dict[str, Device] = {}

    async def begin(self) -> None:
        """Start the server, sign everybody up, let the guests in."""
        await asyncio.to_thread(self.server.start)
        url = self.server.url
        self.devices = {name: Device(name, self.folder / name, url, self.told) for name in DEVICES}
        for name, device in self.devices.items():
            if name == "ana-phone":
                await device.client.sign_up(PASS, word="ana", device=name, recovery_key=self.spare)
            elif name != "ana-laptop":
                await device.client.sign_up(PASS, word=name, device=name)
        phone = self.phone
        await self.devices["ana-laptop"].client.log_in(phone.client.me.handle, PASS, device="laptop")
        phone.write()
        await phone.client.sync()
        await self.devices["ana-laptop"].client.sync()
        for guest, role in zip(GUESTS, (Role.WRITER, Role.READER), strict=True):
            me = self.devices[guest].client.me
            await phone.client.sharing.add_contact(Card(me.handle, me.uid), name=guest, checked="card")
            await self.devices[guest].client.add_contact(phone.client.card, name="Ana")
            await phone.client.share(SHARED, guest, since=0, until=today() + 30, role=role)
            await self.devices[guest].client.sync()
        await self.devices["ana-laptop"].client.sync()  # it knows the guests by name now
        listed = phone.client.index.named(SHARED)
        assert listed is not None
        self.devices["ben"].collection = listed.id

    @property
    def phone(self) -> Device:
        """Ana's first device."""
        return self.devices["ana-phone"]

    # -- falls

    async def fall(
        self, dice: random.Random, parts: tuple[str, ...], acts: Iterable[Awaitable[Any]], *, seconds: float = 1.5
    ) -> None:
        """Fell the server while `acts` go on: inside one of `parts`, right after one, or at any moment; raise it."""
        if parts and dice.random() < 0.7:
            self.server.arm(dice.choice(parts), dice.choice(("inside", "after")), dice.choice((1, 1, 2, 3, 5)))
            tasks = [asyncio.ensure_future(act) for act in acts]
            self.told.done["died where it was told"] += await self.server.died(
                seconds / 2, 3 * seconds, lambda: not all(task.done() for task in tasks)
            )
        else:
            tasks = [asyncio.ensure_future(act) for act in acts]
            await asyncio.sleep(dice.uniform(0, seconds))
        await self.down()
        if dice.random() < 0.5:
            await self.minutes_pass()
        await self.up()
        await asyncio.gather(*tasks)

    async def down(self) -> None:
        """Kill the server, and check what lies there."""
        await self.server.kill()
        self.server.falls["kill"] += 1
        found = await self.rows()
        self.faults += check.numbered(found, ended=False) + check.stored(found) + check.ledger(found)

    async def up(self) -> None:
        """Start the server."""
        await asyncio.to_thread(self.server.start)

    async def rows(self) -> check.Rows:
        """Read the database of a server that is down, and leave its files to the server's own recovery."""
        if not self.database.startswith("sqlite:"):
            return await check.rows(self.database)
        with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
            for file in (self.folder / "data").glob("mindhaven.db*"):
                if not file.name.endswith("-shm"):
                    shutil.copy(file, temporary)
            return await check.rows(f"sqlite://{temporary}/mindhaven.db")

    async def minutes_pass(self) -> None:
        """Let every lease run out, as it does while a server stays down: what the dead one did is taken over."""
        if self.database.startswith("sqlite:"):
            db = apsw.Connection(self.database.removeprefix("sqlite://"))
            db.set_busy_timeout(10_000)
            db.execute("UPDATE lease SET expires_at = 0, done_at = 0")
            db.close()
            return
        connection = await asyncpg.connect(self.database)
        try:
            await connection.execute("UPDATE lease SET expires_at = 0, done_at = 0")
        finally:
            await connection.close()

    # -- acts

    async def live(self, dice: random.Random, *, steps: int = 4, but: tuple[str, ...] = ()) -> None:
        """Let every device take some steps at once, then send what waits."""

        async def one(name: str, device: Device) -> None:
            own = random.Random(f"{dice.random()}/{name}")
            await device.live(tuple(step_of(own, name) for _ in range(steps)))

        await asyncio.gather(*(one(*pair) for pair in self.devices.items() if pair[0] not in but))

    async def settle(self) -> None:
        """Send and fetch everything, on every device."""
        for device in self.devices.values():
            await device.settle()

    # -- the end

    async def end(self) -> list[str]:
        """Check everything with fresh devices, with the ledger's own proofs, and what lies there; return the faults."""
        await self.down()
        await self.minutes_pass()
        await self.up()
        await self.settle()
        for guest, role in zip(GUESTS, (Role.WRITER, Role.READER), strict=True):
            await self.phone.client.share(SHARED, guest, since=0, until=today() + 30, role=role)
        await self.settle()  # who is in again sends what waited meanwhile
        for device in self.devices.values():
            await device.insist(device.client.sync, "last sync")
            if waiting := len(device.client.store.queued()):
                self.faults.append(f"{device.name}: {waiting} writes never left")
        fresh = {}
        for name in ("ana-phone", "ben", "cara", "dora"):
            client = AsyncMindhaven.create(self.folder / f"fresh-{name}", self.server.url, passphrase=PASS)
            words = self.passphrase if name == "ana-phone" else PASS
            await client.log_in(self.devices[name].client.me.handle, words, device="fresh")
            await client.sync()
            fresh[name] = client
        shown = {who: await client.vault.listed() for who, client in fresh.items()}
        collection = self.devices["ben"].collection
        there = check.texts(fresh["ana-phone"])
        for who in ("ben", "cara", "dora"):
            mine = fresh[who].entries(kind="mindhaven/mood")
            there.update(str(e.record.body["note"]) for e in mine if e.record and e.collection != collection)
        everyone = {f"fresh {who}": client for who, client in fresh.items()}
        everyone |= {who: device.client for who, device in self.devices.items()}
        self.faults += check.landed_once(self.told, there) + check.erased_gone(self.told, fresh.values())
        self.faults += check.heads_match(fresh, shown) + check.same_chains(everyone)
        self.faults += await check.files_whole(self.told, fresh["ana-phone"])
        await self.phone.insist(self.phone.client.check_logs, "the logs of keys and heads")
        await self._proven()
        for client in everyone.values():
            await client.close()
        code = self.server.stop()
        if code != 0:
            self.faults.append(f"the server ended with {code}")
        found = await self.rows()
        self.faults += check.numbered(found) + check.stored(found) + check.ledger(found)
        return self.faults + self.told.faults + check.only_503(self.told) + self.server.errors()

    async def _proven(self) -> None:
        """Wait until the log proves every act of Ana's, as her own device computes it."""
        acts: tuple[Any, ...] = ()
        for _ in range(int(PROVEN_SECONDS / 0.5)):
            try:
                acts = (await self.phone.client.activity()).acts
            except UnavailableError:
                acts = ()
            if acts and all(one.proof is Proof.PROVEN for one in acts):
                return
            await asyncio.sleep(0.5)
        waiting = sum(one.proof is not Proof.PROVEN for one in acts)
        self.faults.append(f"{waiting} of {len(acts)} acts of Ana's were never proven by the log")
