"""`make soak`: a run on SQLite, one on PostgreSQL, and one on SQLite whose every kill is a power loss; then rounds.

A run: many devices and a server that falls beneath them. A round: one kind of act, killed in its middle (see `rounds`).
The last line says how many checks, and how many databases' rounds, passed and failed.

MINDHAVEN_SOAK_SEED, MINDHAVEN_SOAK_STEPS (acts of each device), MINDHAVEN_SOAK_FALLS and MINDHAVEN_SOAK_SECONDS (the
most that one run may take) override what stands here, MINDHAVEN_SOAK_ROUNDS (0: none) and MINDHAVEN_SOAK_ROUND_SECONDS
(the most that the rounds of one database may take) likewise; MINDHAVEN_SOAK_DATABASES picks among
sqlite,postgres,power.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
from tests.simulators.postgres import Cluster
from tests.soak import check, rounds
from tests.soak.device import PASS, SHARED, Device, Told
from tests.soak.plan import DEVICES, GUESTS, Plan, make
from tests.soak.server import Fallen

from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.vault import today

ROUNDS = 200
ROUND_SECONDS = 1800.0
STEPS = 150
FALLS = 12
SECONDS = 150.0
AFTERWARDS = 5
NUMBERED_SECONDS = 25.0
"""A dead sequencer's lease lasts 15 s."""


def setting(name: str, default: float) -> float:
    """Return a setting of the environment, or its default."""
    return float(os.environ.get(f"MINDHAVEN_SOAK_{name}", default))


async def begin(folder: Path, url: str, told: Told) -> dict[str, Device]:
    """Sign everybody up, make contacts, begin the shared collection and let both guests in."""
    devices = {name: Device(name, folder / name, url, told) for name in DEVICES}
    for name, device in devices.items():
        if name != "ana-laptop":
            await device.client.sign_up(PASS, word=name.partition("-")[0], device=name)
    phone, laptop = devices["ana-phone"], devices["ana-laptop"]
    await laptop.client.log_in(phone.client.me.handle, PASS, device="laptop")
    for guest in GUESTS:
        me = devices[guest].client.me
        await phone.client.sharing.add_contact(Card(me.handle, me.uid), name=guest, checked="card")
        await devices[guest].client.add_contact(phone.client.card, name="Ana")
    phone.write()
    await phone.client.sync()
    await laptop.client.sync()
    for guest, role in (("ben", Role.WRITER), ("cara", Role.READER)):
        await phone.client.share(SHARED, guest, since=0, until=today() + 30, role=role)
        await devices[guest].client.sync()
    listed = phone.client.index.named(SHARED)
    assert listed is not None
    devices["ben"].collection = listed.id
    for device in devices.values():
        device.told.done["sign-ups"] += 1
    return devices


async def falling(server: Fallen, plan: Plan, told: Told) -> None:
    """Fell the server when the devices together have done as many steps as the plan says."""
    for fall in plan.falls:
        while told.steps < fall.after:
            await asyncio.sleep(0.01)
        await server.fall(fall.how, fall.down_seconds)


async def end(devices: dict[str, Device], told: Told) -> tuple[bytes, int]:
    """Leave Ben in and Cara out for certain, then let Ana and Ben write on; return the collection and Cara's end."""
    phone, ben, cara = devices["ana-phone"], devices["ben"], devices["cara"]
    await phone.client.sync()
    for guest, role in (("ben", Role.WRITER), ("cara", Role.READER)):
        await phone.client.share(SHARED, guest, since=0, until=today() + 30, role=role)
    await cara.client.sync()
    await phone.client.stop_sharing(SHARED, "cara")
    listed = phone.client.index.named(SHARED)
    assert listed is not None
    state = phone.client.vault.state(listed.id)
    assert state is not None
    for device in (phone, ben):
        for _ in range(AFTERWARDS):
            device.write()
    for device in devices.values():
        await device.settle()
    for device in devices.values():  # each once more, now that all have sent what they had
        await device.insist(device.client.sync, "last sync")
    told.faults += [
        f"{device.name}: {len(device.client.store.queued())} writes never left"
        for device in devices.values()
        if device.client.store.queued()
    ]
    return listed.id, state.seq


async def fresh_devices(folder: Path, url: str, devices: dict[str, Device]) -> dict[str, AsyncMindhaven]:
    """Sign each person in on a device that has seen nothing, and let it verify everything from genesis."""
    made = {}
    for name in ("ana-phone", "ben", "cara", "dora"):
        client = AsyncMindhaven.create(folder / f"fresh-{name}", url, passphrase=PASS)
        await client.log_in(devices[name].client.me.handle, PASS, device="fresh")
        await client.sync()
        made[name] = client
    return made


async def numbering(url: str) -> float:
    """Wait until every event is numbered: whoever numbers after a kill waits for the dead one's lease to end."""
    begun = time.monotonic()
    while time.monotonic() - begun < NUMBERED_SECONDS:
        if not check.unnumbered(await check.rows(url)):
            break
        await asyncio.sleep(0.5)
    return time.monotonic() - begun


async def one(name: str, url: str, plan: Plan, folder: Path, workers: int, *, power: bool = False) -> tuple[int, int]:
    """Run on one database; return how many checks passed and failed."""
    told = Told()
    server = Fallen(folder, database=url, workers=workers, power=power)
    begun = time.monotonic()
    results: list[tuple[str, list[str]]] = []
    waited = 0.0
    try:
        server.start()
        async with asyncio.timeout(setting("SECONDS", SECONDS)):
            devices = await begin(folder, server.url, told)
            lives = [device.live(plan.steps[device.name]) for device in devices.values()]
            await asyncio.gather(falling(server, plan, told), *lives)
            collection, out_seq = await end(devices, told)
            fresh = await fresh_devices(folder, server.url, devices)
            shown = {who: await client.vault.listed() for who, client in fresh.items()}
            ana, ben = fresh["ana-phone"], fresh["ben"]
            there = check.texts(ana)
            for who in ("ben", "cara", "dora"):
                mine = fresh[who].entries(kind="mindhaven/mood")
                there.update(str(e.record.body["note"]) for e in mine if e.record and e.collection != collection)
            state = ana.vault.state(collection)
            assert state is not None
            member = state.members.get(ben.me.uid)
            assert member is not None, "Ben was let in and is not a member"
            since = member.since
            everyone = {f"fresh {who}": client for who, client in fresh.items()}
            everyone |= {who: device.client for who, device in devices.items()}
            results += [
                ("acknowledged writes stand exactly once", check.landed_once(told, there)),
                ("what was erased is gone", check.erased_gone(told, fresh.values())),
                ("every chain verifies from genesis on a fresh device", check.heads_match(fresh, shown)),
                ("all devices hold the same history", check.same_chains(everyone)),
                ("who is entitled reads the same", _differences(ana, ben, collection, since)),
                ("old and new devices read the same", _same(devices, fresh)),
                (
                    "who was put out reads nothing that came after",
                    await check.after_the_end(
                        ana,
                        devices["cara"],
                        collection,
                        out_seq=out_seq,
                        member_now=devices["cara"].client.me.uid in state.members,
                    ),
                ),
                ("attachments read back whole", await check.files_whole(told, ana)),
            ]
            for client in everyone.values():
                await client.close()
            waited = await numbering(url)
    except Exception as error:  # told as a fault, beside what was found before
        results.append(("the run came to its end", [f"{type(error).__name__}: {error}"]))
    code = server.stop()
    found = await check.rows(url)
    results += [
        ("no device met a fault", told.faults),
        ("no 5xx but a documented 503", check.only_503(told)),
        ("the server ended in order", [] if code == 0 else [f"it ended with {code}"]),
        ("the server logged no error", server.errors()),
        ("events are numbered without gaps", check.numbered(found)),
        ("what is stored is whole", check.stored(found)),
        ("the ledger is the tree of what happened", check.ledger(found)),
    ]
    _say(name, told, server, found, time.monotonic() - begun, waited)
    for what, faults in results:
        print(f"  {'FAIL' if faults else 'ok  '} {what}")
        for fault in faults[: check.SHOWN]:
            print(f"       {fault}")
        if len(faults) > check.SHOWN:
            print(f"       and {len(faults) - check.SHOWN} more")
    failed = sum(bool(faults) for _, faults in results)
    return len(results) - failed, failed


def _differences(ana: AsyncMindhaven, ben: AsyncMindhaven, collection: bytes, since: int) -> list[str]:
    owners, members = (check.of_collection(one, collection, since=since) for one in (ana, ben))
    missing, more = owners - members, members - owners
    return [f"Ben lacks {text}" for _, text in missing] + [f"Ben has {text} on top" for _, text in more]


def _same(devices: dict[str, Device], fresh: dict[str, AsyncMindhaven]) -> list[str]:
    faults = []
    for name, device in devices.items():
        if name == "cara":
            continue  # her old device keeps what it had read
        new = check.texts(fresh["ana-phone" if name == "ana-laptop" else name])
        old = check.texts(device.client)
        faults += [f"{name}: {text} differs" for text in (new - old) + (old - new)]
    return faults


def _say(name: str, told: Told, server: Fallen, found: check.Rows, seconds: float, waited: float) -> None:
    acked = sum(mark.acked for mark in told.marks.values())
    print(
        f"\n{name}: {seconds:.0f} s, load {os.getloadavg()[0]:.1f}; {told.steps} steps, {acked} texts acknowledged of "
        f"{len(told.marks)}, {len(told.erasures)} erasures, {len(found['commits'])} commits, "
        f"{len(found['positions'])} events"
    )
    falls = ", ".join(f"{how} {count}" for how, count in sorted(server.falls.items()))
    back = max(server.starts, default=0.0)
    print(f"  falls: {falls}; back after {back:.1f} s at most; last event numbered after {waited:.1f} s")
    print(f"  steps: {', '.join(f'{act} {count}' for act, count in told.done.most_common())}")
    print(f"  answers: {', '.join(f'{status} x{count}' for status, count in sorted(told.statuses.items()))}")
    print(f"  repeated: {', '.join(f'{why} x{count}' for why, count in told.away.most_common()) or 'nothing'}")


async def _postgres(cluster: Cluster, name: str) -> str:
    connection = await asyncpg.connect(cluster.dsn())
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    finally:
        await connection.close()
    return cluster.dsn(name)


async def _rounds(name: str, url: str, folder: Path, seed: int, workers: int) -> list[str]:
    """Play the rounds of one database; return the faults."""
    wanted = int(setting("ROUNDS", ROUNDS))
    if not wanted:
        return []
    seconds = setting("ROUND_SECONDS", ROUND_SECONDS)
    played, _, faults = await rounds.run(name, url, folder, seed=seed, rounds=wanted, workers=workers, seconds=seconds)
    if played < wanted:
        faults.append(f"only {played} of {wanted} rounds were played within {seconds:.0f} s")
    state = "FAIL" if faults else "ok  "
    print(f"  {state} nothing acknowledged is lost, and nothing is half-written, in {played} rounds")
    for fault in faults[: check.SHOWN]:
        print(f"       {fault}")
    return faults


def main() -> int:
    """Run; return the exit code."""
    seed = int(os.environ.get("MINDHAVEN_SOAK_SEED") or int(time.time()) % 1_000_000)
    plan = make(seed, steps=int(setting("STEPS", STEPS)), falls=int(setting("FALLS", FALLS)))
    print(f"seed {seed} (MINDHAVEN_SOAK_SEED={seed} repeats this plan)", flush=True)
    wanted = os.environ.get("MINDHAVEN_SOAK_DATABASES", "sqlite,postgres,power").split(",")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name in wanted:
            folder = Path(temporary) / name
            folder.mkdir()
            cluster = Cluster() if name == "postgres" else None
            try:
                url = f"sqlite://{folder}/data/mindhaven.db"
                if cluster is not None:
                    url = asyncio.run(_postgres(cluster, "soak"))
                workers = 1 if cluster is None else 2
                good, bad = asyncio.run(one(name, url, plan, folder, workers, power=name == "power"))
                faults = asyncio.run(_rounds(name, url, folder, seed, workers))
            finally:
                if cluster is not None:
                    cluster.stop()
            passed, failed = passed + good + (not faults), failed + bad + bool(faults)
    print(f"\nsoak: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
