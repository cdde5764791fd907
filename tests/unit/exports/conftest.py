import pytest

from mindhaven.kinds import Record, check
from mindhaven.kinds.instruments import checkup_body, load
from mindhaven.sdk.exports import Exported

DAY = 86_400_000
T = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def record(kind, body, at=T, *, version=1, zone="Europe/Berlin"):
    made = Record(kind=kind, version=version, created_at=at, zone=zone, body=body)
    check(made)
    return made


def exported(made, number, **more):
    return Exported(
        record=made, item=number.to_bytes(16, "big"), revision=3, collection_name="Daily", author=b"\xa1" * 32, **more
    )


@pytest.fixture
def one():
    """Make one exported record of a kind."""
    return lambda kind, body, **more: exported(record(kind, body, **more), 1)


@pytest.fixture
def everything():
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


@pytest.fixture
def leaves():
    """Every text and number of a body."""
    return _leaves


def _leaves(value):
    if isinstance(value, dict):
        for entry in value.values():
            yield from _leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
    elif value is not None and not isinstance(value, bool):
        yield value
