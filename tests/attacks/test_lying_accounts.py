"""A server that lies about accounts and ways in: keys, roots and slots of its own. docs/attacks/lying-server.md."""

import contextlib
import os
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators.entry import Play, entry
from tests.simulators.scenes import Alone, Hook, alone, notes, on_account, shows_chain
from tests.simulators.stretched import StretchedOnce
from tests.simulators.world import PASS, SPARE, Time

from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.secrets import RootKey, Seed
from mindhaven.crypto.wrap import UnwrapKey, Wrapped, wrap_info
from mindhaven.errors import MindhavenError
from mindhaven.protocol import recovery
from mindhaven.protocol.account import Identity, authority, extend, genesis, succeed
from mindhaven.protocol.card import Card
from mindhaven.protocol.encoding import ZERO32, Signed
from mindhaven.protocol.slots import Bundle, Slot, SlotKind, SlotList, seal_bundle, wrap_root
from mindhaven.sdk.errors import SignedOutError
from mindhaven.wire.accounts import AccountShown, ChangeKeys, LoginStarted, SessionGiven, SlotEntry

ALL = ["first", "second", "third"]
ROWS = "".join(recovery.rows(SPARE))
NEW = "five fresh words of my own"


@entry("own-root wrap to a recovery slot", "root-mismatch",
       off=("protocol.slots.open_slot: root-mismatch", "protocol.slots.check_bundle: bundle-mismatch"),
       then="the device signs and opens with keys that the server made")  # fmt: skip
async def test_a_root_of_the_servers_making_does_not_open(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        root, identity = RootKey.fresh(), Identity.fresh(1)

        def swap(shown: AccountShown) -> AccountShown:
            listed = SlotList.decode(shown.slots)
            for one in shown.entries:
                wrapped = wrap_root(root, shown.uid, 1, listed.get(one.id))
                one.enc, one.ciphertext = wrapped.enc, wrapped.ciphertext
            shown.bundle = seal_bundle(root, shown.uid, 1, Bundle({1: identity}, ZERO32))
            return shown

        laptop, wire = ana.fresh("laptop")
        wire.change = on_account(swap)
        with play.lie():
            await laptop.recover(ROWS)
        assert laptop.access.me is None
        with play.off():
            await laptop.recover(ROWS)
            assert laptop.me.identity.public == identity.public
        with play.honest():
            other, _ = ana.fresh("other")
            await other.recover(ROWS)
            await other.sync()
            assert notes(other) == ALL


@entry("slot added by the server", "slot-list",
       off=("sdk.access.Access.shown: slot-list", "protocol.slots.open_slot: slot-list"),
       then="the account's new root is wrapped to the server's own key")  # fmt: skip
async def test_a_slot_added_by_the_server_is_found(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        theirs = UnwrapKey(Seed.fresh())
        slot = Slot(os.urandom(16), SlotKind.RECOVERY_KEY, encode([]), theirs.public)

        def add(shown: AccountShown) -> AccountShown:
            listed = SlotList.decode(shown.slots)
            shown.slots = SlotList(listed.salt, (*listed.slots, slot)).encode()
            shown.entries.append(
                SlotEntry(id=slot.id, tag=bytes(32), enc=bytes(1120), ciphertext=bytes(48), login_key=bytes(32),
                          lookup=bytes(16))
            )  # fmt: skip
            return shown

        def sent() -> list[bytes]:
            return [body for path, body in ana.wire.bodies if path == "/v1/account/keys"]

        ana.wire.change = on_account(add)
        with play.lie():
            await ana.phone.new_recovery_key(PASS)
        assert sent() == []
        with play.off(), contextlib.suppress(MindhavenError):
            await ana.phone.new_recovery_key(PASS)
        keys = msgspec.json.decode(sent()[-1], type=ChangeKeys).keys
        (mine,) = [one for one in keys.entries if one.id == slot.id]
        generation = decode(Signed.decode(keys.statement).body)[3]
        info = wrap_info("root-wrap", ana.phone.me.uid, ana.phone.me.uid, slot.id, [generation])
        root = RootKey(theirs.unwrap(Wrapped(mine.enc, mine.ciphertext), info))
        assert authority(root).public.ed25519 == decode(Signed.decode(keys.statement).body)[4][0]
        with play.honest():
            ana.wire.change = None
            await ana.phone.new_recovery_key(PASS)


def signed_in(shown: AccountShown, given: SessionGiven) -> Hook:
    """Let whoever tries in, and show them this account."""

    def hook(request: httpx.Request, content: bytes) -> httpx.Response | bytes | None:
        if request.url.path == "/v1/login":
            return httpx.Response(200, content=msgspec.json.encode(given))
        return on_account(lambda _: shown)(request, content)

    return hook


async def given_by(ana: Alone, uid: bytes, slot: bytes) -> SessionGiven:
    """Return a session that the server gives away: Ana's own, whose token it knows."""
    await ana.phone.devices()
    token = ana.phone.transport._token
    assert token is not None
    return SessionGiven(
        uid=uid, session=ana.phone.me.session, token=token, token_expires_at=2**40, slot=slot, role="person"
    )


@entry("server's identity for a fresh device", "slot-tag", off="protocol.slots.open_slot: slot-tag",
       then="the person works in an account whose keys the server made")  # fmt: skip
async def test_an_account_of_the_servers_making_is_not_entered(tmp_path: Path, moment: Time, play: Play) -> None:
    """Everything fits: a chain, a list, a root wrapped to the person's true key; only they can make the tag."""
    async with alone(tmp_path, moment) as ana:
        _, _, listed = await ana.phone.access.shown(ana.phone.me.uid)
        true = next(slot for slot in listed.slots if slot.kind is SlotKind.PASSPHRASE)
        root, identity = RootKey.fresh(), Identity.fresh(1)
        made = SlotList.fresh([true])
        statement = genesis(root, identity, made.hash())
        uid = decode(statement.body)[0]
        wrapped = wrap_root(root, uid, 1, true)
        shown: AccountShown = await ana.phone.transport.call("GET", "/v1/account", AccountShown)
        old = next(one for one in shown.entries if one.id == true.id)
        forged = msgspec.structs.replace(
            shown,
            uid=uid,
            statements=[statement.encode()],
            slots=made.encode(),
            entries=[msgspec.structs.replace(old, enc=wrapped.enc, ciphertext=wrapped.ciphertext)],
            bundle=seal_bundle(root, uid, 1, Bundle({1: identity}, ZERO32)),
            earlier_bundles=[],
        )
        laptop, wire = ana.fresh("laptop")
        wire.change = signed_in(forged, await given_by(ana, uid, true.id))
        with play.lie():
            await laptop.log_in(ana.handle, PASS)
        assert laptop.access.me is None
        with play.off():
            await laptop.log_in(ana.handle, PASS)
            assert (laptop.me.uid, laptop.me.identity.public) == (uid, identity.public)
        with play.honest():
            other, _ = await ana.device("other")
            await other.sync()
            assert notes(other) == ALL


@entry("removed slot + old blob", "slot-list",
       why="The wrap is bound to the root that it came with: without the check on the list it still opens nothing under"
           " the newer chain. With the older chain beside it, see the log of keys below.")  # fmt: skip
async def test_a_removed_way_in_opens_nothing_by_what_lay_beside_it(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        before: AccountShown = await ana.phone.transport.call("GET", "/v1/account", AccountShown)
        slot = next(one.id for one in SlotList.decode(before.slots).slots if one.kind is SlotKind.RECOVERY_KEY)
        with play.honest():
            new, due_at = await ana.phone.new_recovery_key(PASS, old=SPARE)
            assert due_at is None
            other, _ = ana.fresh("other")
            await other.recover("".join(recovery.rows(new)))
        after: AccountShown = await ana.phone.transport.call("GET", "/v1/account", AccountShown)
        laptop, wire = ana.fresh("laptop")
        old = msgspec.structs.replace(after, slots=before.slots, entries=before.entries, bundle=before.bundle)
        wire.change = signed_in(old, await given_by(ana, before.uid, slot))
        with play.lie():
            await laptop.recover(ROWS)
        assert laptop.access.me is None
        # The newest list with it: the slot of that name holds another key.
        listed = SlotList.decode(after.slots).get(slot)
        assert listed.xwing != SlotList.decode(before.slots).get(slot).xwing


async def test_a_log_in_that_a_lie_broke_off_leaves_the_device_as_it_was(tmp_path: Path, moment: Time) -> None:
    """Its session goes on, also for what is signed in the session's name: the new one's token is not used for it."""
    async with alone(tmp_path, moment) as ana:
        session = ana.phone.me.session

        def adds(shown: AccountShown) -> AccountShown:
            listed = SlotList.decode(shown.slots)
            shown.slots = SlotList(listed.salt, (*listed.slots, listed.slots[0])).encode()
            return shown

        ana.wire.change = on_account(adds)
        with pytest.raises(MindhavenError):
            await ana.phone.log_in(ana.handle, PASS)
        ana.wire.change = None
        assert ana.phone.me.session == session
        assert not ana.phone.transport.has_token
        try:
            await ana.phone.access.open_way(passphrase=PASS)
        except SignedOutError:  # the server replaced the session: then this is said, and signing in again mends it
            await ana.phone.log_in(ana.handle, PASS)
            await ana.phone.access.open_way(passphrase=PASS)
        await ana.phone.sync()


# -- what others are shown of an account


async def a_contact(ana: Alone) -> Any:
    """Return somebody else's client, which has never asked for Ana's keys, and its transport."""
    eve = ana.home("eve")
    wire = ana.made[-1]
    await eve.sign_up(PASS, word="eve")
    return eve, wire


@entry("keys of the server's making for a contact", "account-uid", off="protocol.account.extend: account-uid",
       then="what is shared with that person is sealed for the server")  # fmt: skip
async def test_keys_of_the_servers_making_are_not_taken_for_a_contacts(
    tmp_path: Path, moment: Time, play: Play
) -> None:
    async with alone(tmp_path, moment) as ana:
        eve, wire = await a_contact(ana)
        card, identity = Card(ana.handle, ana.phone.me.uid), Identity.fresh(1)
        wire.change = shows_chain(card.uid, [genesis(RootKey.fresh(), identity, bytes(32)).encode()])
        with play.lie():
            await eve.add_contact(card, name="Ana")
        assert eve.index.contacts() == []
        assert eve.people.known(card.uid) is None
        with play.off():
            await eve.add_contact(card, name="Ana")
            assert eve.people.known(card.uid).identity == identity.public
        eve.store._run("DELETE FROM account WHERE uid = ?", card.uid)
        eve.people._states.clear()
        with play.honest():
            wire.change = None
            await eve.add_contact(card, name="Ana")
            assert eve.people.known(card.uid).identity == ana.phone.me.identity.public


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("head", marks=entry(
            "a statement by an old root after the newest", "signature-invalid", off="protocol.account.extend: verify",
            then="who holds a replaced root names the account's keys")),
        pytest.param("fork", marks=entry(
            "statement fork by an old root", "account-rollback",
            off=("sdk.people.People.learn: account-rollback", "protocol.account.extend: account-fork",
                 "protocol.account.extend: verify"),
            then="who holds a replaced root names the account's keys")),
    ],
)  # fmt: skip
async def test_who_holds_a_replaced_root_states_nothing(place: str, tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        uid = ana.phone.me.uid
        _, old_root = await ana.phone.access.open_way(passphrase=PASS)
        before, kept = ana.phone.people.known(uid), ana.phone.people.statements(uid)
        assert before is not None
        await ana.phone.change_passphrase(PASS, NEW, recovery_key=SPARE)
        now, newest = ana.phone.people.known(uid), ana.phone.people.statements(uid)
        assert now is not None
        eve, wire = await a_contact(ana)
        with play.honest():
            await eve.add_contact(Card(ana.handle, uid), name="Ana")
            assert eve.people.known(uid).identity == ana.phone.me.identity.public
        identity = Identity.fresh(now.generation + 1)
        if place == "head":
            forged = succeed(now, old_root, RootKey.fresh(), identity, bytes(32))
            shown = [*newest, forged.encode()]
        else:
            root, first = RootKey.fresh(), Identity.fresh(before.generation + 1)
            fork = succeed(before, old_root, root, first, bytes(32))
            second = succeed(extend(uid, before, fork), root, root, identity, bytes(32))
            shown = [*kept, fork.encode(), second.encode()]
        wire.change = shows_chain(uid, shown)
        with play.lie():
            await eve.people.fetch(uid)
        assert eve.people.known(uid).identity == ana.phone.me.identity.public
        with play.off():
            await eve.people.fetch(uid)
            assert eve.people.known(uid).identity == identity.public


# -- the passphrase


@entry("Argon2 floor", "argon2-floor", off="crypto.derive.passphrase_secret: argon2-floor",
       then="the passphrase is stretched as little as the server likes: what is sent can be guessed from")  # fmt: skip
async def test_a_weaker_argon2_is_refused(
    tmp_path: Path, moment: Time, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with alone(tmp_path, moment) as ana:
        costs: list[int] = []

        class Noted(StretchedOnce):
            def derive(self, words: bytes) -> bytes:
                costs.append(self._cost["memory_cost"])
                return super().derive(words)

        def weaken(request: httpx.Request, content: bytes) -> bytes | None:
            if request.url.path != "/v1/login/start":
                return None
            started = msgspec.json.decode(content, type=LoginStarted)
            started.memory_kib = 8192
            return msgspec.json.encode(started)

        laptop, wire = ana.fresh("laptop")
        monkeypatch.setattr("mindhaven.crypto.derive.Argon2id", Noted)
        wire.change = weaken
        with play.lie():
            await laptop.log_in(ana.handle, PASS)
        assert costs == []
        with play.off(), contextlib.suppress(MindhavenError):
            await laptop.log_in(ana.handle, PASS)
        assert costs == [8192]
        with play.honest():
            wire.change = None
            await laptop.log_in(ana.handle, PASS)
            assert costs == [8192, 65536]
