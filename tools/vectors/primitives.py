"""The steps of spec/encoding.md, spec/slots.md and spec/epoch.md, written a second time from the pages alone.

Imports nothing of `mindhaven`. `Kept` gives back what is random (HPKE messages, ML-DSA signatures) as it was made once.
"""

import base64
import hashlib
import hmac
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
ZERO32 = bytes(32)


def cb(*fields: Any) -> bytes:
    """`CBOR[...]`."""
    return cbor2.dumps(list(fields))


def lab(kind: str) -> bytes:
    return f"mindhaven/{kind}/v1".encode() + b"\x00"


def hsh(kind: str, *parts: bytes) -> bytes:
    return hashlib.sha256(lab(kind) + b"".join(parts)).digest()


def derive(secret: bytes, kind: str, context: bytes = b"", salt: bytes = b"", n: int = 32) -> bytes:
    return HKDF(SHA256(), n, salt, lab(kind) + context).derive(secret)


def mac(key: bytes, kind: str, message: bytes) -> bytes:
    return hmac.new(key, lab(kind) + message, hashlib.sha256).digest()


def seed(name: str) -> bytes:
    """A fixed 32-byte value for `name`: every secret of the vectors."""
    return hashlib.sha256(b"mindhaven vectors: " + name.encode()).digest()


def box(key: bytes, kind: str, context: bytes, plaintext: bytes, salt: bytes) -> bytes:
    """spec/slots.md step 9."""
    okm = derive(key, kind, context, salt, 76)
    return cb(salt, okm[44:], AESGCM(okm[:32]).encrypt(okm[32:44], plaintext, context))


def padme(size: int) -> int:
    """spec/envelope.md step 2, as the formula says it."""
    if size < 2:
        return size
    e = size.bit_length() - 1
    s = e.bit_length()
    unit = 2 ** max(e - s, 0)
    return -(-size // unit) * unit


def xwing_private(secret: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    wide = hashlib.shake_256(secret).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(wide[:64]), X25519PrivateKey.from_private_bytes(wide[64:])


def xwing_public(secret: bytes) -> bytes:
    ml, x = xwing_private(secret)
    return ml.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()


def hpke_by_hand(shared: bytes, info: bytes, plaintext: bytes) -> bytes:
    """RFC 9180 base mode from a KEM's shared secret: what the single message of a context seals to."""
    suite = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()

    def expand(prk: bytes, label: bytes, data: bytes, n: int) -> bytes:
        text = n.to_bytes(2, "big") + b"HPKE-v1" + suite + label + data
        return hmac.new(prk, text + b"\x01", hashlib.sha256).digest()[:n]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).encrypt(nonce, plaintext, b"")


class Kept:
    """Random values by what they were made from: found in the stored files, made anew only if none is there."""

    def __init__(self, stored: dict[str, bytes]) -> None:
        self.stored = stored
        self.used: dict[str, bytes] = {}

    def _get(self, name: str, make: Any) -> bytes:
        value = self.used.get(name) or self.stored.get(name) or bytes(make())
        self.used[name] = self.stored[name] = value
        return value

    def mldsa(self, secret: bytes, message: bytes) -> bytes:
        name = "kept-" + hashlib.sha256(b"mldsa" + secret + message).hexdigest()[:16]
        return self._get(name, lambda: MLDSA65PrivateKey.from_seed_bytes(secret).sign(message))

    def hpke(self, public: bytes, info: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
        name = "kept-" + hashlib.sha256(b"hpke" + public + len(info).to_bytes(4, "big") + info + plaintext).hexdigest()
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:1184]), X25519PublicKey.from_public_bytes(public[1184:])
        )
        sealed = self._get(name[:21], lambda: SUITE.encrypt(plaintext, key, info))
        return sealed[:1120], sealed[1120:]

    def take(self) -> dict[str, bytes]:
        """What was used since the last call."""
        used, self.used = self.used, {}
        return used


class Pair:
    """A hybrid signing pair from two seeds."""

    def __init__(self, ed: bytes, ml: bytes) -> None:
        self.seeds = (ed, ml)
        self._ed = Ed25519PrivateKey.from_private_bytes(ed)
        self.ed = self._ed.public_key().public_bytes_raw()
        self.ml = MLDSA65PrivateKey.from_seed_bytes(ml).public_key().public_bytes_raw()

    def fast(self, kind: str, body: bytes) -> bytes:
        return self._ed.sign(lab(kind) + body)

    def sign(self, kept: Kept, kind: str, body: bytes) -> list[bytes]:
        return [self.fast(kind, body), kept.mldsa(self.seeds[1], lab(kind) + body)]


def authority(root: bytes) -> Pair:
    return Pair(derive(root, "authority-ed25519"), derive(root, "authority-mldsa65"))


class Person:
    """One account with its generations and its account chain: spec/account.md."""

    def __init__(self, kept: Kept, name: str, *, slots: bytes | None = None) -> None:
        self.kept, self.name = kept, name
        self.root = [seed(f"{name} root 1")]
        self.seeds = [self._seeds(1)]
        self.slots = slots or hsh("slot-list", cb(seed(f"{name} slot salt"), []))
        empty = self.body(ZERO32, 0, ZERO32, 1)
        self.uid = hsh("uid", empty)
        self.chain = [self.signed(self.body(self.uid, 0, ZERO32, 1), 1, 1)]

    def _seeds(self, generation: int) -> tuple[bytes, bytes, bytes]:
        x, e, m = (seed(f"{self.name} {part} {generation}") for part in ("xwing", "ed25519", "mldsa65"))
        return x, e, m

    def pair(self, generation: int = 1) -> Pair:
        return Pair(*self.seeds[generation - 1][1:])

    def xwing(self, generation: int = 1) -> bytes:
        return xwing_public(self.seeds[generation - 1][0])

    def body(self, uid: bytes, seq: int, prev: bytes, generation: int, **other: Any) -> bytes:
        auth, own = authority(self.root[generation - 1]), self.pair(generation)
        keys = other.get("identity", [self.xwing(generation), own.ed, own.ml])
        return cb(uid, seq, prev, other.get("number", generation), other.get("authority", [auth.ed, auth.ml]), keys,
                  other.get("slots", self.slots))  # fmt: skip

    def signed(self, body: bytes, by: int, identity: int) -> dict[str, Any]:
        """Signed by the authority of generation `by` and the identity of generation `identity`."""
        auth = authority(self.root[by - 1]).sign(self.kept, "statement", body)
        return {
            "body": body,
            "signatures": [*auth, *self.pair(identity).sign(self.kept, "statement-identity", body)],
        }

    def grow(self) -> None:
        """Make keys of the next generation, without stating them."""
        number = len(self.root) + 1
        self.root.append(seed(f"{self.name} root {number}"))
        self.seeds.append(self._seeds(number))

    def renew(self) -> None:
        """Append a statement of a new generation whose root is the one before."""
        number = len(self.root) + 1
        self.root.append(self.root[-1])
        self.seeds.append(self._seeds(number))
        body = self.body(self.uid, len(self.chain), self.head, number)
        self.chain.append(self.signed(body, number - 1, number))

    def rotate(self) -> None:
        """Append a statement of a new generation."""
        self.grow()
        number = len(self.root)
        body = self.body(self.uid, len(self.chain), self.head, number)
        self.chain.append(self.signed(body, number - 1, number))

    @property
    def head(self) -> bytes:
        return hsh("statement-hash", self.chain[-1]["body"])

    def identity(self) -> dict[str, Any]:
        """What a reader needs to be this person: the newest generation and its three seeds."""
        return {"generation": len(self.root), "seeds": list(self.seeds[-1])}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
