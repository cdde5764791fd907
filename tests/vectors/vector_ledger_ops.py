"""How the operations of vectors/ledger.json and receipt.json run through mindhaven. No test in here."""

from vector_ops import ACCEPTED

from mindhaven.crypto.encoding import decode
from mindhaven.protocol import ledger
from mindhaven.protocol.receipt import About, Receipt
from mindhaven.tlog.checkpoint import open_checkpoint
from mindhaven.tlog.cosignature import cosigned_at
from mindhaven.tlog.note import Note, VerifierKey
from mindhaven.tlog.proof import TlogProof
from mindhaven.tlog.tree import leaf_hash, verify_consistency, verify_inclusion


def do_follow(x):
    place, told = ledger.Place(x["subject"]), 0
    for seq, commitment, salt, body in x.openings:
        opening = ledger.Opening(
            seq, x.raw(commitment), None if salt is None else x.raw(salt), None if body is None else x.raw(body)
        )
        place, opened = place.follow(opening)
        told += opened is not None
    return {"told": told}


def do_heads(x):
    wanted = {x.raw(tag): {x.raw(head) for head in heads} for tag, heads in x.wanted}
    return {"found": sorted(ledger.check_heads(wanted, [(x.raw(tag), x.raw(head)) for tag, head in x.logged]))}


def do_inclusion(x):
    verify_inclusion(leaf_hash(x["entry"]), x.index, x.size, list(map(x.raw, x.proof)), x["root"])
    return ACCEPTED


def do_consistency(x):
    verify_consistency(x.old, x.new, x["old_root"], x["new_root"], list(map(x.raw, x.proof)))
    return ACCEPTED


def do_checkpoint(x):
    note = Note.parse(x.note.encode())
    assert note.encode() == x.note.encode()
    opened = open_checkpoint(note, VerifierKey.parse(x.log))
    time = cosigned_at(note, VerifierKey.parse(x.witness))
    return {"size": opened.size, "root": opened.root, "cosigned_at": time}


def do_receipt(x):
    receipt = TlogProof.parse(x.receipt.encode())
    assert receipt.encode() == x.receipt.encode()
    return {"index": receipt.index, "size": receipt.verify(x["entry"], VerifierKey.parse(x.log)).size}


def do_check(x):
    receipt = Receipt.of(decode(x["receipt"]))
    about = About(*(None if one is None else x.raw(one) for one in x.about))
    told = receipt.check(about, x["salt"], x["body"])
    return {"event": told.name, "seq": told.seq}


def do_read(x):
    receipt = Receipt.of(decode(x["receipt"]))
    assert Receipt.of(receipt.value()) == receipt
    return {"what": receipt.what, "seq": receipt.seq, "at": receipt.at, "position": receipt.position}


OPS = {
    "ledger/origin": lambda x: {"origin": ledger.origin(x.place, x.log)},
    "ledger/keys-entry": lambda x: {"entry": ledger.keys_entry(x["uid"], x["statement"])},
    "ledger/heads-entry": lambda x: {"entry": ledger.heads_entry(x["collection"], x.day, x["head"])},
    "ledger/split": lambda x: dict(zip(("tag", "rest"), ledger.split(x["entry"]), strict=True)),
    "ledger/follow": do_follow,
    "ledger/statements": lambda x: {
        "logged": ledger.check_statements(list(map(x.raw, x.known)), list(map(x.raw, x.logged)))
    },
    "ledger/heads": do_heads,
    "ledger/inclusion": do_inclusion,
    "ledger/consistency": do_consistency,
    "ledger/checkpoint": do_checkpoint,
    "ledger/receipt": do_receipt,
    "receipt/check": do_check,
    "receipt/read": do_read,
}
