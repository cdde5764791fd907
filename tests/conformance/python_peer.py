"""Runs under an interpreter that has the peers' modules; knows nothing of Mindhaven. Task on argv, JSON in and out."""

import base64
import json
import sys
import warnings
from types import SimpleNamespace
from typing import Any


def sigstore(given: dict[str, Any]) -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from sigstore._internal.merkle import verify_merkle_inclusion
    from sigstore._internal.rekor.checkpoint import SignedCheckpoint

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(given["key"]))
    ring = SimpleNamespace(verify=lambda *, key_id, signature, data: key.verify(signature, data))
    signed = SignedCheckpoint.from_text(given["note"])
    signed.signed_note.verify(ring, bytes.fromhex(given["key_id"]))  # its own reading of the note; raises if it fails

    def included(entry: bytes) -> bool:
        proof = SimpleNamespace(
            log_index=given["index"], tree_size=given["size"], root_hash=bytes.fromhex(given["root"]),
            hashes=[bytes.fromhex(one) for one in given["hashes"]],
        )  # fmt: skip
        try:
            verify_merkle_inclusion(
                SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=entry))
            )
        except Exception:
            return False
        return True

    entry = base64.b64decode(given["entry"])
    point = signed.checkpoint
    assert point.log_hash == given["root"]
    return {
        "origin": point.origin, "size": point.log_size, "inclusion": included(entry), "altered": included(entry + b"!")
    }  # fmt: skip


def pymerkle(given: dict[str, Any]) -> dict[str, Any]:
    from pymerkle import InmemoryTree

    tree, roots = InmemoryTree(algorithm="sha256"), {}
    for number, entry in enumerate(given["entries"], 1):
        tree.append_entry(entry.encode())
        if number in given["sizes"]:
            roots[str(number)] = tree.get_state().hex()
    return {"roots": roots}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({"sigstore": sigstore, "pymerkle": pymerkle}[sys.argv[1]](json.load(sys.stdin))))
