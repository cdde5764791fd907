"""Cases of ledger and receipt: entries, own events, statements, heads; and the forms of C2SP and RFC 6962 around them."""

# ruff: noqa: E501 - tables: one case a line

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pages import Page
from primitives import Kept, cb, hsh, seed

ME = seed("subject")


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    if len(entries) < 2:
        return leaf(entries[0]) if entries else hashlib.sha256(b"").digest()
    k = split(len(entries))
    return node(mth(entries[:k]), mth(entries[k:]))


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    return [*path(m, entries[:k]), mth(entries[k:])] if m < k else [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def body(seq: int, prev: bytes, subject: bytes = ME, name: str = "vault.collection.pulled") -> bytes:
    return cb(name, 1, subject, seq, prev, 1_789_999_200, ["x", seq])


def ledger(kept: Kept) -> Page:
    page = Page("ledger", "mindhaven/ledger/v1", kept)
    uid, statement, collection, head = seed("uid"), seed("statement"), seed("collection"), seed("head")
    page.case("origin", "1", "origin", {"origin": "mind.example/log/audit"}, place="mind.example", log="audit")
    page.case(
        "keys-entry", "3", "keys-entry", {"entry": hsh("keys-tag", uid) + statement}, uid=uid, statement=statement
    )
    page.case("heads-entry", "4", "heads-entry",
              {"entry": hsh("heads-tag", collection, (20781).to_bytes(8, "big")) + hsh("heads-head", head)},
              collection=collection, day=20781, head=head)  # fmt: skip
    entry = seed("one") + seed("two")
    page.case("split", "5", "split", {"tag": seed("one"), "rest": seed("two")}, entry=entry)
    for name, wrong in {"63": entry[:63], "65": entry + b"\x00", "32": entry[:32], "empty": b""}.items():
        page.case(f"split-{name}", "5", "split", "ledger-entry", entry=wrong)
    _events(page)
    _statements(page)
    _heads(page)
    _tree(page)
    _notes(page)
    return page


def _events(page: Page) -> None:
    salt = seed("salt")
    first = body(0, bytes(32))
    one = hsh("event", salt, first)
    second = body(1, one)
    two = hsh("event", salt, second)
    third = body(2, two)
    three = hsh("event", salt, third)

    def follow(name: str, expect: Any, *openings: list[Any], subject: bytes = ME) -> None:
        shown = [[seq, commitment, salted, opened] for seq, commitment, salted, opened in openings]
        page.case(name, "7", "follow", expect, subject=subject, openings=shown)

    whole = [[0, one, salt, first], [1, two, salt, second], [2, three, salt, third]]
    follow("events", {"told": 3}, *whole)
    follow("events-none", {"told": 0})
    follow("events-one-erased", {"told": 2}, whole[0], [1, two, None, None], whole[2])
    follow("events-only-the-salt-erased", {"told": 2}, whole[0], [1, two, None, second], whole[2])
    follow("events-all-erased", {"told": 0}, [0, one, None, None], [1, two, None, None])
    follow("events-first-missing", "activity-gap", whole[1])
    follow("events-middle-missing", "activity-gap", whole[0], whole[2])
    follow("events-twice", "activity-gap", whole[0], whole[0])
    follow("events-renumbered", "activity-gap", whole[0], [1, three, salt, third])
    other = body(1, seed("another"))
    follow("events-another-prev", "activity-gap", whole[0], [1, hsh("event", salt, other), salt, other])
    follow("events-erased-replaced", "activity-gap", whole[0], [1, seed("x"), None, None], whole[2])
    strange = body(0, bytes(32), subject=seed("somebody"))
    follow("events-of-another", "activity-subject", [0, hsh("event", salt, strange), salt, strange])
    follow(
        "events-another-body", "activity-commitment", [0, one, salt, body(0, bytes(32), name="vault.collection.pushed")]
    )
    follow("events-another-salt", "activity-commitment", [0, one, seed("salt 2"), first])
    follow("events-another-commitment", "activity-commitment", [0, two, salt, first])
    short = cb("a.b.c", 1, ME, 0, bytes(32), 0)
    follow("events-six-fields", "shape", [0, hsh("event", salt, short), salt, short])
    many = cb("a.b.c", 1, ME, 0, bytes(32), 0, [0] * 33)
    follow("events-too-many-fields", "shape", [0, hsh("event", salt, many), salt, many])
    zero = cb("a.b.c", 0, ME, 0, bytes(32), 0, [])
    follow("events-version-zero", "shape", [0, hsh("event", salt, zero), salt, zero])


def _statements(page: Page) -> None:
    chain = [seed("statement 0"), seed("statement 1"), seed("statement 2")]

    def check(name: str, expect: Any, logged: list[bytes]) -> None:
        page.case(name, "9", "statements", expect, known=chain, logged=logged)

    check("statements-all", {"logged": 3}, chain)
    check("statements-some", {"logged": 2}, chain[:2])
    check("statements-none", {"logged": 0}, [])
    check("statements-later-only", {"logged": 3}, [chain[2]])
    check("statements-hidden", "statement-hidden", [*chain, seed("statement 3")])
    check("statements-forked", "statement-hidden", [chain[0], seed("statement 1, other"), chain[2]])
    check("statements-twice", "statement-double", [chain[0], chain[1], chain[1]])
    check("statements-out-of-order", "statement-double", [chain[1], chain[0]])


def _heads(page: Page) -> None:
    tags = [hsh("heads-tag", seed("collection"), day.to_bytes(8, "big")) for day in (20781, 20782)]
    heads = [hsh("heads-head", seed(f"commit {n}")) for n in range(3)]
    wanted = [[tags[0], heads[:2]], [tags[1], heads]]
    strange = [seed("tag of another"), seed("head of another")]

    def check(name: str, expect: Any, logged: list[list[bytes]]) -> None:
        page.case(name, "10", "heads", expect, wanted=wanted, logged=logged)

    check("heads-all", {"found": sorted(tags)}, [strange, [tags[0], heads[1]], [tags[1], heads[2]]])
    check("heads-some", {"found": [tags[1]]}, [strange, strange, [tags[1], heads[0]]])
    check("heads-none", {"found": []}, [])
    check("heads-unknown", "head-unknown", [[tags[0], heads[2]]])
    check("heads-double", "head-double", [[tags[0], heads[1]], [tags[0], heads[1]]])
    check("heads-second-unknown", "head-double", [[tags[0], heads[1]], [tags[0], heads[2]]])


def _tree(page: Page) -> None:
    entries = [seed(f"entry {n}") for n in range(11)]
    for size, index in [(1, 0), (2, 1), (5, 4), (7, 0), (8, 3), (11, 10), (11, 8)]:
        some = entries[:size]
        given = {"entry": some[index], "index": index, "size": size, "root": mth(some)}
        proof = path(index, some)
        page.case(f"inclusion-{index}-of-{size}", "8", "inclusion", {"accepted": True}, **given, proof=proof)
        page.case(
            f"inclusion-{index}-of-{size}-longer", "8", "inclusion", "proof-length", **given, proof=[*proof, bytes(32)]
        )
        page.case(f"inclusion-{index}-of-{size}-another", "8", "inclusion", "proof-mismatch",
                  **{**given, "entry": seed("no entry")}, proof=proof)  # fmt: skip
        if proof:
            page.case(
                f"inclusion-{index}-of-{size}-shorter", "8", "inclusion", "proof-length", **given, proof=proof[1:]
            )
    page.case("inclusion-beyond", "8", "inclusion", "proof-range", entry=entries[0], index=5, size=5,
              root=mth(entries[:5]), proof=path(4, entries[:5]))  # fmt: skip
    for old, new in [(0, 3), (1, 2), (3, 7), (4, 8), (4, 11), (6, 11), (7, 7), (8, 11)]:
        given = {"old": old, "new": new, "old_root": mth(entries[:old]), "new_root": mth(entries[:new])}
        proof = [] if old in {0, new} else subproof(old, entries[:new])
        page.case(f"consistency-{old}-{new}", "11", "consistency", {"accepted": True}, **given, proof=proof)
        page.case(
            f"consistency-{old}-{new}-longer", "11", "consistency", "proof-length", **given, proof=[*proof, bytes(32)]
        )
        page.case(f"consistency-{old}-{new}-another-old", "11", "consistency", "log-rewritten",
                  **{**given, "old_root": seed("no root")}, proof=proof)  # fmt: skip
        if old:
            page.case(f"consistency-{old}-{new}-another-new", "11", "consistency", "log-rewritten",
                      **{**given, "new_root": seed("no root")}, proof=proof)  # fmt: skip
        if proof:
            page.case(f"consistency-{old}-{new}-nothing", "11", "consistency", "proof-length", **given, proof=[])
    page.case("consistency-shrunk", "11", "consistency", "log-shrunk", old=5, new=4, old_root=mth(entries[:5]),
              new_root=mth(entries[:4]), proof=[])  # fmt: skip


def vkey(name: str, kind: int, secret: bytes) -> tuple[str, bytes]:
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([kind]) + public).decode()}", key_id


def line(name: str, key_id: bytes, signature: bytes) -> str:
    return f"\u2014 {name} {base64.b64encode(key_id + signature).decode()}\n"


def _notes(page: Page) -> None:
    entries = [seed(f"entry {n}") for n in range(11)]
    name, witness = "mind.example/log/audit", "witness.example/practice"
    log_key, log_id = vkey(name, 1, seed("log key"))
    other_key, _ = vkey("mind.example/log/keys", 1, seed("log key"))
    witness_key, witness_id = vkey(witness, 4, seed("witness key"))
    text = f"{name}\n11\n{base64.b64encode(mth(entries)).decode()}\n"
    signature = Ed25519PrivateKey.from_private_bytes(seed("log key")).sign(text.encode())
    time = 1_790_000_000
    cosigned = Ed25519PrivateKey.from_private_bytes(seed("witness key")).sign(
        f"cosignature/v1\ntime {time}\n{text}".encode()
    )
    own = line(name, log_id, signature)
    theirs = line(witness, witness_id, time.to_bytes(8, "big") + cosigned)
    note = f"{text}\n{own}{theirs}"
    good = {"size": 11, "root": mth(entries), "cosigned_at": time}

    def checkpoint(case: str, expect: Any, given: str, *, log: str = log_key) -> None:
        page.case(case, "1", "checkpoint", expect, note=given, log=log, witness=witness_key)

    checkpoint("checkpoint", good, note)
    checkpoint("checkpoint-not-cosigned", {**good, "cosigned_at": None}, f"{text}\n{own}")
    checkpoint("checkpoint-with-an-extension", "note-signature", f"{text}more\n\n{own}")
    checkpoint("checkpoint-unsigned", "note-unsigned", f"{text}\n{theirs}")
    checkpoint("checkpoint-of-another-log", "checkpoint-origin", note, log=other_key)
    checkpoint("checkpoint-another-size", "note-signature", note.replace("\n11\n", "\n12\n"))
    checkpoint("checkpoint-leading-zero", "checkpoint-shape", note.replace("\n11\n", "\n011\n"))
    checkpoint("checkpoint-no-signature", "note-shape", text)
    late = line(witness, witness_id, (time + 1).to_bytes(8, "big") + cosigned)
    checkpoint("checkpoint-another-time", "note-signature", f"{text}\n{own}{late}")

    proof = path(3, entries)
    lines = [base64.b64encode(one).decode() for one in proof]
    receipt = "\n".join(["c2sp.org/tlog-proof@v1", "index 3", *lines, "", note])

    def read(case: str, expect: Any, given: str, entry: bytes = entries[3]) -> None:
        page.case(case, "1, 8", "receipt", expect, receipt=given, log=log_key, entry=entry)

    read("receipt", {"index": 3, "size": 11}, receipt)
    read("receipt-with-more", {"index": 3, "size": 11}, receipt.replace("index 3", "extra aGk=\nindex 3"))
    read("receipt-of-another-entry", "proof-mismatch", receipt, entries[4])
    read("receipt-another-index", "proof-mismatch", receipt.replace("index 3", "index 2"))
    read("receipt-a-hash-less", "proof-length", receipt.replace(lines[1] + "\n", ""))
    read("receipt-another-version", "tlog-proof", receipt.replace("@v1", "@v2"))
    read("receipt-without-index", "tlog-proof", receipt.replace("index 3\n", ""))


# -- receipts


def receipt(kept: Kept) -> Page:
    page = Page("receipt", "mindhaven/receipt/v1", kept)
    at, salt, prev = 1_789_999_777, seed("salt"), seed("prev")
    collection, person, digest, other = seed("collection"), seed("person"), seed("digest"), seed("another")
    acts: dict[str, tuple[str, list[Any], dict[str, bytes]]] = {
        "grant": ("sharing.grant.given", [collection, ME, person, 1, 202607, 20781, digest],
                  {"collection": collection, "person": person, "digest": digest}),
        "revocation": ("sharing.grant.revoked", [collection, ME, person], {"collection": collection, "person": person}),
        "consent": ("consent.record.given", [digest, collection, ME, person],
                    {"collection": collection, "person": person, "digest": digest}),
        "consent-ended": ("consent.record.ended", [digest, collection, "withdrawn"], {"collection": collection}),
        "choice": ("consent.choice.made", [digest, "reminders", 1], {"digest": digest}),
        "keys": ("accounts.statement.added", [digest, 4, 3], {"digest": digest}),
        "collection": ("vault.collection.erased", [collection, digest], {"collection": collection}),
        "account": ("rights.erasure.done", [7, 2], {}),
    }  # fmt: skip

    def opened(what: str, name: str | None = None, fields: list[Any] | None = None, subject: bytes = ME,
               seq: int = 5) -> bytes:  # fmt: skip
        usual, values, _ = acts[what]
        return cb(name or usual, 1, subject, seq, prev, 1_789_999_200, values if fields is None else fields)

    def written(what: str, body: bytes, *, position: int | None = 41, subject: bytes = ME, seq: int = 5) -> bytes:
        return cb(what, subject, seq, at, hsh("event", salt, body), position)

    def check(name: str, step: str, expect: Any, given: bytes, body: bytes, salted: bytes = salt,
              **about: bytes) -> None:  # fmt: skip
        asked = [about.get(field) for field in ("collection", "person", "digest")]
        page.case(name, step, "check", expect, receipt=given, about=asked, salt=salted, body=body)

    for what, (name, _, about) in acts.items():
        body = opened(what)
        check(what, "1, 2, 4", {"event": name, "seq": 5}, written(what, body), body, **about)
        check(f"{what}-another-event", "2, 4", "receipt-differs", written(what, body := opened(what, "vault.x.y")), body,
              **about)  # fmt: skip
        for field in about:
            check(f"{what}-another-{field}", "2, 4", "receipt-differs", written(what, opened(what)), opened(what),
                  **{**about, field: other})  # fmt: skip
    grant = opened("grant")
    check("nothing-asked", "2", {"event": "sharing.grant.given", "seq": 5}, written("grant", grant), grant)
    check(
        "not-numbered", "3", {"event": "sharing.grant.given", "seq": 5}, written("grant", grant, position=None), grant
    )
    check("unknown-what", "2", "receipt-differs", written("newer", grant), grant)
    check("of-another", "4", "receipt-differs", written("grant", body := opened("grant", subject=other)), body)
    check("another-seq", "4", "receipt-differs", written("grant", grant, seq=6), grant)
    check("another-salt", "4", "receipt-differs", written("grant", grant), grant, seed("pepper"))
    check("another-body", "4", "receipt-differs", written("grant", grant), opened("grant", fields=[collection]))
    fewer = opened("grant", fields=[collection, ME])
    check("fields-missing", "2", "receipt-differs", written("grant", fewer), fewer, person=person)

    one = written("grant", grant)
    page.case("read", "1", "read", {"what": "grant", "seq": 5, "at": at, "position": 41}, receipt=one)
    page.case("read-not-numbered", "3", "read", {"what": "grant", "seq": 5, "at": at, "position": None},
              receipt=written("grant", grant, position=None))  # fmt: skip
    page.case("read-unknown-what", "2", "read", {"what": "newer", "seq": 5, "at": at, "position": 41},
              receipt=written("newer", grant))  # fmt: skip
    half = hsh("event", salt, grant)
    for name, wrong in {
        "a-field-less": cb("grant", ME, 5, at, half),
        "short-subject": cb("grant", ME[:31], 5, at, half, 41),
        "short-commitment": cb("grant", ME, 5, at, half[:31], 41),
        "negative-position": cb("grant", ME, 5, at, half, -1),
        "position-a-text": cb("grant", ME, 5, at, half, "41"),
        "what-a-number": cb(1, ME, 5, at, half, 41),
    }.items():
        page.case(name, "1", "read", "shape", receipt=wrong)
    return page


PAGES = (ledger, receipt)
