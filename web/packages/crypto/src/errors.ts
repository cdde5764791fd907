/**
 * The error tree, twin of `mindhaven/errors.py`: the same families, codes and messages.
 *
 * Every error has a stable `reason` (its code) and a message that is safe to show and log: no personal data, key or
 * token, ever.
 */

/** What an error may carry beside its message. */
export interface ErrorDetails {
  readonly code?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The root of every error that Mindhaven raises on purpose. */
export class MindhavenError extends Error {
  static readonly code: string = "error";
  /** The family, by which a page tells errors apart: a class has another name once its code is minified. */
  override readonly name: string = "MindhavenError";
  /** The stable code of this error. */
  readonly reason: string;
  /** What to do next, where there is something to do. */
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = details.code ?? new.target.code;
    this.hint = details.hint;
  }
}

/** What was given cannot be taken as it is. */
export class InvalidInputError extends MindhavenError {
  static override readonly code: string = "invalid-input";
  override readonly name: string = "InvalidInputError";
}

/** Understood, and not allowed. */
export class DeniedError extends MindhavenError {
  static override readonly code: string = "denied";
  override readonly name: string = "DeniedError";
}

/** No such thing, or none that the asker may know of. */
export class NotFoundError extends MindhavenError {
  static override readonly code: string = "not-found";
  override readonly name: string = "NotFoundError";
}

/** True when it was written, overtaken since. */
export class ConflictError extends MindhavenError {
  static override readonly code: string = "conflict";
  override readonly name: string = "ConflictError";
}

/** Bytes are not what a signature, hash or chain says they must be. */
export class IntegrityError extends MindhavenError {
  static override readonly code: string = "integrity";
  override readonly name: string = "IntegrityError";
}

/** Not now: full, closing, locked, or out of reach. `retryAfterSeconds` says when to try again. */
export class UnavailableError extends MindhavenError {
  static override readonly code: string = "unavailable";
  override readonly name: string = "UnavailableError";
  readonly retryAfterSeconds: number;

  constructor(message: string, details: ErrorDetails & { readonly retryAfterSeconds?: number } = {}) {
    super(message, details);
    this.retryAfterSeconds = details.retryAfterSeconds ?? 1;
  }
}
