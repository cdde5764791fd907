"""Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root, signed as a note. No I/O."""

import base64
from dataclasses import dataclass
from typing import Final, Self

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.tlog.note import LogSigner, Note, VerifierKey, check_name, unbase64
from mindhaven.tlog.tree import HASH_BYTES, MAX_SIZE

_MAX_DIGITS: Final = len(str(MAX_SIZE))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's state: origin (a name), number of entries, root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a note's text; extension lines are passed over. Raises `InvalidInputError` (checkpoint-shape)."""
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:-1]:
            raise _bad_checkpoint()
        origin, digits, encoded = lines[:3]
        root = unbase64(encoded)
        sized = digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS and str(int(digits)) == digits
        if root is None or len(root) != HASH_BYTES or not sized or int(digits) > MAX_SIZE:
            raise _bad_checkpoint()
        return cls(check_name(origin), int(digits), root)

    def sign(self, *signers: LogSigner) -> Note:
        """Return the checkpoint as a note that the log's keys signed."""
        return Note(self.text, tuple(signer.line(self.text) for signer in signers))


def open_checkpoint(note: Note, log: VerifierKey) -> Checkpoint:
    """Return the checkpoint that `log` signed.

    Raises `InvalidInputError` (checkpoint-shape), `IntegrityError` (checkpoint-origin, note-unsigned, note-signature).
    """
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise IntegrityError("This checkpoint is of another log.", code="checkpoint-origin")
    if not note.signed_by([log]):
        raise IntegrityError("The log did not sign this checkpoint.", code="note-unsigned")
    return checkpoint


def _bad_checkpoint() -> InvalidInputError:
    return InvalidInputError("This is not a checkpoint.", code="checkpoint-shape")
