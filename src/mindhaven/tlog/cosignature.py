"""Cosignatures (C2SP tlog-cosignature): a witness says that it saw a checkpoint, and that the log only grew.

Type 04 is Ed25519 over the checkpoint's text with a time; type 06 is ML-DSA-44 over a packed form of it. No I/O.
"""

from typing import Final

from mindhaven.crypto import notes
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError
from mindhaven.tlog.checkpoint import Checkpoint
from mindhaven.tlog.note import Algorithm, Line, Note, VerifierKey, check_name

TIME_BYTES: Final = 8
_SUBTREE: Final = b"subtree/v1\n\x00"


def _message(algorithm: Algorithm, name: str, time: int, text: str) -> bytes:
    """Return what a witness signs."""
    if algorithm is Algorithm.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    checkpoint = Checkpoint.parse(text)
    origin = checkpoint.origin.encode()
    return b"".join(
        (
            _SUBTREE,
            len(name.encode()).to_bytes(1, "big"),
            name.encode(),
            time.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big"),
            origin,
            bytes(8),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


class Cosigner:
    """A witness's key: one key per witness, since type 04 does not sign its name."""

    def __init__(self, name: str, seed: Seed, algorithm: Algorithm = Algorithm.COSIGNATURE_ED25519) -> None:
        self._pair: notes.NoteEd25519 | notes.NoteMldsa44 = (
            notes.NoteMldsa44(seed) if algorithm is Algorithm.COSIGNATURE_MLDSA44 else notes.NoteEd25519(seed)
        )
        self.vkey = VerifierKey(check_name(name), algorithm, self._pair.public)

    def line(self, text: str, *, time: int) -> Line:
        """Return the cosignature line over a checkpoint's text, at `time` (seconds since 1970 UTC)."""
        signature = self._pair.sign(_message(self.vkey.algorithm, self.vkey.name, time, text))
        return Line(self.vkey.name, self.vkey.id, time.to_bytes(TIME_BYTES, "big") + signature)


def cosigned_at(note: Note, witness: VerifierKey) -> int | None:
    """Return when `witness` cosigned last (seconds since 1970 UTC), None if it did not.

    Raises `IntegrityError` (note-signature) if a line of its does not verify.
    """
    newest = None
    for line in note.lines:
        if not line.of(witness) or witness.algorithm is Algorithm.ED25519:
            continue
        if len(line.signature) <= TIME_BYTES:
            raise IntegrityError("A cosignature is cut short.", code="note-signature")
        time = int.from_bytes(line.signature[:TIME_BYTES], "big")
        message = _message(witness.algorithm, witness.name, time, note.text)
        signature = line.signature[TIME_BYTES:]
        if witness.algorithm is Algorithm.COSIGNATURE_ED25519:
            notes.verify_note_ed25519(witness.key, message, signature)
        else:
            notes.verify_note_mldsa44(witness.key, message, signature)
        newest = time if newest is None else max(newest, time)
    return newest
