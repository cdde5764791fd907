"""`mindhaven demo`: clearly synthetic people on a running server, made and sealed by the SDK as any client would.

Guarantees: every name says that it is made up; the same seed gives the same records. I/O: a server, two local stores.
"""

import random
import time
from pathlib import Path
from typing import Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.called import called
from mindhaven.cli.exits import Exit
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import Record
from mindhaven.kinds.instruments import checkup_body, load
from mindhaven.sdk import Mindhaven
from mindhaven.sdk.vault import today

DAYS: Final = 120
SEED: Final = 20261123
PERSON: Final = "synthetic person demo words"
THERAPIST: Final = "synthetic therapist demo words"
ZONE: Final = "Europe/Berlin"
SHARED_MONTHS: Final = 92
_DAY_MS: Final = 86_400_000
_TAGS: Final = ("walk", "friends", "work", "music", "cooking", "rest")
_NOTES: Final = ("made-up note: slept little", "made-up note: long walk by the river", "made-up note: quiet day")


def register(adder: Adder) -> None:
    """Add the command of this area."""
    made = adder.add("demo", "fill a running server with made-up people to look at", demo)
    made.add_argument("--into", metavar="DIR", default="demo-homes", help="where the two made-up homes are kept")
    made.add_argument("--server", metavar="URL", dest="server", help="the server; else MINDHAVEN_SERVER")
    made.add_argument("--seed", type=int, default=SEED, help="another seed gives other made-up records")


def _record(kind: str, at: int, body: dict[str, object]) -> Record:
    return Record(kind=f"mindhaven/{kind}", version=1, created_at=at, zone=ZONE, body=body)  # type: ignore[arg-type]


def _days(chance: random.Random, now_ms: int) -> list[Record]:
    made: list[Record] = []
    level = 0.1
    for back in range(DAYS, 0, -1):
        at = now_ms - back * _DAY_MS
        level = max(-1.0, min(1.0, level + chance.uniform(-0.35, 0.36)))
        if chance.random() < 0.9:
            body: dict[str, object] = {"valence": round(level, 2), "activities": chance.sample(_TAGS, 2)}
            if chance.random() < 0.15:
                body["note"] = chance.choice(_NOTES)
            made.append(_record("mood", at + chance.randrange(8, 20) * 3_600_000, body))
        if chance.random() < 0.8:
            start = at - 1_800_000 * chance.randrange(1, 5)
            hours = 6.5 + level + chance.uniform(-1, 1)
            made.append(_record("sleep", start, {"start": start, "end": start + int(hours * 3_600_000)}))
        if back % 14 == 0:
            made += _checkups(chance, at, level)
        if back % 20 == 0:
            text = "This entry is made up. It shows where your own words would stand."
            made.append(_record("journal", at + 20 * 3_600_000, {"title": "Made up", "text": text}))
    return made


def _checkups(chance: random.Random, at: int, level: float) -> list[Record]:
    made = []
    for name in ("phq9", "gad7"):
        instrument = load(name)
        answers = {
            item.link_id: max(0, min(3, round(1.3 - level + chance.uniform(-0.7, 0.7)))) for item in instrument.items
        }
        if name == "phq9":
            answers[instrument.items[-1].link_id] = 0
        made.append(_record("checkup", at + 9 * 3_600_000, checkup_body(instrument, answers)))  # type: ignore[arg-type]
    return made


def _plan(at: int) -> Record:
    body: dict[str, object] = {
        "signs": ["made up: I stop answering messages"],
        "helps": ["made up: shower, then a short walk"],
        "people": [{"name": "Made-up friend", "contact": "000"}],
        "reasons": ["made up: my cat"],
    }
    return _record("plan", at, body)


def demo(command: Command) -> int:
    """Make a person with 120 days of records, a therapist, and their share; print how to look at them."""
    server = command.option("server") or command.home.setting("server").value
    if not server:
        raise InvalidInputError("Say which server.", hint="Give --server URL, or set MINDHAVEN_SERVER.", code="usage")
    into = Path(command.args.into).absolute()
    if any((into / name).exists() for name in ("person", "therapist")):
        raise InvalidInputError("There are made-up homes here already.", hint="Give another --into.", code="demo-there")
    chance = random.Random(command.args.seed)  # noqa: S311 - made-up records, no secret
    now_ms = int(time.time() * 1000)
    screen = command.screen
    with (
        Mindhaven.create(into / "person", server, passphrase=PERSON) as person,
        Mindhaven.create(into / "therapist", server, passphrase=THERAPIST) as therapist,
    ):
        screen.say("making a made-up person and a made-up therapist")
        person.sign_up(PERSON, word="demoperson", device="made-up phone")
        therapist.sign_up(THERAPIST, word="demotherapist", device="made-up practice")
        records = [*_days(chance, now_ms), _plan(now_ms)]
        person.add_all(records)
        person.sync(progress=screen.progress("sealing and sending"))
        person.add_contact(therapist.card, name="Made-up therapist")
        therapist.add_contact(person.card, name="Made-up person")
        for name in ("checkups", "mood"):
            person.share(name, "Made-up therapist", until=today() + SHARED_MONTHS)
        therapist.sync()
    _tell(command, into, server, len(records))
    return Exit.OK


def _tell(command: Command, into: Path, server: str, count: int) -> None:
    for name, passphrase in (("person", PERSON), ("therapist", THERAPIST)):
        path = into / f"{name}.passphrase"
        path.touch(mode=0o600)
        path.write_text(passphrase + "\n")
    looks = [
        {"home": str(into / name), "passphrase_file": str(into / f"{name}.passphrase"), "try": what}
        for name, what in (("person", "list"), ("person", "shares"), ("therapist", "shared"))
    ]
    lines = [f"{count} made-up records are on {server}. To look at them:"]
    lines += [
        f"  MINDHAVEN_HOME={one['home']} {called()} --passphrase-file {one['passphrase_file']} {one['try']}"
        for one in looks
    ]
    command.screen.give({"server": server, "records": count, "looks": looks}, "\n".join(lines))
