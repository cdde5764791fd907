/** Logs and witnesses for tests: their signatures are made by the libraries, over messages written out here. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

import { concat, tlog, utf8 } from "../../src/index.ts";

const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

function u64(value: number): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(value));
  return data;
}

/** A key that signs lines of notes. */
export interface Signing {
  readonly vkey: tlog.VerifierKey;
  readonly line: (text: string, time?: number) => tlog.Line;
}

function signing(
  vkey: tlog.VerifierKey,
  signatureOf: (text: string, time: number) => Uint8Array,
): Signing {
  return { vkey, line: (text, time = 0) => ({ name: vkey.name, keyId: vkey.id, signature: signatureOf(text, time) }) };
}

/** A log's own key. */
export function log(name: string, byte: number): Signing {
  const seed = seedOf(byte);
  return signing(new tlog.VerifierKey(name, tlog.ED25519, ed25519.getPublicKey(seed)), (text) =>
    ed25519.sign(utf8(text), seed),
  );
}

/** A witness's Ed25519 key. */
export function witness(name: string, byte: number): Signing {
  const seed = seedOf(byte);
  return signing(new tlog.VerifierKey(name, tlog.COSIGNATURE_ED25519, ed25519.getPublicKey(seed)), (text, time) =>
    concat(u64(time), ed25519.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`), seed)),
  );
}

/** A witness's ML-DSA-44 key. */
export function quantumWitness(name: string, byte: number): Signing {
  const pair = ml_dsa44.keygen(seedOf(byte));
  return signing(new tlog.VerifierKey(name, tlog.COSIGNATURE_MLDSA44, pair.publicKey), (text, time) => {
    const [origin = "", size = "", root = ""] = text.split("\n");
    const message = concat(
      utf8(`subtree/v1\n\0${String.fromCharCode(name.length)}${name}`),
      u64(time),
      utf8(`${String.fromCharCode(origin.length)}${origin}`),
      u64(0),
      u64(Number(size)),
      new Uint8Array(Buffer.from(root, "base64")),
    );
    return concat(u64(time), ml_dsa44.sign(message, pair.secretKey));
  });
}

/** The text of a note with the lines of those who sign it. */
export function signed(text: string, ...lines: readonly tlog.Line[]): tlog.Note {
  return new tlog.Note(text, lines);
}

/** Return why `act` was refused, "accepted" if it was not. */
export async function reasonOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return (error as { readonly reason?: string }).reason ?? error;
  }
  return "accepted";
}
