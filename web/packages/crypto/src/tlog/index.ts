/**
 * A transparency log as its readers need it: tree, tiles, notes, checkpoints, cosignatures, proofs, policies.
 *
 * The formats are those of C2SP (tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-policy)
 * and RFC 6962, so that others' logs read like ours.
 * Does not: know what an entry means (`protocol/ledger.ts`), write, sign, fetch or tell the time.
 */

export * from "./checkpoint.ts";
export * from "./cosignature.ts";
export * from "./note.ts";
export * from "./policy.ts";
export * from "./proof.ts";
export * from "./tiles.ts";
export * from "./tree.ts";
