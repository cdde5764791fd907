"""The item envelope: one sealed revision of one record. Implements spec/envelope.md.

Guarantees: header, salt and content are bound to each other; an envelope opens at its own place and nowhere else.
Does not: know any kind; `body` is the kind's own bytes. No I/O.
"""

from dataclasses import dataclass
from typing import Final

from mindhaven.crypto.encoding import decode, encode, encode_trusted, hasher
from mindhaven.crypto.padding import pad, unpad
from mindhaven.crypto.seal import COMMITMENT_BYTES, SALT_BYTES, Sealed, open_sealed, seal
from mindhaven.crypto.secrets import EpochKey
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.protocol import shape
from mindhaven.protocol.encoding import SUITE

ITEM_ID_BYTES: Final = 16
MAX_KIND_CHARACTERS: Final = 100
MAX_ENVELOPE_BYTES: Final = 5 * 1024 * 1024
"""A 4 MiB content, its padding (at most 11.6 %) and its frame."""
MAX_REVISION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Header:
    """`[suite, collection, item, revision, epoch, author uid]`: AAD and derivation info of the item key."""

    collection: bytes
    item: bytes
    revision: int
    epoch: int
    author: bytes

    def encode(self) -> bytes:
        """Return the header's bytes."""
        return encode_trusted([SUITE, self.collection, self.item, self.revision, self.epoch, self.author])

    @classmethod
    def decode(cls, data: bytes) -> "Header":
        """Return the header that `data` encodes; another suite raises `IntegrityError` (suite)."""
        suite, collection, item, revision, epoch, author = shape.fields(decode(data), 6, "An envelope's header")
        if shape.number(suite, "A suite") != SUITE:
            raise IntegrityError("This record is sealed with a suite that this client does not accept.", code="suite")
        return cls(
            shape.raw(collection, "A collection id", length=32),
            shape.raw(item, "An item id", length=ITEM_ID_BYTES),
            shape.number(revision, "A revision", least=1, most=MAX_REVISION),
            shape.number(epoch, "An epoch", least=1),
            shape.raw(author, "An author", length=32),
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What is sealed: `[kind, schema version, created_at, zone, body]`.

    `created_at` is in milliseconds since 1970 UTC and names the moment the record is about; `zone` is an IANA zone or
    a fixed offset; `body` is the kind's own bytes (canonical JSON for every kind of ours).
    """

    kind: str
    version: int
    created_at: int
    zone: str
    body: bytes

    def encode(self) -> bytes:
        """Return the unpadded plaintext."""
        return encode([self.kind, self.version, self.created_at, self.zone, self.body])

    @classmethod
    def decode(cls, data: bytes) -> "Content":
        """Return the content that `data` encodes."""
        kind, version, created_at, zone, body = shape.fields(decode(data), 5, "A record")
        return cls(
            shape.text(kind, "A kind", most=MAX_KIND_CHARACTERS),
            shape.number(version, "A schema version"),
            shape.number(created_at, "A time", least=-shape.MAX_NUMBER),
            shape.text(zone, "A time zone", most=64),
            shape.raw(body, "A record's body"),
        )


@dataclass(frozen=True, slots=True)
class SealedItem:
    """An envelope as stored and sent, and the salt that lies beside it."""

    envelope: bytes
    salt: bytes

    @property
    def envelope_hash(self) -> bytes:
        """The labelled SHA-256 of the envelope that the chain names."""
        return envelope_hash(self.envelope)

    @property
    def salt_hash(self) -> bytes:
        """The labelled SHA-256 of the salt that the chain names."""
        return salt_hash(self.salt)


_hash_envelope: Final = hasher("envelope-hash")
_hash_salt: Final = hasher("salt-hash")


def envelope_hash(envelope: bytes) -> bytes:
    """Return the labelled SHA-256 of an envelope's bytes."""
    return _hash_envelope(envelope)


def salt_hash(salt: bytes) -> bytes:
    """Return the labelled SHA-256 of a salt; raise `InvalidInputError` (salt-length) unless it is 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise InvalidInputError("A salt is exactly 32 bytes.", code="salt-length")
    return _hash_salt(salt)


def seal_item(key: EpochKey, header: Header, content: Content, salt: bytes) -> SealedItem:
    """Seal one revision. `salt` must be 32 fresh random bytes at each call."""
    head = header.encode()
    sealed = seal(key, "item", salt, head, pad(content.encode()))
    return SealedItem(encode_trusted([head, sealed.commitment, sealed.ciphertext]), salt)


def read_header(envelope: bytes) -> tuple[Header, bytes, Sealed]:
    """Return an envelope's header, the header's bytes and its sealed part; raise `InvalidInputError` otherwise."""
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise InvalidInputError("An envelope is larger than its format allows.", code="envelope-too-large")
    head, commitment, ciphertext = shape.fields(decode(envelope), 3, "An envelope")
    sealed = Sealed(
        shape.raw(commitment, "A commitment", length=COMMITMENT_BYTES), shape.raw(ciphertext, "A ciphertext")
    )
    return Header.decode(shape.raw(head, "A header", most=256)), head, sealed


def open_item(key: EpochKey, item: SealedItem, *, expected: Header) -> Content:
    """Open one revision that must stand at `expected`.

    Raises `IntegrityError`: envelope-misplaced, commitment-mismatch, seal-does-not-open, padding-malformed.
    """
    header, head, sealed = read_header(item.envelope)
    if header != expected:
        raise IntegrityError("A record was put in another record's place.", code="envelope-misplaced")
    return Content.decode(unpad(open_sealed(key, "item", item.salt, head, sealed)))
