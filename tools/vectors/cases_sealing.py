"""Cases of envelope, epoch and attachment."""

# ruff: noqa: E501 - tables: one case a line

from typing import Any

import cbor2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pages import Page
from primitives import Kept, Person, cb, derive, hsh, padme, seed
from twokeys import forge

COLLECTION, ITEM, AUTHOR = seed("collection"), seed("item")[:16], seed("author")
HEADER = {"collection": COLLECTION, "item": ITEM, "revision": 1, "epoch": 3, "author": AUTHOR}
CONTENT = {"kind": "mindhaven/mood", "version": 1, "created_at": 1_790_000_000_123, "zone": "Europe/Vienna",
           "body": b'{"mood":4}'}  # fmt: skip


def head(**other: Any) -> bytes:
    h = HEADER | other
    return cb(h.get("suite", 1), h["collection"], h["item"], h["revision"], h["epoch"], h["author"])


def plain(content: bytes, size: int | None = None) -> bytes:
    size = size or max(1024, padme(4 + len(content)))
    return (len(content).to_bytes(4, "big") + content).ljust(size, b"\x00")


def content(**other: Any) -> bytes:
    c = CONTENT | other
    return cb(c["kind"], c["version"], c["created_at"], c["zone"], c["body"])


def sealed(key: bytes, salt: bytes, header: bytes, padded: bytes) -> bytes:
    okm = derive(key, "item", header, salt, 76)
    return cb(header, okm[44:], AESGCM(okm[:32]).encrypt(okm[32:44], padded, header))


def envelope(kept: Kept) -> Page:
    page = Page("envelope", "mindhaven/item/v1", kept)
    key, salt = seed("epoch key"), seed("item salt")
    good = sealed(key, salt, head(), plain(content()))
    hashes = {"envelope_hash": hsh("envelope-hash", good), "salt_hash": hsh("salt-hash", salt)}
    page.case("seal", "1-7", "seal", {"envelope": good, **hashes}, key=key, header=HEADER, content=CONTENT, salt=salt)
    old = {"created_at": -1, "body": b"", "zone": "+05:30", "kind": ""}
    early = sealed(key, salt, head(), plain(content(**old)))
    page.case("seal-before-1970", "1", "seal", {"envelope": early, "envelope_hash": hsh("envelope-hash", early),
              "salt_hash": hsh("salt-hash", salt)}, key=key, header=HEADER, content=CONTENT | old, salt=salt)  # fmt: skip
    for n in (31, 33, 0):
        page.case(f"seal-salt-{n}", "4", "seal", "salt-length", key=key, header=HEADER, content=CONTENT,
                  salt=(salt + b"\x00")[:n])  # fmt: skip
    page.case(
        "seal-too-large", "2", "seal-zeros", "item-too-large", key=key, header=HEADER, size=4 * 1024 * 1024, salt=salt
    )
    # By hand: E = floor(log2 L), S = floor(log2 E) + 1, multiples of 2^(E-S); L = length + 4.
    for length, size in [(0, 1024), (1020, 1024), (1021, 1088), (1084, 1088), (1085, 1152), (2044, 2048), (2045, 2176),
                         (4092, 4096), (4093, 4352), (9996, 10240), (65532, 65536), (65533, 67584),
                         (4194304, 4325376)]:  # fmt: skip
        page.case(f"size-{length}", "2", "size", {"size": size}, length=length)
    _opening(page, key, salt, good)
    return page


def _opening(page: Page, key: bytes, salt: bytes, good: bytes) -> None:
    def opening(name: str, expect: Any, data: bytes, **other: Any) -> None:
        case = {"key": key, "salt": salt, "expected": HEADER} | other
        why = case.pop("why", "")
        page.case(name, "8", "open", expect, comment=why, envelope=data, **case)

    opening("open", {"content": CONTENT}, good)
    for name, other in {
        "collection": bytes(32),
        "item": bytes(16),
        "revision": 2,
        "epoch": 4,
        "author": bytes(32),
    }.items():
        opening(f"misplaced-{name}", "envelope-misplaced", good, expected=HEADER | {name: other})
    opening("another-suite", "suite", sealed(key, salt, head(suite=2), plain(content())))
    opening(
        "suite-true", "shape", sealed(key, salt, head(suite=True), plain(content())), why="a boolean is not a number"
    )
    opening("another-key", "commitment-mismatch", good, key=seed("x"))
    opening("another-salt", "commitment-mismatch", good, salt=seed("x"))
    opening("salt-31", "salt-length", good, salt=salt[:31])
    h, commitment, ciphertext = cbor2.loads(good)
    opening("changed-commitment", "commitment-mismatch", cb(h, bytes(32), ciphertext))
    opening(
        "changed-ciphertext", "seal-does-not-open", cb(h, commitment, ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]))
    )
    opening("cut-ciphertext", "seal-does-not-open", cb(h, commitment, ciphertext[:-16]))
    opening("no-ciphertext", "seal-does-not-open", cb(h, commitment, b""))
    two = [derive(k, "item", h, salt, 76) for k in (key, seed("second key"))]
    forged = forge((two[0][:32], two[0][32:44]), (two[1][:32], two[1][32:44]), h, plain(content()))
    opening("two-keys", "commitment-mismatch", cb(h, two[0][44:], forged), key=seed("second key"),
            why="the ciphertext opens under both keys; the commitment is of the other")  # fmt: skip
    for name, padded in {
        "not-zero": plain(content())[:-1] + b"\x01", "zero-changed-in-the-middle": plain(content())[:600] + b"\x01" + bytes(423),
        "smaller": plain(content(), 1008), "larger": plain(content(), 1088), "length-over": b"\x00\x00\x04\x00" + bytes(1020),
        "length-huge": b"\xff\xff\xff\xff" + bytes(1020), "empty": b"", "three-bytes": bytes(3),
        "larger-than-needed": plain(bytes(1020), 1088),
    }.items():  # fmt: skip
        opening(f"padding-{name}", "padding-malformed", sealed(key, salt, head(), padded))
    for name, data in {
        "content-four-fields": cb("k", 1, 0, "UTC"), "content-body-text": content(body="x"), "content-version-true":
        content(version=True), "content-kind-101": content(kind="k" * 101),
    }.items():  # fmt: skip
        opening(name, "shape", sealed(key, salt, head(), plain(data)))
    for name, data in {
        "two-fields": cb(h, commitment), "commitment-31": cb(h, commitment[:31], ciphertext), "header-list": cb([], commitment,
        ciphertext), "header-item-15": cb(head(item=ITEM[:15]), commitment, ciphertext), "header-revision-0":
        cb(head(revision=0), commitment, ciphertext), "header-epoch-0": cb(head(epoch=0), commitment, ciphertext),
    }.items():  # fmt: skip
        opening(f"shape-{name}", "shape", data)
    opening("not-canonical", "encoding-not-canonical", good + b"\x00")


def epoch(kept: Kept) -> Page:
    page = Page("epoch", "mindhaven/epoch/v1", kept)
    ada, bob, eve = (Person(kept, name) for name in ("ada", "bob", "eve"))
    key = seed("epoch key")
    commitment = derive(key, "epoch-commitment", cb(COLLECTION, 3, 202609))
    timeless = derive(key, "epoch-commitment", cb(COLLECTION, 3, 0))
    page.case(
        "commitment",
        "2",
        "commitment",
        {"commitment": commitment},
        key=key,
        collection=COLLECTION,
        number=3,
        month=202609,
    )
    page.case(
        "commitment-timeless",
        "2",
        "commitment",
        {"commitment": timeless},
        key=key,
        collection=COLLECTION,
        number=3,
        month=0,
    )

    def info(**other: Any) -> bytes:
        i = {"kind": "epoch-wrap", "sender": ada.uid, "to": bob.uid, "key_id": 1, "collection": COLLECTION, "number": 3,
             "month": 202609, "commitment": commitment} | other  # fmt: skip
        return cb(f"mindhaven/{i['kind']}/v1", 1, i["sender"], i["to"], i["key_id"], i["collection"], i["number"], i["month"],
                  i["commitment"])  # fmt: skip

    page.case("info", "4", "info", {"info": info()}, sender=ada.uid, recipient=bob.uid, key_id=1, collection=COLLECTION,
              number=3, month=202609, commitment=commitment)  # fmt: skip

    def opening(name: str, expect: Any, made: bytes, *, step: str = "3-5", secret: bytes = key, to: bytes | None = None,
                **read: Any) -> None:  # fmt: skip
        enc, ciphertext = kept.hpke(to or bob.xwing(), made, secret)
        case = {"sender": ada.uid, "wrap": [bob.uid, 1, enc, ciphertext], "collection": COLLECTION, "number": 3,
                "month": 202609, "commitment": commitment, "identity": bob.identity()} | read  # fmt: skip
        page.case(name, step, "open-wrap", expect, **case)

    opening("open-wrap", {"key": key}, info())
    for name, other in {
        "collection": {"collection": bytes(32)}, "epoch": {"number": 4}, "month": {"month": 202610}, "sender": {"sender": eve.uid},
        "recipient": {"to": eve.uid}, "key-id": {"key_id": 2}, "commitment": {"commitment": bytes(32)}, "kind": {"kind": "consent-wrap"},
    }.items():  # fmt: skip
        opening(f"wrap-of-another-{name}", "wrap-does-not-open", info(**other))
    opening("wrap-to-another-key", "wrap-does-not-open", info(), to=eve.xwing())
    opening("wrap-of-another-secret", "epoch-commitment", info(), secret=seed("another key"))
    opening("wrap-of-31-bytes", "shape", info(), secret=key[:31])
    opening("wrap-of-33-bytes", "shape", info(), secret=key + b"\x00")
    enc, ciphertext = kept.hpke(bob.xwing(), info(), key)
    for name, wrap in {"enc-short": [bob.uid, 1, enc[1:], ciphertext], "ciphertext-47": [bob.uid, 1, enc, ciphertext[1:]],
                       "key-id-0": [bob.uid, 0, enc, ciphertext], "uid-31": [bob.uid[1:], 1, enc, ciphertext],
                       "three": [bob.uid, 1, enc]}.items():  # fmt: skip
        page.case(f"parse-{name}", "3", "parse-wraps", "shape", wraps=cb(wrap))
    page.case("parse-double", "3", "parse-wraps", "wrap-double", wraps=cb(*[[bob.uid, 1, enc, ciphertext]] * 2))
    for role, since, until, month, day, entitled in [
        (1, 0, 0, 202609, 20000, True), (1, 202609, 0, 202609, 20000, True), (1, 202610, 0, 202609, 20000, False),
        (1, 202610, 0, 0, 20000, True), (2, 0, 20000, 202609, 20000, True), (2, 0, 19999, 202609, 20000, False),
        (2, 0, 19999, 0, 20000, False), (2, 202610, 20000, 202612, 19000, True), (3, 0, 0, 202609, 20000, True),
        (3, 202610, 1, 202609, 20000, True),
    ]:  # fmt: skip
        page.case(f"entitled-{role}-{since}-{until}-{month}-{day}", "6", "entitled", {"entitled": entitled},
                  member=[bob.uid, role, since, until], month=month, day=day)  # fmt: skip
    for month, good in [(0, True), (190001, True), (999912, True), (202612, True), (202600, False), (202613, False),
                        (190000, False), (1, False), (12, False), (999913, False), (189912, False)]:  # fmt: skip
        page.case(f"month-{month}", "1", "month", {"month": month} if good else "month", month=month)
    return page


def pattern(size: int) -> bytes:
    """Byte i is (i * 7 + i // 256) mod 256."""
    row = [bytes((i * 7 + high) % 256 for i in range(256)) for high in range(256)]
    return (b"".join(row) * (size // 65536 + 1))[:size]


def attachment(kept: Kept) -> Page:
    page = Page("attachment", "mindhaven/attachment/v1", kept)
    key = seed("file key")
    cipher = AESGCM(key)

    def chunks(size: int) -> list[bytes]:
        data = pattern(size).ljust(max(padme(size), 4096), b"\x00")
        parts = [data[at : at + 65536] for at in range(0, len(data), 65536)]
        return [cipher.encrypt(bytes(7) + i.to_bytes(4, "big") + (b"\x01" if i == len(parts) - 1 else b"\x00"), part, None)
                for i, part in enumerate(parts)]  # fmt: skip

    def blobs(parts: list[bytes]) -> list[bytes]:
        return [b"".join(parts[at : at + 64]) for at in range(0, len(parts), 64)]

    for size, padded in [(0, 4096), (1, 4096), (4096, 4096), (4097, 4352), (65536, 65536), (65537, 67584), (131072, 131072),
                         (4194304, 4194304), (4194305, 4325376)]:  # fmt: skip
        found = blobs(chunks(size))
        assert sum(map(len, chunks(size))) - 16 * len(chunks(size)) == padded
        page.case(f"seal-{size}", "1-4", "seal", {"padded": padded, "blobs": [hsh("blob-hash", blob) for blob in found],
                  "lengths": [len(blob) for blob in found]}, key=key, size=size,
                  comment="the file's byte i is (i * 7 + i // 256) mod 256")  # fmt: skip
    size = 200_000
    good = chunks(size)
    names = [hsh("blob-hash", blob) for blob in blobs(good)]
    assert len(good) == 4
    for name, stage, change, parts in [
        ("chunk-changed", "stream-changed", ["flip", 1], None), ("last-chunk-changed", "stream-changed", ["flip", 3], None),
        ("chunks-swapped", "stream-changed", ["swap", 0, 1], None), ("last-chunk-dropped", "stream-changed", ["drop", 3], None),
        ("first-chunk-dropped", "stream-changed", ["drop", 0], None), ("chunk-twice", "stream-changed", ["repeat", 1], None),
        ("all-dropped", "stream-changed", ["drop-all"], None),
        ("blob-changed", "blob-mismatch", ["flip", 1], names), ("blob-missing", "blob-mismatch", ["drop-all"], names),
        ("size-smaller", "attachment-size", ["size", 190_000], names), ("size-larger", "attachment-size", ["size", 210_000], names),
    ]:  # fmt: skip
        page.case(
            name, "5", "open", stage, key=key, size=size, sealed=names, change=change, reference=parts or "renamed"
        )
    page.case("open", "5", "open", {"opened": True}, key=key, size=size, sealed=names, change=["none"], reference=names)
    return page


PAGES = [envelope, epoch, attachment]
