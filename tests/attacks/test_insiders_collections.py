"""Insiders and the life of a collection: moving, handing over, holding, filling, erasing. docs/attacks/insiders.md."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.simulators.kept import world
from tests.simulators.paired import paired
from tests.simulators.scenes import notes
from tests.simulators.world import DAY, PASS, SPARE, Time, mood

from mindhaven.accounts import Role as AccountRole
from mindhaven.accounts import invite
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import MindhavenError
from mindhaven.kernel import Actor
from mindhaven.kernel.jobs import run_once
from mindhaven.protocol.attachment import AttachmentRef
from mindhaven.protocol.chain import ChainState
from mindhaven.protocol.collection import History, Leave, Member, Members, Owner, Role, Settings, genesis
from mindhaven.sdk import moving
from mindhaven.sdk.content import Notes
from mindhaven.vault.jobs import JOBS as vault_jobs
from mindhaven.wire.ids import to_text


async def test_old_commits_are_taken_only_while_a_collection_moves_in(tmp_path: Path, moment: Time) -> None:
    async with paired(tmp_path, moment) as (_home, ana, bob, collection, _):
        page = decode(await ana.transport.cbor("GET", f"/v1/collections/{to_text(collection)}/commits?since=-1"))
        for client, entry in ((bob, page[2][0]), (bob, page[2][-1]), (ana, page[2][-1])):
            body = encode([[entry[0], entry[1]]])
            with pytest.raises(MindhavenError) as refused:
                await client.transport.cbor("POST", f"/v1/moving/{to_text(collection)}", body)
            assert refused.value.reason in {"not-moving", "not-the-owner"}
        await ana.sync()
        assert notes(ana) == ["one"]


async def test_a_former_owner_does_not_bring_an_erased_collection_back(tmp_path: Path, moment: Time) -> None:
    async with paired(tmp_path, moment) as (_home, ana, bob, collection, _):
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
    async with paired(tmp_path, moment) as (home, ana, bob, collection, _):
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
    async with paired(tmp_path, moment) as (_home, ana, bob, collection, _):
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
    old, new = paired(tmp_path / "old", moment), world(tmp_path / "new", moment)
    async with old as (_, ana, bob, collection, _), new as (_, new_home):
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
    async with paired(tmp_path, moment) as (_home, ana, _, collection, _):
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
