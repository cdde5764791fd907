"""A transparency log's pure engine: Merkle tree, tiles, signed notes, checkpoints, cosignatures, proofs, policies.

Guarantees: the formats are those of C2SP (tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof,
tlog-policy, tlog-witness) and RFC 6962, so that others' tools read our logs and ours read theirs.
Does not: know what an entry means (`protocol/ledger.py`), store, fetch or tell the time. No I/O.
"""
