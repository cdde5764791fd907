"""Signing in with passkeys that the server knows, through HTTP; how they go, and what is told. spec/passkeys.md."""

import os
from pathlib import Path

from tests.simulators.authenticator import Lie, Passkey
from tests.simulators.keyed import (
    add,
    add_bound,
    add_slot,
    another,
    by_passkey,
    by_passphrase,
    challenge,
    code_on,
    keyed,
    listed,
    log_in,
    opened,
    refused,
    secret_of,
    slot_now,
    start,
)
from tests.simulators.world import DAY, PASS, SPARE, Time

from mindhaven.accounts.jobs import enter_due, sweep
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.kernel import Lease
from mindhaven.protocol import recovery
from mindhaven.protocol.slots import SlotKeys, SlotKind
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.wire.ids import to_text

# -- the second factor


async def test_a_code_or_a_passkey_satisfies_and_the_refusal_names_both(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        key, unmarked = Passkey(), Passkey()
        await add(phone, unmarked)
        other, handle = home("other"), phone.me.handle
        await by_passphrase(other, handle)
        shown = await add(phone, key, second_factor=True)
        assert await refused(by_passphrase(other, handle)) == "passkey-needed"
        assert await refused(by_passphrase(other, handle, code="123456")) == "passkey-needed"
        assert await refused(by_passphrase(other, handle, unmarked.use(await challenge(other)))) == "passkey-refused"
        code = await code_on(phone, moment)
        assert await refused(by_passphrase(other, handle)) == "totp-or-passkey-needed"
        await by_passphrase(other, handle, code=code)
        await by_passphrase(other, handle, key.use(await challenge(other)))
        # What is given as a passkey is judged as one, whatever code stands beside it.
        wrong = key.use(await challenge(other), Lie(signature=b"x" * 70))
        moment.now += 30
        assert await refused(by_passphrase(other, handle, wrong, code="123456")) == "passkey-refused"
        await phone.passkey_as_second_factor(shown.id, PASS, on=False)
        assert await refused(by_passphrase(other, handle)) == "totp-needed"
        assert await refused(by_passphrase(other, handle, key.use(await challenge(other)))) == "totp-needed"
        await phone.totp_off(PASS)
        await by_passphrase(other, handle)


async def test_who_has_the_recovery_key_is_asked_for_nothing(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        shown = await add(phone, Passkey(), second_factor=True)
        back = home("back")
        await back.recover("".join(recovery.rows(SPARE)))
        await back.passkey_as_second_factor(shown.id, recovery_key=SPARE, on=False)
        assert [one.second_factor for one in await back.passkeys()] == [False]
        changes = [act.what for act in (await phone.recent()).acts if act.about == shown.id]
        assert sorted(changes) == ["passkey-added", "passkey-factor"]
        await back.passkey_as_second_factor(shown.id, recovery_key=SPARE, on=False)  # once more changes nothing


async def test_before_the_claim_is_verified_every_account_answers_alike(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        key, other = Passkey(), home("other")
        await add(phone, key, second_factor=True)
        answers = set()
        for name in (phone.me.handle, "nobody-123456"):
            started = await other.access._login_start(name)
            for assertion in (None, key.use(await challenge(other))):
                keys = SlotKeys.of(SlotSecret(bytes(32)), SlotKind.PASSPHRASE)
                answers.add(await refused(log_in(other, name, keys, started.nonce, assertion)))
        assert answers == {"login-refused"}


async def test_one_way_in_is_too_few_for_a_second_factor(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await phone.access.open_way(recovery_key=SPARE)
        _, root = await phone.access.open_way(passphrase=PASS)
        _, _, ways = await phone.access.shown(phone.me.uid)
        mine = [one.id for one in ways.slots if one.kind is SlotKind.PASSPHRASE]
        assert (await phone.access.change(root, keep=mine, new=New.ROOT)).applied
        assert await refused(add(phone, Passkey(), second_factor=True)) == "account-unfinished"
        shown = await add(phone, Passkey())
        assert await refused(phone.passkey_as_second_factor(shown.id, PASS, on=True)) == "account-unfinished"


# -- with the slot that it unlocks


async def test_the_secret_of_a_known_passkey_opens_nothing_without_it(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, other = Passkey(), home("other")
        shown = await add_bound(phone, key)
        assert shown.slot is not None
        assert await refused(by_passkey(other, key)) == "passkey-needed"
        assert await refused(slot_now(phone, shown.slot, key)) == "passkey-needed"
        given = await by_passkey(other, key, key.use(await challenge(other)))
        assert given.slot == shown.slot
        assert await refused(by_passkey(other, key, another().use(await challenge(other)))) == "passkey-refused"
        await slot_now(phone, shown.slot, key, key.use(await challenge(phone, slot_now=True)))
        login = key.use(await challenge(phone))
        assert await refused(slot_now(phone, shown.slot, key, login)) == "passkey-challenge"
        opening = key.use(await challenge(phone, slot_now=True))
        assert await refused(by_passkey(other, key, opening)) == "passkey-challenge"
        moment.now += 1
        late = key.use(await challenge(other))
        moment.now += 301
        assert await refused(by_passkey(other, key, late)) == "passkey-challenge"
        by_hand = key.use(await challenge(other), handle=False)
        assert (await by_passkey(other, key, by_hand)).uid == phone.me.uid
        theirs = key.use(await challenge(other), Lie(user_handle=os.urandom(32)))
        assert await refused(by_passkey(other, key, theirs)) == "passkey-refused"


async def test_a_refused_answer_is_used_up_and_counted(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (server, home, phone):
        key, other = Passkey(), home("other")
        shown = await add_bound(phone, key)
        assert shown.slot is not None
        for lie in (Lie(verified=False), Lie(cross_origin=True)):
            asked = await challenge(other)
            assert (await refused(by_passkey(other, key, key.use(asked, lie)))).startswith("passkey-")
            assert await refused(by_passkey(other, key, key.use(asked))) == "passkey-challenge"
            asked = await challenge(phone, slot_now=True)
            assert (await refused(slot_now(phone, shown.slot, key, key.use(asked, lie)))).startswith("passkey-")
            assert await refused(slot_now(phone, shown.slot, key, key.use(asked))) == "passkey-challenge"
        nonsense = key.use(await challenge(other), Lie(client_data=b"{}"))
        assert await refused(by_passkey(other, key, nonsense)) == "passkey-refused"
        row = await server.host.db.look(
            lambda look: look.row("SELECT failures FROM accounts_account WHERE uid = $1", phone.me.uid)
        )
        assert row == (5,)


async def test_a_slot_that_no_known_passkey_unlocks_works_as_before_until_one_does(
    tmp_path: Path, moment: Time
) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, other = Passkey(), home("other")
        slot = await add_slot(phone, key)
        assert (await by_passkey(other, key)).slot == slot
        # One that the server does not know is not judged there.
        assert (await by_passkey(other, key, another().use(await challenge(other), Lie(verified=False)))).slot == slot
        shown = await add(phone, key)
        assert shown.slot is None
        wrong = key.use(await challenge(other), Lie(verified=False))
        assert await refused(by_passkey(other, key, wrong)) == "passkey-refused"
        assert (await by_passkey(other, key)).slot == slot
        await by_passkey(other, key, key.use(await challenge(other)))
        assert (await listed(phone)).passkeys[0].slot == slot
        assert await refused(by_passkey(other, key)) == "passkey-needed"


async def test_a_passkey_goes_with_its_slot_and_not_before(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (server, _home, phone):
        key, kept = Passkey(), Passkey()
        shown = await add_bound(phone, key, second_factor=True)
        await add(phone, kept, second_factor=True)
        path = f"/v1/passkeys/{to_text(shown.id)}"
        assert await refused(phone.transport.call("DELETE", path)) == "passkey-unlocks"
        moment.now += 700
        due_at = await phone.remove_passkey(shown.id, PASS)  # one way in: it waits
        assert due_at is not None
        assert len(await phone.passkeys()) == 2
        (waiting,) = await phone.pending()
        moment.now = due_at + 1
        await enter_due(server.host, Lease(name="x", holder=b"", fence=1))
        assert waiting.due_at == due_at
        rows = await server.host.db.look(lambda look: look.rows("SELECT credential FROM accounts_passkey"))
        assert rows == [(kept.id,)]


async def test_with_both_ways_in_a_passkey_that_unlocks_goes_at_once(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        key = Passkey()
        shown = await add_bound(phone, key)
        assert await phone.remove_passkey(shown.id, PASS, recovery_key=SPARE) is None
        assert await phone.passkeys() == []
        _, _, ways = await phone.access.shown(phone.me.uid)
        assert [int(one.kind) for one in ways.slots] == [1, 2]


async def test_replacing_a_slot_takes_its_passkey_with_it(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, fresh, other = Passkey(), Passkey(), home("other")
        shown = await add_bound(phone, key)
        assert shown.slot is not None
        await phone.access.open_way(recovery_key=SPARE)
        _, root = await phone.access.open_way(passphrase=PASS)
        slot = NewSlot.passkey(secret_of(fresh))
        assert (await phone.access.change(root, replace=(shown.slot, slot), new=New.ROOT)).applied
        assert (await listed(phone)).passkeys == []
        assert (await by_passkey(other, fresh)).slot == shown.slot


async def test_unknown_passkeys_are_told(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        shown = await add(phone, Passkey())
        ben = home("ben")
        await ben.sign_up(PASS, word="ben")
        for me, passkey in ((phone, os.urandom(16)), (ben, shown.id)):
            assert await refused(me.remove_passkey(passkey, PASS)) == "passkey-unknown"
            assert await refused(me.passkey_as_second_factor(passkey, PASS, on=True)) == "passkey-unknown"
        assert await refused(phone.transport.call("DELETE", "/v1/passkeys/x")) == "id"
        moment.now += 700
        assert await refused(phone.transport.call("DELETE", f"/v1/passkeys/{to_text(shown.id)}")) == "unlock-again"


# -- what is noticed, and what is left


async def test_counters_and_flags_are_told_once_an_hour_and_stored(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (server, home, phone):
        key, other = Passkey(backed_up=False), home("other")
        await add_bound(phone, key)
        for counter in (0, 5, 6, 6, 2, 0, 0):
            await by_passkey(other, key, key.use(await challenge(other), Lie(counter=counter, backed_up=True)))
        (one,) = (await listed(phone)).passkeys
        assert (one.backed_up, [alert.what for alert in one.alerts]) == (True, ["counter-back"])
        moment.now += 3600
        lie = Lie(counter=0, eligible=False, backed_up=False)
        await by_passkey(other, key, key.use(await challenge(other), lie))
        (one,) = (await listed(phone)).passkeys
        assert (one.eligible, one.backed_up) == (True, False)
        assert [alert.what for alert in one.alerts] == ["counter-back", "eligibility-changed"]
        events = await server.host.db.look(
            lambda look: look.rows("SELECT name FROM event WHERE name = 'accounts.passkey.noticed'")
        )
        assert len(events) == 2


async def test_leaving_takes_the_passkeys_too(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (server, _home, phone):
        await add_bound(phone, Passkey())
        await phone.delete_account(PASS, recovery_key=SPARE)
        row = await server.host.db.look(
            lambda look: look.row(
                "SELECT (SELECT COUNT(*) FROM accounts_passkey), user_handle FROM accounts_account WHERE uid = $1",
                phone.me.uid,
            )
        )
        assert row == (0, None)


async def test_challenges_that_nobody_answered_are_swept(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (server, home, phone):
        await opened(phone)
        await start(phone)
        await challenge(home("other"))
        moment.now += DAY
        await sweep(server.host, Lease(name="x", holder=b"", fence=1))
        assert await server.host.db.look(lambda look: look.rows("SELECT purpose FROM accounts_challenge")) == []
