"""Insiders: members, contacts and token thieves, through the real SDK and server. docs/attacks/insiders.md."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import DAY, PASS, SPARE, Hostile, Time, mood, world

from mindhaven.accounts import Role as AccountRole
from mindhaven.accounts import invite
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.secrets import EpochKey, SlotSecret
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Actor
from mindhaven.kernel.jobs import run_once
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.card import Card
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import History, Leave, Member, Members, Owner, Role, Settings, genesis
from mindhaven.protocol.epoch import wrap_epoch
from mindhaven.sdk import AsyncMindhaven, moving
from mindhaven.sdk.content import Notes
from mindhaven.sdk.vault import Vault
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.vault.jobs import JOBS as vault_jobs
from mindhaven.wire.ids import to_text

Homes = Callable[[str], AsyncMindhaven]


def notes(client: AsyncMindhaven) -> list[str]:
    return sorted(str(entry.record.body["note"]) for entry in client.entries() if entry.record)


async def pair(home: Homes, *, role: Role = Role.WRITER) -> tuple[AsyncMindhaven, AsyncMindhaven, bytes]:
    ana, bob = home("ana"), home("bob")
    await ana.sign_up(PASS, word="ana")
    await bob.sign_up(PASS, word="bob")
    ana.add(mood("one"))
    await ana.sync()
    await ana.sharing.add_contact(Card(bob.me.handle, bob.me.uid), name="Secret nickname", checked="card")
    await ana.share("mood", "Secret nickname", role=role)
    await bob.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana of the pair", checked="card")
    await bob.sync()
    mine = ana.index.named("mood")
    assert mine is not None
    return ana, bob, mine.id


async def test_old_commits_are_taken_only_while_a_collection_moves_in(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, collection = await pair(home)
        page = decode(await ana.transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since=-1"))
        for client, entry in ((bob, page[2][0]), (bob, page[2][-1]), (ana, page[2][-1])):
            body = encode([[entry[0], entry[1]]])
            with pytest.raises(MindhavenError) as refused:
                await client.transport.cbor("POST", f"/v1/moving/{to_text(collection)}", body)
            assert refused.value.reason in {"not-moving", "not-the-owner"}
        await ana.sync()
        assert notes(ana) == ["one"]


async def test_a_token_alone_erases_nothing(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, _, collection = await pair(home)
        moment.now += 660
        await ana.devices()
        with pytest.raises(MindhavenError) as refused:
            await ana.transport.call("DELETE", f"/v1/collections/{to_text(collection)}")
        assert refused.value.reason == "unlock-again"


async def test_a_garbage_wrap_or_consent_of_another_blocks_nobody(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, _ = await pair(home)
        bob.add(mood("bob's own"))
        await bob.sync()
        await bob.sharing.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana", checked="card")

        def garbage(self: Vault, account: Any, key: EpochKey, collection: bytes, number: int, month: int) -> Any:
            other = self._access.need_me().uid if account.uid != ana.me.uid else bytes(32)
            return wrap_epoch(key, collection, number, month, sender=other, uid=account.uid,
                              key_id=account.generation, xwing=account.identity.xwing)  # fmt: skip

        with monkeypatch.context() as patched:
            patched.setattr(Vault, "wrap_for", garbage)
            await bob.share("mood", "Ana")
        ana.add(mood("still writing"))
        synced = await ana.sync()
        assert synced.sent == 1
        assert notes(ana) == ["one", "still writing"]
        again = home("again")
        await again.log_in(ana.me.handle, PASS)
        await again.sync()
        assert notes(again) == ["one", "still writing"]


async def test_a_grantors_private_name_for_somebody_stays_theirs(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        _, bob, _ = await pair(home)
        assert "Secret nickname" not in str(await bob.sharing.shares())


async def test_a_way_in_that_stays_keeps_what_vouches_for_it(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, _, _ = await pair(home)
        _, root = await ana.access.open_way(passphrase=PASS)
        real = ana.transport.call

        def spoil(part: str) -> Any:
            async def swap(method: str, path: str, *rest: Any, **more: Any) -> Any:
                if path == "/v1/account/keys":
                    for entry in more["body"].keys.entries:
                        if entry.lookup is not None:
                            setattr(entry, part, bytes(len(getattr(entry, part))))
                return await real(method, path, *rest, **more)

            return swap

        for part in ("login_key", "tag", "lookup", "enc", "ciphertext"):
            ana.transport.call = spoil(part)  # type: ignore[method-assign]
            with pytest.raises(MindhavenError) as refused:
                await ana.access.change(root, new=New.KEYS)
            assert refused.value.reason == "slot-altered", part
        ana.transport.call = real  # type: ignore[method-assign]
        assert (await ana.access.change(root, new=New.KEYS)).applied


async def test_what_one_lie_withheld_comes_back_with_an_honest_server(tmp_path: Path, moment: Time) -> None:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp_path, moment, between=between) as (_, home):
        ana, _, collection = await pair(home)
        ana.add(mood("two"))
        await ana.sync()
        laptop = home("laptop")
        wire = made[-1]
        await laptop.log_in(ana.me.handle, PASS)

        def lie(request: httpx.Request, content: bytes) -> bytes | None:
            if to_text(collection) not in request.url.path:
                return None
            page = decode(content)
            if not page[2]:
                return None
            page[0] += 5
            page[2][-1][1] = [None for _ in page[2][-1][1]]
            return encode(page)

        wire.change = lie
        with pytest.raises(MindhavenError):
            await laptop.sync()
        assert len(wire.bodies) < 60  # it does not ask for ever
        wire.change = None
        await laptop.sync()
        assert notes(laptop) == ["one", "two"]


async def test_two_contacts_of_one_name_are_never_mistaken_for_each_other(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, _ = await pair(home)
        eve = home("eve")
        await eve.sign_up(PASS, word="eve")
        link = await ana.sharing.invite()
        await eve.sharing.accept(link, name="Secret nickname", inviter_name="Ana")
        await ana.sharing.answers()
        with pytest.raises(MindhavenError) as refused:
            await ana.share("mood", "Secret nickname")
        assert refused.value.reason == "contact-ambiguous"
        assert ana.index.contact(bob.me.handle).uid == bob.me.uid


async def test_a_former_owner_does_not_bring_an_erased_collection_back(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, collection = await pair(home)
        address = to_text(collection)
        page = decode(await ana.transport.cbor("GET", f"/v1/collections/{address}/commits?since=-1"))
        early = [[raw, [None] * len(items)] for raw, items in page[2]]
        bob.add(mood("by the next owner"), collection=collection)
        await bob.sync()
        await ana.sharing.hand_over(collection, bob.me.uid)
        await bob.vault.pull(collection)
        await bob.access.open_way(passphrase=PASS)
        await bob.transport.call("DELETE", f"/v1/collections/{address}")
        with pytest.raises(MindhavenError) as refused:
            await ana.transport.cbor("POST", f"/v1/moving/{address}", encode(early))
        assert refused.value.reason == "collection-ended"
        with pytest.raises(MindhavenError) as refused:
            await ana.transport.cbor("POST", "/v1/collections", encode(page[2][0]))
        assert refused.value.reason == "collection-ended"


async def test_who_erased_an_own_collection_may_move_back_in_with_it(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE)
        ana.add(mood("one"))
        await ana.sync()
        archive = tmp_path / "archive"
        await ana.export_archive(archive)
        await ana.delete_account(PASS, recovery_key=SPARE)
        back = home("back")
        await moving.read_in(back, archive, passphrase=PASS)
        await back.sync()
        assert notes(back) == ["one"]


@pytest.mark.parametrize("role", [AccountRole.CLINICIAN, AccountRole.PERSON])
async def test_a_clinician_does_not_end_what_the_law_keeps_and_a_person_is_never_held(
    tmp_path: Path, moment: Time, role: AccountRole
) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana = home("ana")
        code = "a code from the console"
        await server.host.db.act(
            Actor(kind="operator"),
            lambda work: invite(work, code_hash=labelled_hash("account-invitation", code.encode()), role=role,
                                expires_at=work.now + 60),
        )  # fmt: skip
        await ana.sign_up(PASS, word="ana", recovery_key=SPARE, invitation=code)
        until = moment.now // DAY + 10
        await ana.ensure("record", settings=Settings(history=History.KEEP, hold_until=until))
        ana.add(mood("held"), collection="record")
        await ana.sync()
        if role is AccountRole.CLINICIAN:
            with pytest.raises(MindhavenError) as refused:
                await ana.delete_account(PASS, recovery_key=SPARE)
            assert refused.value.reason == "on-hold"
            assert (date(1970, 1, 1) + timedelta(days=until)).isoformat() in str(refused.value)
            await ana.sync()
            assert notes(ana) == ["held"]
            moment.now += 10 * DAY
            await ana.log_in(ana.me.handle, PASS)
        await ana.delete_account(PASS, recovery_key=SPARE)


async def test_nobody_is_given_a_collection_that_they_never_wrote_in(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        eve, ana = home("eve"), home("ana")
        await eve.sign_up(PASS, word="eve")
        await ana.sign_up(PASS, word="ana")
        me, day = eve.me, moment.now // DAY
        mine, held = Member(me.uid, Role.OWNER, 0, 0), Settings(hold_until=2_900_000)
        given = (
            Members((mine, Member(ana.me.uid, Role.READER, 0, 0)), held, bytes(32), ()),
            Owner(ana.me.uid),
            Leave(),
        )
        _, signed = genesis(
            author=me.uid, identity=me.identity, nonce=bytes(32), day=day, settings=Settings(), changes=given
        )
        with pytest.raises(MindhavenError) as refused:
            await eve.transport.cbor("POST", "/v1/collections", encode([[signed.body, list(signed.signatures)], []]))
        assert refused.value.reason == "genesis-changes"


async def test_a_person_names_no_processing_entry_in_the_place_of_a_consent(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, collection = await pair(home)
        eve = home("eve")
        await eve.sign_up(PASS, word="eve")

        async def grant(state: ChainState) -> tuple[list[Any], dict[int, EpochKey]]:
            listed = (*state.members.values(), Member(eve.me.uid, Role.READER, 209901, 0))
            settings = Settings(processing_entry="x")
            return [Members(tuple(listed), settings, None, ())], {}

        with pytest.raises(MindhavenError) as refused:
            await ana.vault.change(collection, grant)
        assert refused.value.reason == "entry-not-yours"
        assert bob.me.uid != eve.me.uid


async def test_a_full_collection_still_ends_shares_and_erases(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, collection = await pair(home)
        for number in range(9):
            ana.add(mood(f"more {number}"))
        await ana.sync()
        monkeypatch.setattr("mindhaven.vault.service.MAX_STORED_BYTES", 9_000)
        ana.add(mood("one too many"))
        assert len((await ana.sync()).held) == 1
        await ana.stop_sharing("mood", "Secret nickname")
        with pytest.raises(MindhavenError):
            await bob.vault.pull(collection)
        for one in [one for one in ana.entries() if not one.waits][:6]:
            ana.erase(one)
        await ana.sync()
        await ana.sync()  # what was erased counts no longer
        assert ana.held() == []
        assert len(notes(ana)) == 5


async def test_who_answers_again_keeps_the_name_they_were_given(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob, _ = await pair(home)
        await bob.sharing.accept(await ana.sharing.invite(), name="Dr Somebody", inviter_name="Ana")
        await ana.sharing.answers()
        assert ana.index.contact(bob.me.handle).name == "Secret nickname"


async def test_wishing_for_a_handle_tells_nobody_whether_it_is_taken(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, eve = home("ana"), home("eve")
        await ana.sign_up(PASS, word="ana")
        for handle in (ana.me.handle, "nobody-123456"):
            started = await eve.access.start_signup(handle=handle)
            assert started.handle == handle
        # Only who completes a whole account of that name is told.
        taken = await eve.access.start_signup(handle=ana.me.handle)
        slots = [
            NewSlot.passphrase(PASS, handle=taken.handle, server_salt=taken.server_salt),
            NewSlot.recovery_key(SlotSecret.fresh()),
        ]
        with pytest.raises(MindhavenError) as refused:
            await eve.access.finish_signup(taken, slots, device="")
        assert refused.value.reason == "handle-taken"
        again = home("again")
        await again.log_in(ana.me.handle, PASS)
        assert again.me.uid == ana.me.uid


async def test_a_strangers_share_is_an_offer_and_touches_nothing(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        eve, ana = home("eve"), home("ana")
        await eve.sign_up(PASS, word="eve")
        await ana.sign_up(PASS, word="ana")
        eve.add(mood("read me, I am your doctor"))
        await eve.sync()
        await eve.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana")
        await eve.share("mood", "Ana")
        theirs = eve.index.named("mood")
        assert theirs is not None
        synced = await ana.sync()
        assert synced.offered == (theirs.id,)
        assert not synced.shared_with_me
        assert ana.shared() == []
        assert ana.entries() == []
        assert ana.vault.state(theirs.id) is None
        (offer,) = await ana.offers()
        assert (offer.id, offer.owner, offer.name, offer.role) == (theirs.id, eve.me.uid, "mood", Role.READER)
        await ana.accept_offer(offer.id)
        assert not (await ana.sync()).offered
        assert [one.name for one in ana.shared()] == ["mood"]
        assert notes(ana) == ["read me, I am your doctor"]


async def test_an_offer_is_given_back_and_gone(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        eve, ana = home("eve"), home("ana")
        await eve.sign_up(PASS, word="eve")
        await ana.sign_up(PASS, word="ana")
        eve.add(mood("unasked"))
        await eve.sync()
        await eve.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana")
        await eve.share("mood", "Ana")
        (offer,) = await ana.offers()
        await ana.decline_offer(offer.id)
        assert await ana.offers() == []
        assert ana.vault.state(offer.id) is None
        assert not (await ana.sync()).offered
        await eve.sync()
        state = eve.vault.state(offer.id)
        assert state is not None
        assert ana.me.uid not in state.members
        with pytest.raises(MindhavenError) as refused:
            await ana.accept_offer(offer.id)
        assert refused.value.reason == "offer-unknown"


async def test_who_is_out_does_not_see_that_anything_is_written(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, bob = home("ana"), home("bob")
        await ana.sign_up(PASS, word="ana")
        await bob.sign_up(PASS, word="bob")
        ana.add(mood("one"))
        await ana.sync()
        await ana.add_contact(Card(bob.me.handle, bob.me.uid), name="Bob")
        await bob.add_contact(Card(ana.me.handle, ana.me.uid), name="Ana")
        await ana.share("mood", "Bob", until=moment.now // DAY)
        await bob.sync()
        mine = ana.index.named("mood")
        assert mine is not None
        assert mine.id in {one.id for one in await bob.vault.listed()}
        moment.now += 2 * DAY
        await ana.log_in(ana.me.handle, PASS)
        await bob.log_in(bob.me.handle, PASS)
        ana.add(mood("two", at=moment.now))
        await ana.sync()
        assert mine.id not in {one.id for one in await bob.vault.listed()}
        await bob.sync()
        assert [one.stands for one in bob.shared()] == [False]


async def test_parts_that_no_record_names_go_after_a_season_and_count_no_longer(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (server, home):
        ana = home("ana")
        await ana.sign_up(PASS, word="ana")
        ana.add(mood("one"))
        await ana.sync()
        (tmp_path / "named").write_bytes(b"a" * 5000)
        (tmp_path / "unnamed").write_bytes(b"b" * 5000)
        named = await ana.attach("mood", tmp_path / "named", media_type="text/plain")
        unnamed = await ana.attach("mood", tmp_path / "unnamed", media_type="text/plain")
        ana.add(mood("with a file"), notes=Notes(files=(named,)))
        await ana.sync()
        mine = ana.index.named("mood")
        assert mine is not None

        def there(reference: AttachmentRef) -> list[bool]:
            return [bool(list((tmp_path / "data").rglob(f"{mine.id.hex()}{blob.hex()}"))) for blob in reference.blobs]

        assert all(there(named) + there(unnamed))
        job = next(one for one in vault_jobs if one.name == "vault.sweep-parts")
        moment.now += 89 * DAY
        await run_once(server.host, job)
        assert all(there(named) + there(unnamed))
        moment.now += 2 * DAY
        await run_once(server.host, job)
        assert all(there(named))
        assert not any(there(unnamed))
        await ana.log_in(ana.me.handle, PASS)
        entry = next(one for one in ana.entries() if one.notes.files)
        assert b"".join([part async for part in ana.read_file(entry)]) == b"a" * 5000
        # A record that names what is gone is held and told; everything else goes on.
        ana.add(mood("names a part that is gone"), notes=Notes(files=(unnamed,)))
        ana.add(mood("after it"))
        synced = await ana.sync()
        assert len(synced.held) == 1
        assert [one.reason for one in ana.held()] == ["blob-missing"]
        ana.move_held()
        await ana.sync()
        assert ana.held() == []
        assert {"after it", "names a part that is gone"} <= set(notes(ana))


async def test_a_collection_that_somebody_else_began_stays_when_its_owner_moves(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path / "old", moment) as (_, home), world(tmp_path / "new", moment) as (_, new_home):
        ana, bob, collection = await pair(home)
        entry = bob.shared()[0]
        bob.add(mood("bob's"), collection=entry.id)
        bob.add(mood("bob's own"))
        await bob.sync()
        await ana.sync()
        await ana.sharing.hand_over(collection, bob.me.uid)
        await bob.sync()
        archive = tmp_path / "archive"
        await bob.export_archive(archive)
        moved = new_home("moved")
        assert await moving.read_in(moved, archive, passphrase=PASS) == {collection}
        await moved.sync()
        assert notes(moved) == ["bob's own"]


async def test_a_change_that_this_server_does_not_know_is_a_clear_refusal(tmp_path: Path, moment: Time) -> None:
    async with world(tmp_path, moment) as (_, home):
        ana, _, collection = await pair(home)
        state = ana.vault.state(collection)
        assert state is not None
        body = encode([1, collection, state.seq + 1, state.head, [ana.me.uid, 1], moment.now // DAY, [[999, b"new"]]])
        signed = [body, ana.me.identity.signer.sign("commit", body)]
        for path, value in (
            (f"/v1/collections/{to_text(collection)}/commits", [signed, []]),
            (f"/v1/moving/{to_text(collection)}", [[signed, []]]),
        ):
            with pytest.raises(MindhavenError) as refused:
                await ana.transport.cbor("POST", path, encode(value))
            assert refused.value.reason == "server-too-old"
