"""Cases of encoding, recovery, login, event and archive."""

# ruff: noqa: E501 - tables: one case a line

import hashlib
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pages import Page
from primitives import Kept, Pair, cb, derive, hsh, lab, mac, seed

BIG = 2**63 - 1


ORDER = 2**252 + 27742317777372353535851937790883648493
NEUTRAL = b"\x01" + bytes(31)


def _scalar(raw: bytes) -> int:
    digest = bytearray(hashlib.sha512(raw).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return int.from_bytes(digest, "little")


def _small_order(page: Page, pair: Pair, body: bytes) -> None:
    """Signatures by the curve's equation, with a key or an R that binds nobody: RFC 8032 leaves them open."""
    secret = seed("small order")
    known = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    a = _scalar(secret)
    everything = known + (a % ORDER).to_bytes(32, "little")
    k = int.from_bytes(hashlib.sha512(NEUTRAL + known + lab("commit") + body).digest(), "little")
    without_nonce = NEUTRAL + (k * a % ORDER).to_bytes(32, "little")
    neutral_at_p = (2**255 - 19 + 1).to_bytes(32, "little")
    neutral_signed = NEUTRAL[:31] + b"\x80"
    for name, key, signature in [
        ("key-neutral", NEUTRAL, everything), ("key-neutral-at-p", neutral_at_p, everything),
        ("key-neutral-signed", neutral_signed, everything), ("r-neutral", known, without_nonce),
    ]:  # fmt: skip
        page.case(f"verify-{name}", "13", "verify", "signature-invalid", kind="commit", ed25519=key, mldsa65=pair.ml,
                  body=body, signatures=[signature], hybrid=False)  # fmt: skip


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def encoding(kept: Kept) -> Page:
    page = Page("encoding", "mindhaven/encoding/v1", kept)
    simple: dict[str, tuple[Any, Any]] = {
        "zero": (0, 0),
        "one-byte": (23, 23),
        "two-bytes": (24, 24),
        "three-bytes": (65535, 65535),
        "five-bytes": (65536, 65536),
        "nine-bytes": (2**32, 2**32),
        "largest": ({"int": str(BIG)}, BIG),
        "smallest": ({"int": str(-BIG)}, -BIG),
        "safe": ({"int": str(2**53 - 1)}, 2**53 - 1),
        "above-safe": ({"int": str(2**53)}, 2**53),
        "far-above-safe": ({"int": str(2**53 + 1)}, 2**53 + 1),
        "safe-negative": ({"int": str(1 - 2**53)}, 1 - 2**53),
        "below-safe": ({"int": str(-(2**53))}, -(2**53)),
        "minus-one": (-1, -1),
        "false": (False, False),
        "true": (True, True),
        "null": (None, None),
        "empty-bytes": ({"hex": ""}, b""),
        "bytes": ({"hex": "00ff"}, b"\x00\xff"),
        "empty-text": ("", ""),
        "text": ("Grüße 🌱", "Grüße 🌱"),
        "empty-list": ([], []),
        "list": ([1, [True, None], {"hex": "61"}, "a"], [1, [True, None], b"a", "a"]),
        "sixteen-deep": (nested(16), nested(16)),
    }
    for name, (shown, value) in simple.items():
        page.case(f"encode-{name}", "1, 4", "encode", {"encoded": cbor2.dumps(value)}, value=shown)
    for name, shown, stage in [
        ("float", {"float": "1.5"}, "encoding-type"),
        ("map", {"map": []}, "encoding-type"),
        ("too-large-number", {"int": str(BIG + 1)}, "encoding-number-range"),
        ("too-small-number", {"int": str(-BIG - 1)}, "encoding-number-range"),
        ("too-deep", nested(17), "encoding-too-deep"),
        ("half-a-pair", {"utf16": "d83c"}, "encoding-type"),
        ("second-half-of-a-pair", {"utf16": "df31"}, "encoding-type"),
        ("halves-in-the-other-order", {"utf16": "df31d83c"}, "encoding-type"),
        ("half-a-pair-within", [1, {"utf16": "0061d83c0062"}], "encoding-type"),
    ]:
        page.case(f"encode-{name}", "1-3", "encode", stage, value=shown)
    refused = {
        "encoding-not-canonical": {
            "trailing-byte": "0000", "trailing-value": "8000", "non-minimal-int": "1800", "non-minimal-int-16": "190017",
            "non-minimal-int-32": "1a00000100", "non-minimal-int-64": "1b0000000000000001", "non-minimal-negative": "3800",
            "non-minimal-bytes": "580161", "non-minimal-text": "780161", "non-minimal-list": "980101",
            "indefinite-list": "9f01ff", "indefinite-bytes": "5f4161ff", "indefinite-text": "7f6161ff",
            "inner-non-minimal": "82011801", "bignum-of-a-small-number": "c24101",
        },
        "encoding-type": {
            "map": "a10102", "empty-map": "a0", "duplicate-keys": "a201020103", "map-in-list": "81a10102",
            "half-float": "f93e00", "float-32": "fa3fc00000", "float-64": "fb3ff8000000000000", "float-of-an-integer":
            "f93c00", "not-a-number": "f97e00", "undefined": "f7", "tagged-epoch-time": "c101",
            "tagged-time": "c074323032362d30312d30315430303a30303a30305a", "unknown-tag": "d9d9f801", "set": "d9010281 01",
            "simple-value": "e0", "undefined-in-list": "81f7",
        },
        "encoding-number-range": {
            "uint-over": "1b8000000000000000", "uint-largest": "1bffffffffffffffff", "negative-over": "3b7fffffffffffffff",
            "bignum": "c249010000000000000000",
        },
        "encoding-malformed": {
            "empty": "", "cut-bytes": "4261", "cut-list": "8201", "cut-head": "19", "bad-utf-8": "61ff",
            "reserved-head": "1c", "lone-break": "ff", "bad-simple": "f800",
            "half-a-pair": "63eda0bc", "second-half-of-a-pair": "63edbcb1", "a-pair-as-two-texts": "66eda0bcedbcb1",
        },
        "encoding-too-deep": {"seventeen-deep": "81" * 16 + "80"},
    }  # fmt: skip
    for stage, shapes in refused.items():
        for name, encoded in shapes.items():
            page.case(f"decode-{name}", "1-5", "decode", stage, encoded=bytes.fromhex(encoded))
    page.case("decode-too-large", "3", "decode-zeros", "encoding-too-large", count=64 * 1024 * 1024 + 1)
    most = 64 * 1024 * 1024
    for name, count, expect in [
        ("largest-bytes", most - 5, {"bytes": most}), ("too-large", most - 4, "encoding-too-large"),
        ("too-large-by-far", most + 1, "encoding-too-large"),
    ]:  # fmt: skip
        page.case(f"encode-{name}", "3", "encode-zeros", expect, count=count,
                  comment="a byte string of so many zeros: five bytes of head before them")  # fmt: skip
    for name, number in [("none", 0), ("largest", 2**53 - 1)]:
        page.case(f"number-{name}", "6", "number", {"number": number}, encoded=cbor2.dumps(number))
    for name, value in [("above", 2**53), ("far-above", 2**53 + 1), ("negative", -1), ("boolean", True), ("text", "1")]:
        page.case(f"number-{name}", "6", "number", "shape", encoded=cbor2.dumps(value))
    page.case("label", "8", "label", {"label": lab("commit")}, kind="commit")
    page.case("hash", "9", "hash", {"hash": hsh("uid", b"ab", b"c")}, kind="uid", parts=[b"ab", b"c"],
              comment="the parts are joined without marks between them")  # fmt: skip
    page.case("hash-of-nothing", "9", "hash", {"hash": hashlib.sha256(b"mindhaven/uid/v1\x00").digest()}, kind="uid",
              parts=[])  # fmt: skip
    for name, salt, n in [("derive", b"", 32), ("derive-salted", seed("salt"), 76), ("derive-short", b"", 16)]:
        okm = derive(seed("ikm"), "slot-tag", b"context", salt, n)
        page.case(name, "9", "derive", {"okm": okm}, secret=seed("ikm"), kind="slot-tag", context=b"context", salt=salt,
                  length=n)  # fmt: skip
    page.case(
        "mac", "9", "mac", {"mac": mac(seed("k"), "slot-tag", b"m")}, key=seed("k"), kind="slot-tag", message=b"m"
    )
    _signatures(page, kept)
    return page


def _signatures(page: Page, kept: Kept) -> None:
    pair, other = Pair(seed("ed"), seed("ml")), Pair(seed("ed 2"), seed("ml 2"))
    body = cb("a body", 1)
    page.case("sign-fast", "11, 12", "sign-fast", {"signature": pair.fast("commit", body), "public": pair.ed},
              seed=seed("ed"), kind="commit", body=body)  # fmt: skip
    good = pair.sign(kept, "commit", body)
    stranger = other.sign(kept, "commit", body)
    consent = pair.sign(kept, "consent", body)

    def verify(name: str, expect: Any, signatures: list[bytes], *, hybrid: bool = True, kind: str = "commit",
               signed: bytes = body, step: str = "11-13") -> None:  # fmt: skip
        page.case(name, step, "verify", expect, kind=kind, ed25519=pair.ed, mldsa65=pair.ml, body=signed,
                  signatures=signatures, hybrid=hybrid)  # fmt: skip

    verify("verify-hybrid", {"accepted": True}, good)
    verify("verify-fast", {"accepted": True}, good[:1], hybrid=False)
    verify("verify-none", "signature-count", [])
    _small_order(page, pair, body)
    verify("verify-one-of-two", "signature-count", good[:1])
    verify("verify-two-for-fast", "signature-count", good, hybrid=False)
    verify("verify-three", "signature-count", [*good, good[0]])
    verify("verify-swapped", "signature-invalid", good[::-1])
    verify("verify-cross-type-fast", "signature-invalid", consent[:1], hybrid=False)
    verify("verify-cross-type-hybrid", "signature-invalid", consent)
    verify("verify-cross-type-second-only", "signature-invalid", [good[0], consent[1]])
    verify("verify-another-key-first", "signature-invalid", [stranger[0], good[1]])
    verify("verify-another-key-second", "signature-invalid", [good[0], stranger[1]])
    verify("verify-another-body", "signature-invalid", good, signed=cb("a body", 2))
    verify("verify-short-ed25519", "signature-invalid", [good[0][:-1], good[1]])
    verify("verify-short-mldsa65", "signature-invalid", [good[0], good[1][:-1]])
    verify("verify-long-ed25519", "signature-invalid", [good[0] + b"\x00"], hybrid=False)
    unlabelled = Ed25519PrivateKey.from_private_bytes(seed("ed")).sign(body)
    verify("verify-without-label", "signature-invalid", [unlabelled], hybrid=False)
    page.case("signed-value", "10, 14", "signed", {"body": body, "signatures": [b"s"], "hash": hsh("commit-hash", body)},
              encoded=cb(body, [b"s"]), kind="commit")  # fmt: skip
    for name, encoded in {
        "no-list": cbor2.dumps(1), "one-field": cb(body), "three-fields": cb(body, [], 0), "body-text": cb("x", []),
        "signature-text": cb(body, ["x"]), "signatures-bytes": cb(body, b"x"), "five-signatures": cb(body, [b"s"] * 5),
        "long-signature": cb(body, [bytes(3310)]), "body-true": cb(True, []),
    }.items():  # fmt: skip
        page.case(f"signed-{name}", "6, 10", "signed", "shape", encoded=encoded, kind="commit")


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def rows_of(data: bytes) -> list[str]:
    """spec/recovery.md steps 2 and 3 over 35 bytes."""
    bits = "".join(f"{byte:08b}" for byte in data)
    signs = "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, 280, 5))
    rows = []
    for number in range(8):
        row = signs[number * 7 : number * 7 + 7]
        rows.append(row + ALPHABET[hsh("recovery-row", bytes([number]), row.encode())[0] % 32])
    return rows


def recovery(kept: Kept) -> Page:
    page = Page("recovery", "mindhaven/recovery/v1", kept)
    for name, key in {"zeros": bytes(32), "ones": b"\xff" * 32, "any": seed("recovery")}.items():
        data = b"\x01" + key
        rows = rows_of(data + hsh("recovery-checksum", data)[:2])
        page.case(f"write-{name}", "1-3, 6", "write", {"rows": rows, "lookup": derive(key, "recovery-lookup", n=16)},
                  key=key)  # fmt: skip
    key = seed("recovery")
    data = b"\x01" + key
    rows = rows_of(data + hsh("recovery-checksum", data)[:2])
    text = " ".join(rows)

    def read(name: str, step: str, text: str, expect: Any) -> None:
        page.case(name, step, "read", expect, text=text)

    read("read", "4", text, {"key": key})
    read("read-lines-dashes", "4", "\n".join(f"{row[:4]}-{row[4:]}" for row in rows), {"key": key})
    slack = text.lower().replace("0", "o").replace("1", "l")
    read("read-lower-o-l", "4", slack, {"key": key})
    read("read-upper-o-i", "4", text.replace("0", "O").replace("1", "I"), {"key": key})
    read("read-63", "5", text[:-1], "recovery-length")
    read("read-65", "5", text + "0", "recovery-length")
    read("read-empty", "5", "", "recovery-length")
    for number in (0, 3, 7):
        for place in (0, 7):
            row = rows[number]
            sign = next(
                s for s in ALPHABET if s != row[place] and _row_fails(number, row[:place] + s + row[place + 1 :])
            )
            slip = [*rows[:number], row[:place] + sign + row[place + 1 :], *rows[number + 1 :]]
            read(f"read-slip-row-{number + 1}-at-{place}", "5", " ".join(slip),
                 {"refused": "recovery-row", "row": number + 1})  # fmt: skip
    read("read-two-slips", "5", " ".join([rows[0], *[("U" + row[1:]) for row in rows[1:]]]),
         {"refused": "recovery-row", "row": 2})  # fmt: skip
    read("read-foreign-u", "5", "U" + text[1:], {"refused": "recovery-row", "row": 1})
    read("read-foreign-check", "5", text[:-1] + "U", {"refused": "recovery-row", "row": 8})
    read("read-rows-swapped", "5", " ".join([rows[1], rows[0], *rows[2:]]), {"refused": "recovery-row", "row": 1})
    newer = b"\x02" + key
    read("read-version", "5", " ".join(rows_of(newer + hsh("recovery-checksum", newer)[:2])), "recovery-version")
    wrong = bytes([hsh("recovery-checksum", data)[0] ^ 1, hsh("recovery-checksum", data)[1]])
    read("read-checksum", "5", " ".join(rows_of(data + wrong)), "recovery-checksum")
    read("read-version-before-checksum", "5", " ".join(rows_of(b"\x02" + key + b"\x00\x00")), "recovery-version")
    for number in (0, 7):
        page.case(f"row-{number}", "3", "row", {"good": True}, number=number, row=rows[number].lower())
    page.case("row-at-another-place", "3", "row", {"good": False}, number=1, row=rows[0])
    page.case("row-short", "3", "row", {"good": False}, number=0, row=rows[0][:-1])
    page.case("row-foreign", "3", "row", {"good": False}, number=0, row="U" + rows[0][1:])
    return page


def _row_fails(number: int, row: str) -> bool:
    return ALPHABET[hsh("recovery-row", bytes([number]), row[:7].encode())[0] % 32] != row[7]


def login(kept: Kept) -> Page:
    page = Page("login", "mindhaven/login/v1", kept)
    key = Ed25519PrivateKey.from_private_bytes(seed("login"))
    public = key.public_key().public_bytes_raw()
    base = {"origin": "https://haven.example", "account": "ada", "purpose": "session", "detail": seed("session"),
            "nonce": seed("nonce"), "time": 1_790_000_000}  # fmt: skip

    def body(**other: Any) -> bytes:
        c = base | other
        return cb(c["origin"], c["account"], [c["purpose"], c["detail"]], c["nonce"], c["time"])

    def sign(kind: str, data: bytes) -> bytes:
        return key.sign(lab(kind) + data)

    page.case("claim", "1", "claim", {"body": body(), "signature": sign("login", body()), "public": public},
              seed=seed("login"), claim=base)  # fmt: skip

    def verify(name: str, step: str, expect: Any, *, now: int = 1_790_000_000, signature: bytes | None = None,
               expected: dict[str, Any] | None = None, **other: Any) -> None:  # fmt: skip
        data = body(**other)
        page.case(name, step, "verify", expect, body=data, key=public, signature=signature or sign("login", data),
                  expected=base | (expected or {}), now=now)  # fmt: skip

    verify("verify", "4", {"accepted": True})
    verify("verify-early", "4", {"accepted": True}, now=1_790_000_300)
    verify("verify-late", "4", {"accepted": True}, now=1_789_999_700)
    verify("verify-too-early", "4", "login-clock", now=1_790_000_301)
    verify("verify-too-late", "4", "login-clock", now=1_789_999_699)
    for name, other in {"origin": "https://other.example", "account": "eve", "purpose": "renew", "detail": bytes(32),
                        "nonce": bytes(32)}.items():  # fmt: skip
        verify(f"verify-another-{name}", "4", "login-mismatch", **{name: other})
    verify("verify-mismatch-before-clock", "4", "login-mismatch", now=0, nonce=bytes(32))
    verify("verify-cross-type", "1", "signature-invalid", signature=sign("commit", body()))
    verify("verify-another-time", "1", "signature-invalid", signature=sign("login", body()), time=1_790_000_001)
    verify("verify-short-signature", "1", "signature-invalid", signature=sign("login", body())[:63])
    for name, other in {"nonce-31": {"nonce": bytes(31)}, "time-true": {"time": True}, "origin-bytes": {"origin": b"x"},
                        "time-negative": {"time": -1}, "detail-text": {"detail": "x"}}.items():  # fmt: skip
        page.case(f"decode-{name}", "1", "decode", "shape", body=body(**other))
    return page


def event(kept: Kept) -> Page:
    page = Page("event", "mindhaven/event/v1", kept)
    subject = seed("subject")
    first = cb("vault.commit.pushed", 1, subject, 0, bytes(32), 1_789_999_200, ["a", 1, None])
    salt = seed("event salt")
    entry = hsh("event", salt, first)
    inputs = {"name": "vault.commit.pushed", "version": 1, "subject": subject, "at": 1_789_999_200}
    page.case("first", "1-3", "event", {"body": first, "commitment": entry}, **_event(inputs), seq=0, prev=bytes(32),
              fields=["a", 1, None], salt=salt)  # fmt: skip
    second = cb("vault.commit.pushed", 1, subject, 1, entry, 1_789_999_200, [])
    page.case("second", "3", "event", {"body": second, "commitment": hsh("event", bytes(32), second)}, **_event(inputs),
              seq=1, prev=entry, fields=[], salt=bytes(32))  # fmt: skip
    nobody = cb("vault.commit.pushed", 1, bytes(32), 0, bytes(32), 1_789_999_200, [])
    page.case("no-person", "4", "event", {"body": nobody, "commitment": hsh("event", salt, nobody)},
              **_event(inputs | {"subject": bytes(32)}), seq=0, prev=bytes(32), fields=[], salt=salt)  # fmt: skip
    page.case("salt-31", "2", "event", "event-salt", **_event(inputs), seq=0, prev=bytes(32), fields=[], salt=bytes(31))
    page.case("salt-33", "2", "event", "event-salt", **_event(inputs), seq=0, prev=bytes(32), fields=[], salt=bytes(33))
    return page


def _event(inputs: dict[str, Any]) -> dict[str, Any]:
    return {("event" if key == "name" else key): value for key, value in inputs.items()}


def archive(kept: Kept) -> Page:
    page = Page("archive", "mindhaven/archive/v1", kept)
    uid = seed("subject")
    records: list[list[Any]] = [
        [1, uid, "ada", "https://haven.example"], [4, seed("collection")],
        [5, seed("collection"), [b"body", [b"sig"]], [[b"envelope", bytes(32)], None]], [6, seed("collection"), uid, b"blob"],
    ]  # fmt: skip

    def framed(record: list[Any]) -> bytes:
        data = cbor2.dumps(record)
        return len(data).to_bytes(4, "big") + data

    def whole(parts: list[list[Any]], **end: Any) -> bytes:
        data = b"mindhaven-archive/1\n" + b"".join(framed(part) for part in parts)
        return data + framed([7, end.get("count", len(parts)), end.get("digest", hashlib.sha256(data).digest())])

    good = whole(records)
    shown = [[record[0], cbor2.dumps(record[1:])] for record in records]
    page.case("write-and-read", "1, 2", "archive", {"records": shown}, file=good)
    page.case("empty", "1, 2", "archive", {"records": []}, file=whole([]))
    at_end = len(good) - len(framed([7, 4, bytes(32)]))
    changed = bytearray(good)
    changed[30] ^= 1
    for name, stage, data in [
        ("another-beginning", "archive-magic", b"mindhaven-archive/2\n" + good[20:]), ("no-bytes", "archive-magic", b""),
        ("cut-in-end", "archive-cut", good[:-1]), ("cut-before-end", "archive-cut", good[:at_end]),
        ("cut-in-length", "archive-cut", good[: at_end + 2]), ("cut-after-magic", "archive-cut", good[:20]),
        ("changed-byte", "archive-changed", bytes(changed)), ("byte-after-end", "archive-changed", good + b"\x00"),
        ("record-dropped", "archive-changed", whole(records)[:20] + whole(records)[20 + len(framed(records[0])):]),
        ("wrong-count", "archive-changed", whole(records, count=3)),
        ("wrong-digest", "archive-changed", whole(records, digest=bytes(32))),
        ("unknown-record", "archive-record", whole([[8, 1]])), ("type-zero", "archive-record", whole([[0]])),
        ("empty-record", "archive-record", whole([[]])), ("text-type", "archive-record", whole([["1"]])),
        ("true-type", "archive-record", whole([[True]])),
        ("oversize-record", "archive-record", good[:20] + (64 * 1024 * 1024 + 1).to_bytes(4, "big")),
        ("count-true", "archive-changed", whole([[4, uid]], count=True)),
    ]:  # fmt: skip
        page.case(name, "3", "archive", stage, file=data)
    return page


PAGES = [encoding, recovery, login, event, archive]
