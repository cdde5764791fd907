/** Calls between a page and the worker that holds the keys: one message a call, errors by their reason. No I/O. */

import { MindhavenError } from "@mindhaven/crypto";

/** A call to the worker. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What the worker says: an answer to a call, or news for the page (`id` 0). */
export type Said =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: Told }
  | { readonly id: 0; readonly news: string };

/** An error as it crosses: nothing of a stack, which could name what was written. */
export interface Told {
  readonly family: string;
  readonly reason: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** An error of the worker as the page has it. */
export class EngineError extends Error {
  readonly family: string;
  readonly reason: string;
  readonly hint: string | undefined;

  constructor(told: Told) {
    super(told.message);
    this.family = told.family;
    this.reason = told.reason;
    this.hint = told.hint;
  }
}

/** Return what crosses of an error. */
export function told(error: unknown): Told {
  if (error instanceof MindhavenError) {
    return { family: error.name, reason: error.reason, message: error.message, hint: error.hint };
  }
  return {
    family: "MindhavenError",
    reason: "unexpected",
    message: "Something went wrong in this app.",
    hint: "Your entries on this device stay. Close this page and open it again.",
  };
}

type Post = (message: unknown, transfer: Transferable[]) => void;

/** Answer calls with the methods of `engine`; return what to do with each message. */
export function serve(engine: Readonly<Record<string, (...args: never[]) => unknown>>, post: Post) {
  return async (call: Call): Promise<void> => {
    try {
      const method = Object.hasOwn(engine, call.method) ? engine[call.method] : undefined;
      if (method === undefined) throw new Error(`no method ${call.method}`);
      const value: unknown = await (method as (...args: readonly unknown[]) => unknown)(...call.args);
      post({ id: call.id, ok: true, value } satisfies Said, []);
    } catch (error) {
      if (!(error instanceof MindhavenError)) console.error(error);
      post({ id: call.id, ok: false, error: told(error) } satisfies Said, []);
    }
  };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The page's end: `call` asks, `take` is given each message of the worker. */
export class Line {
  readonly #post: (call: Call) => void;
  readonly #news: (what: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(post: (call: Call) => void, news: (what: string) => void) {
    this.#post = post;
    this.#news = news;
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ id, method, args });
    });
  }

  take(said: Said): void {
    if ("news" in said) {
      this.#news(said.news);
      return;
    }
    const waiting = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    if (said.ok) waiting?.resolve(said.value);
    else waiting?.reject(new EngineError(said.error));
  }
}
