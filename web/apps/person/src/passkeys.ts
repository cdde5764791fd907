/**
 * Passkeys that unlock: the authenticator's own secret (PRF) opens the entries. I/O: the browser's passkeys.
 *
 * Guarantees: the credential itself, whose JSON form would carry the secret, never leaves this module.
 */

import { base64, randomBytes, slots } from "@mindhaven/crypto";
import type { Accepted, Assertion, Registration, Started } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

import type { WayShown } from "./engine/shown.ts";
import { bytesOf } from "./hex.ts";

/** A passkey that was used just now: its id, its secret (32 bytes) or null if it has none, the proof for the server. */
export interface Touched {
  readonly credential: Uint8Array;
  readonly prf: Uint8Array | null;
  readonly assertion: Assertion;
}

/** A passkey that was made just now; `registration`: what lets the server know it. */
export interface Made {
  readonly credential: Uint8Array;
  readonly prf: Uint8Array | null;
  readonly registration: Registration;
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

/**
 * Make a passkey; `asked`: what the server wants it to be made with, if it is to know it.
 *
 * Throws the browser's own `NotAllowedError` if the person said no, `InvalidStateError` if this one is there already.
 */
export async function makePasskey(asked: Started | null = null): Promise<Made> {
  const userHandle = asked?.userHandle ?? randomBytes(32);
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: asked?.rpId ?? location.hostname, name: location.hostname },
      user: { id: owned(userHandle), name: SHOWN_NAME, displayName: SHOWN_NAME },
      challenge: owned(asked?.challenge ?? randomBytes(32)),
      pubKeyCredParams: (asked?.algorithms ?? ALGORITHMS).map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: (asked?.exclude ?? []).map((id) => ({ type: "public-key", id: owned(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
      timeout: TIMEOUT_MS,
      extensions: { prf: { eval: { first: owned(slots.PASSKEY_SALT) } } },
    },
  })) as PublicKeyCredential | null;
  if (made === null) throw new DOMException("no passkey", "NotAllowedError");
  const { prf } = made.getClientExtensionResults();
  const credential = new Uint8Array(made.rawId);
  const response = made.response as AuthenticatorAttestationResponse;
  const registration = {
    credential,
    clientData: new Uint8Array(response.clientDataJSON),
    attestationObject: new Uint8Array(response.attestationObject),
    transports: response.getTransports(),
    userHandle,
  };
  if (prf?.results?.first !== undefined) return { credential, prf: bytes(prf.results.first), registration };
  // Many authenticators say at first only that they can: one more touch brings the secret.
  const secret = prf?.enabled === true ? (await usePasskey([credential])).prf : null;
  return { credential, prf: secret, registration };
}

/** Use a passkey: one of `known`, or any of this site if none is named; `challenge`: the server's, if it asks. */
async function usePasskey(known: readonly Uint8Array[] = [], challenge: Uint8Array | null = null): Promise<Touched> {
  const used = (await navigator.credentials.get({
    publicKey: {
      rpId: location.hostname,
      challenge: owned(challenge ?? randomBytes(32)),
      allowCredentials: known.map((id) => ({ type: "public-key", id: owned(id) })),
      userVerification: "required",
      timeout: TIMEOUT_MS,
      extensions: { prf: { eval: { first: owned(slots.PASSKEY_SALT) } } },
    },
  })) as PublicKeyCredential | null;
  if (used === null) throw new DOMException("no passkey", "NotAllowedError");
  const first = used.getClientExtensionResults().prf?.results?.first;
  const response = used.response as AuthenticatorAssertionResponse;
  const credential = new Uint8Array(used.rawId);
  const assertion = {
    credential,
    clientData: new Uint8Array(response.clientDataJSON),
    authenticatorData: new Uint8Array(response.authenticatorData),
    signature: new Uint8Array(response.signature),
    userHandle: response.userHandle === null ? null : new Uint8Array(response.userHandle),
  };
  return { credential, prf: first === undefined ? null : bytes(first), assertion };
}

/** Return the ids of the passkeys among the ways in of this device. */
export function passkeyIds(ways: readonly WayShown[]): Uint8Array[] {
  return ways.filter((one) => one.kind === "passkey").map((one) => bytesOf(one.params));
}

/**
 * Return what a passkey opens with: one of `known`, or any of this site if none is named; over `challenge`, if there is one.
 *
 * Throws `NoSecretError` for one that unlocks nothing, and the browser's own `NotAllowedError` if the person said no.
 */
export async function passkeyKey(
  known: readonly Uint8Array[] = [],
  challenge: Uint8Array | null = null,
): Promise<Key> {
  const { credential, prf, assertion } = await usePasskey(known, challenge);
  if (prf === null) throw new NoSecretError();
  return { with: "passkey", credential, prf, assertion: challenge === null ? null : assertion };
}

/** Return that a passkey was used over the server's challenge: what is asked for beside the words, or of `known`. */
export async function passkeyProof(challenge: Uint8Array, known: readonly Uint8Array[] = []): Promise<Assertion> {
  return (await usePasskey(known, challenge)).assertion;
}

/** Tell the list of passkeys of this device which of them still count, where the browser can do that. */
export async function tellAccepted(accepted: Accepted | null): Promise<void> {
  const signal = (PublicKeyCredential as unknown as Signals).signalAllAcceptedCredentials;
  if (accepted === null || signal === undefined) return;
  await signal.call(PublicKeyCredential, {
    rpId: accepted.rpId,
    userId: base64url(accepted.userHandle),
    allAcceptedCredentialIds: accepted.credentials.map(base64url),
  });
}

/** Newer than the types of the DOM. */
interface Signals {
  readonly signalAllAcceptedCredentials?: (told: {
    readonly rpId: string;
    readonly userId: string;
    readonly allAcceptedCredentialIds: readonly string[];
  }) => Promise<void>;
}

function base64url(data: Uint8Array): string {
  return base64(data).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
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
