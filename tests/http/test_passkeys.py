"""Passkeys that the server knows, through HTTP: every operation and every refusal. spec/passkeys.md."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.simulators.authenticator import EDDSA, ES256, RS256, Lie, Passkey
from tests.simulators.keyed import (
    MadeBefore,
    add,
    add_slot,
    by_passkey,
    by_passphrase,
    challenge,
    introduce,
    keyed,
    listed,
    opened,
    refused,
    slot_now,
    start,
)
from tests.simulators.world import PASS, SPARE, Time, world

from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire import passkeys as wire
from mindhaven.wire.accounts import Assertion

# -- adding


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
async def test_a_passkey_is_added_shown_used_and_removed(tmp_path: Path, moment: Time, alg: int) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        key = Passkey(alg)
        shown = await add(phone, key, second_factor=True)
        assert shown == (await listed(phone)).passkeys[0]
        hour = moment.now // 3600 * 3600
        assert shown == wire.PasskeyShown(
            id=shown.id, credential=key.id, name=b"sealed", created_at=hour, used_at=None, eligible=True,
            backed_up=True, transports=["internal", "hybrid"], slot=None, second_factor=True, alerts=[],
        )  # fmt: skip
        other = home("other")
        given = await by_passphrase(other, phone.me.handle, key.use(await challenge(other)))
        assert given.uid == phone.me.uid
        assert (await listed(phone)).passkeys[0].used_at == hour
        await phone.remove_passkey(shown.id, PASS)
        assert await phone.passkeys() == []
        await by_passphrase(other, phone.me.handle)
        acts = [act.what for act in (await phone.recent()).acts if act.about == shown.id]
        assert sorted(acts) == ["passkey-added", "passkey-removed"]


async def test_an_account_has_one_user_handle_and_excludes_what_it_has(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        assert (await listed(phone)).user_handle is None
        await opened(phone)
        first = await start(phone)
        assert (first.rp_id, first.algorithms, first.exclude) == ("mindhaven.test", [-8, -7, -257], [])
        assert first.expires_at == moment.now + 300
        key = Passkey()
        await add(phone, key)
        second = await start(phone)
        assert second.user_handle == first.user_handle == (await listed(phone)).user_handle
        assert second.user_handle not in {phone.me.uid, bytes(32)}
        assert second.challenge != first.challenge
        assert second.exclude == [key.id]


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (Lie(origin="https://mindhaven.example"), "passkey-refused"),
        (Lie(rp_id="example"), "passkey-refused"),
        (Lie(verified=False), "passkey-refused"),
        (Lie(present=False), "passkey-refused"),
        (Lie(eligible=False, backed_up=True), "passkey-refused"),
        (Lie(type="webauthn.get"), "passkey-refused"),
        (Lie(challenge=b"c" * 32), "passkey-challenge"),
        (Lie(challenge=b"c" * 31), "passkey-refused"),
        (Lie(cross_origin=True), "passkey-cross-origin"),
        (Lie(top_origin="https://mindhaven.test"), "passkey-cross-origin"),
        (Lie(attested=b"another"), "passkey-refused"),
        (Lie(client_data=b"[" * 4000), "passkey-refused"),
        (Lie(client_data=b'{"type":"webauthn.create"}'), "passkey-refused"),
        (Lie(client_data=b"\xff"), "passkey-refused"),
        (Lie(attestation=b"\x81" * 4000), "passkey-refused"),
        (Lie(attestation=b"\xa0"), "passkey-refused"),
        (Lie(fmt="packed", signature=b"x" * 70), "passkey-refused"),
        (Lie(fmt="packed", statement={"x5c": [b"certificate"]}), "passkey-refused"),
        (Lie(fmt="tpm"), "passkey-refused"),
        (Lie(fmt="none", statement={"alg": -7}), "passkey-refused"),
        (Lie(client_data=b"x" * 4097), "body-shape"),
        (Lie(attestation=b"x" * 8193), "body-shape"),
        (Lie(credential=b"x" * 1024), "body-shape"),
    ],
)
async def test_what_is_no_new_passkey_is_refused(tmp_path: Path, moment: Time, lie: Lie, reason: str) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        assert await refused(add(phone, Passkey(), lie)) == reason
        assert (await listed(phone)).passkeys == []


async def test_a_signature_of_its_own_is_as_good_as_none(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        await add(phone, Passkey(), Lie(fmt="packed"))


class Odd(Passkey):
    """A credential whose public key is not what its algorithm promises."""

    def __init__(self, cose: dict[int, Any]) -> None:
        super().__init__()
        self._odd = cose

    def cose(self) -> dict[int, Any]:
        return self._odd


@pytest.mark.parametrize(
    "cose",
    [
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},  # no point of the curve
        {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},  # RSA of 1024 bits
        {1: 2, 3: -8, -1: 6, -2: b"x" * 32},
        {1: 2, 3: -35, -1: 2, -2: b"x" * 48, -3: b"y" * 48},  # an algorithm that was not asked for
        {},
    ],
)
async def test_a_key_that_could_never_answer_is_refused(tmp_path: Path, moment: Time, cose: dict[int, Any]) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        assert await refused(add(phone, Odd(cose))) == "passkey-refused"


async def test_a_challenge_serves_once_within_its_time_on_its_session(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)

        async def post(body: dict[str, Any], me: AsyncMindhaven = phone) -> None:
            await me.transport.call("POST", "/v1/passkeys", wire.PasskeyShown, body=wire.PasskeyAdd(**body))

        started = await start(phone)
        await post(Passkey().make(started))
        assert await refused(post(Passkey().make(started))) == "passkey-challenge"
        started = await start(phone)
        moment.now += 301
        assert await refused(post(Passkey().make(started))) == "passkey-challenge"
        started = await start(phone)
        assert await refused(post(Passkey().make(started, Lie(verified=False)))) == "passkey-refused"
        assert await refused(post(Passkey().make(started))) == "passkey-challenge"  # it was used up by the refusal
        started = await start(phone)
        other = home("other")
        await other.log_in(phone.me.handle, PASS)
        assert await refused(post(Passkey().make(started), other)) == "passkey-challenge"
        for asked in (await challenge(other), await challenge(other, slot_now=True)):
            made = wire.PasskeyStarted(challenge=asked.challenge, rp_id=asked.rp_id, user_handle=bytes(32), exclude=[],
                                       algorithms=[], expires_at=0)  # fmt: skip
            assert await refused(post(Passkey().make(made), other)) == "passkey-challenge"


async def test_nobody_has_a_passkey_twice_or_too_many(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindhaven.accounts.rules.MAX_PASSKEYS", 2)
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        key = Passkey()
        await add(phone, key)
        assert await refused(add(phone, key)) == "passkey-exists"
        ben = home("ben")
        await ben.sign_up(PASS, word="ben")
        await opened(ben)
        assert await refused(add(ben, key)) == "passkey-exists"
        await add(phone, Passkey())
        assert await refused(add(phone, Passkey())) == "passkeys-full"


async def test_a_passkey_is_tied_only_to_a_slot_that_was_opened(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        key = Passkey()
        slot = await add_slot(phone, key)
        assert await refused(add(phone, key, slot=slot)) == "passkey-slot"
        _, _, ways = await phone.access.shown(phone.me.uid)
        for one in ways.slots:
            if one.id != slot:
                assert await refused(add(phone, key, slot=one.id)) == "passkey-slot"
        assert await refused(add(phone, key, slot=os.urandom(16))) == "passkey-slot"
        await slot_now(phone, slot, key)
        assert (await add(phone, key, slot=slot)).slot == slot
        assert await refused(add(phone, Passkey(), slot=slot)) == "passkey-slot-taken"


async def test_the_secret_and_unknown_fields_are_refused(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        secret = {"prf": {"enabled": True, "results": {"first": "AAAA"}}}
        assert await refused(add(phone, Passkey(), extension_results=secret)) == "prf-secret-sent"
        assert await refused(add(phone, Passkey(), extension_results={"prf": {"enabled": True}})) == "shape"
        await add(phone, Passkey(), extension_results={"credProps": {"rk": True}})
        key = Passkey()
        await add(phone, key, second_factor=True)
        used = key.use(await challenge(phone))
        used.extension_results = secret
        assert await refused(by_passphrase(phone, phone.me.handle, used)) == "prf-secret-sent"
        slot = await add_slot(phone, key)
        assert await refused(slot_now(phone, slot, key, used)) == "prf-secret-sent"
        body = msgspec.to_builtins(wire.PasskeyAdd(**Passkey().make(await start(phone)))) | {"prf": "AAAA"}
        answer = await phone.transport._http.request(
            "POST", "https://mindhaven.test/v1/passkeys", json=body,
            headers={"authorization": f"Bearer {phone.transport._token}"},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (400, "body-shape")


# -- a passkey older than its account


async def test_a_passkey_that_was_made_before_is_introduced_by_being_used(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        key = Passkey(counting=True)
        slot = await add_slot(phone, key)
        await slot_now(phone, slot, key)
        shown = await introduce(phone, key, slot=slot)
        assert (shown.credential, shown.slot, shown.alerts) == (key.id, slot, [])
        assert (await listed(phone)).user_handle == key.user_handle
        assert await refused(by_passkey(home("thief"), key)) == "passkey-needed"
        other = home("other")
        assert (await by_passkey(other, key, key.use(await challenge(other)))).uid == phone.me.uid
        assert (await listed(phone)).passkeys[0].alerts == []


async def test_an_account_keeps_the_user_handle_that_it_has(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        await add(phone, Passkey())
        before = (await listed(phone)).user_handle
        assert await refused(introduce(phone, Passkey())) == "passkey-refused"
        assert (await listed(phone)).user_handle == before
        assert len((await listed(phone)).passkeys) == 1


async def test_an_introduction_that_was_given_up_leaves_no_handle_behind(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        mine = MadeBefore()
        assert (await start(phone, mine.user_handle)).user_handle == mine.user_handle
        assert (await listed(phone)).user_handle is None
        # Another one that is made now gets another handle: under the same one it would replace the first.
        assert (await start(phone)).user_handle != mine.user_handle
        # Nothing bears that handle yet, so the first can still be introduced.
        key = Passkey()
        await introduce(phone, key, made=mine)
        assert (await listed(phone)).user_handle == mine.user_handle


async def test_a_refused_introduction_leaves_no_handle_behind_either(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, home, phone):
        await opened(phone)
        key = Passkey()
        await add(phone, key)
        ben = home("ben")
        await ben.sign_up(PASS, word="ben")
        await opened(ben)
        assert await refused(introduce(ben, key)) == "passkey-exists"
        assert (await listed(ben)).user_handle is None


async def test_an_introduction_is_one_use_of_the_new_passkey_itself(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        key, other, made = Passkey(), Passkey(), MadeBefore()
        fields = key.make(made)
        started = await start(phone, key.user_handle)
        assert started.user_handle == key.user_handle
        other.user_handle = key.user_handle

        async def give(used: Assertion | None, **more: Any) -> None:
            body = wire.PasskeyAdd(**fields, assertion=used, **more)
            await phone.transport.call("POST", "/v1/passkeys", wire.PasskeyShown, body=body)

        assert await refused(give(other.use(started))) == "passkey-refused"
        # What was refused used the challenge up, so each try begins anew.
        started = await start(phone)
        named = msgspec.structs.replace(other.use(started), credential=key.id)
        assert await refused(give(named)) == "passkey-refused"
        assert await refused(give(key.use(await challenge(phone)))) == "passkey-challenge"
        assert await refused(give(key.use(await challenge(phone, slot_now=True)))) == "passkey-challenge"
        assert await refused(give(None)) == "passkey-challenge"
        used = key.use(await start(phone))
        await give(used)
        assert await refused(give(used)) == "passkey-challenge"


async def test_the_secret_is_refused_in_an_introduction_too(tmp_path: Path, moment: Time) -> None:
    async with keyed(tmp_path, moment) as (_, _home, phone):
        await opened(phone)
        key = Passkey()
        fields = key.make(MadeBefore())
        used = key.use(await start(phone, key.user_handle))
        used.extension_results = {"prf": {"results": {"first": "AAAA"}}}
        body = wire.PasskeyAdd(**fields, assertion=used)
        call = phone.transport.call("POST", "/v1/passkeys", wire.PasskeyShown, body=body)
        assert await refused(call) == "prf-secret-sent"


# -- where there is no name


async def test_without_a_set_origin_only_localhost_is_a_name(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        phone = home("phone")
        await phone.sign_up(PASS, word="ana", recovery_key=SPARE)
        await opened(phone)
        assert await refused(start(phone)) == "passkeys-need-name"
        assert await refused(challenge(phone)) == "passkeys-need-name"
        assert await refused(challenge(phone, slot_now=True)) == "passkeys-need-name"
        assert await listed(phone) == wire.Passkeys(rp_id=None, user_handle=None, passkeys=[])
