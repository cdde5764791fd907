/** The keys of one generation of an account, public and private: spec/account.md step 1. */

import { Seed } from "../secrets.ts";
import { type KeptKey, Signer, type VerifyKeys } from "../sign.ts";
import { UnwrapKey } from "../wrap.ts";
import type { NativeXWing } from "../xwing.ts";

/** The public keys of one generation: X-Wing (1216 bytes) and the hybrid signing pair. */
export interface IdentityKeys {
  readonly xwing: Uint8Array;
  readonly signing: VerifyKeys;
}

/** The three seeds of one generation: X-Wing, Ed25519, ML-DSA-65. */
export type IdentitySeeds = readonly [xwing: Seed, ed25519: Seed, mldsa65: Seed];

/** One generation's private keys as WebCrypto keeps them: usable after a restart, readable by nobody. */
export interface KeptIdentity {
  readonly generation: number;
  readonly xwing: NativeXWing;
  readonly ed25519: KeptKey;
  readonly mldsa65: KeptKey;
}

/** The private keys of one generation; `seeds` are there only where they were just made or opened. */
export class Identity {
  readonly generation: number;
  readonly unwrapper: UnwrapKey;
  readonly signer: Signer;
  readonly #seeds: IdentitySeeds | undefined;

  private constructor(generation: number, unwrapper: UnwrapKey, signer: Signer, seeds?: IdentitySeeds) {
    this.generation = generation;
    this.unwrapper = unwrapper;
    this.signer = signer;
    this.#seeds = seeds;
  }

  /** Return the identity of `generation` that three seeds give. */
  static async fromSeeds(generation: number, ...seeds: IdentitySeeds): Promise<Identity> {
    const [xwing, ed25519, mldsa65] = seeds;
    const [unwrapper, signer] = await Promise.all([UnwrapKey.fromSeed(xwing), Signer.fromSeeds(ed25519, mldsa65)]);
    return new Identity(generation, unwrapper, signer, seeds);
  }

  /** Return a new identity for `generation`. */
  static async fresh(generation: number): Promise<Identity> {
    return Identity.fromSeeds(generation, Seed.fresh(), Seed.fresh(), Seed.fresh());
  }

  /** Return the identity whose keys `kept` gave, on this device or after a restart; it has no seeds. */
  static restore(kept: KeptIdentity): Identity {
    return new Identity(
      kept.generation,
      UnwrapKey.restore(kept.xwing),
      Signer.restore(kept.ed25519, kept.mldsa65),
    );
  }

  /** The public keys. */
  get public(): IdentityKeys {
    return { xwing: this.unwrapper.public, signing: this.signer.public };
  }

  /** The seeds, which a bundle holds; undefined for an identity that this device only uses. */
  get seeds(): IdentitySeeds | undefined {
    return this.#seeds;
  }

  /** The keys to keep on this device; undefined where the engine has none that it could keep unread. */
  get kept(): KeptIdentity | undefined {
    const [xwing, signing] = [this.unwrapper.kept, this.signer.kept];
    return xwing !== undefined && signing !== undefined ? { generation: this.generation, xwing, ...signing } : undefined;
  }

  /** Return the same keys without their seeds: what a page should hold once the bundle is sealed. */
  withoutSeeds(): Identity {
    return new Identity(this.generation, this.unwrapper, this.signer);
  }
}
