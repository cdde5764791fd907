"""Accounts over HTTP: waits, one-act changes, throttles, equal answers, sessions. The server's clock is the test's."""

import asyncio
import base64
import os
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.world import DAY, PASS, Time, mood, world

from mindhaven.accounts import Role, invite, suspend
from mindhaven.accounts.jobs import enter_due
from mindhaven.crypto import totp
from mindhaven.crypto.encoding import labelled_hash
from mindhaven.crypto.secrets import SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.errors import ConflictError, DeniedError, InvalidInputError, MindhavenError, UnavailableError
from mindhaven.kernel import Actor, Lease
from mindhaven.protocol import recovery
from mindhaven.protocol.account import authority
from mindhaven.protocol.login import LoginClaim
from mindhaven.protocol.slots import SlotKind, passkey_secret
from mindhaven.sdk.errors import SignedOutError
from mindhaven.sdk.ways import New, NewSlot


async def test_a_new_way_in_waits_a_day_and_any_device_cancels_it(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        laptop = home("laptop")
        await laptop.log_in(phone.me.handle, PASS)
        moment.now += 8 * DAY
        await phone.log_in(phone.me.handle, PASS)
        await laptop.log_in(phone.me.handle, PASS)
        _, root = await phone.access.open_way(passphrase=PASS)
        changed = await phone.access.change(root, add=[NewSlot.recovery_key(SlotSecret.fresh())], new=New.NOTHING)
        assert not changed.applied
        assert changed.due_at == moment.now + DAY
        # It shows on the other device, which cancels it; nothing entered the chain.
        (waiting,) = await laptop.pending()
        await laptop.cancel_pending(waiting.id)
        moment.now += DAY + 1
        await enter_due(server.host, Lease(name="x", holder=b"", fence=1))
        await laptop.log_in(phone.me.handle, PASS)
        assert await laptop.pending() == []
        assert len((await laptop.access.shown(laptop.me.uid))[2].slots) == 2


async def test_a_waiting_change_enters_the_chain_when_due(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        _, root = await phone.access.open_way(passphrase=PASS)
        new = SlotSecret.fresh()
        changed = await phone.access.change(root, add=[NewSlot.recovery_key(new)], new=New.NOTHING)
        assert changed.due_at == moment.now + DAY
        moment.now += DAY - 1
        await enter_due(server.host, Lease(name="x", holder=b"", fence=1))
        other = home("other")
        with pytest.raises(MindhavenError, match="not right"):
            await other.recover("".join(recovery.rows(new)))
        moment.now += 2
        await enter_due(server.host, Lease(name="x", holder=b"", fence=1))
        await other.recover("".join(recovery.rows(new)))
        assert other.me.uid == phone.me.uid


async def test_a_passkey_finds_its_account_and_opens_it_without_a_name(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        spare = await phone.sign_up(PASS, word="ana")
        phone.add(mood("written on the phone"))
        await phone.sync()
        secret = passkey_secret(os.urandom(32))
        await phone.access.open_way(recovery_key=spare)
        _, root = await phone.access.open_way(passphrase=PASS)
        assert (await phone.access.change(root, add=[NewSlot.passkey(secret)], new=New.NOTHING)).applied
        other = home("other")
        me = await other.access.recover(secret, kind=SlotKind.PASSKEY, device="")
        assert me.uid == phone.me.uid
        with pytest.raises(MindhavenError, match="not right"):  # the same bytes as a recovery key are another way in
            await home("third").access.recover(secret, device="")
        with pytest.raises(InvalidInputError) as refused:
            await other.access.recover(secret, kind=SlotKind.PASSPHRASE, device="")
        assert refused.value.reason == "slot-needs-name"


async def test_two_ways_in_change_at_once(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        spare = await phone.sign_up(PASS, word="ana")
        await phone.access.open_way(recovery_key=spare)
        _, root = await phone.access.open_way(passphrase=PASS)
        changed = await phone.access.change(root, add=[NewSlot.recovery_key(SlotSecret.fresh())], new=New.NOTHING)
        assert changed.applied


async def test_a_passphrase_thief_cannot_remove_the_older_recovery_key(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        spare = await phone.sign_up(PASS, word="ana")
        moment.now += 30 * DAY
        # The passphrase is changed, so it is new; whoever has it wants the recovery key gone.
        await phone.log_in(phone.me.handle, PASS)
        await phone.change_passphrase(PASS, "another five words for now")
        _, root = await phone.access.open_way(passphrase="another five words for now")
        listed = (await phone.access.shown(phone.me.uid))[2]
        keep = [slot.id for slot in listed.slots if slot.kind == 1]
        with pytest.raises(DeniedError) as refused:
            await phone.access.change(root, keep=keep, new=New.ROOT)
        assert refused.value.reason == "slot-too-new"
        # The recovery key, at any age, may remove the passphrase, after the wait.
        other = home("other")
        await other.recover("".join(recovery.rows(spare)))
        _, root = await other.access.open_way(recovery_key=spare)
        changed = await other.access.change(
            root, keep=[slot.id for slot in listed.slots if slot.kind == 2], new=New.ROOT
        )
        assert changed.due_at == moment.now + DAY


async def test_removing_keys_without_a_new_root_is_refused(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        spare = await phone.sign_up(PASS, word="ana")
        await phone.access.open_way(recovery_key=spare)
        _, root = await phone.access.open_way(passphrase=PASS)
        listed = (await phone.access.shown(phone.me.uid))[2]
        with pytest.raises(ConflictError) as refused:
            await phone.access.change(root, keep=[listed.slots[0].id], new=New.NOTHING)
        assert refused.value.reason == "root-kept"


async def test_a_passphrase_change_signs_every_other_device_out_and_loses_nothing(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = home("phone"), home("laptop")
        await phone.sign_up(PASS, word="ana")
        phone.add(mood("before"))
        await phone.sync()
        await laptop.log_in(phone.me.handle, PASS)
        await laptop.sync()
        laptop.add(mood("written meanwhile"))
        new = "another five words for now"
        await phone.change_passphrase(PASS, new)
        moment.now += 700
        with pytest.raises(SignedOutError):
            await laptop.sync()
        # Local reading and writing go on; the queue stays, and is signed with the new key.
        laptop.add(mood("while locked"))
        assert len(laptop.entries()) == 3
        await laptop.log_in(phone.me.handle, new)
        assert (await laptop.sync()).sent == 2
        await phone.access.log_in(handle=phone.me.handle, passphrase=new, device="phone")
        await phone.sync()
        notes = {entry.record.body["note"] for entry in phone.entries() if entry.record}
        assert notes == {"before", "written meanwhile", "while locked"}


async def test_a_change_that_loses_its_answer_can_be_repeated(tmp_path: Path, moment: Time) -> None:
    """Killed after the server took it: the same act again says that it is done; the vault opens."""
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        phone.add(mood("kept"))
        await phone.sync()
        _, root = await phone.access.open_way(passphrase=PASS)
        real = phone.transport.call

        async def cut(method: str, path: str, *rest: Any, **more: Any) -> Any:
            answer = await real(method, path, *rest, **more)
            if path == "/v1/account/keys":
                raise ConnectionError("cut after the server took it")
            return answer

        phone.transport.call = cut  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await phone.access.change(root, new=New.ROOT)
        phone.transport.call = real  # type: ignore[method-assign]
        # This device still has its old keys; opening the way in again brings the new ones.
        again = home("phone2")
        await again.log_in(phone.me.handle, PASS)
        await again.sync()
        assert [entry.record.body["note"] for entry in again.entries() if entry.record] == ["kept"]
        again.add(mood("after"))
        await again.sync()


async def test_ten_thousand_wrong_tries_do_not_lock_a_known_device_out(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        handle = phone.me.handle

        async def best_of_three() -> float:
            taken = []
            for _ in range(3):
                started = time.perf_counter()
                await phone.log_in(handle, PASS)
                taken.append(time.perf_counter() - started)
            return min(taken)

        unhindered = await best_of_three()
        still = time.monotonic()
        monkeypatch.setattr(server.host.limits, "_monotonic", lambda: still)  # no try comes back while this runs
        listed = (await phone.access.shown(phone.me.uid))[2]
        (passphrase,) = [slot.id for slot in listed.slots if slot.kind == 1]
        for _ in range(10_000):
            server.host.limits.wait("sign-in", phone.me.uid + passphrase)
        stranger = home("stranger")
        with pytest.raises(UnavailableError):
            await stranger.log_in(handle, "wrong words all of them")
        # What is asked is that nothing is locked, not how fast this machine stretches a passphrase.
        assert await best_of_three() < max(1.0, 3 * unhindered)


@pytest.mark.shows("no-trace-of-names")
async def test_known_and_unknown_names_get_the_same_shape(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        async with httpx.AsyncClient(
            transport=phone.transport._http._transport, base_url="https://mindhaven.test"
        ) as raw:
            sizes, keys, salts = set(), set(), {}
            for name in (phone.me.handle, "bea-123456", "bea-123456", "c" * 32):
                answer = await raw.post("/v1/login/start", json={"name": name})
                sizes.add((answer.status_code, len(answer.content), tuple(sorted(answer.headers))))
                keys.add(tuple(sorted(answer.json())))
                salts.setdefault(name, set()).add(answer.json()["server_salt"])
            assert len(sizes) == 1
            assert len(keys) == 1
            assert all(len(found) == 1 for found in salts.values())


async def test_a_session_ends_by_rest_and_by_age_and_never_blocks_local_work(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        for _ in range(46):
            moment.now += 1800
            await phone.devices()
        moment.now += 3601
        with pytest.raises(SignedOutError):
            await phone.devices()
        phone.add(mood("still writing"))
        assert len(phone.entries()) == 1
        await phone.log_in(phone.me.handle, PASS)
        for _ in range(48):
            moment.now += 1795
            await phone.devices()
        moment.now += 1795
        with pytest.raises(SignedOutError):
            await phone.devices()


async def test_a_stolen_token_is_dead_after_ten_minutes_and_opens_no_way_in(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        moment.now += 660
        await phone.devices()
        token = phone.transport._token
        thief = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=phone.transport._http._transport, base_url="https://mindhaven.test"
        ) as raw:
            assert (await raw.get("/v1/account", headers=thief)).status_code == 200
            refused = await raw.post("/v1/account/erasure", headers=thief)
            assert refused.status_code == 403
            assert refused.json()["code"] == "unlock-again"
            moment.now += 601
            assert (await raw.get("/v1/account", headers=thief)).status_code == 401


async def test_remote_sign_out_and_log_out(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone, laptop = home("phone"), home("laptop")
        await phone.sign_up(PASS, word="ana", device="phone")
        await laptop.log_in(phone.me.handle, PASS, device="laptop")
        listed = await phone.devices()
        assert {device.name for device in listed} == {"phone", "laptop"}
        lost = next(device for device in listed if device.name == "laptop")
        await phone.end_device(lost.id)
        with pytest.raises(SignedOutError):
            await laptop.devices()
        await phone.log_out()
        with pytest.raises(SignedOutError):
            await phone.devices()
        assert phone.entries() == []


async def test_a_second_factor_is_asked_for_and_a_code_works_once(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        secrets: list[bytes] = []

        def confirm(shown: str) -> str:
            secrets.append(base64.b32decode(shown + "=" * (-len(shown) % 8)))
            return totp.code(secrets[0], moment.now // 30)

        await phone.totp_on(PASS, confirm)
        other = home("other")
        with pytest.raises(SignedOutError) as asked:
            await other.log_in(phone.me.handle, PASS)
        assert asked.value.reason == "totp-needed"
        moment.now += 30
        code = totp.code(secrets[0], moment.now // 30)
        await other.log_in(phone.me.handle, PASS, code=code)
        with pytest.raises(SignedOutError) as refused:
            await home("third").log_in(phone.me.handle, PASS, code=code)
        assert refused.value.reason == "totp-refused"
        row = await server.host.db.look(lambda look: look.row("SELECT totp FROM accounts_account"))
        assert row is not None
        assert secrets[0] not in row[0]


async def test_the_operator_invites_an_officer_and_suspends_but_never_reads(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment, **{"accounts.signup": "invitation"}) as (server, home):
        with pytest.raises(DeniedError) as closed:
            await home("x").sign_up(PASS, word="ana")
        assert closed.value.reason == "signup-closed"
        code = "officer-code-1"
        digest = labelled_hash("account-invitation", code.encode())
        operator = Actor(kind="operator")
        await server.host.db.act(
            operator, lambda work: invite(work, code_hash=digest, role=Role.OFFICER, expires_at=work.now + 3600)
        )
        officer = home("officer")
        await officer.sign_up(PASS, word="off", invitation=code)
        assert officer.me.role == "officer"
        with pytest.raises(DeniedError):
            await home("again").sign_up(PASS, word="off", invitation=code)
        officer.add(mood("mine"))
        await officer.sync()
        await server.host.db.act(operator, lambda work: suspend(work, handle=officer.me.handle, suspended=True))
        with pytest.raises(MindhavenError):
            await officer.sync()
        with pytest.raises(MindhavenError):
            await officer.log_in(officer.me.handle, PASS)
        await server.host.db.act(operator, lambda work: suspend(work, handle=officer.me.handle, suspended=False))
        await officer.log_in(officer.me.handle, PASS)
        await officer.sync()
        assert len(officer.entries()) == 1


async def test_one_nonce_serves_one_log_in(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana")
        sent: list[Any] = []
        real = phone.transport.call

        async def keep(method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path == "/v1/login":
                sent.append((rest, more))
            return await real(method, path, *rest, **more)

        phone.transport.call = keep  # type: ignore[method-assign]
        await phone.log_in(phone.me.handle, PASS)
        rest, more = sent[0]
        with pytest.raises(SignedOutError):
            await real("POST", "/v1/login", *rest, **more)
        await asyncio.sleep(0)


async def test_a_copied_chain_and_slot_list_take_nobodys_place_elsewhere(tmp_path: Path, moment: Time) -> None:
    """The operator of one server knows an account's public chain and its slot list; another server wants its keys."""
    async with world(tmp_path / "one", moment) as (_, home), world(tmp_path / "two", moment) as (_, elsewhere):
        ana = home("ana")
        real = ana.transport.call
        sent: list[Any] = []

        async def keep(method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path == "/v1/signup":
                sent.append(more["body"])
            return await real(method, path, *rest, **more)

        ana.transport.call = keep  # type: ignore[method-assign]
        await ana.sign_up(PASS, word="ana")
        thief = elsewhere("thief")
        started = await thief.access.start_signup(handle=ana.me.handle)
        login = SessionSigner.fresh()
        claim = LoginClaim(thief.transport.origin, started.handle, "session", bytes(32), started.nonce, moment.now)
        (body,) = sent
        for entry in body.keys.entries:
            entry.login_key = login.public
        # Even who copied a device's keys, and so signs as the identity, has opened no way in.
        for signed in (bytes(64), ana.me.identity.signer.sign_fast("signup", claim.encode())[0]):
            forged = msgspec.structs.replace(
                body, nonce=started.nonce, claim=claim.encode(), signature=claim.sign(login), authority_signature=signed
            )
            with pytest.raises(MindhavenError) as refused:
                await thief.transport.call("POST", "/v1/signup", body=forged, open_=True)
            assert refused.value.reason == "signature-invalid"
        # With the authority's own signature it would have been taken: it is this check that stops it.
        _, root = await ana.access.open_way(passphrase=PASS)
        signed = authority(root).sign_fast("signup", claim.encode())[0]
        await thief.transport.call(
            "POST", "/v1/signup", body=msgspec.structs.replace(forged, authority_signature=signed), open_=True
        )
