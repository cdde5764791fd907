/**
 * Passkeys that unlock: the authenticator's own secret (PRF) opens the entries. I/O: the browser's passkeys.
 *
 * Guarantees: the credential itself, whose JSON form would carry the secret, never leaves this module.
 */

import { randomBytes, slots } from "@mindhaven/crypto";
import type { Key } from "@mindhaven/sdk/browser";

import type { WayShown } from "./engine/shown.ts";
import { bytesOf } from "./hex.ts";

/** A passkey that was used just now: its id, and its secret (32 bytes), or null if it has none. */
export interface Touched {
  readonly credential: Uint8Array;
  readonly prf: Uint8Array | null;
}

/** A passkey that has no secret here: it can sign, and unlocks nothing. */
export class NoSecretError extends Error {}

const TIMEOUT_MS = 120_000;
/** What a phone's list of passkeys shows: neutral words, since others may look at that list. */
const SHOWN_NAME = "My notes";
const ALGORITHMS = [-8, -7, -257];

/** Tell whether this browser can make passkeys at all. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext;
}

/** Make a passkey. Throws the browser's own `NotAllowedError` if the person said no. */
export async function makePasskey(): Promise<Touched> {
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: location.hostname },
      user: { id: owned(randomBytes(32)), name: SHOWN_NAME, displayName: SHOWN_NAME },
      challenge: owned(randomBytes(32)),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
      timeout: TIMEOUT_MS,
      extensions: { prf: { eval: { first: owned(slots.PASSKEY_SALT) } } },
    },
  })) as PublicKeyCredential | null;
  if (made === null) throw new DOMException("no passkey", "NotAllowedError");
  const { prf } = made.getClientExtensionResults();
  const credential = new Uint8Array(made.rawId);
  if (prf?.results?.first !== undefined) return { credential, prf: bytes(prf.results.first) };
  // Many authenticators say at first only that they can: one more touch brings the secret.
  return prf?.enabled === true ? usePasskey([credential]) : { credential, prf: null };
}

/** Use a passkey: one of `known`, or any of this site if none is named. */
async function usePasskey(known: readonly Uint8Array[] = []): Promise<Touched> {
  const used = (await navigator.credentials.get({
    publicKey: {
      rpId: location.hostname,
      challenge: owned(randomBytes(32)),
      allowCredentials: known.map((id) => ({ type: "public-key", id: owned(id) })),
      userVerification: "required",
      timeout: TIMEOUT_MS,
      extensions: { prf: { eval: { first: owned(slots.PASSKEY_SALT) } } },
    },
  })) as PublicKeyCredential | null;
  if (used === null) throw new DOMException("no passkey", "NotAllowedError");
  const first = used.getClientExtensionResults().prf?.results?.first;
  return { credential: new Uint8Array(used.rawId), prf: first === undefined ? null : bytes(first) };
}

/** Return the ids of the passkeys among the ways in of this device. */
export function passkeyIds(ways: readonly WayShown[]): Uint8Array[] {
  return ways.filter((one) => one.kind === "passkey").map((one) => bytesOf(one.params));
}

/**
 * Return what a passkey opens with: one of `known`, or any of this site if none is named.
 *
 * Throws `NoSecretError` for one that unlocks nothing, and the browser's own `NotAllowedError` if the person said no.
 */
export async function passkeyKey(known: readonly Uint8Array[] = []): Promise<Key> {
  const { credential, prf } = await usePasskey(known);
  if (prf === null) throw new NoSecretError();
  return { with: "passkey", credential, prf };
}

function bytes(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/** Return a copy over a buffer of its own, as the browser's types ask for. */
function owned(source: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(source);
}
