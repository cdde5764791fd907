/**
 * Pairing: a signed-in device lets a new one in. Implements spec/pairing.md.
 *
 * The keys are sealed to the very device whose link was read, and the new device takes them only from somebody who read
 * its link; a server that puts a key or an account of its own in between is named. Works through WebCrypto; no other I/O.
 */

import { equal } from "../bytes.ts";
import { checkEqual, mac } from "../derive.ts";
import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { openBox, sealBox } from "../seal.ts";
import { SealKey, Seed } from "../secrets.ts";
import * as shape from "../shape.ts";
import { ED25519_KEY_BYTES, SessionSigner } from "../sign.ts";
import { randomBytes } from "../subtle.ts";
import { ENC_BYTES, PUBLIC_KEY_BYTES, UnwrapKey, wrap, wrapInfo, wrapped } from "../wrap.ts";
import { base32, fromBase32 } from "./base32.ts";
import { Bundle, bundleBytesMost, MAX_GENERATIONS } from "./bundle.ts";

export const LINK_MARK = "#pair=";
export const ID_BYTES = 32;
const CIPHERTEXT_BYTES = 48;
const MAX_BOX_BYTES = bundleBytesMost(MAX_GENERATIONS);
const KIND = "pairing-bundle";
const ANSWER = "pairing-answer";

/** What the new device gives the server: `[id, X-Wing key, session key]`. */
export interface Device {
  readonly id: Uint8Array;
  readonly xwing: Uint8Array;
  readonly sessionKey: Uint8Array;
}

/** Return CBOR [id, X-Wing key, session key]. */
export function encodeDevice(device: Device): Uint8Array {
  return encode([device.id, device.xwing, device.sessionKey]);
}

/** Return the device that `data` encodes. */
export function decodeDevice(data: Uint8Array): Device {
  const [id, xwing, sessionKey] = shape.fields(decode(data), 3, "A device");
  return {
    id: shape.raw(id, "A pairing id", { length: ID_BYTES }),
    xwing: shape.raw(xwing, "A device's public key", { length: PUBLIC_KEY_BYTES }),
    sessionKey: shape.raw(sessionKey, "A session key", { length: ED25519_KEY_BYTES }),
  };
}

/** Return what a link names of a device (32 bytes). */
export function deviceHash(device: Device): Uint8Array {
  return labelledHash("pairing-device", encodeDevice(device));
}

/** What the new device shows: `[id, hash of its device, secret]`. The secret never reaches the server. */
export class PairingLink {
  readonly id: Uint8Array;
  readonly deviceHash: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(id: Uint8Array, hash: Uint8Array, secret: Uint8Array) {
    this.id = id;
    this.deviceHash = hash;
    this.#secret = secret;
  }

  /** Return the link in `text`; raise `InvalidInputError` for anything else. */
  static parse(text: string): PairingLink {
    const at = text.indexOf(LINK_MARK);
    const data = at < 0 ? undefined : fromBase32(text.slice(at + LINK_MARK.length).trim());
    if (data === undefined) {
      throw new InvalidInputError("This is not the link of a new device.", { code: "card-malformed" });
    }
    const [id, hash, secret] = shape.fields(decode(data), 3, "A link");
    return new PairingLink(
      shape.raw(id, "A pairing id", { length: ID_BYTES }),
      shape.raw(hash, "A device's hash", { length: 32 }),
      shape.raw(secret, "A pairing secret", { length: 32 }),
    );
  }

  /** The secret that the server never sees. */
  get secret(): Uint8Array {
    return this.#secret;
  }

  /** Return the link; everything after `#` stays out of every request. */
  text(origin: string): string {
    return `${origin.replace(/\/+$/, "")}/${LINK_MARK}${base32(encode([this.id, this.deviceHash, this.#secret]))}`;
  }
}

/** The private side of a new device: its pairs and its secret. */
export class NewDevice {
  readonly id: Uint8Array;
  readonly unwrapper: UnwrapKey;
  readonly session: SessionSigner;
  /** The seed of the session's pair: what the device keeps, sealed. */
  readonly sessionSeed: Seed;
  readonly #secret: Uint8Array;

  constructor(id: Uint8Array, unwrapper: UnwrapKey, session: SessionSigner, sessionSeed: Seed, secret: Uint8Array) {
    this.id = id;
    this.unwrapper = unwrapper;
    this.session = session;
    this.sessionSeed = sessionSeed;
    this.#secret = secret;
  }

  /** Return the device that these seeds give. */
  static async of(id: Uint8Array, xwing: Seed, session: Seed, secret: Uint8Array): Promise<NewDevice> {
    const signer = await SessionSigner.fromSeed(session);
    return new NewDevice(id, await UnwrapKey.fromSeed(xwing), signer, session, secret);
  }

  /** Return a new one. */
  static async fresh(): Promise<NewDevice> {
    return NewDevice.of(randomBytes(ID_BYTES), Seed.fresh(), Seed.fresh(), randomBytes(32));
  }

  /** What the server is given. */
  get device(): Device {
    return { id: this.id, xwing: this.unwrapper.public, sessionKey: this.session.public };
  }

  /** What is shown to the signed-in device. */
  get link(): PairingLink {
    return new PairingLink(this.id, deviceHash(this.device), this.#secret);
  }
}

function infoOf(uid: Uint8Array, id: Uint8Array, hash: Uint8Array): Uint8Array {
  return wrapInfo("pairing-wrap", uid, uid, id, [hash]);
}

/**
 * Return the answer that lets `device` in: steps 4 and 5.
 *
 * Raises `IntegrityError` (pairing-device) if the server gave another device than the one whose link was read.
 */
export async function letIn(link: PairingLink, device: Device, uid: Uint8Array, bundle: Bundle): Promise<Uint8Array> {
  if (!equal(device.id, link.id) || !equal(deviceHash(device), link.deviceHash)) {
    throw new IntegrityError("The server gave another key than the new device has.", {
      code: "pairing-device",
      hint: "Nothing was sent. Do not pair over this server; ask the people who run it.",
    });
  }
  const key = SealKey.fresh();
  const { enc, ciphertext } = await wrap(device.xwing, key, infoOf(uid, link.id, link.deviceHash));
  const box = await sealBox(key, KIND, link.deviceHash, bundle.encode());
  return encode([uid, enc, ciphertext, box, mac(link.secret, ANSWER, encode([uid, enc, ciphertext, box]))]);
}

/**
 * Return the uid and the keys that an answer brings: step 6, but for the chain.
 *
 * Raises `IntegrityError`: pairing-mac, wrap-does-not-open, commitment-mismatch, seal-does-not-open.
 */
export async function openAnswer(
  fresh: NewDevice,
  answer: Uint8Array,
): Promise<{ readonly uid: Uint8Array; readonly bundle: Bundle }> {
  const parts = shape.fields(decode(answer), 5, "An answer");
  const uid = shape.raw(parts[0], "A uid", { length: 32 });
  const enc = shape.raw(parts[1], "An answer's enc", { length: ENC_BYTES });
  const ciphertext = shape.raw(parts[2], "An answer's ciphertext", { length: CIPHERTEXT_BYTES });
  const box = shape.raw(parts[3], "An answer's box", { most: MAX_BOX_BYTES });
  checkEqual(
    mac(fresh.link.secret, ANSWER, encode([uid, enc, ciphertext, box])),
    shape.raw(parts[4], "An answer's mac", { length: 32 }),
    "This answer does not come from a device that has read your link.",
    "pairing-mac",
  );
  const hash = fresh.link.deviceHash;
  const key = new SealKey(await fresh.unwrapper.unwrap(wrapped(enc, ciphertext), infoOf(uid, fresh.id, hash)));
  return { uid, bundle: await Bundle.decode(await openBox(key, KIND, hash, box)) };
}
