/**
 * The release that this device keeps, and whether the one that the server sends now may take its place.
 *
 * Guarantees: a release is kept only whole, each file with the hash that its list names, and only if the server says
 * that this list stands in its public log; until then the one before stays. Used by the service worker only.
 * Does not: help against a server that sends another service worker, or one that logs a false release: the first is
 * found from outside (`mindhaven web verify`), the second stays in the log for everybody to see.
 */

import { NOTICE_CACHE } from "./notice.ts";

export const PAGE = "/";
const LIST = "/app/release.json";
const LOGGED = "/v1/web/release";
const STATE_CACHE = "release-state";
const STATE = "/release-state";
const PREFIX = "release-of-";
/** How many files are asked for at once: one by one a hundred files wait for a hundred answers. */
const AT_ONCE = 8;
const ASK_AGAIN_MS = 3_600_000;

/** `known`: logged, and kept here now. `unknown`: not so, and the one before is kept. `unreached`: nobody answered. */
export type Verdict = "known" | "unknown" | "unreached";

interface State {
  /** The release that is used: the SHA-256 of its list. */
  readonly kept: string;
  /** The one before it, for pages that are still open. */
  readonly before: string | null;
  /** When the server's release was found to be this one (milliseconds since 1970 UTC). */
  readonly knownAt: number;
}

class UnreachedError extends Error {}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function digest(body: ArrayBuffer): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", body)));
}

/** Ask the server; null if it has no such thing. Raises `UnreachedError` if it does not answer, or is not well. */
async function ask(path: string): Promise<Response | null> {
  const answer = await fetch(path, { cache: "no-store", credentials: "omit" }).catch(() => null);
  if (answer === null || answer.status === 429 || answer.status >= 500) throw new UnreachedError();
  return answer.ok ? answer : null;
}

async function readState(): Promise<State | null> {
  const found = await (await caches.open(STATE_CACHE)).match(STATE);
  return found === undefined ? null : ((await found.json()) as State);
}

async function writeState(state: State): Promise<void> {
  await (await caches.open(STATE_CACHE)).put(STATE, new Response(JSON.stringify(state)));
}

/** The release that the server says it logged last, null if it says none. */
async function logged(): Promise<string | null> {
  const told = (await (await ask(LOGGED))?.json().catch(() => null)) as { release?: unknown } | null | undefined;
  if (typeof told?.release !== "string") return null;
  try {
    return hex(Uint8Array.from(atob(told.release), (sign) => sign.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** The files that a list names, with the addresses at which they stand; null if it is none, or names no page. */
function filesOf(raw: ArrayBuffer): [string, string][] | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(raw)) as { files: Record<string, string> };
    if (told.files["index.html"] === undefined) return null;
    return Object.entries(told.files).map(([path, hash]) => [path === "index.html" ? PAGE : `/app/${path}`, hash]);
  } catch {
    return null;
  }
}

/** Keep a whole release in the place of the one before; false if a file is not the listed one. */
async function keep(release: string, raw: ArrayBuffer, state: State | null): Promise<boolean> {
  const files = filesOf(raw);
  if (files === null) return false;
  const cache = await caches.open(PREFIX + release);
  const take = async ([address, hash]: readonly [string, string]): Promise<boolean> => {
    const answer = await ask(address);
    if (answer === null || (await digest(await answer.clone().arrayBuffer())) !== hash) return false;
    await cache.put(address, answer);
    return true;
  };
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const taken = await Promise.all(files.slice(at, at + AT_ONCE).map(take));
    if (taken.every((one) => one)) continue;
    await caches.delete(PREFIX + release);
    return false;
  }
  const before = state?.kept ?? null;
  await writeState({ kept: release, before, knownAt: Date.now() });
  const used = [STATE_CACHE, NOTICE_CACHE, PREFIX + release, ...(before === null ? [] : [PREFIX + before])];
  for (const name of await caches.keys()) if (!used.includes(name)) await caches.delete(name);
  return true;
}

/** Look at what the server sends now, and keep it if it is a logged release; at most once an hour if it was one. */
export async function check(): Promise<Verdict> {
  try {
    const state = await readState();
    if (state !== null && Math.abs(Date.now() - state.knownAt) < ASK_AGAIN_MS) return "known";
    const raw = await (await ask(LIST))?.arrayBuffer();
    const said = await logged();
    if (raw === undefined || said !== (await digest(raw))) return "unknown";
    if (state?.kept !== said) return (await keep(said, raw, state)) ? "known" : "unknown";
    await writeState({ ...state, knownAt: Date.now() });
    return "known";
  } catch (error) {
    if (error instanceof UnreachedError) return "unreached";
    throw error;
  }
}

/** Return the kept copy of a file, or what the server sends while nothing is kept. */
export async function answerOf(request: Request): Promise<Response> {
  const state = await readState();
  const path = new URL(request.url).pathname;
  for (const release of [state?.kept, state?.before]) {
    if (release === undefined || release === null) continue;
    const found = await (await caches.open(PREFIX + release)).match(path);
    if (found !== undefined) return found;
  }
  return fetch(request);
}
