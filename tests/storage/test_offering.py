"""After a restore that lost a tail: devices bring back what is missing, and what was erased stays erased."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.simulators.world import DAY, PASS, SPARE, Time, mood, world
from tests.storage.test_backup import backed, notes, restored

from mindhaven import consent
from mindhaven.accounts.jobs import enter_due
from mindhaven.accounts.store import Directory, OwnAccount
from mindhaven.crypto.encoding import encode
from mindhaven.errors import ConflictError, IntegrityError, MindhavenError
from mindhaven.kernel import Actor, Lease, PersonScope
from mindhaven.protocol.card import Card
from mindhaven.protocol.choice import Act
from mindhaven.protocol.collection import Role
from mindhaven.protocol.recovery import rows
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.access import KEYS
from mindhaven.sdk.errors import RollbackError, SignedOutError
from mindhaven.sdk.ways import New
from mindhaven.server.keeping import check, offers
from mindhaven.server.settings import load_server
from mindhaven.server.slices import SLICES
from mindhaven.wire import accounts as wire
from mindhaven.wire.ids import to_text

NEW = "a kettle and four brass herons"


async def people(home: Any) -> tuple[AsyncMindhaven, AsyncMindhaven]:
    """Ana, who shares her moods with Ben; both synced."""
    ana, ben = home("ana"), home("ben")
    await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
    await ben.sign_up(PASS, word="ben")
    ana.add(mood("before"))
    ana.add(mood("to erase"))
    await ana.sync()
    await ana.sharing.add_contact(Card(ben.me.handle, ben.me.uid), name="Ben", checked="card")
    await ben.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
    await ana.share("mood", "Ben", role=Role.WRITER)
    await ben.sync()
    return ana, ben


@asynccontextmanager
async def again(tmp: Path, moment: Time, url: str = "", **more: Any) -> AsyncIterator[tuple[Any, Any]]:
    """The server as it was restored, at the same address; the homes are those of before."""
    await restored(tmp, moment, url, **more)
    async with world(tmp / "new", moment, homes=tmp, **{"server.database": url}) as both:
        yield both


async def sound(server: Any, data: Path, url: str = "") -> None:
    settings = load_server(SLICES, overrides={"server.data": str(data), "server.database": url})
    assert (await check(server, settings)).faults == []


async def pass_time(server: Any, moment: Time, seconds: int) -> None:
    moment.now += seconds
    await enter_due(server.host, Lease(name="x", holder=b"", fence=1))


async def waiting(server: Any, uid: bytes) -> list[int]:
    """Return when each waiting change of an account is due."""
    rows = await server.host.db.look(lambda look: OwnAccount(look, PersonScope(uid=uid)).pending())
    return [one.due_at for one in rows]


async def waits(client: AsyncMindhaven) -> None:
    with pytest.raises(SignedOutError) as told:
        await client.access.offer_account()
    assert told.value.reason == "account-waits"


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_lost_tail_is_brought_back_by_whoever_syncs_first(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    from_url = request.getfixturevalue(f"{database}_url")
    to_url = "" if database == "sqlite" else request.getfixturevalue("other_postgres_url")
    async with world(tmp_path, moment, **{"server.database": from_url}) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        ana.add(mood("after"))
        ana.erase(next(e for e in ana.entries() if e.record and e.record.body["note"] == "to erase"))
        await ana.sync()
        await ben.sync()
        ben.add(mood("by Ben"), collection=ben.shared()[0].id)
        await ben.sync()
        await ana.sync()
        ana.add(mood("last"))
        ana.add(mood("drawn"), collection="drawings")
        await ana.sync()
        seen = {c: ana.vault.state(c).head for c in ana.store.collections()}  # type: ignore[union-attr]
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment, to_url) as (server, home):
        ben = home("ben")
        synced = await ben.sync()  # he has not seen "last", and brings all that he has
        assert synced.given_back.commits > 0
        assert synced.split == ()
        ana = home("ana")
        synced = await ana.sync()
        assert synced.given_back.commits > 0
        assert (synced.split, synced.behind) == ((), ())
        assert notes(ana) == ["after", "before", "by Ben", "drawn", "last"]
        assert {c: ana.vault.state(c).head for c in seen if c != ana.index.id} == {  # type: ignore[union-attr]
            c: head for c, head in seen.items() if c != ana.index.id
        }
        await sound(server, tmp_path / "new" / "data", to_url)
        laptop = home("laptop")
        await laptop.log_in(ana.me.handle, PASS)
        await laptop.sync()
        assert notes(laptop) == notes(ana)
        assert (await ana.sync()).given_back.commits == 0


async def test_what_was_ended_in_the_lost_tail_ends_again_at_once(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        await ana.stop_sharing("mood", "Ben")
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        ben, ana = home("ben"), home("ana")
        await ben.sync()
        assert [one.stands for one in ben.shared()] == [True], "the restored server does not know that it ended"
        given = (await ana.sync()).given_back
        assert given.commits > 0
        await ben.sync()
        assert [one.stands for one in ben.shared()] == [False]
        consents = await server.host.db.look(lambda look: look.rows("SELECT ended_hour FROM consent_record"))
        assert [ended is not None for (ended,) in consents] == [True]
        gone = "SELECT COUNT(*) FROM event WHERE name = 'sharing.grant.revoked' AND subject = $1"
        (count,) = await server.host.db.look(lambda look: look.row(gone, ben.me.uid))
        assert count == 1


async def test_a_lost_grant_comes_back_with_its_consent(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = home("ana"), home("ben")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        await ben.sign_up(PASS, word="ben")
        ana.add(mood("before"))
        await ana.sync()
        await ana.sharing.add_contact(Card(ben.me.handle, ben.me.uid), name="Ben", checked="card")
        await ben.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
        await backed(server, tmp_path)
        await ana.share("mood", "Ben", role=Role.READER)
        await ben.sync()
        before = await ana.shares()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (_, home):
        ana, ben = home("ana"), home("ben")
        await ana.sync()
        assert [(one.recipient, one.collection, one.part) for one in await ana.shares()] == [
            (one.recipient, one.collection, one.part) for one in before
        ]
        await ben.sync()
        assert notes(ben) == ["before"]


async def test_no_device_brings_back_what_was_erased(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        ana.add(mood("a secret"))
        await ana.sync()
        await ben.sync()  # Ben's device has it, and is away when Ana erases it
        secret = next(e for e in ana.entries() if e.record and e.record.body["note"] == "a secret")
        ana.erase(secret)
        await ana.sync()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        ben = home("ben")
        assert (await ben.sync()).given_back.commits > 0  # the commit that put it is in the chain again
        count = await server.host.db.look(
            lambda look: look.row(
                "SELECT COUNT(*) FROM vault_item i JOIN vault_envelope e ON e.id = i.envelope WHERE i.item = $1",
                secret.item,
            )
        )
        assert count == (0,)
        assert (await ben.sync()).given_back.records == 0
        ana = home("ana")
        await ana.sync()
        await ben.sync()
        assert notes(ben) == ["before", "to erase"]
        await sound(server, tmp_path / "new" / "data")


async def test_a_record_that_a_restore_lost_is_given_back(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        shared = "SELECT no FROM vault_collection WHERE id = $1"

        async def lose(work: Any) -> None:
            (no,) = await work.row(shared, collection)
            rows = await work.rows("SELECT item, envelope FROM vault_item WHERE collection = $1 ORDER BY item", no)
            await work.run("DELETE FROM vault_envelope WHERE id = $1", rows[0][1])
            await work.run("DELETE FROM vault_salt WHERE id = $1", rows[0][1])
            await work.run("DELETE FROM vault_salt WHERE id = $1", rows[1][1])

        ben = home("ben")
        collection = ben.shared()[0].id
        await server.host.db.act(Actor(kind="operator"), lose, upkeep="a test")
        synced = await ben.sync()
        assert (synced.given_back.commits, synced.given_back.records) == (0, 2)
        await sound(server, tmp_path / "new" / "data")
        laptop = home("laptop")
        await laptop.log_in(home("ana").me.handle, PASS)
        await laptop.sync()
        assert notes(laptop) == ["before", "to erase"]
        await server.host.db.act(Actor(kind="operator"), lose, upkeep="a test")
        assert (await ben.sync()).given_back.records == 0, "a window's collections are looked at once"


async def test_two_histories_are_shown_and_the_owner_decides(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        laptop = home("laptop")
        await laptop.log_in(ana.me.handle, PASS)
        await laptop.sync()
        cleo = home("cleo")
        await cleo.sign_up(PASS, word="cleo")
        await ana.sharing.add_contact(Card(cleo.me.handle, cleo.me.uid), name="Cleo", checked="card")
        await cleo.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")
        await ana.share("mood", "Cleo", role=Role.READER)
        await cleo.sync()
        await laptop.sync()
        await backed(server, tmp_path)
        ana.add(mood("only on the phone"))
        first = next(e for e in ana.entries() if e.record and e.record.body["note"] == "before")
        ana.revise(first, mood("before, edited"))
        ana.erase(next(e for e in ana.entries() if e.record and e.record.body["note"] == "to erase"))
        await ana.sync()
        await ana.stop_sharing("mood", "Cleo")
        await ben.sync()
        ben.add(mood("by Ben, lost"), collection=ben.shared()[0].id)
        await ben.sync()
        await ana.sync()
        for client in (ana, ben, laptop, cleo):
            await client.close()
    async with again(tmp_path, moment) as (server, home):
        laptop = home("laptop")
        laptop.add(mood("only on the laptop"))
        await laptop.sync()  # writes first, where the lost commits stood
        ben, ana = home("ben"), home("ana")
        synced = await ben.sync()
        (shared,) = synced.split
        assert notes(ben) == ["before, edited", "by Ben, lost", "only on the phone"], "his copy stays"
        (split,) = await ben.splits()
        assert (split.can, len(split.lost), len(split.mine)) == ("wait", 3, 1)
        with pytest.raises(IntegrityError) as caught:
            await ben.rejoin(shared)
        assert caught.value.reason == "fork"
        assert notes(ben) == ["before, edited", "by Ben, lost", "only on the phone"]
        with pytest.raises(IntegrityError) as caught:
            await ana.sync()
        assert caught.value.reason == "index-split"
        splits = await ana.splits()
        assert [one.collection for one in splits] == [ana.index.id, shared]
        assert [one.can for one in splits] == ["rejoin", "rejoin"]
        lost = {str(ana.entry(one.item).record.body["note"]) for one in splits[1].lost}  # type: ignore[union-attr]
        assert lost == {"only on the phone", "before, edited", "by Ben, lost"}
        assert (len(splits[1].mine), splits[1].erased) == (2, 1)
        for one in splits:
            assert await ana.rejoin(one.collection) is not None
        synced = await ana.sync()
        assert (synced.split, synced.behind, synced.held) == ((), (), ())
        assert notes(ana) == ["before, edited", "only on the laptop", "only on the phone"]
        synced = await ben.sync()
        assert synced.split == (shared,)
        (split,) = await ben.splits()
        assert split.can == "follow"
        await ben.rejoin(shared)
        await ben.sync()
        await ana.sync()
        everything = ["before, edited", "by Ben, lost", "only on the laptop", "only on the phone"]
        assert notes(ben) == everything
        assert notes(ana) == everything
        await laptop.sync()
        assert notes(laptop) == everything, "who was on the history that stands follows by itself"
        cleo = home("cleo")
        await cleo.sync()
        assert [one.stands for one in cleo.shared()] == [False], "what was taken away in the lost part stays so"
        await sound(server, tmp_path / "new" / "data")
        fresh = home("fresh")
        await fresh.log_in(ana.me.handle, PASS)
        await fresh.sync()
        assert notes(fresh) == everything


async def test_outside_the_window_nothing_is_offered_or_taken(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        ana.add(mood("after"))
        await ana.sync()
        await ben.sync()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment, window_days=0) as (server, home):
        ana, ben = home("ana"), home("ben")
        with pytest.raises(RollbackError) as caught:
            await ana.sync()
        assert caught.value.reason == "rollback"
        assert notes(ana) == ["after", "before", "to erase"]
        collection = ben.shared()[0].id
        address = f"/v1/collections/{to_text(collection)}"
        for method, path, body in (
            ("POST", "offers", encode([])),
            ("GET", "missing", None),
            ("POST", "given-back", encode([])),
        ):
            with pytest.raises(ConflictError) as refused:
                await ana.transport.cbor(method, f"{address}/{path}", body)
            assert refused.value.reason == "offer-closed"
        moment.now += 5
        await offers(server, 1)
        assert (await ana.sync()).given_back.commits > 0
        assert notes(ana) == ["after", "before", "to erase"]
        assert (await ana.vault.listing()).offer_until == moment.now + 86_400
        moment.now += 86_400
        await ana.log_in(ana.me.handle, PASS)
        assert (await ana.vault.listing()).offer_until == 0


@pytest.mark.parametrize("session", ["kept", "lost"])
async def test_keys_that_a_restore_lost_come_back_first(tmp_path: Path, moment: Time, session: str) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        if session == "lost":
            await ana.log_in(ana.me.handle, PASS)  # a new session: the backup does not know it
        await ana.change_passphrase(PASS, NEW, recovery_key=SPARE)
        ana.add(mood("under new keys"))
        await ana.sync()
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        ana = AsyncMindhaven.open(tmp_path / "ana", passphrase=NEW, http=home("someone").transport._http)
        with pytest.raises(SignedOutError) as told:
            await ana.sync()
        assert told.value.reason == "account-waits"
        assert await waiting(server, ana.me.uid) == [moment.now + DAY], "another passphrase counts a day later only"
        await pass_time(server, moment, DAY)
        assert await waiting(server, ana.me.uid) == []
        with pytest.raises(SignedOutError):
            await ana.sync()
        with pytest.raises(SignedOutError) as caught:
            await ana.log_in(ana.me.handle, PASS)
        assert caught.value.reason == "login-refused", "the passphrase of before the change does not count again"
        await ana.log_in(ana.me.handle, NEW)
        assert (await ana.sync()).given_back.commits > 0
        assert notes(ana) == ["before", "to erase", "under new keys"]
        ana.add(mood("after"))
        await ana.sync()
        ben = home("ben")
        await ben.log_in(ben.me.handle, PASS)
        await ben.sync()
        assert notes(ben) == ["after", "before", "to erase", "under new keys"]
        await ana.close()
        await sound(server, tmp_path / "new" / "data")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_statements_that_were_lost_wait_together_and_are_offered_twice_for_nothing(
    tmp_path: Path, moment: Time, request: pytest.FixtureRequest, database: str
) -> None:
    from_url = request.getfixturevalue(f"{database}_url")
    to_url = "" if database == "sqlite" else request.getfixturevalue("other_postgres_url")
    async with world(tmp_path, moment, **{"server.database": from_url}) as (server, home):
        ana, laptop = home("ana"), home("laptop")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        ana.add(mood("before"))
        await ana.sync()
        await laptop.log_in(ana.me.handle, PASS)
        await laptop.sync()
        await backed(server, tmp_path)
        _, root = await ana.access.open_way(passphrase=PASS)
        await ana.access.change(root, new=New.KEYS)
        await ana.access.open_way(passphrase=PASS)
        await ana.change_passphrase(PASS, NEW, recovery_key=SPARE)
        _, root = await ana.access.open_way(passphrase=NEW)
        await ana.access.change(root, new=New.KEYS)
        await laptop.log_in(ana.me.handle, NEW)
        await laptop.sync()
        mine, uid = ana.people.statements(ana.me.uid), ana.me.uid
        await ana.close()
        await laptop.close()
    async with again(tmp_path, moment, to_url) as (server, home):
        someone = home("someone").transport._http
        ana = AsyncMindhaven.open(tmp_path / "ana", passphrase=NEW, http=someone)
        await waits(ana)
        due = moment.now + DAY
        moment.now += 3600
        laptop = home("laptop")
        await waits(laptop)
        await waits(ana)
        assert await waiting(server, uid) == [due], "neither again nor later"
        await pass_time(server, moment, DAY - 3601)
        assert len(await server.host.db.look(lambda look: Directory(look).chain(uid))) == len(mine) - 3
        await pass_time(server, moment, 1)
        assert await server.host.db.look(lambda look: Directory(look).chain(uid)) == mine
        await ana.log_in(ana.me.handle, NEW)
        await ana.sync()
        assert notes(ana) == ["before"]
        with pytest.raises(SignedOutError):
            await laptop.sync()
        fresh = home("fresh")
        await fresh.recover("".join(rows(SPARE)))
        await fresh.sync()
        assert notes(fresh) == ["before"]
        added = "SELECT COUNT(*) FROM event WHERE name = 'accounts.statement.added' AND subject = $1"
        (count,) = await server.host.db.look(lambda look: look.row(added, uid))
        assert count == len(mine) - 1
        await ana.close()
        await sound(server, tmp_path / "new" / "data", to_url)


async def test_keys_that_leave_every_way_in_and_the_root_come_back_at_once(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, _ = await people(home)
        await backed(server, tmp_path)
        _, root = await ana.access.open_way(passphrase=PASS)
        await ana.access.change(root, new=New.KEYS)
        await ana.access.open_way(passphrase=PASS)
        await ana.access.change(root, new=New.KEYS)
        await ana.replace_keys()
        ana.add(mood("under new keys"))
        await ana.sync()
        await ana.close()
    async with again(tmp_path, moment) as (server, home):
        ana = home("ana")
        with pytest.raises(SignedOutError):
            await ana.sync()
        assert await waiting(server, ana.me.uid) == []
        await ana.log_in(ana.me.handle, PASS)
        assert (await ana.sync()).given_back.commits > 0
        assert notes(ana) == ["before", "to erase", "under new keys"]
        await sound(server, tmp_path / "new" / "data")


async def test_accounts_that_a_restore_lost_whole_come_back_with_what_they_share(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        await backed(server, tmp_path)
        ana, ben = await people(home)
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        ana, ben = home("ana"), home("ben")
        for client in (ana, ben):
            with pytest.raises(SignedOutError):
                await client.sync()
        await ana.log_in(ana.me.handle, PASS)
        await ben.log_in(ben.me.handle, PASS)
        for client in (ana, ben):
            synced = await client.sync()
            assert (synced.behind, synced.split) == ((), ())
            assert notes(client) == ["before", "to erase"]
        fresh = home("fresh")
        await fresh.log_in(ana.me.handle, PASS)
        await fresh.sync()
        assert notes(fresh) == ["before", "to erase"]
        await sound(server, tmp_path / "new" / "data")


async def test_what_needs_anothers_device_waits_for_it(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        await backed(server, tmp_path)
        ana, ben = await people(home)
        await ana.close()
        await ben.close()
    async with again(tmp_path, moment) as (server, home):
        ana, ben = home("ana"), home("ben")
        with pytest.raises(SignedOutError):
            await ana.sync()
        await ana.log_in(ana.me.handle, PASS)
        ana.add(mood("in the meantime"))
        synced = await ana.sync()  # her moods are wrapped to Ben's key, which the server does not know yet
        shared = ana.index.named("mood")
        assert shared is not None
        assert (synced.behind, synced.split, len(synced.held)) == ((shared.id,), (), 1)
        assert notes(ana) == ["before", "in the meantime", "to erase"]
        with pytest.raises(SignedOutError):
            await ben.sync()
        synced = await ana.sync()
        assert (synced.behind, synced.held) == ((), ())
        await ben.log_in(ben.me.handle, PASS)
        await ben.sync()
        assert notes(ben) == ["before", "in the meantime", "to erase"]


async def test_nobody_else_brings_keys_back_or_changes_what_goes_with_them(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana, ben = await people(home)
        await backed(server, tmp_path)
        await ana.change_passphrase(PASS, NEW, recovery_key=SPARE)
        keys = msgspec.json.decode(ana.store.meta(KEYS) or b"", type=wire.KeySet)
        statements = ana.people.statements(ana.me.uid)
        identity, uid = ana.me.identity, ana.me.uid
        await ana.close()
    async with again(tmp_path, moment) as (server, home):
        ben = home("ben")

        async def offer(given: wire.KeySet = keys, *, signer: Any = identity, at: int = 0, origin: str = "") -> bool:
            now = moment.now + at
            body = wire.offer_body(origin or ben.transport.origin, uid, given, now)
            asked = wire.AccountOffer(
                earlier=statements[:-1], keys=given, time=now, signatures=signer.signer.sign("account-offer", body)
            )
            brought: wire.AccountBrought = await ben.transport.call(
                "POST", f"/v1/accounts/{to_text(uid)}/offers", wire.AccountBrought, body=asked, open_=True
            )
            return brought.changed

        async def refused(reason: str, **given: Any) -> None:
            with pytest.raises(MindhavenError) as caught:
                await offer(**given)
            assert caught.value.reason == reason

        await refused("signature-invalid", signer=ben.me.identity)
        await refused("signature-invalid", origin="https://elsewhere.test")
        await refused("login-clock", at=301)
        spare = next(entry for entry in keys.entries if entry.lookup is not None)
        others = [entry for entry in keys.entries if entry is not spare]
        for change in ({"login_key": bytes(32)}, {"lookup": bytes(16)}, {"tag": bytes(32)}):
            swapped = msgspec.structs.replace(spare, **change)
            await refused("slot-altered", given=msgspec.structs.replace(keys, entries=[*others, swapped]))
        assert await offer() is False
        assert await waiting(server, uid) == [moment.now + DAY]
        assert await offer() is False
        assert len(await waiting(server, uid)) == 1, "a repeat changes nothing"
        await pass_time(server, moment, DAY)
        assert await offer() is False
        assert await waiting(server, uid) == []
        await offers(server, 0)
        await refused("offer-closed")


async def test_a_no_that_a_restore_lost_stands_again_at_the_next_sync(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        await server.record()
        ana, _ = await people(home)
        await ana.choices.choose("reminders", Act.GIVEN)
        await backed(server, tmp_path)
        taken = await ana.choices.choose("reminders", Act.WITHDRAWN)
        await ana.close()
    async with again(tmp_path, moment) as (server, home):
        ana = home("ana")

        async def state() -> Any:
            uid = taken.person
            return await server.host.db.look(lambda look: consent.decide(look, uid=uid, purpose="reminders"))

        assert (await state()).allows, "the backup is older than the no"
        await ana.sync()
        assert not (await state()).allows
        assert (await ana.choices.chain()).choices[-1] == taken
