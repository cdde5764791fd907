"""spec/fields.md, a second time from the page alone."""

import hashlib
import hmac
from typing import Any

from pages import Page
from primitives import AESGCM, Kept, cb, hsh, lab, seed


def place(kind: str, table: str, column: str, row: bytes) -> bytes:
    """Step 2."""
    return lab(kind) + cb(table, column, row)


def gcm(key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, plain, aad)


def fields(kept: Kept) -> Page:
    page = Page("fields", "mindhaven/fields/v1", kept)
    master, key, other = seed("fields master"), seed("fields data key"), seed("fields other key")
    nonce = seed("fields nonce")[:12]
    at: dict[str, Any] = {"table": "accounts_account", "column": "totp", "row": seed("fields row")}

    def number(value: int) -> bytes:
        return value.to_bytes(8, "big")

    for purpose, count in (("field", 1), ("index", 2), ("field", 2**63 - 1)):
        wrapped = gcm(master, nonce, key, place("data-key", purpose, "", number(count)))
        page.case(f"wrap-{purpose}-{count}", "3", "wrap", {"wrapped": wrapped},
                  master=master, key=key, nonce=nonce, purpose=purpose, number=count)  # fmt: skip
        page.case(f"unwrap-{purpose}-{count}", "3", "unwrap", {"key": key},
                  master=master, wrapped=wrapped, purpose=purpose, number=count)  # fmt: skip
    wrapped = gcm(master, nonce, key, place("data-key", "field", "", number(1)))
    for name, changed in (
        ("another-purpose", {"purpose": "index"}), ("another-number", {"number": 2}),
        ("another-master", {"master": other}), ("changed", {"wrapped": wrapped[:-1] + bytes([wrapped[-1] ^ 1])}),
    ):  # fmt: skip
        inputs = {"master": master, "wrapped": wrapped, "purpose": "field", "number": 1} | changed
        page.case(f"unwrap-{name}", "3, 8", "unwrap", "field-tag", **inputs)
    page.case(
        "wrap-a-short-key",
        "8",
        "wrap",
        "field-key",
        master=master,
        key=key[:31],
        nonce=nonce,
        purpose="field",
        number=1,
    )
    page.case(
        "wrap-a-short-nonce",
        "8",
        "wrap",
        "field-key",
        master=master,
        key=key,
        nonce=nonce[:11],
        purpose="field",
        number=1,
    )
    for name, plain in (("twenty-bytes", seed("fields plain")[:20]), ("empty", b""), ("long", seed("long") * 9)):
        sealed = gcm(key, nonce, plain, place("field", **at))
        page.case(f"seal-{name}", "4", "seal", {"sealed": sealed}, key=key, plain=plain, nonce=nonce, **at)
        page.case(f"open-{name}", "4", "open", {"plain": plain}, key=key, sealed=sealed, **at)
    sealed = gcm(key, nonce, b"plain", place("field", **at))
    for name, moved in (
        ("table", {"table": "accounts_slot"}), ("column", {"column": "bundle"}), ("row", {"row": seed("another row")}),
        ("key", {"key": other}), ("kind", {"sealed": gcm(key, nonce, b"plain", place("data-key", **at))}),
        ("nonce", {"sealed": bytes(12) + sealed[12:]}), ("tag", {"sealed": sealed[:-1] + bytes([sealed[-1] ^ 128])}),
        ("first-byte", {"sealed": sealed[:12] + bytes([sealed[12] ^ 1]) + sealed[13:]}),
        ("longer", {"sealed": sealed + b"\x00"}),
    ):  # fmt: skip
        page.case(f"open-another-{name}", "8", "open", "field-tag", **({"key": key, "sealed": sealed, **at} | moved))
    page.case("open-too-short", "8", "open", "field-shape", key=key, sealed=sealed[:27], **at)
    page.case("open-with-half-a-key", "8", "open", "field-shape", key=key[:16], sealed=sealed, **at)
    for name, value in (("handle", b"ana-123456"), ("empty", b"")):
        index = hmac.new(key, place("blind-index", "accounts_slot", "params", b"") + value, hashlib.sha256).digest()
        page.case(f"index-{name}", "5", "index", {"index": index},
                  key=key, value=value, table="accounts_slot", column="params")  # fmt: skip
    hashed = hmac.new(key, lab("keyed-hash") + b"sign-in\x00ana-123456", hashlib.sha256).digest()
    page.case("keyed-hash", "6", "keyed-hash", {"hash": hashed}, key=key, value=b"sign-in\x00ana-123456")
    page.case("key-check", "7", "check", {"check": hsh("master-key-check", master)}, master=master)
    return page


PAGES = (fields,)
