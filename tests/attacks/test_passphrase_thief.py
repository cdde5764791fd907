"""A thief of the passphrase, through the real SDK and server. docs/attacks/passphrase-thief.md, docs/adr/0006."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.kept import kept
from tests.simulators.world import DAY, PASS, SPARE, Homes, Time, mood

from mindhaven.accounts.jobs import enter_due
from mindhaven.accounts.rules import Now
from mindhaven.crypto import totp
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Lease
from mindhaven.protocol import recovery
from mindhaven.protocol.slots import Bundle, open_bundle
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.ways import New, NewSlot, make_slots, prepare_change
from mindhaven.server.build import Server
from mindhaven.server.keeping import offers
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text

THEIRS = "what the thief would like it to be"
NEW = "five fresh words of my own"


def text(key: SlotSecret) -> str:
    return "".join(recovery.rows(key))


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(entry.record.body["note"]) for entry in client.entries() if entry.record)


async def _begin(_: Server, home: Homes) -> None:
    ana = home("ana")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    ana.add(mood("mine"))
    await ana.sync()


@asynccontextmanager
async def robbed(
    tmp: Path, moment: Time
) -> AsyncIterator[tuple[Server, Homes, AsyncMindhaven, SlotSecret, AsyncMindhaven]]:
    """Give Ana with one entry, a month later, her recovery key, and somebody who signed in with her passphrase."""
    async with kept("robbed", tmp, moment, _begin) as (server, home, _, _):
        ana = home("ana")
        moment.now += 30 * DAY
        thief = home("thief")
        await thief.log_in(ana.me.handle, PASS)
        await thief.sync()
        yield server, home, ana, SPARE, thief


async def pass_time(server: Server, moment: Time, seconds: int) -> None:
    moment.now += seconds
    await enter_due(server.host, Lease(name="x", holder=b"", fence=1))


def spoils(client: AsyncMindhaven, *, bundle: bool = False, wraps: bool = False) -> None:
    """Make every change of keys by this client carry garbage where the server can't look."""
    real = client.transport.call

    async def swap(method: str, path: str, *rest: Any, **more: Any) -> Any:
        if path == "/v1/account/keys":
            keys = more["body"].keys
            if bundle:
                keys.bundle = bytes(len(keys.bundle))
            for entry in keys.entries if wraps else []:
                if entry.lookup is not None:
                    entry.ciphertext = bytes(48)
        return await real(method, path, *rest, **more)

    client.transport.call = swap  # type: ignore[method-assign]


async def take_the_passphrase(thief: AsyncMindhaven) -> None:
    """Replace the opened way in itself, which is allowed at once."""
    opened, root = await thief.access.open_way(passphrase=PASS)
    _, _, listed = await thief.access.shown(thief.me.uid)
    salt = listed.get(opened.id).passphrase_params().server_salt
    slot = NewSlot.passphrase(THEIRS, handle=thief.me.handle, server_salt=salt)
    assert (await thief.access.change(root, replace=(opened.id, slot), new=New.KEYS)).applied


async def test_wraps_for_the_other_ways_in_cannot_be_spoiled_at_once(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (server, home, ana, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        spoils(thief, wraps=True)
        with pytest.raises(MindhavenError) as refused:
            await thief.access.change(root, new=New.KEYS)
        assert refused.value.reason == "slot-altered"
        changed = await thief.access.change(root, new=New.ROOT)
        assert not changed.applied
        assert changed.due_at == moment.now + DAY
        # It shows on her device for that day; she cancels it, and her recovery key opens as before.
        await ana.log_in(ana.me.handle, PASS)
        (waiting,) = await ana.pending()
        await ana.cancel_pending(waiting.id)
        await pass_time(server, moment, 2 * DAY)
        again = home("again")
        await again.recover(text(spare))
        await again.sync()
        assert notes(again) == ["mine"]


async def test_without_the_wait_the_owner_would_be_locked_out(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the named check switched off: so the test above proves something."""
    monkeypatch.setattr("mindhaven.accounts.rules.may_change", lambda *_, **__: Now())
    async with robbed(tmp_path, moment) as (_, home, _, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        spoils(thief, wraps=True)
        assert (await thief.access.change(root, new=New.ROOT)).applied
        with pytest.raises(MindhavenError) as locked_out:
            await home("again").recover(text(spare))
        assert locked_out.value.reason == "wrap-does-not-open"


def may_change(change: Any, **_: Any) -> Any:
    """Stands in for the waits and ages of ways in: every change may enter at once."""
    return Now()


@entry("passphrase thief who tries to remove other slots", "slot-too-new", off="accounts.rules.may_change",
       then="the recovery key opens nothing any more")  # fmt: skip
async def test_who_took_the_passphrase_removes_no_older_way_in(tmp_path: Path, moment: Time, play: Play) -> None:
    async def remove(client: AsyncMindhaven, passphrase: str) -> bool:
        opened, root = await client.access.open_way(passphrase=passphrase)
        return (await client.access.change(root, keep=[opened.id], new=New.ROOT)).applied

    async with robbed(tmp_path / "lie", moment) as (_, home, ana, spare, thief):
        await take_the_passphrase(thief)
        with play.lie():
            await remove(thief, THEIRS)
        back = home("back")
        await back.recover(text(spare))
        await back.sync()
        assert notes(back) == ["mine"]
    async with robbed(tmp_path / "off", moment) as (_, home, ana, spare, thief):
        await take_the_passphrase(thief)
        with play.off(may_change=may_change):
            assert await remove(thief, THEIRS)
        with pytest.raises(MindhavenError) as locked_out:
            await home("back").recover(text(spare))
        assert locked_out.value.reason == "login-refused"
    async with robbed(tmp_path / "honest", moment) as (_, home, ana, spare, _):
        with play.honest():  # both ways in together decide at once
            await ana.log_in(ana.me.handle, PASS)
            await ana.access.open_way(recovery_key=spare)
            assert await remove(ana, PASS)


def may_bring(change: Any, **_: Any) -> Any:
    """Stands in for the wait of what is brought back to a restored server."""
    return Now()


async def bring(client: AsyncMindhaven, passphrase: str, moment: Time, *, takes_over: bool) -> bool:
    """Offer a next statement as if a restore had lost it: new keys, or a new root for a way in of one's own alone."""
    _, root = await client.access.open_way(passphrase=passphrase)
    shown, state, listed = await client.access.shown(client.me.uid)
    made, slots = {}, list(listed.slots)
    if takes_over:
        made = make_slots([NewSlot.passphrase(THEIRS, handle=client.me.handle, server_salt=bytes(16))])
        slots = list(made)
    change = prepare_change(state, shown, root, client.me.bundle, slots=slots, made=made,
                            new=New.ROOT if takes_over else New.KEYS)  # fmt: skip
    body = wire.offer_body(client.transport.origin, client.me.uid, change.keys, moment.now)
    asked = wire.AccountOffer(
        earlier=shown.statements,
        keys=change.keys,
        time=moment.now,
        signatures=change.bundle.newest().signer.sign("account-offer", body),
    )
    path = f"/v1/accounts/{to_text(client.me.uid)}/offers"
    brought = await client.transport.call("POST", path, wire.AccountBrought, body=asked, open_=True)
    return bool(brought.changed)


@entry("passphrase thief who brings keys of their own to a restored server", "-", off="accounts.rules.may_bring",
       then="the thief owns the account at once, and the recovery key opens nothing any more")  # fmt: skip
async def test_who_took_the_passphrase_brings_no_keys_of_their_own(tmp_path: Path, moment: Time, play: Play) -> None:
    async with robbed(tmp_path / "lie", moment) as (server, home, ana, spare, thief):
        await offers(server, 30)
        with play.harmless():
            assert not await bring(thief, PASS, moment, takes_over=True)
            back = home("back")
            await back.recover(text(spare))
            assert "waiting" in {act.what for act in (await back.recent()).acts}
            (waits,) = await back.pending()
            assert waits.due_at == moment.now + DAY
            await back.cancel_pending(waits.id)
            await pass_time(server, moment, 2 * DAY)
            again = home("again")
            await again.recover(text(spare))
            await again.sync()
            assert notes(again) == ["mine"]
    async with robbed(tmp_path / "off", moment) as (server, home, ana, spare, thief):
        await offers(server, 30)
        with play.off(may_bring=may_bring):
            assert await bring(thief, PASS, moment, takes_over=True)
        with pytest.raises(MindhavenError) as locked_out:
            await home("back").recover(text(spare))
        assert locked_out.value.reason == "login-refused"
    async with robbed(tmp_path / "honest", moment) as (server, home, ana, spare, _):
        await offers(server, 30)
        with play.honest():  # keys alone are taken at once
            await ana.log_in(ana.me.handle, PASS)
            assert await bring(ana, PASS, moment, takes_over=False)
            await home("back").recover(text(spare))


async def test_no_offer_voids_what_a_way_in_asked_for_since_the_restore(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (server, home, ana, spare, thief):
        await offers(server, 30)
        await take_the_passphrase(thief)
        await thief.log_in(ana.me.handle, THEIRS)
        moment.now += 60
        back = home("back")
        await back.recover(text(spare))
        _, root = await back.access.open_way(recovery_key=spare)
        asked = await back.access.change(root, new=New.ROOT)
        moment.now += 60
        assert not await bring(thief, THEIRS, moment, takes_over=False)
        assert not await bring(thief, THEIRS, moment, takes_over=True)
        assert next(one.id for one in await back.pending()) == asked.pending
        await pass_time(server, moment, DAY)
        await back.recover(text(spare))
        assert await back.pending() == []


@pytest.mark.shows("one-way-in-changes-itself")
async def test_who_replaced_the_passphrase_loses_to_the_recovery_key(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (server, home, ana, spare, thief):
        await take_the_passphrase(thief)
        moment.now += 3600
        # Her passphrase opens nothing now. Her recovery key does, and asks for a passphrase of her own.
        back = home("back")
        with pytest.raises(MindhavenError, match="not right"):
            await back.log_in(ana.me.handle, PASS)
        await back.recover(text(spare))
        await back.sync()
        assert notes(back) == ["mine"]
        _, root = await back.access.open_way(recovery_key=spare)
        _, _, listed = await back.access.shown(back.me.uid)
        there = next(slot for slot in listed.slots if slot.kind == 1)
        salt = there.passphrase_params().server_salt
        mine = NewSlot.passphrase(NEW, handle=ana.me.handle, server_salt=salt)
        changed = await back.access.change(root, replace=(there.id, mine), new=New.ROOT)
        assert changed.due_at == moment.now + DAY
        # The thief can neither cancel that, nor overtake it, nor sign in again to do so.
        await thief.log_in(ana.me.handle, THEIRS)
        (waiting,) = await thief.pending()
        with pytest.raises(MindhavenError) as refused:
            await thief.cancel_pending(waiting.id)
        assert refused.value.reason == "cancel-too-new"
        _, root = await thief.access.open_way(passphrase=THEIRS)
        for new in (New.NOTHING, New.KEYS, New.ROOT):
            with pytest.raises(MindhavenError) as refused:
                await thief.access.change(root, new=new)
            assert refused.value.reason == "change-waits"
        await pass_time(server, moment, DAY + 1)
        # It counts: her passphrase opens, and what is kept on her device goes on; the thief is out.
        await back.log_in(ana.me.handle, NEW)
        await back.sync()
        back.add(mood("safe again"))
        await back.sync()
        fresh = home("fresh")
        await fresh.log_in(ana.me.handle, NEW)
        await fresh.sync()
        assert notes(fresh) == ["mine", "safe again"]
        with pytest.raises(MindhavenError):
            await thief.sync()
        with pytest.raises(MindhavenError, match="not right"):
            await home("thief again").log_in(ana.me.handle, THEIRS)


async def test_if_the_taker_could_cancel_the_recovery_key_would_never_win(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindhaven.accounts.rules.may_cancel", lambda *_, **__: None)
    async with robbed(tmp_path, moment) as (_, home, ana, spare, thief):
        await take_the_passphrase(thief)
        back = home("back")
        await back.recover(text(spare))
        _, root = await back.access.open_way(recovery_key=spare)
        await back.access.change(root, new=New.ROOT)
        await thief.log_in(ana.me.handle, THEIRS)
        (waiting,) = await thief.pending()
        await thief.cancel_pending(waiting.id)
        assert await back.pending() == []


async def test_keys_that_were_spoiled_are_mended_from_before(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, home, ana, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        spoils(thief, bundle=True)
        for _ in range(3):
            assert (await thief.access.change(root, new=New.KEYS)).applied
        back = home("back")
        with pytest.raises(MindhavenError) as named:
            await back.recover(text(spare))
        assert named.value.reason == "bundle-spoiled"
        assert named.value.hint is not None
        assert "--mend" in named.value.hint
        assert back.access.me is None  # nothing changed by looking
        await back.recover(text(spare), mend=True)
        await back.sync()
        assert notes(back) == ["mine"]
        back.add(mood("after"))
        await back.sync()
        # And from then on every device opens without mending.
        other = home("other")
        await other.log_in(ana.me.handle, PASS)
        await other.sync()
        assert notes(other) == ["after", "mine"]


async def test_older_keys_left_out_of_the_newest_bundle_come_from_before(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, home, ana, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        assert (await thief.access.change(root, new=New.KEYS)).applied
        thief.me.bundle = Bundle({2: thief.me.identity}, bytes(31) + b"x")
        assert (await thief.access.change(root, new=New.KEYS)).applied
        shown, state, _ = await thief.access.shown(ana.me.uid)
        assert sorted(open_bundle(root, state, shown.bundle).identities) == [2, 3]
        back = home("back")
        await back.recover(text(spare))
        await back.sync()
        assert notes(back) == ["mine"]
        assert back.me.bundle.index == ana.me.bundle.index


async def test_a_second_factor_by_the_thief_does_not_stop_the_recovery_key(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, home, ana, spare, thief):
        await thief.totp_on(PASS, lambda secret: totp.code(base64.b32decode(secret), moment.now // 30))
        with pytest.raises(MindhavenError) as asked:
            await home("by passphrase").log_in(ana.me.handle, PASS)
        assert asked.value.reason == "totp-needed"
        back = home("back")
        await back.recover(text(spare))
        await back.sync()
        assert notes(back) == ["mine"]


async def test_filling_every_place_keeps_nobody_out(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindhaven.wire.accounts.MAX_SESSIONS", 3)
    async with robbed(tmp_path, moment) as (_, home, ana, spare, _):
        for number in range(7):
            await home(f"thief {number}").log_in(ana.me.handle, PASS)
        back = home("back")
        await back.recover(text(spare))
        assert len(await back.devices()) == 3
        told = [act for act in (await back.recent()).acts if act.what == "device"]
        assert len(told) == 5  # of this hour; what else it was drowns nothing
        await back.access.open_way(recovery_key=spare)
        _, root = await back.access.open_way(passphrase=PASS)
        await back.access.change(root, new=New.ROOT)
        assert [one.here for one in await back.devices()] == [True]


async def test_sealed_keys_are_no_longer_than_they_can_be(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, _home, ana, _, _):
        await ana.log_in(ana.me.handle, PASS)
        _, root = await ana.access.open_way(passphrase=PASS)
        real = ana.transport.call

        async def swell(method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path == "/v1/account/keys":
                more["body"].keys.bundle += bytes(size)
            return await real(method, path, *rest, **more)

        ana.transport.call = swell  # type: ignore[method-assign]
        size = 200
        with pytest.raises(MindhavenError) as refused:
            await ana.access.change(root, new=New.KEYS)
        assert refused.value.reason == "bundle-size"


async def test_one_way_in_wears_no_chain_out_and_two_are_never_held_up(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, home, _, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        for _ in range(8):
            assert (await thief.access.change(root, new=New.KEYS)).applied
        with pytest.raises(MindhavenError) as slowed:
            await thief.access.change(root, new=New.KEYS)
        assert slowed.value.reason == "too-many-tries"
        back = home("back")
        await back.recover(text(spare))
        await back.access.open_way(recovery_key=spare)
        _, root = await back.access.open_way(passphrase=PASS)
        assert (await back.access.change(root, new=New.ROOT)).applied


async def test_erasing_the_account_takes_two_ways_in(tmp_path: Path, moment: Time) -> None:
    """Else who has one could erase it and sign the same account up again, with ways in of their own."""
    async with robbed(tmp_path, moment) as (_, home, ana, spare, thief):
        with pytest.raises(MindhavenError) as refused:
            await thief.delete_account(PASS)
        assert refused.value.reason == "two-ways-needed"
        back = home("back")
        await back.recover(text(spare))
        await back.sync()
        assert notes(back) == ["mine"]
        assert back.me.uid == ana.me.uid


async def test_each_way_in_has_its_own_measure_of_changes(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, home, _, spare, thief):
        _, root = await thief.access.open_way(passphrase=PASS)
        with pytest.raises(MindhavenError, match="Too many"):  # noqa: PT012 - how many it takes is not the point
            for _ in range(20):
                await thief.access.change(root, new=New.KEYS)
        back = home("back")
        await back.recover(text(spare))
        _, root = await back.access.open_way(recovery_key=spare)
        assert (await back.access.change(root, new=New.KEYS)).applied


async def test_one_account_is_guessed_at_one_pace_however_it_is_named(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (server, home, ana, _, _):
        seen = set()
        server.host.limits.wait = lambda name, who: seen.add((name, who)) or 0.0  # type: ignore[method-assign, func-returns-value]
        uid = ana.me.uid.hex()
        for name in (ana.me.handle, uid, uid.upper()):
            with pytest.raises(MindhavenError, match="not right"):
                await home(f"guess {name[:4]}{len(seen)}").log_in(name, "wrong words, all of them")
        tried = {who for name, who in seen if name == "sign-in"}
        assert len([who for who in tried if who.startswith(ana.me.uid)]) == 1
        assert len(tried) == 2  # another spelling of the uid is the name of nobody


async def test_a_token_alone_signs_no_other_device_out(tmp_path: Path, moment: Time) -> None:
    async with robbed(tmp_path, moment) as (_, _home, ana, _, thief):
        await ana.log_in(ana.me.handle, PASS)
        moment.now += 601  # nothing counts as opened now any more
        await thief.devices()
        with pytest.raises(MindhavenError) as refused:
            await thief.end_device(ana.me.session)
        assert refused.value.reason == "slot-now-needed"
        await thief.log_out()  # one's own always
