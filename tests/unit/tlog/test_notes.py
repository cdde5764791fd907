"""Notes, checkpoints, cosignatures, receipts: made and read back, and everything malformed refused by name."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.tlog import rfc6962

from mindhaven.crypto.notes import NoteEd25519, NoteMldsa44
from mindhaven.crypto.secrets import Seed
from mindhaven.errors import IntegrityError, InvalidInputError, MindhavenError
from mindhaven.tlog.checkpoint import Checkpoint, open_checkpoint
from mindhaven.tlog.cosignature import Cosigner, cosigned_at
from mindhaven.tlog.note import Algorithm, Line, LogSigner, Note, VerifierKey, check_name, unbase64
from mindhaven.tlog.proof import TlogProof

SEED = Seed(bytes(range(32)))
LOG = LogSigner("example.org/log/audit", SEED)
ENTRIES = [b"a", b"b", b"c", b"d", b"e"]
CHECKPOINT = Checkpoint("example.org/log/audit", 5, rfc6962.mth(ENTRIES))
NOTE = CHECKPOINT.sign(LOG)
WITNESS = Cosigner("witness.example/w", Seed(b"\x07" * 32))
PQ = Cosigner("witness.example/pq", Seed(b"\x09" * 32), Algorithm.COSIGNATURE_MLDSA44)


def refused(code: str, kind: type[MindhavenError] = InvalidInputError):
    return pytest.raises(kind, check=lambda error: error.reason == code)


# The example of the Go note package, whose key and note its documentation prints.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
    b"\n"
    b"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiF"
    b"upLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_that_another_program_signed() -> None:
    key = VerifierKey.parse(GO_VKEY)
    assert str(key) == GO_VKEY
    note = Note.parse(GO_NOTE)
    assert note.signed_by([key]) == [key]
    assert note.encode() == GO_NOTE
    with refused("note-signature", IntegrityError):
        Note.parse(GO_NOTE.replace(b"think", b"thimk")).signed_by([key])


def test_a_checkpoint_is_signed_as_it_is_written() -> None:
    text = f"example.org/log/audit\n5\n{base64.b64encode(rfc6962.mth(ENTRIES)).decode()}\n"
    assert NOTE.text == CHECKPOINT.text == text
    pair = Ed25519PrivateKey.from_private_bytes(SEED)
    public = pair.public_key().public_bytes_raw()
    key_id = hashlib.sha256(b"example.org/log/audit\n\x01" + public).digest()[:4]
    line = base64.b64encode(key_id + pair.sign(text.encode())).decode()
    assert NOTE.encode() == f"{text}\n\u2014 example.org/log/audit {line}\n".encode()
    assert open_checkpoint(Note.parse(NOTE.encode()), LOG.vkey) == CHECKPOINT
    assert Checkpoint.parse(text + "an extension line\n") == CHECKPOINT


def test_a_checkpoint_of_another_log_or_unsigned() -> None:
    other = LogSigner("example.org/log/keys", SEED)
    with refused("checkpoint-origin", IntegrityError):
        open_checkpoint(NOTE, other.vkey)
    for lines in ((), Note(NOTE.text, (other.line(NOTE.text),)).lines):
        with refused("note-unsigned", IntegrityError):
            open_checkpoint(Note(NOTE.text, lines), LOG.vkey)
    later = Checkpoint(CHECKPOINT.origin, 6, CHECKPOINT.root)
    with refused("note-signature", IntegrityError):
        open_checkpoint(Note(later.text, NOTE.lines), LOG.vkey)


ROOT64 = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n5\n",
        "a\n5\nx\n",
        f"a\n05\n{ROOT64}\n",
        f"a\n-5\n{ROOT64}\n",
        f"a\n٥\n{ROOT64}\n",
        f"a\n\n{ROOT64}\n",
        f"a\n5\n{ROOT64[:-4]}\n",
        f"a\n5\n{ROOT64}",
        f"a\n5\n{ROOT64}\n\nx\n",
        f"a\n{2**62 + 1}\n{ROOT64}\n",
        f"a\n{'9' * 5000}\n{ROOT64}\n",
        f"\n5\n{ROOT64}\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with refused("checkpoint-shape"):
        Checkpoint.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2003b", "a\nb", "a\x01", "x" * 256])
def test_what_is_no_name(name: str) -> None:
    with refused("note-name"):
        check_name(name)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b",
        "a+624e01b5+",
        "a+zz+AQ==",
        GO_VKEY[:-4],
        GO_VKEY.replace("+c74f", "+c74e"),
        GO_VKEY + "=",
        GO_VKEY.replace("+ARpc", "+Axpc"),
        GO_VKEY.replace("+ARpc", "+Bhpc"),
    ],
)
def test_what_is_no_verifier_key(vkey: str) -> None:
    with refused("vkey"):
        VerifierKey.parse(vkey)


BODY = NOTE.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"text",
        b"text\n",
        b"text\n\n",
        BODY[:-1],
        BODY + b"\n",
        BODY.replace(b"\xe2\x80\x94 ", b"- "),
        BODY.replace(b"\n\n", b"\n"),
        b"\xff" + BODY,
        b"\x01" + BODY,
        BODY.replace(b"5\n", b"5\r\n"),
        BODY + BODY.split(b"\n\n")[1] * 64,
        b"x" * 300_000 + BODY,
        BODY[:-2] + b"*\n",
        b"t\n\n\xe2\x80\x94 a AAAAAA==\n",
        b"t\n\n\xe2\x80\x94 a AAAAAAB=\n",
    ],
)
def test_what_is_no_note(data: bytes) -> None:
    with refused("note-shape"):
        Note.parse(data)


def test_limits_are_reached() -> None:
    many = Note(NOTE.text, NOTE.lines * 64)
    assert Note.parse(many.encode()) == many
    assert check_name("x" * 255)
    assert unbase64("AA==") == b"\x00"
    assert unbase64("AB==") is None
    assert unbase64("é") is None


def test_the_last_empty_line_parts_text_and_signatures() -> None:
    note = Note("one\n\ntwo\n", (LOG.line("one\n\ntwo\n"),))
    assert Note.parse(note.encode()) == note
    assert note.signed_by([LOG.vkey, VerifierKey.parse(GO_VKEY), WITNESS.vkey]) == [LOG.vkey]


# -- cosignatures


def test_a_cosignature_signs_time_and_text() -> None:
    line = WITNESS.line(NOTE.text, time=1_795_000_000)
    message = f"cosignature/v1\ntime 1795000000\n{NOTE.text}".encode()
    assert line.signature == (1_795_000_000).to_bytes(8, "big") + Ed25519PrivateKey.from_private_bytes(
        b"\x07" * 32
    ).sign(message)
    note = Note.parse(NOTE.also([line]).encode())
    assert cosigned_at(note, WITNESS.vkey) == 1_795_000_000
    assert cosigned_at(NOTE, WITNESS.vkey) is None
    newer = note.also([WITNESS.line(NOTE.text, time=1_795_000_060), WITNESS.line(NOTE.text, time=5)])
    assert cosigned_at(newer, WITNESS.vkey) == 1_795_000_060
    assert open_checkpoint(newer, LOG.vkey) == CHECKPOINT


def test_a_post_quantum_cosignature_signs_name_origin_size_and_root() -> None:
    line = PQ.line(NOTE.text, time=77)
    name, origin = b"witness.example/pq", b"example.org/log/audit"
    message = (
        b"subtree/v1\n\x00"
        + bytes([len(name)])
        + name
        + (77).to_bytes(8, "big")
        + bytes([len(origin)])
        + origin
        + bytes(8)
        + (5).to_bytes(8, "big")
        + rfc6962.mth(ENTRIES)
    )
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    MLDSA44PrivateKey.from_seed_bytes(b"\x09" * 32).public_key().verify(line.signature[8:], message)
    note = NOTE.also([line])
    assert cosigned_at(note, PQ.vkey) == 77
    moved = Note(note.text, (Line(line.name, line.key_id, (78).to_bytes(8, "big") + line.signature[8:]),))
    with refused("note-signature", IntegrityError):
        cosigned_at(moved, PQ.vkey)


def test_a_cosignature_that_is_none() -> None:
    line = WITNESS.line(NOTE.text, time=9)
    for signature in (line.signature[:8], line.signature[:-1], bytes(8) + line.signature[8:]):
        with refused("note-signature", IntegrityError):
            cosigned_at(Note(NOTE.text, (Line(line.name, line.key_id, signature),)), WITNESS.vkey)
    assert cosigned_at(NOTE, LOG.vkey) is None  # a log's own signature is no cosignature


def test_secrets_hide() -> None:
    assert repr(NoteEd25519(SEED)) == "<NoteEd25519, hidden>"
    assert repr(NoteMldsa44(SEED)) == "<NoteMldsa44, hidden>"


# -- receipts


def receipt(index: int, extra: bytes | None = None) -> TlogProof:
    return TlogProof(index, tuple(rfc6962.path(index, ENTRIES)), NOTE, extra)


@pytest.mark.parametrize("extra", [None, b"", b"about"])
def test_a_receipt_says_where_an_entry_stands(extra: bytes | None) -> None:
    for index, entry in enumerate(ENTRIES):
        made = receipt(index, extra)
        assert TlogProof.parse(made.encode()) == made
        assert made.verify(entry, LOG.vkey) == CHECKPOINT
        with refused("proof-mismatch", IntegrityError):
            made.verify(b"x", LOG.vkey)


def test_a_receipt_as_it_is_written() -> None:
    lines = receipt(4, b"hi").encode().decode().split("\n")
    assert lines[:4] == [
        "c2sp.org/tlog-proof@v1",
        "extra aGk=",
        "index 4",
        base64.b64encode(rfc6962.mth(ENTRIES[:4])).decode(),
    ]
    assert lines[4:6] == ["", "example.org/log/audit"]


WHOLE = receipt(4, b"hi").encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE.replace(b"@v1", b"@v2"),
        WHOLE.replace(b"aGk=", b"aGk"),
        WHOLE.replace(b"index 4", b"index 04"),
        WHOLE.replace(b"index 4", b"index -4"),
        WHOLE.replace(b"index 4\n", b""),
        WHOLE.replace(b"index 4", b"at 4"),
        WHOLE.replace(b"\n\n", b"\n"),
        WHOLE.replace(b"index", b"ind\xc3\xa9x"),
        b"c2sp.org/tlog-proof@v1\n\n" + BODY,
        b"c2sp.org/tlog-proof@v1\nindex " + b"9" * 21 + b"\n\n" + BODY,
        b"c2sp.org/tlog-proof@v1\nindex 4\n" + b"\n".join([ROOT64.encode()] * 64) + b"\n\n" + BODY,
        b"c2sp.org/tlog-proof@v1\nindex 4\nAAAA\n\n" + BODY,
        b"c2sp.org/tlog-proof@v1\nindex 4\n*\n\n" + BODY,
        WHOLE + b"\xe2\x80\x94 a AAAAAAAA\n" * 40_000,
    ],
)
def test_what_is_no_receipt(data: bytes) -> None:
    with refused("tlog-proof"):
        TlogProof.parse(data)


def test_a_receipt_with_as_many_hashes_as_any_log_needs_is_read() -> None:
    made = TlogProof(0, (bytes(32),) * 63, NOTE)
    assert TlogProof.parse(made.encode()) == made
    with refused("proof-length", IntegrityError):
        made.verify(b"a", LOG.vkey)


def test_a_log_of_one_entry_has_a_receipt_without_hashes() -> None:
    checkpoint = Checkpoint(LOG.vkey.name, 1, rfc6962.leaf(b"only"))
    made = TlogProof(0, (), checkpoint.sign(LOG))
    assert TlogProof.parse(made.encode()) == made
    assert made.verify(b"only", LOG.vkey) == checkpoint


MOST = 256 * 1024


def padded(note: Note, size: int) -> bytes:
    """Return a note whose bytes are as many as `size`, by a longer first line."""
    lacking = size - len(note.encode())
    return b"x" * lacking + note.encode()


def test_the_largest_note_is_read_and_no_larger() -> None:
    assert Note.parse(padded(NOTE, MOST)).lines == NOTE.lines
    with refused("note-shape"):
        Note.parse(padded(NOTE, MOST + 1))


def test_the_largest_receipt_is_read_and_no_larger() -> None:
    head = b"c2sp.org/tlog-proof@v1\nindex 4\n\n"
    assert TlogProof.parse(head + padded(NOTE, MOST - len(head))).index == 4
    with refused("tlog-proof"):
        TlogProof.parse(head + padded(NOTE, MOST + 1 - len(head)))


def test_the_largest_log_has_a_checkpoint() -> None:
    assert Checkpoint.parse(f"a\n{2**62}\n{ROOT64}\n").size == 2**62
