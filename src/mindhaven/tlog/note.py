"""Signed notes (C2SP signed-note): a text with signature lines, and the keys that make and check them.

Guarantees: a known key whose signature fails refuses the note, whatever else signed it; unknown keys are passed over.
Does not: say what the text means (`checkpoint`). No I/O.
"""

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol, Self

from mindhaven.crypto import notes
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import InvalidInputError

MAX_NOTE_BYTES: Final = 256 * 1024
MAX_SIGNATURES: Final = 64
"""Signature lines that are read: the format asks for 16 or more, a policy for at least 32 witnesses."""
MAX_NAME_BYTES: Final = 255
"""A name's length is one byte in what an ML-DSA cosignature signs."""
KEY_ID_BYTES: Final = 4
_LINE: Final = "\u2014 "


class Algorithm(IntEnum):
    """The signature types of signed notes that are read here."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_MLDSA44 = 0x06


KEY_BYTES: Final = {
    Algorithm.ED25519: notes.ED25519_KEY_BYTES,
    Algorithm.COSIGNATURE_ED25519: notes.ED25519_KEY_BYTES,
    Algorithm.COSIGNATURE_MLDSA44: notes.MLDSA44_KEY_BYTES,
}


def check_name(name: str) -> str:
    """Return a key's name; raise `InvalidInputError` (note-name) if no note could carry it."""
    if not name or len(name.encode()) > MAX_NAME_BYTES or "+" in name or any(_blank(sign) for sign in name):
        raise InvalidInputError("A log's or witness's name has no spaces and no plus sign.", code="note-name")
    return name


def _blank(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp", "Zs"}


def unbase64(text: str) -> bytes | None:
    """Return what strict base64 says, None if it is not the one spelling of any bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, as a vkey line gives it: `name+hex id+base64(type byte, key)`."""

    name: str
    algorithm: Algorithm
    key: bytes

    @property
    def id(self) -> bytes:
        """The key's id (4 bytes): SHA-256 of name, newline, type byte, key."""
        material = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.key
        return hashlib.sha256(material).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.algorithm]) + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vkey; raise `InvalidInputError` (vkey)."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = unbase64(encoded)
        if not raw or raw[0] not in set(Algorithm) or len(raw) - 1 != KEY_BYTES[Algorithm(raw[0])]:
            raise InvalidInputError("This is not a verifier key (name+id+key).", code="vkey")
        made = cls(check_name(name), Algorithm(raw[0]), raw[1:])
        if made.id.hex() != key_id:
            raise InvalidInputError("A verifier key's id does not belong to its key.", code="vkey")
        return made


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line: name, key id (4 bytes) and signature."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_LINE}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a line without its newline; raise `InvalidInputError` (note-shape)."""
        name, _, encoded = text.removeprefix(_LINE).partition(" ")
        raw = unbase64(encoded)
        if not text.startswith(_LINE) or raw is None or len(raw) <= KEY_ID_BYTES:
            raise _bad_note()
        return cls(check_name(name), raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])

    def of(self, key: VerifierKey) -> bool:
        """Return whether the line claims to be that key's."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) with its signature lines."""

    text: str
    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a note; raise `InvalidInputError` (note-shape, note-name)."""
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise _bad_note() from error
        text, parting, rest = whole.rpartition("\n\n")
        if len(data) > MAX_NOTE_BYTES or not parting or not rest.endswith("\n") or any(map(_control, whole)):
            raise _bad_note()
        signatures = rest[:-1].split("\n")
        if len(signatures) > MAX_SIGNATURES:
            raise _bad_note()
        return cls(text + "\n", tuple(Line.parse(one) for one in signatures))

    def encode(self) -> bytes:
        """Return the note's bytes."""
        return f"{self.text}\n{''.join(map(str, self.lines))}".encode()

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Return which of `keys`, each an Ed25519 note key, signed; raise `IntegrityError` (note-signature)."""
        found = []
        for key in keys:
            for line in self.lines:
                if key.algorithm is Algorithm.ED25519 and line.of(key):
                    notes.verify_note_ed25519(key.key, self.text.encode(), line.signature)
                    found.append(key)
                    break
        return found

    def also(self, lines: Sequence[Line]) -> "Note":
        """Return the note with more signature lines."""
        return Note(self.text, (*self.lines, *lines))


def _control(sign: str) -> bool:
    return sign != "\n" and unicodedata.category(sign) == "Cc"


def _bad_note() -> InvalidInputError:
    return InvalidInputError("This is not a signed note.", code="note-shape")


class NoteSigner(Protocol):
    """Whatever signs notes under one key."""

    vkey: VerifierKey

    def line(self, text: str) -> Line:
        """Return the signature line over a note's text."""
        ...


class LogSigner:
    """A log's own Ed25519 key (type 01), named by the log's origin."""

    def __init__(self, name: str, seed: Seed) -> None:
        self._pair = notes.NoteEd25519(seed)
        self.vkey = VerifierKey(check_name(name), Algorithm.ED25519, self._pair.public)

    def line(self, text: str) -> Line:
        """Return the signature line over a note's text."""
        return Line(self.vkey.name, self.vkey.id, self._pair.sign(text.encode()))
