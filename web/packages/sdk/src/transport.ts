/**
 * Calls to a server: JSON and CBOR, access tokens, errors by their codes. I/O: the network, only here.
 *
 * Guarantees: a lost connection is `OfflineError`, never a half-done call that looks done; an answer is bounded in size;
 * no call goes on at another address than the one that the server says is its own.
 */

import { DeniedError, IntegrityError, UnavailableError, base64 } from "@mindhaven/crypto";

import { OfflineError, Overtaken, SignedOutError, failed } from "./errors.ts";

const TIMEOUT_MS = 30_000;
/** For one part of an attachment, 4 MiB: what a line of 128 kbit/s needs for it. */
const BLOB_TIMEOUT_MS = 300_000;
/** The largest answer that a client reads: eight times the largest page, so that a server can't fill a device. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_RETRIES = 4;
/** A longer wait is told to the person instead of being sat out. */
const MAX_WAIT_SECONDS = 2;
const TOKEN_MARGIN_SECONDS = 30;
const ORIGIN_HEADER = "mindhaven-origin";

/** What the transport needs of the platform; a test may give its own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface Sending {
  readonly body?: Uint8Array | string;
  readonly media?: string;
  readonly open?: boolean;
  readonly pushes?: boolean;
  readonly timeoutMs?: number;
}

/** One server, one access token at a time. `renew` is called when the token is about to end. */
export class Transport {
  readonly origin: string;
  readonly #fetch: Fetch;
  readonly #now: () => number;
  #token: string | null = null;
  #expiresAt = 0;
  #renewing: Promise<void> | null = null;
  renew: (() => Promise<void>) | null = null;

  constructor(origin: string, fetch: Fetch, now: () => number) {
    this.origin = origin;
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Use a token until `expiresAt` (seconds since 1970 by the server's clock). */
  useToken(token: string | null, expiresAt = 0): void {
    this.#token = token;
    this.#expiresAt = expiresAt;
  }

  /** Call a JSON operation; `open`: it needs no session. Byte fields of `body` are written in base64. */
  async call(method: string, path: string, body?: unknown, { open = false } = {}): Promise<unknown> {
    const sending: Sending =
      body === undefined ? { open } : { body: JSON.stringify(body, asBase64), media: "application/json", open };
    const answer = await this.#send(method, path, sending);
    if (answer.length === 0) return null;
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer)) as unknown;
    } catch {
      throw new IntegrityError("The server's answer has the wrong shape.", { code: "answer-shape" });
    }
  }

  /** Call a CBOR operation and return its bytes; if it `pushes`, a 409 that bears a page throws `Overtaken`. */
  async cbor(method: string, path: string, body?: Uint8Array, { pushes = false } = {}): Promise<Uint8Array> {
    return this.#send(method, path, body === undefined ? { pushes } : { body, media: "application/cbor", pushes });
  }

  /** Send or get one part of an attachment. */
  async blob(method: string, path: string, body?: Uint8Array): Promise<Uint8Array> {
    const timeoutMs = BLOB_TIMEOUT_MS;
    return this.#send(method, path, body === undefined ? { timeoutMs } : { body, media: "application/octet-stream", timeoutMs });
  }

  /** Get what needs no session: checkpoints, tiles and bundles of the logs. */
  async raw(path: string): Promise<Uint8Array> {
    return this.#send("GET", path, { open: true });
  }

  async #send(method: string, path: string, sending: Sending): Promise<Uint8Array> {
    for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
      const headers: Record<string, string> = { accept: "*/*" };
      if (sending.media !== undefined) headers["content-type"] = sending.media;
      const token = sending.open === true ? null : await this.#current();
      if (token !== null) headers["authorization"] = `Bearer ${token}`;
      const response = await this.#ask(method, path, headers, sending);
      this.#expect(response.headers.get(ORIGIN_HEADER));
      const content = await bounded(response);
      if (response.ok) return content;
      if (response.status === 401 && token !== null && attempt === 0) {
        // Another program on this device renewed the session; another call of this one may know the new token by now.
        if (this.#token === token) this.#token = null;
        continue;
      }
      if (sending.pushes === true && response.status === 409 && mediaOf(response) === "application/cbor") {
        throw new Overtaken(content);
      }
      const wait = waitSeconds(response.headers.get("retry-after"));
      if ((response.status === 429 || response.status === 503) && attempt < MAX_RETRIES && wait <= MAX_WAIT_SECONDS) {
        await new Promise((resolve) => setTimeout(resolve, wait * 1000 * (0.5 + Math.random())));
        continue;
      }
      throw failed(response.status, problemOf(content));
    }
    throw new UnavailableError("The server is busy.", { code: "unavailable", hint: "Try again in a minute." });
  }

  async #ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    { body, timeoutMs = TIMEOUT_MS }: Sending,
  ): Promise<Response> {
    try {
      return await this.#fetch(this.origin + path, {
        method,
        headers,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: body as BodyInit }),
      });
    } catch {
      throw new OfflineError("The server can't be reached.", {
        code: "offline",
        hint: "Nothing is lost: what you write waits on this device.",
      });
    }
  }

  /** Log-ins are signed for one address, so that none of them opens anything elsewhere: at another, all are refused. */
  #expect(named: string | null): void {
    if (named === null || named === this.origin) return;
    throw new DeniedError(`This server says that its address is another than ${this.origin}.`, {
      code: "origin-differs",
      hint: "Ask the people who run it for the right address.",
    });
  }

  async #current(): Promise<string> {
    if (this.#token === null || this.#now() / 1000 >= this.#expiresAt - TOKEN_MARGIN_SECONDS) {
      // Two renewals at once: the second would end the first one's token.
      this.#renewing ??= (this.renew?.() ?? Promise.resolve()).finally(() => (this.#renewing = null));
      await this.#renewing;
    }
    if (this.#token === null) throw new SignedOutError("Nobody is signed in here.", { code: "signed-out" });
    return this.#token;
  }
}

function asBase64(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? base64(value) : value;
}

function mediaOf(response: Response): string {
  return (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}

function waitSeconds(given: string | null): number {
  if (given === null) return 1;
  return /^\d{1,5}$/.test(given) ? Number(given) : MAX_WAIT_SECONDS + 1;
}

function problemOf(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content)) as unknown;
  } catch {
    return null;
  }
}

/** Read an answer piece by piece, so that a server that never stops sending is cut off. */
async function bounded(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > MAX_ANSWER_BYTES) {
        throw new IntegrityError("The server's answer is larger than any should be.", { code: "answer-too-large" });
      }
      pieces.push(value);
    }
  } catch (error) {
    if (error instanceof IntegrityError) throw error;
    throw new OfflineError("The server can't be reached.", {
      code: "offline",
      hint: "Nothing is lost: what you write waits on this device.",
    });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
