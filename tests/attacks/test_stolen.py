"""Stolen things: an access token, a device's store, a guess at a recovery key. docs/attacks/thief.md."""

import base64
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators import world as whole
from tests.simulators.entry import Play, entry
from tests.simulators.leaks import leaks
from tests.simulators.logged import publish
from tests.simulators.scenes import Alone, alone, notes
from tests.simulators.world import PASS, SPARE, Time, mood

from mindhaven.cli import drafts
from mindhaven.crypto.secrets import SealKey, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.errors import MindhavenError
from mindhaven.kinds import Record
from mindhaven.protocol import recovery
from mindhaven.protocol.login import PURPOSE_RENEW, LoginClaim
from mindhaven.protocol.slots import SlotKeys, SlotKind
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.transport import failed
from mindhaven.server.slices import SLICES
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text
from mindhaven.wire.vault import Collections

HOST = "https://mindhaven.test"
ELSEWHERE = ("198.51.100.7", 4321)
"""Another network than the person's (RFC 5737)."""


class Thief:
    """Somebody elsewhere, with an access token and nothing else."""

    def __init__(self, ana: Alone, token: str) -> None:
        there: Any = ana.server.app
        transport = httpx.ASGITransport(app=there, client=ELSEWHERE)
        self._http = httpx.AsyncClient(transport=transport, base_url=HOST, headers={"authorization": f"Bearer {token}"})

    async def ask(self, method: str, path: str, body: Any = None) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"content-type": "application/json"} if content else {}
        answer = await self._http.request(method, path, content=content, headers=headers)
        if not answer.is_success:
            raise failed(answer.status_code, answer.content)
        return answer.content


async def robbed(ana: Alone, moment: Time) -> Thief:
    """Return a thief of the phone's newest token; it has been longer than ten minutes since a way in was opened."""
    moment.now += 660
    await ana.phone.devices()
    token = ana.phone.transport._token
    assert token is not None
    return Thief(ana, token)


@entry("stolen access token, ten minutes later", "token-over", off="accounts.api.asking.authenticate: token-over",
       then="the token works for ever")  # fmt: skip
async def test_a_stolen_token_is_dead_after_ten_minutes(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        thief = await robbed(ana, moment)
        with play.honest():  # what it can do while it lives: what the server sees, nothing that opens a record
            assert ana.handle.encode() in await thief.ask("GET", "/v1/account")
            assert b"first" not in await thief.ask("GET", f"/v1/collections/{to_text(ana.mood)}/commits?since=-1")
        moment.now += 599
        await thief.ask("GET", "/v1/account")
        moment.now += 2
        with play.lie():
            await thief.ask("GET", "/v1/account")
        with play.off():
            assert ana.handle.encode() in await thief.ask("GET", "/v1/account")


@entry("stolen access token renewed", "session-unknown", off="accounts.api.sessions.renew: session-unknown",
       then="the thief has a token of ten more minutes, and so on")  # fmt: skip
async def test_a_stolen_token_is_not_renewed_without_the_devices_key(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        thief = await robbed(ana, moment)
        session, own = ana.phone.me.session, SessionSigner.fresh()

        async def renew() -> wire.TokenGiven:
            asked = await thief.ask("POST", "/v1/sessions/nonce", wire.SessionNamed(session=session))
            nonce = msgspec.json.decode(asked, type=wire.NonceGiven).nonce
            claim = LoginClaim(HOST, ana.phone.me.uid.hex(), PURPOSE_RENEW, session, nonce, moment.now)
            body = wire.Renew(session=session, claim=claim.encode(), signature=claim.sign(own))
            return msgspec.json.decode(await thief.ask("POST", "/v1/sessions/renew", body), type=wire.TokenGiven)

        with play.lie():
            await renew()
        with play.honest():
            moment.now += 660
            await ana.phone.sync()  # its own key renews
        with play.off():
            given = await renew()
        assert ana.handle.encode() in await Thief(ana, given.token).ask("GET", "/v1/account")


def may(self: Any, who: str) -> bool:
    """Stands in for the question whether a way in was opened now: it always was."""
    return True


@entry("stolen access token used for a key, slot or export act", "unlock-again", off="accounts.model.SignedIn.may",
       then="the thief erases a collection")  # fmt: skip
async def test_a_stolen_token_does_nothing_that_asks_for_a_way_in(tmp_path: Path, moment: Time, play: Play) -> None:
    """Exports are made on the device from what it holds; the server gives none. Acts on keys need the root as well."""
    async with alone(tmp_path, moment) as ana:
        thief = await robbed(ana, moment)
        guarded = [one for slice_ in SLICES for one in slice_.operations if one.who == "slot-now"]
        assert {one.name for one in guarded} >= {"account_erase", "collection_erase", "account_keys", "totp_off"}
        for one in guarded:
            path = one.plain_path.replace("{collection}", to_text(ana.mood)).replace("{pairing}", to_text(ana.mood))
            with play.lie():
                await thief.ask(one.method, path)
        another = base64.urlsafe_b64encode(bytes(16)).decode().rstrip("=")
        with pytest.raises(MindhavenError) as refused:
            await thief.ask("DELETE", f"/v1/sessions/{another}")
        assert refused.value.reason == "slot-now-needed"
        await ana.phone.sync()
        assert notes(ana.phone) == ["first", "second", "third"]
        with play.off(may=may):
            await thief.ask("DELETE", f"/v1/collections/{to_text(ana.mood)}")
        gone = {one.id for one in await ana.phone.vault.listed()}
        assert ana.mood not in gone
    async with alone(tmp_path / "honest", moment) as ana:
        with play.honest():
            await ana.phone.access.open_way(passphrase=PASS)
            await ana.phone.transport.call("DELETE", f"/v1/collections/{to_text(ana.mood)}")


@entry("stolen access token when its owner opens a way in", "token-over",
       off="accounts.service.entry.open_slot_now: give_token",
       then="the thief waits for that, and erases a collection")  # fmt: skip
async def test_a_stolen_token_gains_nothing_when_its_owner_opens_a_way_in(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path, moment) as ana:
        erase = f"/v1/collections/{to_text(ana.mood)}"
        thief = await robbed(ana, moment)
        with play.honest():
            await ana.phone.access.open_way(passphrase=PASS)
            await ana.phone.devices()
        with play.lie():
            await thief.ask("DELETE", erase)
        thief = await robbed(ana, moment)
        with play.off():
            await ana.phone.access.open_way(passphrase=PASS)
            await thief.ask("DELETE", erase)
        listed = msgspec.json.decode(await thief.ask("GET", "/v1/collections"), type=Collections)
        assert ana.mood not in {one.id for one in listed.collections}


async def test_an_opened_way_in_whose_answer_was_lost_is_opened_again(tmp_path: Path, moment: Time) -> None:
    async with alone(tmp_path, moment) as ana:
        await robbed(ana, moment)
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.url.path == "/v1/slot-now" and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return None

        ana.wire.change = lose
        with pytest.raises(MindhavenError):
            await ana.phone.access.open_way(passphrase=PASS)
        await ana.phone.sync()
        await ana.phone.access.open_way(passphrase=PASS)
        await ana.phone.transport.call("DELETE", f"/v1/collections/{to_text(ana.mood)}")


# -- a guess at the recovery key


def wait(self: Any, name: str, who: bytes) -> float:
    """Stands in for the measure: there is always room for one more try."""
    return 0.0


@entry("a guessed recovery key under throttle", "too-many-tries", off="kernel.limits.Limits.wait",
       then="guesses go on without end; each is still one in 2^256")  # fmt: skip
async def test_guesses_at_a_recovery_key_are_few_and_stop_nobody_else(
    tmp_path: Path, moment: Time, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guesser knows even the key's look-up id, which only the server's own data give."""
    async with alone(tmp_path, moment) as ana:
        monkeypatch.setattr(ana.server.host.limits, "_monotonic", lambda: 0.0)  # no try comes back while this runs
        stranger, _ = ana.fresh("stranger")
        name = recovery.lookup_id(SPARE).hex()

        async def guess() -> str:
            keys = SlotKeys.of(SlotSecret.fresh(), SlotKind.RECOVERY_KEY)
            started = await stranger.access._login_start(name)
            try:
                await stranger.access._log_in(name, started.nonce, keys, device="", code=None, mend=False)
            except MindhavenError as error:
                return error.reason
            return "opened"

        monkeypatch.setattr("mindhaven.accounts.api.entry.LOGIN_FLOOR_SECONDS", 0.001)
        assert {await guess() for _ in range(20)} == {"login-refused"}
        for _ in range(5):
            play.named(await guess())
        with play.honest():  # a device of hers is measured by itself
            await ana.phone.recover("".join(recovery.rows(SPARE)))
        with play.off(wait=wait):
            assert {await guess() for _ in range(30)} == {"login-refused"}


@entry("recovery keys guessed without a name", "too-many-tries", off="kernel.limits.Limits.wait",
       then="one network asks without end; each guess is still one in 2^256")  # fmt: skip
async def test_one_network_guesses_at_one_pace(
    tmp_path: Path, moment: Time, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with alone(tmp_path, moment) as ana:
        monkeypatch.setattr(ana.server.host.limits, "_monotonic", lambda: 0.0)
        monkeypatch.setattr("mindhaven.accounts.api.entry.LOGIN_FLOOR_SECONDS", 0.001)
        monkeypatch.setattr("mindhaven.sdk.transport.MAX_RETRIES", 0)
        stranger, _ = ana.fresh("stranger")

        async def guess() -> None:
            await stranger.recover("".join(recovery.rows(SlotSecret.fresh())))

        with pytest.raises(MindhavenError) as refused:
            await guess()
        assert refused.value.reason == "login-refused"
        with play.honest():
            await stranger.recover("".join(recovery.rows(SPARE)))
        asking = wire.SessionNamed(session=bytes(16))
        with play.lie():
            for _ in range(400):
                await stranger.transport.call("POST", "/v1/sessions/nonce", wire.NonceGiven, body=asking, open_=True)
        with pytest.raises(MindhavenError) as refused:
            await guess()
        assert refused.value.reason == "too-many-tries"
        with play.off(wait=wait), pytest.raises(MindhavenError) as refused:
            await guess()
        assert refused.value.reason == "login-refused"


# -- a stolen device

MARK = "QZmarkedXV"


def _seal(self: Any, place: str, value: bytes) -> bytes:
    """Stands in for the seal of a store: what is kept lies open."""
    return value


def _open(self: Any, place: str, box: bytes) -> bytes:
    return box


@pytest.mark.shows("device-store-sealed")
@entry("stolen device store without its passphrase", "wrong-passphrase",
       off=("sdk.local.LocalStore._seal", "sdk.local.LocalStore._open"),
       then="every text, draft, waiting write, key and what the logs told lies open")  # fmt: skip
async def test_a_stolen_store_gives_nothing_without_its_passphrase(tmp_path: Path, moment: Time, play: Play) -> None:
    async def lived(tmp: Path) -> list[bytes]:
        """Live a while on a device, let it lie there closed, and return what must not be found on it."""
        async with whole.world(tmp, moment) as (server, home):
            ana = home("ana")
            await ana.sign_up(PASS, word="ana", device=f"{MARK} phone")
            ana.add(mood(f"{MARK} sent"), collection=f"{MARK} book")
            await ana.sync()
            await publish(server)
            await ana.check_logs()
            acts = (await ana.activity()).acts
            assert {"accounts.account.created", "vault.collection.pushed"} <= {act.name for act in acts}
            ana.add(mood(f"{MARK} waits"))
            drafts.keep(ana.store, drafts.JOURNAL, f"{MARK} draft")
            ana.store.put_held({1: f"{MARK} held".encode()})
            body = {"text": f"{MARK} journal"}
            ana.add(Record(kind="mindhaven/journal", version=1, created_at=0, zone="UTC", body=body))
            secrets = [bytes(ana.me.session_key.seed), *(bytes(seed) for seed in ana.me.identity.seeds)]
            found = ana.index.named(f"{MARK} book")
            assert found is not None
            key = ana.store.epoch_key(found.id, 1)
            assert key is not None
            return [MARK.encode(), key, *secrets, b"vault.collection.pushed", b"mindhaven/mood", b"mindhaven/journal"]

    secrets = await lived(tmp_path)
    with play.lie(advice=False):
        AsyncMindhaven.open(tmp_path / "ana", passphrase="a guess at the words")
    with pytest.raises(MindhavenError):
        AsyncMindhaven.open(tmp_path / "ana", key=SealKey.fresh())
    with pytest.raises(MindhavenError):
        AsyncMindhaven.open(tmp_path / "ana")
    assert leaks(tmp_path / "ana", secrets) == []
    with play.honest():
        own = AsyncMindhaven.open(tmp_path / "ana", passphrase=PASS)
        assert [one.text for one in drafts.kept(own.store, drafts.JOURNAL)] == [f"{MARK} draft"]
        assert f"{MARK} sent" in notes(own)
        await own.close()
    with play.off(_seal=_seal, _open=_open):
        secrets = await lived(tmp_path / "open")
        told = {line.rpartition(" ")[2] for line in leaks(tmp_path / "open" / "ana", secrets)}
        assert told == {str(number) for number in range(len(secrets))}
