"""Records of every kind as exports take them: those that a test reads by name, and made-up ones of every shape.

Made-up ones have what people and hostile programs write: formulas, markup, blanks of all sorts, half-filled fields,
bodies that do not fit their kind, moments beyond the calendar and zones that nobody knows.
"""

import random
from typing import Any

from mindhaven.kinds import KINDS, Field, Record, check, decode_body, encode_body
from mindhaven.kinds.instruments import checkup_body, load, load_all
from mindhaven.sdk.exports import Exported, Owner

DAY = 86_400_000
T = 1_767_225_600_000  # 2026-01-01T00:00:00Z

WORDS = (
    "", " ", "walk", "=1+1", "+49 30", "-milk", "@SUM(A1)", "\tx", "'=x",
    'say "hi", then\r\ngo', "line\nbreak", "a,b;c",
    "<b>&amp;</b>'\"", "</script>", "\x1c", "\x85", "\u2028", "\ufeffmark", "ß", "İstanbul", "café",
    "🙂🙃", "\U0001d7ce",
    "part_of_day", "\x7f", "\x01", "אב", "very " * 40,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 0.5, -0.25, 0.1, 1e-5, 1.5e-7, 0.000123456789, 12.5, 100000.5, 1000001.5, 123456.5, 3, 7.25, 1440,
    99999.95,
    2**53 - 1, 1e17, 1e21, 1e300, 2.675, 0.125,
)  # fmt: skip
ZONES = (
    "UTC", "Z", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "+02:00", "-09:30",
    "+14:59",
    "Mars/Base", "europe/berlin", "+0200", "", "America/St_Johns", "Africa/Monrovia",
)  # fmt: skip


def record(kind: str, body: dict[str, Any], at: int = T, *, version: int = 1, zone: str = "Europe/Berlin") -> Record:
    made = Record(kind=kind, version=version, created_at=at, zone=zone, body=body)
    check(made)
    return made


def exported(made: Record, number: int, **more: Any) -> Exported:
    return Exported(
        record=made, item=number.to_bytes(16, "big"), revision=3, collection_name="Daily", author=b"\xa1" * 32, **more
    )


def everything() -> list[Exported]:
    phq9 = load("phq9")
    answers = {item.link_id: place % 3 for place, item in enumerate(phq9.items)}
    person = {"name": "Sam", "contact": "555 0100", "hours": "evenings", "note": "knows it all"}
    bodies = [
        ("mindhaven/mood", {
            "valence": -0.5, "arousal": 0.25, "span": "day", "labels": ["heavy"], "activities": ["walk"],
            "contexts": ["work"], "title": "Tuesday", "note": "Slept badly", "scales": [{"name": "Energy", "value": 4}],
            "raw": {"scale": "daylio-5", "value": 2, "name": "foggy"}, "source": {"app": "daylio-csv", "key": "abc123"},
        }),
        ("mindhaven/journal", {"title": "Quiet", "text": "It rained.", "attachments": [{"id": "f1", "name": "p.jpg"}]}),
        ("mindhaven/checkup", checkup_body(phq9, answers, difficulty=1) | {"note": "in the waiting room"}),
        ("mindhaven/checkup", checkup_body(load("pcl5"), {"/pcl5-01": 3})),
        ("mindhaven/checkup", {"instrument": "own-form", "version": "7", "language": "de",
                               "answers": {"q1": 4, "q2": None},
                               "difficulty": 2, "score": 4}),
        ("mindhaven/plan", {"signs": ["silent phone"], "helps": ["shower"], "distractions": ["café"],
                            "people": [person],
                            "professionals": [{"name": "Line", "contact": "116 123"}],
                            "surroundings": ["tablets to Sam"],
                            "reasons": ["the cat"], "note": "made with B."}),
        ("mindhaven/sleep", {"start": T, "end": T + 27_900_000, "quality": 0.75, "note": "warm room",
                             "stages": [{"stage": "deep", "start": T, "end": T + 3_600_000}]}),
        ("mindhaven/mindful", {"minutes": 12.5, "activity": "breathing"}),
        ("mindhaven/medication", {"name": "Sertraline", "dose": "50 mg", "taken": True, "note": "with food"}),
        ("mindhaven/medication", {"name": "Melatonin", "schedule": "every night", "taken": False}),
        ("mindhaven/medication", {"name": "Lithium"}),
        ("mindhaven/symptom", {"name": "Headache", "value": 2, "scale": "0-4", "category": "Pain", "part_of_day": "am",
                               "detail": "left side"}),
        ("mindhaven/factor", {"name": "Coffee", "amount": "2 cups"}),
        ("mindhaven/craving", {"strength": 6, "about": "cigarette", "acted": False, "helped": ["called Sam"]}),
        ("mindhaven/history", {"title": "Moved", "text": "Hard year", "since": "2019"}),
        ("org.example/dream", {"vivid": True, "text": "Flying", "n": {"a": [1, 2.5, None]}}),
    ]  # fmt: skip
    items = [exported(record(kind, body, T + place * DAY), place + 1) for place, (kind, body) in enumerate(bodies)]
    newer = record("mindhaven/mood", {"valence": 0.2, "colour": "blue"}, T + 40 * DAY, version=2)
    return [*items, exported(newer, 99, conflict_of=b"\x02" * 16)]


def made_up(seed: int, count: int) -> list[Exported]:
    """Return `count` records at random; the same for the same `seed`."""
    chance = random.Random(seed)
    return [_made_up(chance) for _ in range(count)]


def _made_up(chance: random.Random) -> Exported:
    kind = chance.choice(KINDS)
    name, version = kind.name, 1
    body: dict[str, Any] = _object(chance, kind.fields)
    if name == "mindhaven/checkup" and chance.random() < 0.8:
        instrument = chance.choice(load_all())
        answers = {item.link_id: chance.choice([0, 1, 2, 3, None]) for item in instrument.items}
        body = checkup_body(instrument, answers) | ({"difficulty": 2} if chance.random() < 0.5 else {})
    turn = chance.random()
    if turn < 0.05:
        body[chance.choice(["colour", "10", "9", *body])] = chance.choice(
            [None, True, [1, {"a": None}], {"2": 1, "10": 2}]
        )
    elif turn < 0.1:
        version = 2
    elif turn < 0.15:
        name = chance.choice(["org.example/dream", "org.example/DREAM", "x/y", "mindhaven/other", "../../x", "a.b/c=1"])
    moment = chance.choice(
        [T, T + chance.randrange(400 * DAY), T - chance.randrange(40 * 365 * DAY), 2**60, -(2**60), -1]
    )
    somebody = chance.random() < 0.2
    return Exported(
        record=Record(
            kind=name,
            version=version,
            created_at=moment,
            zone=chance.choice(ZONES),
            body=decode_body(encode_body(body)),
        ),
        item=chance.randbytes(chance.choice([16, 32])),
        revision=chance.randrange(1, 2000),
        collection_name=chance.choice(WORDS),
        author=chance.randbytes(32),
        conflict_of=chance.randbytes(16) if chance.random() < 0.1 else None,
        author_name=chance.choice(WORDS) if somebody else "",
        owner=Owner(b"\xb2" * 32, "Ana") if somebody else None,
    )


def _object(chance: random.Random, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {one.name: _value(chance, one) for one in fields if one.required or chance.random() < 0.5}


def _value(chance: random.Random, field: Field) -> Any:
    if field.nullable and chance.random() < 0.2:
        return None
    match field.type:
        case "text":
            return chance.choice(field.choices or WORDS)
        case "texts":
            return [chance.choice(WORDS) for _ in range(chance.randrange(4))]
        case "flag":
            return chance.random() < 0.5
        case "object":
            return _object(chance, field.fields)
        case "objects":
            return [_object(chance, field.fields) for _ in range(chance.randrange(3))]
        case "codes":
            return {chance.choice(["q1", "10", "9", *WORDS]): chance.choice([0, 3, None]) for _ in range(3)}
    if field.low is None:
        return chance.choice([one for one in NUMBERS if field.type == "number" or isinstance(one, int)])
    if field.high is not None and field.high > DAY:
        return T + chance.randrange(-DAY, DAY)
    low, high = int(field.low), int(field.high or 10**6)
    return (
        chance.randint(low, high) if field.type == "integer" else round(chance.uniform(low, high), chance.randrange(9))
    )
