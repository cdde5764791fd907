"""The plan of a run: what each device does, step by step, and when the server falls. Pure: the seed decides all."""

import random
from dataclasses import dataclass

DEVICES = ("ana-phone", "ana-laptop", "ben", "cara", "dora")
OWNERS = ("ana-phone", "ana-laptop")
GUESTS = ("ben", "cara")
"""Those whom Ana lets in and out; Dora keeps to herself."""

ACTS = {
    "write": 40,
    "write-many": 4,
    "revise": 16,
    "erase": 8,
    "attach": 3,
    "sync": 16,
    "read": 5,
    "share": 7,
    "revoke": 5,
}
KILLS_OF_100 = 70
"""Of a hundred falls, so many are SIGKILL to everything; of the rest half to one process, half a SIGTERM."""


@dataclass(frozen=True)
class Step:
    """One act of a device. `pick` chooses among what is there at that time (0..1); `more` fixes the rest."""

    act: str
    pick: float
    count: int
    month_back: int
    guest: str
    since_back: int | None


@dataclass(frozen=True)
class Fall:
    """After so many steps of all devices together the server falls, and stays down for a while."""

    after: int
    how: str
    down_seconds: float


@dataclass(frozen=True)
class Plan:
    """Everything that the seed decides."""

    steps: dict[str, tuple[Step, ...]]
    falls: tuple[Fall, ...]


def step_of(dice: random.Random, device: str) -> Step:
    """Throw the next step of a device."""
    acts = {act: weight for act, weight in ACTS.items() if device in OWNERS or act not in {"share", "revoke"}}
    if device == "cara":  # a reader writes into her own collections only, and reads more
        acts |= {"sync": 40}
    return Step(
        act=dice.choices(list(acts), list(acts.values()))[0],
        pick=dice.random(),
        count=dice.randint(2, 30),
        month_back=dice.randint(0, 2),
        guest=dice.choice(GUESTS),
        since_back=dice.choice((None, None, 1, 2)),
    )


def make(seed: int, *, steps: int, falls: int) -> Plan:
    """Return the plan of `seed`: `steps` for each device, `falls` of the server spread over them all."""
    plans = {}
    for device in DEVICES:
        dice = random.Random(f"{seed}/{device}")
        plans[device] = tuple(step_of(dice, device) for _ in range(steps))
    dice = random.Random(f"{seed}/falls")
    whole = steps * len(DEVICES)
    places = sorted(dice.sample(range(whole // 10, whole * 9 // 10), falls))
    chosen = []
    for place in places:
        rolled = dice.randrange(100)
        how = "kill" if rolled < KILLS_OF_100 else "kill-one" if rolled < (100 + KILLS_OF_100) // 2 else "term"
        chosen.append(Fall(place, how, dice.uniform(0.0, 0.8)))
    return Plan(plans, tuple(chosen))
