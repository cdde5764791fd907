"""The witness protocol (C2SP tlog-witness): what a log sends, and how a witness decides. No I/O, no clock."""

import base64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import MAX_NOTE_BYTES, Note, VerifierKey, unbase64
from mindhaven.tlog.tree import EMPTY_ROOT, HASH_BYTES, verify_consistency

MAX_PROOF_LINES: Final = 63


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A log asks: this checkpoint follows the one of size `old`, as the proof shows."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """Return the request's body."""
        lines = [f"old {self.old}", *(base64.b64encode(one).decode() for one in self.proof), "", ""]
        return "\n".join(lines).encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a request's body; raise `InvalidInputError` (add-checkpoint, note-shape)."""
        head, parting, rest = data.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _bad_request() from error
        word, _, digits = first.partition(" ")
        if len(data) > MAX_NOTE_BYTES or not parting or word != "old" or len(lines) > MAX_PROOF_LINES:
            raise _bad_request()
        if not digits.isdecimal() or len(digits) > 20 or str(int(digits)) != digits:
            raise _bad_request()
        proof = [unbase64(one) for one in lines]
        if any(one is None or len(one) != HASH_BYTES for one in proof):
            raise _bad_request()
        return cls(int(digits), tuple(one for one in proof if one is not None), Note.parse(rest))


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest checkpoint of a log that a witness cosigned."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a witness does not cosign: the HTTP status, and for a stale size the size that it knows."""

    status: int
    reason: str
    size: int | None = None


def judge(asked: AddCheckpoint, seen: Seen, keys: Collection[VerifierKey]) -> Checkpoint | Refused:
    """Return the checkpoint to cosign, or why not. `keys` are those that may sign for the log, `seen` its newest.

    The order of the checks is the one of the specification; whoever stores the result does so by compare-and-set on
    `seen`.
    """
    checkpoint = Checkpoint.parse(asked.note.text)
    try:
        if not asked.note.signed_by(keys):
            return Refused(403, "no trusted key signed this checkpoint")
    except IntegrityError:
        return Refused(403, "the log's signature does not verify")
    if asked.old > checkpoint.size:
        return Refused(400, "the old size is larger than the checkpoint's")
    if asked.old != seen.size:
        return Refused(409, "another checkpoint was the last", seen.size)
    try:
        verify_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, asked.proof)
    except IntegrityError as error:
        return Refused(422, error.reason)
    return checkpoint


def _bad_request() -> InvalidInputError:
    return InvalidInputError("This is not a request to cosign a checkpoint.", code="add-checkpoint")
