/**
 * How long the seals of a first sync take: 1,000 items of 1 KiB, and what else an app waits for.
 *
 * Run: node web/packages/crypto/bench/seal.ts [rounds]. The bar is 60 ms for the 1,000 items in Chromium (design,
 * section 7). Figures are the median of the rounds, in milliseconds; nothing here is a test.
 */

import {
  account,
  decode,
  encode,
  EpochKey,
  mapSome,
  openSealed,
  randomBytes,
  seal,
  type Sealed,
  Seed,
  Signer,
  UnwrapKey,
  useNative,
  verify,
  wrap,
} from "../src/index.ts";

const ROUNDS = Number("process" in globalThis ? (process.argv[2] ?? 9) : 9);
const ITEMS = 1000;

const key = EpochKey.fresh();
const content = randomBytes(1024);
// A header as spec/envelope.md step 1 writes it: about 95 bytes.
const header = encode([1, randomBytes(32), randomBytes(16), 1, 1, randomBytes(32)]);
const salts = Array.from({ length: ITEMS }, () => randomBytes(32));

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

async function measure(name: string, act: () => unknown, rounds = ROUNDS): Promise<void> {
  const taken: number[] = [];
  await act();
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await act();
    taken.push(performance.now() - started);
  }
  console.log(`${name.padEnd(52)} ${median(taken).toFixed(1).padStart(8)} ms  (best ${Math.min(...taken).toFixed(1)})`);
}

/** How many the client seals for one commit (`PUSH_BATCH` of the SDK): so a thousand are sealed in a first sync. */
const BATCH = 100;
const sealInBatches = async (): Promise<void> => {
  for (let start = 0; start < ITEMS; start += BATCH) {
    await mapSome(salts.slice(start, start + BATCH), (salt) => seal(key, "item", salt, header, content));
  }
};
await measure(`seal ${ITEMS} items of 1 KiB, as ${BATCH} to a commit`, sealInBatches);

const sealAll = (): Promise<Sealed[]> => Promise.all(salts.map((salt) => seal(key, "item", salt, header, content)));

await measure(`seal ${ITEMS} items of 1 KiB`, sealAll);
const sealed = await sealAll();
await measure(`open ${ITEMS} items of 1 KiB`, () =>
  Promise.all(sealed.map((one, at) => openSealed(key, "item", salts[at] ?? randomBytes(32), header, one))),
);
const envelopes = sealed.map((one) => [header, one.commitment, one.ciphertext]);
const encoded = encode(envelopes);
await measure(`encode ${ITEMS} envelopes`, () => encode(envelopes));
await measure(`decode ${ITEMS} envelopes`, () => decode(encoded));

for (const native of [true, false]) {
  useNative(native);
  const way = native ? "WebCrypto" : "JavaScript";
  const signer = await Signer.fromSeeds(Seed.fresh(), Seed.fresh());
  const unwrapper = await UnwrapKey.fromSeed(Seed.fresh());
  const signatures = await signer.sign("commit", header);
  const fast = await signer.signFast("commit", header);
  const wrapped = await wrap(unwrapper.public, key, header);
  await measure(`${way}: sign 100 commits, Ed25519`, () =>
    Promise.all(salts.slice(0, 100).map(() => signer.signFast("commit", header))),
  );
  await measure(`${way}: verify 100 commits, Ed25519`, () =>
    Promise.all(salts.slice(0, 100).map(() => verify("commit", signer.public, header, fast, { hybrid: false }))),
  );
  await measure(`${way}: verify one hybrid signature`, () =>
    verify("commit", signer.public, header, signatures, { hybrid: true }),
  );
  await measure(`${way}: make one identity`, () => account.Identity.fresh(1));
  await measure(`${way}: wrap to 10 members`, () =>
    Promise.all(salts.slice(0, 10).map(() => wrap(unwrapper.public, key, header))),
  );
  await measure(`${way}: open one wrap`, () => unwrapper.unwrap(wrapped, header));
}
