import { expect } from "vitest";

import { ByteMap, ByteSet, compare, ledger, tlog, utf8 } from "../../src/index.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

type WrittenOpening = readonly [seq: number, commitment: string, salt: string | null, body: string | null];
type WrittenHeads = readonly (readonly [tag: string, heads: readonly string[]])[];

function doFollow(x: Inputs): unknown {
  const bytes = (text: string | null): Uint8Array | null => (text === null ? null : x.bytes(text));
  let place = new ledger.Place(x.raw("subject"));
  let told = 0;
  for (const [seq, commitment, salt, body] of x.value<readonly WrittenOpening[]>("openings")) {
    const opening = { seq, commitment: x.bytes(commitment), salt: bytes(salt), body: bytes(body) };
    const [after, opened] = place.follow(opening);
    place = after;
    if (opened !== undefined) told += 1;
  }
  return { told };
}

function doHeads(x: Inputs): unknown {
  const wanted = new ByteMap(
    x
      .value<WrittenHeads>("wanted")
      .map(([tag, heads]) => [x.bytes(tag), new ByteSet(heads.map((one) => x.bytes(one)))] as const),
  );
  const logged = x
    .value<readonly (readonly [string, string])[]>("logged")
    .map(([tag, head]) => [x.bytes(tag), x.bytes(head)] as const);
  return { found: [...ledger.checkHeads(wanted, logged)].sort(compare) };
}

function doInclusion(x: Inputs): unknown {
  const leaf = tlog.leafHash(x.raw("entry"));
  tlog.verifyInclusion(leaf, x.number("index"), x.number("size"), x.raws("proof"), x.raw("root"));
  return ACCEPTED;
}

function doConsistency(x: Inputs): unknown {
  const before = { size: x.number("old"), root: x.raw("old_root") };
  tlog.verifyConsistency(before, { size: x.number("new"), root: x.raw("new_root") }, x.raws("proof"));
  return ACCEPTED;
}

async function doCheckpoint(x: Inputs): Promise<unknown> {
  const note = tlog.Note.parse(utf8(x.text("note")));
  expect(note.encode()).toEqual(utf8(x.text("note")));
  const log = tlog.VerifierKey.parse(x.text("log"));
  expect(String(log)).toBe(x.text("log"));
  const { size, root } = await tlog.openCheckpoint(note, log);
  const time = await tlog.cosignedAt(note, tlog.VerifierKey.parse(x.text("witness")));
  return { size, root, cosigned_at: time ?? null };
}

async function doReceipt(x: Inputs): Promise<unknown> {
  const receipt = tlog.TlogProof.parse(utf8(x.text("receipt")));
  expect(receipt.encode()).toEqual(utf8(x.text("receipt")));
  const { size } = await receipt.verify(x.raw("entry"), tlog.VerifierKey.parse(x.text("log")));
  return { index: receipt.index, size };
}

function doSplit(x: Inputs): unknown {
  const [tag, rest] = ledger.split(x.raw("entry"));
  return { tag, rest };
}

runVectors("ledger", {
  origin: (x) => ({ origin: ledger.origin(x.text("place"), x.text("log")) }),
  "keys-entry": (x) => ({ entry: ledger.keysEntry(x.raw("uid"), x.raw("statement")) }),
  "heads-entry": (x) => ({ entry: ledger.headsEntry(x.raw("collection"), x.number("day"), x.raw("head")) }),
  split: doSplit,
  follow: doFollow,
  statements: (x) => ({ logged: ledger.checkStatements(x.raws("known"), x.raws("logged")) }),
  heads: doHeads,
  inclusion: doInclusion,
  consistency: doConsistency,
  checkpoint: doCheckpoint,
  receipt: doReceipt,
});
