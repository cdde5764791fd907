/** Errors of the client beside those of the protocol: what a person is told, by a stable reason. */

import type {
  MindhavenError} from "@mindhaven/crypto";
import {
  DeniedError,
  IntegrityError,
  InvalidInputError,
  NotFoundError,
  ConflictError,
  UnavailableError,
} from "@mindhaven/crypto";

/** What to do when a server shows something that it should not. */
export const ASK_THE_HOST = "Your entries on this device stay. Ask the people who run the server.";

/** Nobody is signed in on this device, or the session is over. */
export class SignedOutError extends DeniedError {
  override readonly name: string = "SignedOutError";
}

/** The server can't be reached; what was written waits on this device. */
export class OfflineError extends UnavailableError {
  override readonly name: string = "OfflineError";
}

/** The server shows an older or another history than this device has verified. */
export class RollbackError extends IntegrityError {
  override readonly name: string = "RollbackError";
}

/** The server does not give what the chain says is there. */
export class WithheldError extends IntegrityError {
  override readonly name: string = "WithheldError";
}

/** A push did not follow the head: not an error, an answer. `page` is what to verify first. */
export class Overtaken extends Error {
  readonly page: Uint8Array;

  constructor(page: Uint8Array) {
    super("overtaken");
    this.page = page;
  }
}

/** A part of this program did not come: only the server has it. */
export function outOfReach(cause: unknown): never {
  throw new OfflineError("The server can't be reached.", { code: "offline", cause });
}

const MAX_SHOWN = 500;
const CODE = /^[a-z][a-z0-9-]{1,63}$/;

/** Return what can be printed of a text that a server sent. */
function printable(text: unknown): string {
  if (typeof text !== "string") return "";
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.slice(0, MAX_SHOWN).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** Return what a refusal of the server means. */
export function failed(status: number, body: unknown): MindhavenError {
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const given = problem["code"];
  const code = typeof given === "string" && CODE.test(given) ? given : `http-${String(status)}`;
  const message = printable(problem["detail"]) || printable(problem["title"]) || "The server refused this.";
  const hint = printable(problem["hint"]);
  const options = hint ? { code, hint } : { code };
  switch (status) {
    case 400:
    case 413:
    case 415:
      return new InvalidInputError(message, options);
    case 401:
      return new SignedOutError(message, options);
    case 403:
      return new DeniedError(message, options);
    case 404:
      return new NotFoundError(message, options);
    case 409:
      return new ConflictError(message, options);
    case 422:
      return new IntegrityError(message, options);
    default:
      return new UnavailableError(message, options);
  }
}
