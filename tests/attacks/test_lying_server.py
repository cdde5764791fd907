"""A server that lies to the real SDK: each lie is named, and the local copy stays. docs/attacks/lying-server.md.

A hostile transport stands between the real SDK and a real server. Each attack also runs with the transport honest, and
is shown to succeed once its named check is switched off inside the test.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.world import PASS, Hostile, Time, mood, world

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import RootKey, Seed, SlotSecret
from mindhaven.errors import IntegrityError, MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.account import Identity, genesis
from mindhaven.protocol.encoding import ZERO32
from mindhaven.protocol.slots import Bundle, seal_bundle, wrap_root
from mindhaven.sdk import AsyncMindhaven
from mindhaven.sdk.vault import Vault
from mindhaven.wire.accounts import AccountShown, LoginStarted
from mindhaven.wire.ids import to_text


class Scene:
    """Ana with two entries on her phone, everything synced, and the hostile transport of each of her devices."""

    def __init__(self, home: Callable[[str], AsyncMindhaven], made: list[Hostile]) -> None:
        self.home = home
        self.made = made

    async def begin(self) -> "Scene":
        self.phone = self.home("phone")
        self.spare = await self.phone.sign_up(PASS, word="ana")
        self.phone.add(mood("first"))
        await self.phone.sync()
        self.phone.add(mood("second"))
        await self.phone.sync()
        self.mood = self.phone.index.named("mood").id  # type: ignore[union-attr]
        return self

    async def device(self, name: str) -> tuple[AsyncMindhaven, Hostile]:
        client = self.home(name)
        return client, self.made[-1]

    def notes(self, client: AsyncMindhaven) -> list[Any]:
        return sorted(str(entry.record.body["note"]) for entry in client.entries() if entry.record)


@asynccontextmanager
async def scene(tmp: Path, moment: Time) -> AsyncIterator[Scene]:
    made: list[Hostile] = []

    def between(inner: Any) -> Hostile:
        made.append(Hostile(inner))
        return made[-1]

    async with world(tmp, moment, between=between) as (_, home):
        yield await Scene(home, made).begin()


def on_page(
    scene: Scene, change: Callable[[list[Any]], list[Any] | None]
) -> Callable[[httpx.Request, bytes], bytes | None]:
    """Change the pages of the mood collection."""

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if to_text(scene.mood) not in request.url.path or not request.url.path.endswith("/commits"):
            return None
        page = change(decode(content))
        return None if page is None else encode(page)

    return hook


def withhold(page: list[Any]) -> list[Any]:
    page[2][-1][1] = [None for _ in page[2][-1][1]]
    return page


def swap_rows(page: list[Any]) -> list[Any]:
    puts = [entry for entry in page[2] if entry[1]]
    puts[0][1], puts[1][1] = puts[1][1], puts[0][1]
    return page


def drop_commit(page: list[Any]) -> list[Any]:
    del page[2][1]
    return page


def reorder(page: list[Any]) -> list[Any]:
    page[2][1], page[2][2] = page[2][2], page[2][1]
    return page


def flip(page: list[Any]) -> list[Any]:
    body = bytearray(page[2][-1][0][0])
    body[-1] ^= 1
    page[2][-1][0][0] = bytes(body)
    return page


def flip_signature(page: list[Any]) -> list[Any]:
    signature = bytearray(page[2][-1][0][1][0])
    signature[5] ^= 1
    page[2][-1][0][1][0] = bytes(signature)
    return page


def other_salt(page: list[Any]) -> list[Any]:
    page[2][-1][1][0][1] = bytes(32)
    return page


def short_salt(page: list[Any]) -> list[Any]:
    page[2][-1][1][0][1] = page[2][-1][1][0][1][:31]
    return page


def of_another_type(*path: int, value: Any = "x") -> Callable[[list[Any]], list[Any]]:
    def change(page: list[Any]) -> list[Any]:
        inner = page
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
        return page

    return change


LIES = {
    "a record withheld": (withhold, {"withheld"}),
    "two records swapped": (swap_rows, {"envelope-mismatch"}),
    "a commit dropped": (drop_commit, {"chain-order"}),
    "two commits in another order": (reorder, {"chain-order"}),
    "a commit changed": (flip, {"signature-invalid", "encoding-malformed", "encoding-not-canonical", "shape"}),
    "a signature changed": (flip_signature, {"signature-invalid"}),
    "another salt": (other_salt, {"salt-mismatch"}),
    "a salt of 31 bytes": (short_salt, {"salt-length"}),
    "a seq that is a text": (of_another_type(0), {"shape"}),
    "a head that is a number": (of_another_type(1, value=5), {"shape"}),
    "commits that are a number": (of_another_type(2, value=5), {"shape"}),
    "records that are a number": (of_another_type(2, -1, 1, value=5), {"shape"}),
    "an envelope that is a number": (of_another_type(2, -1, 1, 0, 0, value=5), {"shape"}),
    "a salt that is a text": (of_another_type(2, -1, 1, 0, 1), {"shape"}),
}


@pytest.mark.shows("lies-are-named")
@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_in_a_pull_is_named_and_changes_nothing(lie: str, tmp_path: Path, moment: Time) -> None:
    change, names = LIES[lie]
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")
        await laptop.log_in(ana.phone.me.handle, PASS)
        wire.change = on_page(ana, change)
        with pytest.raises(MindhavenError) as named:
            await laptop.sync()
        assert named.value.reason in names
        assert laptop.vault.state(ana.mood) is None or ana.notes(laptop) == []
        # With the transport honest, the same device takes everything.
        wire.change = None
        await laptop.sync()
        assert ana.notes(laptop) == ["first", "second"]


async def test_a_withheld_record_goes_unnoticed_without_its_check(
    tmp_path: Path, moment: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack succeeds once the check is off, so it is this check that finds it."""
    monkeypatch.setattr(Vault, "_check_whole", lambda *_: None)
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")
        await laptop.log_in(ana.phone.me.handle, PASS)
        wire.change = on_page(ana, withhold)
        await laptop.sync()
        assert ana.notes(laptop) == ["first"]


def rolled_back(ana: Scene, keep: int) -> Callable[[httpx.Request, bytes], bytes | None]:
    """Show the mood collection as it was after commit `keep`, in lists and pages."""
    old = ana.phone.store.commit_hash(ana.mood, keep)
    assert old is not None

    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path == "/v1/collections" and request.method == "GET":
            listed = msgspec.json.decode(content)
            for one in listed["collections"]:
                if one["seq"] >= keep and msgspec.json.decode(msgspec.json.encode(one["id"]), type=bytes) == ana.mood:
                    one["seq"] = keep
                    one["head"] = msgspec.json.decode(msgspec.json.encode(old))
            return msgspec.json.encode(listed)
        if to_text(ana.mood) in request.url.path and request.url.path.endswith("/commits"):
            page = decode(content)
            page[0], page[1] = keep, old
            first = -1 - (len(page[2]) - 1) if False else 0
            page[2] = page[2][first : max(0, keep + 1)]
            return encode(page)
        return None

    return hook


@pytest.mark.shows("lies-are-named")
async def test_a_rollback_is_named_on_a_device_that_saw_more(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        wire = ana.made[0]
        before = ana.notes(ana.phone)
        wire.change = rolled_back(ana, 1)
        with pytest.raises(MindhavenError) as named:
            await ana.phone.sync()
        assert named.value.reason in {"rollback", "fork"}
        assert ana.notes(ana.phone) == before


@pytest.mark.shows("lies-are-named")
async def test_a_rollback_is_named_on_a_new_device_by_the_heads_in_the_index(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")
        await laptop.log_in(ana.phone.me.handle, PASS)
        wire.change = rolled_back(ana, 1)
        with pytest.raises(MindhavenError) as named:
            await laptop.sync()
        assert named.value.reason == "rollback"


async def test_a_hidden_collection_is_named(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")
        await laptop.log_in(ana.phone.me.handle, PASS)

        def hide(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != "/v1/collections" or request.method != "GET":
                return None
            listed = msgspec.json.decode(content)
            listed["collections"] = listed["collections"][:1]
            return msgspec.json.encode(listed)

        wire.change = hide
        with pytest.raises(MindhavenError) as named:
            await laptop.sync()
        assert named.value.reason == "collection-withheld"


def on_account(change: Callable[[AccountShown], AccountShown]) -> Callable[[httpx.Request, bytes], bytes | None]:
    def hook(request: httpx.Request, content: bytes) -> bytes | None:
        if request.url.path != "/v1/account":
            return None
        return msgspec.json.encode(change(msgspec.json.decode(content, type=AccountShown)))

    return hook


async def test_a_root_of_the_servers_making_does_not_open(tmp_path: Path, moment: Time) -> None:
    """Own-root wrap to a recovery slot: the root opens, and is not the stated authority's."""
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")

        def swap(shown: AccountShown) -> AccountShown:
            from mindhaven.protocol.slots import SlotList

            root, identity = RootKey.fresh(), Identity.fresh(1)
            listed = SlotList.decode(shown.slots)
            for entry in shown.entries:
                wrapped = wrap_root(root, shown.uid, 1, listed.get(entry.id))
                entry.enc, entry.ciphertext = wrapped.enc, wrapped.ciphertext
            shown.bundle = seal_bundle(root, shown.uid, 1, Bundle({1: identity}, ZERO32))
            return shown

        wire.change = on_account(swap)
        with pytest.raises(IntegrityError) as named:
            await laptop.recover("".join(recovery.rows(ana.spare)))
        assert named.value.reason == "root-mismatch"
        assert laptop.access.me is None


async def test_an_account_of_the_servers_making_is_not_taken(tmp_path: Path, moment: Time) -> None:
    """The server answers with a chain of its own: its uid is another than the device's."""
    async with scene(tmp_path, moment) as ana:
        wire = ana.made[0]

        def swap(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != f"/v1/accounts/{to_text(ana.phone.me.uid)}":
                return None
            forged = genesis(RootKey.fresh(), Identity.fresh(1), bytes(32))
            return msgspec.json.encode({"uid": ana.phone.me.uid, "statements": [forged.encode()]})

        wire.change = swap
        with pytest.raises(IntegrityError) as named:
            await ana.phone.people.fetch(ana.phone.me.uid)
        assert named.value.reason == "account-rollback"
        ana.phone.people._states.clear()
        ana.phone.store._run("DELETE FROM account")
        with pytest.raises(IntegrityError) as named:
            await ana.phone.people.fetch(ana.phone.me.uid)
        assert named.value.reason == "account-uid"


async def test_a_slot_added_by_the_server_is_found(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        wire = ana.made[0]

        def add(shown: AccountShown) -> AccountShown:
            from mindhaven.crypto.wrap import UnwrapKey
            from mindhaven.protocol.slots import Slot, SlotKind, SlotList

            listed = SlotList.decode(shown.slots)
            slot = Slot(bytes(16), SlotKind.RECOVERY_KEY, encode([]), UnwrapKey(Seed.fresh()).public)
            shown.slots = SlotList(listed.salt, (*listed.slots, slot)).encode()
            return shown

        wire.change = on_account(add)
        with pytest.raises(IntegrityError) as named:
            await ana.phone.new_recovery_key(PASS)
        assert named.value.reason == "slot-list"


@pytest.mark.shows("no-password-sent")
async def test_a_weaker_argon2_is_refused_and_no_secret_ever_leaves(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        laptop, wire = await ana.device("laptop")

        def weaken(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != "/v1/login/start":
                return None
            started = msgspec.json.decode(content, type=LoginStarted)
            started.memory_kib = 8192
            return msgspec.json.encode(started)

        wire.change = weaken
        with pytest.raises(IntegrityError) as named:
            await laptop.log_in(ana.phone.me.handle, PASS)
        assert named.value.reason == "argon2-floor"
        wire.change = None
        await laptop.log_in(ana.phone.me.handle, PASS)
        await laptop.change_passphrase(PASS, "another five words for now")
        secrets = [PASS.encode(), b"another five words", bytes(ana.spare)]
        secrets += [bytes(seed) for identity in laptop.me.bundle.identities.values() for seed in identity.seeds]
        secrets += [bytes(laptop.me.session_key.seed)]
        import base64

        sent = b"".join(body for one in ana.made for _, body in one.bodies)
        assert len(sent) > 10_000
        for secret in secrets:
            assert secret not in sent
            assert base64.b64encode(secret)[:-4] not in sent
            assert secret.hex().encode() not in sent


async def test_a_guessed_recovery_key_opens_nothing(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        stranger, _ = await ana.device("stranger")
        with pytest.raises(MindhavenError) as named:
            await stranger.recover("".join(recovery.rows(SlotSecret.fresh())))
        assert named.value.reason == "login-refused"


@pytest.mark.shows("written-offline")
async def test_writing_goes_on_without_the_server_and_lands_once(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        wire = ana.made[0]

        def down(_request: httpx.Request, _content: bytes) -> bytes:
            raise httpx.ConnectError("down")

        wire.change = down
        ana.phone.add(mood("third"))
        with pytest.raises(MindhavenError) as named:
            await ana.phone.sync()
        assert named.value.reason == "offline"
        assert ana.notes(ana.phone) == ["first", "second", "third"]
        # The answer to the push is lost: the server has it, the device does not know; the next sync settles it once.
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.method == "POST" and request.url.path.endswith("/commits") and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return None

        wire.change = lose
        with pytest.raises(MindhavenError):
            await ana.phone.sync()
        assert lost
        wire.change = None
        await ana.phone.sync()
        other, _ = await ana.device("other")
        await other.log_in(ana.phone.me.handle, PASS)
        await other.sync()
        assert ana.notes(other) == ["first", "second", "third"]


@pytest.mark.shows("written-offline")
async def test_what_was_erased_after_a_lost_answer_is_erased_at_the_server_too(tmp_path: Path, moment: Time) -> None:
    async with scene(tmp_path, moment) as ana:
        wire = ana.made[0]
        lost: list[str] = []

        def lose(request: httpx.Request, _content: bytes) -> bytes | None:
            if request.method == "POST" and request.url.path.endswith("/commits") and not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return None

        wire.change = lose
        ana.phone.add(mood("regretted"))
        with pytest.raises(MindhavenError):
            await ana.phone.sync()
        assert lost
        (regretted,) = [one for one in ana.phone.entries() if one.record and one.record.body["note"] == "regretted"]
        assert regretted.waits
        ana.phone.erase(regretted)
        assert ana.notes(ana.phone) == ["first", "second"]
        await ana.phone.sync()
        assert ana.phone.store.queued() == []
        assert ana.notes(ana.phone) == ["first", "second"]
        other, _ = await ana.device("other")
        await other.log_in(ana.phone.me.handle, PASS)
        await other.sync()
        assert ana.notes(other) == ["first", "second"]
        # What never left this device is erased without a word to anybody.
        bodies = len(wire.bodies)
        ana.phone.add(mood("never sent"))
        ana.phone.erase(next(one for one in ana.phone.entries() if one.waits))
        await ana.phone.sync()
        assert not [path for path, _ in wire.bodies[bodies:] if path.endswith(f"{to_text(ana.mood)}/commits") and _]
