"""One account with everything that leaves a device, made at random here and checked when the browser's code made it.

`make` and `check` have twins in web/packages/crypto/test/interop/bag.ts; a bag is JSON with its bytes in hexadecimal.
"""

import os
from copy import deepcopy
from typing import Any

from mindhaven.crypto.encoding import encode
from mindhaven.crypto.seal import CHUNK_BYTES, open_box, open_stream, seal_box, seal_stream
from mindhaven.crypto.secrets import FileKey, RootKey, SlotSecret
from mindhaven.crypto.sign import SessionSigner
from mindhaven.crypto.wrap import Wrapped
from mindhaven.protocol import account, card, login, recovery, slots
from mindhaven.protocol.encoding import Signed

Bag = dict[str, Any]
PHRASE = "fünf  Wörter ﬁnden den Weg"
KINDS = (slots.SlotKind.PASSPHRASE, slots.SlotKind.RECOVERY_KEY, slots.SlotKind.PASSKEY, slots.SlotKind.GUARDIANS)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text)


def _chain(*statements: Signed) -> list[str]:
    return [statement.encode().hex() for statement in statements]


def _verified(uid: str, chain: list[str]) -> account.AccountState:
    return account.verify_chain(_raw(uid), [Signed.decode(_raw(one)) for one in chain])


def make(now: int) -> Bag:
    """Return a new account after one change of keys, with four ways in and one answered invitation."""
    old_root, root = RootKey.fresh(), RootKey.fresh()
    first, second = account.Identity.fresh(1), account.Identity.fresh(2)
    params = slots.PassphraseParams.fresh("ada", os.urandom(16))
    ways = []
    for kind in KINDS:
        plain = kind != slots.SlotKind.PASSPHRASE
        secret = SlotSecret.fresh() if plain else params.secret(PHRASE)
        keys = slots.SlotKeys.of(secret, kind)
        stored = encode([] if plain else params.value())
        ways.append((secret, keys, slots.Slot(os.urandom(16), kind, stored, keys.unwrapper.public)))
    listed = slots.SlotList.fresh([slot for _, _, slot in ways])
    genesis = account.genesis(old_root, first, listed.hash())
    uid = account.Statement.decode(genesis.body).uid
    before = account.verify_chain(uid, [genesis])
    statement = account.succeed(before, old_root, root, second, listed.hash())
    state = account.extend(uid, before, statement)
    bundle = slots.Bundle({1: first, 2: second}, os.urandom(32))
    wraps = [slots.wrap_root(root, uid, state.root_generation, slot) for _, _, slot in ways]
    return {
        "uid": uid.hex(),
        "chain": _chain(genesis, statement),
        "root": root.hex(),
        "list": listed.encode().hex(),
        "slots": [
            {
                "id": slot.id.hex(),
                "kind": int(slot.kind),
                "secret": secret.hex(),
                "tag": slots.slot_tag(keys, uid, slot).hex(),
                "login": keys.login.public.hex(),
                "enc": wrapped.enc.hex(),
                "ciphertext": wrapped.ciphertext.hex(),
            }
            for (secret, keys, slot), wrapped in zip(ways, wraps, strict=True)
        ],
        "phrase": PHRASE,
        "bundle": slots.seal_bundle(root, uid, state.generation, bundle).hex(),
        "index": bundle.index.hex(),
        "recovery": {"rows": recovery.rows(ways[1][0]), "lookup": recovery.lookup_id(ways[1][0]).hex()},
        "claim": _claim(now),
        "fast": [one.hex() for one in second.signer.sign_fast("commit", genesis.body)],
        "box": _box(),
        "file": _file(),
        "card": card.Card("ada", uid).text(),
        **_answered(state),
    }


def _claim(now: int) -> Bag:
    key = SessionSigner.fresh()
    claim = login.LoginClaim("https://haven.example", "ada", "session", os.urandom(32), os.urandom(32), now)
    return {"body": claim.encode().hex(), "key": key.public.hex(), "signature": claim.sign(key).hex(), "now": now}


def _box() -> Bag:
    key, context, plain = os.urandom(32), os.urandom(40), os.urandom(700)
    return {"key": key.hex(), "context": context.hex(), "plain": plain.hex(),
            "box": seal_box(key, "bundle", context, plain).hex()}  # fmt: skip


def _file() -> Bag:
    key, plain = FileKey.fresh(), os.urandom(CHUNK_BYTES + 1000)
    sealed = seal_stream(key, [plain[:CHUNK_BYTES], plain[CHUNK_BYTES:]])
    return {"key": key.hex(), "plain": plain.hex(), "sealed": [part.hex() for part in sealed]}


def _answered(state: account.AccountState) -> Bag:
    guest_root, guest = RootKey.fresh(), account.Identity.fresh(1)
    genesis = account.genesis(guest_root, guest, os.urandom(32))
    uid = account.Statement.decode(genesis.body).uid
    invitation = card.Invitation(state.uid, os.urandom(32), os.urandom(32))
    sealed = card.answer(invitation, state, card.Answer(uid, 1, "grace", "Grace 🌱"), guest)
    return {
        "safety": {"number": card.safety_number(state.uid, uid), "words": card.safety_words(state.uid, uid)},
        "answer": {
            "link": invitation.link("https://haven.example/"),
            "uid": uid.hex(),
            "chain": _chain(genesis),
            "sealed": sealed.hex(),
        },
    }


def check(bag: Bag) -> None:
    """Verify and open everything in `bag`; raise what the first check raises that does not hold."""
    state = _verified(bag["uid"], bag["chain"])
    assert (state.generation, state.seq, state.root_generation) == (2, 1, 2)
    root = _raw(bag["root"])
    listed = slots.SlotList.decode(_raw(bag["list"]))
    for way in bag["slots"]:
        kind = slots.SlotKind(way["kind"])
        keys = slots.SlotKeys.of(SlotSecret(_raw(way["secret"])), kind)
        assert keys.login.public.hex() == way["login"]
        wrapped = Wrapped(_raw(way["enc"]), _raw(way["ciphertext"]))
        assert slots.open_slot(keys, state, listed, _raw(way["id"]), _raw(way["tag"]), wrapped) == root
    bundle = slots.open_bundle(RootKey(root), state, _raw(bag["bundle"]))
    assert (sorted(bundle.identities), bundle.index.hex()) == ([1, 2], bag["index"])
    key = recovery.parse(" ".join(bag["recovery"]["rows"]).lower())
    assert (key.hex(), recovery.lookup_id(key).hex()) == (bag["slots"][1]["secret"], bag["recovery"]["lookup"])
    _check_claim(bag["claim"])
    genesis = Signed.decode(_raw(bag["chain"][0]))
    account.verify("commit", state.identity.signing, genesis.body, list(map(_raw, bag["fast"])), hybrid=False)
    box, file = bag["box"], bag["file"]
    assert open_box(_raw(box["key"]), "bundle", _raw(box["context"]), _raw(box["box"])).hex() == box["plain"]
    assert b"".join(open_stream(FileKey(_raw(file["key"])), map(_raw, file["sealed"]))).hex() == file["plain"]
    assert card.Card.parse(bag["card"]) == card.Card("ada", state.uid)
    _check_answer(bag, state, bundle.newest())
    # Last, since it takes longest and what was changed is refused before.
    by_phrase = listed.slots[0].passphrase_params().secret(bag["phrase"])
    assert by_phrase.hex() == bag["slots"][0]["secret"]


def _check_claim(given: Bag) -> None:
    claim = login.LoginClaim.decode(_raw(given["body"]))
    login.verify_claim(claim, _raw(given["key"]), _raw(given["signature"]), expected=claim, now=given["now"])


def _check_answer(bag: Bag, state: account.AccountState, identity: account.Identity) -> None:
    given = bag["answer"]
    guest = _verified(given["uid"], given["chain"])
    invitation = card.Invitation.parse(given["link"])
    assert invitation.inviter == state.uid
    found = card.open_answer(invitation, _raw(given["sealed"]), identity, guest)
    assert found == card.Answer(guest.uid, 1, "grace", "Grace 🌱")
    assert bag["safety"] == {
        "number": card.safety_number(guest.uid, state.uid),
        "words": card.safety_words(guest.uid, state.uid),
    }


def changed(bag: Bag, *path: str | int) -> Bag:
    """Return a copy of `bag` in which one bit of the last byte at `path` is another."""
    copy: Any = deepcopy(bag)
    place = copy
    for step in path[:-1]:
        place = place[step]
    data = bytearray(_raw(place[path[-1]]))
    data[-1] ^= 1
    place[path[-1]] = data.hex()
    return copy
