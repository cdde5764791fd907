"""Cases of pairing a new device."""

# ruff: noqa: E501 - tables: one case a line

from typing import Any

from cases_sharing import b32
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pages import Page
from primitives import Kept, Person, box, cb, hsh, mac, seed, xwing_public


def pairing(kept: Kept) -> Page:
    page = Page("pairing", "mindhaven/pairing/v1", kept)
    ada = Person(kept, "ada")
    xwing, session, secret, name = (
        seed("new device xwing"),
        seed("new device session"),
        seed("pairing secret"),
        seed("pairing id"),
    )
    session_key = Ed25519PrivateKey.from_private_bytes(session).public_key().public_bytes_raw()
    device = cb(name, xwing_public(xwing), session_key)
    digest = hsh("pairing-device", device)
    page.case("device", "1", "device", {"device": device, "hash": digest}, id=name, xwing=xwing, session=session)
    for label, data in [
        ("id-31", cb(name[:31], xwing_public(xwing), session_key)), ("key-short", cb(name, xwing_public(xwing)[1:], session_key)),
        ("session-31", cb(name, xwing_public(xwing), session_key[1:])), ("two-fields", cb(name, xwing_public(xwing))),
        ("session-text", cb(name, xwing_public(xwing), "x" * 32)),
    ]:  # fmt: skip
        page.case(f"device-{label}", "1", "read-device", "shape", device=data)
    link = f"https://haven.example/#pair={b32(cb(name, digest, secret))}"
    shown = {"id": name, "hash": digest, "secret": secret}
    page.case("link", "2", "link", {"link": link}, link=shown, origin="https://haven.example")
    page.case("link-origin-with-slash", "2", "link", {"link": link}, link=shown, origin="https://haven.example/")
    page.case("read-link", "2", "read-link", shown, text=f" {link}\n")
    for label, text, stage in [
        ("no-mark", "https://haven.example/", "card-malformed"), ("invitation", link.replace("#pair=", "#invite="), "card-malformed"),
        ("foreign-sign", link + "!", "card-malformed"),
        ("secret-31", f"https://haven.example/#pair={b32(cb(name, digest, secret[:31]))}", "shape"),
        ("two-fields", f"https://haven.example/#pair={b32(cb(name, digest))}", "shape"),
        ("not-canonical", f"https://haven.example/#pair={b32(cb(name, digest, secret) + bytes(1))}", "encoding-not-canonical"),
    ]:  # fmt: skip
        page.case(f"read-link-{label}", "2", "read-link", stage, text=text)
    _letting_in(page, shown, device, cb(name, xwing_public(seed("server xwing")), session_key))
    _answers(page, kept, ada, name, digest, {"id": name, "xwing": xwing, "session": session, "secret": secret})
    return page


def _letting_in(page: Page, shown: dict[str, bytes], device: bytes, servers: bytes) -> None:
    def case(name: str, expect: Any, **other: Any) -> None:
        page.case(name, "4", "let-in", expect, **({"link": shown, "device": device} | other))

    case("let-in", {"accepted": True})
    case("server-swaps-the-key", "pairing-device", device=servers)
    case("device-of-another-pairing", "pairing-device", link=shown | {"id": bytes(32)})
    case("hash-of-another-device", "pairing-device", link=shown | {"hash": bytes(32)})


def _answers(page: Page, kept: Kept, ada: Person, name: bytes, digest: bytes, new: dict[str, bytes]) -> None:
    key, salt, index = seed("pairing key"), seed("pairing salt"), seed("index")
    entry = [1, *ada.seeds[0]]
    public = xwing_public(new["xwing"])

    def info(uid: bytes = ada.uid, pairing: bytes = name, hash_: bytes = digest) -> bytes:
        return cb("mindhaven/pairing-wrap/v1", 1, uid, uid, pairing, hash_)

    def answer(*, uid: bytes = ada.uid, to: bytes = public, under: bytes | None = None, sealed: bytes | None = None,
               secret: bytes = new["secret"], kind: str = "pairing-answer") -> bytes:  # fmt: skip
        enc, ciphertext = kept.hpke(to, info() if under is None else under, key)
        content = box(key, "pairing-bundle", digest, cb([entry], index), salt) if sealed is None else sealed
        return cb(uid, enc, ciphertext, content, mac(secret, kind, cb(uid, enc, ciphertext, content)))

    def case(name: str, step: str, expect: Any, data: bytes, why: str = "") -> None:
        page.case(name, step, "open-answer", expect, new=new, answer=data, uid=ada.uid, chain=ada.chain, comment=why)

    case("answer", "5, 6", {"uid": ada.uid, "generations": [1], "index": index}, answer())
    eve = [1, *(seed(f"eve {part}") for part in "xem")]
    case("account-of-the-server", "6", "pairing-mac", answer(uid=seed("eve uid"), under=info(uid=seed("eve uid")), secret=seed("x")),
         "the server knows id and key, and not the link's secret")  # fmt: skip
    case("mac-of-another-kind", "6", "pairing-mac", answer(kind="invitation-answer"))
    good = answer()
    case("mac-changed", "6", "pairing-mac", good[:-1] + bytes([good[-1] ^ 1]))
    case("wrap-of-another-pairing", "6", "wrap-does-not-open", answer(under=info(pairing=bytes(32))))
    case("wrap-of-another-device", "6", "wrap-does-not-open", answer(under=info(hash_=bytes(32))))
    case("wrap-to-another-key", "6", "wrap-does-not-open", answer(to=xwing_public(seed("server xwing"))))
    case(
        "box-of-another-kind",
        "6",
        "commitment-mismatch",
        answer(sealed=box(key, "bundle", digest, cb([entry], index), salt)),
    )
    case(
        "box-of-another-device",
        "6",
        "commitment-mismatch",
        answer(sealed=box(key, "pairing-bundle", bytes(32), cb([entry], index), salt)),
    )
    whole = box(key, "pairing-bundle", digest, cb([entry], index), salt)
    case("box-changed", "6", "seal-does-not-open", answer(sealed=whole[:-1] + bytes([whole[-1] ^ 1])))
    case(
        "keys-of-others",
        "6",
        "bundle-mismatch",
        answer(sealed=box(key, "pairing-bundle", digest, cb([eve], index), salt)),
    )
    case("keys-of-a-generation-that-none-has", "6", "bundle-mismatch",
         answer(sealed=box(key, "pairing-bundle", digest, cb([entry, [2, *eve[1:]]], index), salt)))  # fmt: skip
    case("four-fields", "5", "shape", cb(ada.uid, bytes(1120), bytes(48), whole))
    case("enc-short", "5", "shape", cb(ada.uid, bytes(1119), bytes(48), whole, bytes(32)))
    case("ciphertext-47", "5", "shape", cb(ada.uid, bytes(1120), bytes(47), whole, bytes(32)))
    case("mac-31", "5", "shape", cb(ada.uid, bytes(1120), bytes(48), whole, bytes(31)))
    case("uid-31", "5", "shape", cb(ada.uid[:31], bytes(1120), bytes(48), whole, bytes(32)))
    case("box-number", "5", "shape", cb(ada.uid, bytes(1120), bytes(48), 7, bytes(32)))


PAGES = [pairing]
