"""Cases of lock."""

from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pages import Page
from primitives import Kept, box, cb, derive, hsh, mac, seed, xwing_public

UID, LOCK = seed("locker"), seed("lock id")[:16]
KEY, OTHER_KEY = seed("lock key"), seed("another lock key")
SALT16, PASSPHRASE = seed("lock salt")[:16], "only  mine, ﬁve words"
NAME = "lock " + LOCK.hex()
RECOVERY, LATER = seed("locker recovery"), seed("locker recovery later")


def _xwing(secret: bytes) -> bytes:
    return xwing_public(derive(secret, "slot-xwing"))


SLOT, LATER_SLOT = (hsh("lock-slot", _xwing(secret))[:16] for secret in (RECOVERY, LATER))


def lock(kept: Kept) -> Page:
    page = Page("lock", "mindhaven/lock/v1", kept)
    secret = Argon2id(salt=hsh("pw-salt", NAME.encode() + b"\x00" + SALT16), length=32, iterations=3, lanes=1,
                      memory_cost=65536).derive(b"only  mine, five words")  # fmt: skip

    def ring(**other: Any) -> bytes:
        r = {"id": LOCK, "memory": 65536, "salt": SALT16, "name": NAME, "secret": secret, "key": KEY,
             "wraps": [wrap()], "check": check()} | other  # fmt: skip
        sealed = r.get("box") or box(r["secret"], "lock", cb(r["id"]), r["key"], seed("lock box salt"))
        return cb(r["id"], [r["memory"], 3, 1, r["salt"], r["name"]], sealed, r["wraps"], r["check"])

    def wrap(
        slot: bytes = SLOT, key: bytes = KEY, to: bytes = RECOVERY, uid: bytes = UID, of: bytes = LOCK
    ) -> list[bytes]:
        info = cb("mindhaven/lock-wrap/v1", 1, uid, uid, slot, of)
        return [slot, *kept.hpke(_xwing(to), info, key)]

    def check(key: bytes = KEY, of: bytes = LOCK) -> bytes:
        return mac(key, "lock-check", cb(of))

    def read(name: str, step: str, expect: Any, data: bytes) -> None:
        page.case(name, step, "ring", expect, ring=data)

    read("ring", "2-5", {"id": LOCK, "names": [SLOT]}, ring())
    read("ring-without-wraps", "4", {"id": LOCK, "names": []}, ring(wraps=[]))
    read("ring-too-large", "2", "lock-ring", ring(box=bytes(65536)))
    read("ring-another-name", "3", "lock-name", ring(name="lock " + bytes(16).hex()))
    read("ring-name-of-a-handle", "3", "lock-name", ring(name="ada-123456"))
    read("ring-slot-twice", "4", "slot-double", ring(wraps=[wrap(), wrap(to=LATER)]))
    read("ring-seventeen", "4", "shape", ring(wraps=[[bytes([n] * 16), *wrap()[1:]] for n in range(17)]))
    read("ring-id-15", "2", "shape", ring(id=LOCK[:15], name="lock " + LOCK[:15].hex()))
    read("ring-salt-15", "3", "shape", ring(salt=SALT16[:15]))
    read("ring-check-31", "5", "shape", ring(check=check()[:31]))
    read("ring-wrap-long", "4", "shape", ring(wraps=[[*wrap()[:2], wrap()[2] + b"\x00"]]))
    read("ring-enc-short", "4", "shape", ring(wraps=[[SLOT, wrap()[1][1:], wrap()[2]]]))
    read("ring-four-fields", "2", "shape", cb(LOCK, [65536, 3, 1, SALT16, NAME], b"x", [wrap()]))

    def by_words(name: str, expect: Any, data: bytes, *, passphrase: str = PASSPHRASE, why: str = "") -> None:
        page.case(name, "3, 5, 7", "open", expect, comment=why, ring=data, passphrase=passphrase)

    by_words("open", {"key": KEY, "check": check()}, ring(), why="the ligature stands in NFKC form")
    by_words("open-another-passphrase", "commitment-mismatch", ring(), passphrase="only  mine, six words")
    by_words(
        "open-box-of-another-lock",
        "commitment-mismatch",
        ring(box=box(secret, "lock", cb(bytes(16)), KEY, seed("lock box salt"))),
    )
    by_words("open-check-of-another-lock", "lock-check", ring(check=check(of=bytes(16))))
    by_words("open-floor", "argon2-floor", ring(memory=65535))
    by_words(
        "open-another-key",
        "lock-check",
        ring(key=OTHER_KEY),
        why="a key was put under the passphrase that is not the lock's",
    )

    def by_spare(name: str, expect: Any, data: bytes, *, secret: bytes = RECOVERY, why: str = "") -> None:
        page.case(name, "5, 6", "open-by-recovery", expect, comment=why, uid=UID, ring=data, secret=secret)

    by_spare("recovery", {"key": KEY}, ring())
    by_spare("recovery-second", {"key": KEY}, ring(wraps=[wrap(), wrap(LATER_SLOT, to=LATER)]), secret=LATER)
    by_spare(
        "recovery-made-later",
        "lock-recovery-unknown",
        ring(),
        secret=LATER,
        why="the ring is older than this recovery key",
    )
    by_spare("recovery-of-nobody", "lock-recovery-unknown", ring(), secret=seed("x"))
    by_spare(
        "recovery-another-key", "lock-check", ring(wraps=[wrap(key=OTHER_KEY)]), why="anybody can wrap to a public key"
    )
    by_spare("recovery-wrap-of-another-lock", "lock-recovery-unknown", ring(wraps=[wrap(of=bytes(16))]))
    by_spare("recovery-wrap-of-another-person", "lock-recovery-unknown", ring(wraps=[wrap(uid=bytes(32))]))
    by_spare(
        "recovery-wrap-to-another-slot", "lock-recovery-unknown", ring(wraps=[[SLOT, *wrap(LATER_SLOT, to=LATER)[1:]]])
    )
    _records(page)
    return page


def _records(page: Page) -> None:
    plain = cb("mindhaven/journal", 1, b'{"text":"mine"}')

    def sealed(data: bytes = plain, *, key: bytes = KEY, of: bytes = LOCK, kind: str = "locked") -> bytes:
        return box(key, kind, cb(of), data, seed("locked salt"))

    def opening(name: str, expect: Any, data: bytes) -> None:
        page.case(name, "8, 9", "open-record", expect, lock=LOCK, key=KEY, box=data)

    opening("record", {"kind": "mindhaven/journal", "version": 1, "body": b'{"text":"mine"}'}, sealed())
    opening("record-of-another-kind", "commitment-mismatch", sealed(kind="lock"))
    opening("record-of-another-lock", "commitment-mismatch", sealed(of=bytes(16)))
    opening("record-under-another-key", "commitment-mismatch", sealed(key=OTHER_KEY))
    for kind in ("lock", "locked"):
        opening(f"record-of-{kind}", "lock-nested", sealed(cb(f"mindhaven/{kind}", 1, b"{}")))
    opening("record-two-fields", "shape", sealed(cb("mindhaven/journal", b"{}")))
    opening("record-version-0", "shape", sealed(cb("mindhaven/journal", 0, b"{}")))
    opening("record-body-text", "shape", sealed(cb("mindhaven/journal", 1, "{}")))
    opening("record-kind-101", "shape", sealed(cb("k" * 101, 1, b"{}")))


PAGES = [lock]
