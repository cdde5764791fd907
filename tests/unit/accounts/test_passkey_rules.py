"""What a way in asks for beside its claim, and what may become of passkeys, case by case. spec/passkeys.md."""

import pytest

from mindhaven.accounts.model import MAX_PASSKEYS, Notice, PasskeyRow, PasskeyUse
from mindhaven.accounts.rules import (
    Demand,
    demand,
    lacks,
    may_add_passkey,
    may_be_factor,
    may_remove_passkey,
    noticed,
)
from mindhaven.kernel import Denied

PASS, SPARE, KEY = b"p" * 16, b"s" * 16, b"k" * 16
KINDS = {PASS: 1, SPARE: 2, KEY: 3}


def passkey(
    name: bytes, *, slot: bytes | None = None, factor: bool = False, counter: int = 0, eligible: bool = True
) -> PasskeyRow:
    return PasskeyRow(
        id=name, credential=name, public_key=b"", name=b"", transports=(), slot=slot, second_factor=factor,
        eligible=eligible, backed_up=False, counter=counter, created_hour=0,
    )  # fmt: skip


BOUND, MARKED, PLAIN = passkey(b"b", slot=KEY), passkey(b"m", factor=True), passkey(b"o")
ALL = [BOUND, MARKED, PLAIN]


@pytest.mark.parametrize(
    ("slot", "known", "code", "signing_in", "wanted"),
    [
        (PASS, ALL, False, True, Demand(passkeys=frozenset({b"m"}))),
        (PASS, ALL, True, True, Demand(code=True, passkeys=frozenset({b"m"}))),
        (PASS, [BOUND, PLAIN], True, True, Demand(code=True)),
        (PASS, ALL, True, False, Demand()),
        (SPARE, ALL, True, True, Demand()),
        (KEY, ALL, True, True, Demand(passkeys=frozenset({b"b"}))),
        (KEY, ALL, True, False, Demand(passkeys=frozenset({b"b"}))),
        (KEY, [MARKED, PLAIN], True, True, Demand(binds=frozenset({b"m", b"o"}))),
        (KEY, [passkey(b"x", slot=SPARE)], False, True, Demand()),
    ],
)
def test_what_a_way_in_asks_for(
    slot: bytes, known: list[PasskeyRow], code: bool, signing_in: bool, wanted: Demand
) -> None:
    assert demand(slot, KINDS[slot], known, code=code, signing_in=signing_in) == wanted


CODE, PASSKEY, EITHER = (
    Demand(code=True), Demand(passkeys=frozenset({b"m"})), Demand(code=True, passkeys=frozenset({b"m"}))
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code", "given", "reason"),
    [
        (Demand(), False, False, None),
        (Demand(binds=frozenset({b"o"})), False, False, None),
        (CODE, False, False, "totp-needed"),
        (CODE, False, True, "totp-needed"),
        (CODE, True, False, None),
        (PASSKEY, False, False, "passkey-needed"),
        (PASSKEY, True, False, "passkey-needed"),
        (PASSKEY, False, True, None),
        (EITHER, False, False, "totp-or-passkey-needed"),
        (EITHER, True, False, None),
        (EITHER, False, True, None),
    ],
)
def test_the_refusal_names_what_can_be_given(asked: Demand, code: bool, given: bool, reason: str | None) -> None:
    denied = lacks(asked, code=code, passkey=given)
    assert (None if denied is None else denied.reason) == reason


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (0, 0, ()),
        (0, 1, ()),
        (4, 5, ()),
        (5, 5, (Notice.COUNTER_BACK,)),
        (5, 4, (Notice.COUNTER_BACK,)),
        (5, 0, (Notice.COUNTER_BACK,)),
    ],
)
def test_a_counter_only_grows(before: int, after: int, wanted: tuple[Notice, ...]) -> None:
    use = PasskeyUse(passkey=b"o", challenge=b"", counter=after, eligible=True, backed_up=True)
    assert noticed(passkey(b"o", counter=before), use) == wanted


def test_eligibility_never_changes() -> None:
    use = PasskeyUse(passkey=b"o", challenge=b"", counter=0, eligible=False, backed_up=False)
    assert noticed(passkey(b"o"), use) == (Notice.ELIGIBILITY_CHANGED,)
    assert noticed(passkey(b"o", counter=3), use) == (Notice.COUNTER_BACK, Notice.ELIGIBILITY_CHANGED)


def test_the_first_of_many_may_be_added_and_the_one_after_the_last_not() -> None:
    there = [passkey(bytes([number])) for number in range(MAX_PASSKEYS)]
    assert may_add_passkey(PLAIN, there[1:], kinds=KINDS, opened=frozenset()) is None
    denied = may_add_passkey(PLAIN, there, kinds=KINDS, opened=frozenset())
    assert isinstance(denied, Denied)
    assert denied.reason == "passkeys-full"


@pytest.mark.parametrize(
    ("new", "there", "opened", "reason"),
    [
        (BOUND, [], {KEY}, None),
        (BOUND, [PLAIN], {PASS, KEY}, None),
        (BOUND, [], {PASS, SPARE}, "passkey-slot"),
        (passkey(b"b", slot=SPARE), [], {SPARE}, "passkey-slot"),
        (passkey(b"b", slot=b"?" * 16), [], {b"?" * 16}, "passkey-slot"),
        (passkey(b"other", slot=KEY), [BOUND], {KEY}, "passkey-slot-taken"),
    ],
)
def test_a_passkey_is_tied_to_what_was_opened(
    new: PasskeyRow, there: list[PasskeyRow], opened: set[bytes], reason: str | None
) -> None:
    denied = may_add_passkey(new, there, kinds=KINDS, opened=frozenset(opened))
    assert (None if denied is None else denied.reason) == reason


def test_a_second_factor_needs_a_second_way_in() -> None:
    denied = may_add_passkey(MARKED, [], kinds={PASS: 1}, opened=frozenset({PASS}))
    assert denied is not None
    assert denied.reason == "account-unfinished"
    assert may_add_passkey(MARKED, [], kinds=KINDS, opened=frozenset({PASS})) is None
    assert may_add_passkey(MARKED, [], kinds={PASS: 1, KEY: 3}, opened=frozenset({PASS})) is None, "two are enough"
    assert may_be_factor(1, on=False) is None
    assert may_be_factor(2, on=True) is None
    one_way = may_be_factor(1, on=True)
    assert one_way is not None
    assert one_way.reason == "account-unfinished"


def test_what_unlocks_a_way_in_that_stands_is_not_removed_alone() -> None:
    denied = may_remove_passkey(BOUND, [PASS, KEY])
    assert denied is not None
    assert denied.reason == "passkey-unlocks"
    assert may_remove_passkey(BOUND, [PASS]) is None  # its slot is gone: nothing holds it
    assert may_remove_passkey(PLAIN, [PASS, KEY]) is None
