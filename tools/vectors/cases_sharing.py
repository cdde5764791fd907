"""Cases of consent, card and transfer."""

# ruff: noqa: E501 - tables: one case a line

import base64
import re
from pathlib import Path
from typing import Any

from pages import Page
from primitives import Kept, Person, box, cb, hsh, mac, seed

COLLECTION = seed("collection")
WORD_LIST = Path(__file__).resolve().parents[2] / "src" / "mindhaven" / "protocol" / "words.py"


def consent(kept: Kept) -> Page:
    page = Page("consent", "mindhaven/consent/v1", kept)
    ada, bob = Person(kept, "ada"), Person(kept, "bob")
    text = "Ich teile meine Einträge – ab Mai."
    salt, key = seed("part salt"), seed("part key")
    inner = box(key, "consent-part", COLLECTION, cb("Stimmung", "Dr Bob"), salt)

    def info(to: bytes, key_id: int = 1, collection: bytes = COLLECTION, grantor: bytes = ada.uid) -> bytes:
        return cb("mindhaven/consent-wrap/v1", 1, grantor, to, key_id, collection)

    def wrap(person: Person, made: bytes | None = None) -> list[Any]:
        return [person.uid, 1, *kept.hpke(person.xwing(), made or info(person.uid), key)]

    part = cb(inner, [wrap(ada), wrap(bob)])
    fields = {"grantor": ada.uid, "recipient": bob.uid, "role": 1, "purpose": "TREAT", "collection": COLLECTION, "from": 202605,
              "until": 21000, "text_hash": hsh("consent-text", text.encode()), "language": "de-AT", "register": "2026.1",
              "sealed_hash": hsh("consent-sealed", part)}  # fmt: skip

    def body(**other: Any) -> bytes:
        return cb(*(fields | other).values())

    page.case("open-part", "1, 5", "encode", {"body": body(), "hash": hsh("consent-hash", body())}, fields=fields)
    page.case("text-hash", "2", "text-hash", {"hash": hsh("consent-text", text.encode())}, text=text)
    page.case("sealed-hash", "4", "sealed-hash", {"hash": hsh("consent-sealed", part)}, sealed=part)
    good = ada.pair().sign(kept, "consent", body())

    def verify(name: str, expect: Any, signatures: list[bytes], *, data: bytes = body(), generation: int = 1,
               step: str = "1") -> None:  # fmt: skip
        page.case(name, step, "verify", expect, signed={"body": data, "signatures": signatures}, uid=ada.uid, chain=ada.chain,
                  generation=generation)  # fmt: skip

    verify("verify", {"accepted": True}, good)
    verify("verify-fast-only", "signature-count", good[:1])
    verify("verify-by-another", "signature-invalid", bob.pair().sign(kept, "consent", body()))
    verify("verify-cross-type", "signature-invalid", ada.pair().sign(kept, "commit", body()))
    verify("verify-changed", "signature-invalid", good, data=body(until=0))
    verify("verify-unknown-generation", "unknown-generation", good, generation=2)
    verify("verify-of-another-grantor", "consent-grantor", good, data=body(grantor=bob.uid))
    for name, other in {"role-4": {"role": 4}, "role-true": {"role": True}, "text-31": {"text_hash": bytes(31)},
                        "until-negative": {"until": -1}, "purpose-bytes": {"purpose": b"x"}}.items():  # fmt: skip
        verify(f"shape-{name}", "shape", good, data=body(**other))
    verify("shape-ten-fields", "shape", good, data=cb(*list(fields.values())[:10]))
    verify("month-13", "month", good, data=body(**{"from": 202613}))
    member = [bob.uid, 1, 202605, 21000]

    def agrees(
        name: str, expect: Any, granted: list[Any], collection: bytes = COLLECTION, grantor: bytes = ada.uid
    ) -> None:
        page.case(name, "6", "agrees", expect, body=body(), member=granted, collection=collection, grantor=grantor)

    agrees("agrees", {"accepted": True}, member)
    for at, (name, value) in enumerate({"recipient": bytes(32), "role": 2, "from": 202604, "until": 0}.items()):
        agrees(f"differs-{name}", "consent-differs", [*member[:at], value, *member[at + 1 :]])
    agrees("differs-collection", "consent-differs", member, collection=bytes(32))
    agrees("differs-grantor", "consent-differs", member, grantor=bob.uid)

    def opening(name: str, expect: Any, sealed: bytes, by: Person = bob, **other: Any) -> None:
        page.case(name, "3", "open-part", expect, sealed=sealed, grantor=ada.uid, collection=other.get("collection", COLLECTION),
                  uid=by.uid, identity=by.identity())  # fmt: skip

    opening("part-by-recipient", {"content": ["Stimmung", "Dr Bob"]}, part)
    opening("part-by-grantor", {"content": ["Stimmung", "Dr Bob"]}, part, by=ada)
    opening("part-by-stranger", "consent-not-yours", part, by=Person(kept, "eve"))
    opening("part-of-another-collection", "wrap-does-not-open", part, collection=bytes(32))
    opening("part-box-of-another-collection", "commitment-mismatch",
            cb(box(key, "consent-part", bytes(32), cb("x"), salt), [wrap(bob)]))  # fmt: skip
    opening("part-wrap-of-another-key-id", "wrap-does-not-open", cb(inner, [wrap(bob, info(bob.uid, 2))]))
    opening(
        "part-wrap-of-another-grantor", "wrap-does-not-open", cb(inner, [wrap(bob, info(bob.uid, grantor=bob.uid))])
    )
    opening("part-enc-is-a-number", "shape", cb(inner, [[bob.uid, 1, 7, bytes(48)]]))
    opening("part-ciphertext-is-a-number", "shape", cb(inner, [[bob.uid, 1, bytes(1120), 7]]))
    opening("part-three-wraps", "shape", cb(inner, [[bob.uid, 1, bytes(1120), bytes(48)]] * 3))
    opening("part-one-field", "shape", cb(inner))

    def reading(name: str, expect: Any, content: Any) -> None:
        page.case(
            name, "3", "read-part", expect, content=content if isinstance(content, bytes) else cb(*content), body=body()
        )

    reading("words", {"name": "Stimmung", "handle": "bob-417", "text": text}, ["Stimmung", "bob-417", text])
    reading("words-none", {"name": "Stimmung", "handle": "bob-417", "text": None}, ["Stimmung", "bob-417"])
    reading("words-of-another", "consent-text", ["Stimmung", "bob-417", text + " "])
    reading("words-empty", "consent-text", ["Stimmung", "bob-417", ""])
    for at, given in {"one-field": ["Stimmung"], "four-fields": ["Stimmung", "bob-417", text, text], "name-bytes": [b"x", "bob-417", text],
                      "handle-number": ["Stimmung", 7, text], "bytes": ["Stimmung", "bob-417", text.encode()],
                      "long": ["Stimmung", "bob-417", "x" * 10_001], "no-list": b"\x68Stimmung"}.items():  # fmt: skip
        reading(f"words-{at}", "shape", given)

    def taken(
        name: str, expect: Any, standing: list[str], step: str = "7", day: int | None = 20786, **other: Any
    ) -> None:
        page.case(name, step, "taken", expect, body=body(**other), standing=standing, day=day)

    for purpose in ("care", "notes", "proceedings"):
        taken(f"taken-{purpose}", {"accepted": True}, [], purpose=purpose)
        taken(f"taken-{purpose}-again", {"accepted": True}, [purpose], "8", purpose=purpose)
        for other in sorted({"care", "notes", "proceedings"} - {purpose}):
            taken(f"taken-{purpose}-beside-{other}", "consent-separate", [other], "8", purpose=purpose)
    taken("taken-beside-two", "consent-separate", ["care", "notes"], "8", purpose="care")
    taken("taken-care-open-to-write", {"accepted": True}, [], purpose="care", role=2, until=0)
    for purpose in ("notes", "proceedings"):
        taken(f"taken-{purpose}-to-write", "consent-form", [], purpose=purpose, role=2)
        taken(f"taken-{purpose}-without-a-day", "consent-form", [], purpose=purpose, until=0)
    for purpose, most in {"care": 36_525, "notes": 3_653, "proceedings": 3_653}.items():
        for at, until, expect in (
            ("today", 20_786, {"accepted": True}),
            ("yesterday", 20_785, "consent-day"),
            ("last", 20_786 + most, {"accepted": True}),
            ("beyond", 20_787 + most, "consent-day"),
        ):
            taken(f"taken-{purpose}-day-{at}", expect, [], purpose=purpose, until=until)
        taken(f"taken-{purpose}-given-back", {"accepted": True}, [], day=None, purpose=purpose, until=1)
    for at, purpose in {"unknown": "research", "case": "Care", "empty": "", "space": "care "}.items():
        taken(f"taken-purpose-{at}", "consent-purpose", [], purpose=purpose)
    return page


def b32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower().rstrip("=")


def words() -> list[str]:
    """The list is data of the page: read as text, not imported."""
    listed = re.search(r'_TEXT: Final = """\n(.*?)"""\n', WORD_LIST.read_text("utf-8"), re.DOTALL)
    found = listed.group(1).split() if listed else []
    assert len(found) == len(set(found)) == 256
    return found


def card(kept: Kept) -> Page:
    page = Page("card", "mindhaven/card/v1", kept)
    ada, bob = Person(kept, "ada"), Person(kept, "bob")
    for handle in ("ada", "ada.l-2"):
        line = f"mindhaven-card-1:{handle}:" + b32(ada.uid + hsh("card", handle.encode(), b"\x00", ada.uid)[:3])
        page.case(f"card-{handle}", "1", "card", {"text": line}, handle=handle, uid=ada.uid)
    line = "mindhaven-card-1:ada:" + b32(ada.uid + hsh("card", b"ada\x00", ada.uid)[:3])
    page.case("read", "1", "read-card", {"handle": "ada", "uid": ada.uid}, text=f" {line[:40]}\n{line[40:]} ")
    page.case("read-upper-code", "1", "read-card", {"handle": "ada", "uid": ada.uid},
              text=line[:21] + line[21:].upper())  # fmt: skip
    for name, text in {
        "slip": line[:-1] + ("a" if line[-1] != "a" else "b"), "slip-in-handle": line.replace("ada", "adb"),
        "another-prefix": line.replace("-1:", "-2:"), "cut": line[:-1], "cut-more": line[:-8], "no-code": "mindhaven-card-1:ada:",
        "no-handle": line.replace(":ada", ""), "more-colons": line + ":x", "foreign-sign": line[:-1] + "1", "empty": "",
        "longer": line + "aa", "not-ascii": line[:-1] + "ä",
    }.items():  # fmt: skip
        page.case(f"read-{name}", "1", "read-card", "card-malformed", text=text)
    for other in (bob.uid, bytes(32), b"\xff" * 32):
        pair = hsh("safety-number", *sorted([ada.uid, other]))
        digits = str(int.from_bytes(pair, "big") % 10**30).zfill(30)
        shown = {
            "number": " ".join(re.findall(".....", digits)),
            "words": " ".join(words()[byte] for byte in pair[26:]),
        }
        name = {bob.uid: "bob", bytes(32): "zeros"}.get(other, "ones")
        page.case(f"safety-{name}", "2", "safety", shown, one=ada.uid, other=other)
        page.case(f"safety-{name}-turned", "2", "safety", shown, one=other, other=ada.uid)
    invitation = {"inviter": ada.uid, "id": seed("invite"), "secret": seed("invite secret")}
    encoded = cb(*invitation.values())
    link = f"https://haven.example/#invite={b32(encoded)}"
    page.case("link", "3", "link", {"link": link}, invitation=invitation, origin="https://haven.example")
    page.case(
        "link-origin-with-slash", "3", "link", {"link": link}, invitation=invitation, origin="https://haven.example/"
    )
    for name, text, stage in [
        ("no-mark", "https://haven.example/", "card-malformed"), ("foreign", link + "!", "card-malformed"),
        ("secret-31", link.split("=")[0] + "=" + b32(cb(ada.uid, seed("invite"), bytes(31))), "shape"),
        ("two-fields", link.split("=")[0] + "=" + b32(cb(ada.uid, seed("invite"))), "shape"),
        ("not-canonical", link.split("=")[0] + "=" + b32(encoded + b"\x00"), "encoding-not-canonical"),
    ]:  # fmt: skip
        page.case(f"link-{name}", "3", "read-link", stage, text=text)
    page.case("link-read", "3", "read-link", {"invitation": invitation}, text=link + "\n")
    page.case("inviter-swapped", "8", "answer-to", "invitation-inviter", invitation=invitation | {"inviter": bytes(32)},
              uid=ada.uid, chain=ada.chain)  # fmt: skip
    _answers(page, kept, ada, bob, invitation)
    return page


def _answers(page: Page, kept: Kept, ada: Person, bob: Person, invitation: dict[str, bytes]) -> None:
    def body(**other: Any) -> bytes:
        f = {
            "inviter": ada.uid,
            "id": invitation["id"],
            "who": bob.uid,
            "key_id": 1,
            "handle": "bob",
            "name": "Bob",
        } | other
        return cb(*f.values())

    def sealed(data: bytes, *, secret: bytes = invitation["secret"], signatures: Any = None, kind: str = "invitation-answer",
               said: bytes = bob.uid, info: dict[str, Any] | None = None, vouch: Any = None) -> bytes:  # fmt: skip
        signatures = bob.pair().sign(kept, kind, data) if signatures is None else signatures
        i = {"who": said, "inviter": ada.uid, "key_id": 1, "id": invitation["id"]} | (info or {})
        context = cb("mindhaven/invitation-wrap/v1", 1, *i.values())
        content = cb(data, mac(secret, "invitation-answer", data) if vouch is None else vouch, signatures)
        return cb(said, 1, *kept.hpke(ada.xwing(), context, content))

    def answer(name: str, expect: Any, data: bytes, *, step: str = "4-7", why: str = "") -> None:
        page.case(name, step, "open-answer", expect, comment=why, invitation=invitation, sealed=data, identity=ada.identity(),
                  uid=bob.uid, chain=bob.chain)  # fmt: skip

    eve = Person(kept, "eve")
    answer("answer", {"uid": bob.uid, "key_id": 1, "handle": "bob", "name": "Bob"}, sealed(body()))
    answer("answer-without-the-link", "invitation-mac", sealed(body(), secret=seed("guess")))
    answer("answer-swapped-uid", "invitation-swapped", sealed(body(who=eve.uid)),
           why="the body names another than the one who is shown to answer")  # fmt: skip
    answer("answer-to-another-inviter", "invitation-swapped", sealed(body(inviter=eve.uid)))
    answer("answer-to-another-invitation", "invitation-swapped", sealed(body(id=bytes(32))))
    eves = sealed(
        body(who=eve.uid), said=eve.uid, signatures=eve.pair().sign(kept, "invitation-answer", body(who=eve.uid))
    )
    answer("answer-of-another-account", "invitation-swapped", eves, why="all of eve's own, shown with bob's chain")
    answer("answer-signed-by-another", "signature-invalid",
           sealed(body(), signatures=eve.pair().sign(kept, "invitation-answer", body())))  # fmt: skip
    answer("answer-cross-type", "signature-invalid", sealed(body(), kind="consent"))
    answer(
        "answer-one-signature",
        "signature-count",
        sealed(body(), signatures=[bob.pair().fast("invitation-answer", body())]),
    )
    answer("answer-unknown-generation", "unknown-generation", sealed(body(key_id=2)))
    for name, other in {"inviter": {"inviter": bob.uid}, "sender": {"who": ada.uid}, "key-id": {"key_id": 2}, "id":
                        {"id": bytes(32)}}.items():  # fmt: skip
        answer(f"wrap-of-another-{name}", "wrap-does-not-open", sealed(body(), info=other))
    answer("answer-mac-is-a-number", "shape", sealed(body(), vouch=5))
    answer("answer-signatures-number", "shape", sealed(body(), signatures=5))
    answer("answer-enc-is-a-number", "shape", cb(bob.uid, 1, 7, bytes(64)))
    answer("answer-five-fields", "shape", sealed(cb(ada.uid, invitation["id"], bob.uid, 1, "bob")))
    answer("answer-handle-bytes", "shape", sealed(body(handle=b"bob")))
    answer("answer-key-id-list", "shape", sealed(body(key_id=[1])))
    answer("answer-key-id-zero", "shape", sealed(body(key_id=0)))
    answer(
        "answer-handle-64",
        {"uid": bob.uid, "key_id": 1, "handle": "b" * 64, "name": "Bob"},
        sealed(body(handle="b" * 64)),
    )
    answer("answer-handle-65", "shape", sealed(body(handle="b" * 65)))


def transfer(kept: Kept) -> Page:
    page = Page("transfer", "mindhaven/transfer/v1", kept)
    envelope, salt = b"an envelope", seed("item salt")

    def commit(*changes: list[Any]) -> bytes:
        return cb(1, COLLECTION, 1, seed("prev"), [seed("author"), 1], 20000, list(changes))

    put = [1, seed("item")[:16], 1, 1, hsh("envelope-hash", envelope), hsh("salt-hash", salt), []]
    erase = [2, seed("item 2")[:16]]
    body = commit(put, erase)

    def push(name: str, expect: Any, items: Any, data: bytes = body) -> None:
        page.case(name, "1", "push", expect, push=cb([data, [bytes(64)]], items))

    push("push", {"puts": 1}, [[envelope, salt]])
    push("push-nothing-put", {"puts": 0}, [], commit(erase))
    push("push-another-envelope", "envelope-mismatch", [[envelope + b"x", salt]])
    push("push-another-salt", "salt-mismatch", [[envelope, seed("x")]])
    push("push-both-changed", "envelope-mismatch", [[b"", seed("x")]])
    push("push-salt-31", "shape", [[envelope, salt[:31]]])
    push("push-swapped", "envelope-mismatch", [[envelope, salt], [envelope, salt]],
         commit(put, [*put[:4], hsh("envelope-hash", b"another"), put[5], []]))  # fmt: skip
    push("push-item-one-field", "shape", [[envelope]])
    push("push-items-over", "shape", [[envelope, salt]] * 3)
    return page


PAGES = [consent, card, transfer]
