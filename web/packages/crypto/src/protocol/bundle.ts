/** The bundle: what a root seals and a device keeps of an account. Implements spec/slots.md steps 8 and 12. */

import { equal } from "../bytes.ts";
import { decode, encode } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { openBox, sealBox } from "../seal.ts";
import { type RootKey, Seed } from "../secrets.ts";
import * as shape from "../shape.ts";
import { type AccountState, sameIdentity } from "./account.ts";
import { ZERO32 } from "./encoding.ts";
import { Identity } from "./identity.ts";

export const MAX_GENERATIONS = 10_000;

/** All identity generations, ascending and at least one, and the index collection's id (or 32 zeros). */
export class Bundle {
  readonly identities: ReadonlyMap<number, Identity>;
  readonly index: Uint8Array;

  constructor(identities: ReadonlyMap<number, Identity>, index: Uint8Array) {
    this.identities = new Map([...identities].sort(([one], [other]) => one - other));
    this.index = index;
  }

  /** Return the bundle that `data` encodes. */
  static async decode(data: Uint8Array): Promise<Bundle> {
    const [generations, index] = shape.fields(decode(data), 2, "A bundle");
    const seeds: [number, Seed, Seed, Seed][] = [];
    for (const entry of shape.items(generations, "The identities", { most: MAX_GENERATIONS })) {
      const [n, ...three] = shape.fields(entry, 4, "An identity");
      const number = shape.number(n, "A generation", { least: (seeds.at(-1)?.[0] ?? 0) + 1 });
      const [xwing, ed25519, mldsa65] = three.map((seed) => new Seed(shape.raw(seed, "A seed", { length: 32 })));
      if (xwing !== undefined && ed25519 !== undefined && mldsa65 !== undefined) {
        seeds.push([number, xwing, ed25519, mldsa65]);
      }
    }
    if (seeds.length === 0) throw new InvalidInputError("A bundle holds no identity.", { code: "bundle-empty" });
    const id = shape.raw(index, "An index id", { length: 32 });
    const identities = await Promise.all(seeds.map((one) => Identity.fromSeeds(...one)));
    return new Bundle(new Map(identities.map((identity) => [identity.generation, identity])), id);
  }

  /** Return the identity of the newest generation. */
  newest(): Identity {
    const newest = [...this.identities.values()].at(-1);
    if (newest === undefined) throw new InvalidInputError("A bundle holds no identity.", { code: "bundle-empty" });
    return newest;
  }

  /** Return CBOR [[[generation, xwing, ed25519, mldsa65], ...], index collection id]; every identity needs its seeds. */
  encode(): Uint8Array {
    const entries = [...this.identities.values()].map((identity) => {
      if (identity.seeds === undefined) {
        throw new InvalidInputError("This device keeps no seeds: open a way in to seal a bundle.", {
          code: "bundle-empty",
        });
      }
      return [identity.generation, ...identity.seeds.map((seed) => seed.bytes)];
    });
    return encode([entries, this.index]);
  }
}

/** Return how long a sealed bundle of that generation can be: so many identities, the index, the box around them. */
export function bundleBytesMost(generation: number): number {
  return 160 + 108 * generation;
}

/**
 * Return what several opened bundles of one account hold together, the newest first: spec/slots.md step 12.
 *
 * An index collection is named once: the oldest bundle that names one counts.
 */
export function joinBundles(bundles: readonly Bundle[]): Bundle {
  const identities = new Map(bundles.toReversed().flatMap((bundle) => [...bundle.identities]));
  const named = bundles.filter((bundle) => !equal(bundle.index, ZERO32));
  return new Bundle(identities, named.at(-1)?.index ?? ZERO32);
}

/** Return the bundle sealed by the root: spec/slots.md step 8. */
export async function sealBundle(
  root: RootKey,
  uid: Uint8Array,
  generation: number,
  bundle: Bundle,
): Promise<Uint8Array> {
  return sealBox(root, "bundle", encode([uid, generation]), bundle.encode());
}

/**
 * Open a bundle and check each identity against the chain: spec/slots.md step 8.
 *
 * `generation` is the one at which an earlier bundle was sealed (absent: the newest, which it must then hold).
 * Raises `IntegrityError` (bundle-mismatch, commitment-mismatch, seal-does-not-open).
 */
export async function openBundle(
  root: RootKey,
  state: AccountState,
  box: Uint8Array,
  options: { readonly generation?: number } = {},
): Promise<Bundle> {
  const at = options.generation ?? state.generation;
  const bundle = await Bundle.decode(await openBox(root, "bundle", encode([state.uid, at]), box));
  checkBundle(bundle, state, at);
  return bundle;
}

/**
 * Raise `IntegrityError` (bundle-mismatch) unless the identities are the chain's, up to `at`, that one too.
 *
 * It is what ends spec/slots.md step 8, and step 6 of spec/pairing.md.
 */
export function checkBundle(bundle: Bundle, state: AccountState, at: number): void {
  const stated = (identity: Identity): boolean => {
    const keys = identity.generation <= at ? state.identities.get(identity.generation) : undefined;
    return keys !== undefined && sameIdentity(keys, identity.public);
  };
  if (!bundle.identities.has(at) || ![...bundle.identities.values()].every(stated)) {
    throw new IntegrityError("The keys in the bundle are not the ones that the account states.", {
      code: "bundle-mismatch",
    });
  }
}
