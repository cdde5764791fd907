"""Insiders: members, contacts and token thieves, through the real SDK and server. docs/attacks/insiders.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.world import PASS, Hostile, Time, mood, world

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import MindhavenError
from mindhaven.protocol.card import Card
from mindhaven.protocol.collection import Role
from mindhaven.protocol.epoch import wrap_epoch
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.vault import Vault
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

        async def swap(method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path == "/v1/account/keys":
                for entry in more["body"].keys.entries:
                    if entry.lookup is not None:
                        entry.login_key = bytes(32)
            return await real(method, path, *rest, **more)

        ana.transport.call = swap  # type: ignore[method-assign]
        with pytest.raises(MindhavenError) as refused:
            await ana.access.change(root, rotate=True)
        assert refused.value.reason == "slot-altered"


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
