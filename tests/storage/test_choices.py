"""Choices on both databases, through the real SDK: asked, answered, taken back, and what each decides."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.simulators.push import PushService, allow, asks, push_service
from tests.simulators.world import DAY, PASS, Homes, Time, world
from tests.storage.test_collections import two_people

from mindhaven import consent
from mindhaven.consent import model, service
from mindhaven.crypto.encoding import decode, encode
from mindhaven.errors import ConflictError, DeniedError, IntegrityError, MindhavenError, NotFoundError
from mindhaven.kernel import Actor, run_once
from mindhaven.protocol.choice import HOUR, Act, By, Choice, State, text_hash
from mindhaven.protocol.encoding import ZERO32
from mindhaven.reminders.jobs import JOBS
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.choices import words
from mindhaven.sdk.ways import New
from mindhaven.server.build import Server

REMIND, _ = JOBS
JOB = Actor(kind="job")
AT_ONCE = 12


@pytest.fixture
def push() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@asynccontextmanager
async def at(tmp: Path, moment: Time, url: str, push: PushService) -> AsyncIterator[tuple[Server, Homes]]:
    async with world(tmp, moment, **{"server.database": url, "push.services": (push.url,)}) as opened:
        await opened[0].record()
        yield opened


async def signed_up(home: Homes) -> AsyncMindhaven:
    client = home("ana")
    await client.sign_up(PASS, word="ana")
    return client


async def put(client: AsyncMindhaven, push: PushService, minute: int = 5) -> None:
    await asks(client, "PUT", "/v1/reminder", {"endpoint": f"{push.url}/a", "minutes": [minute]})


async def devices(client: AsyncMindhaven) -> list[Any]:
    answer: dict[str, Any] = await asks(client, "GET", "/v1/reminder")
    return list(answer["devices"])


async def state(server: Server, client: AsyncMindhaven, purpose: str = "reminders") -> State:
    return await server.host.db.look(lambda look: consent.decide(look, uid=client.me.uid, purpose=purpose))


async def send(client: AsyncMindhaven, choice: Choice) -> None:
    """Send a choice as any program could."""
    me = client.me
    signed = choice.sign(me.identity)
    body = encode([me.identity.generation, [signed.body, list(signed.signatures)]])
    await client.transport.cbor("POST", "/v1/choices", body)


async def next_choice(client: AsyncMindhaven, moment: Time, **other: Any) -> Choice:
    """Return a choice that the server would take, but for `other`."""
    asked, chain = await client.choices.asked(), await client.choices.chain()
    about = next(one for one in asked.purposes if one.id == other.get("purpose", "reminders"))
    hour = moment.now // HOUR * HOUR
    fields: dict[str, Any] = {
        "person": client.me.uid, "number": len(chain.made),
        "previous": chain.choices[-1].hash if chain.made else ZERO32, "purpose": about.id, "act": Act.GIVEN,
        "terms": about.terms, "text_hash": text_hash(words(about.says["en"])), "language": "en",
        "policy": asked.policy, "asked": hour, "at": hour,
    }  # fmt: skip
    return Choice(**{**fields, **other})


async def refused(client: AsyncMindhaven, choice: Choice) -> str:
    with pytest.raises(MindhavenError) as caught:
        await send(client, choice)
    return caught.value.reason


async def test_nothing_is_sent_to_who_was_not_asked_and_a_no_ends_it_in_its_own_work(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        assert await state(server, ana) is State.UNASKED
        with pytest.raises(DeniedError) as unasked:
            await put(ana, push)
        assert unasked.value.reason == "reminders-not-allowed"
        given = await ana.choices.choose("reminders", Act.GIVEN, language="de")
        assert (await ana.choices.text(given.text_hash)).language == "de"
        assert (await ana.choices.text(given.text_hash)).text.startswith("Erinnerungen auf diesem Gerät\n")
        await put(ana, push)
        assert len(await devices(ana)) == 1
        taken = await ana.choices.choose("reminders", Act.WITHDRAWN)
        assert (taken.text_hash, taken.language) == (given.text_hash, "de")
        assert await devices(ana) == []
        with pytest.raises(DeniedError):
            await put(ana, push)
        names = [(one.name, one.values[1:]) for one in (await ana.activity()).acts if "choice" in one.name]
        assert names == [("consent.choice.made", ("reminders", 1)), ("consent.choice.made", ("reminders", 4))]
        ended = [one.values[1] for one in (await ana.activity()).acts if one.name == "reminders.device.ended"]
        assert ended == ["choice"]
        chain = await ana.choices.chain()
        assert [one.act for one in chain.choices] == [Act.GIVEN, Act.WITHDRAWN]
        assert chain.state("reminders", terms=1, now=moment.now) is State.WITHDRAWN


async def test_each_choice_brings_a_receipt_that_the_log_keeps(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (_, home):
        ana = await signed_up(home)
        before = len(ana.receipts())
        made = await ana.choices.choose("reminders", Act.GIVEN)
        (kept,) = ana.receipts()[before:]
        assert (kept.receipt.what, kept.about.digest) == ("choice", made.hash)
        assert all(one.fault == "" for one in await ana.check_receipts())


async def test_what_is_older_than_its_time_or_its_words_allows_nothing_more(
    tmp_path: Path, moment: Time, database_url: str, push: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        await ana.choices.choose("reminders", Act.GIVEN, until=moment.now // DAY)
        await put(ana, push, minute=(moment.now // 60 + 1) % 1440)
        moment.now = moment.now // DAY * DAY + DAY - 1
        assert await state(server, ana) is State.GIVEN
        moment.now += 1
        assert await state(server, ana) is State.EXPIRED
        moment.now = moment.now + DAY
        await run_once(server.host, REMIND)
        assert push.came == []
        await ana.log_in(ana.me.handle, PASS)
        assert await devices(ana) == []
        await ana.choices.choose("reminders", Act.GIVEN)
        assert await state(server, ana) is State.RENEWED
        newer = msgspec.structs.replace(model.purposes()["reminders"], terms=2)
        monkeypatch.setattr(service, "purposes", lambda: {**model.purposes(), "reminders": newer})
        assert await state(server, ana) is State.INVALIDATED
        with pytest.raises(DeniedError):
            await put(ana, push)


async def test_a_choice_out_of_turn_out_of_time_or_out_of_words_is_refused(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        hour = moment.now // HOUR * HOUR
        first = await next_choice(ana, moment)
        for other, reason in (
            ({"number": 1}, "choice-order"),
            ({"previous": bytes([1]) * 32}, "choice-order"),
            ({"act": Act.WITHDRAWN}, "choice-nothing"),
            ({"at": hour - 3 * HOUR, "asked": hour - 3 * HOUR}, "choice-clock"),
            ({"at": hour + 3 * HOUR}, "choice-clock"),
            ({"text_hash": bytes(32)}, "choice-text"),
            ({"terms": 2}, "choice-text"),
            ({"policy": bytes(32)}, "choice-policy"),
            ({"person": bytes(32)}, "choice-person"),
        ):
            assert await refused(ana, await next_choice(ana, moment, **other)) == reason, other
        assert await refused(ana, await next_choice(ana, moment, purpose="sale")) == "purpose-never"
        unknown = Choice(**{**{name: getattr(first, name) for name in Choice.__slots__}, "purpose": "ads"})
        assert await refused(ana, unknown) == "purpose-unknown"
        assert await state(server, ana) is State.UNASKED
        await send(ana, first)
        await send(ana, first)  # the answer was lost: asked again, it stands once
        assert len((await ana.choices.chain()).made) == 1
        for other in ({"text_hash": bytes(32)}, {"language": "de"}, {"terms": 2}):
            bent = await next_choice(ana, moment, act=Act.WITHDRAWN, **other)
            assert await refused(ana, bent) == "choice-words", other
        moment.now += 9 * HOUR
        await ana.log_in(ana.me.handle, PASS)
        old = {"at": hour, "asked": hour, "policy": bytes(32)}
        withdrawal = await next_choice(ana, moment, act=Act.WITHDRAWN, **old)
        await send(ana, withdrawal)  # no is taken however late, under any policy
        await send(ana, await next_choice(ana, moment))
        assert await refused(ana, withdrawal) == "choice-order", "a withdrawal is not sent again later"
        assert await state(server, ana) is State.RENEWED
        await send(ana, await next_choice(ana, moment, act=Act.REFUSED, text_hash=bytes(32), policy=bytes(32)))
        assert await refused(ana, await next_choice(ana, moment, act=Act.REFUSED)) == "choice-stands"
        gone = await next_choice(ana, moment, act=Act.REFUSED)
        gone = Choice(**{**{name: getattr(gone, name) for name in Choice.__slots__}, "purpose": "ads"})
        await send(ana, gone)  # also of what nobody is asked about any more
        bent = (await next_choice(ana, moment)).sign(ana.me.identity)
        body = encode([1, [bent.body, [bytes(64), *bent.signatures[1:]]]])
        with pytest.raises(IntegrityError):
            await ana.transport.cbor("POST", "/v1/choices", body)
        with pytest.raises(DeniedError) as generation:
            await ana.transport.cbor("POST", "/v1/choices", encode([7, [bent.body, list(bent.signatures)]]))
        assert generation.value.reason == "key-replaced"


async def test_who_comes_second_signs_after_the_first(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (_, home):
        phone = await signed_up(home)
        laptop = home("laptop")
        await laptop.log_in(phone.me.handle, PASS)
        await asyncio.gather(
            phone.choices.choose("reminders", Act.GIVEN), laptop.choices.choose("sale", Act.REFUSED, by=By.SIGNAL)
        )
        chain = await phone.choices.chain()
        assert {(one.purpose, one.by) for one in chain.choices} == {("reminders", By.SELF), ("sale", By.SIGNAL)}
        with pytest.raises(NotFoundError):
            await phone.choices.choose("ads", Act.GIVEN)
        with pytest.raises(NotFoundError):
            await phone.choices.text(bytes(32))


async def test_what_a_device_has_seen_and_the_server_lacks_is_named_until_it_is_let_go(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        await ana.choices.choose("reminders", Act.GIVEN)
        taken = await ana.choices.choose("reminders", Act.WITHDRAWN)
        assert (await ana.choices.chain()).lost == ()

        async def set_back(work: Any) -> None:
            await work.run("DELETE FROM consent_choice WHERE number = 1")

        await server.host.db.act(JOB, set_back, upkeep="a test")
        for _ in range(2):
            chain = await ana.choices.chain()
            assert (chain.lost, len(chain.made)) == ((taken,), 1)
        moment.now += 9 * HOUR
        await ana.log_in(ana.me.handle, PASS)
        assert (await ana.choices.give_back()).choices[-1] == taken, "a no is taken back in, however old"
        assert await state(server, ana) is State.WITHDRAWN
        await server.host.db.act(JOB, set_back, upkeep="a test")
        other = home("other")
        await other.log_in(ana.me.handle, PASS)
        await other.choices.choose("reminders", Act.REFUSED)  # it saw none of what was lost: another history begins
        await other.choices.choose("sale", Act.REFUSED)
        assert (await ana.choices.give_back()).lost == (taken,)
        await ana.choices.choose("reminders", Act.GIVEN)
        assert (await ana.choices.chain()).lost == (taken,), "it is told until it is let go"
        ana.choices.let_go()
        assert (await ana.choices.chain()).lost == ()
        await ana.choices.choose("reminders", Act.WITHDRAWN)
        with pytest.raises(ConflictError) as nothing:
            await ana.choices.choose("reminders", Act.WITHDRAWN)
        assert nothing.value.reason == "choice-nothing"


async def test_no_act_is_decided_after_a_withdrawal(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    """Acts and a withdrawal at once, many times: what was allowed landed before it, what landed after was refused."""
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        after = 0
        for _ in range(4):
            await allow(ana)
            acts = [asyncio.create_task(_act(ana, push)) for _ in range(AT_ONCE)]
            await asyncio.sleep(0.01)
            await ana.choices.choose("reminders", Act.WITHDRAWN)
            later = [asyncio.create_task(_act(ana, push)) for _ in range(AT_ONCE)]
            await asyncio.gather(*acts, *later)
            assert [task.result() for task in later] == [False] * AT_ONCE
            assert await devices(ana) == [], "an act that was allowed before was ended by it"
            after += sum(not task.result() for task in acts)
        rows = await server.host.db.look(lambda look: look.rows("SELECT name, body FROM event WHERE subject = $1"
                                                                " ORDER BY seq", ana.me.uid))  # fmt: skip
        allowed = False
        for name, body in rows:
            if name == "consent.choice.made":
                allowed = decode(body)[-1][2] == Act.GIVEN
            if name == "reminders.device.started":
                assert allowed, "an act was decided after the withdrawal"


async def _act(client: AsyncMindhaven, push: PushService) -> bool:
    try:
        await put(client, push)
    except DeniedError:
        return False
    return True


async def test_a_share_names_the_policy_under_which_it_was_agreed_to(
    tmp_path: Path, moment: Time, database_url: str
) -> None:
    async with world(tmp_path, moment, **{"server.database": database_url}) as (server, home):
        ana, _ = await two_people(home)
        named = "SELECT register_version FROM consent_record ORDER BY given_hour DESC, ended_hour IS NULL DESC"
        assert await server.host.db.look(lambda look: look.rows(named)) == [("unpublished",)]
        await server.record()
        moment.now += HOUR
        await ana.share("mood", "Dr B")
        rows = await server.host.db.look(lambda look: look.rows(named))
        digest = await server.host.db.look(lambda look: look.row("SELECT digest FROM register_policy"))
        assert digest is not None
        assert rows[0] == (digest[0].hex(),)


async def test_keys_that_were_replaced_choose_nothing_more(
    tmp_path: Path, moment: Time, database_url: str, push: PushService
) -> None:
    async with at(tmp_path, moment, database_url, push) as (server, home):
        ana = await signed_up(home)
        await ana.choices.choose("reminders", Act.GIVEN)
        old = ana.me.identity
        _, root = await ana.access.open_way(passphrase=PASS)
        await ana.access.change(root, new=New.KEYS)
        assert ana.me.identity.generation > old.generation
        await ana.choices.choose("reminders", Act.WITHDRAWN)
        stolen = (await next_choice(ana, moment)).sign(old)
        with pytest.raises(DeniedError) as replaced:
            await ana.transport.cbor(
                "POST", "/v1/choices", encode([old.generation, [stolen.body, list(stolen.signatures)]])
            )
        assert replaced.value.reason == "key-replaced"

        assert (await ana.choices.chain()).made[1].generation == ana.me.identity.generation
        assert await state(server, ana) is State.WITHDRAWN
