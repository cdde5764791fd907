"""Receipts (C2SP tlog-proof): an entry's index, its inclusion proof and a signed checkpoint, in one text. No I/O."""

import base64
from dataclasses import dataclass
from typing import Final, Self

from mindhaven.errors import InvalidInputError
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.note import MAX_NOTE_BYTES, Note, VerifierKey, unbase64
from mindhaven.tlog.tree import HASH_BYTES, leaf_hash, verify_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES: Final = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That an entry stands at `index`; `extra` is whatever its maker adds (None: nothing)."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def encode(self) -> bytes:
        """Return the receipt's bytes."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode() for one in self.hashes]
        return "\n".join([*lines, "", ""]).encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a receipt; raise `InvalidInputError` (tlog-proof, note-shape)."""
        head, parting, rest = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _bad_proof() from error
        if len(data) > MAX_NOTE_BYTES or not parting or lines[0] != HEADER:
            raise _bad_proof()
        extra = None
        if len(lines) > 1 and lines[1].startswith("extra "):
            extra = unbase64(lines.pop(1).removeprefix("extra "))
            if extra is None:
                raise _bad_proof()
        word, _, digits = lines[1].partition(" ") if len(lines) > 1 else ("", "", "")
        hashes = [unbase64(one) for one in lines[2:]]
        if word != "index" or not digits.isdecimal() or len(digits) > 20 or str(int(digits)) != digits:
            raise _bad_proof()
        if len(hashes) > MAX_PROOF_HASHES or any(one is None or len(one) != HASH_BYTES for one in hashes):
            raise _bad_proof()
        return cls(int(digits), tuple(one for one in hashes if one is not None), Note.parse(rest), extra)

    def verify(self, entry: bytes, log: VerifierKey) -> Checkpoint:
        """Return the checkpoint under which `entry` stands at `index`.

        Raises what `open_checkpoint` and `verify_inclusion` raise. Who else must have cosigned is `policy`'s.
        """
        checkpoint = open_checkpoint(self.note, log)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def _bad_proof() -> InvalidInputError:
    return InvalidInputError("This is not a receipt (tlog-proof).", code="tlog-proof")
