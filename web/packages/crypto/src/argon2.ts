/** Argon2id, in a file of its own so that only who types a passphrase loads it. */

import { argon2id } from "hash-wasm";

/** What one stretch costs. */
export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Return Argon2id of `words` under `salt` (32 bytes). */
export async function stretch(words: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  return argon2id({
    password: words,
    salt,
    memorySize: cost.memoryKib,
    iterations: cost.passes,
    parallelism: cost.lanes,
    hashLength: 32,
    outputType: "binary",
  });
}
