"""Insiders: members, contacts and token thieves, through the real SDK and server. docs/attacks/insiders.md."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.kept import world
from tests.simulators.paired import paired
from tests.simulators.scenes import notes
from tests.simulators.world import DAY, PASS, Time, mood

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey, SlotSecret
from mindhaven.errors import MindhavenError
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.protocol.epoch import wrap_epoch
from mindhaven.sdk.vault import Vault
from mindhaven.sdk.ways import New, NewSlot
from mindhaven.wire.ids import to_text


async def test_a_token_alone_erases_nothing(tmp_path: Path, moment: Time) -> None:
    async with paired(tmp_path, moment) as (_home, ana, _, collection, _):
        moment.now += 660
        await ana.devices()
        with pytest.raises(MindhavenError) as refused:
            await ana.transport.call("DELETE", f"/v1/collections/{to_text(collection)}")
        assert refused.value.reason == "unlock-again"


async def test_a_garbage_wrap_or_consent_of_another_blocks_nobody(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with paired(tmp_path, moment) as (home, ana, bob, _, _):
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
    async with paired(tmp_path, moment) as (_home, _, bob, _, _):
        assert "Secret nickname" not in str(await bob.sharing.shares())


async def test_a_way_in_that_stays_keeps_what_vouches_for_it(tmp_path: Path, moment: Time) -> None:
    async with paired(tmp_path, moment) as (_home, ana, _, _, _):
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
    async with paired(tmp_path, moment) as (home, ana, _, collection, made):
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
    async with paired(tmp_path, moment) as (home, ana, bob, _, _):
        eve = home("eve")
        await eve.sign_up(PASS, word="eve")
        link = await ana.sharing.invite()
        await eve.sharing.accept(link, name="Secret nickname", inviter_name="Ana")
        await ana.sharing.answers()
        with pytest.raises(MindhavenError) as refused:
            await ana.share("mood", "Secret nickname")
        assert refused.value.reason == "contact-ambiguous"
        assert ana.index.contact(bob.me.handle).uid == bob.me.uid


async def test_who_answers_again_keeps_the_name_they_were_given(tmp_path: Path, moment: Time) -> None:
    async with paired(tmp_path, moment) as (_home, ana, bob, _, _):
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
