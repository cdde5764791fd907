"""Pairing: a signed-in device lets a new one in. Implements spec/pairing.md.

Guarantees: the keys are sealed to the very device whose link was read, and the new device takes them only from
somebody who read its link; a server that puts a key or an account of its own in between is named.
Does not: carry the root; a paired device opens nothing that a device may not. No I/O.
"""

import os
from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.derive import check_equal, mac
from mindhaven.crypto.encoding import decode, encode, labelled_hash
from mindhaven.crypto.seal import open_box, seal_box
from mindhaven.crypto.secrets import SealKey, Secret32, Seed
from mindhaven.crypto.sign import ED25519_KEY_BYTES, SessionSigner
from mindhaven.crypto.wrap import ENC_BYTES, PUBLIC_KEY_BYTES, UnwrapKey, Wrapped, wrap, wrap_info
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.card import from_base32, to_base32
from mindhaven.protocol.slots import MAX_GENERATIONS, Bundle, bundle_bytes_most

LINK_MARK: Final = "#pair="
ID_BYTES: Final = 32
MAX_DEVICE_BYTES: Final = 2048
MAX_BOX_BYTES: Final = bundle_bytes_most(MAX_GENERATIONS)
MAX_ANSWER_BYTES: Final = MAX_BOX_BYTES + 2048
_KIND: Final = "pairing-bundle"


class PairingSecret(Secret32):
    """What a link carries and the server never sees."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Device:
    """What the new device gives the server: `[id, X-Wing key, session key]`."""

    id: bytes
    xwing: bytes
    session_key: bytes

    def encode(self) -> bytes:
        """Return CBOR [id, X-Wing key, session key]."""
        return encode([self.id, self.xwing, self.session_key])

    def hash(self) -> bytes:
        """Return what a link names of this device (32 bytes)."""
        return labelled_hash("pairing-device", self.encode())

    @classmethod
    def decode(cls, data: bytes) -> "Device":
        """Return the device that `data` encodes."""
        pairing, xwing, session_key = shape.fields(decode(data), 3, "A device")
        return cls(
            shape.raw(pairing, "A pairing id", length=ID_BYTES),
            shape.raw(xwing, "A device's public key", length=PUBLIC_KEY_BYTES),
            shape.raw(session_key, "A session key", length=ED25519_KEY_BYTES),
        )


@dataclass(frozen=True, slots=True)
class PairingLink:
    """What the new device shows: `[id, hash of its device, secret]`."""

    id: bytes
    device_hash: bytes
    secret: PairingSecret

    def text(self, origin: str) -> str:
        """Return the link; everything after `#` stays out of every request."""
        return f"{origin.rstrip('/')}/{LINK_MARK}{to_base32(encode([self.id, self.device_hash, bytes(self.secret)]))}"

    @classmethod
    def parse(cls, text: str) -> "PairingLink":
        """Return the link in `text`; raise `InvalidInputError` for anything else."""
        if LINK_MARK not in text:
            raise InvalidInputError("This is not the link of a new device.", code="card-malformed")
        pairing, digest, secret = shape.fields(decode(from_base32(text.split(LINK_MARK, 1)[1].strip())), 3, "A link")
        return cls(
            shape.raw(pairing, "A pairing id", length=ID_BYTES),
            shape.raw(digest, "A device's hash", length=32),
            PairingSecret(shape.raw(secret, "A pairing secret", length=32)),
        )


@dataclass(frozen=True, slots=True)
class NewDevice:
    """The private side of a new device: its pairs and its secret."""

    id: bytes
    unwrapper: UnwrapKey
    session_key: SessionSigner
    secret: PairingSecret

    @classmethod
    def fresh(cls) -> "NewDevice":
        """Return a new one."""
        return cls(os.urandom(ID_BYTES), UnwrapKey(Seed.fresh()), SessionSigner.fresh(), PairingSecret.fresh())

    @property
    def device(self) -> Device:
        """What the server is given."""
        return Device(self.id, self.unwrapper.public, self.session_key.public)

    @property
    def link(self) -> PairingLink:
        """What is shown to the signed-in device."""
        return PairingLink(self.id, self.device.hash(), self.secret)


def _info(uid: bytes, pairing: bytes, device_hash: bytes) -> bytes:
    return wrap_info("pairing-wrap", uid, uid, pairing, [device_hash])


def let_in(link: PairingLink, device: Device, uid: bytes, bundle: Bundle) -> bytes:
    """Return the answer that lets `device` in: steps 4 and 5.

    Raises `IntegrityError` (pairing-device) if the server gave another device than the one whose link was read.
    """
    if device.id != link.id or device.hash() != link.device_hash:
        raise IntegrityError(
            "The server gave another key than the new device has.",
            code="pairing-device",
            hint="Nothing was sent. Do not pair over this server; ask the people who run it.",
        )
    key = SealKey.fresh()
    wrapped = wrap(device.xwing, key, _info(uid, link.id, link.device_hash))
    box = seal_box(key, _KIND, link.device_hash, bundle.encode())
    body = encode([uid, wrapped.enc, wrapped.ciphertext, box])
    return encode([uid, wrapped.enc, wrapped.ciphertext, box, mac(link.secret, "pairing-answer", body)])


def open_answer(new: NewDevice, answer: bytes) -> tuple[bytes, Bundle]:
    """Return the uid and the keys that an answer brings: step 6, but for the chain.

    Raises `IntegrityError`: pairing-mac, wrap-does-not-open, commitment-mismatch, seal-does-not-open.
    """
    uid, enc, ciphertext, box, given = shape.fields(decode(answer), 5, "An answer")
    shape.raw(uid, "A uid", length=32)
    shape.raw(enc, "An answer's enc", length=ENC_BYTES)
    shape.raw(ciphertext, "An answer's ciphertext", length=48)
    shape.raw(box, "An answer's box", most=MAX_BOX_BYTES)
    check_equal(
        mac(new.secret, "pairing-answer", encode([uid, enc, ciphertext, box])),
        shape.raw(given, "An answer's mac", length=32),
        "This answer does not come from a device that has read your link.",
        code="pairing-mac",
    )
    digest = new.link.device_hash
    key = SealKey(new.unwrapper.unwrap(Wrapped(enc, ciphertext), _info(uid, new.id, digest)))
    return uid, Bundle.decode(open_box(key, _KIND, digest, box))
