"""The decisions of accounts, case by case (PROTOCOL section 3, Waits; NIST SP 800-63B-4 for sessions)."""

import pytest

from mindhaven.accounts.model import Role
from mindhaven.accounts.rules import (
    Now,
    SlotChange,
    Waits,
    compare,
    may_bring,
    may_cancel,
    may_change,
    may_renew,
    slots_now,
    token_stands,
)
from mindhaven.kernel import Denied
from mindhaven.protocol.slots import Slot, SlotKind, SlotList

DAY = 86_400
NOW = 1_000 * DAY
PASS, SPARE, KEY, NEW = b"p" * 16, b"s" * 16, b"k" * 16, b"n" * 16
KINDS = {PASS: 1, SPARE: 2, KEY: 3}
OLD = {PASS: NOW - 100 * DAY, SPARE: NOW - 100 * DAY, KEY: NOW - 100 * DAY}


def change(
    added: set[bytes] = frozenset(), removed: set[bytes] = frozenset(), replaced: set[bytes] = frozenset()
) -> SlotChange:  # type: ignore[assignment]
    return SlotChange(added=frozenset(added), removed=frozenset(removed), replaced=frozenset(replaced))


def decide(
    what: SlotChange, opened: set[bytes], *, made: dict[bytes, int] | None = None, new_root: bool = True
) -> object:
    return may_change(
        what,
        opened=frozenset(opened),
        kinds=KINDS,
        made_at=OLD if made is None else made,
        new_root=new_root,
        now=NOW,
    )


def reason(verdict: object) -> str:
    assert isinstance(verdict, Denied)
    return verdict.reason


def slot(slot_id: bytes, key: bytes = b"1") -> Slot:
    return Slot(slot_id, SlotKind.PASSPHRASE, b"", key * 1216)


def test_two_lists_are_compared_by_id_and_content() -> None:
    before = SlotList(bytes(32), (slot(PASS), slot(SPARE), slot(KEY)))
    after = SlotList(bytes(32), (slot(PASS), slot(SPARE, b"2"), slot(NEW)))
    found = compare(before, after)
    assert found == change(added={NEW}, removed={KEY}, replaced={SPARE})
    assert found.touched == {KEY, SPARE}


def test_nothing_changes_without_a_way_in_opened_now() -> None:
    assert reason(decide(change(added={NEW}), set())) == "slot-now-needed"


def test_a_slot_that_is_no_longer_there_opens_nothing() -> None:
    assert reason(decide(change(added={NEW}), {NEW})) == "slot-now-needed"


def test_new_keys_under_the_same_root_need_one_and_do_not_wait() -> None:
    assert decide(change(), {PASS}, new_root=False) == Now()


def test_replacing_the_opened_way_in_itself_does_not_wait() -> None:
    assert decide(change(replaced={PASS}), {PASS}, new_root=False) == Now()


@pytest.mark.parametrize("what", [change(), change(replaced={PASS})])
def test_a_new_root_touches_every_way_in_so_with_one_it_waits(what: SlotChange) -> None:
    """Nobody but its holder can check the wrap of a new root: with one way in, the others could be locked out."""
    assert decide(what, {PASS}) == Waits(due_at=NOW + DAY)
    assert decide(what, {PASS, SPARE}) == Now()


def test_a_new_root_that_is_wrapped_to_the_opened_way_in_alone_does_not_wait() -> None:
    assert decide(change(replaced={PASS}), {PASS}, made={PASS: NOW}) == Now()
    assert decide(change(), {PASS}, made={PASS: NOW}) == Now()


@pytest.mark.parametrize(("age", "due_at"), [(0, NOW + 7 * DAY), (5 * DAY, NOW + 2 * DAY), (6 * DAY + 1, NOW + DAY)])
def test_a_young_way_in_waits_for_a_new_root_until_it_is_seven_days_old(age: int, due_at: int) -> None:
    assert decide(change(), {PASS}, made={PASS: NOW - age, SPARE: NOW - 100 * DAY}) == Waits(due_at=due_at)


def test_a_recovery_key_waits_a_day_for_a_new_root_at_any_age() -> None:
    assert decide(change(), {SPARE}, made={PASS: NOW - 100 * DAY, SPARE: NOW}) == Waits(due_at=NOW + DAY)


@pytest.mark.parametrize(
    "what", [change(removed={SPARE}), change(removed={PASS}), change(replaced={SPARE}), change(replaced={PASS, SPARE})]
)
def test_what_goes_or_another_that_changes_needs_a_new_root(what: SlotChange) -> None:
    assert reason(decide(what, {PASS}, new_root=False)) == "root-kept"


@pytest.mark.parametrize("what", [change(added={NEW}), change(removed={SPARE}), change(replaced={SPARE})])
def test_with_one_way_in_it_waits_a_day_with_two_it_is_immediate(what: SlotChange) -> None:
    assert decide(what, {PASS}) == Waits(due_at=NOW + DAY)
    assert decide(what, {PASS, KEY}) == Now()


def test_adding_needs_no_new_root() -> None:
    assert decide(change(added={NEW}), {PASS}, new_root=False) == Waits(due_at=NOW + DAY)


def test_an_unfinished_account_finishes_at_once() -> None:
    assert decide(change(added={NEW}), {PASS}, made={PASS: NOW}, new_root=False) == Now()


def test_the_last_way_in_stays() -> None:
    assert reason(decide(change(removed={PASS}), {PASS}, made={PASS: NOW})) == "last-slot"


def test_removing_the_opened_way_in_itself_waits_too() -> None:
    assert decide(change(removed={PASS}), {PASS}) == Waits(due_at=NOW + DAY)


@pytest.mark.parametrize(("age", "allowed"), [(7 * DAY, True), (7 * DAY - 1, False), (0, False)])
def test_a_young_way_in_removes_no_older_one(age: int, allowed: bool) -> None:
    made = {PASS: NOW - age, SPARE: NOW - 100 * DAY}
    verdict = decide(change(removed={SPARE}), {PASS}, made=made)
    assert verdict == Waits(due_at=NOW + DAY) if allowed else reason(verdict) == "slot-too-new"


def test_a_young_way_in_may_remove_one_as_young() -> None:
    assert decide(change(removed={KEY}), {PASS}, made={PASS: NOW - DAY, KEY: NOW - DAY}) == Waits(due_at=NOW + DAY)
    # The new root is wrapped to the old recovery key too, so it waits until the passphrase is seven days old.
    made = {PASS: NOW - DAY, KEY: NOW - DAY, SPARE: NOW - 100 * DAY}
    assert decide(change(removed={KEY}), {PASS}, made=made) == Waits(due_at=NOW + 6 * DAY)


def test_the_recovery_key_may_at_any_age_under_the_same_wait() -> None:
    made = {PASS: NOW - 100 * DAY, SPARE: NOW}
    assert decide(change(removed={PASS}), {SPARE}, made=made) == Waits(due_at=NOW + DAY)


def test_two_young_ways_in_do_not_help_each_other() -> None:
    made = {PASS: NOW, KEY: NOW, SPARE: NOW - 100 * DAY}
    assert reason(decide(change(removed={SPARE}), {PASS, KEY}, made=made)) == "slot-too-new"


def test_every_touched_way_in_must_be_removable() -> None:
    made = {PASS: NOW - DAY, KEY: NOW - DAY, SPARE: NOW - 100 * DAY}
    assert reason(decide(change(removed={KEY, SPARE}), {PASS}, made=made)) == "slot-too-new"


TAKEN = {PASS: NOW - DAY, SPARE: NOW - 100 * DAY, KEY: NOW - 100 * DAY}
"""The passphrase was replaced a day ago."""


def cancels(
    session: set[bytes],
    *,
    what: SlotChange | None = None,
    asked_by: set[bytes] = frozenset({SPARE}),  # type: ignore[assignment]
    made: dict[bytes, int] = TAKEN,
) -> bool:
    verdict = may_cancel(
        change(replaced={PASS}) if what is None else what,
        asked_by=frozenset(asked_by),
        session=frozenset(session),
        made_at=made,
        now=NOW,
    )
    assert verdict is None or verdict.reason == "cancel-too-new"
    return verdict is None


@pytest.mark.parametrize(
    ("what", "new_root", "asked", "waits"),
    [
        (change(), False, [], False),
        (change(), False, [NOW - 11], False),
        (change(), False, [NOW - 10], True),
        (change(), True, [], True),
        (change(added={NEW}), False, [], True),
        (change(removed={SPARE}), False, [], True),
        (change(replaced={PASS}), False, [], True),
    ],
)
def test_what_is_brought_back_is_taken_at_once_only_if_it_touches_no_way_in(
    what: SlotChange, new_root: bool, asked: list[int], waits: bool
) -> None:
    verdict = may_bring(what, new_root=new_root, asked=asked, since=NOW - 10, now=NOW)
    assert verdict == (Waits(due_at=NOW + DAY) if waits else Now())


def test_who_replaced_a_way_in_cannot_hold_it_against_the_older_ones() -> None:
    assert not cancels({PASS})
    assert not cancels({PASS}, what=change(removed={PASS}))


@pytest.mark.parametrize("session", [{SPARE}, {KEY}, {PASS, KEY}])
def test_any_other_way_in_cancels(session: set[bytes]) -> None:
    assert cancels(session)


def test_a_change_that_takes_nothing_away_is_cancelled_by_all() -> None:
    assert cancels({PASS}, what=change(added={NEW}))
    assert cancels({PASS}, what=change(replaced={KEY}))


@pytest.mark.parametrize(("age", "cancelled"), [(7 * DAY, True), (7 * DAY - 1, False)])
def test_a_way_in_that_has_been_there_for_seven_days_cancels(age: int, cancelled: bool) -> None:
    assert cancels({PASS}, made={**TAKEN, PASS: NOW - age}) is cancelled


def test_ways_in_of_one_age_cancel_each_others_changes() -> None:
    assert cancels({PASS}, made={PASS: NOW - DAY, SPARE: NOW - DAY})
    assert not cancels({PASS}, made={PASS: NOW - DAY, SPARE: NOW - DAY - 1})
    assert cancels({PASS}, made={PASS: NOW - DAY, SPARE: NOW})


def test_what_is_unknown_of_the_asker_or_the_session_stops_nobody() -> None:
    assert cancels(set())
    assert cancels({NEW})
    assert cancels({PASS}, asked_by=set())
    assert cancels({PASS}, asked_by={NEW})
    assert not cancels({PASS, NEW})
    assert not cancels({PASS}, asked_by={SPARE, NEW})


def test_a_slot_counts_as_opened_for_ten_minutes() -> None:
    pairs = ((PASS, NOW - 600), (SPARE, NOW - 601), (None, NOW))
    assert slots_now(pairs, NOW) == (PASS,)
    # Ahead of now by more than a minute, it was opened before a clock went back.
    assert slots_now(((PASS, NOW + 60), (SPARE, NOW + 61)), NOW) == (PASS,)


@pytest.mark.parametrize(
    ("role", "age", "rest", "over"),
    [
        (Role.PERSON, 24 * 3600, 3600, False),
        (Role.PERSON, 24 * 3600 + 1, 60, True),
        (Role.PERSON, 3601, 3601, True),
        (Role.CLINICIAN, 12 * 3600, 900, False),
        (Role.CLINICIAN, 12 * 3600 + 1, 60, True),
        (Role.CLINICIAN, 901, 901, True),
        (Role.OFFICER, 901, 901, True),
        (Role.OPERATOR, 12 * 3600 + 1, 1, True),
    ],
)
def test_sessions_end_by_age_and_by_rest(role: Role, age: int, rest: int, over: bool) -> None:
    verdict = may_renew(role, created_at=NOW - age, renewed_at=NOW - rest, now=NOW)
    assert (verdict is not None) is over
    if verdict is not None:
        assert verdict.reason == "session-over"


@pytest.mark.parametrize(
    ("ends_at", "stands"), [(NOW - 1, False), (NOW, True), (NOW + 600, True), (NOW + 660, True), (NOW + 661, False)]
)
def test_a_token_of_before_a_clock_went_back_counts_no_longer(ends_at: int, stands: bool) -> None:
    """Ten minutes are the longest that any lasts; a minute more is what two clocks may differ by."""
    assert token_stands(ends_at, NOW) is stands
