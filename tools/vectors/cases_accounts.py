"""Cases of account and slots."""

# ruff: noqa: E501 - tables: one case a line

from typing import Any

import published
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pages import Page
from primitives import Kept, Person, authority, box, cb, derive, hpke_by_hand, hsh, mac, seed, xwing_public


def account(kept: Kept) -> Page:
    page = Page("account", "mindhaven/statement/v1", kept, source=published.XWING_SOURCE)
    public = xwing_public(published.XWING_SEED)
    assert public.startswith(published.XWING_PUBLIC_BEGIN)
    assert public.endswith(published.XWING_PUBLIC_END)
    page.case("xwing-published", "1", "xwing", {"public": public}, seed=published.XWING_SEED,
              comment="the key of the published vector")  # fmt: skip
    info = cb("mindhaven/epoch-wrap/v1", 1, "published")
    sealed = hpke_by_hand(published.XWING_SHARED, info, seed("wrapped"))
    page.case("xwing-published-opens", "1", "unwrap", {"secret": seed("wrapped")}, seed=published.XWING_SEED, info=info,
              enc=published.XWING_CIPHERTEXT, ciphertext=sealed,
              comment="RFC 9180 base mode computed by hand from the published ciphertext and shared secret")  # fmt: skip
    page.case("xwing-another-info", "1", "unwrap", "wrap-does-not-open", seed=published.XWING_SEED, info=info + b"\x00",
              enc=published.XWING_CIPHERTEXT, ciphertext=sealed)  # fmt: skip
    auth = authority(seed("root"))
    page.case("authority", "1", "authority", {"ed25519": auth.ed, "mldsa65": auth.ml}, root=seed("root"))
    ada = Person(kept, "ada")
    ada.rotate()
    body = ada.body(ada.uid, 2, ada.head, 2, slots=hsh("slot-list", b"another"))
    ada.chain.append(ada.signed(body, 2, 2))
    _chains(page, ada)
    return page


def _chains(page: Page, ada: Person) -> None:
    first, second, third = ada.chain
    uid = ada.uid
    genesis = {"generation": 1, "seq": 0, "head": hsh("statement-hash", first["body"]), "root_generation": 1}
    page.case("genesis", "3, 5", "chain", genesis, uid=uid, chain=[first])
    page.case("new-generation", "4", "chain", {"generation": 2, "seq": 1, "head": hsh("statement-hash", second["body"]),
              "root_generation": 2},
              uid=uid, chain=[first, second])  # fmt: skip
    page.case("slots-only", "4", "chain", {"generation": 2, "seq": 2, "head": hsh("statement-hash", third["body"]),
              "root_generation": 2},
              uid=uid, chain=[first, second, third])  # fmt: skip

    def refused(name: str, stage: str, chain: list[Any], *, of: bytes = uid, step: str = "verification", why: str = "",
                **more: Any) -> None:  # fmt: skip
        page.case(name, step, "chain", stage, uid=of, chain=chain, comment=why, **more)

    refused("empty-chain", "account-empty", [])
    eve = Person(ada.kept, "eve")
    refused("another-account", "account-uid", eve.chain)
    renamed = eve.signed(eve.body(uid, 0, bytes(32), 1), 1, 1)
    refused("server-made-account", "account-uid", [renamed], why="keys of the server's making under the person's uid")
    refused("begins-in-the-middle", "account-order", [second])
    refused("prev-not-zero", "account-order", [ada.signed(ada.body(uid, 0, seed("x"), 1), 1, 1)])
    refused("seq-not-zero", "account-order", [ada.signed(ada.body(uid, 1, bytes(32), 1), 1, 1)])
    refused("generation-not-one", "account-order", [ada.signed(ada.body(uid, 0, bytes(32), 1, number=2), 1, 1)])
    refused("statement-dropped", "account-order", [first, third])
    refused("statement-twice", "account-order", [first, first])
    refused("fork", "account-fork", [first, ada.signed(ada.body(uid, 1, seed("fork"), 2), 1, 2)])
    refused("old-root-fork", "signature-invalid", [first, second, ada.signed(ada.body(uid, 2, hsh("statement-hash",
            second["body"]), 2), 1, 2)], why="the authority of the replaced root signs on")  # fmt: skip
    ada.grow()
    head = hsh("statement-hash", second["body"])
    refused("generation-skipped", "account-keys",
            [first, second, ada.signed(ada.body(uid, 2, head, 3, number=4), 2, 3)])  # fmt: skip
    refused("generation-back", "account-keys", [first, second, ada.signed(ada.body(uid, 2, head, 1), 2, 1)])
    refused("new-keys-same-generation", "account-keys",
            [first, second, ada.signed(ada.body(uid, 2, head, 3, number=2), 2, 3)])  # fmt: skip
    mine, theirs = authority(ada.root[1]), authority(ada.root[2])
    for name, keys in {"authority": {"authority": [theirs.ed, theirs.ml]},
                       "identity": {"authority": [mine.ed, mine.ml]}}.items():  # fmt: skip
        by = 2 if name == "authority" else 3
        refused(f"new-{name}-same-generation", "account-keys",
                [first, second, ada.signed(ada.body(uid, 2, head, by, number=2, **keys), 2, by)])  # fmt: skip
    refused("later-statement-of-another", "account-uid",
            [first, ada.signed(ada.body(eve.uid, 1, hsh("statement-hash", first["body"]), 1), 1, 1)])  # fmt: skip
    pair = ada.pair(2)
    old = {"identity": [ada.xwing(2), pair.ed, pair.ml]}
    refused("identity-kept", "account-keys", [first, second, ada.signed(ada.body(uid, 2, head, 3, **old), 2, 2)])
    kept, fresh = authority(ada.root[1]), authority(ada.root[2])
    for name, mixed in {"ed25519": [kept.ed, fresh.ml], "mldsa65": [fresh.ed, kept.ml]}.items():
        refused(f"authority-half-kept-{name}", "account-keys",
                [first, second, ada.signed(ada.body(uid, 2, head, 3, authority=mixed), 2, 3)])  # fmt: skip
    ancient = ada.pair(1)
    refused("identity-of-long-ago", "account-keys", [first, second, ada.signed(
            ada.body(uid, 2, head, 3, identity=[ada.xwing(1), ancient.ed, ancient.ml]), 2, 1)])  # fmt: skip
    new = ada.pair(3)
    refused("xwing-kept", "account-keys", [first, second, ada.signed(
            ada.body(uid, 2, head, 3, identity=[ada.xwing(2), new.ed, new.ml]), 2, 3)],
            why="a new generation changes all keys; here the X-Wing key stays")  # fmt: skip
    bea = Person(ada.kept, "bea")
    bea.rotate()
    bea.renew()
    page.case("root-kept", "4", "chain", {"generation": 3, "seq": 2, "head": bea.head, "root_generation": 2},
              uid=bea.uid, chain=list(bea.chain), comment="new identity keys under the root before")  # fmt: skip
    bea.rotate()
    page.case("root-kept-then-new", "4", "chain", {"generation": 4, "seq": 3, "head": bea.head, "root_generation": 4},
              uid=bea.uid, chain=list(bea.chain))  # fmt: skip
    by_old = bea.signed(bea.body(bea.uid, 4, bea.head, 4), 3, 4)
    page.case("root-kept-old-root-fork", "verification", "chain", "signature-invalid", uid=bea.uid,
              chain=[*bea.chain, by_old], comment="a root that served two generations is over after the next")  # fmt: skip
    body = first["body"]
    good = first["signatures"]
    for name, signatures, stage in [
        ("three-signatures", good[:3], "signature-count"), ("no-signatures", [], "signature-count"),
        ("five-signatures", [*good, good[3]], "signature-count"),
        ("authority-and-identity-swapped", good[2:] + good[:2], "signature-invalid"),
        ("identity-by-another", [*good[:2], *eve.signed(body, 1, 1)["signatures"][2:]], "signature-invalid"),
        ("authority-by-another", [*eve.signed(body, 1, 1)["signatures"][:2], *good[2:]], "signature-invalid"),
    ]:  # fmt: skip
        refused(name, stage, [{"body": body, "signatures": signatures}])
    for name, other in {
        "uid-31": {"uid": uid[:31]},
        "seq-true": {"seq": True},
        "prev-text": {"prev": "x" * 32},
    }.items():
        fields = {"uid": uid, "seq": 0, "prev": bytes(32), "generation": 1} | other
        refused(f"shape-{name}", "shape", [{"body": ada.body(**fields), "signatures": good}], step="2")


def slot_keys(secret: bytes, auth: str) -> dict[str, Any]:
    login = Ed25519PrivateKey.from_private_bytes(derive(secret, auth))
    return {
        "xwing": derive(secret, "slot-xwing"),
        "tag": derive(secret, "slot-tag"),
        "login": login.public_key().public_bytes_raw(),
    }


def slots(kept: Kept) -> Page:
    page = Page("slots", "mindhaven/slots/v1", kept)
    salt16, passphrase, name = seed("server salt")[:16], "ﬁve  ⅷ Å stars", "ada"
    secret = Argon2id(salt=hsh("pw-salt", b"ada\x00" + salt16), length=32, iterations=3, lanes=1,
                      memory_cost=65536).derive("five  viii Å stars".encode())  # fmt: skip
    params = [65536, 3, 1, salt16, name]
    page.case("passphrase", "2, 3", "passphrase", {"secret": secret}, passphrase=passphrase, params=cb(*params),
              comment="the ligature, the numeral and the sign of the length unit stand in NFKC form")  # fmt: skip
    for label, stage, other in [
        ("memory-floor", "argon2-floor", [65535, 3, 1, salt16, name]), ("passes-floor", "argon2-floor", [65536, 2, 1, salt16, name]),
        ("lanes-floor", "argon2-floor", [65536, 3, 0, salt16, name]), ("memory-ceiling", "argon2-ceiling", [1048577, 3, 1, salt16, name]),
        ("passes-ceiling", "argon2-ceiling", [65536, 65, 1, salt16, name]), ("lanes-ceiling", "argon2-ceiling", [65536, 3, 17, salt16, name]),
        ("salt-15", "shape", [65536, 3, 1, salt16[:15], name]), ("memory-true", "shape", [True, 3, 1, salt16, name]),
    ]:  # fmt: skip
        page.case(f"passphrase-{label}", "2", "passphrase", stage, passphrase="x", params=cb(*other))
    for kind, auth in [(1, "pw-auth"), (2, "recovery-auth"), (3, "passkey-auth"), (4, "guardians-auth")]:
        keys = slot_keys(seed("slot"), auth)
        page.case(f"keys-{kind}", "4", "keys", {"xwing": xwing_public(keys["xwing"]), "tag_key": keys["tag"],
                  "login": keys["login"]}, secret=seed("slot"), kind=kind)  # fmt: skip
    prf = seed("prf output")
    page.case("passkey", "3, 13", "passkey", {"salt": hsh("passkey-salt"), "secret": derive(prf, "passkey-prf"),
              "lookup": derive(derive(prf, "passkey-prf"), "passkey-lookup", n=16)}, prf=prf)  # fmt: skip
    for n in (31, 33, 64):
        page.case(f"passkey-{n}-bytes", "3", "passkey", "passkey-prf", prf=(prf + prf)[:n])
    for kind, names in [(1, None), (2, "recovery-lookup"), (3, "passkey-lookup"), (4, None)]:
        page.case(f"lookup-{kind}", "13", "lookup", {"lookup": names and derive(seed("slot"), names, n=16)},
                  secret=seed("slot"), kind=kind)  # fmt: skip
    _opening(page, kept)
    return page


def _opening(page: Page, kept: Kept) -> None:
    secret, other = seed("ada recovery"), seed("eve recovery")
    keys, foreign = slot_keys(secret, "recovery-auth"), slot_keys(other, "recovery-auth")
    slot_id, second_id = seed("slot id")[:16], seed("slot id 2")[:16]
    slot = [slot_id, 2, cb(), xwing_public(keys["xwing"])]
    second = [second_id, 2, cb(), xwing_public(foreign["xwing"])]
    salt = seed("list salt")
    listed = cb(salt, [slot, second])
    ada = Person(kept, "ada with slots", slots=hsh("slot-list", listed))
    page.case("list", "10", "list", {"hash": hsh("slot-list", listed), "ids": [slot_id, second_id]}, list=listed)
    for name, stage, data in [
        ("double", "slot-double", cb(salt, [slot, slot])), ("seventeen", "shape", cb(salt, [slot] * 17)),
        ("salt-31", "shape", cb(salt[:31], [slot])), ("key-short", "shape", cb(salt, [[slot_id, 2, cb(), slot[3][1:]]])),
        ("id-15", "shape", cb(salt, [[slot_id[:15], 2, cb(), slot[3]]])), ("three-fields", "shape", cb(salt, [slot[:3]])),
        ("params-list", "shape", cb(salt, [[slot_id, 2, [], slot[3]]])),
    ]:  # fmt: skip
        page.case(f"list-{name}", "10", "list", stage, list=data)
    tag = mac(keys["tag"], "slot-tag", cb(ada.uid, slot_id, 2, cb()))
    page.case("tag", "5", "tag", {"tag": tag}, secret=secret, kind=2, uid=ada.uid, slot=cb(*slot))

    def info(to: bytes, generation: int, uid: bytes = ada.uid) -> bytes:
        return cb("mindhaven/root-wrap/v1", 1, uid, uid, to, generation)

    def wrapped(root: bytes = ada.root[0], to: bytes = slot_id, generation: int = 1, key: bytes = slot[3],
                uid: bytes = ada.uid) -> list[bytes]:  # fmt: skip
        return list(kept.hpke(key, info(to, generation, uid), root))

    def opening(name: str, expect: Any, **other: Any) -> None:
        case: dict[str, Any] = {"secret": secret, "kind": 2, "uid": ada.uid, "chain": ada.chain, "list": listed,
                                "slot": slot_id, "tag": tag, "wrap": None} | other  # fmt: skip
        why = case.pop("why", "")
        case["wrap"] = case["wrap"] or wrapped()
        page.case(name, "6, 7", "open-slot", expect, comment=why, **case)

    opening("open", {"root": ada.root[0]})
    made = cb(salt, [[slot_id, 2, cb(), xwing_public(foreign["xwing"])], second])
    opening("server-adds-slot", "slot-list", list=cb(salt, [slot, second, [bytes(16), 2, cb(), second[3]]]))
    opening("server-swaps-key", "slot-list", list=made)
    opening("another-list-salt", "slot-list", list=cb(bytes(32), [slot, second]))
    opening("removed-slot", "slot-unknown", slot=bytes(16))
    opening("slot-of-the-server", "slot-key", slot=second_id, why="listed, but its key is not the one derived")
    opening("another-secret", "slot-key", secret=other, why="the secret of the other slot on the first one")
    opening("wrong-tag", "slot-tag", tag=bytes(32))
    opening("tag-of-another-kind", "slot-tag", tag=mac(keys["tag"], "slot-tag", cb(ada.uid, slot_id, 1, cb())))
    opening("tag-of-another-account", "slot-tag", tag=mac(keys["tag"], "slot-tag", cb(bytes(32), slot_id, 2, cb())))
    opening("own-root-wrap", "root-mismatch", wrap=wrapped(root=seed("server root")),
            why="the server wraps a root of its own to the recovery slot, whose public key it knows")  # fmt: skip
    opening("wrap-of-another-slot", "wrap-does-not-open", wrap=wrapped(to=second_id))
    opening("wrap-of-another-generation", "wrap-does-not-open", wrap=wrapped(generation=2))
    opening("wrap-to-another-key", "wrap-does-not-open", wrap=wrapped(key=second[3]))
    opening("wrap-of-another-account", "wrap-does-not-open", wrap=wrapped(uid=bytes(32)))
    bea = Person(kept, "bea with slots", slots=hsh("slot-list", listed))
    bea.renew()
    at = {"uid": bea.uid, "chain": bea.chain, "tag": mac(keys["tag"], "slot-tag", cb(bea.uid, slot_id, 2, cb()))}
    opening("root-kept", {"root": bea.root[0]}, wrap=wrapped(root=bea.root[0], uid=bea.uid), **at,
            why="new identity keys, the same root: its wrap still names the generation it came with")  # fmt: skip
    opening("root-kept-newer-generation", "wrap-does-not-open", **at,
            wrap=wrapped(root=bea.root[0], uid=bea.uid, generation=2))  # fmt: skip
    _bundles(page, ada)
    _later_bundles(page, bea)


def _bundles(page: Page, ada: Person) -> None:
    entry = [1, *ada.seeds[0]]
    index = seed("index")
    plain = cb([entry], index)
    root, salt, context = ada.root[0], seed("bundle salt"), cb(ada.uid, 1)

    def bundle(name: str, expect: Any, data: bytes) -> None:
        page.case(name, "8", "bundle", expect, root=root, uid=ada.uid, chain=ada.chain, box=data, generation=1)

    bundle("bundle", {"generations": [1], "index": index}, box(root, "bundle", context, plain, salt))
    eve = [1, *(seed(f"eve {part}") for part in "xem")]
    bundle("bundle-of-other-keys", "bundle-mismatch", box(root, "bundle", context, cb([eve], index), salt))
    bundle("bundle-with-more", "bundle-mismatch", box(root, "bundle", context, cb([entry, [2, *eve[1:]]], index), salt))
    down = cb([[2, *eve[1:]], entry], index)
    bundle("bundle-generations-descending", "shape", box(root, "bundle", context, down, salt))
    bundle("bundle-generation-twice", "shape", box(root, "bundle", context, cb([entry, entry], index), salt))
    bundle("bundle-wrong-generation", "commitment-mismatch", box(root, "bundle", cb(ada.uid, 2), plain, salt))
    bundle("bundle-another-account", "commitment-mismatch", box(root, "bundle", cb(bytes(32), 1), plain, salt))
    bundle("bundle-another-root", "commitment-mismatch", box(seed("x"), "bundle", context, plain, salt))
    bundle("bundle-index-31", "shape", box(root, "bundle", context, cb([entry], index[:31]), salt))
    bundle("bundle-seed-number", "shape", box(root, "bundle", context, cb([[1, 5, *entry[2:]]], index), salt))
    bundle("bundle-generation-zero", "shape", box(root, "bundle", context, cb([[0, *eve[1:]], entry], index), salt))
    good = box(root, "bundle", context, plain, salt)
    page.case("box", "9", "box", {"plaintext": plain}, key=root, kind="bundle", context=context, box=good)
    changed = good[:-1] + bytes([good[-1] ^ 1])
    page.case(
        "box-another-kind", "9", "box", "commitment-mismatch", key=root, kind="consent-part", context=context, box=good
    )
    page.case("box-changed", "9", "box", "seal-does-not-open", key=root, kind="bundle", context=context, box=changed)
    short = box(root, "bundle", context, plain, salt[:31])
    page.case("box-salt-31", "9", "box", "salt-length", key=root, kind="bundle", context=context, box=short)
    padded = cb(salt[:31] + b"\x00", *_rest(short))
    page.case("box-salt-31-and-a-zero", "9", "box", {"plaintext": plain}, key=root, kind="bundle", context=context,
              box=padded, comment="under HMAC a salt and the same with a zero byte are one: so its length is checked")  # fmt: skip


def _later_bundles(page: Page, bea: Person) -> None:
    first, second = [1, *bea.seeds[0]], [2, *bea.seeds[1]]
    root, salt, index = bea.root[0], seed("bundle salt"), seed("index")
    eve = [1, *(seed(f"eve {part}") for part in "xem")]

    def bundle(name: str, expect: Any, entries: list[Any], *, at: int = 2, read_at: int = 2) -> None:
        data = box(root, "bundle", cb(bea.uid, at), cb(entries, index), salt)
        page.case(name, "8", "bundle", expect, root=root, uid=bea.uid, chain=bea.chain, box=data, generation=read_at)

    bundle("bundle-both", {"generations": [1, 2], "index": index}, [first, second])
    bundle("bundle-lacks-older", {"generations": [2], "index": index}, [second])
    bundle("bundle-lacks-newest", "bundle-mismatch", [first])
    bundle("bundle-older-of-others", "bundle-mismatch", [eve, second])
    bundle("bundle-earlier", {"generations": [1], "index": index}, [first], at=1, read_at=1)
    bundle("bundle-earlier-holds-later", "bundle-mismatch", [first, second], at=1, read_at=1)
    bundle("bundle-earlier-as-newest", "commitment-mismatch", [first], at=1)


def _rest(data: bytes) -> list[bytes]:
    import cbor2

    rest: list[bytes] = cbor2.loads(data)[1:]
    return rest


PAGES = [account, slots]
