"""Keys handed out wrongly, one ciphertext for two keys, and answers to a link by another. docs/attacks/colluding.md."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from tests.simulators.colluding import Made, newest, show
from tests.simulators.entry import Play, entry
from tests.simulators.scenes import Three, alone, shows_chain, three
from tests.simulators.world import PASS, Time

from mindhaven.crypto.derive import derive
from mindhaven.crypto.seal import Sealed, open_sealed
from mindhaven.crypto.secrets import EpochKey, RootKey
from mindhaven.crypto.wrap import wrap, wrap_info
from mindhaven.protocol.account import AccountState, Identity, genesis
from mindhaven.protocol.card import Answer, Invitation, answer
from mindhaven.protocol.collection import Open
from mindhaven.protocol.epoch import Wrap, key_commitment, open_epoch, wrap_epoch
from mindhaven.sdk import AsyncMindhaven
from mindhaven.wire.sharing import Invitations

MONTH = 202001
"""A month of which nobody has written: an epoch of it can be opened by whoever may write."""


def stated(client: AsyncMindhaven) -> AccountState:
    account = client.people.known(client.me.uid)
    assert account is not None
    return account


def wrapped(s: Three, key: EpochKey, to: AsyncMindhaven, *, collection: bytes = b"", number: int, month: int) -> Wrap:
    """Return a key as Ben wraps it to somebody."""
    return wrap_epoch(key, collection or s.mood, number, month, sender=s.ben.me.uid, uid=to.me.uid, key_id=1,
                      xwing=stated(to).identity.xwing)  # fmt: skip


def opened_by_ben(s: Three, key: EpochKey, **wraps: Wrap) -> Made:
    """Return the commit by which Ben opens an epoch; `wraps`: what he gives instead of an honest wrap, by name."""
    number = newest(s, s.ben) + 1
    everyone = {"ana": s.ana, "ben": s.ben, "cara": s.cara}
    given = [wraps.get(name) or wrapped(s, key, who, number=number, month=MONTH) for name, who in everyone.items()]
    commitment = key_commitment(key, s.mood, number, MONTH)
    return Made((Open(number, MONTH, commitment, tuple(sorted(given, key=lambda one: one.uid))),), [])


def _info(
    collection: bytes, number: int, month: int, commitment: bytes, *, sender: bytes, uid: bytes, key_id: int
) -> bytes:
    """Stands in for a wrap's context: any place is as good as another."""
    return b"anywhere"


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("collection", marks=entry(
            "wrap of another collection", "wrap-does-not-open", off="protocol.epoch._info",
            then="a key of one collection counts as the key of another")),
        pytest.param("epoch", marks=entry(
            "wrap of another epoch", "wrap-does-not-open", off="protocol.epoch._info",
            then="an old key, which others hold, counts as the key of a new epoch")),
    ],
)  # fmt: skip
async def test_a_wrap_of_another_place_opens_nothing(place: str, tmp_path: Path, moment: Time, play: Play) -> None:
    """Ben replays in a new epoch what he wrapped to Ana elsewhere, and names that key's commitment."""
    async with three(tmp_path, moment) as s:
        key, number = EpochKey.fresh(), newest(s, s.ben) + 1
        elsewhere: dict[str, Any] = {"number": number, "month": MONTH}
        elsewhere |= {"collection": b"c" * 32} if place == "collection" else {"number": number + 7}

        with play.honest():
            show(s, s.ben, opened_by_ben(s, key))
            await s.ana.vault.pull(s.mood)
            assert s.ana.vault.epoch_key(s.mood, number) == key
        await anew(s)
        replayed = wrapped(s, key, s.ana, **elsewhere)
        show(s, s.ben, opened_by_ben(s, key, ana=replayed))
        await s.ana.vault.pull(s.mood)
        epoch = s.state(s.ana).epochs[number]
        assert s.ana.vault.epoch_key(s.mood, number) is None
        with play.lie(advice=False):  # the wrap's author is at fault; Ana's next record opens an epoch of its own
            open_epoch(replayed, s.mood, number, MONTH, epoch.commitment, sender=s.ben.me.uid,
                       identity=s.ana.me.identity)  # fmt: skip
        await anew(s)
        with play.off(_info=_info):
            show(s, s.ben, opened_by_ben(s, key, ana=wrapped(s, key, s.ana, **elsewhere)))
            await s.ana.vault.pull(s.mood)
            assert s.ana.vault.epoch_key(s.mood, number) == key


@entry("wrap of another recipient", "wrap-does-not-open",
       why="It is sealed to a key that this device does not have; no check stands between.")  # fmt: skip
async def test_a_wrap_of_another_recipient_opens_nothing(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        key, number = EpochKey.fresh(), newest(s, s.ben) + 1
        to_cara = wrapped(s, key, s.cara, number=number, month=MONTH)
        posing = Wrap(s.ana.me.uid, 1, to_cara.wrapped)
        with play.honest():
            found = open_epoch(to_cara, s.mood, number, MONTH, key_commitment(key, s.mood, number, MONTH),
                               sender=s.ben.me.uid, identity=s.cara.me.identity)  # fmt: skip
            assert found == key
        show(s, s.ben, opened_by_ben(s, key, ana=posing))
        await s.ana.vault.pull(s.mood)
        assert s.ana.vault.epoch_key(s.mood, number) is None
        with play.lie(advice=False):
            open_epoch(posing, s.mood, number, MONTH, s.state(s.ana).epochs[number].commitment,
                       sender=s.ben.me.uid, identity=s.ana.me.identity)  # fmt: skip


@entry("two keys for one epoch", "epoch-commitment", off="protocol.epoch.open_epoch: epoch-commitment",
       then="each member holds another key, so that one record could say two things")  # fmt: skip
async def test_one_epoch_has_one_key_for_all(tmp_path: Path, moment: Time, play: Play) -> None:
    async with three(tmp_path, moment) as s:
        key, another, number = EpochKey.fresh(), EpochKey.fresh(), newest(s, s.ben) + 1
        with play.honest():
            show(s, s.ben, opened_by_ben(s, key))
            await s.ana.vault.pull(s.mood)
            assert s.ana.vault.epoch_key(s.mood, number) == key
        commitment = key_commitment(key, s.mood, number, MONTH)
        swapped = _with_commitment(s, another, number, commitment)
        await anew(s)
        show(s, s.ben, opened_by_ben(s, key, ana=swapped))
        await s.ana.vault.pull(s.mood)
        assert s.ana.vault.epoch_key(s.mood, number) is None
        with play.lie(advice=False):
            open_epoch(swapped, s.mood, number, MONTH, commitment, sender=s.ben.me.uid, identity=s.ana.me.identity)
        await anew(s)
        show(s, s.ben, opened_by_ben(s, key, ana=swapped))
        with play.off():
            await s.ana.vault.pull(s.mood)
            assert s.ana.vault.epoch_key(s.mood, number) == another


async def anew(s: Three) -> None:
    """Let Ana forget what she was shown, and take what is truly there."""
    s.lies.change = None
    s.ana.vault.forget(s.mood)
    await s.ana.vault.pull(s.mood)


def _with_commitment(s: Three, key: EpochKey, number: int, commitment: bytes) -> Wrap:
    """Wrap a key under the commitment of another, as only who crafts it by hand can."""
    info = wrap_info("epoch-wrap", s.ben.me.uid, s.ana.me.uid, 1, [s.mood, number, MONTH, commitment])
    return Wrap(s.ana.me.uid, 1, wrap(stated(s.ana).identity.xwing, bytes(key), info))


# -- one ciphertext, two keys

FIELD = 0xE1 << 120
"""The polynomial of GCM's field, x^128 + x^7 + x^2 + x + 1, in its bit order (NIST SP 800-38D, 6.3)."""


def times(one: int, other: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (FIELD if other & 1 else 0)
    return product


def inverse(value: int) -> int:
    found, power = 1 << 127, value
    for _ in range(127):  # value ** (2**128 - 2)
        power = times(power, power)
        found = times(found, power)
    return found


class Gcm:
    """AES-256-GCM by hand, as NIST SP 800-38D writes it: what one key and nonce make of blocks."""

    def __init__(self, okm: bytes) -> None:
        self._aes = Cipher(AES(okm[:32]), ECB()).encryptor()
        self._nonce = okm[32:44]
        self.h = int.from_bytes(self._aes.update(bytes(16)), "big")

    def stream(self, counter: int) -> int:
        return int.from_bytes(self._aes.update(self._nonce + counter.to_bytes(4, "big")), "big")

    def hashed(self, blocks: list[int]) -> int:
        found = 0
        for block in blocks:
            found = times(found ^ block, self.h)
        return found ^ self.stream(1)

    def power(self, exponent: int) -> int:
        found = self.h
        for _ in range(exponent - 1):
            found = times(found, self.h)
        return found


def blocks_of(data: bytes) -> list[int]:
    padded = data + bytes(-len(data) % 16)
    return [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)]


def for_two_keys(one: bytes, other: bytes, context: bytes, text: bytes) -> bytes:
    """Return a ciphertext with tag that both keys open: as `text` and a block by the first, as noise by the other."""
    first, second = Gcm(one), Gcm(other)
    body = [block ^ first.stream(2 + n) for n, block in enumerate(blocks_of(text))]
    about = blocks_of(context)
    lengths = (len(context) * 8) << 64 | (len(body) + 1) * 128
    without = [gcm.hashed([*about, *body, 0, lengths]) for gcm in (first, second)]
    free = times(without[0] ^ without[1], inverse(first.power(2) ^ second.power(2)))
    whole = [*body, free]
    tags = {gcm.hashed([*about, *whole, lengths]) for gcm in (first, second)}
    assert len(tags) == 1
    return b"".join(block.to_bytes(16, "big") for block in [*whole, *tags])


@entry("two-key ciphertext", "commitment-mismatch", off="crypto.seal.open_sealed: commitment-mismatch",
       then="one sealed record opens under two keys, to two texts")  # fmt: skip
def test_a_ciphertext_that_two_keys_open_is_refused_by_the_second(play: Play) -> None:
    """AES-GCM alone takes it: its tag does not bind the key."""
    one, other, salt, context = EpochKey(b"1" * 32), EpochKey(b"2" * 32), b"s" * 32, b"the header of a record"
    okm, second = (derive(key, "item", context, salt=salt, length=76) for key in (one, other))
    text = b"sixteen bytes or a multiple of it, which is 48.."
    sealed = Sealed(okm[44:], for_two_keys(okm, second, context, text))
    with play.honest():
        assert open_sealed(one, "item", salt, context, sealed)[:48] == text
    with play.lie(advice=False):
        open_sealed(other, "item", salt, context, sealed)
    with play.off():
        assert open_sealed(other, "item", salt, context, sealed)[:48] != text


# -- links


@entry("link answered with a swapped uid", "invitation-mac", off="protocol.card.open_answer: invitation-mac",
       then="a stranger becomes the contact to whom the link was given")  # fmt: skip
async def test_an_answer_by_one_who_never_had_the_link_is_not_taken(tmp_path: Path, moment: Time, play: Play) -> None:
    """Bob answers Ana's link; the server shows her an answer of Eve's in its place, under Bob's name."""
    async with alone(tmp_path, moment) as ana:
        bob, eve = ana.home("bob"), ana.home("eve")
        for client, word in ((bob, "bob"), (eve, "eve")):
            await client.sign_up(PASS, word=word)
        link = await ana.phone.sharing.invite()
        true = Invitation.parse(link)
        await bob.sharing.accept(link, name="Bob", inviter_name="Ana")
        inviter = await eve.people.fetch(ana.phone.me.uid)
        guess = Invitation(true.inviter, true.id, b"no secret that the server knows.")
        posing = answer(guess, inviter, Answer(eve.me.uid, 1, bob.me.handle, "Bob"), eve.me.identity)

        def swap(request: httpx.Request, content: bytes) -> bytes | None:
            if (request.method, request.url.path) != ("GET", "/v1/invitations"):
                return None
            shown = msgspec.json.decode(content, type=Invitations)
            for one in shown.invitations:
                one.answer = posing
            return msgspec.json.encode(shown)

        ana.wire.change = swap
        assert await ana.phone.sharing.answers() == []
        assert ana.phone.index.contacts() == []
        with play.lie(advice=False):  # junk from whoever saw the link; the person's own link stays good
            await ana.phone.sharing._answerer(true, posing)
        with play.honest():
            ana.wire.change = None
            (found,) = await ana.phone.sharing.answers()
            assert found.uid == bob.me.uid
        link = await ana.phone.sharing.invite()
        again = Invitation.parse(link)
        await bob.sharing.accept(link, name="Bob", inviter_name="Ana")
        guess = Invitation(again.inviter, again.id, guess.secret)
        posing = answer(guess, inviter, Answer(eve.me.uid, 1, bob.me.handle, "Bob"), eve.me.identity)
        ana.wire.change = swap
        with play.off():
            (found,) = await ana.phone.sharing.answers()
            assert (found.uid, found.name, found.checked) == (eve.me.uid, "Bob", "link")


@entry("link that leads to another person", "account-uid", off="protocol.account.extend: account-uid",
       then="the invited person answers the server, and trusts its keys as the inviter's")  # fmt: skip
async def test_a_link_names_its_inviter_by_what_no_server_can_make(tmp_path: Path, moment: Time, play: Play) -> None:
    async with alone(tmp_path, moment) as ana:
        bob, wire = ana.home("bob"), ana.made[-1]
        await bob.sign_up(PASS, word="bob")
        identity = Identity.fresh(1)
        link = await ana.phone.sharing.invite()
        wire.change = shows_chain(ana.phone.me.uid, [genesis(RootKey.fresh(), identity, bytes(32)).encode()])
        with play.lie():
            await bob.sharing.accept(link, name="Bob", inviter_name="Ana")
        assert bob.index.contacts() == []
        with play.off():
            await bob.sharing.accept(link, name="Bob", inviter_name="Ana")
            known = bob.people.known(ana.phone.me.uid)
            assert known is not None
            assert known.identity == identity.public
        with play.honest():
            wire.change = None
            bob.store._run("DELETE FROM account WHERE uid = ?", ana.phone.me.uid)
            bob.people._states.clear()
            await bob.sharing.accept(await ana.phone.sharing.invite(), name="Bob", inviter_name="Ana")
            known = bob.people.known(ana.phone.me.uid)
            assert known is not None
            assert known.identity == ana.phone.me.identity.public
