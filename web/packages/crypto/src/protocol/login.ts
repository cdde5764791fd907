/**
 * Log-in: a signed challenge, so that nothing password-equivalent is ever sent. Implements spec/login.md.
 *
 * A signature serves one origin, account, purpose, nonce and minute. No I/O.
 */

import { equal } from "../bytes.ts";
import { decode, encode } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import * as shape from "../shape.ts";
import { type SessionSigner, verifyEd25519 } from "../sign.ts";

export const TYPE = "login";
export const NONCE_BYTES = 32;
/** How far a device's clock may be off: phones without network time drift by minutes. */
export const CLOCK_TOLERANCE_SECONDS = 300;

export const PURPOSE_SESSION = "session";
export const PURPOSE_SLOT_NOW = "slot-now";
export const PURPOSE_RENEW = "renew";

/**
 * What a log-in says.
 *
 * `account` is the handle as typed, the recovery look-up id in hex, or the uid in hex; `detail` is the new session's
 * public key for `session`, and the session id for `slot-now` and `renew`. `time` is in seconds since 1970 UTC.
 */
export interface LoginFields {
  readonly origin: string;
  readonly account: string;
  readonly purpose: string;
  readonly detail: Uint8Array;
  readonly nonce: Uint8Array;
  readonly time: number;
}

/** `[origin, account, [purpose, detail], nonce, time]`. */
export class LoginClaim implements LoginFields {
  readonly origin: string;
  readonly account: string;
  readonly purpose: string;
  readonly detail: Uint8Array;
  readonly nonce: Uint8Array;
  readonly time: number;

  constructor(fields: LoginFields) {
    this.origin = fields.origin;
    this.account = fields.account;
    this.purpose = fields.purpose;
    this.detail = fields.detail;
    this.nonce = fields.nonce;
    this.time = fields.time;
  }

  /** Return the claim that `body` encodes. */
  static decode(body: Uint8Array): LoginClaim {
    const [origin, account, purpose, nonce, time] = shape.fields(decode(body), 5, "A log-in");
    const [name, detail] = shape.fields(purpose, 2, "A log-in's purpose");
    return new LoginClaim({
      origin: shape.text(origin, "An origin"),
      account: shape.text(account, "An account name", { most: 64 }),
      purpose: shape.text(name, "A purpose", { most: 16 }),
      detail: shape.raw(detail, "A purpose's detail", { most: 64 }),
      nonce: shape.raw(nonce, "A nonce", { length: NONCE_BYTES }),
      time: shape.number(time, "A time"),
    });
  }

  /** Return the body bytes of this claim. */
  encode(): Uint8Array {
    return encode([this.origin, this.account, [this.purpose, this.detail], this.nonce, this.time]);
  }

  /** Return `key`'s signature of this claim (64 bytes). */
  async sign(key: SessionSigner): Promise<Uint8Array> {
    return key.sign(TYPE, this.encode());
  }
}

/**
 * Verify a claim against what the verifier itself expects; `expected.time` is ignored.
 *
 * Raises `IntegrityError`: login-mismatch, login-clock, signature-invalid.
 */
export async function verifyClaim(
  claim: LoginClaim,
  key: Uint8Array,
  signature: Uint8Array,
  options: { readonly expected: LoginFields; readonly now: number },
): Promise<void> {
  const { expected, now } = options;
  if (
    claim.origin !== expected.origin ||
    claim.account !== expected.account ||
    claim.purpose !== expected.purpose ||
    !equal(claim.detail, expected.detail) ||
    !equal(claim.nonce, expected.nonce)
  ) {
    throw new IntegrityError("This log-in was signed for something else.", { code: "login-mismatch" });
  }
  if (Math.abs(claim.time - now) > CLOCK_TOLERANCE_SECONDS) {
    throw new IntegrityError("This device's clock differs from the server's by more than 5 minutes.", {
      code: "login-clock",
      hint: "Set the device's clock, then try again.",
    });
  }
  await verifyEd25519(TYPE, key, claim.encode(), signature);
}
