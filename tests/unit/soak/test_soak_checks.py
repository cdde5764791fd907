"""The soak's checks find what is planted, and let pass what may be."""

from collections import Counter

from tests.soak import check
from tests.soak.device import Erasure, Mark, Told
from tests.soak.plan import DEVICES, make

ITEM, OTHER = b"i" * 16, b"o" * 16


def told(*marks, erasures=()):
    return Told(marks={mark.text: mark for mark in marks}, erasures=list(erasures))


def test_a_lost_a_doubled_and_a_foreign_text_are_faults():
    one = told(Mark("a", ITEM, acked=True))
    assert check.landed_once(one, Counter(a=1)) == []
    assert check.landed_once(one, Counter()) == ["a was acknowledged and is lost"]
    assert check.landed_once(one, Counter(a=2)) == ["a stands 2 times"]
    assert check.landed_once(one, Counter(a=1, z=1)) == ["z is of nobody"]
    assert check.landed_once(told(Mark("a", ITEM)), Counter()) == []


def test_a_text_may_go_only_where_a_later_act_on_it_stands():
    first, second = Mark("a", ITEM, acked=True), Mark("b", ITEM, base="a", acked=True)
    assert check.landed_once(told(first, second), Counter(b=1)) == []
    assert check.landed_once(told(first, second), Counter(a=1)) == ["b was acknowledged and is lost"]
    assert len(check.landed_once(told(first, second), Counter())) == 2
    assert check.landed_once(told(first, second, erasures=[Erasure(ITEM, "b")]), Counter()) == []
    assert check.landed_once(told(first, second, erasures=[Erasure(OTHER, "z")]), Counter()) != []


def test_statuses_positions_and_rows():
    met = told()
    met.statuses.update(["200", "503 queue-full", "503 write-conflict", "404"])
    assert check.only_503(met) == []
    met.statuses.update(["500 unexpected", "503 something-else", "502 "])
    assert len(check.only_503(met)) == 3
    good = {
        "positions": [(0,), (1,)], "subjects": [(b"s", 0), (b"s", 1)], "commits": [(1, 0), (1, 1), (2, 0)],
        "live": [(5,)], "envelopes": [(5,)], "salts": [(5,)],
    }  # fmt: skip
    assert check.numbered(good) == check.stored(good) == []
    for positions in ([(0,), (2,)], [(0,), (None,)], [(0,), (0,)]):
        assert check.numbered(good | {"positions": positions})
    assert check.numbered(good | {"subjects": [(b"s", 1)]})
    for broken in ({"commits": [(1, 0), (1, 2)]}, {"salts": []}, {"envelopes": [(5,), (6,)]}, {"live": []}):
        assert check.stored(good | broken)


def test_a_seed_fixes_the_plan():
    plan = make(7, steps=60, falls=5)
    assert plan == make(7, steps=60, falls=5)
    assert plan != make(8, steps=60, falls=5)
    assert {len(steps) for steps in plan.steps.values()} == {60}
    assert [fall.after for fall in plan.falls] == sorted(fall.after for fall in plan.falls)
    acts = {device: {step.act for step in plan.steps[device]} for device in DEVICES}
    assert {"share", "revoke"} <= acts["ana-phone"]
    assert not {"share", "revoke"} & (acts["ben"] | acts["cara"] | acts["dora"])
