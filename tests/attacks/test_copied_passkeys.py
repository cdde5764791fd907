"""Who copied a passkey's secret, or would pass another's passkey for it. spec/passkeys.md, docs/adr/0012."""

from pathlib import Path
from typing import Any

import pytest
from tests.simulators.authenticator import Lie, Passkey
from tests.simulators.entry import Play, entry
from tests.simulators.keyed import (
    MadeBefore,
    add,
    add_bound,
    add_slot,
    by_passkey,
    challenge,
    introduce,
    keyed,
    listed,
    slot_now,
)
from tests.simulators.world import PASS, Time

from mindhaven.accounts.model import PasskeyUse
from mindhaven.wire.ids import to_text


def lacks(*_: Any, **__: Any) -> None:
    """Stands in for the question what is missing: nothing is."""


def noticed(*_: Any) -> tuple[()]:
    """Stands in for the look at counters and flags: nothing is seen."""
    return ()


def _asserted(asked: Any, challenge: bytes, passkey: Any, site: Any) -> PasskeyUse:
    """Stands in for the verification of an answer: whatever it says is right."""
    return PasskeyUse(passkey=passkey.id, challenge=challenge, counter=0, eligible=True, backed_up=True)


@entry("a known passkey's secret, copied", "passkey-needed", off="accounts.rules.lacks",
       then="who copied what a browser holds is in")  # fmt: skip
async def test_a_copied_secret_alone_opens_nothing(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        await add_bound(phone, key)
        with play.lie():
            await by_passkey(thief, key)
        with play.honest():
            await by_passkey(thief, key, key.use(await challenge(thief)))
        with play.off(lacks=lacks):
            assert (await by_passkey(thief, key)).uid == phone.me.uid


@entry("a copied secret, with another passkey of the account", "passkey-refused",
       off="accounts.api.passkeys.beside: passkey-refused",
       then="a thief of the passphrase adds a passkey of theirs, and opens the copied secret with it")  # fmt: skip
async def test_another_passkey_does_not_stand_in_for_the_slots_own(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, theirs, thief = Passkey(), Passkey(), home("thief")
        await add_bound(phone, key)
        await add(phone, theirs)
        with play.lie():
            await by_passkey(thief, key, theirs.use(await challenge(thief)))
        with play.honest():
            await by_passkey(thief, key, key.use(await challenge(thief)))
        with play.off():
            await by_passkey(thief, key, theirs.use(await challenge(thief)))


@entry("a passkey's answer given twice", "passkey-challenge",
       off="accounts.service.passkeys.use_passkey: passkey-challenge",
       then="an answer that was copied once opens for ever")  # fmt: skip
async def test_an_answer_serves_once(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        await add_bound(phone, key)
        answer = key.use(await challenge(thief))
        with play.honest():
            await by_passkey(thief, key, answer)
        with play.lie():
            await by_passkey(thief, key, answer)
        with play.off():
            await by_passkey(thief, key, answer)


@entry("a passkey's answer for another device", "passkey-challenge",
       off="accounts.service.passkeys.use_passkey: passkey-challenge",
       then="an answer that one device got opens the way in on another")  # fmt: skip
async def test_an_answer_is_of_one_session(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        shown = await add_bound(phone, key)
        assert shown.slot is not None
        await thief.log_in(phone.me.handle, PASS)
        with play.lie():
            await slot_now(thief, shown.slot, key, key.use(await challenge(phone, slot_now=True)))
        with play.honest():
            await slot_now(thief, shown.slot, key, key.use(await challenge(thief, slot_now=True)))
        with play.off():
            await slot_now(thief, shown.slot, key, key.use(await challenge(phone, slot_now=True)))


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(Lie(origin="https://mindhaven.example"), marks=entry(
            "a passkey's answer to another site", "passkey-refused", off="accounts.passkeys._asserted",
            then="a page that looks like the app signs its visitors in here"), id="origin"),
        pytest.param(Lie(rp_id="mindhaven.example"), marks=entry(
            "an answer of another site's passkey", "passkey-refused", off="accounts.passkeys._asserted",
            then="an answer that was made for another name counts"), id="rp-id"),
        pytest.param(Lie(verified=False), marks=entry(
            "a passkey used by who could not unlock it", "passkey-refused", off="accounts.passkeys._asserted",
            then="who took the key from a table needs neither finger nor PIN"), id="unverified"),
        pytest.param(Lie(signature=b"x" * 70), marks=entry(
            "an answer that no passkey signed", "passkey-refused", off="accounts.passkeys._asserted",
            then="a copied secret and an invented answer open the account"), id="unsigned"),
        pytest.param(Lie(cross_origin=True), marks=entry(
            "a passkey used in a frame of another site", "passkey-cross-origin",
            off="accounts.passkeys.challenge_of: passkey-cross-origin",
            then="a page around the app gets the person to use it unseen"), id="framed"),
    ],
)  # fmt: skip
async def test_what_an_answer_must_say(tmp_path: Path, moment: Time, play: Play, lie: Lie) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        await add_bound(phone, key)
        with play.lie():
            await by_passkey(thief, key, key.use(await challenge(thief), lie))
        with play.honest():
            await by_passkey(thief, key, key.use(await challenge(thief)))
        with play.off(_asserted=_asserted):
            await by_passkey(thief, key, key.use(await challenge(thief), lie))


@entry("a passkey tied to another's way in", "passkey-slot", off="accounts.rules.may_add_passkey: passkey-slot",
       then="the owner's passkey opens the account no more")  # fmt: skip
async def test_a_thief_of_the_passphrase_ties_nothing_to_another_way_in(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        slot = await add_slot(phone, key)
        await thief.log_in(phone.me.handle, PASS)
        with play.lie():
            await add(thief, Passkey(), slot=slot)
        with play.honest():
            await by_passkey(home("hers"), key)
        with play.off():
            await add(thief, Passkey(), slot=slot)
        with pytest.raises(Exception, match="asks for a passkey"):
            await by_passkey(home("hers again"), key)


@entry("a new passkey stated by who does not hold it", "passkey-refused",
       off="accounts.passkeys._asserted",
       then="a copied secret is tied to a key that nobody has, and its owner is asked for it ever after")  # fmt: skip
async def test_what_is_introduced_must_have_been_used(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await phone.access.open_way(passphrase=PASS)
        made, unsigned = MadeBefore(), Lie(signature=b"x" * 70)
        with play.lie():
            await introduce(phone, Passkey(), unsigned, made=made)
        with play.honest():
            await introduce(phone, Passkey(), made=made)
        with play.off(_asserted=_asserted):
            await introduce(phone, Passkey(), unsigned, made=made)


@entry("the owner's passkey removed from the server", "passkey-unlocks",
       off="accounts.rules.may_remove_passkey: passkey-unlocks",
       then="her browser hears that it is gone, and may delete the secret of a way in")  # fmt: skip
async def test_a_thief_of_the_passphrase_removes_no_passkey_that_opens(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(), home("thief")
        shown = await add_bound(phone, key)
        await thief.log_in(phone.me.handle, PASS)
        path = f"/v1/passkeys/{to_text(shown.id)}"
        with play.lie():
            await thief.transport.call("DELETE", path)
        with play.honest():  # her own removal is a change of ways in: at once with two of them
            assert [one.credential for one in (await listed(phone)).passkeys] == [key.id]
        with play.off():
            await thief.transport.call("DELETE", path)
        assert (await listed(phone)).passkeys == []


@entry("a passkey's secret sent to the server", "prf-secret-sent",
       off=("accounts.passkeys.no_secrets: prf-secret-sent", "accounts.passkeys.no_secrets: shape"),
       then="a careless app gives the server what opens the account, and nobody notices")  # fmt: skip
async def test_a_secret_that_is_sent_is_refused_by_name(tmp_path: Path, moment: Time, play: Play) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await phone.access.open_way(passphrase=PASS)
        secret = {"prf": {"results": {"first": "AAAA"}}}
        with play.lie():
            await add(phone, Passkey(), extension_results=secret)
        with play.honest():
            await add(phone, Passkey(), extension_results={"credProps": {"rk": True}})
        with play.off():
            await add(phone, Passkey(), extension_results=secret)


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("counter-back", marks=entry(
            "a copied passkey that counts by itself", "counter-back", off="accounts.rules.noticed",
            then="nobody hears that there are two of it")),
        pytest.param("eligibility-changed", marks=entry(
            "a passkey that turns into another kind", "eligibility-changed", off="accounts.rules.noticed",
            then="nobody hears that it may be another one")),
    ],
)  # fmt: skip
async def test_a_copy_is_told_and_nobody_is_refused(tmp_path: Path, moment: Time, play: Play, what: str) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key, thief = Passkey(counting=True), home("thief")
        await add_bound(phone, key)
        lie = Lie(counter=1) if what == "counter-back" else Lie(eligible=False, backed_up=False)
        with play.honest():
            await by_passkey(thief, key, key.use(await challenge(thief)))
            assert (await listed(phone)).passkeys[0].alerts == []
        with play.off(noticed=noticed):
            await by_passkey(thief, key, key.use(await challenge(thief), lie))
            assert (await listed(phone)).passkeys[0].alerts == []
        for _ in range(2):
            await by_passkey(thief, key, key.use(await challenge(thief), lie))
        (alert,) = (await listed(phone)).passkeys[0].alerts
        play.named(alert.what)
        told = [act for act in (await phone.recent()).acts if act.what == "passkey-noticed"]
        assert len(told) == 1
