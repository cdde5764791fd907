"""Rounds: in each the server, or a command beside it, is killed in the middle of one kind of act, and all is checked.

Worlds of twenty rounds, so that a late round is as fast as an early one. A seed fixes every round's kind, acts and
place of death; how they interleave is the machine's.
"""

import asyncio
import logging
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.soak import kept, older
from tests.soak.device import PASS
from tests.soak.plan import GUESTS, step_of
from tests.soak.world import World

from mindhaven.cli.exits import Exit
from mindhaven.sdk import AsyncMindhaven

ROUNDS_A_WORLD = 20
IMPORTED = 120


async def writes(world: World, dice: random.Random) -> None:
    """Devices write, revise, erase, attach, read; the server dies in a push."""
    await world.fall(dice, ("mindhaven.vault.",), [world.live(dice)])


async def shares(world: World, dice: random.Random) -> None:
    """Ana lets somebody in or out while others write; the server dies in a grant."""
    act = "share" if dice.random() < 0.6 else "revoke"
    grant = replace(step_of(dice, "ana-phone"), act=act, guest=dice.choice(GUESTS), since_back=None)
    parts = ("mindhaven.sharing.", "mindhaven.vault.", "mindhaven.consent.")
    await world.fall(dice, parts, [world.phone.live((grant,)), world.live(dice, steps=2, but=("ana-phone",))])


async def rotates(world: World, dice: random.Random) -> None:
    """Ana changes her passphrase, and with it all her keys, while others write; the server dies in it."""
    phone, laptop = world.phone, world.devices["ana-laptop"]
    old, new = world.passphrase, f"quiet words of round {dice.randrange(10**9)}"
    phone.write()
    laptop.write()

    async def change() -> None:
        await phone.insist(
            lambda: phone.client.change_passphrase(old, new, recovery_key=world.spare), "change of the passphrase"
        )

    others = world.live(dice, steps=2, but=("ana-phone", "ana-laptop"))
    await world.fall(dice, ("mindhaven.accounts.", "mindhaven.vault."), [change(), others], seconds=3.0)
    world.passphrase = new
    await laptop.insist(lambda: laptop.client.log_in(phone.client.me.handle, new, device="laptop"), "log-in")


async def imports(world: World, dice: random.Random) -> None:
    """Somebody imports a file by the command line; the command, the server or both die in it; it is run again."""
    home, words, file = world.folder / "eve", world.folder / "eve.words", world.folder / f"{dice.randrange(10**9)}.csv"
    if not home.exists():
        async with AsyncMindhaven.create(home, world.server.url, passphrase=PASS) as eve:
            await eve.sign_up(PASS, word="eve")
        words.write_text(PASS + "\n")
    rows = [f"{1 + n % 28:02}.{1 + n // 28:02}.2026 20:00,{1 + n % 10},{file.stem} {n}" for n in range(IMPORTED)]
    file.write_text("\n".join(["When,Feeling,Note", *rows]) + "\n")
    columns = "When=created_at:%d.%m.%Y %H:%M, Feeling=mood.valence:1..10, Note=mood.note"
    arguments = ("import", str(file), "--map", columns, "--zone", "UTC", "--yes")
    first = world.operator.person(home, words, *arguments)
    which = dice.choice(("command", "server", "both"))

    async def running() -> None:
        await (first.ended() if which == "server" else first.killed_within(dice.uniform(0.5, 4.0)))

    if which == "command":
        await asyncio.gather(running(), world.live(dice, steps=2))
    else:
        await world.fall(dice, ("mindhaven.vault.",), [running()], seconds=3.0)
    again = world.operator.person(home, words, *arguments)
    if code := await again.ended():
        world.faults.append(f"the import that was run again ended with {code}: {again.said[-300:]}")
    world.faults += await kept.imported(world, home, [row.rpartition(",")[2] for row in rows])


async def turns(world: World, dice: random.Random) -> None:
    """`keys turn` is killed between any two of its steps, beside the server and its devices."""
    await _commanded(world, dice, ("keys", "turn"), ("mindhaven.vault.jobs.", "mindhaven.kernel.jobs."))


async def rekeys(world: World, dice: random.Random) -> None:
    """`keys rotate` is killed in it."""
    await _commanded(world, dice, ("keys", "rotate"), ("mindhaven.kernel.secrets.",))


async def _commanded(world: World, dice: random.Random, command: tuple[str, ...], parts: tuple[str, ...]) -> None:
    if world.power:  # two processes can't share what the power loss forgets
        await world.down()
    moment = dice.choice(("inside", "after"))
    arm = f"{dice.choice(parts)} {moment} {dice.choice((1, 2, 3, 5, 8))}" if dice.random() < 0.8 else None
    ran = world.operator.server(*command, arm=arm)

    async def run() -> int:
        return await (ran.ended() if arm else ran.killed_within(dice.uniform(0.3, 3.0)))

    if world.power:
        code = await run()
        await world.up()
    else:
        code, _ = await asyncio.gather(run(), world.live(dice, steps=2))
    world.told.done[f"{' '.join(command)} ended with {code}"] += 1
    if code not in {0, -9, Exit.REFUSED}:
        world.faults.append(f"{' '.join(command)} ended with {code}: {ran.said[-300:]}")
    await world.down()
    await world.minutes_pass()
    if world.power:
        again = world.operator.server(*command)
        code = await again.ended()
        await world.up()
    else:
        await world.up()
        again = world.operator.server(*command)
        code = await again.ended()
    # The server's own job may be at it just then.
    if code not in {0, Exit.REFUSED}:
        world.faults.append(f"{' '.join(command)}, run again, ended with {code}: {again.said[-300:]}")
    if not world.power:
        checked = world.operator.server("check")
        if code := await checked.ended():
            world.faults.append(f"check ended with {code}: {checked.said[-300:]}")


async def backs_up(world: World, dice: random.Random) -> None:
    """`backup` is killed, or the server beside it: what stands afterwards is whole, and the next one succeeds."""
    if world.power:
        await world.down()
    before = await kept.commits(world)
    ran = world.operator.server(*kept.backup_arguments(world))
    alone = world.power or dice.random() < 0.6

    async def run() -> int:
        return await (ran.killed_within(dice.uniform(0.3, 3.0)) if alone else ran.ended())

    if world.power:
        code = await run()
    elif alone:
        code, _ = await asyncio.gather(run(), world.live(dice, steps=2))
    else:
        done: list[int] = []

        async def keep() -> None:
            done.append(await run())

        await world.fall(dice, ("mindhaven.vault.",), [keep(), world.live(dice, steps=2)])
        code = done[0]
    world.told.done[f"backup ended with {code}"] += 1
    if code not in {0, -9}:
        world.faults.append(f"backup ended with {code}: {ran.said[-300:]}")
    if code == 0 or dice.random() < 0.3:
        world.faults += await kept.restored(world, dice, at_least=before if code == 0 else 0, there=code == 0)
    again = world.operator.server(*kept.backup_arguments(world))
    if code := await again.ended():
        world.faults.append(f"the next backup ended with {code}: {again.said[-300:]}")
    world.faults += await kept.restored(world, dice, at_least=before, there=True)
    if world.power:
        await world.up()


async def publishes(world: World, dice: random.Random) -> None:
    """The server dies while it numbers events, while the ledger takes them in, or while it signs."""
    parts = ("mindhaven.ledger.", "mindhaven.kernel.stream.", "mindhaven.ledger.publishing.")
    await world.fall(dice, parts, [world.live(dice)], seconds=2.5)


async def migrates(world: World, dice: random.Random) -> None:
    """An older database is brought up to date, and whoever does it is killed in between or inside."""
    world.faults += await older.killed(world, dice)
    await world.live(dice, steps=1)


Kind = Callable[[World, random.Random], Coroutine[Any, Any, None]]
KINDS: dict[Kind, int] = {
    writes: 6,
    shares: 4,
    rotates: 5,
    imports: 4,
    turns: 4,
    rekeys: 2,
    backs_up: 4,
    publishes: 5,
    migrates: 4,
}


def kinds(seed: int, count: int) -> list[Kind]:
    """Return the kind of each round: each of them once in the first nine, and once in every nine after that."""
    found: list[Kind] = []
    dice = random.Random(f"{seed}/kinds")
    while len(found) < count:
        once = list(KINDS)
        dice.shuffle(once)
        found += once
        found += dice.choices(list(KINDS), list(KINDS.values()), k=len(KINDS))
    return found[:count]


async def run(
    name: str, url: str, folder: Path, *, seed: int, rounds: int, workers: int = 1, seconds: float = 1800.0
) -> tuple[int, int, list[str]]:
    """Play rounds; return how many were played, how many falls there were, and the faults.

    `url`: of an empty database, with `{n}` for the number of the world.
    """
    logging.getLogger("mindhaven").setLevel(logging.ERROR)  # restores run in this process, as slowly as they may
    begun, played, falls = time.monotonic(), 0, 0
    faults: list[str] = []
    done: Counter[str] = Counter()
    todo = kinds(seed, rounds)
    for first in range(0, rounds, ROUNDS_A_WORLD):
        number = first // ROUNDS_A_WORLD
        here = folder / f"world-{number}"
        here.mkdir()
        database = await older.new_database(url, here, f"w{number}")
        world = World(here, database=database, workers=workers, power=name == "power")
        try:
            await world.begin()
            for at in range(first, min(first + ROUNDS_A_WORLD, rounds)):
                if time.monotonic() - begun > seconds:
                    break
                met = len(world.faults) + len(world.told.faults)
                await todo[at](world, random.Random(f"{seed}/{name}/{at}"))
                await world.settle()
                if len(world.faults) + len(world.told.faults) > met:
                    found = (world.faults + world.told.faults)[-5:]
                    print(f"  round {at} ({todo[at].__name__}) of {name}, seed {seed}: {found}", flush=True)
                done[todo[at].__name__] += 1
                played += 1
            faults += await world.end()
        except Exception as error:  # told as a fault, beside what was found before
            at = min(played, rounds - 1)
            faults += [*world.faults, *world.told.faults]
            faults.append(f"round {at} ({todo[at].__name__}): {type(error).__name__}: {error}")
            if "SOAK_TRACE" in os.environ:
                raise
        finally:
            await world.server.kill()
        falls += world.server.falls["kill"]
        done.update({what: count for what, count in world.told.done.items() if " " in what})
        if not faults:
            shutil.rmtree(here, ignore_errors=True)
        if time.monotonic() - begun > seconds:
            break
    took = time.monotonic() - begun
    print(
        f"{name}: {played} rounds of {rounds}, seed {seed}, {falls} falls of the server, {took:.0f} s, load"
        f" {os.getloadavg()[0]:.1f}\n  {', '.join(f'{what} {count}' for what, count in done.most_common())}",
        flush=True,
    )
    return played, falls, faults
